//! Downloads that go on: what the part file and its record are worth, and the one transfer that shows where.

use super::super::buffers::Destination;
use super::super::verify::Listed;
use super::super::{Job, Machine, Output};
use super::record::Record;
use super::{LocalAction, LocalAnswer, OVERLAP, Overlap, Recorded, no_answer};
use crate::config::{FileType, Verify, Via};
use crate::error::{ErrorKind, Result};
use crate::protocol::table::MAX_RETRIEVE_OFFSET;

/// A whole file, of which this call has brought the rest.
pub(in super::super) struct Rest {
    pub(in super::super) resumed_from: u64,
    /// Of the whole file.
    pub(in super::super) size: u64,
}

impl Machine {
    /// Downloads what is missing of the file. What is there stays as it is until a byte has come that may replace it.
    pub(in super::super) async fn get_rest(
        &mut self,
        job: &Job,
        via: Via,
        listed: Option<Listed>,
    ) -> Result<Rest> {
        if job.file_type == FileType::Ascii {
            self.link
                .warn("an ASCII transfer cannot be resumed: the download began at the start");
            return self.get_anew(job, via, None, None).await;
        }
        let size = listed.as_ref().map(|listed| listed.size);
        if let Some(size) = size {
            self.link.shared().outputs.push_back(Output::Total(size));
        }
        let record = Record {
            name: job.name.clone(),
            listed,
        };
        let have = self.worth_of_part(&record).await?;
        if have > 0
            && let Some(rest) = self.go_on(job, via, size, have).await?
        {
            return Ok(rest);
        }
        self.get_anew(job, via, size, Some(record.to_bytes())).await
    }

    /// A download from the start into a file that a resume may go on with.
    async fn get_anew(
        &mut self,
        job: &Job,
        via: Via,
        listed: Option<u64>,
        record: Option<Vec<u8>>,
    ) -> Result<Rest> {
        {
            let mut shared = self.link.shared();
            shared.buffers.overlap = Some(Overlap::fresh(record.clone()));
            if job.verify == Verify::Readback {
                shared.buffers.start_digest();
            }
        }
        self.went_on_at = Some(0);
        let size = self.fetch(job, via, listed, Destination::Caller).await?;
        self.link.shared().buffers.overlap = None;
        if size == 0 {
            self.tell_local(LocalAction::Begin { record });
        }
        Ok(Rest {
            resumed_from: 0,
            size,
        })
    }

    /// How many bytes of what is there may be this file's: 0 where it has to be fetched from the start.
    async fn worth_of_part(&mut self, now: &Record) -> Result<u64> {
        let (length, recorded) = self.look().await?;
        let length = length.unwrap_or(0);
        if length == 0 {
            return Ok(0);
        }
        if let Err(why) = is_same(now, &recorded) {
            self.link
                .warn(format!("{why}: the download began at the start"));
            return Ok(0);
        }
        let listed_then = match &recorded {
            Recorded::Record(bytes) => {
                Record::parse(bytes).is_some_and(|then| then.listed.is_some())
            }
            // What the caller vouches for needs no listing of then.
            _ => true,
        };
        if now.listed.is_none() || !listed_then {
            self.link.warn(
                "the server lists no size for the file: the last bytes of what was there alone decided where to go on",
            );
        }
        if let Some(listed) = now.listed.as_ref().filter(|listed| length > listed.size) {
            self.link.warn(format!(
                "{length} bytes were there and the file on the server has {}: the download began at the start",
                listed.size
            ));
            return Ok(0);
        }
        let limit = MAX_RETRIEVE_OFFSET + OVERLAP;
        if length > limit {
            self.link.warn(format!(
                "the module's offsets end at {MAX_RETRIEVE_OFFSET}: what was there behind that was fetched again"
            ));
        }
        Ok(length.min(limit))
    }

    /// One transfer whose first bytes are compared with the last ones here; `None` when they are not the same file's.
    async fn go_on(
        &mut self,
        job: &Job,
        via: Via,
        listed: Option<u64>,
        have: u64,
    ) -> Result<Option<Rest>> {
        let start = have - have.min(OVERLAP);
        if job.verify == Verify::Readback {
            match self.ask_local(LocalAction::Digest { to: start }).await? {
                LocalAnswer::Digest(digest) => {
                    self.link.shared().buffers.go_on_with_digest(*digest);
                }
                _ => return Err(no_answer()),
            }
        }
        let read = LocalAction::Read {
            from: start,
            to: have,
        };
        let LocalAnswer::Bytes(tail) = self.ask_local(read).await? else {
            return Err(no_answer());
        };
        if tail.len() as u64 != have - start {
            return Err(no_answer());
        }
        self.link.shared().buffers.overlap = Some(Overlap::new(start, tail));
        let rest = Job {
            offset: start,
            ..job.clone()
        };
        let fetched = self.fetch(&rest, via, listed, Destination::Caller).await;
        let overlap = self.link.shared().buffers.overlap.take();
        let at = overlap.as_ref().and_then(Overlap::decided);
        self.went_on_at = at;
        match (at, fetched) {
            (Some(at), Ok(bytes)) => Ok(Some(Rest {
                resumed_from: at,
                size: start + bytes,
            })),
            // A server that refuses the offset before a byte has come may still give the file from its start.
            (None, Err(error)) if error.kind() == ErrorKind::Refused && unheard(&overlap) => {
                self.link.warn(
                    "the server refused to go on with the file: the download began at the start",
                );
                self.settle_anew().await?;
                Ok(None)
            }
            (_, Err(error)) => Err(error),
            (None, Ok(_)) => {
                self.link.warn(if overlap.is_some_and(|overlap| overlap.differs()) {
                    "what was there is not the file on the server: the download began at the start"
                } else {
                    "the file on the server ends before what was there: the download began at the start"
                });
                self.settle().await?;
                Ok(None)
            }
        }
    }
}

/// Whether nothing has come that could be compared.
fn unheard(overlap: &Option<Overlap>) -> bool {
    overlap.as_ref().is_some_and(Overlap::is_untouched)
}

/// Whether the bytes that are there may be the server's file, or why not.
fn is_same(now: &Record, recorded: &Recorded) -> Result<(), &'static str> {
    let then = match recorded {
        Recorded::Vouched => return Ok(()),
        Recorded::Nothing => None,
        Recorded::Record(bytes) => Record::parse(bytes),
    };
    let Some(then) = then else {
        return Err("nothing is recorded of what the part file holds");
    };
    if then.name != now.name {
        return Err("the part file holds another file");
    }
    match (&then.listed, &now.listed) {
        (Some(then), Some(now)) if then != now => {
            Err("the server lists another size or time than when the part file was begun")
        }
        _ => Ok(()),
    }
}
