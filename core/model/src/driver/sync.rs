//! The model's atomics, and a counter that a thread can wait for in place of a poll.

use std::io;

use loom::sync::{Mutex, Notify};

pub(crate) use loom::sync::Arc;
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};

pub(crate) struct EventFd {
    signalled: Mutex<bool>,
    changed: Notify,
}

impl EventFd {
    pub(crate) fn new() -> io::Result<EventFd> {
        Ok(EventFd {
            signalled: Mutex::new(false),
            changed: Notify::new(),
        })
    }

    pub(crate) fn signal(&self) {
        *self.signalled.lock().unwrap() = true;
        self.changed.notify();
    }

    pub(crate) fn clear(&self) {
        *self.signalled.lock().unwrap() = false;
    }

    /// Stands for a poll without a time limit: a wake-up that is lost is a deadlock, which the model finds.
    pub(crate) fn wait(&self) {
        while !self.is_signalled() {
            self.changed.wait();
        }
    }

    pub(crate) fn is_signalled(&self) -> bool {
        *self.signalled.lock().unwrap()
    }
}
