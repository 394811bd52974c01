//! The driver as a Rust program uses it.

use std::io;
use std::path::Path;

use nlftp_core::{Config, Login, Modem, Sink, Source, TransferOptions, Verify, Via};

use super::check;
use crate::sample::{self, Comparer};
use crate::work::{Cost, Meter, Way, commands};

/// What a transfer is told: no check of the size, as no other client makes one.
pub fn options(way: Way) -> TransferOptions<'static> {
    let mut options = TransferOptions::default();
    options.verify = Verify::None;
    options.via = match way {
        Way::StreamDown | Way::StreamUp => Via::Stream,
        _ => Via::Block,
    };
    options
}

pub(super) fn run(way: Way, port: &Path, size: u64) -> io::Result<Cost> {
    let modem = Modem::open(port, Config::default()).map_err(io::Error::other)?;
    if way == Way::Command {
        let mut failed = None;
        let cost = commands(size, || {
            failed = modem.command("AT").err().or(failed.take())
        });
        return failed.map_or(Ok(cost), |error| Err(io::Error::other(error)));
    }
    let ftp = modem
        .ftp(&Login::new("h", "u", "p"))
        .map_err(io::Error::other)?;
    match way {
        Way::StreamUp | Way::BlockUp => {
            let file = sample::file(usize::try_from(size).map_err(io::Error::other)?);
            let source = Source::from(&file[..]);
            let meter = Meter::start();
            ftp.put(source, "f.bin", options(way))
                .map_err(io::Error::other)?;
            Ok(meter.transfer())
        }
        _ => {
            let mut comparer = Comparer::default();
            let sink = Sink::writer(&mut comparer);
            let meter = Meter::start();
            ftp.get("f.bin", sink, options(way))
                .map_err(io::Error::other)?;
            let cost = meter.transfer();
            check(comparer.is_whole(size))?;
            Ok(cost)
        }
    }
}
