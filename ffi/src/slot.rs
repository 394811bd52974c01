//! A place for one callback of the program's, set and taken away while it may be running.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::callback::{self, UserData};
use crate::handle::lock;

/// A callback, and what the program gets back with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Callback<F> {
    pub(crate) function: F,
    pub(crate) user_data: UserData,
}

pub(crate) struct Slot<F> {
    inner: Mutex<Inner<F>>,
    left: Condvar,
}

struct Inner<F> {
    current: Option<Callback<F>>,
    /// How often it was set.
    version: u64,
    /// The versions of the callbacks that run.
    running: Vec<u64>,
}

impl<F> Default for Slot<F> {
    fn default() -> Slot<F> {
        Slot {
            inner: Mutex::new(Inner {
                current: None,
                version: 0,
                running: Vec::new(),
            }),
            left: Condvar::new(),
        }
    }
}

impl<F: Copy> Slot<F> {
    /// Puts a callback in place of the one before. That one does not run any more when this returns, unless this
    /// thread is inside a callback itself.
    pub(crate) fn set(&self, callback: Option<Callback<F>>) {
        let mut inner = lock(&self.inner);
        inner.current = callback;
        inner.version += 1;
        let version = inner.version;
        if callback::is_inside() {
            return;
        }
        while inner.running.iter().any(|&running| running < version) {
            inner = self
                .left
                .wait(inner)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Runs the callback, under no lock.
    pub(crate) fn call(&self, call: impl FnOnce(F, UserData)) {
        let (callback, version) = {
            let mut inner = lock(&self.inner);
            let Some(callback) = inner.current else {
                return;
            };
            let version = inner.version;
            inner.running.push(version);
            (callback, version)
        };
        let _leave = Leave {
            slot: self,
            version,
        };
        callback::inside(|| call(callback.function, callback.user_data));
    }
}

struct Leave<'a, F> {
    slot: &'a Slot<F>,
    version: u64,
}

impl<F> Drop for Leave<'_, F> {
    fn drop(&mut self) {
        let mut inner = lock(&self.slot.inner);
        if let Some(at) = inner
            .running
            .iter()
            .position(|&running| running == self.version)
        {
            inner.running.swap_remove(at);
        }
        self.slot.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;

    fn callback(number: u32) -> Option<Callback<u32>> {
        Some(Callback {
            function: number,
            user_data: UserData(ptr::null_mut()),
        })
    }

    #[test]
    fn a_callback_is_set_replaced_and_removed() {
        let slot = Slot::default();
        let called = || {
            let mut called = None;
            slot.call(|number, _| called = Some(number));
            called
        };
        assert_eq!(called(), None);
        slot.set(callback(1));
        assert_eq!(called(), Some(1));
        slot.set(callback(2));
        assert_eq!(called(), Some(2));
        slot.set(None);
        assert_eq!(called(), None);
    }

    #[test]
    fn a_callback_may_replace_itself() {
        let slot = Slot::default();
        slot.set(callback(1));
        slot.call(|_, _| slot.set(callback(2)));
        let mut called = 0;
        slot.call(|number, _| called = number);
        assert_eq!(called, 2);
    }

    #[test]
    fn a_callback_has_left_when_it_was_removed() {
        let slot = Slot::default();
        slot.set(callback(1));
        let over = AtomicBool::new(false);
        let (began, begun) = mpsc::channel();
        let (go, gone) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            let (slot, over) = (&slot, &over);
            scope.spawn(move || {
                slot.call(|_, _| {
                    began.send(()).unwrap();
                    gone.recv().unwrap();
                    over.store(true, Ordering::SeqCst);
                });
            });
            begun.recv().unwrap();
            let remover = scope.spawn(move || {
                slot.set(None);
                assert!(over.load(Ordering::SeqCst));
            });
            go.send(()).unwrap();
            remover.join().unwrap();
        });
    }
}
