//! What a simulator is started with: options by name, as `nlftp sim` of the command line has them.

use std::ffi::OsStr;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::server::{Farewell, ServerOptions};
use crate::simulator::SimulatorError;
use crate::{ApnLogin, Dialect, Dtr, Failure, LineFaults, ModemConfig, Options, TlsOptions};

/// The options of a [`Simulator`](crate::Simulator). Bindings hand them through as texts, so that all of them have the
/// same ones with the same checks.
///
/// ```
/// use nlftp_vmodem::SimulatorSettings;
///
/// let mut settings = SimulatorSettings::default();
/// settings.set("dtr", "absent")?;
/// let error = settings.set("dtr", "broken").unwrap_err();
/// assert_eq!(error.to_string(), "dtr has to be present, ignored or absent");
/// # Ok::<(), nlftp_vmodem::SimulatorError>(())
/// ```
#[derive(Clone, Default)]
pub struct SimulatorSettings {
    link: Option<PathBuf>,
    root: Option<PathBuf>,
    server: Option<Server>,
    user: Option<String>,
    password: Option<String>,
    apn_user: Option<String>,
    apn_password: Option<String>,
    baud: Option<u32>,
    turnaround: Duration,
    dtr: Dtr,
    detached: bool,
    dialect: Dialect,
    failures: Vec<Failure>,
    cut_after: Option<u64>,
    tls_roots: Vec<Vec<u8>>,
    faults: LineFaults,
}

/// An FTP server in place of the embedded one.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// A name, and what its value does; the error says what it should have been.
type Setting = (
    &'static str,
    fn(&mut SimulatorSettings, &[u8]) -> Result<(), String>,
);

const SETTINGS: [Setting; 13] = [
    ("link", |settings, value| {
        path(value).map(|path| settings.link = Some(path))
    }),
    ("root", |settings, value| {
        path(value).map(|path| settings.root = Some(path))
    }),
    ("server", |settings, value| {
        server(value).map(|server| settings.server = Some(server))
    }),
    ("user", |settings, value| {
        text(value).map(|text| settings.user = Some(text))
    }),
    ("password", |settings, value| {
        text(value).map(|text| settings.password = Some(text))
    }),
    ("apn-user", |settings, value| {
        text(value).map(|text| settings.apn_user = Some(text))
    }),
    ("apn-password", |settings, value| {
        text(value).map(|text| settings.apn_password = Some(text))
    }),
    ("baud", |settings, value| {
        let rate = number(value, "a number of bits per second above 0")?;
        if rate == 0 {
            return Err("has to be above 0".into());
        }
        settings.baud = Some(rate);
        Ok(())
    }),
    ("turnaround", |settings, value| {
        let time: u32 = number(value, "a number of milliseconds")?;
        settings.turnaround = Duration::from_millis(time.into());
        Ok(())
    }),
    ("dtr", |settings, value| {
        settings.dtr = match value {
            b"present" => Dtr::Present,
            b"ignored" => Dtr::Ignored,
            b"absent" => Dtr::Absent,
            _ => return Err("has to be present, ignored or absent".into()),
        };
        Ok(())
    }),
    ("detached", |settings, value| {
        settings.detached = match value {
            b"true" => true,
            b"false" => false,
            _ => return Err("has to be true or false".into()),
        };
        Ok(())
    }),
    ("dialect", |settings, value| {
        settings.dialect = text(value)?
            .parse()
            .map_err(|error| format!("is none: {error}"))?;
        Ok(())
    }),
    ("faults", |settings, value| {
        settings.faults = text(value)?
            .parse()
            .map_err(|error| format!("cannot be: {error}"))?;
        Ok(())
    }),
];

fn text(value: &[u8]) -> Result<String, String> {
    String::from_utf8(value.to_vec()).map_err(|_| "has to be UTF-8".into())
}

fn path(value: &[u8]) -> Result<PathBuf, String> {
    if value.is_empty() {
        return Err("is empty: give a path".into());
    }
    Ok(OsStr::from_bytes(value).into())
}

/// Digits and nothing else: no sign, no blank.
fn number<T: FromStr>(value: &[u8], what: &str) -> Result<T, String> {
    let digits = value.iter().all(u8::is_ascii_digit);
    let text = str::from_utf8(value).ok().filter(|_| digits);
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("has to be {what}"))
}

fn server(value: &[u8]) -> Result<Server, String> {
    let wrong = || String::from("has to be HOST:PORT, such as ftp.example.com:21");
    let text = text(value)?;
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    // An IPv6 address stands in brackets before a port, and without them elsewhere.
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    match number(port.as_bytes(), "") {
        Ok(port) if port > 0 && !host.is_empty() => Ok(Server {
            host: host.to_owned(),
            port,
        }),
        _ => Err(wrong()),
    }
}

impl SimulatorSettings {
    /// Sets an option by its name; what was set before is replaced.
    ///
    /// # Errors
    /// [`SimulatorError::Option`]: there is no such option, or the value cannot be; nothing was changed.
    pub fn set(
        &mut self,
        name: impl AsRef<[u8]>,
        value: impl AsRef<[u8]>,
    ) -> Result<(), SimulatorError> {
        let name = name.as_ref();
        let Some((name, set)) = SETTINGS.iter().find(|(known, _)| known.as_bytes() == name) else {
            let names: Vec<&str> = Self::names().collect();
            return Err(SimulatorError::Option(format!(
                "there is no option {:?}, but these: {}",
                String::from_utf8_lossy(name),
                names.join(", ")
            )));
        };
        // Without the value: it may be a password.
        set(self, value.as_ref()).map_err(|error| SimulatorError::Option(format!("{name} {error}")))
    }

    /// The names of all options.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SETTINGS.iter().map(|(name, _)| *name)
    }

    /// Sets the time before a command is answered, finer than the option `turnaround` can.
    pub fn set_turnaround(&mut self, time: Duration) {
        self.turnaround = time;
    }

    /// Adds a command that fails once.
    pub fn add_failure(&mut self, failure: Failure) {
        self.failures.push(failure);
    }

    /// Makes the embedded server end the connection in each transfer once so many bytes of it have passed.
    pub fn set_cut_after(&mut self, bytes: u64) {
        self.cut_after = Some(bytes);
    }

    /// Adds certificate authorities that the module trusts under FTPS: a PEM text, or a DER certificate.
    pub fn add_tls_root(&mut self, root: Vec<u8>) {
        self.tls_roots.push(root);
    }

    /// Whether options were set of which each is right and both together are not.
    pub(crate) fn check(&self) -> Result<(), SimulatorError> {
        let embedded = [
            ("root", self.root.is_some()),
            ("user", self.user.is_some()),
            ("password", self.password.is_some()),
            ("cut-after", self.cut_after.is_some()),
        ];
        match embedded.iter().find(|(_, set)| *set) {
            Some((name, _)) if self.server.is_some() => {
                return Err(SimulatorError::Option(format!(
                    "{name} is of the embedded FTP server, which is left out where server is set"
                )));
            }
            _ => {}
        }
        if self.apn_password.is_some() && self.apn_user.is_none() {
            return Err(SimulatorError::Option(
                "apn-password is set, but no apn-user to whom it belongs".into(),
            ));
        }
        Ok(())
    }

    /// The server that stands for all others, if not the embedded one.
    pub(crate) fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// How the embedded server is started.
    pub(crate) fn embedded(&self) -> ServerOptions {
        let plain = ServerOptions::default();
        ServerOptions {
            root: self.root.clone(),
            user: self.user.clone().unwrap_or(plain.user),
            password: self.password.clone().unwrap_or(plain.password),
            farewell: self.cut_after.map(Farewell::InTransfer),
            ..ServerOptions::default()
        }
    }

    /// How the modem is started, given the embedded server's address.
    pub(crate) fn modem(&self, embedded: Option<SocketAddr>) -> Result<Options, SimulatorError> {
        let apn_login = self.apn_user.as_ref().map(|user| ApnLogin {
            user: user.clone(),
            password: self.apn_password.clone().unwrap_or_default(),
        });
        Ok(Options {
            modem: ModemConfig {
                attached: !self.detached,
                turnaround: self.turnaround,
                dtr: self.dtr,
                dialect: self.dialect.clone(),
                apn_login,
                failures: self.failures.clone(),
                ..ModemConfig::default()
            },
            link: self.link.clone(),
            baud: self.baud,
            route: self.server.as_ref().map(Server::resolve).transpose()?,
            // Programs name the server that they will meet in the field.
            stand_in: embedded,
            tls: TlsOptions {
                roots: self.tls_roots.clone(),
                ..TlsOptions::default()
            },
            faults: self.faults,
            ..Options::default()
        })
    }
}

impl Server {
    fn resolve(&self) -> Result<SocketAddr, SimulatorError> {
        let host = self.host.as_str();
        let failed = |error: io::Error| {
            SimulatorError::System(format!("cannot resolve server {host}"), error)
        };
        let mut found = (host, self.port).to_socket_addrs().map_err(failed)?;
        found
            .next()
            .ok_or_else(|| failed(io::ErrorKind::NotFound.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(name: &str, value: &str) -> String {
        let set = SimulatorSettings::default().set(name, value);
        set.unwrap_err().to_string()
    }

    #[test]
    fn every_option_reaches_the_modem_or_the_server() {
        let mut settings = SimulatorSettings::default();
        for (name, value) in [
            ("link", "/tmp/port"),
            ("root", "/tmp/files"),
            ("user", "someone"),
            ("password", "something"),
            ("apn-user", "sub"),
            ("apn-password", "scriber"),
            ("baud", "9600"),
            ("dtr", "absent"),
            ("detached", "true"),
            ("dialect", "colon=tight,retr_end_mark=false"),
        ] {
            settings.set(name, value).unwrap();
        }
        settings.set_turnaround(Duration::from_micros(1500));
        settings.add_failure(Failure::new("FTPCWD", 628));
        settings.set_cut_after(1000);
        settings.add_tls_root(b"PEM".to_vec());
        settings.check().unwrap();
        let server = settings.embedded();
        assert_eq!(server.farewell, Some(Farewell::InTransfer(1000)));
        assert_eq!(server.root, Some("/tmp/files".into()));
        assert_eq!((&*server.user, &*server.password), ("someone", "something"));
        let address = SocketAddr::from(([127, 0, 0, 1], 99));
        let options = settings.modem(Some(address)).unwrap();
        assert_eq!(options.link, Some("/tmp/port".into()));
        assert_eq!((options.baud, options.route), (Some(9600), None));
        assert_eq!(options.stand_in, Some(address));
        assert_eq!(options.tls.roots, [b"PEM"]);
        let modem = options.modem;
        assert_eq!(modem.turnaround, Duration::from_micros(1500));
        assert_eq!(modem.failures, [Failure::new("FTPCWD", 628)]);
        assert_eq!((modem.dtr, modem.attached), (Dtr::Absent, false));
        assert_eq!(modem.dialect.to_string(), "colon=tight,retr_end_mark=false");
        let login = modem.apn_login.unwrap();
        assert_eq!((&*login.user, &*login.password), ("sub", "scriber"));
    }

    #[test]
    fn turnaround_is_in_milliseconds() {
        let mut settings = SimulatorSettings::default();
        settings.set("turnaround", "15").unwrap();
        let modem = settings.modem(None).unwrap().modem;
        assert_eq!(modem.turnaround, Duration::from_millis(15));
    }

    #[test]
    fn a_server_is_a_host_and_a_port() {
        let mut settings = SimulatorSettings::default();
        settings.set("server", "[::1]:2121").unwrap();
        let server = settings.server().unwrap();
        assert_eq!((&*server.host, server.port), ("::1", 2121));
        let route = settings.modem(None).unwrap().route;
        assert_eq!(route, Some("[::1]:2121".parse().unwrap()));
        for bad in [
            "",
            "host",
            "host:",
            ":21",
            "host:0",
            "host:65536",
            "host:+21",
        ] {
            assert!(error("server", bad).contains("HOST:PORT"), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let unknown = error("colour", "red");
        assert!(
            unknown.starts_with("there is no option \"colour\", but these: link, root"),
            "{unknown}"
        );
        assert_eq!(
            error("dtr", "Present"),
            "dtr has to be present, ignored or absent"
        );
        assert_eq!(error("detached", ""), "detached has to be true or false");
        assert_eq!(error("baud", "0"), "baud has to be above 0");
        for bad in ["", "-1", "+1", " 1", "4294967296", "x"] {
            assert_eq!(
                error("baud", bad),
                "baud has to be a number of bits per second above 0"
            );
            assert_eq!(
                error("turnaround", bad),
                "turnaround has to be a number of milliseconds"
            );
        }
        assert!(error("dialect", "colon=loose").contains("colon cannot be \"loose\""));
        assert_eq!(error("root", ""), "root is empty: give a path");
        let set = SimulatorSettings::default().set("password", b"\xff");
        assert_eq!(set.unwrap_err().to_string(), "password has to be UTF-8");
    }

    #[test]
    fn options_that_exclude_each_other_are_found() {
        for name in ["root", "user", "password"] {
            let mut settings = SimulatorSettings::default();
            settings.set("server", "localhost:21").unwrap();
            settings.set(name, "x").unwrap();
            assert!(settings.check().unwrap_err().to_string().starts_with(name));
        }
        let mut settings = SimulatorSettings::default();
        settings.set("apn-password", "x").unwrap();
        assert!(settings.check().is_err());
    }
}
