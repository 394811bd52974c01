//! What the modem is in the middle of, and what the FTP client's events then mean to the host.

mod upload;

use std::time::Duration;

use crate::Modem;
use crate::at::{Answer, Handled};
use crate::dialect::{StatText, TextResult};
use crate::ftp::{ClientEvent, Job, quoted_path, text_of};
use crate::stuffing::{END, Unstuffer};
pub(crate) use upload::{Sizing, Upload};

/// Which outcome is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Waiting {
    Open,
    Close,
    /// A plain 0 or 1.
    Outcome,
    /// FTPPWD's text, kept here where it comes with the outcome.
    Directory(Option<Vec<u8>>),
    /// FTPSYST's text, likewise.
    System(Option<Vec<u8>>),
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
    /// FTPSTOR while the server is asked how long the file is.
    Sizing(Sizing),
    /// Stuffed bytes from the host, after so many NULs of the modem's own.
    Storing { codec: Unstuffer, padding: u64 },
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

impl Modem {
    /// Whether the next command line is answered.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.activity, Activity::Idle) && !self.ok_owed
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
        self.padding_owed = 0;
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
            self.ok();
        }
    }

    fn end(&mut self, name: &str, ok: bool) {
        self.activity = Activity::Idle;
        self.outcome(name, if ok { "1" } else { "0" });
    }

    pub(crate) fn client_event(&mut self, now: Duration, event: ClientEvent) {
        match event {
            ClientEvent::Control(line) => {
                let prefix = self.config.dialect.printed_prefix("FTPINFO");
                self.output.unasked(&prefix, &line);
            }
            ClientEvent::Text(line) => self.text(&line),
            ClientEvent::Ready => self.ready(now),
            ClientEvent::Done(ok) => self.done(now, ok),
            ClientEvent::Lost => self.connection_lost(),
        }
    }

    fn connection_lost(&mut self) {
        if self.connected && self.config.dialect.lost_told {
            self.output
                .unasked(&self.config.dialect.prefix("FTPOPEN"), b"0");
        }
        self.forget_connection();
    }

    /// What belongs to the connection goes with it.
    pub(crate) fn forget_connection(&mut self) {
        self.forget_download();
        self.upload = None;
        self.connected = false;
        self.last_listed.clear();
        if !self.config.dialect.info_before_open {
            self.settings.info = false;
            self.client.observed = false;
        }
    }

    fn text(&mut self, line: &[u8]) {
        let (name, waiting) = match &mut self.activity {
            Activity::Waiting(name, waiting) => (*name, waiting),
            Activity::Sizing(sizing) => return sizing.text(text_of(line)),
            _ => return,
        };
        let text = match waiting {
            Waiting::Directory(_) => [b"\"", quoted_path(line).as_slice(), b"\""].concat(),
            Waiting::System(_) | Waiting::Status { .. } => text_of(line).to_vec(),
            _ => return,
        };
        match waiting {
            Waiting::Status { begun } => {
                let first = !std::mem::replace(begun, true);
                if !first && self.config.dialect.stat_text == StatText::FirstLine {
                    self.output.raw(&text);
                    return self.output.raw(b"\r\n");
                }
            }
            // The outcome carries the text, the first line of it if there are more.
            Waiting::Directory(kept) | Waiting::System(kept)
                if self.config.dialect.text_result != TextResult::TwoThenOne =>
            {
                kept.get_or_insert(text);
                return;
            }
            _ => {}
        }
        self.text_line(name, b'2', &text);
    }

    /// A result with a text.
    fn text_line(&mut self, name: &str, result: u8, text: &[u8]) {
        let mut line = self.config.dialect.prefix(name).into_bytes();
        line.push(result);
        line.extend_from_slice(self.config.dialect.comma().as_bytes());
        line.extend_from_slice(text);
        self.output.line(&line);
    }

    /// The outcome of a command whose text comes with it.
    fn end_with_text(&mut self, name: &str, text: &[u8]) {
        let result = if self.config.dialect.text_result == TextResult::OneWithText {
            b'1'
        } else {
            b'2'
        };
        self.activity = Activity::Idle;
        self.text_line(name, result, text);
        if std::mem::take(&mut self.ok_owed) {
            self.ok();
        }
    }

    /// The data connection is up and the server has begun.
    fn ready(&mut self, now: Duration) {
        match self.activity {
            Activity::Waiting(name, Waiting::Stor) => {
                self.activity = Activity::Storing {
                    codec: Unstuffer::default(),
                    padding: std::mem::take(&mut self.padding_owed),
                };
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
            Activity::PutOpening { size, last } => self.put_prompt(now, size, last),
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
            self.output.raw(self.output.line_start());
            let line = self.config.dialect.prefix("FTPLIST") + "2";
            self.output.raw(line.as_bytes());
            let ok_first = std::mem::take(&mut self.ok_owed);
            if self.config.dialect.list_on_new_line || ok_first {
                self.output.raw(b"\r\n");
            }
            if ok_first {
                self.ok();
            }
        }
    }

    /// Payload from the server, for the host.
    pub(crate) fn payload(&mut self, now: Duration, bytes: &[u8]) {
        match self.activity {
            Activity::Retrieving(_) => {
                crate::stuffing::stuff(bytes, self.output.payload());
                if let Some(period) = self.chunk_period() {
                    self.chunk_timer.spend(now, bytes.len(), period);
                }
            }
            Activity::Listing { .. } => {
                self.begin_listing();
                if self.config.dialect.list_stuffed {
                    crate::stuffing::stuff(bytes, self.output.payload());
                } else {
                    self.output.raw(bytes);
                }
            }
            _ => self.fill_cache(now, bytes),
        }
        self.client.data_moved(now);
    }

    /// The period of FTPLIMIT where it applies: a serial port has its own pace.
    fn chunk_period(&self) -> Option<Duration> {
        let limited = self.config.usb && self.settings.ftp_limit > 0;
        limited.then(|| Duration::from_millis(self.settings.ftp_limit))
    }

    /// How much FTPRETR may take of its data connection.
    pub(crate) fn retrieve_room(&self) -> usize {
        let room = self.output.payload_room() / 2;
        match self.chunk_period() {
            Some(_) => room.min(self.chunk_timer.room()),
            None => room,
        }
    }

    fn done(&mut self, now: Duration, ok: bool) {
        match std::mem::replace(&mut self.activity, Activity::Idle) {
            Activity::Waiting(name, Waiting::Open) => {
                if !ok {
                    self.forget_connection();
                }
                self.connected = ok;
                self.end(name, ok);
            }
            Activity::Waiting(name, Waiting::Close) => {
                self.forget_connection();
                self.end(name, ok);
            }
            Activity::Waiting(
                name,
                Waiting::Directory(Some(text)) | Waiting::System(Some(text)),
            ) if ok => self.end_with_text(name, &text),
            Activity::Waiting(name, _) => self.end(name, ok),
            Activity::Sizing(sizing) => self.sized(now, sizing),
            Activity::Storing { codec, .. } => self.stor_failed(codec),
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
}
