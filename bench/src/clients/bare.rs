//! The least that a client can do: one thread, a port that does not block, poll only where nothing is there.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

use memchr::memchr;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::termios::{OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

use super::{check, codec};
use crate::sample::{self, Comparer};
use crate::work::{Cost, Meter, Way, commands};

/// How much is read, and stuffed, at once.
const PART: usize = 64 * 1024;

/// An open port and what has been read from it.
pub(super) struct Port {
    tty: File,
    buffer: Vec<u8>,
    taken: usize,
    filled: usize,
}

impl Port {
    pub(super) fn open(path: &Path) -> io::Result<Port> {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let tty = File::from(open(path, flags, Mode::empty())?);
        let mut termios = tcgetattr(&tty)?;
        termios.make_raw();
        termios.special_codes[SpecialCodeIndex::VMIN] = 1;
        termios.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&tty, OptionalActions::Now, &termios)?;
        Ok(Port {
            tty,
            buffer: vec![0; PART],
            taken: 0,
            filled: 0,
        })
    }

    pub(super) fn tty(&self) -> &File {
        &self.tty
    }

    fn wait(&self, what: PollFlags) -> io::Result<()> {
        poll(&mut [PollFd::new(&self.tty, what)], None)?;
        Ok(())
    }

    pub(super) fn fill(&mut self) -> io::Result<()> {
        if self.taken == self.filled {
            (self.taken, self.filled) = (0, 0);
        } else if self.taken > PART / 2 {
            self.buffer.copy_within(self.taken..self.filled, 0);
            (self.taken, self.filled) = (0, self.filled - self.taken);
        }
        loop {
            match rustix::io::read(&self.tty, &mut self.buffer[self.filled..]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    self.filled += count;
                    return Ok(());
                }
                Err(rustix::io::Errno::AGAIN) => self.wait(PollFlags::IN)?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(super) fn send(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match rustix::io::write(&self.tty, bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(rustix::io::Errno::AGAIN) => self.wait(PollFlags::OUT)?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Takes lines up to one that begins with `wanted`, and gives the number behind it.
    pub(super) fn expect(&mut self, wanted: &str) -> io::Result<usize> {
        loop {
            let held = &self.buffer[self.taken..self.filled];
            let Some(end) = memchr(b'\n', held) else {
                self.fill()?;
                continue;
            };
            let line = held[..end].trim_ascii();
            self.taken += end + 1;
            if let Some(rest) = line.strip_prefix(wanted.as_bytes()) {
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
                return Ok(digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0')));
            }
            if line.starts_with(b"ERROR") {
                return Err(io::Error::other("the modem refuses"));
            }
        }
    }

    pub(super) fn retrieve(&mut self, sink: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        self.send(b"AT+FTPRETR=\"f.bin\",1,0\r")?;
        self.expect("OK")?;
        self.expect("+FTPRETR: 2")?;
        let mut escaped = false;
        let mut part = Vec::with_capacity(PART + 1);
        loop {
            if self.taken == self.filled {
                self.fill()?;
            }
            part.clear();
            let held = &self.buffer[self.taken..self.filled];
            let (used, ended) = codec::unstuff(&mut escaped, held, &mut part);
            self.taken += used;
            sink(&part);
            if ended {
                return self.expect("+FTPRETR: 1").map(|_| ());
            }
        }
    }

    pub(super) fn store(&mut self, file: &[u8]) -> io::Result<()> {
        self.send(b"AT+FTPSTOR=\"f.bin\",1,0\r")?;
        self.expect("OK")?;
        self.expect("+FTPSTOR: 2")?;
        let mut part = Vec::with_capacity(2 * PART + 1);
        for piece in file.chunks(PART) {
            part.clear();
            codec::stuff(piece, &mut part);
            self.send(&part)?;
        }
        self.send(b"\x03")?;
        self.expect("+FTPSTOR: 1").map(|_| ())
    }

    pub(super) fn receive(&mut self, size: u64, sink: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        self.send(b"AT+FTPGET=\"f.bin\",1\r")?;
        self.expect("OK")?;
        self.expect("+FTPGET: 2")?;
        let mut wanted = size;
        while wanted > 0 {
            self.send(b"AT+FTPRECV=3000\r")?;
            let count = self.expect("+FTPRECV: ")?;
            let mut left = count;
            while left > 0 {
                if self.taken == self.filled {
                    self.fill()?;
                }
                let part = left.min(self.filled - self.taken);
                sink(&self.buffer[self.taken..self.taken + part]);
                self.taken += part;
                left -= part;
            }
            self.expect("OK")?;
            wanted = wanted.saturating_sub(count as u64);
        }
        Ok(())
    }

    pub(super) fn put(&mut self, file: &[u8]) -> io::Result<()> {
        let count = file.len().div_ceil(1024);
        for (number, piece) in file.chunks(1024).enumerate() {
            let last = u8::from(number + 1 == count);
            self.send(format!("AT+FTPPUT=\"f.bin\",{},{last},1\r", piece.len()).as_bytes())?;
            self.expect("+FTPPUT: 2")?;
            self.send(piece)?;
            self.expect("OK")?;
        }
        self.expect("+FTPPUT: 1").map(|_| ())
    }
}

/// The same on a modem that wants to be logged in first.
pub fn run_logged_in(
    way: Way,
    port: &Path,
    size: u64,
    user: &str,
    password: &str,
) -> io::Result<Cost> {
    let mut port = Port::open(port)?;
    port.send(b"ATE0\r")?;
    port.expect("OK")?;
    let login = format!("AT+FTPOPEN=\"ftp.example.com\",\"{user}\",\"{password}\"\r");
    port.send(login.as_bytes())?;
    port.expect("+FTPOPEN: 1")?;
    let cost = work(&mut port, way, size)?;
    port.send(b"AT+FTPCLOSE\r")?;
    port.expect("+FTPCLOSE: 1")?;
    Ok(cost)
}

pub(super) fn run(way: Way, port: &Path, size: u64) -> io::Result<Cost> {
    work(&mut Port::open(port)?, way, size)
}

fn work(port: &mut Port, way: Way, size: u64) -> io::Result<Cost> {
    if way == Way::Command {
        let mut failed = None;
        let cost = commands(size, || {
            let done = port.send(b"AT\r").and_then(|()| port.expect("OK"));
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
    let mut comparer = Comparer::default();
    let mut sink = |part: &[u8]| comparer.take(part);
    let meter = Meter::start();
    match way {
        Way::StreamDown => port.retrieve(&mut sink)?,
        _ => port.receive(size, &mut sink)?,
    }
    let cost = meter.transfer();
    check(comparer.is_whole(size))?;
    Ok(cost)
}
