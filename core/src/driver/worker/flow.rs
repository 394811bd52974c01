//! What the line has shown of its speed: whether an answer is worth reading for at once, and how long bytes may gather.

use std::time::Duration;

use crate::protocol::Time;

/// The longest time for which the bytes of a stream are left alone.
const PAUSE: Duration = Duration::from_millis(10);
/// How many bytes may gather meanwhile: three quarters of what a line discipline holds (4 KiB), behind which the buffers of
/// the port's driver are.
const GATHERED: u64 = 3072;
/// So many at once are all that a line discipline holds: whoever finds them is behind, however slow the line seems.
const FULL: usize = 4000;
/// A shorter pause is not worth its own wake-up.
const WORTH: Duration = Duration::from_millis(1);
/// Over how much time the speed is measured.
const WINDOW: Duration = Duration::from_millis(8);
/// How often in a row, at most, asking first is preferred after answers that were not there yet.
const MOST_SKIPPED: u32 = 64;

/// The speed of a stream, as measured.
#[derive(Debug, Default)]
pub(super) struct Flow {
    since: Option<Time>,
    count: u64,
    /// How many passed last.
    last: usize,
    /// Bytes a second; `None` until it was measured once.
    rate: Option<u64>,
}

impl Flow {
    /// So many bytes of a stream have passed.
    pub(super) fn passed(&mut self, now: Time, count: usize) {
        let since = *self.since.get_or_insert(now);
        self.count += count as u64;
        self.last = count;
        let age = now.saturating_sub(since);
        if age >= WINDOW {
            let nanoseconds = u64::try_from(age.as_nanos()).unwrap_or(u64::MAX);
            self.rate = Some(self.count.saturating_mul(1_000_000_000) / nanoseconds);
            (self.since, self.count) = (Some(now), 0);
        }
    }

    /// How long a stream of this speed may be left alone, so that more is moved at once; `None` where it is too fast for
    /// that, or unknown.
    pub(super) fn pause(&self) -> Option<Duration> {
        if self.last >= FULL {
            return None;
        }
        let nanoseconds = (GATHERED * 1_000_000_000).checked_div(self.rate?);
        let pause = nanoseconds.map_or(PAUSE, |pause| Duration::from_nanos(pause).min(PAUSE));
        (pause >= WORTH).then_some(pause)
    }

    /// The stream is over.
    pub(super) fn forget(&mut self) {
        *self = Flow::default();
    }
}

/// Whether an answer tends to be there as soon as its command is written: then reading at once saves a poll, where it is
/// not it costs a read.
#[derive(Debug, Default)]
pub(super) struct Haste {
    misses: u32,
    skip: u32,
}

impl Haste {
    /// Whether to read at once this time.
    pub(super) fn try_now(&mut self) -> bool {
        let now = self.skip == 0;
        self.skip = self.skip.saturating_sub(1);
        now
    }

    /// Whether something was there.
    pub(super) fn tried(&mut self, found: bool) {
        self.misses = if found { 0 } else { self.misses + 1 };
        self.skip = match self.misses {
            0 => 0,
            misses => 1_u32
                .checked_shl(misses)
                .map_or(MOST_SKIPPED, |skip| skip.min(MOST_SKIPPED)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream whose bytes come by the millisecond.
    fn measured(bytes_in_a_millisecond: usize) -> Flow {
        let mut flow = Flow::default();
        for millisecond in 0..20 {
            flow.passed(Time::from_millis(millisecond), bytes_in_a_millisecond);
        }
        flow
    }

    #[test]
    fn a_slow_line_is_left_alone_and_a_fast_one_is_not() {
        assert_eq!(Flow::default().pause(), None, "nothing is known yet");
        assert_eq!(measured(0).pause(), Some(PAUSE));
        // 115200 and 3,000,000 bits a second.
        assert_eq!(measured(12).pause(), Some(PAUSE));
        assert_eq!(measured(300).pause(), Some(PAUSE));
        // 12 Mbit/s: three kilobytes come in less than the longest pause.
        let pause = measured(1200).pause().unwrap();
        assert!(pause > WORTH && pause < PAUSE, "{pause:?}");
        assert_eq!(measured(100_000).pause(), None);
        let mut behind = measured(300);
        behind.passed(Time::from_millis(30), FULL);
        assert_eq!(behind.pause(), None);
        let mut over = measured(300);
        over.forget();
        assert_eq!(over.pause(), None);
    }

    #[test]
    fn what_is_never_there_at_once_is_asked_for_first() {
        let mut haste = Haste::default();
        let mut tries = 0;
        for _ in 0..1000 {
            if haste.try_now() {
                tries += 1;
                haste.tried(false);
            }
        }
        assert!((10..30).contains(&tries), "{tries}");
        // What is there always is never asked for.
        haste.tried(true);
        for _ in 0..1000 {
            assert!(haste.try_now());
            haste.tried(true);
        }
    }
}
