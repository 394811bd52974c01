//! What a line allows by each way: arithmetic, which decides what `via = auto` takes.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use nlftp_bench::paced::{self, Line};
use nlftp_bench::work::Way;

const SIZE: usize = 3 << 20;

fn part(baud: u32, turnaround: u64, way: Way) -> f64 {
    let line = Line {
        baud,
        turnaround: Duration::from_millis(turnaround),
    };
    paced::ceiling(line, way, SIZE) / (f64::from(baud) / 10.0)
}

#[test]
fn without_a_turnaround_only_the_bytes_count() {
    for (way, expected) in [
        (Way::StreamDown, 99.2),
        (Way::StreamUp, 99.2),
        (Way::BlockDown, 98.7),
        (Way::BlockUp, 95.2),
    ] {
        let percent = 100.0 * part(115_200, 0, way);
        assert!((percent - expected).abs() < 0.3, "{way}: {percent}");
    }
}

#[test]
fn a_turnaround_takes_half_of_a_fast_line_and_more_from_blocks_and_nothing_from_streams() {
    let down = part(3_000_000, 10, Way::BlockDown);
    let up = part(3_000_000, 10, Way::BlockUp);
    assert!((0.25..0.51).contains(&down), "{down}");
    assert!(up < 0.25, "{up}");
    assert!(part(3_000_000, 10, Way::StreamDown) > 0.99);
    assert!(part(3_000_000, 10, Way::StreamUp) > 0.99);
}

#[test]
fn no_turnaround_makes_a_block_faster_than_a_stream() {
    // Why `via = auto` need not measure it: where the port holds the modem back, the stream is the faster way on every
    // line, and where it does not, only a block is safe.
    for line in paced::lines() {
        for size in [100_000, SIZE] {
            let rate = |way| paced::ceiling(line, way, size);
            let down = rate(Way::StreamDown) / rate(Way::BlockDown);
            assert!(down > 1.0, "{line:?} {size}: {down}");
            let up = rate(Way::StreamUp) / rate(Way::BlockUp);
            assert!(up > 1.0, "{line:?} {size}: {up}");
        }
    }
}
