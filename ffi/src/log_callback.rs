//! The program's log callback behind the facade that the driver logs through.

// Functions of C's and calls of the program's.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{c_char, c_void};
use std::ptr;

use log::{LevelFilter, Log, Metadata, Record};

use crate::argument::arg;
use crate::callback::{UserData, nlftp_log_callback};
use crate::enums::{Level, nlftp_log_level};
use crate::error::Failure;
use crate::guard::guard;
use crate::process::PerProcess;
use crate::slot::{Callback, Slot};
use crate::status::{Status, nlftp_status};
use crate::text::Text;

type LogFunction = unsafe extern "C" fn(Level, *const c_char, *mut c_void);

/// Messages of these targets are the library's.
const TARGET: &str = "nlftp";

/// A forked child has none until it sets one.
static CALLBACK: PerProcess<Slot<LogFunction>> = PerProcess::new();

thread_local! {
    static LOGGING: Cell<bool> = const { Cell::new(false) };
}

/// The one logger. It has a size, so that its address is its own.
struct Logger {
    _own: u8,
}

static LOGGER: Logger = Logger { _own: 0 };

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with(TARGET) && metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        let Some(slot) = CALLBACK.find().filter(|_| self.enabled(record.metadata())) else {
            return;
        };
        // What a log callback does may be told again, for ever.
        if LOGGING.replace(true) {
            return;
        }
        struct Leave;
        impl Drop for Leave {
            fn drop(&mut self) {
                LOGGING.set(false);
            }
        }
        let _leave = Leave;
        let Some(level) = nlftp_log_level::of(record.level().to_level_filter()) else {
            return;
        };
        let message = Text::from(record.args().to_string());
        slot.call(|function, user_data| {
            // SAFETY: the program gave this function for such calls.
            unsafe { function(level.into(), message.as_ptr(), user_data.0) }
        });
    }

    fn flush(&self) {}
}

/// Whether messages of this process come here.
fn install() -> bool {
    // Whoever is first stays.
    let _ = log::set_logger(&LOGGER);
    ptr::addr_eq(log::logger(), &LOGGER)
}

/// Sets the callback for messages of the library, up to a level, in place of the one before; NULL
/// removes it. There is one for the process. A forked child has none until it sets its own.
///
/// The callback runs on whichever thread has something to tell, the library's own among them, perhaps
/// on several at once. What waits is NLFTP_WOULD_DEADLOCK in it. Secrets are masked in messages.
///
/// When this returns, the callback before does not run any more; for that it waits for a call of it
/// that goes on, unless it is called in a callback itself.
///
/// Errors: NLFTP_INVALID_ARGUMENT for a level that is none; NLFTP_BUSY where the program is written in
/// Rust, and logs into something else. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_set_log_callback(
    max_level: Level,
    callback: nlftp_log_callback,
    user_data: *mut c_void,
) -> Status {
    guard(|_| {
        let level = max_level.get("max_level")?;
        let Ok(function) = arg!(callback).function() else {
            if let Some(slot) = CALLBACK.find() {
                log::set_max_level(LevelFilter::Off);
                slot.set(None);
            }
            return Ok(());
        };
        if !install() {
            return Err(Failure::new(
                nlftp_status::NLFTP_BUSY,
                "the messages of this process go to a logger of the program's own",
            ));
        }
        CALLBACK.get().set(Some(Callback {
            function,
            user_data: UserData(user_data),
        }));
        log::set_max_level(level);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callback;
    use std::ffi::CStr;
    use std::sync::Mutex;

    type Heard = Mutex<Vec<(i32, String, bool)>>;

    unsafe extern "C" fn hear(level: Level, message: *const c_char, user_data: *mut c_void) {
        // SAFETY: the text and the user data of the test below.
        let (message, heard) = unsafe { (CStr::from_ptr(message), &*user_data.cast::<Heard>()) };
        log::error!(target: TARGET, "told by the callback");
        let message = message.to_str().unwrap().to_owned();
        heard
            .lock()
            .unwrap()
            .push((level.0, message, callback::is_inside()));
    }

    #[test]
    fn messages_reach_the_callback_until_it_is_removed() {
        let heard = Heard::default();
        let user_data = ptr::from_ref(&heard).cast_mut().cast();
        // SAFETY: the callback and its data outlive its removal at the end.
        unsafe {
            assert_eq!(nlftp_set_log_callback(Level(6), Some(hear), user_data).0, 2);
            assert_eq!(nlftp_set_log_callback(Level(3), Some(hear), user_data).0, 0);
        }
        // Other tests of this process may log at the same time: only what is said here counts.
        log::info!(target: TARGET, "log test: one\0two");
        log::debug!(target: TARGET, "log test: too fine");
        log::error!(target: "other", "log test: of another library");
        log::warn!(target: "nlftp::part", "log test: careful");
        // SAFETY: NULL is allowed.
        unsafe { assert_eq!(nlftp_set_log_callback(Level(3), None, ptr::null_mut()).0, 0) };
        log::error!(target: TARGET, "log test: to nobody");
        let heard: Vec<_> = heard.into_inner().unwrap();
        let said = |text: &str| text.starts_with("log test") || text.starts_with("told by");
        let heard: Vec<_> = heard
            .into_iter()
            .filter(|(_, text, _)| said(text))
            .collect();
        let expected = [
            (3, "log test: one?two", true),
            (2, "log test: careful", true),
        ];
        assert_eq!(
            heard,
            expected.map(|(level, text, inside)| (level, text.to_owned(), inside))
        );
    }
}
