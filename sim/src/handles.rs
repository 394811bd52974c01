//! The table of all handles of this process.

// The table is reached through an atomic pointer, so that a forked child can have one of its own.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nlftp_vmodem::SimulatorSettings;

use crate::error::Failure;
use crate::sim::Running;

/// What a handle stands for.
#[derive(Clone)]
pub(crate) enum Entry {
    Options(Arc<Mutex<SimulatorSettings>>),
    Sim(Arc<Running>),
}

struct Table {
    /// The process that made it. A child's copy of the lock may be held by a thread that the child does not have.
    process: u32,
    entries: Mutex<BTreeMap<usize, Entry>>,
}

static TABLE: AtomicPtr<Table> = AtomicPtr::new(ptr::null_mut());
/// Aligned like an address, for debuggers and other curious people.
const STEP: usize = 16;
static NEXT: AtomicUsize = AtomicUsize::new(STEP);

fn entries() -> MutexGuard<'static, BTreeMap<usize, Entry>> {
    let process = std::process::id();
    let mut found = TABLE.load(Ordering::Acquire);
    loop {
        // SAFETY: NULL, or a table of the lines below, which is never freed.
        match unsafe { found.as_ref() } {
            Some(table) if table.process == process => {
                return table.entries.lock().unwrap_or_else(PoisonError::into_inner);
            }
            _ => {}
        }
        let own = Box::into_raw(Box::new(Table {
            process,
            entries: Mutex::default(),
        }));
        match TABLE.compare_exchange(found, own, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => found = own,
            Err(other) => {
                // SAFETY: from into_raw above, and nobody else has seen it.
                drop(unsafe { Box::from_raw(own) });
                found = other;
            }
        }
    }
}

/// Enters something; the handle is this process's until it is removed.
pub(crate) fn insert<T>(entry: Entry) -> *mut T {
    let number = NEXT.fetch_add(STEP, Ordering::Relaxed);
    entries().insert(number, entry);
    ptr::without_provenance_mut(number)
}

fn gone(name: &str) -> Failure {
    Failure::closed(format!(
        "{name} was stopped or freed before, or belongs to another process"
    ))
}

fn number<T>(name: &str, handle: *const T) -> Result<usize, Failure> {
    if handle.is_null() {
        return Err(Failure::invalid(format!("{name} is NULL")));
    }
    Ok(handle.addr())
}

/// The options behind a handle.
pub(crate) fn options<T>(
    name: &str,
    handle: *const T,
) -> Result<Arc<Mutex<SimulatorSettings>>, Failure> {
    match entries().get(&number(name, handle)?) {
        Some(Entry::Options(settings)) => Ok(Arc::clone(settings)),
        _ => Err(gone(name)),
    }
}

/// The virtual modem behind a handle.
pub(crate) fn sim<T>(handle: *const T) -> Result<Arc<Running>, Failure> {
    match entries().get(&number("sim", handle)?) {
        Some(Entry::Sim(running)) => Ok(Arc::clone(running)),
        _ => Err(gone("sim")),
    }
}

/// Takes options out of the table.
pub(crate) fn remove_options<T>(handle: *const T) -> Result<(), Failure> {
    options("options", handle)?;
    match entries().remove(&handle.addr()) {
        Some(_) => Ok(()),
        None => Err(gone("options")),
    }
}

/// Takes a virtual modem out of the table.
pub(crate) fn remove_sim<T>(handle: *const T) -> Result<Arc<Running>, Failure> {
    sim(handle)?;
    match entries().remove(&handle.addr()) {
        Some(Entry::Sim(running)) => Ok(running),
        _ => Err(gone("sim")),
    }
}
