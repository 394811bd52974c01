//! nlftp.hpp and nlftp_sim.hpp: the programs of tests/cpp in each standard of C++, with and without exceptions, and the
//! programs of examples/cpp.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::{Compiler, Link, Rig};
use tempfile::TempDir;

/// What the header has to be silent under; programs of users may ask for all of it.
const STRICT: &[&str] = &[
    "-Wshadow",
    "-Wconversion",
    "-Wold-style-cast",
    "-Wnon-virtual-dtor",
    "-Woverloaded-virtual",
    "-pthread",
];
const SANITIZED: &[&str] = &[
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
const WITHOUT: &[&str] = &["-fno-exceptions", "-fno-rtti"];
/// The programs that have a main of their own and need exceptions.
const PROGRAMS: [&str; 5] = ["transfers", "errors", "listing", "lifetimes", "event_loop"];

fn source(name: &str) -> PathBuf {
    support::test_file("cpp").join(name)
}

fn sources() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(source(""))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cpp"))
        .collect();
    found.sort();
    found
}

fn clang() -> Vec<String> {
    let clang = support::tool("clang++").expect("clang is not installed");
    vec![clang.to_str().unwrap().to_owned()]
}

/// Runs a compiler on a file, for what it says alone.
fn look(command: &[String], flags: &[&str], file: &Path) -> Output {
    Command::new(&command[0])
        .args(&command[1..])
        .args(support::WARNINGS)
        .args(flags)
        .arg("-fsyntax-only")
        .arg(format!("-I{}", support::include_dir().display()))
        .arg(file)
        .output()
        .unwrap()
}

/// A file that has to compile without a word.
fn is_clean(command: &[String], flags: &[&str], file: &Path) {
    let output = look(command, flags, file);
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{command:?} {flags:?} {}: {}",
        file.display(),
        support::text(&output)
    );
}

/// A program that must not compile, and what the compiler has to say of it.
fn is_refused(flags: &[&str], program: &str, reason: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("refused.cpp");
    fs::write(&file, program).unwrap();
    let output = look(&Compiler::Cpp.command(), flags, &file);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.contains(reason),
        "{program}: {said}"
    );
}

fn build(command: &[String], sources: &[PathBuf], flags: &[&str]) -> PathBuf {
    let flags = [STRICT, flags, &["-lnlftp_sim"]].concat();
    support::compile_with(command, Compiler::Cpp, sources, &flags, Link::Shared)
}

/// Runs a program of tests/cpp: all its tests.
fn run(program: &Path, env: &[(&str, &str)]) {
    let output = support::run::<&str>(program, &[], env, b"");
    let said = support::expect_success(&output);
    assert!(said.ends_with(" tests\n") && said != "0 tests\n", "{said}");
}

/// A program whose second part was compiled with exceptions, whatever its flags are: both have the header.
fn two_units(command: &[String], standard: &str, flags: &[&str]) -> PathBuf {
    let folder = tempfile::tempdir().unwrap();
    let object = folder.path().join("second_unit.o");
    let output = Command::new(&command[0])
        .args(&command[1..])
        .args(support::WARNINGS)
        .args(STRICT)
        .arg(standard)
        .arg(format!("-I{}", support::include_dir().display()))
        .arg("-c")
        .arg(source("second_unit.cpp"))
        .arg("-o")
        .arg(&object)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", support::text(&output));
    let flags = [&[standard], flags].concat();
    build(command, &[source("without_exceptions.cpp"), object], &flags)
}

#[test]
fn the_c_header_compiles_from_cpp11_on() {
    for standard in [
        "-std=c++11",
        "-std=c++14",
        "-std=c++17",
        "-std=c++20",
        "-std=c++23",
    ] {
        let flags = [STRICT, &[standard]].concat();
        is_clean(&Compiler::Cpp.command(), &flags, &source("c_header.cpp"));
    }
    run_plain(&build(
        &Compiler::Cpp.command(),
        &[source("c_header.cpp")],
        &["-std=c++11"],
    ));
}

fn run_plain(program: &Path) {
    support::expect_success(&support::run::<&str>(program, &[], &[], b""));
}

/// Each header for users alone, and twice.
fn headers_stand_alone(command: &[String]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alone.cpp");
    for header in ["nlftp.hpp", "nlftp_sim.hpp"] {
        fs::write(
            &file,
            format!("#include <{header}>\n#include <{header}>\nint main() {{}}\n"),
        )
        .unwrap();
        is_clean(command, &[STRICT, &["-std=c++17"]].concat(), &file);
    }
}

/// All programs, in a standard in which they are not built and run.
fn programs_compile(command: &[String], standard: &str) {
    for file in sources() {
        let flags = [STRICT, &[standard]].concat();
        is_clean(command, &flags, &file);
        if file.ends_with("without_exceptions.cpp") {
            is_clean(command, &[&flags[..], WITHOUT].concat(), &file);
        }
    }
}

#[test]
fn every_header_stands_alone() {
    headers_stand_alone(&Compiler::Cpp.command());
}

#[test]
fn programs_compile_as_cpp23() {
    programs_compile(&Compiler::Cpp.command(), "-std=c++23");
}

#[test]
#[ignore = "needs clang"]
fn clang_every_header_stands_alone() {
    headers_stand_alone(&clang());
}

#[test]
#[ignore = "needs clang"]
fn clang_programs_compile_as_cpp20() {
    programs_compile(&clang(), "-std=c++20");
}

#[test]
#[ignore = "needs clang"]
fn clang_programs_compile_as_cpp23() {
    // The name of C++23 that clang knew before the standard was out.
    programs_compile(&clang(), "-std=c++2b");
}

#[test]
fn what_must_not_compile() {
    let of = |body: &str| {
        format!("#include <nlftp.hpp>\nvoid f(nlftp::Modem &m, nlftp::Ftp &f) {{ {body} }}\n")
    };
    is_refused(&["-std=c++14"], &of(""), "nlftp.hpp needs C++17");
    // Without exceptions the calls that would throw are not there.
    let without = [&["-std=c++17"], WITHOUT].concat();
    is_refused(&without, &of("m.open();"), "no matching function");
    is_refused(&["-std=c++17"], &of("nlftp::Modem copy = m;"), "deleted");
    is_refused(
        &["-std=c++17"],
        &of("f.put([](char *, std::size_t) { return true; }, \"n\");"),
        "how many bytes it gave",
    );
}

/// The programs as users build them, and under the sanitizers, in C++17.
macro_rules! programs {
    ($($program:ident)*) => {
        $(
            mod $program {
                use super::*;

                #[test]
                fn optimised() {
                    let file = source(concat!(stringify!($program), ".cpp"));
                    run(&build(&Compiler::Cpp.command(), &[file], &["-std=c++20", "-O2"]), &[]);
                }

                #[test]
                fn sanitized() {
                    let file = source(concat!(stringify!($program), ".cpp"));
                    run(&build(&Compiler::Cpp.command(), &[file], SANITIZED), &SANITIZER_OPTIONS);
                }

                #[test]
                #[ignore = "needs clang"]
                fn clang_sanitized() {
                    let file = source(concat!(stringify!($program), ".cpp"));
                    run(&build(&clang(), &[file], SANITIZED), &SANITIZER_OPTIONS);
                }
            }
        )*

        #[test]
        fn every_program_is_run() {
            assert_eq!(PROGRAMS, [$(stringify!($program)),*]);
            let others = ["c_header.cpp", "second_unit.cpp", "without_exceptions.cpp"];
            assert_eq!(sources().len(), PROGRAMS.len() + others.len());
            for name in others.map(str::to_owned).into_iter().chain(PROGRAMS.map(|name| format!("{name}.cpp"))) {
                assert!(sources().contains(&source(&name)), "{name}");
            }
        }
    };
}

programs! {
    transfers
    errors
    listing
    lifetimes
    event_loop
}

#[test]
fn without_exceptions_cpp17() {
    run(
        &two_units(&Compiler::Cpp.command(), "-std=c++17", WITHOUT),
        &[],
    );
}

#[test]
fn without_exceptions_cpp23_sanitized() {
    let flags = [WITHOUT, SANITIZED].concat();
    run(
        &two_units(&Compiler::Cpp.command(), "-std=c++23", &flags),
        &SANITIZER_OPTIONS,
    );
}

#[test]
fn the_same_calls_with_exceptions() {
    run(&two_units(&Compiler::Cpp.command(), "-std=c++17", &[]), &[]);
}

#[test]
#[ignore = "needs clang"]
fn clang_without_exceptions() {
    run(&two_units(&clang(), "-std=c++20", WITHOUT), &[]);
}

/// An example, built by the line on its top with all warnings as errors.
struct Example {
    folder: TempDir,
    program: PathBuf,
}

impl Example {
    fn build(name: &str) -> Example {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("{name}.cpp");
        let source = support::repository().join("examples/cpp").join(&file);
        let text = fs::read_to_string(&source).unwrap();
        assert!(text.lines().count() < 100, "{name} is no short example");
        fs::copy(&source, folder.path().join(&file)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("// Build:"));
        pkg_config(folder.path());
        let path = std::env::var("PATH").unwrap();
        let output = Command::new("sh")
            .args(["-c", line.unwrap()])
            .current_dir(&folder)
            .env("PATH", format!("{}:{path}", folder.path().display()))
            .output()
            .unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{name}: {}",
            support::text(&output)
        );
        let program = folder.path().join(name);
        Example { folder, program }
    }

    /// Runs it with the login of the rig and two more arguments.
    fn run(&self, rig: &Rig, password: &str, last: [&Path; 2]) -> Output {
        let mut args: Vec<String> = ["ftp.example.com", "21", rig.server.user(), password]
            .map(str::to_owned)
            .to_vec();
        args.insert(0, rig.vmodem.port().to_str().unwrap().to_owned());
        args.extend(last.map(|path| path.to_str().unwrap().to_owned()));
        let library_path = ("LD_LIBRARY_PATH", support::lib_dir().to_str().unwrap());
        support::run(&self.program, &args, &[library_path], b"")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// What stands for pkg-config here: it answers as for an installed library, with the one of this build.
fn pkg_config(folder: &Path) {
    let script = format!(
        "#!/bin/sh\ntest \"$*\" = '--cflags --libs nlftp' || exit 1\necho {} -I{} -L{} -lnlftp\n",
        support::WARNINGS.join(" "),
        support::include_dir().display(),
        support::lib_dir().display()
    );
    let file = folder.join("pkg-config");
    fs::write(&file, script).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn example_transfer() {
    let example = Example::build("transfer");
    let rig = Rig::new();
    let local = example.path("report.csv");
    let content: Vec<u8> = (0..70_000)
        .map(|at: usize| (at * 7 + at / 251) as u8)
        .collect();
    fs::write(&local, &content).unwrap();
    let files = [local.as_path(), Path::new("sent.csv")];
    let said = support::expect_success(&example.run(&rig, rig.server.password(), files));
    assert!(
        said.contains("up: 70000 bytes in ") && said.contains("down: 70000 bytes in "),
        "{said}"
    );
    assert_eq!(said.matches(", checked\n").count(), 2, "{said}");
    assert_eq!(
        fs::read(rig.server.root().join("sent.csv")).unwrap(),
        content
    );
    assert_eq!(fs::read(example.path("report.csv.copy")).unwrap(), content);

    let refused = example.run(&rig, "wrong", files);
    assert_eq!(
        refused.status.code(),
        Some(7),
        "{}",
        support::text(&refused)
    );
    assert!(
        support::text(&refused).contains("not_connected: "),
        "{}",
        support::text(&refused)
    );
    let missing = example.run(
        &rig,
        rig.server.password(),
        [&example.path("missing"), Path::new("x")],
    );
    assert_eq!(
        missing.status.code(),
        Some(10),
        "{}",
        support::text(&missing)
    );
    let wrong = support::run(
        &example.program,
        &["only", "two"],
        &[("LD_LIBRARY_PATH", support::lib_dir().to_str().unwrap())],
        b"",
    );
    assert_eq!(wrong.status.code(), Some(2));
    assert!(support::text(&wrong).contains("usage: "));
}

#[test]
fn example_sync() {
    let example = Example::build("sync");
    let rig = Rig::new();
    let folder = example.path("logs");
    fs::create_dir_all(folder.join("inner")).unwrap();
    fs::write(folder.join("inner/left-out"), "").unwrap();
    fs::write(folder.join("a.log"), "one").unwrap();
    fs::write(folder.join("b with blank.log"), "two").unwrap();
    let remote = rig.server.root().join("backup");
    let sync = || {
        let output = example.run(&rig, rig.server.password(), [&folder, Path::new("backup")]);
        support::expect_success(&output)
    };
    // Into a folder that is not there yet; again, for nothing; and what changed.
    let said = sync();
    assert!(said.ends_with("2 files sent\n"), "{said}");
    assert_eq!(fs::read_to_string(remote.join("a.log")).unwrap(), "one");
    assert_eq!(
        fs::read_to_string(remote.join("b with blank.log")).unwrap(),
        "two"
    );
    assert!(!remote.join("inner").exists());
    assert_eq!(sync(), "0 files sent\n");
    fs::write(folder.join("a.log"), "one more").unwrap();
    fs::write(folder.join("c.log"), "").unwrap();
    let said = sync();
    assert!(
        said.contains("a.log: 8 bytes\n") && said.contains("c.log: 0 bytes\n"),
        "{said}"
    );
    assert!(said.ends_with("2 files sent\n"), "{said}");
    assert_eq!(
        fs::read_to_string(remote.join("a.log")).unwrap(),
        "one more"
    );
    assert_eq!(sync(), "0 files sent\n");

    let missing = example.run(
        &rig,
        rig.server.password(),
        [&example.path("missing"), Path::new("backup")],
    );
    assert_eq!(
        missing.status.code(),
        Some(1),
        "{}",
        support::text(&missing)
    );
}
