//! The manual's examples, read from the file of cases that the driver's test reads too, and what is around each of them.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test program uses its part"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nlftp_vmodem::server::{FtpServer, ServerOptions, ServerTls, TlsStart};
use nlftp_vmodem::{Dialect, ModemConfig, Options, TlsOptions, VirtualModem};

use super::certificates::Authority;

/// Where the examples' server is.
const HOST: &str = "111.231.250.105";
const USER: &str = "db";

/// What happens next in a case.
pub enum Step {
    /// A line is typed.
    Line(String),
    /// Bytes are typed.
    Bytes(Vec<u8>),
    /// A line is answered.
    Answer(String),
}

pub struct Case {
    pub name: String,
    pub dialect: Dialect,
    pub given: Vec<String>,
    pub steps: Vec<Step>,
    pub then: Vec<String>,
    /// What the driver's test asks for.
    pub calls: usize,
}

/// The file of cases.
pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/cases/manual.cases")
}

pub fn all() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in fs::read_to_string(path()).unwrap().lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if word == "==" {
            cases.push(Case {
                name: rest.into(),
                dialect: Dialect::default(),
                given: Vec::new(),
                steps: Vec::new(),
                then: Vec::new(),
                calls: 0,
            });
            continue;
        }
        let case = cases.last_mut().unwrap();
        match word {
            "dialect:" => case.dialect = rest.parse().unwrap(),
            "given:" => case.given.push(rest.into()),
            "$" => case.steps.push(Step::Line(rest.into())),
            "$$" => case.steps.push(Step::Bytes(unescaped(rest))),
            "=" => case.steps.push(Step::Answer(rest.into())),
            "then:" => case.then.push(rest.into()),
            "call:" => case.calls += 1,
            "ok:" => {}
            _ => panic!("{}: {line}", case.name),
        }
    }
    cases
}

/// Bytes as the file writes them.
pub fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, later)) = rest.split_first() {
        rest = later;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let (&kind, later) = rest.split_first().unwrap();
        rest = later;
        bytes.push(match kind {
            b'r' => b'\r',
            b'n' => b'\n',
            b'\\' => b'\\',
            b'x' => {
                let (digits, later) = rest.split_at(2);
                rest = later;
                u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap()
            }
            _ => panic!("{text}"),
        });
    }
    bytes
}

/// Whether a line is the answer that an example shows.
pub fn agrees(shown: &str, found: &str) -> bool {
    match (entry(shown), entry(found)) {
        (Some(shown), Some(found)) => shown == found,
        _ => shown == found,
    }
}

/// Permissions, size and name of a listing's entry.
fn entry(line: &str) -> Option<[String; 3]> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [mode, _, _, _, size, _, _, _, name @ ..] = fields.as_slice() else {
        return None;
    };
    (mode.len() == 10).then(|| [(*mode).into(), (*size).into(), name.join(" ")])
}

/// The modem and the server of one case.
pub struct Stage {
    pub modem: VirtualModem,
    pub server: FtpServer,
    authority: Authority,
}

impl Stage {
    /// Everything that is given, but for login and working directory: those are typed.
    pub fn new(case: &Case) -> Self {
        let authority = Authority::new();
        let has = |word: &str| case.given.iter().any(|given| given == word);
        let issued = authority.issue(HOST);
        let server = FtpServer::start(ServerOptions {
            user: USER.into(),
            password: USER.into(),
            tls: has("tls").then(|| ServerTls {
                start: TlsStart::Implicit,
                certificate: issued.certificate.into_bytes(),
                key: issued.key.into_bytes(),
                ..ServerTls::default()
            }),
            ..ServerOptions::default()
        })
        .unwrap();
        for given in &case.given {
            match given.split_once(' ') {
                Some(("directory", path)) => fs::create_dir(server.root().join(path)).unwrap(),
                Some(("file", file)) => {
                    let (path, content) = file.split_once('=').unwrap();
                    let path = server.root().join(path);
                    fs::write(&path, unescaped(content)).unwrap();
                    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
                }
                Some(("cwd", _)) => {}
                None if ["detached", "tls", "login"].contains(&given.as_str()) => {}
                _ => panic!("{}: {given}", case.name),
            }
        }
        let modem = VirtualModem::start(Options {
            modem: ModemConfig {
                dialect: case.dialect.clone(),
                attached: !has("detached"),
                ..ModemConfig::default()
            },
            route: Some(server.address()),
            tls: TlsOptions {
                roots: vec![authority.root()],
                ..TlsOptions::default()
            },
            ..Options::default()
        })
        .unwrap();
        Self {
            modem,
            server,
            authority,
        }
    }

    /// Compares the server's folder with what the case says of it.
    pub fn check(&self, case: &Case) {
        for then in &case.then {
            let (word, rest) = then.split_once(' ').unwrap();
            let (path, content) = rest.split_once('=').unwrap_or((rest, ""));
            let path = self.server.root().join(path);
            let good = match word {
                "file" => fs::read(&path).is_ok_and(|found| found == unescaped(content)),
                "directory" => path.is_dir(),
                "none" => !path.exists(),
                _ => panic!("{}: {then}", case.name),
            };
            assert!(good, "{}: {then}", case.name);
        }
    }
}

/// The lines that make a login and go to the working directory, with the outcome of each.
pub fn preparation(case: &Case) -> Vec<(String, String)> {
    case.given
        .iter()
        .filter_map(|given| match given.split_once(' ') {
            None if given == "login" => Some((
                format!("AT+FTPOPEN=\"{HOST}\",\"{USER}\",\"{USER}\""),
                "+FTPOPEN: 1".into(),
            )),
            Some(("cwd", path)) => Some((format!("AT+FTPCWD=\"{path}\""), "+FTPCWD: 1".into())),
            _ => None,
        })
        .collect()
}
