//! The examples of the manual's section 3, typed by a plain client on the port.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "host/cases.rs"]
mod cases;
#[path = "../../core/tests/support/certificates.rs"]
mod certificates;
mod host;

use cases::{Case, Stage, Step, agrees};
use host::Client;

/// The next line that is not blank.
fn next_line(client: &mut Client) -> String {
    loop {
        let line = client.until(b"\r\n");
        let text = &line[..line.len() - 2];
        if !text.is_empty() {
            return String::from_utf8(text.to_vec()).unwrap();
        }
    }
}

/// Types a line and takes its echo.
fn typed(client: &mut Client, line: &str) {
    client.line(line);
    let echo = client.take(line.len() + 1);
    assert_eq!(String::from_utf8_lossy(&echo), format!("{line}\r"));
}

fn run(case: &Case) {
    let stage = Stage::new(case);
    let mut client = Client::open(stage.modem.port());
    for (line, outcome) in cases::preparation(case) {
        typed(&mut client, &line);
        while next_line(&mut client) != outcome {}
    }
    for step in &case.steps {
        match step {
            Step::Line(line) => typed(&mut client, line),
            Step::Bytes(bytes) => client.send(bytes),
            Step::Answer(shown) => {
                let found = next_line(&mut client);
                assert!(agrees(shown, &found), "{}: {shown:?}, {found:?}", case.name);
            }
        }
    }
    // Nothing stands between the answer and the next one's.
    client.line("AT");
    let rest = client.until(b"OK\r\n");
    assert_eq!(
        String::from_utf8_lossy(&rest),
        "AT\r\r\nOK\r\n",
        "{}",
        case.name
    );
    stage.check(case);
}

#[test]
fn the_manuals_examples_are_answered_as_printed() {
    for case in cases::all() {
        run(&case);
    }
}

#[test]
fn every_example_is_in_the_file() {
    let cases = cases::all();
    for number in 1..=13 {
        let heading = format!("3.{number} ");
        assert!(
            cases.iter().any(|case| case.name.starts_with(&heading)),
            "{heading}"
        );
    }
    for case in &cases {
        let answers = case
            .steps
            .iter()
            .filter(|step| matches!(step, Step::Answer(_)));
        assert!(answers.count() >= 2 && case.calls > 0, "{}", case.name);
    }
}

#[test]
fn only_the_servers_own_columns_of_a_listing_may_differ() {
    let shown = "-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 test1.txt";
    assert!(agrees(
        shown,
        "-rw-r--r-- 1 nlftp nlftp 49 Jan  1  2020 test1.txt"
    ));
    for other in [
        "-rw------- 1 ftp ftp 49 Oct 26 15:15 test1.txt",
        "-rw-r--r-- 1 ftp ftp 48 Oct 26 15:15 test1.txt",
        "-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 test2.txt",
        "+FTPLIST: 1",
    ] {
        assert!(!agrees(shown, other), "{other}");
    }
    assert!(!agrees("+FTPPWD: 2,\"/\"", "+FTPPWD: 2, \"/\""));
}
