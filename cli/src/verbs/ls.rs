//! `nlftp ls URL`: the names, sizes and times in a folder.

use std::time::SystemTime;

use console::{Alignment, measure_text_width, pad_str};
use nlftp_core::{Entry, EntryKind};
use serde_json::{Value, json};

use crate::args::Remote;
use crate::failure::Failure;
use crate::output::{Output, name_value, printable_name};
use crate::session::Context;
use crate::url::Location;

/// So many entries are printed at once, which bounds the memory that a folder takes.
const BATCH: usize = 500;

pub(crate) fn run(context: &Context<'_>, args: &Remote) -> Result<(), Failure> {
    let location = Location::parse(&args.url)?;
    let output = context.output;
    context.with_ftp(&location, args.account.as_deref(), |ftp| {
        let mut columns = Columns::default();
        let mut batch = Vec::new();
        for entry in ftp.entries(location.folder())? {
            batch.push(entry?);
            if batch.len() == BATCH {
                print(output, &mut columns, &batch)?;
                batch.clear();
            }
        }
        print(output, &mut columns, &batch)
    })?;
    if output.json() {
        output.end_array()?;
    }
    Ok(())
}

fn print(output: &Output, columns: &mut Columns, batch: &[Entry]) -> Result<(), Failure> {
    if batch.is_empty() {
        return Ok(());
    }
    if output.json() {
        let values: Vec<Value> = batch.iter().map(value).collect();
        return output.elements(&values);
    }
    output.line(&columns.lines(batch).join("\n"))
}

fn value(entry: &Entry) -> Value {
    let (name, encoded) = name_value(&entry.name);
    let (target, target_encoded) = entry
        .target
        .as_deref()
        .map_or((Value::Null, Value::Null), name_value);
    json!({
        "name": name,
        "encoded": encoded,
        "size": entry.size,
        "kind": entry.kind.name(),
        "modified": modified(entry),
        "target": target,
        "target_encoded": target_encoded,
        "raw": String::from_utf8_lossy(&entry.raw),
    })
}

fn letter(kind: EntryKind) -> char {
    match kind {
        EntryKind::File => '-',
        EntryKind::Directory => 'd',
        EntryKind::Link => 'l',
        EntryKind::Other => 'o',
        _ => '?',
    }
}

/// The time in ISO 8601, with its year also where the server leaves it out.
fn modified(entry: &Entry) -> Option<String> {
    let time = entry.modified?.resolved(SystemTime::now());
    Some(time.to_string())
}

/// Columns as wide as the widest field so far: kind, size, time, name.
#[derive(Default)]
struct Columns {
    size: usize,
    time: usize,
}

impl Columns {
    fn lines(&mut self, entries: &[Entry]) -> Vec<String> {
        let rows: Vec<(&Entry, String, String)> = entries
            .iter()
            .map(|entry| {
                let size = entry.size.map(|size| size.to_string());
                let unknown = || "-".to_owned();
                (
                    entry,
                    size.unwrap_or_else(unknown),
                    modified(entry).unwrap_or_else(unknown),
                )
            })
            .collect();
        for (_, size, time) in &rows {
            self.size = self.size.max(measure_text_width(size));
            self.time = self.time.max(measure_text_width(time));
        }
        rows.iter()
            .map(|(entry, size, time)| {
                let mut line = format!(
                    "{}  {}  {}  {}",
                    letter(entry.kind),
                    pad_str(size, self.size, Alignment::Right, None),
                    pad_str(time, self.time, Alignment::Left, None),
                    printable_name(&entry.name)
                );
                if let Some(target) = &entry.target {
                    line += " -> ";
                    line += &printable_name(target);
                }
                line
            })
            .collect()
    }
}
