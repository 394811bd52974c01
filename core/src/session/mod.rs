//! Everything that is made of several commands, still without I/O, thread or clock.
//!
//! [`Session`] takes bytes of the port, the time, parts of the source and cancels; it gives bytes for the
//! port, payload for the sink, port actions, events, and the moment when it wants to be polled again.

mod buffers;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod cases;
mod get;
#[cfg(test)]
mod given_up;
#[cfg(test)]
mod late_texts;
mod link;
mod login;
#[cfg(test)]
mod manual;
mod network;
#[cfg(test)]
mod odd_modems;
mod open;
mod put;
mod recover;
mod resume;
mod retry;
pub(crate) mod temporary;
mod verbs;
mod verify;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};

use crate::config::{Config, FileType, FlowControl, Login, Retry, Transfer, Verify, Via};
use crate::error::{Error, ErrorKind, Result};
use crate::info::ModemInfo;
use crate::protocol::Time;
use crate::protocol::command::Command;
use crate::protocol::dialect::Dialect;
use crate::protocol::engine::{Engine, Limits, Unasked};
use crate::state::ModemState;
use link::Link;
pub(crate) use resume::{LocalAction, LocalAnswer, Recorded};

/// What a caller wants of the session.
#[derive(Debug)]
pub(crate) struct Request {
    /// The caller's number of the operation.
    pub(crate) id: u64,
    pub(crate) task: Task,
    /// When the caller stops waiting.
    pub(crate) limit: Option<Time>,
    /// It was cancelled before it started.
    pub(crate) cancelled: bool,
}

#[derive(Debug)]
pub(crate) enum Task {
    /// Opens the port and brings it to command mode, whatever state it is in.
    Open,
    /// Closes the FTP connection and the port, for good.
    Close,
    /// One command; its information lines or text are the result.
    Command(Command),
    /// Activates the PDP context.
    Attach(Command),
    /// Gives it up.
    Detach,
    /// Asks who answers, and whether it is attached.
    Info,
    /// Asks whether the FTP connection stands.
    Status,
    /// Opens the FTP connection.
    Login(Box<Login>),
    /// Closes it.
    Logout,
    /// Switches FTPINFO.
    Report(bool),
    /// One FTP command on the open connection.
    Verb {
        command: Command,
        /// What the server refused when the outcome is 0.
        what: &'static str,
        /// The name that it was about.
        name: Vec<u8>,
    },
    List(Option<Vec<u8>>),
    Put(Job),
    Get(Job),
}

/// A file to be moved.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) name: Vec<u8>,
    pub(crate) via: Via,
    pub(crate) file_type: FileType,
    pub(crate) offset: u64,
    pub(crate) resume: bool,
    /// By a temporary name, until the file is complete.
    pub(crate) temporary: bool,
    pub(crate) verify: Verify,
    /// When to try it again; it resumes then.
    pub(crate) retry: Option<Retry>,
}

/// What a successful operation gives.
#[derive(Debug)]
pub(crate) enum Outcome {
    Nothing,
    /// What opening the port found that the user should know.
    Warnings(Vec<String>),
    /// Information lines, or the text of an FTP reply.
    Lines(Vec<Vec<u8>>),
    /// The module's address.
    Address(String),
    Info(Box<ModemInfo>),
    /// Whether the FTP connection stands.
    Connected(bool),
    Transfer(Transfer),
}

impl Outcome {
    /// Lines of text, octets that are no UTF-8 replaced.
    pub(crate) fn into_text(self) -> Vec<String> {
        let text = |line: &Vec<u8>| String::from_utf8_lossy(line).into_owned();
        self.into_lines().iter().map(text).collect()
    }

    /// Lines as they came.
    pub(crate) fn into_lines(self) -> Vec<Vec<u8>> {
        match self {
            Outcome::Lines(lines) => lines,
            _ => Vec::new(),
        }
    }
}

/// Something for the driver to do or to pass on.
#[derive(Debug)]
pub(crate) enum Output {
    Done {
        id: u64,
        result: Result<Outcome>,
    },
    Port(PortAction),
    /// The size of the file in transfer has become known.
    Total(u64),
    /// Something for the caller's file; the payload that comes after it is for what it leaves.
    Local(LocalAction),
}

/// What only the owner of the port can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PortAction {
    /// Opens the port; one that is open already is closed before.
    Open,
    /// Closes it for good.
    Close,
    /// Lowers DTR; closes a port that has no such line.
    DtrLow,
    /// Raises DTR; opens the port anew that `DtrLow` closed.
    DtrHigh,
    /// Drops what was written and is not on the line yet.
    DiscardOutput,
    /// Lets the kernel drop DTR should this process die (HUPCL).
    HangUpOnClose(bool),
}

/// What the session knows of modem and connection.
struct Machine {
    link: Link,
    dialect: Dialect,
    flow_control: FlowControl,
    /// How long a call waits for a port that is not there.
    port_timeout: Time,
    opened: bool,
    /// The port has been open before.
    was_opened: bool,
    /// The last user wants nothing more of it.
    closed: bool,
    /// The modem took AT&D2, so that a drop of DTR leaves its data phase.
    obeys_dtr: bool,
    attach: Option<Command>,
    login: Option<Login>,
    connected: bool,
    info: bool,
    /// A path was listed on this connection: FTPLIST without one may mean it again.
    listed_a_path: bool,
    /// The directory commands since the login, for a connection that has to be opened anew.
    directory: Vec<Command>,
    receive: Option<&'static str>,
    /// Whether FTPRETR is called FTPGETR; `None` until an ERROR asked for it.
    ftpgetr_retrieves: Option<bool>,
    /// The connection cannot be used again as it is: a piece failed, or a download was left.
    must_close: bool,
    /// The last FTPOPEN was refused, perhaps because a connection stands that nobody here knows of.
    open_refused: bool,
    /// An upload failed while it was sent: the modem may still take everything for data.
    store_doubtful: bool,
    /// The file that FTPPUT has pieces of and waits for the last one.
    pieces: Option<Vec<u8>>,
    /// The file that the upload at hand writes from its start.
    upload: Option<Vec<u8>>,
    /// A short file that a failed upload made.
    litter: Option<Vec<u8>>,
    /// Which question proves the line next.
    next_proof: usize,
    /// Why the modem could not be brought back, if so.
    stuck: Option<String>,
    /// Where in the file the transfer at hand moves bytes from; unknown before it has found out.
    went_on_at: Option<u64>,
    /// Read back, what the server has of the upload was not what was sent: it is no beginning of anything.
    distrusted: bool,
}

/// The session: see the module.
pub(crate) struct Session {
    link: Link,
    machine: Pin<Box<dyn Future<Output = ()>>>,
}

impl Session {
    pub(crate) fn new(config: &Config) -> Session {
        let link = Link::new(Engine::new(Limits::from(config)));
        let machine = Machine {
            link: link.clone(),
            dialect: config.dialect,
            flow_control: config.flow_control,
            port_timeout: config.port_timeout,
            opened: false,
            was_opened: false,
            closed: false,
            obeys_dtr: false,
            attach: None,
            login: None,
            connected: false,
            info: false,
            listed_a_path: false,
            directory: Vec::new(),
            receive: None,
            ftpgetr_retrieves: None,
            must_close: false,
            open_refused: false,
            store_doubtful: false,
            pieces: None,
            upload: None,
            litter: None,
            next_proof: 0,
            stuck: None,
            went_on_at: None,
            distrusted: false,
        };
        Session {
            link,
            machine: Box::pin(machine.run()),
        }
    }

    /// Adds an operation; they are served one after the other.
    pub(crate) fn request(&mut self, request: Request) {
        self.link.shared().requests.push_back(request);
    }

    /// Ends the operation that is served now with `error`: whichever it is, or this one. What comes behind it may have
    /// begun meanwhile.
    pub(crate) fn abort(&mut self, id: Option<u64>, error: Error) {
        let mut shared = self.link.shared();
        if id.is_none() || shared.serving == id {
            shared.abort = Some(error);
        }
    }

    /// Cancels an operation that has not been served yet; false if it is not waiting.
    pub(crate) fn cancel_waiting(&mut self, id: u64) -> bool {
        let mut shared = self.link.shared();
        match shared.requests.iter_mut().find(|request| request.id == id) {
            Some(request) => {
                request.cancelled = true;
                true
            }
            None => false,
        }
    }

    /// Whether there is nothing to do: no operation, no recovery, nothing waiting.
    pub(crate) fn is_idle(&self) -> bool {
        let shared = self.link.shared();
        shared.idle && shared.requests.is_empty() && shared.engine.tx().is_empty()
    }

    /// Ends the operations that wait for another one, or for recovery, and need not wait any more.
    fn sweep_waiting(&mut self, now: Time) {
        let shared = &mut *self.link.shared();
        let outputs = &mut shared.outputs;
        shared.requests.retain(|request| {
            let error = if request.cancelled {
                Error::new(
                    ErrorKind::Cancelled,
                    "cancelled by the caller before it began",
                )
            } else if request.limit.is_some_and(|limit| now >= limit) {
                Error::busy()
            } else {
                return true;
            };
            outputs.push_back(Output::Done {
                id: request.id,
                result: Err(error),
            });
            false
        });
    }

    /// Lets the state machines go as far as they can. `now` never goes back.
    pub(crate) fn poll(&mut self, now: Time) {
        self.link.shared().now = now;
        self.sweep_waiting(now);
        let mut context = Context::from_waker(Waker::noop());
        // The machine serves requests for ever: it is never ready.
        let _ = self.machine.as_mut().poll(&mut context);
    }

    /// When to poll again, should nothing happen before.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let shared = self.link.shared();
        let waiting = shared.requests.iter().filter_map(|request| request.limit);
        waiting.chain(shared.wake_at).min()
    }

    /// Takes bytes of the port; the caller's payload in them is appended to `payload`.
    pub(crate) fn feed(&mut self, now: Time, input: &[u8], payload: &mut Vec<u8>) {
        let shared = &mut *self.link.shared();
        let before = payload.len();
        shared.engine.feed(now, input, payload);
        if let Some(action) = shared.buffers.deliver(payload, before) {
            shared.outputs.push_back(Output::Local(action));
        }
    }

    /// Whether the modem may be echoing a secret.
    pub(crate) fn hears_secrets(&self) -> bool {
        self.link.shared().engine.hears_secrets()
    }

    /// The answer to a [`LocalAction`] that has one.
    pub(crate) fn local_done(&mut self, answer: LocalAnswer) {
        self.link.shared().buffers.local_done(answer);
    }

    /// Hands the bytes for the port to `write`, which says how many of them it took.
    pub(crate) fn transmit<E>(
        &mut self,
        now: Time,
        write: impl FnOnce(&[u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let shared = &mut *self.link.shared();
        let count = write(shared.engine.tx())?;
        shared.engine.sent(now, count);
        Ok(())
    }

    pub(crate) fn wants_to_transmit(&self) -> bool {
        !self.link.shared().engine.tx().is_empty()
    }

    /// Adds a part of the source; an empty one is its end.
    pub(crate) fn supply(&mut self, part: Vec<u8>) {
        self.link.shared().buffers.supply(part);
    }

    /// Drops what the source has given and nobody has taken: its operation is over.
    pub(crate) fn forget_source(&mut self) {
        self.link.shared().buffers.forget_source();
    }

    /// A source buffer that was used up.
    pub(crate) fn take_spent(&mut self) -> Option<Vec<u8>> {
        self.link.shared().buffers.spent.pop()
    }

    /// Whether the caller can take more of a download.
    pub(crate) fn set_room(&mut self, now: Time, room: bool) {
        let shared = &mut *self.link.shared();
        if room && !std::mem::replace(&mut shared.buffers.room, room) {
            // It was the caller that the modem waited for.
            shared.engine.restart_stall(now);
        }
        shared.buffers.room = room;
    }

    pub(crate) fn take_output(&mut self) -> Option<Output> {
        self.link.shared().outputs.pop_front()
    }

    pub(crate) fn take_unasked(&mut self) -> Option<Unasked> {
        self.link.shared().engine.take_unasked()
    }

    pub(crate) fn record_traffic(&mut self, on: bool) {
        self.link.shared().engine.recorder.switch(on);
    }

    pub(crate) fn take_records(&mut self) -> Vec<crate::trace::Record> {
        self.link.shared().engine.recorder.take()
    }

    /// The result of the last [`PortAction`].
    pub(crate) fn port_done(&mut self, result: Result<()>) {
        self.link.shared().port_result = Some(result);
    }

    /// What opening the port has shown: whether it can hold the modem back while the sink is slow.
    pub(crate) fn set_held_back(&mut self, held_back: bool) {
        self.link.shared().held_back = held_back;
    }

    /// Something that the caller of the operation at hand should know.
    pub(crate) fn warn(&mut self, warning: String) {
        self.link.warn(warning);
    }

    /// The port is gone: every operation says so until it is opened again.
    pub(crate) fn port_lost(&mut self, sentence: String) {
        let mut shared = self.link.shared();
        shared.port_lost = Some(sentence);
        shared.state = ModemState::Lost;
    }

    /// False before the port was opened, and once it is lost.
    pub(crate) fn has_port(&self) -> bool {
        self.link.shared().port_lost.is_none()
    }

    pub(crate) fn state(&self) -> ModemState {
        self.link.shared().state
    }
}

impl Job {
    /// The way that a download takes.
    fn download_via(&self, held_back: bool) -> Via {
        match self.via {
            Via::Auto if !held_back => Via::Block,
            Via::Auto => Via::Stream,
            via => via,
        }
    }
}

impl Machine {
    async fn run(mut self) {
        loop {
            let request = self.link.next_request().await;
            let result = self.attend(request.task).await;
            self.leave_in_flight();
            self.tell_state();
            let needs_recovery = self.needs_recovery();
            if needs_recovery {
                self.link.shared().state = ModemState::Recovering;
            }
            self.link.finish(request.id, result);
            if needs_recovery {
                // What it could not do, `ready` tries again before the next call, and says so.
                let _ = self.recover().await;
                self.tell_state();
            }
        }
    }

    fn tell_state(&self) {
        let mut shared = self.link.shared();
        shared.state = match (&shared.port_lost, self.closed) {
            (_, true) => ModemState::Closed,
            // Never opened, or lost: nobody but the port's owner can tell the two apart.
            (Some(_), _) if shared.state != ModemState::Opening => shared.state,
            (Some(_), _) => ModemState::Closed,
            (None, _) if self.stuck.is_some() || !self.opened => ModemState::Lost,
            (None, _) if self.connected => ModemState::Connected,
            (None, _) => ModemState::Ready,
        };
    }

    /// A modem that could not be opened or brought back gets another chance before each call.
    async fn ready(&mut self, task: &Task) -> Result<()> {
        if self.closed {
            return Err(Error::closed());
        }
        if matches!(task, Task::Open) {
            return Ok(());
        }
        let lost = self.link.shared().port_lost.clone();
        match (lost, task) {
            (None, _) => {}
            (Some(_), Task::Close) => return Ok(()),
            (Some(_), task) if self.comes_back(task) => {
                // What opening it has to say is for this call, with what it says itself.
                for warning in self.regain_port().await? {
                    self.link.warn(warning);
                }
            }
            (Some(reason), _) => return Err(Error::new(ErrorKind::Port, reason)),
        }
        if !self.opened && matches!(task, Task::Logout | Task::Close) {
            // Nothing was begun on the module: whoever opens the port next finds out what state it is in.
            return Ok(());
        }
        if self.stuck.is_none() && !self.opened {
            self.open().await?;
        }
        // What is to be tidied up is not left for the middle of a transfer.
        if self.stuck.is_some() || self.needs_recovery() {
            self.recover().await?;
        }
        match &self.stuck {
            None if !self.opened => self.open().await.map(|_| ()),
            None => Ok(()),
            Some(reason) => Err(Error::new(ErrorKind::Timeout, reason.clone())),
        }
    }

    /// Whether a port that was lost is opened again for this call.
    fn comes_back(&self, task: &Task) -> bool {
        let waits = !self.port_timeout.is_zero() && !matches!(task, Task::Logout);
        let tries = matches!(task, Task::Put(job) | Task::Get(job) if job.retry.is_some());
        self.was_opened && (waits || tries)
    }

    async fn serve(&mut self, task: Task) -> Result<Outcome> {
        let lines = Outcome::Lines;
        let nothing = |()| Outcome::Nothing;
        match task {
            Task::Open => self.regain_port().await.map(Outcome::Warnings),
            Task::Close => self.close().await.map(nothing),
            Task::Command(command) => self.raw(command).await.map(lines),
            Task::Attach(command) => self.attach(command).await.map(Outcome::Address),
            Task::Detach => self.detach().await.map(nothing),
            Task::Info => {
                let info = self.modem_info().await?;
                Ok(Outcome::Info(Box::new(info)))
            }
            Task::Status => self.status().await.map(Outcome::Connected),
            Task::Login(login) => self.login(*login).await.map(nothing),
            Task::Logout => self.logout().await.map(nothing),
            Task::Report(on) => self.switch_info(on).await.map(nothing),
            Task::Verb {
                command,
                what,
                name,
            } => self.verb(command, what, &name).await.map(lines),
            Task::List(path) => self.list(path).await.map(nothing),
            Task::Put(job) => self.put(&job).await.map(Outcome::Transfer),
            Task::Get(job) => self.get(&job).await.map(Outcome::Transfer),
        }
    }

    fn leave_in_flight(&mut self) {
        self.link.shared().engine.abandon();
    }

    fn needs_recovery(&self) -> bool {
        let shared = self.link.shared();
        shared.port_lost.is_none()
            && self.opened
            && (shared.dirty
                || shared.engine.quarantined().is_some()
                || self.must_close
                || self.litter.is_some())
    }
}
