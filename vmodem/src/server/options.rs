//! What a server can be told at its start.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

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
}

impl Default for ServerOptions {
    fn default() -> ServerOptions {
        ServerOptions {
            root: None,
            user: String::from("nlftp"),
            password: String::from("nlftp"),
            account: None,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            read_only: false,
            greeting: vec![String::from("nlftp's small FTP server is ready.")],
            idle_limit: None,
            connect_limit: Duration::from_secs(30),
            stall_limit: Duration::from_secs(300),
            max_sessions: 64,
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
