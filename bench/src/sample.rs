//! The file that every transfer moves: a block of random bytes, over and over.

use std::io::{self, Read};

/// The length of the block.
pub const BLOCK: usize = 1 << 20;

/// Data link escape, which goes before each of the two special bytes (manual 1.2.15).
const DLE: u8 = 0x10;
/// End of text.
const ETX: u8 = 0x03;

/// The block.
pub fn block() -> Vec<u8> {
    random(BLOCK)
}

/// Random bytes, the same ones in every run.
pub fn random(length: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let bytes = (0..length).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    });
    bytes.collect()
}

/// The first `length` bytes of the file.
pub fn file(length: usize) -> Vec<u8> {
    let block = block();
    block.iter().copied().cycle().take(length).collect()
}

/// The bytes as a stream transfer has them, without the mark at the end.
pub fn stuffed(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + data.len() / 64);
    for &byte in data {
        if byte == DLE || byte == ETX {
            out.push(DLE);
        }
        out.push(byte);
    }
    out
}

/// The file as a reader that holds one block of it only.
pub struct Reader {
    block: Vec<u8>,
    at: u64,
    size: u64,
}

impl Reader {
    /// A file of `size` bytes.
    pub fn new(size: u64) -> Reader {
        Reader {
            block: block(),
            at: 0,
            size,
        }
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let from = (self.at % BLOCK as u64) as usize;
        let left = usize::try_from(self.size - self.at).unwrap_or(usize::MAX);
        let count = buffer.len().min(BLOCK - from).min(left);
        buffer[..count].copy_from_slice(&self.block[from..from + count]);
        self.at += count as u64;
        Ok(count)
    }
}

/// A sink that compares what it gets with the file, and keeps nothing.
pub struct Comparer {
    block: Vec<u8>,
    at: u64,
    differs: bool,
}

impl Default for Comparer {
    fn default() -> Comparer {
        Comparer {
            block: block(),
            at: 0,
            differs: false,
        }
    }
}

impl Comparer {
    /// Takes the next bytes.
    pub fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let from = (self.at % BLOCK as u64) as usize;
            let count = bytes.len().min(BLOCK - from);
            self.differs |= bytes[..count] != self.block[from..from + count];
            self.at += count as u64;
            bytes = &bytes[count..];
        }
    }

    /// Whether it has got the first `size` bytes of the file and nothing else.
    pub fn is_whole(&self, size: u64) -> bool {
        !self.differs && self.at == size
    }
}

impl io::Write for Comparer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.take(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
