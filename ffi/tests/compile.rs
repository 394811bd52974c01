//! nlftp.h, and every C program of the tests, in each standard of C and without a warning.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use support::Compiler;

const STANDARDS: [&str; 4] = ["-std=c99", "-std=c11", "-std=c17", "-std=gnu17"];
const WARNINGS: &[&str] = &[
    "-Wstrict-prototypes",
    "-Wmissing-prototypes",
    "-Wconversion",
    "-Wshadow",
    "-Wundef",
    "-Wwrite-strings",
    "-Wcast-qual",
];

/// What a compiler says of a file, with all warnings as errors.
fn compile(command: &[String], standard: &str, file: &PathBuf, more: &[&str]) {
    let output = Command::new(&command[0])
        .args(&command[1..])
        .arg(standard)
        .args(support::WARNINGS)
        .args(WARNINGS)
        .args(more)
        .arg("-fsyntax-only")
        .arg(format!("-I{}", support::include_dir().display()))
        .arg(format!("-I{}", support::test_file("c").display()))
        .arg(file)
        .output()
        .unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{command:?} {standard} {}: {}",
        file.display(),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn headers_alone(command: &[String]) {
    for standard in STANDARDS {
        compile(
            command,
            standard,
            &support::test_file("c/header_alone.c"),
            &[],
        );
    }
}

fn programs(command: &[String]) {
    let folder = support::test_file("c");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "c") {
            count += 1;
            for standard in STANDARDS {
                compile(command, standard, &file, &["-D_XOPEN_SOURCE=700"]);
            }
        }
    }
    assert!(count > 10, "only {count} programs");
}

fn clang() -> Vec<String> {
    let clang = support::tool("clang").expect("clang is not installed");
    vec![clang.to_str().unwrap().to_owned()]
}

#[test]
fn the_header_stands_alone_in_every_standard() {
    headers_alone(&Compiler::C.command());
}

#[test]
fn programs_compile_in_every_standard() {
    programs(&Compiler::C.command());
}

#[test]
#[ignore = "needs clang"]
fn clang_the_header_stands_alone_in_every_standard() {
    headers_alone(&clang());
}

#[test]
#[ignore = "needs clang"]
fn clang_programs_compile_in_every_standard() {
    programs(&clang());
}
