//! One error type for everything. Its kinds are the C status codes, the Python exceptions and the
//! exit statuses of the command line.

use std::fmt;
use std::io;

use crate::protocol::codes::ResultCode;

/// What went wrong, in the words that every language of the library shares.
///
/// The table below is the only one: C status codes, Python exceptions and exit statuses come from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument was refused before a byte was sent.
    InvalidArgument,
    /// The serial port could not be opened, is taken, or was lost.
    Port,
    /// The modem did not answer in time, or the call's deadline passed.
    Timeout,
    /// The modem answered `ERROR`, `+CME ERROR` or `+CMS ERROR`.
    Command,
    /// The FTP server refused: outcome 0.
    Refused,
    /// There is no FTP connection: it was never opened, was lost, or FTPOPEN's outcome was 0.
    NotConnected,
    /// Another operation held the modem until this one's deadline.
    Busy,
    /// A transfer started and did not end whole.
    Transfer,
    /// A local file could not be read or written.
    LocalFile,
    /// The handle was closed, or belongs to the process that this one was forked from.
    Closed,
    /// Waiting inside a callback would wait for itself.
    WouldDeadlock,
    /// A bug of this library: a panic was stopped, and the modem's handle is of no more use.
    Panic,
    /// The caller cancelled the operation.
    Cancelled,
}

/// Each kind with its name and its exit status.
const KINDS: [(ErrorKind, &str, u8); 13] = [
    (ErrorKind::InvalidArgument, "invalid_argument", 2),
    (ErrorKind::Port, "port", 3),
    (ErrorKind::Timeout, "timeout", 4),
    (ErrorKind::Command, "command", 5),
    (ErrorKind::Refused, "refused", 6),
    (ErrorKind::NotConnected, "not_connected", 7),
    (ErrorKind::Busy, "busy", 8),
    (ErrorKind::Transfer, "transfer", 9),
    (ErrorKind::LocalFile, "local_file", 10),
    (ErrorKind::Closed, "closed", 11),
    (ErrorKind::WouldDeadlock, "would_deadlock", 12),
    (ErrorKind::Panic, "panic", 13),
    (ErrorKind::Cancelled, "cancelled", 130),
];

impl ErrorKind {
    /// Every kind, in the order of the exit statuses.
    pub fn all() -> impl Iterator<Item = ErrorKind> {
        KINDS.iter().map(|(kind, _, _)| *kind)
    }

    fn row(self) -> &'static (ErrorKind, &'static str, u8) {
        // The table has a row for every kind; a test holds it to that.
        KINDS.iter().find(|row| row.0 == self).unwrap_or(&KINDS[0])
    }

    /// The name that every language uses, such as `not_connected`.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The exit status of the command line for an error of this kind.
    pub fn exit_status(self) -> u8 {
        self.row().2
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An error: its kind, one plain sentence that says the cause and what to do, and details.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Parts>);

/// Behind a pointer: a result is passed on through many hands.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Parts {
    kind: ErrorKind,
    message: String,
    code: Option<ResultCode>,
    text: Option<String>,
    transferred: Option<u64>,
    left_behind: Option<String>,
    #[source]
    source: Option<io::Error>,
}

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of one's own, for programs that report theirs and the library's alike: one sentence that says the
    /// cause and what to do.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Box::new(Parts {
            kind,
            message: message.into(),
            code: None,
            text: None,
            transferred: None,
            left_behind: None,
            source: None,
        }))
    }

    /// An [`ErrorKind::InvalidArgument`].
    pub fn invalid(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::InvalidArgument, message)
    }

    pub(crate) fn busy() -> Error {
        Error::new(
            ErrorKind::Busy,
            "the modem was busy with another operation until this call's deadline: wait for that one, or cancel it",
        )
    }

    pub(crate) fn closed() -> Error {
        Error::new(
            ErrorKind::Closed,
            "the modem was closed: open it again with a handle of its own",
        )
    }

    /// An [`ErrorKind::LocalFile`]: what could not be done to which path, and why.
    pub fn local(action: &str, path: &std::path::Path, error: io::Error) -> Error {
        Error::new(
            ErrorKind::LocalFile,
            format!("cannot {action} {}: {error}", path.display()),
        )
        .caused_by(error)
    }

    /// What a reader or writer of the caller's said. One that carries an [`Error`] of this library keeps its kind: a
    /// callback that was cancelled cancels.
    pub(crate) fn callback(what: &str, error: io::Error) -> Error {
        match error.downcast::<Error>() {
            Ok(own) => own,
            Err(error) => {
                Error::new(ErrorKind::LocalFile, format!("{what}: {error}")).caused_by(error)
            }
        }
    }

    pub(crate) fn caused_by(mut self, source: io::Error) -> Error {
        self.0.source = Some(source);
        self
    }

    pub(crate) fn with_reply(mut self, code: Option<ResultCode>, text: impl Into<String>) -> Error {
        self.0.code = code;
        self.0.text = Some(text.into());
        self
    }

    pub(crate) fn with_transferred(mut self, bytes: u64) -> Error {
        self.0.transferred = Some(bytes);
        self
    }

    /// Adds what to do next to the sentence.
    pub(crate) fn with_advice(mut self, advice: &str) -> Error {
        self.0.message = format!("{}; {advice}", self.0.message);
        self
    }

    /// Names what the failure may have left on the server or on this machine; the sentence grows by it.
    pub(crate) fn with_left_behind(mut self, what: impl Into<String>) -> Error {
        let what = what.into();
        self.0.message = format!("{}; {what}", self.0.message);
        self.0.left_behind = Some(match self.0.left_behind.take() {
            Some(other) => format!("{other}; {what}"),
            None => what,
        });
        self
    }

    /// This error ended a transfer: what the transfer's own one said of bytes moved and of remains is kept.
    #[must_use]
    pub fn with_remains_of(mut self, remote: &Error) -> Error {
        self.0.transferred = self.0.transferred.or(remote.0.transferred);
        match remote.left_behind() {
            Some(what) => self.with_left_behind(what),
            None => self,
        }
    }

    /// The kind, by which a program decides what to do.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The number of a `+CME ERROR`, `+CMS ERROR` or `ERROR: n`, where the modem gave one, or its text did.
    pub fn code(&self) -> Option<u32> {
        self.0.code.map(ResultCode::number)
    }

    /// The same with the table that it belongs to, and its meaning (manual section 2).
    pub fn result_code(&self) -> Option<ResultCode> {
        self.0.code
    }

    /// The modem's own words, such as `+FTPCWD: 0` or `+CME ERROR: 2031`.
    pub fn text(&self) -> Option<&str> {
        self.0.text.as_deref()
    }

    /// How many bytes of the file had been moved when a transfer failed.
    pub fn transferred(&self) -> Option<u64> {
        self.0.transferred
    }

    /// What a failed transfer may have left behind, if anything.
    pub fn left_behind(&self) -> Option<&str> {
        self.0.left_behind.as_deref()
    }

    /// The operating system's number (`errno`), where it gave the cause.
    pub fn raw_os_error(&self) -> Option<i32> {
        self.0.source.as_ref()?.raw_os_error()
    }

    /// The exit status of the command line for this error.
    pub fn exit_status(&self) -> u8 {
        self.0.kind.exit_status()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_and_a_status_of_its_own() {
        let mut seen = Vec::new();
        for kind in ErrorKind::all() {
            assert_eq!(kind.row().0, kind);
            assert!(
                !seen.contains(&kind.exit_status()),
                "{kind} shares its status"
            );
            seen.push(kind.exit_status());
        }
        assert_eq!(ErrorKind::Cancelled.exit_status(), 130);
        assert_eq!(ErrorKind::LocalFile.name(), "local_file");
    }
}
