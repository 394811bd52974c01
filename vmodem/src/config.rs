//! What a modem is made as, and what AT commands change about it.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::dialect::Dialect;

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

/// How a modem starts.
#[derive(Debug, Clone)]
pub struct ModemConfig {
    /// How the firmware reads the manual.
    pub dialect: Dialect,
    /// The DTR line.
    pub dtr: Dtr,
    /// Whether command lines are echoed at the start.
    pub echo: bool,
    /// Whether the PDP context is up at the start.
    pub attached: bool,
    /// The address that the context gets.
    pub address: Ipv4Addr,
    /// Whether a SIM is there and unlocked.
    pub sim_ready: bool,
    /// Whether the network was found.
    pub registered: bool,
    /// The time from a command line, or from the last byte of an FTPPUT piece, to its answer.
    pub turnaround: Duration,
}

impl Default for ModemConfig {
    fn default() -> Self {
        Self {
            dialect: Dialect::default(),
            dtr: Dtr::default(),
            echo: true,
            attached: true,
            address: Ipv4Addr::new(10, 34, 7, 211),
            sim_ready: true,
            registered: true,
            turnaround: Duration::ZERO,
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
            dtr_drop_closes: false,
            flow_control: (2, 2),
            ftp_limit: 50,
            active: false,
            rest: 0,
            info: false,
        }
    }
}
