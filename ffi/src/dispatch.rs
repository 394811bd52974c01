//! The modem in an event loop: its descriptor, its callbacks, and its operations as they end.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use nlftp_core::ModemState;

use crate::argument::arg;
use crate::callback::{self, UserData, nlftp_state_callback, nlftp_urc_callback};
use crate::enums::{State, nlftp_state};
use crate::guard::guard;
use crate::handle::peek;
use crate::modem::{Modem, nlftp_modem};
use crate::op::nlftp_op;
use crate::operation::Op;
use crate::slot::{Callback, Slot};
use crate::status::{Status, nlftp_status};
use crate::text::Text;

type LineFunction = unsafe extern "C" fn(*const c_char, *mut c_void);
type StateFunction = unsafe extern "C" fn(State, *mut c_void);

/// A modem's callbacks.
#[derive(Default)]
pub(crate) struct Callbacks {
    urc: Arc<Slot<LineFunction>>,
    info: Arc<Slot<LineFunction>>,
    state: Arc<Slot<StateFunction>>,
}

/// What the driver calls for a line.
pub(crate) fn for_lines(slot: &Arc<Slot<LineFunction>>) -> impl FnMut(&str) + Send + 'static {
    let slot = slot.clone();
    move |line| {
        let line = Text::new(line.as_bytes());
        slot.call(|function, user_data| {
            // SAFETY: the program gave this function for such calls.
            unsafe { function(line.as_ptr(), user_data.0) }
        });
    }
}

/// What the driver calls for a state.
fn for_states(slot: &Arc<Slot<StateFunction>>) -> impl FnMut(ModemState) + Send + 'static {
    let slot = slot.clone();
    move |state| {
        let Some(state) = nlftp_state::of(state) else {
            return;
        };
        slot.call(|function, user_data| {
            // SAFETY: the program gave this function for such calls.
            unsafe { function(state.into(), user_data.0) }
        });
    }
}

impl Callbacks {
    /// Sets or removes the callback for FTPINFO; what the driver calls for its lines.
    pub(crate) fn set_info(
        &self,
        callback: nlftp_urc_callback,
        user_data: *mut c_void,
    ) -> Option<impl FnMut(&str) + Send + 'static> {
        self.info.set(with(callback, user_data));
        callback.is_some().then(|| for_lines(&self.info))
    }
}

fn with<F>(function: Option<F>, user_data: *mut c_void) -> Option<Callback<F>> {
    function.map(|function| Callback {
        function,
        user_data: UserData(user_data),
    })
}

/// The descriptor for poll, epoll, libuv and the like: readable when nlftp_modem_dispatch() has
/// something to do. It is the modem's, and the same from before the port is opened until the modem is
/// freed, also when the port is lost and opened anew. Only wait for it: never read, write or close it.
///
/// Errors: NLFTP_PORT where the system gives no more descriptors, NLFTP_CLOSED after the modem was
/// closed. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_fd(modem: *mut nlftp_modem, fd: *mut c_int) -> Status {
    guard(|scope| {
        let fd = arg!(fd).out()?;
        let modem = Modem::open(scope, arg!(modem).as_const())?;
        fd.write(modem.driver.notify_fd()?.as_raw_fd());
        Ok(())
    })
}

/// Does what is to be done now, and returns: runs the callbacks for what the modem said, for its states
/// and for progress, and moves the bytes of sources and sinks. Never blocks, but as long as the
/// callbacks do: a few buffers of each operation and the lines that are there, not what comes
/// meanwhile, for which the descriptor is readable again.
///
/// *done is an operation that has ended, of those that were started with op, or NULL; it stays the
/// caller's, who frees it. They come one a call, in the order in which they ended, and each only once;
/// one whose end nlftp_op_wait() told does not come. Call again until *done is NULL. done itself may be
/// NULL: then those that have ended are kept for another call, and the descriptor is readable once more
/// for each.
///
/// In a callback it runs no callbacks, and only hands out. Errors: NLFTP_CLOSED when the modem was
/// closed and nothing is left to be handed out; *done is not written then. Any thread; what another
/// thread serves at this moment is left to that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_dispatch(
    modem: *mut nlftp_modem,
    done: *mut *mut nlftp_op,
) -> Status {
    guard(|scope| {
        let done = arg!(done).optional_out()?;
        let argument = arg!(modem);
        let modem = Modem::of(scope, argument.as_const())?;
        if !callback::is_inside() {
            modem.driver.dispatch();
            for op in modem.ops() {
                op.poll();
            }
        }
        let op = match done {
            Some(_) => modem.take_done(),
            None => {
                modem.announce_done();
                None
            }
        };
        if op.is_none() && modem.is_closed() && modem.ops().is_empty() {
            return Err(modem.why_closed(argument.name()));
        }
        if let Some(done) = done {
            done.write(op.map_or(std::ptr::null_mut(), |op| op.handle()));
        }
        Ok(())
    })
}

impl Modem {
    /// Makes the descriptor readable, which was cleared, for what could be handed out: once for each, as it would be
    /// readable for ever where nobody wants them.
    fn announce_done(&self) {
        let new = self.ops().iter().filter(|op| op.announce()).count();
        if new > 0 {
            self.renotify();
        }
    }

    /// The next operation to be handed out.
    fn take_done(&self) -> Option<Arc<Op>> {
        let mut due: Vec<(u64, Arc<Op>)> = self
            .ops()
            .into_iter()
            .filter_map(|op| Some((op.due()?, op)))
            .collect();
        // The first one is all that is wanted, and a sort is 7 KB of code.
        while let Some(first) = (0..due.len()).min_by_key(|&at| due[at].0) {
            let (_, op) = due.swap_remove(first);
            // Whoever waits for one may have been faster.
            if op.claim() {
                self.remove(&op);
                if !due.is_empty() {
                    self.renotify();
                }
                return Some(op);
            }
        }
        None
    }
}

/// Cancels whichever operation of the modem runs; nothing happens where none does. Who waits for it
/// gets NLFTP_CANCELLED, and the module is brought back to command mode behind it.
///
/// Any thread, and signal handlers: no lock is taken, nothing is allocated, and the last error is left.
/// A handler must not run while the modem is being freed. Does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_cancel(modem: *mut nlftp_modem) -> Status {
    let status = match peek(arg!(modem)) {
        Err(status) => status,
        Ok(handle) if handle.poisoned().load(Ordering::Acquire) => nlftp_status::NLFTP_PANIC,
        Ok(handle) if handle.body().is_forked() || handle.body().is_closed() => {
            nlftp_status::NLFTP_CLOSED
        }
        Ok(handle) => {
            handle.body().canceller.cancel();
            nlftp_status::NLFTP_OK
        }
    };
    status.into()
}

/// Sets the callback for unsolicited result codes (URCs) in place of the one before; NULL removes it.
/// It gets each line once, where an operation of this modem is waited for or nlftp_modem_dispatch() is
/// called; lines that nobody asks for are dropped, the oldest first.
///
/// When this returns, the callback before does not run any more; for that it waits for a call of it
/// that goes on in another thread, unless it is called in a callback itself. Errors: NLFTP_CLOSED after
/// the modem was closed. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_on_urc(
    modem: *mut nlftp_modem,
    callback: nlftp_urc_callback,
    user_data: *mut c_void,
) -> Status {
    guard(|scope| {
        let modem = Modem::open(scope, arg!(modem).as_const())?;
        let slot = &modem.callbacks.urc;
        slot.set(with(callback, user_data));
        match callback {
            Some(_) => modem.driver.on_urc(for_lines(slot)),
            None => modem.driver.remove_urc(),
        }
        Ok(())
    })
}

/// Sets the callback for the states that the modem enters, in place of the one before; NULL removes it.
/// It runs where URC callbacks run, and gets each state, also one that was left again before.
///
/// As for nlftp_modem_on_urc(). Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_modem_on_state(
    modem: *mut nlftp_modem,
    callback: nlftp_state_callback,
    user_data: *mut c_void,
) -> Status {
    guard(|scope| {
        let modem = Modem::open(scope, arg!(modem).as_const())?;
        let slot = &modem.callbacks.state;
        slot.set(with(callback, user_data));
        match callback {
            Some(_) => modem.driver.on_state(for_states(slot)),
            None => modem.driver.remove_state(),
        }
        Ok(())
    })
}
