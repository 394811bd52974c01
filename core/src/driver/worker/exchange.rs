//! The worker at the port: writes, waits, reads.

use std::io;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use zeroize::Zeroize;

use super::{
    BUFFER, BUFFERS, CLOSE_LIMIT, GATHER, HELD_BACK, READ, Report, SPILL, WORTH_READING, Worker,
};
use crate::error::{Error, ErrorKind};

/// Which way the file's bytes of a stream move: more of them are sure to come, and no answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Streams {
    Down,
    Up,
    Not,
}

impl Worker {
    /// Writes, waits, reads.
    pub(super) fn exchange(&mut self) -> io::Result<()> {
        let streams = self.streams();
        if streams == Streams::Not {
            self.flow.forget();
            self.rest = None;
        }
        self.deliver_gathered();
        if self.rest.is_some_and(|rest| self.now() >= rest) {
            self.rest = None;
            if streams == Streams::Down && self.wants_bytes() {
                // What was left alone for a while is there now.
                return self.read_all();
            }
        }
        let sent = !self.port_is_full && self.write(streams)?;
        if sent && streams == Streams::Not && self.wants_bytes() && self.haste.try_now() {
            let found = self.read()?;
            self.haste.tried(found);
            if found {
                return Ok(());
            }
        }
        if self.has_more && self.room() >= WORTH_READING {
            return self.read_all();
        }
        self.waker.fall_asleep();
        let limit = if !self.queues.control.is_empty()
            || !self.queues.served.is_empty()
            || self.waker.cancel_pending()
        {
            Some(Duration::ZERO)
        } else {
            self.time_to_sleep()
        };
        let readable = self.poll(limit);
        self.waker.awake();
        if !readable? {
            return Ok(());
        }
        match (streams, self.flow.pause()) {
            (Streams::Down, Some(pause)) if self.rest.is_none() => {
                // The line is slower than we are: a wake-up for each byte would cost more than the bytes.
                self.rest = Some(self.now() + pause);
                Ok(())
            }
            _ => self.read_all(),
        }
    }

    fn streams(&self) -> Streams {
        if self.session.streams_down() {
            Streams::Down
        } else if self.session.streams_up() {
            Streams::Up
        } else {
            Streams::Not
        }
    }

    /// Hands a download's bytes on once there are enough of them, or the first has waited for long enough.
    fn deliver_gathered(&mut self) {
        let full = self.room() < WORTH_READING;
        // While the caller has enough to do, small parts are gathered.
        let may = !self.is_behind() || (full && !self.port.is_held_back());
        let late = self
            .gathers_since
            .is_some_and(|since| self.now() >= since + GATHER);
        if may && (full || late) {
            self.deliver();
        }
    }

    /// Whether the caller has as many buffers as it can get.
    fn is_behind(&self) -> bool {
        let running = self.running.first();
        running.is_some_and(|running| running.outstanding >= BUFFERS)
    }

    /// How much of the modem's bytes may be read, for their payload to fit.
    fn room(&self) -> usize {
        (BUFFER - HELD_BACK).saturating_sub(self.payload.len())
    }

    /// Until the next deadline; `None` when there is none.
    fn time_to_sleep(&self) -> Option<Duration> {
        let now = self.now();
        let close = self
            .closing
            .map(|since| CLOSE_LIMIT.saturating_sub(since.elapsed()));
        let gathered = self.gathers_since.filter(|_| !self.is_behind());
        let deadlines = self
            .session
            .deadline()
            .into_iter()
            .chain(self.held.iter().filter_map(|held| held.until))
            .chain(gathered.map(|since| since + GATHER))
            .chain(self.rest)
            .min()
            .map(|deadline| deadline.saturating_sub(now));
        close.into_iter().chain(deadlines).min()
    }

    /// Waits until there is something to do; true when the port is to be read.
    fn poll(&mut self, limit: Option<Duration>) -> io::Result<bool> {
        // Rounded up: a poll that ends a moment early would spin until the deadline.
        let limit = limit.map(|limit| limit + Duration::from_nanos(999_999));
        let limit = limit.and_then(|limit| {
            Timespec::try_from(Duration::from_millis(limit.as_millis() as u64)).ok()
        });
        let streams = self.streams();
        let mut interest = PollFlags::empty();
        if self.wants_bytes() && (self.rest.is_none() || streams != Streams::Down) {
            interest |= PollFlags::IN;
        }
        if self.session.wants_to_transmit() && (self.rest.is_none() || streams != Streams::Up) {
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
        if count == 2 && fds[1].revents().intersects(PollFlags::OUT | gone) {
            self.port_is_full = false;
        }
        if woken {
            self.waker.event().clear();
        }
        Ok(readable)
    }

    /// Whether bytes of the modem can be put anywhere.
    fn wants_bytes(&self) -> bool {
        let gathers = self.room() >= WORTH_READING;
        !self.is_behind() || gathers || !self.port.is_held_back()
    }

    /// Reads once; of a stream that is faster than we sleep, all that is there.
    fn read_all(&mut self) -> io::Result<()> {
        self.has_more = false;
        while self.read()? {
            if self.streams() != Streams::Down {
                break;
            }
            if let Some(pause) = self.flow.pause() {
                // No need to ask whether there is more: there will be, by then.
                self.rest = Some(self.now() + pause);
                break;
            }
            if self.room() < WORTH_READING {
                self.has_more = true;
                break;
            }
        }
        Ok(())
    }

    /// False when there was nothing.
    fn read(&mut self) -> io::Result<bool> {
        // Where nothing holds the modem back a buffer grows rather than stop the reads.
        let most = self.room().clamp(WORTH_READING, READ);
        let count = match self.port.read(&mut self.read_buffer[..most]) {
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
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        let now = self.now();
        if self.streams() == Streams::Down {
            self.flow.passed(now, count);
        }
        let heard = &mut self.read_buffer[..count];
        let secret = self.session.hears_secrets();
        self.session.feed(now, heard, &mut self.payload);
        if secret {
            // An echo of the login, which may be the last that is read here.
            heard.zeroize();
        }
        if !self.payload.is_empty() && self.gathers_since.is_none() {
            self.gathers_since = Some(now);
        }
        Ok(true)
    }

    /// Writes what the port takes; true when it took anything.
    fn write(&mut self, streams: Streams) -> io::Result<bool> {
        let mut any = false;
        while self.session.wants_to_transmit() {
            let now = self.now();
            let port = &self.port;
            let (mut written, mut offered) = (0, 0);
            self.session.transmit(now, |bytes| {
                offered = bytes.len();
                written = port.write(bytes)?;
                io::Result::Ok(written)
            })?;
            any |= written > 0;
            if streams == Streams::Up {
                self.flow.passed(now, written);
            }
            if written < offered {
                // It has enough to do for a while.
                self.port_is_full = true;
                let pause = self.flow.pause().filter(|_| streams == Streams::Up);
                self.rest = pause.map(|pause| now + pause);
                break;
            }
            if streams == Streams::Up {
                // What has gone makes room for more of the source. Nothing else waits for bytes to go.
                self.turn();
            }
        }
        Ok(any)
    }

    /// Hands the payload collected so far to the caller.
    pub(super) fn deliver(&mut self) {
        if self.payload.is_empty() {
            return;
        }
        self.gathers_since = None;
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
