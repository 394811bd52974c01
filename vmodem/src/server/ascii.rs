//! Line ends of `TYPE A`: CRLF on the wire, LF in a file.
//!
//! Every LF of a file becomes CRLF, and every CRLF of the wire becomes LF; a CR or LF that stands
//! alone on the wire stays. So a file that was fetched and stored again is the same file, even
//! one that holds CRLF itself.

/// Appends `bytes` of a file to `wire`, every LF as CRLF.
pub(super) fn encode(bytes: &[u8], wire: &mut Vec<u8>) {
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                wire.extend_from_slice(text);
                wire.extend_from_slice(b"\r\n");
            }
            None => wire.extend_from_slice(line),
        }
    }
}

/// Turns CRLF into LF. A CR at the end of one read is held until the next one shows what follows.
#[derive(Default)]
pub(super) struct Decoder {
    held_cr: bool,
}

impl Decoder {
    /// Appends what `wire` stands for to `file`.
    pub(super) fn decode(&mut self, wire: &[u8], file: &mut Vec<u8>) {
        for &byte in wire {
            if self.held_cr && byte != b'\n' {
                file.push(b'\r');
            }
            self.held_cr = byte == b'\r';
            if !self.held_cr {
                file.push(byte);
            }
        }
    }

    /// Appends what was still held when the data ended.
    pub(super) fn finish(&mut self, file: &mut Vec<u8>) {
        if std::mem::take(&mut self.held_cr) {
            file.push(b'\r');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(parts: &[&[u8]]) -> Vec<u8> {
        let mut decoder = Decoder::default();
        let mut file = Vec::new();
        for part in parts {
            decoder.decode(part, &mut file);
        }
        decoder.finish(&mut file);
        file
    }

    #[test]
    fn every_lf_becomes_crlf() {
        let mut wire = Vec::new();
        encode(b"a\n\nb\r\nc", &mut wire);
        assert_eq!(wire, b"a\r\n\r\nb\r\r\nc");
    }

    #[test]
    fn lone_cr_and_lf_stay() {
        assert_eq!(decoded(&[b"a\rb\nc\r"]), b"a\rb\nc\r");
    }

    #[test]
    fn every_split_gives_the_same() {
        let file = b"a\r\n\n\r\r\nb\r\r";
        let mut wire = Vec::new();
        encode(file, &mut wire);
        for first in 0..=wire.len() {
            for second in first..=wire.len() {
                let parts = [&wire[..first], &wire[first..second], &wire[second..]];
                assert_eq!(decoded(&parts), file);
            }
        }
    }
}
