//! kill -9 at any moment of a transfer, then --resume: the file is exact every time.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{Rig, noise};
use nlftp_vmodem::{Dtr, ModemConfig, Options};

/// On the line of these tests about a second.
const SIZE: usize = 300_000;
/// Runs at once: they mostly wait for the line.
const AT_ONCE: u64 = 4;

/// What became of the kills.
#[derive(Default)]
struct Tally {
    /// The program was through before the signal came.
    too_late: AtomicU64,
    /// The next run went on behind the first byte.
    resumed: AtomicU64,
}

/// One run that is killed at a moment of its own, and one that goes on.
fn kill_and_go_on(number: u64, tally: &Tally) {
    let upload = number.is_multiple_of(2);
    let way = ["stream", "block"][(number / 2) as usize % 2];
    let dtr = [Dtr::Present, Dtr::Ignored][(number / 4) as usize % 2];
    let rig = Rig::with(Options {
        modem: ModemConfig {
            dtr,
            ..ModemConfig::default()
        },
        baud: Some(3_000_000),
        ..Options::default()
    });
    let data = noise(SIZE);
    let url = rig.url("f");
    let local = rig.local("f");
    let shown = local.to_str().unwrap();
    let line = if upload {
        fs::write(&local, &data).unwrap();
        ["put", shown, &url, "--resume", "--via", way]
    } else {
        fs::write(rig.remote("f"), &data).unwrap();
        ["get", &url, shown, "--resume", "--via", way]
    };
    // Any moment from the program's start until it is through, the opening of the port included.
    let moment = Duration::from_micros(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 1_600_000);
    let began = Instant::now();
    let mut running = rig.start(&line);
    while began.elapsed() < moment && !running.has_ended() {
        thread::sleep(Duration::from_millis(1));
    }
    if !running.has_ended() {
        running.signal("KILL");
    }
    let done = running.end();
    if done.status != -1 {
        done.succeeded();
        tally.too_late.fetch_add(1, Ordering::Relaxed);
        if !upload {
            fs::remove_file(&local).unwrap();
        }
    }
    let value = rig.json(&line);
    let there = if upload {
        rig.remote("f")
    } else {
        rig.local("f")
    };
    let there = fs::read(there).unwrap();
    assert!(
        there == data,
        "{number}: {line:?} {dtr:?} {moment:?} {value}"
    );
    let from = value["resumed_from"].as_u64().unwrap();
    assert_eq!(from + value["bytes"].as_u64().unwrap(), SIZE as u64);
    tally
        .resumed
        .fetch_add(u64::from(from > 0), Ordering::Relaxed);
}

fn kill(moments: std::ops::Range<u64>) -> Tally {
    let tally = Tally::default();
    thread::scope(|scope| {
        for first in 0..AT_ONCE {
            let (tally, moments) = (&tally, moments.clone());
            scope.spawn(move || {
                for number in moments.skip(first as usize).step_by(AT_ONCE as usize) {
                    kill_and_go_on(number, tally);
                }
            });
        }
    });
    tally
}

#[test]
fn a_file_is_exact_whenever_its_program_was_killed() {
    kill(1000..1016);
}

#[test]
#[ignore = "minutes"]
fn long_a_file_is_exact_after_two_hundred_kills_at_any_moment() {
    let tally = kill(0..200);
    let (late, resumed) = (tally.too_late.into_inner(), tally.resumed.into_inner());
    println!(
        "200 kills, all files exact; {resumed} runs went on behind the first byte; {late} came too late"
    );
    assert!(late < 100 && resumed > 40, "{late} {resumed}");
}
