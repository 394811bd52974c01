//! What success and failure of a transfer must mean.

use crate::config::{Transfer, Verified};
use crate::drive::{Drive, Wrong};
use crate::error::{Error, Result};
use crate::scenario::{Check, Move};
use crate::session::Outcome;

impl Drive {
    pub(crate) fn judge_put(
        &mut self,
        file: &Move,
        source: &[u8],
        before: Option<&[u8]>,
        result: Result<Outcome>,
    ) -> std::result::Result<(), Wrong> {
        let failed = self.world.local.failed.take();
        self.note_altered(&file.name);
        let outcome = match (result, failed) {
            (Ok(outcome), None) => outcome,
            (Err(error), _) => return self.judge_failed_put(file, source, before, error),
            (Ok(_), Some(_)) => return Ok(()),
        };
        let Outcome::Transfer(transfer) = outcome else {
            return Err("an upload gave something else".into());
        };
        let offset = file.offset as usize;
        let there = self.server_file(&file.name).map_or(&[][..], Vec::as_slice);
        let behind = there.get(offset..).unwrap_or_default();
        let (exact, right_size) = if file.offset == 0 {
            (there == source, there.len() == source.len())
        } else {
            (
                behind.starts_with(source),
                there.len() >= offset + source.len(),
            )
        };
        let shown = format!(
            "put {}: {} bytes of {}",
            file.name,
            there.len(),
            offset + source.len()
        );
        self.judge_success(file, &transfer, exact, right_size, source.len(), &shown)
    }

    pub(crate) fn judge_get(
        &mut self,
        file: &Move,
        got: &[u8],
        outcome: Outcome,
    ) -> std::result::Result<(), Wrong> {
        let Outcome::Transfer(transfer) = outcome else {
            return Err("a download gave something else".into());
        };
        self.note_altered(&file.name);
        let there = self.server_file(&file.name).map_or(&[][..], Vec::as_slice);
        let wanted = there.get(file.offset as usize..).unwrap_or_default();
        let (exact, right_size) = (got == wanted, got.len() == wanted.len());
        let shown = format!("get {}: {} bytes of {}", file.name, got.len(), wanted.len());
        let length = got.len();
        self.judge_success(file, &transfer, exact, right_size, length, &shown)
    }

    fn judge_success(
        &mut self,
        file: &Move,
        transfer: &Transfer,
        exact: bool,
        right_size: bool,
        length: usize,
        shown: &str,
    ) -> std::result::Result<(), Wrong> {
        let (payload, lines) = {
            let faults = &self.world.common.borrow().faults;
            (faults.payload_altered, faults.lines_altered)
        };
        let tainted = self.tainted.contains(&file.name);
        let readback = transfer.verified == Verified::Readback;
        if exact && transfer.bytes + transfer.resumed_from != length as u64 {
            return Err(format!(
                "miscounted: {shown}, told {} behind {}",
                transfer.bytes, transfer.resumed_from
            ));
        }
        let altered = match (lines, payload || tainted) {
            (true, _) => Some("lines"),
            (false, true) => Some("payload"),
            (false, false) => None,
        };
        if let Some(altered) = altered {
            let counts = if exact {
                &mut self.tally.true_successes
            } else {
                &mut self.tally.false_successes
            };
            *counts.entry((file.check, altered)).or_default() += 1;
        }
        if exact {
            return Ok(());
        }
        if altered.is_none() || (readback && !lines) {
            return Err(format!(
                "corrupt: success with other bytes: {shown}, {:?}",
                transfer.verified
            ));
        }
        // A modem may tell the same lie twice where no list has the size.
        let listing_altered = self.world.common.borrow().faults.listing_altered;
        let sized = transfer.verified == Verified::Size && !listing_altered
            || readback && self.world.scenario.lists;
        if !right_size && sized {
            return Err(format!(
                "corrupt: success with a wrong size: {shown}, {:?}",
                transfer.verified
            ));
        }
        Ok(())
    }

    /// What a failed upload leaves must have been named.
    fn judge_failed_put(
        &mut self,
        file: &Move,
        source: &[u8],
        before: Option<&[u8]>,
        error: Error,
    ) -> std::result::Result<(), Wrong> {
        let now = self.server_file(&file.name).map(Vec::as_slice);
        let unnamed = error.left_behind().is_none();
        let as_before = now == before || now == Some(source);
        let lines_altered = self.world.common.borrow().faults.lines_altered;
        if unnamed && !as_before && !lines_altered && file.check != Check::Nothing {
            self.world
                .trace(|| "    something was left behind without a word".into());
            *self
                .tally
                .ends
                .entry("  of these left something unnamed".into())
                .or_default() += 1;
        }
        self.must_succeed("put", Some(Err(error)))
    }
}
