//! The modem: a port that has been opened, and the commands that are not FTP.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Sender, unbounded};

use crate::config::{Config, FlowControl, Login, PdpContext};
use crate::driver::events::Events;
use crate::driver::port::Port;
use crate::driver::wake::Waker;
use crate::driver::worker::{Control, Worker};
use crate::entries::OpenListings;
use crate::error::{Error, ErrorKind, Result};
use crate::ftp::Ftp;
use crate::info::ModemInfo;
use crate::operation::{Local, Operation};
use crate::protocol::command::Command;
use crate::session::{Outcome, Session, Task};

/// What modem, connection and operations share: the way to the worker.
pub(crate) struct Handle {
    control: Sender<Control>,
    waker: Waker,
    pub(crate) events: Arc<Events>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) held_back: bool,
    pub(crate) open: OpenListings,
    worker: Mutex<Option<JoinHandle<()>>>,
}

impl Handle {
    pub(crate) fn next_id(&self) -> u64 {
        self.waker.next_id()
    }

    pub(crate) fn send(&self, control: Control) {
        // A worker that has ended has dropped its end: whoever waits for it is told by its own channel.
        let _ = self.control.send(control);
        self.waker.wake();
    }

    pub(crate) fn look_for_cancels(&self) {
        self.waker.cancel();
    }

    fn stop(&self) {
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

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Cancels whichever operation of a modem runs, from any thread or from a signal handler.
#[derive(Clone)]
pub struct Canceller(Waker);

impl Canceller {
    /// Asks the running operation to end; nothing happens when none runs. Async-signal-safe.
    pub fn cancel(&self) {
        self.0.cancel_current();
    }
}

/// A cellular module on a serial port.
///
/// One worker thread owns the port; methods may be called from any thread, and calls of several threads are
/// served one after the other. The last user of a modem (itself, its [`Ftp`] or an [`Operation`]) that is dropped
/// closes the FTP connection and leaves the module in command mode, which takes at most 10 seconds.
pub struct Modem {
    handle: Arc<Handle>,
    path: PathBuf,
    warnings: Arc<Mutex<Vec<String>>>,
}

impl Modem {
    /// Opens the port exclusively and brings the module to command mode, whatever state it was left in.
    ///
    /// Blocks until that is done: milliseconds where the module is ready, up to about 20 seconds where it does not
    /// answer (with the default [`Config::timeout`]), up to 30 more where it still sends a file that a program
    /// before asked for.
    ///
    /// # Errors
    /// [`ErrorKind::Port`] for a port that does not exist, is taken or is no serial port;
    /// [`ErrorKind::Timeout`] for a device that does not answer.
    pub fn open(path: impl AsRef<Path>, config: Config) -> Result<Modem> {
        let (modem, operation) = Modem::start_open(path, config)?;
        operation.wait()?;
        Ok(modem)
    }

    /// As [`open`](Self::open), but returns once the port itself is open; the rest is the operation.
    pub fn start_open(
        path: impl AsRef<Path>,
        config: Config,
    ) -> Result<(Modem, Operation<'static, ()>)> {
        let path = path.as_ref();
        let trace = match &config.trace {
            None => None,
            Some(trace) => Some(
                std::fs::File::create(trace)
                    .map_err(|error| Error::local("write", trace, error))?,
            ),
        };
        let port = Port::open(path, &config)?;
        let held_back = port.is_held_back();
        let system = |error: std::io::Error| {
            Error::new(
                ErrorKind::Port,
                format!("the system gives no more threads or descriptors: {error}"),
            )
            .caused_by(error)
        };
        let waker = Waker::new().map_err(system)?;
        let (control, receiver) = unbounded();
        let events = Arc::new(Events::default());
        let spawned = {
            let (events, waker, config) = (events.clone(), waker.clone(), config.clone());
            std::thread::Builder::new()
                .name("nlftp-worker".into())
                // The session's state machines live on the worker: they are built there.
                .spawn(move || Worker::new(Session::new(&config), port, waker, receiver, events, trace).run())
        };
        let handle = Arc::new(Handle {
            control,
            waker,
            events,
            deadline: config.deadline,
            held_back,
            open: OpenListings::default(),
            worker: Mutex::new(Some(spawned.map_err(system)?)),
        });
        let mut warnings = Vec::new();
        if config.flow_control == FlowControl::XonXoff {
            warnings.push(
                "XON/XOFF flow control: binary data holds both characters, so that files can be damaged; use RTS/CTS".to_owned(),
            );
        }
        let warnings = Arc::new(Mutex::new(warnings));
        let told = warnings.clone();
        let operation = Operation::start(
            handle.clone(),
            Task::Open,
            config.deadline,
            Local::Nothing,
            None,
            move |outcome, _| {
                if let Outcome::Warnings(lines) = outcome {
                    told.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .extend(lines);
                }
                Ok(())
            },
        );
        Ok((
            Modem {
                handle,
                path: path.to_owned(),
                warnings,
            },
            operation,
        ))
    }

    /// The path that the port was opened under.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What opening the port found that the user should know; empty as a rule.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Sends one AT command and gives its information lines, without their ends.
    ///
    /// A command of manual 1.2 ends at its outcome, any other at its final result. Commands that move data are
    /// refused: [`Ftp`] has them.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] before anything is sent for what is not one command line,
    /// [`ErrorKind::Command`] for `ERROR` in any form, [`ErrorKind::Refused`] for an outcome of 0,
    /// [`ErrorKind::Timeout`] when no answer comes within [`Config::timeout`].
    pub fn command(&self, line: impl AsRef<[u8]>) -> Result<Vec<String>> {
        self.start_command(line)?.wait()
    }

    /// Starts [`command`](Self::command).
    pub fn start_command(&self, line: impl AsRef<[u8]>) -> Result<Operation<'static, Vec<String>>> {
        let command = Command::raw(line.as_ref())?;
        Ok(start_task(
            &self.handle,
            Task::Command(command),
            |outcome| Ok(outcome.into_text()),
        ))
    }

    /// Activates the PDP context with `AT+MIPCALL` (manual 3.1) and gives the module's address; if it is active
    /// already, only the address. `"CTNET"` stands for a context without a login, [`PdpContext`] for any.
    ///
    /// # Errors
    /// [`ErrorKind::Command`] where the module refuses, [`ErrorKind::Timeout`] when no address comes within a minute;
    /// both say so where SIM or registration are the cause.
    pub fn attach(&self, context: impl Into<PdpContext>) -> Result<String> {
        self.start_attach(context)?.wait()
    }

    /// Starts [`attach`](Self::attach).
    pub fn start_attach(
        &self,
        context: impl Into<PdpContext>,
    ) -> Result<Operation<'static, String>> {
        let command = Command::attach(&context.into())?;
        Ok(start_task(
            &self.handle,
            Task::Attach(command),
            |outcome| match outcome {
                Outcome::Address(address) => Ok(address),
                _ => Ok(String::new()),
            },
        ))
    }

    /// Closes the FTP connection and gives the PDP context up (`AT+MIPCALL=0`); no error where none is active.
    ///
    /// # Errors
    /// [`ErrorKind::Command`] where the module refuses.
    pub fn detach(&self) -> Result<()> {
        self.start_detach().wait()
    }

    /// Starts [`detach`](Self::detach).
    pub fn start_detach(&self) -> Operation<'static, ()> {
        start_task(&self.handle, Task::Detach, |_| Ok(()))
    }

    /// Asks who answers on the port, and for SIM, registration, signal and address. A dozen queries, milliseconds each
    /// as a rule; what the module refuses to tell is left out.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when an answer does not come.
    pub fn info(&self) -> Result<ModemInfo> {
        self.start_info().wait()
    }

    /// Starts [`info`](Self::info).
    pub fn start_info(&self) -> Operation<'static, ModemInfo> {
        start_task(&self.handle, Task::Info, |outcome| match outcome {
            Outcome::Info(info) => Ok(*info),
            _ => Ok(ModemInfo::default()),
        })
    }

    /// Sets the timer that paces FTPRETR's data on a USB port (`AT+GTSET="FTPLIMIT"`, manual 1.2.16): 0 to 1000, 0 for
    /// none; the module's own default is 50, in a unit that the vendor does not give. It paces, it is no flow control,
    /// and nothing in this library needs it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] outside the range, [`ErrorKind::Command`] where the module refuses.
    pub fn set_ftp_limit(&self, period: u32) -> Result<()> {
        let command = Command::ftp_limit(period.into())?;
        start_task(&self.handle, Task::Command(command), |_| Ok(())).wait()
    }

    /// Sets the callback for unsolicited result codes, in place of the one before. It gets each line once,
    /// without its end, on the thread that waits for an operation or calls [`dispatch`](Self::dispatch).
    pub fn on_urc(&self, callback: impl FnMut(&str) + Send + 'static) {
        self.handle.events.set_urc(Some(Box::new(callback)));
    }

    /// Runs the callbacks for what the module has said unasked since the last time. Never blocks.
    pub fn dispatch(&self) {
        self.handle.events.dispatch();
    }

    /// A handle to cancel the running operation with, from any thread.
    pub fn canceller(&self) -> Canceller {
        Canceller(self.handle.waker.clone())
    }

    /// Opens the module's FTP connection; it has only one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] before anything is sent; [`ErrorKind::NotConnected`] for outcome 0, to which
    /// the module gives no reason; [`ErrorKind::Command`] where the module refuses, code 2031 where it is not
    /// attached; [`ErrorKind::Busy`] while a connection is open.
    pub fn ftp(&self, login: &Login) -> Result<Ftp> {
        self.start_ftp(login)?.wait()
    }

    /// Starts [`ftp`](Self::ftp).
    pub fn start_ftp(&self, login: &Login) -> Result<Operation<'static, Ftp>> {
        // Refuses bad text before anything is sent; the session makes the command anew with its own dialect.
        Command::open(login, &Default::default())?;
        let handle = self.handle.clone();
        let task = Task::Login(Box::new(login.clone()));
        Ok(start_task(&self.handle, task, move |_| {
            Ok(Ftp::new(handle))
        }))
    }

    /// Waits for a recovery that still goes on, closes the FTP connection if one is open, and closes the port.
    ///
    /// # Errors
    /// What kept the connection from being closed; the port is closed all the same.
    pub fn close(self) -> Result<()> {
        let closed = start_task(&self.handle, Task::Logout, |_| Ok(())).wait();
        self.handle.stop();
        closed
    }
}

/// Starts an operation without a file.
pub(crate) fn start_task<T>(
    handle: &Arc<Handle>,
    task: Task,
    collect: impl FnOnce(Outcome) -> Result<T> + 'static,
) -> Operation<'static, T> {
    Operation::start(
        handle.clone(),
        task,
        handle.deadline,
        Local::Nothing,
        None,
        move |outcome, _| collect(outcome),
    )
}
