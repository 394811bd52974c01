//! The benchmark: see the library and docs/speed.md.

use std::process::ExitCode;

fn main() -> ExitCode {
    nlftp_bench::run()
}
