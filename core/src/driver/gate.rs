//! What an operation in the worker's queue waits for before it may begin, such as a local file that is being opened.

use super::sync::{AtomicBool, Ordering};

/// Closed at first. Operations behind a closed gate keep their order.
#[derive(Default)]
pub(crate) struct Gate(AtomicBool);

impl Gate {
    /// The worker has to be told to look.
    pub(crate) fn open(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
