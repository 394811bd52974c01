//! The thread that opens, reads, writes and syncs local files, so that no event loop waits for a disk.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::cancel::CancelFlag;
use super::signals;

/// Something to do, and what is raised where nobody wants it any more.
struct Job {
    run: Box<dyn FnOnce() + Send>,
    cancel: Arc<CancelFlag>,
}

#[derive(Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    changed: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    /// What ends the job that runs.
    running: Option<Arc<CancelFlag>>,
    thread: Option<JoinHandle<()>>,
    /// Nobody will have more.
    ended: bool,
    /// The thread does nothing any more.
    over: bool,
}

impl Queue {
    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; `None` once there will be no more.
    fn next(&self) -> Option<Job> {
        let mut jobs = self.jobs();
        loop {
            jobs.running = None;
            if let Some(job) = jobs.waiting.pop_front() {
                jobs.running = Some(job.cancel.clone());
                return Some(job);
            }
            if jobs.ended {
                return None;
            }
            let waited = self.changed.wait(jobs);
            jobs = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn run(&self) {
        while let Some(job) = self.next() {
            // Whoever follows the job is told by what the job drops; the next one is not to suffer.
            let _ = catch_unwind(AssertUnwindSafe(job.run));
        }
        self.jobs().over = true;
        self.changed.notify_all();
    }
}

/// One thread a modem, from its first file on: the modem moves one file at a time.
#[derive(Default)]
pub(crate) struct Files(Arc<Queue>);

impl Files {
    /// Runs the job on the thread, behind those before; `cancel` ends what it waits for.
    pub(crate) fn run(
        &self,
        cancel: Arc<CancelFlag>,
        job: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        let mut jobs = self.0.jobs();
        if jobs.ended {
            // The job goes unrun, which tells whoever follows it.
            return Ok(());
        }
        if jobs.thread.is_none() {
            let queue = self.0.clone();
            jobs.thread = Some(signals::spawn("nlftp-files", move || queue.run())?);
        }
        jobs.waiting.push_back(Job {
            run: Box::new(job),
            cancel,
        });
        drop(jobs);
        self.0.changed.notify_all();
        Ok(())
    }

    /// Cancels what runs and gives up what waits: the thread ends.
    pub(crate) fn end(&self) {
        let mut jobs = self.0.jobs();
        jobs.ended = true;
        let running = jobs.running.clone();
        let waiting = std::mem::take(&mut jobs.waiting);
        drop(jobs);
        // What a job drops may look for more to do here.
        drop(waiting);
        if let Some(running) = running {
            running.raise();
        }
        self.0.changed.notify_all();
    }

    /// Waits for the end of the thread, at most for that long: a file may hold it up for ever, such as a FIFO whose other
    /// end nobody opens. On the thread itself nothing is waited for.
    pub(crate) fn join(&self, limit: Duration) {
        let since = Instant::now();
        let mut jobs = self.0.jobs();
        let here = std::thread::current().id();
        if jobs
            .thread
            .as_ref()
            .is_none_or(|thread| thread.thread().id() == here)
        {
            return;
        }
        while !jobs.over {
            let left = limit.saturating_sub(since.elapsed());
            if left.is_zero() {
                return;
            }
            let waited = self.0.changed.wait_timeout(jobs, left);
            jobs = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let thread = jobs.thread.take();
        drop(jobs);
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{channel, sync_channel};

    #[test]
    fn the_end_cancels_what_runs_gives_up_what_waits_and_is_waited_for() {
        let files = Files::default();
        let cancel = Arc::<CancelFlag>::default();
        let (began, begun) = channel();
        let (seen, look) = channel();
        let flag = cancel.clone();
        let run = files.run(cancel, move || {
            began.send(()).unwrap();
            while !flag.is_raised() {
                std::thread::yield_now();
            }
            seen.send("cancelled").unwrap();
        });
        run.unwrap();
        let (kept, given_up) = channel::<()>();
        files
            .run(Arc::default(), move || kept.send(()).unwrap())
            .unwrap();
        begun.recv().unwrap();
        files.end();
        files.join(Duration::MAX);
        assert_eq!(look.try_recv(), Ok("cancelled"));
        assert!(given_up.recv().is_err(), "the second was not run");
        // Nothing is begun behind the end.
        let (late, never) = channel();
        files
            .run(Arc::default(), move || late.send(()).unwrap())
            .unwrap();
        assert!(never.recv().is_err());
    }

    #[test]
    fn a_job_may_end_its_own_thread_and_one_that_hangs_is_left() {
        let files = Arc::new(Files::default());
        let (own, (tell, told)) = (files.clone(), channel());
        let run = files.run(Arc::default(), move || {
            own.end();
            own.join(Duration::MAX);
            tell.send(()).unwrap();
        });
        run.unwrap();
        told.recv().unwrap();
        let files = Files::default();
        let (go, gone) = sync_channel::<()>(0);
        files
            .run(Arc::default(), move || {
                let _ = gone.recv();
            })
            .unwrap();
        files.end();
        files.join(Duration::from_millis(1));
        // It was begun before the end, or never.
        let _ = go.try_send(());
        drop(files);
    }
}
