//! Where the record of a port's traffic goes: a file that the user asked for, and the log.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use log::Level;

use crate::error::{Error, ErrorKind, Result};
use crate::state::ModemState;
use crate::trace;

/// What log records of this library are marked with.
const TARGET: &str = "nlftp";

pub(crate) struct Record {
    /// The port's path, for the log.
    port: String,
    path: Option<PathBuf>,
    file: Option<BufWriter<File>>,
}

impl Record {
    pub(crate) fn new(port: &Path, path: Option<PathBuf>) -> Record {
        Record {
            port: port.display().to_string(),
            path,
            file: None,
        }
    }

    /// Makes the file, once: what is recorded behind a reopened port comes after what was before.
    pub(crate) fn open_file(&mut self) -> Result<()> {
        if let Some(path) = &self.path
            && self.file.is_none()
        {
            let file = File::create(path).map_err(|error| Error::local("write", path, error))?;
            self.file = Some(BufWriter::new(file));
        }
        Ok(())
    }

    pub(crate) fn is_wanted(&self) -> bool {
        self.file.is_some() || log::log_enabled!(target: TARGET, Level::Trace)
    }

    pub(crate) fn write(&mut self, time: Duration, records: &[trace::Record]) {
        let (seconds, millis) = (time.as_secs(), time.subsec_millis());
        for record in records {
            let (direction, text) = (record.direction, &record.text);
            log::trace!(target: TARGET, "{}: {direction} {text}", self.port);
            if let Some(file) = &mut self.file {
                // A full disk must not stop a transfer.
                let _ = writeln!(file, "{seconds:6}.{millis:03} {direction} {text}");
            }
        }
        if let Some(file) = &mut self.file {
            let _ = file.flush();
        }
    }

    pub(crate) fn log_state(&self, state: ModemState) {
        let level = match state {
            ModemState::Recovering | ModemState::Lost => Level::Warn,
            _ => Level::Info,
        };
        log::log!(target: TARGET, level, "{}: {}", self.port, state.name());
    }

    pub(crate) fn log_failure(&self, error: &Error) {
        let level = match error.kind() {
            ErrorKind::Cancelled => Level::Info,
            _ => Level::Warn,
        };
        log::log!(target: TARGET, level, "{}: {}: {error}", self.port, error.kind());
    }
}
