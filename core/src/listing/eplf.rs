//! `+i8388621.48594,m825718503,r,s280,<TAB>djb.html`: the Easily Parsed LIST Format of D. J. Bernstein.

use super::time::Modified;
use super::{Entry, EntryKind, number};

pub(super) fn parse(line: &[u8]) -> Option<Entry> {
    let facts = line.strip_prefix(b"+")?;
    let (facts, name) = facts.split_at(memchr::memchr(b'\t', facts)?);
    let name = &name[1..];
    if name.is_empty() {
        return None;
    }
    // What can be neither fetched nor entered is no file and no directory.
    let mut entry = Entry::new(name, EntryKind::Other);
    for fact in facts.split(|&byte| byte == b',') {
        match fact {
            b"/" => entry.kind = EntryKind::Directory,
            b"r" if entry.kind != EntryKind::Directory => entry.kind = EntryKind::File,
            [b's', size @ ..] => entry.size = number(size),
            [b'm', seconds @ ..] => {
                entry.modified = number(seconds).and_then(Modified::from_unix);
            }
            // The identifier `i`, the rights `up`, and facts that nobody has defined.
            _ => {}
        }
    }
    if entry.kind != EntryKind::File {
        entry.size = None;
    }
    Some(entry)
}
