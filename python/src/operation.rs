//! An operation as Python follows it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nlftp_core::{Error, ErrorKind, OperationCanceller};
use pyo3::prelude::*;

use crate::callback;
use crate::detached::Detached;
use crate::error;
use crate::log;
use crate::value::Make;

/// How long a wait lasts until the interpreter gets to see signals: Ctrl-C ends a call within twice of that.
const SLICE: Duration = Duration::from_millis(40);

/// An operation that was started.
#[pyclass(module = "nlftp._nlftp", frozen)]
pub(crate) struct Operation {
    state: Mutex<State>,
    canceller: OperationCanceller,
}

enum State {
    Going(Detached<Box<nlftp_core::Operation<'static, Make>>>),
    Ended(Result<Make, Error>),
    /// Its result was given, or an exception ended it.
    Over,
}

impl State {
    /// Lets the driver do its part; true once there is an end.
    fn follow(
        &mut self,
        follow: impl FnOnce(&mut nlftp_core::Operation<'static, Make>) -> Option<Result<Make, Error>>,
    ) -> bool {
        let State::Going(operation) = self else {
            return true;
        };
        match follow(operation) {
            Some(Err(error)) if error.kind() == ErrorKind::WouldDeadlock => {
                *self = State::Ended(Err(error));
                true
            }
            Some(result) => {
                *self = State::Ended(result);
                true
            }
            None => false,
        }
    }
}

impl Operation {
    pub(crate) fn new<T: 'static>(
        operation: nlftp_core::Operation<'static, T>,
        make: fn(T) -> Make,
    ) -> Operation {
        Operation {
            canceller: operation.canceller(),
            state: Mutex::new(State::Going(Detached::new(Box::new(operation.map(make))))),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what is there; the operation is dropped without the interpreter, as that may write to files.
    fn finish(&self, py: Python<'_>) -> State {
        py.detach(|| std::mem::replace(&mut *self.lock(), State::Over))
    }

    /// An exception of the program's, or Ctrl-C, ends the call at once: the modem recovers behind it.
    fn interrupted(&self, py: Python<'_>, raised: PyErr) -> PyErr {
        self.canceller.cancel();
        py.detach(|| drop(std::mem::replace(&mut *self.lock(), State::Over)));
        raised
    }

    /// What has to be looked at whenever the driver comes back.
    fn look(&self, py: Python<'_>) -> PyResult<()> {
        if let Some(raised) = callback::take_raised() {
            return Err(self.interrupted(py, raised));
        }
        log::deliver(py)
            .and_then(|()| py.check_signals())
            .map_err(|raised| self.interrupted(py, raised))
    }
}

#[pymethods]
impl Operation {
    /// Waits until it has ended; its result.
    fn wait(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        while !py.detach(|| {
            self.lock()
                .follow(|operation| operation.wait_timeout(SLICE))
        }) {
            self.look(py)?;
        }
        self.look(py)?;
        self.result(py)
    }

    /// Waits for at most this long; whether it has ended.
    fn wait_timeout(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let limit = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
        let until = Instant::now().checked_add(limit);
        loop {
            let left = until.map_or(SLICE, |until| {
                until.saturating_duration_since(Instant::now())
            });
            let ended = py.detach(|| {
                self.lock()
                    .follow(|operation| operation.wait_timeout(left.min(SLICE)))
            });
            self.look(py)?;
            if ended || left.is_zero() {
                return Ok(ended);
            }
        }
    }

    /// Does what can be done at once; whether it has ended.
    fn poll(&self, py: Python<'_>) -> PyResult<bool> {
        let ended = py.detach(|| self.lock().follow(nlftp_core::Operation::poll));
        self.look(py)?;
        Ok(ended)
    }

    /// The result of one that has ended, once.
    fn result(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self.finish(py) {
            State::Ended(Ok(make)) => make(py),
            State::Ended(Err(error)) => Err(error::exception(py, &error)),
            State::Going(operation) => {
                py.detach(|| *self.lock() = State::Going(operation));
                Err(error::plain(
                    py,
                    ErrorKind::Busy,
                    "the operation has not ended: wait for it",
                ))
            }
            State::Over => Err(error::plain(
                py,
                ErrorKind::InvalidArgument,
                "the operation was collected already, or ended by an exception",
            )),
        }
    }

    /// Asks it to end, from any thread; whoever waits for it gets Cancelled.
    fn cancel(&self) {
        self.canceller.cancel();
    }

    /// Ends it without a result, and lets go of its file.
    fn abandon(&self, py: Python<'_>) {
        self.canceller.cancel();
        drop(self.finish(py));
    }
}
