//! What every client is asked to do, and what it tells of it.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// One of the ways to move a file, or commands without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// FTPRETR.
    StreamDown,
    /// FTPSTOR.
    StreamUp,
    /// FTPGET and FTPRECV of 3000 bytes.
    BlockDown,
    /// FTPPUT of 1024 bytes.
    BlockUp,
    /// AT and its OK.
    Command,
}

impl Way {
    /// Those that move a file.
    pub const TRANSFERS: [Way; 4] = [Way::StreamDown, Way::StreamUp, Way::BlockDown, Way::BlockUp];

    /// Its name on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Way::StreamDown => "retr",
            Way::StreamUp => "stor",
            Way::BlockDown => "recv",
            Way::BlockUp => "put",
            Way::Command => "at",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Way::StreamDown => "stream down",
            Way::StreamUp => "stream up",
            Way::BlockDown => "block down",
            Way::BlockUp => "block up",
            Way::Command => "command and reply",
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Way {
    type Err = String;

    fn from_str(text: &str) -> Result<Way, String> {
        let mut all = Way::TRANSFERS.into_iter().chain([Way::Command]);
        all.find(|way| way.name() == text)
            .ok_or_else(|| format!("{text} is no way to move a file"))
    }
}

/// What a client took for its work.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// The time of the whole transfer; of one command, the median.
    pub seconds: f64,
    /// The time of the fastest command; of a transfer, the same as `seconds`.
    pub best: f64,
    /// Processor time of the client, all threads.
    pub processor: f64,
}

impl Cost {
    /// Of so many such transfers.
    pub fn times(self, count: u64) -> Cost {
        let count = count as f64;
        Cost {
            seconds: self.seconds * count,
            best: self.best * count,
            processor: self.processor * count,
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.9} {:.9} {:.6}",
            self.seconds, self.best, self.processor
        )
    }
}

impl FromStr for Cost {
    type Err = String;

    fn from_str(text: &str) -> Result<Cost, String> {
        let numbers: Vec<f64> = text
            .split_whitespace()
            .filter_map(|number| number.parse().ok())
            .collect();
        match numbers[..] {
            [seconds, best, processor] => Ok(Cost {
                seconds,
                best,
                processor,
            }),
            _ => Err(format!("a client said {text:?}")),
        }
    }
}

/// A clock for time and processor time.
pub struct Meter {
    start: Instant,
    processor: Duration,
}

impl Meter {
    /// Starts both.
    pub fn start() -> Meter {
        Meter {
            start: Instant::now(),
            processor: processor_time(),
        }
    }

    /// What a transfer has taken since.
    pub fn transfer(&self) -> Cost {
        let seconds = self.start.elapsed().as_secs_f64();
        Cost {
            seconds,
            best: seconds,
            processor: (processor_time() - self.processor).as_secs_f64(),
        }
    }
}

/// Runs `command` many times and tells what one takes.
pub fn commands(count: u64, mut command: impl FnMut()) -> Cost {
    for _ in 0..count.min(200) {
        command();
    }
    let meter = Meter::start();
    let mut times: Vec<f64> = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
    for _ in 0..count {
        let start = Instant::now();
        command();
        times.push(start.elapsed().as_secs_f64());
    }
    let processor = meter.transfer().processor;
    times.sort_by(f64::total_cmp);
    Cost {
        seconds: times[times.len() / 2],
        best: times[0],
        processor,
    }
}

/// The processor time of this process so far.
pub fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}
