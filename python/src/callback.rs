//! Python code that is called in the middle of an operation, and what it raised.

use std::cell::{Cell, RefCell};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;

thread_local! {
    /// What Python code raised on this thread inside a call of the driver's, for that call to raise.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside a callback, where waiting would wait for itself.
#[pyfunction]
pub(crate) fn in_callback() -> bool {
    INSIDE.get()
}

/// What was raised on this thread since the last time.
pub(crate) fn take_raised() -> Option<PyErr> {
    RAISED.take()
}

/// Runs Python code; what it raises is kept for the call that led here. `None` also where something was raised before,
/// and where the interpreter is about to end.
pub(crate) fn call<T>(code: impl FnOnce(Python<'_>) -> PyResult<T>) -> Option<T> {
    struct Leave(bool);
    impl Drop for Leave {
        fn drop(&mut self) {
            INSIDE.set(self.0);
        }
    }
    if RAISED.with_borrow(Option::is_some) {
        return None;
    }
    let _leave = Leave(INSIDE.replace(true));
    match Python::try_attach(code)? {
        Ok(value) => Some(value),
        Err(error) => {
            RAISED.set(Some(error));
            None
        }
    }
}

/// The same for readers and writers. The error is never seen: what was raised stands before it.
pub(crate) fn call_io<T>(code: impl FnOnce(Python<'_>) -> PyResult<T>) -> io::Result<T> {
    call(code).ok_or_else(|| io::Error::other("the program's own code raised an exception"))
}

/// A callback that can be replaced while it may run. The object is never let go of under a lock.
#[derive(Clone, Default)]
pub(crate) struct Slot(Arc<Mutex<Option<Py<PyAny>>>>);

impl Slot {
    pub(crate) fn set(&self, callback: Option<Py<PyAny>>) {
        let before = std::mem::replace(&mut *self.lock(), callback);
        drop(before);
    }

    /// Calls it with a text, if it is there.
    pub(crate) fn call(&self, text: &str) {
        call(|py| {
            let callback = self.lock().as_ref().map(|callback| callback.clone_ref(py));
            if let Some(callback) = callback {
                callback.call1(py, (text,))?;
            }
            Ok(())
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Py<PyAny>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
