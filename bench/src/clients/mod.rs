//! The clients that are written in Rust; each does what it is asked and tells what it took.

pub mod bare;
mod codec;
pub mod driver;
pub mod marked;
pub mod raw;
mod serial;
mod worker;

use std::io;
use std::path::Path;

use crate::work::{Cost, Way};

/// A client of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// Plain reads and writes.
    Raw,
    /// The least that a program can do: one thread, poll, a codec by blocks of sixteen.
    Bare,
    /// The same with the port on a thread of its own.
    Worker,
    /// What a Rust program does today: a BufReader on the serialport crate.
    Serial,
    /// The driver.
    Driver,
}

impl Client {
    /// By its name on a command line.
    pub fn named(name: &str) -> Option<Client> {
        Some(match name {
            "raw" => Client::Raw,
            "bare" => Client::Bare,
            "worker" => Client::Worker,
            "serial" => Client::Serial,
            "driver" => Client::Driver,
            _ => return None,
        })
    }

    /// Its name on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Client::Raw => "raw",
            Client::Bare => "bare",
            Client::Worker => "worker",
            Client::Serial => "serial",
            Client::Driver => "driver",
        }
    }

    /// Moves `size` bytes, or sends as many commands.
    ///
    /// # Errors
    /// What went wrong with the port, or a file that did not arrive as it was.
    pub fn run(self, way: Way, port: &Path, size: u64) -> io::Result<Cost> {
        match self {
            Client::Raw => raw::run(way, port, size),
            Client::Bare => bare::run(way, port, size),
            Client::Worker => worker::run(way, port, size),
            Client::Serial => serial::run(way, port, size),
            Client::Driver => driver::run(way, port, size),
        }
    }
}

fn check(good: bool) -> io::Result<()> {
    if good {
        Ok(())
    } else {
        Err(io::Error::other("the file did not arrive as it was"))
    }
}
