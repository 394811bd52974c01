//! Files from a kilobyte to as long as the module can address: the rate is printed, and memory stays flat. Alone in its
//! process: it measures all of it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/modem.rs"]
mod modem;

use std::time::Instant;

use modem::Modem;
use nlftp_bench::clients::marked;
use nlftp_bench::scale;
use nlftp_bench::work::Way;
use nlftp_core::{Config, Login};

#[test]
#[ignore = "moves 17 GB, which takes minutes"]
fn long_memory_is_flat_from_a_kilobyte_to_four_gigabytes() {
    let mut least = u64::MAX;
    for way in Way::TRANSFERS {
        // FTPPUT is ten times as slow as the others.
        let largest = if way == Way::BlockUp { 29 } else { 32 };
        for power in [10, 14, 20, 24, largest] {
            // The module's offsets, and so its files, end one below 4 GiB.
            let size = (1_u64 << power) - u64::from(power == 32);
            let modem = Modem::start(size);
            let device = nlftp_core::Modem::open(&modem.port, Config::default()).unwrap();
            let ftp = device.ftp(&Login::new("h", "u", "p")).unwrap();
            let start = Instant::now();
            marked::transfer(&ftp, way, size, || {}).unwrap();
            let rate = size as f64 / start.elapsed().as_secs_f64() / 1e6;
            let memory = scale::resident().unwrap();
            println!(
                "{:12} {size:>11} bytes {rate:8.1} MB/s {memory:>6} KiB",
                way.title()
            );
            least = least.min(memory);
            assert!(
                memory < least + 4096,
                "{way} {size}: {memory} KiB, and {least} before"
            );
        }
    }
}
