//! The modem: a port that has been opened, and the commands that are not FTP.

use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::{Config, FlowControl, Login, PdpContext};
use crate::driver::process;
use crate::driver::wake::Waker;
use crate::error::{Error, ErrorKind, Result};
use crate::follower::Terms;
use crate::ftp::Ftp;
use crate::handle::{Handle, User};
use crate::info::ModemInfo;
use crate::local_end::Local;
use crate::operation::Operation;
use crate::protocol::command::Command;
use crate::session::{Outcome, Task};
use crate::state::ModemState;

/// Cancels whichever operation of a modem runs, from any thread or from a signal handler.
#[derive(Clone)]
pub struct Canceller {
    waker: Waker,
    generation: u64,
}

impl Canceller {
    /// Asks the running operation to end; nothing happens when none runs, or in a forked child. Async-signal-safe.
    pub fn cancel(&self) {
        if process::generation() == self.generation {
            self.waker.cancel_current();
        }
    }
}

/// A cellular module on a serial port.
///
/// One worker thread owns the port; methods may be called from any thread, and calls of several threads are
/// served one after the other. The last user of a modem (itself, its [`Ftp`] or an [`Operation`]) that is dropped
/// closes the FTP connection and leaves the module in command mode, which takes at most 10 seconds.
///
/// A forked child's copy touches neither port nor thread: its calls end with [`ErrorKind::Closed`].
///
/// For an event loop: make it with [`new`](Self::new), watch [`notify_fd`](Self::notify_fd) for reading, and when it is
/// readable call [`dispatch`](Self::dispatch) and then [`Operation::poll`] of each operation that was started.
pub struct Modem {
    pub(crate) handle: User,
    path: PathBuf,
    warnings: Arc<Mutex<Vec<String>>>,
}

impl Modem {
    /// A modem whose port is yet to be opened, by [`start_open`](Self::start_open); nothing is read or written here.
    ///
    /// # Errors
    /// [`ErrorKind::Port`] where the system gives no more threads or descriptors.
    pub fn new(path: impl AsRef<Path>, config: Config) -> Result<Modem> {
        let path = path.as_ref();
        let handle = User::new(Handle::new(path, &config)?);
        let mut warnings = Vec::new();
        if config.flow_control == FlowControl::XonXoff {
            warnings.push(
                "XON/XOFF flow control: binary data holds both characters, so that files can be damaged; use RTS/CTS".to_owned(),
            );
        }
        Ok(Modem {
            handle,
            path: path.to_owned(),
            warnings: Arc::new(Mutex::new(warnings)),
        })
    }

    /// Opens the port exclusively and brings the module to command mode, whatever state it was left in.
    ///
    /// Blocks until that is done: milliseconds where the module is ready, up to about 20 seconds where it does not
    /// answer (with the default [`Config::timeout`]), up to 30 more where it still sends a file that a program
    /// before asked for.
    ///
    /// # Errors
    /// [`ErrorKind::Port`] for a port that does not exist, is taken or is no serial port; [`ErrorKind::Timeout`] for a
    /// device that does not answer; [`ErrorKind::LocalFile`] for a record that cannot be written.
    pub fn open(path: impl AsRef<Path>, config: Config) -> Result<Modem> {
        let modem = Modem::new(path, config)?;
        modem.start_open().wait()?;
        Ok(modem)
    }

    /// Opens the port, or opens it anew once it was lost. The FTP connection that stood then is opened anew with the
    /// next call that needs it. Nothing is done where port and module answer already.
    pub fn start_open(&self) -> Operation<'static, ()> {
        let told = self.warnings.clone();
        start_task(&self.handle, Task::Open, move |outcome| {
            if let Outcome::Warnings(lines) = outcome {
                told.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend(lines);
            }
            Ok(())
        })
    }

    /// The path that the port was opened under.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the modem is doing; as told to [`on_state`](Self::on_state) last, or about to be.
    pub fn state(&self) -> ModemState {
        if self.handle.is_forked() {
            return ModemState::Closed;
        }
        self.handle.events.state()
    }

    /// Whether this process was forked from the one that made this handle, whose calls then end with
    /// [`ErrorKind::Closed`].
    pub fn is_forked(&self) -> bool {
        self.handle.is_forked()
    }

    /// What opening the port found that the user should know; empty as a rule.
    pub fn warnings(&self) -> Vec<String> {
        if self.handle.is_forked() {
            return Vec::new();
        }
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
        self.start_set_ftp_limit(period)?.wait()
    }

    /// Starts [`set_ftp_limit`](Self::set_ftp_limit).
    pub fn start_set_ftp_limit(&self, period: u32) -> Result<Operation<'static, ()>> {
        let command = Command::ftp_limit(period.into())?;
        Ok(start_task(&self.handle, Task::Command(command), |_| Ok(())))
    }

    /// Sets the callback for unsolicited result codes, in place of the one before. It gets each line once,
    /// without its end, on the thread that waits for an operation or calls [`dispatch`](Self::dispatch).
    pub fn on_urc(&self, callback: impl FnMut(&str) + Send + 'static) {
        if !self.handle.is_forked() {
            self.handle.events.set_urc(Some(Box::new(callback)));
        }
    }

    /// Takes that callback away. One that runs on another thread just now may still do so.
    pub fn remove_urc(&self) {
        if !self.handle.is_forked() {
            self.handle.events.set_urc(None);
        }
    }

    /// Sets the callback for changes of [`state`](Self::state), in place of the one before. It runs where those for
    /// unsolicited result codes run.
    pub fn on_state(&self, callback: impl FnMut(ModemState) + Send + 'static) {
        if !self.handle.is_forked() {
            self.handle.events.set_state(Some(Box::new(callback)));
        }
    }

    /// Takes that callback away. One that runs on another thread just now may still do so.
    pub fn remove_state(&self) {
        if !self.handle.is_forked() {
            self.handle.events.set_state(None);
        }
    }

    /// A descriptor for poll, epoll or whatever an event loop has: readable while [`dispatch`](Self::dispatch) or
    /// [`Operation::poll`] has work. It is the same from here to the end, whether the port is open or not; it is not to
    /// be read from, written to or closed.
    ///
    /// # Errors
    /// [`ErrorKind::Port`] where the system gives no more descriptors, [`ErrorKind::Closed`] in a forked child.
    pub fn notify_fd(&self) -> Result<BorrowedFd<'_>> {
        if self.handle.is_forked() {
            return Err(self.handle.why_dead());
        }
        let event = self.handle.events.notifier.event().map_err(|error| {
            Error::new(
                ErrorKind::Port,
                format!("the system gives no more descriptors: {error}"),
            )
            .caused_by(error)
        })?;
        Ok(event.as_fd())
    }

    /// Makes the descriptor readable: for those who could not do all that there was to do.
    pub fn renotify(&self) {
        if !self.handle.is_forked() {
            self.handle.events.notifier.notify();
        }
    }

    /// Runs the callbacks for what the modem has said unasked since the last time, and for changes of its state. The
    /// descriptor is readable again only for what comes from here on, also while the callbacks run: that is for the next
    /// time. Never blocks.
    pub fn dispatch(&self) {
        if !self.handle.is_forked() {
            self.handle.events.notifier.clear();
            self.handle.dispatch();
        }
    }

    /// A handle to cancel the running operation with, from any thread.
    pub fn canceller(&self) -> Canceller {
        Canceller {
            waker: self.handle.waker().clone(),
            generation: self.handle.generation(),
        }
    }

    /// The module's one FTP connection, open or not: its calls say [`ErrorKind::NotConnected`] until
    /// [`ftp`](Self::ftp) has opened it.
    pub fn connection(&self) -> Ftp {
        Ftp::new(self.handle.clone())
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
        self.start_close().wait()
    }

    /// Closes at once: cancels what runs, brings the module to command mode, and closes FTP connection and port, which
    /// takes at most 10 seconds. Operations that others still hold end with [`ErrorKind::Closed`] or
    /// [`ErrorKind::Cancelled`]. When it returns, nothing is done any more to the local files that a thread of the
    /// modem's moved, unless the system holds that thread up, as at a FIFO whose other end nobody opens.
    pub fn stop(&self) {
        if !self.handle.is_forked() {
            self.handle.stop();
        }
    }

    /// Whether the port was closed by [`close`](Self::close), for good. One that was cancelled, or out of time, before
    /// its turn came has closed nothing.
    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }

    /// Starts [`close`](Self::close). Whatever is started behind it ends with [`ErrorKind::Closed`].
    pub fn start_close(&self) -> Operation<'static, ()> {
        start_task(&self.handle, Task::Close, |_| Ok(()))
    }
}

/// Starts an operation without a file.
pub(crate) fn start_task<T>(
    handle: &User,
    task: Task,
    collect: impl FnOnce(Outcome) -> Result<T> + Send + 'static,
) -> Operation<'static, T> {
    Operation::start(
        handle.clone(),
        task,
        Terms::within(handle.deadline),
        Local::Nothing,
        None,
        move |ended| collect(ended.outcome),
    )
}
