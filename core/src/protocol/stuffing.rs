//! The codec of stream transfers (manual 1.2.15, 1.2.16): 0x10 goes before every 0x03 and 0x10 of the
//! file, and a bare 0x03 ends it.

use memchr::memchr2;

/// Data link escape: makes the byte after it a literal.
pub(crate) const DLE: u8 = 0x10;
/// End of text: ends the file.
pub(crate) const ETX: u8 = 0x03;

/// Where vectorised search loses to a loop by bytes: gaps shorter than this between special bytes.
const DENSE_GAP: usize = 8;
/// How many bytes go through the plain loop before the search is tried again.
const DENSE_RUN: usize = 64;

fn is_special(byte: u8) -> bool {
    byte == DLE || byte == ETX
}

/// Appends `data`, stuffed, to `out`.
pub(crate) fn stuff(data: &[u8], out: &mut Vec<u8>) {
    out.reserve(data.len() + data.len() / 64 + 2);
    let mut rest = data;
    while let Some(at) = memchr2(DLE, ETX, rest) {
        out.extend_from_slice(&rest[..at]);
        if at >= DENSE_GAP {
            out.extend_from_slice(&[DLE, rest[at]]);
            rest = &rest[at + 1..];
            continue;
        }
        let run = rest.len().min(at + DENSE_RUN);
        for &byte in &rest[at..run] {
            if is_special(byte) {
                out.push(DLE);
            }
            out.push(byte);
        }
        rest = &rest[run..];
    }
    out.extend_from_slice(rest);
}

/// Takes stuffing off again, with its state carried across reads.
#[derive(Debug, Default)]
pub(crate) struct Unstuffer {
    escaped: bool,
    /// Escapes before a byte that needs none: both bytes are kept, and counted.
    pub(crate) stray_escapes: u64,
}

/// What [`Unstuffer::unstuff`] did with its input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unstuffed {
    pub(crate) consumed: usize,
    pub(crate) ended: bool,
}

impl Unstuffer {
    /// Appends the file's bytes in `data` to `out` and stops behind a bare 0x03.
    pub(crate) fn unstuff(&mut self, data: &[u8], out: &mut Vec<u8>) -> Unstuffed {
        out.reserve(data.len() + 1);
        self.escaped &= !cfg!(nlftp_planted = "escape-state-forgotten");
        let mut at = 0;
        while at < data.len() {
            if self.escaped {
                self.literal(data[at], out);
                at += 1;
                continue;
            }
            let gap = match memchr2(DLE, ETX, &data[at..]) {
                Some(gap) => gap,
                None => {
                    out.extend_from_slice(&data[at..]);
                    break;
                }
            };
            out.extend_from_slice(&data[at..at + gap]);
            at += gap;
            let run = if gap < DENSE_GAP {
                data.len().min(at + DENSE_RUN)
            } else {
                at + 1
            };
            while at < run {
                let byte = data[at];
                at += 1;
                if self.escaped {
                    self.literal(byte, out);
                } else if byte == DLE {
                    self.escaped = true;
                } else if byte == ETX {
                    return Unstuffed {
                        consumed: at,
                        ended: true,
                    };
                } else {
                    out.push(byte);
                }
            }
        }
        Unstuffed {
            consumed: data.len(),
            ended: false,
        }
    }

    fn literal(&mut self, byte: u8, out: &mut Vec<u8>) {
        self.escaped = false;
        if !is_special(byte) {
            self.stray_escapes += 1;
            out.push(DLE);
        }
        out.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stuffed(data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        stuff(data, &mut out);
        out
    }

    #[test]
    fn the_manuals_examples() {
        assert_eq!(
            stuffed(&[3, 0x10, 0x11, 3]),
            [0x10, 3, 0x10, 0x10, 0x11, 0x10, 3]
        );
        assert_eq!(stuffed(&[3, 0x11, 0x10]), [0x10, 3, 0x11, 0x10, 0x10]);
    }

    #[test]
    fn an_escape_before_a_plain_byte_is_kept_and_counted() {
        let mut codec = Unstuffer::default();
        let mut out = Vec::new();
        let done = codec.unstuff(&[0x10, b'a', 3, b'x'], &mut out);
        assert_eq!(
            done,
            Unstuffed {
                consumed: 3,
                ended: true
            }
        );
        assert_eq!(out, [0x10, b'a']);
        assert_eq!(codec.stray_escapes, 1);
    }

    fn any_data() -> impl Strategy<Value = Vec<u8>> {
        let dense =
            prop::collection::vec(prop_oneof![Just(3u8), Just(0x10u8), any::<u8>()], 0..400);
        prop_oneof![dense, prop::collection::vec(any::<u8>(), 0..2000)]
    }

    proptest! {
        #[test]
        fn what_was_stuffed_comes_back_at_every_split(data in any_data(), split in any::<prop::sample::Index>()) {
            let mut line = stuffed(&data);
            line.push(ETX);
            line.extend_from_slice(b"\r\n+FTPRETR: 1\r\n");
            let at = split.index(line.len());
            let mut codec = Unstuffer::default();
            let mut out = Vec::new();
            let first = codec.unstuff(&line[..at], &mut out);
            let mut consumed = first.consumed;
            if !first.ended {
                prop_assert_eq!(consumed, at);
                let second = codec.unstuff(&line[at..], &mut out);
                prop_assert!(second.ended);
                consumed += second.consumed;
            }
            prop_assert_eq!(&line[consumed..], b"\r\n+FTPRETR: 1\r\n");
            prop_assert_eq!(out, data);
        }
    }
}
