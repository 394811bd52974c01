//! The boundary: whatever happens in the library, C gets a status.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::argument::Arg;
use crate::error::{Failure, Outcome};
use crate::handle::{self, Opaque};
use crate::last_error;
use crate::status::{Status, nlftp_status};

/// What a call has to do with, should it panic.
#[derive(Default)]
pub(crate) struct Scope {
    concerned: RefCell<Option<Arc<AtomicBool>>>,
}

impl Scope {
    /// What is behind a handle. The first one that a call asks for is the one that a panic makes useless.
    pub(crate) fn get<'a, T: Opaque>(&self, argument: Arg<*const T>) -> Outcome<&'a T::Body> {
        let handle = handle::check(argument)?;
        self.concern(handle.poisoned(), argument.name())?;
        Ok(handle.body())
    }

    fn concern(&self, poisoned: &Arc<AtomicBool>, name: &str) -> Outcome {
        if poisoned.load(Ordering::Acquire) {
            return Err(Failure::panic(format!(
                "{name} is of no more use but to be freed: a bug of the library was stopped in a call with it"
            )));
        }
        let mut concerned = self.concerned.borrow_mut();
        concerned.get_or_insert_with(|| poisoned.clone());
        Ok(())
    }
}

/// Runs the body of a function of C's.
pub(crate) fn guard(body: impl FnOnce(&Scope) -> Outcome) -> Status {
    let mut body = Some(body);
    run(&mut |scope| body.take().map_or(Ok(()), |body| body(scope)))
}

/// The same, once for all bodies: there are many.
#[inline(never)]
fn run(body: &mut dyn FnMut(&Scope) -> Outcome) -> Status {
    let scope = Scope::default();
    // What a panic leaves half done is behind a handle that no call uses again.
    match catch_unwind(AssertUnwindSafe(|| body(&scope))) {
        Ok(Ok(())) => nlftp_status::NLFTP_OK.into(),
        Ok(Err(failure)) => last_error::keep(failure),
        Err(panic) => {
            if let Some(poisoned) = scope.concerned.into_inner() {
                poisoned.store(true, Ordering::Release);
            }
            last_error::keep(stopped(&*panic))
        }
    }
}

/// The failure of a call that panicked.
pub(crate) fn stopped(panic: &(dyn Any + Send)) -> Failure {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let failure = Failure::panic(format!(
        "a bug of the library was stopped, please report it: {}",
        text.unwrap_or("it gave no reason")
    ));
    log::error!(target: "nlftp", "{}", failure.message);
    failure
}

#[cfg(test)]
// Arguments as C gives them.
#[allow(unsafe_code)]
mod tests {
    use super::*;
    use crate::argument::arg;
    use crate::handle::Kept;
    use crate::handle::tests::Test;
    use crate::last_error::nlftp_last_error;
    use std::ffi::CStr;

    fn sentence() -> String {
        // SAFETY: the text lives until this thread fails again.
        let text = unsafe { CStr::from_ptr(nlftp_last_error()) };
        text.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_panic_is_a_status_and_poisons_the_first_handle_alone() {
        let (first, second) = (
            Kept::<Test>::new(Arc::default()),
            Kept::<Test>::new(Arc::default()),
        );
        let (test, other) = (first.into_raw(), second.into_raw());
        let get = |scope: &Scope, test: *mut Test| scope.get(arg!(test).as_const()).map(|_| ());
        let status = guard(|scope| {
            get(scope, test)?;
            get(scope, other)?;
            panic!("the sky fell")
        });
        assert_eq!(status.0, 13);
        assert_eq!(
            sentence(),
            "a bug of the library was stopped, please report it: the sky fell"
        );
        assert_eq!(guard(|scope| get(scope, test)).0, 13);
        assert!(
            sentence().starts_with("test is of no more use"),
            "{}",
            sentence()
        );
        assert_eq!(guard(|scope| get(scope, other)).0, 0);
        for test in [test, other] {
            assert_eq!(
                guard(|_| handle::take(arg!(test)).map(drop)).0,
                0,
                "it can still be freed"
            );
        }
    }

    #[test]
    fn any_panic_is_stopped() {
        assert_eq!(guard(|_| std::panic::panic_any(7)).0, 13);
        assert!(sentence().ends_with("it gave no reason"));
        let numbers: Vec<u32> = Vec::new();
        assert_eq!(
            guard(|_| Err(Failure::invalid(numbers[numbers.len()].to_string()))).0,
            13
        );
        assert!(sentence().contains("index out of bounds"), "{}", sentence());
    }

    #[test]
    fn statuses_pass() {
        assert_eq!(guard(|_| Ok(())).0, 0);
        assert_eq!(guard(|_| Err(Failure::pending())).0, 14);
        assert_eq!(guard(|_| Err(Failure::closed("gone"))).0, 11);
        assert_eq!(sentence(), "gone");
    }
}
