//! A virtual modem and its FTP server that run as one, for the bindings in other languages.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::server::FtpServer;
use crate::settings::SimulatorSettings;
use crate::virtual_modem::VirtualModem;

/// A running virtual modem with its FTP server. Dropping it stops both, unless in a process that was forked off: there
/// it is known to be another's, and left alone.
#[derive(Debug)]
pub struct Simulator {
    parts: Mutex<Option<Parts>>,
    /// The process whose threads run it.
    process: u32,
    port: PathBuf,
    host: String,
    server_port: u16,
    embedded: Option<Embedded>,
}

/// What runs, in the order in which it is ended.
struct Parts {
    modem: VirtualModem,
    _server: Option<FtpServer>,
}

/// What is known of the embedded FTP server.
struct Embedded {
    user: String,
    password: String,
    root: PathBuf,
}

/// Why a simulator cannot be started or used.
#[derive(Debug)]
pub enum SimulatorError {
    /// There is no such option, its value cannot be, or two of them exclude each other.
    Option(String),
    /// The system did not give what the text names.
    System(String, io::Error),
    /// A line to say is not one line.
    Line,
    /// It was stopped, or belongs to the process that forked this one.
    Stopped,
}

impl Simulator {
    /// Starts both; a program can use them as soon as this returns.
    ///
    /// # Errors
    /// Two options exclude each other, or the system lacks something.
    pub fn start(settings: &SimulatorSettings) -> Result<Self, SimulatorError> {
        settings.check()?;
        let server = match settings.server() {
            Some(_) => None,
            None => Some(FtpServer::start(settings.embedded()).map_err(|error| {
                SimulatorError::System("cannot start the FTP server".into(), error)
            })?),
        };
        let (host, server_port) = match (settings.server(), &server) {
            (Some(other), _) => (other.host.clone(), other.port),
            (None, Some(server)) => (server.host(), server.port()),
            (None, None) => (String::new(), 0),
        };
        let options = settings.modem(server.as_ref().map(FtpServer::address))?;
        let modem = VirtualModem::start(options).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => SimulatorError::Option(error.to_string()),
            _ => SimulatorError::System("cannot make a virtual modem".into(), error),
        })?;
        Ok(Self {
            process: std::process::id(),
            port: modem.port().to_owned(),
            host,
            server_port,
            embedded: server.as_ref().map(|server| Embedded {
                user: server.user().to_owned(),
                password: server.password().to_owned(),
                root: server.root().to_owned(),
            }),
            parts: Mutex::new(Some(Parts {
                modem,
                _server: server,
            })),
        })
    }

    /// The port to open: the link if one was asked for, else the pseudo-terminal itself.
    pub fn port(&self) -> &Path {
        &self.port
    }

    /// The host of the FTP server, to be named to the modem.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The control port of the FTP server.
    pub fn server_port(&self) -> u16 {
        self.server_port
    }

    /// The user who can log in; None where the server is not the embedded one.
    pub fn user(&self) -> Option<&str> {
        self.embedded.as_ref().map(|server| &*server.user)
    }

    /// The user's password; None where the server is not the embedded one.
    pub fn password(&self) -> Option<&str> {
        self.embedded.as_ref().map(|server| &*server.password)
    }

    /// The folder that is served; None where the server is not the embedded one.
    pub fn root(&self) -> Option<&Path> {
        self.embedded.as_ref().map(|server| &*server.root)
    }

    /// Makes the modem say a line that nobody asked for, as [`VirtualModem::send_urc`] does.
    ///
    /// # Errors
    /// The line is empty or not one line, or the simulator was stopped.
    pub fn send_urc(&self, line: &[u8]) -> Result<(), SimulatorError> {
        if line.is_empty() || line.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            return Err(SimulatorError::Line);
        }
        self.with_modem(|modem| modem.send_urc(line))
    }

    /// Makes the modem a device that never answers, or lets it speak again.
    ///
    /// # Errors
    /// The simulator was stopped.
    pub fn set_silent(&self, silent: bool) -> Result<(), SimulatorError> {
        self.with_modem(|modem| modem.set_silent(silent))
    }

    /// Takes the port away, as unplugging does. The FTP server goes on.
    ///
    /// # Errors
    /// The simulator was stopped.
    pub fn hang_up(&self) -> Result<(), SimulatorError> {
        self.with_modem(VirtualModem::hang_up)
    }

    /// How many command lines the modem got so far.
    ///
    /// # Errors
    /// The simulator was stopped.
    pub fn command_count(&self) -> Result<usize, SimulatorError> {
        self.with_modem(VirtualModem::sent_count)
    }

    /// The command line with this number, counted from 0, as it was sent; None if it has not come, or is not kept any
    /// more.
    ///
    /// # Errors
    /// The simulator was stopped.
    pub fn command(&self, index: usize) -> Result<Option<Vec<u8>>, SimulatorError> {
        self.with_modem(|modem| modem.sent_line(index))
    }

    /// All command lines that are kept, oldest first, as they were sent.
    ///
    /// # Errors
    /// The simulator was stopped.
    pub fn commands(&self) -> Result<Vec<Vec<u8>>, SimulatorError> {
        self.with_modem(|modem| {
            let mut lines = Vec::new();
            let mut index = modem.sent_count();
            while let Some(line) = index
                .checked_sub(1)
                .and_then(|index| modem.sent_line(index))
            {
                lines.push(line);
                index -= 1;
            }
            lines.reverse();
            lines
        })
    }

    /// Ends the modem, then its server, and waits for both; a temporary folder is gone. Stopping twice does nothing,
    /// and the second call does not wait for the first one.
    pub fn stop(&self) {
        if self.is_own() {
            // The lock is given back first: other threads are told that it stops, and do not wait.
            let parts = self.lock().take();
            drop(parts);
        }
    }

    /// Whether it runs in this process. In a forked child the lock may be held by a thread that the child does not have,
    /// and the sockets are the parent's too.
    fn is_own(&self) -> bool {
        self.process == std::process::id()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Parts>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_modem<T>(&self, act: impl FnOnce(&VirtualModem) -> T) -> Result<T, SimulatorError> {
        if !self.is_own() {
            return Err(SimulatorError::Stopped);
        }
        match &*self.lock() {
            Some(parts) => Ok(act(&parts.modem)),
            None => Err(SimulatorError::Stopped),
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if !self.is_own() {
            let parts = self.parts.get_mut().unwrap_or_else(PoisonError::into_inner);
            std::mem::forget(parts.take());
        }
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// Without the password.
impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded")
            .field("user", &self.user)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for SimulatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(text) => f.write_str(text),
            Self::System(text, error) => write!(f, "{text}: {error}"),
            Self::Line => f.write_str("line has to be one line without its end, and not empty"),
            Self::Stopped => f.write_str("sim was stopped meanwhile"),
        }
    }
}

impl std::error::Error for SimulatorError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::System(_, error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_knows_its_server_and_ends_with_it() {
        let simulator = Simulator::start(&SimulatorSettings::default()).unwrap();
        let root = simulator.root().unwrap().to_owned();
        assert!(root.is_dir() && simulator.port().exists());
        assert_eq!(
            (simulator.user(), simulator.host()),
            (Some("nlftp"), "127.0.0.1")
        );
        assert_eq!(simulator.commands().unwrap(), Vec::<Vec<u8>>::new());
        simulator.stop();
        simulator.stop();
        assert!(matches!(simulator.hang_up(), Err(SimulatorError::Stopped)));
        assert!(matches!(simulator.commands(), Err(SimulatorError::Stopped)));
        // The folder goes with the server; what the texts were can still be asked.
        assert!(!root.exists());
        assert_eq!(simulator.root(), Some(&*root));
    }

    #[test]
    fn another_server_stands_in_place_of_the_embedded_one() {
        let mut settings = SimulatorSettings::default();
        settings.set("server", "127.0.0.1:2121").unwrap();
        let simulator = Simulator::start(&settings).unwrap();
        assert_eq!(
            (simulator.host(), simulator.server_port()),
            ("127.0.0.1", 2121)
        );
        assert_eq!(
            (simulator.user(), simulator.password(), simulator.root()),
            (None, None, None)
        );
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        let mut settings = SimulatorSettings::default();
        settings.add_tls_root(b"nothing of the kind".to_vec());
        let error = Simulator::start(&settings).unwrap_err();
        assert!(matches!(&error, SimulatorError::Option(_)), "{error}");
        assert!(error.to_string().contains("certificate"), "{error}");
    }

    #[test]
    fn what_is_said_is_one_line() {
        let simulator = Simulator::start(&SimulatorSettings::default()).unwrap();
        for bad in [&b""[..], b"RING\r", b"a\nb"] {
            assert!(matches!(simulator.send_urc(bad), Err(SimulatorError::Line)));
        }
        simulator.send_urc(b"RING").unwrap();
    }

    #[test]
    fn what_the_system_lacks_is_named() {
        let mut settings = SimulatorSettings::default();
        settings.set("root", "/dev/null/folder").unwrap();
        let error = Simulator::start(&settings).unwrap_err();
        assert!(matches!(&error, SimulatorError::System(..)));
        let said = error.to_string();
        assert!(said.starts_with("cannot start the FTP server: "), "{said}");
    }
}
