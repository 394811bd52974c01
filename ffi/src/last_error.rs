//! The last error of each thread: a sentence and its details.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int};

use crate::argument::{Out, arg};
use crate::enums::{Family, nlftp_code_family};
use crate::error::{Failure, Outcome, Parts};
use crate::guard::guard;
use crate::status::{Status, nlftp_status};
use crate::text::Text;

/// A failure in the form in which C reads it.
struct Last {
    status: nlftp_status,
    message: Text,
    code: Option<(u32, Option<nlftp_code_family>)>,
    text: Option<Text>,
    transferred: Option<u64>,
    left_behind: Option<Text>,
    errno: Option<i32>,
}

thread_local! {
    static LAST: RefCell<Option<Box<Last>>> = const { RefCell::new(None) };
}

/// Keeps a failure as the calling thread's last error, unless it is none.
pub(crate) fn keep(failure: Failure) -> Status {
    let status = failure.status;
    if status.is_error() {
        let Parts {
            message, details, ..
        } = failure.into_parts();
        let details = details.as_deref();
        let last = Last {
            status,
            message: message.into(),
            code: details
                .and_then(|details| details.code)
                .map(|code| (code.number(), nlftp_code_family::of(code.family()))),
            text: details
                .and_then(|details| details.text.clone())
                .map(Text::from),
            transferred: details.and_then(|details| details.transferred),
            left_behind: details
                .and_then(|details| details.left_behind.clone())
                .map(Text::from),
            errno: details.and_then(|details| details.errno),
        };
        // A thread that is about to end has nowhere to keep it any more.
        let _ = LAST.try_with(|slot| slot.replace(Some(Box::new(last))));
    }
    status.into()
}

/// A detail of the last error, where it has that.
fn detail<T>(of: impl FnOnce(&Last) -> Option<T>) -> Outcome<T> {
    let found = LAST.try_with(|last| last.borrow().as_deref().and_then(of));
    found.ok().flatten().ok_or_else(Failure::no_value)
}

fn give<T>(out: Outcome<Out<T>>, of: impl FnOnce(&Last) -> Option<T>) -> Status {
    guard(|_| {
        let out = out?;
        out.write(detail(of)?);
        Ok(())
    })
}

/// The sentence of the calling thread's last error: the cause, and what to do. Empty before the first.
///
/// Every call that fails sets it (NLFTP_PENDING, NLFTP_AGAIN and NLFTP_NO_VALUE are no failures), calls
/// that succeed leave it. The text belongs to the library, and is valid until the next call of this
/// thread that fails.
///
/// Any thread, each has its own; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn nlftp_last_error() -> *const c_char {
    let message = LAST.try_with(|last| last.borrow().as_deref().map(|last| last.message.as_ptr()));
    match message {
        Ok(Some(message)) => message,
        _ => CStr::as_ptr(c""),
    }
}

/// The status of the calling thread's last error; NLFTP_OK before the first.
///
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn nlftp_last_error_status() -> Status {
    let status = LAST.try_with(|last| last.borrow().as_deref().map(|last| last.status));
    match status {
        Ok(Some(status)) => status.into(),
        _ => nlftp_status::NLFTP_OK.into(),
    }
}

/// The number that the modem gave with the calling thread's last error (+CME ERROR, +CMS ERROR or
/// ERROR: n, manual section 2); nlftp_code_meaning() has its meaning.
///
/// NLFTP_NO_VALUE where the last error has none. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_last_error_code(code: *mut u32) -> Status {
    give(arg!(code).out(), |last| last.code.map(|(number, _)| number))
}

/// The table that the number of nlftp_last_error_code() belongs to.
///
/// NLFTP_NO_VALUE where the last error has no number. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_last_error_code_family(family: *mut Family) -> Status {
    give(arg!(family).out(), |last| last.code?.1.map(Family::from))
}

/// The modem's own words for the calling thread's last error, such as "+FTPCWD: 0" or "+CME ERROR:
/// 2031".
///
/// NLFTP_NO_VALUE where it said nothing. The text lives as long as that of nlftp_last_error(). Any
/// thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_last_error_text(text: *mut *const c_char) -> Status {
    give(arg!(text).out(), |last| {
        last.text.as_ref().map(Text::as_ptr)
    })
}

/// How many bytes of the file had been moved when the transfer of the calling thread's last error
/// failed.
///
/// NLFTP_NO_VALUE where that was no transfer. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_last_error_transferred(bytes: *mut u64) -> Status {
    give(arg!(bytes).out(), |last| last.transferred)
}

/// What the calling thread's last error may have left behind on the server or on this machine, as a
/// sentence.
///
/// NLFTP_NO_VALUE where there is nothing. The text lives as long as that of nlftp_last_error(). Any
/// thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_last_error_left_behind(what: *mut *const c_char) -> Status {
    give(arg!(what).out(), |last| {
        last.left_behind.as_ref().map(Text::as_ptr)
    })
}

/// The operating system's number (errno) for the calling thread's last error.
///
/// NLFTP_NO_VALUE where the system was not its cause. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_last_error_errno(number: *mut c_int) -> Status {
    give(arg!(number).out(), |last| last.errno)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nlftp_core::{Error, ErrorKind};

    fn sentence() -> String {
        // SAFETY: the text lives until this thread fails again.
        let text = unsafe { CStr::from_ptr(nlftp_last_error()) };
        text.to_str().unwrap().to_owned()
    }

    #[test]
    fn the_last_error_stays_until_the_next_and_is_of_its_thread() {
        assert_eq!(
            (sentence(), nlftp_last_error_status().0),
            (String::new(), 0)
        );
        assert_eq!(keep(Failure::closed("gone\0away")).0, 11);
        assert_eq!(keep(Failure::pending()).0, 14);
        assert_eq!(keep(Failure::no_value()).0, 16);
        assert_eq!(
            (sentence(), nlftp_last_error_status().0),
            ("gone?away".to_owned(), 11)
        );
        std::thread::spawn(|| assert_eq!(sentence(), ""))
            .join()
            .unwrap();
    }

    #[test]
    fn details_are_those_of_the_error() {
        let error = Error::local("read", "x".as_ref(), std::io::Error::from_raw_os_error(2));
        keep(error.into());
        let (mut number, mut bytes) = (0, 7);
        // SAFETY: both can be written.
        unsafe {
            assert_eq!(nlftp_last_error_errno(&mut number).0, 0);
            assert_eq!(nlftp_last_error_transferred(&mut bytes).0, 16);
        }
        assert_eq!((number, bytes), (2, 7));
        keep(Error::new(ErrorKind::Timeout, "late").into());
        // SAFETY: it can be written.
        assert_eq!(unsafe { nlftp_last_error_errno(&mut number) }.0, 16);
    }

    #[test]
    fn a_missing_place_is_an_error_of_its_own() {
        // SAFETY: NULL is allowed.
        let status = unsafe { nlftp_last_error_code(std::ptr::null_mut()) };
        assert_eq!(status.0, 2);
        assert_eq!(sentence(), "code is NULL");
    }
}
