//! An operation at work, as the thread that follows it sees it: its reports, and how to end it.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crate::driver::cancel::CancelFlag;
use crate::driver::gate::Gate;
use crate::driver::mailbox::{Nothing, Receiver, mailbox};
use crate::driver::process;
use crate::driver::wake::Waker;
use crate::driver::worker::{Control, Report, Served, Start};
use crate::entries::{Listing, Starting};
use crate::error::Error;
use crate::handle::{self, Handle, User};
use crate::session::{LocalAnswer, Task};

/// Ends one operation from any thread or from a signal handler; nothing happens once it has ended.
#[derive(Clone)]
pub struct OperationCanceller {
    waker: Waker,
    cancel: Arc<CancelFlag>,
    generation: u64,
}

impl OperationCanceller {
    /// Why nothing of the operation can be done in this process, if so.
    pub(crate) fn why_dead(&self) -> Option<Error> {
        (process::generation() != self.generation).then(handle::forked)
    }

    /// Asks the operation to end; whoever waits for it gets [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    /// Async-signal-safe. In a forked child nothing happens.
    pub fn cancel(&self) {
        if process::generation() == self.generation {
            self.cancel.raise();
            self.waker.cancel();
        }
    }
}

/// Tells an operation that its source or sink, which would have blocked, is ready.
#[derive(Clone)]
pub struct Resumer {
    handle: Weak<Handle>,
    id: u64,
}

impl Resumer {
    /// Has the source or sink asked again: by the thread that waits for the operation, or else by the next
    /// [`Operation::poll`](crate::Operation::poll), which the modem's descriptor asks for. Never blocks.
    pub fn resume(&self) {
        if let Some(handle) = self.handle.upgrade()
            && !handle.is_forked()
        {
            handle.send(Control::Resume(self.id));
            handle.events.notifier.notify();
        }
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

/// Dropping it cancels what has not ended.
pub(crate) struct Follower {
    handle: Arc<Handle>,
    /// Keeps the modem open, unless somebody else does for it.
    user: Option<User>,
    id: u64,
    cancel: Arc<CancelFlag>,
    reports: Receiver<Report>,
    ended: bool,
    /// Whether the modem's callbacks run on the thread that follows.
    runs_callbacks: bool,
}

/// What a follower starts with besides its task.
#[derive(Default)]
pub(crate) struct Terms {
    pub(crate) limit: Option<Duration>,
    pub(crate) cancel: Arc<CancelFlag>,
    pub(crate) gate: Option<Arc<Gate>>,
}

impl Terms {
    pub(crate) fn within(limit: Option<Duration>) -> Terms {
        Terms {
            limit,
            ..Terms::default()
        }
    }
}

impl Follower {
    pub(crate) fn start(user: User, task: Task, terms: Terms) -> Follower {
        if user.is_forked() {
            return Follower::dead(user, terms);
        }
        let handle = user.handle().clone();
        let turn = handle.open.start();
        Follower::start_in_turn(user, task, terms, &turn)
    }

    pub(crate) fn start_in_turn(
        user: User,
        task: Task,
        terms: Terms,
        _turn: &Starting<'_>,
    ) -> Follower {
        let (sender, reports) = mailbox();
        let id = user.next_id();
        user.send(Control::Start(Start {
            id,
            task,
            limit: terms.limit,
            cancel: terms.cancel.clone(),
            reports: sender,
            gate: terms.gate,
        }));
        Follower {
            handle: user.handle().clone(),
            user: Some(user),
            id,
            cancel: terms.cancel,
            reports,
            ended: false,
            runs_callbacks: true,
        }
    }

    /// One that says at once why its modem cannot serve it.
    pub(crate) fn dead(user: User, terms: Terms) -> Follower {
        Follower {
            handle: user.handle().clone(),
            user: Some(user),
            id: 0,
            cancel: terms.cancel,
            reports: mailbox().1,
            ended: true,
            runs_callbacks: true,
        }
    }

    /// One whose reports a test makes.
    #[cfg(test)]
    pub(crate) fn of_reports(user: User, reports: Receiver<Report>) -> Follower {
        let mut follower = Follower::dead(user, Terms::default());
        (follower.reports, follower.ended) = (reports, false);
        follower
    }

    /// From here on the modem's callbacks do not run on the thread that follows.
    pub(crate) fn leave_callbacks(&mut self) {
        self.runs_callbacks = false;
    }

    /// What keeps the modem open: from here on the caller has to.
    pub(crate) fn take_user(&mut self) -> Option<User> {
        self.user.take()
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn handle(&self) -> &Arc<Handle> {
        &self.handle
    }

    pub(crate) fn reports(&self) -> &Receiver<Report> {
        &self.reports
    }

    /// The open listings that this operation waits for.
    pub(crate) fn listings_before(&self) -> Vec<Arc<Listing>> {
        if self.handle.is_forked() {
            return Vec::new();
        }
        self.handle.open.before(self.id)
    }

    pub(crate) fn canceller(&self) -> OperationCanceller {
        OperationCanceller {
            waker: self.handle.waker().clone(),
            cancel: self.cancel.clone(),
            generation: self.handle.generation(),
        }
    }

    pub(crate) fn cancel_flag(&self) -> Arc<CancelFlag> {
        self.cancel.clone()
    }

    pub(crate) fn resumer(&self) -> Resumer {
        Resumer {
            handle: Arc::downgrade(&self.handle),
            id: self.id,
        }
    }

    pub(crate) fn cancel(&self) {
        self.cancel.raise();
        self.handle.waker().cancel();
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.is_raised()
    }

    /// Has the event loop look again: there is more than was done.
    pub(crate) fn renotify(&self) {
        self.handle.events.notifier.notify();
    }

    fn dispatch(&self) {
        if self.runs_callbacks {
            self.handle.dispatch();
        }
    }

    /// Waits until this operation has a report, or there is something in `other`, and takes neither. The modem's
    /// callbacks run before.
    pub(crate) fn wait_beside(&self, other: &Receiver<Report>, until: Option<Instant>) -> Woken {
        self.dispatch();
        if !self.reports.is_empty() {
            return Woken::Report;
        }
        if !self.reports.wait_beside(other, until) {
            return Woken::Late;
        }
        if self.reports.is_ready() {
            Woken::Report
        } else {
            Woken::Other
        }
    }

    /// The next report, with the modem's callbacks run meanwhile; `None` when there was none until `until`.
    pub(crate) fn next_report(&mut self, until: Option<Instant>) -> Option<Report> {
        if self.handle.is_forked() {
            return Some(Report::Done(Err(self.why_dead())));
        }
        self.dispatch();
        let report = self.reports.recv(until);
        let report = self.report_of(report)?;
        if matches!(report, Report::Done(_)) {
            self.dispatch();
        }
        Some(report)
    }

    /// Whether there is a report to be taken.
    pub(crate) fn has_reports(&self) -> bool {
        !self.reports.is_empty()
    }

    /// The next report, if it is there; no callback runs.
    pub(crate) fn try_report(&mut self) -> Option<Report> {
        if self.handle.is_forked() {
            return Some(Report::Done(Err(self.why_dead())));
        }
        let report = self.reports.try_recv();
        self.report_of(report)
    }

    fn report_of(&mut self, report: Result<Report, Nothing>) -> Option<Report> {
        let report = match report {
            Ok(report) => report,
            Err(Nothing::Yet) => return None,
            Err(Nothing::Ever) => Report::Done(Err(self.why_dead())),
        };
        self.ended |= matches!(report, Report::Done(_));
        Some(report)
    }

    fn why_dead(&self) -> Error {
        self.handle.why_dead()
    }

    /// Gives a buffer of payload back, which makes room for more.
    pub(crate) fn written(&self, part: Vec<u8>) {
        self.handle.serve(Served::Written { id: self.id, part });
    }

    /// Answers what was asked of the local file.
    pub(crate) fn answer(&self, answer: LocalAnswer) {
        self.handle.serve(Served::Local {
            id: self.id,
            answer,
        });
    }

    /// Hands over a buffer of the source; an empty one is its end.
    pub(crate) fn filled(&self, part: Vec<u8>) {
        self.handle.serve(Served::Filled { id: self.id, part });
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        if !self.ended && !self.handle.is_forked() {
            self.cancel();
        }
    }
}
