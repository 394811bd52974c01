//! The escaping of stream transfers: 0x10 stands before 0x03 and 0x10, and a bare 0x03 ends the data.

/// Ends the data of a stream transfer.
pub(crate) const END: u8 = 0x03;
const ESCAPE: u8 = 0x10;

/// How many bytes are looked at one by one before the next search.
const DENSE_BLOCK: usize = 16;

/// Appends `data` with its escapes to `out`.
pub(crate) fn stuff(data: &[u8], out: &mut Vec<u8>) {
    let mut rest = data;
    while let Some(first) = rest.first() {
        // Where one is, more may follow: dense data is cheaper a byte at a time, without branches.
        if needs_escape(*first) {
            let (block, later) = rest.split_at(rest.len().min(DENSE_BLOCK));
            let mut stuffed = [ESCAPE; 2 * DENSE_BLOCK + 1];
            let mut size = 0;
            for &byte in block {
                stuffed[size] = ESCAPE;
                size += usize::from(needs_escape(byte));
                stuffed[size] = byte;
                size += 1;
            }
            out.extend_from_slice(&stuffed[..size]);
            rest = later;
            continue;
        }
        let plain = memchr::memchr2(END, ESCAPE, rest).unwrap_or(rest.len());
        out.extend_from_slice(&rest[..plain]);
        rest = &rest[plain..];
    }
}

fn needs_escape(byte: u8) -> bool {
    byte == END || byte == ESCAPE
}

/// Takes the escapes out of the host's bytes, however they are cut.
#[derive(Debug, Default)]
pub(crate) struct Unstuffer {
    escaped: bool,
}

/// How far `Unstuffer::push` came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unstuffed {
    /// Bytes of the input that were used, the end mark included.
    pub(crate) used: usize,
    /// Whether the bare end mark was met.
    pub(crate) ended: bool,
}

impl Unstuffer {
    /// Appends the payload in `input` to `out`; stops behind a bare end mark.
    pub(crate) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> Unstuffed {
        let mut used = 0;
        while used < input.len() {
            let rest = &input[used..];
            if self.escaped {
                self.escaped = false;
                let byte = rest[0];
                if byte != END && byte != ESCAPE {
                    // Not an escape the manual knows: losing a byte would be worse than keeping it.
                    out.push(ESCAPE);
                }
                out.push(byte);
                used += 1;
                continue;
            }
            match rest[0] {
                END => {
                    return Unstuffed {
                        used: used + 1,
                        ended: true,
                    };
                }
                ESCAPE => {
                    self.escaped = true;
                    used += 1;
                }
                _ => {
                    let plain = memchr::memchr2(END, ESCAPE, rest).unwrap_or(rest.len());
                    out.extend_from_slice(&rest[..plain]);
                    used += plain;
                }
            }
        }
        Unstuffed { used, ended: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_manuals_two_examples() {
        let mut out = Vec::new();
        stuff(&[0x03, 0x11, 0x10], &mut out);
        assert_eq!(out, [0x10, 0x03, 0x11, 0x10, 0x10]);

        let mut back = Vec::new();
        let sent = [0x10, 0x03, 0x10, 0x10, 0x11, 0x10, 0x03, 0x03, b'A'];
        let end = Unstuffer::default().push(&sent, &mut back);
        assert_eq!(back, [0x03, 0x10, 0x11, 0x03]);
        assert_eq!(
            end,
            Unstuffed {
                used: 8,
                ended: true
            }
        );
    }

    #[test]
    fn an_escape_before_anything_else_stays() {
        let mut out = Vec::new();
        Unstuffer::default().push(&[0x10, b'x', 0x10, 0x0d], &mut out);
        assert_eq!(out, [0x10, b'x', 0x10, 0x0d]);
    }

    proptest! {
        #[test]
        fn any_data_cut_anywhere_comes_back(
            data in prop::collection::vec(prop_oneof![Just(3_u8), Just(16_u8), any::<u8>()], 0..400),
            cuts in prop::collection::vec(1_usize..9, 1..40),
        ) {
            let mut sent = Vec::new();
            stuff(&data, &mut sent);
            sent.push(END);
            let (mut back, mut codec, mut rest) = (Vec::new(), Unstuffer::default(), &sent[..]);
            let mut ended = false;
            for size in cuts.iter().cycle() {
                let (piece, later) = rest.split_at((*size).min(rest.len()));
                let step = codec.push(piece, &mut back);
                prop_assert_eq!(step.used, piece.len());
                ended = step.ended;
                rest = later;
                if rest.is_empty() { break; }
            }
            prop_assert!(ended);
            prop_assert_eq!(back, data);
        }
    }
}
