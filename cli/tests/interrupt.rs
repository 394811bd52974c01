//! Ctrl-C at any moment: status 130, no half file, and a modem in command mode.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::io::Read;
use std::process::Stdio;

use common::{Done, Rig, Running, noise};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

const SIZE: usize = 2 << 20;

#[track_caller]
fn interrupted(done: &Done) {
    let sentence = done.failed(130);
    assert!(!sentence.contains("panicked"), "{sentence}");
}

#[test]
fn a_download_that_is_interrupted_leaves_no_file() {
    for (way, signal) in [("stream", "INT"), ("block", "INT"), ("stream", "TERM")] {
        let rig = Rig::slow();
        fs::write(rig.remote("x"), noise(SIZE)).unwrap();
        let mut running = rig.start(&["get", &rig.url("x"), "--via", way]);
        let folder = rig.folder.path().to_owned();
        running.until("the part file", || {
            fs::read_dir(&folder)
                .unwrap()
                .any(|entry| entry.is_ok_and(|e| e.metadata().is_ok_and(|m| m.len() > 0)))
        });
        running.signal(signal);
        interrupted(&running.end());
        assert!(
            rig.local_names().is_empty(),
            "{way}: {:?}",
            rig.local_names()
        );
        rig.still_works();
    }
}

#[test]
fn an_upload_that_is_interrupted_leaves_no_half_file_unsaid() {
    for way in ["stream", "block"] {
        let rig = Rig::slow();
        let local = rig.write("x", &noise(SIZE));
        let mut running = rig.start(&["put", &local, &rig.url("x"), "--via", way, "--json"]);
        let remote = rig.remote("x");
        running.until("the first bytes", || {
            fs::metadata(&remote).is_ok_and(|m| m.len() > 0)
        });
        running.signal("INT");
        let done = running.end();
        assert_eq!(done.status, 130, "{done:?}");
        let error = done.json_error();
        assert_eq!(error["kind"], "cancelled");
        assert!(
            !remote.exists() || error["left_behind"].is_string(),
            "{error}"
        );
        rig.still_works();
    }
}

#[test]
fn waiting_for_standard_input_can_be_interrupted() {
    let rig = Rig::new();
    let mut running = rig.start(&["put", "-", &rig.url("x"), "--via", "stream"]);
    running.write(&noise(100_000));
    let remote = rig.remote("x");
    running.until("the upload's start", || remote.exists());
    running.signal("INT");
    interrupted(&running.end());
    rig.still_works();
}

#[test]
fn a_pipe_that_nobody_reads_can_be_interrupted() {
    let rig = Rig::new();
    fs::write(rig.remote("x"), noise(SIZE)).unwrap();
    let mut command = rig.command(&["get", &rig.url("x"), "-"]);
    let mut running = Running::with_stdout(command.stdout(Stdio::piped()));
    let mut reader = running.take_stdout();
    reader.read_exact(&mut [0]).unwrap();
    running.signal("INT");
    interrupted(&running.end());
    rig.still_works();
}

#[test]
fn a_silent_device_can_be_interrupted() {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let port = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let running = Running::new(&mut common::program(&[
        "-p",
        &port,
        "at",
        "AT",
        "--timeout",
        "600",
    ]));
    // The driver's first words show that it waits for an answer.
    assert!(rustix::io::read(&master, &mut [0_u8; 1]).unwrap() > 0);
    running.signal("INT");
    interrupted(&running.end());
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let rig = Rig::slow();
    fs::write(rig.remote("x"), noise(SIZE)).unwrap();
    let mut running = rig.start(&["get", &rig.url("x"), "-", "--via", "block", "--quiet"]);
    let remote = rig.server.root().to_owned();
    running.until("the transfer", || {
        rig.server
            .commands()
            .iter()
            .any(|line| line.starts_with("RETR"))
    });
    assert!(remote.exists());
    running.signal("INT");
    running.signal("INT");
    assert_eq!(running.end().status, 130);
    assert!(rig.local_names().is_empty());
}
