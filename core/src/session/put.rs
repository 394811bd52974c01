//! Uploads: FTPSTOR's stuffed stream and FTPPUT's pieces.

use super::verify::{Found, Sizes};
use super::{Job, Machine, PortAction};
use crate::config::{FileType, Transfer, Verify, Via};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::command::Command;
use crate::protocol::engine::Answer;
use crate::protocol::flight::Phase;
use crate::protocol::table::{MAX_PIECE, Reply};

/// The port's output is filled up to this, so that the line never idles for want of bytes.
const FULL: usize = 64 * 1024;
/// How much of the source is stuffed at once.
const PART: usize = 16 * 1024;

impl super::Session {
    /// Whether FTPSTOR's data goes.
    pub(crate) fn streams_up(&self) -> bool {
        self.link.shared().engine.phase() == Some(Phase::SendingStore)
    }
}

impl Machine {
    pub(super) async fn upload(&mut self, job: &Job) -> Result<Transfer> {
        if job.via == Via::Block && job.offset > 0 {
            return Err(Error::invalid(
                "FTPPUT has no offset: upload by stream, or from the start",
            ));
        }
        let start = self.link.now();
        self.connect().await?;
        // What is there of it is this upload's from here on.
        self.litter.take_if(|litter| *litter == job.name);
        let resumed_from = if job.resume {
            self.put_from(job).await?
        } else {
            0
        };
        self.went_on_at = Some(resumed_from);
        if cfg!(nlftp_planted = "deleted-before-it-began") {
            self.note_upload(job);
        }
        let before = match (job.verify, job.offset) {
            (Verify::Size, 1..) => self.listed_size(&job.name).await?,
            _ => None,
        };
        if job.verify == Verify::Readback && !job.resume {
            self.link.shared().buffers.start_digest();
        }
        let (by_block, bytes) = self.send(job, resumed_from).await?;
        self.litter = None;
        let unchecked = |error: Error| match error.left_behind() {
            Some(_) => error,
            None => error.with_left_behind(format!(
                "the file was uploaded, but not checked: {}",
                String::from_utf8_lossy(&job.name)
            )),
        };
        let digest = self.link.shared().buffers.take_digest();
        let sizes = Sizes {
            expected: job.offset + resumed_from + bytes,
            before,
        };
        let verified = self
            .verify_put(job, sizes, digest)
            .await
            .map_err(|error| unchecked(error.with_transferred(bytes)))?;
        Ok(Transfer {
            bytes,
            duration: self.link.now() - start,
            via: if by_block { Via::Block } else { Via::Stream },
            verified,
            resumed_from,
            warnings: std::mem::take(&mut self.link.shared().warnings),
        })
    }

    /// Sends the source from where it stands; tells whether by block, and how many bytes.
    async fn send(&mut self, job: &Job, resumed_from: u64) -> Result<(bool, u64)> {
        if resumed_from > 0 && self.source_is_empty().await? {
            // The server has all of it.
            return Ok((false, 0));
        }
        let by_block =
            job.via == Via::Block && resumed_from == 0 && !self.source_is_empty().await?;
        if job.via == Via::Block && !by_block {
            self.link.warn(if resumed_from > 0 {
                "FTPPUT has no offset: the rest of the file went by FTPSTOR"
            } else {
                "an empty file cannot go by FTPPUT, which takes 1 to 1024 bytes: FTPSTOR was used"
            });
        }
        let rest = Job {
            offset: job.offset + resumed_from,
            ..job.clone()
        };
        let sent = if by_block {
            self.put_block(&rest).await
        } else {
            self.put_stream(&rest).await
        };
        let over = self.data_phase_over().await;
        let bytes = sent?;
        match over {
            Ok(()) => Ok((by_block, bytes)),
            Err(error) => Err(self.unfinished(error, &rest, bytes, bytes).await),
        }
    }

    /// Whether the source ends before its first byte.
    async fn source_is_empty(&mut self) -> Result<bool> {
        self.wait_for_source(0).await?;
        Ok(self.link.shared().buffers.at_end())
    }

    /// Waits until more than `count` bytes of the source, or its end, are there.
    pub(super) async fn wait_for_source(&mut self, count: usize) -> Result<()> {
        let stall = self.link.shared().engine.limits().stall_timeout;
        match self
            .link
            .wait_for(stall, |shared| {
                shared.buffers.has_piece(count).then_some(())
            })
            .await?
        {
            Some(()) => Ok(()),
            None => Err(Error::new(
                ErrorKind::Timeout,
                format!(
                    "the source gave no byte for {stall:?}: raise the stall limit, or look at what writes to it"
                ),
            )),
        }
    }

    async fn put_stream(&mut self, job: &Job) -> Result<u64> {
        let command = Command::transfer("FTPSTOR", &job.name, job.file_type, job.offset)?;
        let shown = command.shown();
        self.link.port(PortAction::HangUpOnClose(true)).await?;
        self.note_upload(job);
        {
            let shared = &mut *self.link.shared();
            shared.engine.submit(shared.now, command);
        }
        let mut bytes = 0;
        let answer = match self.link.data_phase(&shown).await {
            Ok(None) => {
                self.note_litter();
                self.send_stream(&shown, &mut bytes).await
            }
            Ok(Some(answer)) => {
                self.upload = None;
                self.not_done_unbegun(answer, &shown)
            }
            Err(error) => Err(error),
        };
        let judged = match answer {
            Ok(answer) => {
                self.judge(answer, &shown, "FTPSTOR", "upload", &job.name)
                    .await
            }
            Err(error) => Err(error),
        };
        match judged {
            Ok(_) => Ok(bytes),
            Err(error) => Err(self.unfinished(error, job, bytes, bytes).await),
        }
    }

    /// An outcome 1 in place of the data phase is that of another upload, told twice.
    fn not_done_unbegun(&mut self, answer: Answer, shown: &str) -> Result<Answer> {
        if answer.result.is_err() || answer.outcome != Some(1) {
            return Ok(answer);
        }
        self.store_doubtful = true;
        self.link.shared().dirty = true;
        Err(Error::new(
            ErrorKind::Transfer,
            format!(
                "the modem said that {shown} was done before it took a byte: what it says belongs to something else; \
                 try again"
            ),
        ))
    }

    /// Keeps the port's output full until the source has ended, then waits for the outcome.
    async fn send_stream(&mut self, shown: &str, bytes: &mut u64) -> Result<Answer> {
        let mut ended = false;
        let answer = self
            .link
            .wait(
                |shared| shared.engine.deadline(),
                |shared| {
                    if let Some(answer) = shared.engine.take_answer() {
                        return Some(answer);
                    }
                    let (engine, buffers) = (&mut shared.engine, &mut shared.buffers);
                    while !ended && engine.tx().len() < FULL {
                        let count = buffers.take_part(PART, |part| engine.store(part));
                        *bytes += count as u64;
                        if count == 0 {
                            if buffers.at_end() {
                                ended = true;
                                engine.end_store(shared.now);
                            }
                            break;
                        }
                    }
                    None
                },
            )
            .await?;
        match answer {
            Some(answer) => self.link.checked(answer, shown),
            None => Err(Error::new(
                ErrorKind::Timeout,
                "the upload stood still for too long: look at the network and at what feeds the upload, or raise the limit",
            )),
        }
    }

    async fn put_block(&mut self, job: &Job) -> Result<u64> {
        // An offset left by somebody's FTPREST may count for uploads (manual 1.2.15).
        self.link.run(Command::restart_at_zero()).await?;
        self.link.port(PortAction::HangUpOnClose(true)).await?;
        let mut piece = Vec::with_capacity(MAX_PIECE);
        // All pieces but the last are announced by the same command.
        let mut made: Option<(Command, String, bool)> = None;
        let mut bytes = 0;
        self.pieces = Some(job.name.clone());
        self.note_upload(job);
        loop {
            if let Err(error) = self.wait_for_source(MAX_PIECE).await {
                self.must_close = bytes > 0;
                if bytes == 0 {
                    return Err(error);
                }
                return Err(self.unfinished(error, job, bytes, bytes).await);
            }
            let last = {
                let mut shared = self.link.shared();
                shared.buffers.take_piece(MAX_PIECE, &mut piece);
                shared.buffers.at_end()
            };
            let (command, shown, _) = match &made {
                Some(made) if made.0.length == piece.len() && made.2 == last => made,
                _ => {
                    let command = Command::piece(&job.name, piece.len(), last, job.file_type)?;
                    let shown = command.shown();
                    made.insert((command, shown, last))
                }
            };
            debug_assert_eq!(command.reply(), Reply::Piece { last });
            let command = (command.clone(), shown.as_str());
            let mut sent = bytes;
            if let Err(error) = self.put_piece(job, &piece, command, &mut sent).await {
                let error = self.unfinished(error, job, bytes, sent).await;
                // What the module thinks of this file now is anybody's guess: it starts anew.
                self.must_close = true;
                return Err(error);
            }
            bytes += piece.len() as u64;
            if last {
                self.pieces = None;
                return Ok(bytes);
            }
        }
    }

    /// One piece; `sent` grows by what the module has taken of it.
    async fn put_piece(
        &mut self,
        job: &Job,
        piece: &[u8],
        (command, shown): (Command, &str),
        sent: &mut u64,
    ) -> Result<()> {
        {
            let shared = &mut *self.link.shared();
            shared.engine.submit_piece(shared.now, command, piece);
        }
        let answer = self.link.answer(shown).await?;
        *sent += answer.payload;
        let begun = self.upload.take();
        self.judge(answer, shown, "FTPPUT", "upload", &job.name)
            .await?;
        // From here on there is something on the server, and this call made it.
        self.litter = self.litter.take().or(begun);
        Ok(())
    }

    /// The modem is asked for an upload: should it be given up before it is answered, its file is ours all the same. What
    /// a resumed one leaves on the server is for the next one.
    fn note_upload(&mut self, job: &Job) {
        self.upload = (job.offset == 0 && !job.resume).then(|| job.name.clone());
    }

    /// From here on a failure leaves a short file that this call made.
    pub(super) fn note_litter(&mut self) {
        self.litter = self.litter.take().or(self.upload.take());
    }

    /// Once the data phase is left a dying process may leave DTR alone; until recovery has left it, not.
    pub(super) async fn data_phase_over(&mut self) -> Result<()> {
        let open = self.link.shared().engine.data_phase();
        if open {
            Ok(())
        } else {
            self.link.port(PortAction::HangUpOnClose(false)).await
        }
    }

    /// What an upload may have left that failed once the module had been asked for it: it is named, unless the server
    /// shows that nothing was begun. `bytes` were moved; the module has taken no more than `sent`.
    async fn unfinished(&mut self, error: Error, job: &Job, bytes: u64, sent: u64) -> Error {
        let refused = matches!(
            error.kind(),
            ErrorKind::Refused | ErrorKind::Command | ErrorKind::NotConnected
        );
        if refused {
            // Whether the server ever took the name, so that the file there is ours to delete, nobody can tell.
            self.litter = None;
        }
        let error = error.with_transferred(bytes);
        if cfg!(nlftp_planted = "remains-unnamed") {
            return error;
        }
        let name = String::from_utf8_lossy(&job.name);
        let what = if job.resume {
            "what the server has of the file stays there for a resume"
        } else if job.offset > 0 {
            "the file on the server may be incomplete"
        } else if self.litter.is_some() {
            "the short file on the server is being deleted, but if the connection is lost it stays"
        } else if refused && sent == 0 && self.is_untouched(&job.name).await {
            return error;
        } else {
            "a short file may be left on the server"
        };
        error.with_left_behind(format!("{what}: {name}"))
    }

    /// Whether the server shows that a refused upload has left a file as it was: it is not there, or not empty.
    async fn is_untouched(&mut self, name: &[u8]) -> bool {
        // The line has to be proven first: nothing can be asked.
        if self.link.shared().dirty || !self.connected {
            return false;
        }
        match self.look_up(name).await {
            Ok(Found::Listed(listed)) => listed.size > 0,
            Ok(found) => found == Found::Absent,
            // The refusal is what the caller has to know.
            Err(_) => false,
        }
    }
}

/// Whether a size can be compared at all.
pub(super) fn has_size(file_type: FileType) -> bool {
    file_type == FileType::Binary
}
