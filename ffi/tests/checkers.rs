//! The sanitizers and valgrind see what they are there for: a forgotten handle, and memory that is read beyond its end.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod programs;
mod support;

use programs::{Program, Way, source};

fn complaint(way: Way, kind: &str) -> String {
    Program::build(way, &["broken.c", "check.c"].map(source), &[]).run_in_vain(&[kind])
}

#[test]
fn sanitizers_see_a_forgotten_handle() {
    let said = complaint(Way::Sanitized, "forgotten");
    assert!(said.contains("detected memory leaks"), "{said}");
}

#[test]
fn sanitizers_see_what_is_beyond_the_end() {
    let said = complaint(Way::Sanitized, "overflow");
    assert!(said.contains("heap-buffer-overflow"), "{said}");
}

#[test]
#[ignore = "needs valgrind"]
fn valgrind_sees_a_forgotten_handle() {
    let said = complaint(Way::Valgrind, "forgotten");
    assert!(said.contains("definitely lost"), "{said}");
}

#[test]
#[ignore = "needs valgrind"]
fn valgrind_sees_what_is_beyond_the_end() {
    let said = complaint(Way::Valgrind, "overflow");
    assert!(said.contains("Invalid read"), "{said}");
}
