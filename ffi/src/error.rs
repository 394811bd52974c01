//! Why a call does not end with NLFTP_OK: a status and, where it is an error, a sentence and its details.

use std::ops::Deref;

use nlftp_core::Error;
use nlftp_core::codes::ResultCode;

use crate::status::nlftp_status;

/// What ends a call before its end. Behind a pointer: it is passed on through many hands.
#[derive(Debug, Clone)]
pub(crate) struct Failure(Box<Parts>);

#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) status: nlftp_status,
    pub(crate) message: String,
    pub(crate) details: Option<Box<Details>>,
}

/// What the driver knows of an error besides the sentence.
#[derive(Debug, Clone)]
pub(crate) struct Details {
    pub(crate) code: Option<ResultCode>,
    pub(crate) text: Option<String>,
    pub(crate) transferred: Option<u64>,
    pub(crate) left_behind: Option<String>,
    pub(crate) errno: Option<i32>,
}

/// What the body of every call ends with.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(status: nlftp_status, message: impl Into<String>) -> Failure {
        Failure(Box::new(Parts {
            status,
            message: message.into(),
            details: None,
        }))
    }

    pub(crate) fn into_parts(self) -> Parts {
        *self.0
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Failure {
        Failure::new(nlftp_status::NLFTP_INVALID_ARGUMENT, message)
    }

    pub(crate) fn closed(message: impl Into<String>) -> Failure {
        Failure::new(nlftp_status::NLFTP_CLOSED, message)
    }

    pub(crate) fn would_deadlock(message: impl Into<String>) -> Failure {
        Failure::new(nlftp_status::NLFTP_WOULD_DEADLOCK, message)
    }

    pub(crate) fn panic(message: impl Into<String>) -> Failure {
        Failure::new(nlftp_status::NLFTP_PANIC, message)
    }

    /// A status that is no error and needs no words.
    pub(crate) fn quiet(status: nlftp_status) -> Failure {
        Failure::new(status, String::new())
    }

    pub(crate) fn no_value() -> Failure {
        Failure::quiet(nlftp_status::NLFTP_NO_VALUE)
    }

    pub(crate) fn pending() -> Failure {
        Failure::quiet(nlftp_status::NLFTP_PENDING)
    }
}

impl Deref for Failure {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl From<Error> for Failure {
    #[cold]
    fn from(error: Error) -> Failure {
        let details = Details {
            code: error.result_code(),
            text: error.text().map(str::to_owned),
            transferred: error.transferred(),
            left_behind: error.left_behind().map(str::to_owned),
            errno: error.raw_os_error(),
        };
        Failure(Box::new(Parts {
            status: nlftp_status::of(error.kind()),
            message: error.to_string(),
            details: Some(Box::new(details)),
        }))
    }
}
