//! A modem, the host that types at it and the FTP server it talks to, all in one thread without I/O.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test file uses its part"
)]

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use nlftp_vmodem::network::{NetEvent, NetRequest, Role, SocketId};
use nlftp_vmodem::{Dialect, Modem, ModemConfig};

/// What the data connection is for.
enum Data {
    Idle,
    Upload { name: String, bytes: Vec<u8> },
    Download { bytes: Vec<u8>, sent: usize },
}

/// Everything around one modem.
pub struct World {
    pub modem: Modem,
    pub now: Duration,
    pub files: BTreeMap<String, Vec<u8>>,
    /// Command lines that reached the server.
    pub commands: Vec<String>,
    /// Requests of the modem that open connections.
    pub connects: Vec<NetRequest>,
    /// Replies in place of the usual ones, by verb, used up one by one.
    pub replies: HashMap<&'static str, VecDeque<&'static str>>,
    /// The most that is sent on a data connection at once.
    pub chunk: usize,
    /// Bytes typed that the modem has not taken yet, as a port keeps them.
    pub waiting: VecDeque<u8>,
    host: Vec<u8>,
    control: Option<SocketId>,
    data: Option<SocketId>,
    role: Data,
    line: Vec<u8>,
    rest: usize,
    listening: bool,
}

impl World {
    pub fn new() -> Self {
        Self::with(ModemConfig {
            echo: false,
            ..ModemConfig::default()
        })
    }

    pub fn speaking(dialect: Dialect) -> Self {
        Self::with(ModemConfig {
            echo: false,
            dialect,
            ..ModemConfig::default()
        })
    }

    pub fn with(config: ModemConfig) -> Self {
        Self {
            modem: Modem::new(config),
            now: Duration::from_secs(1000),
            files: BTreeMap::new(),
            commands: Vec::new(),
            connects: Vec::new(),
            replies: HashMap::new(),
            chunk: 50_000,
            waiting: VecDeque::new(),
            host: Vec::new(),
            control: None,
            data: None,
            role: Data::Idle,
            line: Vec::new(),
            rest: 0,
            listening: false,
        }
    }

    /// A world whose modem is logged in, with what that printed already read.
    pub fn opened(mut self) -> Self {
        self.line(r#"AT+FTPOPEN="h","u","p""#);
        assert!(self.text().contains("FTPOPEN"), "no outcome");
        self.commands.clear();
        self
    }

    pub fn reply(&mut self, verb: &'static str, text: &'static str) {
        self.replies.entry(verb).or_default().push_back(text);
    }

    /// Types bytes; what the modem does not take waits until it does.
    pub fn types(&mut self, bytes: &[u8]) {
        self.waiting.extend(bytes);
        self.pump();
    }

    fn typed_bytes(&mut self) -> bool {
        let used = self.modem.receive(self.now, self.waiting.make_contiguous());
        self.waiting.drain(..used);
        used > 0
    }

    pub fn line(&mut self, text: &str) {
        self.types(format!("{text}\r").as_bytes());
    }

    /// Types a line and gives what came back.
    pub fn ask(&mut self, text: &str) -> String {
        self.line(text);
        self.text()
    }

    /// Types bytes without a line end and gives what came back.
    pub fn ask_bytes(&mut self, bytes: &[u8]) -> String {
        self.types(bytes);
        self.text()
    }

    /// What the host has received since it was last asked.
    pub fn bytes(&mut self) -> Vec<u8> {
        self.pump();
        std::mem::take(&mut self.host)
    }

    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(&self.bytes()).replace("\r\n", "|")
    }

    /// Lets time pass, deadline by deadline.
    pub fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.modem.deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.modem.advance(self.now);
            self.pump();
        }
        self.now = end;
    }

    /// The server drops the control connection.
    pub fn lose_control(&mut self) {
        if let Some(id) = self.control.take() {
            self.modem.network(self.now, NetEvent::Finished { id });
        }
        self.pump();
    }

    /// The data connection breaks.
    pub fn break_data(&mut self) {
        if let Some(id) = self.data.take() {
            self.role = Data::Idle;
            self.modem.network(self.now, NetEvent::Failed { id });
        }
        self.pump();
    }

    /// The server says something on its own.
    pub fn says(&mut self, text: &str) {
        self.send(text);
        self.pump();
    }

    pub fn pump(&mut self) {
        for _ in 0..1_000_000 {
            let mut moved = self.requests();
            moved |= self.typed_bytes();
            moved |= self.control_bytes();
            moved |= self.data_bytes();
            let before = self.host.len();
            self.modem.transmit(&mut self.host, usize::MAX);
            if !moved && before == self.host.len() {
                return;
            }
        }
        panic!("never at rest");
    }

    fn requests(&mut self) -> bool {
        let Some(request) = self.modem.poll_network() else {
            return false;
        };
        let address = "127.0.0.1:4000".parse().unwrap();
        match &request {
            NetRequest::Connect {
                id,
                role: Role::Control,
                ..
            } => {
                self.control = Some(*id);
                self.line.clear();
                self.modem.network(
                    self.now,
                    NetEvent::Connected {
                        id: *id,
                        peer: address,
                    },
                );
                if matches!(request, NetRequest::Connect { tls: true, .. }) {
                    self.modem.network(self.now, NetEvent::Secured { id: *id });
                }
                self.answer("GREETING", "220-welcome\r\n220 ready");
            }
            NetRequest::Connect { id, .. } => {
                self.data = Some(*id);
                self.modem.network(
                    self.now,
                    NetEvent::Connected {
                        id: *id,
                        peer: address,
                    },
                );
            }
            NetRequest::Listen { id, .. } => {
                self.data = Some(*id);
                self.listening = true;
                self.modem
                    .network(self.now, NetEvent::Listening { id: *id, address });
            }
            NetRequest::Finish { id } if self.data == Some(*id) => {
                if let Data::Upload { name, bytes } = std::mem::replace(&mut self.role, Data::Idle)
                {
                    self.files.insert(name, bytes);
                    self.answer("226", "226 stored");
                }
            }
            NetRequest::Close { id } if self.data == Some(*id) => {
                self.data = None;
                if !matches!(std::mem::replace(&mut self.role, Data::Idle), Data::Idle) {
                    self.answer("426", "426 closed");
                }
            }
            NetRequest::Close { id } if self.control == Some(*id) => self.control = None,
            _ => {}
        }
        if matches!(
            request,
            NetRequest::Connect { .. } | NetRequest::Listen { .. }
        ) {
            self.connects.push(request);
        }
        true
    }

    fn control_bytes(&mut self) -> bool {
        let Some(id) = self.control else { return false };
        let bytes = self.modem.pending(id).to_vec();
        self.modem.sent(self.now, id, bytes.len());
        self.line.extend_from_slice(&bytes);
        while let Some(end) = self.line.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.line.drain(..=end).collect();
            let line = String::from_utf8(line).unwrap();
            self.command(line.strip_suffix("\r\n").unwrap());
        }
        !bytes.is_empty()
    }

    fn command(&mut self, line: &str) {
        self.commands.push(line.to_owned());
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "USER" => self.answer("USER", "331 password"),
            "PASS" => self.answer("PASS", "230 in"),
            "ACCT" => self.answer("ACCT", "230 in"),
            "PASV" => self.answer("PASV", "227 go (127,0,0,1,15,160)"),
            "REST" => {
                self.rest = argument.parse().unwrap();
                self.answer("REST", "350 from there");
            }
            "STOR" => self.begin(
                "STOR",
                Data::Upload {
                    name: argument.to_owned(),
                    bytes: Vec::new(),
                },
            ),
            "RETR" => match self.files.get(argument) {
                None => self.answer("RETR", "550 no such file"),
                Some(file) => {
                    let bytes = file[std::mem::take(&mut self.rest).min(file.len())..].to_vec();
                    self.begin("RETR", Data::Download { bytes, sent: 0 });
                }
            },
            "LIST" => {
                let lines: String = self
                    .files
                    .iter()
                    .map(|(name, file)| format!("- {} {name}\r\n", file.len()))
                    .collect();
                self.begin(
                    "LIST",
                    Data::Download {
                        bytes: lines.into_bytes(),
                        sent: 0,
                    },
                );
            }
            "SIZE" => match self.files.get(argument).map(Vec::len) {
                None => self.answer("SIZE", "550 no such file"),
                Some(size) => self.answer("SIZE", &format!("213 {size}")),
            },
            "DELE" if self.files.remove(argument).is_none() => {
                self.answer("DELE", "550 no such file")
            }
            "PWD" => self.answer("PWD", "257 \"/Fib\"\"ocom\" is it"),
            "SYST" => self.answer("SYST", "215 UNIX Type: L8"),
            "STAT" => self.answer("STAT", "213-Status\r\n- 5 a\r\n- 6 b\r\n213 End"),
            "RNFR" => self.answer("RNFR", "350 to what"),
            "QUIT" => self.answer("QUIT", "221 bye"),
            _ => self.answer_as(verb, "250 done"),
        }
    }

    fn begin(&mut self, verb: &'static str, role: Data) {
        let text = self
            .replies
            .get_mut(verb)
            .and_then(VecDeque::pop_front)
            .unwrap_or("150 here it comes");
        self.rest = 0;
        if text.starts_with('1') {
            self.role = role;
        }
        self.send(text);
        if let (true, Some(id)) = (std::mem::take(&mut self.listening), self.data) {
            self.modem.network(
                self.now,
                NetEvent::Connected {
                    id,
                    peer: "127.0.0.1:20".parse().unwrap(),
                },
            );
        }
    }

    fn answer_as(&mut self, verb: &str, usual: &str) {
        let text = self
            .replies
            .get_mut(verb)
            .and_then(VecDeque::pop_front)
            .map_or(usual.to_owned(), str::to_owned);
        self.send(&text);
    }

    fn answer(&mut self, verb: &'static str, usual: &str) {
        self.answer_as(verb, usual);
    }

    fn send(&mut self, text: &str) {
        if let Some(id) = self.control {
            let bytes = format!("{text}\r\n").into_bytes();
            self.modem
                .network(self.now, NetEvent::Received { id, bytes: &bytes });
        }
    }

    fn data_bytes(&mut self) -> bool {
        let Some(id) = self.data else { return false };
        match &mut self.role {
            Data::Idle => false,
            Data::Upload { bytes, .. } => {
                let pending = self.modem.pending(id).to_vec();
                bytes.extend_from_slice(&pending);
                self.modem.sent(self.now, id, pending.len());
                !pending.is_empty()
            }
            Data::Download { bytes, sent } => {
                let size = (bytes.len() - *sent)
                    .min(self.chunk)
                    .min(self.modem.room(id));
                let piece = bytes[*sent..*sent + size].to_vec();
                *sent += size;
                let whole = *sent == bytes.len();
                if size > 0 {
                    self.modem
                        .network(self.now, NetEvent::Received { id, bytes: &piece });
                }
                if whole && self.modem.room(id) > 0 {
                    self.role = Data::Idle;
                    self.modem.network(self.now, NetEvent::Finished { id });
                    self.answer("226", "226 sent");
                    return true;
                }
                size > 0
            }
        }
    }
}

/// Bytes that do not compress into a pattern a bug could hide in.
pub fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..size).map(|_| next()).collect()
}

/// The escaping of stream transfers, written a second time.
pub fn stuffed(data: &[u8]) -> Vec<u8> {
    data.iter()
        .flat_map(|byte| {
            if matches!(byte, 3 | 16) {
                vec![16, *byte]
            } else {
                vec![*byte]
            }
        })
        .collect()
}

/// What FTPRETR answers with from its OK to its outcome.
pub fn retrieved(data: &[u8], end: &[u8]) -> Vec<u8> {
    [
        b"\r\nOK\r\n\r\n+FTPRETR: 2\r\n",
        stuffed(data).as_slice(),
        end,
    ]
    .concat()
}
