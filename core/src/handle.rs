//! What modem, connection and operations share: the way to the worker.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Sender, unbounded};

use crate::config::Config;
use crate::driver::events::Events;
use crate::driver::files::Files;
use crate::driver::port::Port;
use crate::driver::process;
use crate::driver::record::Record;
use crate::driver::wake::Waker;
use crate::driver::worker::{Control, Worker};
use crate::entries::OpenListings;
use crate::error::{Error, ErrorKind, Result};
use crate::session::Session;

pub(crate) struct Handle {
    control: Sender<Control>,
    waker: Waker,
    pub(crate) events: Arc<Events>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) open: OpenListings,
    pub(crate) files: Files,
    worker: Mutex<Option<JoinHandle<()>>>,
    poisoned: Arc<AtomicBool>,
    /// The process that it belongs to.
    generation: u64,
}

impl Handle {
    /// Starts the worker, which does nothing until it is asked to open the port.
    pub(crate) fn new(path: &Path, config: &Config) -> Result<Handle> {
        let system = |error: io::Error| {
            Error::new(
                ErrorKind::Port,
                format!("the system gives no more threads or descriptors: {error}"),
            )
            .caused_by(error)
        };
        let generation = process::generation();
        let waker = Waker::new().map_err(system)?;
        let (control, receiver) = unbounded();
        let events = Arc::new(Events::default());
        let poisoned = Arc::new(AtomicBool::new(false));
        let port = Port::new(path, config);
        let record = Record::new(path, config.trace.clone());
        let spawned = {
            let (events, waker, config) = (events.clone(), waker.clone(), config.clone());
            let poisoned = poisoned.clone();
            std::thread::Builder::new()
                .name("nlftp-worker".into())
                // The session's state machines live on the worker: they are built there.
                .spawn(move || {
                    let session = Session::new(&config);
                    Worker::new(session, port, waker, receiver, events, poisoned, record).run();
                })
        };
        Ok(Handle {
            control,
            waker,
            events,
            deadline: config.deadline,
            open: OpenListings::default(),
            files: Files::default(),
            worker: Mutex::new(Some(spawned.map_err(system)?)),
            poisoned,
            generation,
        })
    }

    /// Whether this is a forked copy: neither thread nor locks of the original are there.
    pub(crate) fn is_forked(&self) -> bool {
        process::generation() != self.generation
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn next_id(&self) -> u64 {
        self.waker.next_id()
    }

    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }

    pub(crate) fn send(&self, control: Control) {
        // A worker that has ended has dropped its end: whoever waits for it is told by its own channel.
        let _ = self.control.send(control);
        self.waker.wake();
    }

    /// Runs the modem's callbacks for what waits.
    pub(crate) fn dispatch(&self) {
        if !self.is_forked() {
            self.events.dispatch();
        }
    }

    /// Why the worker does not answer.
    pub(crate) fn why_dead(&self) -> Error {
        if self.is_forked() {
            forked()
        } else if self.poisoned.load(Ordering::SeqCst) {
            Error::new(
                ErrorKind::Panic,
                "the library stopped at a fault of its own: close this handle, open the modem anew, and report it",
            )
        } else {
            Error::closed()
        }
    }

    /// Ends the worker: what runs is cancelled, and the module left in command mode.
    pub(crate) fn stop(&self) {
        self.send(Control::Stop);
        let worker = self
            .worker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(worker) = worker {
            // Dropped on the worker itself it could only wait for itself.
            if worker.thread().id() != std::thread::current().id() {
                let _ = worker.join();
            }
        }
    }
}

pub(crate) fn forked() -> Error {
    Error::new(
        ErrorKind::Closed,
        "the modem belongs to the process that this one was forked from: open it anew here",
    )
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.is_forked() {
            // Whatever a thread of the original may have held is left as it is: memory is all that is lost.
            std::mem::forget(self.control.clone());
            std::mem::forget(self.waker.clone());
            std::mem::forget(self.events.clone());
            std::mem::forget(std::mem::take(&mut self.files));
            let worker = self
                .worker
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::forget(worker.take());
            return;
        }
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, Modem, ModemState};

    #[test]
    fn a_panic_of_the_worker_ends_its_calls_and_not_the_process() {
        let modem = Modem::new("/dev/null", Config::default()).unwrap();
        let handle = modem.handle.clone();
        let running = modem.start_command("AT").unwrap();
        handle.send(Control::Panic);
        let behind = modem.start_command("AT").unwrap();
        let kinds = [
            behind.wait().unwrap_err().kind(),
            modem.command("AT").unwrap_err().kind(),
            modem.start_open().wait().unwrap_err().kind(),
        ];
        assert_eq!(kinds, [ErrorKind::Panic; 3]);
        // Refused for want of a port, if the worker came to it before.
        let before = running.wait().unwrap_err().kind();
        assert!(matches!(before, ErrorKind::Port | ErrorKind::Panic));
        assert_eq!(modem.state(), ModemState::Lost);
        modem.stop();
    }
}
