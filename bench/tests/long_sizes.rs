//! Files from a kilobyte to as long as the module can address: the rate is printed, and memory stays flat. Alone in its
//! process: it measures all of it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/flat.rs"]
mod flat;
#[path = "support/modem.rs"]
mod modem;

use std::time::Instant;

use flat::Flat;
use modem::Modem;
use nlftp_bench::clients::marked;
use nlftp_bench::work::Way;
use nlftp_core::{Config, Login};

#[test]
#[ignore = "moves 17 GB, which takes minutes"]
fn long_memory_is_flat_from_a_kilobyte_to_four_gigabytes() {
    let mut flat = Flat::within(4096);
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
            flat.look(way, size, start);
        }
    }
}
