//! A directory's entries one after the other, in memory that does not grow with the directory.

use std::iter::FusedIterator;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use crate::driver::events::is_in_callback;
use crate::driver::mailbox::{Receiver, Sender, mailbox};
use crate::driver::worker::Report;
use crate::error::{Error, ErrorKind, Result};
use crate::follower::{Follower, OperationCanceller, Terms, Woken};
use crate::ftp::Ftp;
use crate::handle::User;
use crate::listing::Entry;
use crate::local_end::MAX_TEXT;
use crate::operation::would_deadlock;
use crate::protocol::command::Command;
use crate::session::Task;

/// The longest line that is read as an entry. What comes from the port is cut a little above it, so that no cut line
/// passes for a whole one.
const MAX_LINE: usize = 8000;

impl Ftp {
    /// Lists a directory or a file, the working directory without a path (FTPLIST, manual 1.2.11), entry by entry: for
    /// directories that need not fit into memory. See [`list`](Self::list) for all entries at once.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a path that cannot be sent. All else is told by the iterator.
    pub fn entries(&self, path: Option<&[u8]>) -> Result<Entries> {
        Command::of_path("FTPLIST", path)?;
        let task = Task::List(path.map(<[u8]>::to_vec));
        let handle = self.handle.clone();
        if handle.is_forked() {
            return Err(handle.why_dead());
        }
        let terms = Terms::within(handle.deadline);
        // Whoever starts something behind this listing finds it registered.
        let mut open = self.handle.open.start();
        let mut follower = Follower::start_in_turn(handle, task, terms, &open);
        // Threads that make way may have the listing for longer than its reader has.
        let user = follower.take_user();
        let stop = follower.canceller();
        let listing = open.register(follower);
        Ok(Entries {
            listing,
            stop,
            over: false,
            _user: user,
        })
    }
}

/// The entries of a directory, as they come from the module: see [`Ftp::entries`].
///
/// A listing that does not end well gives its error as the last item, so that a part of a list is never taken for the
/// whole. Lines longer than 8,000 octets are cut, and of kind [`EntryKind::Unknown`](crate::EntryKind::Unknown).
///
/// The module does one thing at a time. Between two entries it is held back, and its listing stays open. A call on the
/// same modem that is waited for meanwhile, on whichever thread, first reads the rest of the listing into memory; one
/// with more than 64 MiB left is cancelled by that, and ends in an error. While another thread is inside `next`, the
/// call waits for that; and `next` waits while another thread's call reads. So the iterator may be handed to another
/// thread at any time. [`Config::deadline`](crate::Config::deadline) counts from the start of the listing to its end.
/// Dropping the iterator ends the listing; the next call waits until the module is free again. As with
/// [`Operation`](crate::Operation), callbacks of the modem run inside `next`.
#[must_use = "the entries come as the iterator is advanced"]
pub struct Entries {
    listing: Arc<Listing>,
    stop: OperationCanceller,
    over: bool,
    /// The last part to go, as it closes the modem.
    _user: Option<User>,
}

impl Iterator for Entries {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Result<Entry>> {
        if self.over {
            return None;
        }
        let item = if is_in_callback() {
            Some(Err(would_deadlock()))
        } else if let Some(error) = self.stop.why_dead() {
            Some(Err(error))
        } else {
            self.advance()
        };
        self.over = !matches!(item, Some(Ok(_)));
        item
    }
}

impl FusedIterator for Entries {}

impl Drop for Entries {
    fn drop(&mut self) {
        // Another thread may be reading it: that one is told by the listing's end.
        if !self.over {
            self.stop.cancel();
        }
    }
}

impl Entries {
    fn advance(&mut self) -> Option<Result<Entry>> {
        let mut reading = self.listing.turn();
        loop {
            let ended = !matches!(reading.end, End::Ahead);
            while let Some(line) = reading.lines.next(ended) {
                if let Some(entry) = line.entry() {
                    return Some(Ok(entry));
                }
            }
            match std::mem::replace(&mut reading.end, End::Reached) {
                End::Reached => return None,
                End::Failed(error) => return Some(Err(error)),
                End::Ahead => {
                    reading.end = End::Ahead;
                    make_way(&reading.follower, None);
                    reading.read(None);
                }
            }
        }
    }
}

// -- reading --------------------------------------------------------------------------------------

struct Reading {
    follower: Follower,
    lines: Lines,
    end: End,
}

enum End {
    Ahead,
    Reached,
    Failed(Error),
}

impl Reading {
    /// Takes one report; false when there was none until `until`.
    fn read(&mut self, until: Option<Instant>) -> bool {
        match self.follower.next_report(until) {
            Some(Report::Payload(part)) => {
                self.lines.add(&part);
                self.follower.written(part);
            }
            Some(Report::Done(Ok(_))) => self.end = End::Reached,
            Some(Report::Done(Err(error))) => self.fail(error),
            Some(Report::Fill(_) | Report::Total(_) | Report::Local(_) | Report::Look) => {}
            None => return false,
        }
        true
    }

    fn fail(&mut self, error: Error) {
        self.lines.drop_unended();
        self.end = End::Failed(error);
    }

    /// Reads to the end, into memory; breaks off when the operation of `behind` has a report.
    fn read_all(&mut self, behind: &Follower, until: Option<Instant>) -> Woken {
        while matches!(self.end, End::Ahead) {
            if self.lines.len() > MAX_TEXT {
                self.fail(Error::new(
                    ErrorKind::Transfer,
                    format!(
                        "the rest of the listing is longer than {MAX_TEXT} bytes: read it to its end before the next call"
                    ),
                ));
                self.follower.cancel();
                break;
            }
            match behind.wait_beside(self.follower.reports(), until) {
                Woken::Other => self.read(Some(Instant::now())),
                woken => return woken,
            };
        }
        Woken::Other
    }
}

/// A listing that threads read by turns. The turn is a message like a report, so that a thread can wait for it and for
/// the report of its own operation at once.
pub(crate) struct Listing {
    reading: Mutex<Reading>,
    /// Holds the turn while nobody reads.
    free: Receiver<Report>,
    give_back: Sender<Report>,
}

/// The right to read; gives the turn back, after the lock.
struct Turn<'a> {
    reading: MutexGuard<'a, Reading>,
    _give_back: GiveBack<'a>,
}

struct GiveBack<'a>(&'a Sender<Report>);

impl Drop for GiveBack<'_> {
    fn drop(&mut self) {
        // The other end of the channel lives as long as this one.
        let _ = self.0.send(Report::Look);
    }
}

impl Deref for Turn<'_> {
    type Target = Reading;

    fn deref(&self) -> &Reading {
        &self.reading
    }
}

impl DerefMut for Turn<'_> {
    fn deref_mut(&mut self) -> &mut Reading {
        &mut self.reading
    }
}

impl Listing {
    fn new(follower: Follower) -> Listing {
        let (give_back, free) = mailbox();
        drop(GiveBack(&give_back));
        Listing {
            reading: Mutex::new(Reading {
                follower,
                lines: Lines::default(),
                end: End::Ahead,
            }),
            free,
            give_back,
        }
    }

    /// Waits while another thread reads.
    fn turn(&self) -> Turn<'_> {
        // The other end of the channel lives as long as this one.
        let _ = self.free.recv(None);
        self.taken()
    }

    fn try_turn(&self) -> Option<Turn<'_>> {
        self.free.try_recv().ok().map(|_| self.taken())
    }

    fn taken(&self) -> Turn<'_> {
        Turn {
            // A panic in a callback leaves nothing half done here.
            reading: lock(&self.reading),
            _give_back: GiveBack(&self.give_back),
        }
    }

    /// Reads what no other thread reads meanwhile, until the listing has ended or the operation of `behind` has a
    /// report.
    fn make_way(&self, behind: &Follower, until: Option<Instant>) -> Woken {
        loop {
            if let Some(mut reading) = self.try_turn() {
                return reading.read_all(behind, until);
            }
            match behind.wait_beside(&self.free, until) {
                Woken::Other => {}
                woken => return woken,
            }
        }
    }
}

/// Makes way for the operation of `follower`: the listings that are served before it are read to their ends, unless it
/// has a report before. False when that takes longer than `until`.
///
/// A thread that reads one listing waits here for older ones only: no two threads wait for each other.
pub(crate) fn make_way(follower: &Follower, until: Option<Instant>) -> bool {
    for listing in follower.listings_before() {
        match listing.make_way(follower, until) {
            Woken::Report => return true,
            Woken::Other => {}
            Woken::Late => return false,
        }
    }
    true
}

// -- the listings of a modem ----------------------------------------------------------------------

/// The listings of a modem that somebody can still read from.
#[derive(Default)]
pub(crate) struct OpenListings(Mutex<Vec<(u64, Weak<Listing>)>>);

/// The turn to start an operation: the worker gets them in the order of their numbers.
pub(crate) struct Starting<'a>(MutexGuard<'a, Vec<(u64, Weak<Listing>)>>);

impl OpenListings {
    pub(crate) fn start(&self) -> Starting<'_> {
        Starting(lock(&self.0))
    }

    /// The listings that are served before the operation of number `id`, in their order.
    pub(crate) fn before(&self, id: u64) -> Vec<Arc<Listing>> {
        lock(&self.0)
            .iter()
            .filter(|(other, _)| *other < id)
            .filter_map(|(_, listing)| listing.upgrade())
            .collect()
    }
}

impl Starting<'_> {
    fn register(&mut self, follower: Follower) -> Arc<Listing> {
        let id = follower.id();
        let listing = Arc::new(Listing::new(follower));
        self.0.retain(|(_, other)| other.strong_count() > 0);
        self.0.push((id, Arc::downgrade(&listing)));
        listing
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

// -- lines ----------------------------------------------------------------------------------------

/// Text that comes in parts, cut into lines.
#[derive(Default)]
struct Lines {
    text: Vec<u8>,
    /// Where the next line begins.
    start: usize,
    /// Up to where no line end is, from there on.
    searched: usize,
    /// The line at the end of `text` was cut: its rest is dropped.
    cut: bool,
}

struct Line<'a> {
    text: &'a [u8],
    cut: bool,
}

impl Line<'_> {
    fn entry(&self) -> Option<Entry> {
        if self.cut {
            Some(Entry::unknown(self.text))
        } else {
            Entry::parse(self.text)
        }
    }
}

impl Lines {
    fn len(&self) -> usize {
        self.text.len() - self.start
    }

    fn add(&mut self, mut part: &[u8]) {
        if self.start > 0 {
            self.text.drain(..self.start);
            self.searched -= self.start;
            self.start = 0;
        }
        if self.cut {
            match memchr::memchr(b'\n', part) {
                Some(end) => part = &part[end..],
                None => return,
            }
            self.cut = false;
        }
        self.text.extend_from_slice(part);
    }

    /// The next line; without its end only where no more will come.
    fn next(&mut self, ended: bool) -> Option<Line<'_>> {
        let end = memchr::memchr(b'\n', &self.text[self.searched..]);
        let (end, next) = match end {
            Some(end) => (self.searched + end, self.searched + end + 1),
            None if ended && self.len() > 0 => (self.text.len(), self.text.len()),
            None => {
                self.searched = self.text.len();
                self.cut_unended();
                return None;
            }
        };
        let line = &self.text[self.start..end];
        (self.start, self.searched) = (next, next);
        Some(Line {
            text: &line[..line.len().min(MAX_LINE)],
            cut: line.len() > MAX_LINE,
        })
    }

    /// Keeps one octet too many of a line that does not end, as the sign that it was cut.
    fn cut_unended(&mut self) {
        if self.len() > MAX_LINE {
            self.text.truncate(self.start + MAX_LINE + 1);
            self.searched = self.text.len();
            self.cut = true;
        }
    }

    /// Drops a line that broke off.
    fn drop_unended(&mut self) {
        let end = memchr::memrchr(b'\n', &self.text[self.start..]);
        self.text
            .truncate(self.start + end.map_or(0, |end| end + 1));
        self.searched = self.searched.min(self.text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::EntryKind;
    use proptest::prelude::*;

    fn in_parts(text: &[u8], sizes: &[usize]) -> (Vec<Vec<u8>>, usize) {
        let mut lines = Lines::default();
        let (mut found, mut most, mut at) = (Vec::new(), 0, 0);
        let mut sizes = sizes.iter().copied().cycle();
        while at < text.len() {
            let end = text.len().min(at + sizes.next().unwrap());
            lines.add(&text[at..end]);
            at = end;
            while let Some(line) = lines.next(false) {
                found.push(line.text.to_vec());
            }
            most = most.max(lines.text.capacity());
        }
        while let Some(line) = lines.next(true) {
            found.push(line.text.to_vec());
        }
        (found, most)
    }

    proptest! {
        #[test]
        fn lines_are_the_same_at_every_split(
            text in "[a\n]{0,200}", sizes in prop::collection::vec(1usize..20, 1..5),
        ) {
            let mut expected: Vec<_> = text.split('\n').map(|line| line.as_bytes().to_vec()).collect();
            if expected.last().is_some_and(Vec::is_empty) {
                expected.pop();
            }
            prop_assert_eq!(in_parts(text.as_bytes(), &sizes).0, expected);
        }
    }

    #[test]
    fn a_line_without_end_takes_bounded_memory_and_is_unknown() {
        let mut text = b"-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 ".to_vec();
        text.resize(16 << 20, b'x');
        text.extend_from_slice(b"\nnext\n");
        for size in [7_999, 8_000, 8_001, 8_002, 66_000] {
            let (found, most) = in_parts(&text, &[size]);
            assert_eq!(found.len(), 2, "{size}");
            assert!(found[0].len() == MAX_LINE && text.starts_with(&found[0]));
            assert_eq!(found[1], b"next");
            assert!(most < 256 << 10, "{most}");
        }
        let mut lines = Lines::default();
        lines.add(&text[..MAX_LINE + 1]);
        let line = lines.next(true).unwrap();
        assert!(line.cut);
        assert_eq!(line.entry().unwrap().kind, EntryKind::Unknown);
        let mut lines = Lines::default();
        lines.add(&text[..MAX_LINE]);
        assert_eq!(
            lines.next(true).unwrap().entry().unwrap().kind,
            EntryKind::File
        );
    }

    #[test]
    fn a_line_that_broke_off_is_dropped() {
        let mut lines = Lines::default();
        lines.add(b"one\ntwo\nthr");
        assert_eq!(lines.next(false).unwrap().text, b"one");
        lines.drop_unended();
        assert_eq!(lines.next(true).unwrap().text, b"two");
        assert!(lines.next(true).is_none());
        lines.add(b"only a part");
        assert!(lines.next(false).is_none());
        lines.drop_unended();
        assert!(lines.next(true).is_none());
    }

    #[test]
    fn an_iterator_may_be_handed_to_another_thread() {
        fn is_send<T: Send>() {}
        is_send::<Entries>();
    }
}
