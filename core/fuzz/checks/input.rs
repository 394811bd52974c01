//! A fuzzer's bytes as choices.

/// Hands out an input from its front; an empty one gives zeros.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Input<'a> {
        Input(data)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// As many bytes as the next byte says, or what is left.
    pub(crate) fn bytes(&mut self) -> &'a [u8] {
        let count = usize::from(self.byte());
        let (bytes, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        bytes
    }
}

/// Where to cut what is read, and what a port gives at once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cuts {
    Never,
    EveryByte,
    /// Pieces of changing lengths, from a seed.
    Seeded(u8),
}

impl Cuts {
    pub(crate) fn pieces(self, bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
        let mut state = match self {
            Cuts::Seeded(seed) => u32::from(seed) * 2 + 1,
            _ => 0,
        };
        let mut rest = bytes;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let length = match self {
                Cuts::Never => rest.len(),
                Cuts::EveryByte => 1,
                Cuts::Seeded(_) => {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    1 + (state >> 24) as usize % 17
                }
            };
            let (piece, later) = rest.split_at(length.min(rest.len()));
            rest = later;
            Some(piece)
        })
    }
}
