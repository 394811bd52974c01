//! Part files: where a download stands until it is complete, and the record of what it is.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::content::Content;
use super::process;
use crate::error::{Error, ErrorKind, Result};

/// What the part file's name has behind the target's.
const PART: &str = ".nlftp-part";
/// What its record's name has behind that.
const RECORD: &str = ".record";

/// The longest record: a name of 255 octets, and a little more.
const MAX_RECORD: u64 = 4096;

/// A file beside its target, under another name until it is complete. Dropped before, it is removed, unless a resume
/// may go on with it.
pub(crate) struct Part {
    content: Content,
    path: PathBuf,
    record: PathBuf,
    target: PathBuf,
    /// A failure leaves it.
    resume: bool,
    /// A record stands beside it.
    recorded: bool,
    /// What it holds is wrong.
    discarded: bool,
    committed: bool,
    /// A forked copy of this process removes nothing.
    generation: u64,
}

impl Part {
    /// Opens the part file of `target`, which is `existing` if there is one; without `resume` it is emptied.
    pub(crate) fn open(target: PathBuf, existing: Option<&Metadata>, resume: bool) -> Result<Part> {
        let cannot = |error| Error::local("write", &target, error);
        let Some(name) = target.file_name() else {
            return Err(cannot(io::Error::from(io::ErrorKind::InvalidInput)));
        };
        let beside = |suffixes: &[&str]| {
            let mut name: OsString = name.to_owned();
            for suffix in suffixes {
                name.push(suffix);
            }
            target.with_file_name(name)
        };
        let (path, record) = (beside(&[PART]), beside(&[PART, RECORD]));
        let file = open_locked(&path, &cannot)?;
        if let Some(metadata) = existing {
            // The file's mode stays as its owner set it, where we may do that.
            let _ = file.set_permissions(metadata.permissions());
        }
        let mut part = Part {
            content: Content::new(file),
            path,
            record,
            target: target.clone(),
            resume,
            recorded: false,
            discarded: false,
            committed: false,
            generation: process::generation(),
        };
        if resume {
            part.recorded = fs::symlink_metadata(&part.record).is_ok();
        } else {
            // In this order: a record must never stand beside bytes that it is not about.
            part.remove_record().map_err(cannot)?;
            part.content.cut(0).map_err(cannot)?;
        }
        Ok(part)
    }

    /// A writer to it.
    pub(crate) fn writer(&self) -> Result<File> {
        self.content
            .file()
            .try_clone()
            .map_err(|error| self.failed("write", error))
    }

    pub(crate) fn content(&self) -> &Content {
        &self.content
    }

    pub(crate) fn content_mut(&mut self) -> &mut Content {
        &mut self.content
    }

    /// The record beside it.
    pub(crate) fn read_record(&self) -> io::Result<Option<Vec<u8>>> {
        if !self.recorded || self.discarded {
            return Ok(None);
        }
        let record = Content::new(open_plain(File::options().read(true), &self.record)?);
        match record.length()? {
            length if length > MAX_RECORD => Ok(None),
            length => record.read(0, length).map(Some),
        }
    }

    /// Empties it for a download from the start, of which this is the record.
    pub(crate) fn begin(&mut self, record: Option<&[u8]>) -> io::Result<()> {
        // In this order: whoever finds it between the two finds nothing that could be resumed.
        self.content.cut(0)?;
        self.remove_record()?;
        self.discarded = false;
        if let Some(record) = record {
            // A new one: whatever somebody puts there meanwhile is not written to.
            let mut file = File::options()
                .write(true)
                .create_new(true)
                .open(&self.record)?;
            self.recorded = true;
            file.write_all(record)?;
        }
        Ok(())
    }

    /// What it holds is wrong: nothing may go on with it.
    pub(crate) fn discard(&mut self) {
        self.discarded = true;
    }

    /// It is complete: syncs it and its folder, and gives it its target's name.
    pub(crate) fn commit(&mut self) -> Result<()> {
        let finish = || -> io::Result<()> {
            self.content.file().sync_all()?;
            fs::rename(&self.path, &self.target)
        };
        finish().map_err(|error| self.failed("write", error))?;
        self.committed = true;
        // A record without its part file says nothing to anybody.
        let _ = self.remove_record();
        let folder = self
            .target
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        // Not every file system can sync a folder: the file itself is safe by now.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }

    /// What a failure leaves, in words.
    pub(crate) fn remains(&self) -> Option<String> {
        self.stays()
            .then(|| format!("the part file {} stays for a resume", self.path.display()))
    }

    /// Whether a resume may find something of use in it.
    fn stays(&self) -> bool {
        self.resume
            && !self.discarded
            && self.recorded
            && self.content.length().is_ok_and(|length| length > 0)
    }

    pub(crate) fn failed(&self, action: &str, error: io::Error) -> Error {
        Error::local(action, &self.target, error)
    }

    fn remove_record(&mut self) -> io::Result<()> {
        self.recorded = false;
        match fs::remove_file(&self.record) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if self.committed || self.generation != process::generation() || self.stays() {
            return;
        }
        let _ = self.remove_record();
        let _ = fs::remove_file(&self.path);
    }
}

/// Opens a plain file that has this one name: in a folder where others may write, a link or a pipe may wait under it.
fn open_plain(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let planted = |what: &str| {
        let why = format!("{} {what}: remove it", path.display());
        Err(io::Error::new(io::ErrorKind::InvalidInput, why))
    };
    // Whoever opens a pipe waits for its other end, unless told not to.
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    let file = match options.custom_flags(flags).open(path) {
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
            return planted("is a symbolic link");
        }
        opened => opened?,
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.nlink() > 1 {
        return planted("is no plain file with a name of its own");
    }
    Ok(file)
}

/// Opens the part file for this transfer alone.
fn open_locked(path: &Path, cannot: &dyn Fn(io::Error) -> Error) -> Result<File> {
    loop {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let file = open_plain(&mut options, path).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(
                    ErrorKind::LocalFile,
                    format!(
                        "another transfer is writing {}: wait for it",
                        path.display()
                    ),
                ));
            }
            // A file system without locks: the name alone must do.
            Err(TryLockError::Error(_)) => return Ok(file),
        }
        let ours = file.metadata().map_err(cannot)?;
        // The transfer that had it locked may have renamed or removed it since it was opened here.
        if fs::symlink_metadata(path)
            .is_ok_and(|there| (there.dev(), there.ino()) == (ours.dev(), ours.ino()))
        {
            return Ok(file);
        }
    }
}
