//! What a user sets before anything starts: the port, the time limits, the login, the options of a transfer.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::locator::{Locator, UsbLocator};
use crate::protocol::dialect::Dialect;

/// How the serial line holds a sender back (V.250 `AT+IFC`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FlowControl {
    /// Nothing holds it back. On a real UART, fast downloads should go by block.
    #[default]
    None,
    /// The RTS and CTS lines, on both sides.
    RtsCts,
    /// XON and XOFF characters. Binary data holds both of them: a warning says so.
    XonXoff,
}

/// How to open a port and how long to wait for a modem.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Bits per second; 115,200 unless set. Without meaning on USB and pseudo-terminals.
    pub baud_rate: u32,
    /// What holds a sender back.
    pub flow_control: FlowControl,
    /// How long a final result (`OK`, `ERROR`) may take: 10 s.
    pub timeout: Duration,
    /// How long an outcome (`+FTPCWD: 1`) and FTPPUT's prompt may take: 150 s.
    pub outcome_timeout: Duration,
    /// How long a transfer may go without a byte: 60 s.
    pub stall_timeout: Duration,
    /// How long a call waits for a port that is not there: one that was lost, as by an unplugged cable, or, when it is
    /// opened, one that is yet to be plugged in. 0, so not at all, unless set. A device that comes back under another
    /// name is known by its USB serial number and interface, or by the USB port that it is plugged in: see
    /// [`locator`](Self::locator).
    pub port_timeout: Duration,
    /// What finds a device that comes back under another name; [`UsbLocator`](crate::UsbLocator) unless set.
    pub locator: Arc<dyn Locator>,
    /// How long a whole call may take, all commands of it together: no limit unless set.
    pub deadline: Option<Duration>,
    /// A file that gets a record of the port's traffic, passwords masked.
    pub trace: Option<PathBuf>,
    /// What cannot be found out about a firmware without risk.
    pub dialect: Dialect,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            baud_rate: 115_200,
            flow_control: FlowControl::None,
            timeout: Duration::from_secs(10),
            outcome_timeout: Duration::from_secs(150),
            stall_timeout: Duration::from_secs(60),
            port_timeout: Duration::ZERO,
            locator: Arc::new(UsbLocator::default()),
            deadline: None,
            trace: None,
            dialect: Dialect::default(),
        }
    }
}

/// A password or account: never shown, wiped when dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the secret's octets.
    pub fn new(secret: impl AsRef<[u8]>) -> Secret {
        Secret(Zeroizing::new(secret.as_ref().to_vec()))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The PDP context that the module attaches with (manual 3.1): `"CTNET".into()`, or one with a login of its own.
#[derive(Debug, Clone)]
pub struct PdpContext {
    pub(crate) apn: String,
    pub(crate) login: Option<(String, Secret)>,
}

impl PdpContext {
    /// A context with this access point name, at most 255 octets, without a login.
    pub fn new(apn: impl Into<String>) -> PdpContext {
        PdpContext {
            apn: apn.into(),
            login: None,
        }
    }

    /// The same with the user name and password that the access point asks for, at most 255 octets each.
    #[must_use]
    pub fn with_login(self, user: impl Into<String>, password: impl AsRef<[u8]>) -> PdpContext {
        PdpContext {
            login: Some((user.into(), Secret::new(password))),
            ..self
        }
    }
}

impl From<&str> for PdpContext {
    fn from(apn: &str) -> PdpContext {
        PdpContext::new(apn)
    }
}

impl From<&String> for PdpContext {
    fn from(apn: &String) -> PdpContext {
        PdpContext::new(apn)
    }
}

impl From<String> for PdpContext {
    fn from(apn: String) -> PdpContext {
        PdpContext::new(apn)
    }
}

/// Whom to log in as, and where: the parameters of FTPOPEN (manual 1.2.1) and FTPMODE (1.2.21).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Login {
    /// Host name or address of the server, at most 1,024 octets.
    pub host: String,
    /// User name, at most 255 octets.
    pub user: Vec<u8>,
    /// Password, at most 255 octets.
    pub password: Secret,
    /// Account for servers that want one (RFC 959 ACCT), at most 255 octets.
    pub account: Option<Secret>,
    /// The server's control port; 21, or 990 with TLS, unless set.
    pub port: Option<u16>,
    /// FTPS, the manual's `sftpmode`.
    pub tls: bool,
    /// Passive data connections (the default) or active ones.
    pub passive: bool,
    /// The module's own port for the control connection; 0 lets it choose.
    pub source_control_port: u16,
    /// The module's own port for data connections; 0 lets it choose.
    pub source_data_port: u16,
}

impl Login {
    /// A login in passive mode, without TLS, at the default port.
    pub fn new(
        host: impl Into<String>,
        user: impl AsRef<[u8]>,
        password: impl AsRef<[u8]>,
    ) -> Login {
        Login {
            host: host.into(),
            user: user.as_ref().to_vec(),
            password: Secret::new(password),
            account: None,
            port: None,
            tls: false,
            passive: true,
            source_control_port: 0,
            source_data_port: 0,
        }
    }

    /// The server's control port: the one that was set, or the default.
    pub(crate) fn server_port(&self) -> u16 {
        self.port.unwrap_or(if self.tls { 990 } else { 21 })
    }
}

/// Which of the module's ways a transfer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Via {
    /// Block for downloads that nothing could hold back, stream otherwise: by the bytes on the wire and the commands
    /// in between, a stream is never the slower one but for files of 0x03 and 0x10 alone.
    #[default]
    Auto,
    /// FTPSTOR and FTPRETR: stuffed bytes, ended by 0x03 (manual 1.2.15, 1.2.16).
    Stream,
    /// FTPPUT and FTPGET with FTPRECV: counted pieces (manual 1.2.18 to 1.2.20).
    Block,
}

/// The representation type of a transfer (RFC 959, 3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileType {
    /// TYPE A: module and server may change line ends; sizes cannot be checked.
    Ascii,
    /// TYPE I: every byte as it is.
    #[default]
    Binary,
}

/// How a transfer is checked once its bytes have moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verify {
    /// The size in the server's listing must agree. A flipped byte goes unseen. A download that goes on a MiB beyond that
    /// size is given up at once: such a server might fill the disk.
    #[default]
    Size,
    /// A second download must have the same SHA-256 digest. Costs the line time of the whole file.
    Readback,
    /// Nothing is checked beyond the module's own outcome. A firmware that ends FTPRETR without 0x03 needs the size,
    /// and so one of the others: without it such a download ends at the stall limit.
    None,
}

/// When a transfer that failed for a reason that may pass is tried again, in the same call.
///
/// Such reasons are all but wrong arguments, a local file's failure, a cancel, the call's own deadline, and a server that
/// refuses a file of which nothing was moved yet. Between two tries the modem is brought back to command mode, and what
/// was lost is opened anew: the port, which is waited for as long as [`Config::port_timeout`] says, the network that was
/// attached, the FTP connection. Each try goes on where the one before ended, as a transfer with
/// [`resume`](TransferOptions::resume) does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// How often in a row it is tried again. A try that moves bytes that none had moved before starts the count anew.
    pub tries: u32,
    /// The pause before the first of them: 1 s unless set. It doubles with each one in a row.
    pub delay: Duration,
    /// The longest pause: 60 s unless set.
    pub max_delay: Duration,
    /// No try begins later than this after the call began: no limit unless set.
    pub max_time: Option<Duration>,
}

impl Retry {
    /// Up to `tries` more tries in a row that bring the file no further, after pauses of 1 s, 2 s, 4 s and so on.
    pub fn new(tries: u32) -> Retry {
        Retry {
            tries,
            delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(60),
            max_time: None,
        }
    }
}

/// How far a transfer has come.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes of the file moved so far. A transfer that resumes counts from the file's start: what was there already is
    /// done.
    pub done: u64,
    /// Bytes to move in all, where known; of one that resumes, the size of the file.
    pub total: Option<u64>,
    /// Bytes per second since the operation was started.
    pub rate: f64,
}

/// A progress callback: runs on the thread that waits for the transfer, never on the worker.
pub type OnProgress<'a> = Box<dyn FnMut(Progress) + Send + 'a>;

/// Options of a transfer, the same for [`put`](crate::Ftp::put) and [`get`](crate::Ftp::get).
#[non_exhaustive]
#[derive(Default)]
pub struct TransferOptions<'a> {
    /// Which of the module's ways to take.
    pub via: Via,
    /// ASCII or binary.
    pub file_type: FileType,
    /// For a download: the first byte of the remote file to fetch. For an upload: the position in the
    /// remote file that the source's first byte goes to.
    pub offset: u64,
    /// Go on where an earlier transfer of the same file ended: see [`put`](crate::Ftp::put) and [`get`](crate::Ftp::get).
    /// The offset is found by comparing the last 64 KiB of both sides: it goes on at the end of what they have in common,
    /// never just at the size of one of them, and where the sides differ from the beginning of that block on, it starts
    /// over, with a warning. With an `offset` other than 0 it is an
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument). An ASCII transfer always starts over.
    pub resume: bool,
    /// Try a transfer that failed again, in the same call. It is one that resumes then, with all that
    /// [`resume`](Self::resume) says of sources, sinks, offsets, and what a failure leaves.
    pub retry: Option<Retry>,
    /// Of an upload: send it under a temporary name, and give it its own when it is complete and checked: see
    /// [`put`](crate::Ftp::put). For a download an [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
    pub temporary: bool,
    /// How to check it.
    pub verify: Verify,
    /// A time limit for this call in place of [`Config::deadline`].
    pub deadline: Option<Duration>,
    /// Called as bytes move, and a last time with `done` = size.
    pub progress: Option<OnProgress<'a>>,
}

impl TransferOptions<'_> {
    /// Whether it goes on where an earlier transfer ended, by request or by its retries.
    pub(crate) fn resumes(&self) -> bool {
        self.resume || self.retry.is_some()
    }
}

/// What an upload may be told.
pub type PutOptions<'a> = TransferOptions<'a>;
/// What a download may be told.
pub type GetOptions<'a> = TransferOptions<'a>;

/// What checked a transfer in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verified {
    /// Nothing could be, or was asked to be, checked; a warning says why.
    No,
    /// The size in the server's listing agrees.
    Size,
    /// A second download has the same digest.
    Readback,
}

/// A transfer that succeeded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Transfer {
    /// Bytes of the file that this call moved; without those that [`resumed_from`](Self::resumed_from) counts.
    pub bytes: u64,
    /// From the first command to the last check.
    pub duration: Duration,
    /// The way taken, never `Auto`.
    pub via: Via,
    /// What the result rests on.
    pub verified: Verified,
    /// Where in the file a transfer that resumes went on; 0 when it began at the start. With `bytes` it makes the size of
    /// the file.
    pub resumed_from: u64,
    /// What the caller should know, such as why another way was taken or nothing could be checked.
    pub warnings: Vec<String>,
}
