//! The driver at work, with marks for those who count: from the first quarter of the file to the third.

use std::io::{self, Read, Write};
use std::path::Path;

use nlftp_core::{Config, Login, Modem, Sink, Source};

use super::driver::options;
use crate::calls::mark;
use crate::sample;
use crate::work::Way;

/// Passes the file on, and calls something at the first byte behind each of two places.
pub struct Marker<T, F> {
    inner: T,
    at: u64,
    places: [u64; 2],
    passed: [Option<u64>; 2],
    call: F,
}

impl<T, F: FnMut()> Marker<T, F> {
    /// Around a source or sink of `size` bytes.
    pub fn new(inner: T, size: u64, call: F) -> Marker<T, F> {
        Marker {
            inner,
            at: 0,
            places: [size / 4, size / 4 * 3],
            passed: [None; 2],
            call,
        }
    }

    /// How many bytes passed between the calls.
    pub fn between(&self) -> u64 {
        match self.passed {
            [Some(from), Some(to)] => to - from,
            _ => 0,
        }
    }

    fn pass(&mut self, count: usize) {
        self.at += count as u64;
        for (place, passed) in self.places.iter().zip(&mut self.passed) {
            if self.at >= *place && passed.is_none() {
                *passed = Some(self.at);
                (self.call)();
            }
        }
    }
}

impl<T: Read, F: FnMut()> Read for Marker<T, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.pass(count);
        Ok(count)
    }
}

impl<T: Write, F: FnMut()> Write for Marker<T, F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.pass(count);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Moves a file of `size` bytes, or sends as many commands, and gives the number of bytes or commands between the
/// marks.
///
/// # Errors
/// What went wrong.
pub fn run(way: Way, port: &Path, size: u64) -> io::Result<u64> {
    let modem = Modem::open(port, Config::default()).map_err(io::Error::other)?;
    if way == Way::Command {
        for number in 0..size {
            if number == size / 4 || number == size / 4 * 3 {
                mark();
            }
            modem.command("AT").map_err(io::Error::other)?;
        }
        return Ok(size / 4 * 3 - size / 4);
    }
    let ftp = modem
        .ftp(&Login::new("h", "u", "p"))
        .map_err(io::Error::other)?;
    transfer(&ftp, way, size, mark)
}

/// Moves the file over a connection that stands, and calls `call` at both places.
///
/// # Errors
/// What went wrong.
pub fn transfer(
    ftp: &nlftp_core::Ftp,
    way: Way,
    size: u64,
    call: impl FnMut() + Send,
) -> io::Result<u64> {
    match way {
        Way::StreamUp | Way::BlockUp => {
            let mut marker = Marker::new(sample::Reader::new(size), size, call);
            let source = Source::reader(&mut marker);
            ftp.put(source, "f.bin", options(way))
                .map_err(io::Error::other)?;
            Ok(marker.between())
        }
        _ => {
            let mut marker = Marker::new(sample::Comparer::default(), size, call);
            let sink = Sink::writer(&mut marker);
            ftp.get("f.bin", sink, options(way))
                .map_err(io::Error::other)?;
            super::check(marker.inner.is_whole(size))?;
            Ok(marker.between())
        }
    }
}
