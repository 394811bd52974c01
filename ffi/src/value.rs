//! What an operation came to.

use std::ffi::c_char;

use nlftp_core::{Entry, ModemInfo, Transfer};

use crate::argument::Out;
use crate::error::{Failure, Outcome};
use crate::handle::Kept;
use crate::info::nlftp_info;
use crate::lines::nlftp_lines;
use crate::listing::nlftp_listing;
use crate::text::{self, Text};
use crate::transfer::nlftp_transfer;

/// What kind of result an operation has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nothing,
    /// Nothing, and the modem is closed with it.
    Close,
    Transfer,
    Lines,
    Text,
    Listing,
    Info,
    Connected,
}

/// The result of an operation that went well.
pub(crate) enum Value {
    Nothing,
    Transfer(Kept<nlftp_transfer>),
    Lines(Kept<nlftp_lines>),
    Text(Text),
    Listing(Kept<nlftp_listing>),
    Info(Kept<nlftp_info>),
    Connected(bool),
}

impl Value {
    pub(crate) fn transfer(transfer: Transfer) -> Value {
        Value::Transfer(Kept::new(transfer.into()))
    }

    pub(crate) fn strings(lines: Vec<String>) -> Value {
        Value::Lines(Kept::new(lines.into_iter().map(Text::from).collect()))
    }

    pub(crate) fn octet_lines(lines: Vec<Vec<u8>>) -> Value {
        Value::Lines(Kept::new(
            lines.iter().map(|line| Text::new(line)).collect(),
        ))
    }

    pub(crate) fn string(text: String) -> Value {
        Value::Text(text.into())
    }

    pub(crate) fn octets(octets: Vec<u8>) -> Value {
        Value::Text(Text::new(&octets))
    }

    pub(crate) fn listing(entries: Vec<Entry>) -> Value {
        Value::Listing(Kept::new(
            entries
                .into_iter()
                .map(|entry| Kept::new(Some(entry.into())))
                .collect(),
        ))
    }

    pub(crate) fn info(info: ModemInfo) -> Value {
        Value::Info(Kept::new(info.into()))
    }
}

/// What a call that waited gives the program for its own.
pub(crate) trait Give {
    /// Writes the result where it is wanted.
    fn give_lines(self, out: Option<Out<*mut nlftp_lines>>) -> Outcome;
    fn give_string(self, out: Option<Out<*mut c_char>>) -> Outcome;
    fn give_listing(self, out: Option<Out<*mut nlftp_listing>>) -> Outcome;
    fn give_info(self, out: Option<Out<*mut nlftp_info>>) -> Outcome;
    fn give_connected(self, out: Option<Out<bool>>) -> Outcome;
}

/// A result of the kind that its verb does not have.
fn mixed_up() -> Failure {
    Failure::panic("a bug of the library, please report it: an operation has the result of another")
}

impl Give for Option<Value> {
    fn give_lines(self, out: Option<Out<*mut nlftp_lines>>) -> Outcome {
        match (self, out) {
            (Some(Value::Lines(lines)), Some(out)) => out.write(lines.into_raw()),
            (None | Some(Value::Lines(_)), _) => {}
            _ => return Err(mixed_up()),
        }
        Ok(())
    }

    fn give_string(self, out: Option<Out<*mut c_char>>) -> Outcome {
        match (self, out) {
            (Some(Value::Text(text)), Some(out)) => out.write(text::give_away(text.bytes())),
            (None | Some(Value::Text(_)), _) => {}
            _ => return Err(mixed_up()),
        }
        Ok(())
    }

    fn give_listing(self, out: Option<Out<*mut nlftp_listing>>) -> Outcome {
        match (self, out) {
            (Some(Value::Listing(listing)), Some(out)) => out.write(listing.into_raw()),
            (None | Some(Value::Listing(_)), _) => {}
            _ => return Err(mixed_up()),
        }
        Ok(())
    }

    fn give_info(self, out: Option<Out<*mut nlftp_info>>) -> Outcome {
        match (self, out) {
            (Some(Value::Info(info)), Some(out)) => out.write(info.into_raw()),
            (None | Some(Value::Info(_)), _) => {}
            _ => return Err(mixed_up()),
        }
        Ok(())
    }

    fn give_connected(self, out: Option<Out<bool>>) -> Outcome {
        match (self, out) {
            (Some(Value::Connected(connected)), Some(out)) => out.write(connected),
            (None | Some(Value::Connected(_)), _) => {}
            _ => return Err(mixed_up()),
        }
        Ok(())
    }
}
