//! A modem that is never what one waits for: its answers are made before they are asked for.
//!
//! It speaks the manual's dialect well enough for every client here, and compares each byte that it is given.

use std::fs::File;
use std::io::{self, Read, Write};

use crate::sample::{self, BLOCK};

/// The most that one FTPRECV gives (manual 1.2.19).
const MAX_RECEIVE: usize = 3000;
/// A command that it never answers.
pub const SILENT: &str = "AT+SILENT";
const END: &[u8] = b"\x03\r\n+FTPRETR: 1\r\n";

/// The modem, and the file that it gives and wants.
pub struct StandIn {
    size: u64,
    block: Vec<u8>,
    stuffed: Vec<u8>,
    /// The stuffed rest of the file behind its last whole block.
    tail: Vec<u8>,
    port: File,
    input: Vec<u8>,
    taken: usize,
    filled: usize,
    connected: bool,
    fetched: u64,
    put: u64,
}

impl StandIn {
    /// A modem at the master side of a pseudo-terminal, with a file of `size` bytes.
    pub fn new(port: File, size: u64) -> StandIn {
        let block = sample::block();
        let rest = (size % BLOCK as u64) as usize;
        StandIn {
            size,
            stuffed: sample::stuffed(&block),
            tail: sample::stuffed(&block[..rest]),
            block,
            port,
            input: vec![0; 1 << 16],
            taken: 0,
            filled: 0,
            connected: false,
            fetched: 0,
            put: 0,
        }
    }

    /// Answers until the port fails.
    ///
    /// # Errors
    /// That failure, or an upload that is not the file.
    pub fn serve(mut self) -> io::Result<()> {
        let mut line = Vec::new();
        loop {
            self.line(&mut line)?;
            self.answer(&line)?;
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.taken = 0;
        self.filled = self.port.read(&mut self.input)?;
        if self.filled == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    fn line(&mut self, line: &mut Vec<u8>) -> io::Result<()> {
        line.clear();
        loop {
            while self.taken < self.filled {
                let byte = self.input[self.taken];
                self.taken += 1;
                match byte {
                    b'\r' if !line.is_empty() => return Ok(()),
                    b'\r' | b'\n' => {}
                    _ => line.push(byte),
                }
            }
            self.fill()?;
        }
    }

    fn answer(&mut self, line: &[u8]) -> io::Result<()> {
        let text = String::from_utf8_lossy(line);
        let (name, rest) = match text.find(['=', '?']) {
            Some(at) => text.split_at(at),
            None => (&*text, ""),
        };
        let answer: &[u8] = match (name, rest) {
            (SILENT, _) => b"",
            ("AT+FTPOPEN", "?") if self.connected => b"\r\n+FTPOPEN: 1\r\n\r\nOK\r\n",
            ("AT+FTPOPEN", "?") => b"\r\n+FTPOPEN: 0\r\n\r\nOK\r\n",
            ("AT+FTPOPEN", _) => {
                self.connected = true;
                b"\r\nOK\r\n\r\n+FTPOPEN: 1\r\n"
            }
            ("AT+FTPCLOSE", _) => {
                self.connected = false;
                b"\r\nOK\r\n\r\n+FTPCLOSE: 1\r\n"
            }
            ("AT+FTPMODE", "?") => b"\r\n+FTPMODE: 0\r\n\r\nOK\r\n",
            (_, "=?") => b"\r\nOK\r\n",
            ("AT+FTPRETR", _) => return self.retrieve(),
            ("AT+FTPSTOR", _) => return self.store(),
            ("AT+FTPGET", "?") => b"\r\n+FTPGET: \"f\",1,1\r\n\r\nOK\r\n",
            ("AT+FTPGET", _) => {
                self.fetched = 0;
                b"\r\nOK\r\n\r\n+FTPGET: 2\r\n\r\n+FTPGET: 1\r\n"
            }
            ("AT+FTPRECV", _) => return self.receive(rest),
            ("AT+FTPPUT", _) => return self.piece(rest),
            _ => b"\r\nOK\r\n",
        };
        self.port.write_all(answer)
    }

    fn retrieve(&mut self) -> io::Result<()> {
        self.port.write_all(b"\r\nOK\r\n\r\n+FTPRETR: 2\r\n")?;
        for _ in 0..self.size / BLOCK as u64 {
            self.port.write_all(&self.stuffed)?;
        }
        let end = [&self.tail, END].concat();
        self.port.write_all(&end)
    }

    fn store(&mut self) -> io::Result<()> {
        self.port.write_all(b"\r\nOK\r\n\r\n+FTPSTOR: 2\r\n")?;
        let whole = self.size / BLOCK as u64;
        let mut good = true;
        for block in 0..=whole {
            let expected = std::mem::take(if block < whole {
                &mut self.stuffed
            } else {
                &mut self.tail
            });
            good &= self.compare(&expected)?;
            *(if block < whole {
                &mut self.stuffed
            } else {
                &mut self.tail
            }) = expected;
        }
        good &= self.compare(b"\x03")?;
        self.port.write_all(if good {
            b"\r\n+FTPSTOR: 1\r\n"
        } else {
            b"\r\n+FTPSTOR: 0\r\n"
        })
    }

    fn receive(&mut self, rest: &str) -> io::Result<()> {
        let asked: usize = rest[1..].parse().unwrap_or(0);
        let left = usize::try_from(self.size - self.fetched).unwrap_or(usize::MAX);
        let count = asked.min(MAX_RECEIVE).min(left);
        let mut answer = [0; MAX_RECEIVE + 64];
        let mut room = &mut answer[..];
        write!(room, "\r\n+FTPRECV: {count}\r\n")?;
        let mut moved = 0;
        while moved < count {
            let from = (self.fetched % BLOCK as u64) as usize;
            let piece = (count - moved).min(BLOCK - from);
            room.write_all(&self.block[from..from + piece])?;
            self.fetched += piece as u64;
            moved += piece;
        }
        room.write_all(b"\r\nOK\r\n")?;
        let used = MAX_RECEIVE + 64 - room.len();
        // In one write: how many reads the client makes of it is its own affair.
        self.port.write_all(&answer[..used])
    }

    fn piece(&mut self, rest: &str) -> io::Result<()> {
        // The name, the length, the end mark, and perhaps the file's type.
        let field = |at| rest.split(',').nth(at).unwrap_or_default();
        let (count, last) = (field(1).parse().unwrap_or(0), field(2) == "1");
        let mut prompt = [0; 32];
        let mut room = &mut prompt[..];
        write!(room, "\r\n+FTPPUT: 2,{count}\r\n")?;
        let used = 32 - room.len();
        self.port.write_all(&prompt[..used])?;
        let mut good = true;
        let mut moved = 0;
        while moved < count {
            let from = (self.put % BLOCK as u64) as usize;
            let piece = (count - moved).min(BLOCK - from);
            let block = std::mem::take(&mut self.block);
            good &= self.compare(&block[from..from + piece])?;
            self.block = block;
            self.put += piece as u64;
            moved += piece;
        }
        if !good {
            return self.port.write_all(b"\r\nERROR\r\n");
        }
        if !last {
            return self.port.write_all(b"\r\nOK\r\n");
        }
        let whole = std::mem::take(&mut self.put) == self.size;
        let outcome: &[u8] = if whole {
            b"\r\nOK\r\n\r\n+FTPPUT: 1\r\n"
        } else {
            b"\r\nOK\r\n\r\n+FTPPUT: 0\r\n"
        };
        self.port.write_all(outcome)
    }

    /// Takes as many bytes as `expected` has; false if they are others.
    fn compare(&mut self, expected: &[u8]) -> io::Result<bool> {
        let mut rest = expected;
        let mut good = true;
        while !rest.is_empty() {
            if self.taken == self.filled {
                self.fill()?;
            }
            let count = rest.len().min(self.filled - self.taken);
            good &= self.input[self.taken..self.taken + count] == rest[..count];
            self.taken += count;
            rest = &rest[count..];
        }
        Ok(good)
    }
}
