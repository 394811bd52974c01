//! info, attach and detach; the access point's login; result codes; dialects.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{Rig, Running};
use nlftp_vmodem::{ModemConfig, Options};
use serde_json::json;

/// A module without a SIM.
fn without_sim() -> Rig {
    Rig::with(Options {
        modem: ModemConfig {
            attached: false,
            sim_ready: false,
            ..ModemConfig::default()
        },
        ..Options::default()
    })
}

#[test]
fn a_modem_is_attached_by_any_verb_on_request() {
    let rig = Rig::detached();
    let error = rig.run(&["ls", &rig.url(""), "--json"]).json_error();
    assert_eq!(error["kind"], "command");
    assert_eq!(error["code"], 2031);
    assert_eq!(error["family"], "tcp_ip");
    assert!(error["meaning"].is_string(), "{error}");
    rig.run(&["--apn", "CTNET", "ls", &rig.url("")]).succeeded();
}

#[test]
fn attach_stays_attached_until_detach() {
    let rig = Rig::detached();
    let done = rig.run(&["attach", "CTNET"]);
    done.succeeded();
    assert_eq!(done.out_text(), "10.34.7.211\n");
    assert_eq!(rig.last_sent("AT+MIPCALL="), "AT+MIPCALL=1,\"CTNET\"");
    // Another time, only the address is asked for.
    let before = rig.modem.sent_lines().len();
    let expected = json!({ "attached": true, "address": "10.34.7.211", "warnings": [] });
    assert_eq!(rig.json(&["attach", "CTNET"]), expected);
    assert_eq!(rig.json(&["--apn", "CTNET", "attach"]), expected);
    let sent = &rig.modem.sent_lines()[before..];
    assert!(
        !sent.iter().any(|line| line.starts_with("AT+MIPCALL=")),
        "{sent:?}"
    );
    rig.run(&["noop", &rig.url("")]).said_nothing();
    rig.run(&["detach"]).said_nothing();
    rig.run(&["noop", &rig.url("")]).failed(5);
    // No error where nothing is to be done.
    let expected = json!({ "attached": false, "warnings": [] });
    assert_eq!(rig.json(&["detach"]), expected);
}

#[test]
fn the_login_of_the_access_point_reaches_the_modem_and_nobody_else() {
    let line = "AT+MIPCALL=1,\"CTNET\",\"me\",\"hidden word\"";
    let rig = Rig::detached();
    let trace = rig.local("trace");
    let arguments = [
        "attach",
        "CTNET",
        "--apn-user",
        "me",
        "--apn-password",
        "hidden word",
        "-v",
        "--trace",
        trace.to_str().unwrap(),
    ];
    let done = rig.run(&arguments);
    done.succeeded();
    assert_eq!(rig.last_sent("AT+MIPCALL="), line);
    let trace = fs::read_to_string(trace).unwrap();
    assert!(trace.contains("MIPCALL") && !trace.contains("hidden"));
    assert!(!done.err.contains("hidden"), "{done:?}");

    let environment = |rig: &Rig, arguments: &[&str]| {
        let mut command = rig.command(arguments);
        Running::new(command.env("NLFTP_APN_PASSWORD", "hidden word")).finish()
    };
    let rig = Rig::detached();
    let url = rig.url("");
    environment(&rig, &["--apn", "CTNET", "--apn-user", "me", "ls", &url]).succeeded();
    assert_eq!(rig.last_sent("AT+MIPCALL="), line);
    // The option counts more; without a user the environment does not matter.
    let rig = Rig::detached();
    let with_option = [
        "attach",
        "A",
        "--apn-user",
        "me",
        "--apn-password",
        "option",
    ];
    environment(&rig, &with_option).succeeded();
    assert_eq!(
        rig.last_sent("AT+MIPCALL="),
        "AT+MIPCALL=1,\"A\",\"me\",\"option\""
    );
    let rig = Rig::detached();
    environment(&rig, &["attach", "A"]).succeeded();
    assert_eq!(rig.last_sent("AT+MIPCALL="), "AT+MIPCALL=1,\"A\"");
}

#[test]
fn a_missing_sim_is_told_with_its_code() {
    let rig = without_sim();
    let sentence = rig.run(&["attach", "CTNET"]).failed(5).to_owned();
    assert!(sentence.contains("SIM not inserted"), "{sentence}");
    let error = rig.run(&["attach", "CTNET", "--json"]).json_error();
    assert_eq!(error["code"], 10);
    assert_eq!(error["family"], "cme");
    assert_eq!(error["meaning"], "SIM not inserted");
    assert_eq!(error["text"], "+CME ERROR: 10");
    rig.still_works();
}

#[test]
fn info_tells_who_answers() {
    let rig = Rig::detached();
    let done = rig.run(&["info"]);
    done.succeeded();
    let text = done.out_text();
    let row = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.unwrap_or_else(|| panic!("no {name}in {text}"))
            .to_owned()
    };
    assert!(row("Port: ").ends_with(rig.modem.port().to_str().unwrap()));
    assert!(row("Manufacturer: ").ends_with(" Fibocom"));
    assert!(row("SIM: ").ends_with(" READY"));
    assert!(row("Registration: ").ends_with(" home network"));
    assert!(row("Attached: ").ends_with(" no"));
    // The values stand below each other.
    let columns: Vec<_> = text
        .lines()
        .map(|line| {
            let name = line.find(": ").unwrap() + 1;
            name + line[name..].find(|letter| letter != ' ').unwrap()
        })
        .collect();
    assert!(columns.windows(2).all(|two| two[0] == two[1]), "{text}");

    let value = rig.json(&["info"]);
    assert_eq!(value["port"], rig.modem.port().to_str().unwrap());
    assert_eq!(value["manufacturer"], "Fibocom");
    assert_eq!(value["sim"], "READY");
    assert_eq!(value["registered"], true);
    assert_eq!(value["attached"], false);
    assert!(value["address"].is_null());
    assert_eq!(value["ftp_connected"], false);
    assert!(value["signal_dbm"].as_i64().unwrap() < 0, "{value}");

    rig.run(&["attach", "CTNET"]).succeeded();
    let value = rig.json(&["info"]);
    assert_eq!(value["attached"], true);
    assert_eq!(value["address"], "10.34.7.211");
    let text = rig.run(&["info"]).out_text();
    assert!(text.ends_with("yes, as 10.34.7.211\n"), "{text}");
}

#[test]
fn info_without_a_sim_is_no_failure() {
    let rig = without_sim();
    let value = rig.json(&["info"]);
    assert_eq!(value["manufacturer"], "Fibocom");
    assert_ne!(value["sim"], "READY");
    assert_eq!(value["attached"], false);
    rig.run(&["info"]).succeeded();
}

#[test]
fn a_dialect_moves_the_fields_of_ftpopen() {
    let rig = Rig::new();
    let port = rig.server.address().port();
    let (plain, secure) = (rig.url(""), rig.url("").replace("ftp://", "ftps://"));
    // How the login ends does not matter: the modem reads the fields in one way only.
    for (dialect, url, end) in [
        (
            "tls-field=eighth,port-field=sixth",
            &plain,
            format!(",,,{port},0"),
        ),
        ("port-field=fifth", &plain, format!(",,{port},,0")),
        ("tls-field=seventh", &plain, format!(",,,{port},0")),
        ("tls-field=eighth", &secure, format!(",,,{port},,1")),
        ("tls-field=seventh", &secure, format!(",,{port},,1")),
        ("port-field=fifth", &secure, format!(",,,{port},,1")),
    ] {
        rig.run(&["--dialect", dialect, "noop", url]);
        let line = rig.last_sent("AT+FTPOPEN=");
        assert!(
            line.ends_with(&format!("\"nlftp\"{end}")),
            "{dialect}: {line}"
        );
    }
    rig.run(&["noop", &plain]).said_nothing();
    let sentence = rig
        .run(&["noop", &plain, "--dialect", "tls-field=ninth"])
        .failed(2)
        .to_owned();
    assert!(sentence.contains("tls-field=seventh"), "{sentence}");
}
