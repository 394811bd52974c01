//! What failed uploads leave: every file that is not as it was before must have been named.

use std::collections::{BTreeMap, BTreeSet};

use crate::blob::Blob;
use crate::drive::{Drive, Wrong};
use crate::error::Error;
use crate::scenario::Move;
use crate::tasks;

/// What the user knows of the files that uploads have written.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// As they were when a call had ended last.
    files: BTreeMap<String, Option<Blob>>,
    /// Those that an error has named, or a killed process has left: they may still change.
    named: BTreeSet<String>,
    /// How many uploads to each had been begun when the call at hand began.
    begun: BTreeMap<String, u64>,
}

/// The paths that an upload writes to.
fn written_by(file: &Move) -> Vec<String> {
    let path = tasks::path(&file.name);
    if file.temporary {
        vec![tasks::temporary(&path), path]
    } else {
        vec![path]
    }
}

impl Drive {
    fn on_server(&self, path: &str) -> Option<Blob> {
        self.world.net.server.files.get(path).cloned()
    }

    /// Somebody else has written to a file.
    pub(crate) fn note_change(&mut self, path: &str) {
        let now = self.on_server(path);
        if let Some(known) = self.known.files.get_mut(path) {
            *known = now;
        }
    }

    /// Whether a file may still change by what an earlier call has left.
    pub(crate) fn may_change(&self, path: &str) -> bool {
        self.known.named.contains(path)
    }

    /// Before a call: nothing has changed since the one before that was not named.
    pub(crate) fn judge_between(&mut self) -> Result<(), Wrong> {
        let paths: Vec<String> = self.known.files.keys().cloned().collect();
        for path in paths {
            let now = self.on_server(&path);
            if self.known.files.get(&path) == Some(&now) {
                continue;
            }
            if !self.known.named.contains(&path) && !self.is_lied_to() {
                return Err(format!(
                    "unnamed: {path} has changed behind a call that did not name it"
                ));
            }
            self.known.files.insert(path, now);
        }
        Ok(())
    }

    /// An upload begins.
    pub(crate) fn begin_put(&mut self, file: &Move) -> Result<(), Wrong> {
        self.judge_between()?;
        for path in written_by(file) {
            let now = self.on_server(&path);
            let begun = self.world.net.server.begun(&path);
            self.known.begun.insert(path.clone(), begun);
            self.known.files.insert(path, now);
        }
        Ok(())
    }

    /// It has ended well: what is there is what it says.
    pub(crate) fn end_put(&mut self, file: &Move) {
        for path in written_by(file) {
            let now = self.on_server(&path);
            self.known.named.remove(&path);
            self.known.files.insert(path, now);
        }
    }

    /// Its process was killed.
    pub(crate) fn kill_put(&mut self, file: &Move) {
        for path in written_by(file) {
            self.known.files.insert(path.clone(), self.on_server(&path));
            self.known.named.insert(path);
        }
    }

    /// It has failed: whatever is not as it was is named in the error.
    pub(crate) fn judge_remains(
        &mut self,
        file: &Move,
        source: &Blob,
        error: &Error,
    ) -> Result<(), Wrong> {
        let text = error.left_behind().unwrap_or_default();
        for path in written_by(file) {
            let now = self.on_server(&path);
            let before = self.known.files.insert(path.clone(), now.clone()).flatten();
            let is_named = text.contains(&path);
            if is_named {
                self.known.named.insert(path.clone());
            }
            let as_before = now == before || now.as_ref() == Some(source);
            // An earlier call has named it: that it is deleted, or what this call never asked for or began.
            let not_begun =
                self.known.begun.get(&path) == Some(&self.world.net.server.begun(&path));
            let earlier = self.known.named.contains(&path)
                && (now.is_none() || !self.world.upload_asked || not_begun);
            if !is_named && !as_before && !earlier && !self.is_lied_to() {
                return Err(format!(
                    "unnamed: {path} was left with {:?} bytes and had {:?} before: {}: {error}",
                    now.map(|now| now.len()),
                    before.map(|before| before.len()),
                    error.kind()
                ));
            }
        }
        Ok(())
    }
}
