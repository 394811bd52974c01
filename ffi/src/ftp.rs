//! The FTP connection of a modem and its verbs (RFC 959). Each waits, or starts an operation.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_void};

use nlftp_core::{Ftp, Operation};

use crate::argument::{Arg, arg};
use crate::callback::nlftp_urc_callback;
use crate::handle::hold;
use crate::lines::nlftp_lines;
use crate::listing::nlftp_listing;
use crate::login::nlftp_login;
use crate::modem::nlftp_modem;
use crate::modem_verbs::verb;
use crate::op::nlftp_op;
use crate::status::Status;
use crate::value::{Give, Kind, Value};

/// Opens the module's FTP connection; it has only one (FTPOPEN, manual 1.2.1). login is copied. If the
/// connection is lost, the call that notices says so, and the next one opens it anew with all that it
/// had: context, mode, login, FTPINFO and directory.
///
/// With op NULL it blocks until then, otherwise *op is the operation. Errors: NLFTP_INVALID_ARGUMENT,
/// before anything is sent, for what cannot be sent; NLFTP_NOT_CONNECTED where the module could not, to
/// which it gives no reason; NLFTP_COMMAND where it refuses, with the code 2031 where it is not
/// attached; NLFTP_BUSY while a connection is open. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_open(
    modem: *mut nlftp_modem,
    login: *const nlftp_login,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |scope, modem, run| {
        let argument = arg!(login);
        let operation = modem
            .driver
            .start_ftp(&*hold(scope.get(argument)?, argument.name())?)?;
        run.go_for_nothing(operation)
    })
}

/// Closes the FTP connection (FTPCLOSE, manual 1.2.2).
///
/// With op NULL it blocks until then, otherwise *op is the operation. Errors: NLFTP_REFUSED where the
/// module does not close it. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_close(
    modem: *mut nlftp_modem,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |_, modem, run| {
        run.go_for_nothing(modem.ftp.start_close())
    })
}

/// Whether the module says that the connection stands (AT+FTPOPEN?, manual 1.2.1). It may have been
/// lost without the module having noticed: nlftp_ftp_noop() asks the server.
///
/// With op NULL it blocks until then, and writes *connected (connected may be NULL). Otherwise *op is
/// the operation, and nlftp_op_connected() has the answer. Errors: NLFTP_TIMEOUT when the modem does
/// not answer. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_is_connected(
    modem: *mut nlftp_modem,
    connected: *mut bool,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |_, modem, run| {
        let connected = run.result(arg!(connected), "nlftp_op_connected")?;
        let operation = modem.ftp.start_is_connected();
        run.go(Kind::Connected, operation, Value::Connected)?
            .give_connected(connected)
    })
}

/// Sets the callback for the lines of the control connection that the module reports, in place of the
/// one before, and switches the reports on (FTPINFO, manual 1.2.3); NULL removes it and switches them
/// off. Passwords in the lines are masked. It runs where URC callbacks run, and is set as they are,
/// whether the module then takes the command or not.
///
/// With op NULL it blocks until the module has answered, otherwise *op is the operation. Errors:
/// NLFTP_COMMAND where it refuses. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_on_info(
    modem: *mut nlftp_modem,
    callback: nlftp_urc_callback,
    user_data: *mut c_void,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |_, modem, run| {
        let operation = match modem.callbacks.set_info(callback, user_data) {
            Some(info) => modem.ftp.start_on_info(info),
            None => modem.ftp.start_remove_info(),
        };
        run.go_for_nothing(operation)
    })
}

/// A verb without a result.
fn plain(
    modem: Arg<*mut nlftp_modem>,
    op: Arg<*mut *mut nlftp_op>,
    start: impl FnOnce(&Ftp) -> nlftp_core::Result<Operation<'static, ()>>,
) -> Status {
    verb(modem, op, |_, modem, run| {
        run.go_for_nothing(start(&modem.ftp)?)
    })
}

/// A verb with one name.
fn named(
    modem: Arg<*mut nlftp_modem>,
    name: Arg<*const c_char>,
    op: Arg<*mut *mut nlftp_op>,
    start: impl FnOnce(&Ftp, &[u8]) -> nlftp_core::Result<Operation<'static, ()>>,
) -> Status {
    verb(modem, op, |_, modem, run| {
        let name = name.octets()?;
        run.go_for_nothing(start(&modem.ftp, name)?)
    })
}

/// Changes the working directory (FTPCWD, manual 1.2.4). Names, here and below, are octets, passed on
/// as they are, at most 255 of them.
///
/// With op NULL it blocks until then, otherwise *op is the operation. Errors: NLFTP_INVALID_ARGUMENT,
/// before anything is sent, for a name that cannot be; NLFTP_REFUSED where the server refuses. Any
/// thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_cwd(
    modem: *mut nlftp_modem,
    directory: *const c_char,
    op: *mut *mut nlftp_op,
) -> Status {
    named(arg!(modem), arg!(directory), arg!(op), |ftp, directory| {
        ftp.start_cwd(directory)
    })
}

/// Changes to the parent directory (FTPCDUP, manual 1.2.8).
///
/// With op NULL it blocks until then, otherwise *op is the operation. Errors: NLFTP_REFUSED where the
/// server refuses. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_cdup(modem: *mut nlftp_modem, op: *mut *mut nlftp_op) -> Status {
    plain(arg!(modem), arg!(op), |ftp| Ok(ftp.start_cdup()))
}

/// The working directory (FTPPWD, manual 1.2.7), in octets that nlftp_ftp_cwd() takes again.
///
/// With op NULL it blocks until then, and *directory is the caller's: nlftp_string_free() frees it
/// (directory may be NULL). Otherwise *op is the operation, and nlftp_op_text() has the directory.
/// Errors: NLFTP_REFUSED where the server refuses. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_pwd(
    modem: *mut nlftp_modem,
    directory: *mut *mut c_char,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |_, modem, run| {
        let directory = run.result(arg!(directory), "nlftp_op_text")?;
        run.go(Kind::Text, modem.ftp.start_pwd(), Value::octets)?
            .give_string(directory)
    })
}

/// Makes a directory (FTPMKD, manual 1.2.5).
///
/// With op NULL it blocks until then, otherwise *op is the operation. Errors as for nlftp_ftp_cwd().
/// Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_mkd(
    modem: *mut nlftp_modem,
    directory: *const c_char,
    op: *mut *mut nlftp_op,
) -> Status {
    named(arg!(modem), arg!(directory), arg!(op), |ftp, directory| {
        ftp.start_mkd(directory)
    })
}

/// Removes an empty directory (FTPRMD, manual 1.2.6).
///
/// With op NULL it blocks until then, otherwise *op is the operation. Errors as for nlftp_ftp_cwd().
/// Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_rmd(
    modem: *mut nlftp_modem,
    directory: *const c_char,
    op: *mut *mut nlftp_op,
) -> Status {
    named(arg!(modem), arg!(directory), arg!(op), |ftp, directory| {
        ftp.start_rmd(directory)
    })
}

/// Deletes a file (FTPDEL, manual 1.2.9).
///
/// With op NULL it blocks until then, otherwise *op is the operation. Errors as for nlftp_ftp_cwd().
/// Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_delete_file(
    modem: *mut nlftp_modem,
    name: *const c_char,
    op: *mut *mut nlftp_op,
) -> Status {
    named(arg!(modem), arg!(name), arg!(op), |ftp, name| {
        ftp.start_delete(name)
    })
}

/// Renames a file or directory (FTPREN, manual 1.2.10). to is read as the server reads RNTO: from the
/// working directory, not from that of the old name.
///
/// With op NULL it blocks until then, otherwise *op is the operation. Errors as for nlftp_ftp_cwd().
/// Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_rename(
    modem: *mut nlftp_modem,
    from: *const c_char,
    to: *const c_char,
    op: *mut *mut nlftp_op,
) -> Status {
    let to = arg!(to);
    verb(arg!(modem), arg!(op), |_, modem, run| {
        run.go_for_nothing(modem.ftp.start_rename(arg!(from).octets()?, to.octets()?)?)
    })
}

/// Lists a directory or a file, the working directory where path is NULL (FTPLIST, manual 1.2.11).
/// nlftp_ftp_entries() is for directories that need not fit into memory.
///
/// With op NULL it blocks until then, and *listing is the caller's: nlftp_listing_free() frees it
/// (listing may be NULL). Otherwise *op is the operation, and nlftp_op_listing() has the listing.
/// Errors: NLFTP_REFUSED where the server refuses; some servers list nothing for a name that does not
/// exist. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_list(
    modem: *mut nlftp_modem,
    path: *const c_char,
    listing: *mut *mut nlftp_listing,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |_, modem, run| {
        let listing = run.result(arg!(listing), "nlftp_op_listing")?;
        let operation = modem.ftp.start_list(arg!(path).optional_octets()?)?;
        run.go(Kind::Listing, operation, Value::listing)?
            .give_listing(listing)
    })
}

/// The server's status where path is NULL, or that of a file or directory, line by line as the module
/// passes it on (FTPSTAT, manual 1.2.12): at most 64 KiB. nlftp_listing_parse() can make entries of it.
///
/// With op NULL it blocks until then, and *lines is the caller's: nlftp_lines_free() frees it (lines
/// may be NULL). Otherwise *op is the operation, and nlftp_op_lines() has the lines. Errors:
/// NLFTP_REFUSED where the server refuses; some answer an empty text for a name that does not exist.
/// Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_stat(
    modem: *mut nlftp_modem,
    path: *const c_char,
    lines: *mut *mut nlftp_lines,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |_, modem, run| {
        let lines = run.result(arg!(lines), "nlftp_op_lines")?;
        let operation = modem.ftp.start_stat(arg!(path).optional_octets()?)?;
        run.go(Kind::Lines, operation, Value::octet_lines)?
            .give_lines(lines)
    })
}

/// The kind of the server's system, such as "UNIX Type: L8" (FTPSYST, manual 1.2.13).
///
/// With op NULL it blocks until then, and *system is the caller's: nlftp_string_free() frees it (system
/// may be NULL). Otherwise *op is the operation, and nlftp_op_text() has the text. Errors:
/// NLFTP_REFUSED where the server refuses. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_syst(
    modem: *mut nlftp_modem,
    system: *mut *mut c_char,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |_, modem, run| {
        let system = run.result(arg!(system), "nlftp_op_text")?;
        run.go(Kind::Text, modem.ftp.start_syst(), Value::string)?
            .give_string(system)
    })
}

/// Does nothing but keep the connection alive (FTPNOOP, manual 1.2.14).
///
/// With op NULL it blocks until then, otherwise *op is the operation. Errors: NLFTP_NOT_CONNECTED where
/// the connection is gone. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_noop(modem: *mut nlftp_modem, op: *mut *mut nlftp_op) -> Status {
    plain(arg!(modem), arg!(op), |ftp| Ok(ftp.start_noop()))
}
