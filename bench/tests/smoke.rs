//! The benchmark itself works: a quick run of it, of which no figure is judged.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::process::Command;

#[test]
fn a_quick_run_measures_everybody_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("rates.svg");
    let output = Command::new(env!("CARGO_BIN_EXE_nlftp-bench"))
        .args(["--quick", "--picture"])
        .arg(&picture)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let text = String::from_utf8(output.stdout).unwrap();
    for who in [
        "**nlftp, Rust**",
        "bare client, worker thread",
        "serialport crate",
        "C, select and read",
    ] {
        // Pinned and not.
        assert_eq!(
            text.matches(&format!("| {who}")).count(),
            2,
            "{who}:\n{text}"
        );
    }
    assert!(text.contains("stream down: rate by that of"), "{text}");
    let picture = std::fs::read_to_string(picture).unwrap();
    assert!(picture.starts_with("<svg ") && picture.contains("nlftp, Rust"));
}
