//! One command in flight and its payload: decides what belongs to it, and what ends it.
//!
//! A command that was given up keeps its state here, quarantined, until what the modem owes has come:
//! its late answers can never be taken for those of the next command.

mod quarantine;
mod unasked;

use std::collections::VecDeque;

use zeroize::Zeroize;

pub(crate) use unasked::Unasked;

use super::Time;
use super::command::Command;
use super::flight::{Expects, Flight, Phase};
use super::framer::{Framer, Token};
use super::response::{self, Line};
use super::stuffing::{self, ETX};
use super::table::Reply;
use crate::config::Config;
use crate::trace::{Direction, Recorder, Secrets, mask};

/// A firmware that ends RETR without 0x03 is believed after this much silence behind its outcome.
pub(crate) const TAIL_SILENCE: Time = Time::from_secs(2);

/// How long each kind of answer may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) timeout: Time,
    pub(crate) outcome_timeout: Time,
    pub(crate) stall_timeout: Time,
    /// The firmware was seen to print no outcome behind the one line of FTPPWD or FTPSYST.
    pub(crate) text_stands_alone: bool,
}

/// No wait is longer: sums of time must not overflow.
pub(crate) const LONGEST: Time = Time::from_secs(366 * 24 * 3600);

impl From<&Config> for Limits {
    fn from(config: &Config) -> Limits {
        Limits {
            timeout: config.timeout.min(LONGEST),
            outcome_timeout: config.outcome_timeout.min(LONGEST),
            stall_timeout: config.stall_timeout.min(LONGEST),
            text_stands_alone: false,
        }
    }
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `OK`, or why not.
    pub(crate) result: Result<(), response::Failure>,
    /// The outcome, where one came.
    pub(crate) outcome: Option<u8>,
    /// Information lines, or the text behind outcome 2.
    pub(crate) lines: Vec<Vec<u8>>,
    /// Payload bytes that the command brought.
    pub(crate) payload: u64,
    /// What broke the protocol, so that the line must be proven before it is used again.
    pub(crate) violation: Option<String>,
    /// The outcome came while data was still being sent: the data phase may be open yet.
    pub(crate) early: bool,
    /// Escapes before bytes that need none: both bytes were kept.
    pub(crate) stray_escapes: u64,
}

pub(crate) struct Engine {
    limits: Limits,
    framer: Framer,
    tx: Vec<u8>,
    tx_at: usize,
    tx_secret: bool,
    flight: Option<Flight>,
    quarantine: Option<Flight>,
    answer: Option<Answer>,
    /// The last piece's buffer, for the next one.
    spare_piece: Vec<u8>,
    fetch_notices: VecDeque<u8>,
    unasked: VecDeque<Unasked>,
    last_received: Time,
    /// How the command that was in quarantine ended after all.
    late: Option<Answer>,
    /// Lines of free text behind the last command that nobody had asked for.
    stray_text: u64,
    /// Final results that no command wanted, since the beginning.
    strays: u64,
    /// Blank bytes between FTPRECV's data and its `OK`, as first seen: a change means a lost byte.
    receive_gap: Option<usize>,
    /// What the modem and the server were told and must not be shown saying.
    secrets: Secrets,
    pub(crate) recorder: Recorder,
}

impl Engine {
    pub(crate) fn new(limits: Limits) -> Engine {
        Engine {
            limits,
            framer: Framer::new(),
            tx: Vec::with_capacity(160 * 1024),
            tx_at: 0,
            tx_secret: false,
            flight: None,
            quarantine: None,
            answer: None,
            spare_piece: Vec::new(),
            fetch_notices: VecDeque::new(),
            unasked: VecDeque::new(),
            last_received: Time::ZERO,
            late: None,
            stray_text: 0,
            strays: 0,
            receive_gap: None,
            secrets: Secrets::default(),
            recorder: Recorder::default(),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    // -- commands ---------------------------------------------------------------------------------

    /// Sends a command. The one before must have ended or been given up.
    pub(crate) fn submit(&mut self, now: Time, command: Command) {
        self.start(now, Flight::new(command));
    }

    /// Sends FTPPUT with the bytes that follow its prompt.
    pub(crate) fn submit_piece(&mut self, now: Time, command: Command, data: &[u8]) {
        debug_assert_eq!(command.length, data.len());
        let mut piece = std::mem::take(&mut self.spare_piece);
        piece.clear();
        piece.extend_from_slice(data);
        self.start(now, Flight::new(command).with_piece(piece));
    }

    /// Sends a query that only an answer with its own prefix completes.
    pub(crate) fn submit_proof(&mut self, now: Time, command: Command) {
        self.start(now, Flight::new(command).proving());
    }

    /// Sends FTPRETR for a file whose size is known, should the firmware not end it with 0x03.
    pub(crate) fn submit_retrieve(&mut self, now: Time, command: Command, size: Option<u64>) {
        self.start(now, Flight::new(command).expecting(size));
    }

    fn start(&mut self, now: Time, mut flight: Flight) {
        debug_assert!(self.flight.is_none(), "one command at a time");
        self.recorder
            .record(Direction::ToModem, || flight.command.shown());
        self.tx_secret |= flight.command.has_secret();
        self.learn_secrets(&flight.command);
        self.tx.extend_from_slice(flight.command.line());
        self.tx.push(b'\r');
        let first = match flight.command.reply() {
            Reply::Piece { .. } => self.limits.outcome_timeout,
            _ => self.limits.timeout,
        };
        flight.deadline = now.saturating_add(first);
        let owed = self
            .quarantine
            .as_ref()
            .is_some_and(Flight::may_be_prompted);
        self.framer.expect_prompt(owed || flight.may_be_prompted());
        self.answer = None;
        self.flight = Some(flight);
    }

    /// The deadline has passed: was it the one for the `OK` behind FTPSTOR's outcome 2? Then the data may go.
    pub(crate) fn open_without_ok(&mut self, now: Time) -> bool {
        let limits = self.limits;
        self.flight
            .as_mut()
            .is_some_and(|flight| flight.open_without_ok(now, &limits))
    }

    /// Silence behind FTPPWD's or FTPSYST's one line of text: where no outcome follows, that was all (manual 1.2.7).
    pub(crate) fn settle_text(&mut self) -> bool {
        let limits = self.limits;
        let settled = self
            .flight
            .as_mut()
            .is_some_and(|flight| flight.end_without_outcome(&limits));
        if settled {
            self.finish_if_done();
            self.limits.text_stands_alone = true;
        }
        settled
    }

    /// How the command in flight ended, once.
    pub(crate) fn take_answer(&mut self) -> Option<Answer> {
        self.answer.take()
    }

    /// Whether the command's data phase is open.
    pub(crate) fn data_phase(&self) -> bool {
        self.flight
            .as_ref()
            .is_some_and(|flight| flight.phase != Phase::Reply)
    }

    /// Where the command in flight stands.
    pub(crate) fn phase(&self) -> Option<Phase> {
        self.flight.as_ref().map(|flight| flight.phase)
    }

    /// FTPGET outcomes that came behind its answer.
    pub(crate) fn take_fetch_notice(&mut self) -> Option<u8> {
        self.fetch_notices.pop_front()
    }

    pub(crate) fn has_fetch_notice(&self) -> bool {
        !self.fetch_notices.is_empty()
    }

    pub(crate) fn forget_fetch_notices(&mut self) {
        self.fetch_notices.clear();
    }

    /// When the command in flight has taken too long.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let flight = self.flight.as_ref()?;
        if cfg!(nlftp_planted = "stall-limit-forgotten") && flight.phase == Phase::Retrieving {
            return None;
        }
        if flight.tail_outcome().is_none() {
            Some(flight.deadline)
        } else {
            Some(flight.deadline.min(self.last_received + TAIL_SILENCE))
        }
    }

    /// The modem is held back from sending: its silence counts from now. False where it sends no data.
    pub(crate) fn restart_stall(&mut self, now: Time) -> bool {
        let limit = self.limits.stall_timeout;
        match &mut self.flight {
            Some(flight) if matches!(flight.phase, Phase::Retrieving | Phase::Listing) => {
                flight.deadline = now.saturating_add(limit);
                true
            }
            _ => false,
        }
    }

    /// When the last byte came.
    pub(crate) fn last_received(&self) -> Time {
        self.last_received
    }

    // -- towards the modem ------------------------------------------------------------------------

    /// Bytes to be written to the port.
    pub(crate) fn tx(&self) -> &[u8] {
        &self.tx[self.tx_at..]
    }

    /// The first `count` bytes of [`tx`](Self::tx) have been written.
    pub(crate) fn sent(&mut self, now: Time, count: usize) {
        if count == 0 {
            // A line that is held back makes no progress: the stall limit goes on.
            return;
        }
        self.tx_at += count;
        if self.tx_at == self.tx.len() {
            if self.tx_secret {
                self.tx.zeroize();
                self.tx_secret = false;
            }
            self.tx.clear();
            self.tx_at = 0;
        }
        let limits = self.limits;
        if let Some(flight) = &mut self.flight {
            match flight.phase {
                Phase::SendingStore => flight.deadline = now.saturating_add(limits.stall_timeout),
                Phase::EndingStore | Phase::SendingPiece => {
                    flight.deadline = now.saturating_add(limits.outcome_timeout)
                }
                _ => {}
            }
        }
    }

    /// Adds a part of the file to FTPSTOR's data.
    pub(crate) fn store(&mut self, data: &[u8]) {
        // What has gone makes room only where there is none: each byte is moved once at most.
        if self.tx_at > 0 && self.tx.capacity() - self.tx.len() < 2 * data.len() {
            self.tx.drain(..self.tx_at);
            self.tx_at = 0;
        }
        stuffing::stuff(data, &mut self.tx);
        if let Some(flight) = &mut self.flight {
            flight.payload += data.len() as u64;
        }
        self.recorder.payload(Direction::ToModem, data.len());
    }

    /// The file is complete: ends FTPSTOR's data.
    pub(crate) fn end_store(&mut self, now: Time) {
        self.tx.push(ETX);
        self.recorder
            .record(Direction::ToModem, || "<03>".to_owned());
        if let Some(flight) = &mut self.flight {
            flight.phase = Phase::EndingStore;
            flight.deadline = now.saturating_add(self.limits.outcome_timeout);
        }
    }

    // -- from the modem ---------------------------------------------------------------------------

    /// Takes all of `input`; the file's bytes in it are appended to `payload`.
    pub(crate) fn feed(&mut self, now: Time, input: &[u8], payload: &mut Vec<u8>) {
        if !input.is_empty() {
            self.last_received = now;
        }
        let mut rest = input;
        while !rest.is_empty() {
            let before = payload.len();
            let (used, token) = self.framer.next(rest, payload);
            rest = &rest[used..];
            if payload.len() > before {
                self.account(now, payload, before);
            }
            match token {
                Some(Token::Line) => {
                    let secret = self.line_may_be_secret();
                    self.line(now, payload);
                    if secret {
                        self.framer.wipe_line();
                    }
                }
                Some(Token::Prompt) => self.prompt(now),
                Some(Token::PayloadEnd) => self.payload_end(now, payload),
                None => {}
            }
        }
    }

    /// Payload belongs to the command in flight, or is thrown away with the one in quarantine.
    fn account(&mut self, now: Time, payload: &mut Vec<u8>, before: usize) {
        let count = payload.len() - before;
        self.recorder.payload(Direction::FromModem, count);
        let limits = self.limits;
        match &mut self.flight {
            Some(flight) if flight.phase != Phase::Reply => {
                flight.deadline = now
                    + match flight.phase {
                        Phase::Receiving => limits.timeout,
                        _ => limits.stall_timeout,
                    };
                flight.take_payload(payload, before);
            }
            _ => payload.truncate(before),
        }
    }

    fn payload_end(&mut self, now: Time, payload: &mut Vec<u8>) {
        let limits = self.limits;
        let flight = match &mut self.flight {
            Some(flight) if flight.phase != Phase::Reply => flight,
            _ => match &mut self.quarantine {
                Some(flight) => flight,
                None => return,
            },
        };
        flight.release_tail(payload);
        match flight.phase {
            Phase::Retrieving => {
                flight.stray_escapes = self.framer.take_stray_escapes();
                flight.phase = Phase::Reply;
                flight.deadline = now.saturating_add(limits.outcome_timeout);
            }
            Phase::Receiving => {
                flight.phase = Phase::Received;
                flight.first_behind_data = true;
                flight.deadline = now.saturating_add(limits.timeout);
            }
            _ => {}
        }
        self.recorder
            .record(Direction::FromModem, || "<end of data>".to_owned());
    }

    fn prompt(&mut self, now: Time) {
        self.recorder
            .record(Direction::FromModem, || ">".to_owned());
        self.send_piece(now);
    }

    /// Answers FTPPUT's prompt, late ones too: the modem takes the next bytes as data in any case.
    fn send_piece(&mut self, now: Time) {
        let waits = |flight: &&mut Flight| flight.phase == Phase::Reply && !flight.piece.is_empty();
        let flight = self
            .flight
            .as_mut()
            .filter(waits)
            .or(self.quarantine.as_mut().filter(waits));
        let Some(flight) = flight else { return };
        self.framer.expect_prompt(false);
        flight.phase = Phase::SendingPiece;
        flight.deadline = now.saturating_add(self.limits.outcome_timeout);
        flight.payload += flight.piece.len() as u64;
        self.tx.extend_from_slice(&flight.piece);
        let count = flight.piece.len();
        self.recorder.payload(Direction::ToModem, count);
    }

    /// Silence behind the outcome of a RETR without 0x03: is the file complete? Then its answer is ready.
    pub(crate) fn settle_tail(&mut self, now: Time) -> bool {
        let Some(flight) = &mut self.flight else {
            return false;
        };
        let Some(outcome) = flight.tail_outcome() else {
            return false;
        };
        if now < self.last_received + TAIL_SILENCE {
            return false;
        }
        flight.end_at_tail(outcome);
        self.framer.reset_to_lines();
        self.finish_if_done();
        true
    }

    fn line(&mut self, now: Time, payload: &mut Vec<u8>) {
        let line = self.framer.line();
        if line.trim_ascii().is_empty() {
            return;
        }
        // A piece of an echo that something broke up could hold the password, and a late one, too: nobody gets it.
        let secret = self.hears_secrets();
        self.recorder
            .record(Direction::FromModem, || match response::parse(line) {
                Line::Text(_) if secret => "***".to_owned(),
                _ => mask(&self.secrets.hide(line)),
            });
        let is_echo = |flight: &Option<Flight>| {
            flight.as_ref().is_some_and(|flight| {
                matches!(flight.phase, Phase::Reply | Phase::SendingPiece)
                    && flight.command.line().trim_ascii() == line.trim_ascii()
            })
        };
        if is_echo(&self.flight) || is_echo(&self.quarantine) {
            return;
        }
        let parsed = response::parse(line);
        if matches!(parsed, Line::Text(_)) && secret {
            return;
        }
        if let Some(flight) = self.flight.as_mut().filter(|_| parsed != Line::Ok) {
            flight.first_behind_data = false;
        }
        let expects = match &self.flight {
            Some(flight) => flight.expects(&parsed, self.quarantine.as_ref()),
            None => Expects::No,
        };
        let flight = match expects {
            Expects::Yes => self.flight.as_mut(),
            Expects::Swallow => {
                self.strays += 1;
                return;
            }
            Expects::No => self
                .quarantine
                .as_mut()
                .filter(|flight| flight.expects(&parsed, None) == Expects::Yes),
        };
        let Some(flight) = flight else {
            self.nobodys(line.to_vec());
            return;
        };
        let given_up = expects != Expects::Yes;
        let before = payload.len();
        let next = flight.take_line(
            now,
            line,
            &parsed,
            self.framer.blanks(),
            &self.limits,
            payload,
        );
        if given_up {
            payload.truncate(before);
        } else if payload.len() > before {
            self.recorder
                .payload(Direction::FromModem, payload.len() - before);
        }
        match next {
            Next::Line => {}
            Next::Counted(count) => self.framer.start_counted(count),
            Next::Stuffed => self.framer.start_stuffed(),
            Next::Prompt => self.send_piece(now),
        }
        if given_up {
            self.release_if_done();
        } else {
            self.finish_if_done();
        }
    }

    fn finish_if_done(&mut self) {
        let unsent = !self.tx().is_empty();
        let Some(mut flight) = self.flight.take_if(|flight| flight.is_done()) else {
            return;
        };
        if flight.command.reply() == Reply::Text && flight.outcome.is_some() {
            self.limits.text_stands_alone = false;
        }
        // The outcome of an upload can only follow its end: before that the modem has seen another end.
        flight.early |= unsent && flight.phase == Phase::EndingStore;
        self.framer.expect_prompt(
            self.quarantine
                .as_ref()
                .is_some_and(Flight::may_be_prompted),
        );
        if let (Phase::Received, Some(gap)) = (flight.phase, flight.gap) {
            let first = *self.receive_gap.get_or_insert(gap);
            if first != gap && flight.violation.is_none() {
                // Which of the two was the wrong one, nobody can tell.
                self.receive_gap = None;
                flight.violation = Some(format!(
                    "{first} bytes stood between FTPRECV's data and its OK before and {gap} now: bytes were lost on the line"
                ));
            }
        }
        self.stray_text = 0;
        self.hide_secrets(&mut flight);
        self.spare_piece = std::mem::take(&mut flight.piece);
        self.answer = Some(flight.into_answer());
    }

    /// Forgets what the line's other side did before: the port was opened anew.
    pub(crate) fn reset(&mut self) {
        self.forgive();
        self.flight = None;
        self.answer = None;
        self.fetch_notices.clear();
        self.receive_gap = None;
        self.limits.text_stands_alone = false;
        self.drop_unsent();
    }
}

/// What the bytes behind a line are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Line,
    Counted(usize),
    Stuffed,
    /// The modem waits for FTPPUT's bytes.
    Prompt,
}
