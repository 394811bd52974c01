//! Transfers that are tried again: by which errors, after which pause, and until when.

use super::{Job, Machine, Outcome, Task};
use crate::config::{Retry, Transfer};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::Time;

/// How soon a port that is not there, or a modem on it that does not answer yet, is looked for again.
const LOOK_AGAIN: Time = Time::from_millis(250);

/// How far the tries of one call have come.
struct Tries {
    began: Time,
    /// Tries behind the last one that brought the file further.
    again: u32,
    all: u32,
    /// The first byte of the file that this call moved.
    from: Option<u64>,
    /// The end of the furthest one.
    reached: u64,
    pause: Time,
    /// What the tries before have said.
    last: Option<Error>,
}

impl Machine {
    /// Serves an operation: a transfer as often as its options let it be tried.
    pub(super) async fn attend(&mut self, task: Task) -> Result<Outcome> {
        let (job, again): (Job, fn(Job) -> Task) = match &task {
            Task::Put(job) => (job.clone(), Task::Put),
            Task::Get(job) => (job.clone(), Task::Get),
            _ => return self.attempt(task).await,
        };
        let Some(retry) = job.retry else {
            return self.attempt(task).await;
        };
        let mut tries = Tries::new(self.link.now(), &retry);
        self.distrusted = false;
        loop {
            self.went_on_at = None;
            let error = match self.attempt(again(job.clone())).await {
                Ok(Outcome::Transfer(transfer)) => {
                    let now = self.link.now();
                    return Ok(Outcome::Transfer(tries.sum_up(transfer, now)));
                }
                Ok(outcome) => return Ok(outcome),
                Err(error) => error,
            };
            let furthest = self.went_on_at.unwrap_or(0) + error.transferred().unwrap_or(0);
            let moved = self.went_on_at.filter(|at| furthest > *at);
            tries.note(moved, furthest, &retry);
            let pause = match tries.pause_after(&error, &retry, self.link.now()) {
                Some(pause) if !self.link.is_past_limit() => pause,
                _ => return Err(tries.give_up(error)),
            };
            let sentence = format!("tried again after {}: {error}", seconds(pause));
            tries.keep(error);
            if let Err(error) = self.get_ready_again(&task, pause).await {
                return Err(tries.give_up(error));
            }
            self.link.warn(sentence);
        }
    }

    async fn attempt(&mut self, task: Task) -> Result<Outcome> {
        self.ready(&task).await?;
        self.serve(task).await
    }

    /// Leaves what the last try was in the middle of, and waits.
    async fn get_ready_again(&mut self, task: &Task, pause: Time) -> Result<()> {
        self.leave_in_flight();
        self.link.shared().buffers.end_transfer();
        if self.needs_recovery() {
            self.recover().await?;
        }
        if matches!(task, Task::Get(_)) {
            // Whatever the last try brought has been written, or dropped, once this is answered.
            self.look().await?;
        }
        self.link.pause(pause).await
    }

    /// Waits for a port that was lost, or is not there yet, and opens it.
    ///
    /// # Errors
    /// Those of the last attempt when the time for it is up, or of the caller's cancel or deadline.
    pub(super) async fn regain_port(&mut self) -> Result<Vec<String>> {
        let give_up = self.link.now().saturating_add(self.port_timeout);
        loop {
            let error = match self.open_anew().await {
                // What is plugged in takes its time until it answers.
                Err(error) if matches!(error.kind(), ErrorKind::Port | ErrorKind::Timeout) => error,
                opened => return opened,
            };
            if self.link.now() >= give_up || self.link.is_past_limit() {
                return Err(error);
            }
            // It may have been the last question of the opening that was not answered in time.
            self.leave_in_flight();
            self.link.pause(LOOK_AGAIN).await?;
        }
    }
}

impl Tries {
    fn new(now: Time, retry: &Retry) -> Tries {
        Tries {
            began: now,
            again: 0,
            all: 0,
            from: None,
            reached: 0,
            pause: retry.delay,
            last: None,
        }
    }

    /// Counts a try that failed: from where it moved bytes, if it did, and how far it came.
    fn note(&mut self, moved_from: Option<u64>, furthest: u64, retry: &Retry) {
        self.all += 1;
        if let Some(from) = moved_from {
            self.from = Some(self.from.map_or(from, |before| before.min(from)));
        }
        // One that only found out where to go on has brought nothing.
        if moved_from.is_some() && furthest > self.reached {
            self.reached = furthest;
            self.again = 0;
            self.pause = retry.delay;
        }
    }

    /// How long to wait before the next try; `None` where there is to be none.
    fn pause_after(&mut self, error: &Error, retry: &Retry, now: Time) -> Option<Time> {
        if !self.may_pass(error) || self.again >= retry.tries {
            return None;
        }
        self.again += 1;
        let pause = self.pause.min(retry.max_delay);
        self.pause = self.pause.saturating_mul(2);
        let over = retry
            .max_time
            .is_some_and(|limit| now + pause >= self.began + limit);
        (!over).then_some(pause)
    }

    /// Whether the same call may succeed later.
    fn may_pass(&self, error: &Error) -> bool {
        match error.kind() {
            ErrorKind::Port
            | ErrorKind::Timeout
            | ErrorKind::Command
            | ErrorKind::NotConnected
            | ErrorKind::Transfer => true,
            // A server that took the file before has another reason now than its name.
            ErrorKind::Refused => self.reached > 0,
            _ => false,
        }
    }

    /// Keeps what a try that failed has said of what it may have left behind.
    fn keep(&mut self, error: Error) {
        let before = self.last.take().filter(|_| error.left_behind().is_none());
        self.last = Some(match before {
            Some(before) => error.with_remains_of(&before),
            None => error,
        });
    }

    /// The error of the whole call.
    fn give_up(self, error: Error) -> Error {
        let error = match self.last {
            Some(before) if error.left_behind().is_none() => error.with_remains_of(&before),
            _ => error,
        };
        let error = match self.from {
            Some(from) => error.with_transferred(self.reached - from),
            None => error,
        };
        match self.all {
            0 | 1 => error,
            tries => error.with_advice(&format!("it was the last of {tries} tries")),
        }
    }

    /// The transfer that the tries have made together.
    fn sum_up(&self, transfer: Transfer, now: Time) -> Transfer {
        let size = transfer.resumed_from + transfer.bytes;
        let from = self.from.map_or(transfer.resumed_from, |from| {
            from.min(transfer.resumed_from)
        });
        Transfer {
            bytes: size - from,
            resumed_from: from,
            duration: now - self.began,
            ..transfer
        }
    }
}

fn seconds(time: Time) -> String {
    // Without floating point, whose formatting is 10 KB of code.
    let tenths = (time.as_millis() + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn error(kind: ErrorKind) -> Error {
        Error::new(kind, "it failed")
    }

    fn pauses(retry: &Retry, kinds: &[ErrorKind]) -> Vec<Option<u64>> {
        let mut tries = Tries::new(Time::ZERO, retry);
        let now = Time::ZERO;
        let pause = |kind: &ErrorKind| {
            tries.note(None, 0, retry);
            let pause = tries.pause_after(&error(*kind), retry, now);
            pause.map(|pause| pause.as_secs())
        };
        kinds.iter().map(pause).collect()
    }

    #[test]
    fn the_pause_doubles_up_to_its_limit_until_the_tries_are_used_up() {
        let mut retry = Retry::new(4);
        retry.max_delay = Duration::from_secs(3);
        let lost = [ErrorKind::NotConnected; 5];
        let expected = [Some(1), Some(2), Some(3), Some(3), None];
        assert_eq!(pauses(&retry, &lost), expected);
    }

    #[test]
    fn a_try_that_got_further_starts_the_count_and_the_pause_anew() {
        let retry = Retry::new(2);
        let mut tries = Tries::new(Time::ZERO, &retry);
        let lost = error(ErrorKind::Timeout);
        let mut pause = |furthest| {
            tries.note((furthest > 0).then_some(0), furthest, &retry);
            let pause = tries.pause_after(&lost, &retry, Time::ZERO);
            pause.map(|pause| pause.as_secs())
        };
        let told: Vec<_> = [0, 0, 100, 100, 100].map(&mut pause).into();
        assert_eq!(told, [Some(1), Some(2), Some(1), Some(2), None]);
    }

    #[test]
    fn a_try_that_only_found_out_where_to_go_on_counts() {
        let retry = Retry::new(2);
        let mut tries = Tries::new(Time::ZERO, &retry);
        let lost = error(ErrorKind::Port);
        let told = [0, 42, 42].map(|furthest| {
            tries.note(None, furthest, &retry);
            tries.pause_after(&lost, &retry, Time::ZERO).is_some()
        });
        assert_eq!(told, [true, true, false]);
    }

    #[test]
    fn what_cannot_pass_is_not_tried_again() {
        let retry = Retry::new(9);
        for kind in ErrorKind::all() {
            let passes = matches!(
                kind,
                ErrorKind::Port
                    | ErrorKind::Timeout
                    | ErrorKind::Command
                    | ErrorKind::NotConnected
                    | ErrorKind::Transfer
            );
            assert_eq!(pauses(&retry, &[kind])[0].is_some(), passes, "{kind}");
        }
    }

    #[test]
    fn no_try_begins_behind_the_time_for_all() {
        let mut retry = Retry::new(9);
        retry.max_time = Some(Duration::from_secs(10));
        let mut tries = Tries::new(Time::ZERO, &retry);
        let lost = error(ErrorKind::Port);
        tries.note(None, 0, &retry);
        assert!(
            tries
                .pause_after(&lost, &retry, Time::from_secs(8))
                .is_some()
        );
        tries.note(None, 0, &retry);
        assert!(
            tries
                .pause_after(&lost, &retry, Time::from_secs(8))
                .is_none()
        );
    }

    #[test]
    fn the_last_error_tells_what_the_tries_before_have_left_and_moved() {
        let retry = Retry::new(3);
        let mut tries = Tries::new(Time::ZERO, &retry);
        tries.note(Some(100), 700, &retry);
        tries.keep(error(ErrorKind::Transfer).with_left_behind("a part stays"));
        tries.note(None, 0, &retry);
        let told = tries.give_up(error(ErrorKind::Port));
        assert_eq!(told.kind(), ErrorKind::Port);
        assert_eq!(told.transferred(), Some(600));
        assert_eq!(told.left_behind(), Some("a part stays"));
        let sentence = told.to_string();
        assert_eq!(
            sentence,
            "it failed; a part stays; it was the last of 2 tries"
        );
    }
}
