//! How many system calls the driver makes of what it does, all threads together: they do not depend on the machine.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/modem.rs"]
mod modem;

use std::io::Read;
use std::process::{Command, Stdio};

use modem::{Modem, PROGRAM};
use nlftp_bench::calls::{self, Hold};
use nlftp_bench::work::Way;

/// The mean number of calls that `unit` bytes, or commands, take.
fn calls_of(way: Way, unit: u64, units: u64) -> f64 {
    // Counting begins behind the first quarter of it and ends before the last.
    let size = 2 * unit * units;
    let modem = Modem::start(size);
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut command = Command::new(PROGRAM);
    command
        .args(["marked", way.name()])
        .arg(&modem.port)
        .arg(size.to_string())
        .stdout(Stdio::from(writer));
    let hold = match way {
        Way::StreamDown => Hold::ForMore,
        Way::StreamUp => Hold::UntilTaken(modem.process()),
        _ => Hold::ForAnswers,
    };
    let calls = calls::count(&mut command, &modem.port, hold).unwrap();
    drop(command);
    let mut counted = String::new();
    reader.read_to_string(&mut counted).unwrap();
    let counted: f64 = counted.trim().parse().unwrap();
    let mean = calls.total() as f64 / (counted / unit as f64);
    let each: Vec<_> = calls
        .by_name()
        .into_iter()
        .map(|(name, count)| format!("{name} {:.3}", count as f64 / (counted / unit as f64)))
        .collect();
    println!(
        "{}: {mean:.2} calls a unit of {unit}: {}",
        way.title(),
        each.join(", ")
    );
    mean
}

#[test]
fn a_command_and_its_reply_take_seven_calls_at_most() {
    let mean = calls_of(Way::Command, 1, 1000);
    assert!(mean <= 7.0, "{mean}");
}

#[test]
fn a_receive_of_3000_bytes_takes_three_calls_at_most() {
    let mean = calls_of(Way::BlockDown, 3000, 1000);
    assert!(mean <= 3.0, "{mean}");
}

#[test]
fn a_piece_of_1024_bytes_takes_six_calls_at_most() {
    let mean = calls_of(Way::BlockUp, 1024, 1000);
    assert!(mean <= 6.0, "{mean}");
}

#[test]
fn a_mebibyte_of_stream_takes_350_calls_at_most() {
    for way in [Way::StreamDown, Way::StreamUp] {
        let mean = calls_of(way, 1 << 20, 8);
        assert!(mean <= 350.0, "{way}: {mean}");
    }
}
