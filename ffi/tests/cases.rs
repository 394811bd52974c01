//! The table of protocol cases runs through the C API: what is asked for in C sends the same bytes, and gives the same.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod programs;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use programs::{Program, Way, source};

const NUL: &str = "a C string ends at its first NUL";
/// The cases that cannot be expressed in C.
const INEXPRESSIBLE: [(&str, &str); 20] = [
    ("FTPOPEN host name with a NUL", NUL),
    ("FTPOPEN user name with a NUL", NUL),
    ("FTPOPEN password with a NUL", NUL),
    ("FTPOPEN account with a NUL", NUL),
    (
        "FTPOPEN server's port beyond its range",
        "port 0 stands for the default in C",
    ),
    ("FTPCWD directory name with a NUL", NUL),
    ("FTPMKD directory name with a NUL", NUL),
    ("FTPRMD directory name with a NUL", NUL),
    ("FTPDEL file name with a NUL", NUL),
    ("FTPREN old name with a NUL", NUL),
    ("FTPREN new name with a NUL", NUL),
    ("FTPLIST path with a NUL", NUL),
    ("FTPSTAT path with a NUL", NUL),
    ("FTPSTOR file name with a NUL", NUL),
    ("FTPRETR file name with a NUL", NUL),
    ("FTPGET file name with a NUL", NUL),
    ("FTPPUT file name with a NUL", NUL),
    ("MIPCALL APN with a NUL", NUL),
    ("MIPCALL APN's user name with a NUL", NUL),
    ("MIPCALL APN's password with a NUL", NUL),
];

fn tables() -> [PathBuf; 2] {
    ["protocol.cases", "forms.cases"]
        .map(|name| support::repository().join("core/tests/cases").join(name))
}

/// The names of the cases, with their calls.
fn cases() -> Vec<(String, String)> {
    let mut cases: Vec<(String, String)> = Vec::new();
    for table in tables() {
        for line in fs::read_to_string(table).unwrap().lines() {
            if let Some(name) = line.strip_prefix("== ") {
                cases.push((name.to_owned(), String::new()));
            } else if let Some(call) = line.strip_prefix("call: ") {
                cases.last_mut().unwrap().1 = call.to_owned();
            }
        }
    }
    cases
}

/// Runs the whole table; every case has to run, or to be among those that cannot be expressed.
fn run(way: Way, mode: &str) {
    let sources = [
        "cases.c",
        "case_call.c",
        "case_listing.c",
        "case_file.c",
        "peer.c",
        "check.c",
    ];
    let program = Program::build(way, &sources.map(source), &[]);
    let mut args = vec![mode.to_owned()];
    args.extend(tables().map(|table| table.to_str().unwrap().to_owned()));
    let said = program.run(&args);

    let all = cases();
    let counted = |call: &str| mode != "entries" || call == "list" || call.starts_with("list ");
    let meant: BTreeSet<&str> = all
        .iter()
        .filter(|(_, call)| counted(call))
        .map(|(name, _)| name.as_str())
        .collect();
    let expected: BTreeSet<(&str, &str)> = INEXPRESSIBLE
        .into_iter()
        .filter(|(name, _)| meant.contains(name))
        .collect();
    let skipped: BTreeSet<(&str, &str)> = said
        .lines()
        .filter_map(|line| line.strip_prefix("skipped: ")?.rsplit_once(": "))
        .collect();
    assert_eq!(skipped, expected, "{said}");
    let ran = all.iter().filter(|(_, call)| counted(call)).count() - expected.len();
    let end = format!(
        "{} cases: {ran} ran, {} skipped, 0 failed, ",
        all.len(),
        expected.len()
    );
    assert!(said.contains(&end), "{end}\n{said}");
}

#[test]
fn blocking_calls() {
    run(Way::Shared, "blocking");
}

#[test]
fn operations_and_dispatch() {
    run(Way::Shared, "dispatch");
}

#[test]
fn listings_entry_by_entry() {
    run(Way::Shared, "entries");
}

#[test]
fn static_library() {
    run(Way::Static, "dispatch");
}

#[test]
fn sanitized_blocking_calls() {
    run(Way::Sanitized, "blocking");
}

#[test]
fn sanitized_operations_and_dispatch() {
    run(Way::Sanitized, "dispatch");
}

#[test]
fn sanitized_listings_entry_by_entry() {
    run(Way::Sanitized, "entries");
}

#[test]
#[ignore = "needs valgrind"]
fn valgrind_blocking_calls() {
    run(Way::Valgrind, "blocking");
}

#[test]
#[ignore = "needs valgrind"]
fn valgrind_operations_and_dispatch() {
    run(Way::Valgrind, "dispatch");
}

#[test]
#[ignore = "needs valgrind"]
fn valgrind_listings_entry_by_entry() {
    run(Way::Valgrind, "entries");
}
