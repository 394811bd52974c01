//! TLS 1.2 for FTPS (RFC 4217): what the module trusts, how it begins, and the connections themselves.
//!
//! TLS 1.3 is left out because of servers that demand session reuse on data connections: its
//! session tickets are used up after a few files, and the next one is refused.

mod certificates;
mod client;
mod link;
mod notice;
mod reason;

pub(crate) use certificates::{certificates, private_key};
pub(crate) use client::{Session, Trust};
pub(crate) use link::Link;
pub(crate) use notice::{Notices, printable};
pub(crate) use reason::{data_connection_cut, handshake_failure, is_cut};

/// The port of FTP over TLS from the first byte.
const IMPLICIT_PORT: u16 = 990;

/// How a module begins TLS where FTPOPEN asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsMode {
    /// From the first byte on port 990, by AUTH TLS on every other port.
    #[default]
    ByPort,
    /// From the first byte.
    Implicit,
    /// By AUTH TLS behind the server's greeting.
    Explicit,
}

impl TlsMode {
    pub(crate) fn is_implicit(self, port: u16) -> bool {
        match self {
            TlsMode::ByPort => port == IMPLICIT_PORT,
            TlsMode::Implicit => true,
            TlsMode::Explicit => false,
        }
    }
}

/// How a module does FTPS.
#[derive(Debug, Clone)]
pub struct TlsOptions {
    /// The certificate authorities that are trusted, as PEM texts or DER certificates. Without
    /// any, every server's certificate is refused: nothing makes the module accept all.
    pub roots: Vec<Vec<u8>>,
    /// How TLS begins.
    pub mode: TlsMode,
    /// Whether data connections reuse the control connection's TLS session. Firmware that cannot
    /// is refused by servers that demand it.
    pub reuse_sessions: bool,
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            mode: TlsMode::default(),
            reuse_sessions: true,
        }
    }
}
