//! `-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 name`, as `ls -l` and its many imitations write it.

use super::time::Modified;
use super::{Entry, EntryKind, is_size, number, short, word};
use crate::search::find;

/// Numbers before the mode: inode and blocks (`ls -lis`).
const MOST_BEFORE_MODE: usize = 2;
/// Words between mode and size: links, owner, group, a security context, names of two or three words.
const MOST_BEFORE_SIZE: usize = 8;

const MONTHS: [&[u8; 3]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];

pub(super) fn parse(line: &[u8]) -> Option<Entry> {
    let (mut mode, mut rest) = word(line)?;
    for _ in 0..MOST_BEFORE_MODE {
        if !is_size(mode) {
            break;
        }
        (mode, rest) = word(rest)?;
    }
    let kind = kind_of(mode)?;
    // Servers leave out links, owner or group: the date tells where the size stands, which is right before it.
    for _ in 0..=MOST_BEFORE_SIZE {
        let (size, behind) = word(rest)?;
        let is_size = is_size(size) || kind == EntryKind::Other && is_device(size);
        if let Some(date) = is_size.then(|| date(behind)).flatten() {
            return entry(kind, number(size), date);
        }
        rest = behind;
    }
    None
}

/// The kind that a mode such as `drwxr-xr-x+` tells.
fn kind_of(mode: &[u8]) -> Option<EntryKind> {
    let (kind, rights) = mode.split_first()?;
    let kind = match kind {
        b'-' => EntryKind::File,
        b'd' => EntryKind::Directory,
        b'l' => EntryKind::Link,
        // Devices, pipe, socket, door, event port, whiteout.
        b'b' | b'c' | b'p' | b's' | b'D' | b'P' | b'w' => EntryKind::Other,
        _ => return None,
    };
    let (rights, more) = rights.split_at_checked(9)?;
    // An access control list, a security context, extended attributes.
    let is_more = matches!(more, [] | [b'+' | b'.' | b'@' | b'*']);
    let is_mode = rights.iter().all(|byte| b"-rwxsStTlL".contains(byte)) && is_more;
    is_mode.then_some(kind)
}

/// `8,0`: major and minor number of a device; with a blank in between, the latter stands before the date.
fn is_device(word: &[u8]) -> bool {
    let mut numbers = word.split(|&byte| byte == b',');
    let mut next = || {
        numbers
            .next()
            .is_some_and(|part| number::<u32>(part).is_some())
    };
    next() && next() && numbers.next().is_none()
}

fn entry(kind: EntryKind, size: Option<u64>, date: Date<'_>) -> Option<Entry> {
    let name = date
        .rest
        .strip_prefix(b" ")
        .filter(|name| !name.is_empty())?;
    let mut entry = Entry::new(name, kind);
    entry.modified = date.modified;
    match kind {
        EntryKind::File => entry.size = size,
        EntryKind::Link => {
            if let Some((name, target)) = split_link(name, size) {
                entry.name = name.to_vec();
                entry.target = Some(target.to_vec()).filter(|target| !target.is_empty());
            }
        }
        _ => {}
    }
    Some(entry)
}

/// `name -> target`, where either may hold an arrow: the size of a link is the length of its target, else the first
/// arrow counts.
fn split_link(text: &[u8], size: Option<u64>) -> Option<(&[u8], &[u8])> {
    const ARROW: &[u8] = b" -> ";
    let by_size = size
        .and_then(|size| text.len().checked_sub(usize::try_from(size).ok()?))
        .and_then(|target| target.checked_sub(ARROW.len()))
        .filter(|&at| text[at..].starts_with(ARROW));
    let at = by_size
        .filter(|&at| at > 0)
        .or_else(|| find(text, ARROW).filter(|&at| at > 0))?;
    Some((&text[..at], &text[at + ARROW.len()..]))
}

/// A date by its shape; no time if it is none of the calendar's.
struct Date<'a> {
    modified: Option<Modified>,
    rest: &'a [u8],
}

fn date(text: &[u8]) -> Option<Date<'_>> {
    let (first, rest) = word(text)?;
    if first.contains(&b'-') {
        return iso_date(first, rest);
    }
    let (second, rest) = word(rest)?;
    let (month, day) = match month(first) {
        Some(month) => (month, short(second, 2)?),
        None => (month(second)?, short(first, 2)?),
    };
    let (third, rest) = word(rest)?;
    if let Some(year) = number(third).filter(|_| third.len() == 4) {
        return Some(Date {
            modified: Modified::day(Some(year), month, day),
            rest,
        });
    }
    let clock = clock(third)?;
    if clock.second.is_none() {
        return Some(Date {
            modified: clock.on(Modified::day(None, month, day)),
            rest,
        });
    }
    // BSD's `ls -lT` has seconds and a year.
    let (year, rest) = word(rest)?;
    let year = number(year).filter(|_| year.len() == 4)?;
    Some(Date {
        modified: clock.on(Modified::day(Some(year), month, day)),
        rest,
    })
}

fn month(word: &[u8]) -> Option<u8> {
    let at = MONTHS
        .iter()
        .position(|month| word.eq_ignore_ascii_case(&month[..]))?;
    u8::try_from(at + 1).ok()
}

/// `2019-10-26 15:15`, `2019-10-26 15:15:30.000000000 +0200`, and `10-26 15:15` or `2019-10-26 ` of `--time-style=iso`.
fn iso_date<'a>(date: &[u8], rest: &'a [u8]) -> Option<Date<'a>> {
    let day = calendar_day(date)?;
    // With no time, GNU's `ls` writes a blank in its place.
    if let Some(rest) = rest
        .strip_prefix(b" ")
        .filter(|rest| rest.starts_with(b" "))
    {
        return day.has_year.then_some(Date {
            modified: day.modified,
            rest,
        });
    }
    let (time, rest) = word(rest)?;
    let clock = clock(time)?;
    let modified = clock.on(day.modified);
    if clock.second.is_some()
        && let Some((zone, rest)) = word(rest)
        && let Some(minutes) = zone_minutes(zone)
    {
        return Some(Date {
            modified: modified.and_then(|modified| modified.in_utc(minutes)),
            rest,
        });
    }
    Some(Date { modified, rest })
}

struct CalendarDay {
    modified: Option<Modified>,
    has_year: bool,
}

fn calendar_day(date: &[u8]) -> Option<CalendarDay> {
    let mut parts = date.splitn(4, |&byte| byte == b'-');
    let (first, second) = (parts.next()?, parts.next()?);
    let modified = match (parts.next(), parts.next()) {
        (Some(day), None) if first.len() == 4 => {
            Modified::day(Some(number(first)?), short(second, 2)?, short(day, 2)?)
        }
        (None, _) => {
            let modified = Modified::day(None, short(first, 2)?, short(second, 2)?);
            return Some(CalendarDay {
                modified,
                has_year: false,
            });
        }
        _ => return None,
    };
    Some(CalendarDay {
        modified,
        has_year: true,
    })
}

struct Clock {
    hour: u8,
    minute: u8,
    second: Option<u8>,
}

impl Clock {
    fn on(&self, day: Option<Modified>) -> Option<Modified> {
        day?.at(self.hour, self.minute, self.second)
    }
}

/// `15:15`, `15:15:30` or `15:15:30.123456789`.
fn clock(word: &[u8]) -> Option<Clock> {
    let mut parts = word.splitn(4, |&byte| byte == b':');
    let (hour, minute) = (parts.next()?, parts.next()?);
    let second = match (parts.next(), parts.next()) {
        (None, _) => None,
        (Some(second), None) => {
            let mut parts = second.splitn(2, |&byte| byte == b'.');
            let second = short(parts.next()?, 2)?;
            let fraction = parts.next().unwrap_or(b"0");
            if !fraction.iter().all(u8::is_ascii_digit) {
                return None;
            }
            Some(second)
        }
        _ => return None,
    };
    Some(Clock {
        hour: short(hour, 2)?,
        minute: short(minute, 2).filter(|_| minute.len() == 2)?,
        second,
    })
}

/// `+0200` as minutes ahead of UTC.
fn zone_minutes(word: &[u8]) -> Option<i64> {
    let (sign, digits) = word.split_first()?;
    let digits: i64 = number(digits).filter(|_| digits.len() == 4)?;
    let minutes = digits / 100 * 60 + digits % 100;
    match sign {
        b'+' => Some(minutes),
        b'-' => Some(-minutes),
        _ => None,
    }
}
