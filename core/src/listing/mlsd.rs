//! `type=file;size=49;modify=20191026151500; name`: the facts of MLSD and MLST (RFC 3659 section 7).

use super::time::Modified;
use super::{Entry, EntryKind, number};
use crate::search::find;

/// One of these must be there: a file may be called `a=b; c`.
const TELLING: [&str; 8] = [
    "type",
    "size",
    "modify",
    "perm",
    "create",
    "unique",
    "sizd",
    "unix.mode",
];

pub(super) fn parse(line: &[u8]) -> Option<Entry> {
    // A target in the facts may hold blanks, but the first one behind a semicolon ends them.
    let end = find(line, b"; ")?;
    let name = &line[end + 2..];
    if name.is_empty() {
        return None;
    }
    let mut entry = Entry::new(name, EntryKind::Unknown);
    let mut telling = false;
    for fact in line[..end].split(|&byte| byte == b';') {
        let (fact, value) = fact.split_at(memchr::memchr(b'=', fact)?);
        let value = &value[1..];
        telling |= TELLING
            .iter()
            .any(|known| fact.eq_ignore_ascii_case(known.as_bytes()));
        if fact.eq_ignore_ascii_case(b"type") {
            take_type(value, &mut entry);
        } else if fact.eq_ignore_ascii_case(b"size") {
            entry.size = number(value);
        } else if fact.eq_ignore_ascii_case(b"modify") {
            entry.modified = time(value);
        }
    }
    if !matches!(entry.kind, EntryKind::File | EntryKind::Unknown) {
        entry.size = None;
    }
    telling.then_some(entry)
}

fn take_type(value: &[u8], entry: &mut Entry) {
    let is = |text: &str| value.eq_ignore_ascii_case(text.as_bytes());
    // Of several types the last counts, with nothing of those before it.
    entry.target = None;
    if is("file") {
        entry.kind = EntryKind::File;
    } else if is("dir") {
        entry.kind = EntryKind::Directory;
    } else if is("cdir") || is("pdir") {
        // The directory itself and its parent, under whatever name.
        entry.kind = EntryKind::Directory;
        entry.name = if is("cdir") {
            b".".to_vec()
        } else {
            b"..".to_vec()
        };
    } else if let Some(target) = link_target(value) {
        entry.kind = EntryKind::Link;
        entry.target = Some(target.to_vec()).filter(|target| !target.is_empty());
    } else {
        entry.kind = EntryKind::Other;
    }
}

/// `OS.unix=slink:/target`, or `OS.unix=symlink` with none.
fn link_target(value: &[u8]) -> Option<&[u8]> {
    for start in ["OS.unix=slink", "OS.unix=symlink"] {
        if let Some((head, rest)) = value.split_at_checked(start.len())
            && head.eq_ignore_ascii_case(start.as_bytes())
            && (rest.is_empty() || rest.starts_with(b":"))
        {
            return Some(rest.strip_prefix(b":").unwrap_or(rest));
        }
    }
    None
}

/// `YYYYMMDDHHMMSS`, with a fraction or without.
fn time(value: &[u8]) -> Option<Modified> {
    let mut parts = value.splitn(2, |&byte| byte == b'.');
    let digits = parts.next().filter(|digits| digits.len() == 14)?;
    if !parts
        .next()
        .unwrap_or_default()
        .iter()
        .all(u8::is_ascii_digit)
    {
        return None;
    }
    let year = number(&digits[..4])?;
    let part = |range: std::ops::Range<usize>| number(&digits[range]);
    let day = Modified::day(Some(year), part(4..6)?, part(6..8)?)?;
    let mut modified = day.at(part(8..10)?, part(10..12)?, Some(part(12..14)?))?;
    modified.utc = true;
    Some(modified)
}
