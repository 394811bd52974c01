//! How the worker reaches an event loop: an eventfd that is readable while there is something to dispatch.

use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::sync::{AtomicBool, EventFd, Ordering};

/// Costs a load where no event loop asked for the descriptor.
#[derive(Default)]
pub(crate) struct Notifier {
    event: OnceLock<EventFd>,
    making: Mutex<()>,
    raised: AtomicBool,
}

impl Notifier {
    /// What to poll; from the first call on it is raised, as what came before has gone untold.
    pub(crate) fn event(&self) -> io::Result<&EventFd> {
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(event) = self.event.get() {
            return Ok(event);
        }
        let event = EventFd::new()?;
        event.signal();
        self.raised.store(true, Ordering::SeqCst);
        Ok(self.event.get_or_init(|| event))
    }

    /// Tells the event loop; what it is told of must be there by now.
    pub(crate) fn notify(&self) {
        if let Some(event) = self.event.get()
            && !self.raised.swap(true, Ordering::SeqCst)
        {
            event.signal();
        }
    }

    /// Before everything is looked at: what comes from here on raises it again.
    pub(crate) fn clear(&self) {
        if let Some(event) = self.event.get() {
            // Whether it is raised or not: its signal may come after it was taken for one before.
            event.clear();
            // Whoever finds it raised until here has queued its part before: the look that follows sees it.
            self.raised.swap(false, Ordering::SeqCst);
        }
    }
}
