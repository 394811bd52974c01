//! The status that every function answers with: the numbers of the driver's kinds of error, and a few more.

use std::ffi::CStr;

use nlftp_core::ErrorKind;

use crate::enums::number;

/// What every function returns. The numbers of the errors are also the exit statuses of the program
/// nlftp; one that is given up is never used again.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum nlftp_status {
    /// Success. Only then are results written.
    NLFTP_OK = 0,
    /// An argument was refused before a byte was sent.
    NLFTP_INVALID_ARGUMENT = 2,
    /// The serial port could not be opened, is taken, or was lost.
    NLFTP_PORT = 3,
    /// The modem did not answer in time, or the deadline of the call passed.
    NLFTP_TIMEOUT = 4,
    /// The modem answered ERROR, +CME ERROR or +CMS ERROR.
    NLFTP_COMMAND = 5,
    /// The FTP server refused.
    NLFTP_REFUSED = 6,
    /// There is no FTP connection: it was never opened, was lost, or could not be opened.
    NLFTP_NOT_CONNECTED = 7,
    /// Another operation held the modem until the deadline of this one, or another thread the handle.
    NLFTP_BUSY = 8,
    /// A transfer began and did not end whole.
    NLFTP_TRANSFER = 9,
    /// A local file could not be read or written, or a callback of a transfer gave up.
    NLFTP_LOCAL_FILE = 10,
    /// The handle was closed, is a forked child's copy, or (in debug builds of the library) was freed.
    NLFTP_CLOSED = 11,
    /// Waiting inside a callback would wait for itself: start an operation there, and wait for it
    /// outside.
    NLFTP_WOULD_DEADLOCK = 12,
    /// A bug of the library was stopped. The handle is of no more use but to be freed; the process
    /// lives.
    NLFTP_PANIC = 13,
    /// Not an error: the operation still runs.
    NLFTP_PENDING = 14,
    /// Not an error: a callback of a transfer has nothing to give, or no room, right now.
    NLFTP_AGAIN = 15,
    /// Not an error: there is no such value, as at the end of a list.
    NLFTP_NO_VALUE = 16,
    /// The operation was cancelled.
    NLFTP_CANCELLED = 130,
}

number!(Status: nlftp_status {
    NLFTP_OK, NLFTP_INVALID_ARGUMENT, NLFTP_PORT, NLFTP_TIMEOUT, NLFTP_COMMAND, NLFTP_REFUSED, NLFTP_NOT_CONNECTED,
    NLFTP_BUSY, NLFTP_TRANSFER, NLFTP_LOCAL_FILE, NLFTP_CLOSED, NLFTP_WOULD_DEADLOCK, NLFTP_PANIC, NLFTP_PENDING,
    NLFTP_AGAIN, NLFTP_NO_VALUE, NLFTP_CANCELLED,
});

/// Numbers that a status once had and that none may have again: none so far.
#[cfg(test)]
const RETIRED: [i32; 0] = [];

impl nlftp_status {
    /// The status of a kind of error: the one with its number.
    pub(crate) fn of(kind: ErrorKind) -> nlftp_status {
        let number = Status(i32::from(kind.exit_status()));
        // A test holds every kind to having one.
        number.known().unwrap_or(nlftp_status::NLFTP_PANIC)
    }

    /// Whether the last error of the thread tells of it.
    pub(crate) fn is_error(self) -> bool {
        use nlftp_status::*;
        !matches!(
            self,
            NLFTP_OK | NLFTP_PENDING | NLFTP_AGAIN | NLFTP_NO_VALUE
        )
    }

    /// The name that every language uses.
    pub(crate) fn name(self) -> &'static CStr {
        use nlftp_status::*;
        match self {
            NLFTP_OK => c"ok",
            NLFTP_INVALID_ARGUMENT => c"invalid_argument",
            NLFTP_PORT => c"port",
            NLFTP_TIMEOUT => c"timeout",
            NLFTP_COMMAND => c"command",
            NLFTP_REFUSED => c"refused",
            NLFTP_NOT_CONNECTED => c"not_connected",
            NLFTP_BUSY => c"busy",
            NLFTP_TRANSFER => c"transfer",
            NLFTP_LOCAL_FILE => c"local_file",
            NLFTP_CLOSED => c"closed",
            NLFTP_WOULD_DEADLOCK => c"would_deadlock",
            NLFTP_PANIC => c"panic",
            NLFTP_PENDING => c"pending",
            NLFTP_AGAIN => c"again",
            NLFTP_NO_VALUE => c"no_value",
            NLFTP_CANCELLED => c"cancelled",
        }
    }

    /// One sentence about it.
    pub(crate) fn text(self) -> &'static CStr {
        use nlftp_status::*;
        match self {
            NLFTP_OK => c"success",
            NLFTP_INVALID_ARGUMENT => c"an argument was refused before a byte was sent",
            NLFTP_PORT => c"the serial port could not be opened, is taken, or was lost",
            NLFTP_TIMEOUT => c"the modem did not answer in time",
            NLFTP_COMMAND => c"the modem answered ERROR",
            NLFTP_REFUSED => c"the FTP server refused",
            NLFTP_NOT_CONNECTED => c"there is no FTP connection",
            NLFTP_BUSY => c"another operation held the modem",
            NLFTP_TRANSFER => c"a transfer began and did not end whole",
            NLFTP_LOCAL_FILE => c"a local file could not be read or written",
            NLFTP_CLOSED => c"the handle was closed, freed, or belongs to another process",
            NLFTP_WOULD_DEADLOCK => c"waiting inside a callback would wait for itself",
            NLFTP_PANIC => c"a bug of the library was stopped: the handle is of no more use",
            NLFTP_PENDING => c"the operation still runs",
            NLFTP_AGAIN => c"nothing to give, or no room, right now",
            NLFTP_NO_VALUE => c"there is no such value",
            NLFTP_CANCELLED => c"the operation was cancelled",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_of_the_driver_has_the_status_of_its_number_and_name() {
        let mut kinds = BTreeSet::new();
        for kind in ErrorKind::all() {
            let status = Status(i32::from(kind.exit_status())).known();
            let status = status.unwrap_or_else(|| panic!("{kind} has no status"));
            assert_eq!(status.name().to_str().unwrap(), kind.name());
            assert_eq!(nlftp_status::of(kind), status);
            assert!(status.is_error());
            kinds.insert(status as i32);
        }
        for &status in nlftp_status::ALL {
            assert_eq!(
                status.is_error(),
                kinds.contains(&(status as i32)),
                "{status:?}"
            );
        }
    }

    #[test]
    fn every_status_has_a_name_and_a_text_of_its_own() {
        let mut seen = BTreeSet::new();
        for &status in nlftp_status::ALL {
            assert_eq!(
                format!("NLFTP_{}", status.name().to_str().unwrap().to_uppercase()),
                format!("{status:?}")
            );
            assert!(!status.text().is_empty());
            assert!(
                seen.insert(status.name()) && seen.insert(status.text()),
                "{status:?}"
            );
        }
    }

    #[test]
    fn retired_numbers_stay_retired() {
        let numbers: BTreeSet<i32> = nlftp_status::ALL
            .iter()
            .map(|&status| status as i32)
            .collect();
        assert_eq!(numbers.len(), nlftp_status::ALL.len());
        assert!(RETIRED.iter().all(|number| !numbers.contains(number)));
    }
}
