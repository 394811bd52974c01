//! Resume: transfers that go on where an earlier one of the same file ended.
//!
//! They go on at the end of the common prefix within the last bytes of both sides, never at the size of one of them: a
//! killed client or a crash may have left anything behind the file's own bytes. Every decision is made here; the local
//! end only does as it is told.

#[cfg(test)]
mod cases;
mod download;
mod overlap;
mod record;
mod upload;
#[cfg(test)]
mod world;

pub(crate) use overlap::Overlap;

use sha2::Sha256;

use super::{Machine, Output, Task};
use crate::error::{Error, ErrorKind, Result};

/// How much of both sides is compared.
const OVERLAP: u64 = 64 * 1024;
/// Fewer equal bytes than this at the beginning of what is compared may be chance. What a client or a crash leaves
/// behind a file is far shorter than the rest.
const LEAST_COMMON: usize = 4 * 1024;

/// What the session wants of the caller's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LocalAction {
    /// Tell what is there: [`LocalAnswer::Found`].
    Look,
    /// Read these bytes of what a download goes on in: [`LocalAnswer::Bytes`].
    Read { from: u64, to: u64 },
    /// Digest the bytes of the same before `to`: [`LocalAnswer::Digest`].
    Digest { to: u64 },
    /// Give the source from this byte on: [`LocalAnswer::Sought`] stands before its first part. With `begin` the upload
    /// itself begins there.
    Seek { to: u64, begin: bool },
    /// What follows of a download is the file from its start, and this is the record of what it is.
    Begin { record: Option<Vec<u8>> },
    /// What follows of a download belongs at this byte; what stands there and behind is of no use.
    Continue { at: u64 },
    /// What a download has brought is wrong: nothing may go on from it.
    Discard,
}

impl LocalAction {
    /// Whether the local end answers it.
    pub(crate) fn is_question(&self) -> bool {
        match self {
            LocalAction::Look
            | LocalAction::Read { .. }
            | LocalAction::Digest { .. }
            | LocalAction::Seek { .. } => true,
            LocalAction::Begin { .. } | LocalAction::Continue { .. } | LocalAction::Discard => {
                false
            }
        }
    }
}

/// The local end's answer.
#[derive(Debug)]
pub(crate) enum LocalAnswer {
    Found {
        /// The length of what is there; of a source where it is known.
        length: Option<u64>,
        record: Recorded,
    },
    Bytes(Vec<u8>),
    /// The digest as it stands behind the last byte asked for.
    Digest(Box<Sha256>),
    Sought,
}

/// What is known of the bytes that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// Nothing.
    Nothing,
    /// What was given with [`LocalAction::Begin`].
    Record(Vec<u8>),
    /// The caller says that they are this file's.
    Vouched,
}

impl Machine {
    /// Tells the local end something that it does not answer.
    pub(super) fn tell_local(&self, action: LocalAction) {
        self.link.shared().outputs.push_back(Output::Local(action));
    }

    /// Waits for the local end's answer; what fails there cancels the operation.
    async fn ask_local(&self, action: LocalAction) -> Result<LocalAnswer> {
        self.link.shared().buffers.answer = None;
        self.tell_local(action);
        let answer = self
            .link
            .wait_for_caller(|shared| shared.buffers.answer.take())
            .await?;
        answer.ok_or_else(no_answer)
    }

    pub(super) async fn look(&self) -> Result<(Option<u64>, Recorded)> {
        match self.ask_local(LocalAction::Look).await? {
            LocalAnswer::Found { length, record } => Ok((length, record)),
            _ => Err(no_answer()),
        }
    }

    /// Has the source start over at a byte; nothing that it gave before is taken any more.
    async fn seek_source(&self, to: u64, begin: bool) -> Result<()> {
        self.link.shared().buffers.start_seek();
        match self.ask_local(LocalAction::Seek { to, begin }).await? {
            LocalAnswer::Sought => Ok(()),
            _ => Err(no_answer()),
        }
    }

    /// The server may remember an offset of which nothing came: only a new connection is sure to have none.
    async fn settle_anew(&mut self) -> Result<()> {
        self.must_close = true;
        self.settle().await
    }

    /// Brings modem and connection back to where a transfer can begin, should a download have been left in its middle.
    async fn settle(&mut self) -> Result<()> {
        self.leave_in_flight();
        // A connection that has to be closed is closed here, and opened anew below.
        self.ready(&Task::Status).await?;
        self.connect().await
    }
}

fn no_answer() -> Error {
    Error::new(
        ErrorKind::LocalFile,
        "the local file gave another answer than it was asked for",
    )
}
