//! An entry of a directory.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::c_char;

use nlftp_core::Entry;

use crate::argument::{Arg, arg};
use crate::enums::{EntryType, nlftp_entry_type};
use crate::error::{Failure, Outcome};
use crate::guard::guard;
use crate::handle::Opaque;
use crate::status::Status;
use crate::text::Text;

/// A file, a directory or whatever else a line of a listing stands for. A part of its listing or
/// iteration, freed with that.
pub struct nlftp_entry {
    _private: [u8; 0],
}

/// What is told of an entry.
pub(crate) struct Told {
    name: Text,
    size: Option<u64>,
    kind: Option<nlftp_entry_type>,
    target: Option<Text>,
    modified: Option<Text>,
    raw: Text,
}

impl Opaque for nlftp_entry {
    const NAME: &'static str = "nlftp_entry";
    /// Empty where an iteration has not come to an entry.
    type Body = Option<Told>;
}

impl From<Entry> for Told {
    fn from(entry: Entry) -> Told {
        Told {
            name: Text::new(&entry.name),
            size: entry.size,
            kind: nlftp_entry_type::of(entry.kind),
            target: entry.target.map(|target| Text::new(&target)),
            modified: entry.modified.map(|modified| modified.to_string().into()),
            raw: Text::new(&entry.raw),
        }
    }
}

fn text<'a>(
    entry: Arg<*const nlftp_entry>,
    out: Arg<*mut *const c_char>,
    length: Arg<*mut usize>,
    of: impl FnOnce(&'a Told) -> Option<&'a Text>,
) -> Status {
    guard(|scope| {
        let (out, length) = (out.out()?, length.optional_out()?);
        let told = scope.get(entry)?.as_ref();
        told.and_then(of)
            .ok_or_else(Failure::no_value)?
            .give(out, length);
        Ok(())
    })
}

fn value<T>(
    entry: Arg<*const nlftp_entry>,
    out: Arg<*mut T>,
    of: impl FnOnce(&Told) -> Option<T>,
) -> Status {
    guard(|scope| {
        let out = out.out()?;
        let value: Outcome<T> = scope
            .get(entry)?
            .as_ref()
            .and_then(of)
            .ok_or_else(Failure::no_value);
        out.write(value?);
        Ok(())
    })
}

/// The name, as octets: servers do not all speak UTF-8. With length, *name may have NULs inside, and
/// ends with one; without (NULL), each NUL inside is a question mark.
///
/// *name lives as long as the entry. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_entry_name(
    entry: *const nlftp_entry,
    name: *mut *const c_char,
    length: *mut usize,
) -> Status {
    text(arg!(entry), arg!(name), arg!(length), |told| {
        Some(&told.name)
    })
}

/// The size of a file in bytes.
///
/// NLFTP_NO_VALUE where the line has none. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_entry_size(entry: *const nlftp_entry, size: *mut u64) -> Status {
    value(arg!(entry), arg!(size), |told| told.size)
}

/// What the entry is.
///
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_entry_kind(
    entry: *const nlftp_entry,
    kind: *mut EntryType,
) -> Status {
    value(arg!(entry), arg!(kind), |told| {
        told.kind.map(EntryType::from)
    })
}

/// Where a symbolic link leads. length as for nlftp_entry_name().
///
/// *target lives as long as the entry. NLFTP_NO_VALUE where the line does not tell. Any thread; does
/// not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_entry_target(
    entry: *const nlftp_entry,
    target: *mut *const c_char,
    length: *mut usize,
) -> Status {
    text(arg!(entry), arg!(target), arg!(length), |told| {
        told.target.as_ref()
    })
}

/// The time of the last change in the form of ISO 8601, as much as the line tells:
/// "2026-10-26T15:15:30Z" where it is in UTC, "2026-10-26", or "--10-26T15:15" without a year.
///
/// *text lives as long as the entry. NLFTP_NO_VALUE where the line does not tell. Any thread; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_entry_modified(
    entry: *const nlftp_entry,
    text: *mut *const c_char,
) -> Status {
    value(arg!(entry), arg!(text), |told| {
        told.modified.as_ref().map(Text::as_ptr)
    })
}

/// The whole line, without its end. length as for nlftp_entry_name().
///
/// *line lives as long as the entry. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_entry_raw(
    entry: *const nlftp_entry,
    line: *mut *const c_char,
    length: *mut usize,
) -> Status {
    text(arg!(entry), arg!(line), arg!(length), |told| {
        Some(&told.raw)
    })
}
