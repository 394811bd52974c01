//! The one primitive that users see underneath: an operation that is started, followed, cancelled, waited for
//! and collected. Every blocking call is a start and a wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Select, unbounded};

use crate::config::{OnProgress, Progress};
use crate::driver::events::{in_callback, is_in_callback};
use crate::driver::local::{OpenSink, OpenSource};
use crate::driver::worker::{Control, Report, Start};
use crate::entries::{self, Listing, Starting};
use crate::error::{Error, ErrorKind, Result};
use crate::modem::Handle;
use crate::session::{Outcome, Task};

/// The longest listing that is collected.
pub(crate) const MAX_TEXT: usize = 64 << 20;

/// What an operation moves on the caller's side.
pub(crate) enum Local<'a> {
    Nothing,
    Source(OpenSource<'a>),
    Sink(Option<OpenSink<'a>>),
    /// A listing: lines, collected.
    Text(Vec<u8>),
}

/// Ends an operation from anywhere; nothing happens when it has ended.
#[derive(Clone)]
pub(crate) struct Stop {
    handle: Arc<Handle>,
    cancel: Arc<AtomicBool>,
}

impl Stop {
    pub(crate) fn cancel(&self) {
        self.cancel.store(true, Ordering::SeqCst);
        self.handle.look_for_cancels();
    }
}

/// What a thread that waits for two things was woken by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// A report of its own operation.
    Report,
    /// The other one.
    Other,
    /// The end of its time.
    Late,
}

/// An operation at work, as the thread that follows it sees it. Dropping it cancels what has not ended.
pub(crate) struct Follower {
    handle: Arc<Handle>,
    id: u64,
    stop: Stop,
    reports: Receiver<Report>,
    ended: bool,
}

impl Follower {
    pub(crate) fn start(handle: Arc<Handle>, task: Task, limit: Option<Duration>) -> Follower {
        let turn = handle.open.start();
        Follower::start_in_turn(handle.clone(), task, limit, &turn)
    }

    pub(crate) fn start_in_turn(
        handle: Arc<Handle>,
        task: Task,
        limit: Option<Duration>,
        _turn: &Starting<'_>,
    ) -> Follower {
        let (sender, reports) = unbounded();
        let id = handle.next_id();
        let cancel = Arc::new(AtomicBool::new(false));
        handle.send(Control::Start(Start {
            id,
            task,
            limit,
            cancel: cancel.clone(),
            reports: sender,
        }));
        Follower {
            stop: Stop {
                handle: handle.clone(),
                cancel,
            },
            handle,
            id,
            reports,
            ended: false,
        }
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn reports(&self) -> &Receiver<Report> {
        &self.reports
    }

    /// The open listings that this operation waits for.
    pub(crate) fn listings_before(&self) -> Vec<Arc<Listing>> {
        self.handle.open.before(self.id)
    }

    pub(crate) fn stop(&self) -> Stop {
        self.stop.clone()
    }

    pub(crate) fn cancel(&self) {
        self.stop.cancel();
    }

    /// Waits until this operation has a report, or there is something in `other`, and takes neither. The modem's
    /// callbacks run before.
    pub(crate) fn wait_beside<T>(&self, other: &Receiver<T>, until: Option<Instant>) -> Woken {
        self.handle.events.dispatch();
        if !self.reports.is_empty() {
            return Woken::Report;
        }
        let mut select = Select::new();
        let own = select.recv(&self.reports);
        select.recv(other);
        let ready = match until {
            None => Ok(select.ready()),
            Some(until) => select.ready_deadline(until),
        };
        match ready {
            Ok(index) if index == own => Woken::Report,
            Ok(_) => Woken::Other,
            Err(_) => Woken::Late,
        }
    }

    /// The next report, with the modem's callbacks run meanwhile; `None` when there was none until `until`.
    pub(crate) fn next_report(&mut self, until: Option<Instant>) -> Option<Report> {
        self.handle.events.dispatch();
        let report = match until {
            None => self
                .reports
                .recv()
                .map_err(|_| RecvTimeoutError::Disconnected),
            Some(until) => self.reports.recv_deadline(until),
        };
        let report = match report {
            Ok(report) => report,
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => Report::Done(Err(Error::new(
                ErrorKind::Port,
                "the modem was closed: open it again",
            ))),
        };
        if matches!(report, Report::Done(_)) {
            self.ended = true;
            self.handle.events.dispatch();
        }
        Some(report)
    }

    /// Gives a buffer of payload back, which makes room for more.
    pub(crate) fn written(&self, part: Vec<u8>) {
        self.handle.send(Control::Written { id: self.id, part });
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        if !self.ended {
            self.cancel();
        }
    }
}

/// An operation that has been started.
///
/// Its source, sink, progress and the modem's callbacks run inside [`wait`](Self::wait) and
/// [`wait_timeout`](Self::wait_timeout), on the thread that calls them: an operation that nobody waits for does
/// not move its file. Dropping it cancels it.
pub struct Operation<'a, T> {
    follower: Follower,
    local: Local<'a>,
    progress: Option<Meter<'a>>,
    /// What went wrong on this side; the worker only knows that the operation was cancelled.
    failed: Option<Error>,
    /// The source has said that it is at its end: it is not asked again.
    source_ended: bool,
    collected: bool,
    collect: Box<dyn FnOnce(Outcome, Local<'a>) -> Result<T> + 'a>,
}

struct Meter<'a> {
    callback: OnProgress<'a>,
    done: u64,
    total: Option<u64>,
    start: Instant,
    told: Option<u64>,
}

impl Meter<'_> {
    fn tell(&mut self) {
        if self.told == Some(self.done) {
            return;
        }
        self.told = Some(self.done);
        let seconds = self.start.elapsed().as_secs_f64();
        let rate = if seconds > 0.0 {
            self.done as f64 / seconds
        } else {
            0.0
        };
        let progress = Progress {
            done: self.done,
            total: self.total,
            rate,
        };
        in_callback(|| (self.callback)(progress));
    }
}

impl<'a, T> Operation<'a, T> {
    pub(crate) fn start(
        handle: Arc<Handle>,
        task: Task,
        limit: Option<Duration>,
        local: Local<'a>,
        progress: Option<OnProgress<'a>>,
        collect: impl FnOnce(Outcome, Local<'a>) -> Result<T> + 'a,
    ) -> Operation<'a, T> {
        let total = match &local {
            Local::Source(source) => source.size,
            _ => None,
        };
        let progress = progress.map(|callback| Meter {
            callback,
            done: 0,
            total,
            start: Instant::now(),
            told: None,
        });
        Operation {
            follower: Follower::start(handle, task, limit),
            local,
            progress,
            failed: None,
            source_ended: false,
            collected: false,
            collect: Box::new(collect),
        }
    }

    /// Asks the operation to end; it is collected as usual and says [`ErrorKind::Cancelled`]. Recovery of the
    /// modem goes on behind it, and the next operation waits for that. Async-signal-safe.
    pub fn cancel(&self) {
        self.follower.cancel();
    }

    /// Blocks until the operation has ended, for as long as the limits of [`Config`](crate::Config) allow.
    pub fn wait(mut self) -> Result<T> {
        if is_in_callback() {
            return Err(would_deadlock());
        }
        loop {
            if let Some(result) = self.follow(None) {
                return self.end(result);
            }
        }
    }

    /// Blocks for at most `limit`; `None` when the operation has not ended by then.
    ///
    /// Once it has given its result it is over: a further call says so.
    pub fn wait_timeout(&mut self, limit: Duration) -> Option<Result<T>> {
        if is_in_callback() {
            return Some(Err(would_deadlock()));
        }
        // A limit beyond all clocks is none.
        let result = self.follow(Instant::now().checked_add(limit))?;
        Some(self.end(result))
    }

    /// Does this side's part until the operation has ended, or until `until`.
    fn follow(&mut self, until: Option<Instant>) -> Option<Result<Outcome>> {
        loop {
            if !entries::make_way(&self.follower, until) {
                return None;
            }
            match self.follower.next_report(until)? {
                Report::Done(result) => return Some(result),
                report => self.serve(report),
            }
        }
    }

    fn serve(&mut self, report: Report) {
        match report {
            Report::Fill(buffer) => self.fill(buffer),
            Report::Payload(part) => self.take(part),
            Report::Total(total) => {
                if let Some(meter) = &mut self.progress {
                    meter.total = Some(total);
                }
            }
            Report::Unasked | Report::Done(_) => {}
        }
    }

    /// A buffer comes empty at first, and later with the bytes that have been sent from it.
    fn fill(&mut self, mut buffer: Vec<u8>) {
        if let Some(meter) = &mut self.progress {
            meter.done += buffer.len() as u64;
            meter.tell();
        }
        let Local::Source(source) = &mut self.local else {
            return;
        };
        if self.failed.is_some() || self.source_ended {
            return;
        }
        match in_callback(|| source.fill(&mut buffer)) {
            Ok(()) => {
                self.source_ended = buffer.is_empty();
                self.follower.handle.send(Control::Filled {
                    id: self.follower.id,
                    part: buffer,
                });
            }
            Err(error) => self.fail(error),
        }
    }

    fn take(&mut self, part: Vec<u8>) {
        let result = match &mut self.local {
            Local::Sink(Some(sink)) if self.failed.is_none() => in_callback(|| sink.write(&part)),
            Local::Text(text) if text.len() + part.len() > MAX_TEXT => Err(Error::new(
                ErrorKind::Transfer,
                format!("the listing is longer than {MAX_TEXT} bytes: list a part of it"),
            )),
            Local::Text(text) => {
                text.extend_from_slice(&part);
                Ok(())
            }
            _ => Ok(()),
        };
        match result {
            Err(error) => self.fail(error),
            Ok(()) => {
                if let Some(meter) = &mut self.progress {
                    meter.done += part.len() as u64;
                    meter.tell();
                }
            }
        }
        self.follower.written(part);
    }

    /// This side cannot go on: the other one is told to stop, and the cause is kept.
    fn fail(&mut self, error: Error) {
        if self.failed.is_none() {
            self.failed = Some(error);
            self.cancel();
        }
    }

    fn end(&mut self, result: Result<Outcome>) -> Result<T> {
        if self.collected {
            return Err(already_collected());
        }
        self.collected = true;
        let result = match (self.failed.take(), result) {
            (Some(local), Err(remote)) => Err(local.with_remains_of(&remote)),
            (Some(local), Ok(_)) => Err(local),
            (None, result) => result,
        };
        let outcome = result?;
        if let (Outcome::Transfer(transfer), Some(meter)) = (&outcome, &mut self.progress) {
            meter.total = Some(transfer.bytes);
            meter.done = transfer.bytes;
            meter.tell();
        }
        let local = std::mem::replace(&mut self.local, Local::Nothing);
        let collect =
            std::mem::replace(&mut self.collect, Box::new(|_, _| Err(already_collected())));
        collect(outcome, local)
    }
}

pub(crate) fn would_deadlock() -> Error {
    Error::new(
        ErrorKind::Busy,
        "waiting inside a callback would deadlock: start the operation there and wait for it outside",
    )
}

fn already_collected() -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        "the operation was collected already",
    )
}
