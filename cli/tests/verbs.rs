//! ls, rm, at, and what all verbs share.
#![allow(clippy::unwrap_used)]

mod common;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use common::{Rig, names, run};

#[test]
fn ls_prints_columns() {
    let rig = Rig::new();
    fs::write(rig.remote("small"), b"1").unwrap();
    fs::write(rig.remote("large file"), vec![0; 12_345]).unwrap();
    fs::create_dir(rig.remote("dir")).unwrap();
    let done = rig.run(&["ls", &rig.url("")]);
    done.succeeded();
    let text = done.out_text();
    assert_eq!(text.lines().count(), 3, "{text}");
    let line = text
        .lines()
        .find(|line| line.ends_with("  large file"))
        .unwrap();
    assert!(line.starts_with("-  12345  "), "{line:?}");
    let line = text.lines().find(|line| line.ends_with("  small")).unwrap();
    assert!(line.starts_with("-      1  "), "{line:?}");
    assert!(
        text.lines()
            .any(|line| line.starts_with('d') && line.ends_with("  dir")),
        "{text}"
    );
}

#[test]
fn ls_as_json_gives_names_that_urls_can_use() {
    let rig = Rig::new();
    fs::create_dir(rig.remote("d")).unwrap();
    let odd = OsStr::from_bytes(b"a \xe9b");
    fs::write(rig.remote("d").join(odd), b"12345").unwrap();
    for path in ["d", "d/", "/d"] {
        let value = rig.json(&["ls", &rig.url(path)]);
        let entries = value.as_array().unwrap();
        assert_eq!(entries.len(), 1, "{value}");
        let entry = &entries[0];
        assert_eq!(entry["name"], "a \u{fffd}b");
        assert_eq!(entry["encoded"], "a%20%E9b");
        assert_eq!(entry["size"], 5);
        assert_eq!(entry["kind"], "file");
        assert!(entry["modified"].is_string() && entry["raw"].is_string());
    }
    let done = rig.run(&["get", &rig.url("d/a%20%E9b"), "-"]);
    assert_eq!(done.out, b"12345");
    let value = rig.json(&["ls", &rig.url("")]);
    assert_eq!(value[0]["kind"], "directory");
}

#[test]
fn an_empty_folder_has_an_empty_listing() {
    let rig = Rig::new();
    let done = rig.run(&["ls", &rig.url("")]);
    done.succeeded();
    assert!(done.out.is_empty(), "{done:?}");
    assert_eq!(rig.json(&["ls", &rig.url("")]), serde_json::json!([]));
}

#[test]
fn a_server_cannot_write_on_the_terminal() {
    let rig = Rig::new();
    fs::write(rig.remote("\x1b]0;title\x07"), b"").unwrap();
    let done = rig.run(&["ls", &rig.url("")]);
    done.succeeded();
    assert!(
        !done.out.contains(&0x1b) && !done.out.contains(&0x07),
        "{done:?}"
    );
}

#[test]
fn rm_deletes_one_file() {
    let rig = Rig::new();
    fs::write(rig.remote("a"), b"").unwrap();
    fs::write(rig.remote("b"), b"").unwrap();
    rig.run(&["rm", &rig.url("a")]).said_nothing();
    assert_eq!(names(rig.server.root()), ["b"]);
    assert_eq!(rig.json(&["rm", &rig.url("b")])["deleted"], "b");
    assert!(names(rig.server.root()).is_empty());
    rig.run(&["rm", &rig.url("b")]).failed(6);
    rig.run(&["rm", &rig.url("")]).failed(2);
    rig.still_works();
}

#[test]
fn at_prints_the_lines_of_the_answer() {
    let rig = Rig::new();
    let done = rig.run(&["at", "AT+CSQ"]);
    done.succeeded();
    assert!(done.out_text().starts_with("+CSQ: "), "{done:?}");
    assert_eq!(done.out_text().lines().count(), 1);
    let done = rig.run(&["at", "AT"]);
    done.succeeded();
    assert!(done.out.is_empty(), "{done:?}");
    let value = rig.json(&["at", "AT+CSQ"]);
    assert_eq!(value["command"], "AT+CSQ");
    assert!(value["lines"][0].as_str().unwrap().starts_with("+CSQ: "));
}

#[test]
fn at_tells_what_the_modem_refuses() {
    let rig = Rig::new();
    rig.run(&["at", "AT+NOSUCH"]).failed(5);
    let error = rig.run(&["at", "AT+NOSUCH", "--json"]).json_error();
    assert_eq!(error["kind"], "command");
    assert!(error["text"].as_str().unwrap().contains("ERROR"), "{error}");
    for bad in ["", "AT\r\nAT+CFUN=0", "AT\nX"] {
        rig.run(&["at", bad]).failed(2);
    }
    rig.still_works();
}

#[test]
fn the_port_also_comes_from_the_environment() {
    let rig = Rig::new();
    let mut command = common::program(&["at", "AT+CSQ"]);
    command.env("NLFTP_PORT", rig.modem.port());
    common::Running::new(&mut command).finish().succeeded();
    let sentence = run(&["at", "AT"]).failed(2).to_owned();
    assert!(sentence.contains("NLFTP_PORT"), "{sentence}");
}
