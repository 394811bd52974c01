//! Uploads under a temporary name: the file's own name never stands for a part of it.

use super::{Job, Machine};
use crate::config::Transfer;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::command::Command;

/// What a temporary name has behind the file's own: that of downloads, so that one rule finds them all.
pub(crate) const SUFFIX: &[u8] = b".nlftp-part";

/// The name that a file has until it is complete.
pub(crate) fn temporary_name(name: &[u8]) -> Vec<u8> {
    [name, SUFFIX].concat()
}

impl Machine {
    /// Uploads, by a temporary name where that is asked for.
    pub(super) async fn put(&mut self, job: &Job) -> Result<Transfer> {
        if !job.temporary {
            return self.upload(job).await;
        }
        let temporary = Job {
            name: temporary_name(&job.name),
            ..job.clone()
        };
        let transfer = self.upload(&temporary).await?;
        match self.take_name(&temporary.name, &job.name).await {
            Ok(()) => Ok(transfer),
            Err(error) => {
                let known = matches!(error.kind(), ErrorKind::Refused | ErrorKind::Command);
                let perhaps = if known {
                    ""
                } else {
                    ", or has its name already"
                };
                Err(error
                    .with_transferred(transfer.bytes)
                    .with_left_behind(format!(
                        "the whole file lies on the server as {}{perhaps}",
                        String::from_utf8_lossy(&temporary.name)
                    )))
            }
        }
    }

    /// Gives a file its name. Some servers do not rename to a name that is taken: there the file that has it is deleted.
    async fn take_name(&mut self, from: &[u8], to: &[u8]) -> Result<()> {
        let refused = match self.rename(from, to).await {
            Err(error) if error.kind() == ErrorKind::Refused => error,
            result => return result,
        };
        if self.listed(to).await?.is_none() {
            return Err(refused);
        }
        let delete = Command::named("FTPDEL", to)?;
        let gone = |what, error: Error| {
            error.with_left_behind(format!("{what}: {}", String::from_utf8_lossy(to)))
        };
        match self.ftp(delete, "deletion", to).await {
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Command) => {
                return Err(refused);
            }
            Err(error) => return Err(gone("the file before may have been deleted", error)),
        }
        let renamed = self.rename(from, to).await;
        renamed.map_err(|error| gone("the file before was deleted", error))
    }

    async fn rename(&mut self, from: &[u8], to: &[u8]) -> Result<()> {
        let command = Command::rename(from, to)?;
        self.ftp(command, "renaming", from).await.map(|_| ())
    }
}
