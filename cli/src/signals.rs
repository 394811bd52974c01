//! Ctrl-C and SIGTERM: the first one cancels what runs and lets the program end in good order, the
//! second one ends it at once.

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};
use nlftp_core::Canceller;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals as Caught;

use crate::failure::Failure;

/// How often a cancel is repeated once the user wants to stop.
const REPEAT: Duration = Duration::from_millis(20);
const STATUS: i32 = 130;

/// What has been caught so far, and what to cancel.
#[derive(Clone)]
pub(crate) struct Signals {
    shared: Arc<Shared>,
    interrupt: Interrupt,
}

/// Becomes ready (disconnected) with the first signal, for a `select!`.
pub(crate) type Interrupt = Receiver<Infallible>;

struct Shared {
    caught: AtomicBool,
    canceller: Mutex<Option<Canceller>>,
}

impl Signals {
    /// Takes both signals over, on a thread of their own.
    pub(crate) fn install() -> io::Result<Signals> {
        let mut signals = Caught::new([SIGINT, SIGTERM])?;
        let shared = Arc::new(Shared {
            caught: AtomicBool::new(false),
            canceller: Mutex::default(),
        });
        let (sender, interrupt) = bounded(0);
        let inner = Arc::clone(&shared);
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                let mut first = Some(sender);
                for _ in signals.forever() {
                    if first.take().is_none() {
                        signal_hook::low_level::exit(STATUS);
                    }
                    inner.caught.store(true, Ordering::SeqCst);
                    let inner = Arc::clone(&inner);
                    // Where no thread can be had, the second signal still works.
                    let _ = thread::Builder::new()
                        .name("cancel".to_owned())
                        .spawn(move || inner.cancel());
                }
            })?;
        Ok(Signals { shared, interrupt })
    }

    /// Whether the user wants to stop.
    pub(crate) fn caught(&self) -> bool {
        self.shared.caught.load(Ordering::SeqCst)
    }

    /// An error once the user wants to stop: asked between two steps.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.caught() {
            Err(Failure::cancelled())
        } else {
            Ok(())
        }
    }

    /// For waiting on data and on the user at once.
    pub(crate) fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// Waits for the first signal.
    pub(crate) fn wait(&self) {
        // Nothing is ever sent: this returns when the sender is gone.
        let _ = self.interrupt.recv();
    }

    /// From here on a signal cancels this modem's operations.
    pub(crate) fn watch(&self, canceller: Canceller) {
        *self.shared.slot() = Some(canceller);
    }

    /// From here on it does not: what follows is the good order in which the program ends.
    pub(crate) fn unwatch(&self) {
        *self.shared.slot() = None;
    }
}

impl Shared {
    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Canceller>> {
        self.canceller
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Cancels whatever runs, and whatever starts before the main thread has noticed.
    fn cancel(&self) {
        loop {
            if let Some(canceller) = &*self.slot() {
                canceller.cancel();
            }
            thread::sleep(REPEAT);
        }
    }
}
