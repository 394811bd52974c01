//! All entries of a directory.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::c_char;

use nlftp_core::Entry;

use crate::argument::{self, arg};
use crate::entry::nlftp_entry;
use crate::error::Failure;
use crate::guard::guard;
use crate::handle::{self, Kept, Opaque};
use crate::status::Status;

/// The entries of a directory. Never changes.
pub struct nlftp_listing {
    _private: [u8; 0],
}

impl Opaque for nlftp_listing {
    const NAME: &'static str = "nlftp_listing";
    type Body = Vec<Kept<nlftp_entry>>;
}

/// Frees a listing that a call gave the caller, with its entries. One that is an operation's is freed
/// with that: trying it is NLFTP_INVALID_ARGUMENT. NULL is nothing, and NLFTP_OK.
///
/// Any thread, while no other uses it; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_listing_free(listing: *mut nlftp_listing) -> Status {
    guard(|_| handle::take(arg!(listing)).map(drop))
}

/// How many entries there are.
///
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_listing_count(
    listing: *const nlftp_listing,
    count: *mut usize,
) -> Status {
    guard(|scope| {
        let count = arg!(count).out()?;
        count.write(scope.get(arg!(listing))?.len());
        Ok(())
    })
}

/// An entry, the first one with index 0.
///
/// *entry is a part of the listing, and lives as long. NLFTP_NO_VALUE past the last. Any thread; does
/// not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_listing_entry(
    listing: *const nlftp_listing,
    index: usize,
    entry: *mut *const nlftp_entry,
) -> Status {
    guard(|scope| {
        let entry = arg!(entry).out()?;
        let found = scope.get(arg!(listing))?.get(index);
        entry.write(found.ok_or_else(Failure::no_value)?.as_ptr());
        Ok(())
    })
}

/// Makes a listing of size octets of text that a server sent: LIST in the forms of Unix, DOS and EPLF,
/// MLSD (RFC 3659), or the lines of STAT. Lines of other forms become entries of the type
/// NLFTP_ENTRY_UNKNOWN; those that stand for nothing in the directory, such as "total 8", are left out.
///
/// *listing is the caller's: nlftp_listing_free() frees it. text may be NULL where size is 0. Any
/// thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_listing_parse(
    text: *const c_char,
    size: usize,
    listing: *mut *mut nlftp_listing,
) -> Status {
    guard(|_| {
        let listing = arg!(listing).out()?;
        argument::memory(arg!(text), size)?;
        let text = if size == 0 {
            &[][..]
        } else {
            // SAFETY: not NULL, as large as memory can be, and readable by the header's rules.
            unsafe { std::slice::from_raw_parts(text.cast::<u8>(), size) }
        };
        let entries = text.split(|&octet| octet == b'\n').filter_map(Entry::parse);
        let entries = entries.map(|entry| Kept::new(Some(entry.into()))).collect();
        listing.write(Kept::<nlftp_listing>::new(entries).into_raw());
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{
        nlftp_entry_kind, nlftp_entry_modified, nlftp_entry_name, nlftp_entry_size,
        nlftp_entry_target,
    };
    use crate::enums::EntryType;
    use std::ffi::CStr;
    use std::ptr;

    fn parse(text: &[u8]) -> *mut nlftp_listing {
        let mut listing = ptr::null_mut();
        // SAFETY: a text of that size, and a place for the result.
        let status = unsafe { nlftp_listing_parse(text.as_ptr().cast(), text.len(), &mut listing) };
        assert_eq!(status.0, 0);
        listing
    }

    #[test]
    fn a_listing_is_parsed_and_read() {
        let listing = parse(b"total 8\r\nlrwxrwxrwx 1 ftp ftp 9 Oct 26 2019 lat\0st -> build-117\r\ntype=dir; d\r\n");
        let (mut count, mut entry, mut name, mut length) = (0, ptr::null(), ptr::null(), 0);
        let (mut kind, mut size) = (EntryType(9), 0);
        // SAFETY: a live handle until it is freed, and places for the results.
        unsafe {
            assert_eq!(nlftp_listing_count(listing, &mut count).0, 0);
            assert_eq!(count, 2);
            assert_eq!(nlftp_listing_entry(listing, 0, &mut entry).0, 0);
            assert_eq!(nlftp_entry_name(entry, &mut name, &mut length).0, 0);
            assert_eq!(
                std::slice::from_raw_parts(name.cast::<u8>(), length),
                b"lat\0st"
            );
            assert_eq!(nlftp_entry_kind(entry, &mut kind).0, 0);
            assert_eq!(kind.0, 2);
            assert_eq!(nlftp_entry_target(entry, &mut name, ptr::null_mut()).0, 0);
            assert_eq!(CStr::from_ptr(name), c"build-117");
            assert_eq!(nlftp_entry_modified(entry, &mut name).0, 0);
            assert_eq!(CStr::from_ptr(name), c"2019-10-26");
            assert_eq!(nlftp_listing_entry(listing, 1, &mut entry).0, 0);
            assert_eq!(nlftp_entry_size(entry, &mut size).0, 16);
            assert_eq!(nlftp_entry_target(entry, &mut name, ptr::null_mut()).0, 16);
            assert_eq!(nlftp_listing_entry(listing, 2, &mut entry).0, 16);
            assert_eq!(nlftp_listing_free(listing).0, 0);
        }
    }

    #[test]
    fn sizes_of_nothing_and_of_everything_are_statuses() {
        let mut listing = ptr::null_mut();
        // SAFETY: a place for the result; the text is not read.
        unsafe {
            assert_eq!(nlftp_listing_parse(ptr::null(), 0, &mut listing).0, 0);
            assert_eq!(nlftp_listing_free(listing).0, 0);
            assert_eq!(nlftp_listing_parse(ptr::null(), 1, &mut listing).0, 2);
            assert_eq!(
                nlftp_listing_parse(c"x".as_ptr(), usize::MAX, &mut listing).0,
                2
            );
        }
    }
}
