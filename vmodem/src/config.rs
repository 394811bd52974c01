//! What a modem is made as, and what AT commands change about it.

use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;

use crate::dialect::{Dialect, ErrorForm};

/// What the modem's DTR line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dtr {
    /// Wired: under AT&D2 a drop ends every data phase and the FTP connection.
    #[default]
    Present,
    /// AT&D2 is taken, but a drop does nothing.
    Ignored,
    /// AT&Dn is an error, and a drop is never seen.
    Absent,
}

/// Who may bring up the PDP context.
#[derive(Clone, PartialEq, Eq)]
pub struct ApnLogin {
    /// The second text of `AT+MIPCALL=1,…`.
    pub user: String,
    /// The third.
    pub password: String,
}

/// Without the password.
impl fmt::Debug for ApnLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApnLogin")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// A command that fails once, whatever it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The command by its name without the plus sign, as in `FTPCWD`, or an empty text for whichever comes next.
    pub command: String,
    /// The code of the manual's section 2; of 2.2 with a `form` of CMS errors, else of 2.1 or 2.3.
    pub code: u16,
    /// How it is told; None for the dialect's way.
    pub form: Option<ErrorForm>,
}

impl Failure {
    /// A failure that is told in the dialect's way.
    pub fn new(command: impl Into<String>, code: u16) -> Self {
        Self {
            command: command.into(),
            code,
            form: None,
        }
    }

    /// The same failure, told in this way.
    pub fn told(self, form: ErrorForm) -> Self {
        Self {
            form: Some(form),
            ..self
        }
    }

    pub(crate) fn concerns(&self, command: &[u8]) -> bool {
        self.command.is_empty() || self.command.as_bytes().eq_ignore_ascii_case(command)
    }
}

/// How a modem starts.
#[derive(Debug, Clone)]
pub struct ModemConfig {
    /// How the firmware reads the manual.
    pub dialect: Dialect,
    /// The DTR line.
    pub dtr: Dtr,
    /// Whether the port is a USB port, on which FTPRETR is paced by `AT+GTSET="FTPLIMIT"`.
    pub usb: bool,
    /// Whether command lines are echoed at the start.
    pub echo: bool,
    /// Whether the PDP context is up at the start.
    pub attached: bool,
    /// The address that the context gets.
    pub address: Ipv4Addr,
    /// Who may bring the context up; None for everybody.
    pub apn_login: Option<ApnLogin>,
    /// Whether a SIM is there and unlocked.
    pub sim_ready: bool,
    /// Whether the network was found.
    pub registered: bool,
    /// The time from a command line, or from the last byte of an FTPPUT piece, to its answer.
    pub turnaround: Duration,
    /// Commands that fail, each once; of those that concern a command the first is used.
    pub failures: Vec<Failure>,
}

impl Default for ModemConfig {
    fn default() -> Self {
        Self {
            dialect: Dialect::default(),
            dtr: Dtr::default(),
            usb: false,
            echo: true,
            attached: true,
            address: Ipv4Addr::new(10, 34, 7, 211),
            apn_login: None,
            sim_ready: true,
            registered: true,
            turnaround: Duration::ZERO,
            failures: Vec::new(),
        }
    }
}

/// What AT commands set.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) echo: bool,
    pub(crate) error_reports: u8,
    pub(crate) dtr_drop_closes: bool,
    pub(crate) flow_control: (u64, u64),
    pub(crate) ftp_limit: u64,
    /// Which registration lines are shown unasked: AT+CREG and AT+CEREG.
    pub(crate) registration: [u8; 2],
    /// How AT+COPS? names the operator.
    pub(crate) operator_format: u8,
    /// FTPMODE.
    pub(crate) active: bool,
    /// FTPREST.
    pub(crate) rest: u64,
    /// FTPINFO.
    pub(crate) info: bool,
}

impl Settings {
    pub(crate) fn new(config: &ModemConfig) -> Self {
        Self {
            echo: config.echo,
            error_reports: 0,
            dtr_drop_closes: !config.dialect.dtr_needs_d2,
            flow_control: (2, 2),
            ftp_limit: 50,
            registration: [0, 0],
            operator_format: 0,
            active: false,
            rest: 0,
            info: false,
        }
    }
}
