//! Lines that nobody asked for, and secrets that the modem or a server may say back.

use std::collections::VecDeque;

use super::Engine;
use crate::protocol::command::Command;
use crate::protocol::flight::Flight;
use crate::protocol::response::{self, Line};
use crate::trace::mask;

/// How many unasked lines wait for the user; older ones are dropped beyond that.
const MAX_URCS: usize = 256;
/// The same for their octets.
const MAX_OCTETS: usize = 64 * 1024;

/// A line that nobody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unasked {
    Urc(String),
    /// What FTPINFO reports of the control connection.
    Info(String),
}

impl Unasked {
    pub(crate) fn octets(&self) -> usize {
        let (Unasked::Urc(line) | Unasked::Info(line)) = self;
        line.len()
    }
}

impl Engine {
    pub(crate) fn take_unasked(&mut self) -> Option<Unasked> {
        self.unasked.pop_front()
    }

    /// The unasked lines that nobody has taken yet.
    pub(crate) fn unasked(&self) -> &VecDeque<Unasked> {
        &self.unasked
    }

    /// A line that no command wants: FTPGET's later outcomes are kept for the session, all else is the user's.
    pub(super) fn nobodys(&mut self, line: Vec<u8>) {
        if let Line::Answer { name, rest } = response::parse(&line) {
            if name.eq_ignore_ascii_case(b"FTPGET")
                && let Some((outcome, _)) = response::outcome(rest)
            {
                if self.fetch_notices.len() < 8 {
                    self.fetch_notices.push_back(outcome);
                }
                return;
            }
            if name.eq_ignore_ascii_case(b"FTPINFO") {
                let text = mask(&self.secrets.hide(rest));
                self.push_unasked(Unasked::Info(text));
                return;
            }
        }
        if matches!(response::parse(&line), Line::Ok | Line::Error(_)) {
            // A final result that nobody waits for is a late one: it means nothing now.
            self.strays += 1;
            return;
        }
        if matches!(response::parse(&line), Line::Text(_)) {
            self.stray_text += 1;
        }
        let text = mask(&self.secrets.hide(&line));
        self.push_unasked(Unasked::Urc(text));
    }

    fn push_unasked(&mut self, line: Unasked) {
        self.unasked.push_back(line);
        // They are few, as the session takes them at every turn.
        while self.unasked.len() > MAX_URCS
            || self.unasked.iter().map(Unasked::octets).sum::<usize>() > MAX_OCTETS
        {
            self.unasked.pop_front();
        }
    }

    /// What a command tells the other side, it may say back.
    pub(super) fn learn_secrets(&mut self, command: &Command) {
        if command.has_secret() {
            let is_login = command.name() == "FTPOPEN";
            self.secrets.learn(command.secret(), is_login);
        }
    }

    /// Whether the modem may be echoing a secret: what holds its bytes is to be wiped.
    pub(crate) fn hears_secrets(&self) -> bool {
        let holds = |flight: &Option<Flight>| {
            flight
                .as_ref()
                .is_some_and(|flight| flight.command.has_secret())
        };
        holds(&self.flight) || holds(&self.quarantine)
    }

    /// The same for lines, in which a server may say one back for as long as it knows it.
    pub(super) fn line_may_be_secret(&self) -> bool {
        self.hears_secrets() || !self.secrets.is_empty()
    }

    /// The end of a command: its error shows no secret, and secrets that nobody can say any more are wiped.
    pub(super) fn hide_secrets(&mut self, flight: &mut Flight) {
        if let Some(text) = flight.failure_text() {
            *text = String::from_utf8_lossy(&self.secrets.hide(text.as_bytes())).into_owned();
        }
        self.secrets.forget_passing();
        let command = &flight.command;
        let refused =
            command.name() == "FTPOPEN" && command.has_secret() && flight.outcome != Some(1);
        if refused || command.name() == "FTPCLOSE" {
            self.secrets.forget();
        }
    }
}
