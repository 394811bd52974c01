//! A virtual modem, an FTP server, and the program between them and the test.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{ModemConfig, Options, VirtualModem};
use serde_json::Value;

/// Long enough for the slowest machine; reached only when something hangs.
const LIMIT: Duration = Duration::from_secs(120);

/// A modem and a server in this process, and a folder for local files.
pub(crate) struct Rig {
    pub(crate) server: FtpServer,
    pub(crate) modem: VirtualModem,
    pub(crate) folder: tempfile::TempDir,
}

impl Rig {
    pub(crate) fn new() -> Rig {
        Rig::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Rig {
        Rig {
            server: FtpServer::start(ServerOptions::default()).unwrap(),
            modem: VirtualModem::start(options).unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A module that has yet to be attached.
    pub(crate) fn detached() -> Rig {
        Rig::with(Options {
            modem: ModemConfig {
                attached: false,
                ..ModemConfig::default()
            },
            ..Options::default()
        })
    }

    /// A line so slow that a megabyte is on it for more than a minute.
    pub(crate) fn slow() -> Rig {
        Rig::with(Options {
            baud: Some(115_200),
            ..Options::default()
        })
    }

    /// The URL of a path in the server's folder.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url())
    }

    /// The same without user and password.
    pub(crate) fn bare_url(&self, path: &str) -> String {
        format!("ftp://{}/{path}", self.server.address())
    }

    /// A local file's path.
    pub(crate) fn local(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A local file with this content; its path as text.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> String {
        let path = self.local(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The last line that the modem was sent with this command.
    #[track_caller]
    pub(crate) fn last_sent(&self, start: &str) -> String {
        let sent = self.modem.sent_lines();
        let found = sent.iter().rev().find(|line| line.starts_with(start));
        found
            .unwrap_or_else(|| panic!("no {start} in {sent:?}"))
            .clone()
    }

    /// A file in the server's folder.
    pub(crate) fn remote(&self, name: &str) -> PathBuf {
        self.server.root().join(name)
    }

    /// The program with this modem's port, in the folder for local files.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = program(args);
        command
            .arg("-p")
            .arg(self.modem.port())
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path());
        command
    }

    pub(crate) fn start(&self, args: &[&str]) -> Running {
        Running::new(&mut self.command(args))
    }

    pub(crate) fn run(&self, args: &[&str]) -> Done {
        self.start(args).finish()
    }

    /// The program's one JSON value, of a run that succeeds.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let done = self.run(&[args, &["--json"]].concat());
        done.succeeded();
        done.json()
    }

    /// Whatever happened before: the next command is answered.
    pub(crate) fn still_works(&self) {
        let done = self.run(&["at", "AT+CSQ"]);
        done.succeeded();
        assert!(done.out_text().contains("+CSQ"), "{done:?}");
    }

    /// The names in the folder for local files.
    pub(crate) fn local_names(&self) -> Vec<String> {
        names(self.folder.path())
    }
}

/// The names in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The program, in an environment that says nothing to it.
pub(crate) fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nlftp"));
    command.args(args);
    for name in [
        "NLFTP_PORT",
        "NLFTP_PASSWORD",
        "NLFTP_APN_PASSWORD",
        "NETRC",
        "HOME",
    ] {
        command.env_remove(name);
    }
    command
}

/// Runs the program without a modem.
pub(crate) fn run(args: &[&str]) -> Done {
    Running::new(&mut program(args)).finish()
}

/// A run that goes on.
pub(crate) struct Running {
    child: Child,
    pub(crate) stdin: Option<ChildStdin>,
    pub(crate) out: Option<JoinHandle<Vec<u8>>>,
    err: Option<JoinHandle<Vec<u8>>>,
}

impl Running {
    pub(crate) fn new(command: &mut Command) -> Running {
        command.stdout(Stdio::piped());
        let mut running = Running::with_stdout(command);
        running.out = running.child.stdout.take().map(collect);
        running
    }

    /// With a standard output of the test's own; a piped one is left to [`Running::take_stdout`].
    pub(crate) fn with_stdout(command: &mut Command) -> Running {
        let mut child = command
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Running {
            stdin: child.stdin.take(),
            out: None,
            err: child.stderr.take().map(collect),
            child,
        }
    }

    pub(crate) fn take_stdout(&mut self) -> std::process::ChildStdout {
        self.child.stdout.take().unwrap()
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.stdin.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let line = format!("kill -{name} {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &line])
                .status()
                .unwrap()
                .success()
        );
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for something to happen while the program runs.
    pub(crate) fn until(&mut self, what: &str, mut happened: impl FnMut() -> bool) {
        let start = Instant::now();
        while !happened() {
            if let Some(status) = self.child.try_wait().unwrap() {
                let err = self
                    .err
                    .take()
                    .map(|err| err.join().unwrap())
                    .unwrap_or_default();
                panic!(
                    "ended ({status}) before {what}: {}",
                    String::from_utf8_lossy(&err)
                );
            }
            assert!(start.elapsed() < LIMIT, "nothing of {what} in {LIMIT:?}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Closes its standard input and waits for its end.
    pub(crate) fn finish(mut self) -> Done {
        self.stdin = None;
        self.end()
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Done {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > LIMIT {
                self.child.kill().unwrap();
                panic!("the program hangs");
            }
            thread::sleep(Duration::from_millis(2));
        };
        let join = |handle: Option<JoinHandle<Vec<u8>>>| {
            handle
                .map(|handle| handle.join().unwrap())
                .unwrap_or_default()
        };
        let out = join(self.out.take());
        let err = String::from_utf8(join(self.err.take())).unwrap();
        Done {
            status: status.code().unwrap_or(-1),
            out,
            err,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) status: i32,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Done {
    pub(crate) fn out_text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }

    #[track_caller]
    pub(crate) fn succeeded(&self) {
        assert_eq!(self.status, 0, "{} {}", self.err, self.out_text());
    }

    /// It succeeded as `rm` of a shell does.
    #[track_caller]
    pub(crate) fn said_nothing(&self) {
        self.succeeded();
        assert!(self.out.is_empty() && self.err.is_empty(), "{self:?}");
    }

    /// It failed with this status, one sentence, and nothing on standard output.
    #[track_caller]
    pub(crate) fn failed(&self, status: u8) -> &str {
        assert_eq!(self.status, i32::from(status), "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        assert!(self.err.starts_with("nlftp: "), "{self:?}");
        assert!(self.out.is_empty(), "{self:?}");
        self.err.trim_end()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let text = self.out_text();
        assert_eq!(text.lines().count(), 1, "{self:?}");
        serde_json::from_str(&text).unwrap()
    }

    /// The error object of a run that failed with --json.
    #[track_caller]
    pub(crate) fn json_error(&self) -> Value {
        assert!(self.err.is_empty(), "{self:?}");
        let error = self.json()["error"].clone();
        assert_eq!(error["exit_status"], self.status, "{self:?}");
        error
    }
}

/// Bytes without pattern, the same ones each time.
pub(crate) fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    (0..size)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}
