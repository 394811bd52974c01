//! Lines of a directory listing, as FTP servers send them: RFC 959 leaves their form open, RFC 3659 does not.

mod dos;
mod eplf;
mod mlsd;
mod time;
mod unix;

pub use time::Modified;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// A plain file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link (Windows: also a junction); [`Entry::target`] is where it leads.
    Link,
    /// A device, a pipe, a socket, or whatever else is neither file nor directory.
    Other,
    /// The line does not say. If its form is unknown, the name is the whole line.
    Unknown,
}

impl EntryKind {
    /// The name that every language uses, such as `directory`.
    pub fn name(self) -> &'static str {
        match self {
            EntryKind::File => "file",
            EntryKind::Directory => "directory",
            EntryKind::Link => "link",
            EntryKind::Other => "other",
            EntryKind::Unknown => "unknown",
        }
    }
}

/// An entry of a directory listing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The name, as octets: servers do not all speak UTF-8.
    pub name: Vec<u8>,
    /// Size of a file in bytes, where the line has one that 64 bits hold.
    pub size: Option<u64>,
    /// What it is.
    pub kind: EntryKind,
    /// The time of the last change, as far as the line tells it.
    pub modified: Option<Modified>,
    /// Where a symbolic link leads, if the line tells it.
    pub target: Option<Vec<u8>>,
    /// The whole line, without its end.
    pub raw: Vec<u8>,
}

impl Entry {
    /// The entry that a line of a listing stands for, in whichever form: that of Unix `ls -l`, of DOS and IIS, EPLF, or
    /// the facts of RFC 3659 (MLSD). A line of another form is an entry of kind [`EntryKind::Unknown`] named like the
    /// whole line, so that a list of bare names is one of entries.
    ///
    /// `None` for lines that stand for nothing in the directory: blank ones, `total 8`, the headers of recursive
    /// listings (`./folder:`), and `.` and `..` in every form.
    ///
    /// The text of a STAT reply (FTPSTAT) can be parsed line by line too: one blank before a line, or `211-` to `213-`,
    /// is not part of it. The reply's own first and last line are of unknown form.
    ///
    /// Exactly one blank separates the name from what is before it, as `ls` has it, so that blanks at its start are
    /// kept. In `name -> target` of a symbolic link the first arrow counts, unless the size tells where the target, as
    /// long as that, begins.
    ///
    /// ```
    /// use nlftp_core::{Entry, EntryKind};
    ///
    /// let line = b"lrwxrwxrwx 1 ftp ftp 9 Oct 26 2019 latest -> build-117";
    /// let entry = Entry::parse(line).unwrap();
    /// assert_eq!((entry.kind, &entry.name[..]), (EntryKind::Link, &b"latest"[..]));
    /// assert_eq!(entry.target.as_deref(), Some(&b"build-117"[..]));
    /// assert_eq!(entry.modified.unwrap().to_string(), "2019-10-26");
    /// assert_eq!(Entry::parse(b"total 8"), None);
    /// ```
    pub fn parse(line: &[u8]) -> Option<Entry> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let body = body(line);
        if stands_for_nothing(body) {
            return None;
        }
        let known = unix::parse(body)
            .or_else(|| dos::parse(body))
            .or_else(|| eplf::parse(body))
            .or_else(|| mlsd::parse(body));
        let mut entry = known.unwrap_or_else(|| Entry::unknown(line));
        entry.raw = line.to_vec();
        (entry.name != b"." && entry.name != b"..").then_some(entry)
    }

    /// A line that is kept as it is.
    pub(crate) fn unknown(line: &[u8]) -> Entry {
        Entry {
            raw: line.to_vec(),
            ..Entry::new(line, EntryKind::Unknown)
        }
    }

    fn new(name: &[u8], kind: EntryKind) -> Entry {
        Entry {
            name: name.to_vec(),
            size: None,
            kind,
            modified: None,
            target: None,
            raw: Vec::new(),
        }
    }
}

/// [`Entry::parse`], as a function to map with.
pub(crate) fn parse(line: &[u8]) -> Option<Entry> {
    Entry::parse(line)
}

/// The line without what stands before it in a reply of the control connection.
fn body(line: &[u8]) -> &[u8] {
    match line {
        [b' ', rest @ ..] | [b'2', b'1', b'1'..=b'3', b'-', rest @ ..] => rest,
        line => line,
    }
}

fn stands_for_nothing(line: &[u8]) -> bool {
    let total = line
        .strip_prefix(b"total ")
        .is_some_and(|rest| is_size(rest.trim_ascii()));
    let header = line.ends_with(b":") && (line.starts_with(b"./") || line == b".:");
    total || header || line.trim_ascii().is_empty()
}

/// The next word, and what follows it with its blanks.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = text.iter().position(|&byte| byte != b' ')?;
    let text = &text[start..];
    let end = text
        .iter()
        .position(|&byte| byte == b' ')
        .unwrap_or(text.len());
    Some(text.split_at(end))
}

/// Digits alone, as a number that fits.
fn number<T: std::str::FromStr>(digits: &[u8]) -> Option<T> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A number of at most `longest` digits.
fn short<T: std::str::FromStr>(digits: &[u8], longest: usize) -> Option<T> {
    number(digits).filter(|_| digits.len() <= longest)
}

/// Digits, or as `ls -h` writes them: `4.0K`.
fn is_size(text: &[u8]) -> bool {
    let text = match text {
        [digits @ .., b'K' | b'M' | b'G' | b'T' | b'P' | b'E' | b'k'] => digits,
        digits => digits,
    };
    text.first().is_some_and(u8::is_ascii_digit)
        && text
            .iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pieces of lines, so that chance makes lines that are nearly right.
    fn nearly() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop::sample::select(vec![
            "-rw-r--r--",
            "drwxr-xr-x",
            "lrwxrwxrwx",
            "crw-------",
            "+",
            " ",
            "  ",
            "1",
            "49",
            "ftp",
            "8,",
            "Oct",
            "26",
            "15:15",
            "15:15:30",
            "2019",
            "2019-10-26",
            "10-26-19",
            "03:15PM",
            "<DIR>",
            "<JUNCTION>",
            "[",
            "]",
            "type=file;",
            "type=OS.unix=slink:",
            "size=",
            "modify=",
            "20191026151500",
            ";",
            "; ",
            "\t",
            "m825718503",
            "s",
            ",",
            "r",
            "/",
            " -> ",
            "name",
            ".",
            "..",
            "99999999999999999999999",
            "+0200",
            "é",
            "total",
            "213-",
            "./",
            ":",
        ]);
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat().into_bytes())
    }

    fn holds(line: &[u8]) {
        let Some(entry) = Entry::parse(line) else {
            return;
        };
        assert_eq!(entry.raw, line.strip_suffix(b"\r").unwrap_or(line));
        assert!(!entry.name.is_empty());
        let within =
            |part: &[u8]| part.is_empty() || line.windows(part.len()).any(|window| window == part);
        assert!(within(&entry.name), "{line:?}");
        assert!(
            entry.target.is_none_or(|target| within(&target)),
            "{line:?}"
        );
    }

    proptest! {
        #[test]
        fn any_line_is_an_entry_or_nothing(line in prop::collection::vec(any::<u8>(), 0..120)) {
            prop_assume!(!line.ends_with(b"\n"));
            holds(&line);
        }

        #[test]
        fn lines_that_are_nearly_right_are_an_entry_or_nothing(line in nearly()) {
            holds(&line);
        }

        #[test]
        fn any_name_comes_back(name in prop::collection::vec(any::<u8>(), 1..60)) {
            prop_assume!(!name.iter().any(|byte| b"\r\n".contains(byte)) && name != b"." && name != b"..");
            for start in [
                "-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 ",
                "-rw-r--r-- 1 ftp 49 Oct 26  2019 ",
                "-rw-r--r-- 1 ftp ftp 49 2019-10-26 15:15 ",
                "10-26-19  03:15PM                   49 ",
                "+r,s49,\t",
                "type=file;size=49; ",
            ] {
                let line = [start.as_bytes(), &name].concat();
                let entry = Entry::parse(&line).unwrap();
                prop_assert_eq!(&entry.name, &name, "{}", start);
                prop_assert_eq!((entry.kind, entry.size), (EntryKind::File, Some(49)));
            }
        }

        #[test]
        fn the_size_of_a_link_tells_its_arrow(name in "[ab> -]{1,12}", target in "[ab> -]{1,12}") {
            prop_assume!(name != "." && name != "..");
            let line = format!("lrwxrwxrwx 1 0 0 {} Oct 26 15:15 {name} -> {target}", target.len());
            let entry = Entry::parse(line.as_bytes()).unwrap();
            prop_assert_eq!(entry.name, name.into_bytes());
            prop_assert_eq!(entry.target, Some(target.into_bytes()));
        }
    }

    #[test]
    fn a_line_of_megabytes_takes_no_longer_than_its_length() {
        for piece in [
            "-",
            " ",
            "1 ",
            "Oct 26 ",
            "-> ",
            "a=b;",
            "+,",
            "9",
            " -> ",
            "drwxr-xr-x 1 ",
        ] {
            for start in [
                "",
                "-rw-r--r-- ",
                "lrwxrwxrwx 1 0 0 5 Oct 26 15:15 ",
                "10-26-19 ",
                "+",
                "type=file;",
            ] {
                let line = [start, &piece.repeat((4 << 20) / piece.len())].concat();
                // Anything worse than linear would run for hours.
                Entry::parse(line.as_bytes());
            }
        }
    }
}
