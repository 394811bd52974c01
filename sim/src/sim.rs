//! A running virtual modem with its FTP server, and the texts that C has borrowed from it.

use std::collections::BTreeMap;
use std::ffi::{CString, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use nlftp_vmodem::VirtualModem;
use nlftp_vmodem::server::FtpServer;

use crate::error::{Failure, c_text};
use crate::settings::Settings;

/// One virtual modem. Its texts stay where they are until it is dropped.
pub(crate) struct Running {
    modem: Mutex<Option<Parts>>,
    port: CString,
    host: CString,
    server_port: u16,
    /// Of the embedded FTP server.
    embedded: Option<Login>,
    /// Command lines that were asked for, by their numbers.
    lines: Mutex<BTreeMap<usize, CString>>,
}

/// What runs, in the order in which it is ended.
struct Parts {
    modem: VirtualModem,
    _server: Option<FtpServer>,
}

struct Login {
    user: CString,
    password: CString,
    root: CString,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn path(path: &Path) -> CString {
    c_text(path.as_os_str().as_bytes())
}

impl Running {
    pub(crate) fn start(settings: &Settings) -> Result<Self, Failure> {
        settings.check()?;
        let server = match settings.server() {
            Some(_) => None,
            None => Some(FtpServer::start(settings.embedded()).map_err(|error| {
                Failure::system(format!("cannot start the FTP server: {error}"))
            })?),
        };
        let (host, server_port) = match (settings.server(), &server) {
            (Some(other), _) => (other.host.clone(), other.port),
            (None, Some(server)) => (server.host(), server.port()),
            (None, None) => (String::new(), 0),
        };
        let options = settings.modem(server.as_ref().map(FtpServer::address))?;
        let modem = VirtualModem::start(options)
            .map_err(|error| Failure::system(format!("cannot make a virtual modem: {error}")))?;
        Ok(Self {
            port: path(modem.port()),
            host: c_text(host),
            server_port,
            embedded: server.as_ref().map(|server| Login {
                user: c_text(server.user()),
                password: c_text(server.password()),
                root: path(server.root()),
            }),
            lines: Mutex::default(),
            modem: Mutex::new(Some(Parts {
                modem,
                _server: server,
            })),
        })
    }

    /// Ends the modem, then its server, and waits for both.
    pub(crate) fn stop(&self) {
        let parts = lock(&self.modem).take();
        drop(parts);
    }

    /// Does something with the modem unless another thread has stopped it.
    pub(crate) fn with_modem<T>(&self, act: impl FnOnce(&VirtualModem) -> T) -> Result<T, Failure> {
        match &*lock(&self.modem) {
            Some(parts) => Ok(act(&parts.modem)),
            None => Err(Failure::closed("sim was stopped meanwhile")),
        }
    }

    pub(crate) fn port(&self) -> *const c_char {
        self.port.as_ptr()
    }

    pub(crate) fn host(&self) -> *const c_char {
        self.host.as_ptr()
    }

    pub(crate) fn server_port(&self) -> u16 {
        self.server_port
    }

    fn embedded(&self) -> Result<&Login, Failure> {
        self.embedded.as_ref().ok_or_else(Failure::no_value)
    }

    pub(crate) fn user(&self) -> Result<*const c_char, Failure> {
        Ok(self.embedded()?.user.as_ptr())
    }

    pub(crate) fn password(&self) -> Result<*const c_char, Failure> {
        Ok(self.embedded()?.password.as_ptr())
    }

    pub(crate) fn root(&self) -> Result<*const c_char, Failure> {
        Ok(self.embedded()?.root.as_ptr())
    }

    /// A command line by its number; asked for again, it is the same text.
    pub(crate) fn command(&self, index: usize) -> Result<*const c_char, Failure> {
        if let Some(line) = lock(&self.lines).get(&index) {
            return Ok(line.as_ptr());
        }
        let line = self.with_modem(|modem| modem.sent_line(index))?;
        let line = line.map(c_text).ok_or_else(Failure::no_value)?;
        Ok(lock(&self.lines).entry(index).or_insert(line).as_ptr())
    }
}
