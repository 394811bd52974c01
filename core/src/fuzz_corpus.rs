//! What the fuzzers of `core/fuzz` have found, run again without them: each input that they keep, and mutations of it
//! from a fixed seed. The checks are the fuzzers' own.

use std::fs;
use std::path::Path;

use crate::checks;

/// A small generator of numbers (splitmix64): the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

fn kept(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let mut paths: Vec<_> = fs::read_dir(folder.join(target))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    // The order of a folder is another one everywhere; the mutations are to be the same.
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn mutated(inputs: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut input = inputs[numbers.below(inputs.len())].clone();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(input.len() + 1);
        match numbers.below(5) {
            0 if at < input.len() => input[at] ^= 1 << numbers.below(8),
            1 if at < input.len() => {
                input.remove(at);
            }
            2 => input.insert(at, numbers.next() as u8),
            3 => input.truncate(at),
            _ => {
                // The rest of another one.
                let other = &inputs[numbers.below(inputs.len())];
                let from = numbers.below(other.len() + 1);
                input.splice(at..at, other[from..].iter().copied());
                input.truncate(2048);
            }
        }
    }
    input
}

fn replay(target: &str, mutations: usize, check: fn(&[u8])) {
    let inputs = kept(target);
    assert!(inputs.len() > 10, "{target}: {} inputs", inputs.len());
    inputs.iter().for_each(|input| check(input));
    let mut numbers = Numbers(mutations as u64);
    for _ in 0..mutations {
        let input = mutated(&inputs, &mut numbers);
        let held = std::panic::catch_unwind(|| check(&input));
        assert!(held.is_ok(), "{target}: {}", input.escape_ascii());
    }
}

#[test]
fn framer() {
    replay("framer", 5000, checks::framer::check);
}

#[test]
fn engine() {
    replay("engine", 2000, checks::engine::check);
}

#[test]
fn stuffing() {
    replay("stuffing", 5000, checks::stuffing::check);
}

#[test]
fn listing() {
    replay("listing", 5000, checks::listing::check);
}

#[test]
fn replies() {
    replay("replies", 1000, checks::replies::check);
}

#[test]
fn vmodem() {
    replay("vmodem", 2000, checks::vmodem::check);
}
