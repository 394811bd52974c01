//! The demo's files: random bytes, and those that a careless driver breaks on.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::failure::Failure;

const CHUNK: usize = 64 * 1024;
/// Many pieces of each size that the module has (1,024 and 3,000 bytes), none of them even.
const STUFFED_SIZE: u64 = 64 * 1024 + 7;
const TEXT_COPIES: usize = 50;
/// Lines that mean something to a driver, were they not payload.
const TEXT: &str = "OK\r\n\r\n+FTPRETR: 1\r\n+FTPRETR: 0\r\n+FTPSTOR: 1\r\n\r\nERROR\r\n\
                    +FTPGET: 1\r\n+FTPRECV: 1024\r\n+FTPPUT: 2,1024\r\n> \r\n+FTPPUT: 1\r\n\
                    +CME ERROR: 2031\r\nAT+FTPCLOSE\r\n+FTPCLOSE: 1\r\nNO CARRIER\r\n+++\r\n";

/// A file to move.
#[derive(Debug)]
pub(super) struct Sample {
    /// What people are told.
    pub(super) label: &'static str,
    /// Part of its name on the server.
    pub(super) file: &'static str,
    pub(super) path: PathBuf,
}

/// Writes all of them into a folder.
pub(super) fn make(folder: &Path, seed: u64, size: u64) -> Result<Vec<Sample>, Failure> {
    let mut random = Random(seed);
    let random_bytes = |file: &mut dyn Write| {
        fill(file, size, |bytes| {
            bytes.copy_from_slice(&random.next().to_le_bytes())
        })
    };
    let mut choice = Random(!seed);
    let stuffed = |file: &mut dyn Write| {
        fill(file, STUFFED_SIZE, |bytes| {
            let bits = choice.next();
            for (bit, byte) in bytes.iter_mut().enumerate() {
                *byte = if bits >> bit & 1 == 0 { 0x10 } else { 0x03 };
            }
        })
    };
    let text =
        |file: &mut dyn Write| (0..TEXT_COPIES).try_for_each(|_| file.write_all(TEXT.as_bytes()));
    Ok(vec![
        sample(folder, "random", "random", random_bytes)?,
        sample(folder, "empty", "empty", |_| Ok(()))?,
        sample(folder, "0x10 and 0x03", "stuffed", stuffed)?,
        sample(folder, "OK, ERROR, +FTP…", "answers", text)?,
    ])
}

fn sample(
    folder: &Path,
    label: &'static str,
    file: &'static str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<Sample, Failure> {
    let path = folder.join(file);
    File::create(&path)
        .and_then(|file| {
            let mut file = BufWriter::with_capacity(CHUNK, file);
            write(&mut file)?;
            file.flush()
        })
        .map_err(|error| Failure::local("write", &path, error))?;
    Ok(Sample { label, file, path })
}

/// Writes so many bytes, eight at a time.
fn fill(file: &mut dyn Write, size: u64, mut next: impl FnMut(&mut [u8; 8])) -> io::Result<()> {
    let mut left = size;
    let mut bytes = [0; 8];
    while left > 0 {
        next(&mut bytes);
        let count = usize::try_from(left).unwrap_or(8).min(8);
        file.write_all(&bytes[..count])?;
        left -= count as u64;
    }
    Ok(())
}

/// The SplitMix64 generator: eight lines, and the same bytes from the same seed for ever.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// What arrived, beside what was sent.
#[derive(Debug, Clone)]
pub(super) struct Compared {
    pub(super) bytes: u64,
    /// Of what arrived.
    pub(super) sha256: String,
    pub(super) identical: bool,
}

/// Compares two files byte for byte.
pub(super) fn compare(sent: &Path, arrived: &Path) -> Result<Compared, Failure> {
    let open = |path| File::open(path).map_err(|error| Failure::local("read", path, error));
    let (mut ours, mut theirs) = (open(sent)?, open(arrived)?);
    let (mut one, mut other) = (vec![0; CHUNK], vec![0; CHUNK]);
    let mut digest = Sha256::new();
    let (mut bytes, mut identical) = (0, true);
    loop {
        let count =
            full(&mut theirs, &mut other).map_err(|e| Failure::local("read", arrived, e))?;
        let expected = full(&mut ours, &mut one).map_err(|e| Failure::local("read", sent, e))?;
        identical &= one[..expected] == other[..count];
        digest.update(&other[..count]);
        bytes += count as u64;
        if count == 0 {
            break;
        }
    }
    let sha256 = digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(Compared {
        bytes,
        sha256,
        identical,
    })
}

/// Reads until the buffer is full or the file ends.
fn full(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_files() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = make(one.path(), 7, 100_001).unwrap();
        let second = make(other.path(), 7, 100_001).unwrap();
        for (a, b) in first.iter().zip(&second) {
            assert!(compare(&a.path, &b.path).unwrap().identical, "{}", a.label);
        }
        let sizes: Vec<u64> = first
            .iter()
            .map(|s| s.path.metadata().unwrap().len())
            .collect();
        assert_eq!(
            sizes,
            [100_001, 0, STUFFED_SIZE, (TEXT.len() * TEXT_COPIES) as u64]
        );
        let stuffed = std::fs::read(&first[2].path).unwrap();
        assert!(stuffed.iter().all(|byte| [0x10, 0x03].contains(byte)));
        assert!(stuffed.contains(&0x10) && stuffed.contains(&0x03));
    }

    #[test]
    fn every_difference_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let data = vec![7; CHUNK + 10];
        std::fs::write(path("sent"), &data).unwrap();
        let mut flipped = data.clone();
        flipped[CHUNK + 3] ^= 1;
        for (name, bytes, same) in [
            ("same", data.clone(), true),
            ("flipped", flipped, false),
            ("shorter", data[..CHUNK].to_vec(), false),
            ("longer", [&data[..], b"x"].concat(), false),
            ("empty", Vec::new(), false),
        ] {
            std::fs::write(path(name), &bytes).unwrap();
            let compared = compare(&path("sent"), &path(name)).unwrap();
            assert_eq!(compared.identical, same, "{name}");
            assert_eq!(compared.bytes, bytes.len() as u64, "{name}");
        }
    }

    #[test]
    fn the_digest_is_sha_256() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(
            compare(&path, &path).unwrap().sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
