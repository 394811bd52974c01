//! How other threads reach the worker: a queue, and an eventfd that ends its poll.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::event::{EventfdFlags, eventfd};

/// Wakes the worker. Everything here is async-signal-safe: atomics and one `write`.
#[derive(Clone)]
pub(crate) struct Waker(Arc<Inner>);

struct Inner {
    fd: OwnedFd,
    asleep: AtomicBool,
    /// The operation that a signal handler or another thread wants to end; 0 is none, MAX is whichever runs.
    cancel: AtomicU64,
}

/// Cancels whichever operation runs.
pub(crate) const CURRENT: u64 = u64::MAX;

impl Waker {
    pub(crate) fn new() -> io::Result<Waker> {
        let fd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Waker(Arc::new(Inner {
            fd,
            asleep: AtomicBool::new(false),
            cancel: AtomicU64::new(0),
        })))
    }

    /// Ends the worker's poll, if it is in one.
    pub(crate) fn wake(&self) {
        if self.0.asleep.swap(false, Ordering::SeqCst) {
            // The counter cannot overflow: the worker empties it each time it wakes.
            let _ = rustix::io::write(&self.0.fd, &1u64.to_ne_bytes());
        }
    }

    pub(crate) fn cancel(&self, id: u64) {
        self.0.cancel.store(id, Ordering::SeqCst);
        self.wake();
    }

    pub(crate) fn take_cancel(&self) -> Option<u64> {
        // A plain load first: this is asked in every turn of the worker's loop.
        if self.0.cancel.load(Ordering::SeqCst) == 0 {
            return None;
        }
        Some(self.0.cancel.swap(0, Ordering::SeqCst)).filter(|id| *id != 0)
    }

    pub(crate) fn cancel_pending(&self) -> bool {
        self.0.cancel.load(Ordering::SeqCst) != 0
    }

    /// From here on [`wake`](Self::wake) writes to the eventfd; what was queued before must be looked for again.
    pub(crate) fn fall_asleep(&self) {
        self.0.asleep.store(true, Ordering::SeqCst);
    }

    pub(crate) fn awake(&self) {
        self.0.asleep.store(false, Ordering::SeqCst);
    }

    pub(crate) fn drain(&self) {
        let _ = rustix::io::read(&self.0.fd, &mut [0; 8]);
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.0.fd.as_fd()
    }
}
