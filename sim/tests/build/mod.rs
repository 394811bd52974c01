//! Builds and runs C programs against the library of this build.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its part"
)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SONAME: &str = "libnlftp_sim.so.0";

pub fn include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../include")
}

pub fn header() -> PathBuf {
    include().join("nlftp_sim.h")
}

/// The shared library: it lies beside this test, where Cargo put it before building the test.
pub fn library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let library = test.parent().unwrap().join("libnlftp_sim.so");
    assert!(library.exists(), "{} is not there", library.display());
    library
}

/// A compiler with the language it is told to keep to.
pub struct Language {
    /// The variable that names the compiler, and the one to take without it.
    compiler: (&'static str, &'static str),
    standard: &'static str,
    suffix: &'static str,
}

const C: (&str, &str) = ("CC", "cc");
const CPP: (&str, &str) = ("CXX", "c++");

impl Language {
    pub const ALL: [Self; 4] = [
        Self::new(C, "-std=c99", "c"),
        Self::new(C, "-std=c11", "c"),
        Self::new(CPP, "-std=c++11", "cpp"),
        Self::new(CPP, "-std=c++17", "cpp"),
    ];

    const fn new(
        compiler: (&'static str, &'static str),
        standard: &'static str,
        suffix: &'static str,
    ) -> Self {
        Self {
            compiler,
            standard,
            suffix,
        }
    }

    fn command(&self) -> Command {
        let (variable, default) = self.compiler;
        let named = std::env::var(variable).unwrap_or_default();
        let mut words = named.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or(default));
        command.args(words);
        command
            .args([self.standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror"])
            .args(["-g", "-I"])
            .arg(include());
        command
    }
}

fn succeeded(what: &str, output: &Output) {
    assert!(
        output.status.success(),
        "{what}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Compiles a text without linking it.
pub fn compile(language: &Language, source: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(format!("source.{}", language.suffix));
    fs::write(&file, source).unwrap();
    let output = language
        .command()
        .arg("-c")
        .arg(&file)
        .arg("-o")
        .arg(folder.path().join("object"))
        .output()
        .unwrap();
    succeeded(language.standard, &output);
}

/// Builds a C file with all its warnings as errors, links it with the library, and runs it; it has to succeed.
pub fn run(source: &str) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    // Under the name that the program will look for, as an installation has it.
    symlink(library(), folder.path().join(SONAME)).unwrap();
    let output = Language::ALL[0]
        .command()
        .arg(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/c")
                .join(source),
        )
        .arg("-o")
        .arg(&program)
        .arg(folder.path().join(SONAME))
        .arg("-pthread")
        .output()
        .unwrap();
    succeeded(source, &output);
    let output = Command::new(&program)
        .env("LD_LIBRARY_PATH", folder.path())
        .arg(folder.path())
        .output()
        .unwrap();
    succeeded(source, &output);
}
