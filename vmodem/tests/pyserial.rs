//! The virtual modem as a client sees it that its authors did not write: pyserial.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "host/cases.rs"]
mod cases;
#[path = "../../core/tests/support/servers.rs"]
#[allow(
    dead_code,
    missing_docs,
    reason = "only the folder and the certificates are wanted here"
)]
mod servers;

use std::path::Path;
use std::process::Command;

use cases::Stage;
use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{Options, VirtualModem};
use servers::certificates;

#[test]
#[ignore = "needs pyserial; scripts/test runs it"]
fn the_manuals_examples_and_tables_typed_with_pyserial() {
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
    let cases = cases::all();
    let stages: Vec<Stage> = cases.iter().map(Stage::new).collect();
    let python = servers::servers_folder().join("venv/bin/python");
    assert!(python.exists(), "run scripts/fetch-servers");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pyserial_client.py");
    let mut run = Command::new(python);
    run.arg(script)
        .arg(modem.port())
        .arg(server.root())
        .arg(cases::path());
    for (case, stage) in cases.iter().zip(&stages) {
        run.arg(&case.name).arg(stage.modem.port());
    }
    let run = run.output().unwrap();
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{told}\n{:#?}", modem.sent_lines());
    for (case, stage) in cases.iter().zip(&stages) {
        stage.check(case);
    }
}
