//! What --help tells, and to whom.
#![allow(clippy::unwrap_used)]

mod common;

use common::run;

const VERBS: [&str; 17] = [
    "demo", "put", "get", "ls", "stat", "pwd", "rm", "mkdir", "rmdir", "mv", "syst", "noop",
    "info", "attach", "detach", "at", "sim",
];

fn help(verb: &str) -> String {
    let done = run(&[verb, "--help"]);
    done.succeeded();
    done.out_text()
}

#[test]
fn help_documents_the_exit_statuses() {
    let done = run(&["--help"]);
    done.succeeded();
    for kind in nlftp_core::ErrorKind::all() {
        let row = format!("{:>3}  {}", kind.exit_status(), kind.name());
        assert!(done.out_text().contains(&row), "{row}");
    }
    for verb in VERBS {
        let start = format!("  {verb} ");
        assert!(
            done.out_text().lines().any(|line| line.starts_with(&start)),
            "{verb}"
        );
    }
    run(&["--version"]).succeeded();
}

#[test]
fn every_verb_tells_its_json() {
    for verb in VERBS {
        let text = help(verb);
        assert!(text.contains("\nWith --json"), "{verb}: {text}");
        assert_eq!(
            text.contains("OCTETS, "),
            text.contains("OCTETS are"),
            "{verb}: {text}"
        );
    }
}

#[test]
fn a_verb_does_not_list_what_means_nothing_to_it() {
    for (verb, listed, missing) in [
        (
            "sim",
            &["--baud", "--json"][..],
            &["--port", "--timeout", "--apn", "--active"][..],
        ),
        (
            "info",
            &["--port", "--apn"],
            &["--active", "--passive", "--dialect"],
        ),
        ("attach", &["--apn-user"], &["--apn <", "--dialect"]),
        ("detach", &["--port"], &["--apn", "--active"]),
        ("ls", &["--port", "--apn", "--active", "--dialect"], &[]),
    ] {
        let text = help(verb);
        for option in listed {
            assert!(text.contains(option), "{verb} {option}");
        }
        for option in missing {
            assert!(!text.contains(option), "{verb} {option}");
        }
    }
}
