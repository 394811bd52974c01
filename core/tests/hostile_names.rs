//! Names that a server lists, fed back into every verb: each is refused, or is the very name that the modem hears, and
//! no command comes that was not asked for.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/flooder.rs"]
mod flooder;

use std::sync::{Arc, Mutex};

use flooder::{Flooder, Line};
use nlftp_core::{
    Config, ErrorKind, Ftp, Login, Modem, Result, Sink, TransferOptions, Verify, Via,
};

/// What a hostile server may call its files. A line end cannot be in the name of a list, nor can a 0x03 at its end: some
/// firmware ends the list with one.
const NAMES: [&[u8]; 24] = [
    b"plain",
    b"a\"b",
    b"\"",
    b"x\",1,0;+CFUN=0;+FTPDEL=\"y",
    b"x\";+CFUN=0",
    b"../x",
    b"../../etc/passwd",
    b"/etc/passwd",
    b"a/b",
    b"*",
    b"-R /",
    b"x\x08\x08precious",
    b"a\x03b",
    b"\x10\x03c",
    b"a\x1ab",
    b"a\x1b[2Jb",
    b"a\tb",
    b"a\x7fb",
    b"a\0b",
    b"+FTPDEL: 1",
    b"OK",
    b"> ",
    b"\xff\xfe\x80",
    "gr\u{fc}\u{df}e".as_bytes(),
];

type Heard = Arc<Mutex<Vec<Vec<u8>>>>;

/// A modem that lists those names, knows all of them and writes down what it hears.
fn modem() -> (Flooder, Heard) {
    let heard = Heard::default();
    let log = heard.clone();
    let flooder = Flooder::start(move |line, port: &mut Line| {
        // Octets came as characters of the same number.
        log.lock()
            .unwrap()
            .push(line.chars().map(|c| c as u8).collect());
        let outcome = |port: &mut Line, name: &str| {
            port.say(&format!("\r\nOK\r\n\r\n+{name}: 1\r\n"));
        };
        if line == "AT+FTPLIST" {
            port.say("\r\nOK\r\n\r\n+FTPLIST: 2\r\n");
            for name in NAMES {
                port.say("-rw-r--r-- 1 ftp ftp 4 Oct 26 2019 ");
                port.bytes(name);
                port.say("\r\n");
            }
            port.say("\r\n+FTPLIST: 1\r\n");
        } else if line.starts_with("AT+FTPLIST=") {
            port.say("\r\nOK\r\n\r\n+FTPLIST: 2\r\n\r\n+FTPLIST: 1\r\n");
        } else if line.starts_with("AT+FTPRETR=") {
            port.say("\r\nOK\r\n\r\n+FTPRETR: 2\r\nfile\x03\r\n+FTPRETR: 1\r\n");
        } else if line.starts_with("AT+FTPSTAT=") {
            port.say("\r\nOK\r\n\r\n+FTPSTAT: 2,\"213 End\"\r\n\r\n+FTPSTAT: 1\r\n");
        } else if line.starts_with("AT+FTPMKD") {
            outcome(port, "FTPMKD");
        } else if line.starts_with("AT+FTPRMD") {
            outcome(port, "FTPRMD");
        } else {
            return false;
        }
        true
    });
    (flooder, heard)
}

type Verb = fn(&Ftp, &[u8]) -> Result<()>;

fn get(ftp: &Ftp, name: &[u8]) -> Result<()> {
    let mut options = TransferOptions::default();
    (options.via, options.verify) = (Via::Stream, Verify::None);
    ftp.get(name, Sink::writer(std::io::sink()), options)
        .map(|_| ())
}

/// Each verb, and its command with a `?` for the name.
const VERBS: [(&str, Verb); 10] = [
    (r#"AT+FTPRETR="?",1,0"#, get),
    (r#"AT+FTPDEL="?""#, |ftp, name| ftp.delete(name)),
    (r#"AT+FTPREN="?","safe""#, |ftp, name| {
        ftp.rename(name, "safe")
    }),
    (r#"AT+FTPREN="safe","?""#, |ftp, name| {
        ftp.rename("safe", name)
    }),
    (r#"AT+FTPMKD="?""#, |ftp, name| ftp.mkd(name)),
    (r#"AT+FTPRMD="?""#, |ftp, name| ftp.rmd(name)),
    (r#"AT+FTPLIST="?""#, |ftp, name| {
        ftp.list(Some(name)).map(|_| ())
    }),
    (r#"AT+FTPLIST="?""#, |ftp, name| {
        ftp.entries(Some(name))?
            .try_for_each(|entry| entry.map(|_| ()))
    }),
    (r#"AT+FTPSTAT="?""#, |ftp, name| {
        ftp.stat(Some(name)).map(|_| ())
    }),
    (r#"AT+FTPCWD="?""#, |ftp, name| ftp.cwd(name)),
];

#[test]
fn names_of_a_list_are_refused_or_heard_as_they_are() {
    let (flooder, heard) = modem();
    let modem = Modem::open(flooder.path(), Config::default()).unwrap();
    let ftp = modem.ftp(&Login::new("h", "u", "p")).unwrap();
    let listed: Vec<_> = ftp
        .list(None)
        .unwrap()
        .into_iter()
        .map(|e| e.name)
        .collect();
    assert_eq!(listed, NAMES);
    let (mut refused, mut taken) = (0, 0);
    for name in &listed {
        for (form, verb) in VERBS {
            heard.lock().unwrap().clear();
            let result = verb(&ftp, name);
            let lines = std::mem::take(&mut *heard.lock().unwrap());
            let shown = name.escape_ascii();
            match result {
                Err(error) => {
                    refused += 1;
                    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{shown}: {error}");
                    assert!(lines.is_empty(), "{shown}: {lines:?}");
                    assert!(
                        name.iter()
                            .any(|byte| *byte == b'"' || byte.is_ascii_control())
                    );
                }
                Ok(()) => {
                    taken += 1;
                    let (before, behind) = form.split_once('?').unwrap();
                    let line = [before.as_bytes(), name, behind.as_bytes()].concat();
                    // A list is read to its end in silence; nothing else is asked behind it.
                    assert_eq!(lines, [line], "{shown}");
                }
            }
        }
    }
    assert_eq!((refused, taken), (12 * VERBS.len(), 12 * VERBS.len()));
    ftp.noop().unwrap();
}
