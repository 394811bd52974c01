//! Server replies, RFC 959 section 4.2: lines of any length and number, read in constant memory.

/// A line is kept up to this length; what is longer is cut, not refused.
const LINE_LIMIT: usize = 4096;

/// One line of a reply.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ReplyLine {
    /// A line of a reply that goes on.
    More,
    /// The last line of a reply, with its code.
    Last(u16),
    /// Nothing that a server may send here.
    Malformed,
}

/// Collects lines and tells which of them end a reply.
#[derive(Debug, Default)]
pub(crate) struct ReplyReader {
    line: Vec<u8>,
    /// The code of the reply whose last line is awaited.
    open: Option<u16>,
}

impl ReplyReader {
    pub(crate) fn clear(&mut self) {
        self.line.clear();
        self.open = None;
    }

    /// Reads up to the end of one line. Gives the bytes used, and the line's kind once it is whole;
    /// `text` is then the line's place.
    pub(crate) fn push(&mut self, input: &[u8]) -> (usize, Option<ReplyLine>) {
        let (piece, used, whole) = match memchr::memchr(b'\n', input) {
            Some(end) => (&input[..end], end + 1, true),
            None => (input, input.len(), false),
        };
        let space = LINE_LIMIT.saturating_sub(self.line.len());
        self.line
            .extend_from_slice(&piece[..piece.len().min(space)]);
        if !whole {
            return (used, None);
        }
        while self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        (used, Some(self.classify()))
    }

    /// The line just read.
    pub(crate) fn text(&self) -> &[u8] {
        &self.line
    }

    /// Whether the reply that goes on is a positive one.
    pub(crate) fn succeeds(&self) -> bool {
        self.open.is_some_and(|code| (200..300).contains(&code))
    }

    /// Forgets the line just read.
    pub(crate) fn next_line(&mut self) {
        self.line.clear();
    }

    fn classify(&mut self) -> ReplyLine {
        let code = code(&self.line);
        let separator = self.line.get(3).copied();
        match (self.open, code) {
            (Some(open), Some(code)) if open == code && matches!(separator, Some(b' ') | None) => {
                self.open = None;
                ReplyLine::Last(code)
            }
            (Some(_), _) => ReplyLine::More,
            (None, Some(code)) if separator == Some(b'-') => {
                self.open = Some(code);
                ReplyLine::More
            }
            (None, Some(code)) if matches!(separator, Some(b' ') | None) => ReplyLine::Last(code),
            (None, _) => ReplyLine::Malformed,
        }
    }
}

fn code(line: &[u8]) -> Option<u16> {
    let digits = line.get(..3)?;
    if !digits.iter().all(u8::is_ascii_digit) || !(b'1'..=b'5').contains(&digits[0]) {
        return None;
    }
    Some(
        digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')),
    )
}

/// The text of a reply line without code and separator.
pub(crate) fn text_of(line: &[u8]) -> &[u8] {
    match (code(line), line.get(3)) {
        (Some(_), Some(b' ' | b'-')) => &line[4..],
        (Some(_), None) => &[],
        _ => line,
    }
}

/// A line as it was meant: some servers double 0xff as Telnet demands (RFC 854), most do not. Those
/// that do leave no run of them with an odd length.
pub(crate) fn undoubled(line: Vec<u8>) -> Vec<u8> {
    const IAC: u8 = 0xff;
    if memchr::memchr(IAC, &line).is_none() {
        return line;
    }
    let runs = || line.chunk_by(|a, b| (*a == IAC) == (*b == IAC));
    if runs().any(|run| run[0] == IAC && run.len() % 2 == 1) {
        return line;
    }
    let halved = |run: &[u8]| {
        if run[0] == IAC {
            run.len() / 2
        } else {
            run.len()
        }
    };
    runs()
        .flat_map(|run| &run[..halved(run)])
        .copied()
        .collect()
}

/// The directory in a 257 reply: within quotes, where a doubled quote stands for one. Some servers
/// do not double: then a quote that cannot be the last one is part of the name.
pub(crate) fn quoted_path(line: &[u8]) -> Vec<u8> {
    let text = text_of(line);
    let Some(start) = memchr::memchr(b'"', text) else {
        return text.to_vec();
    };
    let mut path = Vec::new();
    let mut rest = &text[start + 1..];
    while let Some((&byte, later)) = rest.split_first() {
        rest = later;
        if byte == b'"' {
            match rest.first() {
                Some(b'"') => rest = &rest[1..],
                None | Some(b' ') => break,
                Some(_) if memchr::memchr(b'"', rest).is_none() => break,
                Some(_) => {}
            }
        }
        path.push(byte);
    }
    path
}

/// The six numbers of a 227 reply, wherever they stand.
pub(crate) fn passive_address(line: &[u8]) -> Option<([u8; 4], u16)> {
    let text = text_of(line);
    let start = match memchr::memchr(b'(', text) {
        Some(bracket) => bracket + 1,
        None => text.iter().position(u8::is_ascii_digit)?,
    };
    let end = text[start..]
        .iter()
        .position(|byte| !byte.is_ascii_digit() && *byte != b',');
    let numbers = &text[start..end.map_or(text.len(), |end| start + end)];
    let mut found = [0_u8; 6];
    let mut parts = numbers.split(|byte| *byte == b',');
    for place in &mut found {
        *place = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    }
    let [a, b, c, d, high, low] = found;
    let port = u16::from_be_bytes([high, low]);
    (parts.next().is_none() && port != 0).then_some(([a, b, c, d], port))
}

/// The port of a 229 reply (RFC 2428).
pub(crate) fn extended_port(line: &[u8]) -> Option<u16> {
    let text = text_of(line);
    let inside = &text[memchr::memchr(b'(', text)? + 1..];
    let delimiter = *inside.first()?;
    let port = inside.split(|byte| *byte == delimiter).nth(3)?;
    std::str::from_utf8(port)
        .ok()?
        .parse()
        .ok()
        .filter(|port| *port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_all(input: &[u8]) -> Vec<(ReplyLine, Vec<u8>)> {
        let (mut reader, mut rest, mut lines) = (ReplyReader::default(), input, Vec::new());
        while !rest.is_empty() {
            let (used, line) = reader.push(rest);
            rest = &rest[used..];
            if let Some(line) = line {
                lines.push((line, reader.text().to_vec()));
                reader.next_line();
            }
        }
        lines
    }

    #[test]
    fn only_the_same_code_and_a_space_end_a_long_reply() {
        let lines =
            read_all(b"220-Hello\r\n221 not yet\r\n220-nor this\r\n 220 nor this\r\n220 ready\r\n");
        let kinds: Vec<_> = lines.into_iter().map(|(kind, _)| kind).collect();
        let more = || ReplyLine::More;
        assert_eq!(
            kinds,
            [more(), more(), more(), more(), ReplyLine::Last(220)]
        );
    }

    #[test]
    fn a_line_of_any_length_takes_bounded_memory() {
        let mut reader = ReplyReader::default();
        reader.push(b"220 ");
        for _ in 0..1000 {
            reader.push(&[b'x'; 1000]);
        }
        let (_, line) = reader.push(b"\r\n");
        assert_eq!(line, Some(ReplyLine::Last(220)));
        assert_eq!(reader.text().len(), LINE_LIMIT);
    }

    #[test]
    fn what_is_no_reply_is_said_to_be_none() {
        for text in [
            &b"hello\r\n"[..],
            b"\r\n",
            b"99 x\r\n",
            b"600 x\r\n",
            b"220x\r\n",
        ] {
            assert_eq!(read_all(text)[0].0, ReplyLine::Malformed);
        }
    }

    #[test]
    fn directories_with_quotes_in_their_names() {
        assert_eq!(quoted_path(br#"257 "/a""b" is it"#), br#"/a"b"#);
        assert_eq!(quoted_path(b"257 /plain"), b"/plain");
        assert_eq!(quoted_path(br#"257 "/a"b" is it"#), br#"/a"b"#);
        assert_eq!(quoted_path(br#"257 "/a"."#), b"/a");
        assert_eq!(quoted_path(br#"257 "/a"#), b"/a");
    }

    #[test]
    fn a_byte_that_telnet_doubles_is_one_again() {
        for (line, meant) in [
            (&b"257 \"/a\xff\xffb\""[..], &b"257 \"/a\xffb\""[..]),
            (b"\xff\xff\xff\xff", b"\xff\xff"),
            (b"\xff", b"\xff"),
            (b"a\xffb\xff\xff", b"a\xffb\xff\xff"),
            (b"", b""),
        ] {
            assert_eq!(undoubled(line.to_vec()), meant);
        }
    }

    #[test]
    fn addresses_of_passive_replies() {
        let found = Some(([127, 0, 0, 1], 1025));
        assert_eq!(
            passive_address(b"227 Entering Passive Mode (127,0,0,1,4,1)."),
            found
        );
        assert_eq!(passive_address(b"227 127,0,0,1,4,1"), found);
        for wrong in [
            &b"227 (127,0,0,1,4)"[..],
            b"227 (1,2,3,4,5,6,7)",
            b"227 (300,0,0,1,4,1)",
            b"227 none",
        ] {
            assert_eq!(passive_address(wrong), None);
        }
        assert_eq!(extended_port(b"229 ok (|||2121|)"), Some(2121));
        assert_eq!(extended_port(b"229 ok"), None);
    }

    proptest! {
        #[test]
        fn hostile_lines_never_panic(line in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (passive_address(&line), extended_port(&line), quoted_path(&line), text_of(&line));
            let mut input = line;
            input.push(b'\n');
            read_all(&input);
        }
    }
}
