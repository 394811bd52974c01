//! What belongs to no handle: the version, and the meanings of numbers.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char};

use nlftp_core::codes::ResultCode;

use crate::argument::arg;
use crate::enums::{Family, nlftp_code_family};
use crate::error::Failure;
use crate::guard::guard;
use crate::process::PerProcess;
use crate::status::{Status, nlftp_status};

/// The version of the library that runs, such as "0.1.0"; NLFTP_VERSION is that of the header.
///
/// The text is static. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn nlftp_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The name of a status as every language of the library has it, such as "not_connected"; "unknown" for
/// a number that is none.
///
/// The text is static. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn nlftp_status_name(status: Status) -> *const c_char {
    status
        .known()
        .map_or(c"unknown", nlftp_status::name)
        .as_ptr()
}

/// One sentence about a status in general; nlftp_last_error() has the one about what happened.
///
/// The text is static. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn nlftp_status_text(status: Status) -> *const c_char {
    let text = status.known().map(nlftp_status::text);
    text.unwrap_or(c"this number is no status of the library")
        .as_ptr()
}

/// The meanings as C reads them, by table and number.
#[derive(Debug)]
struct Meanings(BTreeMap<(i32, u32), CString>);

impl Default for Meanings {
    fn default() -> Meanings {
        let rows = ResultCode::all().filter_map(|code| {
            let family = nlftp_code_family::of(code.family())?;
            let meaning = CString::new(code.meaning()?).ok()?;
            Some(((family as i32, code.number()), meaning))
        });
        Meanings(rows.collect())
    }
}

static MEANINGS: PerProcess<Meanings> = PerProcess::new();

/// What a number of the modem means (manual section 2).
///
/// NLFTP_NO_VALUE for one that the manual does not list. The text is static. Any thread; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_code_meaning(
    family: Family,
    code: u32,
    meaning: *mut *const c_char,
) -> Status {
    guard(|_| {
        family.get("family")?;
        let meaning = arg!(meaning).out()?;
        let found = MEANINGS.get().0.get(&(family.0, code));
        meaning.write(
            found
                .map(|text| CStr::as_ptr(text))
                .ok_or_else(Failure::no_value)?,
        );
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;

    fn text(text: *const c_char) -> &'static str {
        // SAFETY: the texts asked for here are static.
        unsafe { CStr::from_ptr(text) }.to_str().unwrap()
    }

    #[test]
    fn any_number_has_a_name_and_a_text() {
        for number in [i32::MIN, -1, 0, 1, 2, 16, 17, 129, 130, 131, i32::MAX] {
            let status = Status(number);
            let is_known = status.known().is_some();
            assert_eq!(
                text(nlftp_status_name(status)) != "unknown",
                is_known,
                "{number}"
            );
            assert_eq!(
                text(nlftp_status_text(status)).starts_with("this number"),
                !is_known,
                "{number}"
            );
        }
        assert_eq!(text(nlftp_version()), env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn every_code_of_the_manual_has_its_meaning() {
        let mut count = 0;
        for code in ResultCode::all() {
            let mut meaning = ptr::null();
            let family = nlftp_code_family::of(code.family()).unwrap().into();
            // SAFETY: the meaning can be written.
            let status = unsafe { nlftp_code_meaning(family, code.number(), &mut meaning) };
            assert_eq!((status.0, Some(text(meaning))), (0, code.meaning()));
            count += 1;
        }
        assert!(count > 100, "{count}");
        let mut meaning = ptr::null();
        // SAFETY: the meaning can be written.
        unsafe {
            assert_eq!(nlftp_code_meaning(Family(0), 999_999, &mut meaning).0, 16);
            assert_eq!(nlftp_code_meaning(Family(3), 10, &mut meaning).0, 2);
        }
        assert!(meaning.is_null());
    }
}
