//! Memory that must not grow with the files that are moved.
#![allow(clippy::unwrap_used)]

use std::time::Instant;

use nlftp_bench::scale;
use nlftp_bench::work::Way;

/// The least memory of this process so far, and how much more it may have, in KiB.
pub struct Flat {
    least: u64,
    slack: u64,
}

impl Flat {
    pub fn within(slack: u64) -> Flat {
        Flat {
            least: u64::MAX,
            slack,
        }
    }

    /// Prints what a transfer that began at `start` has taken, and looks at the memory.
    #[track_caller]
    pub fn look(&mut self, way: Way, size: u64, start: Instant) {
        let rate = size as f64 / start.elapsed().as_secs_f64() / 1e6;
        let memory = scale::resident().unwrap();
        println!(
            "{:12} {size:>11} bytes {rate:8.1} MB/s {memory:>6} KiB",
            way.title()
        );
        self.least = self.least.min(memory);
        assert!(
            memory < self.least + self.slack,
            "{way} {size}: {memory} KiB, and {} before",
            self.least
        );
    }
}
