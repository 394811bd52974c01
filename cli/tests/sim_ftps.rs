//! `nlftp sim` with TLS: the embedded server over FTPS, and notices about what was refused.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use common::{Running, program, run};
use serde_json::Value;

/// Starts a modem; gives also what it says of itself.
fn start(args: &[&str]) -> (Running, Value) {
    let mut command = program(&["sim", "--json"]);
    let mut running = Running::with_stdout(command.args(args).stdout(Stdio::piped()));
    let mut line = String::new();
    BufReader::new(running.take_stdout())
        .read_line(&mut line)
        .unwrap();
    let said = serde_json::from_str(&line).unwrap();
    (running, said)
}

fn text<'a>(said: &'a Value, key: &str) -> &'a str {
    said[key].as_str().unwrap()
}

/// Ends it; gives what it printed on standard error.
fn stop(running: Running) -> String {
    running.signal("TERM");
    let done = running.end();
    done.succeeded();
    done.err.clone()
}

#[test]
fn the_embedded_server_speaks_ftps() {
    for how in [&["--ftps"][..], &["--ftps", "--tls", "implicit"]] {
        let arguments = [how, &["--ftps-name", "ftp.example.com"]].concat();
        let (running, said) = start(&arguments);
        let ca = text(&said, "ca").to_owned();
        assert!(fs::read_to_string(&ca).unwrap().contains("CERTIFICATE"));
        let root = text(&said, "root");
        fs::write(format!("{root}/x"), "content").unwrap();
        let port = text(&said, "port");
        let url = text(&said, "url");
        assert!(url.starts_with("ftps://"), "{url}");
        for url in [url, "ftps://nlftp:nlftp@ftp.example.com/"] {
            let done = run(&["-p", port, "get", &format!("{url}x"), "-"]);
            done.succeeded();
            assert_eq!(done.out, b"content");
        }
        run(&["-p", port, "ls", "ftps://nlftp:nlftp@ftp.elsewhere.com/"]).failed(7);
        let told = stop(running);
        let expected = "nlftp: FTPS: the server's certificate was refused: \
                        not valid for the name ftp.elsewhere.com\n";
        assert_eq!(told, expected);
        assert!(fs::metadata(ca).is_err(), "the authority goes with the run");
    }
}

#[test]
fn another_server_needs_its_authority() {
    let (server, said) = start(&["--ftps"]);
    let address = text(&said, "server").to_owned();
    let url = format!(
        "ftps://nlftp:nlftp@localhost:{}/",
        address.rsplit(':').next().unwrap()
    );
    let ca = text(&said, "ca").to_owned();
    let (trusting, said) = start(&["--server", &address, "--tls-ca", &ca]);
    run(&["-p", text(&said, "port"), "ls", &url]).succeeded();
    assert_eq!(stop(trusting), "");
    let (wary, said) = start(&["--server", &address]);
    run(&["-p", text(&said, "port"), "ls", &url]).failed(7);
    assert!(stop(wary).contains("no certificate authority to trust was given to the modem"));
    stop(server);
}

#[test]
fn what_cannot_be_is_said_at_once() {
    run(&["sim", "--tls-ca", "/no/such/file"]).failed(10);
    run(&["sim", "--tls-ca", "/dev/null"]).failed(2);
    run(&["sim", "--ftps-name", "x"]).failed(2);
    run(&["sim", "--ftps", "--server", "127.0.0.1:21"]).failed(2);
    run(&["sim", "--tls", "both"]).failed(2);
}
