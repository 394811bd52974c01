//! Turns, waits and ends, with operations that do as they are told.

// Arguments as C gives them.
#![allow(unsafe_code)]

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, Sender, channel};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::*;
use crate::argument::arg;
use crate::config::{nlftp_config_free, nlftp_config_new};
use crate::dispatch::nlftp_modem_dispatch;
use crate::guard::guard;
use crate::handle::check;
use crate::modem::{nlftp_modem, nlftp_modem_free, nlftp_modem_new};
use crate::op::{nlftp_op_free, nlftp_op_status, nlftp_op_wait};

/// What a turn does; `None` lets the operation go on.
type Step = Box<dyn FnMut() -> Option<Outcome<Value>> + Send>;

/// An operation that does the same in every turn, and tells when it is given up.
struct Told {
    step: Step,
    given_up: Arc<AtomicBool>,
}

impl Follow for Told {
    fn poll(&mut self) -> Option<Outcome<Value>> {
        (self.step)()
    }

    fn wait(&mut self, _: Duration) -> Option<Outcome<Value>> {
        (self.step)()
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::SeqCst);
    }
}

/// A modem whose port is never opened.
struct Rig {
    handle: *mut nlftp_modem,
    modem: Arc<Modem>,
}

impl Rig {
    fn new() -> Rig {
        let (mut config, mut handle) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: a text, live handles, and places for the results.
        unsafe {
            assert_eq!(nlftp_config_new(c"/nowhere".as_ptr(), &mut config).0, 0);
            assert_eq!(nlftp_modem_new(config, &mut handle).0, 0);
            assert_eq!(nlftp_config_free(config).0, 0);
        }
        let modem = check(arg!(handle).as_const()).ok().unwrap().body().clone();
        Rig { handle, modem }
    }

    fn start(&self, step: impl FnMut() -> Option<Outcome<Value>> + Send + 'static) -> Started {
        let given_up = Arc::new(AtomicBool::new(false));
        let told = Told {
            step: Box::new(step),
            given_up: given_up.clone(),
        };
        // One of the driver's own, for what can cancel it.
        let own = self.modem.driver.start_detach();
        let ways = (own.canceller(), own.resumer());
        let mut handle = ptr::null_mut();
        let place: *mut *mut nlftp_op = &mut handle;
        let out = arg!(place).out().ok().unwrap();
        Op::start(
            &self.modem,
            Kind::Nothing,
            Box::new(told),
            Arc::default(),
            ways,
            out,
        );
        let op = check(arg!(handle).as_const()).ok().unwrap().body().clone();
        Started {
            handle,
            op,
            given_up,
        }
    }

    fn dispatch(&self) -> *mut nlftp_op {
        let mut done = ptr::null_mut();
        // SAFETY: a live handle, and a place for the result.
        assert_eq!(unsafe { nlftp_modem_dispatch(self.handle, &mut done) }.0, 0);
        done
    }

    /// The same without a place for what has ended.
    fn dispatch_alone(&self) {
        // SAFETY: a live handle, and no place for the result.
        let status = unsafe { nlftp_modem_dispatch(self.handle, ptr::null_mut()) };
        assert_eq!(status.0, 0);
    }

    /// Whether an event loop would dispatch now.
    fn is_readable(&self) -> bool {
        let fd = self.modem.driver.notify_fd().unwrap();
        let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec::default())).unwrap() == 1
    }

    /// Dispatches until there is nothing to do: the driver's own operations end, too.
    fn settle(&self) {
        assert!(self.dispatch().is_null());
        while self.is_readable() {
            assert!(self.dispatch().is_null());
        }
    }

    fn free(self) {
        drop(self.modem);
        // SAFETY: a live handle.
        assert_eq!(unsafe { nlftp_modem_free(self.handle) }.0, 0);
    }
}

struct Started {
    handle: *mut nlftp_op,
    op: Arc<Op>,
    given_up: Arc<AtomicBool>,
}

impl Started {
    fn status(&self) -> i32 {
        // SAFETY: a live handle.
        unsafe { nlftp_op_status(self.handle) }.0
    }

    fn wait(&self, timeout_ms: i64) -> i32 {
        // SAFETY: a live handle.
        unsafe { nlftp_op_wait(self.handle, timeout_ms) }.0
    }

    fn free(&self) -> i32 {
        // SAFETY: a handle that lives until here.
        unsafe { nlftp_op_free(self.handle) }.0
    }
}

fn over() -> Option<Outcome<Value>> {
    Some(Ok(Value::Nothing))
}

/// A step that says when it has begun, and goes on when it is told to.
fn halting(result: fn() -> Option<Outcome<Value>>) -> (Step, Receiver<()>, Sender<()>) {
    let (began, begun) = channel();
    let (go, gone) = channel();
    let step = move || {
        began.send(()).unwrap();
        gone.recv().unwrap();
        result()
    };
    (Box::new(step), begun, go)
}

#[test]
fn a_panic_ends_the_operation_and_is_told_to_all() {
    let rig = Rig::new();
    let started = rig.start(|| panic!("the sky fell"));
    assert_eq!(started.wait(-1), 13, "the call that meets it");
    assert_eq!(started.op.status().unwrap_err().status as i32, 13);
    assert_eq!(started.status(), 13, "the handle is of no more use");
    assert_eq!(started.free(), 0);
    let started = rig.start(|| panic!("the sky fell"));
    let poll = || {
        started.op.poll();
        Ok(())
    };
    assert_eq!(guard(|_| poll()).0, 13);
    assert_eq!(started.status(), 13);
    assert_eq!(rig.dispatch(), started.handle);
    assert_eq!(started.free(), 0);
    rig.free();
}

#[test]
fn all_threads_that_wait_get_the_status_and_dispatch_does_not() {
    let rig = Rig::new();
    let (step, begun, go) = halting(over);
    let started = rig.start(step);
    let op = &started.op;
    std::thread::scope(|scope| {
        let waiters = [(); 2].map(|()| scope.spawn(|| op.wait(None)));
        begun.recv().unwrap();
        while lock(&op.state).waiting < 2 {
            std::thread::yield_now();
        }
        assert!(rig.dispatch().is_null(), "it is served elsewhere");
        assert_eq!(op.wait(Some(Duration::ZERO)).unwrap_err().status as i32, 14);
        go.send(()).unwrap();
        for waiter in waiters {
            assert!(waiter.join().unwrap().is_ok());
        }
    });
    assert!(rig.dispatch().is_null());
    assert_eq!((started.status(), started.wait(0)), (0, 0));
    assert_eq!(started.free(), 0);
    rig.free();
}

#[test]
fn an_end_that_a_wait_came_too_late_for_is_handed_out() {
    let rig = Rig::new();
    let (step, begun, go) = halting(over);
    let started = rig.start(step);
    let op = &started.op;
    std::thread::scope(|scope| {
        let turn = scope.spawn(|| op.poll());
        begun.recv().unwrap();
        // A wait that is out of time, and has told the event loop so; before it is gone, the operation ends.
        let waiting = Waiting::new(op);
        rig.modem.renotify();
        go.send(()).unwrap();
        turn.join().unwrap();
        // The driver's own may have something to tell meanwhile; the operation is not handed out.
        rig.settle();
        assert_eq!(op.due(), None);
        drop(waiting);
    });
    assert!(rig.is_readable(), "an event loop is told of it");
    assert_eq!(rig.dispatch(), started.handle);
    assert!(!rig.is_readable());
    assert_eq!(started.free(), 0);
    rig.free();
}

#[test]
fn what_is_not_wanted_yet_makes_the_descriptor_readable_once_more() {
    let rig = Rig::new();
    let (first, second) = (rig.start(over), rig.start(over));
    rig.dispatch_alone();
    assert_eq!((first.status(), second.status()), (0, 0));
    assert!(rig.is_readable());
    // Whatever the driver's own have to tell: it is not readable for ever.
    while rig.is_readable() {
        rig.dispatch_alone();
    }
    assert_eq!(rig.dispatch(), first.handle);
    assert!(rig.is_readable(), "there is another");
    assert_eq!(rig.dispatch(), second.handle);
    assert_eq!((first.free(), second.free()), (0, 0));
    rig.free();
}

#[test]
fn what_has_ended_is_handed_out_once_in_the_order_of_the_ends() {
    let rig = Rig::new();
    let ended = Arc::new(AtomicBool::new(false));
    let when = ended.clone();
    let late = rig.start(move || {
        if when.load(Ordering::SeqCst) {
            over()
        } else {
            None
        }
    });
    let early = rig.start(over);
    late.op.poll();
    early.op.poll();
    ended.store(true, Ordering::SeqCst);
    late.op.poll();
    assert_eq!(callback::inside(|| rig.dispatch()), early.handle);
    assert_eq!(rig.dispatch(), late.handle);
    assert!(rig.dispatch().is_null());
    assert!(rig.modem.ops().is_empty());
    assert_eq!((early.free(), late.free()), (0, 0));
    rig.free();
}

#[test]
fn an_operation_freed_in_its_own_turn_lives_until_the_turn_is_over() {
    let rig = Rig::new();
    let (send, receive) = channel::<(usize, Arc<AtomicBool>)>();
    let started = rig.start(move || {
        let (handle, given_up) = receive.recv().unwrap();
        let handle = ptr::with_exposed_provenance_mut(handle);
        callback::inside(|| {
            // SAFETY: the handle of this operation, which lives until here.
            assert_eq!(unsafe { nlftp_op_free(handle) }.0, 0);
        });
        assert!(!given_up.load(Ordering::SeqCst));
        None
    });
    let address = started.handle.expose_provenance();
    send.send((address, started.given_up.clone())).unwrap();
    assert!(rig.dispatch().is_null());
    assert!(started.given_up.load(Ordering::SeqCst));
    assert!(!started.op.gate.is_open());
    assert_eq!(started.op.status().unwrap_err().status as i32, 130);
    assert!(rig.modem.ops().is_empty());
    rig.free();
}

#[test]
fn freeing_waits_for_another_threads_turn_but_not_in_a_callback() {
    let rig = Rig::new();
    let (step, begun, go) = halting(|| None);
    let started = rig.start(step);
    let op = &started.op;
    std::thread::scope(|scope| {
        let turn = scope.spawn(|| op.poll());
        begun.recv().unwrap();
        assert_eq!(callback::inside(|| started.free()), 12);
        assert!(op.gate.is_open(), "nothing was freed");
        let freeing = scope.spawn(|| op.abandon().is_ok());
        while op.gate.is_open() {
            std::thread::yield_now();
        }
        assert!(!started.given_up.load(Ordering::SeqCst));
        go.send(()).unwrap();
        assert!(freeing.join().unwrap());
        turn.join().unwrap();
    });
    assert!(started.given_up.load(Ordering::SeqCst));
    assert_eq!(started.free(), 0);
    rig.free();
}

#[test]
fn waiting_inside_a_callback_is_refused_unless_it_is_over() {
    let rig = Rig::new();
    let started = rig.start(over);
    assert_eq!(callback::inside(|| started.wait(-1)), 12);
    assert_eq!(callback::inside(|| started.wait(0)), 12);
    started.op.poll();
    assert_eq!(callback::inside(|| started.wait(-1)), 0);
    assert_eq!(started.free(), 0);
    rig.free();
}

#[test]
fn an_operation_outlives_its_modem() {
    let rig = Rig::new();
    let (ended, running) = (rig.start(over), rig.start(|| None));
    ended.op.poll();
    rig.free();
    assert_eq!(ended.status(), 0);
    assert_eq!((running.status(), running.wait(-1)), (11, 11));
    assert!(running.given_up.load(Ordering::SeqCst));
    assert_eq!((ended.free(), running.free()), (0, 0));
}
