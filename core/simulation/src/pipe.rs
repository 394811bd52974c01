//! One direction of the line: bytes on their way, cut and delayed by the seed, harmed by faults.

use std::collections::VecDeque;
use std::time::Duration;

use fastrand::Rng;

use crate::faults::{Carries, Faults};
use crate::scenario::{Cut, Fault, Scenario, What, When};

/// So many parts are cut anywhere, those behind them more coarsely: a session has to end.
const FINE: u32 = 1_500;

#[derive(Debug)]
pub(crate) struct Pipe {
    /// What its bytes count as, where faults are met on it.
    when: Option<When>,
    rng: Rng,
    cut: Cut,
    latency: u64,
    rate: u64,
    parts: VecDeque<Part>,
    length: usize,
    last: Duration,
    cuts: u32,
    /// What has arrived cannot be read before this.
    frozen: Duration,
}

#[derive(Debug)]
struct Part {
    due: Duration,
    bytes: Vec<u8>,
    at: usize,
}

impl Pipe {
    pub(crate) fn new(scenario: &Scenario, when: Option<When>) -> Pipe {
        Pipe {
            when,
            rng: Rng::with_seed(scenario.seed ^ if when.is_some() { 0x7278 } else { 0x7478 }),
            cut: scenario.cut,
            latency: scenario.latency,
            rate: scenario.rate,
            parts: VecDeque::new(),
            length: 0,
            last: Duration::ZERO,
            cuts: 0,
            frozen: Duration::ZERO,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn clear(&mut self) {
        self.parts.clear();
        self.length = 0;
        // What was thrown away takes no time on the line.
        self.last = Duration::ZERO;
    }

    /// Puts bytes on the line; faults of the direction are met on the way.
    pub(crate) fn push(
        &mut self,
        now: Duration,
        faults: &mut Faults,
        bytes: &[u8],
        carries: Carries,
    ) {
        let Some(when) = self.when.filter(|_| faults.any()) else {
            return self.send(now, bytes);
        };
        let mut rest = bytes;
        while let Some((at, fault)) = faults.next(when, rest.len() as u64) {
            let (before, behind) = rest.split_at(at as usize);
            self.send(now, before);
            rest = self.harm(now, faults, fault, behind, carries);
        }
        self.send(now, rest);
    }

    /// One fault at the first of these bytes; gives those that come behind it.
    fn harm<'a>(
        &mut self,
        now: Duration,
        faults: &mut Faults,
        fault: Fault,
        bytes: &'a [u8],
        carries: Carries,
    ) -> &'a [u8] {
        let amount = fault.amount as usize;
        match fault.what {
            What::Drop => {
                faults.altered(carries);
                let count = amount.min(bytes.len());
                // They count as having come by.
                faults.count(fault.when, count as u64);
                return &bytes[count..];
            }
            What::Double => {
                faults.altered(carries);
                self.send(now, &bytes[..amount.min(bytes.len())]);
            }
            What::Flip => {
                faults.altered(carries);
                if let Some((&first, rest)) = bytes.split_first() {
                    self.send(now, &[first ^ (1 << (amount & 7))]);
                    faults.count(fault.when, 1);
                    return rest;
                }
            }
            What::Delay => self.hold(now, fault.amount),
            _ => faults.pass_on(fault),
        }
        bytes
    }

    /// Nothing gets on for so many milliseconds.
    pub(crate) fn hold(&mut self, now: Duration, milliseconds: u64) {
        self.last = self.last.max(now) + Duration::from_millis(milliseconds);
    }

    fn send(&mut self, now: Duration, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let size = match self.cut {
                Cut::Whole => rest.len(),
                Cut::Bytes if self.cuts < FINE => 1,
                Cut::Mixed if self.cuts < FINE => 1 << self.rng.u32(0..13),
                Cut::Mixed | Cut::Bytes => 1 << self.rng.u32(9..14),
            };
            self.cuts += 1;
            let size = if self.rate > 0 {
                // A slow line gives what it has so far.
                size.min(self.rate as usize * 50)
            } else {
                size
            };
            let (part, behind) = rest.split_at(size.min(rest.len()));
            rest = behind;
            let mut due = self.last.max(now);
            // Byte by byte the delays of a line add up.
            let seldom = if self.cut == Cut::Bytes { 64 } else { 2 };
            if self.latency > 0 && self.rng.u32(0..seldom) == 0 {
                due += Duration::from_millis(self.rng.u64(0..=self.latency));
            }
            if let Some(time) = (part.len() as u64 * 1000).checked_div(self.rate) {
                due += Duration::from_micros(time);
            }
            self.last = due;
            self.length += part.len();
            match self.parts.back_mut() {
                // What comes at the same moment may be read at once, if it was not cut.
                Some(last) if last.due == due && self.cut == Cut::Whole => {
                    last.bytes.extend_from_slice(part)
                }
                _ => self.parts.push_back(Part {
                    due,
                    bytes: part.to_vec(),
                    at: 0,
                }),
            }
        }
    }

    /// What has arrived, as far as it can be read at once.
    pub(crate) fn arrived(&self, now: Duration) -> Option<&[u8]> {
        let due = self.wake()?;
        let part = self.parts.front().filter(|_| due <= now)?;
        Some(&part.bytes[part.at..])
    }

    /// So many bytes of what has arrived were taken.
    pub(crate) fn take(&mut self, count: usize) {
        if let Some(part) = self.parts.front_mut() {
            part.at += count;
            self.length -= count;
            if part.at >= part.bytes.len() {
                self.parts.pop_front();
            }
        }
    }

    /// When the next bytes arrive.
    pub(crate) fn wake(&self) -> Option<Duration> {
        self.parts.front().map(|part| part.due.max(self.frozen))
    }

    /// All that is on its way arrives.
    pub(crate) fn hurry(&mut self, now: Duration) {
        self.frozen = now;
        self.last = self.last.min(now);
        for part in &mut self.parts {
            part.due = part.due.min(now);
        }
    }

    /// Nothing can be read before `until`.
    pub(crate) fn freeze(&mut self, until: Duration) {
        self.frozen = until;
    }

    /// Drops what has not left the sender.
    pub(crate) fn discard_unsent(&mut self, now: Duration) {
        while self.parts.back().is_some_and(|part| part.due > now) {
            if let Some(part) = self.parts.pop_back() {
                self.length -= part.bytes.len() - part.at;
            }
        }
        self.last = self.last.min(now);
    }
}
