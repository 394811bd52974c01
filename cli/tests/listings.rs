//! ls of folders that come in several batches, of links, and of one that breaks off.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use common::{Rig, Running};

fn fill(rig: &Rig, count: usize) -> BTreeSet<String> {
    let names: BTreeSet<_> = (0..count).map(|number| format!("file-{number}")).collect();
    for name in &names {
        File::create(rig.remote(name)).unwrap();
    }
    names
}

#[test]
fn links_show_where_they_lead() {
    let rig = Rig::new();
    fs::write(rig.remote("f"), b"").unwrap();
    symlink("f", rig.remote("to f")).unwrap();
    let done = rig.run(&["ls", &rig.url("")]);
    done.succeeded();
    let text = done.out_text();
    let line = text.lines().find(|line| line.starts_with('l')).unwrap();
    assert!(line.ends_with("  to f -> f"), "{text}");
    let value = rig.json(&["ls", &rig.url("")]);
    let entries = value.as_array().unwrap();
    let entry = |name| entries.iter().find(|entry| entry["name"] == name).unwrap();
    assert_eq!(entry("to f")["kind"], "link");
    assert_eq!(entry("to f")["target"], "f");
    assert_eq!(entry("to f")["target_encoded"], "f");
    assert!(entry("f")["target"].is_null() && entry("f")["target_encoded"].is_null());
}

#[test]
fn every_batch_is_printed() {
    let rig = Rig::new();
    let names = fill(&rig, 1234);
    let done = rig.run(&["ls", &rig.url("")]);
    done.succeeded();
    let text = done.out_text();
    let told: BTreeSet<_> = text
        .lines()
        .map(|line| line.rsplit(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(text.lines().count(), names.len());
    assert_eq!(told, names);
    let value = rig.json(&["ls", &rig.url("")]);
    let entries = value.as_array().unwrap();
    let told: BTreeSet<_> = entries
        .iter()
        .map(|entry| entry["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(entries.len(), names.len());
    assert_eq!(told, names);
}

#[test]
fn a_listing_that_breaks_off_is_never_taken_for_a_whole_one() {
    // The listing takes more than a minute on this line.
    let rig = Rig::slow();
    fill(&rig, 20_000);
    for json in [true, false] {
        let mut command = rig.command(&["ls", &rig.url("")]);
        command.args(json.then_some("--json"));
        let mut running = Running::with_stdout(command.stdout(Stdio::piped()));
        let mut out = running.take_stdout();
        let mut text = vec![0];
        out.read_exact(&mut text).unwrap();
        running.signal("INT");
        out.read_to_end(&mut text).unwrap();
        let done = running.end();
        assert_eq!(done.status, 130, "{done:?}");
        let text = String::from_utf8(text).unwrap();
        if json {
            assert!(done.err.is_empty(), "{done:?}");
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            let (last, entries) = value.as_array().unwrap().split_last().unwrap();
            assert_eq!(last["error"]["kind"], "cancelled");
            assert!(!entries.is_empty() && entries.len() < 20_000);
            assert!(entries.iter().all(|entry| entry["name"].is_string()));
        } else {
            assert_eq!(done.err, "nlftp: interrupted\n");
            assert!((1..20_000).contains(&text.lines().count()));
        }
    }
    rig.still_works();
}
