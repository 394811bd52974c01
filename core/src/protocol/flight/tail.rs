//! A file's bytes, and what a firmware that ends RETR without 0x03 prints behind them.

use super::{Flight, Phase};
use crate::protocol::response::{self, Line};

/// How much a firmware that ends RETR without 0x03 may print behind the file.
const MAX_TAIL: usize = 1024;

impl Flight {
    /// Counts payload; what is beyond the expected size is held back, as it may be the outcome.
    pub(crate) fn take_payload(&mut self, payload: &mut Vec<u8>, before: usize) {
        if self.fault.is_some() {
            payload.truncate(before);
            return;
        }
        self.payload += (payload.len() - before) as u64;
        let Some(expected) = self.expected.filter(|expected| self.payload > *expected) else {
            return;
        };
        let beyond = (self.payload - expected) as usize - self.tail.len();
        let keep = payload.len() - beyond;
        self.tail.extend_from_slice(&payload[keep..]);
        payload.truncate(keep);
        if self.tail.len() > MAX_TAIL {
            self.expected = None;
            self.release_tail(payload);
        }
    }

    /// The file is longer than listed: what was held back is part of it.
    pub(crate) fn release_tail(&mut self, payload: &mut Vec<u8>) {
        payload.append(&mut self.tail);
    }

    /// The outcome in what was held back, where there is one: lines that nobody asked for may stand before and behind it.
    pub(crate) fn tail_outcome(&self) -> Option<u8> {
        let begins_line = matches!(self.tail.first(), Some(b'\r' | b'\n' | b'+'));
        let text = self.tail.strip_suffix(b"\r\n").filter(|_| begins_line)?;
        let lines = text
            .rsplit(|&byte| byte == b'\n')
            .map(<[u8]>::trim_ascii_end);
        lines.into_iter().find_map(|line| {
            let Line::Answer { name, rest } = response::parse(line) else {
                return None;
            };
            let (outcome, _) =
                response::outcome(rest).filter(|(outcome, _)| self.is_own(name) && *outcome < 2)?;
            Some(outcome)
        })
    }

    /// The file ended where it was expected to: what was held back is not part of it.
    pub(crate) fn end_at_tail(&mut self, outcome: u8) {
        self.payload -= self.tail.len() as u64;
        self.tail.clear();
        self.outcome = Some(outcome);
        self.phase = Phase::Reply;
    }
}
