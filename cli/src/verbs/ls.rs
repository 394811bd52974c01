//! `nlftp ls URL`: the names, sizes and times in a folder.

use console::{Alignment, measure_text_width, pad_str};
use nlftp_core::{Entry, EntryKind};
use serde_json::{Value, json};

use crate::args::Remote;
use crate::failure::Failure;
use crate::output::{printable, printable_name};
use crate::session::Context;
use crate::url::Location;
use crate::verbs::transfer::name_value;

pub(crate) fn run(context: &Context<'_>, args: &Remote) -> Result<(), Failure> {
    let location = Location::parse(&args.url)?;
    let entries = context.with_ftp(&location, args.account.as_deref(), |ftp| {
        Ok(ftp.list(location.folder())?)
    })?;
    if context.output.json() {
        return context.output.value(entries.iter().map(value).collect());
    }
    for line in lines(&entries) {
        context.output.line(&line)?;
    }
    Ok(())
}

fn value(entry: &Entry) -> Value {
    let (name, encoded) = name_value(&entry.name);
    json!({
        "name": name,
        "encoded": encoded,
        "size": entry.size,
        "kind": kind(&entry.kind).1,
        "modified": entry.modified,
        "raw": String::from_utf8_lossy(&entry.raw),
    })
}

fn kind(kind: &EntryKind) -> (char, &'static str) {
    match kind {
        EntryKind::File => ('-', "file"),
        EntryKind::Directory => ('d', "directory"),
        EntryKind::Link => ('l', "link"),
        _ => ('?', "unknown"),
    }
}

/// Columns as wide as their widest field: kind, size, time, name.
fn lines(entries: &[Entry]) -> Vec<String> {
    let rows: Vec<(char, String, String, String)> = entries
        .iter()
        .map(|entry| {
            (
                kind(&entry.kind).0,
                entry
                    .size
                    .map_or_else(|| "-".to_owned(), |size| size.to_string()),
                printable(entry.modified.as_deref().unwrap_or("-")),
                printable_name(&entry.name),
            )
        })
        .collect();
    let widest = |field: fn(&(char, String, String, String)) -> &str| {
        rows.iter()
            .map(|row| measure_text_width(field(row)))
            .max()
            .unwrap_or(0)
    };
    let (sizes, times) = (widest(|row| &row.1), widest(|row| &row.2));
    rows.iter()
        .map(|(kind, size, time, name)| {
            format!(
                "{kind}  {}  {}  {name}",
                pad_str(size, sizes, Alignment::Right, None),
                pad_str(time, times, Alignment::Left, None)
            )
        })
        .collect()
}
