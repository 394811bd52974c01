//! Runs the table of protocol cases against the session, each with its input split at every byte.

use super::calls::{self, unescape};
use super::*;
use crate::error::ErrorKind;

const TABLES: [&str; 2] = [
    include_str!("../../tests/cases/protocol.cases"),
    include_str!("../../tests/cases/forms.cases"),
];

#[derive(Debug, Clone)]
enum Step {
    Sends(Vec<u8>),
    Answers(Vec<u8>),
}

struct Case {
    name: String,
    call: String,
    steps: Vec<Step>,
    expected: std::result::Result<Vec<u8>, String>,
}

fn table() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in TABLES
        .iter()
        .flat_map(|table| table.lines())
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        if let Some(name) = line.strip_prefix("== ") {
            let name = name.to_owned();
            cases.push(Case {
                name,
                call: String::new(),
                steps: Vec::new(),
                expected: Err("nothing expected".into()),
            });
            continue;
        }
        let case = cases.last_mut().unwrap();
        if let Some(call) = line.strip_prefix("call: ") {
            case.call = call.to_owned();
        } else if let Some(bytes) = line.strip_prefix(">> ") {
            case.steps.push(Step::Sends(unescape(bytes)));
        } else if let Some(line) = line.strip_prefix("> ") {
            case.steps
                .push(Step::Sends([line.as_bytes(), b"\r"].concat()));
        } else if let Some(bytes) = line.strip_prefix("< ") {
            case.steps.push(Step::Answers(unescape(bytes)));
        } else if let Some(text) = line.strip_prefix("ok:") {
            case.expected = Ok(unescape(text.strip_prefix(' ').unwrap_or(text)));
        } else if let Some(text) = line.strip_prefix("error: ") {
            case.expected = Err(text.to_owned());
        } else {
            panic!("what is this line? {line}");
        }
    }
    assert!(cases.len() > 30);
    cases
}

fn session_of(config: &Config) -> Session {
    let mut session = Session::new(config);
    session.set_held_back(true);
    session
}

/// A session and the scripted modem on its other side, without any I/O.
pub(super) struct Bench {
    pub(super) session: Session,
    pub(super) now: Time,
    pub(super) sent: Vec<u8>,
    pub(super) payload: Vec<u8>,
    pub(super) done: Option<Result<Outcome>>,
    /// What was wanted of the local file.
    pub(super) local: Vec<LocalAction>,
    asked: u64,
    /// Input is fed in two parts at this place of the whole of it.
    split: usize,
    fed: usize,
}

impl Bench {
    pub(super) fn of(config: &Config) -> Bench {
        Bench {
            session: session_of(config),
            ..Bench::new(0)
        }
    }

    pub(super) fn new(split: usize) -> Bench {
        Bench {
            session: session_of(&Config::default()),
            now: Time::from_secs(1),
            sent: Vec::new(),
            payload: Vec::new(),
            done: None,
            local: Vec::new(),
            asked: 0,
            split,
            fed: 0,
        }
    }

    pub(super) fn turn(&mut self) {
        loop {
            self.session.poll(self.now);
            let mut again = false;
            while let Some(output) = self.session.take_output() {
                again = true;
                match output {
                    Output::Port(_) => self.session.port_done(Ok(())),
                    Output::Total(_) => {}
                    Output::Local(action) => self.local.push(action),
                    Output::Done { result, .. } => self.done = Some(result),
                }
            }
            let (sent, now) = (&mut self.sent, self.now);
            self.session
                .transmit(now, |bytes| {
                    again |= !bytes.is_empty();
                    sent.extend_from_slice(bytes);
                    std::io::Result::Ok(bytes.len())
                })
                .unwrap();
            if !again {
                return;
            }
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let cut = self.split.saturating_sub(self.fed).min(bytes.len());
        self.fed += bytes.len();
        for part in [&bytes[..cut], &bytes[cut..]] {
            self.session.feed(self.now, part, &mut self.payload);
            self.turn();
        }
    }

    /// Starts a call, with all of its source.
    pub(super) fn ask(&mut self, task: Task, source: Option<&[u8]>) -> u64 {
        self.asked += 1;
        self.session.set_room(self.now, true);
        let id = self.asked;
        self.session.request(Request {
            id,
            task,
            limit: None,
            cancelled: false,
        });
        self.turn();
        if let Some(source) = source {
            if !source.is_empty() {
                self.session.supply(source.to_vec());
            }
            self.session.supply(Vec::new());
            self.turn();
        }
        id
    }

    /// Starts a call and follows it through `steps`; time passes only when there is nothing else to do.
    fn run(&mut self, task: Task, source: Option<&[u8]>, steps: &[Step]) -> Result<Outcome> {
        self.ask(task, source);
        for step in steps {
            match step {
                Step::Sends(expected) => {
                    while self.sent.len() < expected.len() && self.done.is_none() {
                        self.pass_time();
                    }
                    let sent: Vec<u8> = self
                        .sent
                        .drain(..expected.len().min(self.sent.len()))
                        .collect();
                    assert!(
                        sent == *expected,
                        "expected {:?}, the driver sent {:?} ({:?})",
                        String::from_utf8_lossy(expected),
                        String::from_utf8_lossy(&sent),
                        self.done
                    );
                }
                Step::Answers(bytes) => {
                    assert!(
                        self.sent.is_empty(),
                        "more was sent: {:?}",
                        String::from_utf8_lossy(&self.sent)
                    );
                    self.feed(bytes);
                }
            }
        }
        while self.done.is_none() {
            assert!(
                self.sent.is_empty(),
                "more was sent: {:?}",
                String::from_utf8_lossy(&self.sent)
            );
            self.pass_time();
        }
        self.done.take().unwrap()
    }

    /// Follows a call that was asked for to its end; `answer` gives the modem's answer to all that is sent.
    pub(super) fn answered_by(
        &mut self,
        mut answer: impl FnMut(&[u8]) -> String,
    ) -> Result<Outcome> {
        while self.done.is_none() {
            if self.sent.is_empty() {
                self.pass_time();
            } else {
                let sent = std::mem::take(&mut self.sent);
                let reply = answer(&sent);
                self.feed(reply.as_bytes());
            }
        }
        self.done.take().unwrap()
    }

    pub(super) fn pass_time(&mut self) {
        let deadline = self.session.deadline().expect("the session waits for ever");
        self.now = self.now.max(deadline);
        self.turn();
    }

    /// What comes before each case.
    pub(super) fn prepare(&mut self, login: bool) {
        let dialog = |pairs: &[(&str, &str)]| -> Vec<Step> {
            pairs
                .iter()
                .flat_map(|(line, answer)| {
                    [
                        Step::Sends(format!("{line}\r").into_bytes()),
                        Step::Answers(unescape(answer)),
                    ]
                })
                .collect()
        };
        let ok = r"\r\nOK\r\n";
        let opening = [
            ("AT", ok),
            ("AT+FTPMODE?", r"\r\n+FTPMODE: 0\r\n\r\nOK\r\n"),
            ("ATE0", ok),
            ("AT+CMEE=1", ok),
            ("AT&D2", r"\r\nERROR\r\n"),
            ("AT+FTPOPEN?", r"\r\n+FTPOPEN: 0\r\n\r\nOK\r\n"),
        ];
        let split = std::mem::replace(&mut self.split, 0);
        self.run(Task::Open, None, &dialog(&opening)).unwrap();
        if login {
            let steps = dialog(&[
                ("AT+FTPMODE=0", ok),
                (
                    "AT+FTPOPEN=\"h\",\"u\",\"p\"",
                    r"\r\nOK\r\n\r\n+FTPOPEN: 1\r\n",
                ),
                ("AT+FTPMODE?", r"\r\n+FTPMODE: 0\r\n\r\nOK\r\n"),
            ]);
            self.run(
                Task::Login(Box::new(Login::new("h", "u", "p"))),
                None,
                &steps,
            )
            .unwrap();
        }
        self.split = split;
        self.fed = 0;
    }
}

fn run_case(case: &Case, split: usize) -> std::result::Result<Vec<u8>, Error> {
    let mut bench = Bench::new(split);
    bench.prepare(!case.call.starts_with("login "));
    let call = calls::read(&case.call)?;
    let outcome = bench.run(call.task, call.source.as_deref(), &case.steps)?;
    (call.value)(outcome, &bench.payload)
}

#[test]
fn every_case_ends_as_the_table_says_at_every_split() {
    for case in table() {
        let input: usize = case
            .steps
            .iter()
            .map(|step| {
                if let Step::Answers(bytes) = step {
                    bytes.len()
                } else {
                    0
                }
            })
            .sum();
        for split in 0..=input {
            let at = format!("{}, split at {split}", case.name);
            // Shown when a step of the case panics.
            if split == 0 {
                println!("{}", case.name);
            }
            let result = run_case(&case, split);
            match (&case.expected, result) {
                (Ok(expected), Ok(got)) => assert_eq!(
                    String::from_utf8_lossy(&got),
                    String::from_utf8_lossy(expected),
                    "{at}"
                ),
                (Err(expected), Err(error)) => {
                    let (kind, text) = expected.split_once(' ').unwrap();
                    assert_eq!(error.kind().name(), kind, "{at}: {error}");
                    assert!(error.to_string().contains(text), "{at}: {error}");
                }
                (_, result) => panic!("{at}: {result:?}"),
            }
        }
    }
}

#[test]
fn nothing_is_sent_for_recovery_when_all_went_well() {
    let mut bench = Bench::new(0);
    bench.prepare(true);
    assert!(bench.session.is_idle());
    assert_eq!(
        bench.session.deadline(),
        None,
        "an idle session wants no clock"
    );
    assert!(bench.sent.is_empty());
}

/// A modem that says nothing: the call returns at its limit, then recovery goes on.
#[test]
fn an_outcome_that_is_owed_blocks_its_prefix_until_the_connection_was_closed() {
    let mut bench = Bench::new(0);
    bench.prepare(true);
    let command = Command::named("FTPCWD", b"d").unwrap();
    let task = Task::Verb {
        command,
        what: "directory",
        name: b"d".to_vec(),
    };
    let steps = [
        Step::Sends(b"AT+FTPCWD=\"d\"\r".to_vec()),
        Step::Answers(unescape(r"\r\nOK\r\n")),
    ];
    let error = bench.run(task, None, &steps).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let answers = [
        ("AT+FTPMODE?\r", r"\r\n+FTPMODE: 0\r\n\r\nOK\r\n"),
        ("AT+FTPCLOSE\r", r"\r\nOK\r\n\r\n+FTPCLOSE: 1\r\n"),
    ];
    for (line, answer) in answers {
        while bench.sent.is_empty() {
            bench.pass_time();
        }
        assert_eq!(String::from_utf8_lossy(&bench.sent), line);
        bench.sent.clear();
        bench.feed(&unescape(answer));
    }
    assert!(bench.session.is_idle());
}

/// The proof of the line is an answer with the query's own prefix: a late OK is none.
#[test]
fn a_late_answer_is_never_taken_for_the_next_one() {
    let mut bench = Bench::new(0);
    bench.prepare(true);
    let steps = [Step::Sends(b"AT+CSQ\r".to_vec())];
    let error = bench
        .run(
            Task::Command(Command::raw(b"AT+CSQ").unwrap()),
            None,
            &steps,
        )
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    while bench.sent.is_empty() {
        bench.pass_time();
    }
    assert_eq!(bench.sent, b"AT+FTPMODE?\r");
    bench.sent.clear();
    bench.feed(b"\r\n+CSQ: 1,99\r\n\r\nOK\r\n");
    assert!(bench.sent.is_empty(), "a late OK was taken for the proof");
    bench.feed(b"\r\n+FTPMODE: 0\r\n\r\nOK\r\n");
    assert_eq!(bench.sent, b"AT+FTPOPEN?\r");
}
