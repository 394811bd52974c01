//! The driver's codec beside a loop by bytes, in cache: what 4 KiB at a time of a mebibyte take.

use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

use crate::sample::{self, BLOCK};

// The driver's own source: the module is private there.
#[path = "../../core/src/protocol/stuffing.rs"]
#[allow(dead_code)]
mod stuffing;

/// What a port gives at once.
const CHUNK: usize = 4096;

/// Bytes of the file a second, by the driver and by the loop.
pub struct Speed {
    pub what: &'static str,
    pub driver: f64,
    pub by_bytes: f64,
    /// The least ratio of the two.
    pub wanted: f64,
}

fn stuff_by_bytes(data: &[u8], out: &mut [u8]) -> usize {
    let mut length = 0;
    for &byte in data {
        if byte == 0x03 || byte == 0x10 {
            out[length] = 0x10;
            length += 1;
        }
        out[length] = byte;
        length += 1;
    }
    length
}

fn unstuff_by_bytes(escaped: &mut bool, data: &[u8], out: &mut [u8]) -> usize {
    let mut length = 0;
    for &byte in data {
        if *escaped {
            *escaped = false;
        } else if byte == 0x10 {
            *escaped = true;
            continue;
        } else if byte == 0x03 {
            return length;
        }
        out[length] = byte;
        length += 1;
    }
    length
}

/// The best of `rounds` runs over `data`, whose chunks stand for `bytes` of the file, in bytes a second.
fn rate(rounds: usize, bytes: usize, data: &[u8], mut chunk: impl FnMut(&[u8])) -> f64 {
    let mut best = 0.0_f64;
    for _ in 0..rounds {
        let start = Instant::now();
        data.chunks(CHUNK).for_each(&mut chunk);
        best = best.max(bytes as f64 / start.elapsed().as_secs_f64());
    }
    best
}

/// Measures both directions, on random data and where every byte is special.
pub fn measure(rounds: usize) -> Vec<Speed> {
    let mut speeds = Vec::new();
    let mut grown = Vec::with_capacity(4 * CHUNK);
    let mut fixed = vec![0; 4 * CHUNK];
    let kinds = [
        (
            sample::block(),
            "stuffing random bytes",
            "unstuffing random bytes",
            4.0,
        ),
        (
            vec![0x10; BLOCK],
            "stuffing special bytes",
            "unstuffing special bytes",
            0.8,
        ),
    ];
    for (data, up, down, wanted) in kinds {
        let line = sample::stuffed(&data);
        let driver = rate(rounds, BLOCK, &data, |chunk| {
            grown.clear();
            stuffing::stuff(black_box(chunk), &mut grown);
            black_box(&grown);
        });
        let by_bytes = rate(rounds, BLOCK, &data, |chunk| {
            black_box(stuff_by_bytes(black_box(chunk), &mut fixed));
        });
        speeds.push(Speed {
            what: up,
            driver,
            by_bytes,
            wanted,
        });
        let mut codec = stuffing::Unstuffer::default();
        let driver = rate(rounds, BLOCK, &line, |chunk| {
            grown.clear();
            black_box(codec.unstuff(black_box(chunk), &mut grown));
            black_box(&grown);
        });
        let mut escaped = false;
        let by_bytes = rate(rounds, BLOCK, &line, |chunk| {
            black_box(unstuff_by_bytes(&mut escaped, black_box(chunk), &mut fixed));
        });
        speeds.push(Speed {
            what: down,
            driver,
            by_bytes,
            wanted,
        });
    }
    speeds
}

/// A table in Markdown.
pub fn table(speeds: &[Speed]) -> String {
    let mut text = String::from(
        "| codec, GB/s of the file | a loop by bytes | nlftp | ratio | goal | |\n|---|---|---|---|---|---|\n",
    );
    for speed in speeds {
        let ratio = speed.driver / speed.by_bytes;
        let _ = writeln!(
            text,
            "| {} | {:.2} | {:.2} | {ratio:.2} | at least {} | {} |",
            speed.what,
            speed.by_bytes / 1e9,
            speed.driver / 1e9,
            speed.wanted,
            if ratio >= speed.wanted {
                "met"
            } else {
                "**missed**"
            }
        );
    }
    text
}
