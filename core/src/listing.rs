//! Lines of a directory listing, as FTP servers send them (RFC 959 leaves their form open).

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// A plain file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link; its target is left out of the name.
    Link,
    /// Something else, or a line of unknown form: the name is the whole line.
    Unknown,
}

/// An entry of a directory listing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The name, as octets: servers do not all speak UTF-8.
    pub name: Vec<u8>,
    /// Size in bytes, where the line has one that means something.
    pub size: Option<u64>,
    /// What it is.
    pub kind: EntryKind,
    /// The time of the last change as the server wrote it.
    pub modified: Option<String>,
    /// The whole line.
    pub raw: Vec<u8>,
}

/// A line of the listing; `None` for lines that name nothing, such as `total 8`.
pub(crate) fn parse(line: &[u8]) -> Option<Entry> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.trim_ascii().is_empty() || is_total(line) {
        return None;
    }
    let known = unix(line).or_else(|| dos(line));
    Some(known.unwrap_or_else(|| Entry {
        name: line.to_vec(),
        size: None,
        kind: EntryKind::Unknown,
        modified: None,
        raw: line.to_vec(),
    }))
}

fn is_total(line: &[u8]) -> bool {
    line.strip_prefix(b"total ")
        .is_some_and(|rest| rest.trim_ascii().iter().all(u8::is_ascii_digit))
}

/// The next word, and what follows it with its blanks.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii_start();
    let end = text
        .iter()
        .position(|&byte| byte == b' ')
        .unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 name`, as `ls -l` writes it; some servers leave out the group.
fn unix(line: &[u8]) -> Option<Entry> {
    let (mode, rest) = word(line)?;
    let kind = match mode.first()? {
        b'-' => EntryKind::File,
        b'd' => EntryKind::Directory,
        b'l' => EntryKind::Link,
        b'b' | b'c' | b'p' | b's' => EntryKind::Unknown,
        _ => return None,
    };
    if mode.len() < 10 || !mode[1..10].iter().all(|byte| b"-rwxsStTl".contains(byte)) {
        return None;
    }
    let (links, rest) = word(rest)?;
    links.iter().all(u8::is_ascii_digit).then_some(())?;
    let (_owner, mut rest) = word(rest)?;
    // Size, month, day, time or year: the month tells where the size stood.
    for _ in 0..2 {
        let (size, behind) = word(rest)?;
        if let Some((modified, name)) = date(behind) {
            let size: Option<u64> = std::str::from_utf8(size).ok()?.parse().ok();
            let mut name = name;
            if kind == EntryKind::Link {
                let arrow = name.windows(4).position(|window| window == b" -> ");
                name = &name[..arrow.unwrap_or(name.len())];
            }
            return Some(Entry {
                name: name.to_vec(),
                size: size.filter(|_| kind == EntryKind::File),
                kind,
                modified: Some(modified),
                raw: line.to_vec(),
            });
        }
        rest = behind;
    }
    None
}

/// `Oct 26 15:15 name`; exactly one blank stands before the name, so that leading blanks of it are kept.
fn date(rest: &[u8]) -> Option<(String, &[u8])> {
    const MONTHS: [&[u8]; 12] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec",
    ];
    let (month, rest) = word(rest)?;
    MONTHS
        .contains(&month.to_ascii_lowercase().as_slice())
        .then_some(())?;
    let (day, rest) = word(rest)?;
    day.iter().all(u8::is_ascii_digit).then_some(())?;
    let (time, rest) = word(rest)?;
    time.iter()
        .all(|byte| byte.is_ascii_digit() || *byte == b':')
        .then_some(())?;
    let name = rest.strip_prefix(b" ").filter(|name| !name.is_empty())?;
    Some((
        format!("{} {} {}", text(month), text(day), text(time)),
        name,
    ))
}

/// `10-26-19  03:15PM  49 name` or `<DIR>` in place of the size, as IIS writes it.
fn dos(line: &[u8]) -> Option<Entry> {
    let (day, rest) = word(line)?;
    let parts: Vec<_> = day.split(|&byte| byte == b'-').collect();
    let is_date = parts.len() == 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit));
    is_date.then_some(())?;
    let (time, rest) = word(rest)?;
    time.contains(&b':').then_some(())?;
    let (size, rest) = word(rest)?;
    let (kind, size) = if size == b"<DIR>" {
        (EntryKind::Directory, None)
    } else {
        (
            EntryKind::File,
            Some(std::str::from_utf8(size).ok()?.parse().ok()?),
        )
    };
    let name = rest.trim_ascii_start();
    (!name.is_empty()).then(|| Entry {
        name: name.to_vec(),
        size,
        kind,
        modified: Some(format!("{} {}", text(day), text(time))),
        raw: line.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn short(line: &str) -> Option<(String, Option<u64>, EntryKind)> {
        parse(line.as_bytes()).map(|entry| (text(&entry.name), entry.size, entry.kind))
    }

    #[test]
    fn unix_and_dos_lines() {
        let file = EntryKind::File;
        for (line, name, size, kind) in [
            (
                "-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 test1.txt",
                "test1.txt",
                Some(49),
                file,
            ),
            (
                "-rw-r--r--   1 ftp      ftp            30 Oct  6  2019  two words",
                " two words",
                Some(30),
                file,
            ),
            (
                "-rw-r--r-- 1 owner 7 Jan 1 1999 nogroup",
                "nogroup",
                Some(7),
                file,
            ),
            (
                "drwxr-xr-x 2 0 0 4096 Oct 26 15:15 d",
                "d",
                None,
                EntryKind::Directory,
            ),
            (
                "lrwxrwxrwx 1 0 0 5 Oct 26 15:15 a -> b",
                "a",
                None,
                EntryKind::Link,
            ),
            (
                "10-26-19  03:15PM       49 a file",
                "a file",
                Some(49),
                file,
            ),
            (
                "10-26-19  03:15PM       <DIR> folder",
                "folder",
                None,
                EntryKind::Directory,
            ),
            ("something else", "something else", None, EntryKind::Unknown),
        ] {
            assert_eq!(short(line), Some((name.to_owned(), size, kind)), "{line}");
        }
        assert_eq!(short("total 8"), None);
        assert_eq!(short("  "), None);
    }

    proptest! {
        #[test]
        fn any_line_is_an_entry_or_nothing(line in prop::collection::vec(any::<u8>(), 0..120)) {
            parse(&line);
        }
    }
}
