//! What the C library costs a device: its size, stripped, and the memory of a client that is idle, beside the limits.
//!
//! `cargo bench -p nlftp-ffi --bench footprint` prints both; the exit status is 1 where a limit is passed.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

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
fn build() -> PathBuf {
    let target = std::env::current_exe().unwrap();
    // target/release/deps/footprint-…
    let target = target.ancestors().nth(3).unwrap().to_owned();
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
        .arg(&target)
        .status()
        .unwrap();
    assert!(status.success());
    target.join("release/libnlftp.so")
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
fn memory(program: &Path, argument: Option<&Path>) -> u64 {
    let runs = (0..5).map(|_| kibibytes(&run(Command::new(program).args(argument))));
    runs.min().unwrap()
}

fn main() -> ExitCode {
    let library = build();
    let folder = tempfile::tempdir().unwrap();
    let stripped = folder.path().join("libnlftp.so.0");
    run(Command::new("strip").arg("-o").arg(&stripped).arg(&library));
    std::os::unix::fs::symlink("libnlftp.so.0", folder.path().join("libnlftp.so")).unwrap();
    let size = std::fs::metadata(&stripped).unwrap().len();

    let server = FtpServer::start(ServerOptions::default()).unwrap();
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
    let idle = memory(&client, Some(modem.port()));
    let bare = memory(&bare, None);
    let above = idle.saturating_sub(bare);

    println!("libnlftp.so, stripped        {size:>8} bytes   (limit {SIZE})");
    println!("resident, a bare C program   {bare:>8} KiB");
    println!(
        "resident, an idle client     {idle:>8} KiB     ({above} above the bare one, limit {MEMORY})"
    );
    if size > SIZE || above > MEMORY {
        println!("a limit is passed");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
