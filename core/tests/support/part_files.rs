//! Downloads with resume, and what stands beside their files.
// Each test program uses its own part of this.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::PathBuf;

use nlftp_core::{Error, ErrorKind, Ftp, Modem, Transfer, TransferOptions, Via};
use tempfile::TempDir;

use crate::rig::options;

/// More than is ever on its way between server and sink: a cancel comes in time.
pub const SLACK: usize = 1_500_000;

/// A folder for the download's file, and what stands beside it.
pub struct Here {
    folder: TempDir,
}

impl Here {
    pub fn new() -> Here {
        Here {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn target(&self) -> PathBuf {
        self.path("f")
    }

    pub fn part(&self) -> PathBuf {
        self.path("f.nlftp-part")
    }

    pub fn record(&self) -> PathBuf {
        self.path("f.nlftp-part.record")
    }

    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Nothing but the whole file.
    #[track_caller]
    pub fn holds(&self, data: &[u8]) {
        assert!(fs::read(self.target()).unwrap() == data, "the file differs");
        assert_eq!(self.names(), ["f"]);
    }
}

pub fn resuming<'a>(via: Via) -> TransferOptions<'a> {
    options(|o| (o.via, o.resume) = (via, true))
}

/// A download with resume that is cancelled once `after` bytes are there.
pub fn cut(ftp: &Ftp, modem: &Modem, here: &Here, via: Via, after: u64) -> Error {
    let canceller = modem.canceller();
    let mut set = resuming(via);
    set.progress = Some(Box::new(move |progress| {
        if progress.done >= after {
            canceller.cancel();
        }
    }));
    let error = ftp.get("f", here.target().as_path(), set).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    error
}

pub fn get(ftp: &Ftp, here: &Here, via: Via) -> Transfer {
    ftp.get("f", here.target().as_path(), resuming(via))
        .unwrap()
}

/// What a download of the server's file leaves when it breaks off: `part`, and its record.
pub fn leave(ftp: &Ftp, here: &Here, part: &[u8]) {
    let listed = ftp.list(Some(b"f")).unwrap().remove(0);
    let (size, time) = (listed.size.unwrap(), listed.modified.unwrap());
    let record = format!("nlftp part 1\nname f\nsize {size}\ntime {time}\nend\n");
    fs::write(here.record(), record).unwrap();
    fs::write(here.part(), part).unwrap();
}

pub fn warned(transfer: &Transfer, words: &str) -> bool {
    let warnings = &transfer.warnings;
    warnings.iter().any(|warning| warning.contains(words))
}
