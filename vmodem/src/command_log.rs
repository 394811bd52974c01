//! The command lines that a modem got: all are counted, the last few thousand kept.

use std::collections::VecDeque;

/// How many lines are kept.
const LIMIT: usize = 4096;

#[derive(Default)]
pub(crate) struct CommandLog {
    kept: VecDeque<Vec<u8>>,
    /// Lines that came before those.
    dropped: usize,
}

impl CommandLog {
    pub(crate) fn push(&mut self, line: Vec<u8>) {
        if self.kept.len() == LIMIT {
            self.kept.pop_front();
            self.dropped += 1;
        }
        self.kept.push_back(line);
    }

    pub(crate) fn count(&self) -> usize {
        self.dropped + self.kept.len()
    }

    /// The line with this number, counted from 0; None if it has not come or is not kept any more.
    pub(crate) fn get(&self, index: usize) -> Option<&[u8]> {
        let index = index.checked_sub(self.dropped)?;
        self.kept.get(index).map(Vec::as_slice)
    }

    pub(crate) fn kept(&self) -> impl Iterator<Item = &[u8]> {
        self.kept.iter().map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_number_when_older_ones_go() {
        let mut log = CommandLog::default();
        for number in 0..LIMIT + 2 {
            log.push(number.to_string().into_bytes());
        }
        assert_eq!(log.count(), LIMIT + 2);
        assert_eq!(log.kept().count(), LIMIT);
        assert_eq!(log.get(1), None);
        assert_eq!(log.get(2), Some(b"2".as_slice()));
        assert_eq!(log.get(LIMIT + 1), Some((LIMIT + 1).to_string().as_bytes()));
        assert_eq!(log.get(LIMIT + 2), None);
    }
}
