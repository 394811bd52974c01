//! What put and get may promise: sizes from listings, and second downloads.

use super::buffers::Destination;
use super::put::has_size;
use super::{Job, LocalAction, Machine};
use crate::config::{FileType, Verified, Verify, Via};
use crate::error::{Error, ErrorKind, Result};
use crate::listing;
use crate::search::find;

/// What an upload should leave on the server.
pub(super) struct Sizes {
    /// Offset and bytes sent.
    pub(super) expected: u64,
    /// The file's size before, where it was asked for: some servers keep the tail behind an upload with an offset.
    pub(super) before: Option<u64>,
}

/// A file as the server lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) size: u64,
    /// The time of its last change, as far as the listing tells it.
    pub(super) time: Option<String>,
}

/// What a server shows of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Listed(Listed),
    /// The folder was listed, and nothing in it has the name.
    Absent,
    /// It lists nothing, no size of it, or more than one.
    Unknown,
}

impl Machine {
    /// The size that the server lists for a file; `None` where it lists none.
    pub(super) async fn listed_size(&mut self, name: &[u8]) -> Result<Option<u64>> {
        let listed = self.listed(name).await?;
        Ok(listed.map(|listed| listed.size))
    }

    /// How the server lists a file; `None` where it lists none, or no size of it.
    pub(super) async fn listed(&mut self, name: &[u8]) -> Result<Option<Listed>> {
        Ok(match self.look_up(name).await? {
            Found::Listed(listed) => Some(listed),
            Found::Absent | Found::Unknown => None,
        })
    }

    /// What the server shows of a file.
    pub(super) async fn look_up(&mut self, name: &[u8]) -> Result<Found> {
        // Globs and what looks like an option would list something else.
        let plain = !name.iter().any(|byte| b"*?[".contains(byte)) && !name.starts_with(b"-");
        let slash = name.iter().rposition(|&byte| byte == b'/');
        let base = slash.map_or(name, |slash| &name[slash + 1..]);
        if plain && let found @ Found::Listed(_) = self.look_up_in(Some(name), base, name).await? {
            return Ok(found);
        }
        let parent = match slash {
            None => None,
            Some(0) => Some(&b"/"[..]),
            Some(slash) => Some(&name[..slash]),
        };
        if parent.is_some_and(|parent| {
            parent.starts_with(b"-") || parent.iter().any(|byte| b"*?[".contains(byte))
        }) {
            return Ok(Found::Unknown);
        }
        self.look_up_in(parent, base, name).await
    }

    /// Lists `path` and looks for exactly one file called `base` or `name`.
    async fn look_up_in(&mut self, path: Option<&[u8]>, base: &[u8], name: &[u8]) -> Result<Found> {
        let command = self.list_command(path)?;
        self.link.shared().buffers.start_collecting();
        let listed = self.listing(command, path.unwrap_or_default()).await;
        let (text, overflowed) = {
            let mut shared = self.link.shared();
            shared.buffers.destination = Destination::Nowhere;
            (
                std::mem::take(&mut shared.buffers.collected),
                shared.buffers.overflowed,
            )
        };
        match listed {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Command) => {
                return Ok(Found::Unknown);
            }
            Err(error) => return Err(error),
        }
        if overflowed {
            return Ok(Found::Unknown);
        }
        let mut found = text
            .split(|&byte| byte == b'\n')
            .filter_map(listing::parse)
            .filter(|entry| {
                entry.kind == listing::EntryKind::File && (entry.name == base || entry.name == name)
            })
            .map(|entry| {
                Some(Listed {
                    size: entry.size?,
                    time: entry.modified.map(|time| time.to_string()),
                })
            });
        Ok(match (found.next(), found.next()) {
            (Some(Some(listed)), None) => Found::Listed(listed),
            // Servers leave names that begin with a dot out.
            (None, _) if !base.starts_with(b".") && find(&text, base).is_none() => Found::Absent,
            _ => Found::Unknown,
        })
    }

    pub(super) async fn verify_put(
        &mut self,
        job: &Job,
        sizes: Sizes,
        digest: Option<[u8; 32]>,
    ) -> Result<Verified> {
        if job.verify == Verify::None {
            return Ok(Verified::No);
        }
        if job.file_type == FileType::Ascii {
            self.link.warn(
                "not verified: in ASCII the server may change line ends, so that sizes say nothing",
            );
            return Ok(Verified::No);
        }
        if let (Verify::Readback, Some(digest)) = (job.verify, digest) {
            let bytes = sizes.expected - job.offset;
            let via = job.download_via(self.link.shared().held_back);
            let back = self.read_back(job, via, bytes, digest).await;
            self.distrusted = matches!(&back, Err(error) if error.kind() == ErrorKind::Transfer);
            return back;
        }
        let name = String::from_utf8_lossy(&job.name).into_owned();
        match self.listed_size(&job.name).await? {
            None => {
                self.link.warn("not verified: the server lists no size for the file");
                Ok(Verified::No)
            }
            Some(_) if cfg!(nlftp_planted = "size-not-compared") => Ok(Verified::Size),
            Some(size) if size == sizes.expected || sizes.before.is_some_and(|before| size == before.max(sizes.expected)) => {
                Ok(Verified::Size)
            }
            Some(size) => Err(Error::new(
                ErrorKind::Transfer,
                format!(
                    "the upload went through, but the server lists {size} bytes where {} were to be: upload it again",
                    sizes.expected
                ),
            )
            .with_left_behind(format!("the file on the server is not whole: {name}"))),
        }
    }

    pub(super) async fn verify_get(
        &mut self,
        job: &Job,
        via: Via,
        bytes: u64,
        listed: Option<u64>,
        digest: Option<[u8; 32]>,
    ) -> Result<Verified> {
        if job.verify == Verify::None {
            return Ok(Verified::No);
        }
        if !has_size(job.file_type) {
            self.link.warn(
                "not verified: in ASCII the server may change line ends, so that sizes say nothing",
            );
            return Ok(Verified::No);
        }
        if let Some(total) = listed.filter(|total| *total != job.offset + bytes) {
            // What was taken for its end may have stood in the file: the rest of it is proven to be over.
            self.link.shared().dirty = true;
            // A file that broke off is worth going on with: what is compared then shows where.
            if job.offset + bytes > total {
                self.tell_local(LocalAction::Discard);
            }
            return Err(Error::new(
                ErrorKind::Transfer,
                format!(
                    "{bytes} bytes arrived where the server lists {}: bytes were lost or the file changed; download it again",
                    total.saturating_sub(job.offset)
                ),
            ));
        }
        if let (Verify::Readback, Some(digest)) = (job.verify, digest) {
            return self.read_back(job, via, bytes, digest).await;
        }
        match listed {
            Some(_) => Ok(Verified::Size),
            None => {
                self.link
                    .warn("not verified: the server lists no size for the file");
                Ok(Verified::No)
            }
        }
    }

    /// A second download, compared by digest.
    async fn read_back(
        &mut self,
        job: &Job,
        via: Via,
        bytes: u64,
        digest: [u8; 32],
    ) -> Result<Verified> {
        // Some servers keep the tail behind an upload with an offset: it is not what was moved.
        self.link.shared().buffers.start_digest_of(bytes);
        let again = if bytes == 0 && job.offset > 0 {
            0
        } else {
            // A firmware that ends FTPRETR without 0x03 tells the end by the size alone.
            let listed = has_size(job.file_type).then_some(job.offset + bytes);
            self.fetch(job, via, listed, Destination::Digest).await?
        };
        let second = self.link.shared().buffers.take_digest();
        let same = second == Some(digest) || cfg!(nlftp_planted = "readback-not-compared");
        if (again == bytes || again > bytes && job.offset > 0) && same {
            return Ok(Verified::Readback);
        }
        self.tell_local(LocalAction::Discard);
        // What is compared before a resume cannot show the difference, wherever it is.
        let again_how = if job.retry.is_some() {
            "move it again"
        } else if job.resume {
            "move it again, without a resume"
        } else {
            "move it again"
        };
        Err(Error::new(
            ErrorKind::Transfer,
            format!("reading the file back gave {again} bytes that differ from the {bytes} moved before: {again_how}"),
        )
        .with_left_behind(format!("the file on the server may not be whole: {}", String::from_utf8_lossy(&job.name))))
    }
}
