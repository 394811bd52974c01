//! The record of the port's traffic: commands and answers as they were, payload as counts, secrets masked.

use std::fmt;

/// Who sent what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    ToModem,
    FromModem,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::ToModem => ">",
            Direction::FromModem => "<",
        })
    }
}

/// A line of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) direction: Direction,
    pub(crate) text: String,
}

/// Collects records until the driver writes them; does nothing unless switched on.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    on: bool,
    records: Vec<Record>,
    pending: Option<(Direction, usize)>,
}

impl Recorder {
    pub(crate) fn switch_on(&mut self) {
        self.on = true;
    }

    pub(crate) fn record(&mut self, direction: Direction, text: impl FnOnce() -> String) {
        if self.on {
            self.end_payload();
            self.records.push(Record {
                direction,
                text: text(),
            });
        }
    }

    /// Payload in a row becomes one record with its length.
    pub(crate) fn payload(&mut self, direction: Direction, count: usize) {
        if !self.on {
            return;
        }
        match &mut self.pending {
            Some((pending, sum)) if *pending == direction => *sum += count,
            _ => {
                self.end_payload();
                self.pending = Some((direction, count));
            }
        }
    }

    fn end_payload(&mut self) {
        if let Some((direction, count)) = self.pending.take() {
            self.records.push(Record {
                direction,
                text: format!("<{count} bytes of data>"),
            });
        }
    }

    pub(crate) fn take(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records)
    }
}

/// A line of the modem for people: control characters escaped, what may be a secret masked.
pub(crate) fn mask(line: &[u8]) -> String {
    let shown = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
    let upper = line.to_ascii_uppercase();
    for start in [&b"AT+FTPOPEN="[..], b"AT+MIPCALL="] {
        if let Some(at) = find(&upper, start) {
            let secret = upper[at..]
                .iter()
                .position(|&byte| byte == b',')
                .map_or(line.len(), |comma| at + comma);
            return shown(&line[..secret]) + ",***";
        }
    }
    for verb in [&b"PASS "[..], b"ACCT "] {
        if let Some(at) = find(&upper, verb) {
            return shown(&line[..at + verb.len()]) + "***";
        }
    }
    shown(line)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_show() {
        assert_eq!(mask(b"PASS geheim"), "PASS ***");
        assert_eq!(mask(b"---> acct geheim"), "---> acct ***");
        assert_eq!(
            mask(b"AT+FTPOPEN=\"h\",\"u\",\"geheim\""),
            "AT+FTPOPEN=\"h\",***"
        );
        assert_eq!(mask(b"230 Login successful."), "230 Login successful.");
    }

    #[test]
    fn payload_in_a_row_is_one_record() {
        let mut recorder = Recorder::default();
        recorder.switch_on();
        recorder.payload(Direction::FromModem, 10);
        recorder.payload(Direction::FromModem, 5);
        recorder.record(Direction::FromModem, || "OK".to_owned());
        let texts: Vec<_> = recorder
            .take()
            .into_iter()
            .map(|record| record.text)
            .collect();
        assert_eq!(texts, ["<15 bytes of data>", "OK"]);
    }
}
