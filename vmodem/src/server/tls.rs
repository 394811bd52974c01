//! FTP over TLS (RFC 4217), the server's side: AUTH, PBSZ, PROT, and what is refused without them.

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::server::{NoServerSessionStorage, ServerSessionMemoryCache};
use rustls::version::TLS12;
use rustls::{Connection, ServerConfig, ServerConnection};

use super::session::{Flow, Session};
use crate::tls::{certificates, private_key};

/// Sessions of one control connection that its data connections can take up.
const SESSIONS: usize = 32;

/// When a client has to begin TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsStart {
    /// By AUTH TLS, when it likes.
    #[default]
    Offered,
    /// By AUTH TLS, before USER.
    Required,
    /// With its first byte, before the greeting.
    Implicit,
}

/// FTP over TLS, version 1.2.
#[derive(Clone, Default)]
pub struct ServerTls {
    /// The certificate with the chain behind it, as one PEM text, or one certificate as DER.
    pub certificate: Vec<u8>,
    /// The certificate's private key, as PEM or DER.
    pub key: Vec<u8>,
    /// When TLS begins.
    pub start: TlsStart,
    /// A data connection is refused with 522 unless it takes up the TLS session of its own
    /// control connection.
    pub require_session_reuse: bool,
    /// The code that refuses transfers without PROT P, 521 or 522. `None` lets them pass in clear.
    pub clear_data_refusal: Option<u16>,
    /// Downloads end without close_notify: nobody can tell then whether they are whole.
    pub omit_close_notify: bool,
}

/// Without the key.
impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls")
            .field("start", &self.start)
            .field("require_session_reuse", &self.require_session_reuse)
            .field("clear_data_refusal", &self.clear_data_refusal)
            .finish_non_exhaustive()
    }
}

impl ServerTls {
    /// What every session's own configuration is made from.
    pub(super) fn config(&self) -> io::Result<ServerConfig> {
        let invalid = |error: rustls::Error| {
            let text = format!("the FTP server's certificate cannot be used: {error}");
            io::Error::new(io::ErrorKind::InvalidInput, text)
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS12])
            .map_err(invalid)?
            .with_no_client_auth()
            .with_single_cert(certificates(&self.certificate)?, private_key(&self.key)?)
            .map_err(invalid)?;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(config)
    }
}

/// How far one session has got with TLS.
pub(super) struct Protection {
    config: Arc<ServerConfig>,
    /// PBSZ was given.
    buffer_size: bool,
    /// PROT P was given.
    private: bool,
}

impl Protection {
    /// Each session remembers its own TLS sessions, so that what a data connection takes up
    /// comes from its own control connection.
    pub(super) fn new(config: &ServerConfig) -> Protection {
        let mut config = config.clone();
        config.session_storage = ServerSessionMemoryCache::new(SESSIONS);
        Protection {
            config: Arc::new(config),
            buffer_size: false,
            private: false,
        }
    }

    pub(super) fn connection(&self) -> io::Result<Connection> {
        ServerConnection::new(Arc::clone(&self.config))
            .map(Connection::from)
            .map_err(io::Error::other)
    }
}

impl Session {
    /// The TLS connection that a data connection has to begin with, if PROT says so.
    pub(super) fn data_protection(&self) -> io::Result<Option<Connection>> {
        match &self.protection {
            Some(protection) if protection.private => protection.connection().map(Some),
            _ => Ok(None),
        }
    }

    /// Encrypts the control connection.
    pub(super) fn secure_control(&mut self) -> io::Result<()> {
        let Some(protection) = &self.protection else {
            return Ok(());
        };
        let connection = protection.connection()?;
        self.control
            .secure(connection, self.shared.options.connect_limit)
    }

    /// The refusal of a command that has to be encrypted and is not, or whose data would not be.
    pub(super) fn refusal_in_clear(&self, verb: &str) -> Option<(u16, &'static str)> {
        let tls = self.shared.options.tls.as_ref()?;
        let private = self.protection.as_ref().is_some_and(|is| is.private);
        match verb {
            "USER" | "PASS" | "ACCT"
                if tls.start == TlsStart::Required && !self.control.is_secure() =>
            {
                Some((530, "Policy requires TLS: use AUTH TLS first."))
            }
            "RETR" | "STOR" | "APPE" | "STOU" | "LIST" | "NLST" | "MLSD" if !private => {
                let code = tls.clear_data_refusal?;
                Some((code, "Data connections must be encrypted: use PROT P."))
            }
            _ => None,
        }
    }

    pub(super) fn auth(&mut self, argument: &[u8]) -> io::Result<Flow> {
        if self.protection.is_none() {
            return self.say(502, "Command not implemented.");
        }
        if self.control.is_secure() {
            return self.say(503, "The connection is encrypted already.");
        }
        if !argument.eq_ignore_ascii_case(b"TLS") && !argument.eq_ignore_ascii_case(b"TLS-C") {
            return self.say(504, "TLS is the one mechanism there is.");
        }
        self.control.reply(234, "Begin with TLS.")?;
        // Whoever logged in before did so in clear.
        self.state = Default::default();
        self.secure_control()?;
        Ok(Flow::Continue)
    }

    pub(super) fn pbsz(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let secure = self.control.is_secure();
        let Some(protection) = &mut self.protection else {
            return self.say(502, "Command not implemented.");
        };
        if !secure {
            return self.say(503, "AUTH TLS has to come first.");
        }
        if String::from_utf8_lossy(argument)
            .trim()
            .parse::<u32>()
            .is_err()
        {
            return self.say(501, "PBSZ needs a number.");
        }
        protection.buffer_size = true;
        self.say(200, "PBSZ=0")
    }

    pub(super) fn prot(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let Some(protection) = &mut self.protection else {
            return self.say(502, "Command not implemented.");
        };
        if !protection.buffer_size {
            return self.say(503, "PBSZ has to come first.");
        }
        match argument.trim_ascii().to_ascii_uppercase().as_slice() {
            b"P" => {
                protection.private = true;
                self.say(200, "Data connections are private.")
            }
            b"C" => {
                protection.private = false;
                self.say(200, "Data connections are clear.")
            }
            b"S" | b"E" => self.say(536, "TLS has the levels C and P only."),
            _ => self.say(504, "PROT is C or P."),
        }
    }
}
