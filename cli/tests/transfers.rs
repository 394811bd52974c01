//! put and get: every way, every kind of local file, and what they say about it.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{Rig, Running, noise};

const WAYS: [&str; 2] = ["stream", "block"];

#[test]
fn files_go_round_by_each_way() {
    let rig = Rig::new();
    let hard: Vec<u8> = (0..20_001)
        .map(|n| if n % 3 == 0 { 0x03 } else { 0x10 })
        .collect();
    let answers = b"OK\r\n+FTPRETR: 1\r\nERROR\r\n+FTPSTOR: 1\r\n".repeat(100);
    for (name, content) in [
        ("noise", noise(100_003)),
        ("one", vec![3]),
        ("hard", hard),
        ("answers", answers),
    ] {
        let local = rig.write(name, &content);
        for up in WAYS {
            let url = rig.url(&format!("{name}.{up}"));
            rig.run(&["put", &local, &url, "--via", up]).succeeded();
            assert_eq!(
                fs::read(rig.remote(&format!("{name}.{up}"))).unwrap(),
                content
            );
            for down in WAYS {
                let back = rig.local("back");
                rig.run(&["get", &url, back.to_str().unwrap(), "--via", down])
                    .succeeded();
                assert_eq!(fs::read(&back).unwrap(), content, "{name} {up} {down}");
            }
        }
    }
}

#[test]
fn an_empty_file_arrives_by_each_way_and_says_which() {
    let rig = Rig::new();
    let local = rig.write("empty", b"");
    for way in ["auto", "stream", "block"] {
        let url = rig.url(way);
        let value = rig.json(&["put", &local, &url, "--via", way]);
        assert_eq!(value["via"], "stream");
        assert_eq!(value["bytes"], 0);
        assert_eq!(fs::metadata(rig.remote(way)).unwrap().len(), 0);
        rig.run(&["get", &url, "back", "--via", way]).succeeded();
        assert_eq!(fs::metadata(rig.local("back")).unwrap().len(), 0);
        fs::remove_file(rig.local("back")).unwrap();
    }
}

#[test]
fn standard_input_goes_up_and_standard_output_gets_it_back() {
    let rig = Rig::new();
    let content = noise(70_001);
    for way in WAYS {
        let url = rig.url(way);
        let mut running = rig.start(&["put", "-", &url, "--via", way]);
        running.write(&content);
        let done = running.finish();
        done.succeeded();
        assert!(done.out_text().contains("70001 bytes"), "{done:?}");
        assert_eq!(fs::read(rig.remote(way)).unwrap(), content);
        let done = rig.run(&["get", &url, "-", "--via", way]);
        done.succeeded();
        assert!(
            done.out == content,
            "standard output holds the file and nothing else"
        );
        assert!(done.err.contains("70001 bytes"), "{}", done.err);
    }
}

#[test]
fn empty_standard_input_makes_an_empty_file() {
    let rig = Rig::new();
    rig.start(&["put", "-", &rig.url("empty")])
        .finish()
        .succeeded();
    assert_eq!(fs::metadata(rig.remote("empty")).unwrap().len(), 0);
}

#[test]
fn a_redirected_file_is_read_from_where_it_stands() {
    let rig = Rig::new();
    let local = rig.write("file", b"0123456789");
    let url = rig.url("file");
    let line = format!(
        "exec < {local}; read -r -n 4 x 2>/dev/null; exec {} -p {} put - {url}",
        env!("CARGO_BIN_EXE_nlftp"),
        rig.modem.port().display()
    );
    let mut shell = std::process::Command::new("bash");
    Running::new(shell.args(["-c", &line])).finish().succeeded();
    assert_eq!(fs::read(rig.remote("file")).unwrap(), b"456789");
}

#[test]
fn names_come_from_the_other_side_where_none_is_given() {
    let rig = Rig::new();
    let local = rig.write("na me", b"content");
    fs::create_dir(rig.remote("dir")).unwrap();
    fs::create_dir(rig.local("into")).unwrap();
    rig.run(&["put", &local, &rig.url("")]).succeeded();
    rig.run(&["put", &local, &rig.url("dir/")]).succeeded();
    assert_eq!(fs::read(rig.remote("na me")).unwrap(), b"content");
    assert_eq!(fs::read(rig.remote("dir/na me")).unwrap(), b"content");
    fs::remove_file(&local).unwrap();
    rig.run(&["get", &rig.url("dir/na%20me")]).succeeded();
    rig.run(&["get", &rig.url("dir/na%20me"), "into"])
        .succeeded();
    assert_eq!(fs::read(&local).unwrap(), b"content");
    assert_eq!(fs::read(rig.local("into/na me")).unwrap(), b"content");
}

#[test]
fn absolute_paths_and_octets_that_are_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let rig = Rig::new();
    let local = rig.write("x", b"1");
    rig.run(&["put", &local, &rig.url("%2Fabsolute")])
        .succeeded();
    rig.run(&["put", &local, &rig.url("/also")]).succeeded();
    rig.run(&["put", &local, &rig.url("%e9%fd")]).succeeded();
    assert!(rig.remote("absolute").exists() && rig.remote("also").exists());
    assert!(
        rig.server
            .root()
            .join(OsStr::from_bytes(b"\xe9\xfd"))
            .exists()
    );
    rig.run(&["get", &rig.url("%e9%fd")]).succeeded();
    assert!(
        rig.folder
            .path()
            .join(OsStr::from_bytes(b"\xe9\xfd"))
            .exists()
    );
}

#[test]
fn an_offset_fetches_the_rest_and_writes_at_its_place() {
    let rig = Rig::new();
    fs::write(rig.remote("file"), b"0123456789").unwrap();
    for way in WAYS {
        let done = rig.run(&["get", &rig.url("file"), "-", "--offset", "4", "--via", way]);
        done.succeeded();
        assert_eq!(done.out, b"456789", "{way}");
    }
    let local = rig.write("tail", b"abcdef");
    rig.run(&["put", &local, &rig.url("file"), "--offset", "4"])
        .succeeded();
    assert_eq!(fs::read(rig.remote("file")).unwrap(), b"0123abcdef");
}

#[test]
fn the_json_of_a_transfer() {
    let rig = Rig::new();
    let local = rig.write("local", &noise(5000));
    let url = rig.url("re%20mote");
    let value = rig.json(&["put", &local, &url, "--via", "block"]);
    assert_eq!(value["name"], "re mote");
    assert_eq!(value["encoded"], "re%20mote");
    assert_eq!(value["local"], local);
    assert_eq!(value["bytes"], 5000);
    assert_eq!(value["via"], "block");
    assert_eq!(value["verified"], "size");
    assert!(value["seconds"].is_number() && value["rate"].is_u64());
    assert!(value["warnings"].is_array());

    let value = rig.json(&[
        "get", &url, "back", "--via", "stream", "--verify", "readback",
    ]);
    assert_eq!(value["verified"], "readback");
    assert_eq!(value["via"], "stream");
    let value = rig.json(&["get", &url, "back", "--verify", "none"]);
    assert!(value["verified"].is_null());

    // The file has standard output for itself.
    let done = rig.run(&["get", &url, "-", "--json"]);
    done.succeeded();
    assert!(done.out == noise(5000));
    let value: serde_json::Value = serde_json::from_str(&done.err).unwrap();
    assert!(value["local"].is_null());
    assert_eq!(value["bytes"], 5000);
}

#[test]
fn text_is_not_checked_by_size_and_says_so() {
    let rig = Rig::new();
    let local = rig.write("text", b"one\r\ntwo\r\n");
    let value = rig.json(&["put", &local, &rig.url("text"), "--type", "ascii"]);
    assert!(value["verified"].is_null(), "{value}");
    let value = rig.json(&["put", &local, &rig.url("text;type=a")]);
    assert!(value["verified"].is_null(), "{value}");
    // The option counts more than the URL.
    let value = rig.json(&["put", &local, &rig.url("text;type=a"), "--type", "binary"]);
    assert_eq!(value["verified"], "size");
}

#[test]
fn quiet_says_nothing_and_no_bar_goes_into_a_pipe() {
    let rig = Rig::new();
    let local = rig.write("x", &noise(50_000));
    let done = rig.run(&["put", &local, &rig.url("x"), "--quiet"]);
    done.succeeded();
    assert!(done.out.is_empty() && done.err.is_empty(), "{done:?}");
    let done = rig.run(&["put", &local, &rig.url("x")]);
    done.succeeded();
    assert_eq!(done.out_text().lines().count(), 1, "{done:?}");
    assert!(
        !done.err.contains('\x1b') && !done.err.contains('\r'),
        "{done:?}"
    );
}

#[test]
fn verbose_shows_the_control_connection_without_the_password() {
    let rig = Rig::new();
    let local = rig.write("x", b"x");
    let trace = rig.local("trace");
    let trace = trace.to_str().unwrap();
    let done = rig.run(&["put", &local, &rig.url("x"), "-v", "--trace", trace]);
    done.succeeded();
    assert!(
        done.err.lines().any(|line| line.starts_with("ftp: ")),
        "{}",
        done.err
    );
    let trace = fs::read_to_string(trace).unwrap();
    assert!(
        trace.contains("FTPSTOR") || trace.contains("FTPPUT"),
        "{trace}"
    );
    assert!(trace.contains("FTPOPEN"), "{trace}");
    // User and password are both nlftp: the password would be the second one on the line.
    assert!(!trace.contains("\"nlftp\",\"nlftp\""), "{trace}");
}

#[test]
fn active_connections_work_too() {
    let rig = Rig::new();
    let local = rig.write("x", &noise(3001));
    rig.run(&["--active", "put", &local, &rig.url("x")])
        .succeeded();
    assert_eq!(fs::read(rig.remote("x")).unwrap(), noise(3001));
}

#[test]
fn a_file_that_is_there_is_replaced_only_by_a_whole_one() {
    let rig = Rig::new();
    let local = rig.write("x", b"old");
    rig.run(&["get", &rig.url("x"), &local]).failed(6);
    assert_eq!(fs::read(&local).unwrap(), b"old");
    fs::write(rig.remote("x"), b"new").unwrap();
    rig.run(&["get", &rig.url("x"), &local]).succeeded();
    assert_eq!(fs::read(&local).unwrap(), b"new");
}
