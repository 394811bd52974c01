//! What an upload is read from, on Python's side.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

use nlftp_core::{LocalFile, Source};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PySlice;

use crate::callback::call_io;

/// What is moved where: by a thread of the modem's, or by the one that waits.
pub(crate) enum Kind {
    Local(LocalFile),
    Here(Source<'static>),
}

/// A source as the package classified it; size and whether it seeks are those of files.
pub(crate) fn read(
    kind: &str,
    object: &Bound<'_, PyAny>,
    size: Option<u64>,
    seekable: bool,
) -> PyResult<Kind> {
    Ok(match kind {
        "path" => Kind::Local(object.extract::<PathBuf>()?.into()),
        "bytes" => {
            let bytes = object.extract::<PyBackedBytes>()?;
            let size = bytes.len() as u64;
            Kind::Here(Source::seekable(io::Cursor::new(bytes), Some(size)))
        }
        "buffer" => {
            let size = object.len()?;
            let reader = Buffer {
                view: object.clone().unbind(),
                size,
                at: 0,
            };
            Kind::Here(Source::seekable(reader, Some(size as u64)))
        }
        "file" => {
            let start = match seekable {
                true => object.call_method0("tell")?.extract()?,
                false => 0,
            };
            let reader = FileObject {
                object: object.clone().unbind(),
                start,
            };
            Kind::Here(match (seekable, size) {
                (true, size) => Source::seekable(reader, size),
                (false, Some(size)) => Source::sized(reader, size),
                (false, None) => Source::reader(reader),
            })
        }
        _ => return Err(PyValueError::new_err("there is no such source")),
    })
}

/// A place in something, moved.
fn sought(size: u64, at: u64, to: SeekFrom) -> io::Result<u64> {
    let (from, by) = match to {
        SeekFrom::Start(to) => return Ok(to),
        SeekFrom::End(by) => (size, by),
        SeekFrom::Current(by) => (at, by),
    };
    from.checked_add_signed(by)
        .ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// A memoryview of bytes. What stands in it is copied once, into the driver's buffer.
struct Buffer {
    view: Py<PyAny>,
    size: usize,
    at: usize,
}

impl Read for Buffer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.size.min(self.at.saturating_add(buffer.len()));
        let count = end.saturating_sub(self.at);
        if count > 0 {
            call_io(|py| {
                let part = part(self.view.bind(py), self.at, end)?;
                part.copy_to_slice(py, &mut buffer[..count])
            })?;
            self.at = end;
        }
        Ok(count)
    }
}

impl Seek for Buffer {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = sought(self.size as u64, self.at as u64, to)?;
        self.at = usize::try_from(to).unwrap_or(usize::MAX);
        Ok(to)
    }
}

/// A part of a memoryview.
pub(crate) fn part(view: &Bound<'_, PyAny>, from: usize, to: usize) -> PyResult<PyBuffer<u8>> {
    let (from, to) = (isize::try_from(from)?, isize::try_from(to)?);
    PyBuffer::get(&view.get_item(PySlice::new(view.py(), from, to, 1))?)
}

/// A file object of Python's: anything with `read`.
struct FileObject {
    object: Py<PyAny>,
    /// Where the upload's first byte stands in it.
    start: u64,
}

impl Read for FileObject {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = call_io(|py| {
            let object = self.object.bind(py);
            let read = object.call_method1("read", (buffer.len(),))?;
            if read.is_none() {
                return Ok(None);
            }
            let Ok(bytes) = read.extract::<PyBackedBytes>() else {
                return Err(PyTypeError::new_err(format!(
                    "the source's read() has to give bytes, not {}",
                    read.get_type().name()?
                )));
            };
            if bytes.len() > buffer.len() {
                return Err(PyValueError::new_err(format!(
                    "the source's read({}) gave {} bytes",
                    buffer.len(),
                    bytes.len()
                )));
            }
            buffer[..bytes.len()].copy_from_slice(&bytes);
            Ok(Some(bytes.len()))
        })?;
        read.ok_or_else(|| io::ErrorKind::WouldBlock.into())
    }
}

impl Seek for FileObject {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // The driver counts from where the upload begins.
        let (to, whence) = match to {
            SeekFrom::Start(to) => (self.start.saturating_add(to).cast_signed(), 0),
            SeekFrom::Current(by) => (by, 1),
            SeekFrom::End(by) => (by, 2),
        };
        let at: u64 = call_io(|py| {
            let at = self.object.bind(py).call_method1("seek", (to, whence))?;
            at.extract()
        })?;
        Ok(at.saturating_sub(self.start))
    }
}
