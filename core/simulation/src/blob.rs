//! A file's bytes, of which a long beginning may be made up as it is asked for.

/// More bytes than this are not held at once.
pub(crate) const MOST_HELD: u64 = 2 * 1024 * 1024;

/// Bytes: so many that depend on their place alone, and behind them those that are held.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blob {
    made_up: u64,
    held: Vec<u8>,
}

/// What stands at a place of the part that is made up.
fn made_up(place: u64) -> u8 {
    (place.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8
}

impl Blob {
    /// All of it made up.
    pub(crate) fn sparse(length: u64) -> Blob {
        Blob {
            made_up: length,
            held: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.made_up + self.held.len() as u64
    }

    /// The bytes from `from` up to `to`, as far as there are any.
    pub(crate) fn slice(&self, from: u64, to: u64) -> Vec<u8> {
        let to = to.min(self.len());
        if from >= to {
            return Vec::new();
        }
        let mut bytes: Vec<u8> = (from..to.min(self.made_up)).map(made_up).collect();
        if to > self.made_up {
            let place = |at: u64| (at.max(self.made_up) - self.made_up) as usize;
            bytes.extend_from_slice(&self.held[place(from)..place(to)]);
        }
        bytes
    }

    /// The bytes from `from` on, up to `most` of them.
    pub(crate) fn part(&self, from: u64, most: usize) -> Vec<u8> {
        self.slice(from, from.saturating_add(most as u64))
    }

    /// Cuts it off, or adds NULs.
    pub(crate) fn resize(&mut self, length: u64) {
        if length < self.made_up {
            self.made_up = length;
            self.held.clear();
        } else {
            self.held.resize((length - self.made_up) as usize, 0);
        }
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// Puts bytes at a place, with NULs before it where there is nothing.
    pub(crate) fn write(&mut self, at: u64, bytes: &[u8]) {
        if at >= self.len() {
            self.resize(at);
            return self.append(bytes);
        }
        if at < self.made_up {
            let held = self.slice(at, self.made_up);
            self.held.splice(..0, held);
            self.made_up = at;
        }
        let at = (at - self.made_up) as usize;
        let over = bytes.len().min(self.held.len() - at);
        self.held[at..at + over].copy_from_slice(&bytes[..over]);
        self.held.extend_from_slice(&bytes[over..]);
    }

    /// How many of its bytes take memory.
    pub(crate) fn held(&self) -> u64 {
        self.held.len() as u64
    }

    /// How much would have to be held for bytes to be put there.
    pub(crate) fn held_from(&self, at: u64) -> u64 {
        self.len().saturating_sub(at.min(self.made_up))
    }

    /// Whether the bytes from `at` on begin with all of these.
    pub(crate) fn has_at(&self, at: u64, other: &Blob) -> bool {
        if at == 0 {
            let same = self.made_up.min(other.made_up);
            return self.len() >= other.len()
                && self.slice(same, other.len()) == other.slice(same, other.len());
        }
        self.slice(at, at.saturating_add(other.len())) == other.slice(0, other.len())
    }
}

impl From<Vec<u8>> for Blob {
    fn from(held: Vec<u8>) -> Blob {
        Blob { made_up: 0, held }
    }
}

impl PartialEq for Blob {
    fn eq(&self, other: &Blob) -> bool {
        self.len() == other.len() && self.has_at(0, other)
    }
}

impl Eq for Blob {}
