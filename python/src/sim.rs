//! A virtual modem with its FTP server; `nlftp.sim` has what users see of it.

use std::ffi::OsStr;
use std::time::Duration;

use nlftp_core::ErrorKind;
use nlftp_vmodem::{Failure, Simulator, SimulatorError, SimulatorSettings};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use crate::detached::Detached;
use crate::error;
use crate::value;

/// As much as the option can say in milliseconds.
const LONGEST_TURNAROUND: Duration = Duration::from_secs(4_294_967);

/// A virtual modem that runs from its making until stop(), or until it goes.
#[pyclass(module = "nlftp._nlftp", frozen)]
pub(crate) struct Sim {
    simulator: Detached<Simulator>,
}

#[pymethods]
impl Sim {
    /// Options by their names, with the octets of their values; of those with a type of their own what is set.
    #[new]
    fn new(
        py: Python<'_>,
        options: Vec<(String, PyBackedBytes)>,
        turnaround: f64,
        failures: Vec<(String, u16)>,
        cut_after: Option<u64>,
        tls_ca: Option<PyBackedBytes>,
    ) -> PyResult<Sim> {
        let mut settings = SimulatorSettings::default();
        for (name, octets) in &options {
            settings
                .set(name, octets)
                .map_err(|error| exception(py, error))?;
        }
        let time = Duration::try_from_secs_f64(turnaround).ok();
        let time = time.filter(|time| *time <= LONGEST_TURNAROUND);
        let time =
            time.ok_or_else(|| invalid(py, "turnaround has to be from 0 to 4294967 seconds"))?;
        settings.set_turnaround(time);
        for (command, code) in failures {
            settings.add_failure(Failure::new(command, code));
        }
        if let Some(bytes) = cut_after {
            settings.set_cut_after(bytes);
        }
        if let Some(authorities) = tls_ca {
            settings.add_tls_root(authorities.to_vec());
        }
        let simulator = py
            .detach(|| Simulator::start(&settings))
            .map_err(|error| exception(py, error))?;
        Ok(Sim {
            simulator: Detached::new(simulator),
        })
    }

    #[getter]
    fn port(&self) -> &OsStr {
        self.simulator.port().as_os_str()
    }

    #[getter]
    fn host(&self) -> &str {
        self.simulator.host()
    }

    #[getter]
    fn server_port(&self) -> u16 {
        self.simulator.server_port()
    }

    #[getter]
    fn user(&self) -> Option<&str> {
        self.simulator.user()
    }

    #[getter]
    fn password(&self) -> Option<&str> {
        self.simulator.password()
    }

    #[getter]
    fn root(&self) -> Option<&OsStr> {
        self.simulator.root().map(AsRef::as_ref)
    }

    fn send_urc(&self, py: Python<'_>, line: PyBackedBytes) -> PyResult<()> {
        self.act(py, |simulator| simulator.send_urc(&line))
    }

    fn set_silent(&self, py: Python<'_>, silent: bool) -> PyResult<()> {
        self.act(py, |simulator| simulator.set_silent(silent))
    }

    fn hang_up(&self, py: Python<'_>) -> PyResult<()> {
        self.act(py, Simulator::hang_up)
    }

    /// The command lines that the modem got, as they were sent; the last few thousand.
    fn commands(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let lines = self.act(py, Simulator::commands)?;
        value::octet_lines(lines)(py)
    }

    /// Stops the modem and its server, and waits for their threads.
    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.simulator.stop());
    }
}

impl Sim {
    fn act<T: Send>(
        &self,
        py: Python<'_>,
        act: impl FnOnce(&Simulator) -> Result<T, SimulatorError> + Send,
    ) -> PyResult<T> {
        py.detach(|| act(&self.simulator))
            .map_err(|error| exception(py, error))
    }
}

fn invalid(py: Python<'_>, text: &str) -> PyErr {
    error::plain(py, ErrorKind::InvalidArgument, text)
}

fn exception(py: Python<'_>, error: SimulatorError) -> PyErr {
    match &error {
        SimulatorError::Option(text) => invalid(py, &in_python(text)),
        SimulatorError::Line => invalid(py, &error.to_string()),
        SimulatorError::Stopped => error::plain(
            py,
            ErrorKind::Closed,
            "the virtual modem was closed, or belongs to another process",
        ),
        SimulatorError::System(_, cause) => match cause.raw_os_error() {
            Some(number) => PyOSError::new_err((number, error.to_string())),
            None => std::io::Error::new(cause.kind(), error.to_string()).into(),
        },
    }
}

/// The options' names as they are spelled in Python.
fn in_python(text: &str) -> String {
    let dashed = ["cut-after", "apn-password", "apn-user"];
    dashed.iter().fold(text.to_owned(), |text, name| {
        text.replace(name, &name.replace('-', "_"))
    })
}
