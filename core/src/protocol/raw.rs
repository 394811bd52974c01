//! A user's own command line: which command it is, how it ends, what in it is secret.

use super::argument;
use super::table::{self, Reply};
use crate::error::{Error, Result};
use crate::trace;

/// What a raw line was found to be.
pub(crate) struct Raw {
    /// The name without `AT+`; empty for a basic command and for several on one line.
    pub(crate) name: String,
    pub(crate) reply: Reply,
    pub(crate) secret_from: Option<usize>,
    /// The form and the section that says so, where the manual has the command without it.
    pub(crate) missing_form: Option<(&'static str, &'static str)>,
}

/// Reads one command line without its end.
pub(crate) fn parse(line: &[u8]) -> Result<Raw> {
    argument::check_line(line)?;
    let body = line[2..].trim_ascii_start();
    let parts = split_unquoted(body);
    let compound = parts.len() > 1;
    if compound
        && parts
            .iter()
            .any(|part| table::find(&name_of(part)).is_some())
    {
        return Err(Error::invalid(
            "an FTP command shares its line with another one: give one FTP command a line",
        ));
    }
    let extended = body.first() == Some(&b'+') && !compound;
    let name = name_of(body);
    let tail = body[body.len().min(name.len() + usize::from(extended))..].trim_ascii();
    let asks = tail == b"?" || tail == b"=?";
    let mut reply = Reply::Final;
    let mut missing_form = None;
    if let Some(row) = table::find(&name).filter(|_| extended) {
        missing_form = row.missing_form(tail).map(|form| (form, row.section));
        if asks {
            // They end at the final result.
        } else if let Some(verb) = row.instead {
            return Err(Error::invalid(format!(
                "AT+{name} moves data that a raw command cannot carry: use {verb} instead"
            )));
        } else {
            reply = row.reply;
        }
    }
    Ok(Raw {
        name: if extended { name } else { String::new() },
        reply,
        secret_from: trace::secret_at(line),
        missing_form,
    })
}

/// The commands on a line (V.250, 5.2.1): divided by semicolons outside quotes.
fn split_unquoted(body: &[u8]) -> Vec<&[u8]> {
    let mut quoted = false;
    body.split(|&byte| {
        quoted ^= byte == b'"';
        byte == b';' && !quoted
    })
    .filter(|part| !part.trim_ascii().is_empty())
    .collect()
}

/// `FTPCWD` of `+FTPCWD="x"`, or nothing for a basic command.
fn name_of(command: &[u8]) -> String {
    let name = command
        .trim_ascii_start()
        .strip_prefix(b"+")
        .unwrap_or_default();
    let end = name
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    String::from_utf8_lossy(&name[..end.unwrap_or(name.len())]).to_ascii_uppercase()
}
