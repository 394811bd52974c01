//! What stands in a plain file that a download goes on in.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use sha2::{Digest, Sha256};

/// How much is digested at once.
const PIECE: usize = 64 * 1024;

/// A file that is open for reading and writing. Its place is that of the writer beside it.
pub(crate) struct Content(File);

impl Content {
    pub(crate) fn new(file: File) -> Content {
        Content(file)
    }

    pub(crate) fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    /// The bytes from `from` up to `to`; fewer are an error.
    pub(crate) fn read(&self, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let count = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; count];
        self.0.read_exact_at(&mut bytes, from)?;
        Ok(bytes)
    }

    /// The digest of the bytes before `to`; `None` once `is_over` says that nobody wants it any more.
    pub(crate) fn digest(&self, to: u64, is_over: impl Fn() -> bool) -> io::Result<Option<Sha256>> {
        let mut digest = Sha256::new();
        let mut piece = vec![0; PIECE];
        let mut at = 0;
        while at < to {
            if is_over() {
                return Ok(None);
            }
            let count = usize::try_from(to - at).unwrap_or(usize::MAX).min(PIECE);
            self.0.read_exact_at(&mut piece[..count], at)?;
            digest.update(&piece[..count]);
            at += count as u64;
        }
        Ok(Some(digest))
    }

    /// Cuts it off there; what is written next stands behind.
    pub(crate) fn cut(&mut self, at: u64) -> io::Result<()> {
        self.0.set_len(at)?;
        self.0.seek(SeekFrom::Start(at))?;
        Ok(())
    }

    pub(crate) fn file(&self) -> &File {
        &self.0
    }
}
