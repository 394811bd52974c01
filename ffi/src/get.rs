//! Downloads: to a file, a descriptor, memory, or a function.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};

use nlftp_core::{LocalFile, Sink};

use crate::argument::{self, Arg, arg};
use crate::callback::{UserData, nlftp_write_callback};
use crate::config;
use crate::error::Outcome;
use crate::modem::nlftp_modem;
use crate::modem_verbs::verb;
use crate::op::nlftp_op;
use crate::put::duplicate;
use crate::sink::{Memory, Writer};
use crate::status::Status;
use crate::transfer_options::{Options, nlftp_get_options};
use crate::value::{Kind, Value};

/// How a download starts where its sink is a local file: on the thread that waits, or on the library's.
fn download(
    modem: Arg<*mut nlftp_modem>,
    remote: Arg<*const c_char>,
    options: Arg<*const nlftp_get_options>,
    op: Arg<*mut *mut nlftp_op>,
    file: impl FnOnce() -> Outcome<LocalFile>,
) -> Status {
    verb(modem, op, |scope, modem, run| {
        let (file, remote) = (file()?, remote.octets()?);
        let options = Options::of(scope, options)?.start(&run.gate);
        let operation = if run.is_waited_for() {
            let sink = match file {
                LocalFile::Path(path) => Sink::path(path),
                LocalFile::Fd(fd) => Sink::fd(fd),
            };
            modem.ftp.start_get(remote, sink, options)
        } else {
            modem.ftp.start_get_file(remote, file, options)
        };
        run.go(Kind::Transfer, operation?, Value::transfer)
            .map(|_| ())
    })
}

/// Downloads remote into a file: FTPRETR, or FTPGET with FTPRECV (manual 1.2.16, 1.2.18, 1.2.19). local
/// is a path of any octets; remote is octets, at most 255. options may be NULL.
///
/// The file appears under its name only when it is complete and checked; until then its bytes stand
/// beside it, in a file whose name ends in ".nlftp-part". nlftp_transfer_verified() says what was
/// checked.
///
/// With op NULL it blocks until then. Otherwise *op is the operation, the file is written and synced by
/// a thread of the library's, and nlftp_op_transfer() has the result. Errors: any;
/// nlftp_last_error_transferred() and nlftp_last_error_left_behind() tell what was moved and what may
/// have stayed. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_get_file(
    modem: *mut nlftp_modem,
    remote: *const c_char,
    local: *const c_char,
    options: *const nlftp_get_options,
    op: *mut *mut nlftp_op,
) -> Status {
    let local = arg!(local);
    download(arg!(modem), arg!(remote), arg!(options), arg!(op), || {
        Ok(LocalFile::Path(config::path(local)?.to_owned()))
    })
}

/// As nlftp_ftp_get_file(), to a descriptor: a file from where it stands, a pipe, a socket. It is
/// duplicated: the caller may close it when this returns. What it got before a failure stays.
///
/// NLFTP_LOCAL_FILE where it is not open. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_get_fd(
    modem: *mut nlftp_modem,
    remote: *const c_char,
    fd: c_int,
    options: *const nlftp_get_options,
    op: *mut *mut nlftp_op,
) -> Status {
    download(arg!(modem), arg!(remote), arg!(options), arg!(op), || {
        Ok(LocalFile::Fd(duplicate("fd", fd)?))
    })
}

/// As nlftp_ftp_get_file(), to memory. It stays the caller's, and has to be there until the operation
/// has ended or was freed; what it holds after a failure is not said. buffer may be NULL where capacity
/// is 0.
///
/// With op NULL, *size says how many bytes the file had (size may be NULL). With op, size has to be
/// NULL: nlftp_op_transfer() tells. NLFTP_TRANSFER for a file that is longer than capacity. Any thread;
/// in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_get_memory(
    modem: *mut nlftp_modem,
    remote: *const c_char,
    buffer: *mut c_void,
    capacity: usize,
    size: *mut usize,
    options: *const nlftp_get_options,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |scope, modem, run| {
        let size = run.result(arg!(size), "nlftp_op_transfer")?;
        argument::memory(arg!(buffer).as_const(), capacity)?;
        let options = Options::of(scope, arg!(options))?.start(&run.gate);
        // SAFETY: the header asks for memory of that size until the transfer has ended or was freed.
        let memory = unsafe { Memory::new(buffer, capacity, run.gate.clone()) };
        let operation =
            modem
                .ftp
                .start_get(arg!(remote).octets()?, Sink::writer(memory), options)?;
        let value = run.go(Kind::Transfer, operation, Value::transfer)?;
        if let (Some(Value::Transfer(transfer)), Some(size)) = (value, size) {
            size.write(transfer.body().len());
        }
        Ok(())
    })
}

/// As nlftp_ftp_get_file(), to a callback that is given the bytes; it runs where the operation is
/// waited for or dispatched. What it got before a failure it keeps.
///
/// user_data is handed to it, and has to live until the operation has ended or was freed. Any thread;
/// in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_get(
    modem: *mut nlftp_modem,
    remote: *const c_char,
    write: nlftp_write_callback,
    user_data: *mut c_void,
    options: *const nlftp_get_options,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |scope, modem, run| {
        let writer = Writer {
            write: arg!(write).function()?,
            user_data: UserData(user_data),
            gate: run.gate.clone(),
        };
        let options = Options::of(scope, arg!(options))?.start(&run.gate);
        let operation =
            modem
                .ftp
                .start_get(arg!(remote).octets()?, Sink::writer(writer), options)?;
        run.go(Kind::Transfer, operation, Value::transfer)
            .map(|_| ())
    })
}
