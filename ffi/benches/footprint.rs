//! What the C library costs a device: its size, stripped, and the memory of a client, beside the limits; which crates its
//! code is of, what it needs of the system, and how long it takes to build from nothing.
//!
//! `cargo bench -p nlftp-ffi --bench footprint` prints it all; the exit status is 1 where a limit is passed.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{Options, VirtualModem};

/// The most that the stripped library may have, in bytes.
const SIZE: u64 = 1 << 20;
/// The most that an idle client may have above a bare program, in KiB.
const MEMORY: u64 = 3 * 1024;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Builds the library as `scripts/install` does: with it alone, link time optimisation covers all of it.
fn build(target: &Path) -> PathBuf {
    let status = Command::new(std::env::var("CARGO").unwrap_or("cargo".into()))
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
        .arg(target)
        .status()
        .unwrap();
    assert!(status.success());
    target.join("release/libnlftp.so")
}

/// How long that takes where nothing has been built before.
fn time_from_nothing() -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    build(folder.path());
    start.elapsed()
}

/// The crate that a symbol is of: the first that its mangled name tells.
fn crate_of(symbol: &str) -> Option<String> {
    let name_at = |text: &str| {
        let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
        let length: usize = text[..digits].parse().ok()?;
        let name = text[digits..].trim_start_matches('_');
        Some(text.get(digits..digits + length)?.to_owned()).filter(|_| !name.is_empty())
    };
    if symbol.starts_with("_R") {
        // The v0 mangling: Cs, a number in base 62, an underscore, and the name of a crate.
        let at = symbol.find("Cs")?;
        let (_, rest) = symbol[at + 2..].split_once('_')?;
        return name_at(rest);
    }
    let first = name_at(symbol.strip_prefix("_ZN")?)?;
    // Of an implementation it is the type that counts: "_$LT$a..B$u20$as$u20$c..D$GT$".
    let Some(of) = first.split("$LT$").nth(1) else {
        return Some(first);
    };
    let of = of.trim_start_matches("$RF$").trim_start_matches("mut ");
    let end = of.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    Some(of[..end.unwrap_or(of.len())].to_owned()).filter(|name| !name.is_empty())
}

/// How many bytes of code are of each crate, the most first.
fn code_by_crate(library: &Path) -> Vec<(String, u64)> {
    let listing = run(Command::new("nm").arg("-S").arg(library));
    let mut sizes = BTreeMap::<String, u64>::new();
    for line in listing.lines() {
        let [_, size, kind, symbol] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            continue;
        };
        if !matches!(kind, "t" | "T") {
            continue;
        }
        let of = crate_of(symbol).unwrap_or_else(|| "others".to_owned());
        *sizes.entry(of).or_default() += u64::from_str_radix(size, 16).unwrap();
    }
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    sizes
}

/// What the library wants of the system, as the dynamic linker has it.
fn needed(library: &Path) -> String {
    let dynamic = run(Command::new("readelf").arg("-d").arg(library));
    let names: Vec<_> = dynamic
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .filter_map(|line| Some(line.split_once('[')?.1.trim_end_matches(']').to_owned()))
        .collect();
    names.join(", ")
}

fn run(program: &mut Command) -> String {
    let output = program.output().unwrap();
    assert!(
        output.status.success(),
        "{program:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn compile(folder: &Path, name: &str, more: &[&str]) -> PathBuf {
    let program = folder.join(name);
    let source = repository().join("ffi/benches/idle.c");
    let include = repository().join("include");
    run(Command::new(std::env::var("CC").unwrap_or("cc".into()))
        .args(["-std=c99", "-O2"])
        .arg(source)
        .arg("-I")
        .arg(include)
        .arg("-o")
        .arg(&program)
        .args(more));
    program
}

fn kibibytes(text: &str) -> u64 {
    text.split_whitespace().next().unwrap().parse().unwrap()
}

/// The smallest of a few runs: what else the system keeps in memory varies.
fn memory(program: &Path, arguments: &[&str]) -> u64 {
    let runs = (0..5).map(|_| kibibytes(&run(Command::new(program).args(arguments))));
    runs.min().unwrap()
}

fn main() -> ExitCode {
    let target = std::env::current_exe().unwrap();
    // target/release/deps/footprint-…
    let library = build(target.ancestors().nth(3).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let stripped = folder.path().join("libnlftp.so.0");
    run(Command::new("strip").arg("-o").arg(&stripped).arg(&library));
    std::os::unix::fs::symlink("libnlftp.so.0", folder.path().join("libnlftp.so")).unwrap();
    let size = std::fs::metadata(&stripped).unwrap().len();

    let server = FtpServer::start(ServerOptions::default()).unwrap();
    std::fs::write(server.root().join("f.bin"), vec![0x5a; 8 << 20]).unwrap();
    let modem = VirtualModem::start(Options {
        stand_in: Some(server.address()),
        ..Options::default()
    })
    .unwrap();
    let place = folder.path().to_str().unwrap();
    let rpath = format!("-Wl,-rpath,{place}");
    let client = compile(
        folder.path(),
        "client",
        &["-DWITH_NLFTP", "-L", place, "-lnlftp", &rpath],
    );
    let bare = compile(folder.path(), "bare", &[]);
    let port = modem.port().to_str().unwrap();
    let idle = memory(&client, &[port]);
    let busy = memory(&client, &[port, server.user(), server.password()]);
    let bare = memory(&bare, &[]);
    let above = idle.saturating_sub(bare);
    let crates = code_by_crate(&library);
    let time = time_from_nothing();

    println!("libnlftp.so, stripped        {size:>8} bytes   (limit {SIZE})");
    println!("resident, a bare C program   {bare:>8} KiB");
    println!(
        "resident, an idle client     {idle:>8} KiB     ({above} above the bare one, limit {MEMORY})"
    );
    println!(
        "resident, after 8 MiB        {busy:>8} KiB     ({} above the bare one, at most)",
        busy.saturating_sub(bare)
    );
    println!("it needs of the system       {}", needed(&library));
    println!("built from nothing in        {:>8.0} s", time.as_secs_f64());
    println!("code by crate, bytes:");
    for (name, size) in crates.iter().take(8) {
        println!("  {name:<26} {size:>8}");
    }
    let own = ["nlftp", "nlftp_core"];
    let others = ["std", "core", "alloc", "others"];
    let costs_most = crates
        .iter()
        .find(|(name, _)| !own.contains(&name.as_str()) && !others.contains(&name.as_str()));
    if let Some((name, size)) = costs_most {
        println!(
            "the dependency that costs most, the standard library apart: {name}, {size} bytes"
        );
    }
    if size > SIZE || above > MEMORY {
        println!("a limit is passed");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
