//! The record of the port's traffic: commands and answers as they were, payload as counts, secrets masked.

use std::borrow::Cow;
use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use crate::search::find;

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
    let upper = Zeroizing::new(line.to_ascii_uppercase());
    let behind_name = |(name, first_is_none): &(&[u8], bool), start: usize| {
        let behind = start + name.len();
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
    };
    let secrets = SECRETIVE.iter().filter_map(|row| {
        // A name may stand there more than once: a query, and the set form behind it.
        let mut starts = (0..line.len()).filter(|&start| upper[start..].starts_with(row.0));
        starts.find_map(|start| behind_name(row, start))
    });
    secrets.min().filter(|at| *at < line.len())
}

/// A line of the modem with what may be a secret in it masked.
pub(crate) fn mask(line: &[u8]) -> String {
    let upper = Zeroizing::new(line.to_ascii_uppercase());
    let verbs = [&b"PASS "[..], b"ACCT "].into_iter();
    let secrets = verbs.filter_map(|verb| Some(find(&upper, verb)? + verb.len()));
    // What comes first masks all that is behind it.
    let first = secrets.chain(secret_at(line)).min();
    let shown = String::from_utf8_lossy(&line[..first.unwrap_or(line.len())]).into_owned();
    match first {
        Some(_) => shown + "***",
        None => shown,
    }
}

/// Secrets that the other side has been told: it may say them back in any line.
#[derive(Default)]
pub(crate) struct Secrets {
    /// Those of the login, for as long as its connection may last.
    lasting: Vec<Zeroizing<Vec<u8>>>,
    /// Those of one command.
    passing: Vec<Zeroizing<Vec<u8>>>,
}

/// A shorter secret is looked for nowhere: it would be found in words that have nothing to do with it.
const SHORTEST_SECRET: usize = 4;

impl Secrets {
    /// Remembers what stands in quotes on a part of a command line; a new login's take the place of the last one's.
    pub(crate) fn learn(&mut self, line: &[u8], lasting: bool) {
        let quoted = line.split(|&byte| byte == b'"').skip(1).step_by(2);
        let secrets = quoted
            .filter(|secret| secret.len() >= SHORTEST_SECRET)
            .map(|secret| Zeroizing::new(secret.to_vec()));
        if lasting {
            self.lasting = secrets.collect();
        } else {
            self.passing.extend(secrets);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lasting.is_empty() && self.passing.is_empty()
    }

    /// Wipes those of single commands.
    pub(crate) fn forget_passing(&mut self) {
        self.passing.clear();
    }

    /// Wipes all of them.
    pub(crate) fn forget(&mut self) {
        self.passing.clear();
        self.lasting.clear();
    }

    /// A line with every one of them masked.
    pub(crate) fn hide<'a>(&self, line: &'a [u8]) -> Cow<'a, [u8]> {
        let mut shown = Cow::Borrowed(line);
        for secret in self.lasting.iter().chain(&self.passing) {
            // The mask is shorter than any of them, so that this ends.
            while let Some(at) = find(&shown, secret) {
                let rest = &shown[at + secret.len()..];
                let less = [&shown[..at], b"***", rest].concat();
                // Another one of them may stand in it.
                if let Cow::Owned(more) = &mut shown {
                    more.zeroize();
                }
                shown = Cow::Owned(less);
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_show() {
        assert_eq!(mask(b"PASS geheim"), "PASS ***");
        assert_eq!(mask(b"---> acct geheim"), "---> acct ***");
        assert_eq!(mask(b"PASS geheim +CPIN=1"), "PASS ***");
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
        assert_eq!(
            mask(b"AT+FTPOPENAT+FTPOPEN?;+FTPOPEN=\"h\",\"u\",\"geheim\""),
            "AT+FTPOPENAT+FTPOPEN?;+FTPOPEN=\"h\",***"
        );
        assert_eq!(mask(b"AT+CLCK=\"SC\",1,\"1234\""), "AT+CLCK=***");
        assert_eq!(mask(b"230 Login successful."), "230 Login successful.");
    }

    #[test]
    fn secrets_that_are_known_are_masked_in_any_line() {
        let mut secrets = Secrets::default();
        secrets.learn(b"\"geheim\",\"konto\",,21,,0", true);
        secrets.learn(b"\"einmal\"", false);
        let hidden = |secrets: &Secrets, line: &[u8]| {
            String::from_utf8_lossy(&secrets.hide(line)).into_owned()
        };
        assert_eq!(
            hidden(&secrets, b"530 geheim/konto is wrong: einmal geheim"),
            "530 ***/*** is wrong: *** ***"
        );
        assert_eq!(hidden(&secrets, b"230 geh eim"), "230 geh eim");
        secrets.forget_passing();
        assert_eq!(hidden(&secrets, b"geheim einmal"), "*** einmal");
        secrets.forget();
        assert_eq!(hidden(&secrets, b"geheim"), "geheim");
        secrets.learn(b"\"abc\"", true);
        assert_eq!(hidden(&secrets, b"abc"), "abc", "too short to look for");
        secrets.learn(b"\"****\"", true);
        assert_eq!(hidden(&secrets, b"a ******** b"), "a *** b");
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
