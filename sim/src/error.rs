//! What can go wrong, and the sentence about the last failure that each thread has.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};

use nlftp_vmodem::SimulatorError;

use crate::api::Status;

/// A status that is not OK, with the sentence for it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    pub(crate) text: String,
}

impl Failure {
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self {
            status: Status::InvalidArgument,
            text: text.into(),
        }
    }

    pub(crate) fn closed(text: impl Into<String>) -> Self {
        Self {
            status: Status::Closed,
            text: text.into(),
        }
    }

    /// There is no such value, which is no error: nothing is told of it.
    pub(crate) fn no_value() -> Self {
        Self {
            status: Status::NoValue,
            text: String::new(),
        }
    }
}

impl From<SimulatorError> for Failure {
    fn from(error: SimulatorError) -> Self {
        let status = match error {
            SimulatorError::Option(_) | SimulatorError::Line => Status::InvalidArgument,
            SimulatorError::System(..) => Status::System,
            SimulatorError::Stopped => Status::Closed,
        };
        Self {
            status,
            text: error.to_string(),
        }
    }
}

thread_local! {
    static LAST: RefCell<CString> = RefCell::default();
}

/// A NUL cannot be part of a C text; what stands for it is what stands for other octets that are no characters.
pub(crate) fn c_text(text: impl Into<Vec<u8>>) -> CString {
    CString::new(text).unwrap_or_else(|error| {
        let text = String::from_utf8_lossy(&error.into_vec()).replace('\0', "\u{fffd}");
        CString::new(text).unwrap_or_default()
    })
}

/// Keeps a failure's sentence and gives its status.
pub(crate) fn tell(failure: Failure) -> Status {
    if failure.status != Status::NoValue {
        // A thread that is about to end has nowhere to keep it any more.
        let _ = LAST.try_with(|last| last.replace(c_text(failure.text)));
    }
    failure.status
}

/// The sentence about this thread's last failure.
pub(crate) fn last() -> *const c_char {
    LAST.try_with(|last| last.borrow().as_ptr())
        .unwrap_or(CStr::as_ptr(c""))
}
