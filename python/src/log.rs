//! The driver's messages on their way to the `logging` module.
//!
//! They wait until a thread of Python's comes by: the driver's own thread never takes part in the interpreter.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use log::{Level, LevelFilter, Log, Metadata, Record};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Messages of these targets are the driver's.
const TARGET: &str = "nlftp";
/// How many may wait; the oldest go first.
const MAX_WAITING: usize = 10_000;

struct Waiting {
    messages: VecDeque<(u8, String)>,
    dropped: u64,
}

static WAITING: Mutex<Waiting> = Mutex::new(Waiting {
    messages: VecDeque::new(),
    dropped: 0,
});
/// Whether anything waits.
static ANY: AtomicBool = AtomicBool::new(false);

struct Logger;

/// The number that the `logging` module has for a level; 5 for what it has none for.
fn number(level: Level) -> u8 {
    match level {
        Level::Error => 40,
        Level::Warn => 30,
        Level::Info => 20,
        Level::Debug => 10,
        Level::Trace => 5,
    }
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with(TARGET) && metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let message = (number(record.level()), record.args().to_string());
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.messages.len() == MAX_WAITING {
            waiting.messages.pop_front();
            waiting.dropped += 1;
        }
        waiting.messages.push_back(message);
        ANY.store(true, Ordering::Release);
    }

    fn flush(&self) {}
}

/// Messages below this number of the `logging` module are not made.
#[pyfunction]
pub(crate) fn set_log_level(level: i64) {
    // The second call finds the logger there.
    let _ = log::set_logger(&Logger);
    log::set_max_level(match level {
        ..=5 => LevelFilter::Trace,
        6..=10 => LevelFilter::Debug,
        11..=20 => LevelFilter::Info,
        21..=30 => LevelFilter::Warn,
        31..=40 => LevelFilter::Error,
        _ => LevelFilter::Off,
    });
}

/// Messages that wait, with their levels; and how many were dropped.
#[pyfunction]
pub(crate) fn take_log() -> (Vec<(u8, String)>, u64) {
    ANY.store(false, Ordering::Release);
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    let messages = waiting.messages.drain(..).collect();
    (messages, std::mem::take(&mut waiting.dropped))
}

static DELIVER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Hands over what waits.
pub(crate) fn deliver(py: Python<'_>) -> PyResult<()> {
    if !ANY.load(Ordering::Acquire) {
        return Ok(());
    }
    let deliver = DELIVER.get_or_try_init(py, || {
        Ok::<_, PyErr>(py.import("nlftp._log")?.getattr("deliver")?.unbind())
    })?;
    deliver.call0(py).map(|_| ())
}
