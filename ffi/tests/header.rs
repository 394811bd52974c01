//! `include/nlftp.h` is what cbindgen makes of this crate, the library exports what it declares, and both keep to the
//! ABI that `abi/libnlftp.abi` describes. With `NLFTP_UPDATE_DOCS=1` in the environment the files are written.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "header/abi.rs"]
mod abi;
#[path = "header/declarations.rs"]
mod declarations;
#[path = "header/generate.rs"]
mod generate;
#[path = "header/library.rs"]
mod library;
mod support;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use declarations::Declarations;

fn committed() -> PathBuf {
    support::repository().join("include/nlftp.h")
}

fn is_update() -> bool {
    env::var_os("NLFTP_UPDATE_DOCS").is_some_and(|value| value == "1")
}

/// The header as it should be; written where that is asked for.
fn header() -> String {
    let header = generate::header();
    if is_update() {
        replace(&committed(), &header);
    }
    header
}

/// Replaces a file as a whole: other tests may read it at the same time.
fn replace(path: &std::path::Path, text: &str) {
    let folder = path.parent().unwrap();
    fs::create_dir_all(folder).unwrap();
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    let mut file = tempfile::NamedTempFile::new_in(folder).unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(file.path(), mode).unwrap();
    file.persist(path).unwrap();
}

#[test]
fn the_header_is_that_of_the_crate() {
    let header = header();
    let committed = fs::read_to_string(committed()).unwrap_or_default();
    let differing = header
        .lines()
        .zip(committed.lines())
        .position(|(new, old)| new != old);
    let line = differing.unwrap_or_else(|| header.lines().count().min(committed.lines().count()));
    assert!(
        header == committed,
        "include/nlftp.h differs from what cbindgen makes of ffi/, from line {} on:\n  now        {:?}\n  committed  {:?}\n\
         run the tests of nlftp-ffi with NLFTP_UPDATE_DOCS=1 in the environment to write it",
        line + 1,
        header.lines().nth(line).unwrap_or("(the end)"),
        committed.lines().nth(line).unwrap_or("(the end)"),
    );
}

#[test]
fn every_function_is_documented() {
    let header = header();
    let blocks: Vec<&str> = header.split("\n\n").collect();
    let declarations = Declarations::of(&header);
    for name in declarations.functions.keys() {
        // Comments mention functions, too.
        let declared = |block: &&&str| {
            let declaration = block.rsplit("*/").next().unwrap();
            declaration.contains(&format!("{name}("))
        };
        let block = blocks.iter().find(declared);
        let block = block.unwrap_or_else(|| panic!("{name} is not declared in a block of its own"));
        let comment = block.split("*/").next().unwrap();
        assert!(
            block.starts_with("/*") && comment.len() > 40,
            "{name} has no comment"
        );
        let says = ["thread", "As nlftp_", "as nlftp_"];
        assert!(
            says.iter().any(|word| comment.contains(word)),
            "{name} does not say on which threads"
        );
    }
    assert!(declarations.functions.len() > 100);
}

#[test]
fn the_library_exports_what_the_header_declares() {
    let exported = library::exported();
    let declared: BTreeSet<String> = Declarations::of(&header()).functions.into_keys().collect();
    let difference =
        |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
    assert_eq!(
        difference(&declared, &exported),
        Vec::<String>::new(),
        "declared and not exported"
    );
    assert_eq!(
        difference(&exported, &declared),
        Vec::<String>::new(),
        "exported and not declared"
    );
}

#[test]
fn the_abi_is_the_described_one() {
    let new = abi::Description::of(&Declarations::of(&header()), &library::soname());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("abi/libnlftp.abi");
    let old = abi::Description::parse(&fs::read_to_string(&path).unwrap_or_default());
    if let Some(complaint) = old.complaint(&new, is_update()) {
        panic!("{complaint}");
    }
    if is_update() {
        replace(&path, &new.to_string());
    }
}

/// The first of the examples in the header's comment.
fn example(header: &str) -> String {
    let code = header
        .lines()
        .skip_while(|line| !line.starts_with(" *     "));
    let code = code.map_while(|line| line.strip_prefix(" *     "));
    code.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_in_the_header_is_a_program() {
    let header = header();
    let example = example(&header);
    assert!(
        example.contains("nlftp_modem_open") && example.lines().count() >= 14,
        "{example}"
    );
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("nlftp.h"), &header).unwrap();
    let source = folder.path().join("example.c");
    let program = format!(
        "#include <stdio.h>\n#include \"nlftp.h\"\nint main(void)\n{{\n{example}\nreturn 0;\n}}\n"
    );
    fs::write(&source, program).unwrap();
    let command = support::Compiler::C.command();
    let output = Command::new(&command[0])
        .args(&command[1..])
        .args([
            "-std=c99",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-fsyntax-only",
        ])
        .arg(&source)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
