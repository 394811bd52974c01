//! A line of the modem taken apart: final result, prefixed answer, or other text.

use super::codes::{CodeFamily, ResultCode};

/// What a line is by its form alone; what it is *for* only the command in flight decides.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// `OK`.
    Ok,
    /// `ERROR` in any of its forms.
    Error(Failure),
    /// `+NAME: rest`, with or without spaces.
    Answer { name: &'a [u8], rest: &'a [u8] },
    /// Anything else.
    Text(&'a [u8]),
}

/// A final result other than `OK`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The code, where there was a number or a text of the manual's (section 2).
    pub(crate) code: Option<ResultCode>,
    /// The modem's own words.
    pub(crate) text: String,
}

/// Takes a line apart.
pub(crate) fn parse(line: &[u8]) -> Line<'_> {
    let line = line.trim_ascii();
    if line == b"OK" {
        return Line::Ok;
    }
    if let Some(rest) = line.strip_prefix(b"ERROR")
        && (rest.is_empty() || rest.starts_with(b":"))
    {
        return Line::Error(failure(line, rest, false));
    }
    if let Some(body) = line.strip_prefix(b"+") {
        let body = body.trim_ascii_start();
        let end = body.iter().position(|&byte| byte == b':');
        if let Some(end) = end {
            let name = body[..end].trim_ascii_end();
            let rest = body[end + 1..].trim_ascii_start();
            if name == b"CME ERROR" || name == b"CMS ERROR" {
                return Line::Error(failure(line, rest, name == b"CMS ERROR"));
            }
            let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
            if !name.is_empty() && name.iter().all(is_name) {
                return Line::Answer { name, rest };
            }
        }
    }
    Line::Text(line)
}

fn failure(line: &[u8], rest: &[u8], message: bool) -> Failure {
    let rest = rest.strip_prefix(b":").unwrap_or(rest).trim_ascii();
    let code = match number(rest) {
        Some(number) if message => Some(ResultCode::new(CodeFamily::Cms, number)),
        Some(number) => Some(ResultCode::of_equipment(number)),
        None => ResultCode::of_text(rest, message),
    };
    Failure {
        code,
        text: String::from_utf8_lossy(line).into_owned(),
    }
}

/// A decimal number that is the whole text.
pub(crate) fn number<T: std::str::FromStr>(digits: &[u8]) -> Option<T> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// `0`, `1` or `2` at the start of an answer, and what follows it behind a comma and spaces.
pub(crate) fn outcome(rest: &[u8]) -> Option<(u8, &[u8])> {
    let (digit, text) = rest.split_first()?;
    if !(b'0'..=b'2').contains(digit) || text.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b",").unwrap_or(text).trim_ascii_start();
    Some((digit - b'0', text))
}

/// Text without the quotes around it.
pub(crate) fn unquote(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii();
    text.strip_prefix(b"\"")
        .and_then(|text| text.strip_suffix(b"\""))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer<'a>(name: &'a str, rest: &'a str) -> Line<'a> {
        Line::Answer {
            name: name.as_bytes(),
            rest: rest.as_bytes(),
        }
    }

    #[test]
    fn spaces_may_be_anywhere_around_a_prefix() {
        for line in [
            "+FTPOPEN: 1",
            "+FTPOPEN:1",
            "+ FTPOPEN: 1",
            "+FTPOPEN :  1 ",
        ] {
            assert_eq!(parse(line.as_bytes()), answer("FTPOPEN", "1"), "{line}");
        }
        assert_eq!(outcome(b"2, \"/\""), Some((2, &b"\"/\""[..])));
        assert_eq!(outcome(b"2,\"/\""), Some((2, &b"\"/\""[..])));
        assert_eq!(outcome(b"1"), Some((1, &b""[..])));
        assert_eq!(outcome(b"12"), None);
        assert_eq!(outcome(b"3"), None);
    }

    #[test]
    fn every_form_of_error_keeps_its_number() {
        for (line, code) in [
            ("ERROR", None),
            ("ERROR:", None),
            ("ERROR: 2031", Some(2031)),
            ("+CME ERROR: 10", Some(10)),
            ("+CME ERROR:SIM not inserted", Some(10)),
            ("+CME ERROR: a text of its own", None),
            ("+CMS ERROR: SIM not inserted", Some(310)),
            ("+CMS ERROR: 500", Some(500)),
        ] {
            let Line::Error(failure) = parse(line.as_bytes()) else {
                panic!("{line}")
            };
            assert_eq!(failure.code.map(ResultCode::number), code, "{line}");
            assert_eq!(failure.text, line);
        }
        assert_eq!(parse(b"ERRORS: none"), Line::Text(b"ERRORS: none"));
        assert_eq!(parse(b"OKAY"), Line::Text(b"OKAY"));
        assert_eq!(
            parse(b"-rw-r--r-- 1 a b 3 +x: y"),
            Line::Text(b"-rw-r--r-- 1 a b 3 +x: y")
        );
    }

    proptest! {
        #[test]
        fn any_line_is_something(line in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Line::Answer { rest, .. } = parse(&line) {
                outcome(rest);
                unquote(rest);
            }
        }
    }
}
