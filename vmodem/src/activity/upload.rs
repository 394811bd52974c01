//! Bytes from the host to the server: FTPSTOR's stuffed stream and FTPPUT's counted pieces.

use std::time::Duration;

use super::{Activity, Waiting};
use crate::Modem;
use crate::at::Handled;
use crate::at::fault::Fault;
use crate::dialect::{PutFailure, PutPrompt, StorBeyond, StorFailure};
use crate::ftp::{Job, Transfer};
use crate::stuffing::Unstuffer;

/// A file that is being put together by FTPPUT.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) name: Vec<u8>,
    pub(crate) ascii: bool,
    /// The server has ended it; the host learns so with its next piece.
    pub(crate) failed: bool,
}

/// An FTPSTOR whose offset is to be compared with the file's size.
#[derive(Debug)]
pub(crate) struct Sizing {
    command: &'static str,
    transfer: Transfer,
    /// SIZE was sent; before that TYPE, without which some servers refuse it.
    asked: bool,
    /// The server's answer; nothing if there is no such file.
    size: Option<u64>,
}

impl Sizing {
    /// A line of the server's answer.
    pub(super) fn text(&mut self, text: &[u8]) {
        self.size = std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.trim().parse().ok());
    }
}

impl Modem {
    // FTPSTOR.

    /// Begins an upload at an offset that the server cannot be trusted with.
    pub(crate) fn start_sizing(
        &mut self,
        now: Duration,
        command: &'static str,
        transfer: Transfer,
    ) -> Handled {
        // The client then has to say again which type its next transfer has.
        self.client.ascii = None;
        let answer = self.start(
            now,
            command,
            Waiting::Stor,
            Job::Command(b"TYPE I".to_vec()),
        );
        self.activity = Activity::Sizing(Sizing {
            command,
            transfer,
            asked: false,
            size: None,
        });
        answer
    }

    /// The server has answered to TYPE or to SIZE.
    pub(super) fn sized(&mut self, now: Duration, mut sizing: Sizing) {
        if !std::mem::replace(&mut sizing.asked, true) {
            let line = [b"SIZE ".as_slice(), &sizing.transfer.name].concat();
            self.client.start(now, Job::Text(line));
            self.activity = Activity::Sizing(sizing);
            return;
        }
        let size = sizing.size.unwrap_or(0);
        let beyond = sizing.transfer.offset.saturating_sub(size);
        if beyond > 0 && self.config.dialect.stor_beyond == StorBeyond::Refused {
            return self.end(sizing.command, false);
        }
        sizing.transfer.offset -= beyond;
        self.padding_owed = beyond;
        self.activity = Activity::Waiting(sizing.command, Waiting::Stor);
        self.client.start(now, Job::Transfer(sizing.transfer));
    }

    pub(super) fn stor_failed(&mut self, codec: Unstuffer) {
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

    /// Sends of the NULs before the host's bytes as many as the upload has room for.
    pub(crate) fn pad(&mut self, now: Duration) {
        let Activity::Storing { padding, .. } = &mut self.activity else {
            return;
        };
        while *padding > 0 {
            let room = self.client.upload_room();
            if room == 0 {
                return;
            }
            let Some(out) = self.client.upload(now) else {
                // Nothing gets through any more; the server's word on that is awaited.
                *padding = 0;
                return;
            };
            let size = room.min(usize::try_from(*padding).unwrap_or(usize::MAX));
            out.resize(out.len() + size, 0);
            *padding -= size as u64;
        }
    }

    /// Takes stuffed bytes of the host, as many as the upload has room for.
    pub(crate) fn store(&mut self, now: Duration, bytes: &[u8]) -> usize {
        let room = self.client.upload_room();
        let piece = &bytes[..bytes.len().min(room)];
        let (step, ended_well) = match &mut self.activity {
            Activity::Storing { padding: 1.., .. } => return 0,
            Activity::Storing { codec, .. } => {
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

    pub(crate) fn put_prompt(&mut self, now: Duration, size: usize, last: bool) {
        self.activity = Activity::PutData { left: size, last };
        self.put_bytes_at = now;
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
        self.put_bytes_at = now;
        (piece.len(), whole)
    }

    /// When a piece has failed because its bytes do not come.
    pub(crate) fn put_deadline(&self) -> Option<Duration> {
        let patience = u64::from(self.config.dialect.put_patience);
        let waits = matches!(self.activity, Activity::PutData { left: 1.., .. });
        (waits && patience > 0).then(|| self.put_bytes_at + Duration::from_secs(patience))
    }

    /// Gives up a piece whose bytes do not come, and the file with it.
    pub(crate) fn put_expired(&mut self, now: Duration) {
        if self.put_deadline().is_some_and(|deadline| now >= deadline) {
            self.put_failed();
            self.client.abandon_transfer(now);
        }
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
        self.ok_owed = last && self.config.dialect.put_outcome_before_ok;
        if !self.ok_owed {
            self.ok();
        }
        if last {
            self.upload = None;
            self.activity = Activity::Waiting("FTPPUT", Waiting::Stored);
            self.client.finish_upload(now);
        }
    }

    pub(super) fn fail_upload(&mut self) {
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
            PutFailure::OutcomeThenOk => self.ok(),
            _ => self.refuse(Fault::FAILED),
        }
    }
}
