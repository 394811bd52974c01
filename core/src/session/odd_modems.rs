//! Modems that follow the manual in odd ways, and operations given up at bad moments: what is sent, what is told.

use super::calls::{job, unescape};
use super::cases::Bench;
use super::*;

const OK: &str = r"\r\nOK\r\n";

/// What a plain modem would answer, for lines that a test does not care about.
fn plainly(line: &str) -> &'static str {
    let line = line.trim_end_matches('\r');
    match line
        .trim_start_matches("AT+")
        .split('=')
        .next()
        .unwrap_or_default()
    {
        "FTPMODE?" => r"\r\n+FTPMODE: 0\r\n\r\nOK\r\n",
        "FTPOPEN?" => r"\r\n+FTPOPEN: 1\r\n\r\nOK\r\n",
        "FTPOPEN" => r"\r\nOK\r\n\r\n+FTPOPEN: 1\r\n",
        "FTPCLOSE" => r"\r\nOK\r\n\r\n+FTPCLOSE: 1\r\n",
        "FTPDEL" => r"\r\nOK\r\n\r\n+FTPDEL: 1\r\n",
        "FTPCWD" => r"\r\nOK\r\n\r\n+FTPCWD: 1\r\n",
        _ => OK,
    }
}

pub(super) struct Seen {
    result: Option<Result<Outcome>>,
    sent: Vec<String>,
}

impl Seen {
    pub(super) fn kind(&self) -> Option<ErrorKind> {
        self.result
            .as_ref()
            .and_then(|result| result.as_ref().err())
            .map(Error::kind)
    }

    fn is_ok(&self) -> bool {
        matches!(self.result, Some(Ok(_)))
    }

    fn has_sent(&self, part: &str) -> bool {
        self.sent.iter().any(|sent| sent.contains(part))
    }
}

impl Bench {
    /// Runs an operation and the recovery behind it; `answer` gives the modem's answer, or the plain one.
    pub(super) fn drive(
        &mut self,
        task: Task,
        source: Option<&[u8]>,
        mut answer: impl FnMut(&str, &mut Bench) -> Option<String>,
    ) -> Seen {
        let id = self.ask(task, source);
        let mut sent = Vec::new();
        for _ in 0..2000 {
            if !self.sent.is_empty() {
                let text = String::from_utf8_lossy(&std::mem::take(&mut self.sent)).into_owned();
                let reply = answer(&text, self).unwrap_or_else(|| plainly(&text).to_owned());
                sent.push(text);
                self.feed(&unescape(&reply));
            } else if self.session.is_idle() && self.done.is_some() {
                break;
            } else {
                self.pass_time();
            }
        }
        assert!(
            self.session.is_idle(),
            "operation {id} never ended: {sent:?}"
        );
        Seen {
            result: self.done.take(),
            sent,
        }
    }

    fn cancel(&mut self) {
        self.session
            .abort(None, Error::new(ErrorKind::Cancelled, "cancelled"));
        self.turn();
    }
}

fn ready() -> Bench {
    let mut bench = Bench::new(0);
    bench.prepare(true);
    bench
}

fn verb(name: &'static str, argument: &str) -> Task {
    let command = Command::named(name, argument.as_bytes()).unwrap();
    Task::Verb {
        command,
        what: "command",
        name: argument.into(),
    }
}

fn answers(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A block download: FTPGET is answered by `get`, each FTPRECV by the next of `pieces`, the last one for ever.
fn block_download(
    get: &str,
    pieces: &[&str],
    mut other: impl FnMut(&str) -> Option<String>,
) -> (Seen, Vec<u8>) {
    let mut bench = ready();
    let mut next = 0;
    let seen = bench.drive(Task::Get(job(&["f", "block"])), None, |line, _| {
        if let Some(answer) = other(line) {
            Some(answer)
        } else if line.starts_with("AT+FTPGET=") {
            answers(get)
        } else if line.starts_with("AT+FTPRECV=3000") {
            next += 1;
            answers(pieces[(next - 1).min(pieces.len() - 1)])
        } else {
            None
        }
    });
    (seen, bench.payload)
}

const PIECE: &str = r"\r\n+FTPRECV: 3\r\nabc\r\nOK\r\n";
const EMPTY: &str = r"\r\n+FTPRECV: 0\r\n\r\nOK\r\n";

#[test]
fn outcome_1_while_ftpget_is_queried_counts() {
    let mut told = false;
    let (seen, payload) =
        block_download(r"\r\nOK\r\n\r\n+FTPGET: 2\r\n", &[PIECE, EMPTY], |line| {
            let query = line.starts_with("AT+FTPGET?") && !std::mem::replace(&mut told, true);
            query.then(|| r"\r\n+FTPGET: 1\r\n\r\nOK\r\n".to_owned())
        });
    assert!(seen.is_ok(), "{:?}", seen.result);
    assert_eq!(payload, b"abc");
}

#[test]
fn outcomes_2_and_1_may_both_come_before_ok() {
    let (seen, payload) = block_download(
        r"\r\n+FTPGET: 2\r\n\r\n+FTPGET: 1\r\n\r\nOK\r\n",
        &[PIECE, EMPTY],
        |_| None,
    );
    assert!(seen.is_ok(), "{:?}", seen.result);
    assert_eq!(payload, b"abc");
    assert!(!seen.has_sent("FTPGET?"), "{:?}", seen.sent);
}

#[test]
fn a_cache_that_is_lost_behind_outcome_1_is_no_success() {
    for lost in [r"\r\nERROR\r\n", EMPTY] {
        let mut open = true;
        let (seen, payload) = block_download(
            r"\r\nOK\r\n\r\n+FTPGET: 2\r\n\r\n+FTPGET: 1\r\n",
            &[PIECE, lost, PIECE, EMPTY],
            |line| {
                // The connection is gone once, and stays open when it was opened anew.
                let asked = line.starts_with("AT+FTPOPEN?") && open;
                open &= !line.starts_with("AT+FTPOPEN=");
                asked.then(|| r"\r\n+FTPOPEN: 0\r\n\r\nOK\r\n".to_owned())
            },
        );
        assert!(seen.is_ok(), "{:?}", seen.result);
        assert_eq!(payload, b"abcabc", "the rest was not fetched");
        assert!(seen.has_sent("AT+FTPGET=\"f\",1,3"), "{:?}", seen.sent);
    }
}

#[test]
fn a_notice_between_data_and_ok_is_no_lost_byte() {
    let noticed = r"\r\n+FTPRECV: 3\r\nabc\r\n+FTPGET: 1\r\nOK\r\n";
    let (seen, payload) = block_download(
        r"\r\nOK\r\n\r\n+FTPGET: 2\r\n",
        &[PIECE, noticed, EMPTY],
        |_| None,
    );
    assert!(seen.is_ok(), "{:?}", seen.result);
    assert_eq!(payload, b"abcabc");
}

#[test]
fn an_ok_before_the_prompt_is_no_piece() {
    let data = vec![b'x'; 1500];
    let mut bytes = 0;
    let seen = ready().drive(
        Task::Put(job(&["f", "block"])),
        Some(&data),
        |line, _| match line {
            line if line.starts_with("AT+FTPPUT=") && line.contains(",0,") => {
                answers(r"\r\nOK\r\n\r\n+FTPPUT: 2,1024\r\n")
            }
            line if line.starts_with("AT+FTPPUT=") => answers(r"\r\nOK\r\n\r\n+FTPPUT: 2,476\r\n"),
            line if line.starts_with('x') => {
                bytes += line.len();
                answers(if line.len() == 1024 {
                    OK
                } else {
                    r"\r\nOK\r\n\r\n+FTPPUT: 1\r\n"
                })
            }
            _ => None,
        },
    );
    assert!(seen.is_ok(), "{:?}", seen.result);
    assert_eq!(bytes, 1500);
}

#[test]
fn the_outcome_of_an_earlier_piece_is_not_the_last_ones() {
    let data = vec![b'x'; 1500];
    let seen = ready().drive(
        Task::Put(job(&["f", "block"])),
        Some(&data),
        |line, _| match line {
            line if line.starts_with("AT+FTPPUT=") && line.contains(",0,") => {
                answers(r"\r\n+FTPPUT: 2,1024\r\n")
            }
            line if line.starts_with("AT+FTPPUT=") => {
                answers(r"\r\n+FTPPUT: 1\r\n\r\n+FTPPUT: 2,476\r\n")
            }
            line if line.starts_with('x') => answers(if line.len() == 1024 {
                OK
            } else {
                r"\r\nOK\r\n\r\n+FTPPUT: 0\r\n"
            }),
            _ => None,
        },
    );
    assert_eq!(seen.kind(), Some(ErrorKind::Refused), "{:?}", seen.result);
}

#[test]
fn an_upload_that_ends_before_its_data_was_sent_is_no_success() {
    let mut bench = ready();
    bench.ask(Task::Put(job(&["f", "stream"])), Some(&[b'x'; 60_000]));
    bench.sent.clear();
    let now = bench.now;
    bench.session.feed(
        now,
        &unescape(r"\r\nOK\r\n\r\n+FTPSTOR: 2\r\n"),
        &mut Vec::new(),
    );
    bench.session.poll(now);
    // A slow line: a kilobyte has gone when the modem has seen an end.
    bench
        .session
        .transmit(now, |_| std::io::Result::Ok(1000))
        .unwrap();
    bench
        .session
        .feed(now, b"\r\n+FTPSTOR: 1\r\n", &mut Vec::new());
    bench.turn();
    let error = bench.done.take().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transfer, "{error}");
    assert_eq!(bench.sent, b"\x03", "what was not sent must not follow");
}

#[test]
fn a_file_that_this_call_may_not_have_made_is_not_deleted() {
    for (via, refusal) in [
        ("block", r"\r\nERROR\r\n"),
        ("stream", r"\r\n+FTPSTOR: 0\r\n"),
    ] {
        let seen = ready().drive(
            Task::Put(job(&["precious", via])),
            Some(b"abc"),
            |line, _| match line {
                line if line.starts_with("AT+FTPPUT=") => answers(r"\r\n+FTPPUT: 2,3\r\n"),
                line if line.starts_with("AT+FTPSTOR=") => {
                    answers(r"\r\nOK\r\n\r\n+FTPSTOR: 2\r\n")
                }
                line if line.starts_with("abc") => answers(refusal),
                _ => None,
            },
        );
        assert!(seen.kind().is_some(), "{:?}", seen.result);
        assert!(!seen.has_sent("FTPDEL"), "{via}: {:?}", seen.sent);
    }
}

#[test]
fn a_login_that_succeeds_after_it_was_given_up_is_closed() {
    let mut bench = Bench::new(0);
    bench.prepare(false);
    let login = || Task::Login(Box::new(Login::new("h", "u", "p")));
    let seen = bench.drive(login(), None, |line, bench| {
        if line.starts_with("AT+FTPOPEN=") {
            bench.feed(b"\r\nOK\r\n");
            bench.cancel();
            return answers(r"\r\n+FTPOPEN: 1\r\n");
        }
        None
    });
    assert_eq!(seen.kind(), Some(ErrorKind::Cancelled));
    assert!(seen.has_sent("AT+FTPCLOSE"), "{:?}", seen.sent);
    assert!(bench.drive(login(), None, |_, _| None).is_ok());
}

#[test]
fn nothing_happens_in_the_wrong_directory_when_the_right_one_is_gone() {
    let mut bench = ready();
    assert!(
        bench
            .drive(verb("FTPCWD", "sub"), None, |_, _| None)
            .is_ok()
    );
    let lost = bench.drive(verb("FTPDEL", "x"), None, |line, _| {
        answers(if line.contains("OPEN?") {
            r"\r\n+FTPOPEN: 0\r\n\r\nOK\r\n"
        } else {
            r"\r\nERROR\r\n"
        })
    });
    assert_eq!(lost.kind(), Some(ErrorKind::NotConnected));
    for _ in 0..2 {
        let seen = bench.drive(verb("FTPDEL", "x"), None, |line, _| {
            line.starts_with("AT+FTPCWD")
                .then(|| r"\r\nOK\r\n\r\n+FTPCWD: 0\r\n".to_owned())
        });
        assert_eq!(seen.kind(), Some(ErrorKind::Refused), "{:?}", seen.result);
        assert!(!seen.has_sent("FTPDEL"), "{:?}", seen.sent);
    }
}

#[test]
fn a_directory_change_that_was_given_up_leaves_a_connection_that_is_not_used_again() {
    let mut bench = ready();
    let seen = bench.drive(verb("FTPCWD", "other"), None, |line, bench| {
        if line.starts_with("AT+FTPCWD") {
            bench.feed(b"\r\nOK\r\n");
            bench.cancel();
            return answers(r"\r\n+FTPCWD: 1\r\n");
        }
        None
    });
    assert!(seen.has_sent("AT+FTPCLOSE"), "{:?}", seen.sent);
    let next = bench.drive(verb("FTPDEL", "x"), None, |_, _| None);
    assert!(
        next.is_ok() && next.has_sent("AT+FTPOPEN="),
        "{:?}",
        next.sent
    );
}

#[test]
fn recovery_that_fails_leaves_nothing_behind_for_the_next_command() {
    let mut bench = ready();
    let seen = bench.drive(verb("FTPCWD", "d"), None, |line, _| match line {
        line if line.starts_with("AT+FTPCWD=") => answers(OK),
        line if line.starts_with("AT+FTPMODE?") => None,
        _ => answers(""),
    });
    assert_eq!(seen.kind(), Some(ErrorKind::Timeout));
    let next = bench.drive(verb("FTPDEL", "d"), None, |_, _| None);
    assert!(next.is_ok(), "{:?}", next.result);
}

#[test]
fn a_data_phase_that_opens_late_is_left_before_anything_is_asked() {
    let mut in_data = false;
    let mut data = String::new();
    let mut asked = false;
    let seen = ready().drive(
        Task::Put(job(&["f", "stream"])),
        Some(b"abc"),
        |line, bench| {
            if in_data {
                data.push_str(line);
                in_data = !line.contains('\u{3}');
                return answers(if in_data { "" } else { r"\r\n+FTPSTOR: 1\r\n" });
            }
            if line.starts_with("AT+FTPSTOR=") {
                bench.feed(b"\r\nOK\r\n");
                bench.cancel();
                // Longer than any final result may take.
                for _ in 0..3 {
                    bench.now += Time::from_secs(10);
                    bench.turn();
                }
                asked = !bench.sent.is_empty();
                in_data = true;
                return answers(r"\r\n+FTPSTOR: 2\r\n");
            }
            None
        },
    );
    assert!(
        !asked,
        "the modem was asked while the data phase could open"
    );
    assert_eq!(data, "\u{3}", "{:?}", seen.sent);
    assert!(seen.has_sent("AT+FTPDEL=\"f\""), "{:?}", seen.sent);
}

#[test]
fn outcome_2_may_come_before_ok() {
    let mut bench = ready();
    let listing = r"\r\n+FTPLIST: 2\r\n-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 a\r\n\r\n+FTPLIST: 1\r\n\r\nOK\r\n";
    let seen = bench.drive(Task::List(None), None, |line, _| {
        line.starts_with("AT+FTPLIST").then(|| listing.to_owned())
    });
    assert!(seen.is_ok(), "{:?}", seen.result);
    assert_eq!(bench.payload, b"-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 a\n");
    let refused = ready().drive(Task::Get(job(&["missing", "stream"])), None, |line, _| {
        line.starts_with("AT+FTPRETR")
            .then(|| r"\r\n+FTPRETR: 2\r\n\r\n+FTPRETR: 0\r\n\r\nOK\r\n".to_owned())
    });
    assert_eq!(
        refused.kind(),
        Some(ErrorKind::Refused),
        "{:?}",
        refused.result
    );
}

#[test]
fn what_comes_behind_a_listing_is_suspect_only_if_it_is_text() {
    let list = |behind: &str| {
        let answer = format!(r"\r\nOK\r\n\r\n+FTPLIST: 2\r\n\r\n+FTPLIST: 1\r\n{behind}");
        ready().drive(Task::List(None), None, |line, _| {
            line.starts_with("AT+FTPLIST").then(|| answer.clone())
        })
    };
    assert!(list(r"\r\n+FTPINFO:226 Transfer complete\r\n\r\n+CREG: 1\r\n").is_ok());
    let forged = list(r"-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 b\r\n\r\n+FTPLIST: 1\r\n");
    assert_eq!(
        forged.kind(),
        Some(ErrorKind::Transfer),
        "{:?}",
        forged.result
    );
}

#[test]
fn active_mode_may_be_settable_only_behind_ftpopen() {
    let mut bench = Bench::new(0);
    bench.prepare(false);
    let mut login = Login::new("h", "u", "p");
    login.passive = false;
    let mut open = false;
    let seen = bench.drive(Task::Login(Box::new(login)), None, |line, _| {
        open |= line.starts_with("AT+FTPOPEN=");
        (line.starts_with("AT+FTPMODE=") && !open).then(|| r"\r\nERROR\r\n".to_owned())
    });
    assert!(seen.is_ok(), "{:?}", seen.result);
    assert_eq!(
        seen.sent
            .iter()
            .filter(|line| line.starts_with("AT+FTPMODE=1"))
            .count(),
        2,
        "{:?}",
        seen.sent
    );
}

#[test]
fn a_line_that_is_held_back_does_not_put_off_the_stall_limit() {
    let mut bench = ready();
    bench.ask(Task::Put(job(&["f", "stream"])), Some(&[b'x'; 1000]));
    bench.sent.clear();
    let now = bench.now;
    bench.session.feed(
        now,
        &unescape(r"\r\nOK\r\n\r\n+FTPSTOR: 2\r\n"),
        &mut Vec::new(),
    );
    bench.session.poll(now);
    let before = bench.session.deadline();
    let later = now + Time::from_secs(50);
    bench
        .session
        .transmit(later, |_| std::io::Result::Ok(0))
        .unwrap();
    bench.session.poll(later);
    assert_eq!(bench.session.deadline(), before);
}

#[test]
fn the_longest_limits_do_not_overflow() {
    let mut config = Config::default();
    (config.timeout, config.outcome_timeout, config.stall_timeout) =
        (Time::MAX, Time::MAX, Time::MAX);
    let mut bench = Bench::new(0);
    bench.session = Session::new(&config);
    bench.prepare(true);
    assert!(bench.drive(verb("FTPDEL", "x"), None, |_, _| None).is_ok());
}

#[test]
fn a_module_without_test_forms_is_asked_by_the_command_itself() {
    let refusals = |line: &str| {
        let refused = line.contains("=?") || line.starts_with("AT+FTPRECV=");
        refused.then(|| r"\r\n+CME ERROR: 50\r\n".to_owned())
    };
    let mut first = true;
    let (seen, payload) = block_download(
        r"\r\nOK\r\n\r\n+FTPGET: 2\r\n\r\n+FTPGET: 1\r\n",
        &[EMPTY],
        |line| {
            if line.starts_with("AT+FTP_RECV=3000") {
                let answer = if std::mem::take(&mut first) {
                    r"\r\n+FTP_RECV: 3\r\nabc\r\nOK\r\n"
                } else {
                    EMPTY
                };
                return answers(answer);
            }
            refusals(line)
        },
    );
    assert!(seen.is_ok(), "{:?}", seen.result);
    assert_eq!(payload, b"abc");
    let (seen, _) = block_download(r"\r\nOK\r\n\r\n+FTPGET: 1\r\n", &[EMPTY], |line| {
        let refused = line.contains("=?") || line.contains("=3000");
        refused.then(|| r"\r\nERROR\r\n".to_owned())
    });
    assert_eq!(
        seen.kind(),
        Some(ErrorKind::Command),
        "an empty file must not pass for success: {:?}",
        seen.result
    );
}

#[test]
fn a_modem_that_dies_in_an_upload_ends_recovery_too() {
    let mut bench = ready();
    let mut dead = false;
    let seen = bench.drive(Task::Put(job(&["f", "stream"])), Some(b"abc"), |line, _| {
        dead |= line.starts_with("abc");
        if dead {
            return answers("");
        }
        line.starts_with("AT+FTPSTOR=")
            .then(|| r"\r\nOK\r\n\r\n+FTPSTOR: 2\r\n".to_owned())
    });
    assert_eq!(seen.kind(), Some(ErrorKind::Timeout), "{:?}", seen.result);
}

#[test]
fn ftpstors_ok_may_come_at_the_very_end() {
    let seen = ready().drive(
        Task::Put(job(&["f", "stream"])),
        Some(b"abc"),
        |line, _| match line {
            line if line.starts_with("AT+FTPSTOR=") => answers(r"\r\n+FTPSTOR: 2\r\n"),
            line if line.starts_with("abc") => answers(r"\r\n+FTPSTOR: 1\r\n\r\nOK\r\n"),
            _ => None,
        },
    );
    assert!(seen.is_ok(), "{:?}", seen.result);
    assert!(seen.has_sent("abc\u{3}"), "{:?}", seen.sent);
}

#[test]
fn a_file_that_comes_before_ok_is_no_empty_file() {
    let seen = ready().drive(Task::Get(job(&["f", "stream"])), None, |line, _| {
        line.starts_with("AT+FTPRETR")
            .then(|| r"\r\n+FTPRETR: 2\r\nabc\x03\r\n+FTPRETR: 1\r\n\r\nOK\r\n".to_owned())
    });
    assert_eq!(seen.kind(), Some(ErrorKind::Transfer), "{:?}", seen.result);
}
