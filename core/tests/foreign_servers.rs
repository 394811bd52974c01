//! Whole sessions through the virtual modem into FTP servers: ours, and those that are not.
//! What they find is what docs/servers.md says.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;
#[path = "support/server_table.rs"]
mod server_table;
#[path = "support/servers.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod servers;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use nlftp_core::{ErrorKind, Ftp, Login, Modem, Sink, Verified, Verify, Via};
use nlftp_vmodem::server::{FtpServer, ServerOptions, ServerTls, TlsStart};
use nlftp_vmodem::{Options, TlsMode, TlsOptions, VirtualModem};
use rig::{Rig, options, random};
use servers::certificates::Authority;
use servers::{ForeignServer, HOST, Kind, Security};

/// What a session needs to know of a server.
struct Target<'a> {
    address: SocketAddr,
    user: &'a str,
    password: &'a str,
    /// The remote folder to work in, and where it is here.
    folder: &'a str,
    local: &'a Path,
    /// The root to trust, and how TLS begins.
    tls: Option<(Vec<u8>, TlsMode)>,
    /// vsftpd serves anonymous users here, whatever their password.
    checks_passwords: bool,
}

impl<'a> Target<'a> {
    fn foreign(server: &'a ForeignServer, security: Security) -> Target<'a> {
        Target {
            address: server.address(),
            user: server.user(),
            password: server.password(),
            folder: server.dir(),
            local: server.root(),
            tls: mode(security).map(|mode| (server.root_certificate(), mode)),
            checks_passwords: server.kind() != Kind::Vsftpd,
        }
    }

    fn modem(&self, reuse_sessions: bool) -> VirtualModem {
        let mut tls = TlsOptions::default();
        if let Some((root, mode)) = &self.tls {
            tls.roots.push(root.clone());
            tls.mode = *mode;
        }
        tls.reuse_sessions = reuse_sessions;
        VirtualModem::start(Options {
            route: Some(self.address),
            tls,
            ..Options::default()
        })
        .unwrap()
    }

    fn login(&self, passive: bool) -> Login {
        let mut login = Login::new(HOST, self.user, self.password);
        login.passive = passive;
        login.tls = self.tls.is_some();
        login
    }

    /// Everything, in one of the two modes.
    fn session(&self, vmodem: &VirtualModem, passive: bool) {
        let modem = Modem::open(vmodem.port(), Rig::config()).unwrap();
        let ftp = modem.ftp(&self.login(passive)).unwrap();
        if self.folder != "." && !self.folder.is_empty() {
            ftp.cwd(self.folder).unwrap();
        }
        files(&ftp, self.local);
        ftp.close().unwrap();
        if self.checks_passwords {
            let mut login = Login::new(HOST, self.user, "wrong");
            login.tls = self.tls.is_some();
            let wrong = modem.ftp(&login).err().unwrap();
            assert_eq!(wrong.kind(), ErrorKind::NotConnected, "{wrong}");
        }
        modem.close().unwrap();
    }

    /// Whether a module that begins a TLS session of its own on data connections is refused.
    fn demands_session_reuse(&self) -> bool {
        let vmodem = self.modem(false);
        let modem = Modem::open(vmodem.port(), Rig::config()).unwrap();
        let ftp = modem.ftp(&self.login(true)).unwrap();
        if self.folder != "." && !self.folder.is_empty() {
            ftp.cwd(self.folder).unwrap();
        }
        match ftp.put(&b"content"[..], "reuse.bin", options(|_| ())) {
            Ok(_) => ftp.delete("reuse.bin").map(|()| false).unwrap(),
            Err(error) => {
                // vsftpd now and then drops the whole connection behind its 522.
                let kinds = [
                    ErrorKind::Refused,
                    ErrorKind::Transfer,
                    ErrorKind::NotConnected,
                ];
                assert!(kinds.contains(&error.kind()), "{error}");
                true
            }
        }
    }

    /// Clear sessions fill two cells, encrypted ones fill one.
    fn fill(&self, row: &str) {
        let vmodem = self.modem(true);
        for (passive, column) in [(true, "passive"), (false, "active")] {
            self.session(&vmodem, passive);
            if self.tls.is_none() {
                server_table::record(row, column, "yes");
            }
        }
        assert_eq!(vmodem.notices(), Vec::<String>::new());
        if let Some((_, mode)) = &self.tls {
            let column = match mode {
                TlsMode::Implicit => "FTPS implicit",
                _ => "FTPS explicit",
            };
            let found = match self.demands_session_reuse() {
                true => "yes, session reuse demanded",
                false => "yes, session reuse not demanded",
            };
            server_table::record(row, column, found);
        }
    }
}

fn mode(security: Security) -> Option<TlsMode> {
    match security {
        Security::Clear => None,
        Security::Implicit => Some(TlsMode::Implicit),
        Security::Explicit => Some(TlsMode::Explicit),
    }
}

fn files(ftp: &Ftp, local: &Path) {
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
}

fn whole_session(kind: Kind, row: &str, security: Security) {
    let server = ForeignServer::start_with(kind, security).unwrap();
    Target::foreign(&server, security).fill(row);
}

fn ours(security: Security) {
    let authority = Authority::new();
    let issued = authority.issue(HOST);
    let start = match security {
        Security::Implicit => TlsStart::Implicit,
        _ => TlsStart::Required,
    };
    let tls = ServerTls {
        certificate: issued.certificate.into_bytes(),
        key: issued.key.into_bytes(),
        start,
        require_session_reuse: true,
        clear_data_refusal: Some(522),
        ..ServerTls::default()
    };
    let server = FtpServer::start(ServerOptions {
        tls: (security != Security::Clear).then_some(tls),
        ..ServerOptions::default()
    })
    .unwrap();
    let target = Target {
        address: server.address(),
        user: server.user(),
        password: server.password(),
        folder: "",
        local: server.root(),
        tls: mode(security).map(|mode| (authority.root(), mode)),
        checks_passwords: true,
    };
    target.fill("ours");
}

#[test]
fn files_pass_through_ours() {
    ours(Security::Clear);
}

#[test]
fn files_pass_through_ours_over_implicit_tls() {
    ours(Security::Implicit);
}

#[test]
fn files_pass_through_ours_over_explicit_tls() {
    ours(Security::Explicit);
}

#[test]
fn the_page_has_no_empty_cell() {
    assert!(server_table::is_complete());
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_vsftpd() {
    whole_session(Kind::Vsftpd, "vsftpd", Security::Clear);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_vsftpd_over_implicit_tls() {
    whole_session(Kind::Vsftpd, "vsftpd", Security::Implicit);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_vsftpd_over_explicit_tls() {
    whole_session(Kind::Vsftpd, "vsftpd", Security::Explicit);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_proftpd() {
    whole_session(Kind::Proftpd, "proftpd", Security::Clear);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_proftpd_over_implicit_tls() {
    whole_session(Kind::Proftpd, "proftpd", Security::Implicit);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_proftpd_over_explicit_tls() {
    whole_session(Kind::Proftpd, "proftpd", Security::Explicit);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_pureftpd() {
    whole_session(Kind::PureFtpd, "pure-ftpd", Security::Clear);
}

/// The reason stands in the table; here it is seen.
#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn no_implicit_tls_on_pureftpd() {
    let none = ForeignServer::start_with(Kind::PureFtpd, Security::Implicit).err();
    assert_eq!(none.unwrap().kind(), std::io::ErrorKind::Unsupported);
    let server = ForeignServer::start_with(Kind::PureFtpd, Security::Explicit).unwrap();
    let mut target = Target::foreign(&server, Security::Explicit);
    target.tls = Some((server.root_certificate(), TlsMode::Implicit));
    let vmodem = target.modem(true);
    let modem = Modem::open(vmodem.port(), Rig::config()).unwrap();
    let error = modem.ftp(&target.login(true)).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotConnected, "{error}");
    let notices = vmodem.notices();
    assert!(
        notices[0].contains("does not speak TLS on this port"),
        "{notices:?}"
    );
    server_table::record(
        "pure-ftpd",
        "FTPS implicit",
        "no: pure-ftpd begins TLS by AUTH only, and greets in clear",
    );
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_pureftpd_over_explicit_tls() {
    whole_session(Kind::PureFtpd, "pure-ftpd", Security::Explicit);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_pyftpdlib() {
    whole_session(Kind::Pyftpdlib, "pyftpdlib", Security::Clear);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_pyftpdlib_over_implicit_tls() {
    whole_session(Kind::Pyftpdlib, "pyftpdlib", Security::Implicit);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn files_pass_through_pyftpdlib_over_explicit_tls() {
    whole_session(Kind::Pyftpdlib, "pyftpdlib", Security::Explicit);
}
