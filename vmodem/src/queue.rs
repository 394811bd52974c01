//! Bytes that wait: appended at one end, taken from the other, moved as seldom as possible.

/// A byte queue whose contents are always one slice.
#[derive(Debug, Default)]
pub(crate) struct ByteQueue {
    bytes: Vec<u8>,
    head: usize,
}

impl ByteQueue {
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[self.head..]
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len() - self.head
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.head = 0;
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The vector at whose end more bytes may be put.
    pub(crate) fn tail(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.head += count;
        debug_assert!(self.head <= self.bytes.len());
        if self.head >= self.bytes.len() {
            self.clear();
        } else if self.head >= 4096 && self.head > self.bytes.len() / 2 {
            // Moving less than was taken keeps the cost of each byte constant.
            self.bytes.copy_within(self.head.., 0);
            self.bytes.truncate(self.bytes.len() - self.head);
            self.head = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_it_took_in_order() {
        let mut queue = ByteQueue::default();
        let mut expected = Vec::new();
        let mut seen = Vec::new();
        for round in 0..200_usize {
            let piece: Vec<u8> = (0..round * 7).map(|n| (n + round) as u8).collect();
            expected.extend_from_slice(&piece);
            queue.push(&piece);
            let take = queue.len() * 2 / 3;
            seen.extend_from_slice(&queue.as_slice()[..take]);
            queue.consume(take);
        }
        seen.extend_from_slice(queue.as_slice());
        assert!(seen == expected);
    }
}
