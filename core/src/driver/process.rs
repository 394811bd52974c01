//! Whether this process is a forked copy of the one that opened a modem: the copy has neither its threads nor its locks.

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often this process and its ancestors were forked since the first look.
static FORKS: AtomicU64 = AtomicU64::new(0);

extern "C" fn in_the_child() {
    FORKS.fetch_add(1, Ordering::SeqCst);
}

/// Differs between a process and its forked children. Costs a load.
#[allow(unsafe_code)]
pub(crate) fn generation() -> u64 {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the handler is a plain function that touches one atomic, which is allowed in a forked child. Should
        // the system refuse it, forked copies are not told apart, as without it.
        unsafe {
            libc::pthread_atfork(None, None, Some(in_the_child));
        }
    });
    FORKS.load(Ordering::SeqCst)
}
