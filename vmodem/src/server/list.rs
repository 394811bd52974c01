//! What LIST, NLST, STAT, MLSD and MLST print.

use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::path::Root;

/// `ls` shows the time of day for half a year (of 365.2425 days), and the year after that.
const RECENT: i64 = 31_556_952 / 2;

/// Calendar time in UTC.
struct Civil {
    year: i64,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

/// Days to a date of the Gregorian calendar, by eras of 400 years that begin on 1 March: leap
/// days then come last.
fn civil(seconds: i64) -> Civil {
    let days = seconds.div_euclid(86_400) + 719_468;
    let of_day = seconds.rem_euclid(86_400);
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month: month as u8,
        day: (of_year - (153 * from_march + 2) / 5 + 1) as u8,
        hour: (of_day / 3_600) as u8,
        minute: (of_day / 60 % 60) as u8,
        second: (of_day % 60) as u8,
    }
}

/// `YYYYMMDDHHMMSS` in UTC, as MDTM and the fact `modify` have it.
pub(super) fn stamp(seconds: i64) -> String {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = civil(seconds);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

/// `Oct 26 15:15`, or `Oct 26  2015` for times long past and for those to come.
fn ls_date(seconds: i64, now: i64) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        ..
    } = civil(seconds);
    let month = MONTHS[usize::from(month - 1) % 12];
    if seconds <= now && now - seconds < RECENT {
        format!("{month} {day:>2} {hour:02}:{minute:02}")
    } else {
        format!("{month} {day:>2} {year:>5}")
    }
}

pub(super) fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// The first column of `ls -l`.
fn permissions(metadata: &Metadata) -> String {
    let kind = match metadata {
        folder if folder.is_dir() => 'd',
        link if link.is_symlink() => 'l',
        _ => '-',
    };
    let mode = metadata.permissions().mode();
    let mut text = String::from(kind);
    for (bit, letter) in (0..9).rev().zip("rwxrwxrwx".chars()) {
        text.push(if mode >> bit & 1 == 1 { letter } else { '-' });
    }
    text
}

/// A line of `ls -l`, without its end.
pub(super) fn ls_line(name: &[u8], real: &Path, metadata: &Metadata, now: i64) -> Vec<u8> {
    let mut line = format!(
        "{} {} nlftp nlftp {} {} ",
        permissions(metadata),
        metadata.nlink(),
        metadata.len(),
        ls_date(metadata.mtime(), now),
    )
    .into_bytes();
    push_name(name, &mut line);
    if metadata.is_symlink()
        && let Ok(to) = real.read_link()
    {
        line.extend_from_slice(b" -> ");
        push_name(to.as_os_str().as_bytes(), &mut line);
    }
    line
}

/// A line end within a name would make two entries of one.
pub(super) fn push_name(name: &[u8], line: &mut Vec<u8>) {
    line.extend(name.iter().map(|&byte| {
        if matches!(byte, b'\r' | b'\n') {
            b'?'
        } else {
            byte
        }
    }));
}

/// The facts that MLSD and MLST may give (RFC 3659 section 7.5), and which of them the client
/// wants.
#[derive(Clone, Copy)]
pub(super) struct Facts {
    wanted: [bool; FACTS.len()],
}

const FACTS: [&str; 5] = ["type", "size", "modify", "perm", "UNIX.mode"];

impl Default for Facts {
    fn default() -> Facts {
        Facts {
            wanted: [true; FACTS.len()],
        }
    }
}

impl Facts {
    /// Takes the list of OPTS MLST; unknown facts are passed over.
    pub(super) fn choose(list: &str) -> Facts {
        let asked = |fact: &str| {
            list.split(';')
                .any(|asked| asked.trim().eq_ignore_ascii_case(fact))
        };
        Facts {
            wanted: FACTS.map(asked),
        }
    }

    /// The facts in use, as the reply to OPTS MLST names them.
    pub(super) fn chosen(self) -> String {
        let chosen = FACTS.iter().zip(self.wanted).filter(|(_, wanted)| *wanted);
        chosen.map(|(fact, _)| format!("{fact};")).collect()
    }

    /// All facts, those in use with a star, as FEAT names them.
    pub(super) fn feature(self) -> String {
        let star = |wanted| if wanted { "*" } else { "" };
        let all = FACTS.iter().zip(self.wanted);
        all.map(|(fact, wanted)| format!("{fact}{};", star(wanted)))
            .collect()
    }

    /// `type=file;size=49; ` for what is at the end of all links.
    pub(super) fn describe(self, metadata: &Metadata, read_only: bool) -> String {
        let folder = metadata.is_dir();
        let perm = match (folder, read_only) {
            (true, false) => "cdeflmp",
            (true, true) => "el",
            (false, false) => "adfrw",
            (false, true) => "r",
        };
        let values = [
            String::from(if folder { "dir" } else { "file" }),
            metadata.len().to_string(),
            stamp(metadata.mtime()),
            String::from(perm),
            format!("0{:o}", metadata.permissions().mode() & 0o7777),
        ];
        let mut text = String::new();
        for ((fact, value), wanted) in FACTS.iter().zip(values).zip(self.wanted) {
            // The size of a folder says nothing.
            if wanted && !(folder && *fact == "size") {
                text.push_str(&format!("{fact}={value};"));
            }
        }
        text.push(' ');
        text
    }
}

/// Which form a listing takes.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// LIST and STAT.
    Ls,
    /// NLST.
    Names,
    /// MLSD.
    Facts(Facts),
}

/// The lines for the entries of a folder, sorted by name. With [`Form::Names`] each name follows
/// `prefix`: what NLST gives must work as an argument (RFC 1123 section 4.1.2.7).
pub(super) fn folder_lines(
    root: &Root,
    folder: &Path,
    prefix: &[u8],
    form: Form,
    read_only: bool,
) -> std::io::Result<Vec<Vec<u8>>> {
    let mut names = Vec::new();
    for entry in folder.read_dir()? {
        names.push(entry?.file_name());
    }
    names.sort_unstable();
    let now = now();
    let mut lines = Vec::with_capacity(names.len());
    for name in names {
        let real = folder.join(&name);
        let bytes = name.as_bytes();
        // An entry without metadata has just been removed by someone else.
        match form {
            Form::Ls => {
                if let Ok(metadata) = real.symlink_metadata() {
                    lines.push(ls_line(bytes, &real, &metadata, now));
                }
            }
            Form::Names => {
                let mut line = prefix.to_vec();
                push_name(bytes, &mut line);
                lines.push(line);
            }
            Form::Facts(facts) => {
                if let Ok(metadata) = root.inside(&real).and_then(|real| real.metadata()) {
                    let mut line = facts.describe(&metadata, read_only).into_bytes();
                    push_name(bytes, &mut line);
                    lines.push(line);
                }
            }
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right() {
        assert_eq!(stamp(0), "19700101000000");
        assert_eq!(stamp(951_782_400), "20000229000000");
        assert_eq!(stamp(1_709_251_199), "20240229235959");
        assert_eq!(stamp(4_107_542_400), "21000301000000");
        assert_eq!(stamp(-1), "19691231235959");
    }

    #[test]
    fn old_and_future_dates_show_the_year() {
        let now = 1_445_872_500;
        assert_eq!(ls_date(now, now), "Oct 26 15:15");
        assert_eq!(ls_date(now - 20 * 86_400, now), "Oct  6 15:15");
        assert_eq!(ls_date(now - 200 * 86_400, now), "Apr  9  2015");
        assert_eq!(ls_date(now + 86_400, now), "Oct 27  2015");
    }

    #[test]
    fn facts_are_chosen() {
        let facts = Facts::choose("Size;nonsense;TYPE;");
        assert_eq!(facts.chosen(), "type;size;");
        assert_eq!(facts.feature(), "type*;size*;modify;perm;UNIX.mode;");
        assert_eq!(Facts::choose("").chosen(), "");
    }
}
