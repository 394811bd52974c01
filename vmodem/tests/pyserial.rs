//! The virtual modem as a client sees it that its authors did not write: pyserial.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../../core/tests/support/servers.rs"]
#[allow(dead_code, missing_docs, reason = "only the folder is wanted here")]
mod servers;

use std::path::Path;
use std::process::Command;

use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{Options, VirtualModem};

#[test]
#[ignore = "needs pyserial; scripts/test runs it"]
fn the_manuals_examples_typed_with_pyserial() {
    // Name and password of the manual's examples, whose address leads to this server.
    let server = FtpServer::start(ServerOptions {
        user: "db".into(),
        password: "db".into(),
        ..ServerOptions::default()
    })
    .unwrap();
    let modem = VirtualModem::start(Options {
        route: Some(server.address()),
        ..Options::default()
    })
    .unwrap();
    let python = servers::servers_folder().join("venv/bin/python");
    assert!(python.exists(), "run scripts/fetch-servers");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pyserial_client.py");
    let run = Command::new(python)
        .arg(script)
        .arg(modem.port())
        .arg(server.root())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{told}\n{:#?}", modem.sent_lines());
}
