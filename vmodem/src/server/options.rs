//! What a server can be told at its start.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::tls::ServerTls;

/// How an [`FtpServer`](super::FtpServer) is set up. [`Default`] gives a free port on the
/// loopback address, the user `nlftp` with the password `nlftp`, and a temporary folder.
#[derive(Clone)]
pub struct ServerOptions {
    /// The folder that clients see as `/`. `None` makes a temporary one, which is deleted when the
    /// server is dropped.
    pub root: Option<PathBuf>,
    /// The one user who may log in.
    pub user: String,
    /// The user's password.
    pub password: String,
    /// When given, the login also takes `ACCT` with this account.
    pub account: Option<String>,
    /// The folder that a login starts in; empty for `/`. It is not made, and need not be there.
    pub home: String,
    /// Where to listen; port 0 is any free port.
    pub address: SocketAddr,
    /// Refuses all that would change a file or folder.
    pub read_only: bool,
    /// The lines of reply 220.
    pub greeting: Vec<String>,
    /// A client that sends no command for so long is sent away with 421. `None`: never.
    pub idle_limit: Option<Duration>,
    /// How long a data connection may take to come about.
    pub connect_limit: Duration,
    /// How long a data connection may stand still. A modem that holds a full cache stands still
    /// for minutes.
    pub stall_limit: Duration,
    /// A client beyond so many at once is sent away with 421.
    pub max_sessions: usize,
    /// FTP over TLS; `None` for a server without it.
    pub tls: Option<ServerTls>,
    /// The reply before a transfer: 150, or 125.
    pub opening_reply: u16,
    /// The reply behind a transfer: 226, or 250.
    pub completion_reply: u16,
    /// The reply to every STAT: 211, 212 or 213. `None` picks by what RFC 959 has each for.
    pub stat_reply: Option<u16>,
    /// A quote in the name in a 257 reply stays single, as some servers have it.
    pub raw_quotes: bool,
    /// Commands that are always refused, in capitals, with the code that refuses them.
    pub refused: BTreeMap<String, u16>,
    /// When 421 ends the connection, if ever.
    pub farewell: Option<Farewell>,
}

/// A moment at which a server says 421 and closes the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Farewell {
    /// Unasked, behind the reply to so many commands.
    After(usize),
    /// In place of the reply to this command, in capitals; a transfer has not begun by then.
    InPlaceOf(String),
    /// In a transfer, once so many bytes have passed.
    InTransfer(u64),
}

impl Default for ServerOptions {
    fn default() -> ServerOptions {
        ServerOptions {
            root: None,
            user: String::from("nlftp"),
            password: String::from("nlftp"),
            account: None,
            home: String::new(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            read_only: false,
            greeting: vec![String::from("nlftp's small FTP server is ready.")],
            idle_limit: None,
            connect_limit: Duration::from_secs(30),
            stall_limit: Duration::from_secs(300),
            max_sessions: 64,
            tls: None,
            opening_reply: 150,
            completion_reply: 226,
            stat_reply: None,
            raw_quotes: false,
            refused: BTreeMap::new(),
            farewell: None,
        }
    }
}

/// Without password and account.
impl fmt::Debug for ServerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerOptions")
            .field("root", &self.root)
            .field("user", &self.user)
            .field("address", &self.address)
            .field("read_only", &self.read_only)
            .finish_non_exhaustive()
    }
}
