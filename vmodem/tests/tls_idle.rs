//! A module whose encrypted connections idle does not run. Alone in its process: it looks at the
//! process's threads.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "../../core/tests/support/certificates.rs"]
mod certificates;
mod host;
mod secure;

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use host::{PATIENCE, noise};
use nlftp_vmodem::TlsMode;
use secure::Rig;

/// What the modem's thread has done so far: times it was woken, and ticks that it ran. None while
/// there is no such thread: any thread may end between two looks at it.
fn work() -> Option<Vec<String>> {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let modem = threads.map(|thread| thread.unwrap().path()).find(|path| {
        fs::read_to_string(path.join("comm")).is_ok_and(|name| name.trim() == "nlftp-vmodem")
    })?;
    let status = fs::read_to_string(modem.join("status")).ok()?;
    let stat = fs::read_to_string(modem.join("stat")).ok()?;
    let switches = status.lines().filter(|line| line.starts_with("voluntary"));
    let ticks = stat.rsplit(')').next().unwrap().split_whitespace();
    // utime and stime are fields 14 and 15 of all, 12 and 13 behind the name.
    let work = switches.chain(ticks.skip(11).take(2));
    Some(work.map(str::to_owned).collect())
}

/// Waits until the thread did nothing for half a second, which it never does if something keeps
/// waking it.
fn comes_to_rest(when: &str) {
    let began = Instant::now();
    loop {
        let before = work();
        thread::sleep(Duration::from_millis(500));
        if before.is_some() && work() == before {
            return;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "{when}: {before:?}, {:?}",
            work()
        );
    }
}

#[test]
fn encrypted_connections_that_idle_wake_nobody() {
    for mode in [TlsMode::Implicit, TlsMode::Explicit] {
        let rig = Rig::new(mode);
        fs::write(rig.server.root().join("f"), noise(5_000_000)).unwrap();
        let mut client = rig.opened();
        comes_to_rest("logged in");
        // A download that nobody reads: everything between here and the server's file is full.
        client.ask("AT+FTPRETR=\"f\"", "\r\n+FTPRETR: 2\r\n");
        comes_to_rest("in a download that is not read");
        client.until(b"\x03\r\n+FTPRETR: 1\r\n");
        // A cache that is full, its data connection closed.
        client.ask("AT+FTPGET=\"f\"", "+FTPGET: 2\r\n");
        comes_to_rest("with a full cache");
        client.ask("AT+FTPCLOSE", "\r\n+FTPCLOSE: 1\r\n");
        rig.open(&mut client, "1");
        // An upload whose host has nothing to say.
        client.ask("AT+FTPSTOR=\"g\"", "\r\n+FTPSTOR: 2\r\n");
        client.send(b"abc");
        comes_to_rest("in an upload that pauses");
        client.send(b"\x03");
        client.until(b"\r\n+FTPSTOR: 1\r\n");
        comes_to_rest("after an upload");
    }
}
