//! Bad input: every text and number of every function is refused before a byte goes to the port.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;

use std::fs;
use std::path::Path;

use nlftp_core::{
    Config, Error, ErrorKind, Ftp, GetOptions, Login, Modem, PdpContext, PortField, Secret, Sink,
    TlsField, Via,
};
use rig::{Rig, options};

/// A function with the text in one of its parameters.
type Attempt<'a> = (&'a str, usize, bool, Box<dyn Fn(&[u8]) -> Error + 'a>);

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn login(modem: &Modem, change: impl FnOnce(&mut Login)) -> Error {
    let mut login = Login::new("h", "u", "p");
    change(&mut login);
    modem.ftp(&login).err().unwrap()
}

/// Every text parameter of every function: its name, its limit in octets, whether it may be empty.
fn attempts<'a>(modem: &'a Modem, ftp: &'a Ftp) -> Vec<Attempt<'a>> {
    let mut all: Vec<Attempt<'a>> = vec![
        (
            "host name",
            1024,
            false,
            Box::new(|bad| login(modem, |l| l.host = text(bad))),
        ),
        (
            "user name",
            255,
            true,
            Box::new(|bad| login(modem, |l| l.user = bad.to_vec())),
        ),
        (
            "password",
            255,
            true,
            Box::new(|bad| login(modem, |l| l.password = Secret::new(bad))),
        ),
        (
            "account",
            255,
            true,
            Box::new(|bad| login(modem, |l| l.account = Some(Secret::new(bad)))),
        ),
        (
            "APN",
            255,
            false,
            Box::new(|bad| modem.attach(text(bad)).unwrap_err()),
        ),
        (
            "APN's user name",
            255,
            true,
            Box::new(|bad| {
                modem
                    .attach(PdpContext::new("apn").with_login(text(bad), "p"))
                    .unwrap_err()
            }),
        ),
        (
            "APN's password",
            255,
            true,
            Box::new(|bad| {
                modem
                    .attach(PdpContext::new("apn").with_login("u", bad))
                    .unwrap_err()
            }),
        ),
        (
            "file name",
            255,
            false,
            Box::new(|bad| ftp.delete(bad).unwrap_err()),
        ),
        (
            "old name",
            255,
            false,
            Box::new(|bad| ftp.rename(bad, "b").unwrap_err()),
        ),
        (
            "new name",
            255,
            false,
            Box::new(|bad| ftp.rename("a", bad).unwrap_err()),
        ),
        (
            "directory name",
            255,
            false,
            Box::new(|bad| ftp.cwd(bad).unwrap_err()),
        ),
        (
            "directory name",
            255,
            false,
            Box::new(|bad| ftp.mkd(bad).unwrap_err()),
        ),
        (
            "directory name",
            255,
            false,
            Box::new(|bad| ftp.rmd(bad).unwrap_err()),
        ),
        (
            "path",
            255,
            false,
            Box::new(|bad| ftp.list(Some(bad)).unwrap_err()),
        ),
        (
            "path",
            255,
            false,
            Box::new(|bad| ftp.entries(Some(bad)).err().unwrap()),
        ),
        (
            "path",
            255,
            false,
            Box::new(|bad| ftp.stat(Some(bad)).unwrap_err()),
        ),
    ];
    for (temporary, resume) in [(true, false), (false, true)] {
        all.push((
            "file name",
            // A temporary name is a little longer.
            if temporary { 244 } else { 255 },
            false,
            Box::new(move |bad| {
                let options = options(|o| (o.temporary, o.resume) = (temporary, resume));
                ftp.put(&b"x"[..], bad, options).unwrap_err()
            }),
        ));
    }
    all.push((
        "file name",
        255,
        false,
        Box::new(|bad| {
            let started = ftp.start_put_file(Path::new("/dev/null"), bad, options(|_| ()));
            started.err().unwrap()
        }),
    ));
    all.push((
        "file name",
        255,
        false,
        Box::new(|bad| {
            let started = ftp.start_get_file(bad, Path::new("/nowhere/x"), options(|_| ()));
            started.err().unwrap()
        }),
    ));
    for via in [Via::Auto, Via::Stream, Via::Block] {
        all.push((
            "file name",
            255,
            false,
            Box::new(move |bad| {
                ftp.put(&b"x"[..], bad, options(|o| o.via = via))
                    .unwrap_err()
            }),
        ));
        all.push((
            "file name",
            255,
            false,
            Box::new(move |bad| {
                ftp.get(bad, Sink::writer(std::io::sink()), options(|o| o.via = via))
                    .unwrap_err()
            }),
        ));
    }
    all
}

#[test]
fn every_bad_text_of_every_function_is_refused_before_a_byte_is_sent() {
    let rig = Rig::new();
    let record = tempfile::NamedTempFile::new().unwrap();
    let mut config = Rig::config();
    config.trace = Some(record.path().to_owned());
    let modem = Modem::open(rig.vmodem.port(), config).unwrap();
    let ftp = modem.ftp(&rig.login()).unwrap();
    // The record is written before the command's answer is handed out.
    let before = fs::read_to_string(record.path()).unwrap();
    let lines = rig.vmodem.sent_lines().len();
    for (parameter, limit, may_be_empty, attempt) in attempts(&modem, &ftp) {
        let mut bad: Vec<Vec<u8>> = [
            "a\"b",
            "\"",
            "a\rb",
            "a\nb",
            "a\0b",
            "x\r\nAT+CFUN=0",
            "x\",1\r\nAT+CFUN=0",
            "+++\u{3}",
            "a\tb",
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec();
        // A modem drops these from a command line, or edits the line with them: it would hear another text.
        for control in [0x03, 0x08, 0x10, 0x11, 0x13, 0x1a, 0x1b, 0x7f] {
            bad.push(vec![b'a', control, b'b']);
        }
        bad.push(vec![b'x'; limit + 1]);
        bad.push("\u{e9}".repeat(limit / 2 + 1).into_bytes());
        if !may_be_empty {
            bad.push(Vec::new());
        }
        for text in bad {
            let error = attempt(&text);
            let shown = String::from_utf8_lossy(&text);
            assert_eq!(
                error.kind(),
                ErrorKind::InvalidArgument,
                "{parameter}: {shown:?}: {error}"
            );
            assert!(
                error.to_string().contains(&format!("the {parameter} ")),
                "{shown:?}: {error} does not name the {parameter}"
            );
            assert!(
                text.len() < 3 || !error.to_string().contains(&*shown),
                "a text that may be a password is repeated: {error}"
            );
        }
    }
    assert_eq!(fs::read_to_string(record.path()).unwrap(), before);
    assert_eq!(rig.vmodem.sent_lines().len(), lines);
    ftp.noop().unwrap();
    assert!(fs::read_to_string(record.path()).unwrap().len() > before.len());
}

#[test]
fn every_number_outside_its_range_is_refused_before_a_byte_is_sent() {
    let rig = Rig::new();
    let (modem, ftp) = rig.ftp();
    let lines = rig.vmodem.sent_lines().len();
    let at = |offset| -> GetOptions<'static> { options(|o| o.offset = offset) };
    let mut refused = vec![
        login(&modem, |l| l.port = Some(0)),
        modem.set_ftp_limit(1001).unwrap_err(),
    ];
    for via in [Via::Auto, Via::Stream, Via::Block] {
        let with =
            |offset| -> GetOptions<'static> { options(|o| (o.via, o.offset) = (via, offset)) };
        refused.push(ftp.put(&b"x"[..], "f", with(0xFFFF_FFFF)).unwrap_err());
        refused.push(ftp.put(&b"x"[..], "f", with(u64::MAX)).unwrap_err());
        refused.push(
            ftp.get("f", Sink::writer(std::io::sink()), with(1 << 32))
                .unwrap_err(),
        );
    }
    refused.push(
        ftp.get("f", Sink::writer(std::io::sink()), at(u64::MAX))
            .unwrap_err(),
    );
    for error in refused {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(
            error.to_string().contains("from "),
            "{error} names no range"
        );
    }
    assert_eq!(rig.vmodem.sent_lines().len(), lines);
}

#[test]
fn a_raw_line_is_one_command_that_moves_no_data() {
    let rig = Rig::new();
    let (modem, _ftp) = rig.ftp();
    let lines = rig.vmodem.sent_lines().len();
    let long = format!("AT{}", "x".repeat(2047));
    for line in [
        "",
        "A",
        "CSQ",
        "AT\rAT",
        "AT+CSQ\nAT+CFUN=0",
        "AT\0",
        "AT\u{1b}",
        "AT+CSQ\u{1a}",
        "AT+CSX\u{8}Q",
        "AT+CSQ\u{3}",
        "AT\u{10}",
        "AT+FTPSTOR=\"x\"",
        "AT+FTPRETR=\"x\"",
        "AT+FTPLIST",
        "AT+FTPGET=\"x\"",
        "AT+FTPRECV=1",
        "AT+FTP_RECV=1",
        "AT+FTPGETR=1",
        "AT+FTPPUT=\"x\",1,1",
        "AT+CSQ;+FTPCWD=\"x\"",
        &long,
    ] {
        let error = modem.command(line).unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::InvalidArgument,
            "{line:?}: {error}"
        );
    }
    assert_eq!(rig.vmodem.sent_lines().len(), lines);
}

#[test]
fn the_longest_texts_are_sent_whole() {
    let rig = Rig::new();
    let (modem, ftp) = rig.ftp();
    let name = "n".repeat(255);
    ftp.put(&b"x"[..], &name, options(|_| ())).unwrap();
    assert!(rig.remote(&name).exists());
    ftp.delete(&name).unwrap();
    let all: String = (0x20..0x7f_u8)
        .filter(|&byte| byte != b'"' && byte != b'/')
        .map(char::from)
        .collect();
    for name in [
        all.as_str(),
        "gr\u{fc}\u{df}e \u{1f4be}",
        " leading",
        "a;b,c",
        "-l",
        "*",
    ] {
        ftp.mkd(name).unwrap();
        assert!(rig.remote(name).is_dir(), "{name}");
        ftp.cwd(name).unwrap();
        assert_eq!(ftp.pwd().unwrap(), format!("/{name}").as_bytes());
        ftp.cdup().unwrap();
        ftp.rmd(name).unwrap();
    }
    drop(modem);
}

/// The fields of the shorter order have no place for the module's own ports.
#[test]
fn a_dialect_that_cannot_carry_a_field_says_so() {
    let rig = Rig::new();
    let mut config: Config = Rig::config();
    (config.dialect.tls_field, config.dialect.port_field) = (TlsField::Seventh, PortField::Fifth);
    let modem = Modem::open(rig.vmodem.port(), config).unwrap();
    let lines = rig.vmodem.sent_lines().len();
    for tls in [false, true] {
        let mut login = rig.login();
        (login.tls, login.port, login.source_data_port) = (tls, Some(2121), 20);
        let error = modem.ftp(&login).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
    assert_eq!(rig.vmodem.sent_lines().len(), lines);
}
