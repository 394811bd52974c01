//! The command line's grammar: options, verbs, help texts. Nothing here does any work.

// The comments here are the text of --help, where brackets mean what may be left out.
#![allow(rustdoc::broken_intra_doc_links)]

mod dialect;
mod global;
mod help;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, FromArgMatches, Parser, Subcommand, ValueEnum};
use nlftp_core::{FileType, Retry, Verify, Via};

pub(crate) use global::Global;

/// Moves files over FTP through a Fibocom NL668 or NL661 cellular module.
#[derive(Debug, Parser)]
#[command(name = "nlftp", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Takes a command line apart.
pub(crate) fn parse(
    line: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Cli, clap::Error> {
    Cli::from_arg_matches(&help::command().try_get_matches_from(line)?)
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
    /// Prints the status of the server, or of the file or folder that the URL names
    Stat(Remote),
    /// Prints the working directory: where a login stands, or where the URL's path leads
    Pwd(Remote),
    /// Deletes a file
    Rm(Remote),
    /// Makes a folder
    Mkdir(Remote),
    /// Removes an empty folder
    Rmdir(Remote),
    /// Renames a file or a folder, or moves it to another folder of its server
    Mv(Mv),
    /// Prints the kind of the server's system; the URL's path does not matter
    Syst(Remote),
    /// Logs in and does nothing: tells whether that works; the URL's path does not matter
    Noop(Remote),
    /// Prints who answers on the port, and whether it is attached to the network
    Info,
    /// Attaches to the network and prints the module's address; it stays attached
    Attach(Attach),
    /// Ends the FTP connection, if there is one, and detaches from the network
    Detach,
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

#[derive(Debug, Args)]
pub(crate) struct Mv {
    /// ftp[s]://[user[:password]@]host[:port]/path
    pub(crate) url: OsString,
    /// Its new path on the same server, from the login folder, written as it is (no %XX)
    #[arg(value_name = "NEWNAME")]
    pub(crate) new_name: OsString,
    /// The account, for servers that ask for one (ACCT)
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct Attach {
    // Another name than the option's, which stands for it where it is left out.
    /// The access point name [default: that of --apn]
    #[arg(value_name = "APN")]
    pub(crate) access_point: Option<String>,
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
    /// Go on where an earlier run with --resume was cut off, found by comparing the last 64 KiB of both sides
    #[arg(long)]
    pub(crate) resume: bool,
    /// Try again, up to N times in a row that bring the file no further, where a failure may pass; as --resume does,
    /// each try goes on where the one before ended
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) retry: u32,
    /// The pause before the first of them; it doubles with each in a row, up to a minute
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = global::seconds)]
    retry_delay: Duration,
    /// No try begins later than this [default: no limit]
    #[arg(long, value_name = "SECONDS", value_parser = global::seconds)]
    retry_max_time: Option<Duration>,
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

    /// When to try it again, if at all.
    pub(crate) fn retry(&self) -> Option<Retry> {
        let mut retry = Retry::new(self.retry);
        retry.delay = self.retry_delay;
        retry.max_delay = retry.max_delay.max(retry.delay);
        retry.max_time = self.retry_max_time;
        (self.retry > 0).then_some(retry)
    }

    /// The option that has it go on where it ended before, if one does.
    pub(crate) fn resumes(&self) -> Option<&'static str> {
        match (self.resume, self.retry) {
            (true, _) => Some("--resume"),
            (false, 1..) => Some("--retry"),
            (false, 0) => None,
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
    /// Upload to NAME.nlftp-part, and rename it when it is complete and checked
    #[arg(long)]
    pub(crate) temporary: bool,
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
    /// What goes wrong on the line, each so many times in a million bytes, the same for one seed and the same bytes:
    /// seed, drop, double, flip, delay, urc, reset, unplug
    #[arg(
        long,
        value_name = "NAME=N,…",
        default_value = "seed=0",
        hide_default_value = true
    )]
    pub(crate) faults: nlftp_vmodem::LineFaults,
    /// Start without a data connection: a client has to attach first
    #[arg(long)]
    pub(crate) detached: bool,
    /// Certificate authorities that the modem trusts for FTPS; without one it refuses every server
    #[arg(long, value_name = "PEM FILE")]
    pub(crate) tls_ca: Option<PathBuf>,
    /// How FTPS begins [default: implicit on port 990, explicit elsewhere; with --ftps: explicit]
    #[arg(long, value_name = "HOW")]
    pub(crate) tls: Option<SimTls>,
    /// The embedded server demands FTPS; its authority is made for this run, and the modem trusts it
    #[arg(long, conflicts_with = "server")]
    pub(crate) ftps: bool,
    /// One more name in the embedded server's certificate, besides localhost and 127.0.0.1
    #[arg(long, value_name = "NAME", requires = "ftps")]
    pub(crate) ftps_name: Vec<String>,
}

/// How the virtual modem begins TLS.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SimTls {
    /// From the first byte
    Implicit,
    /// By AUTH TLS
    Explicit,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_holds_together() {
        help::command().debug_assert();
    }
}
