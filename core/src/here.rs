//! An operation that a thread serves: its source or sink, and the reports of the worker.

use std::time::{Duration, Instant};

use crate::config::OnProgress;
use crate::driver::worker::Report;
use crate::entries;
use crate::error::{Error, ErrorKind, Result};
use crate::follower::Follower;
use crate::local_end::{Ended, Local, LocalEnd};
use crate::session::Outcome;

/// How soon a source or sink that would have blocked is asked again where nobody says that it is ready.
const ASK_AGAIN: Duration = Duration::from_millis(10);

/// How many reports, each with a buffer as a rule, are served in one go: what comes meanwhile is for the next one.
const AT_ONCE: usize = 4;

/// Not generic: what its result is made into is the affair of [`Operation`](crate::Operation).
pub(crate) struct Here<'a> {
    follower: Follower,
    end: LocalEnd<'a>,
    /// The session has ended well; the sink has not taken everything yet.
    outcome: Option<Outcome>,
}

impl<'a> Here<'a> {
    pub(crate) fn new(
        follower: Follower,
        local: Local<'a>,
        progress: Option<OnProgress<'a>>,
    ) -> Here<'a> {
        Here {
            follower,
            end: LocalEnd::new(local, progress),
            outcome: None,
        }
    }

    /// Does this side's part until the operation has ended, or until `until`.
    pub(crate) fn follow(&mut self, until: Option<Instant>) -> Option<Result<Ended>> {
        let is_late = || until.is_some_and(|until| Instant::now() >= until);
        let mut served = 0;
        loop {
            if !entries::make_way(&self.follower, until) {
                return None;
            }
            while self.end.ask_again(&self.follower, AT_ONCE) {
                if is_late() {
                    self.follower.renotify();
                    return None;
                }
            }
            if let Some(result) = self.written() {
                return Some(result);
            }
            let mut wake = until;
            if self.end.waits() {
                let soon = Instant::now() + ASK_AGAIN;
                wake = Some(until.map_or(soon, |until| until.min(soon)));
            }
            match self.next_report(wake) {
                Some(report) => {
                    if let Some(result) = self.serve(report) {
                        return Some(result);
                    }
                    served += 1;
                    // A side that is slower than the modem always has a report more.
                    if served >= AT_ONCE && is_late() {
                        self.follower.renotify();
                        return None;
                    }
                }
                None if is_late() => return None,
                None => {}
            }
        }
    }

    /// The next report; none comes any more once the session has ended and only the sink is behind.
    fn next_report(&mut self, until: Option<Instant>) -> Option<Report> {
        if self.outcome.is_none() {
            return self.follower.next_report(until);
        }
        if self.follower.is_cancelled() {
            return Some(Report::Done(Err(Error::new(
                ErrorKind::Cancelled,
                "cancelled by the caller before everything was written",
            ))));
        }
        if let Some(until) = until {
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
        }
        None
    }

    /// Follows it on the thread for files; `look` passes on what is for whoever follows from afar.
    pub(crate) fn follow_away(&mut self, look: &dyn Fn()) -> Result<Ended> {
        loop {
            entries::make_way(&self.follower, None);
            self.end.ask_again(&self.follower, usize::MAX);
            if let Some(result) = self.written() {
                return result;
            }
            let wake = self.end.waits().then(|| Instant::now() + ASK_AGAIN);
            match self.next_report(wake) {
                Some(Report::Look) => look(),
                Some(report) => {
                    if let Some(result) = self.serve(report) {
                        return result;
                    }
                }
                None => {}
            }
        }
    }

    /// Does a part of what can be done without waiting, and without the modem's callbacks; the event loop is told where
    /// there is more.
    pub(crate) fn poll(&mut self) -> Option<Result<Ended>> {
        // A listing that somebody else reads may be in the way: that one goes first.
        if !entries::make_way(&self.follower, Some(Instant::now())) {
            return None;
        }
        if self.end.ask_again(&self.follower, AT_ONCE) {
            self.follower.renotify();
            return None;
        }
        for _ in 0..AT_ONCE {
            if let Some(result) = self.written() {
                return Some(result);
            }
            let report = if self.outcome.is_none() {
                self.follower.try_report()?
            } else {
                self.next_report(None)?
            };
            if let Some(result) = self.serve(report) {
                return Some(result);
            }
        }
        if let Some(result) = self.written() {
            return Some(result);
        }
        if self.follower.has_reports() {
            self.follower.renotify();
        }
        None
    }

    fn serve(&mut self, report: Report) -> Option<Result<Ended>> {
        match report {
            Report::Done(Ok(outcome)) => {
                self.outcome = Some(outcome);
                self.written()
            }
            Report::Done(Err(error)) => Some(self.end.judge(Err(error))),
            report => {
                self.end.serve(report, &self.follower);
                None
            }
        }
    }

    /// The result, once the session has ended well and the sink has everything.
    fn written(&mut self) -> Option<Result<Ended>> {
        if !self.end.is_written() {
            return None;
        }
        let outcome = self.outcome.take()?;
        Some(self.end.finish(outcome))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{self, Write};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use crate::driver::local::Sink;
    use crate::driver::mailbox::{Sender, mailbox};
    use crate::{Config, Modem};

    /// A sink that is slower than the modem: with each part that it takes, the next one comes.
    struct Slow {
        taken: Arc<AtomicUsize>,
        next: Arc<Mutex<Option<Sender<Report>>>>,
        /// How many parts it takes before it has no room.
        room: Arc<AtomicUsize>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.room.load(Ordering::SeqCst) == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.room.fetch_sub(1, Ordering::SeqCst);
            self.taken.fetch_add(1, Ordering::SeqCst);
            if let Some(next) = &*self.next.lock().unwrap() {
                next.send(Report::Payload(b"part".to_vec())).unwrap();
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Rig {
        modem: Modem,
        here: Here<'static>,
        reports: Sender<Report>,
        taken: Arc<AtomicUsize>,
        next: Arc<Mutex<Option<Sender<Report>>>>,
        room: Arc<AtomicUsize>,
    }

    impl Rig {
        fn new() -> Rig {
            let modem = Modem::new("/dev/null", Config::default()).unwrap();
            modem.notify_fd().unwrap();
            let (reports, receiver) = mailbox();
            let (taken, room) = (Arc::default(), Arc::new(AtomicUsize::new(usize::MAX)));
            let next = Arc::new(Mutex::new(Some(reports.clone())));
            let slow = Slow {
                taken: Arc::clone(&taken),
                next: next.clone(),
                room: room.clone(),
            };
            let sink = Sink::writer(slow).open(&Arc::default(), false).unwrap();
            let follower = Follower::of_reports(modem.handle.clone(), receiver);
            Rig {
                here: Here::new(follower, Local::Sink(Some(sink)), None),
                modem,
                reports,
                taken,
                next,
                room,
            }
        }

        /// One turn of an event loop: what the sink took in it, and whether the descriptor asks for another.
        fn turn(&mut self) -> (usize, bool) {
            self.modem.dispatch();
            let before = self.taken.load(Ordering::SeqCst);
            assert!(self.here.poll().is_none());
            let taken = self.taken.load(Ordering::SeqCst) - before;
            let fd = self.modem.notify_fd().unwrap();
            let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
            let ready = poll(&mut fds, Some(&Timespec::default())).unwrap();
            (taken, ready == 1)
        }
    }

    #[test]
    fn a_poll_moves_a_few_buffers_and_asks_for_another() {
        let mut rig = Rig::new();
        assert_eq!(rig.turn(), (0, false));
        rig.reports.send(Report::Payload(b"part".to_vec())).unwrap();
        for _ in 0..10 {
            assert_eq!(rig.turn(), (AT_ONCE, true));
        }
        // The last one.
        *rig.next.lock().unwrap() = None;
        assert_eq!(rig.turn(), (1, false));
    }

    #[test]
    fn what_waited_for_room_goes_a_few_buffers_at_a_time_too() {
        let mut rig = Rig::new();
        *rig.next.lock().unwrap() = None;
        rig.room.store(0, Ordering::SeqCst);
        for _ in 0..AT_ONCE + 1 {
            rig.reports.send(Report::Payload(b"part".to_vec())).unwrap();
        }
        assert_eq!(rig.turn(), (0, true), "one was not looked at yet");
        assert_eq!(
            rig.turn(),
            (0, false),
            "without room there is nothing to do"
        );
        rig.room.store(usize::MAX, Ordering::SeqCst);
        assert_eq!(rig.turn(), (AT_ONCE, true));
        assert_eq!(rig.turn(), (1, false));
    }

    #[test]
    fn a_wait_ends_in_time_though_there_is_always_more() {
        let mut rig = Rig::new();
        rig.reports.send(Report::Payload(b"part".to_vec())).unwrap();
        assert!(rig.here.follow(Some(Instant::now())).is_none());
        assert_eq!(rig.taken.load(Ordering::SeqCst), AT_ONCE);
    }
}
