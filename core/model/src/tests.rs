use loom::thread;

use crate::driver::cancel::CancelFlag;
use crate::driver::gate::Gate;
use crate::driver::notify::Notifier;
use crate::driver::sync::{Arc, AtomicBool, Ordering};
use crate::driver::wake::Waker;
use crate::mailbox::Mailbox;

/// Tries the orders in which no thread is interrupted more than three times: all of three threads would take hours, and
/// what goes wrong in such things goes wrong with two.
fn model_of_three(test: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(test);
}

/// Sleeps as the worker does: says so, looks once more, and only then polls.
fn sleep<T>(waker: &Waker, mailbox: &Mailbox<T>) {
    waker.fall_asleep();
    if mailbox.is_empty() && !waker.cancel_pending() {
        waker.event().wait();
        waker.event().clear();
    }
    waker.awake();
}

#[test]
fn no_message_is_left_to_a_worker_that_sleeps() {
    model_of_three(|| {
        let waker = Waker::new().unwrap();
        let mailbox = Mailbox::new();
        let senders: Vec<_> = (0..2)
            .map(|number| {
                let (waker, mailbox) = (waker.clone(), mailbox.clone());
                thread::spawn(move || {
                    mailbox.send(number).unwrap();
                    waker.wake();
                })
            })
            .collect();
        let mut got = 0;
        while got < 2 {
            while mailbox.take().is_some() {
                got += 1;
            }
            if got < 2 {
                sleep(&waker, &mailbox);
            }
        }
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

#[test]
fn no_message_of_one_sender_is_left_in_any_order_at_all() {
    loom::model(|| {
        let waker = Waker::new().unwrap();
        let mailbox = Mailbox::new();
        let sender = {
            let (waker, mailbox) = (waker.clone(), mailbox.clone());
            thread::spawn(move || {
                for number in 0..2 {
                    mailbox.send(number).unwrap();
                    waker.wake();
                }
            })
        };
        let mut got = 0;
        while got < 2 {
            while mailbox.take().is_some() {
                got += 1;
            }
            if got < 2 {
                sleep(&waker, &mailbox);
            }
        }
        sender.join().unwrap();
    });
}

#[test]
fn a_cancel_reaches_a_worker_that_sleeps() {
    loom::model(|| {
        let waker = Waker::new().unwrap();
        let mailbox: Mailbox<()> = Mailbox::new();
        let cancel = Arc::new(CancelFlag::default());
        let canceller = {
            let (waker, cancel) = (waker.clone(), cancel.clone());
            thread::spawn(move || {
                cancel.raise();
                waker.cancel();
            })
        };
        loop {
            if waker.take_cancel().is_some() && cancel.is_raised() {
                break;
            }
            sleep(&waker, &mailbox);
        }
        canceller.join().unwrap();
    });
}

#[test]
fn a_cancel_of_whatever_runs_spares_what_is_started_behind_it() {
    loom::model(|| {
        let waker = Waker::new().unwrap();
        let first = waker.next_id();
        let second = {
            let waker = waker.clone();
            thread::spawn(move || {
                // Started by the thread that cancels, and so behind the cancel.
                waker.cancel_current();
                waker.next_id()
            })
        };
        let mut up_to = None;
        while up_to.is_none() {
            up_to = waker.take_cancel();
            if up_to.is_none() {
                thread::yield_now();
            }
        }
        let second = second.join().unwrap();
        let up_to = up_to.unwrap();
        assert!(first <= up_to && up_to < second, "{first} {up_to} {second}");
    });
}

#[test]
fn an_operation_behind_a_gate_begins_when_it_opens() {
    loom::model(|| {
        let waker = Waker::new().unwrap();
        let mailbox = Mailbox::new();
        let gate = Arc::new(Gate::default());
        let opener = {
            let (waker, mailbox, gate) = (waker.clone(), mailbox.clone(), gate.clone());
            thread::spawn(move || {
                gate.open();
                // A look that the worker is sent.
                mailbox.send(()).unwrap();
                waker.wake();
            })
        };
        while !gate.is_open() {
            while mailbox.take().is_some() {}
            if gate.is_open() {
                break;
            }
            sleep(&waker, &mailbox);
        }
        opener.join().unwrap();
    });
}

#[test]
fn an_event_loop_sees_all_that_it_is_notified_of() {
    loom::model(|| {
        let notifier = Arc::new(Notifier::default());
        notifier.event().unwrap();
        let reports = Mailbox::new();
        let worker = {
            let (notifier, reports) = (notifier.clone(), reports.clone());
            thread::spawn(move || {
                for number in 0..2 {
                    reports.send(number).unwrap();
                    notifier.notify();
                }
            })
        };
        let mut got = 0;
        while got < 2 {
            notifier.event().unwrap().wait();
            notifier.clear();
            while reports.take().is_some() {
                got += 1;
            }
        }
        worker.join().unwrap();
        // What was signalled too often ends with one more look: nothing keeps an idle loop awake.
        notifier.clear();
        assert!(!notifier.event().unwrap().is_signalled());
        // And it is not deaf from here on.
        notifier.notify();
        assert!(notifier.event().unwrap().is_signalled());
    });
}

/// A start, and whether somebody is told how it ends: the worker, or the end of its own channel.
struct Start(Arc<AtomicBool>);

impl Drop for Start {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

enum Control {
    Start(#[allow(dead_code)] Start),
    Stop,
}

#[test]
fn whatever_is_started_while_the_modem_is_closed_gets_an_end() {
    model_of_three(|| {
        let waker = Waker::new().unwrap();
        let mailbox = Mailbox::new();
        let worker = {
            let (waker, mailbox) = (waker.clone(), mailbox.clone());
            thread::spawn(move || {
                'serving: loop {
                    while let Some(control) = mailbox.take() {
                        if matches!(control, Control::Stop) {
                            break 'serving;
                        }
                    }
                    sleep(&waker, &mailbox);
                }
                drop(mailbox.close());
            })
        };
        let told = Arc::new(AtomicBool::new(false));
        let starter = {
            let (waker, mailbox, told) = (waker.clone(), mailbox.clone(), told.clone());
            thread::spawn(move || {
                drop(mailbox.send(Control::Start(Start(told))));
                waker.wake();
            })
        };
        drop(mailbox.send(Control::Stop));
        waker.wake();
        starter.join().unwrap();
        worker.join().unwrap();
        assert!(told.load(Ordering::SeqCst));
    });
}
