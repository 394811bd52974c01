//! Uploads that go on: the last bytes of the server's file are fetched and held against the source.

use super::super::buffers::Destination;
use super::super::{Job, Machine};
use super::overlap::common_prefix;
use super::{LEAST_COMMON, OVERLAP};
use crate::config::{FileType, Verify};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::table::MAX_STORE_OFFSET;

impl Machine {
    /// Where the upload goes on; the source stands there, and its digest is begun where one is asked for.
    pub(in super::super) async fn put_from(&mut self, job: &Job) -> Result<u64> {
        let at = if job.retry.is_some() && std::mem::take(&mut self.distrusted) {
            self.warn_from_start("what the server had of the file was not what was sent");
            0
        } else {
            self.common_with_server(job).await?.unwrap_or(0)
        };
        if job.verify == Verify::Readback {
            self.digest_source(at).await?;
        }
        self.seek_source(at, true).await?;
        Ok(at)
    }

    /// The end of what both sides have in common; `None`, with a warning where it may surprise, to begin at the start.
    async fn common_with_server(&mut self, job: &Job) -> Result<Option<u64>> {
        if job.file_type == FileType::Ascii {
            self.warn_from_start("an ASCII transfer cannot be resumed");
            return Ok(None);
        }
        let Some(there) = self.listed_size(&job.name).await?.filter(|size| *size > 0) else {
            return Ok(None);
        };
        let (here, _) = self.look().await?;
        if here.is_some_and(|here| there > here) {
            self.warn_from_start("the file on the server is longer than the source");
            return Ok(None);
        }
        let end = there.min(MAX_STORE_OFFSET);
        if there - end > OVERLAP {
            self.warn_from_start(&format!(
                "the module's offsets end at {MAX_STORE_OFFSET}, before the end of the file on the server"
            ));
            return Ok(None);
        }
        if cfg!(nlftp_planted = "resume-at-remote-size") {
            return Ok(Some(there));
        }
        let start = end - end.min(OVERLAP);
        let Some(tail) = self.fetch_tail(job, start, there).await? else {
            return Ok(None);
        };
        self.seek_source(start, false).await?;
        match self.compare_source(&tail).await? {
            None => {
                self.warn_from_start("the file on the server is longer than the source");
                Ok(None)
            }
            Some(common) if common == tail.len() || common >= LEAST_COMMON || start == 0 => {
                if common < tail.len() {
                    self.link.warn(format!(
                        "the last {} bytes of the file on the server are not the source's: they were replaced",
                        tail.len() - common
                    ));
                }
                let common = start + common as u64;
                if common > MAX_STORE_OFFSET {
                    self.link.warn(format!(
                        "the module's offsets end at {MAX_STORE_OFFSET}: what was there behind that was sent again"
                    ));
                }
                Ok(Some(common.min(MAX_STORE_OFFSET)))
            }
            Some(_) => {
                self.warn_from_start("the file on the server is not the source's beginning");
                Ok(None)
            }
        }
    }

    fn warn_from_start(&self, why: &str) {
        self.link
            .warn(format!("{why}: the upload began at the start"));
    }

    /// The end of the server's file, which may have grown since it was listed.
    async fn fetch_tail(&mut self, job: &Job, start: u64, listed: u64) -> Result<Option<Vec<u8>>> {
        let tail = Job {
            offset: start,
            ..job.clone()
        };
        let via = tail.download_via(self.link.shared().held_back);
        self.link.shared().buffers.start_collecting();
        let fetched = self
            .fetch(&tail, via, Some(listed), Destination::Collect)
            .await;
        let (collected, overflowed) = {
            let mut shared = self.link.shared();
            let collected = std::mem::take(&mut shared.buffers.collected);
            (collected, shared.buffers.overflowed)
        };
        match fetched {
            Err(error)
                if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Command)
                    && collected.is_empty() =>
            {
                self.warn_from_start("the end of the file on the server cannot be read");
            }
            Err(error) => return Err(error),
            Ok(_) if collected.is_empty() || overflowed => {
                self.warn_from_start("the file on the server is still changing");
            }
            Ok(_) => {
                self.settle().await?;
                return Ok(Some(collected));
            }
        }
        self.settle_anew().await?;
        Ok(None)
    }

    /// How many bytes of `tail` the source has too, from where it stands; `None` if it ends before.
    async fn compare_source(&mut self, tail: &[u8]) -> Result<Option<usize>> {
        let mut equal = 0;
        while equal < tail.len() {
            self.wait_for_source(0).await?;
            let rest = &tail[equal..];
            let mut same = 0;
            let count = self
                .link
                .shared()
                .buffers
                .look_at_part(rest.len(), |part| same = common_prefix(part, rest));
            equal += same;
            if count == 0 {
                return Ok(None);
            }
            if same < count {
                break;
            }
        }
        Ok(Some(equal))
    }

    /// Begins the digest of the whole file with what is on the server already.
    async fn digest_source(&mut self, to: u64) -> Result<()> {
        self.seek_source(0, false).await?;
        self.link.shared().buffers.start_digest();
        let mut left = to;
        while left > 0 {
            self.wait_for_source(0).await?;
            let limit = usize::try_from(left).unwrap_or(usize::MAX);
            let count = self.link.shared().buffers.look_at_part(limit, |_| ());
            if count == 0 {
                return Err(Error::new(
                    ErrorKind::LocalFile,
                    "the source became shorter while it was read: upload it again when it stands still",
                ));
            }
            left -= count as u64;
        }
        Ok(())
    }
}
