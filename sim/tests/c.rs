//! The library as C uses it: each program in tests/c is built with all warnings as errors, and runs.
#![allow(missing_docs)]

mod build;

#[test]
fn a_modem_is_started_asked_and_stopped() {
    build::run("modem.c");
}

#[test]
fn options_by_name() {
    build::run("options.c");
}

#[test]
fn bad_input_is_a_status() {
    build::run("bad_input.c");
}

#[test]
fn a_handle_is_used_from_threads_and_not_by_a_forked_child() {
    build::run("threads_and_forks.c");
}
