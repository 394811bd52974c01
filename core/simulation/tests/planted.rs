//! Twelve bugs, put back one at a time: each is found within 50,000 seeds.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::path::Path;
use std::process::Command;

const PLANTED: [&str; 12] = [
    "late-reply-accepted",
    "escape-state-forgotten",
    "resume-at-remote-size",
    "readback-not-compared",
    "ok-ends-a-set-command",
    "deadline-forgotten",
    "refetch-from-the-start",
    "source-not-forgotten",
    "stall-limit-forgotten",
    "size-not-compared",
    "remains-unnamed",
    "deleted-before-it-began",
];

/// The driver's sources, in which the bugs stand behind their conditions.
fn sources() -> String {
    let mut text = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                text += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    text
}

#[test]
fn every_planted_bug_is_known_here_and_stands_in_the_sources_once() {
    let sources = sources();
    for name in PLANTED {
        assert_eq!(
            sources
                .matches(&format!("nlftp_planted = \"{name}\""))
                .count(),
            1,
            "{name}"
        );
    }
    assert_eq!(sources.matches("nlftp_planted").count(), PLANTED.len());
}

#[test]
fn nothing_planted_is_built_in_unless_asked_for() {
    assert_eq!(nlftp_simulation::PLANTED, option_env!("NLFTP_PLANTED"));
    assert_eq!(nlftp_simulation::PLANTED, None);
}

#[test]
#[ignore = "builds the simulation twelve times"]
fn long_every_planted_bug_is_found_within_fifty_thousand_seeds() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("planted");
    for name in PLANTED {
        let built = Command::new(env!("CARGO"))
            .args([
                "build",
                "--profile",
                "test",
                "-p",
                "nlftp-simulation",
                "--bin",
                "simulate",
                "--target-dir",
            ])
            .arg(&target)
            .env("NLFTP_PLANTED", name)
            .status()
            .unwrap();
        assert!(built.success(), "{name}");
        let run = Command::new(target.join("debug/simulate"))
            .args(["--until-failure", "0..50000"])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&run.stdout).into_owned();
        let found = text.lines().find(|line| line.starts_with("FAILED"));
        println!("{name}: {}", found.unwrap_or("not found"));
        assert!(found.is_some(), "{name} is not found within 50,000 seeds");
    }
}
