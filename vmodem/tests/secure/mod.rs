//! A module and a server that speak TLS with each other, and the AT commands in between.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test program uses its part"
)]

use nlftp_vmodem::server::{FtpServer, ServerOptions, ServerTls, TlsStart};
use nlftp_vmodem::{ModemConfig, Options, TlsMode, TlsOptions, VirtualModem};

use super::certificates::{Authority, Issued};
use super::host::Client;

/// The name that FTPOPEN gives, and that certificates hold.
pub const HOST: &str = "ftp.test";

pub struct Rig {
    pub authority: Authority,
    pub server: FtpServer,
    pub modem: VirtualModem,
}

/// How both sides start; tests change it.
pub struct Plan {
    pub tls: ServerTls,
    pub server: ServerOptions,
    pub modem: TlsOptions,
}

impl Rig {
    /// Both sides agree and both are strict.
    pub fn new(mode: TlsMode) -> Rig {
        Rig::with(mode, |_, _| ())
    }

    pub fn with(mode: TlsMode, change: impl FnOnce(&mut Plan, &Authority)) -> Rig {
        let authority = Authority::new();
        let start = match mode {
            TlsMode::Implicit => TlsStart::Implicit,
            _ => TlsStart::Required,
        };
        let mut plan = Plan {
            tls: ServerTls {
                start,
                require_session_reuse: true,
                clear_data_refusal: Some(522),
                ..server_tls(&authority.issue(HOST))
            },
            server: ServerOptions::default(),
            modem: TlsOptions {
                roots: vec![authority.root()],
                mode,
                ..TlsOptions::default()
            },
        };
        change(&mut plan, &authority);
        let mut options = plan.server;
        // A test that wants a server without TLS takes its certificate away.
        options.tls = (!plan.tls.certificate.is_empty()).then_some(plan.tls);
        let server = FtpServer::start(options).unwrap();
        let modem = VirtualModem::start(Options {
            modem: quiet(),
            route: Some(server.address()),
            tls: plan.modem,
            ..Options::default()
        })
        .unwrap();
        Rig {
            authority,
            server,
            modem,
        }
    }

    pub fn client(&self) -> Client {
        Client::open(self.modem.port())
    }

    /// A client that is logged in.
    pub fn opened(&self) -> Client {
        let mut client = self.client();
        self.open(&mut client, "1");
        client
    }

    /// Types FTPOPEN with the TLS flag, and waits for its outcome.
    pub fn open(&self, client: &mut Client, outcome: &str) {
        let (user, password) = (self.server.user(), self.server.password());
        let line = format!("AT+FTPOPEN=\"{HOST}\",\"{user}\",\"{password}\",,,990,,1");
        client.ask(&line, &format!("\r\n+FTPOPEN: {outcome}\r\n"));
    }

    /// FTPOPEN ends with 0, no secret was sent, and the one notice holds `cause`.
    pub fn is_refused(&self, cause: &str) {
        self.open(&mut self.client(), "0");
        let notices = self.modem.notices();
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(notices[0].starts_with("FTPS: "), "{notices:?}");
        assert!(notices[0].contains(cause), "{notices:?}");
        let commands = self.server.commands();
        for secret in ["USER", "PASS", self.server.user(), self.server.password()] {
            let sent = commands.iter().any(|line| line.contains(secret));
            assert!(!sent, "{commands:?}");
        }
    }
}

pub fn server_tls(issued: &Issued) -> ServerTls {
    ServerTls {
        certificate: issued.certificate.clone().into_bytes(),
        key: issued.key.clone().into_bytes(),
        ..ServerTls::default()
    }
}

pub fn quiet() -> ModemConfig {
    ModemConfig {
        echo: false,
        ..ModemConfig::default()
    }
}
