//! Why a run failed: the driver's errors and the command line's own, in one type with an exit status.

use std::io;
use std::path::Path;

use nlftp_core::codes::{CodeFamily, ResultCode};
use nlftp_core::{Error, ErrorKind};
use serde_json::{Value, json};

/// What ends a run early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something went wrong, and a sentence says what.
    Error(Box<Error>),
    /// Whoever read standard output has enough. Nobody wants to read about that.
    OutputClosed,
}

impl Failure {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Failure {
        Error::new(kind, message).into()
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Failure {
        Error::invalid(message).into()
    }

    pub(crate) fn local(action: &str, path: &Path, error: io::Error) -> Failure {
        Error::local(action, path, error).into()
    }

    pub(crate) fn cancelled() -> Failure {
        Failure::new(ErrorKind::Cancelled, "interrupted")
    }

    /// A failure to write results: quiet when only the reader went away.
    pub(crate) fn output(error: &io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Failure::OutputClosed
        } else {
            Failure::new(
                ErrorKind::LocalFile,
                format!("cannot write to standard output: {error}"),
            )
        }
    }

    /// The same failure once the user has interrupted: whatever broke first, that is the cause.
    /// What a transfer may have left behind is kept.
    pub(crate) fn interrupted(self) -> Failure {
        match self {
            Failure::Error(error) => Error::new(ErrorKind::Cancelled, "interrupted")
                .with_remains_of(&error)
                .into(),
            Failure::OutputClosed => Failure::cancelled(),
        }
    }

    pub(crate) fn exit_status(&self) -> u8 {
        match self {
            Failure::Error(error) => error.exit_status(),
            // What a shell reports of a program that SIGPIPE ended.
            Failure::OutputClosed => 141,
        }
    }

    /// The sentence for people, if there is anything to say.
    pub(crate) fn sentence(&self) -> Option<String> {
        match self {
            Failure::Error(error) => Some(error.to_string()),
            Failure::OutputClosed => None,
        }
    }

    /// The value for programs, if there is anything to say.
    pub(crate) fn json(&self) -> Option<Value> {
        let Failure::Error(error) = self else {
            return None;
        };
        let code = error.result_code();
        Some(json!({ "error": {
            "kind": error.kind().name(),
            "message": error.to_string(),
            "code": error.code(),
            "family": code.and_then(family),
            "meaning": code.and_then(ResultCode::meaning),
            "text": error.text(),
            "transferred": error.transferred(),
            "left_behind": error.left_behind(),
            "exit_status": error.exit_status(),
        }}))
    }
}

/// Which of the manual's tables a code is from.
fn family(code: ResultCode) -> Option<&'static str> {
    match code.family() {
        CodeFamily::Cme => Some("cme"),
        CodeFamily::Cms => Some("cms"),
        CodeFamily::TcpIp => Some("tcp_ip"),
        _ => None,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Error(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_left_is_no_error_to_talk_about() {
        let failure = Failure::output(&io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(failure.exit_status(), 141);
        assert!(failure.sentence().is_none() && failure.json().is_none());
        let failure = Failure::output(&io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(failure.exit_status(), 10);
    }

    #[test]
    fn an_interruption_hides_what_broke_because_of_it() {
        let failure = Failure::new(ErrorKind::LocalFile, "cannot read").interrupted();
        assert_eq!(failure.exit_status(), 130);
        assert_eq!(failure.sentence().as_deref(), Some("interrupted"));
        let value = failure.json().unwrap();
        assert_eq!(value["error"]["kind"], "cancelled");
        assert_eq!(value["error"]["exit_status"], 130);
        assert!(value["error"]["code"].is_null());
    }
}
