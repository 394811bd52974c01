//! Uploads: from a file, a descriptor, memory, or a function.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};
use std::os::fd::{BorrowedFd, OwnedFd};

use nlftp_core::{LocalFile, Source};

use crate::argument::{self, Arg, arg};
use crate::callback::{UserData, nlftp_read_callback, nlftp_seek_callback};
use crate::config;
use crate::error::{Failure, Outcome};
use crate::modem::nlftp_modem;
use crate::modem_verbs::verb;
use crate::op::nlftp_op;
use crate::source::{Memory, Reader};
use crate::status::Status;
use crate::transfer_options::{Options, nlftp_put_options};
use crate::value::{Kind, Value};

/// A descriptor of the program's, duplicated, so that the program may close its own.
pub(crate) fn duplicate(name: &str, fd: c_int) -> Outcome<OwnedFd> {
    if fd < 0 {
        return Err(Failure::invalid(format!(
            "{name} is {fd}, which is no descriptor"
        )));
    }
    // SAFETY: used for this call alone; one that is not open is refused by the system.
    let own = rustix::io::fcntl_dupfd_cloexec(unsafe { BorrowedFd::borrow_raw(fd) }, 0);
    own.map_err(|error| {
        let error = std::io::Error::from(error);
        nlftp_core::Error::local("duplicate", format!("descriptor {fd}").as_ref(), error).into()
    })
}

/// How an upload starts where its source is a local file: on the thread that waits, or on the library's.
fn upload(
    modem: Arg<*mut nlftp_modem>,
    remote: Arg<*const c_char>,
    options: Arg<*const nlftp_put_options>,
    op: Arg<*mut *mut nlftp_op>,
    file: impl FnOnce() -> Outcome<LocalFile>,
) -> Status {
    verb(modem, op, |scope, modem, run| {
        let (file, remote) = (file()?, remote.octets()?);
        let options = Options::of(scope, options)?.start(&run.gate);
        let operation = if run.is_waited_for() {
            let source = match file {
                LocalFile::Path(path) => Source::path(path),
                LocalFile::Fd(fd) => Source::fd(fd),
            };
            modem.ftp.start_put(source, remote, options)
        } else {
            modem.ftp.start_put_file(file, remote, options)
        };
        run.go(Kind::Transfer, operation?, Value::transfer)
            .map(|_| ())
    })
}

/// Uploads a file as remote: FTPSTOR or FTPPUT (manual 1.2.15, 1.2.20). local is a path of any octets;
/// remote is octets, at most 255. options may be NULL.
///
/// Success means that every check that was asked for and possible agrees; nlftp_transfer_verified()
/// says which. An upload that this side gives up (cancel, time limit, local failure) deletes the short
/// file that it made, as long as the server can be reached; one that the module or the server refuses
/// does not, as nobody can tell whose file it is.
///
/// With op NULL it blocks until then. Otherwise *op is the operation, the file is opened and read by a
/// thread of the library's, and nlftp_op_transfer() has the result. Errors: any;
/// nlftp_last_error_transferred() and nlftp_last_error_left_behind() tell what was moved and what may
/// have stayed. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_put_file(
    modem: *mut nlftp_modem,
    local: *const c_char,
    remote: *const c_char,
    options: *const nlftp_put_options,
    op: *mut *mut nlftp_op,
) -> Status {
    let local = arg!(local);
    upload(arg!(modem), arg!(remote), arg!(options), arg!(op), || {
        Ok(LocalFile::Path(config::path(local)?.to_owned()))
    })
}

/// As nlftp_ftp_put_file(), from a descriptor: a file from where it stands, a pipe, a socket, to its
/// end. It is duplicated: the caller may close it when this returns.
///
/// NLFTP_LOCAL_FILE where it is not open. Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_put_fd(
    modem: *mut nlftp_modem,
    fd: c_int,
    remote: *const c_char,
    options: *const nlftp_put_options,
    op: *mut *mut nlftp_op,
) -> Status {
    upload(arg!(modem), arg!(remote), arg!(options), arg!(op), || {
        Ok(LocalFile::Fd(duplicate("fd", fd)?))
    })
}

/// As nlftp_ftp_put_file(), from size bytes of memory. They stay the caller's, and have to be there,
/// and as they are, until the operation has ended or was freed. data may be NULL where size is 0.
///
/// Any thread; in a callback only with op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_ftp_put_memory(
    modem: *mut nlftp_modem,
    data: *const c_void,
    size: usize,
    remote: *const c_char,
    options: *const nlftp_put_options,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |scope, modem, run| {
        argument::memory(arg!(data), size)?;
        let options = Options::of(scope, arg!(options))?.start(&run.gate);
        // SAFETY: the header asks for memory of that size until the transfer has ended or was freed.
        let memory = unsafe { Memory::new(data, size, run.gate.clone()) };
        let source = Source::seekable(memory, Some(size as u64));
        let operation = modem
            .ftp
            .start_put(source, arg!(remote).octets()?, options)?;
        run.go(Kind::Transfer, operation, Value::transfer)
            .map(|_| ())
    })
}

/// As nlftp_ftp_put_file(), from a callback that is asked for the bytes; it runs where the operation is
/// waited for or dispatched. seek may be NULL: a transfer that would have to go back (resume, or a
/// second try) cannot then. size is that of the whole source for progress and checks, -1 where it is
/// not known.
///
/// user_data is handed to both, and has to live until the operation has ended or was freed. Any thread;
/// in a callback only with op.
#[unsafe(no_mangle)]
#[allow(
    clippy::too_many_arguments,
    reason = "a function of C's has no other way to say all this"
)]
pub unsafe extern "C" fn nlftp_ftp_put(
    modem: *mut nlftp_modem,
    read: nlftp_read_callback,
    seek: nlftp_seek_callback,
    user_data: *mut c_void,
    size: i64,
    remote: *const c_char,
    options: *const nlftp_put_options,
    op: *mut *mut nlftp_op,
) -> Status {
    verb(arg!(modem), arg!(op), |scope, modem, run| {
        let read = arg!(read).function()?;
        if size < -1 {
            return Err(Failure::invalid(format!(
                "size is {size}: -1 says that it is not known"
            )));
        }
        let size = u64::try_from(size).ok();
        let options = Options::of(scope, arg!(options))?.start(&run.gate);
        let reader = Reader {
            read,
            seek,
            user_data: UserData(user_data),
            size,
            position: 0,
            ended: false,
            gate: run.gate.clone(),
        };
        let source = match (seek, size) {
            (Some(_), size) => Source::seekable(reader, size),
            (None, Some(size)) => Source::sized(reader, size),
            (None, None) => Source::reader(reader),
        };
        let operation = modem
            .ftp
            .start_put(source, arg!(remote).octets()?, options)?;
        run.go(Kind::Transfer, operation, Value::transfer)
            .map(|_| ())
    })
}
