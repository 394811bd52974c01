//! The record beside a part file: of which file on the server its bytes are.

use super::super::verify::Listed;

const FIRST: &[u8] = b"nlftp part 1";
const LAST: &[u8] = b"end";

/// A file on the server as it was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) name: Vec<u8>,
    /// `None` where the server did not list it.
    pub(super) listed: Option<Listed>,
}

impl Record {
    /// Lines of text. Names hold no line end: they could not be sent.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let (size, time) = match &self.listed {
            None => ("-".to_owned(), "-"),
            Some(listed) => (
                listed.size.to_string(),
                listed.time.as_deref().unwrap_or("-"),
            ),
        };
        [
            FIRST,
            b"\nname ",
            &self.name,
            b"\nsize ",
            size.as_bytes(),
            b"\ntime ",
            time.as_bytes(),
            b"\n",
            LAST,
            b"\n",
        ]
        .concat()
    }

    /// `None` for anything else, and for a record that was not written to its end.
    pub(super) fn parse(bytes: &[u8]) -> Option<Record> {
        let lines: Vec<&[u8]> = bytes
            .strip_suffix(b"\n")?
            .split(|&byte| byte == b'\n')
            .collect();
        let [FIRST, name, size, time, LAST] = lines[..] else {
            return None;
        };
        let name = name.strip_prefix(b"name ")?;
        let text = |line: &[u8], key: &[u8]| {
            let text = String::from_utf8(line.strip_prefix(key)?.to_vec()).ok()?;
            Some((text != "-").then_some(text))
        };
        let size = text(size, b"size ")?;
        let time = text(time, b"time ")?;
        let listed = match size {
            None => None,
            Some(size) => Some(Listed {
                size: size.parse().ok()?,
                time,
            }),
        };
        Some(Record {
            name: name.to_vec(),
            listed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Vec<Record> {
        let listed = |size, time: Option<&str>| {
            Some(Listed {
                size,
                time: time.map(str::to_owned),
            })
        };
        [
            (&b"a/b c"[..], listed(12, Some("--11-23T00:30"))),
            (b"\xff", listed(u64::MAX, None)),
            (b"size 3", None),
        ]
        .map(|(name, listed)| Record {
            name: name.to_vec(),
            listed,
        })
        .to_vec()
    }

    #[test]
    fn a_record_says_again_what_it_was_told() {
        for record in records() {
            assert_eq!(Record::parse(&record.to_bytes()), Some(record));
        }
    }

    #[test]
    fn a_record_that_breaks_off_anywhere_is_none() {
        for record in records() {
            let whole = record.to_bytes();
            for length in 0..whole.len() {
                assert_eq!(Record::parse(&whole[..length]), None, "{length}");
            }
        }
    }

    #[test]
    fn what_is_no_record_is_none() {
        for text in [
            "",
            "\n\n\n\n\n",
            "nlftp part 2\nname a\nsize 1\ntime -\nend\n",
            "nlftp part 1\nname a\nsize x\ntime -\nend\n",
            "nlftp part 1\nname a\nsize -1\ntime -\nend\n",
            "nlftp part 1\nname a\nsize 1\ntime -\nend\nend\n",
            "nlftp part 1\nsize 1\nname a\ntime -\nend\n",
        ] {
            assert_eq!(Record::parse(text.as_bytes()), None, "{text}");
        }
    }
}
