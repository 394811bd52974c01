//! See the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    nlftp_bench::run()
}
