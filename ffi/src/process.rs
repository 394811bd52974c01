//! Statics that a forked child has anew: the locks of its copy may be held by threads that it does not have.

// The statics are reached through an atomic pointer.
#![allow(unsafe_code)]

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The number of this process. Async-signal-safe.
pub(crate) fn current() -> u32 {
    std::process::id()
}

/// One value a process, made when it is first asked for.
pub(crate) struct PerProcess<T>(AtomicPtr<Of<T>>);

struct Of<T> {
    process: u32,
    value: T,
    /// The value of the process that this one was forked from: left as it is, and kept in reach of leak checkers.
    #[cfg_attr(
        not(debug_assertions),
        allow(dead_code, reason = "it is there to be found")
    )]
    parent: *mut Of<T>,
}

impl<T: Default + Sync> PerProcess<T> {
    pub(crate) const fn new() -> PerProcess<T> {
        PerProcess(AtomicPtr::new(ptr::null_mut()))
    }

    /// This process's value.
    pub(crate) fn get(&self) -> &T {
        let process = current();
        let mut found = self.0.load(Ordering::Acquire);
        loop {
            // SAFETY: NULL, or one of those below, which are never freed.
            if let Some(of) = unsafe { found.as_ref() }
                && of.process == process
            {
                return &of.value;
            }
            let own = Box::into_raw(Box::new(Of {
                process,
                value: T::default(),
                parent: found,
            }));
            match self
                .0
                .compare_exchange(found, own, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => found = own,
                Err(other) => {
                    // SAFETY: from `into_raw` above, and nobody else has seen it.
                    drop(unsafe { Box::from_raw(own) });
                    found = other;
                }
            }
        }
    }

    /// This process's value if it has one, and it was not made just for the question.
    pub(crate) fn find(&self) -> Option<&T> {
        // SAFETY: as in `get`.
        let of = unsafe { self.0.load(Ordering::Acquire).as_ref() }?;
        (of.process == current()).then_some(&of.value)
    }

    /// Whether a process that this one was forked from had a value.
    #[cfg(debug_assertions)]
    pub(crate) fn is_inherited(&self) -> bool {
        // SAFETY: as in `get`.
        let of = unsafe { self.0.load(Ordering::Acquire).as_ref() };
        of.is_some_and(|of| of.process != current() || !of.parent.is_null())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn a_value_is_made_once() {
        static VALUE: PerProcess<Mutex<u32>> = PerProcess::new();
        assert!(VALUE.find().is_none());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| *VALUE.get().lock().unwrap() += 1);
            }
        });
        assert_eq!(*VALUE.get().lock().unwrap(), 8);
        assert!(VALUE.find().is_some());
    }
}
