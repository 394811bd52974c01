//! Values whose end may take its time: the interpreter is let go of meanwhile.

use std::ops::{Deref, DerefMut};

use pyo3::Python;

/// The last user of a modem closes it when it goes, for up to 10 seconds.
pub(crate) struct Detached<T: Send>(Option<T>);

impl<T: Send> Detached<T> {
    pub(crate) fn new(value: T) -> Detached<T> {
        Detached(Some(value))
    }
}

impl<T: Send> Deref for Detached<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // It is there until it is dropped.
        self.0.as_ref().unwrap_or_else(|| unreachable!())
    }
}

impl<T: Send> DerefMut for Detached<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().unwrap_or_else(|| unreachable!())
    }
}

impl<T: Send> Drop for Detached<T> {
    fn drop(&mut self) {
        let mut value = self.0.take();
        Python::try_attach(|py| py.detach(|| drop(value.take())));
    }
}
