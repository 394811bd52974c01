//! Moves files over FTP through a Fibocom NL668 or NL661 cellular module: the module holds the connections, and this
//! library drives it with AT commands on a serial port.
//!
//! ```no_run
//! use std::path::Path;
//! use nlftp_core::{Config, GetOptions, Login, Modem, PutOptions};
//!
//! # fn main() -> nlftp_core::Result<()> {
//! let modem = Modem::open("/dev/ttyUSB2", Config::default())?;
//! modem.attach("CTNET")?;
//! let ftp = modem.ftp(&Login::new("ftp.example.com", "user", "secret"))?;
//! let sent = ftp.put(Path::new("report.csv"), "report.csv", PutOptions::default())?;
//! println!("{} bytes, {:?}", sent.bytes, sent.verified);
//! ftp.get("config.json", Path::new("config.json"), GetOptions::default())?;
//! modem.close()?;
//! # Ok(())
//! # }
//! ```
//!
//! Data flows one way through the modules: `protocol` (one command, no I/O) is used by `session` (everything made of
//! several), that by `driver` (the port and its thread), and that by [`Operation`], [`Modem`] and [`Ftp`].

mod away;
#[cfg(test)]
#[path = "../fuzz/checks/mod.rs"]
mod checks;
mod config;
#[cfg(test)]
mod conformance;
mod driver;
mod entries;
mod error;
mod follower;
mod ftp;
#[cfg(test)]
mod fuzz_corpus;
mod handle;
mod here;
mod info;
mod listing;
mod local_end;
mod locator;
mod modem;
mod operation;
mod protocol;
mod search;
mod session;
mod state;
mod trace;

pub use config::{
    Config, FileType, FlowControl, GetOptions, Login, OnProgress, PdpContext, Progress, PutOptions,
    Retry, Secret, Transfer, TransferOptions, Verified, Verify, Via,
};
pub use driver::events::in_callback;
pub use driver::local::{LocalFile, Sink, Source};
pub use entries::Entries;
pub use error::{Error, ErrorKind, Result};
pub use follower::{OperationCanceller, Resumer};
pub use ftp::{Ftp, limits};
pub use info::{ModemInfo, Registration};
pub use listing::{Entry, EntryKind, Modified};
pub use locator::{Locator, PortIdentity, UsbLocator};
pub use modem::{Canceller, Modem};
pub use operation::Operation;
pub use protocol::codes;
pub use protocol::dialect::{Dialect, PortField, TlsField};
pub use state::ModemState;
