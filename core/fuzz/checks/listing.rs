//! The parsers of listings: what an entry says is in its line, and what a server is known to write comes back.

use crate::listing::{Entry, EntryKind};

pub fn check(data: &[u8]) {
    for line in data.split(|&byte| byte == b'\n') {
        any_line(line);
        a_name(line);
    }
}

fn any_line(line: &[u8]) {
    let Some(entry) = Entry::parse(line) else {
        return;
    };
    let raw = line.strip_suffix(b"\r").unwrap_or(line);
    assert_eq!(entry.raw, raw);
    assert!(!entry.name.is_empty() && entry.name != b"." && entry.name != b"..");
    let within = |part: &[u8]| part.is_empty() || raw.windows(part.len()).any(|at| at == part);
    assert!(within(&entry.name));
    assert!(entry.target.as_deref().is_none_or(within));
    assert!(entry.target.is_none() || entry.kind == EntryKind::Link);
    if entry.kind == EntryKind::Unknown && entry.size.is_none() && entry.modified.is_none() {
        // Nothing but the name is known of it; memory is that of the line.
        assert!(entry.name.len() <= raw.len());
    }
    if let Some(modified) = entry.modified {
        assert!((1..=12).contains(&modified.month) && (1..=31).contains(&modified.day));
        assert!(modified.hour.is_none_or(|hour| hour < 24));
        assert!(modified.minute.is_none_or(|minute| minute < 60));
        assert!(modified.second.is_none_or(|second| second <= 60));
        let text = modified.to_string();
        assert!(text.is_ascii() && text.len() <= "2019-10-26T15:15:30Z".len());
        for now in [0, 1_572_102_930, 4_102_444_800] {
            let now = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(now);
            let resolved = modified.resolved(now);
            assert_eq!(modified.year.or(resolved.year), resolved.year);
        }
    }
    // A line end, of either kind, changes nothing but what was kept of the line.
    if !raw.ends_with(b"\r") {
        for end in [&b"\r\n"[..], b"\n", b"\r"] {
            assert_eq!(
                Entry::parse(&[raw, end].concat()).as_ref(),
                Some(&entry),
                "{end:?}"
            );
        }
    }
}

/// A name, whatever is in it, comes back from every form of line that a server may write it in.
fn a_name(name: &[u8]) {
    if name.is_empty() || name == b"." || name == b".." || name.contains(&b'\r') {
        return;
    }
    for start in [
        "-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 ",
        "-rw-r--r-- 1 ftp 49 Oct 26  2019 ",
        "-rw-r--r-- 1 ftp ftp 49 2019-10-26 15:15 ",
        "10-26-19  03:15PM                   49 ",
        "+r,s49,\t",
        "type=file;size=49; ",
    ] {
        let entry = Entry::parse(&[start.as_bytes(), name].concat());
        let found = entry.map(|entry| (entry.name, entry.kind, entry.size));
        assert_eq!(
            found,
            Some((name.to_vec(), EntryKind::File, Some(49))),
            "{start}"
        );
    }
}
