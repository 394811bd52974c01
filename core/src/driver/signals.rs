//! The program's signals: kept off the library's threads, and not sent to the program by what the library writes.

// The signal mask of a thread has no safe interface.
#![allow(unsafe_code)]

use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::thread::{Builder, JoinHandle};

use libc::{c_int, sigset_t};
use rustix::io::Errno;

/// What a fault of the thread itself raises: blocked, it would end the process without its handlers.
const FAULTS: [c_int; 6] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGTRAP,
    libc::SIGSYS,
];

/// Starts a thread that handles none of the program's signals: they go to the threads that expect them.
pub(crate) fn spawn(
    name: &str,
    body: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    // The new thread begins with the mask of this one.
    let _blocked = Blocked::new(&all_but_faults());
    Builder::new().name(name.into()).spawn(body)
}

/// Writes to what may be a pipe or socket whose reader has gone: the error says so, and no SIGPIPE comes of it.
pub(crate) fn without_sigpipe(
    write: impl FnOnce() -> Result<usize, Errno>,
) -> Result<usize, Errno> {
    let pipe = only(libc::SIGPIPE);
    let _blocked = Blocked::new(&pipe);
    // One that waits already is the program's own.
    let own = !is_pending(libc::SIGPIPE);
    let written = write();
    if own && written == Err(Errno::PIPE) {
        take(&pipe);
    }
    written
}

/// Blocks signals on this thread until it is dropped.
struct Blocked {
    before: sigset_t,
}

impl Blocked {
    fn new(signals: &sigset_t) -> Blocked {
        let mut before = none();
        // SAFETY: two sets that live until it returns. It fails for another first argument alone.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, signals, &mut before) };
        Blocked { before }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        // SAFETY: a set that lives until it returns, and no place for the one before.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, ptr::null_mut()) };
    }
}

fn none() -> sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: it makes the whole set, and does not fail.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        set.assume_init()
    }
}

fn only(signal: c_int) -> sigset_t {
    let mut set = none();
    // SAFETY: a set that was made, and a number of a signal.
    unsafe { libc::sigaddset(&mut set, signal) };
    set
}

fn all_but_faults() -> sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: it makes the whole set, and does not fail.
    let mut set = unsafe {
        libc::sigfillset(set.as_mut_ptr());
        set.assume_init()
    };
    for fault in FAULTS {
        // SAFETY: a set that was made, and a number of a signal.
        unsafe { libc::sigdelset(&mut set, fault) };
    }
    set
}

/// Whether it waits for this thread, or for the process.
fn is_pending(signal: c_int) -> bool {
    let mut pending = none();
    // SAFETY: a place for a set, which is then made; a number of a signal.
    unsafe {
        libc::sigpending(&mut pending);
        libc::sigismember(&pending, signal) == 1
    }
}

/// Takes a signal of the set that waits; nothing where none does.
fn take(signals: &sigset_t) {
    let at_once = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: a set and a time that live until it returns, and no place for what is known of the signal.
    while unsafe { libc::sigtimedwait(signals, ptr::null_mut(), &at_once) } == -1
        && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
    {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    fn broken_pipe() -> Result<usize, Errno> {
        let (reads, writes) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).unwrap();
        drop(reads);
        without_sigpipe(|| rustix::io::write(&writes, b"x"))
    }

    fn is_blocked(signal: c_int) -> bool {
        let now = Blocked::new(&none());
        // SAFETY: a set that was made, and a number of a signal.
        unsafe { libc::sigismember(&now.before, signal) == 1 }
    }

    /// In a process of its own, as the test framework's one ignores the signal.
    #[test]
    fn a_reader_that_has_gone_is_an_error_and_no_signal() {
        // SAFETY: the default of a signal; the process runs this test alone, or others that raise none.
        let before = unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        assert_eq!(broken_pipe(), Err(Errno::PIPE));
        assert!(!is_blocked(libc::SIGPIPE) && !is_pending(libc::SIGPIPE));
        // Where the program blocks it, none is left, and one of the program's stays.
        let pipe = only(libc::SIGPIPE);
        let blocked = Blocked::new(&pipe);
        assert_eq!(broken_pipe(), Err(Errno::PIPE));
        assert!(is_blocked(libc::SIGPIPE) && !is_pending(libc::SIGPIPE));
        // SAFETY: a number of a signal, which is blocked here.
        unsafe { libc::raise(libc::SIGPIPE) };
        assert_eq!(broken_pipe(), Err(Errno::PIPE));
        assert!(is_pending(libc::SIGPIPE));
        take(&pipe);
        assert!(!is_pending(libc::SIGPIPE));
        drop(blocked);
        // SAFETY: what was there before.
        unsafe { libc::signal(libc::SIGPIPE, before) };
    }

    #[test]
    fn a_thread_of_the_library_blocks_what_is_not_its_own_fault() {
        let (tell, told) = channel();
        let thread = spawn("nlftp-test", move || {
            let blocked = [libc::SIGINT, libc::SIGPIPE, libc::SIGALRM, libc::SIGSEGV];
            tell.send(blocked.map(is_blocked)).unwrap();
        });
        assert_eq!(told.recv().unwrap(), [true, true, true, false]);
        thread.unwrap().join().unwrap();
        assert!(!is_blocked(libc::SIGINT), "this thread is as it was");
    }
}
