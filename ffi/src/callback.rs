//! Functions of the program's: their types, and the mark that a thread is inside one.

use std::cell::Cell;
use std::ffi::{c_char, c_void};

use crate::enums::{Level, State};
use crate::error::{Failure, Outcome};
use crate::status::Status;

/// Gets a line that the modem said unasked, or that of an FTPINFO report, without its end; valid during
/// the call.
pub type nlftp_urc_callback =
    Option<unsafe extern "C" fn(line: *const c_char, user_data: *mut c_void)>;

/// Gets each state that a modem enters.
pub type nlftp_state_callback = Option<unsafe extern "C" fn(state: State, user_data: *mut c_void)>;

/// Gets how far a transfer has come: bytes moved, bytes to move (-1 where that is not known), and bytes
/// a second since it was started. The last call has done == total.
pub type nlftp_progress_callback =
    Option<unsafe extern "C" fn(done: u64, total: i64, rate: f64, user_data: *mut c_void)>;

/// Gets a message, which begins with the path of the port that it is about; valid during the call. The
/// only callback that may run on a thread of the library's, and on several at once. Messages that come
/// of what it does are dropped.
pub type nlftp_log_callback =
    Option<unsafe extern "C" fn(level: Level, message: *const c_char, user_data: *mut c_void)>;

/// Fills a buffer with at most size bytes of an upload and says in *count how many they are. *count is
/// 0 before it is called; NLFTP_OK with 0 is the end of the file, and it is not asked again.
///
/// NLFTP_AGAIN: nothing right now. It is asked again at nlftp_op_resume(), at the next
/// nlftp_modem_dispatch(), and every 10 ms in a call that waits. NLFTP_CANCELLED ends the transfer with
/// that status, any other status with NLFTP_LOCAL_FILE, and more bytes than size with
/// NLFTP_INVALID_ARGUMENT.
pub type nlftp_read_callback = Option<
    unsafe extern "C" fn(
        buffer: *mut c_void,
        size: usize,
        count: *mut usize,
        user_data: *mut c_void,
    ) -> Status,
>;

/// Takes size bytes of a download and says in *count how many of them it took, 0 before it is called.
/// It is given the rest at once; NLFTP_OK with 0, or NLFTP_AGAIN, says that there is no room right now:
/// as for nlftp_read_callback, as are all other statuses.
pub type nlftp_write_callback = Option<
    unsafe extern "C" fn(
        data: *const c_void,
        size: usize,
        count: *mut usize,
        user_data: *mut c_void,
    ) -> Status,
>;

/// Goes to an offset from the start of an upload's source, from where it is read on. Any status but
/// NLFTP_OK is that of nlftp_read_callback; NLFTP_AGAIN is NLFTP_LOCAL_FILE, too, as a seek is never
/// asked again.
pub type nlftp_seek_callback =
    Option<unsafe extern "C" fn(offset: u64, user_data: *mut c_void) -> Status>;

/// What the program gets back with each of its callbacks. The library never looks at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UserData(pub(crate) *mut c_void);

#[allow(unsafe_code)]
// SAFETY: it is handed on to the program's own functions and never followed here; on which threads these run is said in
// the header.
unsafe impl Send for UserData {}
#[allow(unsafe_code)]
// SAFETY: as above.
unsafe impl Sync for UserData {}

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Whether this thread is inside a callback, where waiting would wait for itself.
pub(crate) fn is_inside() -> bool {
    DEPTH.get() > 0
}

/// Refuses what would wait.
pub(crate) fn may_wait() -> Outcome {
    if is_inside() {
        return Err(Failure::would_deadlock(
            "waiting inside a callback would wait for itself: start the operation there, and wait for it outside",
        ));
    }
    Ok(())
}

/// Runs a callback.
pub(crate) fn inside<T>(callback: impl FnOnce() -> T) -> T {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            DEPTH.set(DEPTH.get() - 1);
        }
    }
    DEPTH.set(DEPTH.get() + 1);
    let _leave = Leave;
    // The driver has to know it too: it runs no callbacks in this one.
    nlftp_core::in_callback(callback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_refused_inside_alone() {
        assert!(may_wait().is_ok());
        inside(|| {
            inside(|| assert!(is_inside()));
            assert_eq!(may_wait().unwrap_err().status as i32, 12);
            std::thread::spawn(|| assert!(!is_inside())).join().unwrap();
        });
        assert!(!is_inside());
    }
}
