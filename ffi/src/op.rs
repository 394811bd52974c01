//! An operation in C: waiting, cancelling, freeing.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::argument::{Arg, arg};
use crate::error::{Failure, Outcome};
use crate::guard::{Scope, guard};
use crate::handle::{self, Opaque, peek};
use crate::operation::Op;
use crate::status::{Status, nlftp_status};

/// An operation that was started. It moves on where it is waited for, or its modem is dispatched; files
/// and descriptors are read and written by a thread of the library's meanwhile. It may be freed before
/// or after its modem.
pub struct nlftp_op {
    _private: [u8; 0],
}

impl Opaque for nlftp_op {
    const NAME: &'static str = "nlftp_op";
    type Body = Arc<Op>;
}

/// The operation that an argument is: not a forked child's copy.
pub(crate) fn of(scope: &Scope, op: Arg<*const nlftp_op>) -> Outcome<Arc<Op>> {
    let found = scope.get(op)?;
    if found.is_forked() {
        return Err(Failure::closed(format!(
            "{} belongs to the process that this one was forked from",
            op.name()
        )));
    }
    Ok(found.clone())
}

/// Blocks until the operation has ended, but no longer than timeout_ms milliseconds; negative for no
/// limit, 0 to do what can be done at once. Callbacks of the operation and of its modem run meanwhile.
/// Other threads may wait for the same operation: all get its status.
///
/// The operation's own status, or NLFTP_PENDING where it has not ended by then. One whose end was told
/// here is not handed out by nlftp_modem_dispatch() any more. In a callback: NLFTP_WOULD_DEADLOCK,
/// unless it has ended. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_op_wait(op: *mut nlftp_op, timeout_ms: i64) -> Status {
    guard(|scope| {
        let op = of(scope, arg!(op).as_const())?;
        op.wait(u64::try_from(timeout_ms).ok().map(Duration::from_millis))
    })
}

/// The operation's own status, or NLFTP_PENDING while it runs. Where it failed, its error becomes the
/// thread's last one. This alone does not move it on.
///
/// NLFTP_CLOSED where the modem was freed before its end. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_op_status(op: *mut nlftp_op) -> Status {
    guard(|scope| of(scope, arg!(op).as_const())?.status())
}

/// Asks the operation to end; nothing happens where it has. It is waited for and handed out as usual,
/// with the status NLFTP_CANCELLED. The module is brought back to command mode behind it, and the next
/// operation waits for that.
///
/// Any thread, and signal handlers: no lock is taken, nothing is allocated, and the last error is left.
/// A handler must not run while the operation is being freed. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_op_cancel(op: *mut nlftp_op) -> Status {
    let status = match peek(arg!(op)) {
        Err(status) => status,
        Ok(handle) if handle.poisoned().load(Ordering::Acquire) => nlftp_status::NLFTP_PANIC,
        Ok(handle) if handle.body().is_forked() => nlftp_status::NLFTP_CLOSED,
        Ok(handle) => {
            handle.body().cancel();
            nlftp_status::NLFTP_OK
        }
    };
    status.into()
}

/// Says that the source or sink of the operation, a callback that answered NLFTP_AGAIN, is ready: it is
/// asked again by the thread that waits for the operation, or else at the next nlftp_modem_dispatch(),
/// for which the descriptor becomes readable.
///
/// Any thread, not signal handlers; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_op_resume(op: *mut nlftp_op) -> Status {
    guard(|scope| {
        of(scope, arg!(op).as_const())?.resume();
        Ok(())
    })
}

/// Frees an operation; one that still runs is cancelled. When this returns, no callback of it runs any
/// more and no buffer of it is touched, but for a callback that this is called in. Its results are
/// freed with it. NULL is nothing, and NLFTP_OK.
///
/// In a callback, while another thread serves this operation: NLFTP_WOULD_DEADLOCK, and nothing is
/// freed. In a forked child only the child's memory is given up. Any thread, while no other waits for
/// it or uses its results; blocks only for a callback of it that runs in another thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_op_free(op: *mut nlftp_op) -> Status {
    guard(|_| {
        let argument = arg!(op);
        if argument.is_null() {
            return Ok(());
        }
        let found = handle::check(argument.as_const())?.body().clone();
        if !found.is_forked() {
            found.abandon()?;
        }
        let Some(kept) = handle::take(argument)? else {
            return Ok(());
        };
        if found.is_forked() {
            // The locks of the copy may be held by threads that are not here.
            kept.leak();
            std::mem::forget(found);
        }
        Ok(())
    })
}

/// Keeps a pointer of the program's with the operation, for nlftp_op_user_data(); NULL unless set. The
/// library never looks at it.
///
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_op_set_user_data(
    op: *mut nlftp_op,
    user_data: *mut c_void,
) -> Status {
    guard(|scope| {
        let op = of(scope, arg!(op).as_const())?;
        op.user_data.store(user_data, Ordering::Release);
        Ok(())
    })
}

/// The pointer that nlftp_op_set_user_data() left.
///
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_op_user_data(
    op: *const nlftp_op,
    user_data: *mut *mut c_void,
) -> Status {
    guard(|scope| {
        let user_data = arg!(user_data).out()?;
        user_data.write(of(scope, arg!(op))?.user_data.load(Ordering::Acquire));
        Ok(())
    })
}
