//! What a modem answers: lines taken apart, and what each command makes of them.

use std::time::Duration;

use super::commands::{self, How, SECRET};
use super::input::Cuts;
use crate::config::Config;
use crate::protocol::command::Command;
use crate::protocol::engine::{Engine, Limits, Unasked};
use crate::protocol::response::{self, Line};
use crate::protocol::table::Reply;
use crate::protocol::{raw, reply};
use crate::trace;

pub fn check(data: &[u8]) {
    let (seed, data) = data.split_first().unwrap_or((&0, data));
    for line in data.split(|&byte| byte == b'\n') {
        a_line(line);
        a_text(line);
        a_secret(line);
        a_users_line(line);
    }
    for (command, how) in commands::all() {
        let whole = answered(&command, &how, data, Cuts::Never);
        let cut = answered(&command, &how, data, Cuts::Seeded(*seed));
        assert_eq!(whole, cut, "{command:?}");
        if command.reply() == Reply::Outcome && matches!(how, How::Plain) {
            assert_eq!(whole.ended, naively(&command, data), "{command:?}");
        }
    }
}

fn a_line(line: &[u8]) {
    let parsed = response::parse(line);
    let padded = [b" \t", line, b" \r\n"].concat();
    assert_eq!(response::parse(&padded), parsed);
    match parsed {
        Line::Ok => assert_eq!(line.trim_ascii(), b"OK"),
        Line::Error(failure) => {
            assert!(failure.text.contains("ERROR"));
            if let Some(code) = failure.code {
                // What a code says of itself is in the manual's tables, and its number leads back to it.
                assert!(code.to_string().starts_with(&code.number().to_string()));
                let _ = code.advice();
            }
        }
        Line::Answer { name, rest } => {
            assert!(!name.is_empty() && name.iter().all(|byte| byte.is_ascii_graphic()));
            assert!(line.starts_with(b"+") || line.trim_ascii().starts_with(b"+"));
            if let Some((outcome, text)) = response::outcome(rest) {
                assert!(outcome <= 2 && rest[0] == b'0' + outcome);
                assert!(rest.ends_with(text));
            }
            let inner = response::unquote(rest);
            assert!(inner.len() <= rest.len());
        }
        Line::Text(text) => assert_eq!(text, line.trim_ascii()),
    }
}

fn a_text(line: &[u8]) {
    let lines = [line.to_vec()];
    if let Ok(name) = reply::directory(&lines) {
        assert!(!name.is_empty() && name.len() <= line.len());
    }
    if let Ok(system) = reply::system(&lines) {
        assert!(!system.is_empty());
    }
    let status = reply::status(lines.to_vec());
    assert!(status.len() == 1 && status[0].len() <= line.len());
    // RFC 959: quotes inside a directory's name are doubled.
    let name = line.trim_ascii();
    if !name.is_empty() {
        let doubled: Vec<u8> = name
            .iter()
            .flat_map(|&byte| std::iter::repeat_n(byte, if byte == b'"' { 2 } else { 1 }))
            .collect();
        let text = [b"257 \"", doubled.as_slice(), b"\" is it"].concat();
        assert_eq!(reply::directory(&[text]).ok().as_deref(), Some(name));
    }
}

/// Whatever stands around them, secrets that lines show are masked.
fn a_secret(line: &[u8]) {
    let around = line.split(|&byte| byte == b'=').next().unwrap_or_default();
    for start in [
        "AT+FTPOPEN=\"h\",\"u\",\"",
        "at+ftpopen  =\"h\",\"u\",\"",
        "AT+MIPCALL=1,\"a\",\"u\",\"",
        "---> PASS ",
        "acct ",
    ] {
        let text = [around, start.as_bytes(), SECRET.as_bytes(), line].concat();
        // The line may hold the secret in front of what introduces it, too.
        if !contains(around, SECRET) {
            let masked = trace::mask(&text);
            assert!(!masked.contains(SECRET), "{masked}");
        }
    }
    let shown = trace::printable(&String::from_utf8_lossy(line));
    assert!(!shown.chars().any(char::is_control));
}

fn a_users_line(line: &[u8]) {
    if raw::parse(line).is_err() {
        return;
    }
    assert!(line.len() >= 2 && !line.iter().any(u8::is_ascii_control));
    let Ok(command) = Command::raw(line) else {
        return;
    };
    assert_eq!(command.line(), line);
    if command.has_secret() {
        assert!(command.shown().ends_with("***"));
    }
}

/// What is left of a command behind its lines.
#[derive(Debug, PartialEq)]
struct Answered {
    ended: Option<(bool, Option<u8>)>,
    lines: Vec<Vec<u8>>,
    payload: Vec<u8>,
    violation: Option<String>,
    unasked: Vec<Unasked>,
    sent: Vec<u8>,
}

fn answered(command: &Command, how: &How, data: &[u8], cuts: Cuts) -> Answered {
    let now = Duration::from_secs(1);
    let mut engine = Engine::new(Limits::from(&Config::default()));
    engine.recorder.switch(true);
    start(&mut engine, now, command, how);
    let mut payload = Vec::new();
    for piece in cuts.pieces(data) {
        engine.feed(now, piece, &mut payload);
    }
    assert!(payload.len() <= data.len());
    let answer = engine.take_answer();
    let unasked = std::iter::from_fn(|| engine.take_unasked()).collect::<Vec<_>>();
    for record in engine.recorder.take() {
        // Behind its end nobody has a reason to say it.
        let secret = command.has_secret() && answer.is_none();
        assert!(!secret || !record.text.contains(SECRET), "{}", record.text);
    }
    let sent = engine.tx().to_vec();
    let (mut lines, mut violation) = (Vec::new(), None);
    let ended = answer.map(|answer| {
        assert!(answer.outcome.is_none_or(|outcome| outcome <= 2));
        lines = answer.lines;
        violation = answer.violation;
        (answer.result.is_ok(), answer.outcome)
    });
    Answered {
        ended,
        lines,
        payload,
        violation,
        unasked,
        sent,
    }
}

pub(crate) fn start(engine: &mut Engine, now: Duration, command: &Command, how: &How) {
    let command = command.clone();
    match how {
        How::Plain => engine.submit(now, command),
        How::Piece(data) => engine.submit_piece(now, command, data),
        How::Proof => engine.submit_proof(now, command),
        How::Sized(size) => engine.submit_retrieve(now, command, Some(*size)),
    }
}

/// A set command's end, read a second time: an error, or `OK` and the outcome in either order.
fn naively(command: &Command, data: &[u8]) -> Option<(bool, Option<u8>)> {
    let (mut accepted, mut outcome) = (false, None);
    let mut lines = data.split(|byte| matches!(byte, b'\r' | b'\n'));
    // What stands behind the last line end is no line yet.
    lines.next_back();
    for line in lines {
        // The framer keeps no more of a line.
        let line = &line[..line.len().min(8192)];
        let line = line.trim_ascii();
        if line == b"OK" {
            accepted = true;
        } else if is_error(line) {
            // Behind an OK and an outcome it is over already.
            return Some((false, outcome));
        } else if let Some(given) = own_outcome(command.name(), line) {
            outcome = Some(given);
        }
        if accepted && outcome.is_some() {
            return Some((true, outcome));
        }
    }
    None
}

fn is_error(line: &[u8]) -> bool {
    let prefixed = line.strip_prefix(b"+").is_some_and(|body| {
        let end = body.iter().position(|&byte| byte == b':').unwrap_or(0);
        matches!(body[..end].trim_ascii(), b"CME ERROR" | b"CMS ERROR")
    });
    prefixed || line == b"ERROR" || line.starts_with(b"ERROR:")
}

fn own_outcome(name: &str, line: &[u8]) -> Option<u8> {
    let body = line.strip_prefix(b"+")?;
    let end = body.iter().position(|&byte| byte == b':')?;
    let (given, rest) = (body[..end].trim_ascii(), body[end + 1..].trim_ascii());
    if !given.eq_ignore_ascii_case(name.as_bytes()) {
        return None;
    }
    match rest {
        [b'0' | b'1', b'0'..=b'9', ..] => None,
        [digit @ (b'0' | b'1'), ..] => Some(digit - b'0'),
        _ => None,
    }
}

fn contains(text: &[u8], part: &str) -> bool {
    text.windows(part.len()).any(|at| at == part.as_bytes())
}
