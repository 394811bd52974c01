//! The codec of stream transfers against a loop over single bytes.

use super::input::Cuts;
use crate::protocol::stuffing::{DLE, ETX, Unstuffer, stuff};

/// What unstuffing gives.
#[derive(Debug, PartialEq, Eq)]
struct Unstuffed {
    data: Vec<u8>,
    used: usize,
    ended: bool,
    stray_escapes: u64,
}

pub fn check(data: &[u8]) {
    let (seed, data) = data.split_first().unwrap_or((&0, data));
    let mut line = Vec::new();
    stuff(data, &mut line);
    assert_eq!(line, naively_stuffed(data));
    assert!(line.len() <= 2 * data.len());

    // What was stuffed comes back, and nothing behind its end is touched.
    line.push(ETX);
    let length = line.len();
    line.extend_from_slice(b"\x03\x10\r\n+FTPRETR: 1\r\n");
    let back = Unstuffed {
        data: data.to_vec(),
        used: length,
        ended: true,
        stray_escapes: 0,
    };
    // Any bytes have one meaning, wherever they are cut.
    let plain = naively_unstuffed(data);
    for (input, expected) in [(&line[..], &back), (data, &plain)] {
        for cuts in [Cuts::Never, Cuts::EveryByte, Cuts::Seeded(*seed)] {
            assert_eq!(&unstuffed(cuts.pieces(input)), expected, "{cuts:?}");
        }
        if input.len() <= 300 {
            for at in 0..=input.len() {
                let (first, second) = input.split_at(at);
                let pieces = [first, second];
                assert_eq!(&unstuffed(pieces.into_iter()), expected, "cut at {at}");
            }
        }
    }
}

fn unstuffed<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Unstuffed {
    let mut codec = Unstuffer::default();
    let mut done = Unstuffed {
        data: Vec::new(),
        used: 0,
        ended: false,
        stray_escapes: 0,
    };
    for piece in pieces {
        let step = codec.unstuff(piece, &mut done.data);
        done.used += step.consumed;
        done.ended = step.ended;
        if step.ended {
            break;
        }
        assert_eq!(step.consumed, piece.len());
    }
    done.stray_escapes = codec.stray_escapes;
    done
}

fn naively_stuffed(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for &byte in data {
        if byte == DLE || byte == ETX {
            out.push(DLE);
        }
        out.push(byte);
    }
    out
}

fn naively_unstuffed(line: &[u8]) -> Unstuffed {
    let mut data = Vec::new();
    let mut stray_escapes = 0;
    let mut escaped = false;
    for (at, &byte) in line.iter().enumerate() {
        if escaped {
            escaped = false;
            if byte != DLE && byte != ETX {
                stray_escapes += 1;
                data.push(DLE);
            }
            data.push(byte);
        } else if byte == DLE {
            escaped = true;
        } else if byte == ETX {
            return Unstuffed {
                data,
                used: at + 1,
                ended: true,
                stray_escapes,
            };
        } else {
            data.push(byte);
        }
    }
    Unstuffed {
        data,
        used: line.len(),
        ended: false,
        stray_escapes,
    }
}
