//! What a modem's lines and a host's command lines say.

/// A part of what the modem has said.
pub(crate) enum Unit<'a> {
    Line(&'a [u8]),
    Payload(&'a [u8]),
}

/// The next line, or payload where so many bytes of it come first.
pub(crate) fn next_unit(bytes: &[u8], counted: usize) -> (Unit<'_>, &[u8]) {
    if counted > 0 {
        let (payload, rest) = bytes.split_at(counted.min(bytes.len()));
        return (Unit::Payload(payload), rest);
    }
    if bytes[0] == 0x03 {
        return (Unit::Payload(&bytes[..1]), &bytes[1..]);
    }
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let start = bytes
        .iter()
        .position(|byte| !is_end(byte))
        .unwrap_or(bytes.len());
    let end = bytes[start..]
        .iter()
        .position(is_end)
        .map_or(bytes.len(), |at| start + at + 1);
    let end = if bytes[..end].ends_with(b"\r") && bytes.get(end) == Some(&b'\n') {
        end + 1
    } else {
        end
    };
    let (line, rest) = bytes.split_at(end);
    (Unit::Line(line), rest)
}

/// Name and values of `+NAME: values`, however it is spaced.
pub(crate) fn answer_of(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b"+")?;
    let colon = text.iter().position(|&byte| byte == b':')?;
    Some((text[..colon].trim_ascii(), text[colon + 1..].trim_ascii()))
}

pub(crate) fn number(text: &[u8]) -> usize {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'))
}

/// A command line without what switches echo before it.
pub(crate) fn plain(line: &[u8]) -> Vec<u8> {
    let line = line.trim_ascii_start();
    match line {
        [b'A', b'T', b'E', b'0' | b'1', rest @ ..] if rest.starts_with(b"+") => {
            [b"AT", rest].concat()
        }
        _ => line.to_vec(),
    }
}

/// FTPRECV in any spelling, in its set form; FTPGETR may be FTPRETR.
pub(crate) fn is_receive(line: &[u8]) -> bool {
    [&b"AT+FTPRECV="[..], b"AT+FTP_RECV=", b"AT+FTPGETR="]
        .iter()
        .any(|name| {
            line.strip_prefix(*name)
                .is_some_and(|value| value.first().is_some_and(u8::is_ascii_digit))
        })
}

pub(crate) fn is_retrieve(line: &[u8]) -> bool {
    line.starts_with(b"AT+FTPRETR=") || line.starts_with(b"AT+FTPGETR=\"")
}
