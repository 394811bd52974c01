//! Runs a command line: several commands one after the other, one final result for all.

use std::time::Duration;

use super::fault::Fault;
use super::table::{self, Access, Entry, Test};
use super::{Answer, Form, Handled, Request, general};
use crate::Modem;

/// The numbers that V.250 gives to the two final results.
const OK: u8 = 0;
const ERROR: u8 = 4;

impl Modem {
    /// Runs everything on a line, as far as it goes well.
    pub(crate) fn execute(&mut self, now: Duration, body: &[u8]) {
        // An outcome is owed: nothing else is answered before it.
        let result = if self.is_idle() {
            self.run_all(now, body)
        } else {
            Err(Fault::NOT_ALLOWED)
        };
        match result {
            Ok(Answer::Ok) => self.ok(),
            Ok(Answer::Later) => {}
            Err(fault) => self.refuse(fault),
        }
    }

    /// The final result of a command that went well.
    pub(crate) fn ok(&mut self) {
        self.output.result("OK", Some(OK));
    }

    /// The same right behind the bytes before it.
    pub(crate) fn bare_ok(&mut self) {
        self.output.bare_result("OK", Some(OK));
    }

    /// The final result of a command that failed.
    pub(crate) fn refuse(&mut self, fault: Fault) {
        let text = fault.text(self.config.dialect.error, self.settings.error_reports);
        let number = (text == "ERROR").then_some(ERROR);
        self.output.result(&text, number);
    }

    /// Fails if a test wants this command to fail.
    fn forced(&mut self, command: &[u8]) -> Result<(), Fault> {
        let failures = &mut self.config.failures;
        match failures
            .iter()
            .position(|failure| failure.concerns(command))
        {
            Some(place) => {
                let failure = failures.remove(place);
                Err(Fault::Forced(failure.code, failure.form))
            }
            None => Ok(()),
        }
    }

    fn run_all(&mut self, now: Duration, body: &[u8]) -> Handled {
        let mut rest = body.trim_ascii();
        if rest.is_empty() {
            self.forced(b"")?;
        }
        while !rest.is_empty() {
            if let Some(later) = rest.strip_prefix(b";") {
                rest = later.trim_ascii();
                continue;
            }
            let (command, later) = if rest[0] == b'+' {
                extended_end(rest)
            } else {
                basic_end(rest)
            };
            rest = later.trim_ascii();
            let answer = if command[0] == b'+' {
                self.run_extended(now, &command[1..])?
            } else {
                self.forced(command)?;
                general::basic(self, command)?
            };
            if answer == Answer::Later {
                return if rest.is_empty() {
                    Ok(answer)
                } else {
                    Err(Fault::Syntax)
                };
            }
        }
        Ok(Answer::Ok)
    }

    fn run_extended(&mut self, now: Duration, command: &[u8]) -> Handled {
        let end = command
            .iter()
            .position(|byte| matches!(byte, b'=' | b'?'))
            .unwrap_or(command.len());
        let (name, rest) = command.split_at(end);
        let form = match rest.trim_ascii() {
            b"" => Form::Execute,
            b"?" => Form::Read,
            text => match text.strip_prefix(b"=").map(<[u8]>::trim_ascii) {
                Some(b"?") => Form::Test,
                Some(values) => Form::Set(values),
                None => return Err(Fault::Syntax),
            },
        };
        let quoted = matches!(form, Form::Set([b'"', ..]));
        let name = name.trim_ascii();
        let entry = self.find(name, quoted).ok_or(Fault::Syntax)?;
        self.forced(name)?;
        self.check(entry, form)?;
        if form == Form::Test {
            match entry.test {
                Test::Error => return Err(Fault::Syntax),
                Test::Nothing => {}
                Test::Values(values) => self.information(entry.name, values),
                Test::Computed(values) => self.information(entry.name, &values(self)),
            }
            return Ok(Answer::Ok);
        }
        (entry.run)(
            self,
            &Request {
                now,
                name: entry.name,
                form,
            },
        )
    }

    /// The entry for a name, under the spellings of the dialect.
    fn find(&self, name: &[u8], quoted: bool) -> Option<&'static Entry> {
        table::ENTRIES.iter().find(|entry| {
            entry.name.as_bytes().eq_ignore_ascii_case(name)
                && (entry.spoken)(&self.config.dialect, quoted)
        })
    }

    fn check(&self, entry: &Entry, form: Form<'_>) -> Result<(), Fault> {
        let query = matches!(form, Form::Read | Form::Test);
        if entry.access == Access::Plain {
            return Ok(());
        }
        // The manual's attribute "pin restricted", which every FTP command has.
        if !self.config.sim_ready && form != Form::Test {
            return Err(Fault::NO_SIM);
        }
        if self.is_downloading() {
            let answered = match entry.access {
                Access::Open => form == Form::Read,
                Access::Get => {
                    form == Form::Read && self.config.dialect.get_query_while_downloading
                }
                Access::Close => self.config.dialect.close_while_downloading,
                Access::Recv => true,
                _ => false,
            };
            return if answered {
                Ok(())
            } else {
                Err(Fault::NOT_ALLOWED)
            };
        }
        let answered = match entry.access {
            Access::Connected | Access::Get => {
                query || (self.client.is_open() && self.upload.is_none())
            }
            Access::Put => query || self.client.is_open(),
            _ => true,
        };
        if answered {
            Ok(())
        } else {
            Err(Fault::NOT_ALLOWED)
        }
    }
}

/// An extended command ends at a semicolon outside quotes.
fn extended_end(text: &[u8]) -> (&[u8], &[u8]) {
    let mut quoted = false;
    let end = text.iter().position(|byte| {
        quoted ^= *byte == b'"';
        *byte == b';' && !quoted
    });
    text.split_at(end.unwrap_or(text.len()))
}

/// A basic command is a letter, perhaps behind `&`, and its digits.
fn basic_end(text: &[u8]) -> (&[u8], &[u8]) {
    let letters = if text[0] == b'&' { 2 } else { 1 };
    let digits = text
        .iter()
        .skip(letters)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    text.split_at((letters + digits).min(text.len()))
}
