//! The command line's grammar: options, verbs, help texts. Nothing here does any work.

// The comments here are the text of --help, where brackets mean what may be left out.
#![allow(rustdoc::broken_intra_doc_links)]

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use nlftp_core::{Config, ErrorKind, FileType, FlowControl, Verify, Via};

use crate::failure::Failure;

/// Moves files over FTP through a Fibocom NL668 or NL661 cellular module.
#[derive(Debug, Parser)]
#[command(name = "nlftp", version, after_help = after_help(), disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Options that stand before or after any verb.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options for every verb")]
pub(crate) struct Global {
    /// The serial port that the modem answers on, such as /dev/ttyUSB2 [env: NLFTP_PORT]
    #[arg(short, long, global = true, value_name = "PORT")]
    port: Option<PathBuf>,
    /// Bits per second of the port [default: 115200]; for sim: the pace of its port [default: as fast as it goes]
    #[arg(short, long, global = true, value_name = "RATE", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) baud: Option<u32>,
    /// What holds a sender on the line back [default: none]
    #[arg(long, global = true, value_name = "HOW")]
    flow: Option<Flow>,
    /// Attach to the network with this access point name first
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) apn: Option<String>,
    /// Longest wait for any one answer, and longest stall of a transfer (0.5, 30, …)
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// Longest time for each whole call, such as opening the port, logging in, or a transfer
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    deadline: Option<Duration>,
    /// Passive data connections, the default
    #[arg(long, global = true, conflicts_with = "active")]
    passive: bool,
    /// Active data connections
    #[arg(long, global = true)]
    pub(crate) active: bool,
    /// Record the traffic on the port in this file, passwords masked
    #[arg(long, global = true, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Print one JSON value, for results and for errors
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print no progress, no summary and no warning
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Print what the modem says unasked, and the FTP control connection's lines, on standard error
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

impl Global {
    /// The port from the option or the environment.
    pub(crate) fn port(&self) -> Result<PathBuf, Failure> {
        self.port
            .clone()
            .or_else(|| {
                std::env::var_os("NLFTP_PORT")
                    .filter(|port| !port.is_empty())
                    .map(PathBuf::from)
            })
            .ok_or_else(|| {
                Failure::invalid(
                    "no port is given: name it with -p or in NLFTP_PORT, such as -p /dev/ttyUSB2 \
                     (`nlftp sim` gives one without hardware)",
                )
            })
    }

    /// Whether the command line itself names a port; the environment does not count.
    pub(crate) fn names_port(&self) -> bool {
        self.port.is_some()
    }

    /// What the driver needs to know before it opens the port.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config::default();
        if let Some(baud) = self.baud {
            config.baud_rate = baud;
        }
        config.flow_control = match self.flow {
            None | Some(Flow::None) => FlowControl::None,
            Some(Flow::Rtscts) => FlowControl::RtsCts,
            Some(Flow::Xonxoff) => FlowControl::XonXoff,
        };
        if let Some(timeout) = self.timeout {
            config.timeout = timeout;
            config.outcome_timeout = timeout;
            config.stall_timeout = timeout;
        }
        config.deadline = self.deadline;
        config.trace = self.trace.clone();
        config
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Shows it all without hardware: a virtual modem, a real FTP server, each way up and down, every byte checked
    Demo(Demo),
    /// Uploads a file
    Put(Put),
    /// Downloads a file
    Get(Get),
    /// Lists a folder, or one file
    Ls(Remote),
    /// Deletes a file
    Rm(Remote),
    /// Sends one AT command and prints the lines of its answer
    At(At),
    /// Runs a virtual modem to develop against, with an FTP server, until Ctrl-C
    Sim(Sim),
}

/// A verb that takes nothing but a place on the server.
#[derive(Debug, Args)]
pub(crate) struct Remote {
    /// ftp[s]://[user[:password]@]host[:port]/path
    pub(crate) url: OsString,
    /// The account, for servers that ask for one (ACCT)
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<OsString>,
}

/// How a file is to be moved.
#[derive(Debug, Args)]
pub(crate) struct Moving {
    /// Which of the module's ways to take: FTPSTOR and FTPRETR (stream) or FTPPUT and FTPGET (block)
    #[arg(long, value_name = "WAY", default_value = "auto")]
    via: Way,
    /// Every byte as it is, or text whose line ends may be changed [default: the URL's ;type=, else binary]
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<Kind>,
    /// put: where in the remote file the first byte goes; get: the first byte of the remote file to fetch
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    pub(crate) offset: u64,
    /// How to check the file that arrived: its size, all of it by a second download, or not at all
    #[arg(long, value_name = "HOW", default_value = "size")]
    verify: Check,
    /// The account, for servers that ask for one (ACCT)
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<OsString>,
}

impl Moving {
    pub(crate) fn via(&self) -> Via {
        match self.via {
            Way::Auto => Via::Auto,
            Way::Stream => Via::Stream,
            Way::Block => Via::Block,
        }
    }

    /// The option's type; without it the URL's; without that, binary.
    pub(crate) fn file_type(&self, of_url: Option<FileType>) -> FileType {
        match self.kind {
            Some(Kind::Binary) => FileType::Binary,
            Some(Kind::Ascii) => FileType::Ascii,
            None => of_url.unwrap_or_default(),
        }
    }

    pub(crate) fn verify(&self) -> Verify {
        match self.verify {
            Check::Size => Verify::Size,
            Check::Readback => Verify::Readback,
            Check::None => Verify::None,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Put {
    /// The file to upload; - is standard input
    pub(crate) local: PathBuf,
    /// ftp[s]://[user[:password]@]host[:port]/path; after a last / the local file's name is used
    pub(crate) url: OsString,
    #[command(flatten)]
    pub(crate) moving: Moving,
}

#[derive(Debug, Args)]
pub(crate) struct Get {
    /// ftp[s]://[user[:password]@]host[:port]/path
    pub(crate) url: OsString,
    /// Where to write it: a file, a folder, or - for standard output [default: the URL's last name, in this folder]
    pub(crate) local: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) moving: Moving,
}

#[derive(Debug, Args)]
pub(crate) struct At {
    /// One line, such as AT+CSQ
    pub(crate) command: OsString,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// With -p: a folder of a real server, whose files are checked by downloading them, and removed afterwards
    pub(crate) url: Option<OsString>,
    /// Bytes of the random file [default: 8388608; with a URL: 262144]
    #[arg(long, value_name = "BYTES")]
    pub(crate) size: Option<u64>,
    /// Makes the same random bytes again [default: another one each time]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Sim {
    /// Make a symbolic link to the port here, for as long as it runs
    #[arg(long, value_name = "PATH")]
    pub(crate) link: Option<PathBuf>,
    /// The folder that the embedded FTP server serves [default: a temporary one]
    #[arg(long, value_name = "DIR", conflicts_with = "server")]
    pub(crate) root: Option<PathBuf>,
    /// Every connection goes to this FTP server, in place of the embedded one
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) server: Option<String>,
    /// The embedded server's user
    #[arg(long, value_name = "NAME", conflicts_with = "server")]
    pub(crate) user: Option<String>,
    /// The embedded server's password
    #[arg(long, value_name = "PASSWORD", conflicts_with = "server")]
    pub(crate) password: Option<String>,
    /// How long the modem takes before it answers a command
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    pub(crate) turnaround: u64,
    /// What a drop of the DTR line does
    #[arg(long, value_name = "HOW", default_value = "present")]
    pub(crate) dtr: Dtr,
    /// Start without a data connection: a client has to attach first
    #[arg(long)]
    pub(crate) detached: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Flow {
    None,
    Rtscts,
    Xonxoff,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Way {
    Auto,
    Stream,
    Block,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Binary,
    Ascii,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Check {
    Size,
    Readback,
    None,
}

/// The DTR line of the virtual modem.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Dtr {
    /// A drop ends the data phase
    Present,
    /// A drop is seen and nothing happens
    Ignored,
    /// There is no such line
    Absent,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("must be above 0".to_owned()),
    }
}

/// The table of exit statuses, from the library's own table of error kinds.
fn after_help() -> String {
    let mut text = String::from(
        "The password comes from the URL, from NLFTP_PASSWORD, or from ~/.netrc (or the file that NETRC names).\n\
         A path in a URL is relative to the login folder; //path is absolute. Octets are written %XX.\n\n\
         Exit statuses:\n    0  success\n    1  demo: a file differs\n",
    );
    for kind in ErrorKind::all() {
        text += &format!(
            "  {:>3}  {:<17} {}\n",
            kind.exit_status(),
            kind.name(),
            meaning(kind)
        );
    }
    text + "  141  the reader of standard output went away"
}

fn meaning(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidArgument => {
            "an option, a URL or a name was refused before a byte was sent"
        }
        ErrorKind::Port => "the serial port could not be opened, is taken, or was lost",
        ErrorKind::Timeout => "the modem did not answer in time",
        ErrorKind::Command => "the modem answered ERROR",
        ErrorKind::Refused => "the FTP server refused",
        ErrorKind::NotConnected => {
            "no FTP connection: host, login or network failed, or it was lost"
        }
        ErrorKind::Busy => "another operation held the modem",
        ErrorKind::Transfer => "a transfer began and did not end whole",
        ErrorKind::LocalFile => "a local file could not be read or written",
        ErrorKind::Cancelled => "interrupted by SIGINT (Ctrl-C) or SIGTERM",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_stand_before_and_after_the_verb() {
        for line in [
            ["nlftp", "-p", "/dev/x", "--timeout", "1.5", "at", "AT"],
            ["nlftp", "at", "AT", "--timeout", "1.5", "-p", "/dev/x"],
        ] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert_eq!(cli.global.port().unwrap(), PathBuf::from("/dev/x"));
            let config = cli.global.config();
            assert_eq!(config.timeout, Duration::from_millis(1500));
            assert_eq!(config.outcome_timeout, config.stall_timeout);
            assert_eq!(config.deadline, None);
        }
    }

    #[test]
    fn times_are_positive_decimal_numbers() {
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        for bad in ["0", "-1", "x", "", "inf", "nan", "1e40"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_kind_of_error_is_explained() {
        for kind in ErrorKind::all() {
            assert!(!meaning(kind).is_empty(), "{kind}");
        }
    }
}
