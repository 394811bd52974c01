//! A running virtual modem with the texts that C has borrowed from it.

use std::collections::BTreeMap;
use std::ffi::{CString, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use nlftp_vmodem::Simulator;

use crate::error::{Failure, c_text};

/// One virtual modem. Its texts stay where they are until it is dropped.
pub(crate) struct Running {
    simulator: Simulator,
    port: CString,
    host: CString,
    user: Option<CString>,
    password: Option<CString>,
    root: Option<CString>,
    /// Command lines that were asked for, by their numbers.
    lines: Mutex<BTreeMap<usize, CString>>,
}

fn path(path: &Path) -> CString {
    c_text(path.as_os_str().as_bytes())
}

fn borrowed(text: &Option<CString>) -> Result<*const c_char, Failure> {
    text.as_ref()
        .map(|text| text.as_ptr())
        .ok_or_else(Failure::no_value)
}

impl Running {
    pub(crate) fn new(simulator: Simulator) -> Self {
        Self {
            port: path(simulator.port()),
            host: c_text(simulator.host()),
            user: simulator.user().map(c_text),
            password: simulator.password().map(c_text),
            root: simulator.root().map(path),
            lines: Mutex::default(),
            simulator,
        }
    }

    pub(crate) fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    pub(crate) fn port(&self) -> *const c_char {
        self.port.as_ptr()
    }

    pub(crate) fn host(&self) -> *const c_char {
        self.host.as_ptr()
    }

    pub(crate) fn user(&self) -> Result<*const c_char, Failure> {
        borrowed(&self.user)
    }

    pub(crate) fn password(&self) -> Result<*const c_char, Failure> {
        borrowed(&self.password)
    }

    pub(crate) fn root(&self) -> Result<*const c_char, Failure> {
        borrowed(&self.root)
    }

    /// A command line by its number; asked for again, it is the same text.
    pub(crate) fn command(&self, index: usize) -> Result<*const c_char, Failure> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(&index) {
            return Ok(line.as_ptr());
        }
        let line = self.simulator.command(index)?;
        let line = line.map(c_text).ok_or_else(Failure::no_value)?;
        Ok(lines.entry(index).or_insert(line).as_ptr())
    }
}
