//! A modem: its port, its commands, its callbacks.

use std::os::fd::AsRawFd;
use std::path::PathBuf;

use nlftp_core::{Canceller, Login, PdpContext, Secret};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use crate::callback::{self, Slot};
use crate::detached::Detached;
use crate::error;
use crate::ftp::{Ftp, started};
use crate::log;
use crate::operation::Operation;
use crate::settings::Settings;
use crate::value;

/// A modem on a serial port. Every start_ method starts an operation.
#[pyclass(module = "nlftp._nlftp", frozen)]
pub(crate) struct Modem {
    driver: Detached<nlftp_core::Modem>,
    canceller: Canceller,
    urc: Slot,
    state: Slot,
    info: Slot,
}

/// Whom to log in as, and where.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct LoginArguments {
    host: String,
    user: PyBackedBytes,
    password: PyBackedBytes,
    port: Option<u16>,
    tls: bool,
    account: Option<PyBackedBytes>,
    passive: bool,
    source_control_port: u16,
    source_data_port: u16,
}

#[pymethods]
impl Modem {
    #[new]
    fn new(py: Python<'_>, port: PathBuf, settings: Settings) -> PyResult<Modem> {
        let config = settings.config(py)?;
        let driver =
            nlftp_core::Modem::new(port, config).map_err(|error| error::exception(py, &error))?;
        Ok(Modem {
            canceller: driver.canceller(),
            driver: Detached::new(driver),
            urc: Slot::default(),
            state: Slot::default(),
            info: Slot::default(),
        })
    }

    /// Opens the port, or opens it anew once it was lost.
    fn start_open(&self) -> Operation {
        Operation::new(self.driver.start_open(), value::nothing)
    }

    /// Closes the FTP connection and the port.
    fn start_close(&self) -> Operation {
        Operation::new(self.driver.start_close(), value::nothing)
    }

    /// Closes at once, which takes at most 10 seconds; nothing happens where that was done before.
    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.driver.stop());
    }

    fn start_command(&self, py: Python<'_>, line: &[u8]) -> PyResult<Operation> {
        started(py, self.driver.start_command(line), value::lines)
    }

    fn start_attach(
        &self,
        py: Python<'_>,
        apn: String,
        user: Option<String>,
        password: &[u8],
    ) -> PyResult<Operation> {
        let mut context = PdpContext::new(apn);
        if let Some(user) = user {
            context = context.with_login(user, password);
        }
        started(py, self.driver.start_attach(context), value::string)
    }

    fn start_detach(&self) -> Operation {
        Operation::new(self.driver.start_detach(), value::nothing)
    }

    fn start_info(&self) -> Operation {
        Operation::new(self.driver.start_info(), value::info)
    }

    fn start_set_ftp_limit(&self, py: Python<'_>, period: u32) -> PyResult<Operation> {
        started(py, self.driver.start_set_ftp_limit(period), value::nothing)
    }

    /// Opens the FTP connection, which connection() gives.
    fn start_ftp(&self, py: Python<'_>, login: LoginArguments) -> PyResult<Operation> {
        let mut given = Login::new(login.host, login.user, login.password);
        given.port = login.port;
        given.tls = login.tls;
        given.account = login.account.map(Secret::new);
        given.passive = login.passive;
        given.source_control_port = login.source_control_port;
        given.source_data_port = login.source_data_port;
        started(py, self.driver.start_ftp(&given), value::nothing)
    }

    /// The one FTP connection, open or not.
    fn connection(&self) -> Ftp {
        Ftp::new(self.driver.connection(), self.info.clone())
    }

    /// The name of the state that it is in.
    fn state(&self) -> &'static str {
        self.driver.state().name()
    }

    /// What opening the port found that the user should know.
    fn warnings(&self) -> Vec<String> {
        self.driver.warnings()
    }

    /// Cancels whichever operation runs, from any thread.
    fn cancel(&self) {
        self.canceller.cancel();
    }

    /// Calls a callable with each unsolicited line, or nobody.
    fn on_urc(&self, callback: Option<Py<PyAny>>) {
        let wanted = callback.is_some();
        self.urc.set(callback);
        let slot = self.urc.clone();
        match wanted {
            true => self.driver.on_urc(move |line| slot.call(line)),
            false => self.driver.remove_urc(),
        }
    }

    /// Calls a callable with the name of each state that it enters, or nobody.
    fn on_state(&self, callback: Option<Py<PyAny>>) {
        let wanted = callback.is_some();
        self.state.set(callback);
        let slot = self.state.clone();
        match wanted {
            true => (self.driver).on_state(move |state| slot.call(state.name())),
            false => self.driver.remove_state(),
        }
    }

    /// The descriptor that is readable while dispatch() or the poll() of an operation has work.
    fn fileno(&self, py: Python<'_>) -> PyResult<i32> {
        match self.driver.notify_fd() {
            Ok(descriptor) => Ok(descriptor.as_raw_fd()),
            Err(error) => Err(error::exception(py, &error)),
        }
    }

    /// Runs the callbacks for what the modem said unasked. Never blocks.
    fn dispatch(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.driver.dispatch());
        if let Some(raised) = callback::take_raised() {
            return Err(raised);
        }
        log::deliver(py)
    }

    /// Makes the descriptor readable, for whoever could not do all that there was to do.
    fn renotify(&self) {
        self.driver.renotify();
    }
}
