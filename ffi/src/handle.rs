//! What a pointer of C's leads to: a mark that says what it is, and the thing itself.

// Handles are given to C as raw pointers and come back as such.
#![allow(unsafe_code)]

use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use crate::argument::Arg;
use crate::error::{Failure, Outcome};
use crate::registry::{self, Known};
use crate::status::nlftp_status;

/// A type that the header names and does not describe.
pub(crate) trait Opaque: Sized + 'static {
    /// The header's name.
    const NAME: &'static str;
    /// What is behind it.
    type Body;
}

/// The types with handles, by which one of another type is told.
const NAMES: &[&str] = &[
    "nlftp_config",
    "nlftp_login",
    "nlftp_transfer_options",
    "nlftp_modem",
    "nlftp_op",
    "nlftp_transfer",
    "nlftp_lines",
    "nlftp_listing",
    "nlftp_entry",
    "nlftp_entries",
    "nlftp_info",
    #[cfg(test)]
    "test",
];

/// The mark of what was freed.
const FREED: u64 = magic("freed");

/// The mark of a type: no two names here share one, and chance does not make it (FNV-1a).
const fn magic(name: &str) -> u64 {
    let octets = name.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < octets.len() {
        hash = (hash ^ octets[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

#[repr(C)]
pub(crate) struct Handle<T: Opaque> {
    /// First in every handle, whatever its type.
    magic: AtomicU64,
    /// Given to C, which frees it; otherwise it is a part of something else.
    owned: AtomicBool,
    /// A bug was stopped in a call with it. Shared with that call, which the handle may not survive.
    poisoned: Arc<AtomicBool>,
    body: ManuallyDrop<T::Body>,
}

impl<T: Opaque> Handle<T> {
    const MAGIC: u64 = magic(T::NAME);

    pub(crate) fn poisoned(&self) -> &Arc<AtomicBool> {
        &self.poisoned
    }

    pub(crate) fn body(&self) -> &T::Body {
        &self.body
    }
}

/// A handle that is the library's own, and freed when dropped.
pub(crate) struct Kept<T: Opaque>(NonNull<Handle<T>>);

// SAFETY: owner of one allocation with the body, the marks around it being atomics.
unsafe impl<T: Opaque> Send for Kept<T> where T::Body: Send {}
// SAFETY: gives out shared references alone.
unsafe impl<T: Opaque> Sync for Kept<T> where T::Body: Sync {}

impl<T: Opaque> Kept<T> {
    pub(crate) fn new(body: T::Body) -> Kept<T> {
        let handle = Box::new(Handle::<T> {
            magic: AtomicU64::new(Handle::<T>::MAGIC),
            owned: AtomicBool::new(false),
            poisoned: Arc::default(),
            body: ManuallyDrop::new(body),
        });
        let handle = NonNull::from(Box::leak(handle));
        registry::enter(handle.addr().get(), T::NAME);
        Kept(handle)
    }

    fn handle(&self) -> &Handle<T> {
        // SAFETY: from `Box::leak`, and freed by `drop` alone.
        unsafe { self.0.as_ref() }
    }

    pub(crate) fn body(&self) -> &T::Body {
        self.handle().body()
    }

    /// For C to read, as long as this is kept.
    pub(crate) fn as_ptr(&self) -> *const T {
        self.0.as_ptr().cast_const().cast()
    }

    /// For C to keep until it frees it.
    pub(crate) fn into_raw(self) -> *mut T {
        self.handle().owned.store(true, Ordering::Relaxed);
        ManuallyDrop::new(self).0.as_ptr().cast()
    }

    /// Puts something else behind the same address, for results that are valid until the next one.
    pub(crate) fn replace(&mut self, body: T::Body) {
        // SAFETY: as for `handle`; who still reads what was there breaks the header's rule for it.
        let handle = unsafe { self.0.as_mut() };
        drop(std::mem::replace(&mut *handle.body, body));
    }

    /// Leaves it as it is, for ever.
    pub(crate) fn leak(self) {
        std::mem::forget(self);
    }
}

impl<T: Opaque> Drop for Kept<T> {
    fn drop(&mut self) {
        self.handle().magic.store(FREED, Ordering::Release);
        let handle = self.0.as_ptr();
        let address = self.0.addr().get();
        // SAFETY: from `Box::leak`, dropped once: the mark says so to whoever comes later, and nothing else is looked
        // at behind that mark.
        unsafe {
            ManuallyDrop::drop(&mut (*handle).body);
            if registry::leave(address, address, T::NAME) {
                ptr::drop_in_place(&raw mut (*handle).poisoned);
                // What is kept must not hide from leak checkers what it once owned.
                (&raw mut (*handle).body).write_bytes(0, 1);
                (&raw mut (*handle).poisoned).write_bytes(0, 1);
            } else {
                drop(Box::from_raw(handle));
            }
        }
    }
}

/// The handle that an argument is.
pub(crate) fn check<'a, T: Opaque>(argument: Arg<*const T>) -> Outcome<&'a Handle<T>> {
    let handle = argument.present()?.cast::<Handle<T>>();
    if !handle.is_aligned() {
        return Err(not_one(argument.name()));
    }
    check_mark(handle.cast(), argument.name(), T::NAME)?;
    // SAFETY: the mark says that it is a handle of this type.
    Ok(unsafe { &*handle })
}

/// Whether what is at an address is a handle of the type of that name.
fn check_mark(mark: *const AtomicU64, name: &str, wanted: &str) -> Outcome {
    match registry::look(mark.addr()) {
        Known::Live(kind) | Known::Freed(kind) if kind != wanted => {
            return Err(other(name, kind, wanted));
        }
        Known::Freed(_) => return Err(registry::freed(name)),
        Known::Nothing => return Err(not_one(name)),
        Known::Live(_) | Known::Unknown => {}
    }
    // SAFETY: a handle of some type, which begins with a mark: the registry knows it, or, without one, the caller keeps
    // to the header's rules.
    match unsafe { (*mark).load(Ordering::Acquire) } {
        mark if mark == magic(wanted) => Ok(()),
        FREED => Err(registry::freed(name)),
        mark => match NAMES.iter().find(|name| magic(name) == mark) {
            Some(kind) => Err(other(name, kind, wanted)),
            None => Err(not_one(name)),
        },
    }
}

fn a_part(name: &str) -> Failure {
    Failure::invalid(format!(
        "{name} is a part of what it came from, and is freed with that"
    ))
}

fn not_one(name: &str) -> Failure {
    Failure::invalid(format!("{name} is no handle of this library"))
}

fn other(name: &str, kind: &str, wanted: &str) -> Failure {
    Failure::invalid(format!("{name} is a {kind}, not a {wanted}"))
}

/// The handle that an argument is, without a lock, an allocation or words: for signal handlers.
pub(crate) fn peek<'a, T: Opaque>(argument: Arg<*mut T>) -> Result<&'a Handle<T>, nlftp_status> {
    let handle = argument.pointer().cast_const().cast::<Handle<T>>();
    if handle.is_null() || !handle.is_aligned() {
        return Err(nlftp_status::NLFTP_INVALID_ARGUMENT);
    }
    // SAFETY: a handle of some type by the header's rules, or one that was freed: debug builds keep its memory.
    match unsafe { (*handle).magic.load(Ordering::Acquire) } {
        // SAFETY: the mark says that it is one of this type.
        mark if mark == Handle::<T>::MAGIC => Ok(unsafe { &*handle }),
        FREED => Err(nlftp_status::NLFTP_CLOSED),
        _ => Err(nlftp_status::NLFTP_INVALID_ARGUMENT),
    }
}

/// Takes a handle back from C, to be freed; `None` for NULL.
pub(crate) fn take<T: Opaque>(argument: Arg<*mut T>) -> Outcome<Option<Kept<T>>> {
    if argument.is_null() {
        return Ok(None);
    }
    let handle = check(argument.as_const())?;
    if !handle.owned.load(Ordering::Relaxed) {
        return Err(a_part(argument.name()));
    }
    let live = Handle::<T>::MAGIC;
    // Of two threads that free it, one comes too late.
    if handle
        .magic
        .compare_exchange(live, FREED, Ordering::AcqRel, Ordering::Acquire)
        .is_err()
    {
        return Err(registry::freed(argument.name()));
    }
    // The argument's own pointer: what is made of a reference may not be freed.
    Ok(NonNull::new(argument.pointer().cast()).map(Kept))
}

/// What is set by one thread at a time: a second one is told, and never waits.
pub(crate) fn hold<'a, T>(what: &'a Mutex<T>, name: &str) -> Outcome<MutexGuard<'a, T>> {
    match what.try_lock() {
        Ok(held) => Ok(held),
        // Whatever panicked has poisoned the handle: only to be freed it is looked at again.
        Err(TryLockError::Poisoned(held)) => Ok(held.into_inner()),
        Err(TryLockError::WouldBlock) => Err(Failure::new(
            nlftp_status::NLFTP_BUSY,
            format!("{name} is used by another call at this moment"),
        )),
    }
}

/// Locks what no callback runs under: a panic leaves it whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::argument::arg;
    use crate::config::nlftp_config;

    /// A type of the tests' own.
    pub(crate) struct Test;

    impl Opaque for Test {
        const NAME: &'static str = "test";
        type Body = Arc<Mutex<u32>>;
    }

    fn message<T>(outcome: Outcome<T>) -> (i32, String) {
        let failure = outcome.err().unwrap();
        (failure.status as i32, failure.message.clone())
    }

    #[test]
    fn a_handle_is_known_by_its_mark() {
        let body = Arc::new(Mutex::new(7));
        let test = Kept::<Test>::new(body.clone()).into_raw();
        let found = check(arg!(test).as_const()).ok().unwrap();
        assert_eq!(*found.body().lock().unwrap(), 7);
        let config: *mut nlftp_config = test.cast();
        assert_eq!(
            message(check(arg!(config).as_const())),
            (2, "config is a test, not a nlftp_config".to_owned())
        );
        assert_eq!(peek(arg!(config)).err().unwrap() as i32, 2);
        drop(take(arg!(test)));
        assert_eq!(
            Arc::strong_count(&body),
            1,
            "the body goes even where its place is kept"
        );
    }

    #[test]
    fn what_is_no_handle_is_refused() {
        let mut memory = [0u64; 64];
        let test: *mut Test = memory.as_mut_ptr().cast();
        assert_eq!(
            message(check(arg!(test).as_const())),
            (2, "test is no handle of this library".to_owned())
        );
        let test: *mut Test = memory.as_mut_ptr().wrapping_byte_add(1).cast();
        assert_eq!(message(check(arg!(test).as_const())).0, 2);
        let test: *mut Test = std::ptr::null_mut();
        assert_eq!(
            message(check(arg!(test).as_const())),
            (2, "test is NULL".to_owned())
        );
        assert!(take(arg!(test)).ok().unwrap().is_none());
    }

    #[test]
    fn a_part_of_something_is_not_freed_alone() {
        let whole = Kept::<Test>::new(Arc::default());
        let test = whole.as_ptr().cast_mut();
        let (status, words) = message(take(arg!(test)));
        assert_eq!(status, 2);
        assert!(words.contains("a part of what it came from"), "{words}");
        assert!(check(arg!(test).as_const()).is_ok());
    }

    #[cfg(debug_assertions)]
    #[test]
    fn use_after_free_and_double_free_are_told() {
        let test = Kept::<Test>::new(Arc::default()).into_raw();
        drop(take(arg!(test)).ok().unwrap());
        let told = (11, "test was freed already".to_owned());
        assert_eq!(message(check(arg!(test).as_const())), told);
        assert_eq!(message(take(arg!(test))), told);
        assert_eq!(peek(arg!(test)).err().unwrap() as i32, 11);
        let other = Kept::<Test>::new(Arc::default());
        assert_ne!(
            other.as_ptr(),
            test.cast_const(),
            "the address does not come back"
        );
    }

    #[test]
    fn what_another_thread_holds_is_busy() {
        let mutex = Mutex::new(1);
        let held = hold(&mutex, "config").ok().unwrap();
        assert_eq!(message(hold(&mutex, "config")).0, 8);
        drop(held);
        assert!(hold(&mutex, "config").is_ok());
    }

    #[test]
    fn no_two_types_share_a_mark() {
        let mut marks: Vec<u64> = NAMES.iter().map(|name| magic(name)).collect();
        marks.push(FREED);
        marks.sort_unstable();
        marks.dedup();
        assert_eq!(marks.len(), NAMES.len() + 1);
    }
}
