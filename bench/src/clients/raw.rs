//! The pseudo-terminal itself: plain reads and writes of the same number of bytes, with nothing done to them.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use crate::work::{Cost, Meter, Way, commands};

const PART: usize = 64 * 1024;
const REPLY: &[u8; 6] = b"\r\nOK\r\n";

/// The modem's end: gives or takes `size` bytes each time it is asked to, or answers.
///
/// # Errors
/// That of the port, when its last client has gone.
pub fn serve(way: Way, mut port: &File, size: u64) -> io::Result<()> {
    let mut buffer = vec![0x5a; PART];
    loop {
        match way {
            Way::StreamDown => {
                read_exactly(port, &mut buffer, 1)?;
                let mut left = size;
                while left > 0 {
                    let count = left.min(1 << 16) as usize;
                    port.write_all(&buffer[..count])?;
                    left -= count as u64;
                }
            }
            Way::StreamUp => {
                read_exactly(port, &mut buffer, size)?;
                port.write_all(b"\n")?;
            }
            _ => {
                read_exactly(port, &mut buffer, 3)?;
                port.write_all(REPLY)?;
            }
        }
    }
}

fn read_exactly(mut port: &File, buffer: &mut [u8], count: u64) -> io::Result<()> {
    let mut left = count;
    while left > 0 {
        let most = left.min(buffer.len() as u64) as usize;
        let taken = port.read(&mut buffer[..most])?;
        if taken == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= taken as u64;
    }
    Ok(())
}

pub(super) fn run(way: Way, port: &Path, size: u64) -> io::Result<Cost> {
    let mut port = File::options().read(true).write(true).open(port)?;
    let mut buffer = vec![0x5a; PART];
    if way == Way::Command {
        let mut failed = None;
        let cost = commands(size, || {
            let done = port
                .write_all(b"AT\r")
                .and_then(|()| read_exactly(&port, &mut [0; 6], 6));
            failed = done.err().or(failed.take());
        });
        return failed.map_or(Ok(cost), Err);
    }
    let meter = Meter::start();
    if way == Way::StreamDown {
        port.write_all(b"\n")?;
        read_exactly(&port, &mut buffer, size)?;
    } else {
        let mut left = size;
        while left > 0 {
            let count = left.min(PART as u64) as usize;
            port.write_all(&buffer[..count])?;
            left -= count as u64;
        }
        read_exactly(&port, &mut buffer, 1)?;
    }
    Ok(meter.transfer())
}
