//! The one primitive that users see underneath: an operation that is started, followed, cancelled, waited for
//! and collected. Every blocking call is a start and a wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::away::{Away, Open};
use crate::config::OnProgress;
use crate::driver::events::is_in_callback;
use crate::driver::gate::Gate;
use crate::error::{Error, ErrorKind, Result};
use crate::follower::{Follower, OperationCanceller, Resumer, Terms};
use crate::handle::User;
use crate::here::Here;
use crate::local_end::{Ended, Local};
use crate::session::Task;

/// Makes an operation's result of what the session and the caller's end came to.
type Collect<T> = Box<dyn FnOnce(Ended) -> Result<T> + Send>;

/// An operation that has been started.
///
/// Its source, sink and progress run inside [`wait`](Self::wait), [`wait_timeout`](Self::wait_timeout) and
/// [`poll`](Self::poll), on the thread that calls them: an operation that nobody follows does not move its file. (One
/// of [`Ftp::start_put_file`](crate::Ftp::start_put_file) and its like does: its file is moved by a thread of the
/// modem's.) The waits run the modem's callbacks, too. Dropping it cancels it.
///
/// It can be sent to another thread, source, sink and progress with it, and be followed there.
///
/// A source or sink that answers [`WouldBlock`](std::io::ErrorKind::WouldBlock) is asked again: by every `poll`, by a
/// wait every 10 milliseconds, and by both as soon as [`Resumer::resume`] is called.
pub struct Operation<'a, T> {
    part: Part<'a>,
    canceller: OperationCanceller,
    resumer: Resumer,
    collect: Option<Collect<T>>,
}

// Async runtimes and bindings hand operations from thread to thread.
const _: () = {
    const fn sent<T: Send>() {}
    sent::<Operation<'static, ()>>();
};

enum Part<'a> {
    Here(Box<Here<'a>>),
    Away(Away<'a>),
}

impl Part<'_> {
    fn follow(&mut self, until: Option<Instant>) -> Option<Result<Ended>> {
        match self {
            Part::Here(here) => here.follow(until),
            Part::Away(away) => away.follow(until),
        }
    }

    fn poll(&mut self) -> Option<Result<Ended>> {
        match self {
            Part::Here(here) => here.poll(),
            Part::Away(away) => away.poll(),
        }
    }
}

impl<'a, T> Operation<'a, T> {
    pub(crate) fn start(
        handle: User,
        task: Task,
        terms: Terms,
        local: Local<'a>,
        progress: Option<OnProgress<'a>>,
        collect: impl FnOnce(Ended) -> Result<T> + Send + 'static,
    ) -> Operation<'a, T> {
        let follower = Follower::start(handle, task, terms);
        Operation {
            canceller: follower.canceller(),
            resumer: follower.resumer(),
            part: Part::Here(Box::new(Here::new(follower, local, progress))),
            collect: Some(Box::new(collect)),
        }
    }

    /// One whose local file is opened by `open`, and moved, on the modem's thread for files.
    pub(crate) fn start_away(
        handle: User,
        task: Task,
        terms: Terms,
        progress: Option<OnProgress<'a>>,
        open: Open,
        collect: impl FnOnce(Ended) -> Result<T> + Send + 'static,
    ) -> Result<Operation<'a, T>> {
        if handle.is_forked() {
            return Err(handle.why_dead());
        }
        let gate = Arc::new(Gate::default());
        let terms = Terms {
            gate: Some(gate.clone()),
            ..terms
        };
        let follower = Follower::start(handle, task, terms);
        let (canceller, resumer) = (follower.canceller(), follower.resumer());
        Ok(Operation {
            canceller,
            resumer,
            part: Part::Away(Away::start(follower, gate, progress, open)?),
            collect: Some(Box::new(collect)),
        })
    }

    /// Asks the operation to end; it is collected as usual and says [`ErrorKind::Cancelled`]. Recovery of the
    /// modem goes on behind it, and the next operation waits for that. Async-signal-safe.
    pub fn cancel(&self) {
        self.canceller.cancel();
    }

    /// What [`cancel`](Self::cancel)s it from elsewhere.
    pub fn canceller(&self) -> OperationCanceller {
        self.canceller.clone()
    }

    /// What tells it that its source or sink is ready again.
    pub fn resumer(&self) -> Resumer {
        self.resumer.clone()
    }

    /// Blocks until the operation has ended, for as long as the limits of [`Config`](crate::Config) allow.
    ///
    /// # Errors
    /// Those of the call that started it, and [`ErrorKind::WouldDeadlock`] inside a callback, which cancels it.
    pub fn wait(mut self) -> Result<T> {
        match self.follow(None) {
            Some(result) => result,
            None => Err(already_collected()),
        }
    }

    /// Blocks for at most `limit`; `None` when the operation has not ended by then.
    ///
    /// Once it has given its result it is over: a further call says so.
    pub fn wait_timeout(&mut self, limit: Duration) -> Option<Result<T>> {
        // A limit beyond all clocks is none.
        self.follow(Instant::now().checked_add(limit))
    }

    fn follow(&mut self, until: Option<Instant>) -> Option<Result<T>> {
        if is_in_callback() {
            return Some(Err(would_deadlock()));
        }
        if self.collect.is_none() {
            return Some(Err(already_collected()));
        }
        let ended = self.part.follow(until)?;
        Some(self.collected(ended))
    }

    /// Does what can be done without waiting: serves source and sink, tells progress; `None` when the operation has not
    /// ended. It moves a few buffers at most: where there is more, the descriptor is readable again. For event loops, when
    /// [`Modem::notify_fd`](crate::Modem::notify_fd) was readable and after [`Modem::dispatch`](crate::Modem::dispatch),
    /// which runs the modem's own callbacks.
    pub fn poll(&mut self) -> Option<Result<T>> {
        if self.collect.is_none() {
            return Some(Err(already_collected()));
        }
        let ended = self.part.poll()?;
        Some(self.collected(ended))
    }

    /// The same operation with another result, made of its own by `change`.
    pub fn map<U: 'static>(self, change: impl FnOnce(T) -> U + Send + 'static) -> Operation<'a, U>
    where
        T: 'static,
    {
        let collect = self
            .collect
            .map(|collect| -> Collect<U> { Box::new(move |ended| collect(ended).map(change)) });
        Operation {
            part: self.part,
            canceller: self.canceller,
            resumer: self.resumer,
            collect,
        }
    }

    fn collected(&mut self, ended: Result<Ended>) -> Result<T> {
        let collect = self.collect.take().ok_or_else(already_collected)?;
        collect(ended?)
    }
}

pub(crate) fn would_deadlock() -> Error {
    Error::new(
        ErrorKind::WouldDeadlock,
        "waiting inside a callback would deadlock: start the operation there and wait for it outside",
    )
}

fn already_collected() -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        "the operation was collected already",
    )
}
