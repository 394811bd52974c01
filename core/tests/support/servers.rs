//! FTP servers that are not ours, for tests: each over a temporary folder of its own, on a free
//! loopback port, with passive ports of its own, ended when it is dropped, or with the process of
//! the test however that ends.
//!
//! `scripts/fetch-servers` puts them beside the build; tests that use them are ignored by default
//! and carry the server's name in their own: `scripts/test` picks them by that.

use std::fs::{self, Permissions};
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

#[path = "certificates.rs"]
pub(crate) mod certificates;
mod server_setup;

use certificates::Authority;
use server_setup::{PASSWORD, Setup, TlsFiles};

/// Longer than any of them takes, even on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A block of ports: one that is held as a lock, one for control, the rest for data.
const BLOCK: u16 = 32;
/// Below the ports that the kernel hands out (32768 and up).
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Vsftpd,
    Proftpd,
    PureFtpd,
    Pyftpdlib,
}

impl Kind {
    pub(crate) const ALL: [Kind; 4] =
        [Kind::Vsftpd, Kind::Proftpd, Kind::PureFtpd, Kind::Pyftpdlib];

    fn program(self) -> &'static str {
        match self {
            Kind::Vsftpd => "vsftpd/usr/sbin/vsftpd",
            Kind::Proftpd => "proftpd/usr/sbin/proftpd",
            Kind::PureFtpd => "pureftpd/usr/sbin/pure-ftpd",
            Kind::Pyftpdlib => "venv/bin/python",
        }
    }
}

/// Whether a server speaks TLS, and then no clear text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Security {
    Clear,
    /// TLS from the first byte.
    Implicit,
    /// TLS by AUTH.
    Explicit,
}

/// The name in the servers' certificates.
pub(crate) const HOST: &str = "ftp.example.com";

/// A server that runs.
pub(crate) struct ForeignServer {
    kind: Kind,
    address: SocketAddr,
    user: &'static str,
    remote_folder: String,
    root: PathBuf,
    log: PathBuf,
    authority: Authority,
    guard: Child,
    _block: TcpListener,
    _folder: TempDir,
}

impl ForeignServer {
    /// Starts a server and waits until it greets.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if `scripts/fetch-servers` has not fetched it; otherwise with
    /// what the server printed.
    pub(crate) fn start(kind: Kind) -> io::Result<ForeignServer> {
        ForeignServer::start_with(kind, Security::Clear)
    }

    /// Starts a server that demands TLS, and session reuse where it can.
    ///
    /// # Errors
    /// As [`ForeignServer::start`]; [`io::ErrorKind::Unsupported`] where a server has no such TLS.
    pub(crate) fn start_with(kind: Kind, security: Security) -> io::Result<ForeignServer> {
        let program = servers_folder().join(kind.program());
        if !program.exists() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!(
                    "{kind:?}: {} is not there: run scripts/fetch-servers",
                    program.display()
                ),
            ));
        }
        let folder = tempfile::Builder::new().prefix("nlftp-server-").tempdir()?;
        // The servers change to users without rights, who have to get through.
        open_to_all(folder.path(), 0o755)?;
        let root = folder.path().join("files");
        fs::create_dir(&root)?;
        open_to_all(&root, 0o777)?;

        let authority = Authority::new();
        let tls = match security {
            Security::Clear => None,
            _ => {
                let files = TlsFiles::write(folder.path(), &authority.issue(HOST))?;
                Some((files, security == Security::Implicit))
            }
        };
        let (block, base) = free_ports()?;
        let setup = Setup {
            program,
            folder: folder.path(),
            root: &root,
            port: base + 1,
            passive: (base + 2, base + BLOCK - 1),
            is_superuser: fs::metadata(&root)?.uid() == 0,
            tls,
        };
        let (command, user, remote_folder) = match kind {
            Kind::Vsftpd => setup.vsftpd()?,
            Kind::Proftpd => setup.proftpd()?,
            Kind::PureFtpd => setup.pure_ftpd()?,
            Kind::Pyftpdlib => setup.pyftpdlib(),
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, setup.port));
        let log = folder.path().join("server.log");
        let guard = guarded(&command, &log)?;
        let mut server = ForeignServer {
            kind,
            address,
            user,
            remote_folder,
            root,
            log,
            authority,
            guard,
            _block: block,
            _folder: folder,
        };
        server.wait_for_greeting(security == Security::Implicit)?;
        Ok(server)
    }

    /// The root to trust when the server speaks TLS, as PEM.
    pub(crate) fn root_certificate(&self) -> Vec<u8> {
        self.authority.root()
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn user(&self) -> &str {
        self.user
    }

    pub(crate) fn password(&self) -> &str {
        PASSWORD
    }

    /// The local folder in which files appear that are stored in [`ForeignServer::dir`].
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The remote folder to work in, which may be written.
    pub(crate) fn dir(&self) -> &str {
        &self.remote_folder
    }

    /// What the server printed, for messages of failed tests.
    pub(crate) fn log(&self) -> String {
        let tls = self.log.with_file_name("tls.log");
        let logs = [&self.log, &tls].map(|path| fs::read(path).unwrap_or_default());
        String::from_utf8_lossy(&logs.concat()).into_owned()
    }

    /// Where the greeting is encrypted, a connection that is taken has to do.
    fn wait_for_greeting(&mut self, encrypted: bool) -> io::Result<()> {
        let started = Instant::now();
        loop {
            let found = match encrypted {
                true => TcpStream::connect(self.address).map(|_| String::from("220")),
                false => greeting(self.address),
            };
            let problem = match found {
                Ok(line) if line.starts_with("220") => return Ok(()),
                Ok(line) => format!("greets with {line:?}"),
                Err(error) => error.to_string(),
            };
            let ended = self.guard.try_wait()?;
            if ended.is_some() || started.elapsed() > START_LIMIT {
                let kind = self.kind;
                let log = self.log();
                return Err(io::Error::other(format!(
                    "{kind:?} does not start: {problem}\n{log}"
                )));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for ForeignServer {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.log());
        }
        // vsftpd gives each client a process group of its own: look for them while they can be
        // found, which is as long as their parents live.
        let processes = descendants(self.guard.id());
        // The end of its standard input is what the guard waits for.
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
        let strays = processes.iter().filter(|&&process| is_alive(process));
        let strays: Vec<String> = strays.map(u32::to_string).collect();
        if !strays.is_empty() {
            let _ = Command::new("sh")
                .args(["-c", r#"kill -KILL "$@" 2>/dev/null"#, "sh"])
                .args(strays)
                .status();
        }
        // A killed process closes its sockets a little later, and one with threads looks dead
        // before it has.
        let started = Instant::now();
        while (processes.iter().any(|&process| is_alive(process))
            || TcpStream::connect(self.address).is_ok())
            && started.elapsed() < Duration::from_secs(10)
        {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// State and parent of a process, from `/proc`.
fn state(process: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before them stands in parentheses and may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// Whether a process still runs: one that nobody has waited for yet does not.
fn is_alive(process: u32) -> bool {
    state(process).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
}

/// The children of a process, their children, and so on.
fn descendants(process: u32) -> Vec<u32> {
    let Ok(all) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let all: Vec<(u32, u32)> = all
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|process| Some((process, state(process)?.1)))
        .collect();
    let mut found = vec![process];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(
            all.iter()
                .filter(|(_, of)| *of == parent)
                .map(|(process, _)| *process),
        );
        next += 1;
    }
    found.remove(0);
    found
}

/// Where `scripts/fetch-servers` puts them.
pub(crate) fn servers_folder() -> PathBuf {
    match std::env::var_os("NLFTP_SERVERS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/servers"),
    }
}

fn open_to_all(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// Runs a server in a process group of its own, which is killed as soon as our end of the guard's
/// standard input is closed: by us, or by the kernel if the test is killed. If the server ends by
/// itself, the guard ends too.
fn guarded(command: &[String], log: &Path) -> io::Result<Child> {
    let libraries = fs::read_to_string(servers_folder().join("library-path")).unwrap_or_default();
    let output = fs::File::create(log)?;
    Command::new("sh")
        .arg("-c")
        .arg(r#"("$@" </dev/null; kill -KILL 0) & cat >/dev/null; kill -KILL 0"#)
        .arg("sh")
        .args(command)
        .env("LD_LIBRARY_PATH", libraries.trim())
        .stdin(Stdio::piped())
        .stdout(output.try_clone()?)
        .stderr(output)
        .process_group(0)
        .spawn()
}

fn greeting(address: SocketAddr) -> io::Result<String> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(START_LIMIT))?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line)
}

/// Finds a block of free ports. Whoever holds its first port owns the block: that keeps tests in
/// other processes away from it, and ends with this process.
fn free_ports() -> io::Result<(TcpListener, u16)> {
    static TRIES: AtomicU32 = AtomicU32::new(0);
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let start = since.subsec_micros() + std::process::id();
    let blocks = u32::from((PORTS.end - PORTS.start) / BLOCK);
    for _ in 0..blocks {
        let number = (start + TRIES.fetch_add(1, Ordering::Relaxed)) % blocks;
        let base = PORTS.start + number as u16 * BLOCK;
        let Ok(lock) = TcpListener::bind((Ipv4Addr::LOCALHOST, base)) else {
            continue;
        };
        let mut others = base + 1..base + BLOCK;
        if others.all(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()) {
            return Ok((lock, base));
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AddrInUse,
        "no free block of ports",
    ))
}
