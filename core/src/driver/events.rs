//! What the modem says unasked, on its way to the user's callbacks.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use crate::protocol::engine::Unasked;

/// Lines that wait for somebody to dispatch them; the oldest are dropped beyond that.
const MAX_WAITING: usize = 1024;

type Callback = Box<dyn FnMut(&str) + Send>;

/// A slot for one callback, which is never called while it is locked.
#[derive(Default)]
struct Slot(Mutex<(u64, Option<Callback>)>);

impl Slot {
    fn set(&self, callback: Option<Callback>) {
        let mut slot = lock(&self.0);
        slot.0 += 1;
        slot.1 = callback;
    }

    fn call(&self, line: &str) {
        let (version, callback) = {
            let mut slot = lock(&self.0);
            (slot.0, slot.1.take())
        };
        let Some(mut callback) = callback else { return };
        in_callback(|| callback(line));
        let mut slot = lock(&self.0);
        // Unless the callback put another one in its place, it stays.
        if slot.0 == version {
            slot.1 = Some(callback);
        }
    }
}

/// The modem-wide queue and its callbacks.
#[derive(Default)]
pub(crate) struct Events {
    waiting: Mutex<VecDeque<Unasked>>,
    /// Held by the thread that runs callbacks: a second one would find their slots empty. Nobody waits for it.
    turn: Mutex<()>,
    urc: Slot,
    info: Slot,
}

impl Events {
    /// True when whoever waits for an operation must be told, as nothing waited before.
    pub(crate) fn push(&self, line: Unasked) -> bool {
        let mut waiting = lock(&self.waiting);
        let first = waiting.is_empty();
        if waiting.len() == MAX_WAITING {
            waiting.pop_front();
        }
        waiting.push_back(line);
        first
    }

    pub(crate) fn set_urc(&self, callback: Option<Callback>) {
        self.urc.set(callback);
    }

    pub(crate) fn set_info(&self, callback: Option<Callback>) {
        self.info.set(callback);
    }

    /// Runs the callbacks for what waits, on this thread. While another thread does that already, it takes these too.
    pub(crate) fn dispatch(&self) {
        if is_in_callback() {
            return;
        }
        while !lock(&self.waiting).is_empty() {
            let _turn = match self.turn.try_lock() {
                Ok(turn) => turn,
                // A callback's panic is its own affair.
                Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
                Err(TryLockError::WouldBlock) => return,
            };
            loop {
                let line = lock(&self.waiting).pop_front();
                match line {
                    Some(Unasked::Urc(line)) => self.urc.call(&line),
                    Some(Unasked::Info(line)) => self.info.call(&line),
                    None => break,
                }
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A callback's panic cannot poison these: none runs under the lock.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    static IN_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside a callback, where waiting would deadlock.
pub(crate) fn is_in_callback() -> bool {
    IN_CALLBACK.get()
}

/// Runs a callback of the user's.
pub(crate) fn in_callback<T>(callback: impl FnOnce() -> T) -> T {
    struct Leave(bool);
    impl Drop for Leave {
        fn drop(&mut self) {
            IN_CALLBACK.set(self.0);
        }
    }
    let _leave = Leave(IN_CALLBACK.replace(true));
    callback()
}
