//! The virtual modem and its FTP server as a small C library, for tests in C and C++: libnlftp_sim.
//!
//! `include/nlftp_sim.h` is made from the functions in [`api`], comments included. A handle is no address but a number
//! that is never used twice, so that one that was stopped, freed or made up is told from a living one without reading
//! memory that is not there.

pub mod api;
mod boundary;
mod error;
mod handles;
mod sim;
