//! One AT command and its payload, as a state machine: no I/O, no thread, no clock.

pub(crate) mod argument;
pub mod codes;
pub(crate) mod command;
pub mod dialect;
pub(crate) mod engine;
pub(crate) mod flight;
pub(crate) mod framer;
pub(crate) mod raw;
pub(crate) mod reply;
pub(crate) mod response;
pub(crate) mod stuffing;
pub(crate) mod table;

/// A moment, as the time since the port was first opened: state machines have no clock of their own.
pub(crate) type Time = std::time::Duration;
