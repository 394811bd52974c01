//! The programs of examples/c and examples/rust against a virtual modem, each built by the line on its top; and the
//! pieces of code in docs/c.md.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod support;
#[path = "../../examples/rust/transfer.rs"]
#[allow(dead_code, reason = "its main is not called here")]
mod transfer;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{Options, VirtualModem};
use support::{Compiler, Link, Rig, WARNINGS};
use tempfile::TempDir;

/// A folder with an example built in it.
struct Built {
    folder: TempDir,
    program: PathBuf,
}

/// Builds an example by the line on its top, with all warnings as errors.
fn build(name: &str) -> Built {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("{name}.c");
    let source = support::repository().join("examples/c").join(&file);
    fs::copy(&source, folder.path().join(&file)).unwrap();
    let text = fs::read_to_string(&source).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(" * Build:"));
    pkg_config(folder.path());
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("sh")
        .args(["-c", line.unwrap()])
        .current_dir(&folder)
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{name}: {said}");
    let program = folder.path().join(name);
    Built { folder, program }
}

/// What stands for pkg-config here: it answers as for an installed library, with the one of this build. That nlftp.pc
/// says the same is tested with the installation.
fn pkg_config(folder: &Path) {
    let flags = format!(
        "-I{} -std=c99 {} -L{lib} -lnlftp",
        support::include_dir().display(),
        WARNINGS.join(" "),
        lib = support::lib_dir().display()
    );
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n\
         '--cflags --libs nlftp') echo {flags} ;;\n\
         '--static --cflags --libs nlftp') echo {flags} {} ;;\n\
         *) echo \"$*?\" >&2; exit 1 ;;\nesac\n",
        support::STATIC_LIBS.join(" ")
    );
    let file = folder.join("pkg-config");
    fs::write(&file, script).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Where the dynamic linker finds this build's library.
fn library_path() -> (&'static str, &'static str) {
    ("LD_LIBRARY_PATH", support::lib_dir().to_str().unwrap())
}

impl Built {
    fn run(&self, args: &[&str]) -> std::process::Output {
        support::run(&self.program, args, &[library_path()], b"")
    }

    fn start(&self, args: &[&str]) -> Child {
        let (name, value) = library_path();
        Command::new(&self.program)
            .args(args)
            .env(name, value)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Makes a file beside the program; gives its path.
    fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// Bytes that need every kind of care, and never repeat in step with a block.
fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at * 7 + at / 251) as u8).collect()
}

/// Port, host, server port, user and password, as most examples take them.
fn login<'a>(port: &'a VirtualModem, password: &'a str) -> Vec<&'a str> {
    let port = port.port().to_str().unwrap();
    vec![port, "ftp.example.com", "21", "nlftp", password]
}

fn remote(server: &FtpServer, name: &str) -> Vec<u8> {
    fs::read(server.root().join(name)).unwrap()
}

#[test]
fn upload() {
    let built = build("upload");
    let rig = Rig::new();
    let local = built.file("report.csv", &content(100_000));
    let files = [&*local, "report.csv"];
    let args = [login(&rig.vmodem, "nlftp"), files.to_vec()].concat();
    let said = support::expect_success(&built.run(&args));
    assert_eq!(said, "report.csv is on the server\n");
    assert!(remote(&rig.server, "report.csv") == content(100_000));
}

#[test]
fn an_examples_exit_status_is_that_of_the_library() {
    let built = build("upload");
    let rig = Rig::new();
    let missing = built.folder.path().join("missing");
    let local = built.file("report.csv", b"x");
    let nobody = built.folder.path().join("port");
    let mut no_port = login(&rig.vmodem, "nlftp");
    no_port[0] = nobody.to_str().unwrap();
    for (status, name, login, local) in [
        (3, "port: ", no_port, &*local),
        (7, "not_connected: ", login(&rig.vmodem, "wrong"), &local),
        (
            10,
            "local_file: ",
            login(&rig.vmodem, "nlftp"),
            missing.to_str().unwrap(),
        ),
    ] {
        let output = built.run(&[login, vec![local, "report.csv"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.starts_with(name) && said.len() > name.len() + 10,
            "{said}"
        );
        assert_eq!(output.status.code(), Some(status), "{said}");
        assert!(!rig.server.root().join("report.csv").exists());
    }
    for name in ["upload", "download", "monitor", "epoll", "static"] {
        let built = build(name);
        let output = built.run(&[]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("usage: "));
    }
}

#[test]
fn download_goes_on_where_it_was_cut_off() {
    let built = build("download");
    let server = FtpServer::start(ServerOptions::default()).unwrap();
    let data = content(4_000_000);
    fs::write(server.root().join("map.bin"), &data).unwrap();
    let modem = |baud| {
        VirtualModem::start(Options {
            baud,
            route: Some(server.address()),
            ..Options::default()
        })
        .unwrap()
    };
    let local = built.folder.path().join("map.bin");
    let files = ["map.bin", local.to_str().unwrap()];

    // A minute and a half at this speed: it has begun and is far from its end when the port goes.
    let slow = modem(Some(460_800));
    let args = [login(&slow, "nlftp"), files.to_vec()].concat();
    let mut child = built.start(&args);
    let mut progress = BufReader::new(child.stderr.take().unwrap());
    wait_for_progress(&mut progress, 50_000);
    slow.hang_up();
    let mut said = String::new();
    progress.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{said}");
    assert!(!local.exists());

    let fast = modem(None);
    let args = [login(&fast, "nlftp"), files.to_vec()].concat();
    let said = support::expect_success(&built.run(&args));
    assert!(fs::read(&local).unwrap() == data);
    let (_, offset) = said.trim().rsplit_once(' ').unwrap();
    assert!(offset.parse::<u64>().unwrap() > 0, "{said}");
}

/// Reads `\rN of N bytes …` until so many have come.
fn wait_for_progress(from: &mut impl BufRead, bytes: u64) {
    let mut line = Vec::new();
    loop {
        line.clear();
        assert!(from.read_until(b'\r', &mut line).unwrap() > 0, "it ended");
        let text = String::from_utf8_lossy(&line);
        let number = text.split(' ').next().unwrap();
        if number.parse().is_ok_and(|done: u64| done >= bytes) {
            return;
        }
    }
}

#[test]
fn monitor_prints_what_comes_unasked_until_it_is_interrupted() {
    let built = build("monitor");
    let rig = Rig::new();
    let mut child = built.start(&login(&rig.vmodem, "nlftp"));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut until = |what: &str| loop {
        let line = lines.next().expect("it ended").unwrap();
        let time: Vec<&str> = line[..8].split(':').collect();
        assert!(time.len() == 3 && time.iter().all(|part| part.parse::<u8>().is_ok()));
        if line[8..].starts_with(what) {
            return line;
        }
    };
    // The first quiet second's.
    assert!(until(" FTP ").contains("NOOP"));
    rig.vmodem.send_urc("+CREG: 5");
    assert!(until(" URC ").ends_with(" URC +CREG: 5"));
    let kill = format!("kill -INT {}", child.id());
    let killed = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(killed.success());
    // Between two NOOPs, or within one.
    let status = child.wait().unwrap();
    assert!(matches!(status.code(), Some(0 | 130)), "{status}");
}

#[test]
fn monitor_ends_after_so_many_noops() {
    let built = build("monitor");
    let rig = Rig::new();
    let args = [login(&rig.vmodem, "nlftp"), vec!["1"]].concat();
    support::expect_success(&built.run(&args));
    let noops = rig.vmodem.sent_lines();
    let noops = noops.iter().filter(|line| *line == "AT+FTPNOOP");
    assert_eq!(noops.count(), 1);
}

#[test]
fn epoll_uploads_through_two_modems() {
    let built = build("epoll");
    let rigs = [Rig::new(), Rig::new()];
    let files = [
        built.file("one.bin", &content(200_000)),
        built.file("other.bin", &content(300_000)),
    ];
    let port = |rig: &Rig| rig.args().swap_remove(0);
    let (one, other) = (port(&rigs[0]), port(&rigs[1]));
    let args = [
        "ftp.example.com",
        "21",
        "nlftp",
        "nlftp",
        &*one,
        &*files[0],
        &*other,
        &*files[1],
    ];
    let said = support::expect_success(&built.run(&args));
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(remote(&rigs[0].server, "one.bin") == content(200_000));
    assert!(remote(&rigs[1].server, "other.bin") == content(300_000));
}

#[test]
fn static_needs_no_shared_library() {
    let built = build("static");
    let rig = Rig::new();
    let local = built.file("report.csv", &content(5000));
    let args = [login(&rig.vmodem, "nlftp"), vec![&*local, "report.csv"]].concat();
    // An empty folder in place of the one with libnlftp.so.
    let nowhere = built.folder.path().to_str().unwrap();
    let output = support::run(&built.program, &args, &[("LD_LIBRARY_PATH", nowhere)], b"");
    let said = support::expect_success(&output);
    assert!(
        said.starts_with("nlftp 0.") && said.contains("\n5000 bytes in "),
        "{said}"
    );
    assert!(remote(&rig.server, "report.csv") == content(5000));
}

#[test]
fn transfer_in_rust() {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("report.csv");
    fs::write(&local, content(50_000)).unwrap();
    let rig = Rig::new();
    let mut args: Vec<String> = login(&rig.vmodem, "nlftp")
        .into_iter()
        .map(str::to_owned)
        .collect();
    args.extend([local.to_str().unwrap().to_owned(), "up".to_owned()]);
    transfer::run(&args).unwrap();
    assert!(remote(&rig.server, "up") == content(50_000));
    assert!(fs::read(folder.path().join("report.csv.copy")).unwrap() == content(50_000));
    assert_eq!(transfer::run(&args[1..]).unwrap_err().exit_status(), 2);
}

/// The pieces of code of a page: what stands behind the fence's three marks, and the code.
fn pieces(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push((kind.to_owned(), code.join("\n") + "\n"));
        }
    }
    found
}

/// What functions on the page may use without saying so.
const INCLUDES: &str =
    "#include <poll.h>\n#include <stdio.h>\n#include <string.h>\n#include <nlftp.h>\n";

#[test]
fn the_code_on_the_page_compiles_and_its_test_passes() {
    let page = fs::read_to_string(support::repository().join("docs/c.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut kinds = Vec::new();
    for (number, (kind, code)) in pieces(&page).into_iter().enumerate() {
        let (compiler, extension) = match kind.split(' ').next().unwrap() {
            "c" => (Compiler::C, "c"),
            "cpp" => (Compiler::Cpp, "cpp"),
            _ => continue,
        };
        let source = folder.path().join(format!("piece-{number}.{extension}"));
        if kind.ends_with("c") {
            // Functions: a main that does nothing makes a program of them.
            let program = format!("{INCLUDES}{code}int main(void) {{ return 0; }}\n");
            fs::write(&source, program).unwrap();
        } else {
            fs::write(&source, code).unwrap();
        }
        let flags = ["-lnlftp_sim"];
        let program = support::compile(compiler, &[source], &flags, Link::Shared);
        if kind.ends_with(" run") {
            support::expect_success(&support::run::<&str>(&program, &[], &[], b""));
        }
        kinds.push(kind);
    }
    assert_eq!(
        kinds,
        ["c program", "c", "c", "c", "cpp program", "c program run"]
    );
}

/// Every example is in the list on the page, and nothing else.
#[test]
fn the_page_lists_every_example() {
    let page = fs::read_to_string(support::repository().join("docs/c.md")).unwrap();
    let mut listed: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| [")?.split_once(']'))
        .map(|(name, _)| name)
        .collect();
    listed.sort_unstable();
    let mut there = Vec::new();
    for language in ["c", "cpp", "rust"] {
        let folder = support::repository().join("examples").join(language);
        for entry in fs::read_dir(folder).into_iter().flatten() {
            there.push(entry.unwrap().file_name().into_string().unwrap());
        }
    }
    there.sort_unstable();
    assert_eq!(listed, there);
}
