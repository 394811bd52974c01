//! Operations that were given up: how the modem is left, and what comes behind them.

use super::calls::{job, unescape};
use super::cases::Bench;
use super::*;

/// A program that is interrupted while a dead port is opened ends at once: nothing was begun on the module.
#[test]
fn an_opening_that_was_given_up_needs_no_goodbye() {
    let mut bench = Bench::new(0);
    bench.ask(Task::Open, None);
    let sent_before = bench.sent.len();
    assert!(sent_before > 0, "the modem was asked, and is silent");
    let why = Error::new(ErrorKind::Cancelled, "the modem was closed");
    bench.session.abort(None, why);
    bench.turn();
    let given_up = bench.done.take();
    assert!(matches!(given_up, Some(Err(error)) if error.kind() == ErrorKind::Cancelled));
    for goodbye in [Task::Logout, Task::Close] {
        bench.ask(goodbye, None);
        assert!(matches!(bench.done.take(), Some(Ok(_))), "without waiting");
        assert!(bench.session.is_idle());
    }
    assert_eq!(bench.sent.len(), sent_before);
}

/// What was sent of an upload may stand in a queue that cannot be called back: the answer to the question behind it
/// comes late, and is enough.
#[test]
fn an_answer_that_comes_behind_a_long_queue_proves_the_line() {
    let mut bench = Bench::new(0);
    bench.prepare(true);
    let mut asked = None;
    let start = bench.now;
    let seen = bench.drive(
        Task::Put(job(&["f", "stream"])),
        Some(b"data"),
        |line, bench| match line {
            line if line.starts_with("AT+FTPSTOR") => {
                Some(r"\r\nOK\r\n\r\n+FTPSTOR: 2\r\n".to_owned())
            }
            line if line.starts_with("AT") && asked.is_none() => {
                let until = bench.now + Time::from_secs(7);
                asked = Some(bench.now);
                while bench.now < until && bench.sent.is_empty() {
                    bench.now += Time::from_millis(100);
                    bench.turn();
                }
                None
            }
            line if line.starts_with("AT") => None,
            // The data, and each 0x03: nothing acknowledges them any more.
            _ => Some(String::new()),
        },
    );
    assert_eq!(seen.kind(), Some(ErrorKind::Timeout));
    let asked = asked.unwrap();
    assert!(asked > start);
    assert!(
        bench.now < asked + Time::from_secs(20),
        "recovery took {:?}",
        bench.now - asked
    );
}

/// What is to end an operation comes too late, when that is over and the next one has begun.
#[test]
fn an_end_that_comes_too_late_does_not_hit_the_next_operation() {
    let mut bench = Bench::new(0);
    bench.prepare(true);
    let first = bench.ask(Task::Command(Command::raw(b"AT+CSQ").unwrap()), None);
    bench.ask(Task::Command(Command::raw(b"AT+CGMM").unwrap()), None);
    bench.feed(&unescape(r"\r\nOK\r\n"));
    assert!(matches!(bench.done.take(), Some(Ok(_))));
    // The first one is over, and the second one was sent.
    let why = Error::new(ErrorKind::Cancelled, "cancelled");
    bench.session.abort(Some(first), why);
    bench.turn();
    assert!(bench.done.is_none());
    bench.feed(&unescape(r"\r\nOK\r\n"));
    assert!(matches!(bench.done.take(), Some(Ok(_))));
}
