//! The values behind `=`: quoted texts, numbers and empty fields, separated by commas.

use std::ops::RangeInclusive;

use super::fault::Fault;

/// No command of the manual has more fields.
const FIELD_LIMIT: usize = 16;

/// One value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    /// Nothing between two commas.
    Empty,
    /// A text in quotes, without them.
    Quoted(&'a [u8]),
    /// Anything else.
    Bare(&'a [u8]),
}

/// The values of one command.
#[derive(Debug)]
pub(crate) struct Arguments<'a> {
    fields: Vec<Field<'a>>,
}

impl<'a> Arguments<'a> {
    pub(crate) fn parse(text: &'a [u8]) -> Result<Self, Fault> {
        let mut fields = Vec::new();
        let mut rest = text;
        loop {
            let (field, after) = field(rest)?;
            fields.push(field);
            match after.split_first() {
                None => return Ok(Self { fields }),
                Some((b',', later)) if fields.len() < FIELD_LIMIT => rest = later,
                Some(_) => return Err(Fault::PARAMETERS),
            }
        }
    }

    /// Fails unless the number of values is in `range`.
    pub(crate) fn count(&self, range: RangeInclusive<usize>) -> Result<usize, Fault> {
        let count = self.fields.len();
        if range.contains(&count) {
            Ok(count)
        } else {
            Err(Fault::PARAMETERS)
        }
    }

    pub(crate) fn get(&self, place: usize) -> Field<'a> {
        self.fields.get(place).copied().unwrap_or(Field::Empty)
    }

    /// A text in quotes of 1 to `limit` octets.
    pub(crate) fn text(&self, place: usize, limit: usize) -> Result<&'a [u8], Fault> {
        match self.get(place) {
            Field::Quoted([]) => Err(Fault::PARAMETERS),
            _ => self.optional_text(place, limit),
        }
        .and_then(|text| {
            if text.is_empty() {
                Err(Fault::PARAMETERS)
            } else {
                Ok(text)
            }
        })
    }

    /// The same, but it may be empty or left out.
    pub(crate) fn optional_text(&self, place: usize, limit: usize) -> Result<&'a [u8], Fault> {
        match self.get(place) {
            Field::Empty => Ok(&[]),
            Field::Quoted(text) if text.len() > limit => Err(Fault::TOO_LONG),
            // What would break a line of the FTP control connection cannot be part of a name.
            Field::Quoted(text) if text.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) => {
                Err(Fault::INVALID_CHARACTERS)
            }
            Field::Quoted(text) => Ok(text),
            Field::Bare(_) => Err(Fault::PARAMETERS),
        }
    }

    /// A number that must be there.
    pub(crate) fn number(&self, place: usize, range: RangeInclusive<u64>) -> Result<u64, Fault> {
        self.optional_number(place, range)?.ok_or(Fault::PARAMETERS)
    }

    /// A number that may be left out.
    pub(crate) fn optional_number(
        &self,
        place: usize,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, Fault> {
        match self.get(place) {
            Field::Empty => Ok(None),
            Field::Bare(digits) => {
                let number = number(digits).ok_or(Fault::PARAMETERS)?;
                if range.contains(&number) {
                    Ok(Some(number))
                } else {
                    Err(Fault::PARAMETERS)
                }
            }
            Field::Quoted(_) => Err(Fault::PARAMETERS),
        }
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Reads one field; gives it and what follows, from the comma on.
fn field(text: &[u8]) -> Result<(Field<'_>, &[u8]), Fault> {
    let text = text.trim_ascii_start();
    if let Some(inside) = text.strip_prefix(b"\"") {
        let end = memchr::memchr(b'"', inside).ok_or(Fault::PARAMETERS)?;
        let after = inside[end + 1..].trim_ascii_start();
        return Ok((Field::Quoted(&inside[..end]), after));
    }
    let end = memchr::memchr(b',', text).unwrap_or(text.len());
    let (bare, after) = text.split_at(end);
    let bare = bare.trim_ascii_end();
    Ok((
        if bare.is_empty() {
            Field::Empty
        } else {
            Field::Bare(bare)
        },
        after,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_numbers_and_gaps() {
        let arguments = Arguments::parse(br#""a,b", ,12,"",x"#).unwrap();
        assert_eq!(arguments.count(5..=5), Ok(5));
        assert_eq!(arguments.text(0, 255), Ok(&b"a,b"[..]));
        assert_eq!(arguments.get(1), Field::Empty);
        assert_eq!(arguments.number(2, 0..=12), Ok(12));
        assert_eq!(arguments.number(2, 0..=11), Err(Fault::PARAMETERS));
        assert_eq!(arguments.text(3, 255), Err(Fault::PARAMETERS));
        assert_eq!(arguments.optional_text(3, 255), Ok(&b""[..]));
        assert_eq!(arguments.number(4, 0..=1), Err(Fault::PARAMETERS));
        assert_eq!(arguments.optional_number(9, 0..=1), Ok(None));
    }

    #[test]
    fn a_name_of_255_octets_is_taken_and_one_of_256_is_not() {
        let quoted = |size: usize| format!("\"{}\"", "n".repeat(size));
        assert!(
            Arguments::parse(quoted(255).as_bytes())
                .unwrap()
                .text(0, 255)
                .is_ok()
        );
        assert_eq!(
            Arguments::parse(quoted(256).as_bytes())
                .unwrap()
                .text(0, 255),
            Err(Fault::TOO_LONG)
        );
    }

    #[test]
    fn broken_quotes_are_refused() {
        assert!(Arguments::parse(br#""open"#).is_err());
        assert!(Arguments::parse(br#""a"b"#).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Arguments::parse(&text);
        }
    }
}
