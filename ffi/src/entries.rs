//! A directory of any size, entry by entry.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::sync::{Arc, Mutex};

use nlftp_core::Entries;

use crate::argument::arg;
use crate::callback;
use crate::entry::nlftp_entry;
use crate::error::{Failure, Outcome};
use crate::guard::guard;
use crate::handle::{self, Kept, Opaque, hold, lock};
use crate::modem::{Modem, nlftp_modem};
use crate::process;
use crate::status::Status;

/// A listing that is read as it comes. While it is open, the module serves it: another call on the same
/// modem first reads the rest of it into memory, or cancels it where more than 64 MiB are left.
pub struct nlftp_entries {
    _private: [u8; 0],
}

impl Opaque for nlftp_entries {
    const NAME: &'static str = "nlftp_entries";
    type Body = Arc<Iteration>;
}

/// What is behind the handle. The modem knows it, to end it.
pub(crate) struct Iteration {
    reading: Mutex<Reading>,
    process: u32,
}

struct Reading {
    /// Until its end, or its modem's.
    entries: Option<Entries>,
    /// Why there are no more, where that is no success.
    failure: Option<Failure>,
    /// The entry that C reads.
    current: Kept<nlftp_entry>,
}

impl Iteration {
    fn is_forked(&self) -> bool {
        self.process != process::current()
    }

    /// The modem is freed.
    pub(crate) fn end(&self) {
        let mut reading = lock(&self.reading);
        if let Some(entries) = reading.entries.take() {
            reading.failure = Some(Failure::closed("the modem of the listing was freed"));
            drop(entries);
        }
    }
}

impl Reading {
    fn advance(&mut self) -> Outcome<*const nlftp_entry> {
        let next = self.entries.as_mut().and_then(Iterator::next);
        match next {
            Some(Ok(entry)) => {
                self.current.replace(Some(entry.into()));
                return Ok(self.current.as_ptr());
            }
            // It is told again, so that no part of a list passes for the whole.
            Some(Err(error)) => self.failure = Some(error.into()),
            None => {}
        }
        self.entries = None;
        Err(self.failure.clone().unwrap_or_else(Failure::no_value))
    }
}

/// Lists a directory or a file, the working directory where path is NULL (FTPLIST, manual 1.2.11),
/// entry by entry: for directories that need not fit into memory. path is octets, at most 255. Starts
/// the listing; nlftp_entries_next() reads it.
///
/// *entries is the caller's: nlftp_entries_free() frees it. Errors: NLFTP_INVALID_ARGUMENT for a path
/// that cannot be sent, NLFTP_CLOSED after the modem was closed; all else is told by
/// nlftp_entries_next(). Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_entries(
    modem: *mut nlftp_modem,
    path: *const c_char,
    entries: *mut *mut nlftp_entries,
) -> Status {
    guard(|scope| {
        let entries = arg!(entries).out()?;
        let modem = Modem::open(scope, arg!(modem).as_const())?;
        let reading = Reading {
            entries: Some(modem.ftp.entries(arg!(path).optional_octets()?)?),
            failure: None,
            current: Kept::new(None),
        };
        let iteration = Arc::new(Iteration {
            reading: Mutex::new(reading),
            process: process::current(),
        });
        modem.add_iteration(&iteration);
        entries.write(Kept::<nlftp_entries>::new(iteration).into_raw());
        Ok(())
    })
}

/// The next entry. Blocks until the module has sent it; callbacks of the modem run meanwhile.
///
/// *entry lives until the next call with entries. NLFTP_NO_VALUE at the end of a listing that ended
/// well, otherwise its error, in this and all further calls. In a callback: NLFTP_WOULD_DEADLOCK.
/// NLFTP_BUSY while another thread is in it, NLFTP_CLOSED when the modem was freed. Any thread, one at
/// a time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_entries_next(
    entries: *mut nlftp_entries,
    entry: *mut *const nlftp_entry,
) -> Status {
    guard(|scope| {
        let entry = arg!(entry).out()?;
        let argument = arg!(entries);
        let iteration = scope.get(argument.as_const())?.clone();
        if iteration.is_forked() {
            return Err(Failure::closed(format!(
                "{} belongs to the process that this one was forked from",
                argument.name()
            )));
        }
        callback::may_wait()?;
        entry.write(hold(&iteration.reading, argument.name())?.advance()?);
        Ok(())
    })
}

/// Frees a listing that is being read, and ends it where it has not ended; the next call waits until
/// the module is free again. NULL is nothing, and NLFTP_OK.
///
/// NLFTP_WOULD_DEADLOCK in a callback while nlftp_entries_next() reads it, and nothing is freed. Any
/// thread, while no other uses it; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_entries_free(entries: *mut nlftp_entries) -> Status {
    guard(|_| {
        let argument = arg!(entries);
        if argument.is_null() {
            return Ok(());
        }
        let iteration = handle::check(argument.as_const())?.body().clone();
        if iteration.is_forked() {
            // The locks of the copy may be held by threads that are not here.
            std::mem::forget(iteration);
            if let Some(kept) = handle::take(argument)? {
                kept.leak();
            }
            return Ok(());
        }
        match hold(&iteration.reading, argument.name()) {
            Ok(held) => drop(held),
            Err(_) if callback::is_inside() => {
                return Err(Failure::would_deadlock(
                    "the listing is being read: it cannot be freed in a callback that runs meanwhile",
                ));
            }
            Err(busy) => return Err(busy),
        }
        handle::take(argument).map(drop)
    })
}
