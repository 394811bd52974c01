//! The AT side: command lines in, responses and results out.

pub(crate) mod argument;
pub(crate) mod cellular;
mod codes;
pub(crate) mod execute;
pub(crate) mod fault;
mod ftp;
mod ftp_transfer;
mod general;
pub(crate) mod line;
mod table;

use std::time::Duration;

use fault::Fault;

/// Which form of a command the host used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form<'a> {
    /// `AT+X`
    Execute,
    /// `AT+X=…`, with what follows the equals sign.
    Set(&'a [u8]),
    /// `AT+X?`
    Read,
    /// `AT+X=?`
    Test,
}

/// One command as the host gave it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) now: Duration,
    /// The name it was called by.
    pub(crate) name: &'static str,
    pub(crate) form: Form<'a>,
}

/// What becomes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// OK; an outcome may follow.
    Ok,
    /// The final result comes later, from whoever finishes the command.
    Later,
}

/// What a command's handler gives back.
pub(crate) type Handled = Result<Answer, Fault>;
