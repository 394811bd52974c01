//! What success and failure of a transfer must mean.

use crate::blob::Blob;
use crate::config::{Transfer, Verified};
use crate::drive::{Drive, Wrong};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::table::{MAX_RETRIEVE_OFFSET, MAX_STORE_OFFSET};
use crate::scenario::{Check, Flavour, LineEnds, Move, Operation, Way};
use crate::server::without_returns;
use crate::session::Outcome;
use crate::tasks;

/// What a resume compares before it goes on; what is before that it cannot see.
const COMPARED: u64 = 64 * 1024;

/// What the module fetches at once.
const CACHE: u64 = 512_000;

/// What a transfer that succeeded has brought.
struct Brought {
    exact: bool,
    right_size: bool,
    length: u64,
    shown: String,
}

/// What a transfer was checked by in the end.
fn checked(transfer: &Transfer) -> Check {
    match transfer.verified {
        Verified::Size => Check::Size,
        Verified::Readback => Check::Readback,
        Verified::No => Check::Nothing,
    }
}

impl Drive {
    pub(crate) fn judge_put(
        &mut self,
        file: &Move,
        source: &Blob,
        before: Option<Blob>,
        result: Result<Outcome>,
    ) -> std::result::Result<(), Wrong> {
        let failed = self.world.local.failed.take();
        self.note_altered(&file.name);
        let outcome = match (result, failed) {
            (Ok(outcome), None) => outcome,
            (Err(error), _) => return self.judge_failed_put(file, source, error),
            (Ok(_), Some(_)) => {
                self.end_put(file);
                return Ok(());
            }
        };
        let Outcome::Transfer(transfer) = outcome else {
            return Err("an upload gave something else".into());
        };
        if file.offset > MAX_STORE_OFFSET {
            return Err("overflow: an upload at an offset that the module does not have".into());
        }
        let prefix_known = !self.may_change(&tasks::path(&file.name));
        self.end_put(file);
        let mut wanted = source.clone();
        if file.ascii && self.world.scenario.line_ends == LineEnds::Converted {
            wanted = without_returns(&source.slice(0, source.len())).into();
        }
        let there = self.server_file(&file.name).cloned().unwrap_or_default();
        let (exact, right_size) = if file.offset == 0 {
            (there == wanted, there.len() == wanted.len())
        } else {
            let mut start = before.unwrap_or_default();
            start.resize(file.offset);
            (
                (!prefix_known || there.has_at(0, &start)) && there.has_at(file.offset, &wanted),
                there.len() >= file.offset + wanted.len(),
            )
        };
        let brought = Brought {
            exact,
            right_size,
            length: source.len(),
            shown: format!(
                "put {}: {} bytes of {}",
                file.name,
                there.len(),
                file.offset + wanted.len()
            ),
        };
        let anew = !file.resume && file.retry.is_none();
        if file.offset == 0 && anew {
            self.patched.remove(&file.name);
        } else if file.offset == 0 && self.is_unseen(file, &brought, wanted.len()) {
            return Ok(());
        }
        self.judge_success(file, &transfer, &brought)
    }

    pub(crate) fn judge_get(
        &mut self,
        file: &Move,
        got: &Blob,
        outcome: Outcome,
    ) -> std::result::Result<(), Wrong> {
        let Outcome::Transfer(transfer) = outcome else {
            return Err("a download gave something else".into());
        };
        self.note_altered(&file.name);
        let mut wanted = self.server_file(&file.name).cloned().unwrap_or_default();
        if file.offset > MAX_RETRIEVE_OFFSET && file.offset != wanted.len() {
            return Err("overflow: a download at an offset that the module does not have".into());
        }
        if file.offset > 0 {
            wanted = wanted.slice(file.offset, wanted.len()).into();
        }
        // Some firmware takes FTPGET's type for granted.
        let asked = !self.world.scenario.dialect.contains("view_mode") || *got != wanted;
        if file.ascii && asked {
            let server = &self.world.net.server;
            wanted = server
                .for_client(true, wanted.slice(0, wanted.len()))
                .into();
        }
        let brought = Brought {
            exact: *got == wanted,
            right_size: got.len() == wanted.len(),
            length: got.len(),
            shown: format!("get {}: {} bytes of {}", file.name, got.len(), wanted.len()),
        };
        if self.is_unseen(file, &brought, wanted.len()) {
            return Ok(());
        }
        self.judge_success(file, &transfer, &brought)
    }

    /// Where nothing altered a byte no more of them arrive than the server has.
    fn judge_doubled(&self, file: &Move, error: &Error) -> std::result::Result<(), Wrong> {
        let text = error.to_string();
        let counted = text.split_once(" bytes arrived where the server lists ");
        let numbers = counted.and_then(|(arrived, rest)| {
            let listed = rest.split(':').next()?;
            Some((arrived.parse::<u64>().ok()?, listed.parse::<u64>().ok()?))
        });
        let altered = self.was_lied_to() || self.is_lied_to() || self.tainted.contains(&file.name);
        match numbers {
            Some((arrived, listed)) if arrived > listed && !altered => {
                Err(format!("doubled: get {}: {text}", file.name))
            }
            _ => Ok(()),
        }
    }

    /// Whether a file of the session looks like answers or commands.
    pub(crate) fn imitates(&self) -> bool {
        let like_lines = |flavour| matches!(flavour, Flavour::Answers | Flavour::Commands);
        let scenario = &self.world.scenario;
        scenario.files.iter().any(|file| like_lines(file.flavour))
            || scenario.steps.iter().any(|step| match &step.operation {
                Operation::Put(file) => like_lines(file.flavour),
                _ => false,
            })
    }

    /// Whether what is wrong stands before the bytes that a resume compares: nobody looks at it, unless the whole file is
    /// read back.
    fn is_unseen(&mut self, file: &Move, brought: &Brought, length: u64) -> bool {
        let unseen = (self.rotten.contains(&file.name) || self.patched.contains(&file.name))
            && (file.resume || file.retry.is_some())
            && file.check != Check::Readback
            && length > COMPARED
            && !brought.exact
            && brought.right_size;
        self.tally.unseen += u64::from(unseen);
        unseen
    }

    fn judge_success(
        &mut self,
        file: &Move,
        transfer: &Transfer,
        brought: &Brought,
    ) -> std::result::Result<(), Wrong> {
        let Brought {
            exact,
            right_size,
            length,
            ref shown,
        } = *brought;
        let (payload, lines) = {
            let faults = &self.world.common.borrow().faults;
            (faults.payload_altered, faults.lines_altered)
        };
        let again = |warning: &&String| warning.starts_with("tried again");
        self.tally.helpful_tries += transfer.warnings.iter().filter(again).count() as u64;
        // What a modem that was lied about still sends, or still takes for commands, may imitate anything.
        let aftermath = self.was_lied_to() && self.imitates();
        let tainted = self.tainted.contains(&file.name);
        let readback = transfer.verified == Verified::Readback;
        if exact && transfer.bytes + transfer.resumed_from != length {
            return Err(format!(
                "miscounted: {shown}, told {} behind {}",
                transfer.bytes, transfer.resumed_from
            ));
        }
        let altered = match (lines, payload || tainted) {
            (true, _) => Some("lines"),
            (false, true) => Some("payload"),
            (false, false) if aftermath && !exact => Some("lines"),
            (false, false) => None,
        };
        if let Some(altered) = altered {
            let counts = if exact {
                &mut self.tally.true_successes
            } else {
                &mut self.tally.false_successes
            };
            *counts.entry((checked(transfer), altered)).or_default() += 1;
        }
        if exact {
            return Ok(());
        }
        if altered.is_none() || (readback && !lines && !aftermath) {
            return Err(format!(
                "corrupt: success with other bytes: {shown}, {:?}",
                transfer.verified
            ));
        }
        // A modem may tell the same lie twice where no list has the size.
        let listing_altered = self.world.common.borrow().faults.listing_altered;
        let sized = transfer.verified == Verified::Size && !listing_altered
            || readback && self.world.scenario.lists;
        if !right_size && sized && !aftermath {
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
        source: &Blob,
        error: Error,
    ) -> std::result::Result<(), Wrong> {
        self.judge_remains(file, source, &error)?;
        // A firmware may look at the file's size first.
        let beyond = file.offset > 0 && self.world.scenario.dialect.contains("stor_beyond");
        if beyond && error.kind() == ErrorKind::Refused {
            return Ok(());
        }
        let invalid = file.offset > 0 && (file.way == Way::Block || file.offset > MAX_STORE_OFFSET);
        if invalid && error.kind() == ErrorKind::InvalidArgument {
            return Ok(());
        }
        self.must_succeed("put", Some(Err(error)))
    }

    pub(crate) fn judge_failed_get(
        &self,
        file: &Move,
        error: Error,
    ) -> std::result::Result<(), Wrong> {
        let expected = match self.server_file(&file.name).map(Blob::len) {
            None => error.kind() == ErrorKind::Refused,
            Some(length) if file.offset > length.min(MAX_RETRIEVE_OFFSET) => {
                matches!(
                    error.kind(),
                    ErrorKind::InvalidArgument | ErrorKind::Refused
                )
            }
            // The module's offsets do not count the line ends of an ASCII download.
            Some(length) if file.ascii && length > CACHE / 2 => error.kind() == ErrorKind::Transfer,
            Some(_) => false,
        };
        if expected {
            return Ok(());
        }
        self.judge_doubled(file, &error)?;
        self.must_succeed("get", Some(Err(error)))
    }
}
