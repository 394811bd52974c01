//! The module as one state machine: bytes of the host on one side, a network on the other, time passed in.

use std::collections::VecDeque;
use std::time::Duration;

use crate::activity::{Activity, Upload};
use crate::at::cellular::Registration;
use crate::at::fault::Fault;
use crate::at::line::{Entered, LineCollector};
use crate::config::{Dtr, Failure, ModemConfig, Settings};
use crate::dialect::WhileOwed;
use crate::download::Download;
use crate::ftp::Client;
use crate::network::{NetEvent, NetRequest, SocketId};
use crate::output::{OUTPUT_LIMIT, Output};
use crate::pacing::ChunkTimer;

/// Control replies are read in pieces of this size, and only while the host takes what they cause.
const CONTROL_ROOM: usize = 4096;
/// Command lines kept for whoever wants to see them.
const RECORD_LIMIT: usize = 4096;

/// A virtual NL668, without I/O, threads or a clock of its own.
///
/// Every call takes the time as a duration since a moment of the caller's choice; it never goes back.
pub struct Modem {
    pub(crate) config: ModemConfig,
    pub(crate) settings: Settings,
    pub(crate) output: Output,
    pub(crate) client: Client,
    pub(crate) activity: Activity,
    pub(crate) download: Option<Download>,
    pub(crate) upload: Option<Upload>,
    pub(crate) attached: bool,
    pub(crate) registration: Registration,
    /// An FTPOPEN succeeded, and nothing has ended the connection since.
    pub(crate) connected: bool,
    /// What the last FTPLIST named.
    pub(crate) last_listed: Vec<u8>,
    /// NULs before the bytes of an FTPSTOR that is about to begin.
    pub(crate) padding_owed: u64,
    /// When the host last gave a byte of an FTPPUT piece, or was asked for it.
    pub(crate) put_bytes_at: Duration,
    pub(crate) chunk_timer: ChunkTimer,
    /// Unasked lines that follow the result of the command that caused them.
    pub(crate) after_result: Vec<String>,
    /// The OK that comes behind the first outcome.
    pub(crate) ok_owed: bool,
    /// A command that is refused by an outcome 0 behind its OK.
    pub(crate) refused_outcome: Option<&'static str>,
    /// Where payload goes that nobody wants.
    pub(crate) scratch: Vec<u8>,
    collector: LineCollector,
    task: Option<(Duration, Task)>,
    record: VecDeque<Vec<u8>>,
    silent: bool,
}

/// What the modem thinks about for its turnaround time.
enum Task {
    Line(Entered),
    PieceDone,
}

impl Modem {
    /// A module just switched on.
    pub fn new(config: ModemConfig) -> Self {
        Self {
            settings: Settings::new(&config),
            attached: config.attached,
            registration: if config.registered {
                Registration::Home
            } else {
                Registration::Searching
            },
            connected: false,
            last_listed: Vec::new(),
            padding_owed: 0,
            put_bytes_at: Duration::ZERO,
            chunk_timer: ChunkTimer::default(),
            after_result: Vec::new(),
            collector: LineCollector::new(
                usize::try_from(config.dialect.line_limit).unwrap_or(usize::MAX),
            ),
            config,
            output: Output::default(),
            client: Client::new(),
            activity: Activity::Idle,
            download: None,
            upload: None,
            ok_owed: false,
            refused_outcome: None,
            scratch: Vec::new(),
            task: None,
            record: VecDeque::new(),
            silent: false,
        }
    }

    /// Takes bytes from the host. Gives how many were taken: less than offered when there is no
    /// room for more, or while an answer is being thought about.
    pub fn receive(&mut self, now: Duration, bytes: &[u8]) -> usize {
        if self.silent {
            return bytes.len();
        }
        let mut used = 0;
        while used < bytes.len() && self.task.is_none() {
            let taken = self.receive_some(now, &bytes[used..]);
            if taken == 0 {
                break;
            }
            used += taken;
        }
        self.settle(now);
        used
    }

    fn receive_some(&mut self, now: Duration, bytes: &[u8]) -> usize {
        match self.activity {
            Activity::Storing { .. } | Activity::Swallowing { .. } => self.store(now, bytes),
            Activity::PutData { .. } => {
                let (used, whole) = self.put_bytes(now, bytes);
                if whole {
                    self.think(now, Task::PieceDone);
                }
                used
            }
            // Nothing the host sends means anything until the payload is over.
            Activity::Retrieving(_) | Activity::Listing { .. } => bytes.len(),
            _ if self.output.len() >= OUTPUT_LIMIT => 0,
            _ if !self.is_idle() && self.config.dialect.while_owed == WhileOwed::Queued => 0,
            _ if !self.is_idle() && self.config.dialect.while_owed == WhileOwed::Lost => {
                bytes.len()
            }
            _ => {
                let piece = &bytes[..bytes.len().min(CONTROL_ROOM)];
                let echo = self.settings.echo.then_some(&mut self.output);
                let (used, entered) = self.collector.push(piece, echo);
                if let Some(entered) = entered {
                    self.think(now, Task::Line(entered));
                }
                used
            }
        }
    }

    fn think(&mut self, now: Duration, task: Task) {
        if let Task::Line(Entered::Line(body)) = &task {
            if self.record.len() == RECORD_LIMIT {
                self.record.pop_front();
            }
            self.record.push_back([b"AT", body.as_slice()].concat());
        }
        self.task = Some((now + self.config.turnaround, task));
        self.run_task(now);
    }

    fn run_task(&mut self, now: Duration) {
        let Some((at, task)) = self.task.take() else {
            return;
        };
        if now < at {
            self.task = Some((at, task));
            return;
        }
        match task {
            Task::Line(Entered::Line(body)) => self.execute(now, &body),
            Task::Line(Entered::TooLong) => self.refuse(Fault::Syntax),
            Task::PieceDone => self.put_piece_done(now),
        }
        if let Some(name) = self.refused_outcome.take() {
            self.information(name, "0");
        }
        for line in std::mem::take(&mut self.after_result) {
            self.output.unasked("", line.as_bytes());
        }
    }

    /// The host's DTR line changed. A port without one tells by this that its last client left or came back.
    pub fn dtr(&mut self, _now: Duration, level: bool) {
        if !level && self.config.dtr == Dtr::Present && self.settings.dtr_drop_closes {
            self.hang_up();
            self.output.clear();
            self.collector.clear();
            self.task = None;
        }
    }

    /// Ends every data phase and the FTP connection, without a word.
    pub(crate) fn hang_up(&mut self) {
        self.client.drop_connections();
        self.ok_owed = false;
        self.forget_connection();
        self.activity = Activity::Idle;
        self.output.release();
    }

    /// The bytes for the host, in place.
    pub fn output(&self) -> &[u8] {
        if self.silent {
            &[]
        } else {
            self.output.as_slice()
        }
    }

    /// So many bytes of [`Modem::output`] have gone out.
    pub fn transmitted(&mut self, count: usize) {
        self.output.consume(count);
    }

    /// Moves up to `room` bytes for the host to the end of `out`.
    pub fn transmit(&mut self, out: &mut Vec<u8>, room: usize) {
        let size = self.output().len().min(room);
        out.extend_from_slice(&self.output()[..size]);
        self.transmitted(size);
    }

    /// Something happened on the network.
    pub fn network(&mut self, now: Duration, event: NetEvent<'_>) {
        match event {
            NetEvent::Received { id, bytes } if self.client.is_data(id) => self.payload(now, bytes),
            _ => self.client.network(now, event),
        }
        self.settle(now);
    }

    /// The next thing the modem wants of its network.
    pub fn poll_network(&mut self) -> Option<NetRequest> {
        self.client.request()
    }

    /// How many bytes of a connection the modem can take now.
    pub fn room(&self, id: SocketId) -> usize {
        if self.client.is_control(id) {
            return CONTROL_ROOM.min(self.output.room());
        }
        if !self.client.is_data(id) {
            return 0;
        }
        if self.client.is_upload() {
            // Nothing is expected there but its end.
            return CONTROL_ROOM;
        }
        match &self.activity {
            Activity::Retrieving(_) => self.retrieve_room(),
            Activity::Listing { .. } => self.output.payload_room(),
            Activity::Waiting(..) => 0,
            _ => {
                let full = self.config.dialect.cache_full;
                self.download
                    .as_ref()
                    .map_or(0, |download| download.room(full))
            }
        }
    }

    /// The bytes to be sent on a connection, in place.
    pub fn pending(&self, id: SocketId) -> &[u8] {
        self.client.pending(id)
    }

    /// So many bytes of [`Modem::pending`] have been sent.
    pub fn sent(&mut self, now: Duration, id: SocketId, count: usize) {
        self.client.sent(now, id, count);
        self.settle(now);
    }

    /// When [`Modem::advance`] has something to do, if nothing else happens.
    pub fn deadline(&self) -> Option<Duration> {
        let task = self.task.as_ref().map(|(at, _)| *at);
        let cache = self.download.as_ref().and_then(Download::deadline);
        let chunk = match self.activity {
            Activity::Retrieving(_) => self.chunk_timer.wake(),
            _ => None,
        };
        [
            task,
            cache,
            chunk,
            self.put_deadline(),
            self.client.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Lets time pass.
    pub fn advance(&mut self, now: Duration) {
        self.run_task(now);
        self.expire_cache(now);
        self.put_expired(now);
        self.chunk_timer.pass(now);
        let payload = matches!(
            self.activity,
            Activity::Retrieving(_) | Activity::Listing { .. }
        );
        if (payload && self.output.payload_room() == 0) || self.is_held() {
            // The host does not read: that is no fault of the server's.
            self.client.data_moved(now);
        }
        self.client.advance(now);
        self.settle(now);
    }

    fn settle(&mut self, now: Duration) {
        while let Some(event) = self.client.event() {
            self.client_event(now, event);
        }
        self.pad(now);
    }

    /// Makes the next command fail with a code of the manual's section 2, told in the dialect's way.
    pub fn fail_next(&mut self, code: u16) {
        self.fail(Failure::new("", code));
    }

    /// Makes a command fail once, before all failures that were asked for earlier.
    pub fn fail(&mut self, failure: Failure) {
        self.config.failures.insert(0, failure);
    }

    /// A device that never answers: swallows what comes and says nothing.
    pub fn set_silent(&mut self, silent: bool) {
        self.silent = silent;
    }

    /// Says a line that nobody asked for, behind the payload that is on the line. Without a reader it is lost once much
    /// waits for one.
    pub fn say_unasked(&mut self, line: &[u8]) {
        if self.output.len() < OUTPUT_LIMIT {
            self.output.unasked("", line);
        }
    }

    /// Takes the oldest command line that came in and was not taken yet, as it was sent: passwords
    /// and all. Only the last few thousand are kept.
    pub fn take_command_line(&mut self) -> Option<Vec<u8>> {
        self.record.pop_front()
    }
}
