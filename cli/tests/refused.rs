//! What makes no sense is refused before the port is opened: the port's own record proves it.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{Rig, Running, names};

/// Each verb with a place on the server, and what it needs besides.
const VERBS: [(&str, &[&str]); 10] = [
    ("ls", &[]),
    ("stat", &[]),
    ("pwd", &[]),
    ("rm", &[]),
    ("mkdir", &[]),
    ("rmdir", &[]),
    ("mv", &["new"]),
    ("syst", &[]),
    ("noop", &[]),
    ("get", &["local"]),
];

/// Text that no AT command can carry, as a URL has it and as it is.
const SMUGGLED: [(&str, &str); 4] = [
    ("a%22b", "a\"b"),
    ("a%0D%0AAT+CFUN=0", "a\r\nAT+CFUN=0"),
    ("a%0Ab", "a\nb"),
    ("a%0Db", "a\rb"),
];

/// The run fails with status 2 and a sentence, with and without --json.
fn refuse(rig: &Rig, arguments: &[&str], environment: &[(&str, &str)]) {
    let run = |more: &[&str]| {
        let mut command = rig.command(&[arguments, more].concat());
        Running::new(command.envs(environment.iter().copied())).finish()
    };
    let done = run(&[]);
    let sentence = done.failed(2);
    assert!(!sentence.contains("secret"), "{sentence}");
    assert_eq!(
        run(&["--json"]).json_error()["kind"],
        "invalid_argument",
        "{arguments:?}"
    );
}

/// Nothing was sent so far; that something would show is seen at the end.
fn nothing_was_sent(rig: &Rig) {
    assert_eq!(rig.modem.sent_lines(), [""; 0]);
    assert!(names(rig.server.root()).is_empty());
    rig.still_works();
    assert!(rig.modem.sent_lines().iter().any(|line| line == "AT+CSQ"));
}

#[test]
fn paths_that_no_command_can_carry() {
    let rig = Rig::new();
    let long = "n".repeat(256);
    for (verb, more) in VERBS {
        for path in SMUGGLED
            .map(|(path, _)| path)
            .into_iter()
            .chain(["a%00", "d/a%00b", "a%zz", "a#b", &long])
        {
            refuse(&rig, &[&[verb, &rig.url(path)], more].concat(), &[]);
        }
        let host = rig.server.address();
        for place in [
            format!("ftp://u%22:secret@{host}/x"),
            format!("ftp://u:secret%0d@{host}/x"),
            format!("ftp://{long}:secret@{host}/x"),
            format!("ftp://u:secret{long}@{host}/x"),
            format!("http://u:secret@{host}/x"),
            format!("ftp://u:secret@{host}%0a/x"),
        ] {
            refuse(&rig, &[&[verb, place.as_str()], more].concat(), &[]);
        }
    }
    nothing_was_sent(&rig);
}

#[test]
fn paths_that_are_missing() {
    let rig = Rig::new();
    for path in ["", "/"] {
        let url = rig.url("");
        let url = url.trim_end_matches('/').to_owned() + path;
        for arguments in [
            &["rm", &url][..],
            &["mkdir", &url],
            &["rmdir", &url],
            &["mv", &url, "new"],
            &["get", &url, "local"],
        ] {
            refuse(&rig, arguments, &[]);
        }
    }
    refuse(&rig, &["rm", &rig.url("folder/")], &[]);
    nothing_was_sent(&rig);
}

#[test]
fn new_names_that_make_no_sense() {
    let rig = Rig::new();
    let url = rig.url("d/old");
    let long = "n".repeat(256);
    let folder = format!("{}/", "n".repeat(253));
    for name in SMUGGLED.map(|(_, name)| name).into_iter().chain([
        "",
        &long,
        &folder,
        "ftp://host/new",
        "FTPS://host/new",
    ]) {
        refuse(&rig, &["mv", &url, name], &[]);
    }
    refuse(&rig, &["mv", &rig.url("d/.."), "e/"], &[]);
    nothing_was_sent(&rig);
}

#[test]
fn accounts_and_passwords_that_no_command_can_carry() {
    let rig = Rig::new();
    let long = "secret".repeat(43);
    let host = rig.server.address();
    let named = format!("ftp://u@{host}/x");
    let url = rig.url("x");
    for bad in SMUGGLED
        .map(|(_, text)| text.replace('a', "secret"))
        .into_iter()
        .chain([long])
    {
        for (verb, more) in VERBS {
            let arguments = [&[verb, &url], more, &["--account", &bad]].concat();
            refuse(&rig, &arguments, &[]);
        }
        refuse(&rig, &["noop", &named], &[("NLFTP_PASSWORD", &bad)]);
        for option in ["--apn", "--apn-user", "--apn-password"] {
            let mut arguments = vec!["noop", &named];
            for (name, value) in [("--apn", "A"), ("--apn-user", "u"), ("--apn-password", "p")] {
                arguments.extend([name, if name == option { &bad } else { value }]);
            }
            refuse(&rig, &arguments, &[]);
            arguments[0] = "info";
            arguments.remove(1);
            refuse(&rig, &arguments, &[]);
        }
        refuse(&rig, &["attach", &bad], &[]);
        let user = ["attach", "A", "--apn-user", "u"];
        refuse(&rig, &user, &[("NLFTP_APN_PASSWORD", &bad)]);
    }
    nothing_was_sent(&rig);
}

#[test]
fn secrets_of_a_netrc_that_no_command_can_carry() {
    let rig = Rig::new();
    let url = rig.bare_url("x");
    for text in [
        "login u password secret\\\"x",
        "login u password p account secret\\\"x",
        "login secret\\\"x password p",
    ] {
        fs::write(rig.local(".netrc"), format!("default {text}\n")).unwrap();
        let mut command = rig.command(&["noop", "-q", &url]);
        Running::new(&mut command).finish().failed(2);
    }
    nothing_was_sent(&rig);
}

#[test]
fn options_that_make_no_sense_together() {
    let rig = Rig::new();
    let url = rig.url("x");
    for arguments in [
        &["attach"][..],
        &["attach", ""],
        &["attach", "A", "--apn", "B"],
        &["attach", "A", "--apn-password", "secret"],
        &["info", "--apn-user", "u"],
        &["info", "--apn-password", "secret"],
        &["noop", &url, "--apn", ""],
        &["noop", &url, "--apn", "A", "--apn-password", "secret"],
        &["noop", &url, "--dialect", ""],
        &["noop", &url, "--dialect", "tls-field"],
        &["noop", &url, "--dialect", "tls-field=fifth"],
        &[
            "noop",
            &url,
            "--dialect",
            "port-field=fifth,port-field=sixth",
        ],
        &["info", "more"],
        &["detach", "more"],
        &["attach", "A", "more"],
        &["mv", &url],
        &["noop"],
        &["get", &url, "local", "--offset", "4294967296"],
        &["put", "/dev/null", &url, "--offset", "4294967295"],
    ] {
        refuse(&rig, arguments, &[]);
    }
    nothing_was_sent(&rig);
}
