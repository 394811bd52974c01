//! One entry for each extended command: its name, when it is answered, its test form, its handler.

use super::{Handled, Request, ftp, ftp_transfer, general};
use crate::Modem;
use crate::dialect::{Dialect, RecvName, RetrName};

/// When a command is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Not an FTP command: always.
    Plain,
    /// An FTP setting: without a connection too, but not in download mode.
    Setting,
    /// With a connection, and no transfer on it.
    Connected,
    /// FTPOPEN: knows the states itself; its read form is answered in download mode.
    Open,
    /// FTPCLOSE: answered in download mode.
    Close,
    /// FTPGET: as `Connected`, and its read form may be answered in download mode.
    Get,
    /// FTPRECV: answered in download mode.
    Recv,
    /// FTPPUT: with a connection, also between its own pieces.
    Put,
}

/// One extended command.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) access: Access,
    /// What the test form lists; None where the manual answers it with ERROR.
    pub(crate) test: Option<&'static str>,
    /// Whether a dialect knows the name, given that the first value is quoted or not.
    pub(crate) spoken: fn(&Dialect, bool) -> bool,
    pub(crate) run: fn(&mut Modem, &Request<'_>) -> Handled,
}

const fn entry(
    name: &'static str,
    access: Access,
    test: Option<&'static str>,
    run: fn(&mut Modem, &Request<'_>) -> Handled,
) -> Entry {
    Entry {
        name,
        access,
        test,
        spoken: |_, _| true,
        run,
    }
}

const fn spelled(entry: Entry, spoken: fn(&Dialect, bool) -> bool) -> Entry {
    Entry { spoken, ..entry }
}

const DIRECTORY: Option<&str> = Some("(\"directory name\")");
const FILE: Option<&str> = Some("(\"file name\")");
const EITHER: Option<&str> = Some("(\"file/directory name\")");
const SWITCH: Option<&str> = Some("(0-1)");
const DOWNLOAD: Option<&str> = Some("(\"file name\"),(0-1),(0-4294967295)");
const RECV: Option<&str> = Some("(1-3000)");
const OPEN: Option<&str> = Some(
    "(\"destination_ip/url\"),(\"username\"),(\"password\"),(\"account\"),(0-65535),(0-65535),(0-65535),(0-1)",
);

/// Every extended command.
pub(crate) static ENTRIES: &[Entry] = &[
    entry("CMEE", Access::Plain, Some("(0-2)"), general::error_reports),
    entry("CPIN", Access::Plain, None, general::sim),
    entry("CREG", Access::Plain, Some("(0-2)"), general::registration),
    entry("CEREG", Access::Plain, Some("(0-2)"), general::registration),
    entry(
        "CSQ",
        Access::Plain,
        Some("(0-31,99),(99)"),
        general::signal,
    ),
    entry("COPS", Access::Plain, None, general::operator),
    entry("CGMI", Access::Plain, Some(""), general::identity),
    entry("CGMM", Access::Plain, Some(""), general::identity),
    entry("CGMR", Access::Plain, Some(""), general::identity),
    entry("CGSN", Access::Plain, Some(""), general::identity),
    entry(
        "IFC",
        Access::Plain,
        Some("(0-2),(0-2)"),
        general::flow_control,
    ),
    entry("GTSET", Access::Plain, None, general::module_setting),
    entry(
        "MIPCALL",
        Access::Plain,
        Some("(0-1)"),
        general::pdp_context,
    ),
    entry("FTPOPEN", Access::Open, OPEN, ftp::open),
    entry("FTPCLOSE", Access::Close, None, ftp::close),
    entry("FTPINFO", Access::Setting, SWITCH, ftp::info),
    entry("FTPMODE", Access::Setting, SWITCH, ftp::mode),
    entry(
        "FTPREST",
        Access::Setting,
        Some("(0-4294967295)"),
        ftp::rest,
    ),
    entry("FTPCWD", Access::Connected, DIRECTORY, ftp::named),
    entry("FTPMKD", Access::Connected, DIRECTORY, ftp::named),
    entry("FTPRMD", Access::Connected, DIRECTORY, ftp::named),
    entry("FTPDEL", Access::Connected, FILE, ftp::named),
    entry("FTPCDUP", Access::Connected, None, ftp::bare),
    entry("FTPNOOP", Access::Connected, None, ftp::bare),
    entry("FTPPWD", Access::Connected, None, ftp::bare),
    entry("FTPSYST", Access::Connected, None, ftp::bare),
    entry(
        "FTPREN",
        Access::Connected,
        Some("(\"file name from\"),(\"file name to\")"),
        ftp::rename,
    ),
    entry("FTPSTAT", Access::Connected, EITHER, ftp::stat),
    entry("FTPLIST", Access::Connected, EITHER, ftp_transfer::list),
    entry(
        "FTPSTOR",
        Access::Connected,
        Some("(\"file name\"),(0-1),(0-4294967294)"),
        ftp_transfer::stor,
    ),
    spelled(
        entry("FTPRETR", Access::Connected, DOWNLOAD, ftp_transfer::retr),
        |dialect, _| dialect.retr_name != RetrName::FtpGetr,
    ),
    spelled(
        entry("FTPGETR", Access::Connected, DOWNLOAD, ftp_transfer::retr),
        |dialect, quoted| quoted && dialect.retr_name != RetrName::FtpRetr,
    ),
    entry("FTPGET", Access::Get, DOWNLOAD, ftp_transfer::get),
    spelled(
        entry("FTPRECV", Access::Recv, RECV, ftp_transfer::recv),
        |dialect, _| matches!(dialect.recv_name, RecvName::Any | RecvName::FtpRecv),
    ),
    spelled(
        entry("FTP_RECV", Access::Recv, RECV, ftp_transfer::recv),
        |dialect, _| {
            matches!(
                dialect.recv_name,
                RecvName::Any | RecvName::FtpUnderscoreRecv
            )
        },
    ),
    spelled(
        entry("FTPGETR", Access::Recv, RECV, ftp_transfer::recv),
        |dialect, quoted| !quoted && matches!(dialect.recv_name, RecvName::Any | RecvName::FtpGetr),
    ),
    entry(
        "FTPPUT",
        Access::Put,
        Some("(\"file name\"),(1-1024),(0-1),(0-1)"),
        ftp_transfer::put,
    ),
];
