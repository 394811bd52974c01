//! An operation that a thread serves: its source or sink, and the reports of the worker.

use std::time::{Duration, Instant};

use crate::config::OnProgress;
use crate::driver::worker::Report;
use crate::entries;
use crate::error::{Error, ErrorKind, Result};
use crate::follower::Follower;
use crate::local_end::{Ended, Local, LocalEnd};
use crate::session::Outcome;

/// How soon a source or sink that would have blocked is asked again where nobody says that it is ready.
const ASK_AGAIN: Duration = Duration::from_millis(10);

/// Not generic: what its result is made into is the affair of [`Operation`](crate::Operation).
pub(crate) struct Here<'a> {
    follower: Follower,
    end: LocalEnd<'a>,
    /// The session has ended well; the sink has not taken everything yet.
    outcome: Option<Outcome>,
}

impl<'a> Here<'a> {
    pub(crate) fn new(
        follower: Follower,
        local: Local<'a>,
        progress: Option<OnProgress<'a>>,
    ) -> Here<'a> {
        Here {
            follower,
            end: LocalEnd::new(local, progress),
            outcome: None,
        }
    }

    /// Does this side's part until the operation has ended, or until `until`.
    pub(crate) fn follow(&mut self, until: Option<Instant>) -> Option<Result<Ended>> {
        loop {
            if !entries::make_way(&self.follower, until) {
                return None;
            }
            self.end.ask_again(&self.follower);
            if let Some(result) = self.written() {
                return Some(result);
            }
            let mut wake = until;
            if self.end.waits() {
                let soon = Instant::now() + ASK_AGAIN;
                wake = Some(until.map_or(soon, |until| until.min(soon)));
            }
            match self.next_report(wake) {
                Some(report) => {
                    if let Some(result) = self.serve(report) {
                        return Some(result);
                    }
                }
                None if until.is_some_and(|until| Instant::now() >= until) => return None,
                None => {}
            }
        }
    }

    /// The next report; none comes any more once the session has ended and only the sink is behind.
    fn next_report(&mut self, until: Option<Instant>) -> Option<Report> {
        if self.outcome.is_none() {
            return self.follower.next_report(until);
        }
        if self.follower.is_cancelled() {
            return Some(Report::Done(Err(Error::new(
                ErrorKind::Cancelled,
                "cancelled by the caller before everything was written",
            ))));
        }
        if let Some(until) = until {
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
        }
        None
    }

    /// Follows it on the thread for files; `look` passes on what is for whoever follows from afar.
    pub(crate) fn follow_away(&mut self, look: &dyn Fn()) -> Result<Ended> {
        loop {
            entries::make_way(&self.follower, None);
            self.end.ask_again(&self.follower);
            if let Some(result) = self.written() {
                return result;
            }
            let wake = self.end.waits().then(|| Instant::now() + ASK_AGAIN);
            match self.next_report(wake) {
                Some(Report::Look) => look(),
                Some(report) => {
                    if let Some(result) = self.serve(report) {
                        return result;
                    }
                }
                None => {}
            }
        }
    }

    /// Does what can be done without waiting, and without the modem's callbacks.
    pub(crate) fn poll(&mut self) -> Option<Result<Ended>> {
        // A listing that somebody else reads may be in the way: that one goes first.
        if !entries::make_way(&self.follower, Some(Instant::now())) {
            return None;
        }
        self.end.ask_again(&self.follower);
        loop {
            if let Some(result) = self.written() {
                return Some(result);
            }
            let report = if self.outcome.is_none() {
                self.follower.try_report()?
            } else {
                self.next_report(None)?
            };
            if let Some(result) = self.serve(report) {
                return Some(result);
            }
        }
    }

    fn serve(&mut self, report: Report) -> Option<Result<Ended>> {
        match report {
            Report::Done(Ok(outcome)) => {
                self.outcome = Some(outcome);
                self.written()
            }
            Report::Done(Err(error)) => Some(self.end.judge(Err(error))),
            report => {
                self.end.serve(report, &self.follower);
                None
            }
        }
    }

    /// The result, once the session has ended well and the sink has everything.
    fn written(&mut self) -> Option<Result<Ended>> {
        if !self.end.is_written() {
            return None;
        }
        let outcome = self.outcome.take()?;
        Some(self.end.finish(outcome))
    }
}
