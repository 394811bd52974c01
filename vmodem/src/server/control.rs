//! The control connection: lines in, replies out, Telnet between them.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustls::Connection;

use crate::tls::Link;

/// Longest command line, in bytes. A path of the largest length that Linux knows fits.
pub(super) const LINE_LIMIT: usize = 4200;

/// So many lines may wait while a transfer runs; then the connection is not read until it ends.
const QUEUE_LIMIT: usize = 64;

/// A client that does not read its replies for so long is given up.
const WRITE_LIMIT: Duration = Duration::from_secs(30);

/// A line as the client sent it, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Command(Vec<u8>),
    TooLong,
}

impl Line {
    fn is_abort(&self) -> bool {
        matches!(self, Line::Command(text) if text.trim_ascii().eq_ignore_ascii_case(b"ABOR"))
    }
}

/// Why a wait beside the control connection ended without what was waited for.
#[derive(Debug)]
pub(super) enum Interrupt {
    /// The client sent ABOR.
    Abort,
    /// The client, or the whole server, is gone.
    Gone,
    /// Nothing moved for too long.
    TimedOut,
    /// The data connection failed.
    Failed(io::Error),
}

/// Cuts a byte stream into lines and takes Telnet's commands out of it.
#[derive(Default)]
struct Splitter {
    line: Vec<u8>,
    too_long: bool,
    telnet: Telnet,
}

#[derive(Default)]
enum Telnet {
    #[default]
    Text,
    /// After IAC.
    Command,
    /// After IAC WILL, WONT, DO or DONT: the option follows.
    Option,
}

const IAC: u8 = 0xff;

impl Splitter {
    fn feed(&mut self, bytes: &[u8], lines: &mut VecDeque<Line>) {
        for &byte in bytes {
            match self.telnet {
                Telnet::Text if byte == IAC => self.telnet = Telnet::Command,
                Telnet::Text => self.text(byte, lines),
                Telnet::Command => {
                    self.telnet = Telnet::Text;
                    match byte {
                        0xfb..=0xfe => self.telnet = Telnet::Option,
                        // IP, DM and the like: ABOR follows them, and it alone matters.
                        0xf0..=0xfa => {}
                        // Part of a name. RFC 854 would have 0xff doubled, but hardly any client does
                        // that, and hardly any server expects it: two of them are two.
                        _ => {
                            self.text(IAC, lines);
                            self.text(byte, lines);
                        }
                    }
                }
                Telnet::Option => self.telnet = Telnet::Text,
            }
        }
    }

    fn text(&mut self, byte: u8, lines: &mut VecDeque<Line>) {
        if byte == b'\n' {
            let mut line = std::mem::take(&mut self.line);
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            lines.push_back(match std::mem::take(&mut self.too_long) {
                true => Line::TooLong,
                false => Line::Command(line),
            });
        } else if self.line.len() < LINE_LIMIT {
            self.line.push(byte);
        } else {
            self.too_long = true;
        }
    }
}

/// The server's end of a control connection.
pub(super) struct Control {
    link: Link,
    splitter: Splitter,
    lines: VecDeque<Line>,
    ended: bool,
}

impl Control {
    pub(super) fn new(stream: TcpStream) -> io::Result<Control> {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        // Clients send ABOR, or the Telnet Synch before it, as urgent data. In line, no byte of
        // it goes missing: Python's ftplib puts the very line end there.
        rustix::net::sockopt::set_socket_oobinline(&stream, true)?;
        Ok(Control {
            link: Link::new(stream),
            splitter: Splitter::default(),
            lines: VecDeque::new(),
            ended: false,
        })
    }

    pub(super) fn is_secure(&self) -> bool {
        self.link.is_secure()
    }

    /// Encrypts the connection from here on. What came in clear behind the command that asked for
    /// this is not the client's, or not only.
    pub(super) fn secure(&mut self, connection: Connection, limit: Duration) -> io::Result<()> {
        if !self.lines.is_empty() || !self.splitter.line.is_empty() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.link.secure(connection);
        while !self.link.handshake()? {
            self.wait_link(PollFlags::IN, limit)?;
        }
        self.drain()
    }

    /// Waits for the connection, for room for what has to go out, too.
    fn wait_link(&self, mut flags: PollFlags, limit: Duration) -> io::Result<()> {
        if self.link.wants_write() {
            flags |= PollFlags::OUT;
        }
        match wait(&mut [PollFd::new(&self.link, flags)], Some(limit))? {
            true => Ok(()),
            false => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// The next line; `None` when the client is gone. [`io::ErrorKind::TimedOut`] after `idle`
    /// without a byte.
    pub(super) fn next_line(&mut self, idle: Option<Duration>) -> io::Result<Option<Line>> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Ok(Some(line));
            }
            if self.ended {
                return Ok(None);
            }
            let mut fds = [PollFd::new(&self.link, PollFlags::IN)];
            if !wait(&mut fds, idle)? {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.fill()?;
        }
    }

    /// Waits until `fd` is ready. Commands that arrive meanwhile are kept for later, except that
    /// ABOR ends the wait.
    pub(super) fn wait_beside(
        &mut self,
        fd: BorrowedFd<'_>,
        ready: PollFlags,
        limit: Duration,
    ) -> Result<(), Interrupt> {
        let started = Instant::now();
        loop {
            if self.lines.iter().any(Line::is_abort) {
                return Err(Interrupt::Abort);
            }
            // RFC 959 section 2.3 lets a transfer end with its control connection. It is also
            // how `FtpServer::stop` reaches a transfer.
            if self.ended {
                return Err(Interrupt::Gone);
            }
            let full = self.lines.len() >= QUEUE_LIMIT;
            let listen = if full {
                PollFlags::empty()
            } else {
                PollFlags::IN
            };
            let mut fds = [
                PollFd::from_borrowed_fd(fd, ready),
                PollFd::from_borrowed_fd(self.link.as_fd(), listen),
            ];
            let left = limit.saturating_sub(started.elapsed());
            if !wait(&mut fds, Some(left)).map_err(Interrupt::Failed)? {
                return Err(Interrupt::TimedOut);
            }
            let data_ready = !fds[0].revents().is_empty();
            if !fds[1].revents().is_empty() {
                if full {
                    return Err(Interrupt::Gone);
                }
                self.fill().map_err(|_| Interrupt::Gone)?;
                continue;
            }
            if data_ready {
                return Ok(());
            }
        }
    }

    /// Reads once; the caller knows that there is something to read.
    fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0; 4096];
        match self.link.read(&mut chunk) {
            Ok(0) => self.ended = true,
            Ok(count) => self.splitter.feed(&chunk[..count], &mut self.lines),
            Err(error) if is_retry(&error) => {}
            Err(error) => return Err(error),
        }
        self.drain()
    }

    /// What is decrypted does not make the socket readable any more.
    fn drain(&mut self) -> io::Result<()> {
        let mut chunk = [0; 4096];
        while let (false, Some(count)) = (self.ended, self.link.read_decrypted(&mut chunk)?) {
            self.ended = count == 0;
            self.splitter.feed(&chunk[..count], &mut self.lines);
        }
        Ok(())
    }

    /// Sends a reply of one line.
    pub(super) fn reply(&mut self, code: u16, text: impl AsRef<[u8]>) -> io::Result<()> {
        self.reply_lines(code, &[], text)
    }

    /// Sends a reply of several lines. The first and the last one carry the code.
    pub(super) fn reply_lines(
        &mut self,
        code: u16,
        lines: &[Vec<u8>],
        last: impl AsRef<[u8]>,
    ) -> io::Result<()> {
        let mut out = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            if index == 0 {
                out.extend_from_slice(format!("{code}-").as_bytes());
            }
            push_text(line, &mut out);
        }
        out.extend_from_slice(format!("{code} ").as_bytes());
        push_text(last.as_ref(), &mut out);
        self.write_all(&out)
    }

    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() || self.link.wants_write() {
            match self.link.write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if is_retry(&error) => self.wait_link(PollFlags::OUT, WRITE_LIMIT)?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Ends the connection so that the last reply arrives: a close with unread bytes in the
    /// socket would be a reset, and a reset may overtake the reply.
    pub(super) fn close(mut self) {
        let _ = self.link.finish();
        let mut stream = self.link.tcp();
        let _ = stream.set_nonblocking(false);
        let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
        let mut chunk = [0; 4096];
        for _ in 0..8 {
            match stream.read(&mut chunk) {
                Ok(count) if count > 0 => {}
                _ => break,
            }
        }
    }
}

pub(super) fn is_retry(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

/// Writes one line of a reply. A file name in it may hold anything: a line end would forge a
/// reply. 0xff stays as it is, in replies as in commands.
fn push_text(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        match byte {
            b'\r' | b'\n' | 0 => out.push(b'?'),
            _ => out.push(byte),
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// Waits for any of `fds`; false when `limit` passed first.
fn wait(fds: &mut [PollFd<'_>], limit: Option<Duration>) -> io::Result<bool> {
    let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(fds, left.as_ref()) {
            Ok(0) => return Ok(false),
            Ok(_) => return Ok(true),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(parts: &[&[u8]]) -> Vec<Line> {
        let mut splitter = Splitter::default();
        let mut lines = VecDeque::new();
        for part in parts {
            splitter.feed(part, &mut lines);
        }
        lines.into()
    }

    fn command(text: &[u8]) -> Line {
        Line::Command(text.to_vec())
    }

    #[test]
    fn splits_anywhere() {
        let stream = b"NOOP\r\n\xff\xf4\xff\xf2ABOR\r\nCWD a\xff\xffb\n\xff\xfd\x06PWD\r\n\r\n";
        let expected = [
            command(b"NOOP"),
            command(b"ABOR"),
            command(b"CWD a\xff\xffb"),
            command(b"PWD"),
            command(b""),
        ];
        for at in 0..=stream.len() {
            assert_eq!(lines(&[&stream[..at], &stream[at..]]), expected);
        }
    }

    #[test]
    fn undoubled_latin1_stays() {
        assert_eq!(lines(&[b"CWD \xffe\r\n"]), [command(b"CWD \xffe")]);
    }

    #[test]
    fn over_long_lines_are_dropped_whole() {
        let long = vec![b'x'; 3 * LINE_LIMIT];
        assert_eq!(
            lines(&[&long, b"\r\nNOOP\r\n"]),
            [Line::TooLong, command(b"NOOP")]
        );
        let mut splitter = Splitter::default();
        for _ in 0..100 {
            splitter.feed(&long, &mut VecDeque::new());
        }
        assert!(splitter.line.capacity() <= 2 * LINE_LIMIT);
    }

    #[test]
    fn replies_cannot_be_forged() {
        let mut out = Vec::new();
        push_text(b"a\r\n230 b\xff", &mut out);
        assert_eq!(out, b"a??230 b\xff\r\n");
    }
}
