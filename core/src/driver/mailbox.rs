//! The queue by which an operation and the worker tell each other what they have done: a wait for it is one system call,
//! and no message costs memory once the queue has grown to its size. (Channels that spin before they sleep, and allocate a
//! block now and then, cost a gateway more than the bytes that they bring.)

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::Instant;

use super::process;

/// Why there is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// There is none now.
    Yet,
    /// None will come any more.
    Ever,
}

/// A message that nobody will take.
pub(crate) struct Unheard<T>(pub(crate) T);

impl<T> fmt::Debug for Unheard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody takes it any more")
    }
}

struct Queue<T> {
    messages: VecDeque<T>,
    /// Threads that sleep until there is something.
    waiting: Vec<Thread>,
    senders: usize,
    is_heard: bool,
}

struct Shared<T> {
    queue: Mutex<Queue<T>>,
    /// The process that it belongs to: in a forked child nobody may ever unlock it.
    generation: u64,
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes all that wait; whoever finds nothing waits again.
    fn wake<'q>(&'q self, mut queue: MutexGuard<'q, Queue<T>>) {
        while let Some(thread) = queue.waiting.pop() {
            let was_last = queue.waiting.is_empty();
            drop(queue);
            thread.unpark();
            if was_last {
                return;
            }
            queue = self.lock();
        }
    }

    fn is_forked(&self) -> bool {
        process::generation() != self.generation
    }
}

impl<T> Queue<T> {
    fn take(&mut self) -> Result<T, Nothing> {
        let nothing = if self.senders == 0 {
            Nothing::Ever
        } else {
            Nothing::Yet
        };
        self.messages.pop_front().ok_or(nothing)
    }

    fn is_ready(&self) -> bool {
        !self.messages.is_empty() || self.senders == 0
    }

    fn enter(&mut self, thread: &Thread) {
        self.leave(thread);
        self.waiting.push(thread.clone());
    }

    fn leave(&mut self, thread: &Thread) {
        self.waiting.retain(|other| other.id() != thread.id());
    }
}

/// The end that messages go in at.
pub(crate) struct Sender<T>(Arc<Shared<T>>);

/// The end that they come out of.
pub(crate) struct Receiver<T>(Arc<Shared<T>>);

/// A new queue.
pub(crate) fn mailbox<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared {
        queue: Mutex::new(Queue {
            messages: VecDeque::new(),
            waiting: Vec::new(),
            senders: 1,
            is_heard: true,
        }),
        generation: process::generation(),
    });
    (Sender(shared.clone()), Receiver(shared))
}

impl<T> Sender<T> {
    /// Gives the message back where nobody will take it.
    pub(crate) fn send(&self, message: T) -> Result<(), Unheard<T>> {
        let mut queue = self.0.lock();
        if !queue.is_heard {
            return Err(Unheard(message));
        }
        queue.messages.push_back(message);
        self.0.wake(queue);
        Ok(())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        self.0.lock().senders += 1;
        Sender(self.0.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if self.0.is_forked() {
            return;
        }
        let mut queue = self.0.lock();
        queue.senders -= 1;
        if queue.senders == 0 {
            self.0.wake(queue);
        }
    }
}

impl<T> Receiver<T> {
    /// The next message, if it is there.
    pub(crate) fn try_recv(&self) -> Result<T, Nothing> {
        self.0.lock().take()
    }

    /// The next message, waited for until `until`.
    pub(crate) fn recv(&self, until: Option<Instant>) -> Result<T, Nothing> {
        let mut queue = self.0.lock();
        let mut me = None;
        loop {
            let taken = queue.take();
            let late = until.is_some_and(|until| Instant::now() >= until);
            if !matches!(taken, Err(Nothing::Yet)) || late {
                if let Some(me) = &me {
                    queue.leave(me);
                }
                return taken;
            }
            let me = me.get_or_insert_with(thread::current);
            queue.enter(me);
            drop(queue);
            sleep(until);
            queue = self.0.lock();
        }
    }

    /// Whether there is a message.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().messages.is_empty()
    }

    /// Whether there is a message, or the end of them.
    pub(crate) fn is_ready(&self) -> bool {
        self.0.lock().is_ready()
    }

    /// Waits until this queue or another has something, be it the end; it takes nothing. False at `until`.
    pub(crate) fn wait_beside(&self, other: &Receiver<T>, until: Option<Instant>) -> bool {
        loop {
            if self.is_ready() || other.is_ready() {
                return true;
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                return false;
            }
            wait([&self.0, &other.0], until);
        }
    }
}

/// Sleeps until somebody wakes this thread, or until `until`.
fn sleep(until: Option<Instant>) {
    match until {
        None => thread::park(),
        Some(until) => thread::park_timeout(until.saturating_duration_since(Instant::now())),
    }
}

/// Sleeps until one of them may have something, or until `until`.
fn wait<T>(queues: [&Shared<T>; 2], until: Option<Instant>) {
    let me = thread::current();
    let mut ready = false;
    for shared in queues {
        let mut queue = shared.lock();
        queue.enter(&me);
        ready |= queue.is_ready();
    }
    if !ready {
        sleep(until);
    }
    for shared in queues {
        shared.lock().leave(&me);
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if self.0.is_forked() {
            return;
        }
        let left = {
            let mut queue = self.0.lock();
            queue.is_heard = false;
            std::mem::take(&mut queue.messages)
        };
        // Not under the lock: what they hold may be a sender itself.
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn messages_come_in_their_order_and_then_the_end() {
        let (sender, receiver) = mailbox();
        assert_eq!(receiver.try_recv(), Err(Nothing::Yet));
        assert_eq!(receiver.recv(Some(Instant::now())), Err(Nothing::Yet));
        let second = sender.clone();
        let giver = thread::spawn(move || {
            for number in 0..1000 {
                sender.send(number).unwrap();
            }
        });
        for number in 0..1000 {
            assert_eq!(receiver.recv(None), Ok(number));
        }
        giver.join().unwrap();
        assert_eq!(receiver.try_recv(), Err(Nothing::Yet));
        let ender = thread::spawn(move || drop(second));
        assert_eq!(receiver.recv(None), Err(Nothing::Ever));
        ender.join().unwrap();
    }

    #[test]
    fn what_nobody_takes_is_given_back() {
        let (sender, receiver) = mailbox();
        sender.send("kept").unwrap();
        drop(receiver);
        assert_eq!(sender.send("given back").unwrap_err().0, "given back");
    }

    #[test]
    fn a_wait_for_two_ends_with_either_and_takes_nothing() {
        let (own, receiver) = mailbox();
        let (other, beside) = mailbox();
        let soon = || Some(Instant::now() + Duration::from_millis(1));
        assert!(!receiver.wait_beside(&beside, soon()));
        let giver = thread::spawn(move || other.send(1).map(|()| other));
        assert!(receiver.wait_beside(&beside, None));
        assert_eq!(beside.try_recv(), Ok(1));
        assert!(!receiver.wait_beside(&beside, soon()));
        let giver = giver.join().unwrap();
        let ender = thread::spawn(move || drop(own));
        assert!(receiver.wait_beside(&beside, None), "the end is something");
        ender.join().unwrap();
        drop(giver);
    }

    #[test]
    fn all_that_wait_for_one_queue_get_their_message() {
        let (sender, receiver) = mailbox();
        let receiver = Arc::new(receiver);
        let takers: Vec<_> = (0..4)
            .map(|_| {
                let receiver = receiver.clone();
                thread::spawn(move || receiver.recv(None))
            })
            .collect();
        for number in 0..4 {
            sender.send(number).unwrap();
        }
        let mut got: Vec<_> = takers
            .into_iter()
            .map(|taker| taker.join().unwrap().unwrap())
            .collect();
        got.sort_unstable();
        assert_eq!(got, [0, 1, 2, 3]);
    }
}
