//! The engine of commands under anything that a session may do and a modem may say: its bounds hold, and where the
//! modem's bytes are cut changes nothing.

use std::time::Duration;

use super::commands::{self, How, SECRET};
use super::input::{Cuts, Input};
use super::replies::start;
use crate::config::Config;
use crate::protocol::command::Command;
use crate::protocol::engine::{Engine, Limits, Unasked};
use crate::protocol::flight::Phase;
use crate::protocol::framer::MAX_LINE;
use crate::protocol::stuffing::{DLE, ETX};
use crate::protocol::table::Reply;

/// What a modem says often.
const LINES: [&[u8]; 32] = [
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\r\n+CME ERROR: 100\r\n",
    b"\r\nERROR: 2031\r\n",
    b"\r\n+FTPOPEN: 1\r\n",
    b"\r\n+FTPOPEN: 0\r\n",
    b"\r\n+FTPOPEN: 1,\"geheim\"\r\n",
    b"\r\n+FTPCLOSE: 1\r\n",
    b"\r\n+FTPINFO:331 geheim?\r\n",
    b"\r\n+FTPINFO: 1\r\n",
    b"AT+FTPOPEN=\"h\",\"u\",\"geheim\"\r",
    b"\"u\",\"geheim\"\r\n",
    b"\r\n+FTPPWD: 2,\"/a\"\r\n",
    b"\r\n+FTPPWD: 1\r\n",
    b"\r\n+FTPSTAT: 2,\r\n",
    b"213 End\r\n\r\n+FTPSTAT: 1\r\n",
    b"\r\n+FTPLIST: 2\r\n",
    b"-rw-r--r-- 1 a b 3 Oct 26 2019 x\r\n",
    b"\x03\r\n+FTPLIST: 1\r\n",
    b"\r\n+FTPSTOR: 2\r\n",
    b"\r\n+FTPSTOR: 1\r\n",
    b"\r\n+FTPRETR: 2\r\n",
    b"a\x10\x03b\x10\x10c\x10d",
    b"\x03\r\n+FTPRETR: 1\r\n",
    b"\r\n+FTPGET: 2\r\n",
    b"\r\n+FTPGET: 1\r\n",
    b"\r\n+FTPRECV: 9\r\n123456789\r\nOK\r\n",
    b"\r\n+FTPRECV: 70000\r\n",
    b"\r\n+FTPPUT: 2,7\r\n",
    b"\r\n> ",
    b"\r\n+FTPPUT: 1\r\n",
    b"\r\n+MIPCALL: 1,10.0.0.1\r\n",
];
/// The most lines that wait for the user, their octets, and those of an answer.
const MAX_UNASKED: usize = 256;
const MAX_UNASKED_OCTETS: usize = 64 * 1024;
const MAX_INFORMATION: usize = 64 * 1024;
/// What of a download may be held back, and then comes with the next bytes.
const MAX_TAIL: usize = 1024;

pub fn check(data: &[u8]) {
    let whole = Run::of(data, Cuts::Never);
    for cuts in [
        Cuts::EveryByte,
        Cuts::Seeded(data.first().copied().unwrap_or(0)),
    ] {
        let run = Run::of(data, cuts);
        for (step, (one, other)) in whole.states.iter().zip(&run.states).enumerate() {
            assert_eq!(one, other, "step {step}, {cuts:?}");
        }
        assert_eq!(whole.states.len(), run.states.len());
        assert_eq!(whole.records, run.records);
    }
}

/// What a session sees of an engine behind each step.
#[derive(Debug, PartialEq)]
struct State {
    tx: Vec<u8>,
    payload: Vec<u8>,
    deadline: Option<Duration>,
    data_phase: bool,
    inside_line: bool,
    counts: (u64, u64, usize),
    quarantined: Option<(String, Phase)>,
    answers: Vec<String>,
}

/// Which secrets the other side knows and may say, so that nobody must be shown them.
#[derive(Clone, Copy, Default)]
struct Told {
    login: bool,
    command: bool,
}

struct Run {
    engine: Engine,
    commands: Vec<(Command, How)>,
    now: Duration,
    payload: Vec<u8>,
    /// FTPSTOR is in flight, and its end was not sent.
    storing: bool,
    answers: Vec<String>,
    states: Vec<State>,
    told: Told,
    submitted: Option<Command>,
    records: Vec<String>,
}

impl Run {
    fn of(data: &[u8], cuts: Cuts) -> Run {
        let mut engine = Engine::new(Limits::from(&Config::default()));
        engine.recorder.switch(true);
        let mut run = Run {
            engine,
            commands: commands::all(),
            now: Duration::from_secs(1),
            payload: Vec::new(),
            storing: false,
            answers: Vec::new(),
            states: Vec::new(),
            told: Told::default(),
            submitted: None,
            records: Vec::new(),
        };
        let mut input = Input::new(data);
        input.byte();
        while !input.is_empty() {
            let (told, owed) = (run.told, run.engine.quarantined().is_some());
            run.step(&mut input, cuts);
            run.look(told, owed);
        }
        run
    }

    fn step(&mut self, input: &mut Input<'_>, cuts: Cuts) {
        let now = self.now;
        match input.byte() % 16 {
            0 | 1 => self.submit(usize::from(input.byte())),
            2..=4 => {
                let line = LINES[usize::from(input.byte()) % LINES.len()];
                self.feed(line, cuts);
            }
            5 => {
                let bytes = input.bytes().to_vec();
                self.feed(&bytes, cuts);
            }
            6 => {
                // Much of the same.
                let times = usize::from(input.byte()) + 1;
                let bytes = input.bytes().repeat(times.min(64));
                self.feed(&bytes, cuts);
            }
            7 => self.now += Duration::from_millis(u64::from(input.byte()) * 100),
            8 => {
                self.engine.settle_tail(now);
                self.engine.settle_text();
                self.engine.open_without_ok(now);
            }
            9 => {
                let count = usize::from(input.byte()) * 8;
                let count = count.min(self.engine.tx().len());
                self.engine.sent(now, count);
            }
            10 => self.store(input.bytes()),
            11 => {
                if self.storing && self.engine.data_phase() {
                    self.storing = false;
                    self.engine.end_store(now);
                }
            }
            12 => {
                self.storing = false;
                self.engine.abandon();
            }
            13 => match input.byte() % 4 {
                0 => self.engine.send_end_of_text(),
                1 => self.engine.forgive(),
                2 => self.engine.send_raw(b"\r"),
                _ => {
                    self.storing = false;
                    self.engine.reset();
                }
            },
            14 => {
                let unasked = self.engine.take_unasked();
                self.answers.push(format!("{unasked:?}"));
                let notice = self.engine.take_fetch_notice();
                self.answers.push(format!("{notice:?}"));
            }
            _ => {
                self.engine.restart_stall(now);
                let late = self.engine.take_late_answer();
                self.answers.push(format!("{late:?}"));
            }
        }
    }

    fn submit(&mut self, place: usize) {
        if self.engine.deadline().is_some() {
            return;
        }
        let (command, how) = &self.commands[place % self.commands.len()];
        let before = self.engine.tx().len();
        start(&mut self.engine, self.now, command, how);
        let sent = &self.engine.tx()[before..];
        assert_eq!(sent, [command.line(), b"\r"].concat());
        let ends = |byte: &&u8| matches!(**byte, b'\r' | b'\n');
        assert_eq!(sent.iter().filter(ends).count(), 1);
        self.storing = command.reply() == Reply::Store;
        if command.has_secret() {
            self.told.login |= command.name() == "FTPOPEN";
            self.told.command |= command.name() != "FTPOPEN";
        }
        self.submitted = Some(command.clone());
    }

    fn feed(&mut self, bytes: &[u8], cuts: Cuts) {
        let (before, unsent) = (self.payload.len(), self.engine.tx().len());
        for piece in cuts.pieces(bytes) {
            self.engine.feed(self.now, piece, &mut self.payload);
        }
        // A line may have begun before, and a part of a file may have been held back.
        let most = bytes.len() + MAX_LINE + MAX_TAIL + 1;
        assert!(self.payload.len() - before <= most);
        // A prompt can ask for the piece of the command in flight and for that of one in quarantine.
        assert!(self.engine.tx().len() <= unsent + 2 * 1024);
        if self.engine.deadline().is_none() {
            self.storing = false;
        }
    }

    fn store(&mut self, data: &[u8]) {
        if !self.storing || !self.engine.data_phase() {
            return;
        }
        let unsent = self.engine.tx().to_vec();
        self.engine.store(data);
        let mut expected = unsent;
        for &byte in data {
            if byte == DLE || byte == ETX {
                expected.push(DLE);
            }
            expected.push(byte);
        }
        assert_eq!(self.engine.tx(), expected);
    }

    /// What secrets are still known behind the end of a command, as far as it is sure.
    fn ends(&mut self, outcome: Option<u8>) {
        self.told.command = false;
        if let Some(command) = self.submitted.take() {
            let opens = command.name() == "FTPOPEN" && command.has_secret();
            self.told.login &= command.name() != "FTPCLOSE" && (!opens || outcome == Some(1));
        }
    }

    fn look(&mut self, told: Told, owed: bool) {
        if owed && self.engine.quarantined().is_none() {
            self.told = Told::default();
        }
        if let Some(answer) = self.engine.take_answer() {
            let octets: usize = answer.lines.iter().map(|line| line.len() + 2).sum();
            assert!(octets <= MAX_INFORMATION, "{octets} octets of information");
            assert!(answer.outcome.is_none_or(|outcome| outcome <= 2));
            self.ends(answer.outcome);
            self.answers.push(format!("{answer:?}"));
        }
        let secret = told.login && self.told.login || told.command && self.told.command;
        assert!(self.engine.unasked().len() <= MAX_UNASKED);
        let octets: usize = self.engine.unasked().iter().map(Unasked::octets).sum();
        assert!(octets <= MAX_UNASKED_OCTETS);
        for line in self.engine.unasked() {
            let (Unasked::Urc(text) | Unasked::Info(text)) = line;
            // A byte that is no UTF-8 becomes a character of three.
            assert!(text.len() <= 3 * MAX_LINE);
            assert!(!secret || !text.contains(SECRET), "{text}");
        }
        if !secret {
            let unasked = std::iter::from_fn(|| self.engine.take_unasked());
            self.answers.extend(unasked.map(|line| format!("{line:?}")));
        }
        let engine = &mut self.engine;
        for record in engine.recorder.take() {
            assert!(!secret || !record.text.contains(SECRET), "{}", record.text);
            self.records.push(record.text);
        }
        let longest = Config::default().outcome_timeout;
        assert!(engine.deadline().is_none_or(|at| at <= self.now + longest));
        let quarantined = engine
            .quarantined()
            .map(|(command, phase)| (command.shown(), phase));
        self.states.push(State {
            tx: engine.tx().to_vec(),
            payload: std::mem::take(&mut self.payload),
            deadline: engine.deadline(),
            data_phase: engine.data_phase(),
            inside_line: engine.is_inside_line(),
            counts: (engine.strays(), engine.stray_text(), engine.unasked().len()),
            quarantined,
            answers: std::mem::take(&mut self.answers),
        });
    }
}
