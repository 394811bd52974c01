//! A model FTP server (RFC 959): its control connection's state, and the one transfer that may be running.

use std::collections::{BTreeMap, VecDeque};

use crate::blob::{Blob, MOST_HELD};
use crate::files::{Files, resolve};
use crate::scenario::{LineEnds, Missing, Scenario, Tail};

/// What the server wants of its network.
#[derive(Debug)]
pub(crate) enum Said {
    /// A line on the control connection.
    Reply(String),
    /// The control connection's end.
    Hangup,
    /// Connects to the client's data port.
    Connect,
    /// Bytes on the data connection.
    Bytes(Vec<u8>),
    /// Its end.
    Fin,
    /// Its break.
    Reset,
}

#[derive(Debug, Default)]
struct Session {
    user: bool,
    folder: String,
    rest: u64,
    ascii: bool,
    rename_from: Option<String>,
    /// The client waits at its own port.
    active: bool,
    /// A data connection is up.
    data: bool,
    /// The port that the next one has to come to.
    passive: Option<u16>,
    transfer: Option<Transfer>,
}

#[derive(Debug)]
enum Transfer {
    Send,
    /// A file, and where in it the next byte goes.
    Store(String, u64),
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) files: Files,
    missing: Missing,
    tail: Tail,
    lists: bool,
    line_ends: LineEnds,
    session: Option<Session>,
    line: Vec<u8>,
    next_port: u16,
    pub(crate) said: VecDeque<Said>,
    /// The next command is refused with this.
    pub(crate) refuse: Option<u64>,
    /// There is no room for more.
    pub(crate) full: bool,
    /// The next data connection does not come about.
    pub(crate) no_data: bool,
    /// The next listing has so many lines more.
    pub(crate) flood: u64,
    /// How many uploads to each path were begun.
    begun: BTreeMap<String, u64>,
}

impl Server {
    pub(crate) fn new(scenario: &Scenario) -> Server {
        Server {
            files: Files::new(scenario),
            missing: scenario.missing,
            tail: scenario.tail,
            lists: scenario.lists,
            line_ends: scenario.line_ends,
            session: None,
            line: Vec::new(),
            next_port: 40_000,
            said: VecDeque::new(),
            refuse: None,
            full: false,
            no_data: false,
            flood: 0,
            begun: BTreeMap::new(),
        }
    }

    /// How many uploads to this path were begun.
    pub(crate) fn begun(&self, path: &str) -> u64 {
        self.begun.get(path).copied().unwrap_or(0)
    }

    fn reply(&mut self, text: impl Into<String>) {
        self.said.push_back(Said::Reply(text.into()));
    }

    /// A client has come; one that was there before is forgotten.
    pub(crate) fn greet(&mut self) {
        self.line.clear();
        self.session = Some(Session {
            folder: "/".into(),
            ..Session::default()
        });
        self.reply("220 model server");
    }

    /// The control connection is gone, and with it what was running: a file stays as short as it is.
    pub(crate) fn forget(&mut self) {
        self.session = None;
        self.said.clear();
    }

    pub(crate) fn is_transferring(&self) -> bool {
        self.session
            .as_ref()
            .is_some_and(|session| session.transfer.is_some())
    }

    pub(crate) fn is_storing(&self) -> bool {
        let transfer = self
            .session
            .as_ref()
            .and_then(|session| session.transfer.as_ref());
        matches!(transfer, Some(Transfer::Store(..)))
    }

    /// Whether a data connection to this port is expected.
    pub(crate) fn accept(&mut self, port: u16) -> bool {
        let no_data = std::mem::take(&mut self.no_data);
        match &mut self.session {
            Some(session) if session.passive == Some(port) && !no_data => {
                session.data = true;
                true
            }
            _ => false,
        }
    }

    /// Bytes on the control connection.
    pub(crate) fn control(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                self.command(&line);
            } else if self.line.len() < 4096 {
                self.line.push(byte);
            }
        }
    }

    fn command(&mut self, line: &str) {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        let verb = verb.to_ascii_uppercase();
        let Some(mut session) = self.session.take() else {
            return;
        };
        if verb == "QUIT" {
            self.reply("221 bye");
            self.said.push_back(Said::Hangup);
            return;
        }
        if let Some(code) = self.refuse.take() {
            self.reply(format!("{code} not now"));
            if code == 421 {
                self.said.push_back(Said::Hangup);
                return;
            }
            session.passive = None;
            session.data = false;
        } else {
            self.obey(&mut session, &verb, argument);
        }
        self.session = Some(session);
    }

    fn obey(&mut self, session: &mut Session, verb: &str, argument: &str) {
        let path = resolve(&session.folder, argument);
        let rest = std::mem::take(&mut session.rest);
        if !session.user && !matches!(verb, "USER" | "PASS" | "ACCT" | "AUTH" | "PBSZ" | "PROT") {
            return self.reply("530 log in first");
        }
        match verb {
            "AUTH" => self.reply("234 go on in TLS"),
            "USER" => self.reply("331 password"),
            "PASS" if argument == "secret" => {
                session.user = true;
                self.reply("230 welcome");
            }
            "PASS" => self.reply("530 no"),
            "TYPE" => {
                session.ascii = argument.starts_with('A');
                self.reply("200 fine");
            }
            "NOOP" | "MODE" | "STRU" | "PBSZ" | "PROT" => self.reply("200 fine"),
            "SYST" => self.reply("215 UNIX Type: L8"),
            "PWD" => self.reply(format!("257 \"{}\" is it", session.folder)),
            "CWD" if self.files.is_folder(&path) => {
                session.folder = path;
                self.reply("250 there");
            }
            "CDUP" => {
                session.folder = resolve(&session.folder, "..");
                self.reply("250 up");
            }
            "MKD" if self.files.make_folder(&path) => self.reply(format!("257 \"{path}\" made")),
            "RMD" if self.files.remove_folder(&path) => self.reply("250 gone"),
            "DELE" if self.files.remove(&path) => self.reply("250 gone"),
            "SIZE" if self.files.get(&path).is_some() => {
                let size = self.files.get(&path).map_or(0, Blob::len);
                self.reply(format!("213 {size}"));
            }
            "RNFR" if self.files.get(&path).is_some() => {
                session.rename_from = Some(path);
                self.reply("350 to what");
            }
            "RNTO" => match session.rename_from.take() {
                Some(from) if self.files.rename(&from, &path) => self.reply("250 renamed"),
                _ => self.reply("503 what"),
            },
            "STAT" if argument.is_empty() => {
                self.reply("211-model server\r\n all is well\r\n211 end")
            }
            "STAT" => {
                let text = self.files.list(&path).unwrap_or_default();
                self.reply(format!("213-status\r\n{text}213 end"));
            }
            "REST" => match argument.parse() {
                Ok(offset) => {
                    session.rest = offset;
                    self.reply("350 from there");
                }
                Err(_) => self.reply("501 what"),
            },
            "PASV" => {
                self.next_port = self.next_port.wrapping_add(1).max(1024);
                let [high, low] = self.next_port.to_be_bytes();
                (session.passive, session.active, session.data) =
                    (Some(self.next_port), false, false);
                self.reply(format!(
                    "227 Entering Passive Mode (203,0,113,5,{high},{low})"
                ));
            }
            "PORT" => {
                (session.passive, session.active, session.data) = (None, true, false);
                self.reply("200 fine");
            }
            "LIST" | "RETR" | "STOR" => self.transfer(session, verb, &path, rest),
            _ => self.reply("550 no"),
        }
    }

    fn transfer(&mut self, session: &mut Session, verb: &str, path: &str, rest: u64) {
        let bytes = match verb {
            "LIST" if !self.lists => return self.reply("502 no lists here"),
            "LIST" => match (self.files.list(path), self.missing) {
                (Some(text), _) => Some(self.flooded(text).into_bytes()),
                (None, Missing::Empty) => Some(Vec::new()),
                (None, Missing::Refused) => return self.reply("550 nothing there"),
            },
            "RETR" => match self.files.get(path) {
                Some(blob) => {
                    let bytes = blob.part(rest, MOST_HELD as usize);
                    Some(self.for_client(session.ascii, bytes))
                }
                None => return self.reply("550 nothing there"),
            },
            _ if self.files.is_folder(path) => return self.reply("553 a folder"),
            _ if rest > self.files.get(path).map_or(0, Blob::len) + MOST_HELD => {
                return self.reply("551 far behind the end");
            }
            _ => None,
        };
        let all = verb != "RETR"
            || self
                .files
                .get(path)
                .map_or(0, Blob::len)
                .saturating_sub(rest)
                <= MOST_HELD;
        if session.active {
            if std::mem::take(&mut self.no_data) {
                return self.reply("425 cannot connect");
            }
            session.data = true;
            self.reply("150 connecting");
            self.said.push_back(Said::Connect);
        } else if session.data {
            self.reply("150 here it comes");
        } else {
            return self.reply("425 no data connection");
        }
        match bytes {
            Some(bytes) => {
                session.transfer = Some(Transfer::Send);
                self.said.push_back(Said::Bytes(bytes));
                if all {
                    self.said.push_back(Said::Fin);
                } else {
                    // What this model does not hold at once ends early.
                    self.said.push_back(Said::Reset);
                    session.transfer = None;
                    self.reply("426 broken");
                }
            }
            None => {
                *self.begun.entry(path.to_owned()).or_default() += 1;
                let tail = self.tail;
                let file = self.files.open(path);
                let kept = tail == Tail::Kept && file.held_from(rest) <= MOST_HELD;
                if file.len() < rest || rest == 0 || !kept {
                    file.resize(rest);
                }
                session.transfer = Some(Transfer::Store(path.to_owned(), rest));
            }
        }
    }

    /// A listing with all the lines that it is to have.
    fn flooded(&mut self, mut text: String) -> String {
        for number in 0..std::mem::take(&mut self.flood) {
            text += &format!("-rw-r--r-- 1 ftp ftp        7 Oct 26 15:15 flood{number}\r\n");
        }
        text
    }

    /// A file's bytes as the client gets them.
    pub(crate) fn for_client(&self, ascii: bool, bytes: Vec<u8>) -> Vec<u8> {
        if !ascii || self.line_ends == LineEnds::Kept {
            return bytes;
        }
        let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
        lines.join(&b"\r\n"[..])
    }

    // -- the data connection ----------------------------------------------------------------------

    /// All of a download is as good as sent.
    pub(crate) fn sent(&mut self) {
        if self.end_transfer() {
            self.reply("226 done");
        }
    }

    /// Bytes of an upload.
    pub(crate) fn store(&mut self, bytes: &[u8]) {
        let ascii = self.session.as_ref().is_some_and(|session| session.ascii);
        let transfer = self
            .session
            .as_mut()
            .and_then(|session| session.transfer.as_mut());
        let Some(Transfer::Store(path, at)) = transfer else {
            return;
        };
        let Some(file) = self.files.opened(path) else {
            return;
        };
        if self.full || file.held() > MOST_HELD {
            return self.fail(552);
        }
        let stored;
        let bytes = if ascii && self.line_ends == LineEnds::Converted {
            stored = without_returns(bytes);
            &stored
        } else {
            bytes
        };
        file.write(*at, bytes);
        *at += bytes.len() as u64;
    }

    /// The client has ended the data connection, in order or not.
    pub(crate) fn closed(&mut self, in_order: bool) {
        let stored = self.is_storing();
        if let Some(session) = &mut self.session {
            session.data = false;
        }
        if self.end_transfer() {
            self.reply(if stored && in_order {
                "226 stored"
            } else {
                "426 broken"
            });
        }
    }

    /// Ends what is running, and says why.
    pub(crate) fn fail(&mut self, code: u16) {
        if self.end_transfer() {
            self.said.push_back(Said::Fin);
            self.reply(format!("{code} not to its end"));
            self.full = false;
        }
    }

    /// Breaks what is running.
    pub(crate) fn cut(&mut self) {
        if self.end_transfer() {
            self.said.push_back(Said::Reset);
            self.reply("426 broken");
        }
    }

    fn end_transfer(&mut self) -> bool {
        let Some(session) = &mut self.session else {
            return false;
        };
        session.data = false;
        session.passive = None;
        session.transfer.take().is_some()
    }
}

/// A text whose lines end in LF alone.
pub(crate) fn without_returns(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|&byte| byte != b'\r').collect()
}
