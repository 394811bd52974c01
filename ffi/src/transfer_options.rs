//! What an upload or a download may be told.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nlftp_core::{FileType, OnProgress, Progress, Retry, TransferOptions, Verify, Via};

use crate::argument::{Arg, arg};
use crate::callback::{self, UserData, nlftp_progress_callback};
use crate::config::{limit, optional_limit};
use crate::enums::{Check, Representation, Way};
use crate::error::Outcome;
use crate::guard::{Scope, guard};
use crate::handle::{self, Kept, Opaque, hold};
use crate::run::Gate;
use crate::slot::Callback;
use crate::status::Status;

/// Options of a transfer. The call that takes them copies them; NULL there means that all are as unless
/// set.
pub struct nlftp_transfer_options {
    _private: [u8; 0],
}

/// Options of an upload.
pub type nlftp_put_options = nlftp_transfer_options;
/// Options of a download.
pub type nlftp_get_options = nlftp_transfer_options;

type ProgressFunction = unsafe extern "C" fn(u64, i64, f64, *mut c_void);

/// The driver's options, which a callback keeps from being copied as they are.
#[derive(Clone, Copy, Default)]
pub(crate) struct Options {
    via: Via,
    file_type: FileType,
    offset: u64,
    resume: bool,
    retry: Option<Retry>,
    temporary: bool,
    verify: Verify,
    deadline: Option<Duration>,
    progress: Option<Callback<ProgressFunction>>,
}

impl Opaque for nlftp_transfer_options {
    const NAME: &'static str = "nlftp_transfer_options";
    type Body = Mutex<Options>;
}

impl Options {
    /// Those of a call; all as unless set for NULL.
    pub(crate) fn of(
        scope: &Scope,
        options: Arg<*const nlftp_transfer_options>,
    ) -> Outcome<Options> {
        if options.is_null() {
            return Ok(Options::default());
        }
        Ok(*hold(scope.get(options)?, options.name())?)
    }

    /// For the driver; progress is told until the gate is shut.
    pub(crate) fn start(self, gate: &Arc<Gate>) -> TransferOptions<'static> {
        let mut options = TransferOptions::default();
        options.via = self.via;
        options.file_type = self.file_type;
        options.offset = self.offset;
        options.resume = self.resume;
        options.retry = self.retry;
        options.temporary = self.temporary;
        options.verify = self.verify;
        options.deadline = self.deadline;
        let gate = gate.clone();
        options.progress = self.progress.map(|callback| -> OnProgress<'static> {
            Box::new(move |progress| {
                if gate.is_open() {
                    tell(callback, progress);
                }
            })
        });
        options
    }
}

fn tell(callback: Callback<ProgressFunction>, progress: Progress) {
    let total = progress.total.and_then(|total| i64::try_from(total).ok());
    callback::inside(|| {
        // SAFETY: the program gave this function for such calls.
        unsafe {
            (callback.function)(
                progress.done,
                total.unwrap_or(-1),
                progress.rate,
                callback.user_data.0,
            );
        }
    });
}

fn set(
    options: Arg<*mut nlftp_transfer_options>,
    set: impl FnOnce(&mut Options) -> Outcome,
) -> Status {
    guard(|scope| set(&mut *hold(scope.get(options.as_const())?, options.name())?))
}

/// Makes options, all as unless set.
///
/// *options is the caller's: nlftp_transfer_options_free() frees it. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_options_new(
    options: *mut *mut nlftp_transfer_options,
) -> Status {
    guard(|_| {
        let options = arg!(options).out()?;
        options.write(Kept::<nlftp_transfer_options>::new(Mutex::default()).into_raw());
        Ok(())
    })
}

/// Frees options; transfers that were started with them keep theirs. NULL is nothing, and NLFTP_OK.
///
/// Any thread, while no other uses them; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_options_free(
    options: *mut nlftp_transfer_options,
) -> Status {
    guard(|_| handle::take(arg!(options)).map(drop))
}

/// Sets which of the module's ways to take: NLFTP_VIA_AUTO unless set.
///
/// Errors: NLFTP_INVALID_ARGUMENT for a number that is no way. Any thread, one at a time; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_options_set_via(
    options: *mut nlftp_transfer_options,
    via: Way,
) -> Status {
    set(arg!(options), |options| {
        options.via = via.get("via")?;
        Ok(())
    })
}

/// Sets the representation type (RFC 959, 3.1.1): NLFTP_TYPE_BINARY unless set.
///
/// Errors: NLFTP_INVALID_ARGUMENT for a number that is no type. Any thread, one at a time; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_options_set_type(
    options: *mut nlftp_transfer_options,
    file_type: Representation,
) -> Status {
    set(arg!(options), |options| {
        options.file_type = file_type.get("file_type")?;
        Ok(())
    })
}

/// Sets where in the remote file a download begins, or where in it the first byte of an upload's source
/// goes to: 0 unless set. What the module cannot address is found out when the transfer is started
/// (manual 1.2.15, 1.2.16).
///
/// Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_options_set_offset(
    options: *mut nlftp_transfer_options,
    offset: u64,
) -> Status {
    set(arg!(options), |options| {
        options.offset = offset;
        Ok(())
    })
}

/// Sets whether a transfer goes on where one before broke off: false unless set. An upload needs a
/// source that can seek. Where the parts differ, it starts from 0; nlftp_transfer_resumed_from() tells.
///
/// Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_options_set_resume(
    options: *mut nlftp_transfer_options,
    resume: bool,
) -> Status {
    set(arg!(options), |options| {
        options.resume = resume;
        Ok(())
    })
}

/// Sets that a transfer which fails for a reason that may pass is tried again, in the same call: up to tries times
/// in a row that bring the file no further, after delay_ms milliseconds, twice as long before each next one in a
/// row up to a minute (or delay_ms, if that is more), and not later than max_time_ms after the call began. A
/// negative max_time_ms sets no such limit. With 0 tries, as it is unless set, there are none.
///
/// Such reasons are all but wrong arguments, a local file's failure, a cancel, the call's own deadline, and a server
/// that refuses a file of which nothing was moved yet. In between the modem is brought back to command mode, and
/// port (nlftp_config_set_port_timeout()), network and FTP connection are opened anew. Each try goes on where the
/// one before ended, so that all holds that nlftp_transfer_options_set_resume() says: an upload needs a source
/// that can seek, a download a path or the descriptor of a plain file.
///
/// Errors: NLFTP_INVALID_ARGUMENT for a delay_ms of 0 and less, and a max_time_ms of 0. Any thread, one at a time;
/// does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_options_set_retry(
    options: *mut nlftp_transfer_options,
    tries: u32,
    delay_ms: i64,
    max_time_ms: i64,
) -> Status {
    set(arg!(options), |options| {
        let mut retry = Retry::new(tries);
        retry.delay = limit("delay_ms", delay_ms)?;
        retry.max_delay = retry.max_delay.max(retry.delay);
        retry.max_time = optional_limit("max_time_ms", max_time_ms)?;
        options.retry = (tries > 0).then_some(retry);
        Ok(())
    })
}

/// Sets whether an upload goes to a temporary name, "NAME.nlftp-part", and is renamed when it is complete and
/// checked: false unless set. NAME never stands for a part of the file then. A server that does not rename to
/// a name that is taken has the file before deleted first. With an offset, and for a download, the transfer is
/// NLFTP_INVALID_ARGUMENT.
///
/// Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_options_set_temporary(
    options: *mut nlftp_transfer_options,
    temporary: bool,
) -> Status {
    set(arg!(options), |options| {
        options.temporary = temporary;
        Ok(())
    })
}

/// Sets how the transfer is checked: NLFTP_VERIFY_SIZE unless set.
///
/// Errors: NLFTP_INVALID_ARGUMENT for a number that is no check. Any thread, one at a time; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_options_set_verify(
    options: *mut nlftp_transfer_options,
    verify: Check,
) -> Status {
    set(arg!(options), |options| {
        options.verify = verify.get("verify")?;
        Ok(())
    })
}

/// Sets how many milliseconds the whole transfer may take, in place of nlftp_config_set_deadline().
/// Negative for that one, as it is unless set.
///
/// Errors: NLFTP_INVALID_ARGUMENT for 0. Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_options_set_deadline(
    options: *mut nlftp_transfer_options,
    deadline_ms: i64,
) -> Status {
    set(arg!(options), |options| {
        options.deadline = optional_limit("deadline_ms", deadline_ms)?;
        Ok(())
    })
}

/// Sets the callback that is told how far the transfer has come; NULL for none, as it is unless set. It
/// runs where the transfer is waited for or dispatched, the last time with all bytes done.
///
/// user_data is handed to it, and has to live until the transfer has ended or was freed. Any thread,
/// one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_transfer_options_set_progress(
    options: *mut nlftp_transfer_options,
    callback: nlftp_progress_callback,
    user_data: *mut c_void,
) -> Status {
    set(arg!(options), |options| {
        options.progress = callback.map(|function| Callback {
            function,
            user_data: UserData(user_data),
        });
        Ok(())
    })
}
