//! Cuts the bytes of the port into lines, counted payload and stuffed payload, right at every split point.

use memchr::memchr2;
use zeroize::Zeroize;

use super::stuffing::Unstuffer;

/// The longest line kept; what is beyond it is dropped, so that a flood cannot grow memory.
pub(crate) const MAX_LINE: usize = 8192;

/// What the next bytes are.
#[derive(Debug)]
enum Mode {
    Lines,
    Counted(usize),
    Stuffed(Unstuffer),
}

/// A piece of the input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A whole line is in [`Framer::line`].
    Line,
    /// A `>` at the start of a line, while one was expected.
    Prompt,
    /// The last byte of the counted or stuffed payload has been passed on.
    PayloadEnd,
}

#[derive(Debug)]
pub(crate) struct Framer {
    mode: Mode,
    line: Vec<u8>,
    line_done: bool,
    /// The line before ended in CR: a LF right behind belongs to it.
    after_cr: bool,
    /// CR and LF bytes between the payload or line before and the first byte of this line.
    blanks: usize,
    prompt_expected: bool,
    stray_escapes: u64,
}

impl Framer {
    pub(crate) fn new() -> Framer {
        Framer {
            mode: Mode::Lines,
            // It never grows: what a modem echoes may be a password, and no copy of it is to be left behind.
            line: Vec::with_capacity(MAX_LINE),
            line_done: false,
            after_cr: false,
            blanks: 0,
            prompt_expected: false,
            stray_escapes: 0,
        }
    }

    /// The line that the last [`Token::Line`] stands for, without its end.
    pub(crate) fn line(&self) -> &[u8] {
        &self.line
    }

    /// Wipes that line, which nobody needs any more.
    pub(crate) fn wipe_line(&mut self) {
        self.line.as_mut_slice().zeroize();
    }

    /// How many CR and LF bytes stood before this line, its predecessor's own end left out.
    pub(crate) fn blanks(&self) -> usize {
        self.blanks
    }

    pub(crate) fn expect_prompt(&mut self, expected: bool) {
        self.prompt_expected = expected;
    }

    /// The bytes behind the current line are `count` bytes of payload.
    pub(crate) fn start_counted(&mut self, count: usize) {
        self.mode = Mode::Counted(count);
    }

    /// The bytes behind the current line are stuffed payload, up to a bare 0x03.
    pub(crate) fn start_stuffed(&mut self) {
        self.mode = Mode::Stuffed(Unstuffer::default());
    }

    /// Escapes before bytes that need none, in the stuffed payload that has ended.
    pub(crate) fn take_stray_escapes(&mut self) -> u64 {
        std::mem::take(&mut self.stray_escapes)
    }

    /// A line has begun and not ended.
    pub(crate) fn is_inside_line(&self) -> bool {
        !self.line_done && !self.line.is_empty()
    }

    /// Gives up payload that is still owed: what comes now is lines again.
    pub(crate) fn reset_to_lines(&mut self) {
        self.mode = Mode::Lines;
        self.line.clear();
        self.line_done = false;
        self.blanks = 0;
    }

    /// Takes bytes up to the next token. Payload is appended to `payload`.
    pub(crate) fn next(&mut self, input: &[u8], payload: &mut Vec<u8>) -> (usize, Option<Token>) {
        if self.line_done {
            self.line.clear();
            self.line_done = false;
            self.blanks = 0;
        }
        let mut used = 0;
        if self.after_cr && !input.is_empty() {
            self.after_cr = false;
            if input[0] == b'\n' {
                used = 1;
            }
        }
        let input = &input[used..];
        if input.is_empty() {
            return (used, None);
        }
        let (taken, token) = match &mut self.mode {
            Mode::Lines => self.next_line(input),
            Mode::Counted(left) => {
                let taken = input.len().min(*left);
                payload.extend_from_slice(&input[..taken]);
                *left -= taken;
                if *left == 0 {
                    self.mode = Mode::Lines;
                    (taken, Some(Token::PayloadEnd))
                } else {
                    (taken, None)
                }
            }
            Mode::Stuffed(codec) => {
                let done = codec.unstuff(input, payload);
                if done.ended {
                    self.stray_escapes = codec.stray_escapes;
                    self.mode = Mode::Lines;
                    (done.consumed, Some(Token::PayloadEnd))
                } else {
                    (done.consumed, None)
                }
            }
        };
        (used + taken, token)
    }

    fn next_line(&mut self, input: &[u8]) -> (usize, Option<Token>) {
        let mut at = 0;
        if self.line.is_empty() {
            while at < input.len() && matches!(input[at], b'\r' | b'\n') {
                at += 1;
                self.blanks += 1;
            }
        }
        let rest = &input[at..];
        if self.prompt_expected && self.line.is_empty() && rest.first() == Some(&b'>') {
            self.prompt_expected = false;
            self.blanks = 0;
            return (at + 1, Some(Token::Prompt));
        }
        let (text, end) = match memchr2(b'\r', b'\n', rest) {
            Some(end) => (&rest[..end], Some(rest[end])),
            None => (rest, None),
        };
        let keep = text.len().min(MAX_LINE - self.line.len());
        self.line.extend_from_slice(&text[..keep]);
        match end {
            Some(byte) => {
                self.after_cr = byte == b'\r';
                self.line_done = true;
                (at + text.len() + 1, Some(Token::Line))
            }
            None => (input.len(), None),
        }
    }
}

impl Drop for Framer {
    fn drop(&mut self) {
        self.line.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(input: &[u8], cut: usize) -> (Vec<String>, Vec<u8>) {
        let mut framer = Framer::new();
        let mut lines = Vec::new();
        let mut payload = Vec::new();
        for mut part in [&input[..cut], &input[cut..]] {
            while !part.is_empty() {
                let (used, token) = framer.next(part, &mut payload);
                part = &part[used..];
                match token {
                    Some(Token::Line) => {
                        let line = String::from_utf8_lossy(framer.line()).into_owned();
                        if line == "+FTPRECV: 6" {
                            framer.start_counted(6);
                        }
                        if line == "+FTPRETR: 2" {
                            framer.start_stuffed();
                        }
                        lines.push(format!("{line}/{}", framer.blanks()));
                    }
                    Some(token) => lines.push(format!("{token:?}")),
                    None => {}
                }
            }
        }
        (lines, payload)
    }

    #[test]
    fn payload_is_never_taken_for_lines_whatever_the_split() {
        let input = b"AT+X\r\r\n+FTPRECV: 6\r\n\nOK\r\n\r\r\nOK\r\n\r\n+FTPRETR: 2\r\n\r\nOK\r\n\x10\x03\x03\r\n+FTPRETR: 1\r\n";
        let expected = run(input, 0);
        assert_eq!(expected.1, b"\nOK\r\n\r\r\nOK\r\n\x03");
        assert_eq!(
            expected.0,
            [
                "AT+X/0",
                "+FTPRECV: 6/2",
                "PayloadEnd",
                "OK/2",
                "+FTPRETR: 2/2",
                "PayloadEnd",
                "+FTPRETR: 1/2",
            ]
        );
        for cut in 0..=input.len() {
            assert_eq!(run(input, cut), expected, "split at {cut}");
        }
    }

    #[test]
    fn a_line_without_end_stays_bounded() {
        let mut framer = Framer::new();
        let flood = vec![b'x'; 100_000];
        for _ in 0..10 {
            assert_eq!(framer.next(&flood, &mut Vec::new()), (flood.len(), None));
        }
        assert_eq!(framer.next(b"\r\n", &mut Vec::new()).1, Some(Token::Line));
        assert_eq!(framer.line().len(), MAX_LINE);
    }

    proptest! {
        #[test]
        fn any_bytes_are_consumed_without_panic(input in prop::collection::vec(any::<u8>(), 0..600), cut in any::<prop::sample::Index>()) {
            let at = cut.index(input.len() + 1).min(input.len());
            run(&input, at);
        }
    }
}
