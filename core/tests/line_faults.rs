//! Real ports and a real server with a line that is not: what the simulation does with a model, the virtual modem does on
//! a pseudo-terminal.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use nlftp_core::{
    Config, ErrorKind, Ftp, Login, Modem, Retry, Transfer, TransferOptions, Verify, Via,
};
use nlftp_vmodem::server::FtpServer;
use nlftp_vmodem::{Dtr, LineFaults, ModemConfig, Options, VirtualModem};
use rig::{options, random};

/// Faults that alter no byte: every success has to be exact. None of them has to be waited out.
const QUICK: &str = "delay=4,urc=20,unplug=5";
/// The same, with a module that starts anew and says nothing of it.
const HARMLESS: &str = "delay=4,urc=20,reset=3,unplug=3";
/// Faults that alter bytes of command lines, answers and payload alike.
const NOISE: &str = "drop=3,double=3,flip=6,urc=20,delay=5";

const WAYS: [(bool, Via); 4] = [
    (true, Via::Stream),
    (true, Via::Block),
    (false, Via::Stream),
    (false, Via::Block),
];

/// A modem behind a bad line, and the files that go over it.
struct Bad {
    vmodem: VirtualModem,
    folder: tempfile::TempDir,
    login: Login,
}

impl Bad {
    fn new(server: &FtpServer, faults: &str, seed: u64) -> Bad {
        let folder = tempfile::tempdir().unwrap();
        let mut faults: LineFaults = faults.parse().unwrap();
        faults.seed = seed;
        let dtr = [Dtr::Present, Dtr::Ignored, Dtr::Absent][seed as usize % 3];
        let vmodem = VirtualModem::start(Options {
            modem: ModemConfig {
                dtr,
                ..ModemConfig::default()
            },
            link: Some(folder.path().join("modem")),
            route: Some(server.address()),
            faults,
            ..Options::default()
        })
        .unwrap();
        Bad {
            vmodem,
            folder,
            login: Login::new("ftp.example.com", server.user(), server.password()),
        }
    }

    fn config() -> Config {
        let mut config = Config::default();
        // What noise has swallowed is not waited for as long as on a real network.
        config.timeout = Duration::from_secs(2);
        config.outcome_timeout = Duration::from_secs(5);
        config.stall_timeout = Duration::from_secs(3);
        config.port_timeout = Duration::from_secs(60);
        config
    }

    /// A connection, however often it takes: the line is bad from the first byte.
    fn ftp(&self) -> (Modem, Ftp) {
        loop {
            let Ok(modem) = Modem::open(self.vmodem.port(), Bad::config()) else {
                continue;
            };
            match modem.ftp(&self.login) {
                Ok(ftp) => return (modem, ftp),
                Err(error) => assert_passing(&error),
            }
        }
    }

    /// Moves a file with retries; an error has to be one that may pass.
    fn move_file(
        &self,
        server: &FtpServer,
        ftp: &Ftp,
        (upload, via): (bool, Via),
        name: &str,
        data: &[u8],
        verify: Verify,
    ) -> Option<(Transfer, bool)> {
        let there = server.root().join(name);
        let here = self.folder.path().join(name);
        let result = if upload {
            ftp.put(data, name, patient(via, verify))
        } else {
            fs::write(&there, data).unwrap();
            ftp.get(name, here.as_path(), patient(via, verify))
        };
        match result {
            Ok(done) => {
                let found = fs::read(if upload { there } else { here }).unwrap();
                assert_eq!(done.resumed_from + done.bytes, data.len() as u64);
                Some((done, found == data))
            }
            Err(error) => {
                assert_passing(&error);
                None
            }
        }
    }
}

fn patient<'a>(via: Via, verify: Verify) -> TransferOptions<'a> {
    let mut retry = Retry::new(6);
    retry.delay = Duration::from_millis(1);
    retry.max_delay = Duration::from_millis(50);
    options(|o| (o.via, o.retry, o.verify) = (via, Some(retry), verify))
}

fn assert_passing(error: &nlftp_core::Error) {
    let passing = matches!(
        error.kind(),
        ErrorKind::Port
            | ErrorKind::Timeout
            | ErrorKind::Command
            | ErrorKind::Refused
            | ErrorKind::NotConnected
            | ErrorKind::Transfer
    );
    assert!(passing, "{error}");
}

#[test]
fn files_arrive_whole_although_lines_come_unasked_and_plugs_are_pulled() {
    let server = FtpServer::start(Default::default()).unwrap();
    for (seed, way) in (1..).zip(WAYS) {
        let bad = Bad::new(&server, QUICK, seed);
        let (_modem, ftp) = bad.ftp();
        let data = random(400_000, seed);
        let name = format!("file{seed}");
        let moved = bad.move_file(&server, &ftp, way, &name, &data, Verify::Size);
        let (_, exact) = moved.unwrap_or_else(|| panic!("{way:?} did not arrive"));
        assert!(exact, "{way:?}");
    }
}

/// Moves two files in a thread for each seed, by a way of its own; how many successes were read back, and how many were not.
fn noise(seeds: std::ops::Range<u64>) -> (u64, u64) {
    let server = FtpServer::start(Default::default()).unwrap();
    let (read_back, others) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for (seed, way) in seeds.zip(WAYS.into_iter().cycle()) {
            let (server, read_back, others) = (&server, &read_back, &others);
            scope.spawn(move || {
                let bad = Bad::new(server, NOISE, seed);
                for file in 0..2 {
                    let (_modem, ftp) = bad.ftp();
                    let data = random(40_000, seed + file);
                    let name = format!("file{seed}-{file}");
                    let moved = bad.move_file(server, &ftp, way, &name, &data, Verify::Readback);
                    let Some((done, exact)) = moved else { continue };
                    let shown = done.verified == nlftp_core::Verified::Readback;
                    // Only a command line that noise has made another one could slip through.
                    assert!(exact || !shown, "{seed} {way:?}: {done:?}");
                    let count = if shown { read_back } else { others };
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    (read_back.into_inner(), others.into_inner())
}

#[test]
#[ignore = "minutes of waiting for what noise has swallowed"]
fn long_what_noise_alters_a_second_download_shows() {
    let (read_back, others) = noise(0..24);
    println!("{read_back} files were read back and exact, {others} could not be");
    assert!(read_back >= 24, "{read_back}");
}

/// Twenty-four modems for so many seconds; how many files arrived, and the memory before the last third and at the end.
fn soak(seconds: u64) -> (u64, u64, u64) {
    const MODEMS: u64 = 24;
    let server = FtpServer::start(Default::default()).unwrap();
    let (files, wrong) = (AtomicU64::new(0), AtomicU64::new(0));
    let began = Instant::now();
    let over = began + Duration::from_secs(seconds);
    let mut settled = 0;
    std::thread::scope(|scope| {
        for number in 0..MODEMS {
            let (server, files, wrong) = (&server, &files, &wrong);
            scope.spawn(move || {
                let bad = Bad::new(server, HARMLESS, number);
                let (_modem, ftp) = bad.ftp();
                let name = format!("file{number}");
                for turn in 0.. {
                    if Instant::now() >= over {
                        break;
                    }
                    let way = WAYS[(number + turn) as usize % 4];
                    let data = random(200_000 + number as usize, number + turn);
                    let moved = bad.move_file(server, &ftp, way, &name, &data, Verify::Size);
                    if let Some((_, exact)) = moved {
                        files.fetch_add(1, Ordering::Relaxed);
                        wrong.fetch_add(u64::from(!exact), Ordering::Relaxed);
                    }
                }
            });
        }
        std::thread::sleep(Duration::from_secs(seconds * 2 / 3));
        settled = resident();
    });
    assert_eq!(wrong.load(Ordering::Relaxed), 0);
    (files.load(Ordering::Relaxed), settled, resident())
}

/// KiB of this process in memory.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[ignore = "ten minutes"]
fn long_twenty_four_modems_move_files_for_ten_minutes_in_flat_memory() {
    let (files, settled, end) = soak(600);
    println!(
        "{files} files arrived, all exact; {settled} KiB after two thirds, {end} KiB at the end"
    );
    assert!(files > 24 * 10, "{files}");
    // Buffers of the transfers at hand come and go; what grows would have grown by a half in the last third.
    assert!(end < settled * 5 / 4, "{settled} KiB, then {end}");
}
