//! The caller's end: a model of source, sink and part file, which answers when the seed lets it.

use std::collections::VecDeque;
use std::time::Duration;

use fastrand::Rng;
use sha2::{Digest, Sha256};

use crate::blob::{Blob, MOST_HELD};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::of_session;
use crate::session::{LocalAction, LocalAnswer, Outcome, Recorded, Session};

/// What the owner of the port tells this end.
#[derive(Debug)]
pub(crate) enum Report {
    /// A buffer to be filled.
    Fill(Vec<u8>),
    Payload(Vec<u8>),
    Local(LocalAction),
    Done(Result<Outcome>),
}

/// A file beside its target.
#[derive(Debug, Clone, Default)]
pub(crate) struct Part {
    pub(crate) blob: Blob,
    pub(crate) record: Option<Vec<u8>>,
}

#[derive(Debug, Default)]
pub(crate) enum Place {
    #[default]
    Nothing,
    Source {
        blob: Blob,
        at: u64,
    },
    Sink {
        part: Part,
        resume: bool,
    },
}

#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) place: Place,
    reports: VecDeque<Report>,
    ready_at: Duration,
    slow: u64,
    rng: Rng,
    source_ended: bool,
    /// Bytes that the source has given since it was told where to begin.
    given: u64,
    /// Buffers that came when the source was at its end.
    spare: usize,
    pub(crate) failed: Option<Error>,
    /// What the listing gave.
    pub(crate) text: Vec<u8>,
}

/// What became of the end of an operation.
pub(crate) enum Served {
    /// It goes on; buffers of the sink that were written.
    Written(usize),
    /// It has ended.
    Ended(Result<Outcome>),
    /// This end has failed: the operation is to be cancelled.
    Failed,
    /// Nothing to do now.
    Idle,
}

impl Local {
    pub(crate) fn new(place: Place, slow: u64, seed: u64) -> Local {
        Local {
            place,
            reports: VecDeque::new(),
            ready_at: Duration::ZERO,
            slow,
            rng: Rng::with_seed(seed),
            source_ended: false,
            given: 0,
            spare: 0,
            failed: None,
            text: Vec::new(),
        }
    }

    pub(crate) fn report(&mut self, report: Report) {
        self.reports.push_back(report);
    }

    /// Nothing is done before this.
    pub(crate) fn stall(&mut self, until: Duration) {
        self.ready_at = self.ready_at.max(until);
    }

    /// Source or sink fails from here on.
    pub(crate) fn fail(&mut self) -> bool {
        let fails = !matches!(self.place, Place::Nothing) && self.failed.is_none();
        if fails {
            self.failed = Some(Error::new(ErrorKind::LocalFile, "the local file fails"));
        }
        fails
    }

    pub(crate) fn wake(&self) -> Option<Duration> {
        (!self.reports.is_empty()).then_some(self.ready_at)
    }

    /// Whether this end has to be asked again later: a write or read that would block.
    fn blocks(&mut self, now: Duration) -> bool {
        let blocks = self.slow > 0 && self.rng.u64(0..100) < self.slow;
        if blocks {
            self.ready_at = now + Duration::from_millis(self.rng.u64(1..200));
        }
        blocks
    }

    /// Serves one report.
    ///
    /// Where the session has ended the operation, nothing of it gets there any more.
    pub(crate) fn serve(
        &mut self,
        now: Duration,
        buffer: usize,
        session: Option<&mut Session>,
    ) -> Served {
        if now < self.ready_at {
            return Served::Idle;
        }
        let Some(report) = self.reports.pop_front() else {
            return Served::Idle;
        };
        match report {
            Report::Done(result) => return Served::Ended(result),
            Report::Fill(_) if self.failed.is_some() => {}
            Report::Fill(part) => {
                let Some(session) = session else {
                    return Served::Written(0);
                };
                if self.blocks(now) {
                    self.reports.push_front(Report::Fill(part));
                    return Served::Written(0);
                }
                self.fill(part, buffer, session);
                if self.given > 2 * MOST_HELD {
                    // Gigabytes take a model too long.
                    self.fail();
                    return Served::Failed;
                }
            }
            Report::Payload(mut part) => {
                if self.failed.is_none() {
                    if self.blocks(now) {
                        // A part of it was taken.
                        let taken = self.rng.usize(0..=part.len());
                        let rest = part.split_off(taken);
                        self.write(&part);
                        self.reports.push_front(Report::Payload(rest));
                        return Served::Written(0);
                    }
                    self.write(&part);
                }
                return Served::Written(1);
            }
            Report::Local(action) if self.failed.is_none() => match self.act(action) {
                Ok(answer) => {
                    if let (Some(answer), Some(session)) = (answer, session) {
                        of_session(|| session.local_done(answer));
                    }
                }
                Err(error) => {
                    self.failed = Some(error);
                    return Served::Failed;
                }
            },
            Report::Local(_) => {}
        }
        Served::Written(0)
    }

    fn fill(&mut self, mut part: Vec<u8>, buffer: usize, session: &mut Session) {
        let Place::Source { blob, at } = &mut self.place else {
            return;
        };
        if self.source_ended {
            self.spare += 1;
            return;
        }
        part.clear();
        // As many buffers as there are must hold a piece of FTPPUT and more.
        part.extend_from_slice(&blob.part(*at, buffer.max(512)));
        *at += part.len() as u64;
        self.given += part.len() as u64;
        self.source_ended = part.is_empty();
        of_session(|| session.supply(part));
    }

    fn write(&mut self, part: &[u8]) {
        match &mut self.place {
            Place::Sink { part: file, .. } => file.blob.append(part),
            _ => self.text.extend_from_slice(part),
        }
    }

    fn act(&mut self, action: LocalAction) -> Result<Option<LocalAnswer>> {
        let beyond = || {
            Error::new(
                ErrorKind::LocalFile,
                "the local file is shorter than what is asked of it",
            )
        };
        match (&mut self.place, action) {
            (Place::Source { blob, .. }, LocalAction::Look) => Ok(Some(LocalAnswer::Found {
                length: Some(blob.len()),
                record: Recorded::Vouched,
            })),
            (Place::Source { blob, at }, LocalAction::Seek { to, .. }) => {
                *at = to.min(blob.len());
                self.source_ended = false;
                self.given = 0;
                for _ in 0..std::mem::take(&mut self.spare) {
                    self.reports.push_back(Report::Fill(Vec::new()));
                }
                Ok(Some(LocalAnswer::Sought))
            }
            (Place::Sink { part, resume }, action) => {
                act_on_part(part, resume, action).ok_or_else(beyond)
            }
            _ => Ok(None),
        }
    }
}

/// `None` where the file has not what is asked for.
fn act_on_part(
    part: &mut Part,
    resume: &mut bool,
    action: LocalAction,
) -> Option<Option<LocalAnswer>> {
    Some(match action {
        LocalAction::Look => Some(LocalAnswer::Found {
            length: Some(part.blob.len()),
            record: part
                .record
                .clone()
                .map_or(Recorded::Nothing, Recorded::Record),
        }),
        LocalAction::Read { from, to } => {
            if to > part.blob.len() {
                return None;
            }
            Some(LocalAnswer::Bytes(part.blob.slice(from, to)))
        }
        LocalAction::Digest { to } => {
            if to > part.blob.len() {
                return None;
            }
            Some(LocalAnswer::Digest(Box::new(Sha256::new_with_prefix(
                part.blob.slice(0, to),
            ))))
        }
        LocalAction::Begin { record } => {
            part.blob.resize(0);
            part.record = record;
            None
        }
        LocalAction::Continue { at } => {
            part.blob.resize(at);
            None
        }
        LocalAction::Discard => {
            *resume = false;
            None
        }
        LocalAction::Seek { .. } => None,
    })
}
