//! The caller's end of an operation: its source or sink, its progress, and what went wrong there.

use std::collections::VecDeque;
use std::time::Instant;

use crate::config::{OnProgress, Progress};
use crate::driver::events::in_callback;
use crate::driver::local::{Filled, OpenSink, OpenSource};
use crate::driver::worker::Report;
use crate::error::{Error, ErrorKind, Result};
use crate::follower::Follower;
use crate::session::{LocalAction, LocalAnswer, Outcome, Recorded};

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

/// What an operation has come to, for its result to be made of.
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    /// The listing that was collected.
    pub(crate) text: Vec<u8>,
}

pub(crate) struct LocalEnd<'a> {
    local: Local<'a>,
    progress: Option<Meter<'a>>,
    /// What went wrong on this side; the worker only knows that the operation was cancelled.
    failed: Option<Error>,
    /// The source has said that it is at its end: it is not asked again.
    source_ended: bool,
    /// Buffers that the source had nothing for when it was asked.
    parked: Vec<Vec<u8>>,
    /// Buffers that came when the source was at its end: a seek may bring it back.
    spare: Vec<Vec<u8>>,
    /// Payload that the sink had no room for, the first part with what it took already, and what is to be done behind it.
    backlog: VecDeque<Waiting>,
    taken: usize,
}

enum Waiting {
    Payload(Vec<u8>),
    Local(LocalAction),
}

struct Meter<'a> {
    callback: OnProgress<'a>,
    /// Where in the file the transfer began.
    begin: u64,
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
            (self.done - self.begin) as f64 / seconds
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

impl<'a> LocalEnd<'a> {
    pub(crate) fn new(local: Local<'a>, progress: Option<OnProgress<'a>>) -> LocalEnd<'a> {
        let total = match &local {
            Local::Source(source) => source.size,
            _ => None,
        };
        LocalEnd {
            local,
            progress: progress.map(|callback| Meter {
                callback,
                begin: 0,
                done: 0,
                total,
                start: Instant::now(),
                told: None,
            }),
            failed: None,
            source_ended: false,
            parked: Vec::new(),
            spare: Vec::new(),
            backlog: VecDeque::new(),
            taken: 0,
        }
    }

    /// Whether a source or sink has to be asked again.
    pub(crate) fn waits(&self) -> bool {
        !self.parked.is_empty() || !self.backlog.is_empty()
    }

    /// Whether everything that came has been written.
    pub(crate) fn is_written(&self) -> bool {
        self.backlog.is_empty()
    }

    /// Asks what would have blocked again, for that many buffers at most. True when it would take more at once.
    pub(crate) fn ask_again(&mut self, follower: &Follower, limit: usize) -> bool {
        for _ in 0..limit {
            let goes_on = if let Some(buffer) = self.parked.pop() {
                self.fill(buffer, follower)
            } else {
                !self.backlog.is_empty() && self.write(follower)
            };
            if !goes_on {
                return false;
            }
        }
        self.waits()
    }

    pub(crate) fn serve(&mut self, report: Report, follower: &Follower) {
        match report {
            Report::Fill(buffer) => {
                // A buffer comes empty at first, and later with the bytes that have been sent from it.
                self.moved(buffer.len());
                self.offer(buffer, follower);
            }
            Report::Payload(part) => {
                self.backlog.push_back(Waiting::Payload(part));
                if self.backlog.len() == 1 {
                    self.write(follower);
                }
            }
            Report::Local(action) if !self.backlog.is_empty() => {
                self.backlog.push_back(Waiting::Local(action));
            }
            Report::Total(total) => {
                if let Some(meter) = &mut self.progress {
                    meter.total = Some(total);
                }
            }
            Report::Local(action) => self.act(action, follower),
            Report::Look | Report::Done(_) => {}
        }
    }

    /// Does what the session wants of the file.
    fn act(&mut self, action: LocalAction, follower: &Follower) {
        if self.failed.is_some() {
            return;
        }
        let begins = match &action {
            LocalAction::Begin { .. } => Some(0),
            LocalAction::Continue { at: to } | LocalAction::Seek { to, begin: true } => Some(*to),
            _ => None,
        };
        let seeks = matches!(action, LocalAction::Seek { .. });
        let done = match &mut self.local {
            Local::Source(source) => act_on_source(source, action),
            Local::Sink(Some(sink)) => act_on_sink(sink, action, follower),
            _ => Ok(None),
        };
        match done {
            Ok(answer) => {
                if let Some(answer) = answer {
                    follower.answer(answer);
                }
            }
            Err(error) => return self.fail(error, follower),
        }
        if let (Some(meter), Some(begin)) = (&mut self.progress, begins) {
            (meter.begin, meter.done) = (begin, begin);
            if begin > 0 {
                meter.tell();
            }
        }
        if seeks {
            self.source_ended = false;
            for buffer in std::mem::take(&mut self.spare) {
                self.offer(buffer, follower);
            }
        }
    }

    /// Fills a buffer, behind those that wait for the source.
    fn offer(&mut self, buffer: Vec<u8>, follower: &Follower) {
        if self.parked.is_empty() {
            self.fill(buffer, follower);
        } else {
            self.parked.push(buffer);
        }
    }

    fn moved(&mut self, count: usize) {
        if let Some(meter) = &mut self.progress
            && count > 0
        {
            meter.done += count as u64;
            meter.tell();
        }
    }

    /// False when the source has nothing just now: the buffer waits for it.
    fn fill(&mut self, mut buffer: Vec<u8>, follower: &Follower) -> bool {
        let Local::Source(source) = &mut self.local else {
            return true;
        };
        if self.failed.is_some() {
            return true;
        }
        if self.source_ended {
            self.spare.push(buffer);
            return true;
        }
        match in_callback(|| source.fill(&mut buffer)) {
            Ok(Filled::Part) => {
                self.source_ended = buffer.is_empty();
                follower.filled(buffer);
                true
            }
            Ok(Filled::Later) => {
                self.parked.push(buffer);
                false
            }
            Err(error) => {
                self.fail(error, follower);
                true
            }
        }
    }

    /// Writes the first part of the backlog; false when the sink has no room for all of it.
    fn write(&mut self, follower: &Follower) -> bool {
        let part = match self.backlog.front() {
            Some(Waiting::Payload(part)) => part,
            Some(Waiting::Local(_)) => {
                if let Some(Waiting::Local(action)) = self.backlog.pop_front() {
                    self.act(action, follower);
                }
                return true;
            }
            None => return true,
        };
        let rest = &part[self.taken..];
        let result = match &mut self.local {
            Local::Sink(Some(sink)) if self.failed.is_none() => in_callback(|| sink.write(rest)),
            Local::Text(text) if text.len() + rest.len() > MAX_TEXT => Err(Error::new(
                ErrorKind::Transfer,
                format!("the listing is longer than {MAX_TEXT} bytes: list a part of it"),
            )),
            Local::Text(text) => {
                text.extend_from_slice(rest);
                Ok(rest.len())
            }
            _ => Ok(rest.len()),
        };
        let left = rest.len();
        let count = match result {
            Ok(count) => {
                self.moved(count);
                count
            }
            Err(error) => {
                self.fail(error, follower);
                left
            }
        };
        if count < left {
            self.taken += count;
            return false;
        }
        self.taken = 0;
        if let Some(Waiting::Payload(part)) = self.backlog.pop_front() {
            follower.written(part);
        }
        true
    }

    /// This side cannot go on: the other one is told to stop, and the cause is kept.
    fn fail(&mut self, error: Error, follower: &Follower) {
        if self.failed.is_none() {
            self.failed = Some(error);
            follower.cancel();
        }
    }

    /// What this side has to say about the end of its operation.
    pub(crate) fn judge<T>(&mut self, result: Result<T>) -> Result<T> {
        let judged = match (self.failed.take(), result) {
            (Some(local), Err(remote)) => Err(local.with_remains_of(&remote)),
            (Some(local), Ok(_)) => Err(local),
            (None, result) => result,
        };
        judged.map_err(|error| match &self.local {
            Local::Sink(Some(sink)) => match sink.remains() {
                Some(what) => error.with_left_behind(what),
                None => error,
            },
            _ => error,
        })
    }

    /// The session has ended well: commits the sink, and ends progress with done = total.
    pub(crate) fn finish(&mut self, outcome: Outcome) -> Result<Ended> {
        let outcome = self.judge(Ok(outcome))?;
        let mut text = Vec::new();
        match std::mem::replace(&mut self.local, Local::Nothing) {
            Local::Sink(Some(sink)) => in_callback(|| sink.commit())?,
            Local::Text(collected) => text = collected,
            Local::Sink(None) | Local::Source(_) | Local::Nothing => {}
        }
        if let (Outcome::Transfer(transfer), Some(meter)) = (&outcome, &mut self.progress) {
            meter.done = transfer.resumed_from + transfer.bytes;
            meter.total = Some(meter.done);
            meter.tell();
        }
        Ok(Ended { outcome, text })
    }
}

fn act_on_source(source: &mut OpenSource<'_>, action: LocalAction) -> Result<Option<LocalAnswer>> {
    match action {
        LocalAction::Look => Ok(Some(LocalAnswer::Found {
            length: source.size,
            record: Recorded::Vouched,
        })),
        LocalAction::Seek { to, .. } => {
            in_callback(|| source.seek(to))?;
            Ok(Some(LocalAnswer::Sought))
        }
        _ => Ok(None),
    }
}

fn act_on_sink(
    sink: &mut OpenSink<'_>,
    action: LocalAction,
    follower: &Follower,
) -> Result<Option<LocalAnswer>> {
    Ok(match action {
        LocalAction::Look => {
            let (length, record) = sink.look()?;
            Some(LocalAnswer::Found {
                length: Some(length),
                record,
            })
        }
        LocalAction::Read { from, to } => Some(LocalAnswer::Bytes(sink.read(from, to)?)),
        LocalAction::Digest { to } => sink
            .digest(to, || follower.is_cancelled())?
            .map(|digest| LocalAnswer::Digest(Box::new(digest))),
        LocalAction::Begin { record } => {
            sink.begin(record.as_deref())?;
            None
        }
        LocalAction::Continue { at } => {
            sink.go_on(at)?;
            None
        }
        LocalAction::Discard => {
            sink.discard();
            None
        }
        LocalAction::Seek { .. } => None,
    })
}
