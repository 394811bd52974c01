//! Transfers that are tried again: no more often and no longer than they were told.

use std::time::Duration;

use crate::drive::{Drive, Wrong};
use crate::error::Error;
use crate::scenario::{Move, Retries};

/// How long the last try of a call may take, with all that it opens anew, besides the wait for the port.
const LAST_TRY: Duration = Duration::from_secs(30 * 60);

impl Drive {
    /// A call that began then has failed, or not.
    pub(crate) fn judge_tries(
        &mut self,
        file: &Move,
        began: Duration,
        error: Option<&Error>,
    ) -> Result<(), Wrong> {
        let Some(retry) = file.retry else {
            return Ok(());
        };
        self.judge_time_of_tries(&retry, began)?;
        let Some(error) = error else {
            return Ok(());
        };
        let tries = tries_of(error);
        self.tally.tries += tries - 1;
        // Each try that brings the file further starts the count anew.
        let moved = error.transferred().unwrap_or(0);
        if moved == 0 && tries > u64::from(retry.tries) + 1 {
            return Err(format!(
                "too often: {tries} tries of {}: {error}",
                retry.tries
            ));
        }
        Ok(())
    }

    fn judge_time_of_tries(&self, retry: &Retries, began: Duration) -> Result<(), Wrong> {
        let took = self.world.done_at.saturating_sub(began);
        let port = Duration::from_millis(self.world.scenario.port_timeout);
        let bound = Duration::from_millis(retry.max_time) + port + LAST_TRY;
        if retry.max_time > 0 && took > bound {
            return Err(format!("late: tries that had {bound:?} took {took:?}"));
        }
        Ok(())
    }
}

/// How many tries an error tells of.
fn tries_of(error: &Error) -> u64 {
    let text = error.to_string();
    let told = text
        .split_once("it was the last of ")
        .and_then(|(_, rest)| rest.split_once(' ')?.0.parse().ok());
    told.unwrap_or(1)
}
