//! The control connection: one job at a time, one reply at a time, every wait bounded.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::data::{DataLink, port_line};
use super::job::{ClientEvent, Job, Login, Verb};
use super::reply::{ReplyLine, ReplyReader, undoubled};
use crate::network::{NetEvent, NetRequest, SocketId};
use crate::queue::ByteQueue;
use crate::tls::{Notices, TlsMode};

/// A connection or a reply that takes longer has failed.
pub(super) const REPLY_LIMIT: Duration = Duration::from_secs(60);
/// A transfer in which the server neither sends nor takes a byte for so long has failed.
pub(super) const STALL_LIMIT: Duration = Duration::from_secs(120);
/// Politeness at the end has its limit too.
pub(super) const QUIT_LIMIT: Duration = Duration::from_secs(5);
/// pure-ftpd may say nothing at all about a download whose connection was closed: after so long a
/// command that does nothing asks whether it is still there.
pub(super) const ABANDONED_LIMIT: Duration = Duration::from_secs(1);
/// Upload bytes kept for the network; the host is held off beyond.
const UPLOAD_LIMIT: usize = 256 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Closed,
    Connecting,
    Greeting,
    /// AUTH TLS.
    Auth,
    /// The TLS handshake of the control connection.
    Securing,
    /// PBSZ.
    BufferSize,
    /// PROT.
    Protection,
    User,
    Password,
    Account,
    Idle,
    Command,
    Text,
    RenameFrom,
    Type,
    Passive,
    DataConnecting,
    Listening,
    Port,
    Restart,
    /// The transfer command is sent: its first reply is awaited.
    Start,
    /// The server said that it begins.
    Running,
    /// The data connection was closed early: the server's word on that is awaited.
    Abandoned,
    /// The same, with a NOOP sent behind: its reply comes last in any case.
    Probing,
    Quitting,
}

/// The FTP client.
pub(crate) struct Client {
    pub(super) step: Step,
    pub(super) control: Option<SocketId>,
    pub(super) peer: Option<SocketAddr>,
    pub(super) login: Login,
    rename_to: Vec<u8>,
    pub(super) data: Option<DataLink>,
    /// The representation type the server was last told.
    pub(crate) ascii: Option<bool>,
    pub(super) quit_next: bool,
    pub(super) deadline: Option<Duration>,
    pub(super) replies: ReplyReader,
    pub(super) control_out: ByteQueue,
    pub(super) data_out: ByteQueue,
    pub(super) requests: VecDeque<NetRequest>,
    pub(super) events: VecDeque<ClientEvent>,
    last_id: u32,
    /// Whether control lines are to be told.
    pub(crate) observed: bool,
    /// How TLS begins.
    pub(crate) tls_mode: TlsMode,
    /// What outcomes cannot say.
    pub(crate) notices: Notices,
}

impl Client {
    pub(crate) fn new() -> Self {
        Self {
            step: Step::Closed,
            control: None,
            peer: None,
            login: Login::default(),
            rename_to: Vec::new(),
            data: None,
            ascii: None,
            quit_next: false,
            deadline: None,
            replies: ReplyReader::default(),
            control_out: ByteQueue::default(),
            data_out: ByteQueue::default(),
            requests: VecDeque::new(),
            events: VecDeque::new(),
            last_id: 0,
            observed: false,
            tls_mode: TlsMode::default(),
            notices: Notices::default(),
        }
    }

    /// Begins a job. Only `Quit` may interrupt another one, which is then not answered any more.
    pub(crate) fn start(&mut self, now: Duration, job: Job) {
        match job {
            Job::Open(login) => self.open(now, *login),
            Job::Quit => self.quit(now),
            _ if self.step != Step::Idle => self.events.push_back(ClientEvent::Done(false)),
            Job::Command(line) => self.command(now, &line, Step::Command),
            Job::Text(line) => self.command(now, &line, Step::Text),
            Job::Rename { from, to } => {
                self.rename_to = to;
                self.command(now, &joined("RNFR ", &from), Step::RenameFrom);
            }
            Job::Transfer(transfer) => self.begin(now, transfer),
        }
    }

    /// Drops every connection at once and without a word.
    pub(crate) fn drop_connections(&mut self) {
        self.close_data();
        self.close_control();
        self.events.clear();
    }

    /// Gives up the running transfer; `Done(false)` follows when the server has said its word.
    pub(crate) fn abandon_transfer(&mut self, now: Duration) {
        if self.data.is_none() {
            return;
        }
        let replied = self
            .data
            .as_ref()
            .is_some_and(|data| data.verdict.is_some());
        let asked = matches!(self.step, Step::Start | Step::Running);
        self.close_data();
        if asked && !replied {
            self.step = Step::Abandoned;
            self.deadline = Some(now + ABANDONED_LIMIT);
        } else {
            self.done(false);
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        !matches!(
            self.step,
            Step::Closed
                | Step::Connecting
                | Step::Greeting
                | Step::Auth
                | Step::Securing
                | Step::BufferSize
                | Step::Protection
                | Step::User
                | Step::Password
                | Step::Account
        )
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    pub(crate) fn request(&mut self) -> Option<NetRequest> {
        self.requests.pop_front()
    }

    pub(crate) fn event(&mut self) -> Option<ClientEvent> {
        self.events.pop_front()
    }

    pub(crate) fn is_data(&self, id: SocketId) -> bool {
        self.data.as_ref().is_some_and(|data| data.id == Some(id))
    }

    pub(crate) fn is_upload(&self) -> bool {
        self.data
            .as_ref()
            .is_some_and(|data| data.transfer.verb == Verb::Store)
    }

    pub(crate) fn is_control(&self, id: SocketId) -> bool {
        self.control == Some(id)
    }

    pub(crate) fn pending(&self, id: SocketId) -> &[u8] {
        if self.is_control(id) {
            self.control_out.as_slice()
        } else if self.is_data(id) {
            self.data_out.as_slice()
        } else {
            &[]
        }
    }

    pub(crate) fn sent(&mut self, now: Duration, id: SocketId, count: usize) {
        if self.is_control(id) {
            self.control_out.consume(count.min(self.control_out.len()));
        } else if self.is_data(id) {
            self.data_out.consume(count.min(self.data_out.len()));
            // While nothing waits, the host is the slow one, and it may take its time.
            self.deadline = (!self.data_out.is_empty()).then_some(now + STALL_LIMIT);
            self.finish_if_sent(now);
        }
    }

    /// Bytes that an upload can take now. A broken one takes all, for nothing.
    pub(crate) fn upload_room(&self) -> usize {
        UPLOAD_LIMIT.saturating_sub(self.data_out.len())
    }

    /// Where the bytes of an upload go; None when they can only be thrown away.
    pub(crate) fn upload(&mut self, now: Duration) -> Option<&mut Vec<u8>> {
        let open = self
            .data
            .as_ref()
            .is_some_and(|data| data.id.is_some() && !data.broken && !data.finishing);
        if !open {
            return None;
        }
        self.deadline.get_or_insert(now + STALL_LIMIT);
        Some(self.data_out.tail())
    }

    /// The host has given everything.
    pub(crate) fn finish_upload(&mut self, now: Duration) {
        if let Some(data) = &mut self.data {
            data.finishing = true;
        }
        self.finish_if_sent(now);
    }

    /// Payload was read, or could not be because the host does not take it: no stall of the server's.
    pub(crate) fn data_moved(&mut self, now: Duration) {
        if self.step == Step::Running && !self.is_upload() {
            self.deadline = Some(now + STALL_LIMIT);
        }
    }

    pub(crate) fn advance(&mut self, now: Duration) {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        self.deadline = None;
        match self.step {
            Step::Quitting => self.quitted(),
            Step::DataConnecting | Step::Listening => self.fail_transfer(),
            Step::Abandoned => {
                self.command(now, b"NOOP", Step::Probing);
                if self.quit_next {
                    self.deadline = Some(now + QUIT_LIMIT);
                }
            }
            Step::Closed | Step::Idle => {}
            _ if self.quit_next => self.quitted(),
            _ => {
                self.explain_silence();
                self.lost();
            }
        }
    }

    pub(crate) fn network(&mut self, now: Duration, event: NetEvent<'_>) {
        match event {
            NetEvent::Received { id, bytes } if self.is_control(id) => {
                self.read_replies(now, bytes)
            }
            NetEvent::Connected { id, peer } if self.is_control(id) => {
                self.peer = Some(peer);
                let step = if self.is_implicit() {
                    Step::Securing
                } else {
                    Step::Greeting
                };
                self.wait(now, step);
            }
            NetEvent::Secured { id } if self.is_control(id) => self.secured(now),
            NetEvent::Finished { id } | NetEvent::Failed { id } if self.is_control(id) => {
                if self.step == Step::Quitting || self.quit_next {
                    self.quitted()
                } else {
                    self.lost()
                }
            }
            NetEvent::Connected { id, .. } if self.is_data(id) => self.data_connected(now),
            NetEvent::Secured { id } if self.is_data(id) => self.data_secured(now),
            NetEvent::Listening { id, address }
                if self.is_data(id) && self.step == Step::Listening =>
            {
                self.command(now, port_line(address).as_bytes(), Step::Port);
            }
            NetEvent::Finished { id } if self.is_data(id) => {
                self.data_ended(now, DataLink::peer_closed)
            }
            NetEvent::Failed { id } if self.is_data(id) => self.data_ended(now, DataLink::failed),
            _ => {}
        }
    }

    pub(super) fn next_id(&mut self) -> SocketId {
        self.last_id += 1;
        SocketId(self.last_id)
    }

    // Commands and replies.

    pub(super) fn send(&mut self, line: &[u8]) {
        self.control_out.push(line);
        self.control_out.push(b"\r\n");
        if self.observed {
            self.events.push_back(ClientEvent::Control(line.to_vec()));
        }
    }

    pub(super) fn wait(&mut self, now: Duration, step: Step) {
        self.step = step;
        self.deadline = Some(now + REPLY_LIMIT);
    }

    pub(super) fn command(&mut self, now: Duration, line: &[u8], step: Step) {
        self.send(line);
        self.wait(now, step);
    }

    pub(super) fn done(&mut self, ok: bool) {
        self.step = Step::Idle;
        self.deadline = None;
        self.events.push_back(ClientEvent::Done(ok));
    }

    fn read_replies(&mut self, now: Duration, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.control.is_some() {
            if self.step == Step::Securing {
                return self.refuse_clear_text();
            }
            let (used, line) = self.replies.push(bytes);
            bytes = &bytes[used..];
            let Some(line) = line else { continue };
            let text = self.replies.text().to_vec();
            self.replies.next_line();
            self.read_line(now, &line, text);
        }
    }

    fn read_line(&mut self, now: Duration, line: &ReplyLine, text: Vec<u8>) {
        if self.observed {
            self.events.push_back(ClientEvent::Control(text.clone()));
        }
        match *line {
            ReplyLine::Malformed => self.lost(),
            ReplyLine::More => {
                if self.step == Step::Text && self.replies.succeeds() {
                    self.deadline = Some(now + REPLY_LIMIT);
                    self.events.push_back(ClientEvent::Text(undoubled(text)));
                }
            }
            ReplyLine::Last(code) => self.reply(now, code, text),
        }
    }

    fn reply(&mut self, now: Duration, code: u16, text: Vec<u8>) {
        if !self.quit_next && self.secure_reply(now, code, &text) {
            return;
        }
        if code == 421 && self.step != Step::Quitting && !self.quit_next {
            return self.lost();
        }
        if self.quit_next {
            if code >= 200 {
                self.quit_next = false;
                self.close_data();
                self.step = Step::Idle;
                self.quit(now);
            }
            return;
        }
        let good = (200..300).contains(&code);
        match (self.step, code) {
            (Step::Greeting, 220) if self.login.tls => self.greeted(now),
            (Step::Greeting, 220) => self.login_step(now, "USER ", Step::User),
            (Step::User, 331) => self.login_step(now, "PASS ", Step::Password),
            (Step::User | Step::Password, 332) => self.login_step(now, "ACCT ", Step::Account),
            (Step::User, 230) | (Step::Password | Step::Account, 202 | 230) => self.done(true),
            (Step::Quitting, _) => self.quitted(),
            (Step::Closed | Step::Connecting | Step::Securing | Step::Idle, _) => {}
            (Step::Start, 100..200) => self.started(now),
            (_, 100..200) => {}
            (Step::Greeting | Step::User | Step::Password | Step::Account, _) => {
                self.close_control();
                self.events.push_back(ClientEvent::Done(false));
            }
            (Step::Text, 200..300) => {
                self.events.push_back(ClientEvent::Text(undoubled(text)));
                self.done(true);
            }
            (Step::Command | Step::Text, _) => self.done(good),
            (Step::RenameFrom, 350) => {
                let line = joined("RNTO ", &std::mem::take(&mut self.rename_to));
                self.command(now, &line, Step::Command);
            }
            (Step::Type, 200..300) => {
                self.ascii = self.data.as_ref().map(|data| data.transfer.ascii);
                self.connect_data(now);
            }
            (Step::Passive, 227 | 229) => self.connect_passive(now, code, &text),
            (Step::Port, 200..300) => self.restart(now),
            (Step::Restart, 350) => self.start_transfer(now),
            (Step::Start, 200..300) => {
                // A server that leaves out its 150: the transfer began all the same.
                self.started(now);
                self.verdict(now, true);
            }
            (Step::Running, _) => self.verdict(now, good),
            // The word on the transfer came after all; that on NOOP is still to come.
            (Step::Probing, 226 | 250 | 400..500) => {}
            (Step::Abandoned | Step::Probing, _) => self.done(false),
            _ => self.fail_transfer(),
        }
    }

    pub(super) fn login_step(&mut self, now: Duration, verb: &str, step: Step) {
        let text = match step {
            Step::User => &self.login.user,
            Step::Password => &self.login.password,
            _ => &self.login.account,
        };
        let line = joined(verb, text);
        self.command(now, &line, step);
    }
}

pub(super) fn joined(verb: &str, text: &[u8]) -> Vec<u8> {
    [verb.as_bytes(), text].concat()
}
