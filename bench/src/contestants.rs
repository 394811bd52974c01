//! Who is measured: programs that are started as `PROGRAM … WAY PORT SIZE FILE` and print what they took.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::clients::Client;
use crate::work::Way;

/// The part of a file that is enough for the slowest.
pub const SHORT: u64 = 64;

/// Everybody, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A client of this program.
    Own(Client),
    /// The C program with select.
    Select,
    /// The Python script with pyserial.
    Pyserial,
    /// A C program on the attentive library, which reads byte by byte and knows no streams.
    Attentive,
    /// The driver's C interface.
    Library,
    /// The driver's Python package.
    Package,
}

impl Who {
    /// All of them.
    pub const ALL: [Who; 10] = [
        Who::Own(Client::Raw),
        Who::Own(Client::Bare),
        Who::Own(Client::Worker),
        Who::Own(Client::Driver),
        Who::Library,
        Who::Package,
        Who::Own(Client::Serial),
        Who::Select,
        Who::Pyserial,
        Who::Attentive,
    ];

    /// What the table calls it.
    pub fn title(self) -> &'static str {
        match self {
            Who::Own(Client::Raw) => "the pseudo-terminal itself",
            Who::Own(Client::Bare) => "bare client, one thread",
            Who::Own(Client::Worker) => "bare client, worker thread",
            Who::Own(Client::Driver) => "nlftp, Rust",
            Who::Own(Client::Serial) => "serialport crate, BufReader",
            Who::Select => "C, select and read",
            Who::Pyserial => "pyserial, usual loop",
            Who::Attentive => "attentive",
            Who::Library => "nlftp, C",
            Who::Package => "nlftp, Python",
        }
    }

    /// Whether it is the driver.
    pub fn is_driver(self) -> bool {
        matches!(self, Who::Own(Client::Driver) | Who::Library | Who::Package)
    }

    /// Whether it can do this at all.
    pub fn does(self, way: Way) -> bool {
        match self {
            Who::Own(Client::Raw) => !matches!(way, Way::BlockDown | Way::BlockUp),
            Who::Attentive => !matches!(way, Way::StreamDown | Way::StreamUp),
            _ => true,
        }
    }

    /// The part of a file that it moves: who takes minutes for all of it is measured by less.
    pub fn share(self, way: Way) -> u64 {
        match (self, way) {
            (Who::Attentive, Way::BlockDown | Way::BlockUp) => SHORT,
            _ => 1,
        }
    }
}

/// How to start those that are there, and why the others are not.
pub struct Contestants {
    /// Programs with their first arguments.
    pub there: Vec<(Who, Vec<PathBuf>)>,
    /// Who is left out, and the reason.
    pub skipped: Vec<(Who, String)>,
}

/// The folder that all of this is in.
pub fn repository() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// The first of these that is an interpreter with such a module.
fn interpreter(module: &str, candidates: &[PathBuf]) -> Option<PathBuf> {
    let has = |python: &&PathBuf| {
        let import = Command::new(python)
            .args(["-c", &format!("import {module}")])
            .output();
        import.is_ok_and(|output| output.status.success())
    };
    candidates.iter().find(has).cloned()
}

fn say(output: &std::process::Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines()
        .last()
        .unwrap_or("no reason is given")
        .to_owned()
}

impl Contestants {
    /// Builds what is to be built in `folder`; the C library only if `library` says so.
    pub fn new(folder: &Path, library: bool) -> io::Result<Contestants> {
        let mut new = Contestants {
            there: Vec::new(),
            skipped: Vec::new(),
        };
        let own = std::env::current_exe()?;
        for who in Who::ALL {
            let found = match who {
                Who::Own(client) => Ok(vec![own.clone(), "client".into(), client.name().into()]),
                Who::Select => compile(folder, "select", &[]),
                Who::Pyserial => Contestants::script("serial", "usual.py", "servers"),
                Who::Attentive => attentive(folder),
                Who::Package => Contestants::script("nlftp", "package.py", "python"),
                Who::Library if library => build_library(folder),
                Who::Library => Err("only with the full run".to_owned()),
            };
            match found {
                Ok(command) => new.there.push((who, command)),
                Err(reason) => new.skipped.push((who, reason)),
            }
        }
        Ok(new)
    }

    /// A Python program, with an interpreter that has what it needs: NLFTP_BENCH_PYTHON, that of the repository's own
    /// environment, or the first one found.
    fn script(module: &str, name: &str, environment: &str) -> Result<Vec<PathBuf>, String> {
        let mut candidates: Vec<PathBuf> = std::env::var_os("NLFTP_BENCH_PYTHON")
            .map(PathBuf::from)
            .into_iter()
            .collect();
        candidates.push(
            repository()
                .join("target")
                .join(environment)
                .join("venv/bin/python"),
        );
        candidates.push("python3".into());
        let python = interpreter(module, &candidates)
            .ok_or_else(|| format!("no Python with the module {module} was found"))?;
        Ok(vec![
            python,
            repository().join("bench/baselines").join(name),
        ])
    }
}

/// With the library's sources, which are not ours to bring along.
fn attentive(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let sources = std::env::var("NLFTP_BENCH_ATTENTIVE").map_err(|_| {
        "NLFTP_BENCH_ATTENTIVE names no folder with the sources of attentive".to_owned()
    })?;
    let (at, parser) = (
        format!("{sources}/src/at-unix.c"),
        format!("{sources}/src/parser.c"),
    );
    let options = [
        "-w",
        "-pthread",
        "-Dprintf=unsaid",
        "-Wl,--wrap=at_parser_alloc",
        "-I",
        &format!("{sources}/include"),
        &at,
        &parser,
    ];
    compile(folder, "attentive", &options)
}

/// A C program of `baselines`.
fn compile(folder: &Path, name: &str, more: &[&str]) -> Result<Vec<PathBuf>, String> {
    let program = folder.join(name);
    let source = repository().join(format!("bench/baselines/{name}.c"));
    let compiler = std::env::var("CC").unwrap_or("cc".into());
    let output = Command::new(&compiler)
        .args(["-std=c11", "-D_GNU_SOURCE", "-O2", "-o"])
        .arg(&program)
        .arg(source)
        .arg("-I")
        .arg(repository().join("include"))
        .args(more)
        .output()
        .map_err(|error| format!("{compiler}: {error}"))?;
    match output.status.success() {
        true => Ok(vec![program]),
        false => Err(format!("it does not build: {}", say(&output))),
    }
}

/// The folder that cargo builds into, by where this program is.
pub fn target() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    let profile = own.ancestors().find(|folder| folder.ends_with("release"))?;
    profile.parent().map(Path::to_owned)
}

/// Builds the library as `scripts/install` does: with it alone, link time optimisation covers all of it.
pub fn shared_library() -> Result<PathBuf, String> {
    let target = target().ok_or("it is no release build")?;
    let output = Command::new(std::env::var("CARGO").unwrap_or("cargo".into()))
        .current_dir(repository())
        .args([
            "rustc",
            "--release",
            "--quiet",
            "--package",
            "nlftp-ffi",
            "--lib",
        ])
        .args(["--crate-type", "cdylib", "--target-dir"])
        .arg(&target)
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    match output.status.success() {
        true => Ok(target.join("release/libnlftp.so")),
        false => Err(format!("it does not build: {}", say(&output))),
    }
}

fn build_library(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let library = shared_library()?;
    for name in ["libnlftp.so", "libnlftp.so.0"] {
        std::fs::copy(&library, folder.join(name)).map_err(|error| error.to_string())?;
    }
    let place = folder.to_string_lossy();
    compile(
        folder,
        "library",
        &["-L", &place, "-lnlftp", &format!("-Wl,-rpath,{place}")],
    )
}
