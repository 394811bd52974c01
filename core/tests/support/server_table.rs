//! docs/servers.md: what runs of the tests against FTP servers found, cell by cell.
//!
//! A test that has run a cell says what it found. That has to be what the page says; with
//! NLFTP_SERVERS_PAGE=write the page is rewritten instead. `scripts/test` counts the cells.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::servers::servers_folder;

pub(crate) const COLUMNS: [&str; 4] = ["passive", "active", "FTPS implicit", "FTPS explicit"];
pub(crate) const ROWS: [&str; 5] = ["ours", "vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"];

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/servers.md")
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

/// The cell of the table in `text`, with the number of its line.
fn cell<'a>(text: &'a str, row: &str, column: &str) -> Option<(usize, &'a str)> {
    let place = 1 + COLUMNS.iter().position(|name| *name == column)?;
    text.lines().enumerate().find_map(|(number, line)| {
        let cells = cells(line).filter(|cells| cells[0] == row)?;
        Some((number, *cells.get(place)?))
    })
}

/// Tests of several processes use the page one after the other.
fn locked() -> File {
    fs::create_dir_all(servers_folder()).unwrap();
    let lock = File::create(servers_folder().join("table.lock")).unwrap();
    lock.lock().unwrap();
    lock
}

/// A run of the tests found this for a server.
pub(crate) fn record(row: &str, column: &str, found: &str) {
    let _lock = locked();
    let folder = servers_folder().join("table");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{row}, {column}")), found).unwrap();
    let text = fs::read_to_string(page()).unwrap();
    let (number, told) = cell(&text, row, column).unwrap();
    if told == found {
        return;
    }
    let write = std::env::var_os("NLFTP_SERVERS_PAGE").is_some_and(|how| how == "write");
    assert!(
        write,
        "docs/servers.md says {told:?} of {row}, {column}, and a run found {found:?}: \
         NLFTP_SERVERS_PAGE=write scripts/test corrects the page"
    );
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut row = cells(&lines[number]).unwrap();
    let place = COLUMNS.iter().position(|name| *name == column).unwrap();
    row[1 + place] = found;
    lines[number] = format!("| {} |", row.join(" | "));
    fs::write(page(), lines.join("\n") + "\n").unwrap();
}

/// Whether every cell of the page has something in it.
pub(crate) fn is_complete() -> bool {
    let _lock = locked();
    let text = fs::read_to_string(page()).unwrap();
    ROWS.iter().all(|row| {
        let filled = |column: &&str| {
            cell(&text, row, column).is_some_and(|(_, told)| !told.is_empty() && told != "?")
        };
        COLUMNS.iter().all(filled)
    })
}
