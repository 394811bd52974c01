//! One session from its scenario to its verdict.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::drive::Drive;
use crate::scenario::Scenario;
use crate::tally::Tally;

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

fn play(scenario: &Scenario, trace: bool) -> Run {
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
