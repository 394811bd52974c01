//! Behind a session no copy of its secrets is left in the process: neither in what is in use nor in what was given back.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use nlftp_core::{Config, ErrorKind, Login, Modem, PdpContext, Result, Secret};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// What each octet of a secret is masked with where it stands in this program.
const MASK: u8 = 0xA5;
const LENGTH: usize = 48;

/// A secret that is in memory in masked form alone: the search must not find its own needle.
#[derive(Clone, Copy)]
struct Masked([u8; LENGTH]);

impl Masked {
    fn new(seed: u8) -> Masked {
        let mut octets = [0; LENGTH];
        for (place, octet) in octets.iter_mut().enumerate() {
            // Letters in no order that anything else has.
            let letter = (place * place * 7 + place * 3 + usize::from(seed)) % 26;
            *octet = (b'a' + letter as u8) ^ MASK;
        }
        Masked(octets)
    }

    fn plain(self) -> Zeroizing<Vec<u8>> {
        let mut plain = Zeroizing::new(Vec::with_capacity(LENGTH));
        plain.extend(self.0.iter().map(|octet| octet ^ MASK));
        plain
    }

    /// How often a third of it stands in the process's memory: what is given back loses its first octets.
    fn copies(self) -> Vec<String> {
        let mut found = Vec::new();
        let mut memory = File::open("/proc/self/mem").unwrap();
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let mut piece = vec![0_u8; 1 << 20];
        for line in maps.lines() {
            let mut fields = line.split_whitespace();
            let (range, mode) = (fields.next().unwrap(), fields.next().unwrap());
            if !mode.starts_with("rw") {
                continue;
            }
            let name = fields.nth(3).unwrap_or("memory");
            let (start, end) = range.split_once('-').unwrap();
            let at = |text| u64::from_str_radix(text, 16).unwrap();
            let (mut start, end) = (at(start), at(end));
            while start < end {
                let count = usize::try_from(end - start).unwrap().min(piece.len());
                memory.seek(SeekFrom::Start(start)).unwrap();
                // What cannot be read, such as a guard page, holds nothing.
                if memory.read_exact(&mut piece[..count]).is_ok() {
                    for (place, part) in self.0.chunks_exact(LENGTH / 3).enumerate() {
                        let hits = piece[..count]
                            .windows(part.len())
                            .filter(|window| window.iter().zip(part).all(|(a, b)| *a == *b ^ MASK))
                            .count();
                        if hits > 0 {
                            found.push(format!("{hits} of part {place} in {name} at {start:x}"));
                        }
                    }
                }
                // A secret may stand across the border.
                let step = if count == piece.len() {
                    count - LENGTH
                } else {
                    count
                };
                start += step as u64;
            }
            // What was read here is not to be found where this lies.
            piece.fill(0);
        }
        found
    }
}

/// A modem that keeps no command line. It echoes, if it is told to, octet by octet.
struct EchoModem {
    path: PathBuf,
    _host: File,
}

impl EchoModem {
    fn start(echo: bool, outcome: u8) -> EchoModem {
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let path = PathBuf::from(ptsname(&master, Vec::new()).unwrap().to_str().unwrap());
        let host = File::options().read(true).write(true).open(&path).unwrap();
        let mut termios = tcgetattr(&host).unwrap();
        termios.make_raw();
        tcsetattr(&host, OptionalActions::Now, &termios).unwrap();
        let mut line = File::from(master);
        std::thread::spawn(move || {
            // The start of a line is no secret.
            let (mut start, mut length, mut byte) = ([0; 14], 0, [0]);
            let mut last = 0;
            while line.read_exact(&mut byte).is_ok() {
                if echo {
                    line.write_all(&byte).unwrap();
                }
                if byte[0] != b'\r' {
                    if let Some(place) = start.get_mut(length) {
                        *place = byte[0];
                    }
                    (length, last) = (length + 1, byte[0]);
                    continue;
                }
                let command = String::from_utf8_lossy(&start[..length.min(start.len())]);
                let body = command.strip_prefix("AT+").unwrap_or_default();
                let name = body.split(['=', '?']).next().unwrap_or_default();
                let answer = match (name, last) {
                    ("", _) => "\r\nOK\r\n".to_owned(),
                    ("MIPCALL", b'?') => "\r\n+MIPCALL: 1,10.0.0.1\r\n\r\nOK\r\n".to_owned(),
                    (name, b'?') => format!("\r\n+{name}: 0\r\n\r\nOK\r\n"),
                    ("FTPOPEN", _) => format!("\r\nOK\r\n\r\n+FTPOPEN: {outcome}\r\n"),
                    ("FTPCLOSE" | "FTPNOOP" | "FTPCWD", _) => {
                        format!("\r\nOK\r\n\r\n+{name}: 1\r\n")
                    }
                    _ => "\r\nOK\r\n".to_owned(),
                };
                line.write_all(answer.as_bytes()).unwrap();
                (length, last) = (0, 0);
            }
        });
        EchoModem { path, _host: host }
    }
}

static ALONE: Mutex<()> = Mutex::new(());

/// What is left of a session's secrets in memory.
#[derive(Debug, PartialEq)]
struct Left {
    login: Vec<String>,
    access: Vec<String>,
}

/// A session with all secrets there are.
fn left_by(echo: bool, outcome: u8, work: fn(Modem, Result<nlftp_core::Ftp>)) -> Left {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let secrets = [1, 2, 3].map(Masked::new);
    let [password, account, access] = secrets;
    assert_eq!(
        password.copies(),
        Vec::<String>::new(),
        "before anything was done"
    );
    // The search finds what there is.
    let there = password.plain();
    assert!(!password.copies().is_empty());
    drop(there);
    assert_eq!(password.copies(), Vec::<String>::new(), "wiped");

    let echoing = EchoModem::start(echo, outcome);
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.trace = Some(folder.path().join("trace"));
    let modem = Modem::open(&echoing.path, config).unwrap();
    modem
        .attach(PdpContext::new("apn").with_login("user", &*access.plain()))
        .unwrap();
    let mut login = Login::new("ftp.example.com", "user", &*password.plain());
    login.account = Some(Secret::new(&*account.plain()));
    let ftp = modem.ftp(&login);
    drop(login);
    work(modem, ftp);
    // The file's pages are the kernel's, but its reader's would be this process's.
    for secret in secrets {
        let trace = Zeroizing::new(fs::read(folder.path().join("trace")).unwrap());
        let plain = secret.plain();
        assert!(
            !trace
                .windows(LENGTH)
                .any(|window| window == plain.as_slice())
        );
    }
    Left {
        login: [password, account]
            .into_iter()
            .flat_map(Masked::copies)
            .collect(),
        access: access.copies(),
    }
}

const NOTHING: Left = Left {
    login: Vec::new(),
    access: Vec::new(),
};

#[test]
fn nothing_is_left_behind_a_close() {
    let left = left_by(false, 1, |modem, ftp| {
        ftp.unwrap().close().unwrap();
        modem.close().unwrap();
    });
    assert_eq!(left, NOTHING);
}

#[test]
fn nothing_is_left_behind_a_drop() {
    let left = left_by(false, 1, |modem, ftp| {
        ftp.unwrap().noop().unwrap();
        drop(modem);
    });
    assert_eq!(left, NOTHING);
}

#[test]
fn nothing_is_left_behind_a_refusal() {
    let left = left_by(false, 0, |modem, ftp| {
        assert_eq!(ftp.err().unwrap().kind(), ErrorKind::NotConnected);
        modem.close().unwrap();
    });
    assert_eq!(left, NOTHING);
}

#[test]
fn nothing_is_left_of_an_echo() {
    let left = left_by(true, 1, |modem, ftp| {
        ftp.unwrap().close().unwrap();
        modem.close().unwrap();
    });
    assert_eq!(left, NOTHING);
}

#[test]
fn the_login_is_gone_with_its_connection() {
    // The port is open yet, and may have to be attached again; nobody has to be logged in.
    let left = left_by(false, 1, |modem, ftp| {
        ftp.unwrap().close().unwrap();
        std::mem::forget(modem);
    });
    assert_eq!(left.login, NOTHING.login);
    assert_ne!(left.access, NOTHING.access);
}
