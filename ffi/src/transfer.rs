//! What a transfer came to.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use nlftp_core::{Transfer, Verified, Via};

use crate::argument::{Arg, arg};
use crate::enums::{Checked, Way, nlftp_verified, nlftp_via};
use crate::error::Failure;
use crate::guard::guard;
use crate::handle::{Kept, Opaque};
use crate::lines::nlftp_lines;
use crate::status::Status;
use crate::text::Text;

/// An upload or a download that succeeded, as nlftp_op_transfer() gives it. A part of its operation,
/// freed with that. Never changes.
pub struct nlftp_transfer {
    _private: [u8; 0],
}

/// What is told of a transfer.
pub(crate) struct Told {
    bytes: u64,
    milliseconds: i64,
    via: Via,
    verified: Verified,
    resumed_from: u64,
    warnings: Kept<nlftp_lines>,
}

impl Told {
    /// The bytes, where they are in memory.
    pub(crate) fn len(&self) -> usize {
        usize::try_from(self.bytes).unwrap_or(usize::MAX)
    }
}

impl Opaque for nlftp_transfer {
    const NAME: &'static str = "nlftp_transfer";
    type Body = Told;
}

impl From<Transfer> for Told {
    fn from(transfer: Transfer) -> Told {
        Told {
            bytes: transfer.bytes,
            milliseconds: i64::try_from(transfer.duration.as_millis()).unwrap_or(i64::MAX),
            via: transfer.via,
            verified: transfer.verified,
            resumed_from: transfer.resumed_from,
            warnings: Kept::new(transfer.warnings.into_iter().map(Text::from).collect()),
        }
    }
}

fn tell<T>(
    transfer: Arg<*const nlftp_transfer>,
    out: Arg<*mut T>,
    of: impl FnOnce(&Told) -> Option<T>,
) -> Status {
    guard(|scope| {
        let out = out.out()?;
        out.write(of(scope.get(transfer)?).ok_or_else(Failure::no_value)?);
        Ok(())
    })
}

/// How many bytes of the file were moved, without those that nlftp_transfer_resumed_from() tells.
///
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_bytes(
    transfer: *const nlftp_transfer,
    bytes: *mut u64,
) -> Status {
    tell(arg!(transfer), arg!(bytes), |told| Some(told.bytes))
}

/// How long it took, from the first command to the last check.
///
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_duration(
    transfer: *const nlftp_transfer,
    milliseconds: *mut i64,
) -> Status {
    tell(arg!(transfer), arg!(milliseconds), |told| {
        Some(told.milliseconds)
    })
}

/// The way that was taken: never NLFTP_VIA_AUTO.
///
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_via(
    transfer: *const nlftp_transfer,
    via: *mut Way,
) -> Status {
    tell(arg!(transfer), arg!(via), |told| {
        nlftp_via::of(told.via).map(Way::from)
    })
}

/// What the result rests on.
///
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_verified(
    transfer: *const nlftp_transfer,
    verified: *mut Checked,
) -> Status {
    tell(arg!(transfer), arg!(verified), |told| {
        nlftp_verified::of(told.verified).map(Checked::from)
    })
}

/// The offset at which a resumed transfer went on; 0 where it began at the start.
///
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_resumed_from(
    transfer: *const nlftp_transfer,
    offset: *mut u64,
) -> Status {
    tell(arg!(transfer), arg!(offset), |told| Some(told.resumed_from))
}

/// What the caller should know, such as why another way was taken, or nothing could be checked; none as
/// a rule.
///
/// *lines is a part of the transfer, and lives as long. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_warnings(
    transfer: *const nlftp_transfer,
    lines: *mut *const nlftp_lines,
) -> Status {
    tell(arg!(transfer), arg!(lines), |told| {
        Some(told.warnings.as_ptr())
    })
}
