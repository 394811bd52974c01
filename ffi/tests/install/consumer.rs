//! The project in tests/consumer, copied out of the tree: how it is built and what its programs have to say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::prefix::succeeds;
use super::support::test_file;

/// A port that there is not.
const PORT: &str = "/dev/nlftp-is-not-here";
/// What somebody else's project may well be compiled with.
const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// The project in a folder of its own.
pub struct Consumer {
    folder: TempDir,
}

impl Consumer {
    pub fn new() -> Consumer {
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(test_file("consumer")).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
        Consumer { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Compiles one of its sources by a compiler with these flags.
    pub fn compile(&self, compiler: &[String], source: &str, flags: &[String]) -> PathBuf {
        let object = self.path().join(format!("{source}.o"));
        let standard = if source.ends_with(".cpp") {
            "-std=c++17"
        } else {
            "-std=c99"
        };
        let mut command = Command::new(&compiler[0]);
        command
            .args(&compiler[1..])
            .arg(standard)
            .args(WARNINGS)
            .args(flags);
        command
            .arg("-c")
            .arg(self.path().join(source))
            .arg("-o")
            .arg(&object);
        succeeds(&mut command);
        object
    }

    /// Links a program of one object with these flags, which stand behind it.
    pub fn link(&self, compiler: &[String], object: &Path, flags: &[String]) -> PathBuf {
        let program = object.with_extension("program");
        let mut command = Command::new(&compiler[0]);
        command
            .args(&compiler[1..])
            .arg(object)
            .args(flags)
            .arg("-o")
            .arg(&program);
        succeeds(&mut command);
        program
    }
}

/// Runs a program made of main.c or main.cpp: it finds the library, and the library says what it says in Rust.
pub fn runs(program: &Path, libraries: Option<&Path>) {
    let error = nlftp_core::Modem::open(PORT, nlftp_core::Config::default())
        .err()
        .unwrap();
    let sentence = error.to_string();
    assert!(sentence.contains(PORT), "{sentence}");
    let said = succeeds(&mut with_libraries(
        Command::new(program).arg(PORT),
        libraries,
    ));
    assert_eq!(
        said,
        format!("3 port\n{sentence}\n"),
        "{}",
        program.display()
    );
}

/// Runs a program made of sim.c.
pub fn answers(program: &Path, libraries: Option<&Path>) {
    let said = succeeds(&mut with_libraries(&mut Command::new(program), libraries));
    assert_eq!(said, "answered\n", "{}", program.display());
}

/// The command as one that looks for libraries in a folder: by another program, as the variable is taken from those
/// that are started here.
fn with_libraries(command: &mut Command, libraries: Option<&Path>) -> Command {
    let mut env = Command::new("env");
    if let Some(libraries) = libraries {
        env.arg(format!("LD_LIBRARY_PATH={}", libraries.display()));
    }
    env.arg(command.get_program()).args(command.get_args());
    env
}
