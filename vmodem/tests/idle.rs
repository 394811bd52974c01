//! A modem with nothing to do does not run. Alone in its process: it looks at the process's threads.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::time::Duration;

use nlftp_vmodem::{Options, VirtualModem};
use rustix::fs::{Mode, OFlags};

/// How often the modem's thread has gone to sleep so far.
fn sleeps() -> u64 {
    let threads = fs::read_dir("/proc/self/task")
        .unwrap()
        .map(|thread| thread.unwrap().path());
    let modem = threads
        .into_iter()
        .find(|path| fs::read_to_string(path.join("comm")).unwrap().trim() == "nlftp-vmodem");
    let status = fs::read_to_string(modem.unwrap().join("status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("voluntary_ctxt_switches"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Sleeps during half a second in which nothing happens.
fn sleeps_when_idle() -> u64 {
    // Whatever was going on before has ended by then.
    std::thread::sleep(Duration::from_millis(100));
    let before = sleeps();
    std::thread::sleep(Duration::from_millis(500));
    sleeps() - before
}

#[test]
fn the_thread_sleeps_with_and_without_a_client() {
    let modem = VirtualModem::start(Options::default()).unwrap();
    assert_eq!(sleeps_when_idle(), 0, "before the first client");
    let client =
        rustix::fs::open(modem.port(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    rustix::io::write(&client, b"AT\r").unwrap();
    assert_eq!(sleeps_when_idle(), 0, "with a client");
    drop(client);
    assert_eq!(sleeps_when_idle(), 0, "after the client left");
}
