//! What goes to the host: results, unasked lines held back during payload, and the payload itself.

use crate::queue::ByteQueue;

/// Payload is taken from the network only up to this backlog.
pub(crate) const OUTPUT_LIMIT: usize = 256 * 1024;
/// Unasked lines beyond this are lost, as they are in a module's own small buffer.
const HELD_LIMIT: usize = 64 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Output {
    queue: ByteQueue,
    held: Vec<u8>,
    holding: bool,
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

    /// A line of a response or a result, between its line ends.
    pub(crate) fn line(&mut self, text: &[u8]) {
        self.queue.push(b"\r\n");
        self.queue.push(text);
        self.queue.push(b"\r\n");
    }

    /// A line nobody asked for; waits while payload is on the line.
    pub(crate) fn unasked(&mut self, prefix: &str, text: &[u8]) {
        let size = prefix.len() + text.len() + 4;
        if self.holding && self.held.len() + size > HELD_LIMIT {
            return;
        }
        let out = if self.holding {
            &mut self.held
        } else {
            self.queue.tail()
        };
        out.extend_from_slice(b"\r\n");
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
