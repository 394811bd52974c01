//! What happens to files between two calls, on the server and beside the target of a download.

use crate::blob::{Blob, MOST_HELD};
use crate::content::content;
use crate::drive::{Drive, Wrong};
use crate::listing;
use crate::local::Part;
use crate::scenario::{Change, Flavour, Spoil};
use crate::tasks;

impl Drive {
    /// Somebody else changes a file on the server.
    pub(crate) fn change(&mut self, name: &str, change: Change, amount: u64) -> Result<(), Wrong> {
        self.judge_between()?;
        let path = tasks::path(name);
        let seed = self.world.scenario.seed;
        let files = &mut self.world.net.server.files;
        let Some(length) = files.get(&path).map(Blob::len) else {
            return Ok(());
        };
        let other = || content(!seed, name, length.min(MOST_HELD), Flavour::Random);
        match change {
            Change::Grow => {
                let more = content(!seed, name, amount, Flavour::Random);
                files.open(&path).append(&more.slice(0, amount));
            }
            Change::Shrink => files.open(&path).resize(length.saturating_sub(amount)),
            Change::Replace => *files.open(&path) = other(),
            Change::Swap => {
                if let Some(file) = files.opened(&path) {
                    *file = other();
                }
            }
            Change::Remove => {
                files.remove(&path);
            }
        }
        self.note_change(&path);
        Ok(())
    }

    /// Something happens to a part file.
    pub(crate) fn spoil(&mut self, name: &str, spoil: Spoil, amount: u64) {
        let mut part = self.parts.remove(name).unwrap_or_default();
        let length = part.blob.len();
        let held = amount.min(MOST_HELD);
        match spoil {
            Spoil::Cut => part.blob.resize(length.saturating_sub(amount)),
            Spoil::Junk => {
                let junk = content(!self.world.scenario.seed, name, held, Flavour::Random);
                part.blob.append(&junk.slice(0, held));
            }
            Spoil::Zeros => {
                part.blob.resize(length.saturating_sub(held));
                part.blob.resize(length);
            }
            Spoil::Rot => {
                let at = amount.min(length.saturating_sub(1));
                if let [byte] = part.blob.part(at, 1)[..]
                    && part.blob.held_from(at) <= MOST_HELD
                {
                    part.blob.write(at, &[byte ^ 4]);
                    self.rotten.insert(name.to_owned());
                }
            }
            Spoil::ForeignBytes => {
                part.blob = self.foreign(name, length.max(held)).0;
            }
            Spoil::Foreign => {
                let (blob, other) = self.foreign(name, length.max(held));
                part = Part {
                    blob,
                    record: Some(self.record_of(&other)),
                };
            }
            Spoil::NoRecord => part.record = None,
            Spoil::JunkRecord => part.record = Some(b"nothing of the kind\n".to_vec()),
            Spoil::ShortRecord => {
                if let Some(record) = &mut part.record {
                    record.truncate(amount as usize % record.len().max(1));
                }
            }
            Spoil::Plant => {
                let file = self.server_file(name).cloned().unwrap_or_default();
                part.blob = file;
                part.blob.resize(part.blob.len().min(amount));
                part.record = Some(self.record_of(name));
            }
        }
        if part.blob.len() > 0 || part.record.is_some() {
            self.parts.insert(name.to_owned(), part);
        }
    }

    /// The beginning of another file, and its name.
    fn foreign(&self, name: &str, most: u64) -> (Blob, String) {
        let path = tasks::path(name);
        let other = self.world.net.server.files.names();
        let other = other.into_iter().find(|other| **other != path);
        let other = other.cloned().unwrap_or_default();
        let mut blob = self
            .world
            .net
            .server
            .files
            .get(&other)
            .cloned()
            .unwrap_or_default();
        blob.resize(blob.len().min(most));
        (blob, other.trim_start_matches('/').to_owned())
    }

    /// The record of a download of a file as the server lists it now.
    fn record_of(&self, name: &str) -> Vec<u8> {
        let path = tasks::path(name);
        let line = self.world.net.server.files.list(&path);
        let listed = line
            .filter(|_| self.world.scenario.lists)
            .and_then(|line| listing::parse(line.trim_end().as_bytes()));
        let size = listed.as_ref().and_then(|entry| entry.size);
        let time = listed.and_then(|entry| entry.modified);
        let shown = |value: Option<String>| value.unwrap_or_else(|| "-".into());
        format!(
            "nlftp part 1\nname {path}\nsize {}\ntime {}\nend\n",
            shown(size.map(|size| size.to_string())),
            shown(time.map(|time| time.to_string())),
        )
        .into_bytes()
    }
}
