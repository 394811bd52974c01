//! The module's side of TLS: whom it trusts, and the session that control and data connection share.

use std::io;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::version::TLS12;
use rustls::{ClientConfig, ClientConnection, Connection, RootCertStore};

use super::TlsOptions;
use super::certificates::{certificates, invalid};

/// Sessions that one control connection may leave behind for its data connections.
const SESSIONS: usize = 8;

/// Whom the module trusts.
#[derive(Clone)]
pub(crate) struct Trust {
    config: ClientConfig,
    pub(crate) any: bool,
    reuse: bool,
}

impl Trust {
    pub(crate) fn new(options: &TlsOptions) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        for root in &options.roots {
            for certificate in certificates(root)? {
                roots.add(certificate).map_err(|error| {
                    invalid(format!("a root certificate cannot be used: {error}"))
                })?;
            }
        }
        let any = !roots.is_empty();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS12])
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            config,
            any,
            reuse: options.reuse_sessions,
        })
    }

    /// What one control connection and its data connections have in common. None where `host`
    /// is nothing that a certificate could name.
    pub(crate) fn session(&self, host: &str) -> Option<Session> {
        let name = ServerName::try_from(host.to_owned()).ok()?;
        let mut config = self.config.clone();
        config.resumption = match self.reuse {
            true => Resumption::in_memory_sessions(SESSIONS),
            false => Resumption::disabled(),
        };
        Some(Session {
            config: Arc::new(config),
            name,
        })
    }
}

/// One configuration and one name: only so is the control connection's session found again.
pub(crate) struct Session {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl Session {
    pub(crate) fn connection(&self) -> io::Result<Connection> {
        ClientConnection::new(Arc::clone(&self.config), self.name.clone())
            .map(Connection::from)
            .map_err(io::Error::other)
    }
}
