//! `10-26-19  03:15PM  49 name`, as IIS and other servers on Windows write it.

use super::time::Modified;
use super::{Entry, EntryKind, number, short, word};
use crate::search::find;

/// `<DIR>` and its kin fill a column as wide as this with blanks; what is behind it is the name.
const TAG_COLUMN: usize = 15;

pub(super) fn parse(line: &[u8]) -> Option<Entry> {
    let (date, rest) = word(line)?;
    let day = day(date)?;
    let (time, rest) = word(rest)?;
    let (hour, minute, rest) = clock(time, rest)?;
    let modified = day.and_then(|day| day.at(hour, minute, None));
    let (size, behind) = word(rest)?;
    let (kind, size, name) = match kind_of(size) {
        Some(kind) => (kind, None, behind_tag(size.len(), behind)),
        None if size.iter().all(u8::is_ascii_digit) => {
            (EntryKind::File, number(size), behind.strip_prefix(b" ")?)
        }
        None => return None,
    };
    if name.is_empty() {
        return None;
    }
    let mut entry = Entry::new(name, kind);
    entry.size = size;
    entry.modified = modified;
    if kind == EntryKind::Link
        && let Some((name, target)) = split_link(name)
    {
        entry.name = name.to_vec();
        entry.target = Some(target.to_vec());
    }
    Some(entry)
}

fn kind_of(word: &[u8]) -> Option<EntryKind> {
    let is = |tag: &str| word.eq_ignore_ascii_case(tag.as_bytes());
    if is("<DIR>") {
        Some(EntryKind::Directory)
    } else if is("<JUNCTION>") || is("<SYMLINKD>") || is("<SYMLINK>") {
        Some(EntryKind::Link)
    } else {
        None
    }
}

fn behind_tag(tag: usize, text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|&&byte| byte == b' ').count();
    &text[blanks.min(TAG_COLUMN.saturating_sub(tag))..]
}

/// `name [target]`.
fn split_link(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.strip_suffix(b"]")?;
    let at = find(inner, b" [").filter(|&at| at > 0)?;
    Some((&inner[..at], &inner[at + 2..]))
}

/// `10-26-19`, `10/26/2019`, `2019-10-26`, `26.10.2019`: month first as IIS has it, unless the numbers, or dots in
/// between, say otherwise. The inner `None` is a date that no calendar has.
fn day(word: &[u8]) -> Option<Option<Modified>> {
    let separator = *word.iter().find(|byte| b"-/.".contains(byte))?;
    let mut parts = word.splitn(4, |&byte| byte == separator);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    if first.len() == 4 {
        let (year, month, day) = (number(first)?, short(second, 2)?, short(third, 2)?);
        return Some(Modified::day(Some(year), month, day));
    }
    let (first, second) = (short(first, 2)?, short(second, 2)?);
    let year: u16 = number(third)?;
    let year = match third.len() {
        // As POSIX reads two digits.
        2 if year < 69 => 2000 + year,
        2 => 1900 + year,
        4 => year,
        _ => return None,
    };
    let day_first = separator == b'.' || first > 12;
    let (month, day) = if day_first {
        (second, first)
    } else {
        (first, second)
    };
    Some(Modified::day(Some(year), month, day))
}

/// `03:15PM`, `03:15 PM`, `15:15`, `15:15:30`: hour and minute, and what follows.
fn clock<'a>(time: &[u8], rest: &'a [u8]) -> Option<(u8, u8, &'a [u8])> {
    let (digits, half, rest) = match half_of(time) {
        Some((digits, half)) => (digits, Some(half), rest),
        None => match word(rest) {
            Some((half, behind)) if matches!(half_of(half), Some(([], _))) => {
                (time, half_of(half).map(|(_, half)| half), behind)
            }
            _ => (time, None, rest),
        },
    };
    let mut parts = digits.splitn(4, |&byte| byte == b':');
    let hour: u8 = short(parts.next()?, 2)?;
    let minute = short(parts.next()?, 2)?;
    if let Some(second) = parts.next() {
        short::<u8>(second, 2)?;
    }
    if parts.next().is_some() {
        return None;
    }
    let hour = match half {
        Some(Half::Morning) => hour % 12,
        Some(Half::Afternoon) => hour % 12 + 12,
        None => hour,
    };
    Some((hour, minute, rest))
}

enum Half {
    Morning,
    Afternoon,
}

fn half_of(word: &[u8]) -> Option<(&[u8], Half)> {
    let (digits, half) = word.split_at_checked(word.len().checked_sub(2)?)?;
    if half.eq_ignore_ascii_case(b"AM") {
        Some((digits, Half::Morning))
    } else if half.eq_ignore_ascii_case(b"PM") {
        Some((digits, Half::Afternoon))
    } else {
        None
    }
}
