//! The one thread that owns the port: moves bytes between port, session and callers, and sleeps in poll otherwise.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::events::Events;
use super::port::Port;
use super::wake::Waker;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::Time;
use crate::session::{Outcome, Output, PortAction, Request, Session, Task};

/// The most that is read at once.
const READ: usize = 32 * 1024;
/// The size of a transfer's buffers: reads are gathered until the next one might not fit. Unstuffing never makes data
/// longer, but for what was held back before.
pub(crate) const BUFFER: usize = 2 * READ + 2048;
/// How many of them a transfer has.
const BUFFERS: usize = 8;
/// How much a modem that nothing holds back may be ahead of a slow sink.
const SPILL: usize = 8 * 1024 * 1024;
/// How long recovery may take after the last user has gone.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// What callers tell the worker.
pub(crate) enum Control {
    Start(Start),
    /// A buffer of the source; an empty one is its end.
    Filled {
        id: u64,
        part: Vec<u8>,
    },
    /// A buffer of the sink, written.
    Written {
        id: u64,
        part: Vec<u8>,
    },
    /// The last user has gone.
    Stop,
}

/// An operation to be started.
pub(crate) struct Start {
    pub(crate) id: u64,
    pub(crate) task: Task,
    pub(crate) limit: Option<Duration>,
    /// Raised by its caller to end it.
    pub(crate) cancel: Arc<AtomicBool>,
    pub(crate) reports: Sender<Report>,
}

/// What the worker tells the caller of an operation.
pub(crate) enum Report {
    /// An empty buffer to fill from the source, or one that was sent.
    Fill(Vec<u8>),
    /// Bytes for the sink.
    Payload(Vec<u8>),
    Total(u64),
    /// The modem said something unasked: callbacks may run.
    Unasked,
    Done(Result<Outcome>),
}

/// The operation that is served, or has been asked for.
struct Running {
    id: u64,
    cancel: Arc<AtomicBool>,
    reports: Sender<Report>,
    is_upload: bool,
    /// Sink buffers that the caller has not given back.
    outstanding: usize,
    /// Bytes in them.
    spilled: usize,
    supplied: bool,
}

pub(crate) struct Worker {
    session: Session,
    port: Port,
    waker: Waker,
    control: Receiver<Control>,
    events: Arc<Events>,
    trace: Option<BufWriter<File>>,
    start: Instant,
    /// In the order in which the session serves them.
    running: Vec<Running>,
    payload: Vec<u8>,
    pool: Vec<Vec<u8>>,
    read_buffer: Vec<u8>,
    closing: Option<Instant>,
    port_lost: bool,
}

impl Worker {
    pub(crate) fn new(
        mut session: Session,
        port: Port,
        waker: Waker,
        control: Receiver<Control>,
        events: Arc<Events>,
        trace: Option<File>,
    ) -> Worker {
        if trace.is_some() {
            session.record_traffic();
        }
        Worker {
            session,
            port,
            waker,
            control,
            events,
            trace: trace.map(BufWriter::new),
            start: Instant::now(),
            running: Vec::new(),
            payload: Vec::with_capacity(BUFFER),
            pool: Vec::new(),
            read_buffer: vec![0; READ],
            closing: None,
            port_lost: false,
        }
    }

    fn now(&self) -> Time {
        self.start.elapsed()
    }

    /// Until the last user has gone and the modem is left in command mode, or the time for that is up.
    pub(crate) fn run(mut self) {
        loop {
            self.take_control();
            self.turn();
            if let Some(since) = self.closing
                && (self.session.is_idle() || self.port_lost || since.elapsed() >= CLOSE_LIMIT)
            {
                break;
            }
            if let Err(error) = self.exchange() {
                self.lose_port(&error);
            }
        }
        self.write_trace();
    }

    // -- callers ----------------------------------------------------------------------------------

    fn take_control(&mut self) {
        while let Ok(control) = self.control.try_recv() {
            match control {
                Control::Start(start) => self.begin(start),
                Control::Filled { id, part } => {
                    if self.running.first().is_some_and(|running| running.id == id) {
                        self.session.supply(part);
                    }
                }
                Control::Written { id, mut part } => {
                    if let Some(running) = self.running.iter_mut().find(|running| running.id == id)
                    {
                        running.outstanding -= 1;
                        running.spilled -= part.len();
                    }
                    part.clear();
                    if self.pool.len() < BUFFERS {
                        self.pool.push(part);
                    }
                }
                Control::Stop => {
                    self.closing = Some(Instant::now());
                    self.session
                        .abort(Error::new(ErrorKind::Cancelled, "the modem was closed"));
                    self.session.request(Request {
                        id: 0,
                        task: Task::Logout,
                        limit: None,
                        cancelled: false,
                    });
                }
            }
        }
        if let Some(up_to) = self.waker.take_cancel() {
            self.cancel(up_to);
        }
    }

    /// Cancels the operations whose flag is up, and the one that runs if its number is not above `up_to`.
    fn cancel(&mut self, up_to: u64) {
        for (at, running) in self.running.iter().enumerate() {
            let asked = running.cancel.load(Ordering::SeqCst) || (at == 0 && running.id <= up_to);
            if !asked {
                continue;
            }
            // The first one may wait too, for the recovery behind the one before.
            let waits = self.session.cancel_waiting(running.id);
            if at == 0 && !waits {
                self.session
                    .abort(Error::new(ErrorKind::Cancelled, "cancelled by the caller"));
            }
        }
    }

    fn begin(&mut self, start: Start) {
        let limit = start.limit.map(|limit| self.now().saturating_add(limit));
        let is_upload = matches!(start.task, Task::Put(_));
        // It may have been cancelled before it came here.
        let cancelled = start.cancel.load(Ordering::SeqCst);
        self.running.push(Running {
            id: start.id,
            cancel: start.cancel,
            reports: start.reports,
            is_upload,
            outstanding: 0,
            spilled: 0,
            supplied: false,
        });
        self.session.request(Request {
            id: start.id,
            task: start.task,
            limit,
            cancelled,
        });
    }

    // -- the session ------------------------------------------------------------------------------

    /// Lets the session go on until it has nothing more to say.
    fn turn(&mut self) {
        loop {
            self.feed_upload();
            let outstanding = self
                .running
                .first()
                .map_or(0, |running| running.outstanding);
            let now = self.now();
            self.session.set_room(now, outstanding < BUFFERS);
            self.session.poll(now);
            // Whoever is told that a call has ended finds all of it in the record.
            self.write_trace();
            self.pass_unasked();
            let mut acted = false;
            while let Some(output) = self.session.take_output() {
                acted = true;
                match output {
                    Output::Port(action) => {
                        let result = self.act(action).map_err(|error| error.to_string());
                        self.session.port_done(result);
                    }
                    Output::Total(total) => self.report(Report::Total(total)),
                    Output::Done { id, result } => self.finish(id, result),
                }
            }
            self.write_trace();
            if !acted {
                break;
            }
        }
    }

    /// Hands the source's buffers to the caller: the first ones empty, later those that were sent.
    fn feed_upload(&mut self) {
        while let Some(part) = self.session.take_spent() {
            match self.running.first() {
                Some(running) if running.is_upload => {
                    let _ = running.reports.send(Report::Fill(part));
                }
                _ => {}
            }
        }
        let Some(running) = self.running.first_mut() else {
            return;
        };
        if running.is_upload && !running.supplied {
            running.supplied = true;
            for _ in 0..BUFFERS / 2 {
                let buffer = self
                    .pool
                    .pop()
                    .unwrap_or_else(|| Vec::with_capacity(BUFFER));
                let _ = running.reports.send(Report::Fill(buffer));
            }
        }
    }

    fn report(&self, report: Report) {
        if let Some(running) = self.running.first() {
            // A caller that has gone has dropped its end.
            let _ = running.reports.send(report);
        }
    }

    fn finish(&mut self, id: u64, result: Result<Outcome>) {
        self.deliver();
        let Some(at) = self.running.iter().position(|running| running.id == id) else {
            return;
        };
        let running = self.running.remove(at);
        if at == 0 {
            // The next upload must not get what is left of this one.
            self.session.forget_source();
            while let Some(mut part) = self.session.take_spent() {
                part.clear();
                self.pool.push(part);
            }
            self.pool.truncate(BUFFERS);
        }
        let _ = running.reports.send(Report::Done(result));
    }

    fn pass_unasked(&mut self) {
        let mut any = false;
        while let Some(line) = self.session.take_unasked() {
            any |= self.events.push(line);
        }
        if any {
            self.report(Report::Unasked);
        }
    }

    fn act(&mut self, action: PortAction) -> io::Result<()> {
        match action {
            PortAction::DiscardOutput => self.port.discard_output(),
            PortAction::DtrLow => self.port.lower_dtr(),
            PortAction::DtrHigh => self
                .port
                .raise_dtr()
                .inspect_err(|error| self.lose_port(error)),
            PortAction::HangUpOnClose(on) => self.port.hang_up_on_close(on),
        }
    }

    fn lose_port(&mut self, error: &io::Error) {
        self.session.port_lost(error.to_string());
        self.port_lost = true;
        // The descriptor stays readable for ever now: it must not be polled again.
        self.port.close();
    }

    // -- the port ---------------------------------------------------------------------------------

    /// Writes, waits, reads.
    fn exchange(&mut self) -> io::Result<()> {
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
        let wake_fd = waker.fd();
        let mut fds = [
            PollFd::new(&wake_fd, PollFlags::IN),
            PollFd::new(&wake_fd, PollFlags::empty()),
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
            self.waker.drain();
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

    fn write(&mut self) -> io::Result<()> {
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
    fn deliver(&mut self) {
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
            self.session.abort(Error::new(
                ErrorKind::Transfer,
                "the sink is too slow for a line without flow control: use RTS/CTS, or a download by block",
            ));
        }
        if running.reports.send(Report::Payload(part)).is_err() {
            // Its caller has gone without a word.
            running.cancel.store(true, Ordering::SeqCst);
            self.cancel(0);
        }
    }

    fn write_trace(&mut self) {
        let Some(trace) = &mut self.trace else { return };
        let records = self.session.take_records();
        if records.is_empty() {
            return;
        }
        let time = self.start.elapsed().as_secs_f64();
        for record in records {
            // A full disk must not stop a transfer.
            let _ = writeln!(trace, "{time:10.3} {} {}", record.direction, record.text);
        }
        let _ = trace.flush();
    }
}
