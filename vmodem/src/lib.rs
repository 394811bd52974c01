//! A virtual NL668: AT commands on a pseudo-terminal, real FTP over TCP behind it.
//!
//! [`Modem`] is the module itself, a state machine without I/O; [`VirtualModem`] puts it on a
//! pseudo-terminal and joins it to TCP. It is written from the vendor's manual and shares no code
//! with the driver, so that each checks the other's reading.

mod activity;
mod at;
mod command_log;
mod config;
pub mod dialect;
mod download;
mod ftp;
mod line_faults;
mod modem;
pub mod network;
mod output;
mod pacing;
mod port;
mod pty;
mod queue;
pub mod server;
mod settings;
mod simulator;
mod stuffing;
mod tcp;
mod tls;
mod virtual_modem;
mod waker;

pub use config::{ApnLogin, Dtr, Failure, ModemConfig};
pub use dialect::Dialect;
pub use line_faults::{LineFaults, LineFaultsError};
pub use modem::Modem;
pub use settings::SimulatorSettings;
pub use simulator::{Simulator, SimulatorError};
pub use tls::{TlsMode, TlsOptions};
pub use virtual_modem::{Options, VirtualModem};
