//! An operation that C follows: served by one thread at a time, in turns, and handed out once when it has ended.
//!
//! Whoever serves takes the driver's operation out of its place, so that no lock is held while callbacks run; others
//! wait for the turn to end, or pass by.

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use nlftp_core::{OperationCanceller, Resumer};

use crate::argument::Out;
use crate::callback;
use crate::error::{Failure, Outcome};
use crate::handle::{Kept, lock};
use crate::modem::Modem;
use crate::op::nlftp_op;
use crate::process;
use crate::run::Gate;
use crate::status::nlftp_status;
use crate::value::{Kind, Value};

/// An operation of the driver's.
pub(crate) trait Follow: Send {
    /// Does what can be done at once; the result when it has ended.
    fn poll(&mut self) -> Option<Outcome<Value>>;
    /// The same until it has ended, or for that long.
    fn wait(&mut self, limit: Duration) -> Option<Outcome<Value>>;
}

pub(crate) struct Op {
    pub(crate) kind: Kind,
    pub(crate) gate: Arc<Gate>,
    canceller: OperationCanceller,
    resumer: Resumer,
    state: Mutex<State>,
    /// A turn is over, or the operation.
    changed: Condvar,
    pub(crate) user_data: AtomicPtr<c_void>,
    /// What C knows it by.
    handle: AtomicPtr<nlftp_op>,
    modem: Weak<Modem>,
    process: u32,
}

struct State {
    place: Place,
    end: Option<End>,
    /// C has got to know the end: it is not handed out (again).
    told: bool,
    /// How many threads wait for it.
    waiting: usize,
    /// Somebody came to serve it during another's turn, and went away.
    skipped: bool,
    /// Whoever did not want it handed out was told that it could be.
    announced: bool,
}

/// Where the driver's operation is.
enum Place {
    Here(Box<dyn Follow>),
    Served(ThreadId),
    Gone,
}

struct End {
    /// The how-manieth of the modem's operations that ended.
    order: u64,
    result: Outcome<Value>,
}

/// A turn of serving. Whatever happens in it, the operation has a state again afterwards.
struct Turn<'a> {
    op: &'a Op,
    running: Option<Box<dyn Follow>>,
    result: Option<Outcome<Value>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let result = if thread::panicking() {
            Some(Err(Failure::panic(
                "a bug of the library was stopped while it served the operation",
            )))
        } else if self.op.gate.is_open() {
            self.result.take()
        } else {
            Some(Err(freed()))
        };
        let Some(result) = result else {
            self.pause();
            return;
        };
        let order = self.op.next_end();
        let mut state = lock(&self.op.state);
        state.place = Place::Gone;
        state.end.get_or_insert(End { order, result });
        drop(state);
        self.op.changed.notify_all();
        if let Some(modem) = self.op.to_be_closed() {
            modem.close_ended();
        }
        if thread::panicking() {
            // Whatever state it is in, it is not looked at again.
            self.op.cancel();
            std::mem::forget(self.running.take());
        }
    }
}

impl Turn<'_> {
    /// The operation goes on in somebody's next turn.
    fn pause(&mut self) {
        let mut state = lock(&self.op.state);
        if let Some(running) = self.running.take() {
            state.place = Place::Here(running);
        }
        let again = std::mem::take(&mut state.skipped);
        drop(state);
        self.op.changed.notify_all();
        if again {
            self.op.renotify();
        }
    }
}

fn freed() -> Failure {
    Failure::new(
        nlftp_status::NLFTP_CANCELLED,
        "the operation was freed before its end",
    )
}

impl Op {
    /// Makes a started operation one of the modem's, and a handle of C's.
    pub(crate) fn start(
        modem: &Arc<Modem>,
        kind: Kind,
        running: Box<dyn Follow>,
        gate: Arc<Gate>,
        (canceller, resumer): (OperationCanceller, Resumer),
        out: Out<*mut nlftp_op>,
    ) {
        let op = Arc::new(Op {
            kind,
            gate,
            canceller,
            resumer,
            state: Mutex::new(State {
                place: Place::Here(running),
                end: None,
                told: false,
                waiting: 0,
                skipped: false,
                announced: false,
            }),
            changed: Condvar::new(),
            user_data: AtomicPtr::new(ptr::null_mut()),
            handle: AtomicPtr::new(ptr::null_mut()),
            modem: Arc::downgrade(modem),
            process: process::current(),
        });
        let handle = Kept::<nlftp_op>::new(op.clone()).into_raw();
        op.handle.store(handle, Ordering::Release);
        // Before another thread can hand it out.
        out.write(handle);
        modem.add(op);
    }

    /// What C knows it by.
    pub(crate) fn handle(&self) -> *mut nlftp_op {
        self.handle.load(Ordering::Acquire)
    }

    /// Whether it is the copy of a forked child.
    pub(crate) fn is_forked(&self) -> bool {
        self.process != process::current()
    }

    pub(crate) fn cancel(&self) {
        self.canceller.cancel();
    }

    pub(crate) fn resume(&self) {
        self.resumer.resume();
    }

    fn next_end(&self) -> u64 {
        self.modem.upgrade().map_or(0, |modem| modem.next_end())
    }

    /// The modem, where this is to close it.
    fn to_be_closed(&self) -> Option<Arc<Modem>> {
        self.modem.upgrade().filter(|_| self.kind == Kind::Close)
    }

    fn renotify(&self) {
        if let Some(modem) = self.modem.upgrade() {
            modem.renotify();
        }
    }

    /// Serves it for a turn, unless it has ended or another thread does.
    fn serve(&self, serve: impl FnOnce(&mut dyn Follow) -> Option<Outcome<Value>>) {
        let running = {
            let mut state = lock(&self.state);
            match std::mem::replace(&mut state.place, Place::Served(thread::current().id())) {
                Place::Here(running) => running,
                other => {
                    state.skipped |= matches!(other, Place::Served(_));
                    state.place = other;
                    return;
                }
            }
        };
        let mut turn = Turn {
            op: self,
            running: Some(running),
            result: None,
        };
        if let Some(running) = &mut turn.running {
            turn.result = serve(&mut **running);
        }
    }

    /// Does what can be done at once.
    pub(crate) fn poll(&self) {
        self.serve(|running| running.poll());
    }

    /// Waits until it has ended, or for that long. Its status, or that it still runs.
    pub(crate) fn wait(&self, limit: Option<Duration>) -> Outcome {
        // A limit beyond all clocks is none.
        let until = limit.and_then(|limit| Instant::now().checked_add(limit));
        let left = || until.map(|until| until.saturating_duration_since(Instant::now()));
        let _waiting = Waiting::new(self);
        let mut last = false;
        loop {
            let state = lock(&self.state);
            if let Some(end) = &state.end {
                let result = status_of(end);
                self.tell(state);
                return result;
            }
            // Somebody in a callback has to come out of it, and not wait.
            callback::may_wait()?;
            if last {
                drop(state);
                // What came while nobody looked is for the event loop.
                self.renotify();
                return Err(Failure::pending());
            }
            last = left().is_some_and(|left| left.is_zero());
            match &state.place {
                Place::Served(_) => drop(self.changed_within(state, left())),
                Place::Here(_) | Place::Gone => {
                    drop(state);
                    self.serve(|running| running.wait(left().unwrap_or(Duration::MAX)));
                }
            }
        }
    }

    fn changed_within<'a>(
        &self,
        state: MutexGuard<'a, State>,
        left: Option<Duration>,
    ) -> MutexGuard<'a, State> {
        match left {
            None => self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner),
            Some(left) => {
                let waited = self.changed.wait_timeout(state, left);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }

    /// C knows the end now.
    fn tell(&self, mut state: MutexGuard<'_, State>) {
        if std::mem::replace(&mut state.told, true) {
            return;
        }
        drop(state);
        self.forget();
    }

    /// The modem need not follow it any more.
    fn forget(&self) {
        if let Some(modem) = self.modem.upgrade() {
            modem.remove(self);
        }
    }

    /// The order of its end among others', if it is to be handed out.
    pub(crate) fn due(&self) -> Option<u64> {
        let state = lock(&self.state);
        let end = state.end.as_ref()?;
        (!state.told && state.waiting == 0).then_some(end.order)
    }

    /// Whether it is to be handed out, and nobody was told so yet.
    pub(crate) fn announce(&self) -> bool {
        let mut state = lock(&self.state);
        let due = state.end.is_some() && !state.told && state.waiting == 0;
        due && !std::mem::replace(&mut state.announced, true)
    }

    /// Takes the right to hand it out; false when C has got to know its end meanwhile.
    pub(crate) fn claim(&self) -> bool {
        let mut state = lock(&self.state);
        let due = state.end.is_some() && !state.told && state.waiting == 0;
        state.told |= due;
        due
    }

    /// Its status as far as it is known.
    pub(crate) fn status(&self) -> Outcome {
        match &lock(&self.state).end {
            Some(end) => status_of(end),
            None => Err(Failure::pending()),
        }
    }

    /// Looks at the result of an operation that went well.
    pub(crate) fn result<T>(&self, look: impl FnOnce(&Value) -> Option<T>) -> Outcome<T> {
        match &lock(&self.state).end {
            Some(End {
                result: Ok(value), ..
            }) => look(value).ok_or_else(Failure::no_value),
            Some(End {
                result: Err(failure),
                ..
            }) => Err(failure.clone()),
            None => Err(Failure::pending()),
        }
    }

    /// Ends it for good: nothing of it runs when this returns, but for the callback that calls this. Refused where that
    /// would wait for a callback from within another.
    pub(crate) fn abandon(&self) -> Outcome {
        let mut state = lock(&self.state);
        let me = thread::current().id();
        if let Place::Served(by) = state.place
            && by != me
            && callback::is_inside()
        {
            return Err(Failure::would_deadlock(
                "another thread serves the operation: it cannot be waited for inside a callback",
            ));
        }
        self.gate.shut();
        self.canceller.cancel();
        while matches!(state.place, Place::Served(by) if by != me) {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        // Served by this thread, it goes when that is back from its callback.
        let over = match std::mem::replace(&mut state.place, Place::Gone) {
            Place::Served(by) => {
                state.place = Place::Served(by);
                None
            }
            place => Some(place),
        };
        if over.is_some() {
            state.end.get_or_insert(End {
                order: 0,
                result: Err(freed()),
            });
        }
        state.told = true;
        drop(state);
        if let Some(modem) = self.to_be_closed() {
            modem.close_freed();
        }
        drop(over);
        self.forget();
        Ok(())
    }

    /// The modem is freed: it ends with this, if it has not ended.
    pub(crate) fn end_with(&self, failure: Failure) {
        let mut state = lock(&self.state);
        self.canceller.cancel();
        while matches!(state.place, Place::Served(_)) {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let over = std::mem::replace(&mut state.place, Place::Gone);
        state.told = true;
        state.end.get_or_insert(End {
            order: 0,
            result: Err(failure),
        });
        drop(state);
        self.changed.notify_all();
        drop(over);
    }
}

fn status_of(end: &End) -> Outcome {
    match &end.result {
        Ok(_) => Ok(()),
        Err(failure) => Err(failure.clone()),
    }
}

/// A thread that waits for an operation: it is the one to be told of its end.
struct Waiting<'a>(&'a Op);

impl<'a> Waiting<'a> {
    fn new(op: &'a Op) -> Waiting<'a> {
        lock(&op.state).waiting += 1;
        Waiting(op)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.waiting -= 1;
        let left = state.waiting == 0 && state.end.is_some() && !state.told;
        drop(state);
        if left {
            // It ended in another thread's turn while this one, out of time, was on its way out. A dispatch that passed it
            // by saw `waiting` above 0, so it had cleared the descriptor before: this makes it readable for one that looks
            // at the state as it is now.
            self.0.renotify();
        }
    }
}

#[cfg(test)]
mod tests;
