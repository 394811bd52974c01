//! Event loops, callbacks, threads, signals and forks through the C API.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod call_table;
mod programs;
mod support;

use std::path::PathBuf;

use programs::{Program, Way, source};

fn build(way: Way) -> Program {
    let mut sources: Vec<PathBuf> = [
        "events.c",
        "events_loop.c",
        "events_again.c",
        "events_lost.c",
        "events_callbacks.c",
        "events_cancel.c",
        "events_closing.c",
        "events_signals.c",
        "events_threads.c",
        "events_fork.c",
        "events_results.c",
        "events_resume.c",
        "rig.c",
        "things.c",
        "check.c",
    ]
    .map(source)
    .to_vec();
    sources.push(call_table::generate());
    Program::build(way, &sources, &["-lnlftp_sim"])
}

fn run(way: Way, part: &str) {
    let folder = tempfile::tempdir().unwrap();
    let said = build(way).run(&[part, folder.path().to_str().unwrap()]);
    assert!(said.ends_with("all is well\n"), "{said}");
}

/// Each part of the program as it is, under the sanitizers, and under valgrind.
macro_rules! parts {
    ($($part:ident)*) => {
        const PARTS: &[&str] = &[$(stringify!($part)),*];

        mod shared {
            $(
                #[test]
                fn $part() {
                    super::run(super::Way::Shared, stringify!($part));
                }
            )*
        }

        mod sanitized {
            $(
                #[test]
                fn $part() {
                    super::run(super::Way::Sanitized, stringify!($part));
                }
            )*
        }

        mod valgrind_events {
            $(
                #[test]
                #[ignore = "needs valgrind"]
                fn $part() {
                    super::run(super::Way::Valgrind, stringify!($part));
                }
            )*
        }
    };
}

parts! {
    queued_operations
    every_source_and_sink
    handed_out_once
    waits_and_dispatch
    blocking_files_do_not_block_the_loop
    again_in_a_loop
    again_while_waiting
    failing_source_and_sink
    asked_no_more
    seek_says_again
    port_lost_and_opened_again
    port_lost_in_a_transfer
    port_unplugged_and_waited_for
    unasked_lines
    callbacks_change_under_traffic
    callbacks_start_operations
    progress_and_threads
    log_and_trace
    cancel_from_a_thread
    cancel_from_a_signal_handler
    free_of_what_runs
    free_ends_the_files
    close_out_of_turn
    broken_pipes
    signals_of_the_program
    many_modems
    many_threads
    two_loops
    waiting_threads_and_a_loop
    nothing_is_left
    results
    entries_in_turn
    uploads_go_on
    downloads_go_on
    deadlines
    forked_child
}

#[test]
fn every_part_is_run() {
    let said = build(Way::Shared).run(&["--list"]);
    assert_eq!(said.lines().collect::<Vec<_>>(), PARTS);
}
