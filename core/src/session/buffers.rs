//! The transfer's bytes on their way between engine and caller.

use std::collections::VecDeque;

use sha2::{Digest, Sha256};

use super::resume::{LocalAction, LocalAnswer, Overlap};

/// Where a download's bytes go.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Thrown away.
    #[default]
    Nowhere,
    /// To the caller.
    Caller,
    /// Into [`Buffers::collected`], up to its limit.
    Collect,
    /// Only into the digest.
    Digest,
}

/// A listing that is collected for a size check may be this long.
const MAX_COLLECTED: usize = 4 * 1024 * 1024;

#[derive(Default)]
pub(crate) struct Buffers {
    source: VecDeque<Vec<u8>>,
    /// Bytes of the first source buffer that are used up.
    used: usize,
    ended: bool,
    /// The buffer that came with the source's end: given back before a seek it would be filled again.
    end: Option<Vec<u8>>,
    /// What the source gives now was read before it was told to start over.
    seeking: bool,
    pub(crate) spent: Vec<Vec<u8>>,
    pub(crate) destination: Destination,
    pub(crate) collected: Vec<u8>,
    pub(crate) overflowed: bool,
    digest: Option<Sha256>,
    /// How many more bytes the digest takes.
    digest_left: u64,
    /// Whether the caller can take more of a download.
    pub(crate) room: bool,
    /// Bytes of the download at hand that went to the caller.
    pub(crate) moved: u64,
    /// How many more bytes the download at hand may bring, where that is known: a server that never ends would fill the disk.
    pub(super) bearable: Option<u64>,
    /// A download that goes on compares its first bytes.
    pub(crate) overlap: Option<Overlap>,
    /// What the local end was asked for.
    pub(crate) answer: Option<LocalAnswer>,
}

impl Buffers {
    // -- the source -------------------------------------------------------------------------------

    /// Adds a part of the source; an empty one is its end.
    pub(crate) fn supply(&mut self, mut part: Vec<u8>) {
        if self.seeking {
            part.clear();
            self.spent.push(part);
        } else if part.is_empty() {
            self.ended = true;
            self.end = Some(part);
        } else if let Some(last) = self.source.back_mut()
            && last.len() + part.len() <= last.capacity()
        {
            // Small parts share a buffer: all buffers together could be less than one piece.
            last.extend_from_slice(&part);
            part.clear();
            self.spent.push(part);
        } else {
            self.source.push_back(part);
        }
    }

    /// Whether the source has nothing more and all of it was taken.
    pub(crate) fn at_end(&self) -> bool {
        self.ended && self.source.is_empty()
    }

    /// Whether [`take_piece`](Self::take_piece) can tell if its piece is the last one.
    pub(crate) fn has_piece(&self, length: usize) -> bool {
        self.ended || self.source.iter().map(Vec::len).sum::<usize>() - self.used > length
    }

    /// The next bytes of the source, at most `limit`; passed to `take` as they are.
    pub(crate) fn take_part(&mut self, limit: usize, take: impl FnOnce(&[u8])) -> usize {
        let Some(front) = self.source.front() else {
            return 0;
        };
        let part = &front[self.used..front.len().min(self.used + limit)];
        if let Some(digest) = &mut self.digest {
            digest.update(part);
        }
        take(part);
        let count = part.len();
        self.used += count;
        if self.used == front.len() {
            self.used = 0;
            self.spent.extend(self.source.pop_front());
        }
        count
    }

    /// The same for bytes that are not moved: progress does not count them.
    pub(super) fn look_at_part(&mut self, limit: usize, look: impl FnOnce(&[u8])) -> usize {
        let count = self.take_part(limit, look);
        for part in &mut self.spent {
            part.clear();
        }
        count
    }

    /// Moves up to `length` bytes of the source into `piece`.
    pub(crate) fn take_piece(&mut self, length: usize, piece: &mut Vec<u8>) {
        piece.clear();
        while piece.len() < length {
            let left = length - piece.len();
            if self.take_part(left, |part| piece.extend_from_slice(part)) == 0 {
                break;
            }
        }
    }

    /// Whoever gives the next source starts anew.
    pub(crate) fn forget_source(&mut self) {
        if cfg!(nlftp_planted = "source-not-forgotten") {
            return;
        }
        self.spent.extend(
            self.source
                .drain(..)
                .chain(self.end.take())
                .map(|mut part| {
                    part.clear();
                    part
                }),
        );
        self.used = 0;
        self.ended = false;
        self.seeking = false;
    }

    /// The source is told to start over: what it has given, and gives until it has done so, is not taken.
    pub(super) fn start_seek(&mut self) {
        self.forget_source();
        // What was sent before is counted anew.
        for part in &mut self.spent {
            part.clear();
        }
        self.seeking = true;
    }

    /// The local end has answered; what the source gives from here on is what was asked for.
    pub(crate) fn local_done(&mut self, answer: LocalAnswer) {
        self.seeking &= !matches!(answer, LocalAnswer::Sought);
        self.answer = Some(answer);
    }

    // -- downloads --------------------------------------------------------------------------------

    pub(crate) fn start_collecting(&mut self) {
        self.collected.clear();
        self.overflowed = false;
        self.destination = Destination::Collect;
    }

    /// Takes what a download brought; `payload[before..]` stays there only if it is for the caller, who may have to do
    /// something before it is written.
    pub(crate) fn deliver(&mut self, payload: &mut Vec<u8>, before: usize) -> Option<LocalAction> {
        let part = &payload[before..];
        if part.is_empty() {
            return None;
        }
        let length = part.len() as u64;
        self.bearable = self
            .bearable
            .map(|bearable| bearable.saturating_sub(length));
        if let (Some(digest), Destination::Caller | Destination::Digest) =
            (&mut self.digest, self.destination)
        {
            let left = usize::try_from(self.digest_left)
                .unwrap_or(usize::MAX)
                .min(part.len());
            digest.update(&part[..left]);
            self.digest_left -= left as u64;
        }
        match self.destination {
            Destination::Caller => {
                let (known, action) = match &mut self.overlap {
                    Some(overlap) => overlap.take(part),
                    None => (0, None),
                };
                self.moved += (part.len() - known) as u64;
                payload.drain(before..before + known);
                return action;
            }
            Destination::Collect => {
                let room = MAX_COLLECTED - self.collected.len();
                self.overflowed |= part.len() > room;
                self.collected
                    .extend_from_slice(&part[..part.len().min(room)]);
            }
            Destination::Digest | Destination::Nowhere => {}
        }
        payload.truncate(before);
        None
    }

    // -- digests ----------------------------------------------------------------------------------

    pub(crate) fn start_digest(&mut self) {
        self.start_digest_of(u64::MAX);
    }

    /// A digest of the first `count` bytes alone.
    pub(crate) fn start_digest_of(&mut self, count: u64) {
        self.digest = Some(Sha256::new());
        self.digest_left = count;
    }

    /// A digest that was begun elsewhere.
    pub(super) fn go_on_with_digest(&mut self, digest: Sha256) {
        self.digest = Some(digest);
        self.digest_left = u64::MAX;
    }

    pub(crate) fn take_digest(&mut self) -> Option<[u8; 32]> {
        self.digest.take().map(|digest| digest.finalize().into())
    }

    /// Forgets the transfer; source buffers go back to their owner.
    pub(crate) fn end_transfer(&mut self) {
        self.forget_source();
        self.destination = Destination::Nowhere;
        self.collected = Vec::new();
        self.digest = None;
        self.overlap = None;
        self.answer = None;
    }
}
