//! How often the driver wakes up while nothing happens: never, but at its deadline.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/modem.rs"]
mod modem;

use std::path::PathBuf;
use std::time::Duration;

use modem::Modem;
use nlftp_bench::stand_in::SILENT;
use nlftp_core::{Config, ErrorKind, Login};

/// The folder of the driver's thread among those of this process, which runs one test alone.
fn worker() -> PathBuf {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let mut paths = threads.map(|entry| entry.unwrap().path());
    let is_worker = |path: &PathBuf| {
        let name = std::fs::read_to_string(path.join("comm")).unwrap_or_default();
        name.trim_end() == "nlftp-worker"
    };
    paths.find(is_worker).unwrap()
}

/// How often it has gone to sleep so far.
fn sleeps(worker: &std::path::Path) -> u64 {
    let status = std::fs::read_to_string(worker.join("status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("voluntary_ctxt_switches"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A worker that has just been given something may sleep once more; one that wakes by itself never gets through.
fn is_quiet(worker: &std::path::Path) -> bool {
    (0..5).any(|_| {
        let before = sleeps(worker);
        std::thread::sleep(Duration::from_millis(300));
        sleeps(worker) == before
    })
}

#[test]
fn nothing_wakes_the_worker_but_its_deadline() {
    let modem = Modem::start(1 << 20);
    let mut config = Config::default();
    config.timeout = Duration::from_secs(5);
    let device = nlftp_core::Modem::open(&modem.port, config).unwrap();
    let worker = worker();
    assert!(is_quiet(&worker), "idle");
    let ftp = device.ftp(&Login::new("h", "u", "p")).unwrap();
    assert!(is_quiet(&worker), "with a connection that nobody uses");
    let pending = device.start_command(SILENT).unwrap();
    assert!(is_quiet(&worker), "while an answer does not come");
    let before = sleeps(&worker);
    assert_eq!(pending.wait().unwrap_err().kind(), ErrorKind::Timeout);
    drop(ftp);
    assert_eq!(device.command("AT").unwrap(), [""; 0]);
    assert!(is_quiet(&worker), "idle after a recovery");
    assert!(sleeps(&worker) > before, "what wakes it is counted");
}
