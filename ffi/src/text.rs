//! Text for C: octets with a NUL behind them, and strings that are given away.

// Strings that are given away live in allocations of their own.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ffi::c_char;
use std::ptr;

use crate::argument::{Arg, Out};
use crate::error::{Failure, Outcome};
use crate::registry::{self, Known};

/// Octets as C reads them: as they are, with their length, or up to a NUL.
#[derive(Debug)]
pub(crate) struct Text {
    /// The octets, and a NUL.
    octets: Box<[u8]>,
    /// The same with another sign for each NUL, where there are any.
    plain: Option<Box<[u8]>>,
}

impl Text {
    pub(crate) fn new(octets: &[u8]) -> Text {
        let with_end = |octets: &[u8]| [octets, b"\0"].concat().into_boxed_slice();
        Text {
            octets: with_end(octets),
            plain: octets.contains(&0).then(|| with_end(&without_nul(octets))),
        }
    }

    /// NUL-terminated, without a NUL inside.
    pub(crate) fn as_ptr(&self) -> *const c_char {
        self.plain.as_ref().unwrap_or(&self.octets).as_ptr().cast()
    }

    /// All octets, NULs too.
    pub(crate) fn octets(&self) -> *const c_char {
        self.octets.as_ptr().cast()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.octets[..self.len()]
    }

    /// How many, without the NUL at their end.
    pub(crate) fn len(&self) -> usize {
        self.octets.len() - 1
    }

    /// What a function with `length` gives: all octets to those who ask for their number, otherwise no NUL inside.
    pub(crate) fn give(&self, text: Out<*const c_char>, length: Option<Out<usize>>) {
        match length {
            Some(length) => {
                text.write(self.octets());
                length.write(self.len());
            }
            None => text.write(self.as_ptr()),
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text::new(text.as_bytes())
    }
}

fn without_nul(octets: &[u8]) -> Vec<u8> {
    octets
        .iter()
        .map(|&octet| if octet == 0 { b'?' } else { octet })
        .collect()
}

/// What stands before the octets of a string that was given away.
#[repr(C)]
struct Header {
    magic: u64,
    size: usize,
}

const HEADER: usize = size_of::<Header>();
const LIVE: u64 = u64::from_be_bytes(*b"nlftpstr");
const FREED: u64 = u64::from_be_bytes(*b"nlftpST-");
/// What a string is called in sentences.
const STRING: &str = "string";

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(HEADER.checked_add(size)?, align_of::<Header>()).ok()
}

/// A string of C's own, for [`free`].
pub(crate) fn give_away(octets: &[u8]) -> *mut c_char {
    let octets = without_nul(octets);
    let size = octets.len() + 1;
    let Some(layout) = layout(size) else {
        // Octets that are in memory leave room for a header in the address space.
        return ptr::null_mut();
    };
    // SAFETY: the layout is not empty; header and octets are written within it.
    unsafe {
        let base = alloc(layout);
        if base.is_null() {
            handle_alloc_error(layout);
        }
        base.cast::<Header>().write(Header { magic: LIVE, size });
        let text = base.add(HEADER);
        text.copy_from_nonoverlapping(octets.as_ptr(), octets.len());
        text.add(octets.len()).write(0);
        registry::enter(text.addr(), STRING);
        text.cast()
    }
}

/// Takes a string back.
pub(crate) fn free(string: Arg<*mut c_char>) -> Outcome {
    let name = string.name();
    let text: *mut u8 = string.pointer().cast();
    if text.is_null() {
        return Ok(());
    }
    let foreign = || Failure::invalid(format!("{name} is no string of this library"));
    let again = || registry::freed(name);
    if !text.addr().is_multiple_of(align_of::<Header>()) {
        return Err(foreign());
    }
    match registry::look(text.addr()) {
        Known::Live(STRING) | Known::Unknown => {}
        Known::Freed(STRING) => return Err(again()),
        Known::Live(_) | Known::Freed(_) | Known::Nothing => return Err(foreign()),
    }
    // SAFETY: a string of `give_away`, which has its header in front: the registry knows it, or, without one, the
    // caller keeps to the header's rules.
    unsafe {
        let base = text.sub(HEADER);
        let header = base.cast::<Header>();
        match (*header).magic {
            LIVE => {}
            FREED => return Err(again()),
            _ => return Err(foreign()),
        }
        (*header).magic = FREED;
        if !registry::leave(text.addr(), base.addr(), STRING)
            && let Some(layout) = layout((*header).size)
        {
            dealloc(base, layout);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::argument::arg;
    use std::ffi::CStr;

    #[test]
    fn a_nul_is_told_only_with_the_length() {
        let text = Text::new(b"a\0\xff");
        assert_eq!(text.len(), 3);
        // SAFETY: texts end with a NUL.
        let plain = unsafe { CStr::from_ptr(text.as_ptr()) };
        assert_eq!(plain.to_bytes(), b"a?\xff");
        // SAFETY: as many octets as it says.
        let octets = unsafe { std::slice::from_raw_parts(text.octets().cast::<u8>(), 4) };
        assert_eq!(octets, b"a\0\xff\0");
        assert_eq!(Text::new(b"").len(), 0);
    }

    #[test]
    fn a_string_is_given_away_and_taken_back() {
        let string = give_away(b"10.0.0.1\0");
        // SAFETY: a string of this library.
        assert_eq!(unsafe { CStr::from_ptr(string) }.to_bytes(), b"10.0.0.1?");
        free(arg!(string)).unwrap();
        let string = ptr::null_mut();
        free(arg!(string)).unwrap();
    }

    #[test]
    fn a_foreign_string_is_refused() {
        let mut foreign = [0u64; 8];
        let string = foreign[4..].as_mut_ptr().cast::<c_char>();
        let failure = free(arg!(string)).unwrap_err();
        assert_eq!(failure.message, "string is no string of this library");
        let string = string.wrapping_add(1);
        assert!(free(arg!(string)).is_err());
    }

    #[cfg(debug_assertions)]
    #[test]
    fn a_string_is_freed_once() {
        let string = give_away(b"x");
        free(arg!(string)).unwrap();
        let failure = free(arg!(string)).unwrap_err();
        assert_eq!(failure.status as i32, 11);
        assert_eq!(failure.message, "string was freed already");
    }
}
