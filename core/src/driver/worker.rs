//! The one thread that owns the port: moves bytes between port, session and callers, and sleeps in poll otherwise.

mod callers;
mod exchange;
mod flow;

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use self::flow::{Flow, Haste};
use super::cancel::CancelFlag;
use super::events::{Event, Events};
use super::gate::Gate;
use super::mailbox::{self, Sender};
use super::port::Port;
use super::record::Record;
use super::wake::Waker;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::Time;
use crate::session::{LocalAction, LocalAnswer, Outcome, Output, PortAction, Session, Task};
use crate::state::ModemState;

/// The most that is read at once.
const READ: usize = 32 * 1024;
/// The size of a transfer's buffers.
pub(crate) const BUFFER: usize = 64 * 1024 + HELD_BACK;
/// Unstuffing never makes data longer, but for what was held back before.
const HELD_BACK: usize = 2048;
/// The least room that a read is worth: what a line discipline gives at once.
const WORTH_READING: usize = 4096;
/// How long a download's bytes may wait for more before the caller gets them.
const GATHER: Duration = Duration::from_millis(50);
/// How many of them a transfer has.
const BUFFERS: usize = 8;
/// How much a modem that nothing holds back may be ahead of a slow sink.
const SPILL: usize = 8 * 1024 * 1024;
/// How long recovery may take after the last user has gone.
pub(crate) const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// What callers tell the worker.
pub(crate) enum Control {
    Start(Start),
    /// A gate was opened.
    Look,
    /// Somebody ran callbacks and left some, which whoever waits has to run.
    Unasked,
    /// The source or sink of this operation, which would have blocked, is ready.
    Resume(u64),
    /// The last user has gone.
    Stop,
    /// For the tests of what a panic leaves behind.
    #[cfg(test)]
    Panic,
}

/// What a caller's end has done, in its order.
pub(crate) enum Served {
    /// A buffer of the source; an empty one is its end.
    Filled { id: u64, part: Vec<u8> },
    /// A buffer of the sink, written.
    Written { id: u64, part: Vec<u8> },
    /// What the session asked of the caller's file.
    Local { id: u64, answer: LocalAnswer },
}

/// What comes from callers.
pub(crate) struct Queues {
    pub(crate) control: Receiver<Control>,
    pub(crate) served: mailbox::Receiver<Served>,
}

/// What the worker tells all, whether they listen or not.
#[derive(Default)]
pub(crate) struct Outside {
    /// A bug was stopped, on this thread or on that for files.
    pub(crate) poisoned: AtomicBool,
    /// A user closed the port for good.
    pub(crate) closed: AtomicBool,
}

/// An operation to be started.
pub(crate) struct Start {
    pub(crate) id: u64,
    pub(crate) task: Task,
    pub(crate) limit: Option<Duration>,
    /// Raised by its caller to end it.
    pub(crate) cancel: Arc<CancelFlag>,
    pub(crate) reports: Sender<Report>,
    /// What it, and all that were started behind it, wait for.
    pub(crate) gate: Option<Arc<Gate>>,
}

/// What the worker tells the caller of an operation.
pub(crate) enum Report {
    /// An empty buffer to fill from the source, or one that was sent.
    Fill(Vec<u8>),
    /// Bytes for the sink.
    Payload(Vec<u8>),
    Total(u64),
    /// Something for the caller's file.
    Local(LocalAction),
    /// Something for callbacks, or a source or sink that is ready again.
    Look,
    Done(Result<Outcome>),
}

/// The operation that is served, or has been asked for.
struct Running {
    id: u64,
    cancel: Arc<CancelFlag>,
    reports: Sender<Report>,
    is_upload: bool,
    /// Sink buffers that the caller has not given back.
    outstanding: usize,
    /// Bytes in them.
    spilled: usize,
    supplied: bool,
}

/// An operation that is behind a closed gate, and when its caller stops waiting.
struct Held {
    start: Start,
    until: Option<Time>,
}

pub(crate) struct Worker {
    session: Session,
    port: Port,
    waker: Waker,
    queues: Queues,
    events: Arc<Events>,
    outside: Arc<Outside>,
    record: Record,
    start: Instant,
    held: VecDeque<Held>,
    /// What users were told last.
    state: ModemState,
    /// In the order in which the session serves them.
    running: Vec<Running>,
    payload: Vec<u8>,
    /// When the first of these bytes came.
    gathers_since: Option<Time>,
    pool: Vec<Vec<u8>>,
    read_buffer: Vec<u8>,
    /// It did not take all that it was given last.
    port_is_full: bool,
    /// A stream was not read to its end for want of room, so that there is more to be read.
    has_more: bool,
    /// The stream's speed, towards the modem or from it, and until when its bytes are left alone.
    flow: Flow,
    rest: Option<Time>,
    haste: Haste,
    closing: Option<Instant>,
    /// A user closed the modem for good.
    closed: bool,
}

/// Tells event loops, after the worker's parts are dropped, that there is nobody to wait for.
pub(crate) struct TellEnd(pub(crate) Arc<Events>);

impl Drop for TellEnd {
    fn drop(&mut self) {
        self.0.notifier.notify();
    }
}

/// Tells, before the worker's parts are dropped, that a panic ends it: whoever waits for one of them looks here.
struct TellPanic {
    outside: Arc<Outside>,
    events: Arc<Events>,
}

impl Drop for TellPanic {
    fn drop(&mut self) {
        let here = std::thread::panicking();
        if here || self.outside.poisoned.load(Ordering::SeqCst) {
            self.outside.poisoned.store(true, Ordering::SeqCst);
            self.events.push_state(ModemState::Lost);
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Who waits for a descriptor has no other way to learn that nobody serves it any more.
        for running in &self.running {
            running.cancel.end_poll();
        }
    }
}

impl Worker {
    pub(crate) fn new(
        session: Session,
        port: Port,
        waker: Waker,
        queues: Queues,
        events: Arc<Events>,
        outside: Arc<Outside>,
        record: Record,
    ) -> Worker {
        Worker {
            session,
            port,
            waker,
            queues,
            events,
            outside,
            record,
            start: Instant::now(),
            held: VecDeque::new(),
            state: ModemState::Closed,
            running: Vec::new(),
            payload: Vec::with_capacity(BUFFER),
            gathers_since: None,
            pool: Vec::new(),
            read_buffer: vec![0; READ],
            port_is_full: false,
            has_more: false,
            flow: Flow::default(),
            rest: None,
            haste: Haste::default(),
            closing: None,
            closed: false,
        }
    }

    fn now(&self) -> Time {
        self.start.elapsed()
    }

    /// Until the last user has gone and the modem is left in command mode, or the time for that is up.
    pub(crate) fn run(mut self) {
        let _tell = TellPanic {
            outside: self.outside.clone(),
            events: self.events.clone(),
        };
        loop {
            self.take_control();
            self.begin_what_may();
            self.turn();
            if self.closed && self.session.is_idle() {
                break;
            }
            if let Some(since) = self.closing
                && (self.session.is_idle()
                    || !self.session.has_port()
                    || since.elapsed() >= CLOSE_LIMIT)
            {
                break;
            }
            if let Err(error) = self.exchange() {
                self.lose_port(&error);
            }
        }
        self.write_record();
    }

    // -- the session ------------------------------------------------------------------------------

    /// Lets the session go on until it has nothing more to say.
    fn turn(&mut self) {
        loop {
            let outstanding = self
                .running
                .first()
                .map_or(0, |running| running.outstanding);
            let now = self.now();
            self.session.set_room(now, outstanding < BUFFERS);
            let recording = self.record.is_wanted();
            self.session.record_traffic(recording);
            self.session.poll(now);
            // Whoever is told that a call has ended finds all of it in the record, and the state as it is by then.
            self.write_record();
            self.pass_unasked();
            let mut acted = false;
            while let Some(output) = self.session.take_output() {
                acted = true;
                match output {
                    Output::Port(action) => {
                        let result = self.act(action);
                        self.session.port_done(result);
                    }
                    Output::Total(total) => self.report(Report::Total(total)),
                    Output::Local(action) => {
                        if action.is_question() {
                            // What it asks for is how things stand with all that has come.
                            self.deliver();
                        }
                        self.report(Report::Local(action));
                    }
                    Output::Done { id, result } => self.finish(id, result),
                }
            }
            self.write_record();
            // What the session has used up may be all that the source ever gave: it must not wait for an event.
            self.feed_upload();
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
                    self.events.notifier.notify();
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
            self.events.notifier.notify();
        }
    }

    fn report(&self, report: Report) {
        if let Some(running) = self.running.first() {
            self.report_to(running.id, report);
        }
    }

    fn report_to(&self, id: u64, report: Report) {
        if let Some(running) = self.running.iter().find(|running| running.id == id) {
            // A caller that has gone has dropped its end.
            let _ = running.reports.send(report);
            self.events.notifier.notify();
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
        if let Err(error) = &result {
            // What went well is written to its end.
            running.cancel.end_poll();
            self.record.log_failure(error);
        }
        let _ = running.reports.send(Report::Done(result));
        self.events.notifier.notify();
    }

    fn pass_unasked(&mut self) {
        let mut any = false;
        while let Some(line) = self.session.take_unasked() {
            any |= self.events.push(Event::Unasked(line));
        }
        let state = self.session.state();
        if state != self.state {
            self.state = state;
            self.record.log_state(state);
            any |= self.events.push_state(state);
        }
        if any {
            self.report(Report::Look);
        }
    }

    fn act(&mut self, action: PortAction) -> Result<()> {
        let done = match action {
            PortAction::Open => {
                self.record.open_file()?;
                if let Some(path) = self.port.open()? {
                    let warning = format!("the port came back as {}", path.display());
                    self.session.warn(warning);
                }
                self.session.set_held_back(self.port.is_held_back());
                Ok(())
            }
            PortAction::Close => {
                self.closed = true;
                self.port.close();
                self.outside.closed.store(true, Ordering::SeqCst);
                Ok(())
            }
            PortAction::DiscardOutput => self.port.discard_output(),
            PortAction::DtrLow => self.port.lower_dtr(),
            PortAction::DtrHigh => self
                .port
                .raise_dtr()
                .inspect_err(|error| self.lose_port(error)),
            PortAction::HangUpOnClose(on) => self.port.hang_up_on_close(on),
        };
        done.map_err(|error| Error::new(ErrorKind::Port, lost(&error)))
    }

    fn lose_port(&mut self, error: &io::Error) {
        self.session.port_lost(lost(error));
        // The descriptor stays readable for ever now: it must not be polled again.
        self.port.close();
    }

    fn write_record(&mut self) {
        let records = self.session.take_records();
        if !records.is_empty() {
            self.record.write(self.start.elapsed(), &records);
        }
    }
}

fn lost(error: &io::Error) -> String {
    format!("the port was lost: {error}; plug it in and open it again")
}
