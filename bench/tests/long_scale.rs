//! Many modems in one process for a long time: none starves, and memory does not grow.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::process::Command;

#[test]
#[ignore = "runs for ten minutes"]
fn long_sixty_four_modems_do_not_grow_in_ten_minutes() {
    let output = Command::new(env!("CARGO_BIN_EXE_nlftp-bench"))
        .args(["many", "64", "600"])
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let text = String::from_utf8(output.stdout).unwrap();
    println!("{text}");
    let row = text.lines().find(|line| line.starts_with("| 64 ")).unwrap();
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    let number = |at: usize| {
        cells[at]
            .split_whitespace()
            .next()
            .unwrap()
            .parse::<f64>()
            .unwrap()
    };
    assert!(number(2) > 0.0, "the slowest moved something");
    // A quarter into the time everything has its size; pages of the allocator's come and go.
    assert!(number(7) < 2048.0, "{} KiB more", cells[7]);
}
