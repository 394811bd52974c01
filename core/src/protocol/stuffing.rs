//! The codec of stream transfers (manual 1.2.15, 1.2.16): 0x10 goes before every 0x03 and 0x10 of the
//! file, and a bare 0x03 ends it.

use memchr::memchr2;

/// Data link escape: makes the byte after it a literal.
pub(crate) const DLE: u8 = 0x10;
/// End of text: ends the file.
pub(crate) const ETX: u8 = 0x03;

/// Where vectorised search loses to a loop by bytes: gaps shorter than this between special bytes.
const DENSE_GAP: usize = 8;
/// How many bytes go through the plain loop before the search is tried again, at least and at most: the longer, the
/// longer the data has been dense.
const DENSE_RUN: usize = 64;
const MAX_DENSE_RUN: usize = 1024;
/// How many of these bytes are stuffed before they are appended: few enough for the stack, and enough for few calls.
const DENSE_PIECE: usize = 256;

fn is_special(byte: u8) -> bool {
    byte == DLE || byte == ETX
}

/// How long the next run through the plain loop is, after one of `before` or, with 0, after none.
fn next_run(before: usize) -> usize {
    (2 * before).clamp(DENSE_RUN, MAX_DENSE_RUN)
}

/// Appends `data`, stuffed, to `out`.
pub(crate) fn stuff(data: &[u8], out: &mut Vec<u8>) {
    out.reserve(data.len() + data.len() / 64 + 2);
    let (mut rest, mut run) = (data, 0);
    while let Some(at) = memchr2(DLE, ETX, rest) {
        out.extend_from_slice(&rest[..at]);
        if at >= DENSE_GAP {
            out.extend_from_slice(&[DLE, rest[at]]);
            (rest, run) = (&rest[at + 1..], 0);
            continue;
        }
        run = next_run(run);
        let end = rest.len().min(at + run);
        stuff_dense(&rest[at..end], out);
        rest = &rest[end..];
    }
    out.extend_from_slice(rest);
}

/// The same for data that holds many special bytes, by bytes and without a branch: two go out each time, and the
/// second of them is written over where there is no escape.
fn stuff_dense(data: &[u8], out: &mut Vec<u8>) {
    let mut part = [0; 2 * DENSE_PIECE];
    for piece in data.chunks(DENSE_PIECE) {
        let mut length = 0;
        for &byte in piece {
            let escape = is_special(byte);
            let pair = if escape { [DLE, byte] } else { [byte, 0] };
            if let Some(place) = part.get_mut(length..length + 2) {
                place.copy_from_slice(&pair);
            }
            length += 1 + usize::from(escape);
        }
        out.extend_from_slice(&part[..length]);
    }
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
        // The bytes from here on are not copied yet; up to `from` they are known to be the file's.
        let (mut start, mut from, mut run) = (0, 0, 0);
        if let (true, Some(&byte)) = (self.escaped, data.first()) {
            self.literal(byte, out);
            (start, from) = (1, 1);
        }
        while let Some(gap) = memchr2(DLE, ETX, &data[from..]) {
            let at = from + gap;
            out.extend_from_slice(&data[start..at]);
            if gap < DENSE_GAP {
                run = next_run(run);
                let end = data.len().min(at + run);
                if let Some(count) = self.unstuff_dense(&data[at..end], out) {
                    return Unstuffed {
                        consumed: at + count,
                        ended: true,
                    };
                }
                (start, from) = (end, end);
                if let (true, Some(&byte)) = (self.escaped, data.get(end)) {
                    self.literal(byte, out);
                    (start, from) = (end + 1, end + 1);
                }
                continue;
            }
            run = 0;
            if data[at] == ETX {
                return Unstuffed {
                    consumed: at + 1,
                    ended: true,
                };
            }
            let Some(&byte) = data.get(at + 1) else {
                self.escaped = true;
                start = data.len();
                break;
            };
            // The literal goes with the bytes behind it, and its escape with them where it is a stray one.
            let is_stray = !is_special(byte);
            self.stray_escapes += u64::from(is_stray);
            (start, from) = (at + usize::from(!is_stray), at + 2);
        }
        out.extend_from_slice(&data[start..]);
        Unstuffed {
            consumed: data.len(),
            ended: false,
        }
    }

    /// The same for data that holds many special bytes, by bytes; how many there were up to the end mark.
    fn unstuff_dense(&mut self, data: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        // No longer than the data: what is taken off is more than what is put in.
        let mut part = [0; MAX_DENSE_RUN];
        let mut length = 0;
        let mut put = |byte| {
            part[length % MAX_DENSE_RUN] = byte;
            length += 1;
        };
        let mut bytes = data.iter();
        let mut end = None;
        while let Some(&byte) = bytes.next() {
            if byte == ETX {
                end = Some(data.len() - bytes.len());
                break;
            }
            if byte != DLE {
                put(byte);
                continue;
            }
            let Some(&literal) = bytes.next() else {
                self.escaped = true;
                break;
            };
            if !is_special(literal) {
                self.stray_escapes += 1;
                put(DLE);
            }
            put(literal);
        }
        out.extend_from_slice(&part[..length]);
        end
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

    /// The manual's rules, a byte at a time.
    fn by_the_rules(line: &[u8]) -> (Vec<u8>, usize, bool, u64) {
        let (mut out, mut strays, mut at) = (Vec::new(), 0, 0);
        while at < line.len() {
            let byte = line[at];
            at += 1;
            if byte == ETX {
                return (out, at, true, strays);
            }
            if byte != DLE {
                out.push(byte);
            } else if let Some(&literal) = line.get(at) {
                at += 1;
                if !is_special(literal) {
                    strays += 1;
                    out.push(DLE);
                }
                out.push(literal);
            }
        }
        (out, at, false, strays)
    }

    fn any_data() -> impl Strategy<Value = Vec<u8>> {
        let dense =
            prop::collection::vec(prop_oneof![Just(3u8), Just(0x10u8), any::<u8>()], 0..400);
        prop_oneof![dense, prop::collection::vec(any::<u8>(), 0..2000)]
    }

    /// Dense and sparse stretches of escapes, strays among them, and an end mark here and there.
    fn any_line() -> impl Strategy<Value = Vec<u8>> {
        let dense = prop::collection::vec(
            prop_oneof![Just(0x10u8), Just(0x10), Just(0x10), Just(b'a')],
            0..300,
        );
        let sparse = prop::collection::vec(any::<u8>().prop_map(|byte| byte.max(4)), 0..300);
        let stretches = prop::collection::vec(prop_oneof![dense, sparse, Just(vec![ETX])], 0..6);
        stretches.prop_map(|stretches| stretches.concat())
    }

    proptest! {
        #[test]
        fn any_line_is_read_by_the_rules_at_every_split(line in any_line(), split in any::<prop::sample::Index>()) {
            let (expected, consumed, ended, strays) = by_the_rules(&line);
            let at = split.index(line.len() + 1).min(line.len());
            let mut codec = Unstuffer::default();
            let mut out = Vec::new();
            let mut done = codec.unstuff(&line[..at], &mut out);
            if !done.ended {
                let second = codec.unstuff(&line[at..], &mut out);
                done = Unstuffed { consumed: at + second.consumed, ended: second.ended };
            }
            prop_assert_eq!(out, expected);
            prop_assert_eq!((done.consumed, done.ended, codec.stray_escapes), (consumed, ended, strays));
        }

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
