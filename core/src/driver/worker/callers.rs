//! What callers want of the worker: operations that begin in their order, and cancels.

use std::time::Instant;

use super::{BUFFERS, Control, Held, Report, Running, Served, Worker};
use crate::error::{Error, ErrorKind};
use crate::session::{Request, Task};

impl Worker {
    pub(super) fn take_control(&mut self) {
        // First, as what was started is behind what was served before.
        self.take_served();
        while let Ok(control) = self.queues.control.try_recv() {
            match control {
                // The modem is being closed: dropping it tells its caller.
                Control::Start(_) if self.closing.is_some() => {}
                Control::Start(start) => {
                    let until = start.limit.map(|limit| self.now().saturating_add(limit));
                    self.held.push_back(Held { start, until });
                }
                Control::Look => {}
                Control::Unasked => self.report(Report::Look),
                Control::Resume(id) => self.report_to(id, Report::Look),
                #[cfg(test)]
                #[allow(clippy::panic)]
                Control::Panic => panic!("a panic that a test asked for"),
                Control::Stop if self.closing.is_some() => {}
                Control::Stop => {
                    self.closing = Some(Instant::now());
                    self.held.clear();
                    let why = Error::new(ErrorKind::Cancelled, "the modem was closed");
                    self.session.abort(None, why);
                    self.session.request(Request {
                        id: 0,
                        task: Task::Logout,
                        limit: None,
                        cancelled: false,
                    });
                }
            }
        }
        if let Some(up_to) = self.waker.take_cancel() {
            self.cancel(up_to);
        }
    }

    fn take_served(&mut self) {
        while let Ok(served) = self.queues.served.try_recv() {
            match served {
                Served::Local { id, answer } => {
                    if self.running.first().is_some_and(|running| running.id == id) {
                        self.session.local_done(answer);
                    }
                }
                Served::Filled { id, part } => {
                    if self.running.first().is_some_and(|running| running.id == id) {
                        self.session.supply(part);
                    }
                }
                Served::Written { id, mut part } => {
                    if let Some(running) = self.running.iter_mut().find(|running| running.id == id)
                    {
                        running.outstanding -= 1;
                        running.spilled -= part.len();
                    }
                    part.clear();
                    if self.pool.len() < BUFFERS {
                        self.pool.push(part);
                    }
                }
            }
        }
    }

    /// Cancels the operations whose flag is up, and the one that runs if its number is not above `up_to`.
    pub(super) fn cancel(&mut self, up_to: u64) {
        // One whose file is being opened runs, for its caller.
        if let (true, Some(held)) = (self.running.is_empty(), self.held.front())
            && held.start.id <= up_to
        {
            held.start.cancel.raise();
        }
        for (at, running) in self.running.iter().enumerate() {
            let asked = running.cancel.is_raised() || (at == 0 && running.id <= up_to);
            if !asked {
                continue;
            }
            // The first one may wait too, for the recovery behind the one before.
            let waits = self.session.cancel_waiting(running.id);
            if at == 0 && !waits {
                let why = Error::new(ErrorKind::Cancelled, "cancelled by the caller");
                self.session.abort(Some(running.id), why);
            }
        }
    }

    /// Hands the session what waits behind no closed gate any more, and ends what need not wait for one.
    pub(super) fn begin_what_may(&mut self) {
        if self.held.is_empty() {
            return;
        }
        // Those first: one that goes may be all that the next one waits behind.
        let now = self.now();
        let events = &self.events;
        self.held.retain(|held| {
            let error = if held.start.cancel.is_raised() {
                Error::new(
                    ErrorKind::Cancelled,
                    "cancelled by the caller before it began",
                )
            } else if held.until.is_some_and(|until| now >= until) {
                Error::busy()
            } else {
                return true;
            };
            let _ = held.start.reports.send(Report::Done(Err(error)));
            events.notifier.notify();
            false
        });
        while self
            .held
            .front()
            .is_some_and(|held| held.start.gate.as_ref().is_none_or(|gate| gate.is_open()))
        {
            if let Some(held) = self.held.pop_front() {
                self.begin(held);
            }
        }
    }

    fn begin(&mut self, held: Held) {
        let start = held.start;
        let is_upload = matches!(start.task, Task::Put(_));
        // It may have been cancelled before it came here.
        let cancelled = start.cancel.is_raised();
        self.running.push(Running {
            id: start.id,
            cancel: start.cancel,
            reports: start.reports,
            is_upload,
            outstanding: 0,
            spilled: 0,
            supplied: false,
        });
        self.session.request(Request {
            id: start.id,
            task: start.task,
            limit: held.until,
            cancelled,
        });
    }
}
