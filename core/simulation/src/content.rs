//! What files hold.

use fastrand::Rng;

use crate::blob::Blob;
use crate::scenario::Flavour;

/// The content of a file, the same for the same name, size and flavour.
pub(crate) fn content(seed: u64, name: &str, size: u64, flavour: Flavour) -> Blob {
    if flavour == Flavour::Sparse {
        return Blob::sparse(size);
    }
    let named = name.bytes().fold(seed, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    let mut rng = Rng::with_seed(named ^ size.rotate_left(40));
    let size = usize::try_from(size).unwrap_or(0);
    let mut bytes = Vec::with_capacity(size + 64);
    while bytes.len() < size {
        match flavour {
            Flavour::Random => bytes.extend_from_slice(&rng.u64(..).to_le_bytes()),
            Flavour::Escapes => {
                let mut bits = rng.u64(..);
                for _ in 0..16 {
                    bytes.push(match bits & 15 {
                        0..5 => 0x03,
                        5..10 => 0x10,
                        other => other as u8,
                    });
                    bits >>= 4;
                }
            }
            Flavour::Answers => bytes.extend_from_slice(one_of(&mut rng, &ANSWERS)),
            Flavour::Commands => bytes.extend_from_slice(one_of(&mut rng, &COMMANDS)),
            Flavour::Sparse => break,
        }
    }
    bytes.truncate(size);
    bytes.into()
}

fn one_of(rng: &mut Rng, texts: &[&'static [u8]]) -> &'static [u8] {
    texts[rng.usize(..texts.len())]
}

const ANSWERS: [&[u8]; 14] = [
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\r\n+CME ERROR: 100\r\n",
    b"\r\n+FTPRETR: 1\r\n",
    b"\r\n+FTPRETR: 0\r\n",
    b"\r\n+FTPGET: 1\r\n",
    b"\r\n+FTPRECV: 12\r\n",
    b"\r\n+FTPLIST: 1\r\n",
    b"\r\n+FTPOPEN: 1\r\n",
    b"\r\n+FTPPUT: 2,7\r\n",
    b"> ",
    b"\x03\r\n+FTPRETR: 1\r\n",
    b"\x10\x03\x10",
    b"plain text in between ",
];

const COMMANDS: [&[u8]; 8] = [
    b"\r",
    b"\r\n",
    b"AT\r",
    b"AT+FTPOPEN?\r",
    b"\x03\r",
    b"\x10\x10",
    b"more plain text",
    b"\nAT+FTPNOOP\r",
];
