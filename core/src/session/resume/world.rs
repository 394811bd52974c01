//! A small model of modem, server and local file for sessions that resume, without any I/O.

use super::super::cases::Bench;
use super::super::{Job, Outcome, Task};
use super::*;
use crate::config::{FileType, Transfer, Verify, Via};

/// A modem with a server of one file, by stream alone, and this side's file.
pub(super) struct World {
    pub(super) bench: Bench,
    /// The server's file.
    pub(super) remote: Vec<u8>,
    /// What the server lists as its size, where that is not its length.
    pub(super) listed: Option<u64>,
    pub(super) lists: bool,
    /// What FTPRETR gives from any offset, where that is not the file.
    pub(super) given: Option<Vec<u8>>,
    storing: Option<(usize, Vec<u8>)>,
    commands: Vec<String>,
    /// The part file, or the source of an upload.
    pub(super) local: Vec<u8>,
    /// Its length, where that is more than it holds.
    pub(super) length: Option<u64>,
    pub(super) record: Recorded,
    pub(super) actions: Vec<LocalAction>,
    is_upload: bool,
    /// Where the next of the source's parts begins.
    at: usize,
    ended: bool,
    /// The FTP connection was closed.
    closed: bool,
}

const LINE: &str = "AT+FTPOPEN?";

impl World {
    pub(super) fn new(remote: &[u8], local: &[u8], split: usize) -> World {
        let mut bench = Bench::new(split);
        bench.prepare(true);
        World {
            bench,
            remote: remote.to_vec(),
            listed: None,
            lists: true,
            given: None,
            storing: None,
            commands: Vec::new(),
            local: local.to_vec(),
            length: None,
            record: Recorded::Nothing,
            actions: Vec::new(),
            is_upload: false,
            at: 0,
            ended: false,
            closed: false,
        }
    }

    /// With the record that a download of the file as it is now would leave.
    pub(super) fn recorded(mut self) -> World {
        let size = self.listed.unwrap_or(self.remote.len() as u64);
        let record = format!("nlftp part 1\nname f\nsize {size}\ntime --10-26T15:15\nend\n");
        self.record = Recorded::Record(record.into_bytes());
        self
    }

    pub(super) fn job(verify: Verify) -> Job {
        Job {
            name: b"f".to_vec(),
            via: Via::Stream,
            file_type: FileType::Binary,
            offset: 0,
            resume: true,
            retry: None,
            temporary: false,
            verify,
        }
    }

    pub(super) fn get(&mut self, verify: Verify) -> Result<Transfer> {
        self.run(Task::Get(World::job(verify)))
    }

    pub(super) fn put(&mut self, verify: Verify) -> Result<Transfer> {
        self.is_upload = true;
        self.run(Task::Put(World::job(verify)))
    }

    fn run(&mut self, task: Task) -> Result<Transfer> {
        self.bench.ask(task, None);
        self.act();
        for _ in 0..5_000 {
            if let Some(result) = self.bench.done.take() {
                return result.map(|outcome| match outcome {
                    Outcome::Transfer(transfer) => transfer,
                    other => panic!("{other:?}"),
                });
            }
            let sent = std::mem::take(&mut self.bench.sent);
            if sent.is_empty() {
                // Time passes only when there is nothing else to do.
                if !self.supply() {
                    self.bench.pass_time();
                }
            } else {
                let answer = self.answer(&sent);
                self.bench.feed(&answer);
            }
            self.act();
        }
        panic!("it never ends: {:?}", self.commands);
    }

    /// Gives the session the next part of the source, or its end; false when there is no more.
    fn supply(&mut self) -> bool {
        if !self.is_upload || self.ended {
            return false;
        }
        let part = self.local[self.at..].iter().take(10_000).copied();
        let part: Vec<u8> = part.collect();
        self.at += part.len();
        self.ended = part.is_empty();
        self.bench.session.supply(part);
        self.bench.turn();
        true
    }

    /// Does what the session wants of the file, and writes what has come for it.
    pub(super) fn act(&mut self) {
        while !self.bench.local.is_empty() {
            for action in std::mem::take(&mut self.bench.local) {
                self.actions.push(action.clone());
                let answer = self.act_on(action);
                if let Some(answer) = answer {
                    self.bench.session.local_done(answer);
                    self.bench.turn();
                }
            }
        }
        self.local.append(&mut self.bench.payload);
    }

    fn act_on(&mut self, action: LocalAction) -> Option<LocalAnswer> {
        use sha2::Digest;
        match action {
            LocalAction::Look => Some(LocalAnswer::Found {
                length: Some(self.length.unwrap_or(self.local.len() as u64)),
                record: self.record.clone(),
            }),
            LocalAction::Read { from, to } => {
                // Of a file that is longer than it holds, its bytes stand at the end.
                let missing = self
                    .length
                    .map_or(0, |length| length - self.local.len() as u64);
                let range = (from.saturating_sub(missing)) as usize..(to - missing) as usize;
                let mut bytes = vec![0; (to - from) as usize - range.len()];
                bytes.extend_from_slice(&self.local[range]);
                Some(LocalAnswer::Bytes(bytes))
            }
            LocalAction::Digest { to } => {
                let digest = Sha256::new_with_prefix(&self.local[..to as usize]);
                Some(LocalAnswer::Digest(Box::new(digest)))
            }
            LocalAction::Seek { to, .. } => {
                // What was read before is on its way yet.
                let stale = self.local[self.at.min(self.local.len())..].to_vec();
                self.bench.session.supply(stale);
                self.bench.session.supply(Vec::new());
                self.at = (to as usize).min(self.local.len());
                self.ended = false;
                Some(LocalAnswer::Sought)
            }
            LocalAction::Begin { record } => {
                self.local.clear();
                self.record = record.map_or(Recorded::Nothing, Recorded::Record);
                None
            }
            LocalAction::Continue { at } => {
                self.local.truncate(at as usize);
                None
            }
            LocalAction::Discard => None,
        }
    }

    pub(super) fn answer(&mut self, sent: &[u8]) -> Vec<u8> {
        if let Some((offset, mut data)) = self.storing.take() {
            data.extend_from_slice(sent);
            return self.store(offset, data);
        }
        let line = String::from_utf8_lossy(sent).trim_end().to_owned();
        self.commands.push(line.clone());
        let offset = || {
            let number = line.rsplit(',').next().unwrap();
            number.parse::<u64>().unwrap()
        };
        match line.split(['=', '?']).next().unwrap() {
            "AT+FTPLIST" if !self.lists => b"\r\nOK\r\n\r\n+FTPLIST: 0\r\n".to_vec(),
            "AT+FTPLIST" => {
                let size = self.listed.unwrap_or(self.remote.len() as u64);
                format!(
                    "\r\nOK\r\n\r\n+FTPLIST: 2\r\n-rw-r--r-- 1 f f {size} Oct 26 15:15 f\r\n\r\n+FTPLIST: 1\r\n"
                )
                .into_bytes()
            }
            "AT+FTPRETR" => {
                let offset = offset();
                let data = match &self.given {
                    Some(given) => &given[..],
                    None if offset > self.remote.len() as u64 => {
                        return b"\r\nOK\r\n\r\n+FTPRETR: 0\r\n".to_vec();
                    }
                    None => &self.remote[offset as usize..],
                };
                let mut answer = b"\r\nOK\r\n\r\n+FTPRETR: 2\r\n".to_vec();
                crate::protocol::stuffing::stuff(data, &mut answer);
                answer.extend_from_slice(b"\x03\r\n+FTPRETR: 1\r\n");
                answer
            }
            "AT+FTPSTOR" => {
                self.storing = Some((offset() as usize, Vec::new()));
                b"\r\nOK\r\n\r\n+FTPSTOR: 2\r\n".to_vec()
            }
            // A connection that may remember an offset is closed and opened anew.
            "AT+FTPMODE" if line.ends_with('?') => b"\r\n+FTPMODE: 0\r\n\r\nOK\r\n".to_vec(),
            "AT+FTPMODE" => b"\r\nOK\r\n".to_vec(),
            "AT+FTPCLOSE" => {
                self.closed = true;
                b"\r\nOK\r\n\r\n+FTPCLOSE: 1\r\n".to_vec()
            }
            "AT+FTPOPEN" if line == LINE => {
                let open = u8::from(!self.closed);
                format!("\r\n+FTPOPEN: {open}\r\n\r\nOK\r\n").into_bytes()
            }
            "AT+FTPOPEN" => {
                self.closed = false;
                b"\r\nOK\r\n\r\n+FTPOPEN: 1\r\n".to_vec()
            }
            other => panic!("{other}: {:?}", self.commands),
        }
    }

    /// FTPSTOR's data, up to its end mark.
    fn store(&mut self, offset: usize, data: Vec<u8>) -> Vec<u8> {
        let mut plain = Vec::new();
        let mut bytes = data.iter();
        loop {
            match bytes.next() {
                Some(0x10) => plain.extend(bytes.next()),
                Some(0x03) => break,
                Some(byte) => plain.push(*byte),
                None => {
                    self.storing = Some((offset, data));
                    return Vec::new();
                }
            }
        }
        self.remote
            .resize(self.remote.len().max(offset + plain.len()), 0);
        self.remote[offset..offset + plain.len()].copy_from_slice(&plain);
        b"\r\n+FTPSTOR: 1\r\n".to_vec()
    }

    pub(super) fn asked(&self, command: &str) -> Vec<&str> {
        let asked = self.commands.iter().map(String::as_str);
        asked.filter(|line| line.contains(command)).collect()
    }
}

pub(super) fn content(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(next).collect()
}

pub(super) fn warned(transfer: &Transfer, words: &str) -> bool {
    transfer
        .warnings
        .iter()
        .any(|warning| warning.contains(words))
}
