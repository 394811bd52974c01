//! No secret is in what the C API says: statuses, errors, the log, callbacks, the record of the traffic.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod programs;
mod support;

use programs::{Program, Way, source};

const PASSWORD: &str = "Hasenpfeffer&7";
const ACCOUNT: &str = "Kontokorrent+9";
const ACCESS: &str = "Zugangswort=5";

fn run(way: Way) {
    let program = Program::build(way, &["secrets.c", "check.c"].map(source), &["-lnlftp_sim"]);
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let said = program.run(&[PASSWORD, ACCOUNT, ACCESS, trace.to_str().unwrap()]);
    assert!(said.ends_with("all is well\n"), "{said}");
    let said = said + &std::fs::read_to_string(trace).unwrap();
    for there in [
        "log ",
        "error: ",
        "info: ",
        "urc: ",
        "AT+FTPOPEN=\"ftp.example.com\",\"user\",***",
    ] {
        assert!(said.contains(there), "no {there} in {said}");
    }
    for secret in [PASSWORD, ACCOUNT, ACCESS] {
        let each = |form: fn(u8) -> String| secret.bytes().map(form).collect::<String>();
        for form in [
            secret.to_owned(),
            each(|byte| format!("{byte:02x}")),
            each(|byte| format!("{byte:02X}")),
            each(|byte| format!("%{byte:02X}")),
            secret
                .replace('&', "%26")
                .replace('+', "%2B")
                .replace('=', "%3D"),
        ] {
            assert!(!said.contains(&form), "{form} is in {said}");
        }
    }
}

#[test]
fn no_secret_is_in_what_is_said() {
    run(Way::Shared);
}

#[test]
fn sanitized_no_secret_is_in_what_is_said() {
    run(Way::Sanitized);
}
