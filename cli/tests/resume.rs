//! --resume: what a killed program left is gone on with, byte for byte.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use common::{Rig, noise};
use nlftp_vmodem::{Dtr, ModemConfig, Options, VirtualModem};

/// On the line of these tests more than four seconds.
const SIZE: usize = 400_000;

fn slow(dtr: Dtr) -> Rig {
    Rig::with(Options {
        modem: ModemConfig {
            dtr,
            ..ModemConfig::default()
        },
        baud: Some(921_600),
        ..Options::default()
    })
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Runs the program and kills it once the file has grown by so much; false if it was through before.
fn kill(rig: &Rig, line: &[&str], file: &Path) -> bool {
    let there = length(file);
    let mut running = rig.start(line);
    while !running.has_ended() {
        if length(file) >= there + 20_000 {
            running.signal("KILL");
            break;
        }
        thread::sleep(Duration::from_millis(2));
    }
    let done = running.end();
    if done.status != -1 {
        done.succeeded();
    }
    done.status == -1
}

#[test]
fn a_killed_download_goes_on() {
    for (dtr, way) in [(Dtr::Present, "stream"), (Dtr::Ignored, "block")] {
        let rig = slow(dtr);
        let data = noise(SIZE);
        fs::write(rig.remote("f"), &data).unwrap();
        let line = ["get", &rig.url("f"), "--via", way, "--resume"];
        let part = rig.local("f.nlftp-part");
        let mut there = 0;
        for _ in 0..3 {
            // It may have been through when the signal came.
            if !kill(&rig, &line, &part) || !part.exists() {
                break;
            }
            assert!(length(&part) >= there, "what was there is there no more");
            there = length(&part);
            assert!(fs::read(&part).unwrap() == data[..there as usize]);
        }
        // A run that was through before it could be killed has left nothing to go on with.
        let expected = if part.exists() { there } else { 0 };
        let value = rig.json(&line);
        assert!(fs::read(rig.local("f")).unwrap() == data, "{dtr:?} {way}");
        assert_eq!(value["resumed_from"], expected);
        assert_eq!(value["bytes"], SIZE as u64 - expected);
        assert_eq!(value["verified"], "size");
        assert_eq!(rig.local_names(), ["f"]);
    }
}

#[test]
fn a_killed_upload_goes_on() {
    for (dtr, way) in [(Dtr::Present, "block"), (Dtr::Ignored, "stream")] {
        let rig = slow(dtr);
        let data = noise(SIZE);
        let local = rig.write("f", &data);
        let url = rig.url("f");
        let line = ["put", &local, &url, "--via", way, "--resume"];
        let remote = rig.remote("f");
        for _ in 0..3 {
            if !kill(&rig, &line, &remote) {
                break;
            }
        }
        // A client that is there leaves no data phase behind: nothing is written any more.
        rig.still_works();
        let there = fs::read(&remote).unwrap();
        let common = data.iter().zip(&there).take_while(|(a, b)| a == b).count();
        let value = rig.json(&line);
        assert!(fs::read(&remote).unwrap() == data, "{dtr:?} {way}");
        let from = value["resumed_from"].as_u64().unwrap();
        // The server may write what it had received when the connection broke.
        assert!(from >= common as u64 && from > 0, "{common}: {value}");
        assert_eq!(value["bytes"], SIZE as u64 - from);
        assert_eq!(value["verified"], "size");
    }
}

#[test]
fn an_interrupted_transfer_says_what_stays() {
    let mut rig = slow(Dtr::Present);
    // More than a minute on this line; the rest goes over another one.
    let data = noise(8 << 20);
    fs::write(rig.remote("f"), &data).unwrap();
    let part = rig.local("f.nlftp-part");
    let down = ["get", &rig.url("f"), "--resume"];
    let mut running = rig.start(&[&down[..], &["--json"]].concat());
    running.until("the first bytes", || length(&part) > 0);
    running.signal("INT");
    let error = running.end().json_error();
    assert_eq!(error["kind"], "cancelled");
    let left = error["left_behind"].as_str().unwrap();
    assert!(left.contains("f.nlftp-part stays for a resume"), "{left}");

    let local = rig.write("g", &data);
    let remote = rig.remote("g");
    let up = ["put", &local, &rig.url("g"), "--resume"];
    let mut running = rig.start(&[&up[..], &["--json"]].concat());
    running.until("the first bytes", || length(&remote) > 0);
    running.signal("INT");
    let error = running.end().json_error();
    let left = error["left_behind"].as_str().unwrap();
    assert!(left.ends_with("stays there for a resume: g"), "{left}");

    rig.modem = VirtualModem::start(Options::default()).unwrap();
    let done = rig.run(&down);
    done.succeeded();
    assert!(done.out_text().contains("bytes from byte"), "{done:?}");
    assert!(fs::read(rig.local("f")).unwrap() == data);
    rig.run(&up).succeeded();
    assert!(fs::read(&remote).unwrap() == data);
}

#[test]
fn nothing_is_sent_of_a_file_that_is_there() {
    let rig = Rig::new();
    let data = noise(100_000);
    let local = rig.write("f", &data);
    let line = ["put", &local, &rig.url("f"), "--resume"];
    let first = rig.json(&line);
    assert_eq!(
        (&first["bytes"], &first["resumed_from"]),
        (&100_000.into(), &0.into())
    );
    let again = rig.json(&line);
    assert_eq!(
        (&again["bytes"], &again["resumed_from"]),
        (&0.into(), &100_000.into())
    );
    assert_eq!(again["verified"], "size");
}

#[test]
fn what_cannot_be_resumed_is_refused_before_the_port_is_opened() {
    let rig = Rig::new();
    let url = rig.url("f");
    let local = rig.write("f", b"content");
    let pipe = rig.local("pipe");
    let pipe = pipe.to_str().unwrap();
    let made = std::process::Command::new("mkfifo").arg(pipe).status();
    assert!(made.unwrap().success());
    let lines: [(&[&str], &str); 6] = [
        (&["put", "-", &url], "standard input"),
        (&["put", pipe, &url], "pipe"),
        (&["get", &url, "-"], "standard output"),
        (&["get", &url, "/dev/null"], "/dev/null"),
        (&["get", &url, "--offset", "1"], "--offset"),
        (&["put", &local, &url, "--offset", "1"], "--offset"),
    ];
    for (line, words) in lines {
        let done = rig.run(&[line, &["--resume"]].concat());
        let sentence = done.failed(2);
        assert!(sentence.contains(words), "{sentence}");
    }
    assert_eq!(rig.modem.sent_count(), 0);
}

#[test]
fn a_run_with_retries_waits_for_a_port_that_is_unplugged() {
    let rig = slow(Dtr::Present);
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("modem");
    let plug = || {
        let options = Options {
            baud: Some(921_600),
            link: Some(link.clone()),
            ..Options::default()
        };
        VirtualModem::start(options).unwrap()
    };
    let data = noise(SIZE);
    let local = rig.write("f", &data);
    let url = rig.url("f");
    let line = ["put", &local, &url, "--retry", "3", "--retry-delay", "0.01"];
    let first = plug();
    let mut command = common::program(&[&line[..], &["--port-timeout", "600", "--json"]].concat());
    command.arg("-p").arg(&link).current_dir(rig.folder.path());
    let mut running = common::Running::new(&mut command);
    while length(&rig.remote("f")) < 20_000 {
        assert!(!running.has_ended());
        thread::sleep(Duration::from_millis(2));
    }
    drop(first);
    let _second = plug();
    let done = running.finish();
    done.succeeded();
    let value = done.json();
    assert!(fs::read(rig.remote("f")).unwrap() == data);
    assert_eq!(
        (&value["bytes"], &value["resumed_from"]),
        (&SIZE.into(), &0.into())
    );
    assert!(
        value["warnings"][0]
            .as_str()
            .unwrap()
            .contains("tried again after")
    );
}

#[test]
fn what_cannot_be_gone_on_with_cannot_be_tried_again() {
    let rig = Rig::new();
    let local = rig.write("f", b"x");
    let url = rig.url("f");
    for (line, words) in [
        (
            vec!["put", "-", &url, "--retry", "1"],
            "give --retry a plain file",
        ),
        (
            vec!["get", &url, "-", "--retry", "1"],
            "give --retry a plain file",
        ),
        (
            vec!["put", &local, &url, "--retry", "1", "--offset", "1"],
            "--retry finds the offset itself",
        ),
        (
            vec!["put", &local, &url, "--retry", "1", "--retry-delay", "0"],
            "above 0",
        ),
    ] {
        let done = rig.run(&line);
        assert!(done.failed(2).contains(words), "{done:?}");
    }
    assert!(rig.modem.sent_lines().is_empty());
}
