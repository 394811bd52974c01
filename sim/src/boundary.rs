//! What stands between C and Rust: pointers are checked, and no panic gets across.

// C hands over raw pointers: they are read and written here alone.
#![allow(unsafe_code)]

use std::any::Any;
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::api::Status;
use crate::error::{Failure, tell};

/// Runs the body of a C function.
pub(crate) fn guard(body: impl FnOnce() -> Result<(), Failure>) -> Status {
    // What the body may have left half done are locks whose poison is ignored, over values that are set as a whole.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => Status::Ok,
        Ok(Err(failure)) => tell(failure),
        Err(panic) => tell(Failure {
            status: Status::Panic,
            text: format!("a bug in nlftp_sim was stopped: {}", message(&*panic)),
        }),
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it gave no reason")
}

/// Where a result goes.
pub(crate) struct Output<T>(*mut T);

impl<T> Output<T> {
    /// # Safety
    /// The pointer is NULL, or a T can be written there for as long as the value made here is in use.
    pub(crate) unsafe fn new(name: &str, pointer: *mut T) -> Result<Self, Failure> {
        if pointer.is_null() {
            return Err(Failure::invalid(format!("{name} is NULL")));
        }
        Ok(Self(pointer))
    }

    pub(crate) fn write(self, value: T) {
        // SAFETY: whoever made this promised that a T can be written there.
        unsafe { self.0.write(value) }
    }
}

/// A text that C handed over, without its NUL.
///
/// # Safety
/// The pointer is NULL, or leads to a text with a NUL at its end that nobody changes for as long as the result is used.
pub(crate) unsafe fn text<'a>(name: &str, pointer: *const c_char) -> Result<&'a [u8], Failure> {
    if pointer.is_null() {
        return Err(Failure::invalid(format!("{name} is NULL")));
    }
    // SAFETY: not NULL, and the rest is the caller's promise.
    Ok(unsafe { CStr::from_ptr(pointer) }.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::last;

    fn last_error() -> String {
        // SAFETY: the text lives until this thread fails again.
        let text = unsafe { CStr::from_ptr(last()) };
        text.to_string_lossy().into_owned()
    }

    #[test]
    fn a_panic_is_a_status_with_its_reason() {
        assert_eq!(guard(|| panic!("the sky fell")), Status::Panic);
        assert_eq!(last_error(), "a bug in nlftp_sim was stopped: the sky fell");
        assert_eq!(
            guard(|| std::panic::panic_any(7)),
            Status::Panic,
            "whatever a panic carries"
        );
        assert!(last_error().ends_with("it gave no reason"));
    }

    #[test]
    fn the_last_error_is_of_its_thread_and_stays_until_the_next() {
        assert_eq!(last_error(), "");
        assert_eq!(
            guard(|| Err(Failure::closed("gone \0 away"))),
            Status::Closed
        );
        assert_eq!(guard(|| Ok(())), Status::Ok);
        assert_eq!(guard(|| Err(Failure::no_value())), Status::NoValue);
        assert_eq!(last_error(), "gone \u{fffd} away");
        std::thread::spawn(|| assert_eq!(last_error(), ""))
            .join()
            .unwrap();
    }
}
