//! Where a download is written to, on Python's side.

use std::io::{self, Write};
use std::path::PathBuf;

use nlftp_core::{LocalFile, Sink};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::callback::call_io;
use crate::source::part;

/// What is moved where: by a thread of the modem's, or by the one that waits.
pub(crate) enum Kind {
    Local(LocalFile),
    Here(Sink<'static>),
}

/// A sink as the package classified it.
pub(crate) fn read(kind: &str, object: &Bound<'_, PyAny>) -> PyResult<Kind> {
    match kind {
        "path" => Ok(Kind::Local(object.extract::<PathBuf>()?.into())),
        "buffer" => Ok(Kind::Here(Sink::writer(Buffer {
            size: object.len()?,
            view: object.clone().unbind(),
            at: 0,
        }))),
        "file" | "raw" => Ok(Kind::Here(Sink::writer(FileObject {
            object: object.clone().unbind(),
            raw: kind == "raw",
        }))),
        _ => Err(PyValueError::new_err("there is no such sink")),
    }
}

/// A memoryview of bytes that is filled from its start.
struct Buffer {
    view: Py<PyAny>,
    size: usize,
    at: usize,
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.size - self.at;
        if bytes.len() > left {
            call_io::<()>(|_| {
                Err(PyValueError::new_err(format!(
                    "the sink has room for {} bytes, and the file is longer",
                    self.size
                )))
            })?;
        }
        let end = self.at + bytes.len();
        call_io(|py| part(self.view.bind(py), self.at, end)?.copy_from_slice(py, bytes))?;
        self.at = end;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file object of Python's: anything with `write`.
struct FileObject {
    object: Py<PyAny>,
    /// Raw ones say None where they would block; others may say it where they took everything.
    raw: bool,
}

impl Write for FileObject {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = call_io(|py| {
            let given = PyBytes::new(py, bytes);
            let taken = self.object.bind(py).call_method1("write", (given,))?;
            if taken.is_none() {
                return Ok((!self.raw).then_some(bytes.len()));
            }
            let Ok(count) = taken.extract::<usize>() else {
                return Err(PyTypeError::new_err(format!(
                    "the sink's write() has to give a number or None, not {}",
                    taken.get_type().name()?
                )));
            };
            if count > bytes.len() {
                return Err(PyValueError::new_err(format!(
                    "the sink's write() of {} bytes says that it wrote {count}",
                    bytes.len()
                )));
            }
            Ok(Some(count))
        })?;
        taken.ok_or_else(|| io::ErrorKind::WouldBlock.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        call_io(|py| {
            let object = self.object.bind(py);
            if object.hasattr("flush")? {
                object.call_method0("flush")?;
            }
            Ok(())
        })
    }
}
