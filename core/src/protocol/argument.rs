//! Quoting and validation: the only place where text becomes part of a command.

use crate::error::{Error, Result};

/// The longest raw command line, in octets.
const MAX_LINE: usize = 2048;

/// Refuses text that could leave its quotes, that the module would cut off, or that it would not take as it is: control
/// characters edit a command line or are dropped from it (V.250, 5.2.2), so that another name would arrive.
///
/// The error names the argument but never repeats its text, which may be a password.
pub(crate) fn check(argument: &str, text: &[u8], limit: usize) -> Result<()> {
    if text.len() > limit {
        return Err(Error::invalid(format!(
            "the {argument} has {} octets, the module takes at most {limit}: use a shorter one",
            text.len()
        )));
    }
    let other;
    let what = match text
        .iter()
        .find(|byte| **byte == b'"' || byte.is_ascii_control())
    {
        None => return Ok(()),
        Some(b'"') => "a double quote",
        Some(b'\r') => "a carriage return",
        Some(b'\n') => "a line feed",
        Some(b'\x08') => "a backspace",
        Some(0) => "a NUL",
        Some(byte) => {
            other = format!("the control character 0x{byte:02X}");
            &other
        }
    };
    Err(Error::invalid(format!(
        "the {argument} contains {what}, which no command can carry to the module: choose another one"
    )))
}

/// Like [`check`], for text that must not be empty.
pub(crate) fn check_name(argument: &str, text: &[u8], limit: usize) -> Result<()> {
    if text.is_empty() {
        return Err(Error::invalid(format!("the {argument} is empty: give one")));
    }
    check(argument, text, limit)
}

/// Refuses a number outside the module's range.
pub(crate) fn check_number(argument: &str, number: u64, from: u64, to: u64) -> Result<()> {
    if (from..=to).contains(&number) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "the {argument} {number} is outside the module's range: give one from {from} to {to}"
    )))
}

/// Refuses a raw command line that is more than one line, or no command at all.
pub(crate) fn check_line(line: &[u8]) -> Result<()> {
    if line.len() > MAX_LINE {
        return Err(Error::invalid(format!(
            "the command has {} octets, at most {MAX_LINE} are sent: shorten it",
            line.len()
        )));
    }
    if let Some(byte) = line.iter().find(|byte| byte.is_ascii_control()) {
        return Err(Error::invalid(format!(
            "the command contains the control character 0x{byte:02X}: give one line without its end"
        )));
    }
    if line.len() < 2 || !line[..2].eq_ignore_ascii_case(b"AT") {
        return Err(Error::invalid(
            "the command does not start with AT: write it as in AT+CSQ",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::table::MAX_NAME;

    #[test]
    fn text_cannot_leave_its_quotes() {
        let controls = (0..0x20)
            .chain([0x7f])
            .map(|byte: u8| vec![b'a', byte, b'b']);
        for text in controls.chain([b"a\"b".to_vec(), b"x\r\nAT+CFUN=0".to_vec()]) {
            let text = text.as_slice();
            let error = check("file name", text, MAX_NAME).unwrap_err();
            assert!(error.to_string().contains("file name"), "{error}");
        }
        assert!(check("file name", &[b'x'; 255], MAX_NAME).is_ok());
        assert!(
            check("file name", &[b'x'; 256], MAX_NAME)
                .unwrap_err()
                .to_string()
                .contains("255")
        );
        assert!(check("file name", "größe\u{1F4BE}".as_bytes(), MAX_NAME).is_ok());
        assert!(check_number("offset", 0, 0, 9).is_ok() && check_number("offset", 9, 0, 9).is_ok());
        assert!(
            check_number("offset", 10, 0, 9).is_err() && check_number("length", 0, 1, 9).is_err()
        );
        assert!(check_name("file name", b"", MAX_NAME).is_err());
    }

    #[test]
    fn a_raw_command_is_one_line_that_starts_with_at() {
        assert!(check_line(b"at+csq").is_ok());
        for line in [&b""[..], b"A", b"+CSQ", b"AT\r", b"AT\x03", b"AT\x1a"] {
            assert!(check_line(line).is_err(), "{line:?}");
        }
    }
}
