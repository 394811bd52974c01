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
    pub(crate) fn switch(&mut self, on: bool) {
        self.on = on;
    }

    pub(crate) fn record(&mut self, direction: Direction, text: impl FnOnce() -> String) {
        if self.on {
            self.end_payload();
            self.records.push(Record {
                direction,
                text: printable(&text()),
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

/// Text with its control characters escaped: a terminal that shows it must not obey a server.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let (escaped, plain) = if c.is_control() {
                (Some(c.escape_default()), None)
            } else {
                (None, Some(c))
            };
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

/// Commands that carry secrets in their set form, and whether the first field is none.
const SECRETIVE: [(&[u8], bool); 6] = [
    (b"+FTPOPEN", true),
    (b"+MIPCALL", true),
    (b"+CGAUTH", false),
    (b"+CPIN", false),
    (b"+CPWD", false),
    (b"+CLCK", false),
];

/// From where on a command line, or its echo, may hold a secret. Blanks before the `=` hide nothing.
pub(crate) fn secret_at(line: &[u8]) -> Option<usize> {
    let upper = line.to_ascii_uppercase();
    let secrets = SECRETIVE.iter().filter_map(|(name, first_is_none)| {
        let behind = find(&upper, name)? + name.len();
        let blanks = line[behind..]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let at = behind + blanks + 1;
        if line.get(at - 1) != Some(&b'=') {
            return None;
        }
        if *first_is_none {
            Some(at + line[at..].iter().position(|&byte| byte == b',')? + 1)
        } else {
            Some(at)
        }
    });
    secrets.min().filter(|at| *at < line.len())
}

/// A line of the modem with what may be a secret in it masked.
pub(crate) fn mask(line: &[u8]) -> String {
    let shown = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
    if let Some(secret) = secret_at(line) {
        return shown(&line[..secret]) + "***";
    }
    let upper = line.to_ascii_uppercase();
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
        assert_eq!(mask(b"AT+CPIN=\"1234\""), "AT+CPIN=***");
        assert_eq!(mask(b"+CPIN: READY"), "+CPIN: READY");
        assert_eq!(
            mask(b"AT+FTPOPEN=\"h\",\"u\",\"geheim\""),
            "AT+FTPOPEN=\"h\",***"
        );
        assert_eq!(
            mask(b"AT+FTPOPEN  =\"h\",\"u\",\"geheim\""),
            "AT+FTPOPEN  =\"h\",***"
        );
        assert_eq!(mask(b"AT+CLCK=\"SC\",1,\"1234\""), "AT+CLCK=***");
        assert_eq!(mask(b"230 Login successful."), "230 Login successful.");
    }

    #[test]
    fn payload_in_a_row_is_one_record() {
        let mut recorder = Recorder::default();
        recorder.switch(true);
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
