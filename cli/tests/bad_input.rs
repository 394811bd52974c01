//! Whatever is wrong: one sentence, the right exit status, no file, and a modem that still works.
#![allow(clippy::unwrap_used)]

mod common;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, symlink};
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

/// Each place of the command line that text of the user's goes from to the module.
#[test]
fn texts_that_no_command_can_carry_are_refused_before_the_port_is_opened() {
    let rig = Rig::new();
    let local = rig.write("x", b"x");
    let mut bad: Vec<Vec<u8>> = [0x03, 0x08, 0x0a, 0x0d, 0x10, 0x1a, 0x1b, 0x22, 0x7f]
        .map(|byte| vec![b'a', byte, b'b'])
        .to_vec();
    bad.push(b"x\"\r\nAT+CFUN=0".to_vec());
    bad.push(vec![b'n'; 1025]);
    for bad in bad {
        let escaped: String = bad.iter().map(|byte| format!("%{byte:02X}")).collect();
        let raw = OsStr::from_bytes(&bad);
        let with = |before: &str| {
            let mut argument = OsString::from(before);
            argument.push(raw);
            argument
        };
        let url = |text: String| OsString::from(text);
        let os = |text: &str| OsString::from(text);
        let good = os("ftp://u:p@h/x");
        let path = url(format!("ftp://u:p@h/{escaped}"));
        let mut runs = vec![
            vec![os("put"), os(&local), path.clone()],
            vec![os("get"), path.clone(), os("-")],
            vec![os("get"), path.clone()],
            vec![os("mv"), path.clone(), os("new")],
            vec![os("mv"), good.clone(), with("")],
            vec![os("at"), with("AT+CSQ=")],
            vec![os("get"), good.clone(), os("--account"), with("")],
            vec![os("put"), os(&local), url(format!("ftp://{escaped}:p@h/x"))],
            vec![os("put"), os(&local), url(format!("ftp://u:{escaped}@h/x"))],
            vec![os("put"), os(&local), url(format!("ftp://u:p@{escaped}/x"))],
        ];
        for verb in ["ls", "stat", "rm", "mkdir", "rmdir", "pwd"] {
            runs.push(vec![os(verb), path.clone()]);
        }
        for option in ["--apn", "--apn-user"] {
            let mut run = vec![os("ls"), good.clone(), os(option), with("")];
            if option != "--apn" {
                run.extend([os("--apn"), os("apn")]);
            }
            runs.push(run);
        }
        for run in runs {
            // A raw command may well hold a quote, or be as long.
            if run[0] != "at" || bad.iter().any(u8::is_ascii_control) {
                let done = Running::new(program(&["-p", "/dev/no-such-port"]).args(&run)).finish();
                assert_eq!(done.status, 2, "{run:?}");
                done.failed(2);
            }
        }
        for variable in ["NLFTP_PASSWORD", "NLFTP_APN_PASSWORD"] {
            let arguments = ["ls", "ftp://u@h/", "--apn", "a", "--apn-user", "u"];
            let mut command = program(&["-p", "/dev/no-such-port"]);
            command.args(arguments).env(variable, raw);
            let done = Running::new(&mut command).finish();
            let sentence = done.failed(2);
            assert!(bad.len() < 4 || !sentence.contains("CFUN"), "{sentence}");
        }
    }
}

/// The name of a local file that a URL gives leads to no other folder, and shows no terminal what to do.
#[test]
fn local_names_from_a_url_stay_in_their_folder() {
    let rig = Rig::new();
    let inner = rig.local("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(rig.remote("x"), b"x").unwrap();
    fs::create_dir(rig.remote("d")).unwrap();
    fs::write(rig.remote("d/x"), b"x").unwrap();
    let inner_text = inner.to_str().unwrap();
    for path in [
        "..", "d/..", "d%2F..", "%2e%2e", "d/.", "%2E", "d%2f", ".%2e", "x%00", "x%0A",
    ] {
        for local in [&[][..], &["."], &[inner_text]] {
            let url = rig.url(path);
            let arguments = [&["get", url.as_str()], local].concat();
            rig.run(&arguments).failed(2);
        }
    }
    assert_eq!((rig.local_names().len(), names(&inner).len()), (1, 0));
    // What is left of a path that leads upwards is its last name, in the folder that was asked for.
    for path in [
        "%2e%2e%2fx",
        "../x",
        "d/../x",
        "d%2F..%2Fx",
        "%2F%2e%2e%2Fx",
        "d/x",
    ] {
        let mut command = rig.command(&["get", &rig.url(path)]);
        Running::new(command.current_dir(&inner)).finish();
        rig.run(&["get", &rig.url(path), inner_text]);
        assert!(names(&inner).iter().all(|name| name == "x"), "{path}");
        assert_eq!(rig.local_names(), ["inner"], "{path}");
    }
    assert_eq!(names(&inner), ["x"]);
}

#[test]
fn a_link_under_the_name_of_the_part_file_is_not_followed() {
    let rig = Rig::new();
    fs::write(rig.remote("x"), noise(100_000)).unwrap();
    let victim = rig.write("victim", b"precious");
    for planted in ["x.nlftp-part", "x.nlftp-part.record"] {
        symlink(&victim, rig.local(planted)).unwrap();
        rig.run(&["get", &rig.url("x"), "--resume"]).failed(10);
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
        // Nobody has use for the record behind a failure.
        let _ = fs::remove_file(rig.local(planted));
    }
    rig.run(&["get", &rig.url("x")]).succeeded();
    assert_eq!(rig.local_names(), ["victim", "x"]);
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
