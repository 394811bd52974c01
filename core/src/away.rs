//! A transfer whose file another thread opens, reads, writes and syncs, while an event loop follows.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::config::{OnProgress, Progress};
use crate::driver::events::in_callback;
use crate::driver::gate::Gate;
use crate::driver::worker::Control;
use crate::error::{Error, ErrorKind, Result};
use crate::follower::{Follower, OperationCanceller};
use crate::handle::{Handle, User};
use crate::here::Here;
use crate::local_end::Ended;

/// Opens the file, on the thread for files.
pub(crate) type Open =
    Box<dyn FnOnce(Follower, Option<OnProgress<'static>>) -> Result<Here<'static>> + Send>;

/// What the thread with the file has to tell.
#[derive(Default)]
struct Notes {
    /// Something for the modem's callbacks.
    look: bool,
    progress: Option<Progress>,
    done: Option<Result<Ended>>,
    /// The thread is through with this operation, whatever became of it.
    gone: bool,
}

/// The place where it tells it.
#[derive(Default)]
struct Board {
    notes: Mutex<Notes>,
    changed: Condvar,
}

impl Board {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way from the thread with the file to whoever follows.
struct Teller {
    handle: Arc<Handle>,
    board: Arc<Board>,
}

impl Teller {
    fn tell(&self, change: impl FnOnce(&mut Notes)) {
        change(&mut self.board.notes());
        self.board.changed.notify_all();
        self.handle.events.notifier.notify();
    }
}

/// Whoever follows must not wait for a job that a panic has ended.
struct TellGone(Teller);

impl Drop for TellGone {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.handle.poison();
        }
        self.0.tell(|notes| notes.gone = true);
    }
}

pub(crate) struct Away<'a> {
    handle: Arc<Handle>,
    board: Arc<Board>,
    progress: Option<OnProgress<'a>>,
    canceller: OperationCanceller,
    ended: bool,
    /// The last part to go, as it may close the modem. The job has none: it keeps no modem open.
    _user: Option<User>,
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        // The other thread would not notice.
        if !self.ended {
            self.canceller.cancel();
        }
    }
}

impl<'a> Away<'a> {
    /// `open` runs on the modem's thread for files, once everything before is through; then the gate is opened.
    pub(crate) fn start(
        mut follower: Follower,
        gate: Arc<Gate>,
        progress: Option<OnProgress<'a>>,
        open: Open,
    ) -> Result<Away<'a>> {
        let handle = follower.handle().clone();
        let board = Arc::<Board>::default();
        let teller = || Teller {
            handle: handle.clone(),
            board: board.clone(),
        };
        let on_progress = progress.is_some().then(|| {
            let teller = teller();
            // One that nobody has looked at yet is replaced.
            Box::new(move |progress| teller.tell(|notes| notes.progress = Some(progress)))
        });
        let gone = TellGone(teller());
        let canceller = follower.canceller();
        let user = follower.take_user();
        let cancel = follower.cancel_flag();
        follower.leave_callbacks();
        let job = move || {
            let teller = &gone.0;
            let on_progress = on_progress.map(|tell| tell as OnProgress<'static>);
            let result = open(follower, on_progress).and_then(|mut here| {
                gate.open();
                teller.handle.send(Control::Look);
                here.follow_away(&|| teller.tell(|notes| notes.look = true))
            });
            teller.tell(|notes| notes.done = Some(result));
        };
        handle.files.run(cancel, job).map_err(|error| {
            Error::new(
                ErrorKind::LocalFile,
                format!("the system gives no more threads: {error}"),
            )
            .caused_by(error)
        })?;
        Ok(Away {
            handle,
            board,
            progress,
            canceller,
            ended: false,
            _user: user,
        })
    }
}

impl Away<'_> {
    /// Waits until the operation has ended, or until `until`; progress and the modem's callbacks run meanwhile.
    pub(crate) fn follow(&mut self, until: Option<Instant>) -> Option<Result<Ended>> {
        loop {
            self.handle.dispatch();
            if let Some(result) = self.poll() {
                return Some(result);
            }
            let mut notes = self.board.notes();
            while !notes.look && notes.progress.is_none() && !notes.gone && notes.done.is_none() {
                let left = until.map(|until| until.saturating_duration_since(Instant::now()));
                notes = match left {
                    Some(Duration::ZERO) => return None,
                    Some(left) => {
                        let waited = self.board.changed.wait_timeout(notes, left);
                        waited.unwrap_or_else(PoisonError::into_inner).0
                    }
                    None => {
                        let waited = self.board.changed.wait(notes);
                        waited.unwrap_or_else(PoisonError::into_inner)
                    }
                };
            }
            notes.look = false;
        }
    }

    /// What can be done without waiting, and without the modem's callbacks.
    pub(crate) fn poll(&mut self) -> Option<Result<Ended>> {
        if self.handle.is_forked() {
            self.ended = true;
            return Some(Err(self.handle.why_dead()));
        }
        let (progress, done, gone) = {
            let mut notes = self.board.notes();
            (notes.progress.take(), notes.done.take(), notes.gone)
        };
        if let (Some(progress), Some(callback)) = (progress, &mut self.progress) {
            in_callback(|| callback(progress));
        }
        let result = match (done, gone) {
            (Some(result), _) => result,
            (None, true) => Err(self.handle.why_dead()),
            (None, false) => return None,
        };
        self.ended = true;
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::follower::Terms;
    use crate::operation::Operation;
    use crate::session::Task;
    use crate::{Config, Modem, ModemState};

    #[test]
    fn a_panic_on_the_thread_for_files_is_told_as_one_and_ends_the_modem() {
        let modem = Modem::new("/dev/null", Config::default()).unwrap();
        let (states, told) = std::sync::mpsc::channel();
        modem.on_state(move |state| states.send(state).unwrap());
        let open: Open = Box::new(|_, _| panic!("a panic that a test asked for"));
        let handle = modem.handle.clone();
        let collect = |_| Ok(());
        let put =
            Operation::start_away(handle, Task::Detach, Terms::default(), None, open, collect);
        assert_eq!(put.unwrap().wait().unwrap_err().kind(), ErrorKind::Panic);
        // Whatever comes later is not served any more.
        for _ in 0..2 {
            let error = modem.command("AT").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Panic, "{error}");
        }
        modem.dispatch();
        assert_eq!(told.try_iter().last(), Some(ModemState::Lost));
        assert_eq!(modem.state(), ModemState::Lost);
    }
}
