//! The checks that the fuzzers run, and the driver's own sources beneath them, as nlftp-core compiles them.

#[path = "../checks/mod.rs"]
mod checks;
#[allow(dead_code)]
#[path = "../../src/config.rs"]
mod config;
#[allow(dead_code)]
#[path = "../../src/error.rs"]
mod error;
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
#[allow(dead_code)]
#[path = "../../src/trace.rs"]
mod trace;

pub use checks::engine::check as engine;
pub use checks::framer::check as framer;
pub use checks::listing::check as listing;
pub use checks::replies::check as replies;
pub use checks::stuffing::check as stuffing;
pub use checks::vmodem::check as vmodem;
