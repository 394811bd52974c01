//! Between modem and line: knows lines from payload, and makes the modem behave as some firmware may.

mod host;

use std::time::Duration;

use nlftp_vmodem::Modem;

use crate::common::Shared;
use crate::faults::Carries;
use crate::lines::{Unit, answer_of, is_receive, is_retrieve, next_unit, number};
use crate::pipe::Pipe;
use crate::scenario::{Fault, What, When};

/// Where the host's bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upload {
    /// Command lines.
    No,
    /// FTPSTOR's data; whether an escape stands before the next byte.
    Stuffed { escaped: bool },
    /// So many bytes of FTPPUT's.
    Counted(usize),
}

pub(crate) struct Tap {
    common: Shared,
    upload: Upload,
    /// The command line that is being written.
    typed: Vec<u8>,
    /// The one that the modem hears.
    heard: Vec<u8>,
    /// The last one that was whole.
    command: Vec<u8>,
    /// Lines that come later than they should.
    late: Vec<Late>,
    swapped: Option<Vec<u8>>,
    /// Faults that wait for a line or command that they concern.
    armed: Vec<Fault>,
    /// Answers made up here.
    made_up: Vec<u8>,
    /// Payload was the last that came from the modem.
    in_payload: bool,
}

/// A line that comes later than it should.
struct Late {
    due: Duration,
    line: Vec<u8>,
    /// The modem does nothing else before.
    busy: bool,
}

/// What became of bytes that came to the modem.
pub(crate) struct Heard {
    /// So many were taken.
    pub(crate) used: usize,
    /// They met a fault: the others may come at once.
    pub(crate) met: bool,
}

const URCS: [&str; 8] = [
    "+CREG: 1",
    "+CEREG: 5,\"1A2B\",\"01020304\",7",
    "RING",
    "+CMTI: \"SM\",3",
    "+CSQ: 21,99",
    "+CGEV: ME PDN ACT 1",
    "NO CARRIER",
    "^MODE: 17,17",
];

impl Tap {
    pub(crate) fn new(common: Shared) -> Tap {
        Tap {
            common,
            upload: Upload::No,
            typed: Vec::new(),
            heard: Vec::new(),
            command: Vec::new(),
            late: Vec::new(),
            swapped: None,
            armed: Vec::new(),
            made_up: Vec::new(),
            in_payload: false,
        }
    }

    /// The modem has started again, or its data phases were ended by DTR.
    pub(crate) fn reset(&mut self) {
        self.upload = Upload::No;
        self.typed.clear();
        self.heard.clear();
        self.late.clear();
        self.command.clear();
        self.in_payload = false;
    }

    /// Nothing goes wrong any more; what is late comes now.
    pub(crate) fn end(&mut self, now: Duration) {
        self.armed.clear();
        for late in &mut self.late {
            late.due = now;
        }
    }

    pub(crate) fn wake(&self) -> Option<Duration> {
        if self.in_payload {
            return None;
        }
        self.late.iter().map(|late| late.due).min()
    }

    // -- from the modem ---------------------------------------------------------------------------

    /// Takes what the modem has said.
    pub(crate) fn listen(
        &mut self,
        now: Duration,
        modem: &mut Modem,
        payload: bool,
        rx: &mut Pipe,
    ) {
        let output = modem.output();
        if !output.is_empty() {
            // What fills the module's cache is none of the line's.
            let streams = is_retrieve(&self.command) || self.command.starts_with(b"AT+FTPLIST");
            if payload && streams {
                self.pass_payload(now, output, rx);
            } else {
                self.in_payload = false;
                self.pass_units(now, output, rx);
            }
            let count = output.len();
            modem.transmitted(count);
        }
        if !self.made_up.is_empty() {
            let answer = std::mem::take(&mut self.made_up);
            self.pass_line(now, &answer, rx);
        }
        self.pass_late(now, rx);
    }

    fn pass_late(&mut self, now: Duration, rx: &mut Pipe) {
        if self.in_payload {
            return;
        }
        while let Some(place) = self.late.iter().position(|late| late.due <= now) {
            let late = self.late.remove(place);
            self.pass_line(now, &late.line, rx);
        }
    }

    fn pass_payload(&mut self, now: Duration, bytes: &[u8], rx: &mut Pipe) {
        self.pass_swapped(now, rx);
        self.in_payload = true;
        let carries = if self.command.starts_with(b"AT+FTPLIST") {
            Carries::Listing
        } else {
            Carries::Payload
        };
        let mut common = self.common.borrow_mut();
        common.trace.bytes(now, "< data", bytes);
        rx.push(now, &mut common.faults, bytes, carries);
    }

    fn pass_line(&self, now: Duration, bytes: &[u8], rx: &mut Pipe) {
        let mut common = self.common.borrow_mut();
        common.trace.bytes(now, "<", bytes);
        rx.push(now, &mut common.faults, bytes, Carries::Lines);
    }

    pub(crate) fn pass_swapped(&mut self, now: Duration, rx: &mut Pipe) {
        if let Some(line) = self.swapped.take() {
            self.pass_line(now, &line, rx);
        }
    }

    fn pass_units(&mut self, now: Duration, batch: &[u8], rx: &mut Pipe) {
        let mut rest = batch;
        let mut counted = 0;
        while !rest.is_empty() {
            let (unit, behind) = next_unit(rest, counted);
            rest = behind;
            counted = 0;
            match unit {
                Unit::Payload(bytes) => {
                    self.pass_payload(now, bytes, rx);
                    self.in_payload = false;
                }
                Unit::Line(bytes) => {
                    let text = bytes.trim_ascii();
                    if self.is_receiving() {
                        counted = answer_of(text).map_or(0, |(_, values)| number(values));
                    }
                    self.note(text);
                    if self.common.borrow().faults.any()
                        || !self.armed.is_empty()
                        || self.swapped.is_some()
                    {
                        self.trouble(now, bytes, counted, rx);
                    } else {
                        self.pass_line(now, bytes, rx);
                    }
                }
            }
        }
    }

    /// What a line says about the host's next bytes.
    fn note(&mut self, text: &[u8]) {
        let Some((name, values)) = answer_of(text) else {
            if text.ends_with(b">") && self.command.starts_with(b"AT+FTPPUT") {
                self.upload = Upload::Counted(self.piece());
            }
            return;
        };
        match (name, values.first()) {
            (b"FTPSTOR", Some(b'2')) => self.upload = Upload::Stuffed { escaped: false },
            (b"FTPSTOR" | b"FTPPUT", Some(b'0' | b'1')) => self.upload = Upload::No,
            (b"FTPPUT", Some(b'2')) => self.upload = Upload::Counted(self.piece()),
            _ => {}
        }
    }

    /// How many bytes the last FTPPUT brings.
    fn piece(&self) -> usize {
        self.command
            .split(|&byte| byte == b',')
            .nth(1)
            .map_or(0, number)
    }

    /// Whether a line is the outcome of a command that is at work on its own.
    fn is_outcome(&self, text: &[u8]) -> bool {
        let outcome = |(name, values): (&[u8], &[u8])| {
            name.starts_with(b"FTP") && matches!(values, b"0" | b"1")
        };
        answer_of(text).is_some_and(outcome)
            && !self.command.ends_with(b"?\r")
            && !self.command.ends_with(b"?")
    }

    fn is_receiving(&self) -> bool {
        is_receive(&self.command)
    }

    /// A line, with all that may go wrong with it.
    fn trouble(&mut self, now: Duration, bytes: &[u8], counted: usize, rx: &mut Pipe) {
        let mut line = Some(bytes.to_vec());
        let text = bytes.trim_ascii();
        let begins_payload =
            counted > 0 || answer_of(text).is_some_and(|(_, values)| values.starts_with(b"2"));
        let swapped = self.swapped.take();
        let mut left = 1;
        loop {
            let next = self.common.borrow_mut().faults.next(When::Line, left);
            let Some((_, fault)) = next else { break };
            left = 1;
            self.common.borrow_mut().trace.say(now, || {
                format!("!!! {fault} at {}", crate::case::shown(text))
            });
            self.hit_line(now, fault, &mut line, begins_payload, rx);
        }
        if let Some(line) = &mut line {
            self.use_armed(line, counted);
            self.pass_line(now, line, rx);
        }
        if let Some(swapped) = swapped {
            if counted > 0 {
                // It stands among counted bytes now.
                self.common.borrow_mut().faults.altered(Carries::Lines);
            }
            self.pass_line(now, &swapped, rx);
        }
        if begins_payload {
            self.pass_swapped(now, rx);
        }
    }

    fn hit_line(
        &mut self,
        now: Duration,
        fault: Fault,
        line: &mut Option<Vec<u8>>,
        begins_payload: bool,
        rx: &mut Pipe,
    ) {
        let altered = || self.common.borrow_mut().faults.altered(Carries::Lines);
        match fault.what {
            What::Lose => {
                // Without its OK nothing but its own bytes tells where a file begins.
                if begins_payload || is_retrieve(&self.command) {
                    altered();
                }
                *line = None;
            }
            // Whoever is late with the line before payload is late with the payload too.
            What::Late if begins_payload => rx.hold(now, fault.amount),
            What::Late => {
                if is_retrieve(&self.command) {
                    altered();
                }
                let due = now + Duration::from_millis(fault.amount);
                if let Some(line) = line.take() {
                    // An answer behind its own OK is another one's.
                    let answer = answer_of(line.trim_ascii()).is_some();
                    let mut common = self.common.borrow_mut();
                    common.faults.lied |= answer && !self.is_outcome(line.trim_ascii());
                    drop(common);
                    // Only outcomes come when they like: with all else a modem is late with everything.
                    let busy = !self.is_outcome(line.trim_ascii());
                    self.late.push(Late { due, line, busy });
                }
            }
            What::Swap => self.swapped = line.take(),
            What::Repeat => {
                altered();
                if let Some(line) = line {
                    self.pass_line(now, line, rx);
                }
            }
            What::ErrorLine => {
                let is_ok = line.as_ref().is_some_and(|line| line.trim_ascii() == b"OK");
                if begins_payload || is_ok {
                    altered();
                }
                self.common.borrow_mut().faults.lied = true;
                *line = Some(match fault.amount {
                    0 => b"\r\nERROR\r\n".to_vec(),
                    code => format!("\r\n+CME ERROR: {code}\r\n").into_bytes(),
                });
            }
            What::Urc => {
                for at in 0..fault.amount {
                    let urc = URCS[((fault.at + at) % URCS.len() as u64) as usize];
                    self.pass_line(now, format!("\r\n{urc}\r\n").as_bytes(), rx);
                }
            }
            What::Flood => {
                let flood = "x".repeat(fault.amount as usize);
                self.pass_line(now, format!("\r\n{flood}\r\n").as_bytes(), rx);
            }
            What::Prompt | What::Longer | What::Shorter | What::Extra => self.armed.push(fault),
            _ => self.common.borrow_mut().faults.pass_on(fault),
        }
    }

    /// Faults that were waiting for such a line.
    fn use_armed(&mut self, line: &mut Vec<u8>, counted: usize) {
        let Some((name, values)) = answer_of(line.trim_ascii()) else {
            return;
        };
        let is_prompt = name == b"FTPPUT" && values.starts_with(b"2");
        let concerns = |fault: &Fault| match fault.what {
            What::Prompt => is_prompt,
            What::Longer | What::Shorter | What::Extra => counted > 0,
            _ => false,
        };
        let Some(place) = self.armed.iter().position(concerns) else {
            return;
        };
        let fault = self.armed.remove(place);
        let name = String::from_utf8_lossy(name).into_owned();
        let amount = fault.amount as usize;
        let mut common = self.common.borrow_mut();
        let text = match fault.what {
            What::Prompt => format!("\r\n+{name}: 2,{amount}\r\n"),
            What::Shorter => {
                common.faults.altered(Carries::Lines);
                format!("\r\n+{name}: {}\r\n", counted.saturating_sub(amount))
            }
            What::Longer => {
                common.faults.altered(Carries::Lines);
                format!("\r\n+{name}: {}\r\n", counted + amount)
            }
            _ => {
                common.faults.altered(Carries::Payload);
                let extra = "x".repeat(amount);
                format!("\r\n+{name}: {}\r\n{extra}", counted + amount)
            }
        };
        *line = text.into_bytes();
    }

    /// Whether what the host sends now is a file's.
    pub(crate) fn in_upload(&self) -> bool {
        self.upload != Upload::No
    }

    /// The modem is late, and does nothing else before.
    pub(crate) fn is_busy(&self) -> bool {
        self.late.iter().any(|late| late.busy)
    }
}
