//! What the modem says unasked, on its way to the user's callbacks.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use super::notify::Notifier;
use crate::protocol::engine::Unasked;
use crate::state::ModemState;

/// Lines and states that wait for somebody to dispatch them; the oldest are dropped beyond that.
const MAX_WAITING: usize = 1024;
/// The same for the octets of the lines.
const MAX_OCTETS: usize = 256 * 1024;

pub(crate) type OnLine = Box<dyn FnMut(&str) + Send>;
pub(crate) type OnState = Box<dyn FnMut(ModemState) + Send>;

/// What callbacks are run for.
pub(crate) enum Event {
    Unasked(Unasked),
    State(ModemState),
}

impl Event {
    fn octets(&self) -> usize {
        match self {
            Event::Unasked(line) => line.octets(),
            Event::State(_) => 0,
        }
    }
}

/// What waits, and how many octets its lines have.
#[derive(Default)]
struct Waiting {
    events: VecDeque<Event>,
    octets: usize,
}

impl Waiting {
    fn push(&mut self, event: Event) {
        self.octets += event.octets();
        self.events.push_back(event);
        while self.events.len() > MAX_WAITING || self.octets > MAX_OCTETS {
            self.pop();
        }
    }

    fn pop(&mut self) -> Option<Event> {
        let event = self.events.pop_front()?;
        self.octets -= event.octets();
        Some(event)
    }
}

/// A slot for one callback, which is never called while it is locked.
struct Slot<C>(Mutex<(u64, Option<C>)>);

impl<C> Default for Slot<C> {
    fn default() -> Slot<C> {
        Slot(Mutex::new((0, None)))
    }
}

impl<C> Slot<C> {
    fn set(&self, callback: Option<C>) {
        let mut slot = lock(&self.0);
        slot.0 += 1;
        slot.1 = callback;
    }

    fn call(&self, call: impl FnOnce(&mut C)) {
        let (version, callback) = {
            let mut slot = lock(&self.0);
            (slot.0, slot.1.take())
        };
        let Some(mut callback) = callback else { return };
        in_callback(|| call(&mut callback));
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
    waiting: Mutex<Waiting>,
    /// Held by the thread that runs callbacks: a second one would find their slots empty. Nobody waits for it.
    turn: Mutex<()>,
    urc: Slot<OnLine>,
    info: Slot<OnLine>,
    state: Slot<OnState>,
    now: Mutex<ModemState>,
    /// For event loops.
    pub(crate) notifier: Notifier,
}

impl Events {
    /// True when whoever waits for an operation must be told, as nothing waited before.
    pub(crate) fn push(&self, event: Event) -> bool {
        let mut waiting = lock(&self.waiting);
        let first = waiting.events.is_empty();
        waiting.push(event);
        drop(waiting);
        if first {
            self.notifier.notify();
        }
        first
    }

    /// The same for a state, which [`state`](Self::state) tells from here on.
    pub(crate) fn push_state(&self, state: ModemState) -> bool {
        *lock(&self.now) = state;
        self.push(Event::State(state))
    }

    pub(crate) fn state(&self) -> ModemState {
        *lock(&self.now)
    }

    pub(crate) fn set_urc(&self, callback: Option<OnLine>) {
        self.urc.set(callback);
    }

    pub(crate) fn set_info(&self, callback: Option<OnLine>) {
        self.info.set(callback);
    }

    pub(crate) fn set_state(&self, callback: Option<OnState>) {
        self.state.set(callback);
    }

    /// Runs the callbacks for what waits by now, on this thread: a modem that never stops must not keep it. True when
    /// something came meanwhile, which nobody is told of. While another thread is here, all is left to that.
    pub(crate) fn dispatch(&self) -> bool {
        if is_in_callback() {
            return false;
        }
        let count = lock(&self.waiting).events.len();
        if count == 0 {
            return false;
        }
        let turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            // A callback's panic is its own affair.
            Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        for _ in 0..count {
            let event = lock(&self.waiting).pop();
            match event {
                Some(Event::Unasked(Unasked::Urc(line))) => self.urc.call(|call| call(&line)),
                Some(Event::Unasked(Unasked::Info(line))) => self.info.call(|call| call(&line)),
                Some(Event::State(state)) => self.state.call(|call| call(state)),
                None => break,
            }
        }
        // Whoever found the turn taken until here has left its part to the look that follows.
        drop(turn);
        !lock(&self.waiting).events.is_empty()
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

/// Runs a callback of the user's: whatever waits inside it is told that it would deadlock. For bindings, which have
/// callbacks that this crate does not know.
pub fn in_callback<T>(callback: impl FnOnce() -> T) -> T {
    struct Leave(bool);
    impl Drop for Leave {
        fn drop(&mut self) {
            IN_CALLBACK.set(self.0);
        }
    }
    let _leave = Leave(IN_CALLBACK.replace(true));
    callback()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn what_nobody_takes_is_bounded_and_the_newest_is_kept() {
        let events = Events::default();
        for (length, most) in [(1, MAX_WAITING), (8192, MAX_OCTETS / 8192)] {
            for number in 0..10 * MAX_WAITING {
                let line = format!("{number:0length$}");
                events.push(Event::Unasked(Unasked::Urc(line)));
            }
            let mut waiting = lock(&events.waiting);
            assert_eq!(waiting.events.len(), most);
            let last = waiting.events.back();
            let Some(Event::Unasked(Unasked::Urc(line))) = last else {
                panic!("no line");
            };
            assert_eq!(line.parse(), Ok(10 * MAX_WAITING - 1));
            while waiting.pop().is_some() {}
            assert_eq!(waiting.octets, 0);
        }
    }

    #[test]
    fn what_comes_while_callbacks_run_is_for_the_next_time() {
        let events = Arc::new(Events::default());
        let line = || Event::Unasked(Unasked::Urc("+X: 1".into()));
        let calls = Arc::new(AtomicU32::new(0));
        let (own, count) = (events.clone(), calls.clone());
        // A modem that says two lines for each that is looked at.
        events.set_urc(Some(Box::new(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            own.push(line());
            own.push(line());
        })));
        assert!(!events.dispatch(), "nothing was there");
        events.push(line());
        for expected in [1, 3, 7] {
            assert!(events.dispatch(), "there is more");
            assert_eq!(calls.load(Ordering::Relaxed), expected);
        }
        events.set_urc(None);
        assert!(!events.dispatch());
    }
}
