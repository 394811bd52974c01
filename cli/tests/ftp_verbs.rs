//! stat, pwd, mkdir, rmdir, mv, syst, noop: their text, their JSON, and what the server refuses.
#![allow(clippy::unwrap_used)]

mod common;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use common::{Rig, names};
use serde_json::json;

#[test]
fn stat_prints_the_status_of_the_server_or_of_a_path() {
    let rig = Rig::new();
    let odd = OsStr::from_bytes(b"a \xe9b");
    fs::create_dir(rig.remote("d")).unwrap();
    fs::write(rig.remote("d").join(odd), b"12345").unwrap();
    let done = rig.run(&["stat", &rig.url("")]);
    done.succeeded();
    assert!(done.out_text().contains("Logged in as nlftp"), "{done:?}");
    assert_eq!(rig.last_sent("AT+FTPSTAT"), "AT+FTPSTAT");
    for path in ["d", "d/", "/d", "%2Fd"] {
        let done = rig.run(&["stat", &rig.url(path)]);
        done.succeeded();
        let text = done.out_text();
        let line = text.lines().find(|line| line.contains("a \u{fffd}b"));
        assert!(line.unwrap().contains(" 5 "), "{text}");
    }
    let value = rig.json(&["stat", &rig.url("d")]);
    let lines = value["lines"].as_array().unwrap();
    let encoded = value["encoded"].as_array().unwrap();
    assert_eq!(lines.len(), encoded.len());
    let ends = |text: &serde_json::Value, end| text.as_str().unwrap().ends_with(end);
    assert!(
        lines.iter().any(|line| ends(line, "a \u{fffd}b")),
        "{value}"
    );
    assert!(encoded.iter().any(|line| ends(line, "a%20%E9b")), "{value}");
    rig.run(&["stat", &rig.url("missing")]).failed(6);
    let error = rig
        .run(&["stat", &rig.url("missing"), "--json"])
        .json_error();
    assert_eq!(error["kind"], "refused");
    assert_eq!(error["text"], "+FTPSTAT: 0");
    rig.still_works();
}

#[test]
fn pwd_prints_where_a_path_leads() {
    let rig = Rig::new();
    fs::create_dir_all(rig.remote("d/e")).unwrap();
    for (path, directory) in [
        ("", "/"),
        ("d", "/d"),
        ("d/e/", "/d/e"),
        ("/d/e", "/d/e"),
        ("d/e/..", "/d"),
    ] {
        let done = rig.run(&["pwd", &rig.url(path)]);
        done.succeeded();
        assert_eq!(done.out_text(), format!("{directory}\n"), "{path}");
        let value = rig.json(&["pwd", &rig.url(path)]);
        let expected = json!({ "directory": directory, "encoded": directory, "warnings": [] });
        assert_eq!(value, expected, "{path}");
    }
    rig.run(&["pwd", &rig.url("missing")]).failed(6);
    rig.still_works();
}

#[test]
fn a_directory_that_is_no_text_is_told_exactly() {
    let rig = Rig::new();
    fs::create_dir(rig.remote("x").with_file_name(OsStr::from_bytes(b"\xe9"))).unwrap();
    let value = rig.json(&["pwd", &rig.url("%E9")]);
    assert_eq!(value["directory"], "/\u{fffd}");
    assert_eq!(value["encoded"], "/%E9");
    // What it tells can be used again: the path is absolute.
    let again = rig.url(value["encoded"].as_str().unwrap());
    assert_eq!(rig.json(&["pwd", &again])["encoded"], "/%E9");
}

#[test]
fn folders_are_made_and_removed() {
    let rig = Rig::new();
    rig.run(&["mkdir", &rig.url("a")]).said_nothing();
    let value = rig.json(&["mkdir", &rig.url("a/b%20%E9/")]);
    let expected = json!({ "created": "a/b \u{fffd}", "encoded": "a/b%20%E9", "warnings": [] });
    assert_eq!(value, expected);
    rig.run(&["mkdir", &rig.url("/c")]).said_nothing();
    assert_eq!(names(rig.server.root()), ["a", "c"]);
    // There already, below nothing, not empty, not there.
    rig.run(&["mkdir", &rig.url("a")]).failed(6);
    rig.run(&["mkdir", &rig.url("no/such")]).failed(6);
    rig.run(&["rmdir", &rig.url("a")]).failed(6);
    rig.run(&["rmdir", &rig.url("missing")]).failed(6);
    let error = rig.run(&["rmdir", &rig.url("a"), "--json"]).json_error();
    assert_eq!(error["kind"], "refused");
    let value = rig.json(&["rmdir", &rig.url("a/b%20%E9")]);
    let expected = json!({ "removed": "a/b \u{fffd}", "encoded": "a/b%20%E9", "warnings": [] });
    assert_eq!(value, expected);
    rig.run(&["rmdir", &rig.url("a/")]).said_nothing();
    rig.run(&["rmdir", &rig.url("%2Fc")]).said_nothing();
    assert!(names(rig.server.root()).is_empty());
    rig.still_works();
}

#[test]
fn mv_takes_both_paths_from_the_login_folder() {
    let rig = Rig::new();
    for folder in ["d", "e"] {
        fs::create_dir(rig.remote(folder)).unwrap();
    }
    fs::write(rig.remote("d/f"), b"content").unwrap();
    rig.run(&["mv", &rig.url("d/f"), "g"]).said_nothing();
    assert_eq!(names(rig.server.root()), ["d", "e", "g"]);
    rig.run(&["mv", &rig.url("g"), "d/"]).said_nothing();
    assert_eq!(names(&rig.remote("d")), ["g"]);
    rig.run(&["mv", &rig.url("/d/g"), "/e/h"]).said_nothing();
    assert_eq!(names(&rig.remote("e")), ["h"]);
    // The new name is no part of a URL: a % is a %.
    let value = rig.json(&["mv", &rig.url("e/h"), "e/100%25 \u{e9}"]);
    let expected = json!({
        "renamed": "e/h",
        "encoded": "e/h",
        "to": "e/100%25 \u{e9}",
        "to_encoded": "e/100%2525%20%C3%A9",
        "warnings": [],
    });
    assert_eq!(value, expected);
    assert_eq!(names(&rig.remote("e")), ["100%25 \u{e9}"]);
    rig.run(&["mv", &rig.url("e/"), "renamed"]).said_nothing();
    assert_eq!(names(rig.server.root()), ["d", "renamed"]);
    let from = rig.url("missing");
    rig.run(&["mv", &from, "x"]).failed(6);
    rig.run(&["mv", &rig.url("d"), "no/such/d"]).failed(6);
    assert_eq!(
        rig.run(&["mv", &from, "x", "--json"]).json_error()["kind"],
        "refused"
    );
    assert_eq!(names(rig.server.root()), ["d", "renamed"]);
    rig.still_works();
}

#[test]
fn syst_prints_the_kind_of_system() {
    let rig = Rig::new();
    for path in ["", "no/such/path"] {
        let done = rig.run(&["syst", &rig.url(path)]);
        done.succeeded();
        assert_eq!(done.out_text(), "UNIX Type: L8\n");
    }
    let expected = json!({ "system": "UNIX Type: L8", "warnings": [] });
    assert_eq!(rig.json(&["syst", &rig.url("")]), expected);
}

#[test]
fn noop_tells_whether_a_login_works() {
    let rig = Rig::new();
    rig.run(&["noop", &rig.url("")]).said_nothing();
    assert_eq!(rig.last_sent("AT+FTPNOOP"), "AT+FTPNOOP");
    let expected = json!({ "ok": true, "warnings": [] });
    assert_eq!(rig.json(&["noop", &rig.url("no/such/path")]), expected);
    let wrong = format!("ftp://nlftp:mistyped@{}/", rig.server.address());
    for verb in ["noop", "syst", "pwd", "stat", "mkdir", "rmdir"] {
        let path = if verb.ends_with("dir") { "x" } else { "" };
        let url = format!("{wrong}{path}");
        let done = rig.run(&[verb, &url, "--json"]);
        assert_eq!(done.status, 7, "{done:?}");
        assert_eq!(done.json_error()["kind"], "not_connected");
        assert!(!done.out_text().contains("mistyped"), "{done:?}");
    }
    rig.still_works();
}
