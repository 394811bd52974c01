//! What a Rust program does today: lines and bytes through a BufReader on the serialport crate.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::time::Duration;

use serialport::SerialPort;

use super::check;
use crate::sample::{self, Comparer};
use crate::work::{Cost, Meter, Way, commands};

struct Port {
    reader: BufReader<Box<dyn SerialPort>>,
    writer: Box<dyn SerialPort>,
}

impl Port {
    fn open(path: &Path) -> io::Result<Port> {
        let port = serialport::new(path.to_string_lossy(), 115_200)
            .timeout(Duration::from_secs(5))
            .open()?;
        Ok(Port {
            writer: port.try_clone()?,
            reader: BufReader::new(port),
        })
    }

    fn send(&mut self, command: &str) -> io::Result<()> {
        self.writer.write_all(command.as_bytes())?;
        self.writer.write_all(b"\r")
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            let mut line = Vec::new();
            self.reader.read_until(b'\n', &mut line)?;
            let line = String::from_utf8_lossy(&line).trim().to_string();
            if !line.is_empty() {
                return Ok(line);
            }
        }
    }

    fn expect(&mut self, wanted: &str) -> io::Result<String> {
        loop {
            let line = self.line()?;
            if line.starts_with(wanted) {
                return Ok(line);
            }
            if line.contains("ERROR") {
                return Err(io::Error::other(line));
            }
        }
    }

    fn retrieve(&mut self, sink: &mut Comparer) -> io::Result<()> {
        self.send("AT+FTPRETR=\"f.bin\"")?;
        self.expect("OK")?;
        self.expect("+FTPRETR: 2")?;
        let mut escaped = false;
        let mut part = Vec::with_capacity(8192);
        let mut ended = false;
        while !ended {
            let input = self.reader.fill_buf()?;
            let mut used = 0;
            part.clear();
            for &byte in input {
                used += 1;
                if !escaped && byte == 0x10 {
                    escaped = true;
                } else if !escaped && byte == 0x03 {
                    ended = true;
                    break;
                } else {
                    escaped = false;
                    part.push(byte);
                }
            }
            self.reader.consume(used);
            sink.take(&part);
        }
        self.expect("+FTPRETR: 1").map(|_| ())
    }

    fn store(&mut self, file: &[u8]) -> io::Result<()> {
        self.send("AT+FTPSTOR=\"f.bin\"")?;
        self.expect("OK")?;
        self.expect("+FTPSTOR: 2")?;
        for piece in file.chunks(1024) {
            let mut part = Vec::with_capacity(2048);
            for &byte in piece {
                if byte == 0x03 || byte == 0x10 {
                    part.push(0x10);
                }
                part.push(byte);
            }
            self.writer.write_all(&part)?;
        }
        self.writer.write_all(&[0x03])?;
        self.expect("+FTPSTOR: 1").map(|_| ())
    }

    fn receive(&mut self, sink: &mut Comparer) -> io::Result<()> {
        self.send("AT+FTPGET=\"f.bin\"")?;
        self.expect("OK")?;
        self.expect("+FTPGET: 1")?;
        loop {
            self.send("AT+FTPRECV=3000")?;
            let line = self.expect("+FTPRECV: ")?;
            let count: usize = line["+FTPRECV: ".len()..]
                .parse()
                .map_err(io::Error::other)?;
            let mut part = vec![0; count];
            self.reader.read_exact(&mut part)?;
            self.expect("OK")?;
            if count == 0 {
                return Ok(());
            }
            sink.take(&part);
        }
    }

    fn put(&mut self, file: &[u8]) -> io::Result<()> {
        let count = file.len().div_ceil(1024);
        for (number, piece) in file.chunks(1024).enumerate() {
            let last = u8::from(number + 1 == count);
            self.send(&format!("AT+FTPPUT=\"f.bin\",{},{last}", piece.len()))?;
            self.expect("+FTPPUT: 2")?;
            self.writer.write_all(piece)?;
            self.expect("OK")?;
        }
        self.expect("+FTPPUT: 1").map(|_| ())
    }
}

pub(super) fn run(way: Way, port: &Path, size: u64) -> io::Result<Cost> {
    let mut port = Port::open(port)?;
    if way == Way::Command {
        let mut failed = None;
        let cost = commands(size, || {
            let done = port.send("AT").and_then(|()| port.expect("OK"));
            failed = done.err().or(failed.take());
        });
        return failed.map_or(Ok(cost), Err);
    }
    if matches!(way, Way::StreamUp | Way::BlockUp) {
        let file = sample::file(usize::try_from(size).map_err(io::Error::other)?);
        let meter = Meter::start();
        match way {
            Way::StreamUp => port.store(&file)?,
            _ => port.put(&file)?,
        }
        return Ok(meter.transfer());
    }
    let mut sink = Comparer::default();
    let meter = Meter::start();
    match way {
        Way::StreamDown => port.retrieve(&mut sink)?,
        _ => port.receive(&mut sink)?,
    }
    let cost = meter.transfer();
    check(sink.is_whole(size))?;
    Ok(cost)
}
