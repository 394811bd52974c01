//! A plain serial client: it types lines, and reads until something has come.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its part"
)]

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};

/// A failing wait ends here; a passing one never gets near it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A plain serial client.
pub struct Client {
    pub port: File,
    pub seen: Vec<u8>,
}

impl Client {
    pub fn open(path: &Path) -> Self {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let port = File::from(rustix::fs::open(path, flags, Mode::empty()).unwrap());
        Self {
            port,
            seen: Vec::new(),
        }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.port.write_all(bytes).unwrap();
    }

    pub fn line(&mut self, text: &str) {
        self.send(format!("{text}\r").as_bytes());
    }

    /// Whether anything can be read within `time`.
    pub fn readable(&self, time: Duration) -> bool {
        let time = Timespec {
            tv_sec: time.as_secs() as i64,
            tv_nsec: time.subsec_nanos().into(),
        };
        poll(&mut [PollFd::new(&self.port, PollFlags::IN)], Some(&time)).unwrap() > 0
    }

    /// Reads until `end` has come; gives everything up to and with it.
    pub fn until(&mut self, end: &[u8]) -> Vec<u8> {
        let mut buffer = vec![0; 65536];
        let mut searched = 0;
        loop {
            if let Some(found) = memchr::memmem::find(&self.seen[searched..], end) {
                let rest = self.seen.split_off(searched + found + end.len());
                return std::mem::replace(&mut self.seen, rest);
            }
            searched = self.seen.len().saturating_sub(end.len());
            assert!(
                self.readable(PATIENCE),
                "waiting for {:?} after {:?}",
                String::from_utf8_lossy(end),
                String::from_utf8_lossy(&self.seen)
            );
            let count = self.port.read(&mut buffer).unwrap();
            assert!(count > 0, "the port is gone");
            self.seen.extend_from_slice(&buffer[..count]);
        }
    }

    pub fn ask(&mut self, line: &str, end: &str) -> String {
        self.line(line);
        String::from_utf8_lossy(&self.until(end.as_bytes())).into_owned()
    }

    /// Types a line of any bytes.
    pub fn ask_bytes(&mut self, line: &[u8], end: &[u8]) -> Vec<u8> {
        self.send(line);
        self.send(b"\r");
        self.until(end)
    }

    pub fn login(&mut self, user: &str, password: &str) {
        self.ask("ATE0", "\r\nOK\r\n");
        let line = format!("AT+FTPOPEN=\"ftp.test\",\"{user}\",\"{password}\"");
        self.ask(&line, "\r\n+FTPOPEN: 1\r\n");
    }

    /// Uploads by FTPSTOR; `values` follow the equals sign.
    pub fn store(&mut self, values: &str, data: &[u8], outcome: &str) {
        self.ask(&format!("AT+FTPSTOR={values}"), "\r\n+FTPSTOR: 2\r\n");
        self.send(&stuffed(data));
        self.send(&[3]);
        self.until(format!("\r\n+FTPSTOR: {outcome}\r\n").as_bytes());
    }

    /// Downloads by FTPRETR; gives the bytes still stuffed.
    pub fn retrieve(&mut self, values: &str) -> Vec<u8> {
        self.ask(&format!("AT+FTPRETR={values}"), "\r\n+FTPRETR: 2\r\n");
        let mut stream = self.until(b"\x03\r\n+FTPRETR: 1\r\n");
        stream.truncate(stream.len() - b"\x03\r\n+FTPRETR: 1\r\n".len());
        stream
    }

    /// Uploads by FTPPUT, in pieces of `size` bytes.
    pub fn put(&mut self, name: &str, data: &[u8], size: usize) {
        let mut pieces = data.chunks(size).peekable();
        while let Some(piece) = pieces.next() {
            let last = u8::from(pieces.peek().is_none());
            let count = piece.len();
            self.ask(
                &format!("AT+FTPPUT=\"{name}\",{count},{last}"),
                &format!("+FTPPUT: 2,{count}\r\n"),
            );
            self.send(piece);
            self.until(b"\r\nOK\r\n");
        }
        self.until(b"\r\n+FTPPUT: 1\r\n");
    }

    /// Downloads `size` bytes by FTPGET and FTPRECV.
    pub fn fetch(&mut self, name: &str, size: usize) -> Vec<u8> {
        self.ask(&format!("AT+FTPGET=\"{name}\""), "+FTPGET: 2\r\n");
        let mut fetched = Vec::new();
        let mut ended = false;
        while fetched.len() < size {
            self.line("AT+FTPRECV=3000");
            let before = self.until(b"+FTPRECV: ");
            ended |= memchr::memmem::find(&before, b"+FTPGET: 1\r\n").is_some();
            let count: usize = String::from_utf8(self.until(b"\r\n"))
                .unwrap()
                .trim()
                .parse()
                .unwrap();
            fetched.append(&mut self.take(count));
            self.until(b"\r\nOK\r\n");
        }
        if !ended {
            self.until(b"\r\n+FTPGET: 1\r\n");
        }
        fetched
    }

    /// Reads so many bytes.
    pub fn take(&mut self, count: usize) -> Vec<u8> {
        let mut buffer = vec![0; 65536];
        while self.seen.len() < count {
            assert!(self.readable(PATIENCE));
            let read = self.port.read(&mut buffer).unwrap();
            self.seen.extend_from_slice(&buffer[..read]);
        }
        let rest = self.seen.split_off(count);
        std::mem::replace(&mut self.seen, rest)
    }
}

pub fn noise(size: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..size).map(|_| next()).collect()
}

pub fn stuffed(data: &[u8]) -> Vec<u8> {
    data.iter()
        .flat_map(|byte| {
            if matches!(byte, 3 | 16) {
                vec![16, *byte]
            } else {
                vec![*byte]
            }
        })
        .collect()
}
