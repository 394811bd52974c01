//! Options by name, as `nlftp sim` of the command line has them.

use std::ffi::OsStr;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use nlftp_vmodem::server::ServerOptions;
use nlftp_vmodem::{ApnLogin, Dialect, Dtr, ModemConfig, Options};

use crate::error::Failure;

/// What a virtual modem is started with.
#[derive(Clone, Default)]
pub(crate) struct Settings {
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
}

/// An FTP server in place of the embedded one.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// A name, and what its value does; the error says what it should have been.
type Setting = (&'static str, fn(&mut Settings, &[u8]) -> Result<(), String>);

const SETTINGS: [Setting; 12] = [
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

impl Settings {
    pub(crate) fn set(&mut self, name: &[u8], value: &[u8]) -> Result<(), Failure> {
        let Some((name, set)) = SETTINGS.iter().find(|(known, _)| known.as_bytes() == name) else {
            let names: Vec<&str> = SETTINGS.iter().map(|(name, _)| *name).collect();
            return Err(Failure::invalid(format!(
                "there is no option {:?}, but these: {}",
                String::from_utf8_lossy(name),
                names.join(", ")
            )));
        };
        // Without the value: it may be a password.
        set(self, value).map_err(|error| Failure::invalid(format!("{name} {error}")))
    }

    /// Whether options were set of which each is right and both together are not.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let embedded = [
            ("root", self.root.is_some()),
            ("user", self.user.is_some()),
            ("password", self.password.is_some()),
        ];
        match embedded.iter().find(|(_, set)| *set) {
            Some((name, _)) if self.server.is_some() => {
                return Err(Failure::invalid(format!(
                    "{name} is of the embedded FTP server, which is left out where server is set"
                )));
            }
            _ => {}
        }
        if self.apn_password.is_some() && self.apn_user.is_none() {
            return Err(Failure::invalid(
                "apn-password is set, but no apn-user to whom it belongs",
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
            ..ServerOptions::default()
        }
    }

    /// How the modem is started, given the embedded server's address.
    pub(crate) fn modem(&self, embedded: Option<SocketAddr>) -> Result<Options, Failure> {
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
                ..ModemConfig::default()
            },
            link: self.link.clone(),
            baud: self.baud,
            route: self.server.as_ref().map(Server::resolve).transpose()?,
            // Programs name the server that they will meet in the field.
            stand_in: embedded,
            ..Options::default()
        })
    }
}

impl Server {
    fn resolve(&self) -> Result<SocketAddr, Failure> {
        let host = self.host.as_str();
        let failed =
            |error: io::Error| Failure::system(format!("cannot resolve server {host}: {error}"));
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
        let set = Settings::default().set(name.as_bytes(), value.as_bytes());
        set.unwrap_err().text
    }

    #[test]
    fn every_option_reaches_the_modem_or_the_server() {
        let mut settings = Settings::default();
        for (name, value) in [
            ("link", "/tmp/port"),
            ("root", "/tmp/files"),
            ("user", "someone"),
            ("password", "something"),
            ("apn-user", "sub"),
            ("apn-password", "scriber"),
            ("baud", "9600"),
            ("turnaround", "15"),
            ("dtr", "absent"),
            ("detached", "true"),
            ("dialect", "colon=tight,retr_end_mark=false"),
        ] {
            settings.set(name.as_bytes(), value.as_bytes()).unwrap();
        }
        settings.check().unwrap();
        let server = settings.embedded();
        assert_eq!(server.root, Some("/tmp/files".into()));
        assert_eq!((&*server.user, &*server.password), ("someone", "something"));
        let address = SocketAddr::from(([127, 0, 0, 1], 99));
        let options = settings.modem(Some(address)).unwrap();
        assert_eq!(options.link, Some("/tmp/port".into()));
        assert_eq!((options.baud, options.route), (Some(9600), None));
        assert_eq!(options.stand_in, Some(address));
        let modem = options.modem;
        assert_eq!(modem.turnaround, Duration::from_millis(15));
        assert_eq!((modem.dtr, modem.attached), (Dtr::Absent, false));
        assert_eq!(modem.dialect.to_string(), "colon=tight,retr_end_mark=false");
        let login = modem.apn_login.unwrap();
        assert_eq!((&*login.user, &*login.password), ("sub", "scriber"));
    }

    #[test]
    fn a_server_is_a_host_and_a_port() {
        let mut settings = Settings::default();
        settings.set(b"server", b"[::1]:2121").unwrap();
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
        let set = Settings::default().set(b"password", b"\xff");
        assert_eq!(set.unwrap_err().text, "password has to be UTF-8");
    }

    #[test]
    fn options_that_exclude_each_other_are_found() {
        for name in ["root", "user", "password"] {
            let mut settings = Settings::default();
            settings.set(b"server", b"localhost:21").unwrap();
            settings.set(name.as_bytes(), b"x").unwrap();
            assert!(settings.check().unwrap_err().text.starts_with(name));
        }
        let mut settings = Settings::default();
        settings.set(b"apn-password", b"x").unwrap();
        assert!(settings.check().is_err());
    }
}
