//! A command that has been sent: which lines are its own, and when it is over.

mod tail;

use super::Time;
use super::command::Command;
use super::dialect;
use super::engine::{Answer, Limits, Next};
use super::response::{self, Failure, Line};
use super::stuffing::{ETX, Unstuffer};
use super::table::{MAX_PIECE, Reply};

/// Information lines kept of one answer; a modem that sends more breaks the protocol.
const MAX_INFORMATION: usize = 64 * 1024;
const LINE_END: usize = 2;
/// A length that lies is counted off up to this, so that its data is not taken for lines.
const MAX_LIE: usize = 64 * 1024;
/// How long FTPSTOR's `OK` may take behind outcome 2, before it is taken to come at the end.
const OK_GRACE: Time = Time::from_secs(1);

/// How long an outcome is waited for behind the text of a firmware that was seen to print none.
const TEXT_GRACE: Time = Time::from_secs(1);

/// Where a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Lines: information, final result, outcome.
    Reply,
    /// FTPLIST's text comes.
    Listing,
    /// FTPSTOR's data goes.
    SendingStore,
    /// FTPSTOR's 0x03 is sent, the outcome is not there yet.
    EndingStore,
    /// FTPRETR's data comes.
    Retrieving,
    /// FTPPUT's bytes have been given to the port.
    SendingPiece,
    /// FTPRECV's counted bytes come.
    Receiving,
    /// They are complete, the final result is not there yet.
    Received,
}

/// Whether a line belongs to a command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Expects {
    Yes,
    No,
    /// It is a late answer to something else, of no use to anybody.
    Swallow,
}

pub(crate) struct Flight {
    pub(crate) command: Command,
    pub(crate) phase: Phase,
    pub(crate) proof: bool,
    pub(crate) deadline: Time,
    pub(crate) outcome: Option<u8>,
    pub(crate) payload: u64,
    pub(crate) piece: Vec<u8>,
    pub(crate) tail: Vec<u8>,
    pub(crate) gap: Option<usize>,
    /// The next line is the first one behind FTPRECV's data.
    pub(crate) first_behind_data: bool,
    /// Escapes before bytes that need none, in FTPRETR's data.
    pub(crate) stray_escapes: u64,
    pub(crate) violation: Option<String>,
    /// A violation that is told only when the command has run its course, as the modem is owed bytes or sends them.
    fault: Option<String>,
    result: Option<Result<(), Failure>>,
    /// FTPPUT's `OK` came before its prompt: it counts once the outcome says so.
    ok_before_prompt: bool,
    /// Outcome 2 came before `OK`: the data phase opens with the latter.
    ready_early: bool,
    data_phase_was_open: bool,
    text_follows: bool,
    lines: Vec<Vec<u8>>,
    information: usize,
    expected: Option<u64>,
    /// Its end came before all of its data had been written.
    pub(crate) early: bool,
}

impl Flight {
    pub(crate) fn new(command: Command) -> Flight {
        Flight {
            command,
            phase: Phase::Reply,
            proof: false,
            deadline: Time::MAX,
            outcome: None,
            payload: 0,
            piece: Vec::new(),
            tail: Vec::new(),
            gap: None,
            first_behind_data: false,
            stray_escapes: 0,
            violation: None,
            fault: None,
            result: None,
            ok_before_prompt: false,
            ready_early: false,
            data_phase_was_open: false,
            text_follows: false,
            lines: Vec::new(),
            information: 0,
            expected: None,
            early: false,
        }
    }

    pub(crate) fn with_piece(mut self, piece: Vec<u8>) -> Flight {
        self.piece = piece;
        self
    }

    pub(crate) fn proving(mut self) -> Flight {
        self.proof = true;
        self
    }

    pub(crate) fn expecting(mut self, size: Option<u64>) -> Flight {
        self.expected = size;
        self
    }

    fn has_outcome(&self) -> bool {
        if cfg!(nlftp_planted = "ok-ends-a-set-command") && self.command.reply() == Reply::Outcome {
            return false;
        }
        !matches!(
            self.command.reply(),
            Reply::Final | Reply::Receive | Reply::Piece { last: false }
        )
    }

    /// Whether an outcome is still to come.
    pub(crate) fn expects_outcome(&self) -> bool {
        self.has_outcome() && self.outcome.is_none() && !matches!(self.result, Some(Err(_)))
    }

    /// Whether its `OK` has come.
    pub(crate) fn is_accepted(&self) -> bool {
        self.result == Some(Ok(()))
    }

    /// The modem's words where it failed.
    pub(crate) fn failure_text(&mut self) -> Option<&mut String> {
        let failure = self.result.as_mut()?.as_mut().err()?;
        Some(&mut failure.text)
    }

    /// FTPPUT before its prompt.
    pub(crate) fn may_be_prompted(&self) -> bool {
        matches!(self.command.reply(), Reply::Piece { .. }) && self.phase == Phase::Reply
    }

    fn is_own(&self, name: &[u8]) -> bool {
        dialect::answers(self.command.name(), name)
    }

    /// Whether a line is this command's; `before` is the one in quarantine, whose results come first.
    pub(crate) fn expects(&self, line: &Line<'_>, before: Option<&Flight>) -> Expects {
        let yes = |is: bool| if is { Expects::Yes } else { Expects::No };
        if self.phase == Phase::Listing {
            let info =
                matches!(line, Line::Answer { name, .. } if name.eq_ignore_ascii_case(b"FTPINFO"));
            return yes(!info);
        }
        match line {
            Line::Ok | Line::Error(_) if self.result.is_some() => {
                let failing = matches!(line, Line::Error(_)) && self.expects_outcome();
                yes(failing || self.text_follows && self.expects_outcome())
            }
            Line::Ok | Line::Error(_) => {
                let owed_before = before.is_some_and(|flight| flight.result.is_none());
                match line {
                    // A bare OK proves nothing: only the answer with the query's own prefix does.
                    _ if self.proof && self.lines.is_empty() && owed_before => Expects::No,
                    Line::Ok if self.proof && self.lines.is_empty() => Expects::Swallow,
                    _ => Expects::Yes,
                }
            }
            Line::Answer { name, rest } => {
                if name.eq_ignore_ascii_case(b"FTPINFO") {
                    let state = rest.first() == Some(&b'(') || matches!(*rest, b"0" | b"1");
                    return yes(self.is_own(name) && state);
                }
                if self.is_own(name) {
                    // FTPGET's outcomes come when they like, also while FTPGET? is being answered.
                    let notice = self.command.reply() == Reply::Final
                        && self.command.name() == "FTPGET"
                        && matches!(*rest, b"0" | b"1" | b"2");
                    return yes(!notice);
                }
                // FTPPWD and FTPSYST have one line of text: another command's prefix begins no second one.
                let text = self.text_follows && self.command.name() == "FTPSTAT";
                // A basic or compound command answers under any name.
                yes(self.command.answers_by_any_name() && self.result.is_none()
                    || text && self.expects_outcome())
            }
            Line::Text(_) => {
                let information =
                    self.command.reply() == Reply::Final && !self.proof && self.result.is_none();
                let data = self.is_data_without_ok(line);
                yes(information || data || self.text_follows && self.expects_outcome())
            }
        }
    }

    /// Takes a line that [`expects`](Self::expects) said is this command's.
    pub(crate) fn take_line(
        &mut self,
        now: Time,
        line: &[u8],
        parsed: &Line<'_>,
        blanks: usize,
        limits: &Limits,
        payload: &mut Vec<u8>,
    ) -> Next {
        if self.phase == Phase::Listing {
            self.take_listing(now, line, parsed, limits, payload);
            return Next::Line;
        }
        if self.is_data_without_ok(parsed) {
            self.fault = Some(
                "it sent the file before its OK, so that nothing tells the two apart".to_owned(),
            );
            self.ready_early = false;
            // Its end mark may stand in that very line.
            let ended = Unstuffer::default().unstuff(line, &mut Vec::new()).ended;
            return if ended {
                Next::Line
            } else {
                self.open_data_phase(now, limits)
            };
        }
        match parsed {
            Line::Ok | Line::Error(_) if self.text_follows && self.result.is_some() => {
                self.keep(line);
                Next::Line
            }
            Line::Ok if self.phase == Phase::Reply && self.waits_for_prompt() => {
                self.ok_before_prompt = true;
                Next::Line
            }
            Line::Ok => {
                self.result = Some(Ok(()));
                // A line in between leaves nothing to compare.
                if std::mem::replace(&mut self.first_behind_data, false) {
                    self.gap = Some(blanks);
                }
                if self.has_outcome() {
                    self.deadline = now.saturating_add(limits.outcome_timeout);
                }
                if self.text_follows {
                    self.await_more_text(now, limits);
                }
                if std::mem::take(&mut self.ready_early) && self.outcome.is_none() {
                    self.open_data_phase(now, limits)
                } else {
                    Next::Line
                }
            }
            Line::Error(failure) => {
                self.early |= self.phase == Phase::SendingStore;
                self.result = Some(Err(failure.clone()));
                Next::Line
            }
            Line::Answer { name, rest } if self.is_own(name) => {
                self.take_own(now, line, rest, limits, payload)
            }
            Line::Answer { .. } | Line::Text(_) => {
                self.keep(line);
                if self.text_follows && self.is_accepted() {
                    self.await_more_text(now, limits);
                }
                Next::Line
            }
        }
    }

    /// Whether a line behind FTPRETR's outcome 2 is the file's already, though its `OK` has not come.
    fn is_data_without_ok(&self, parsed: &Line<'_>) -> bool {
        self.ready_early
            && self.command.reply() == Reply::Retrieve
            && matches!(parsed, Line::Text(_) | Line::Error(_))
    }

    fn take_own(
        &mut self,
        now: Time,
        line: &[u8],
        rest: &[u8],
        limits: &Limits,
        payload: &mut Vec<u8>,
    ) -> Next {
        let reply = self.command.reply();
        match reply {
            Reply::Final => {
                self.keep(line.trim_ascii());
                return Next::Line;
            }
            Reply::Receive => return self.take_length(now, rest, limits),
            _ => {}
        }
        let Some((outcome, text)) = response::outcome(rest) else {
            if reply == Reply::Listing {
                // The manual's syntax lets the first line stand right behind the 2.
                if let Some(text) = rest.strip_prefix(b"2") {
                    push_line(text, payload);
                    return self.open_data_phase(now, limits);
                }
            }
            return Next::Line;
        };
        match (reply, outcome) {
            (Reply::Fetch, _) => {
                // What is told last is true: all has arrived, or it broke off.
                if matches!(self.outcome, None | Some(2)) {
                    self.outcome = Some(outcome);
                }
            }
            (Reply::Text, 2) => {
                self.text_follows = true;
                self.keep(text);
                if self.is_accepted() {
                    self.await_more_text(now, limits);
                }
            }
            (Reply::Listing, 2) => {
                // An empty list may have its end mark right there.
                let text = text.strip_suffix(&[ETX]).unwrap_or(text);
                if !text.is_empty() {
                    push_line(text, payload);
                }
                return self.open_data_phase(now, limits);
            }
            (Reply::Store | Reply::Retrieve, 2) => return self.data_phase_opens(now, limits),
            (Reply::Piece { .. }, 2) => return self.take_prompt(text),
            (_, 2) => {}
            // The late outcome of a text that was taken as complete without it.
            (Reply::Text, 1)
                if limits.text_stands_alone && self.lines.is_empty() && text.is_empty() => {}
            _ => {
                self.early |= self.phase == Phase::SendingStore;
                self.outcome = Some(outcome);
                self.text_follows = false;
                if self.ready_early && reply == Reply::Retrieve && outcome == 1 {
                    self.violation = Some(
                        "it sent the file before its OK, so that nothing tells the two apart"
                            .to_owned(),
                    );
                }
                if reply == Reply::Text && !text.is_empty() {
                    self.keep(text);
                }
                if self.ok_before_prompt {
                    self.result = Some(Ok(()));
                }
            }
        }
        Next::Line
    }

    /// FTPPUT: nothing but the prompt or a failure means anything yet.
    fn waits_for_prompt(&self) -> bool {
        matches!(self.command.reply(), Reply::Piece { .. }) && self.outcome.is_none()
    }

    fn data_phase_opens(&mut self, now: Time, limits: &Limits) -> Next {
        if self.data_phase_was_open {
            if self.command.reply() == Reply::Retrieve {
                self.violation = Some("it announced the file a second time".to_owned());
            }
            return Next::Line;
        }
        if self.result.is_none() {
            self.ready_early = true;
            if self.command.reply() == Reply::Store {
                self.deadline = now.saturating_add(OK_GRACE);
            }
            return Next::Line;
        }
        self.open_data_phase(now, limits)
    }

    fn open_data_phase(&mut self, now: Time, limits: &Limits) -> Next {
        self.data_phase_was_open = true;
        self.deadline = now.saturating_add(limits.stall_timeout);
        match self.command.reply() {
            Reply::Store => {
                self.phase = Phase::SendingStore;
                Next::Line
            }
            Reply::Retrieve => {
                self.phase = Phase::Retrieving;
                Next::Stuffed
            }
            _ => {
                self.phase = Phase::Listing;
                Next::Line
            }
        }
    }

    /// No `OK` came behind outcome 2: the data phase is open without it. False when that is not the case.
    pub(crate) fn open_without_ok(&mut self, now: Time, limits: &Limits) -> bool {
        let open = self.ready_early && self.command.reply() == Reply::Store;
        if open {
            self.assume_open();
            self.deadline = now.saturating_add(limits.stall_timeout);
        }
        open
    }

    /// FTPSTOR's outcome 2 without `OK`: whatever is sent now may be taken for the file.
    pub(crate) fn assume_open(&mut self) {
        if self.ready_early && self.command.reply() == Reply::Store {
            self.ready_early = false;
            self.data_phase_was_open = true;
            self.phase = Phase::SendingStore;
        }
    }

    fn take_prompt(&mut self, text: &[u8]) -> Next {
        if self.outcome == Some(1) {
            // It was the piece before that this outcome was about.
            self.outcome = None;
        }
        if let Some(length) =
            response::number::<usize>(text).filter(|length| *length != self.command.length)
        {
            self.fault = Some(format!(
                "it wants {length} bytes of a piece of {}",
                self.command.length
            ));
            // It gets what it waits for, or it would take the next command for it.
            self.piece.resize(length.min(MAX_PIECE), 0);
        }
        Next::Prompt
    }

    fn take_length(&mut self, now: Time, rest: &[u8], limits: &Limits) -> Next {
        let Some(length) = response::number::<usize>(rest) else {
            return Next::Line;
        };
        if length > self.command.length {
            let lie = format!(
                "it announces {length} bytes where {} were asked for",
                self.command.length
            );
            if length > MAX_LIE {
                self.violation = Some(lie);
                return Next::Line;
            }
            self.fault = Some(lie);
        }
        self.deadline = now.saturating_add(limits.timeout);
        if length == 0 {
            return Next::Line;
        }
        self.phase = Phase::Receiving;
        Next::Counted(length)
    }

    fn take_listing(
        &mut self,
        now: Time,
        line: &[u8],
        parsed: &Line<'_>,
        limits: &Limits,
        payload: &mut Vec<u8>,
    ) {
        self.deadline = now.saturating_add(limits.stall_timeout);
        let text = line.strip_prefix(&[ETX]).unwrap_or(line);
        let stripped;
        let parsed = if text.len() == line.len() {
            parsed
        } else {
            stripped = response::parse(text);
            &stripped
        };
        if let Line::Answer {
            name,
            rest: b"0" | b"1",
        } = parsed
            && self.is_own(name)
        {
            self.outcome = Some(u8::from(text.trim_ascii().ends_with(b"1")));
            self.phase = Phase::Reply;
            return;
        }
        if self.result.is_none() && *parsed == Line::Ok {
            // Outcome 2 came before it.
            self.result = Some(Ok(()));
            return;
        }
        let text = text.strip_suffix(&[ETX]).unwrap_or(text);
        if !text.is_empty() {
            push_line(text, payload);
        }
    }

    /// By the syntax of manual 1.2.7 the line with the text is the only one; by its example an outcome follows.
    fn await_more_text(&mut self, now: Time, limits: &Limits) {
        let silence = match self.command.name() {
            // Its text has many lines, which come as the server sends them.
            "FTPSTAT" if !limits.text_stands_alone && !self.ends_a_reply() => {
                limits.outcome_timeout
            }
            "FTPSTAT" => limits.timeout,
            _ if limits.text_stands_alone => limits.timeout.min(TEXT_GRACE),
            _ => limits.timeout,
        };
        self.deadline = now.saturating_add(silence);
    }

    /// Whether the last line is that of an FTP reply, such as `213 End` (RFC 959, 4.2).
    fn ends_a_reply(&self) -> bool {
        let last = self.lines.last().map(Vec::as_slice).unwrap_or_default();
        let last = last.strip_prefix(b"\"").unwrap_or(last);
        matches!(last, [a, b, c, b' ', ..] if [a, b, c].iter().all(|byte| byte.is_ascii_digit()))
    }

    /// Nothing more came behind a text: it is complete. False when that is not the case, or not sure: FTPSTAT's text may
    /// as well have been cut off.
    pub(crate) fn end_without_outcome(&mut self, limits: &Limits) -> bool {
        let sure =
            self.command.name() != "FTPSTAT" || limits.text_stands_alone || self.ends_a_reply();
        let alone = sure && self.text_follows && self.is_accepted() && self.outcome.is_none();
        if alone {
            self.outcome = Some(1);
            self.text_follows = false;
        }
        alone
    }

    fn keep(&mut self, line: &[u8]) {
        // Empty lines take memory, too.
        self.information += line.len() + LINE_END;
        if self.information > MAX_INFORMATION {
            self.violation = Some("the modem's answer does not end".to_owned());
            return;
        }
        self.lines.push(line.to_vec());
    }

    // -- the end ----------------------------------------------------------------------------------

    pub(crate) fn is_done(&self) -> bool {
        if self.violation.is_some() {
            return true;
        }
        match &self.result {
            Some(Err(_)) => true,
            None => self.early,
            Some(Ok(()))
                if matches!(
                    self.phase,
                    Phase::Receiving | Phase::Retrieving | Phase::Listing
                ) =>
            {
                false
            }
            Some(Ok(())) => !self.has_outcome() || self.outcome.is_some(),
        }
    }

    pub(crate) fn into_answer(self) -> Answer {
        Answer {
            result: self.result.unwrap_or(Ok(())),
            outcome: self.outcome,
            lines: self.lines,
            payload: self.payload,
            violation: self.violation.or(self.fault),
            early: self.early,
            stray_escapes: self.stray_escapes,
        }
    }
}

fn push_line(line: &[u8], payload: &mut Vec<u8>) {
    payload.extend_from_slice(line);
    payload.push(b'\n');
}
