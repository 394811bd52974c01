//! The demo's table: one row a transfer, for people and for programs.

use console::{Alignment, pad_str, style};
use nlftp_core::{Verified, Via};
use serde_json::{Value, json};

use crate::output::{per_second, rate};
use crate::verbs::transfer::{rounded, verified_name, via_name};

/// The columns: heading, width, alignment.
const COLUMNS: [(&str, usize, Alignment); 7] = [
    ("", 4, Alignment::Left),
    ("Command", 18, Alignment::Left),
    ("File", 16, Alignment::Left),
    ("Bytes", 8, Alignment::Right),
    ("SHA-256", 8, Alignment::Left),
    ("Rate", 13, Alignment::Right),
    ("Checked", 8, Alignment::Left),
];

/// One transfer.
pub(super) struct Row {
    pub(super) up: bool,
    pub(super) asked: Via,
    pub(super) taken: Via,
    pub(super) file: &'static str,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    pub(super) seconds: f64,
    pub(super) verified: Verified,
    pub(super) identical: bool,
}

impl Row {
    pub(super) fn line(&self) -> String {
        let asked = command(self.up, self.asked);
        let taken = command(self.up, self.taken);
        let way = if asked == taken {
            asked.to_owned()
        } else {
            format!("{taken} for {asked}")
        };
        let fields = [
            direction(self.up),
            &way,
            self.file,
            &self.bytes.to_string(),
            self.sha256.get(..8).unwrap_or(&self.sha256),
            &rate(self.bytes, self.seconds),
            verified_name(self.verified).unwrap_or("-"),
        ];
        let verdict = if self.identical {
            style("✓ identical").green()
        } else {
            style("✗ DIFFERENT").red().bold()
        };
        format!("{}  {verdict}", columns(fields))
    }

    pub(super) fn value(&self) -> Value {
        json!({
            "direction": direction(self.up),
            "command": command(self.up, self.taken),
            "asked": command(self.up, self.asked),
            "via": via_name(self.taken),
            "file": self.file,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "seconds": rounded(self.seconds),
            "rate": per_second(self.bytes, self.seconds),
            "verified": verified_name(self.verified),
            "identical": self.identical,
        })
    }
}

/// The module's command for a direction and a way.
pub(super) fn command(up: bool, via: Via) -> &'static str {
    match (up, via) {
        (true, Via::Block) => "FTPPUT",
        (true, _) => "FTPSTOR",
        (false, Via::Block) => "FTPGET",
        (false, _) => "FTPRETR",
    }
}

fn direction(up: bool) -> &'static str {
    if up { "up" } else { "down" }
}

/// The table's first line.
pub(super) fn header() -> String {
    let names = columns(COLUMNS.map(|(name, _, _)| name));
    style(format!("{names}  Compared")).bold().to_string()
}

/// The demo's last line.
pub(super) fn verdict(good: usize, total: usize) -> String {
    let text = format!("{good} of {total} transfers arrived byte for byte");
    let text = style(text).bold();
    if good == total {
        text.green()
    } else {
        text.red()
    }
    .to_string()
}

fn columns(fields: [&str; 7]) -> String {
    let padded: Vec<_> = fields
        .iter()
        .zip(COLUMNS)
        .map(|(field, (_, width, alignment))| pad_str(field, width, alignment, None))
        .collect();
    padded.join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use console::{measure_text_width, strip_ansi_codes};

    fn row() -> Row {
        Row {
            up: true,
            asked: Via::Block,
            taken: Via::Block,
            file: "OK, ERROR, +FTP…",
            bytes: 8_388_608,
            sha256: "0123456789abcdef".repeat(4),
            seconds: 2.0,
            verified: Verified::Size,
            identical: true,
        }
    }

    #[test]
    fn rows_and_header_line_up() {
        let line = row().line();
        let header = header();
        let (line, header) = (strip_ansi_codes(&line), strip_ansi_codes(&header));
        let column = |text: &str, at: &str| measure_text_width(&text[..text.find(at).unwrap()]);
        assert_eq!(column(&line, "01234567 "), column(&header, "SHA-256"));
        assert_eq!(column(&line, "✓"), column(&header, "Compared"));
    }

    #[test]
    fn another_way_than_asked_is_said() {
        let line = Row {
            taken: Via::Stream,
            ..row()
        }
        .line();
        assert!(line.contains("FTPSTOR for FTPPUT"), "{line}");
        let value = Row {
            taken: Via::Stream,
            identical: false,
            ..row()
        }
        .value();
        assert_eq!(value["command"], "FTPSTOR");
        assert_eq!(value["asked"], "FTPPUT");
        assert_eq!(value["identical"], false);
        assert_eq!(value["rate"], 4_194_304);
    }

    #[test]
    fn the_verdict_counts() {
        let line = verdict(15, 16);
        assert_eq!(
            strip_ansi_codes(&line),
            "15 of 16 transfers arrived byte for byte"
        );
    }
}
