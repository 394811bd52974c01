//! The memory that a long directory takes. It is measured for the whole process: no other test may run in this one.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/list_server.rs"]
mod list_server;
#[path = "support/rig.rs"]
mod rig;

use std::fs;

use list_server::{numbered, read_numbered};
use rig::Rig;

/// The most memory that this process ever had, in KiB.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_million_entries_take_no_more_memory_than_some() {
    let server = numbered();
    let (modem, ftp) = server.ftp(Rig::config());
    // Every buffer on the way has been in use once.
    read_numbered(&ftp, 50_000);
    let before = peak_memory();
    read_numbered(&ftp, 1_000_000);
    // The kernel counts a little late: it may seem to be less than before.
    let grown = peak_memory().saturating_sub(before);
    assert!(grown < 12 << 10, "{grown} KiB more for 68 MB of listing");
    modem.close().unwrap();
}
