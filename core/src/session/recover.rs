//! Recovery by phase: leaves data phases, waits out what is owed, proves the line, and tidies up.
//!
//! Nothing of this runs unless a command timed out, was cancelled or failed halfway.

use super::link::Shared;
use super::open::SETTLE;
use super::{Machine, PortAction};
use crate::error::{ErrorKind, Result};
use crate::protocol::Time;
use crate::protocol::command::Command;
use crate::protocol::flight::Phase;
use crate::protocol::table::Reply;

/// How long the server may take to acknowledge a short file, and a modem to swallow what it is owed.
const DATA_LIMIT: Time = Time::from_secs(30);
/// How long a modem may go on sending a file that nobody wants any more.
const DRAIN_LIMIT: Time = Time::from_secs(60);

/// A download that was given up and says nothing for this long has ended, or the modem obeyed DTR.
const SILENCE: Time = Time::from_secs(3);

/// How often a data phase is left before the port itself is tried.
const MAX_TURNS: u32 = 2;

impl Machine {
    /// Brings the modem back to command mode; if that fails, every call says so until it succeeds.
    ///
    /// # Errors
    /// Only the caller's own cancel or deadline, when it waits for this.
    pub(super) async fn recover(&mut self) -> Result<()> {
        let mut steps = Vec::new();
        let recovered = self.try_recover(&mut steps).await;
        self.leave_in_flight();
        let tried = steps.join(", ");
        self.stuck = match &recovered {
            Ok(true) => None,
            Ok(false) => Some(format!(
                "the modem does not answer any more; tried {tried}: reset the module, or open the port again"
            )),
            Err(error) if error.kind() == ErrorKind::Port => None,
            Err(error) => Some(format!("{error}; tried {tried}")),
        };
        if self.stuck.is_none() {
            self.tidy().await;
            self.leave_in_flight();
        }
        match recovered {
            Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
            _ => Ok(()),
        }
    }

    async fn try_recover(&mut self, steps: &mut Vec<&'static str>) -> Result<bool> {
        let mut turns = 0;
        let proven = loop {
            turns += 1;
            self.leave_data_phase(steps).await?;
            steps.push("a query with its own prefix");
            if self.prove().await? {
                break true;
            }
            // The data phase of what was given up has opened after all: that has to be left first, if it can be.
            if !self.is_in_data_phase() || turns == MAX_TURNS {
                break false;
            }
        };
        if !proven {
            steps.push("dropping DTR or opening the port anew");
            self.drop_dtr().await?;
            self.link.shared().engine.reset();
            if self.open().await.is_err() {
                return Ok(false);
            }
        }
        if self.link.shared().engine.owed_outcome().is_some() {
            steps.push("closing the connection that an outcome is owed on");
            self.must_close = true;
        }
        if self.must_close {
            self.close_whatever_is_open().await?;
        } else {
            match self.ask_connected().await? {
                Some(false) => self.forget_connection(),
                // A login that was given up has succeeded since: nobody knows of that connection.
                Some(true) if !self.connected => self.close_whatever_is_open().await?,
                _ => {}
            }
        }
        self.link.shared().engine.forgive();
        self.link.port(PortAction::HangUpOnClose(false)).await?;
        Ok(true)
    }

    /// What the modem is in the middle of decides how to get out of it.
    async fn leave_data_phase(&mut self, steps: &mut Vec<&'static str>) -> Result<()> {
        if std::mem::take(&mut self.store_doubtful) {
            self.end_failed_store().await?;
        }
        self.note_what_was_given_up();
        self.wait_for_data_phase().await?;
        let unsent = !self.link.shared().engine.tx().is_empty();
        match self.phase() {
            Some(Phase::SendingStore) => {
                steps.push("ending the upload");
                self.leave_store().await?;
            }
            Some(Phase::EndingStore) if unsent => {
                steps.push("ending the upload");
                self.leave_store().await?;
            }
            Some(Phase::EndingStore | Phase::SendingPiece) => {
                steps.push("sending what the modem is owed");
                self.end_of_quarantine(DATA_LIMIT).await?;
            }
            Some(Phase::Retrieving | Phase::Listing) => {
                steps.push("draining the download");
                self.leave_retrieve().await?;
            }
            Some(Phase::Receiving) => {
                // Counted data still owed stays payload until silence.
                self.link.quiet(Time::from_secs(1), DRAIN_LIMIT).await?;
                self.link.shared().engine.forgive();
            }
            Some(Phase::Reply | Phase::Received) | None => {}
        }
        let late = self.link.shared().engine.take_late_answer();
        match late {
            None => {}
            Some(answer) if answer.result.is_err() || answer.outcome == Some(0) => {
                // The server refused: what is there under that name may be somebody else's.
                (self.litter, self.upload) = (None, None);
            }
            // What was given up has begun a file after all.
            Some(_) => self.note_litter(),
        }
        Ok(())
    }

    /// What the connection cannot be used for any more, by the command that was given up.
    fn note_what_was_given_up(&mut self) {
        let shared = self.link.shared();
        let Some((command, _)) = shared.engine.quarantined() else {
            return;
        };
        // Between two pieces the module's data connection stays open; and nobody knows which directory it is in
        // now.
        let unknown = matches!(command.reply(), Reply::Piece { .. } | Reply::Fetch)
            || matches!(command.name(), "FTPCWD" | "FTPCDUP");
        drop(shared);
        self.must_close |= unknown;
    }

    /// A command that is at work ends or opens its data phase when the network lets it; one that got no `OK` in time
    /// hardly will.
    async fn wait_for_data_phase(&mut self) -> Result<()> {
        let Some(limit) = self.data_phase_limit() else {
            return self.note_litter_of_data_phase();
        };
        self.link
            .wait_for(limit, |shared| match shared.engine.quarantined() {
                Some((_, Phase::Reply | Phase::Received)) => None,
                _ => Some(()),
            })
            .await?;
        self.note_litter_of_data_phase()
    }

    /// How long the command in quarantine may take yet; `None` when it is past that.
    fn data_phase_limit(&self) -> Option<Time> {
        let shared = self.link.shared();
        let (command, phase) = shared.engine.quarantined()?;
        if !matches!(phase, Phase::Reply | Phase::Received) {
            return None;
        }
        let limits = shared.engine.limits();
        let slow = matches!(
            command.reply(),
            Reply::Store | Reply::Retrieve | Reply::Listing | Reply::Piece { .. } | Reply::Fetch
        ) || command.name() == "FTPOPEN";
        let at_work =
            shared.engine.quarantine_accepted() || matches!(command.reply(), Reply::Piece { .. });
        Some(if slow && at_work {
            limits.outcome_timeout
        } else {
            limits.timeout
        })
    }

    /// FTPSTOR's data phase may have opened only after the upload was given up: its file is ours all the same.
    fn note_litter_of_data_phase(&mut self) -> Result<()> {
        if matches!(self.phase(), Some(Phase::SendingStore | Phase::EndingStore)) {
            self.note_litter();
        }
        Ok(())
    }

    /// Behind an upload that failed while it was sent. Some modems take data until the 0x03 all the same, and others
    /// take what is on its way for commands, whose answers must not be taken for those of the next one.
    /// False when the modem does not fall silent.
    pub(super) async fn end_failed_store(&mut self) -> Result<bool> {
        self.end_text().await?;
        let quiet = self.link.quiet(SETTLE * 4, Time::from_secs(2)).await?;
        self.link.shared().engine.send_raw(b"\r");
        Ok(quiet)
    }

    /// Ends FTPSTOR's data, without what the port has not sent yet.
    async fn end_text(&mut self) -> Result<()> {
        self.link.shared().engine.drop_unsent();
        self.link.port(PortAction::DiscardOutput).await?;
        self.link.shared().engine.send_end_of_text();
        Ok(())
    }

    pub(super) fn is_in_data_phase(&self) -> bool {
        self.phase()
            .is_some_and(|phase| !matches!(phase, Phase::Reply | Phase::Received))
    }

    fn phase(&self) -> Option<Phase> {
        self.link
            .shared()
            .engine
            .quarantined()
            .map(|(_, phase)| phase)
    }

    async fn end_of_quarantine(&mut self, limit: Time) -> Result<bool> {
        let ended = self
            .link
            .wait_for(limit, |shared| {
                shared.engine.quarantined().is_none().then_some(())
            })
            .await?;
        Ok(ended.is_some())
    }

    /// DTR where the modem obeys it, else 0x03, which commits a short file.
    async fn leave_store(&mut self) -> Result<()> {
        if self.obeys_dtr {
            self.link.shared().engine.drop_unsent();
            self.drop_dtr().await?;
        }
        self.end_text().await?;
        // A modem that obeyed DTR owes nothing any more; one that did not gets a second 0x03, should the first
        // have followed an escape.
        if !self.end_of_quarantine(Time::from_secs(1)).await? {
            self.link.shared().engine.send_end_of_text();
            if !self.obeys_dtr {
                self.end_of_quarantine(DATA_LIMIT).await?;
            }
        }
        // In command mode the 0x03 stands before the next command: an empty line takes it away.
        self.link.shared().engine.send_raw(b"\r");
        self.link
            .quiet(SETTLE, Time::from_secs(1))
            .await
            .map(|_| ())
    }

    async fn leave_retrieve(&mut self) -> Result<()> {
        if self.obeys_dtr {
            self.drop_dtr().await?;
        }
        // A pause of the network is no end: only its own end, or a long silence, is.
        let start = self.link.now();
        let over = |shared: &Shared| start.max(shared.engine.last_received()) + SILENCE;
        self.link
            .wait(
                |shared| Some(over(shared).min(start + DRAIN_LIMIT)),
                |shared| shared.engine.quarantined().is_none().then_some(()),
            )
            .await?;
        let silent = self.link.now() >= over(&self.link.shared());
        if silent {
            self.link.shared().engine.forgive();
        }
        Ok(())
    }

    /// Deletes the short file of a failed upload, over a new connection if need be. What fails here fails quietly: the
    /// error of the upload has said that the file may stay.
    async fn tidy(&mut self) {
        self.upload = None;
        let Some(name) = self.litter.take() else {
            return;
        };
        if self.connect().await.is_err() {
            return;
        }
        if let Ok(command) = Command::named("FTPDEL", &name) {
            let _ = self.ftp(command, "deletion", &name).await;
        }
    }
}
