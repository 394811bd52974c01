//! The FTP connection of a modem: every verb as an operation.

use std::os::fd::IntoRawFd;

use nlftp_core::Result;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use rustix::pipe::{PipeFlags, pipe_with};

use crate::callback::Slot;
use crate::detached::Detached;
use crate::error;
use crate::operation::Operation;
use crate::options::Options;
use crate::sink;
use crate::source;
use crate::value::{self, Make};

/// The FTP connection of a modem, open or not. Every start_ method starts an operation.
#[pyclass(module = "nlftp._nlftp", frozen)]
pub(crate) struct Ftp {
    driver: Detached<nlftp_core::Ftp>,
    info: Slot,
}

type Started<T> = Result<nlftp_core::Operation<'static, T>>;

/// An operation of Python's, or its exception.
pub(crate) fn started<T: 'static>(
    py: Python<'_>,
    started: Started<T>,
    make: fn(T) -> Make,
) -> PyResult<Operation> {
    match started {
        Ok(operation) => Ok(Operation::new(operation, make)),
        Err(error) => Err(error::exception(py, &error)),
    }
}

/// A pipe's end to read from, and the one to write to.
fn pipe() -> PyResult<(std::os::fd::OwnedFd, std::os::fd::OwnedFd)> {
    pipe_with(PipeFlags::CLOEXEC)
        .map_err(|error| PyOSError::new_err((error.raw_os_error(), error.to_string())))
}

impl Ftp {
    pub(crate) fn new(driver: nlftp_core::Ftp, info: Slot) -> Ftp {
        Ftp {
            driver: Detached::new(driver),
            info,
        }
    }
}

#[pymethods]
impl Ftp {
    /// Uploads a source as the package classified it.
    // One argument for each that Python gives.
    #[allow(clippy::too_many_arguments)]
    fn start_put(
        &self,
        py: Python<'_>,
        name: &[u8],
        kind: &str,
        source: &Bound<'_, PyAny>,
        size: Option<u64>,
        seekable: bool,
        options: Options,
    ) -> PyResult<Operation> {
        let options = options.read(py)?;
        let put = match source::read(kind, source, size, seekable)? {
            source::Kind::Local(file) => self.driver.start_put_file(file, name, options),
            source::Kind::Here(source) => self.driver.start_put(source, name, options),
        };
        started(py, put, value::transfer)
    }

    /// Downloads into a sink as the package classified it.
    fn start_get(
        &self,
        py: Python<'_>,
        name: &[u8],
        kind: &str,
        sink: &Bound<'_, PyAny>,
        options: Options,
    ) -> PyResult<Operation> {
        let options = options.read(py)?;
        let get = match sink::read(kind, sink)? {
            sink::Kind::Local(file) => self.driver.start_get_file(name, file, options),
            sink::Kind::Here(sink) => self.driver.start_get(name, sink, options),
        };
        started(py, get, value::transfer)
    }

    /// Uploads what is written to a pipe; the operation, and the descriptor to write to, which is the caller's.
    fn start_write(
        &self,
        py: Python<'_>,
        name: &[u8],
        options: Options,
    ) -> PyResult<(Operation, i32)> {
        let options = options.read(py)?;
        let (read, write) = pipe()?;
        let put = self.driver.start_put_file(read, name, options);
        Ok((started(py, put, value::transfer)?, write.into_raw_fd()))
    }

    /// Downloads into a pipe; the operation, and the descriptor to read from, which is the caller's.
    fn start_read(
        &self,
        py: Python<'_>,
        name: &[u8],
        options: Options,
    ) -> PyResult<(Operation, i32)> {
        let options = options.read(py)?;
        let (read, write) = pipe()?;
        let get = self.driver.start_get_file(name, write, options);
        Ok((started(py, get, value::transfer)?, read.into_raw_fd()))
    }

    fn start_cwd(&self, py: Python<'_>, directory: &[u8]) -> PyResult<Operation> {
        started(py, self.driver.start_cwd(directory), value::nothing)
    }

    fn start_cdup(&self) -> Operation {
        Operation::new(self.driver.start_cdup(), value::nothing)
    }

    fn start_pwd(&self) -> Operation {
        Operation::new(self.driver.start_pwd(), value::octets)
    }

    fn start_mkd(&self, py: Python<'_>, directory: &[u8]) -> PyResult<Operation> {
        started(py, self.driver.start_mkd(directory), value::nothing)
    }

    fn start_rmd(&self, py: Python<'_>, directory: &[u8]) -> PyResult<Operation> {
        started(py, self.driver.start_rmd(directory), value::nothing)
    }

    fn start_delete(&self, py: Python<'_>, name: &[u8]) -> PyResult<Operation> {
        started(py, self.driver.start_delete(name), value::nothing)
    }

    fn start_rename(&self, py: Python<'_>, old: &[u8], new: &[u8]) -> PyResult<Operation> {
        started(py, self.driver.start_rename(old, new), value::nothing)
    }

    fn start_list(&self, py: Python<'_>, path: Option<&[u8]>) -> PyResult<Operation> {
        started(py, self.driver.start_list(path), value::entries)
    }

    fn start_stat(&self, py: Python<'_>, path: Option<&[u8]>) -> PyResult<Operation> {
        started(py, self.driver.start_stat(path), value::octet_lines)
    }

    fn start_syst(&self) -> Operation {
        Operation::new(self.driver.start_syst(), value::string)
    }

    fn start_noop(&self) -> Operation {
        Operation::new(self.driver.start_noop(), value::nothing)
    }

    fn start_is_connected(&self) -> Operation {
        Operation::new(self.driver.start_is_connected(), value::boolean)
    }

    /// Reports the lines of the control connection to a callable, or to nobody.
    fn start_on_info(&self, callback: Option<Py<PyAny>>) -> Operation {
        let wanted = callback.is_some();
        self.info.set(callback);
        if !wanted {
            return Operation::new(self.driver.start_remove_info(), value::nothing);
        }
        let slot = self.info.clone();
        let tell = move |line: &str| slot.call(line);
        Operation::new(self.driver.start_on_info(tell), value::nothing)
    }

    fn start_close(&self) -> Operation {
        Operation::new(self.driver.start_close(), value::nothing)
    }
}
