//! Makes the header.

use std::fs;
use std::path::PathBuf;

use cbindgen::{Builder, Config};

/// The parts of the API: a title, and the files whose functions it has, in the order of the header.
const PARTS: &[(&str, &[&str])] = &[
    ("the library", &["library", "log_callback"]),
    ("the last error of the calling thread", &["last_error"]),
    ("the settings of a modem", &["config"]),
    ("the login of an FTP connection", &["login"]),
    ("the options of a transfer", &["transfer_options"]),
    ("modems", &["modem", "dispatch"]),
    ("what a modem does besides FTP", &["modem_verbs"]),
    (
        "the FTP connection of a modem and its verbs",
        &["ftp", "entries"],
    ),
    ("uploads", &["put"]),
    ("downloads", &["get"]),
    ("operations that were started", &["op", "op_results"]),
    (
        "results",
        &["string", "lines", "transfer", "listing", "entry", "info"],
    ),
];

/// Files with types alone.
const TYPES: &[&str] = &["status", "enums", "callback"];

fn source(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(format!("{name}.rs"))
}

fn configuration() -> Config {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cbindgen.toml");
    let mut config = Config::from_file(path).unwrap();
    let version = config.after_includes.take().unwrap();
    let version = version
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@MAJOR@", env!("CARGO_PKG_VERSION_MAJOR"))
        .replace("@MINOR@", env!("CARGO_PKG_VERSION_MINOR"))
        .replace("@PATCH@", env!("CARGO_PKG_VERSION_PATCH"));
    config.after_includes = Some(version);
    config
}

/// The header as the crate's sources have it.
pub fn header() -> String {
    let mut builder = Builder::new().with_config(configuration());
    let files = PARTS.iter().flat_map(|(_, files)| files.iter());
    for file in TYPES.iter().chain(files) {
        builder = builder.with_src(source(file));
    }
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    let mut header = String::from_utf8(header).unwrap();
    for (title, files) in PARTS {
        let first = first_function(files[0]);
        header = with_title(&header, title, &first);
    }
    header
}

/// The name of the first function of C's in a file.
fn first_function(file: &str) -> String {
    let source = fs::read_to_string(source(file)).unwrap();
    let (_, function) = source.split_once("extern \"C\" fn nlftp_").unwrap();
    let (name, _) = function.split_once('(').unwrap();
    format!("nlftp_{name}")
}

/// Puts a line with a title in front of a function's comment.
fn with_title(header: &str, title: &str, function: &str) -> String {
    // Comments mention functions, too: a declaration begins its line.
    let declarations =
        ["nlftp_status ", "const char *"].map(|result| format!("\n{result}{function}("));
    let at = declarations
        .iter()
        .find_map(|declaration| header.find(declaration));
    let at = at.unwrap_or_else(|| panic!("{function} is not in the header"));
    let comment = header[..at].rfind("/**").unwrap();
    let rule = "-".repeat(100 - title.len());
    format!(
        "{}/* -- {title} {rule} */\n\n{}",
        &header[..comment],
        &header[comment..]
    )
}
