//! Transfers that go on, on FTP servers that are not ours: each treats an offset in its own way.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;
#[path = "support/servers.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod servers;

use std::fs::{self, File};
use std::io::Cursor;

use nlftp_core::{Login, Modem, Sink, Source, Verified, Verify, Via};
use nlftp_vmodem::{Options, VirtualModem};
use rig::{Rig, options, random};
use servers::{ForeignServer, HOST, Kind};

fn resumes_on(kind: Kind) {
    let server = ForeignServer::start(kind).unwrap();
    let vmodem = VirtualModem::start(Options {
        route: Some(server.address()),
        ..Options::default()
    })
    .unwrap();
    let modem = Modem::open(vmodem.port(), Rig::config()).unwrap();
    let login = Login::new(HOST, server.user(), server.password());
    let ftp = modem.ftp(&login).unwrap();
    if server.dir() != "." && !server.dir().is_empty() {
        ftp.cwd(server.dir()).unwrap();
    }
    let data = random(400_000, 31);
    let here = tempfile::tempdir().unwrap();
    let path = here.path().join("f");
    let remote = server.root().join("f");
    for via in [Via::Stream, Via::Block] {
        let checked = || options(|o| (o.via, o.resume, o.verify) = (via, true, Verify::Readback));
        for (there, junk, expected) in [
            (300_000, &b""[..], 300_000),
            (300_000, &[b'\r'; 1024], 300_000),
            (1, b"", 1),
            (400_000, b"", 400_000),
        ] {
            let first = [&data[..there], junk].concat();
            ftp.put(&first[..], "f", options(|_| ())).unwrap();
            let source = Source::seekable(Cursor::new(&data), None);
            let sent = ftp.put(source, "f", checked()).unwrap();
            assert!(fs::read(&remote).unwrap() == data, "{there} {via:?}");
            assert!(
                (expected..expected + 2).contains(&sent.resumed_from),
                "{sent:?}"
            );
            assert_eq!(sent.verified, Verified::Readback);

            fs::write(&path, &first[..first.len().min(data.len())]).unwrap();
            let file = File::options().read(true).write(true).open(&path).unwrap();
            let got = ftp.get("f", Sink::fd(file.into()), checked()).unwrap();
            assert!(fs::read(&path).unwrap() == data, "{there} {via:?}");
            assert!(
                (expected..expected + 2).contains(&got.resumed_from),
                "{got:?}"
            );
            assert_eq!(got.verified, Verified::Readback);
        }
        // Something else: the whole file anew, whatever the server makes of offsets.
        let other = random(300_000, 33);
        ftp.put(&other[..], "f", options(|_| ())).unwrap();
        let source = Source::seekable(Cursor::new(&data), None);
        let sent = ftp.put(source, "f", checked()).unwrap();
        assert!(fs::read(&remote).unwrap() == data && sent.resumed_from == 0);
        fs::write(&path, &other).unwrap();
        let file = File::options().read(true).write(true).open(&path).unwrap();
        let got = ftp.get("f", Sink::fd(file.into()), checked()).unwrap();
        assert!(fs::read(&path).unwrap() == data && got.resumed_from == 0);
    }
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn transfers_go_on_with_vsftpd() {
    resumes_on(Kind::Vsftpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn transfers_go_on_with_proftpd() {
    resumes_on(Kind::Proftpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn transfers_go_on_with_pureftpd() {
    resumes_on(Kind::PureFtpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn transfers_go_on_with_pyftpdlib() {
    resumes_on(Kind::Pyftpdlib);
}
