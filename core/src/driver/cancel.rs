//! The wish to end one operation: a flag, and for those that wait for a descriptor of the user's, an eventfd.

use std::io;

use super::sync::{AtomicBool, EventFd, Ordering};

/// Everything here is async-signal-safe: an atomic and one `write`.
#[derive(Default)]
pub(crate) struct CancelFlag {
    raised: AtomicBool,
    over: Option<EventFd>,
}

impl CancelFlag {
    /// One that also ends a poll.
    pub(crate) fn pollable() -> io::Result<CancelFlag> {
        Ok(CancelFlag {
            raised: AtomicBool::new(false),
            over: Some(EventFd::new()?),
        })
    }

    pub(crate) fn raise(&self) {
        self.raised.store(true, Ordering::SeqCst);
        self.end_poll();
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    /// The operation is over, cancelled or not: nobody need wait for its descriptor any more.
    pub(crate) fn end_poll(&self) {
        if let Some(over) = &self.over {
            over.signal();
        }
    }

    /// Readable once the operation is over, and from then on.
    pub(crate) fn over(&self) -> Option<&EventFd> {
        self.over.as_ref()
    }
}
