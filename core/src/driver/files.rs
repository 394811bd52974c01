//! The thread that opens, reads, writes and syncs local files, so that no event loop waits for a disk.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    changed: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    started: bool,
    /// Nobody will have more.
    ended: bool,
}

impl Queue {
    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; `None` once there will be no more.
    fn next(&self) -> Option<Job> {
        let mut jobs = self.jobs();
        loop {
            if let Some(job) = jobs.waiting.pop_front() {
                return Some(job);
            }
            if jobs.ended {
                return None;
            }
            let waited = self.changed.wait(jobs);
            jobs = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// One thread a modem, from its first file on: the modem moves one file at a time.
#[derive(Default)]
pub(crate) struct Files(Arc<Queue>);

impl Files {
    /// Runs the job on the thread, behind those before. The thread ends with the last job after this is dropped.
    pub(crate) fn run(&self, job: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut jobs = self.0.jobs();
        if !jobs.started {
            let queue = self.0.clone();
            std::thread::Builder::new()
                .name("nlftp-files".into())
                .spawn(move || {
                    while let Some(job) = queue.next() {
                        // Whoever follows the job is told by what the job drops; the next one is not to suffer.
                        let _ = catch_unwind(AssertUnwindSafe(job));
                    }
                })?;
            jobs.started = true;
        }
        jobs.waiting.push_back(Box::new(job));
        drop(jobs);
        self.0.changed.notify_one();
        Ok(())
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.0.jobs().ended = true;
        self.0.changed.notify_one();
    }
}
