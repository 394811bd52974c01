//! include/nlftp_sim.h is what cbindgen makes of the source, and the library exports what it declares.
//!
//! To write the header anew: `NLFTP_UPDATE_DOCS=1 cargo test -p nlftp-sim --test header`.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod build;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use build::{Language, header, include, library};

fn made() -> String {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(crate_root.join("cbindgen.toml")).unwrap();
    let bindings = cbindgen::Builder::new()
        .with_config(config)
        .with_src(crate_root.join("src/api.rs"))
        .generate()
        .unwrap();
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text = String::from_utf8(text).unwrap();
    // cbindgen puts the type's whole name before its values.
    text.replace("NLFTP_SIM_STATUS_", "NLFTP_SIM_")
}

#[test]
fn the_header_is_what_the_source_says() {
    let made = made();
    if std::env::var_os("NLFTP_UPDATE_DOCS").is_some() {
        fs::create_dir_all(include()).unwrap();
        fs::write(header(), &made).unwrap();
    }
    let found = fs::read_to_string(header()).unwrap_or_default();
    assert!(
        found == made,
        "include/nlftp_sim.h is not what sim/src/api.rs says: run the command at the top of {}",
        file!()
    );
}

/// The words before an opening parenthesis that begin as this library's functions do.
fn declared(header: &str) -> BTreeSet<String> {
    let code = header.lines().filter(|line| !line.trim().starts_with('*'));
    code.filter_map(|line| {
        let name = line.split('(').next()?.rsplit([' ', '*']).next()?;
        (line.contains('(') && name.starts_with("nlftp_sim_")).then(|| name.to_owned())
    })
    .collect()
}

#[test]
fn the_library_exports_what_the_header_declares() {
    let declared = declared(&fs::read_to_string(header()).unwrap());
    assert!(
        declared.contains("nlftp_sim_start") && declared.len() == 18,
        "{declared:?}"
    );
    let symbols = Command::new("nm")
        .args(["-D", "--defined-only"])
        .arg(library())
        .output()
        .unwrap();
    let symbols = String::from_utf8(symbols.stdout).unwrap();
    let exported: BTreeSet<String> = symbols
        .lines()
        .filter_map(|line| line.split_whitespace().last())
        .map(str::to_owned)
        .collect();
    assert_eq!(exported, declared);
}

#[test]
fn the_header_stands_alone_in_every_c_and_cpp() {
    let source = "#include <nlftp_sim.h>\n#include <nlftp_sim.h>\n\
                  const char *version(void);\nconst char *version(void) { return nlftp_sim_version(); }\n";
    for language in Language::ALL {
        build::compile(&language, source);
    }
}
