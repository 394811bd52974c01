//! One session from its scenario to its verdict.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::drive::Drive;
use crate::memory;
use crate::scenario::{Scenario, What};
use crate::tally::Tally;

/// What a session may hold of memory at once, whatever comes.
pub const MOST_MEMORY: u64 = 768 * 1024;
/// The same where a listing is collected to look for a size in it: at most 4 MiB, in a buffer that grows by doubling.
pub const MOST_MEMORY_OF_LISTINGS: u64 = 9 * 1024 * 1024;

/// What became of a session.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// What must not be and has come about, if so: its kind, a colon, and the rest.
    pub failure: Option<String>,
    /// Its counts.
    pub tally: Tally,
    /// All that was said, where that was asked for.
    pub trace: Vec<String>,
}

impl Run {
    /// The kind of failure, such as `hung` or `corrupt`.
    pub fn kind(&self) -> Option<&str> {
        let failure = self.failure.as_deref()?;
        Some(failure.split(':').next().unwrap_or(failure))
    }
}

/// Runs a scenario.
pub fn run(scenario: &Scenario) -> Run {
    play(scenario, false)
}

/// Runs it and keeps the whole exchange.
pub fn trace(scenario: &Scenario) -> Run {
    play(scenario, true)
}

/// Runs the scenario of a seed.
pub fn run_seed(seed: u64) -> Run {
    run(&Scenario::from_seed(seed))
}

/// The sessions of many seeds, on so many threads; counts, and those that failed in their order. With `first` it stops
/// at the first of them.
pub fn run_seeds(seeds: Range<u64>, threads: u64, first: bool) -> (Tally, Vec<(u64, String)>) {
    let stop = AtomicBool::new(false);
    let share = |thread: u64| {
        let (mut tally, mut failures) = (Tally::default(), Vec::new());
        for seed in seeds
            .clone()
            .skip(thread as usize)
            .step_by(threads as usize)
        {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let run = run_seed(seed);
            tally.add(&run.tally);
            if let Some(failure) = run.failure {
                failures.push((seed, failure));
                stop.fetch_or(first, Ordering::Relaxed);
            }
        }
        (tally, failures)
    };
    std::thread::scope(|scope| {
        let share = &share;
        let others: Vec<_> = (1..threads)
            .map(|thread| scope.spawn(move || share(thread)))
            .collect();
        let (mut tally, mut failures) = share(0);
        for other in others {
            // A panic inside a session is caught there.
            let (more, failed) = other.join().unwrap_or_default();
            tally.add(&more);
            failures.extend(failed);
        }
        failures.sort();
        (tally, failures)
    })
}

fn play(scenario: &Scenario, trace: bool) -> Run {
    memory::begin();
    let mut drive = Drive::new(scenario, trace);
    let ended = catch_unwind(AssertUnwindSafe(|| drive.run()));
    let failure = match ended {
        Ok(Ok(())) => None,
        Ok(Err(wrong)) => Some(wrong),
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or(panic.downcast_ref::<&str>().copied())
                .unwrap_or("without a word");
            Some(format!("panic: {text}"))
        }
    };
    let Ok(mut common) = drive.world.common.try_borrow_mut() else {
        return Run {
            failure,
            ..Run::default()
        };
    };
    drive.tally.sessions = 1;
    let long_list = common
        .faults
        .fired
        .iter()
        .any(|fault| fault.what == What::LongList);
    let (highest, bound) = if long_list {
        (&mut drive.tally.memory_of_listings, MOST_MEMORY_OF_LISTINGS)
    } else {
        (&mut drive.tally.memory, MOST_MEMORY)
    };
    *highest = memory::highest();
    let failure = failure.or_else(|| {
        (*highest > bound).then(|| format!("memory: the session held {highest} bytes at once"))
    });
    drive.tally.seconds = drive.world.now.as_secs_f64();
    for fault in &common.faults.fired {
        *drive.tally.faults.entry(fault.what).or_default() += 1;
    }
    Run {
        failure,
        trace: common.trace.take(),
        tally: std::mem::take(&mut drive.tally),
    }
}
