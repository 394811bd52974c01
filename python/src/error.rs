//! The driver's errors as the package's exceptions.

use nlftp_core::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// The exception that an error is; `nlftp._errors` has the classes.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    let details = (
        error.code(),
        error.text(),
        error.transferred(),
        error.left_behind(),
        error.raw_os_error(),
    );
    make(py, error.kind(), &error.to_string(), details)
}

/// An exception without details.
pub(crate) fn plain(py: Python<'_>, kind: ErrorKind, message: &str) -> PyErr {
    make(py, kind, message, (None, None, None, None, None))
}

type Details<'a> = (
    Option<u32>,
    Option<&'a str>,
    Option<u64>,
    Option<&'a str>,
    Option<i32>,
);

fn make(py: Python<'_>, kind: ErrorKind, message: &str, details: Details<'_>) -> PyErr {
    let made = MAKE
        .get_or_try_init(py, || {
            Ok::<_, PyErr>(py.import("nlftp._errors")?.getattr("make")?.unbind())
        })
        .and_then(|make| {
            let (code, text, transferred, left_behind, errno) = details;
            let arguments = (
                kind.name(),
                message,
                code,
                text,
                transferred,
                left_behind,
                errno,
            );
            make.bind(py).call1(arguments)
        });
    match made {
        Ok(exception) => PyErr::from_value(exception),
        // Something else went wrong on the way, such as memory.
        Err(error) => error,
    }
}

/// The names of all kinds of errors with their exit statuses.
#[pyfunction]
pub(crate) fn kinds() -> Vec<(&'static str, u8)> {
    ErrorKind::all()
        .map(|kind| (kind.name(), kind.exit_status()))
        .collect()
}
