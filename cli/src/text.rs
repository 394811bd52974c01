//! What no AT command can carry, refused before the port is opened.

use crate::failure::Failure;

/// Refuses octets that could leave their quotes, and too many of them. The sentence never repeats them: they may be
/// a password.
pub(crate) fn check(what: &str, octets: &[u8], limit: usize) -> Result<(), Failure> {
    match defect(octets, limit) {
        None => Ok(()),
        Some(defect) => Err(Failure::invalid(format!("{what} {defect}"))),
    }
}

/// What is wrong with these octets, as the end of a sentence.
pub(crate) fn defect(octets: &[u8], limit: usize) -> Option<String> {
    let bad = |byte: &&u8| **byte == b'"' || byte.is_ascii_control();
    if let Some(bad) = octets.iter().find(bad) {
        let what = match bad {
            b'"' => "a double quote",
            0 => "a NUL",
            b'\r' | b'\n' => "a line break",
            _ => "a control character",
        };
        return Some(format!("holds {what}, which no AT command can carry"));
    }
    (octets.len() > limit).then(|| {
        format!(
            "has {} octets, and the module takes {limit} at most",
            octets.len()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_defect_is_named_and_nothing_repeated() {
        for (octets, why) in [
            (&b"se\"cret"[..], "a double quote"),
            (b"se\rcret", "a line break"),
            (b"se\ncret", "a line break"),
            (b"se\0cret", "a NUL"),
            (b"se\x08cret", "a control character"),
            (b"secretive", "9 octets"),
        ] {
            let failure = check("the password", octets, 8).unwrap_err();
            assert_eq!(failure.exit_status(), 2);
            let sentence = failure.sentence().unwrap();
            assert!(sentence.starts_with("the password ") && sentence.contains(why));
            assert!(!sentence.contains("cret"), "{sentence}");
        }
        assert!(check("the password", b"\xff\xfe 8 long", 9).is_ok());
    }
}
