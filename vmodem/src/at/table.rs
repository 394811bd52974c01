//! One entry for each extended command: its name, when it is answered, its test form, its handler.

use super::{Handled, Request, cellular, ftp, ftp_transfer, general};
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

/// What the test form answers.
#[derive(Clone, Copy)]
pub(crate) enum Test {
    /// ERROR.
    Error,
    /// OK alone.
    Nothing,
    /// A line of values.
    Values(&'static str),
    /// A line of values that depend on the modem.
    Computed(fn(&Modem) -> String),
}

/// One extended command.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) access: Access,
    pub(crate) test: Test,
    /// Whether a dialect knows the name, given that the first value is quoted or not.
    pub(crate) spoken: fn(&Dialect, bool) -> bool,
    pub(crate) run: fn(&mut Modem, &Request<'_>) -> Handled,
}

const fn entry(
    name: &'static str,
    access: Access,
    test: Test,
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

const DIRECTORY: Test = Test::Values("(\"directory name\")");
const FILE: Test = Test::Values("(\"file name\")");
const EITHER: Test = Test::Values("(\"file/directory name\")");
const SWITCH: Test = Test::Values("(0-1)");
const DOWNLOAD: Test = Test::Values("(\"file name\"),(0-1),(0-4294967295)");
const RECV: Test = Test::Values("(1-3000)");

/// Every extended command.
pub(crate) static ENTRIES: &[Entry] = &[
    spelled(
        entry(
            "CMEE",
            Access::Plain,
            Test::Values("(0-2)"),
            general::error_reports,
        ),
        |dialect, _| dialect.cmee,
    ),
    entry("CPIN", Access::Plain, Test::Nothing, cellular::sim),
    entry(
        "CREG",
        Access::Plain,
        Test::Values("(0-2)"),
        cellular::registration,
    ),
    entry(
        "CEREG",
        Access::Plain,
        Test::Values("(0-2)"),
        cellular::registration,
    ),
    entry(
        "CSQ",
        Access::Plain,
        Test::Values("(0-31,99),(99)"),
        cellular::signal,
    ),
    entry(
        "COPS",
        Access::Plain,
        Test::Computed(cellular::operators),
        cellular::operator,
    ),
    entry("CGMI", Access::Plain, Test::Nothing, general::identity),
    entry("CGMM", Access::Plain, Test::Nothing, general::identity),
    entry("CGMR", Access::Plain, Test::Nothing, general::identity),
    entry("CGSN", Access::Plain, Test::Nothing, general::identity),
    entry("GMI", Access::Plain, Test::Nothing, general::identity),
    entry("GMM", Access::Plain, Test::Nothing, general::identity),
    entry("GMR", Access::Plain, Test::Nothing, general::identity),
    entry("GSN", Access::Plain, Test::Nothing, general::identity),
    entry(
        "IFC",
        Access::Plain,
        Test::Values("(0-2),(0-2)"),
        general::flow_control,
    ),
    entry(
        "GTSET",
        Access::Plain,
        Test::Values("\"FTPLIMIT\",(0-1000)"),
        general::module_setting,
    ),
    entry(
        "MIPCALL",
        Access::Plain,
        Test::Values("(0-1)"),
        cellular::pdp_context,
    ),
    entry(
        "FTPOPEN",
        Access::Open,
        Test::Computed(ftp::open_values),
        ftp::open,
    ),
    entry("FTPCLOSE", Access::Close, Test::Error, ftp::close),
    entry("FTPINFO", Access::Setting, SWITCH, ftp::info),
    entry("FTPMODE", Access::Setting, SWITCH, ftp::mode),
    entry(
        "FTPREST",
        Access::Setting,
        Test::Values("(0-4294967295)"),
        ftp::rest,
    ),
    entry("FTPCWD", Access::Connected, DIRECTORY, ftp::named),
    entry("FTPMKD", Access::Connected, DIRECTORY, ftp::named),
    entry("FTPRMD", Access::Connected, DIRECTORY, ftp::named),
    entry("FTPDEL", Access::Connected, FILE, ftp::named),
    entry("FTPCDUP", Access::Connected, Test::Error, ftp::bare),
    entry("FTPNOOP", Access::Connected, Test::Error, ftp::bare),
    entry("FTPPWD", Access::Connected, Test::Error, ftp::bare),
    entry("FTPSYST", Access::Connected, Test::Error, ftp::bare),
    entry(
        "FTPREN",
        Access::Connected,
        Test::Values("(\"file name from\"),(\"file name to\")"),
        ftp::rename,
    ),
    entry("FTPSTAT", Access::Connected, EITHER, ftp::stat),
    entry("FTPLIST", Access::Connected, EITHER, ftp_transfer::list),
    entry(
        "FTPSTOR",
        Access::Connected,
        Test::Computed(ftp_transfer::stor_values),
        ftp_transfer::stor,
    ),
    spelled(
        entry("FTPRETR", Access::Connected, DOWNLOAD, ftp_transfer::retr),
        |dialect, _| dialect.retr_name != RetrName::FtpGetr,
    ),
    spelled(
        entry("FTPGETR", Access::Connected, DOWNLOAD, ftp_transfer::retr),
        // Where FTPRECV is not called that, it can be nothing else.
        |dialect, quoted| {
            let shared = matches!(dialect.recv_name, RecvName::Any | RecvName::FtpGetr);
            (quoted || !shared) && dialect.retr_name != RetrName::FtpRetr
        },
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
        Test::Values("(\"file name\"),(1-1024),(0-1),(0-1)"),
        ftp_transfer::put,
    ),
];
