//! Collects command lines as V.250 has them: AT, a body, CR.

use crate::output::Output;

const BACKSPACE: u8 = 0x08;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No prefix seen since the last line end.
    Before,
    /// The A of a prefix.
    Letter,
    /// Behind the prefix.
    Body,
    /// Behind more than a line can hold.
    TooLong,
}

/// What a carriage return completed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    /// A command line, without its prefix.
    Line(Vec<u8>),
    /// A line that did not fit.
    TooLong,
}

/// The line as far as it has come in.
#[derive(Debug)]
pub(crate) struct LineCollector {
    body: Vec<u8>,
    state: State,
    /// The longest body.
    limit: usize,
}

impl LineCollector {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            body: Vec::new(),
            state: State::Before,
            limit,
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.limit);
    }

    /// Takes bytes up to and with the first one that completes a line.
    pub(crate) fn push(
        &mut self,
        input: &[u8],
        echo: Option<&mut Output>,
    ) -> (usize, Option<Entered>) {
        let mut entered = None;
        let mut used = 0;
        for &byte in input {
            used += 1;
            entered = self.byte(byte);
            if entered.is_some() {
                break;
            }
        }
        if let Some(output) = echo {
            // Line feeds and stray controls are ignored, and so not shown either.
            let shown = |byte: &&u8| matches!(**byte, b' '..=0x7e | 0x80.. | b'\r' | BACKSPACE);
            output.payload().extend(input[..used].iter().filter(shown));
        }
        (used, entered)
    }

    fn byte(&mut self, byte: u8) -> Option<Entered> {
        match (self.state, byte) {
            (State::Body, b'\r') => {
                self.state = State::Before;
                return Some(Entered::Line(std::mem::take(&mut self.body)));
            }
            (State::TooLong, b'\r') => {
                self.clear();
                return Some(Entered::TooLong);
            }
            (_, b'\r') => self.state = State::Before,
            (State::Before | State::Letter, b'A' | b'a') => self.state = State::Letter,
            (State::Letter, b'T' | b't') => {
                self.body.clear();
                self.state = State::Body;
            }
            (State::Letter, _) => self.state = State::Before,
            (State::Body, BACKSPACE) => {
                self.body.pop();
            }
            (State::Body, 0..=0x1f) | (State::Before | State::TooLong, _) => {}
            (State::Body, _) if self.body.len() == self.limit => {
                self.body = Vec::new();
                self.state = State::TooLong;
            }
            (State::Body, _) => self.body.push(byte),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<Entered> {
        let (mut collector, mut rest, mut found) = (LineCollector::new(4096), input, Vec::new());
        while !rest.is_empty() {
            let (used, entered) = collector.push(rest, None);
            found.extend(entered);
            rest = &rest[used..];
        }
        found
    }

    #[test]
    fn prefix_in_any_case_after_any_rubbish() {
        let body = |text: &[u8]| Entered::Line(text.to_vec());
        assert_eq!(lines(b"AT\r\naT+X\r"), [body(b""), body(b"+X")]);
        assert_eq!(lines(b"\x03\x1a\x00AT+X\r"), [body(b"+X")]);
        assert_eq!(lines(b"rubbish AAT+X\r"), [body(b"+X")]);
        assert_eq!(lines(b"rubbish\r\r\r"), []);
    }

    #[test]
    fn backspace_takes_back_and_controls_do_not_count() {
        assert_eq!(lines(b"AT+Y\x08X\x03\n\r"), [Entered::Line(b"+X".to_vec())]);
    }

    #[test]
    fn a_line_without_end_takes_bounded_memory_and_is_an_error() {
        let mut input = vec![b'x'; 100_000];
        input[..2].copy_from_slice(b"AT");
        input.push(b'\r');
        input.extend_from_slice(b"AT\r");
        assert_eq!(lines(&input), [Entered::TooLong, Entered::Line(Vec::new())]);
    }

    #[test]
    fn a_line_of_just_the_limit_fits() {
        let mut collector = LineCollector::new(3);
        assert_eq!(
            collector.push(b"AT+XY\r", None),
            (6, Some(Entered::Line(b"+XY".to_vec())))
        );
        assert_eq!(
            collector.push(b"AT+XYZ\r", None),
            (7, Some(Entered::TooLong))
        );
    }

    #[test]
    fn echo_gives_back_what_was_typed() {
        let mut output = Output::default();
        LineCollector::new(4096).push(b"\x03AT+X?\r\n", Some(&mut output));
        assert_eq!(output.as_slice(), b"AT+X?\r");
    }
}
