//! What the texts of FTPPWD, FTPSTAT and FTPSYST mean: the module passes a server's reply on, more or less of it.

use super::response;
use crate::error::{Error, ErrorKind, Result};

/// The directory in `"/a"`, in `257 "/a" is the current directory`, or without quotes (RFC 959, 257 to PWD).
pub(crate) fn directory(lines: &[Vec<u8>]) -> Result<Vec<u8>> {
    let text = first_text(lines);
    // The module may quote the server's whole reply.
    let inner = response::unquote(text);
    let text = if without_code(inner).len() < inner.len() {
        without_code(inner)
    } else {
        text
    };
    let name = match quoted(text) {
        Some(name) => undouble(name),
        None => text.to_vec(),
    };
    if name.is_empty() {
        return Err(Error::new(
            ErrorKind::Command,
            "the modem told no directory (+FTPPWD): ask again",
        ));
    }
    Ok(name)
}

/// The kind of system in `UNIX Type: L8`, in quotes or behind its code.
pub(crate) fn system(lines: &[Vec<u8>]) -> Result<String> {
    let text = without_code(response::unquote(first_text(lines))).trim_ascii();
    if text.is_empty() {
        return Err(Error::new(
            ErrorKind::Command,
            "the modem told no system type (+FTPSYST): ask again",
        ));
    }
    Ok(String::from_utf8_lossy(text).into_owned())
}

/// The first line that says something: the text may begin on the line behind the `2`.
fn first_text(lines: &[Vec<u8>]) -> &[u8] {
    let mut texts = lines.iter().map(|line| line.trim_ascii());
    texts.find(|text| !text.is_empty()).unwrap_or_default()
}

/// The lines of a status; quotes around the whole of it are the module's.
pub(crate) fn status(mut lines: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let is_quoted =
        |line: &Vec<u8>| line.len() > 1 && line.starts_with(b"\"") && line.ends_with(b"\"");
    if lines.iter().all(is_quoted) {
        return lines
            .iter()
            .map(|line| response::unquote(line).to_vec())
            .collect();
    }
    let opens = lines.first().is_some_and(|line| line.starts_with(b"\""));
    let closes = lines
        .last()
        .is_some_and(|line| line.ends_with(b"\"") && (lines.len() > 1 || line.len() > 1));
    if opens && closes {
        if let Some(last) = lines.last_mut() {
            last.pop();
        }
        if let Some(first) = lines.first_mut() {
            first.remove(0);
        }
    }
    lines
}

/// What stands between the first quote and the last one.
fn quoted(text: &[u8]) -> Option<&[u8]> {
    let start = text.iter().position(|&byte| byte == b'"')? + 1;
    let end = text.iter().rposition(|&byte| byte == b'"')?;
    text.get(start..end)
}

/// Quotes inside a name are doubled (RFC 959), but not by every server: then the name stands as it is.
fn undouble(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut bytes = name.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte == b'"' && bytes.next() != Some(b'"') {
            return name.to_vec();
        }
        out.push(byte);
    }
    out
}

/// Without a reply code, such as `257 `, in front.
fn without_code(text: &[u8]) -> &[u8] {
    match text {
        [a, b, c, b' ' | b'-', rest @ ..] if [a, b, c].iter().all(|byte| byte.is_ascii_digit()) => {
            rest
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pwd(text: &str) -> String {
        String::from_utf8(directory(&[text.as_bytes().to_vec()]).unwrap()).unwrap()
    }

    #[test]
    fn directories_in_every_wrapping() {
        assert_eq!(pwd("\"/Fibocom\""), "/Fibocom");
        assert_eq!(pwd("/Fibocom"), "/Fibocom");
        assert_eq!(pwd("257 \"/a b\" is the current directory."), "/a b");
        assert_eq!(pwd("\"/we\"\"ird\""), "/we\"ird");
        assert_eq!(
            pwd("\"/we\"ird\""),
            "/we\"ird",
            "a server that does not double"
        );
        assert_eq!(pwd("\"/\""), "/");
        assert_eq!(pwd("\"257 \"/x\" is current directory.\""), "/x");
        assert_eq!(directory(&[Vec::new(), b"\"/x\"".to_vec()]).unwrap(), b"/x");
        assert!(directory(&[]).is_err());
        assert!(directory(&[b"\"\"".to_vec()]).is_err());
    }

    #[test]
    fn systems_and_statuses() {
        let syst = |lines: &[&str]| {
            let lines: Vec<_> = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
            system(&lines).ok()
        };
        assert_eq!(
            syst(&["215 UNIX Type: L8"]).as_deref(),
            Some("UNIX Type: L8")
        );
        assert_eq!(
            syst(&["\"UNIX Type: L8\""]).as_deref(),
            Some("UNIX Type: L8")
        );
        assert_eq!(
            syst(&["", "UNIX Type: L8"]).as_deref(),
            Some("UNIX Type: L8")
        );
        assert_eq!(syst(&[]), None);
        assert_eq!(syst(&[""]), None);
        let lines = |text: &[&str]| -> Vec<Vec<u8>> {
            text.iter().map(|line| line.as_bytes().to_vec()).collect()
        };
        assert_eq!(
            status(lines(&["\"213-a", " b", "213 end\""])),
            lines(&["213-a", " b", "213 end"])
        );
        assert_eq!(
            status(lines(&["\"213-a", "213 end"])),
            lines(&["\"213-a", "213 end"])
        );
        assert_eq!(status(lines(&["\"one\""])), lines(&["one"]));
        assert_eq!(status(lines(&["\"a\"", "\"b\""])), lines(&["a", "b"]));
        assert_eq!(status(lines(&["\""])), lines(&["\""]));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = directory(std::slice::from_ref(&text));
            let _ = system(std::slice::from_ref(&text));
            status(vec![text]);
        }
    }
}
