//! What must hold for any input, one module for each fuzz target. The fuzzers of `core/fuzz` call these functions, and
//! so does nlftp-core's own test, with every kept input and mutations of it.

mod commands;
pub(crate) mod engine;
pub(crate) mod framer;
mod input;
pub(crate) mod listing;
pub(crate) mod replies;
pub(crate) mod stuffing;
pub(crate) mod vmodem;
