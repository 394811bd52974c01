//! What transfers of large files take of memory. Alone in its process: it measures the whole process.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;

use nlftp_core::{Sink, Source, Via};
use rig::{Rig, options, peak_memory, random};

#[test]
fn memory_stays_constant_whatever_the_size() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let size = 96 << 20;
    for via in [Via::Stream, Via::Block] {
        rig.round_trip(&ftp, via, "warm.bin", &random(2_000_000, 1));
    }
    let before = peak_memory();
    let endless = std::io::Read::take(std::io::repeat(0x5a), size);
    ftp.put(
        Source::reader(endless),
        "large.bin",
        options(|o| o.via = Via::Stream),
    )
    .unwrap();
    for via in [Via::Stream, Via::Block] {
        let got = ftp
            .get(
                "large.bin",
                Sink::writer(std::io::sink()),
                options(|o| o.via = via),
            )
            .unwrap();
        assert_eq!(got.bytes, size);
    }
    // The virtual modem and the server are in this number too, with their own buffers.
    let grown = peak_memory().saturating_sub(before);
    assert!(grown < 16 << 10, "{grown} KiB more for {size} bytes");
}
