//! Whole sessions through the virtual modem into FTP servers that are not ours.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;
#[path = "support/servers.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod servers;

use std::fs;

use nlftp_core::{ErrorKind, Login, Modem, Sink, Verified, Verify, Via};
use nlftp_vmodem::{Options, VirtualModem};
use rig::{Rig, options, random};
use servers::{ForeignServer, Kind};

fn whole_session(kind: Kind) {
    let server = ForeignServer::start(kind).unwrap();
    let vmodem = VirtualModem::start(Options {
        route: Some(server.address()),
        ..Options::default()
    })
    .unwrap();
    for passive in [true, false] {
        let modem = Modem::open(vmodem.port(), Rig::config()).unwrap();
        let mut login = Login::new("ftp.example.com", server.user(), server.password());
        login.passive = passive;
        let ftp = modem.ftp(&login).unwrap();
        if server.dir() != "." && !server.dir().is_empty() {
            ftp.cwd(server.dir()).unwrap();
        }
        let local = server.root();
        for via in [Via::Stream, Via::Block] {
            for (name, data) in [
                ("random.bin", random(700_000, 3)),
                ("empty.bin", Vec::new()),
                ("stuffed.bin", [0x10, 0x03].repeat(5_000)),
                ("results.txt", b"OK\r\n+FTPRETR: 1\r\nERROR\r\n".repeat(50)),
                ("two words", random(10, 4)),
            ] {
                let sent = ftp.put(&data[..], name, options(|o| o.via = via)).unwrap();
                assert_eq!(sent.verified, Verified::Size, "{name} {:?}", sent.warnings);
                assert!(
                    fs::read(local.join(name)).unwrap() == data,
                    "{name} up by {via:?}"
                );
                let mut back = Vec::new();
                let got = ftp
                    .get(name, Sink::writer(&mut back), options(|o| o.via = via))
                    .unwrap();
                assert!(back == data, "{name} down by {via:?}");
                assert_eq!(got.verified, Verified::Size, "{name} {:?}", got.warnings);
            }
            let mut rest = Vec::new();
            ftp.get(
                "random.bin",
                Sink::writer(&mut rest),
                options(|o| (o.via, o.offset) = (via, 699_000)),
            )
            .unwrap();
            assert!(rest == random(700_000, 3)[699_000..], "offset by {via:?}");
            let checked = options(|o| (o.via, o.verify) = (via, Verify::Readback));
            assert_eq!(
                ftp.put(&b"read me back"[..], "back.txt", checked)
                    .unwrap()
                    .verified,
                Verified::Readback
            );
            let missing = ftp
                .get(
                    "missing.bin",
                    Sink::writer(std::io::sink()),
                    options(|o| o.via = via),
                )
                .unwrap_err();
            assert_eq!(missing.kind(), ErrorKind::Refused, "{missing}");
        }
        let names: Vec<_> = ftp
            .list(None)
            .unwrap()
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        assert!(names.contains(&b"two words".to_vec()), "{names:?}");
        for name in [
            "random.bin",
            "empty.bin",
            "stuffed.bin",
            "results.txt",
            "two words",
            "back.txt",
        ] {
            ftp.delete(name).unwrap();
        }
        assert_eq!(
            ftp.delete("random.bin").unwrap_err().kind(),
            ErrorKind::Refused
        );
        ftp.close().unwrap();
        modem.close().unwrap();
    }
    let modem = Modem::open(vmodem.port(), Rig::config()).unwrap();
    if kind != Kind::Vsftpd {
        // vsftpd serves anonymous users here, whatever their password.
        let wrong = modem
            .ftp(&Login::new("ftp.example.com", server.user(), "wrong"))
            .err()
            .unwrap();
        assert_eq!(wrong.kind(), ErrorKind::NotConnected, "{wrong}");
    }
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_vsftpd() {
    whole_session(Kind::Vsftpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_proftpd() {
    whole_session(Kind::Proftpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_pureftpd() {
    whole_session(Kind::PureFtpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_pyftpdlib() {
    whole_session(Kind::Pyftpdlib);
}
