//! The speed of a port: a serial line's bit times, 8N1 so ten for each byte, and the timer that a USB port has instead.

use std::time::Duration;

/// Bytes that were there and came due while nobody looked go out together, up to this much line time.
const BURST: Duration = Duration::from_millis(20);
/// How many bytes go together where there are more, as in a packet of USB: a thread that wakes for each is nothing like it.
const PACKET: u32 = 64;
/// The least and the most line time for them.
const STEP: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(8)];

/// One direction of a line.
#[derive(Debug)]
pub(crate) struct Pace {
    byte_time: Option<Duration>,
    /// When the line is free for the next byte.
    free: Duration,
}

impl Pace {
    /// A line of so many baud, or one without a limit.
    pub(crate) fn new(baud: Option<u32>) -> Self {
        let byte_time = baud
            .filter(|baud| *baud > 0)
            .map(|baud| Duration::from_secs(10) / baud);
        Self {
            byte_time,
            free: Duration::ZERO,
        }
    }

    /// How many bytes the line takes now.
    pub(crate) fn allowance(&self, now: Duration) -> usize {
        let Some(byte_time) = self.byte_time else {
            return usize::MAX;
        };
        let Some(idle) = now.checked_sub(self.free) else {
            return 0;
        };
        let idle = idle.min(BURST.max(byte_time)).as_nanos();
        usize::try_from(idle / byte_time.as_nanos().max(1)).unwrap_or(usize::MAX)
    }

    /// The line was idle, and has bytes to carry from `at` on.
    pub(crate) fn start(&mut self, at: Duration) {
        self.free = self.free.max(at);
    }

    /// When the last of so many bytes will have passed, if they go now.
    pub(crate) fn passed(&self, now: Duration, count: usize) -> Duration {
        let Some(byte_time) = self.byte_time else {
            return now;
        };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.begin(now, byte_time) + byte_time * count
    }

    /// So many bytes went over the line.
    pub(crate) fn spend(&mut self, now: Duration, count: usize) {
        if self.byte_time.is_some() {
            self.free = self.passed(now, count);
        }
    }

    /// When there is an allowance again for what is waiting; None for a line without a limit.
    pub(crate) fn wake(&self, now: Duration, waiting: usize) -> Option<Duration> {
        let byte_time = self.byte_time?;
        let step = (byte_time * PACKET).clamp(STEP[0], STEP[1]);
        let most = (step.as_nanos() / byte_time.as_nanos().max(1)).max(1);
        let count = waiting.clamp(1, usize::try_from(most).unwrap_or(usize::MAX));
        Some(self.passed(now, count))
    }

    fn begin(&self, now: Duration, byte_time: Duration) -> Duration {
        self.free.max(now.saturating_sub(BURST.max(byte_time)))
    }
}

/// What FTPRETR gives to a USB port in one period of FTPLIMIT.
const CHUNK: usize = 4096;

/// The timer behind `AT+GTSET="FTPLIMIT"`: one chunk in each period.
#[derive(Debug, Default)]
pub(crate) struct ChunkTimer {
    spent: usize,
    /// When the period of those bytes is over.
    until: Duration,
}

impl ChunkTimer {
    /// How many bytes may still go in this period.
    pub(crate) fn room(&self) -> usize {
        CHUNK.saturating_sub(self.spent)
    }

    /// So many bytes went; a period begins with its first byte.
    pub(crate) fn spend(&mut self, now: Duration, count: usize, period: Duration) {
        self.pass(now);
        if self.spent == 0 {
            self.until = now + period;
        }
        self.spent += count;
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, now: Duration) {
        if now >= self.until {
            self.spent = 0;
        }
    }

    /// When there is room again, if there is none.
    pub(crate) fn wake(&self) -> Option<Duration> {
        (self.room() == 0).then_some(self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_at_115200_baud_carries_11520_bytes() {
        let mut pace = Pace::new(Some(115_200));
        let (mut now, mut sent) = (Duration::from_secs(7), 0);
        pace.spend(now, 0);
        let end = now + Duration::from_secs(1);
        while now < end {
            let count = pace.allowance(now);
            pace.spend(now, count);
            sent += count;
            now = pace.wake(now, 1000).unwrap() + Duration::from_micros(50);
        }
        assert!((11_500..11_700).contains(&sent), "{sent}");
    }

    #[test]
    fn an_idle_line_saves_nothing_up() {
        let mut pace = Pace::new(Some(115_200));
        let now = Duration::from_secs(7);
        pace.start(now);
        assert_eq!(pace.allowance(now), 0);
        // Six bytes are waited for, not a whole step.
        let passed = pace.wake(now, 6).unwrap();
        assert_eq!(passed - now, 6 * (Duration::from_secs(10) / 115_200));
        assert_eq!(pace.allowance(passed), 6);
    }

    #[test]
    fn who_looks_late_finds_what_has_come_due() {
        let mut pace = Pace::new(Some(115_200));
        let now = Duration::from_secs(7);
        pace.start(now);
        assert_eq!(pace.allowance(now + Duration::from_millis(5)), 57);
        pace.spend(now + Duration::from_millis(5), 57);
        assert!(pace.allowance(now + Duration::from_millis(10)) >= 57);
    }

    #[test]
    fn the_slowest_line_moves_too() {
        let mut pace = Pace::new(Some(300));
        let mut now = Duration::from_secs(7);
        for _ in 0..30 {
            assert_eq!(pace.allowance(now), 1);
            pace.spend(now, 1);
            now = pace.wake(now, 30).unwrap();
        }
    }

    #[test]
    fn without_a_rate_there_is_no_limit() {
        let pace = Pace::new(None);
        assert_eq!(pace.allowance(Duration::ZERO), usize::MAX);
        assert_eq!(pace.wake(Duration::ZERO, 1), None);
    }

    #[test]
    fn a_chunk_goes_in_each_period() {
        let (mut timer, period) = (ChunkTimer::default(), Duration::from_millis(50));
        let mut now = Duration::from_secs(7);
        timer.spend(now, 1000, period);
        now += period / 2;
        timer.spend(now, CHUNK - 1000, period);
        assert_eq!((timer.room(), timer.wake()), (0, Some(now + period / 2)));
        timer.pass(now + period / 4);
        assert_eq!(timer.room(), 0);
        timer.pass(now + period / 2);
        assert_eq!((timer.room(), timer.wake()), (CHUNK, None));
    }
}
