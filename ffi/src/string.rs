//! Strings that are the program's.

// A function of C's.
#![allow(unsafe_code)]

use std::ffi::c_char;

use crate::argument::arg;
use crate::guard::guard;
use crate::status::Status;
use crate::text;

/// Frees a string that a call gave the caller: of nlftp_modem_attach(), nlftp_ftp_pwd() and the like.
/// NULL is nothing, and NLFTP_OK.
///
/// Any thread, while no other uses it; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_string_free(string: *mut c_char) -> Status {
    guard(|_| text::free(arg!(string)))
}
