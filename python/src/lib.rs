//! The native module `nlftp._nlftp`: operations of the driver, started, followed and cancelled from Python.
//!
//! It is thin: what users see, its checks of arguments and its documentation are the Python package's.

mod callback;
mod detached;
mod error;
mod ftp;
mod log;
mod modem;
mod operation;
mod options;
mod settings;
mod sim;
mod sink;
mod source;
mod value;

use pyo3::prelude::*;

/// The driver of nlftp.
#[pymodule(gil_used = false)]
mod _nlftp {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::callback::in_callback;
    #[pymodule_export]
    use super::error::kinds;
    #[pymodule_export]
    use super::ftp::Ftp;
    #[pymodule_export]
    use super::log::{set_log_level, take_log};
    #[pymodule_export]
    use super::modem::Modem;
    #[pymodule_export]
    use super::operation::Operation;
    #[pymodule_export]
    use super::sim::Sim;

    #[pymodule_export]
    use super::value::parse_listing;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("MAX_NAME", nlftp_core::limits::NAME)?;
        module.add("MAX_STORE_OFFSET", nlftp_core::limits::STORE_OFFSET)?;
        module.add("MAX_RETRIEVE_OFFSET", nlftp_core::limits::RETRIEVE_OFFSET)
    }
}
