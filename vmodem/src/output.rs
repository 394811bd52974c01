//! What goes to the host: results, unasked lines held back during payload, and the payload itself.

use crate::queue::ByteQueue;

/// Payload is taken from the network only up to this backlog.
pub(crate) const OUTPUT_LIMIT: usize = 256 * 1024;
/// Unasked lines beyond this are lost, as they are in a module's own small buffer.
const HELD_LIMIT: usize = 64 * 1024;

#[derive(Debug)]
pub(crate) struct Output {
    queue: ByteQueue,
    held: Vec<u8>,
    holding: bool,
    /// ATV: results as words between line ends, or as numbers behind which a CR stands.
    pub(crate) words: bool,
    /// ATQ: results are left out.
    pub(crate) quiet: bool,
}

impl Default for Output {
    fn default() -> Self {
        Self {
            queue: ByteQueue::default(),
            held: Vec::new(),
            holding: false,
            words: true,
            quiet: false,
        }
    }
}

impl Output {
    pub(crate) fn as_slice(&self) -> &[u8] {
        self.queue.as_slice()
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.queue.consume(count.min(self.queue.len()));
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Bytes that may still be added by anything that can wait.
    pub(crate) fn room(&self) -> usize {
        OUTPUT_LIMIT.saturating_sub(self.queue.len().max(self.held.len() * 4))
    }

    /// The same for a stream of payload, which is worth moving in large pieces only.
    pub(crate) fn payload_room(&self) -> usize {
        let room = self.room();
        if room < OUTPUT_LIMIT / 4 { 0 } else { room }
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.queue.push(bytes);
    }

    pub(crate) fn payload(&mut self) -> &mut Vec<u8> {
        self.queue.tail()
    }

    /// What stands before a line: V.250 leaves it out where results are numbers.
    pub(crate) fn line_start(&self) -> &'static [u8] {
        if self.words { b"\r\n" } else { b"" }
    }

    /// A line of a response, between its line ends.
    pub(crate) fn line(&mut self, text: &[u8]) {
        self.queue.push(self.line_start());
        self.queue.push(text);
        self.queue.push(b"\r\n");
    }

    /// A final result: its word, or its number in V.250 where it has one.
    pub(crate) fn result(&mut self, word: &str, number: Option<u8>) {
        if !self.quiet && (self.words || number.is_none()) {
            self.queue.push(self.line_start());
        }
        self.bare_result(word, number);
    }

    /// The same without the line end before it.
    pub(crate) fn bare_result(&mut self, word: &str, number: Option<u8>) {
        match number {
            _ if self.quiet => {}
            Some(number) if !self.words => self.queue.push(format!("{number}\r").as_bytes()),
            _ => self.queue.push(format!("{word}\r\n").as_bytes()),
        }
    }

    /// A line nobody asked for; waits while payload is on the line.
    pub(crate) fn unasked(&mut self, prefix: &str, text: &[u8]) {
        let size = prefix.len() + text.len() + 4;
        if self.holding && self.held.len() + size > HELD_LIMIT {
            return;
        }
        let start = self.line_start();
        let out = if self.holding {
            &mut self.held
        } else {
            self.queue.tail()
        };
        out.extend_from_slice(start);
        out.extend_from_slice(prefix.as_bytes());
        out.extend_from_slice(text);
        out.extend_from_slice(b"\r\n");
    }

    /// From here on the line carries payload.
    pub(crate) fn hold(&mut self) {
        self.holding = true;
    }

    /// The payload is over: what waited comes now.
    pub(crate) fn release(&mut self) {
        self.holding = false;
        self.queue.push(&self.held);
        self.held.clear();
    }

    pub(crate) fn clear(&mut self) {
        self.queue.clear();
        self.held.clear();
        self.holding = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(words: bool, quiet: bool) -> String {
        let mut output = Output {
            words,
            quiet,
            ..Output::default()
        };
        output.line(b"+X: 1");
        output.result("OK", Some(0));
        output.result("+CME ERROR: 3", None);
        output.unasked("+Y:", b"2");
        String::from_utf8_lossy(output.as_slice()).into_owned()
    }

    #[test]
    fn results_are_words_numbers_or_left_out() {
        assert_eq!(
            shown(true, false),
            "\r\n+X: 1\r\n\r\nOK\r\n\r\n+CME ERROR: 3\r\n\r\n+Y:2\r\n"
        );
        assert_eq!(shown(false, false), "+X: 1\r\n0\r+CME ERROR: 3\r\n+Y:2\r\n");
        assert_eq!(shown(true, true), "\r\n+X: 1\r\n\r\n+Y:2\r\n");
        assert_eq!(shown(false, true), "+X: 1\r\n+Y:2\r\n");
    }
}
