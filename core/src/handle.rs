//! What modem, connection and operations share: the way to the worker.

use std::io;
use std::ops::Deref;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, ThreadId};
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, unbounded};

use crate::config::Config;
use crate::driver::events::Events;
use crate::driver::files::Files;
use crate::driver::mailbox;
use crate::driver::port::Port;
use crate::driver::process;
use crate::driver::record::Record;
use crate::driver::signals;
use crate::driver::wake::Waker;
use crate::driver::worker::{CLOSE_LIMIT, Control, Outside, Queues, Served, TellEnd, Worker};
use crate::entries::OpenListings;
use crate::error::{Error, ErrorKind, Result};
use crate::session::Session;

/// How long the thread for files has at least, once the worker is through: what it waits for are local files.
const FILES_LIMIT: Duration = Duration::from_secs(1);

/// A user of the modem; the last one that is dropped closes it. The thread for files is none: it has the handle alone.
pub(crate) struct User(Arc<Handle>);

impl User {
    /// The first one.
    pub(crate) fn new(handle: Handle) -> User {
        handle.users.store(1, Ordering::SeqCst);
        User(Arc::new(handle))
    }

    /// For those who are not to keep the modem open.
    pub(crate) fn handle(&self) -> &Arc<Handle> {
        &self.0
    }
}

impl Clone for User {
    fn clone(&self) -> User {
        self.0.users.fetch_add(1, Ordering::SeqCst);
        User(self.0.clone())
    }
}

impl Deref for User {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.0
    }
}

impl Drop for User {
    fn drop(&mut self) {
        if self.0.users.fetch_sub(1, Ordering::SeqCst) == 1 && !self.0.is_forked() {
            self.0.stop();
        }
    }
}

pub(crate) struct Handle {
    control: Sender<Control>,
    served: mailbox::Sender<Served>,
    waker: Waker,
    pub(crate) events: Arc<Events>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) open: OpenListings,
    pub(crate) files: Files,
    worker: Mutex<Option<JoinHandle<()>>>,
    worker_thread: ThreadId,
    users: AtomicUsize,
    outside: Arc<Outside>,
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
        let (served, answers) = mailbox::mailbox();
        let events = Arc::new(Events::default());
        let outside = Arc::<Outside>::default();
        let port = Port::new(path, config);
        let record = Record::new(path, config.trace.clone());
        let spawned = {
            let (events, waker, config) = (events.clone(), waker.clone(), config.clone());
            let outside = outside.clone();
            // The session's state machines live on the worker: they are built there.
            signals::spawn("nlftp-worker", move || {
                let _tell = TellEnd(events.clone());
                let session = Session::new(&config);
                let queues = Queues {
                    control: receiver,
                    served: answers,
                };
                Worker::new(session, port, waker, queues, events, outside, record).run();
            })
        };
        let worker = spawned.map_err(system)?;
        Ok(Handle {
            control,
            served,
            waker,
            events,
            deadline: config.deadline,
            open: OpenListings::default(),
            files: Files::default(),
            worker_thread: worker.thread().id(),
            worker: Mutex::new(Some(worker)),
            users: AtomicUsize::new(0),
            outside,
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

    /// What the caller's end has done with a buffer, or of what it was asked.
    pub(crate) fn serve(&self, served: Served) {
        if !self.is_forked() {
            let _ = self.served.send(served);
            self.waker.wake();
        }
    }

    /// Runs the modem's callbacks for what waits by now. What comes meanwhile is for the next time: the event loop is
    /// told, and by the worker whoever waits for an operation.
    pub(crate) fn dispatch(&self) {
        if !self.is_forked() && self.events.dispatch() {
            self.events.notifier.notify();
            self.send(Control::Unasked);
        }
    }

    /// Whether a user closed the port for good.
    pub(crate) fn is_closed(&self) -> bool {
        self.outside.closed.load(Ordering::SeqCst)
    }

    /// A bug was stopped on the thread for files: as after one on the worker, nothing is served any more.
    pub(crate) fn poison(&self) {
        self.outside.poisoned.store(true, Ordering::SeqCst);
        self.send(Control::Stop);
    }

    /// Why the worker does not answer.
    pub(crate) fn why_dead(&self) -> Error {
        if self.is_forked() {
            forked()
        } else if self.outside.poisoned.load(Ordering::SeqCst) {
            Error::new(
                ErrorKind::Panic,
                "the library stopped at a fault of its own: close this handle, open the modem anew, and report it",
            )
        } else {
            Error::closed()
        }
    }

    /// Ends worker and thread for files: what runs is cancelled, and the module left in command mode. When this returns
    /// the port is closed, and nothing is done to a local file any more, but by a thread that the system holds up for
    /// longer than the limit.
    pub(crate) fn stop(&self) {
        let since = Instant::now();
        // First, so that nobody waits for a pipe while the worker ends.
        self.files.end();
        self.send(Control::Stop);
        let worker = self
            .worker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if self.worker_thread == std::thread::current().id() {
            // On the worker itself it could only wait for itself, and for what waits for it.
            return;
        }
        if let Some(worker) = worker {
            let _ = worker.join();
        }
        let left = CLOSE_LIMIT.saturating_sub(since.elapsed());
        self.files.join(left.max(FILES_LIMIT));
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
            // The mailbox's end is not among them: it knows by itself, and a copy of it would ask for its lock.
            std::mem::forget(self.waker.clone());
            std::mem::forget(self.events.clone());
            std::mem::forget(std::mem::take(&mut self.files));
            let worker = self
                .worker
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::forget(worker.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, Modem, ModemState};

    #[test]
    fn a_panic_of_the_worker_ends_its_calls_and_not_the_process() {
        let modem = Modem::new("/dev/null", Config::default()).unwrap();
        let handle = modem.handle.handle().clone();
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
