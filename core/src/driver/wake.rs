//! How other threads reach the worker: a queue, and an eventfd that ends its poll.

use std::io;

use super::sync::{Arc, AtomicBool, AtomicU64, EventFd, Ordering, fence};

/// Wakes the worker. Everything here is async-signal-safe: atomics and one `write`.
#[derive(Clone)]
pub(crate) struct Waker(Arc<Inner>);

struct Inner {
    event: EventFd,
    asleep: AtomicBool,
    /// Some operation is to be cancelled: the worker looks which.
    cancel: AtomicBool,
    /// Whichever operation runs is to be cancelled, if it is not younger than this; 0 for none.
    current: AtomicU64,
    /// The number of the youngest operation.
    youngest: AtomicU64,
}

impl Waker {
    pub(crate) fn new() -> io::Result<Waker> {
        Ok(Waker(Arc::new(Inner {
            event: EventFd::new()?,
            asleep: AtomicBool::new(false),
            cancel: AtomicBool::new(false),
            current: AtomicU64::new(0),
            youngest: AtomicU64::new(0),
        })))
    }

    /// Ends the worker's poll, if it is in one.
    pub(crate) fn wake(&self) {
        // Whatever was queued before is seen by a worker that falls asleep, or it is seen to have fallen asleep.
        fence(Ordering::SeqCst);
        if self.0.asleep.swap(false, Ordering::SeqCst) {
            self.0.event.signal();
        }
    }

    /// Has the worker look for operations whose own flag was raised.
    pub(crate) fn cancel(&self) {
        self.0.cancel.store(true, Ordering::SeqCst);
        self.wake();
    }

    /// A number for a new operation.
    pub(crate) fn next_id(&self) -> u64 {
        self.0.youngest.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Cancels whichever operation runs, but none that starts later.
    pub(crate) fn cancel_current(&self) {
        let youngest = self.0.youngest.load(Ordering::SeqCst);
        self.0.current.store(youngest, Ordering::SeqCst);
        self.cancel();
    }

    /// Whether there is anything to cancel, and up to which number whichever operation runs.
    pub(crate) fn take_cancel(&self) -> Option<u64> {
        // A plain load first: this is asked in every turn of the worker's loop.
        if !self.cancel_pending() || !self.0.cancel.swap(false, Ordering::SeqCst) {
            return None;
        }
        Some(self.0.current.swap(0, Ordering::SeqCst))
    }

    pub(crate) fn cancel_pending(&self) -> bool {
        self.0.cancel.load(Ordering::SeqCst)
    }

    /// From here on [`wake`](Self::wake) writes to the eventfd; what was queued before must be looked for again.
    pub(crate) fn fall_asleep(&self) {
        // Swapped, as the store of such an ordering is on most machines: the model knows no order of plain stores.
        self.0.asleep.swap(true, Ordering::SeqCst);
        // Whoever queues something now either sees the flag, or is seen by the look that follows.
        fence(Ordering::SeqCst);
    }

    pub(crate) fn awake(&self) {
        self.0.asleep.swap(false, Ordering::SeqCst);
    }

    /// Readable once the worker is to wake up; it clears it.
    pub(crate) fn event(&self) -> &EventFd {
        &self.0.event
    }
}
