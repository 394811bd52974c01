//! Whatever is wrong: one sentence, the right exit status, no file, and a modem that still works.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::FileTypeExt;
use std::process::Stdio;

use common::{Rig, Running, names, noise, program, run};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

#[test]
fn a_port_that_does_not_exist() {
    let done = run(&["-p", "/dev/no-such-port", "at", "AT"]);
    assert!(done.failed(3).contains("/dev/no-such-port"), "{done:?}");
    let error = run(&["-p", "/dev/no-such-port", "at", "AT", "--json"]).json_error();
    assert_eq!(error["kind"], "port");
}

#[test]
fn a_port_that_is_a_plain_file() {
    let rig = Rig::new();
    let file = rig.write("file", b"content");
    run(&["-p", &file, "at", "AT"]).failed(3);
    assert_eq!(fs::read(file).unwrap(), b"content");
}

#[test]
fn a_port_that_is_taken() {
    let rig = Rig::new();
    let url = rig.url("held");
    let mut holder = rig.start(&["put", "-", &url, "--via", "stream"]);
    holder.write(&noise(100_000));
    let remote = rig.remote("held");
    holder.until("the upload's start", || remote.exists());
    rig.run(&["at", "AT"]).failed(3);
    // The one who has it is not disturbed.
    holder.finish().succeeded();
    assert_eq!(fs::read(remote).unwrap(), noise(100_000));
    rig.still_works();
}

#[test]
fn a_device_that_never_answers() {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let port = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    run(&["-p", &port, "at", "AT", "--timeout", "0.2"]).failed(4);
    run(&["-p", &port, "at", "AT", "--deadline", "0.5"]).failed(4);
}

#[test]
fn a_wrong_password_lists_causes() {
    let rig = Rig::new();
    let done = rig.run(&[
        "ls",
        &format!("ftp://nlftp:wrong@{}/", rig.server.address()),
    ]);
    assert!(done.failed(7).contains("password"), "{done:?}");
    rig.still_works();
}

#[test]
fn a_server_that_is_not_there() {
    let rig = Rig::new();
    let address = rig.server.address();
    rig.server.stop();
    rig.run(&["ls", &format!("ftp://u:p@{address}/")]).failed(7);
    rig.still_works();
}

#[test]
fn a_remote_file_that_is_not_there() {
    let rig = Rig::new();
    for way in ["stream", "block"] {
        rig.run(&["get", &rig.url("missing"), "--via", way])
            .failed(6);
        assert!(rig.local_names().is_empty(), "{way}");
    }
    let done = rig.run(&["get", &rig.url("missing"), "--json"]);
    let error = done.json_error();
    for key in [
        "kind",
        "message",
        "code",
        "text",
        "transferred",
        "left_behind",
        "exit_status",
    ] {
        assert!(error.get(key).is_some(), "{key} {error}");
    }
    assert_eq!(error["kind"], "refused");
    rig.still_works();
}

#[test]
fn a_folder_on_the_server_that_is_not_there() {
    let rig = Rig::new();
    let local = rig.write("x", b"x");
    // For a piece of FTPPUT the module has an error in place of an outcome.
    for (way, status) in [("stream", 6), ("block", 5)] {
        rig.run(&["put", &local, &rig.url("no/x"), "--via", way])
            .failed(status);
    }
    assert!(names(rig.server.root()).is_empty());
    rig.still_works();
}

#[test]
fn local_files_that_cannot_be_read() {
    let rig = Rig::new();
    let folder = rig.folder.path().to_str().unwrap().to_owned();
    for local in ["missing", &folder, "missing/x"] {
        rig.run(&["put", local, &rig.url("x")]).failed(10);
    }
    assert!(names(rig.server.root()).is_empty());
    rig.still_works();
}

#[test]
fn local_files_that_cannot_be_written() {
    let rig = Rig::new();
    fs::write(rig.remote("x"), noise(200_000)).unwrap();
    let file = rig.write("file", b"content");
    let below = format!("{file}/x");
    for local in [
        below.as_str(),
        "no-such-folder/x",
        "no-such-folder/",
        "/proc/x",
    ] {
        rig.run(&["get", &rig.url("x"), local]).failed(10);
    }
    assert_eq!(rig.local_names(), ["file"]);
    assert_eq!(fs::read(file).unwrap(), b"content");
    rig.still_works();
}

#[test]
fn a_full_disk() {
    let rig = Rig::new();
    fs::write(rig.remote("x"), noise(200_000)).unwrap();
    for way in ["stream", "block"] {
        let done = rig.run(&["get", &rig.url("x"), "/dev/full", "--via", way]);
        assert!(
            done.failed(10).contains("/dev/full") || done.err.contains("space"),
            "{done:?}"
        );
        rig.still_works();
    }
    assert!(
        fs::metadata("/dev/full")
            .unwrap()
            .file_type()
            .is_char_device()
    );
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for arguments in [
        &["get", &rig.url("x"), "-"][..],
        &["at", "AT+CSQ"],
        &["ls", &rig.url("")],
    ] {
        let done = Running::with_stdout(rig.command(arguments).stdout(full())).finish();
        done.failed(10);
    }
    rig.still_works();
}

#[test]
fn a_reader_that_has_enough_is_no_error_to_talk_about() {
    let rig = Rig::new();
    fs::write(rig.remote("x"), noise(2_000_000)).unwrap();
    let mut running = Running::with_stdout(
        rig.command(&["get", &rig.url("x"), "-"])
            .stdout(Stdio::piped()),
    );
    let mut reader = running.take_stdout();
    reader.read_exact(&mut [0; 1000]).unwrap();
    drop(reader);
    let done = running.end();
    assert_eq!((done.status, done.err.as_str()), (141, ""));

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let done = Running::with_stdout(rig.command(&["ls", &rig.url("")]).stdout(writer)).end();
    assert_eq!((done.status, done.err.as_str()), (141, ""));
    rig.still_works();
}

#[test]
fn names_that_no_command_can_carry() {
    let rig = Rig::new();
    let local = rig.write("x", b"x");
    let quoted = rig.write("a\"b", b"x");
    let long = "n".repeat(256);
    // The port does not exist: the name is refused before it is opened.
    for arguments in [
        &["put", &local, &rig.url("a%22b")][..],
        &["put", &quoted, &rig.url("")],
        &["put", &local, &rig.url(&long)],
        &["get", &rig.url("a%0d%0aAT+CFUN=0"), "-"],
        &["get", &rig.url("a%00"), "-"],
        &["get", &rig.url("a/..")],
        &["get", &rig.url(""), "-"],
        &["get", &rig.url("a/"), "-"],
        &["rm", &rig.url(&long)],
        &["ls", &rig.url("a%0a")],
    ] {
        Running::new(program(&["-p", "/dev/no-such-port"]).args(arguments))
            .finish()
            .failed(2);
    }
    assert!(names(rig.server.root()).is_empty());
}

#[test]
fn urls_that_make_no_sense() {
    for url in [
        "host/file",
        "user:secret@host/file",
        "http://user:secret@host/file",
        "sftp://user:secret@host/file",
        "ftp://user:secret@/file",
        "ftp://user:secret@host:99999/file",
        "ftp://user:secret@host:port/file",
        "ftp://user:sec/secret@host/file",
        "ftp://user:secret%@host/file",
        "ftp://user:secret@host/a%zz",
        "ftp://:secret@host/file",
        "",
    ] {
        for verb in ["get", "ls", "rm"] {
            let done = run(&["-p", "/dev/no-such-port", verb, url]);
            let sentence = done.failed(2);
            assert!(
                sentence.contains("URL") && !sentence.contains("secret"),
                "{sentence}"
            );
        }
    }
}

#[test]
fn command_lines_that_make_no_sense() {
    for arguments in [
        &[][..],
        &["frobnicate"],
        &["put", "x"],
        &["at"],
        &["at", "AT", "--timeout", "0"],
        &["at", "AT", "--timeout", "soon"],
        &["at", "AT", "--baud", "0"],
        &["at", "AT", "--flow", "up"],
        &["--active", "--passive", "at", "AT"],
        &["get", "ftp://h/x", "--offset", "-1"],
        &["ls", "ftp://h/", "ftp://u:secret@h/"],
        &["demo", "-p", "/dev/x"],
        &["sim", "--server", "h:21", "--root", "."],
        &["sim", "--server", "nonsense"],
    ] {
        let done = run(arguments);
        let sentence = done.failed(2);
        assert!(!sentence.contains("secret"), "{sentence}");
        let mut with_json = arguments.to_vec();
        with_json.push("--json");
        assert_eq!(
            run(&with_json).json_error()["kind"],
            "invalid_argument",
            "{arguments:?}"
        );
    }
}
