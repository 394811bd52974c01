//! What session procedures wait with: the engine, the time, the cancel flag and the transfer's buffers.
//!
//! The procedures are `async` functions, which the compiler turns into state machines. Nothing here is a
//! runtime: whoever owns the [`Session`](super::Session) hands in bytes and the time, and polls.

use std::cell::{RefCell, RefMut};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use super::buffers::Buffers;
use super::{Outcome, Output, PortAction, Request};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::Time;
use crate::protocol::command::Command;
use crate::protocol::engine::{Answer, Engine};
use crate::state::ModemState;

/// Warnings kept of one operation.
const MAX_WARNINGS: usize = 16;

pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) now: Time,
    pub(crate) buffers: Buffers,
    pub(crate) requests: VecDeque<Request>,
    pub(crate) outputs: VecDeque<Output>,
    /// Why there is no port, in a sentence.
    pub(crate) port_lost: Option<String>,
    pub(crate) port_result: Option<Result<()>>,
    /// Whether the port can hold the modem back while the sink is slow.
    pub(crate) held_back: bool,
    pub(crate) state: ModemState,
    /// The caller's cancel and deadline count only while the caller waits.
    guarded: bool,
    /// Why the caller's operation is to end now: a cancel, or a sink that is too slow.
    pub(crate) abort: Option<Error>,
    /// The operation that is served now.
    pub(crate) serving: Option<u64>,
    /// Nothing is being done, and nothing is asked for.
    pub(crate) idle: bool,
    limit: Option<Time>,
    /// When the pending wait must be polled again without any event.
    pub(crate) wake_at: Option<Time>,
    /// The line must be proven before the next command, although nothing is in flight.
    pub(crate) dirty: bool,
    pub(crate) warnings: Vec<String>,
}

// What all waits have in common, apart from their types: there are many of them.
impl Shared {
    /// Why a wait ends before what it is for: the port, the caller, or a server without end.
    #[inline(never)]
    fn why_not_to_wait(&mut self, needs_port: bool) -> Option<Error> {
        if let (true, Some(reason)) = (needs_port, &self.port_lost) {
            return Some(Error::new(ErrorKind::Port, reason.clone()));
        }
        if !self.guarded {
            return None;
        }
        if let Some(error) = self.abort.take() {
            // Some step may drop the error that ends it: the call meets its cancel again.
            if error.kind() == ErrorKind::Cancelled {
                self.abort = Some(Error::new(error.kind(), error.to_string()));
            }
            return Some(error);
        }
        if self.buffers.bearable == Some(0) {
            return Some(Error::new(
                ErrorKind::Transfer,
                "the server sends far more than it lists for the file: look at the server; without a check of the size \
                 (verify none) all of it is taken",
            ));
        }
        let limit = self.guarded_limit()?;
        (self.now >= limit).then(|| {
            Error::new(
                ErrorKind::Timeout,
                "the call's deadline has passed: give it more time, or look at what the modem waits for",
            )
        })
    }

    /// Whether a wait is over that has its own end; where it is not, that or the caller's limit wakes it.
    #[inline(never)]
    fn is_due(&mut self, until: Option<Time>) -> bool {
        if until.is_some_and(|until| self.now >= until) {
            return true;
        }
        self.wake_at = match (until, self.guarded_limit()) {
            (Some(until), Some(limit)) => Some(until.min(limit)),
            (until, limit) => until.or(limit),
        };
        false
    }

    fn guarded_limit(&self) -> Option<Time> {
        let planted = cfg!(nlftp_planted = "deadline-forgotten");
        self.limit.filter(|_| self.guarded && !planted)
    }
}

/// A handle on the shared state; the procedures and the session hold one each.
#[derive(Clone)]
pub(crate) struct Link(Rc<RefCell<Shared>>);

impl Link {
    pub(crate) fn new(engine: Engine) -> Link {
        Link(Rc::new(RefCell::new(Shared {
            engine,
            now: Time::ZERO,
            buffers: Buffers::default(),
            requests: VecDeque::new(),
            outputs: VecDeque::new(),
            port_lost: Some("the modem is not open: open it first".into()),
            port_result: None,
            held_back: false,
            state: ModemState::Closed,
            guarded: false,
            abort: None,
            serving: None,
            idle: false,
            limit: None,
            wake_at: None,
            dirty: false,
            warnings: Vec::new(),
        })))
    }

    /// Borrowed for one statement at a time: never across an await.
    pub(crate) fn shared(&self) -> RefMut<'_, Shared> {
        self.0.borrow_mut()
    }

    pub(crate) fn now(&self) -> Time {
        self.shared().now
    }

    pub(crate) fn warn(&self, warning: impl Into<String>) {
        let mut shared = self.shared();
        // A connection that is lost again and again must not fill memory with it.
        if shared.warnings.len() < MAX_WARNINGS {
            shared.warnings.push(warning.into());
        }
    }

    // -- waiting ----------------------------------------------------------------------------------

    /// Waits until `ready` has something, or gives up at the caller's cancel or deadline, when the port is
    /// lost, or at the moment that `until` names. A wait that gave up at `until` returns `None`.
    pub(crate) async fn wait<T>(
        &self,
        until: impl FnMut(&Shared) -> Option<Time>,
        ready: impl FnMut(&mut Shared) -> Option<T>,
    ) -> Result<Option<T>> {
        self.wait_with(true, until, ready).await
    }

    /// The same; without `needs_port` for what is no affair of the port's.
    async fn wait_with<T>(
        &self,
        needs_port: bool,
        mut until: impl FnMut(&Shared) -> Option<Time>,
        mut ready: impl FnMut(&mut Shared) -> Option<T>,
    ) -> Result<Option<T>> {
        poll_fn(|_| {
            let mut shared = self.shared();
            if let Some(value) = ready(&mut shared) {
                return Poll::Ready(Ok(Some(value)));
            }
            if let Some(error) = shared.why_not_to_wait(needs_port) {
                return Poll::Ready(Err(error));
            }
            let until = until(&shared);
            match shared.is_due(until) {
                true => Poll::Ready(Ok(None)),
                false => Poll::Pending,
            }
        })
        .await
    }

    /// Waits as [`wait`](Self::wait) does, for at most `duration`.
    pub(crate) async fn wait_for<T>(
        &self,
        duration: Time,
        ready: impl FnMut(&mut Shared) -> Option<T>,
    ) -> Result<Option<T>> {
        let until = self.now().saturating_add(duration);
        self.wait(|_| Some(until), ready).await
    }

    pub(crate) async fn sleep(&self, duration: Time) -> Result<()> {
        self.wait_for(duration, |_| None::<()>).await.map(|_| ())
    }

    /// Sleeps, port or no port.
    pub(crate) async fn pause(&self, duration: Time) -> Result<()> {
        let until = self.now().saturating_add(duration);
        self.wait_with(false, |_| Some(until), |_| None::<()>)
            .await
            .map(|_| ())
    }

    /// Waits for what the caller's side does, port or no port.
    pub(crate) async fn wait_for_caller<T>(
        &self,
        ready: impl FnMut(&mut Shared) -> Option<T>,
    ) -> Result<Option<T>> {
        self.wait_with(false, |_| None, ready).await
    }

    /// Whether the caller's deadline has passed.
    pub(crate) fn is_past_limit(&self) -> bool {
        let shared = self.shared();
        shared.limit.is_some_and(|limit| shared.now >= limit)
    }

    /// Waits until nothing has come for `silence`; false when `limit` passed first.
    pub(crate) async fn quiet(&self, silence: Time, limit: Time) -> Result<bool> {
        let start = self.now();
        let quiet_at = |shared: &Shared| start.max(shared.engine.last_received()) + silence;
        let quiet = self
            .wait(
                |shared| Some(quiet_at(shared).min(start + limit)),
                |shared| (shared.now >= quiet_at(shared)).then_some(()),
            )
            .await?;
        Ok(quiet.is_some())
    }

    // -- the caller's operation -------------------------------------------------------------------

    /// The next thing that a caller wants.
    pub(crate) async fn next_request(&self) -> Request {
        poll_fn(|_| {
            let mut shared = self.shared();
            match shared.requests.pop_front() {
                Some(request) => {
                    shared.guarded = true;
                    shared.idle = false;
                    shared.abort = None;
                    shared.serving = Some(request.id);
                    shared.limit = request.limit;
                    shared.warnings.clear();
                    Poll::Ready(request)
                }
                None => {
                    shared.wake_at = None;
                    shared.idle = true;
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// The caller has its result; what follows is recovery, which no cancel and no deadline ends.
    pub(crate) fn finish(&self, id: u64, result: Result<Outcome>) {
        let mut shared = self.shared();
        shared.guarded = false;
        shared.abort = None;
        shared.serving = None;
        shared.limit = None;
        shared.buffers.end_transfer();
        shared.outputs.push_back(Output::Done { id, result });
    }

    // -- commands ---------------------------------------------------------------------------------

    /// Sends a command and waits for its end, whatever that is.
    pub(crate) fn run(&self, command: Command) -> impl Future<Output = Result<Answer>> {
        self.exchange(command, false)
    }

    /// The same for a query that nothing but an answer with its own prefix, or an error, completes.
    pub(crate) fn ask(&self, query: Command) -> impl Future<Output = Result<Answer>> {
        self.exchange(query, true)
    }

    // One for both: each use of another one would be code of its own.
    async fn exchange(&self, command: Command, proving: bool) -> Result<Answer> {
        let shown = command.shown();
        {
            let shared = &mut *self.shared();
            if proving {
                shared.engine.submit_proof(shared.now, command);
            } else {
                shared.engine.submit(shared.now, command);
            }
        }
        let answer = self.answer(&shown).await;
        // Nothing waits for a late answer to a question, which must not go to somebody else.
        self.shared().dirty |= proving && answer.is_err();
        answer
    }

    /// Sends a command and gives up after `limit`, with nothing owed: for probing alone.
    pub(crate) async fn probe(&self, command: Command, limit: Time) -> Result<Option<Answer>> {
        {
            let shared = &mut *self.shared();
            shared.engine.submit(shared.now, command);
        }
        let answer = self
            .wait_for(limit, |shared| shared.engine.take_answer())
            .await?;
        let mut shared = self.shared();
        shared.engine.abandon();
        shared.engine.forgive();
        // What does not end is a file that somebody else asked for.
        Ok(answer.filter(|answer| answer.violation.is_none()))
    }

    /// Waits for the end of the command in flight.
    pub(crate) async fn answer(&self, shown: &str) -> Result<Answer> {
        loop {
            let answer = self
                .wait(
                    |shared| shared.engine.deadline(),
                    |shared| shared.engine.take_answer(),
                )
                .await?;
            match answer {
                Some(answer) => return self.checked(answer, shown),
                None => {
                    let shared = &mut *self.shared();
                    if shared.engine.settle_tail(shared.now) || shared.engine.settle_text() {
                        continue;
                    }
                    // A caller that takes its time holds the modem back: that is not the modem's silence.
                    if shared.buffers.room || !shared.engine.restart_stall(shared.now) {
                        return Err(timed_out(shared, shown));
                    }
                }
            }
        }
    }

    /// Waits until the command's data phase opens; an answer in its place is returned.
    pub(crate) async fn data_phase(&self, shown: &str) -> Result<Option<Answer>> {
        loop {
            let ready = self
                .wait(
                    |shared| shared.engine.deadline(),
                    |shared| match shared.engine.take_answer() {
                        Some(answer) => Some(Some(answer)),
                        None => shared.engine.data_phase().then_some(None),
                    },
                )
                .await?;
            match ready {
                Some(Some(answer)) => return self.checked(answer, shown).map(Some),
                Some(None) => return Ok(None),
                None => {
                    let shared = &mut *self.shared();
                    if !shared.engine.open_without_ok(shared.now) {
                        return Err(timed_out(shared, shown));
                    }
                }
            }
        }
    }

    pub(crate) fn checked(&self, answer: Answer, shown: &str) -> Result<Answer> {
        match &answer.violation {
            None => Ok(answer),
            Some(violation) => {
                self.shared().dirty = true;
                Err(Error::new(
                    ErrorKind::Transfer,
                    format!(
                        "the modem broke its protocol in {shown}: {violation}; look at the line and its flow control"
                    ),
                ))
            }
        }
    }

    /// Has the driver open the port, or open it anew, whatever became of the one before.
    pub(crate) async fn open_port(&self) -> Result<()> {
        self.port(PortAction::Open).await?;
        let shared = &mut *self.shared();
        shared.port_lost = None;
        shared.engine.reset();
        Ok(())
    }

    /// Has the driver do something with the port and waits until it has.
    pub(crate) async fn port(&self, action: PortAction) -> Result<()> {
        {
            let mut shared = self.shared();
            shared.port_result = None;
            shared.outputs.push_back(Output::Port(action));
        }
        // The driver answers before it polls again: there is nothing to give up on.
        poll_fn(|_| match self.shared().port_result.take() {
            Some(result) => Poll::Ready(result),
            None => Poll::Pending,
        })
        .await
    }
}

fn timed_out(shared: &Shared, shown: &str) -> Error {
    let limits = shared.engine.limits();
    Error::new(
        ErrorKind::Timeout,
        format!(
            "the modem did not finish {shown} in time (limits: {:?} for a final result, {:?} for an outcome, {:?} \
             without a byte of data): look at the network, or raise the limit",
            limits.timeout, limits.outcome_timeout, limits.stall_timeout
        ),
    )
}
