//! The C library: what `include/nlftp.h` declares, on top of `nlftp-core`.
//!
//! The header is made from this crate, comments included: each file with functions of the API is a part of it, in the
//! order of `tests/header.rs`. A function of the API checks its arguments ([`argument`]), calls the driver, and answers
//! with a status; all of that inside [`guard`], which no panic leaves. A handle of C is a [`handle::Handle`]; operations
//! that are followed from C are [`operation::Op`].

// The names of C's types are those of the header.
#![allow(non_camel_case_types)]
// What callers in C must keep to is said once, at the top of the header.
#![allow(clippy::missing_safety_doc)]

mod argument;
mod callback;
mod config;
mod dispatch;
mod entries;
mod entry;
mod enums;
mod error;
mod ftp;
mod get;
mod guard;
mod handle;
mod info;
mod last_error;
mod library;
mod lines;
mod listing;
mod log_callback;
mod login;
mod modem;
mod modem_verbs;
mod op;
mod op_results;
mod operation;
mod process;
mod put;
mod registry;
mod run;
mod sink;
mod slot;
mod source;
mod status;
mod string;
mod text;
mod transfer;
mod transfer_options;
mod value;
