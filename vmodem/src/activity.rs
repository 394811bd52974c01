//! What the modem is in the middle of, and what the FTP client's events then mean to the host.

use std::time::Duration;

use crate::Modem;
use crate::at::fault::Fault;
use crate::at::{Answer, Handled};
use crate::dialect::{PutFailure, PutPrompt, StatText, StorFailure};
use crate::ftp::{ClientEvent, Job, quoted_path, text_of};
use crate::stuffing::{END, Unstuffer};

/// Which outcome is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    Open,
    Close,
    /// A plain 0 or 1.
    Outcome,
    /// FTPPWD's text.
    Directory,
    /// FTPSYST's text.
    System,
    /// FTPSTAT's text, of which a line was given or not.
    Status {
        begun: bool,
    },
    /// FTPSTOR before its 2.
    Stor,
    /// FTPRETR before its 2.
    Retr,
    /// FTPLIST before its 2.
    List,
    /// The last bytes of an upload are on their way.
    Stored,
}

/// What the line carries, or which answer is owed.
#[derive(Debug)]
pub(crate) enum Activity {
    /// Command lines, and nothing is owed.
    Idle,
    /// Command lines, but an outcome is owed to this command.
    Waiting(&'static str, Waiting),
    /// Stuffed bytes from the host.
    Storing(Unstuffer),
    /// The same, for a transfer that has already failed.
    Swallowing {
        codec: Unstuffer,
        outcome_owed: bool,
    },
    /// Stuffed bytes to the host, by the command of this name.
    Retrieving(&'static str),
    /// A listing to the host; whether its `2` was given.
    Listing { begun: bool },
    /// FTPPUT before its prompt.
    PutOpening { size: usize, last: bool },
    /// Bytes of an FTPPUT piece.
    PutData { left: usize, last: bool },
}

/// A file that is being put together by FTPPUT.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) name: Vec<u8>,
    pub(crate) ascii: bool,
    /// The server has ended it; the host learns so with its next piece.
    pub(crate) failed: bool,
}

impl Modem {
    /// Whether the next command line is answered.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.activity, Activity::Idle)
    }

    /// Whether the module is in download mode.
    pub(crate) fn is_downloading(&self) -> bool {
        self.download
            .as_ref()
            .is_some_and(|download| download.is_active(self.config.dialect.download_end))
    }

    /// Gives the client a job whose outcome is owed to the host.
    pub(crate) fn start(
        &mut self,
        now: Duration,
        name: &'static str,
        waiting: Waiting,
        job: Job,
    ) -> Handled {
        self.activity = Activity::Waiting(name, waiting);
        self.client.start(now, job);
        self.ok_owed = self.config.dialect.outcome_before_ok;
        Ok(if self.ok_owed {
            Answer::Later
        } else {
            Answer::Ok
        })
    }

    /// An outcome line, and the OK that was waiting for it.
    pub(crate) fn outcome(&mut self, name: &str, value: &str) {
        self.information(name, value);
        if std::mem::take(&mut self.ok_owed) {
            self.output.line(b"OK");
        }
    }

    fn end(&mut self, name: &str, ok: bool) {
        self.activity = Activity::Idle;
        self.outcome(name, if ok { "1" } else { "0" });
    }

    pub(crate) fn client_event(&mut self, now: Duration, event: ClientEvent) {
        match event {
            ClientEvent::Control(line) => self.output.unasked("+FTPINFO:", &line),
            ClientEvent::Text(line) => self.text(&line),
            ClientEvent::Ready => self.ready(),
            ClientEvent::Done(ok) => self.done(now, ok),
            ClientEvent::Lost => self.forget_connection(),
        }
    }

    /// What belongs to the connection goes with it.
    pub(crate) fn forget_connection(&mut self) {
        self.download = None;
        self.upload = None;
        if !self.config.dialect.info_before_open {
            self.settings.info = false;
            self.client.observed = false;
        }
    }

    fn text(&mut self, line: &[u8]) {
        let Activity::Waiting(name, waiting) = &mut self.activity else {
            return;
        };
        let name = *name;
        let text = match waiting {
            Waiting::Directory => [b"\"", quoted_path(line).as_slice(), b"\""].concat(),
            Waiting::System => text_of(line).to_vec(),
            Waiting::Status { begun } => {
                let first = !std::mem::replace(begun, true);
                let text = text_of(line).to_vec();
                if !first && self.config.dialect.stat_text == StatText::FirstLine {
                    self.output.raw(&text);
                    return self.output.raw(b"\r\n");
                }
                text
            }
            _ => return,
        };
        let mut out = self.config.dialect.prefix(name).into_bytes();
        out.push(b'2');
        out.extend_from_slice(self.config.dialect.comma().as_bytes());
        out.extend_from_slice(&text);
        self.output.line(&out);
    }

    /// The data connection is up and the server has begun.
    fn ready(&mut self) {
        match self.activity {
            Activity::Waiting(name, Waiting::Stor) => {
                self.activity = Activity::Storing(Unstuffer::default());
                self.outcome(name, "2");
            }
            Activity::Waiting(name, Waiting::Retr) => {
                self.activity = Activity::Retrieving(name);
                self.outcome(name, "2");
                self.output.hold();
            }
            Activity::Waiting(_, Waiting::List) => {
                self.activity = Activity::Listing { begun: false };
                if self.config.dialect.list_empty_two {
                    self.begin_listing();
                }
                self.output.hold();
            }
            Activity::PutOpening { size, last } => self.put_prompt(size, last),
            _ => {
                if let Some(download) = &mut self.download {
                    download.started();
                }
            }
        }
    }

    fn begin_listing(&mut self) {
        if let Activity::Listing {
            begun: begun @ false,
        } = &mut self.activity
        {
            *begun = true;
            let mut line = format!("\r\n{}2", self.config.dialect.prefix("FTPLIST"));
            let ok_first = std::mem::take(&mut self.ok_owed);
            if self.config.dialect.list_on_new_line || ok_first {
                line.push_str("\r\n");
            }
            self.output.raw(line.as_bytes());
            if ok_first {
                self.output.line(b"OK");
            }
        }
    }

    /// Payload from the server, for the host.
    pub(crate) fn payload(&mut self, now: Duration, bytes: &[u8]) {
        match self.activity {
            Activity::Retrieving(_) => crate::stuffing::stuff(bytes, self.output.payload()),
            Activity::Listing { .. } => {
                self.begin_listing();
                self.output.raw(bytes);
            }
            _ => self.fill_cache(now, bytes),
        }
        self.client.data_moved(now);
    }

    fn done(&mut self, now: Duration, ok: bool) {
        match std::mem::replace(&mut self.activity, Activity::Idle) {
            Activity::Waiting(name, Waiting::Open) => {
                if !ok {
                    self.forget_connection();
                }
                self.end(name, ok);
            }
            Activity::Waiting(name, Waiting::Close) => {
                self.forget_connection();
                self.end(name, ok);
            }
            Activity::Waiting(name, _) => self.end(name, ok),
            Activity::Storing(codec) => self.stor_failed(codec),
            Activity::Retrieving(name) => {
                if self.config.dialect.retr_end_mark {
                    self.output.raw(&[END]);
                }
                self.end_payload(name, ok);
            }
            Activity::Listing { begun } => {
                if begun && self.config.dialect.list_end_mark {
                    self.output.raw(&[END]);
                }
                self.end_payload("FTPLIST", ok);
            }
            Activity::PutOpening { .. } => self.put_failed(),
            data @ Activity::PutData { .. } => {
                self.activity = data;
                self.fail_upload();
            }
            swallowing @ Activity::Swallowing { .. } => self.activity = swallowing,
            Activity::Idle if self.upload.is_some() => self.fail_upload(),
            Activity::Idle => self.download_done(now, ok),
        }
    }

    fn end_payload(&mut self, name: &str, ok: bool) {
        if self.config.dialect.held_lines_first {
            self.output.release();
        }
        self.end(name, ok);
        self.output.release();
    }

    // FTPSTOR.

    fn stor_failed(&mut self, codec: Unstuffer) {
        match self.config.dialect.stor_failure {
            StorFailure::OutcomeThenCommands => self.end("FTPSTOR", false),
            StorFailure::OutcomeThenSwallow => {
                self.end("FTPSTOR", false);
                self.activity = Activity::Swallowing {
                    codec,
                    outcome_owed: false,
                };
            }
            StorFailure::SwallowThenOutcome => {
                self.activity = Activity::Swallowing {
                    codec,
                    outcome_owed: true,
                };
            }
        }
    }

    /// Takes stuffed bytes of the host, as many as the upload has room for.
    pub(crate) fn store(&mut self, now: Duration, bytes: &[u8]) -> usize {
        let room = self.client.upload_room();
        let piece = &bytes[..bytes.len().min(room)];
        let (step, ended_well) = match &mut self.activity {
            Activity::Storing(codec) => {
                let out = self.client.upload(now).unwrap_or(&mut self.scratch);
                (codec.push(piece, out), None)
            }
            Activity::Swallowing {
                codec,
                outcome_owed,
            } => (codec.push(piece, &mut self.scratch), Some(*outcome_owed)),
            _ => return 0,
        };
        self.scratch.clear();
        if step.ended {
            match ended_well {
                None => {
                    self.activity = Activity::Waiting("FTPSTOR", Waiting::Stored);
                    self.client.finish_upload(now);
                }
                Some(true) => self.end("FTPSTOR", false),
                Some(false) => self.activity = Activity::Idle,
            }
        }
        step.used
    }

    // FTPPUT.

    pub(crate) fn put_prompt(&mut self, size: usize, last: bool) {
        self.activity = Activity::PutData { left: size, last };
        match self.config.dialect.put_prompt {
            PutPrompt::Line => self.information("FTPPUT", &format!("2,{size}")),
            PutPrompt::Arrow => self.output.raw(b"\r\n> "),
        }
    }

    /// Takes bytes of a piece; true once the piece is whole.
    pub(crate) fn put_bytes(&mut self, now: Duration, bytes: &[u8]) -> (usize, bool) {
        let room = self.client.upload_room();
        let Activity::PutData { left, .. } = &mut self.activity else {
            return (0, false);
        };
        let piece = &bytes[..bytes.len().min(room).min(*left)];
        *left -= piece.len();
        let whole = *left == 0;
        if let Some(out) = self.client.upload(now) {
            out.extend_from_slice(piece);
        }
        (piece.len(), whole)
    }

    /// Answers a piece that has wholly come in.
    pub(crate) fn put_piece_done(&mut self, now: Duration) {
        let Activity::PutData { last, .. } = self.activity else {
            return;
        };
        self.activity = Activity::Idle;
        if self.upload.as_ref().is_none_or(|upload| upload.failed) {
            return self.put_failed();
        }
        self.output.line(b"OK");
        if last {
            self.upload = None;
            self.activity = Activity::Waiting("FTPPUT", Waiting::Stored);
            self.client.finish_upload(now);
        }
    }

    fn fail_upload(&mut self) {
        if let Some(upload) = &mut self.upload {
            upload.failed = true;
        }
    }

    /// A piece failed: the file is given up, and the next FTPPUT begins a new one.
    pub(crate) fn put_failed(&mut self) {
        self.activity = Activity::Idle;
        self.upload = None;
        if self.config.dialect.put_failure != PutFailure::Error {
            self.information("FTPPUT", "0");
        }
        match self.config.dialect.put_failure {
            PutFailure::OutcomeThenOk => self.output.line(b"OK"),
            _ => self.refuse(Fault::FAILED),
        }
    }
}
