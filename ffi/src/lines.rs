//! A list of lines.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::c_char;

use crate::argument::arg;
use crate::error::Failure;
use crate::guard::guard;
use crate::handle::{self, Opaque};
use crate::status::Status;
use crate::text::Text;

/// Lines without their ends, as octets: what the modem or the server said. Never changes.
pub struct nlftp_lines {
    _private: [u8; 0],
}

impl Opaque for nlftp_lines {
    const NAME: &'static str = "nlftp_lines";
    type Body = Vec<Text>;
}

/// Frees lines that a call gave the caller. Those that are a part of something are freed with that:
/// trying it is NLFTP_INVALID_ARGUMENT. NULL is nothing, and NLFTP_OK.
///
/// Any thread, while no other uses them; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_lines_free(lines: *mut nlftp_lines) -> Status {
    guard(|_| handle::take(arg!(lines)).map(drop))
}

/// How many lines there are.
///
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_lines_count(lines: *const nlftp_lines, count: *mut usize) -> Status {
    guard(|scope| {
        let count = arg!(count).out()?;
        count.write(scope.get(arg!(lines))?.len());
        Ok(())
    })
}

/// A line, the first one with index 0, and the number of its octets. With length, *line may have NULs
/// inside, and ends with one; without (NULL), each NUL inside is a question mark.
///
/// *line lives as long as the lines. NLFTP_NO_VALUE past the last. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_lines_get(
    lines: *const nlftp_lines,
    index: usize,
    line: *mut *const c_char,
    length: *mut usize,
) -> Status {
    guard(|scope| {
        let (line, length) = (arg!(line).out()?, arg!(length).optional_out()?);
        let found = scope.get(arg!(lines))?.get(index);
        found.ok_or_else(Failure::no_value)?.give(line, length);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handle::Kept;
    use std::ptr;

    #[test]
    fn lines_are_counted_and_given_until_the_last() {
        let lines =
            Kept::<nlftp_lines>::new(vec![Text::new(b"one"), Text::new(b"t\0o")]).into_raw();
        let (mut count, mut line, mut length) = (0, ptr::null(), 0);
        // SAFETY: a live handle until it is freed, and places for the results.
        unsafe {
            assert_eq!(nlftp_lines_count(lines, &mut count).0, 0);
            assert_eq!(count, 2);
            assert_eq!(nlftp_lines_get(lines, 1, &mut line, &mut length).0, 0);
            assert_eq!(
                std::slice::from_raw_parts(line.cast::<u8>(), length),
                b"t\0o"
            );
            assert_eq!(nlftp_lines_get(lines, 1, &mut line, ptr::null_mut()).0, 0);
            assert_eq!(std::ffi::CStr::from_ptr(line), c"t?o");
            for past in [2, usize::MAX] {
                assert_eq!(nlftp_lines_get(lines, past, &mut line, &mut length).0, 16);
            }
            assert_eq!(nlftp_lines_get(lines, 0, ptr::null_mut(), &mut length).0, 2);
            assert_eq!(nlftp_lines_free(lines).0, 0);
        }
    }
}
