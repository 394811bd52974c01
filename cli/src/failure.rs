//! Why a run failed: the driver's errors and the command line's own, in one type with an exit status.

use std::io;
use std::path::Path;

use nlftp_core::{Error, ErrorKind};
use serde_json::{Value, json};

/// What ends a run early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something went wrong, and a sentence says what.
    Error(Box<Details>),
    /// Whoever read standard output has enough. Nobody wants to read about that.
    OutputClosed,
}

/// An error as it is reported.
#[derive(Debug)]
pub(crate) struct Details {
    kind: ErrorKind,
    message: String,
    code: Option<u32>,
    text: Option<String>,
    transferred: Option<u64>,
    left_behind: Option<String>,
}

impl Failure {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Failure {
        Failure::Error(Box::new(Details {
            kind,
            message: message.into(),
            code: None,
            text: None,
            transferred: None,
            left_behind: None,
        }))
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Failure {
        Failure::new(ErrorKind::InvalidArgument, message)
    }

    pub(crate) fn local(action: &str, path: &Path, error: &io::Error) -> Failure {
        Failure::new(
            ErrorKind::LocalFile,
            format!("cannot {action} {}: {error}", path.display()),
        )
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
            Failure::Error(mut details) => {
                details.kind = ErrorKind::Cancelled;
                details.message = match &details.left_behind {
                    Some(what) => format!("interrupted; {what}"),
                    None => "interrupted".to_owned(),
                };
                Failure::Error(details)
            }
            Failure::OutputClosed => Failure::cancelled(),
        }
    }

    pub(crate) fn exit_status(&self) -> u8 {
        match self {
            Failure::Error(details) => details.kind.exit_status(),
            // What a shell reports of a program that SIGPIPE ended.
            Failure::OutputClosed => 141,
        }
    }

    /// The sentence for people, if there is anything to say.
    pub(crate) fn sentence(&self) -> Option<&str> {
        match self {
            Failure::Error(details) => Some(&details.message),
            Failure::OutputClosed => None,
        }
    }

    /// The value for programs, if there is anything to say.
    pub(crate) fn json(&self) -> Option<Value> {
        let Failure::Error(details) = self else {
            return None;
        };
        Some(json!({ "error": {
            "kind": details.kind.name(),
            "message": details.message,
            "code": details.code,
            "text": details.text,
            "transferred": details.transferred,
            "left_behind": details.left_behind,
            "exit_status": details.kind.exit_status(),
        }}))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Error(Box::new(Details {
            kind: error.kind(),
            message: error.to_string(),
            code: error.code(),
            text: error.text().map(str::to_owned),
            transferred: error.transferred(),
            left_behind: error.left_behind().map(str::to_owned),
        }))
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
        assert_eq!(failure.sentence(), Some("interrupted"));
        let value = failure.json().unwrap();
        assert_eq!(value["error"]["kind"], "cancelled");
        assert_eq!(value["error"]["exit_status"], 130);
        assert!(value["error"]["code"].is_null());
    }
}
