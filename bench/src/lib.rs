//! Measures the driver beside what people use today, on the same pseudo-terminal, in the same run.
//!
//! `cargo bench -p nlftp-bench` is the command; docs/speed.md has its results and says what they mean.

pub mod calls;
pub mod clients;
mod codec;
mod command_line;
mod contest;
mod contestants;
mod goals;
pub mod paced;
mod page;
mod picture;
mod pinning;
pub mod pty;
pub mod sample;
pub mod scale;
pub mod stand_in;
mod table;
pub mod work;

pub use command_line::run;
