//! Texts of firmware that prints no outcome behind them, or prints it late.

use super::calls;
use super::cases::Bench;
use super::*;

fn ready() -> Bench {
    let mut bench = Bench::new(0);
    bench.prepare(true);
    bench
}

/// Asks for the working directory and feeds `answer`; time passes until the call ends.
fn pwd(bench: &mut Bench, answer: &str) -> (Result<String>, Time) {
    let call = calls::read("pwd").unwrap();
    bench.ask(call.task, None);
    assert_eq!(bench.sent, b"AT+FTPPWD\r");
    bench.sent.clear();
    bench.feed(&calls::unescape(answer));
    let fed = bench.now;
    while bench.done.is_none() {
        bench.pass_time();
    }
    let told = bench
        .done
        .take()
        .unwrap()
        .and_then(|outcome| (call.value)(outcome, b""));
    (
        told.map(|text| String::from_utf8(text).unwrap()),
        bench.now - fed,
    )
}

#[test]
fn a_firmware_without_outcome_is_waited_for_once_as_long_as_for_a_result() {
    let mut bench = ready();
    let alone = r#"\r\nOK\r\n\r\n+FTPPWD: 2,"/a"\r\n"#;
    let (told, waited) = pwd(&mut bench, alone);
    assert_eq!(told.unwrap(), "/a");
    assert_eq!(waited, Time::from_secs(10));
    let (told, waited) = pwd(&mut bench, alone);
    assert_eq!(told.unwrap(), "/a");
    assert_eq!(waited, Time::from_secs(1));
}

#[test]
fn a_late_outcome_ends_no_later_text() {
    let mut bench = ready();
    let alone = r#"\r\nOK\r\n\r\n+FTPPWD: 2,"/a"\r\n"#;
    assert_eq!(pwd(&mut bench, alone).0.unwrap(), "/a");
    let late = r#"\r\n+FTPPWD: 1\r\n\r\nOK\r\n\r\n+FTPPWD: 2,"/b"\r\n\r\n+FTPPWD: 1\r\n"#;
    let (told, waited) = pwd(&mut bench, late);
    assert_eq!(told.unwrap(), "/b");
    assert_eq!(waited, Time::ZERO);
    // It was slow, not without outcomes: it is waited for as at first.
    let (told, waited) = pwd(&mut bench, alone);
    assert_eq!(told.unwrap(), "/a");
    assert_eq!(waited, Time::from_secs(10));
}

/// A caller that takes its time holds the modem back; the modem's silence counts from when it may go on.
#[test]
fn a_slow_caller_is_not_the_modems_silence() {
    let mut bench = ready();
    let call = calls::read("list d").unwrap();
    bench.ask(call.task, None);
    bench.sent.clear();
    bench.feed(b"\r\nOK\r\n\r\n+FTPLIST: 2\r\n-rw-r--r-- 1 f f 3 Oct 26 15:15 a\r\n");
    bench.session.set_room(bench.now, false);
    for _ in 0..3 {
        bench.pass_time();
        assert!(bench.done.is_none(), "{:?}", bench.done);
    }
    bench.now += Time::from_secs(59);
    bench.session.set_room(bench.now, true);
    bench.turn();
    bench.now += Time::from_secs(59);
    bench.turn();
    assert!(bench.done.is_none(), "{:?}", bench.done);
    while bench.done.is_none() {
        bench.pass_time();
    }
    let error = bench.done.take().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}
