//! What an operation came to, as long as its handle lives.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::c_char;

use crate::argument::{Arg, arg};
use crate::error::{Failure, Outcome};
use crate::guard::guard;
use crate::info::nlftp_info;
use crate::lines::nlftp_lines;
use crate::listing::nlftp_listing;
use crate::op::{self, nlftp_op};
use crate::status::Status;
use crate::transfer::nlftp_transfer;
use crate::value::{Kind, Value};

/// Writes a result of an operation that has one of this kind.
fn result<T>(
    op: Arg<*mut nlftp_op>,
    kind: Kind,
    out: Arg<*mut T>,
    look: impl FnOnce(&Value) -> Option<T>,
) -> Status {
    guard(|scope| {
        let out = out.out()?;
        let found = op::of(scope, op.as_const())?;
        let value: Outcome<T> = if found.kind == kind {
            found.result(look)
        } else {
            Err(Failure::invalid(format!(
                "{} is an operation without {}",
                op.name(),
                noun(kind)
            )))
        };
        out.write(value?);
        Ok(())
    })
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Nothing | Kind::Close => "a result",
        Kind::Transfer => "a transfer",
        Kind::Lines => "lines",
        Kind::Text => "a text",
        Kind::Listing => "a listing",
        Kind::Info => "information about the modem",
        Kind::Connected => "an answer whether there is a connection",
    }
}

/// What an upload or a download came to: of nlftp_ftp_put...() and nlftp_ftp_get...().
///
/// *transfer is the operation's, and lives as long. NLFTP_PENDING while it runs, its own status where
/// it failed, NLFTP_INVALID_ARGUMENT for another kind of operation. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_op_transfer(
    op: *mut nlftp_op,
    transfer: *mut *const nlftp_transfer,
) -> Status {
    result(
        arg!(op),
        Kind::Transfer,
        arg!(transfer),
        |value| match value {
            Value::Transfer(transfer) => Some(transfer.as_ptr()),
            _ => None,
        },
    )
}

/// The lines of nlftp_modem_command() and nlftp_ftp_stat().
///
/// *lines is the operation's, and lives as long. NLFTP_PENDING while it runs, its own status where it
/// failed, NLFTP_INVALID_ARGUMENT for another kind of operation. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_op_lines(
    op: *mut nlftp_op,
    lines: *mut *const nlftp_lines,
) -> Status {
    result(arg!(op), Kind::Lines, arg!(lines), |value| match value {
        Value::Lines(lines) => Some(lines.as_ptr()),
        _ => None,
    })
}

/// The text of nlftp_modem_attach(), nlftp_modem_attach_with_login(), nlftp_ftp_pwd() and
/// nlftp_ftp_syst().
///
/// *text is the operation's, and lives as long. NLFTP_PENDING while it runs, its own status where it
/// failed, NLFTP_INVALID_ARGUMENT for another kind of operation. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_op_text(op: *mut nlftp_op, text: *mut *const c_char) -> Status {
    result(arg!(op), Kind::Text, arg!(text), |value| match value {
        Value::Text(text) => Some(text.as_ptr()),
        _ => None,
    })
}

/// The listing of nlftp_ftp_list().
///
/// *listing is the operation's, and lives as long. NLFTP_PENDING while it runs, its own status where it
/// failed, NLFTP_INVALID_ARGUMENT for another kind of operation. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_op_listing(
    op: *mut nlftp_op,
    listing: *mut *const nlftp_listing,
) -> Status {
    result(
        arg!(op),
        Kind::Listing,
        arg!(listing),
        |value| match value {
            Value::Listing(listing) => Some(listing.as_ptr()),
            _ => None,
        },
    )
}

/// What nlftp_modem_info() found out.
///
/// *info is the operation's, and lives as long. NLFTP_PENDING while it runs, its own status where it
/// failed, NLFTP_INVALID_ARGUMENT for another kind of operation. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_op_info(op: *mut nlftp_op, info: *mut *const nlftp_info) -> Status {
    result(arg!(op), Kind::Info, arg!(info), |value| match value {
        Value::Info(info) => Some(info.as_ptr()),
        _ => None,
    })
}

/// The answer of nlftp_ftp_is_connected().
///
/// NLFTP_PENDING while it runs, its own status where it failed, NLFTP_INVALID_ARGUMENT for another kind
/// of operation. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_op_connected(op: *mut nlftp_op, connected: *mut bool) -> Status {
    result(
        arg!(op),
        Kind::Connected,
        arg!(connected),
        |value| match value {
            Value::Connected(connected) => Some(*connected),
            _ => None,
        },
    )
}
