//! scripts/install: what it puts where, for whom it builds, and how it is undone.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "install/consumer.rs"]
mod consumer;
#[path = "install/elf.rs"]
mod elf;
#[path = "install/prefix.rs"]
mod prefix;
#[path = "install/programs.rs"]
mod programs;
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use prefix::{NOWHERE, Prefix, build_folder, fails, files, script, script_of, succeeds, tree};
use programs::{link_in_every_way, needs_no_more_than_c, use_the_virtual_modem};
use support::{Compiler, repository};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is always installed, but for the parts of nlftp.hpp.
const FILES: [&str; 13] = [
    "include/nlftp.h",
    "include/nlftp.hpp",
    "lib/cmake/nlftp/nlftpConfig.cmake",
    "lib/cmake/nlftp/nlftpConfigVersion.cmake",
    "lib/libnlftp.a",
    "lib/libnlftp.so",
    "lib/libnlftp.so.0",
    "lib/pkgconfig/nlftp.pc",
    "share/doc/nlftp/LICENSE-APACHE",
    "share/doc/nlftp/LICENSE-MIT",
    "share/doc/nlftp/LICENSES-THIRD-PARTY.md",
    "share/man/man3/nlftp.3",
    "share/nlftp/manifest",
];

/// What comes with the virtual modem.
const SIM_FILES: [&str; 6] = [
    "include/nlftp_sim.h",
    "include/nlftp_sim.hpp",
    "lib/libnlftp_sim.so",
    "lib/libnlftp_sim.so.0",
    "lib/pkgconfig/nlftp_sim.pc",
    "share/man/man3/nlftp_sim.3",
];

#[test]
fn everything_is_there_and_nothing_else() {
    let prefix = Prefix::new(&["--strip"]);
    let mut expected: Vec<String> = FILES.map(str::to_owned).into();
    expected.push(format!("lib/libnlftp.so.{VERSION}"));
    for part in files(&repository().join("include/nlftp")) {
        expected.push(format!("include/nlftp/{part}"));
    }
    expected.sort();
    assert_eq!(files(&prefix.root), expected);

    let found = tree(&prefix.root);
    let target = |name: &str| found[name].0.clone();
    assert_eq!(target("lib/libnlftp.so"), "-> libnlftp.so.0");
    assert_eq!(
        target("lib/libnlftp.so.0"),
        format!("-> libnlftp.so.{VERSION}")
    );
    for (name, (mode, _)) in &found {
        let expected = match name {
            name if mode.starts_with("->") || name.ends_with('/') => continue,
            name if name.contains(".so") => "755",
            _ => "644",
        };
        assert_eq!(mode, expected, "{name}");
    }
}

#[test]
fn the_shared_library_needs_the_c_library_alone() {
    let prefix = Prefix::new(&[]);
    let library = elf::dynamic(&prefix.lib().join("libnlftp.so"));
    needs_no_more_than_c(&library, false);
    let of_c = |needed: &String| needed.starts_with("libc.");
    assert!(library.needed.iter().any(of_c), "{library:?}");
    assert_eq!(library.soname.as_deref(), Some("libnlftp.so.0"));
    assert_eq!(library.search_path, None);
    assert!(!library.text_relocations);
}

#[test]
fn no_file_names_a_folder_of_the_build() {
    let prefix = Prefix::new(&[]);
    let repository = repository().to_str().unwrap().to_owned();
    let folders = [NOWHERE, "a stage", &repository, env!("CARGO_TARGET_TMPDIR")];
    let mut read = 0;
    for (name, (_, content)) in tree(&prefix.root) {
        if name.contains("/libnlftp") {
            // Panic messages name the sources of crates.
            continue;
        }
        let content = String::from_utf8(content).unwrap();
        for folder in folders {
            assert!(!content.contains(folder), "{name} names {folder}");
        }
        read += usize::from(!content.is_empty());
    }
    assert!(read > 10, "{read}");
}

#[test]
fn installing_again_changes_nothing_and_uninstalling_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("usr");
    let prefix = root.to_str().unwrap();
    // Others are here, too.
    fs::create_dir_all(root.join("lib")).unwrap();
    fs::write(root.join("lib/libother.so"), "other").unwrap();
    let before = tree(&root);

    succeeds(&mut script(&["--prefix", prefix]));
    let first = tree(&root);
    succeeds(&mut script(&["--prefix", prefix]));
    assert!(first == tree(&root), "{:?}", files(&root));

    // What an older version had goes; what others put beside it stays.
    let manifest = root.join("share/nlftp/manifest");
    let old = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, format!("include/old.h\nlib/old/\n{old}")).unwrap();
    fs::write(root.join("include/old.h"), "old").unwrap();
    fs::create_dir(root.join("lib/old")).unwrap();
    fs::write(root.join("include/others.h"), "other").unwrap();
    succeeds(&mut script(&["--prefix", prefix, "--libdir=lib/here"]));
    let is_there = |name: &str| root.join(name).symlink_metadata().is_ok();
    let (stays, goes) = (
        [
            "lib/here/libnlftp.so",
            "include/nlftp.h",
            "include/others.h",
        ],
        ["include/old.h", "lib/libnlftp.so", "lib/pkgconfig/nlftp.pc"],
    );
    assert!(stays.into_iter().all(is_there), "{:?}", files(&root));
    assert!(!goes.into_iter().any(is_there), "{:?}", files(&root));

    fs::remove_file(root.join("include/others.h")).unwrap();
    succeeds(&mut script(&["--prefix", prefix, "--uninstall"]));
    assert!(before == tree(&root), "{:?}", tree(&root).keys());
    let said = fails(1, &mut script(&["--prefix", prefix, "--uninstall"]));
    assert!(said.contains("nothing is installed in"), "{said}");
}

#[test]
fn a_destdir_of_the_environment_holds_all_that_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let stage = folder.path().join("stage");
    let options = [
        "--libdir",
        "/opt/nlftp-lib",
        "--no-manifest",
        "--fixed-prefix",
    ];
    let mut install = script(&options);
    succeeds(install.env("DESTDIR", &stage).env("PREFIX", NOWHERE));
    let inside = |name: &str| stage.join(&name[1..]).exists();
    assert!(inside("/opt/nlftp-lib/libnlftp.so"));
    assert!(inside(&format!("{NOWHERE}/include/nlftp.h")));
    assert!(!inside(&format!("{NOWHERE}/share/nlftp/manifest")));
    assert!(!Path::new(NOWHERE).exists() && !Path::new("/opt/nlftp-lib").exists());
    let file = fs::read_to_string(stage.join("opt/nlftp-lib/pkgconfig/nlftp.pc")).unwrap();
    let expected = format!("prefix={NOWHERE}\nlibdir=/opt/nlftp-lib\n");
    assert!(file.starts_with(&expected), "{file}");
}

#[test]
fn wrong_calls_are_told_in_a_sentence() {
    let empty = tempfile::tempdir().unwrap();
    let root = empty.path().join("usr");
    let prefix = root.to_str().unwrap();
    let said = fails(2, &mut script(&["--prefx", prefix]));
    assert!(said.contains("Usage: scripts/install"), "{said}");
    let said = fails(1, &mut script(&["--prefix"]));
    assert!(said.contains("--prefix needs a value"), "{said}");
    let said = fails(1, &mut script(&["--prefix", ""]));
    assert!(said.contains("the value of --prefix is empty"), "{said}");
    let mut unbuilt = script(&["--prefix", prefix, "--no-build"]);
    let said = fails(1, unbuilt.env("CARGO_TARGET_DIR", empty.path()));
    assert!(said.contains("--build-only has to be run first"), "{said}");
    let said = fails(
        1,
        &mut script(&["--prefix", prefix, "--target", "no-such-target"]),
    );
    assert!(said.contains("cargo did not build libnlftp.so"), "{said}");
    assert!(!root.exists());
}

/// The other profile and a folder of cargo's that nobody else uses, so that nothing is built anew
/// because of it.
#[test]
fn a_target_and_a_linker_of_choice() {
    let said = succeeds(Command::new("rustc").arg("-vV"));
    let target = said
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    // Always the same: for another linker cargo would build all anew.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("install");
    fs::create_dir_all(&folder).unwrap();
    let linker = folder.join("linker");
    fs::write(&linker, "#!/bin/sh\n: >\"$0.was-used\"\nexec cc \"$@\"\n").unwrap();
    fs::set_permissions(&linker, fs::Permissions::from_mode(0o755)).unwrap();
    let trace = folder.join("linker.was-used");
    remove(&trace);
    // What is up to date would not be linked again.
    let built = build_folder().join(target).join("debug");
    for name in ["libnlftp.so", "libnlftp.a"] {
        remove(&built.join(name));
        remove(&built.join("deps").join(name));
    }
    let linker = linker.to_str().unwrap();
    let options = [
        "--debug",
        "--with-sim",
        "--target",
        target,
        "--linker",
        linker,
    ];
    let prefix = Prefix::new(&options);
    assert!(trace.exists());
    let names = files(&prefix.root);
    for name in FILES.iter().chain(&SIM_FILES) {
        assert!(names.contains(&(*name).to_owned()), "{name}: {names:?}");
    }
    use_the_virtual_modem(&prefix);
}

fn remove(file: &Path) {
    if file.exists() {
        fs::remove_file(file).unwrap();
    }
}

#[test]
#[ignore = "minutes: scripts/test --long"]
fn long_vendored_build_without_network() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("nlftp");
    let home = folder.path().join("home");
    fs::create_dir(&copy).unwrap();
    fs::create_dir(&home).unwrap();
    for entry in fs::read_dir(repository()).unwrap() {
        let path = entry.unwrap().path();
        let left_out = ["target", ".git", ".servers"];
        if !left_out.iter().any(|name| path.ends_with(name)) {
            succeeds(Command::new("cp").arg("-a").args([&path, &copy]));
        }
    }
    // As docs/install.md says.
    let vendor = ["vendor", "--locked", "--versioned-dirs", "vendor"];
    let config = succeeds(Command::new(env!("CARGO")).args(vendor).current_dir(&copy));
    fs::create_dir_all(copy.join(".cargo")).unwrap();
    fs::write(copy.join(".cargo/config.toml"), config).unwrap();

    let options = ["--offline", "--strip", "--with-sim", "--with-program"];
    let mut install = script_of(&copy, &options);
    install
        .env("CARGO_HOME", &home)
        .env("CARGO_TARGET_DIR", copy.join("target"));
    let prefix = Prefix::of(install);
    let program = prefix.root.join("bin/nlftp");
    let said = succeeds(Command::new(program).arg("--version"));
    assert!(said.contains(VERSION), "{said}");
    link_in_every_way(&prefix, &Compiler::C.command(), &Compiler::Cpp.command());
    use_the_virtual_modem(&prefix);
}
