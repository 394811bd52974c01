//! Deterministic simulation: the driver's session machine and the virtual modem against each other in one thread, with a
//! virtual clock, a model FTP server, a model file system, and faults at every point, all of it from one seed.

// The driver's own sources, as nlftp-core compiles them.
#[allow(dead_code)]
#[path = "../../src/config.rs"]
mod config;
#[allow(dead_code)]
#[path = "../../src/error.rs"]
mod error;
#[allow(dead_code)]
#[path = "../../src/info.rs"]
mod info;
#[allow(dead_code)]
#[path = "../../src/listing/mod.rs"]
mod listing;
#[allow(dead_code)]
#[path = "../../src/locator.rs"]
mod locator;
#[allow(dead_code)]
#[path = "../../src/protocol/mod.rs"]
mod protocol;
#[path = "../../src/search.rs"]
mod search;
#[allow(dead_code, unused_imports)]
#[path = "../../src/session/mod.rs"]
mod session;
#[allow(dead_code)]
#[path = "../../src/state.rs"]
mod state;
#[allow(dead_code)]
#[path = "../../src/trace.rs"]
mod trace;

mod blob;
mod case;
mod changes;
mod common;
mod content;
mod drive;
mod faults;
mod files;
mod generate;
mod host;
mod judge;
mod lines;
mod local;
mod memory;
mod moves;
mod net;
mod pipe;
mod remains;
mod run;
pub mod scenario;
mod server;
mod shrink;
mod tally;
mod tap;
mod tasks;
mod tries;
mod words;
mod world;

/// The bug that was put back into the driver's sources here, if one was.
pub const PLANTED: Option<&str> = option_env!("NLFTP_PLANTED");

pub use case::NoCase;
pub use run::{MOST_MEMORY, MOST_MEMORY_OF_LISTINGS, Run, run, run_seed, run_seeds, trace};
pub use shrink::shrink;
pub use tally::Tally;
