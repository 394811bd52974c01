//! A command that was given up: what the modem owes for it, and what it may still do.

use super::Engine;
use crate::protocol::command::Command;
use crate::protocol::engine::Answer;
use crate::protocol::flight::{Flight, Phase};
use crate::protocol::stuffing::ETX;
use crate::trace::Direction;
use zeroize::Zeroize;

impl Engine {
    /// Gives up the command in flight: it goes into quarantine with all that it is owed.
    pub(crate) fn abandon(&mut self) {
        self.answer = None;
        let Some(mut flight) = self.flight.take() else {
            return;
        };
        flight.tail.clear();
        flight.assume_open();
        // A proof owes nothing that the next proof, which asks another question, could mistake.
        let planted = cfg!(nlftp_planted = "late-reply-accepted");
        if self.quarantine.is_none() && !flight.proof && !planted {
            self.quarantine = Some(flight);
            self.late = None;
        }
    }

    /// The phase of the command in quarantine.
    pub(crate) fn quarantined(&self) -> Option<(&Command, Phase)> {
        self.quarantine
            .as_ref()
            .map(|flight| (&flight.command, flight.phase))
    }

    /// How the command that was in quarantine ended after all, once.
    pub(crate) fn take_late_answer(&mut self) -> Option<Answer> {
        self.late.take()
    }

    /// Whether the command in quarantine got its `OK`, so that it is at work.
    pub(crate) fn quarantine_accepted(&self) -> bool {
        self.quarantine.as_ref().is_some_and(Flight::is_accepted)
    }

    /// How many lines of free text came behind the last command that nobody had asked for.
    pub(crate) fn stray_text(&self) -> u64 {
        self.stray_text
    }

    /// How many final results came that no command wanted, since the beginning.
    pub(crate) fn strays(&self) -> u64 {
        self.strays
    }

    /// A line has begun and not ended.
    pub(crate) fn is_inside_line(&self) -> bool {
        self.framer.is_inside_line()
    }

    /// What is still owed after the line was proven: at most an outcome. Answers with that name are blocked.
    pub(crate) fn owed_outcome(&self) -> Option<&str> {
        let flight = self.quarantine.as_ref()?;
        flight.expects_outcome().then(|| flight.command.name())
    }

    /// The connection that the owed outcome belonged to is gone, or silence has shown that nothing comes.
    pub(crate) fn forgive(&mut self) {
        self.quarantine = None;
        self.framer.reset_to_lines();
    }

    /// Whether answers of `name` could still belong to the command in quarantine.
    pub(crate) fn blocks(&self, name: &str) -> bool {
        self.quarantine
            .as_ref()
            .is_some_and(|flight| flight.command.name() == name)
    }

    /// Drops what has not been sent of an upload and ends its data phase with a bare 0x03.
    pub(crate) fn send_end_of_text(&mut self) {
        self.drop_unsent();
        self.tx.push(ETX);
        self.recorder
            .record(Direction::ToModem, || "<03>".to_owned());
        if let Some(flight) = &mut self.quarantine
            && flight.phase == Phase::SendingStore
        {
            flight.phase = Phase::EndingStore;
        }
    }

    /// Sends bytes that no command carries: what opening a port in an unknown state needs.
    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        self.recorder.record(Direction::ToModem, || {
            format!("<{} bytes to wake or free the modem>", bytes.len())
        });
        self.tx.extend_from_slice(bytes);
    }

    pub(crate) fn drop_unsent(&mut self) {
        self.tx.zeroize();
        self.tx_at = 0;
    }

    /// What was given up has ended after all.
    pub(super) fn release_if_done(&mut self) {
        if let Some(mut flight) = self.quarantine.take_if(|flight| flight.is_done()) {
            self.hide_secrets(&mut flight);
            self.late = Some(flight.into_answer());
        }
    }
}
