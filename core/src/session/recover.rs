//! Recovery by phase: leaves data phases, waits out what is owed, proves the line, and tidies up.
//!
//! Nothing of this runs unless a command timed out, was cancelled or failed halfway.

use super::Machine;
use super::open::SETTLE;
use crate::error::{ErrorKind, Result};
use crate::protocol::Time;
use crate::protocol::command::{Command, Reply};
use crate::protocol::flight::Phase;

/// How long the server may take to acknowledge a short file, and a modem to swallow what it is owed.
const DATA_LIMIT: Time = Time::from_secs(30);
/// How long a modem may go on sending a file that nobody wants any more.
const DRAIN_LIMIT: Time = Time::from_secs(60);

impl Machine {
    /// Brings the modem back to command mode; if that fails, says so to every call until it succeeds.
    pub(super) async fn recover(&mut self) {
        let mut steps = Vec::new();
        let recovered = self.try_recover(&mut steps).await;
        self.leave_in_flight();
        self.stuck = match recovered {
            Ok(true) => None,
            Ok(false) => Some(format!(
                "the modem does not answer any more; tried {}: reset the module, or open the port again",
                steps.join(", ")
            )),
            Err(error) if error.kind() == ErrorKind::Port => None,
            Err(error) => Some(format!("{error}; tried {}", steps.join(", "))),
        };
        if self.stuck.is_none() {
            self.tidy().await;
            self.leave_in_flight();
        }
    }

    async fn try_recover(&mut self, steps: &mut Vec<&'static str>) -> Result<bool> {
        self.leave_data_phase(steps).await?;
        steps.push("a query with its own prefix");
        if !self.prove().await? {
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
        } else if self.ask_connected().await? == Some(false) {
            self.forget_connection();
        }
        self.link.shared().engine.forgive();
        Ok(true)
    }

    /// What the modem is in the middle of decides how to get out of it.
    async fn leave_data_phase(&mut self, steps: &mut Vec<&'static str>) -> Result<()> {
        if std::mem::take(&mut self.store_doubtful) {
            // An upload that failed while it was sent: some modems take data until the 0x03 all the same.
            self.link.shared().engine.send_end_of_text();
            self.link.quiet(SETTLE * 4, Time::from_secs(2)).await?;
            self.link.shared().engine.send_raw(b"\r");
        }
        let is_piece = |reply| matches!(reply, Reply::Piece { .. });
        if self
            .link
            .shared()
            .engine
            .quarantined()
            .is_some_and(|(command, _)| is_piece(command.reply()))
        {
            // Between two pieces the module's data connection stays open, whether this one arrives or not.
            self.must_close = true;
        }
        // A command without data, or one whose data phase may open any moment.
        if self.phase() == Some(Phase::Reply) || self.phase() == Some(Phase::Received) {
            let limit = self.link.shared().engine.limits().timeout;
            self.link
                .wait_for(limit, |shared| match shared.engine.quarantined() {
                    Some((_, Phase::Reply | Phase::Received)) => None,
                    _ => Some(()),
                })
                .await?;
        }
        if matches!(
            self.phase(),
            Some(Phase::SendingStore | Phase::EndingStore | Phase::SendingPiece)
        ) {
            // The data phase may have opened only after the upload was given up: its file is ours all the same.
            self.litter = self.litter.take().or(self.upload.take());
        }
        match self.phase() {
            Some(Phase::SendingStore) => {
                steps.push("ending the upload");
                self.leave_store().await
            }
            Some(Phase::EndingStore | Phase::SendingPiece) => {
                steps.push("sending what the modem is owed");
                self.end_of_quarantine(DATA_LIMIT).await.map(|_| ())
            }
            Some(Phase::Retrieving | Phase::Listing) => {
                steps.push("draining the download");
                self.leave_retrieve().await
            }
            Some(Phase::Receiving) => {
                // Counted data still owed stays payload until silence.
                self.link.quiet(Time::from_secs(1), DRAIN_LIMIT).await?;
                self.link.shared().engine.forgive();
                Ok(())
            }
            Some(Phase::Reply | Phase::Received) | None => Ok(()),
        }
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
        self.link.shared().engine.send_end_of_text();
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
            if self.link.quiet(SETTLE * 8, Time::from_secs(3)).await? {
                self.link.shared().engine.forgive();
                return Ok(());
            }
        }
        let ended = self.end_of_quarantine(DRAIN_LIMIT).await?;
        if !ended && self.link.quiet(SETTLE * 8, Time::from_secs(1)).await? {
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
        if let Ok(command) = Command::named("FTPDEL", "file name", &name) {
            let _ = self.ftp(command, "deletion", &name).await;
        }
    }
}
