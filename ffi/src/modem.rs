//! The modem: its handle, what it shares with its operations, and what it tells at once.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use crate::argument::{Arg, arg};
use crate::callback;
use crate::config::nlftp_config;
use crate::dispatch::Callbacks;
use crate::entries::Iteration;
use crate::enums::{State, nlftp_state};
use crate::error::{Failure, Outcome};
use crate::guard::{Scope, guard};
use crate::handle::{self, Kept, Opaque, hold, lock};
use crate::lines::nlftp_lines;
use crate::operation::Op;
use crate::process;
use crate::status::Status;
use crate::text::Text;

/// A module on a serial port, and its one FTP connection.
///
/// A thread of the library's owns the port. Calls may come from any number of threads; the modem does
/// one thing after the other, in the order in which they were started.
pub struct nlftp_modem {
    _private: [u8; 0],
}

impl Opaque for nlftp_modem {
    const NAME: &'static str = "nlftp_modem";
    type Body = Arc<Modem>;
}

/// What is behind the handle. Operations know it weakly: they may be freed after it.
pub(crate) struct Modem {
    pub(crate) driver: nlftp_core::Modem,
    pub(crate) ftp: nlftp_core::Ftp,
    pub(crate) canceller: nlftp_core::Canceller,
    pub(crate) callbacks: Callbacks,
    path: Text,
    /// Those whose end C does not know yet.
    ops: Mutex<Vec<Arc<Op>>>,
    iterations: Mutex<Vec<Weak<Iteration>>>,
    /// How many operations have ended.
    ends: AtomicU64,
    /// A close closed the port, and C knows that it has ended.
    closed: AtomicBool,
    close_freed: AtomicBool,
    process: u32,
}

impl Modem {
    fn new(config: Arg<*const nlftp_config>, scope: &Scope) -> Outcome<Arc<Modem>> {
        let settings = hold(scope.get(config)?, config.name())?.clone();
        let driver = nlftp_core::Modem::new(&settings.port, settings.config)?;
        Ok(Arc::new(Modem {
            ftp: driver.connection(),
            canceller: driver.canceller(),
            driver,
            callbacks: Callbacks::default(),
            path: Text::new(settings.port.as_os_str().as_bytes()),
            ops: Mutex::default(),
            iterations: Mutex::default(),
            ends: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            close_freed: AtomicBool::new(false),
            process: process::current(),
        }))
    }

    /// The modem that an argument is: not a forked child's copy.
    pub(crate) fn of(scope: &Scope, modem: Arg<*const nlftp_modem>) -> Outcome<Arc<Modem>> {
        let found = scope.get(modem)?;
        if found.is_forked() {
            return Err(Failure::closed(format!(
                "{} belongs to the process that this one was forked from: open it anew here",
                modem.name()
            )));
        }
        Ok(found.clone())
    }

    /// The same, and not closed either.
    pub(crate) fn open(scope: &Scope, modem: Arg<*const nlftp_modem>) -> Outcome<Arc<Modem>> {
        let found = Modem::of(scope, modem)?;
        if found.is_closed() {
            return Err(found.why_closed(modem.name()));
        }
        Ok(found)
    }

    pub(crate) fn why_closed(&self, name: &str) -> Failure {
        Failure::closed(format!("{name} was closed: free it, and make a new one"))
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
            || (self.close_freed.load(Ordering::SeqCst) && self.driver.is_closed())
    }

    /// A close has ended, in whichever way: one that never had its turn has closed nothing.
    pub(crate) fn close_ended(&self) {
        if self.driver.is_closed() {
            self.closed.store(true, Ordering::SeqCst);
        }
    }

    /// A close was freed: it may be at work still, or never be.
    pub(crate) fn close_freed(&self) {
        self.close_freed.store(true, Ordering::SeqCst);
    }

    /// Whether it is the copy of a forked child. Async-signal-safe.
    pub(crate) fn is_forked(&self) -> bool {
        self.process != process::current()
    }

    /// Follows an operation from now on.
    pub(crate) fn add(&self, op: Arc<Op>) {
        lock(&self.ops).push(op);
        // Should a dispatch of another thread have come between its first event and this.
        self.renotify();
    }

    /// Follows it no longer.
    pub(crate) fn remove(&self, op: &Op) {
        let mut ops = lock(&self.ops);
        let at = ops.iter().position(|known| std::ptr::eq(&**known, op));
        let removed = at.map(|at| ops.remove(at));
        // Should this be its last owner, it goes without the lock.
        drop(ops);
        drop(removed);
    }

    /// Those that are followed.
    pub(crate) fn ops(&self) -> Vec<Arc<Op>> {
        lock(&self.ops).clone()
    }

    /// An iteration that ends with the modem.
    pub(crate) fn add_iteration(&self, iteration: &Arc<Iteration>) {
        let mut iterations = lock(&self.iterations);
        iterations.retain(|known| known.strong_count() > 0);
        iterations.push(Arc::downgrade(iteration));
    }

    pub(crate) fn next_end(&self) -> u64 {
        self.ends.fetch_add(1, Ordering::Relaxed)
    }

    /// There is more to dispatch.
    pub(crate) fn renotify(&self) {
        self.driver.renotify();
    }

    /// Ends whatever C may still have handles of.
    fn let_go(&self) {
        let gone = || Failure::closed("the operation's modem was freed");
        for op in std::mem::take(&mut *lock(&self.ops)) {
            op.end_with(gone());
        }
        let iterations = std::mem::take(&mut *lock(&self.iterations));
        for iteration in iterations.iter().filter_map(Weak::upgrade) {
            iteration.end();
        }
    }
}

/// Makes a modem of settings, which are copied. Nothing is sent, and the port is not opened:
/// nlftp_modem_open() does that. The descriptor of nlftp_modem_fd() is there from now on.
///
/// *modem is the caller's: nlftp_modem_free() frees it. Errors: NLFTP_PORT where the system gives no
/// more threads or descriptors. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_new(
    config: *const nlftp_config,
    modem: *mut *mut nlftp_modem,
) -> Status {
    guard(|scope| {
        let modem = arg!(modem).out()?;
        modem.write(Kept::<nlftp_modem>::new(Modem::new(arg!(config), scope)?).into_raw());
        Ok(())
    })
}

/// Frees a modem. Operations that still run are cancelled; their handles stay, with the status
/// NLFTP_CLOSED. An FTP connection that is open is closed, the module is left in command mode, and the
/// port is closed: blocks for that, at most 10 seconds. When this returns, the library's threads of the
/// modem have ended, and nothing is done any more to files and descriptors, unless the system holds a
/// thread up for longer, as at a FIFO whose other end nobody opens. NULL is nothing, and NLFTP_OK.
///
/// In a callback: NLFTP_WOULD_DEADLOCK, and nothing is freed. In a forked child only the child's memory
/// is given up. Any thread, while no other is in a call with the modem, its operations or its
/// iterations.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_free(modem: *mut nlftp_modem) -> Status {
    guard(|_| {
        let argument = arg!(modem);
        if !argument.is_null() && !handle::check(argument.as_const())?.body().is_forked() {
            callback::may_wait()?;
        }
        let Some(kept) = handle::take(argument)? else {
            return Ok(());
        };
        if kept.body().is_forked() {
            // The locks of the copy may be held by threads that are not here.
            kept.leak();
            return Ok(());
        }
        kept.body().let_go();
        // Whoever may have a part of the modem still: the port and the files are free when this returns.
        kept.body().driver.stop();
        Ok(())
    })
}

/// The path of the modem's port, as it was given. The text is the modem's, and lives as long.
///
/// Errors: NLFTP_CLOSED after the modem was closed. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_path(
    modem: *const nlftp_modem,
    path: *mut *const c_char,
) -> Status {
    guard(|scope| {
        let path = arg!(path).out()?;
        path.write(Modem::open(scope, arg!(modem))?.path.as_ptr());
        Ok(())
    })
}

/// What the modem is doing at this moment.
///
/// Errors: NLFTP_CLOSED after the modem was closed. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_state(modem: *const nlftp_modem, state: *mut State) -> Status {
    guard(|scope| {
        let state = arg!(state).out()?;
        let modem = Modem::open(scope, arg!(modem))?;
        let found = nlftp_state::of(modem.driver.state());
        state.write(found.ok_or_else(Failure::no_value)?.into());
        Ok(())
    })
}

/// What opening the port found that the user should know, a line each; none as a rule.
///
/// *lines is the caller's: nlftp_lines_free() frees it. Errors: NLFTP_CLOSED after the modem was
/// closed. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_warnings(
    modem: *const nlftp_modem,
    lines: *mut *mut nlftp_lines,
) -> Status {
    guard(|scope| {
        let lines = arg!(lines).out()?;
        let modem = Modem::open(scope, arg!(modem))?;
        let warnings = modem
            .driver
            .warnings()
            .into_iter()
            .map(Text::from)
            .collect();
        lines.write(Kept::<nlftp_lines>::new(warnings).into_raw());
        Ok(())
    })
}
