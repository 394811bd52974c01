//! The modem's own FTP client (RFC 959, RFC 2428), as a state machine without I/O.

mod client;
mod connection;
mod data;
mod job;
mod reply;
mod secure;
mod transfer;

pub(crate) use client::Client;
pub(crate) use job::{ClientEvent, Job, Login, Transfer, Verb};
pub(crate) use reply::{quoted_path, text_of};
