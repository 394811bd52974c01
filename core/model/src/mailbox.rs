//! The queue between callers and worker as a model: a lock stands for the channel, whose own correctness is its maker's.

use std::collections::VecDeque;

use loom::sync::{Arc, Mutex};

pub(crate) struct Mailbox<T>(Arc<Mutex<Option<VecDeque<T>>>>);

impl<T> Clone for Mailbox<T> {
    fn clone(&self) -> Mailbox<T> {
        Mailbox(self.0.clone())
    }
}

impl<T> Mailbox<T> {
    pub(crate) fn new() -> Mailbox<T> {
        Mailbox(Arc::new(Mutex::new(Some(VecDeque::new()))))
    }

    /// Gives the message back where the other end has gone.
    pub(crate) fn send(&self, message: T) -> Result<(), T> {
        match &mut *self.0.lock().unwrap() {
            Some(queue) => {
                queue.push_back(message);
                Ok(())
            }
            None => Err(message),
        }
    }

    pub(crate) fn take(&self) -> Option<T> {
        self.0.lock().unwrap().as_mut()?.pop_front()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0
            .lock()
            .unwrap()
            .as_ref()
            .is_none_or(VecDeque::is_empty)
    }

    /// The receiving end goes, and with it whatever nobody took.
    pub(crate) fn close(&self) -> VecDeque<T> {
        self.0.lock().unwrap().take().unwrap_or_default()
    }
}
