//! A modem with nothing to do does not run. Alone in its process: it looks at the process's threads.
#![allow(clippy::unwrap_used, reason = "tests")]

mod host;

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use host::{Client, PATIENCE};
use nlftp_vmodem::{Options, VirtualModem};

/// How often the modem's thread has gone to sleep so far. None while there is no such thread: one
/// that starts has no name yet, and any other may end between two looks at it.
fn sleeps() -> Option<u64> {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let modem = threads.map(|thread| thread.unwrap().path()).find(|path| {
        fs::read_to_string(path.join("comm")).is_ok_and(|name| name.trim() == "nlftp-vmodem")
    })?;
    let status = fs::read_to_string(modem.join("status")).ok()?;
    let count = status
        .lines()
        .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
    Some(count.trim().parse().unwrap())
}

/// Waits until the thread slept through half a second, which it never does if something keeps
/// waking it.
fn comes_to_rest(when: &str) {
    let began = Instant::now();
    loop {
        let before = sleeps();
        thread::sleep(Duration::from_millis(500));
        if before.is_some() && sleeps() == before {
            return;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "{when}: {before:?}, {:?}",
            sleeps()
        );
    }
}

#[test]
fn the_thread_sleeps_with_and_without_a_client() {
    let modem = VirtualModem::start(Options::default()).unwrap();
    comes_to_rest("before the first client");
    let mut client = Client::open(modem.port());
    client.ask("AT", "\r\nOK\r\n");
    comes_to_rest("with a client");
    drop(client);
    comes_to_rest("after the client left");
}
