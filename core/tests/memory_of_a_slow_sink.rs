//! What a download takes of memory while its sink is slow. Alone in its process: it measures the whole
//! process.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;

use std::fs;

use nlftp_core::{Sink, Via};
use rig::{Rig, options, peak_memory, random};

#[test]
fn a_sink_that_is_slow_holds_the_modem_back_and_loses_nothing() {
    /// Pauses before each of its first writes, as many as it is told.
    struct Slow<'a>(&'a mut Vec<u8>, usize);
    impl std::io::Write for Slow<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.1 > 0 {
                self.1 -= 1;
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let data = random(24_000_000, 12);
    fs::write(rig.remote("slow.bin"), &data).unwrap();
    let before = peak_memory();
    for via in [Via::Stream, Via::Block] {
        let mut back = Vec::with_capacity(data.len());
        ftp.get(
            "slow.bin",
            Sink::writer(Slow(&mut back, 5)),
            options(|o| o.via = via),
        )
        .unwrap();
        assert!(back == data, "by {via:?}");
        // The sink's own copy, and the buffers on the way.
        let grown = peak_memory().saturating_sub(before);
        assert!(
            grown < (data.len() as u64 >> 10) + (8 << 10),
            "{grown} KiB more by {via:?}"
        );
    }
}
