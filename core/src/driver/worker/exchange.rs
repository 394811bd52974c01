//! The worker at the port: writes, waits, reads.

use std::io;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{BUFFER, BUFFERS, CLOSE_LIMIT, READ, Report, SPILL, Worker};
use crate::error::{Error, ErrorKind};

impl Worker {
    /// Writes, waits, reads.
    pub(super) fn exchange(&mut self) -> io::Result<()> {
        self.write()?;
        // While the caller has enough to do, small parts are gathered.
        let behind = self
            .running
            .first()
            .is_some_and(|running| running.outstanding >= BUFFERS);
        let full = self.payload.len() + READ > BUFFER;
        let may_grow = full && !self.port.is_held_back();
        if !self.payload.is_empty() && (may_grow || !behind) {
            // More of a stream is read before its bytes are handed on, as long as more is there.
            let more = !full && self.poll(Some(Duration::ZERO))?;
            if more {
                return self.read();
            }
            self.deliver();
        }
        self.waker.fall_asleep();
        let now = self.now();
        let limit = if !self.control.is_empty() || self.waker.cancel_pending() {
            Some(Duration::ZERO)
        } else {
            let close = self
                .closing
                .map(|since| CLOSE_LIMIT.saturating_sub(since.elapsed()));
            let deadline = self
                .session
                .deadline()
                .into_iter()
                .chain(self.held.iter().filter_map(|held| held.until))
                .min()
                .map(|deadline| deadline.saturating_sub(now));
            close.into_iter().chain(deadline).min()
        };
        let readable = self.poll(limit);
        self.waker.awake();
        if readable? { self.read() } else { Ok(()) }
    }

    /// True when the port has something to read.
    fn poll(&mut self, limit: Option<Duration>) -> io::Result<bool> {
        // Rounded up: a poll that ends a moment early would spin until the deadline.
        let limit = limit.map(|limit| limit + Duration::from_nanos(999_999));
        let limit = limit.and_then(|limit| {
            Timespec::try_from(Duration::from_millis(limit.as_millis() as u64)).ok()
        });
        let mut interest = PollFlags::empty();
        if self.wants_bytes() {
            interest |= PollFlags::IN;
        }
        if self.session.wants_to_transmit() {
            interest |= PollFlags::OUT;
        }
        let waker = self.waker.clone();
        let event = waker.event();
        let mut fds = [
            PollFd::new(event, PollFlags::IN),
            PollFd::new(event, PollFlags::empty()),
        ];
        let count = match self.port.fd() {
            // A port that was hung up would end every poll at once, asked or not: it is left out unless wanted.
            Some(fd) if !interest.is_empty() => {
                fds[1] = PollFd::from_borrowed_fd(fd, interest);
                2
            }
            _ => 1,
        };
        match poll(&mut fds[..count], limit.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let woken = !fds[0].revents().is_empty();
        let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
        let readable = count == 2 && fds[1].revents().intersects(PollFlags::IN | gone);
        if woken {
            self.waker.event().clear();
        }
        Ok(readable)
    }

    /// Whether bytes of the modem can be put anywhere.
    fn wants_bytes(&self) -> bool {
        let outstanding = self
            .running
            .first()
            .map_or(0, |running| running.outstanding);
        let gathers = self.payload.len() + READ <= BUFFER;
        outstanding < BUFFERS || gathers || !self.port.is_held_back()
    }

    fn read(&mut self) -> io::Result<()> {
        let count = match self.port.read(&mut self.read_buffer) {
            Ok(0) => {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the device has gone",
                ));
            }
            Ok(count) => count,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) =>
            {
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let now = self.now();
        self.session
            .feed(now, &self.read_buffer[..count], &mut self.payload);
        Ok(())
    }

    pub(super) fn write(&mut self) -> io::Result<()> {
        while self.session.wants_to_transmit() {
            let now = self.now();
            let port = &self.port;
            let mut written = 0;
            self.session.transmit(now, |bytes| {
                written = port.write(bytes)?;
                io::Result::Ok(written)
            })?;
            if written == 0 {
                break;
            }
            // What has gone makes room for more of the source.
            self.turn();
        }
        Ok(())
    }

    /// Hands the payload collected so far to the caller.
    pub(super) fn deliver(&mut self) {
        if self.payload.is_empty() {
            return;
        }
        let fresh = self
            .pool
            .pop()
            .unwrap_or_else(|| Vec::with_capacity(BUFFER));
        let part = std::mem::replace(&mut self.payload, fresh);
        let Some(running) = self.running.first_mut() else {
            return;
        };
        running.outstanding += 1;
        running.spilled += part.len();
        if running.spilled > SPILL {
            let why = Error::new(
                ErrorKind::Transfer,
                "the sink is too slow for a line without flow control: use RTS/CTS, or a download by block",
            );
            self.session.abort(Some(running.id), why);
        }
        if running.reports.send(Report::Payload(part)).is_err() {
            // Its caller has gone without a word.
            running.cancel.raise();
            self.cancel(0);
        }
        self.events.notifier.notify();
    }
}
