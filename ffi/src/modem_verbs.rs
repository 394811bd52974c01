//! What a modem does besides FTP. Each verb waits, or starts an operation.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::sync::Arc;

use nlftp_core::PdpContext;

use crate::argument::{Arg, arg};
use crate::error::Outcome;
use crate::guard::{Scope, guard};
use crate::info::nlftp_info;
use crate::lines::nlftp_lines;
use crate::modem::{Modem, nlftp_modem};
use crate::op::nlftp_op;
use crate::run::Run;
use crate::status::Status;
use crate::value::{Give, Kind, Value};

/// Runs the body of a verb with its modem.
pub(crate) fn verb(
    modem: Arg<*mut nlftp_modem>,
    op: Arg<*mut *mut nlftp_op>,
    body: impl FnOnce(&Scope, &Arc<Modem>, Run<'_>) -> Outcome,
) -> Status {
    let mut body = Some(body);
    begun(modem, op, &mut |scope, modem, run| {
        body.take().map_or(Ok(()), |body| body(scope, modem, run))
    })
}

/// A verb's body, which runs once.
type Body<'a> = &'a mut dyn FnMut(&Scope, &Arc<Modem>, Run<'_>) -> Outcome;

/// Once for all verbs.
#[inline(never)]
fn begun(modem: Arg<*mut nlftp_modem>, op: Arg<*mut *mut nlftp_op>, body: Body<'_>) -> Status {
    guard(|scope| {
        let modem = Modem::open(scope, modem.as_const())?;
        let run = Run::new(&modem, op)?;
        body(scope, &modem, run)
    })
}

/// Opens the port for this modem alone, and brings the module to command mode, whatever state it was
/// left in. Also again, after the port was lost.
///
/// With op NULL it blocks until that is done: milliseconds where the module is ready, up to about 20
/// seconds where it does not answer, up to 30 more where it still sends a file that a program before
/// asked for. Otherwise *op is the operation. Errors: NLFTP_PORT for a port that does not exist, is
/// taken, or is no serial port; NLFTP_TIMEOUT for a device that does not answer. Any thread; in a
/// callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_open(
    modem: *mut nlftp_modem,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |_, modem, run| {
        run.go_for_nothing(modem.driver.start_open())
    })
}

/// Waits for a recovery that still goes on, closes the FTP connection if one is open, leaves the module
/// in command mode, and closes the port: for good. Operations that were started before come first;
/// every call afterwards but free is NLFTP_CLOSED.
///
/// With op NULL it blocks until that is done, otherwise *op is the operation; nlftp_modem_dispatch()
/// still hands out what has ended. Where the connection could not be closed, the status says why, and
/// the port is closed all the same. But a close that was cancelled, or out of time, before its turn came
/// (NLFTP_CANCELLED, NLFTP_BUSY) has closed nothing: the modem goes on. Any thread; in a callback only
/// with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_close(
    modem: *mut nlftp_modem,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |_, modem, run| {
        let operation = modem.driver.start_close();
        run.go(Kind::Close, operation, |()| Value::Nothing)
            .map(|_| ())
    })
}

/// Sends one AT command, such as "AT+CSQ", and gives its information lines. A command of manual 1.2
/// ends at its outcome, any other at its final result. Commands that move data are refused: there are
/// functions for them.
///
/// With op NULL it blocks until then, and *lines is the caller's: nlftp_lines_free() frees it (lines
/// may be NULL). Otherwise *op is the operation, and nlftp_op_lines() has the lines. Errors:
/// NLFTP_INVALID_ARGUMENT, before anything is sent, for what is not one command line in UTF-8;
/// NLFTP_COMMAND for ERROR in any form; NLFTP_REFUSED for an outcome of 0; NLFTP_TIMEOUT. Any thread;
/// in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_command(
    modem: *mut nlftp_modem,
    line: *const c_char,
    lines: *mut *mut nlftp_lines,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |_, modem, run| {
        let lines = run.result(arg!(lines), "nlftp_op_lines")?;
        let operation = modem.driver.start_command(arg!(line).text()?)?;
        run.go(Kind::Lines, operation, Value::strings)?
            .give_lines(lines)
    })
}

fn attach(
    modem: Arg<*mut nlftp_modem>,
    context: impl FnOnce() -> Outcome<PdpContext>,
    address: Arg<*mut *mut c_char>,
    op: Arg<*mut *mut nlftp_op>,
) -> Status {
    verb(modem, op, |_, modem, run| {
        let address = run.result(address, "nlftp_op_text")?;
        let operation = modem.driver.start_attach(context()?)?;
        run.go(Kind::Text, operation, Value::string)?
            .give_string(address)
    })
}

/// Activates the PDP context of an access point (AT+MIPCALL, manual 3.1) and gives the module's
/// address; where it is active already, only the address. The name is UTF-8 of at most 255 octets.
///
/// With op NULL it blocks until then, and *address is the caller's: nlftp_string_free() frees it
/// (address may be NULL). Otherwise *op is the operation, and nlftp_op_text() has the address. Errors:
/// NLFTP_COMMAND where the module refuses; NLFTP_TIMEOUT when no address comes within a minute; both
/// say so where SIM or registration are the cause. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_attach(
    modem: *mut nlftp_modem,
    apn: *const c_char,
    address: *mut *mut c_char,
    op: *mut *mut nlftp_op,
) -> Status {
    let apn = arg!(apn);
    attach(
        arg!(modem),
        || Ok(PdpContext::new(apn.text()?)),
        arg!(address),
        arg!(op),
    )
}

/// As nlftp_modem_attach(), for an access point that asks for a user name, UTF-8 too, and a password,
/// which is any octets; at most 255 octets each. All copies of the password are wiped when they are
/// given up.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_attach_with_login(
    modem: *mut nlftp_modem,
    apn: *const c_char,
    user: *const c_char,
    password: *const c_char,
    address: *mut *mut c_char,
    op: *mut *mut nlftp_op,
) -> Status {
    let (apn, user, password) = (arg!(apn), arg!(user), arg!(password));
    let context = || Ok(PdpContext::new(apn.text()?).with_login(user.text()?, password.octets()?));
    attach(arg!(modem), context, arg!(address), arg!(op))
}

/// Closes the FTP connection and gives the PDP context up (AT+MIPCALL=0, manual 3.1); no error where
/// none is active.
///
/// With op NULL it blocks until then, otherwise *op is the operation. Errors: NLFTP_COMMAND where the
/// module refuses. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_detach(
    modem: *mut nlftp_modem,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |_, modem, run| {
        run.go_for_nothing(modem.driver.start_detach())
    })
}

/// Asks who answers on the port, and for SIM, registration, signal and address: a dozen queries,
/// milliseconds each as a rule. What the module refuses to tell is left out.
///
/// With op NULL it blocks until then, and *info is the caller's: nlftp_info_free() frees it (info may
/// be NULL). Otherwise *op is the operation, and nlftp_op_info() has the answers. Errors: NLFTP_TIMEOUT
/// when an answer does not come. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_info(
    modem: *mut nlftp_modem,
    info: *mut *mut nlftp_info,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |_, modem, run| {
        let info = run.result(arg!(info), "nlftp_op_info")?;
        run.go(Kind::Info, modem.driver.start_info(), Value::info)?
            .give_info(info)
    })
}

/// Sets the timer that paces the data of FTPRETR on a USB port (AT+GTSET="FTPLIMIT", manual 1.2.16): 0
/// to 1000, 0 for none. Nothing in this library needs it.
///
/// With op NULL it blocks until the module has answered, otherwise *op is the operation. Errors:
/// NLFTP_INVALID_ARGUMENT outside the range, NLFTP_COMMAND where the module refuses. Any thread; in a
/// callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_set_ftp_limit(
    modem: *mut nlftp_modem,
    period: u32,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |_, modem, run| {
        run.go_for_nothing(modem.driver.start_set_ftp_limit(period)?)
    })
}
