//! Bad input through the C API: NULL, handles that are gone or of another type, odd numbers, texts and callbacks.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod call_table;
mod programs;
mod support;

use call_table::{Function, Parameter, functions};
use nlftp_vmodem::Failure;
use programs::{Program, Way, source};

fn run(way: Way) {
    let mut sources = [
        "abuse.c",
        "abuse_values.c",
        "abuse_callbacks.c",
        "things.c",
        "check.c",
    ]
    .map(source)
    .to_vec();
    sources.push(call_table::generate());
    let program = Program::build(way, &sources, &[]);
    // Operation not allowed, for the test of the last error.
    let rig = support::Rig::with(|modem| modem.failures = vec![Failure::new("GTSET", 3)]);
    let mut args = rig.args();
    args.truncate(4);
    // The library was built as this test was.
    let kind = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    args.push(kind.to_owned());
    let said = program.run(&args);
    assert!(said.ends_with("all is well\n"), "{said}");
}

#[test]
fn bad_input_gives_a_status() {
    run(Way::Shared);
}

#[test]
fn bad_input_gives_a_status_from_the_static_library() {
    run(Way::Static);
}

#[test]
fn sanitized_bad_input() {
    run(Way::Sanitized);
}

#[test]
#[ignore = "needs valgrind"]
fn valgrind_bad_input() {
    run(Way::Valgrind);
}

#[test]
fn the_table_has_what_the_header_has() {
    let functions = functions();
    let find = |name: &str| -> &Function {
        functions
            .iter()
            .find(|function| function.name == name)
            .unwrap_or_else(|| panic!("{name} is not in the table"))
    };
    let parameter = |kind: &str, name: &str| Parameter {
        kind: kind.to_owned(),
        name: name.to_owned(),
    };
    assert_eq!(
        find("nlftp_modem_command").parameters,
        [
            parameter("nlftp_modem*", "modem"),
            parameter("const char*", "line"),
            parameter("nlftp_lines**", "lines"),
            parameter("nlftp_op**", "op"),
        ]
    );
    assert_eq!(find("nlftp_ftp_put").belongs_to(), Some("modem"));
    assert_eq!(find("nlftp_config_new").belongs_to(), None);
    assert!(find("nlftp_ftp_list").may_be_null(1));
    assert!(!find("nlftp_ftp_cwd").may_be_null(1));
    // Whoever takes a handle is in the table under it.
    for handle in [
        "modem", "op", "config", "login", "options", "listing", "entry", "entries", "info",
    ] {
        assert!(
            functions
                .iter()
                .any(|function| function.belongs_to() == Some(handle)),
            "{handle}"
        );
    }
}
