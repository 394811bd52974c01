//! A project outside of the tree, built in every way with what scripts/install installed.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "install/consumer.rs"]
#[allow(dead_code, reason = "shared with install.rs")]
mod consumer;
#[path = "install/elf.rs"]
#[allow(dead_code, reason = "shared with install.rs")]
mod elf;
#[path = "install/prefix.rs"]
#[allow(dead_code, reason = "shared with install.rs")]
mod prefix;
#[path = "install/programs.rs"]
#[allow(dead_code, reason = "shared with install.rs")]
mod programs;
mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use consumer::{Consumer, runs};
use prefix::{NOWHERE, Prefix, fails, script, succeeds};
use programs::{link_in_every_way, needs_no_more_than_c, uses_the_shared_library};
use support::{Compiler, tool};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A tool that scripts/fetch-tools gets.
fn fetched(name: &str) -> String {
    let found = tool(name).unwrap_or_else(|| panic!("{name} is missing: run scripts/fetch-tools"));
    found.to_str().unwrap().to_owned()
}

#[test]
fn the_plain_compiler_links_programs() {
    let prefix = Prefix::new(&[]);
    link_in_every_way(&prefix, &Compiler::C.command(), &Compiler::Cpp.command());
}

#[test]
#[ignore = "needs clang; scripts/test runs it"]
fn clang_links_programs() {
    let prefix = Prefix::new(&[]);
    link_in_every_way(&prefix, &[fetched("clang")], &[fetched("clang++")]);
}

#[test]
#[ignore = "needs pkgconfig; scripts/test runs it"]
fn pkgconfig_tells_what_to_link() {
    let prefix = Prefix::new(&[]);
    let pkg_config = |arguments: &[&str]| -> Vec<String> {
        let mut command = Command::new(fetched("pkg-config"));
        command
            .args(arguments)
            .env("PKG_CONFIG_LIBDIR", prefix.lib().join("pkgconfig"));
        let said = succeeds(&mut command);
        said.split_whitespace().map(str::to_owned).collect()
    };
    assert_eq!(pkg_config(&["--modversion", "nlftp"]), [VERSION]);
    let consumer = Consumer::new();
    for (compiler, source) in [(Compiler::C, "main.c"), (Compiler::Cpp, "main.cpp")] {
        let compiler = compiler.command();
        let object = consumer.compile(&compiler, source, &pkg_config(&["--cflags", "nlftp"]));
        let program = consumer.link(&compiler, &object, &pkg_config(&["--libs", "nlftp"]));
        uses_the_shared_library(&elf::dynamic(&program));
        runs(&program, Some(&prefix.lib()));

        // The ways of docs/install.md: this library static, and all of them.
        let mut flags = pkg_config(&["--static", "--libs", "nlftp"]);
        for flag in flags.iter_mut().filter(|flag| *flag == "-lnlftp") {
            *flag = "-l:libnlftp.a".to_owned();
        }
        let program = consumer.link(&compiler, &object, &flags);
        needs_no_more_than_c(&elf::dynamic(&program), source.ends_with(".cpp"));
        runs(&program, None);

        let mut flags = pkg_config(&["--static", "--libs", "nlftp"]);
        flags.push("-static".to_owned());
        let program = consumer.link(&compiler, &object, &flags);
        assert_eq!(elf::dynamic(&program).needed, [""; 0]);
        runs(&program, None);
    }
}

#[test]
#[ignore = "needs pkgconfig; scripts/test runs it"]
fn pkgconfig_works_with_a_sysroot() {
    let folder = tempfile::tempdir().unwrap();
    let sysroot = folder.path().to_str().unwrap();
    let install = ["--destdir", sysroot, "--prefix", NOWHERE, "--fixed-prefix"];
    succeeds(&mut script(&install));
    let prefix = format!("{sysroot}{NOWHERE}");
    let mut command = Command::new(fetched("pkg-config"));
    command
        .args(["--cflags", "--libs", "nlftp"])
        .env("PKG_CONFIG_SYSROOT_DIR", sysroot)
        .env("PKG_CONFIG_LIBDIR", format!("{prefix}/lib/pkgconfig"));
    let said = succeeds(&mut command);
    let expected = format!("-I{prefix}/include -L{prefix}/lib -lnlftp");
    assert_eq!(
        said.split_whitespace().collect::<Vec<_>>().join(" "),
        expected
    );
}

/// A build folder of CMake for the consumer.
struct CMake {
    consumer: Consumer,
    build: PathBuf,
}

impl CMake {
    fn new() -> CMake {
        let consumer = Consumer::new();
        let build = consumer.path().join("build");
        CMake { consumer, build }
    }

    fn configure(&self, prefix: &Prefix, more: &[&str]) -> Command {
        let mut command = Command::new(fetched("cmake"));
        command
            .arg("-S")
            .arg(self.consumer.path())
            .arg("-B")
            .arg(&self.build);
        if let Some(ninja) = tool("ninja") {
            let program = format!("-DCMAKE_MAKE_PROGRAM={}", ninja.display());
            command.args(["-G", "Ninja", &program]);
        }
        let search = format!("-DCMAKE_PREFIX_PATH={}", prefix.root.display());
        command.arg(search).args(more);
        command
    }
}

#[test]
#[ignore = "needs cmake; scripts/test runs it"]
fn cmake_finds_the_package() {
    let prefix = Prefix::new(&[]);
    let project = CMake::new();
    let said = succeeds(&mut project.configure(&prefix, &[]));
    let package = prefix.lib().join("cmake/nlftp");
    let found = format!("nlftp {VERSION} in {}", package.display());
    assert!(said.contains(&found), "{said}");
    succeeds(
        Command::new(fetched("cmake"))
            .arg("--build")
            .arg(&project.build),
    );
    for language in ["c", "cpp"] {
        let shared = project.build.join(format!("{language}-default"));
        uses_the_shared_library(&elf::dynamic(&shared));
        runs(&shared, None);
        let with_archive = project.build.join(format!("{language}-static"));
        needs_no_more_than_c(&elf::dynamic(&with_archive), language == "cpp");
        runs(&with_archive, None);
    }

    for fits in ["0.1.0", "0.0.1...0.9", "0.1...<0.2"] {
        succeeds(&mut project.configure(&prefix, &[&format!("-DVERSION={fits}")]));
    }
    for other in ["0.2", "1.0", "0.0.1...<0.1.0"] {
        let mut configure = project.configure(&prefix, &[&format!("-DVERSION={other}")]);
        let said = fails(1, &mut configure);
        assert!(
            said.contains(&format!("version: {VERSION}")),
            "{other}: {said}"
        );
    }
    let missing = ["-DVERSION=0.1", "-DCOMPONENTS=static;sim"];
    let said = fails(1, &mut project.configure(&prefix, &missing));
    // CMake breaks lines.
    let said: Vec<&str> = said.split_whitespace().collect();
    assert!(
        said.join(" ").contains("the component sim is not in"),
        "{said:?}"
    );
}

#[test]
#[ignore = "needs cmake; scripts/test runs it"]
fn cmake_refuses_a_library_for_another_processor() {
    let prefix = Prefix::new(&[]);
    let version = prefix.lib().join("cmake/nlftp/nlftpConfigVersion.cmake");
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("size.cmake");
    let lines =
        "include(\"${file}\")\nmessage(\"${PACKAGE_VERSION}: ${PACKAGE_VERSION_UNSUITABLE}\")\n";
    fs::write(&script, lines).unwrap();
    let here = (size_of::<usize>(), format!("{VERSION}: \n"));
    let elsewhere = (2, format!("{VERSION} ({}-byte pointers): TRUE\n", here.0));
    for (size, expected) in [here, elsewhere] {
        let output = Command::new(fetched("cmake"))
            .arg(format!("-Dfile={}", version.display()))
            .arg(format!("-DCMAKE_SIZEOF_VOID_P={size}"))
            .arg("-P")
            .arg(&script)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
    }
}
