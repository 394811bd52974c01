//! Who answers on a port: identity, SIM, registration, address.

use std::fmt;

/// What a modem tells of itself; `None` where it does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModemInfo {
    /// The lines of `ATI`.
    pub identification: Vec<String>,
    /// `AT+CGMI`
    pub manufacturer: Option<String>,
    /// `AT+CGMM`
    pub model: Option<String>,
    /// `AT+CGMR`, the firmware.
    pub revision: Option<String>,
    /// `AT+CGSN`, the IMEI.
    pub serial_number: Option<String>,
    /// `AT+CPIN?`: `READY`, what the SIM waits for, or the error that the modem answers without one.
    pub sim: Option<String>,
    /// `AT+CEREG?` or `AT+CREG?`
    pub registration: Option<Registration>,
    /// The operator of `AT+COPS?`.
    pub operator: Option<String>,
    /// The access technology of `AT+COPS?` as 3GPP TS 27.007 numbers them: 2 for UMTS, 7 for LTE.
    pub access_technology: Option<u32>,
    /// Signal strength of `AT+CSQ`, 0 to 31; 99 is unknown.
    pub signal: Option<u32>,
    /// The address of the PDP context; `None` while the module is not attached.
    pub address: Option<String>,
    /// Whether an FTP connection is open (`AT+FTPOPEN?`).
    pub ftp_connected: Option<bool>,
}

impl ModemInfo {
    /// Signal strength in dBm, from -113 to -51; `None` where it is unknown.
    pub fn signal_dbm(&self) -> Option<i32> {
        let signal = self.signal.filter(|signal| *signal <= 31)?;
        Some(-113 + 2 * i32::try_from(signal).ok()?)
    }
}

/// The state of registration (3GPP TS 27.007, `+CREG` and `+CEREG`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Registration {
    /// 0: not registered, and not searching.
    NotRegistered,
    /// 1: registered in the home network.
    Home,
    /// 2: searching.
    Searching,
    /// 3: registration was denied.
    Denied,
    /// 4: unknown, such as out of coverage.
    Unknown,
    /// 5: registered, roaming.
    Roaming,
    /// Any other number.
    Other(u32),
}

impl Registration {
    pub(crate) fn from_number(number: u32) -> Registration {
        match number {
            0 => Registration::NotRegistered,
            1 => Registration::Home,
            2 => Registration::Searching,
            3 => Registration::Denied,
            4 => Registration::Unknown,
            5 => Registration::Roaming,
            other => Registration::Other(other),
        }
    }

    /// The number that `+CREG` has for it.
    pub fn number(self) -> u32 {
        match self {
            Registration::NotRegistered => 0,
            Registration::Home => 1,
            Registration::Searching => 2,
            Registration::Denied => 3,
            Registration::Unknown => 4,
            Registration::Roaming => 5,
            Registration::Other(number) => number,
        }
    }

    /// Whether the module is on a network.
    pub fn is_registered(self) -> bool {
        matches!(self, Registration::Home | Registration::Roaming)
    }
}

impl fmt::Display for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Registration::NotRegistered => "not registered",
            Registration::Home => "home network",
            Registration::Searching => "searching",
            Registration::Denied => "denied",
            Registration::Unknown => "unknown",
            Registration::Roaming => "roaming",
            Registration::Other(number) => return write!(f, "state {number}"),
        })
    }
}
