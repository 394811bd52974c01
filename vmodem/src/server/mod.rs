//! A small FTP server for the demo and for tests: in this process, on a loopback port, over one
//! folder.
//!
//! It keeps to RFC 959 with RFC 1123, 2428 and 3659, and does what a careful server does where
//! these leave room: `REST` before `STOR` keeps the tail and fills a gap, `SIZE` in ASCII is
//! refused, quotes in `257` are doubled, names are bytes. One thread serves one client, and one
//! accepts; all of them wait in poll, and all are gone when the server is dropped.
//!
//! ```
//! use nlftp_vmodem::server::{FtpServer, ServerOptions};
//!
//! let server = FtpServer::start(ServerOptions::default())?;
//! std::fs::write(server.root().join("hello.txt"), "hello")?;
//! println!("curl {}hello.txt", server.url());
//! # Ok::<(), std::io::Error>(())
//! ```

mod ascii;
mod control;
mod data;
mod files;
mod list;
mod options;
mod path;
mod record;
mod session;
mod tls;
mod transfer;

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use options::{Farewell, ServerOptions};
pub use tls::{ServerTls, TlsStart};

/// A running server. Dropping it ends all connections and threads, and deletes its temporary
/// folder if it made one.
pub struct FtpServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    root: PathBuf,
    /// `None` once stopped.
    running: Mutex<Option<Running>>,
    /// Last, so that the folder outlives the threads.
    _temporary: Option<tempfile::TempDir>,
}

struct Running {
    /// The listening socket once more: shutting it down is what wakes the accepting thread.
    waker: TcpStream,
    acceptor: JoinHandle<()>,
}

/// What all sessions use.
struct Shared {
    options: ServerOptions,
    tls: Option<rustls::ServerConfig>,
    root: path::Root,
    commands: record::Record,
    sessions: Mutex<Sessions>,
}

/// The control connections that are open, so that stopping can end them.
#[derive(Default)]
struct Sessions {
    stopping: bool,
    next_id: u64,
    open: HashMap<u64, TcpStream>,
}

impl FtpServer {
    /// Starts to listen; clients can connect as soon as this returns.
    ///
    /// # Errors
    /// The address is taken, or the root folder, the certificate or its key cannot be used.
    pub fn start(options: ServerOptions) -> io::Result<FtpServer> {
        let (root, temporary) = match &options.root {
            Some(root) => (root.clone(), None),
            None => {
                let folder = tempfile::Builder::new().prefix("nlftp-").tempdir()?;
                (folder.path().to_owned(), Some(folder))
            }
        };
        if !root.is_dir() {
            return Err(io::Error::new(
                io::ErrorKind::NotADirectory,
                format!(
                    "the root of the FTP server, {}, is not a folder",
                    root.display()
                ),
            ));
        }
        let tls = options.tls.as_ref().map(ServerTls::config).transpose()?;
        let listener = TcpListener::bind(options.address)?;
        let address = listener.local_addr()?;
        let waker = TcpStream::from(OwnedFd::from(listener.try_clone()?));
        let shared = Arc::new(Shared {
            root: path::Root::new(&root)?,
            options,
            tls,
            commands: record::Record::default(),
            sessions: Mutex::default(),
        });
        let acceptor = thread::Builder::new()
            .name(String::from("ftp-accept"))
            .spawn({
                let shared = Arc::clone(&shared);
                move || accept(&shared, &listener)
            })?;
        let running = Mutex::new(Some(Running { waker, acceptor }));
        Ok(FtpServer {
            shared,
            address,
            root,
            running,
            _temporary: temporary,
        })
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address to connect to, without the port.
    pub fn host(&self) -> String {
        let ip = self.address.ip();
        match ip {
            IpAddr::V4(v4) if v4.is_unspecified() => String::from("127.0.0.1"),
            IpAddr::V6(v6) if v6.is_unspecified() => String::from("::1"),
            _ => ip.to_string(),
        }
    }

    /// The control port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The user who may log in.
    pub fn user(&self) -> &str {
        &self.shared.options.user
    }

    /// The user's password.
    pub fn password(&self) -> &str {
        &self.shared.options.password
    }

    /// The folder that clients see as `/`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The address of the root folder, with user and password: `ftp://nlftp:nlftp@127.0.0.1:2121/`, or `ftps://…`
    /// where TLS is required.
    pub fn url(&self) -> String {
        let host = match self.host() {
            v6 if v6.contains(':') => format!("[{v6}]"),
            host => host,
        };
        let user = percent(self.user());
        let password = percent(self.password());
        let scheme = match &self.shared.options.tls {
            Some(tls) if tls.start != TlsStart::Offered => "ftps",
            _ => "ftp",
        };
        format!("{scheme}://{user}:{password}@{host}:{}/", self.port())
    }

    /// The last few thousand control lines that clients sent, with the arguments of PASS and ACCT
    /// masked.
    pub fn commands(&self) -> Vec<String> {
        self.shared.commands.lines()
    }

    /// Ends all connections, running transfers too, and waits for all threads. Dropping the server
    /// does the same; files stay until then. Stopping twice does nothing.
    pub fn stop(&self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Running { waker, acceptor }) = running.take() else {
            return;
        };
        {
            let mut sessions = self.shared.sessions();
            sessions.stopping = true;
            for stream in sessions.open.values() {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        let _ = waker.shutdown(Shutdown::Both);
        let _ = acceptor.join();
    }
}

impl Drop for FtpServer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for FtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FtpServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a new control connection; `None` when there is no room, or no time any more.
    fn enter(&self, stream: &TcpStream) -> Option<u64> {
        let mut sessions = self.sessions();
        if sessions.stopping || sessions.open.len() >= self.options.max_sessions {
            return None;
        }
        let stream = stream.try_clone().ok()?;
        let id = sessions.next_id;
        sessions.next_id += 1;
        sessions.open.insert(id, stream);
        Some(id)
    }
}

/// Leaves the list of open sessions however the session ends.
struct Entered<'a> {
    shared: &'a Shared,
    id: u64,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.shared.sessions().open.remove(&self.id);
    }
}

/// Accepts clients until the server stops, then waits for their threads.
fn accept(shared: &Arc<Shared>, listener: &TcpListener) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    loop {
        let accepted = listener.accept();
        if shared.sessions().stopping {
            break;
        }
        threads.retain(|thread| !thread.is_finished());
        match accepted {
            Ok((stream, _)) => threads.extend(admit(shared, stream)),
            // Out of descriptors, most likely: others have to end first.
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
    for thread in threads {
        let _ = thread.join();
    }
}

fn admit(shared: &Arc<Shared>, mut stream: TcpStream) -> Option<JoinHandle<()>> {
    let Some(id) = shared.enter(&stream) else {
        let _ = stream.write_all(b"421 Too many connections, come back later.\r\n");
        return None;
    };
    let session = {
        let shared = Arc::clone(shared);
        move || {
            let entered = Entered {
                shared: &shared,
                id,
            };
            if let Ok(control) = session::serve(Arc::clone(&shared), stream) {
                // The place is free before the client can see the end of the connection.
                drop(entered);
                control.close();
            }
        }
    };
    let spawned = thread::Builder::new()
        .name(format!("ftp-{id}"))
        .spawn(session);
    if spawned.is_err() {
        shared.sessions().open.remove(&id);
    }
    spawned.ok()
}

/// Percent-encodes what may not stand in the user part of a URL.
fn percent(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
