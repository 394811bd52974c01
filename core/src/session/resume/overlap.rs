//! The first bytes of a download that goes on, held against what is there.

use super::{LEAST_COMMON, LocalAction};

/// Compares as bytes come, and says once where the file goes on.
#[derive(Debug)]
pub(crate) struct Overlap {
    /// Where in the file the download began.
    start: u64,
    /// What stands there on this side.
    tail: Vec<u8>,
    equal: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    Comparing,
    /// The download's first byte makes what is there worthless; this is the record of it.
    Fresh(Option<Vec<u8>>),
    /// From this byte on everything is new.
    Decided(u64),
    /// What is there is not the server's.
    Differs,
}

impl Overlap {
    pub(super) fn new(start: u64, tail: Vec<u8>) -> Overlap {
        Overlap {
            start,
            tail,
            equal: 0,
            state: State::Comparing,
        }
    }

    /// Of a download from the file's start that goes on from nothing: what is there stays until a byte comes.
    pub(super) fn fresh(record: Option<Vec<u8>>) -> Overlap {
        Overlap {
            start: 0,
            tail: Vec::new(),
            equal: 0,
            state: State::Fresh(record),
        }
    }

    /// Takes the next bytes, at least one: how many of them are of no use for the file, and what to do before the others.
    pub(crate) fn take(&mut self, part: &[u8]) -> (usize, Option<LocalAction>) {
        match &mut self.state {
            State::Decided(_) => (0, None),
            State::Differs => (part.len(), None),
            State::Fresh(record) => {
                let record = record.take();
                self.state = State::Decided(0);
                (0, Some(LocalAction::Begin { record }))
            }
            State::Comparing => self.compare(part),
        }
    }

    fn compare(&mut self, part: &[u8]) -> (usize, Option<LocalAction>) {
        let equal = common_prefix(part, &self.tail[self.equal..]);
        self.equal += equal;
        let differs = equal < part.len() && self.equal < self.tail.len();
        if !differs && self.equal < self.tail.len() {
            return (equal, None);
        }
        if differs && self.start > 0 && self.equal < LEAST_COMMON {
            self.state = State::Differs;
            return (part.len(), None);
        }
        let at = self.start + self.equal as u64;
        self.state = State::Decided(at);
        self.tail = Vec::new();
        (equal, Some(LocalAction::Continue { at }))
    }

    /// Where the file went on, once that is known.
    pub(crate) fn decided(&self) -> Option<u64> {
        match self.state {
            State::Decided(at) => Some(at),
            _ => None,
        }
    }

    /// Whether more bytes cannot change that what is there is not the server's.
    pub(crate) fn differs(&self) -> bool {
        matches!(self.state, State::Differs)
    }

    /// Whether no byte has come.
    pub(crate) fn is_untouched(&self) -> bool {
        self.is_open() && self.equal == 0
    }

    /// Whether it waits for bytes that show where the file goes on.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Comparing)
    }
}

/// How many bytes at the beginning of both are equal.
pub(super) fn common_prefix(one: &[u8], other: &[u8]) -> usize {
    one.iter()
        .zip(other)
        .take_while(|(one, other)| one == other)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `remote` in parts of `size`; what is kept of it, and every action.
    fn run(
        mut overlap: Overlap,
        remote: &[u8],
        size: usize,
    ) -> (Overlap, Vec<u8>, Vec<LocalAction>) {
        let (mut kept, mut actions) = (Vec::new(), Vec::new());
        for part in remote.chunks(size) {
            let (skipped, action) = overlap.take(part);
            kept.extend_from_slice(&part[skipped..]);
            actions.extend(action);
        }
        (overlap, kept, actions)
    }

    fn tail() -> Vec<u8> {
        (0..9_000_u32).map(|n| (n * 7 % 251) as u8).collect()
    }

    #[test]
    fn equal_bytes_are_skipped_and_the_rest_is_kept_however_it_is_cut() {
        let remote = [&tail()[..], b"and more"].concat();
        for size in [1, 2, 1000, 8_999, 9_000, 9_001, 10_000] {
            let (overlap, kept, actions) = run(Overlap::new(100, tail()), &remote, size);
            assert_eq!(kept, b"and more");
            assert_eq!(actions, [LocalAction::Continue { at: 9_100 }]);
            assert_eq!(overlap.decided(), Some(9_100));
        }
    }

    #[test]
    fn a_complete_file_is_known_by_its_last_byte() {
        let (overlap, kept, actions) = run(Overlap::new(0, tail()), &tail(), 4096);
        assert_eq!((kept.len(), overlap.decided()), (0, Some(9_000)));
        assert_eq!(actions, [LocalAction::Continue { at: 9_000 }]);
    }

    #[test]
    fn a_difference_inside_goes_on_there() {
        for at in [LEAST_COMMON, LEAST_COMMON + 1, 8_999] {
            let mut remote = tail();
            remote[at] ^= 1;
            for size in [1, 1024, LEAST_COMMON, 10_000] {
                let (overlap, kept, actions) = run(Overlap::new(5, tail()), &remote, size);
                assert_eq!(kept, &remote[at..]);
                let at = at as u64 + 5;
                assert_eq!(actions, [LocalAction::Continue { at }]);
                assert_eq!(overlap.decided(), Some(at));
            }
        }
    }

    #[test]
    fn an_early_difference_is_another_file_unless_the_file_begins_there() {
        for at in [0, 1, 100, LEAST_COMMON - 1] {
            let mut remote = tail();
            remote[at] ^= 1;
            for size in [1, 1024, 10_000] {
                let (overlap, kept, actions) = run(Overlap::new(5, tail()), &remote, size);
                assert!(kept.is_empty() && actions.is_empty());
                assert!(overlap.differs() && overlap.decided().is_none());
                let (_, kept, actions) = run(Overlap::new(0, tail()), &remote, size);
                assert_eq!(kept, &remote[at..]);
                assert_eq!(actions, [LocalAction::Continue { at: at as u64 }]);
            }
        }
    }

    #[test]
    fn what_ends_inside_the_overlap_stays_open() {
        let (overlap, kept, actions) = run(Overlap::new(5, tail()), &tail()[..8_999], 1000);
        assert!(kept.is_empty() && actions.is_empty());
        assert!(overlap.is_open());
    }

    #[test]
    fn a_fresh_download_begins_with_its_first_byte() {
        let record = Some(b"record".to_vec());
        let overlap = Overlap::fresh(record.clone());
        assert_eq!(overlap.decided(), None);
        let (overlap, kept, actions) = run(overlap, b"abc", 1);
        assert_eq!(kept, b"abc");
        assert_eq!(actions, [LocalAction::Begin { record }]);
        assert_eq!(overlap.decided(), Some(0));
    }
}
