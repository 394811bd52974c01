//! The C programs of tests/c, built and run in several ways.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use crate::support::{self, Compiler, Link};

/// How a program is built and run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// With libnlftp.so.
    Shared,
    /// With libnlftp.a.
    Static,
    /// Under the address sanitizer, which looks for leaks too, and the one for undefined behaviour.
    Sanitized,
    /// Under valgrind, where leaks are errors.
    Valgrind,
}

/// Our own programs keep to more than the header has to.
const STRICT: &[&str] = &[
    "-D_XOPEN_SOURCE=700",
    "-Wconversion",
    "-Wstrict-prototypes",
    "-Wmissing-prototypes",
    "-Wshadow",
    "-pthread",
];
const SANITIZERS: &[&str] = &[
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-fno-omit-frame-pointer",
];
const SANITIZER_OPTIONS: [(&str, &str); 2] = [
    (
        "ASAN_OPTIONS",
        "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
    ),
    ("UBSAN_OPTIONS", "print_stacktrace=1"),
];
/// A program takes up to fifty times as long under valgrind; no test waits for this.
const VALGRIND_HANG: Duration = Duration::from_secs(280);

/// A program that was built.
pub struct Program {
    path: PathBuf,
    way: Way,
}

/// The file of tests/c.
pub fn source(name: &str) -> PathBuf {
    support::test_file("c").join(name)
}

impl Program {
    /// Builds the sources, of which the first has the name; `flags` as for the linker.
    pub fn build(way: Way, sources: &[PathBuf], flags: &[&str]) -> Program {
        let folder = format!("-I{}", source("").display());
        let mut all: Vec<&str> = vec![&folder];
        all.extend(STRICT);
        if way == Way::Sanitized {
            all.extend(SANITIZERS);
        }
        all.extend(flags);
        let link = if way == Way::Static {
            Link::Static
        } else {
            Link::Shared
        };
        let path = support::compile(Compiler::C, sources, &all, link);
        Program { path, way }
    }

    /// Runs it to its good end; gives what it printed.
    pub fn run<A: AsRef<str>>(&self, args: &[A]) -> String {
        support::expect_success(&self.output(args))
    }

    /// Runs it to its bad end; gives all that was said.
    pub fn run_in_vain<A: AsRef<str>>(&self, args: &[A]) -> String {
        let output = self.output(args);
        assert!(!output.status.success(), "{}", support::text(&output));
        support::text(&output)
    }

    fn output<A: AsRef<str>>(&self, args: &[A]) -> Output {
        let args: Vec<&str> = args.iter().map(AsRef::as_ref).collect();
        match self.way {
            Way::Shared | Way::Static => support::run(&self.path, &args, &[], b""),
            Way::Sanitized => support::run(&self.path, &args, &SANITIZER_OPTIONS, b""),
            Way::Valgrind => run_in_valgrind(&self.path, &args),
        }
    }
}

fn run_in_valgrind(program: &Path, args: &[&str]) -> Output {
    let valgrind = support::tool("valgrind").expect("valgrind is not installed");
    let suppressions = format!("--suppressions={}", source("valgrind.supp").display());
    let program = program.display().to_string();
    let mut all = vec![
        "--quiet",
        "--error-exitcode=99",
        "--leak-check=full",
        "--show-leak-kinds=definite,indirect",
        "--errors-for-leak-kinds=definite,indirect",
        // Threads that wait for one another must not wait for the scheduler.
        "--fair-sched=try",
        &suppressions,
        &program,
    ];
    all.extend(args);
    support::run_for(VALGRIND_HANG, &valgrind, &all, &[], b"")
}
