//! Faults that wait for their moment, and what those that came have touched.

use std::time::Duration;

use crate::scenario::{Fault, What, When};

const COUNTERS: usize = When::ALL.len();

/// What bytes on the line are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carries {
    Lines,
    /// A file's.
    Payload,
    /// The text of FTPLIST, which says how long files are.
    Listing,
}

/// The faults of the step at hand.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    all: Vec<Fault>,
    /// Of the step at hand, those that have not come.
    waiting: Vec<Fault>,
    counts: [u64; COUNTERS],
    began: Duration,
    /// Those that have come and are for whoever drives the world.
    pending: Vec<Fault>,
    /// All that have come.
    pub(crate) fired: Vec<Fault>,
    /// Bytes of payload were altered in this step.
    pub(crate) payload_altered: bool,
    /// Lines were altered in this step, or payload was taken for them.
    pub(crate) lines_altered: bool,
    /// And a listing among them.
    pub(crate) listing_altered: bool,
    /// The modem said something else than it did.
    pub(crate) lied: bool,
}

impl Faults {
    pub(crate) fn new(all: &[Fault]) -> Faults {
        Faults {
            all: all.to_vec(),
            ..Faults::default()
        }
    }

    /// From here on everything is counted for this step; what has not come of the one before never does.
    pub(crate) fn begin(&mut self, step: usize, now: Duration) {
        self.waiting.clear();
        let all = self.all.iter();
        self.waiting
            .extend(all.filter(|fault| fault.step == step).copied());
        self.counts = [0; COUNTERS];
        self.began = now;
        self.payload_altered = false;
        self.lines_altered = false;
        self.listing_altered = false;
        self.lied = false;
    }

    /// Nothing goes wrong any more.
    pub(crate) fn end(&mut self) {
        self.waiting.clear();
        self.pending.clear();
    }

    /// Whether anything can still go wrong in this step.
    pub(crate) fn any(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Counts on, and gives the next fault within, with its place among what was counted. To be called again, with
    /// what is left behind that place, until it gives none.
    pub(crate) fn next(&mut self, when: When, by: u64) -> Option<(u64, Fault)> {
        let count = &mut self.counts[when as usize];
        let before = *count;
        let due = |fault: &Fault| fault.when == when && fault.at < before + by;
        let first = self
            .waiting
            .iter()
            .enumerate()
            .filter(|(_, fault)| due(fault))
            .min_by_key(|(_, fault)| fault.at)
            .map(|(place, _)| place);
        let Some(place) = first else {
            *count += by;
            return None;
        };
        let fault = self.waiting.remove(place);
        let offset = fault.at.saturating_sub(before);
        *count += offset;
        self.fired.push(fault);
        Some((offset, fault))
    }

    /// A fault that was met comes so many bytes behind what was counted.
    pub(crate) fn again(&mut self, fault: Fault, behind: u64) {
        self.fired.pop();
        // What was not taken after all is counted when it comes again.
        self.counts[fault.when as usize] -= behind;
        self.waiting.push(fault);
    }

    /// So many of those that were counted are to come again.
    pub(crate) fn uncount(&mut self, when: When, by: u64) {
        self.counts[when as usize] -= by;
    }

    /// Whether anything of this kind can still come in this step.
    pub(crate) fn waits_for(&self, when: When) -> bool {
        self.waiting.iter().any(|fault| fault.when == when)
    }

    /// For whoever drives the world.
    pub(crate) fn pass_on(&mut self, fault: Fault) {
        self.pending.push(fault);
    }

    /// Counts on where every fault is for whoever drives the world.
    pub(crate) fn count(&mut self, when: When, by: u64) {
        let mut left = by;
        while let Some((offset, fault)) = self.next(when, left) {
            left -= offset;
            self.pending.push(fault);
        }
    }

    /// Looks at the clock.
    pub(crate) fn tick(&mut self, now: Duration) {
        let since = now.saturating_sub(self.began).as_millis() as u64;
        while let Some(place) = self
            .waiting
            .iter()
            .position(|fault| fault.when == When::Time && fault.at <= since)
        {
            let fault = self.waiting.remove(place);
            self.fired.push(fault);
            self.pending.push(fault);
        }
    }

    /// When the clock has to be looked at.
    pub(crate) fn wake(&self) -> Option<Duration> {
        self.waiting
            .iter()
            .filter(|fault| fault.when == When::Time)
            .map(|fault| self.began + Duration::from_millis(fault.at))
            .min()
    }

    pub(crate) fn take_pending(&mut self) -> Option<Fault> {
        if self.pending.is_empty() {
            None
        } else {
            Some(self.pending.remove(0))
        }
    }

    /// Something on the line was changed.
    pub(crate) fn altered(&mut self, carried: Carries) {
        match carried {
            Carries::Payload => self.payload_altered = true,
            Carries::Lines => self.lines_altered = true,
            Carries::Listing => (self.lines_altered, self.listing_altered) = (true, true),
        }
    }
}

impl What {
    /// Whether it changes the bytes on the line themselves.
    pub fn is_of_bytes(self) -> bool {
        matches!(self, What::Drop | What::Double | What::Flip)
    }
}
