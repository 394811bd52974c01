//! The page of the commands, made from the table and from the titles of the cases: docs/commands.md.
//!
//! The test fails when the page is not what the table and the cases say, and when a row has no case. To write the page
//! anew: `NLFTP_UPDATE_DOCS=1 cargo test -p nlftp-core the_page_of_the_commands`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::protocol::table::{Parameter, Reply, Spec, TABLE, Values};

const FORMS: &str = include_str!("../tests/cases/forms.cases");

/// What the library calls a command: the method's owner and name, and the verb or option of the command line.
const NAMES: [(&str, &str, &str, &str); 23] = [
    ("FTPOPEN", "Modem", "ftp", "`ftp://`, `ftps://`"),
    ("FTPCLOSE", "Ftp", "close", "every verb"),
    ("FTPINFO", "Ftp", "on_info", "`-v`"),
    ("FTPCWD", "Ftp", "cwd", "`pwd`"),
    ("FTPMKD", "Ftp", "mkd", "`mkdir`"),
    ("FTPRMD", "Ftp", "rmd", "`rmdir`"),
    ("FTPPWD", "Ftp", "pwd", "`pwd`"),
    ("FTPCDUP", "Ftp", "cdup", "`at`"),
    ("FTPDEL", "Ftp", "delete", "`rm`"),
    ("FTPREN", "Ftp", "rename", "`mv`"),
    ("FTPLIST", "Ftp", "list", "`ls`"),
    ("FTPSTAT", "Ftp", "stat", "`stat`"),
    ("FTPSYST", "Ftp", "syst", "`syst`"),
    ("FTPNOOP", "Ftp", "noop", "`noop`"),
    ("FTPSTOR", "Ftp", "put", "`put --via stream`"),
    ("FTPRETR", "Ftp", "get", "`get --via stream`"),
    ("FTPREST", "Ftp", "put", "`--offset`"),
    ("FTPGET", "Ftp", "get", "`get --via block`"),
    ("FTPRECV", "Ftp", "get", "`get --via block`"),
    ("FTP_RECV", "Ftp", "get", "`get --via block`"),
    ("FTPGETR", "Ftp", "get", "`get --via block`"),
    ("FTPPUT", "Ftp", "put", "`put --via block`"),
    ("FTPMODE", "Modem", "ftp", "`--passive`, `--active`"),
];

/// Commands around FTP: as the title of their cases begins, what they do, and the library's name.
const AROUND: [(&str, &str, &str, &str); 4] = [
    (
        "MIPCALL set",
        "`AT+MIPCALL=1,\"apn\"[,\"user\",\"password\"]`",
        "Modem::attach",
        "`attach`, `--apn`",
    ),
    ("MIPCALL read", "`AT+MIPCALL?`", "Modem::info", "`info`"),
    (
        "MIPCALL detach",
        "`AT+MIPCALL=0`",
        "Modem::detach",
        "`detach`",
    ),
    (
        "GTSET FTPLIMIT",
        "`AT+GTSET=\"FTPLIMIT\",n`",
        "Modem::set_ftp_limit",
        "`at`",
    ),
];

/// Parameters that no caller sets: the library itself gives them, always within the range.
const OWN: [(&str, &str); 10] = [
    ("FTPOPEN", "TLS flag"),
    ("FTPINFO", "indication"),
    ("FTPSTOR", "file type"),
    ("FTPRETR", "file type"),
    ("FTPGET", "file type"),
    ("FTPPUT", "file type"),
    ("FTPPUT", "length"),
    ("FTPPUT", "end flag"),
    ("FTPMODE", "mode"),
    ("FTPREST", "offset"),
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn titles() -> impl Iterator<Item = &'static str> {
    FORMS.lines().filter_map(|line| line.strip_prefix("== "))
}

/// The cases whose title begins with `start`, which must be some.
fn cases(start: &str) -> Vec<&'static str> {
    let found: Vec<_> = titles()
        .filter(|title| {
            title
                .strip_prefix(start)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',']))
        })
        .collect();
    assert!(
        !found.is_empty(),
        "forms.cases has no case called {start:?}"
    );
    found
}

fn list(titles: &[&str]) -> String {
    titles.join("; ")
}

fn values(values: Values) -> String {
    match values {
        Values::Name(limit) => format!("text, 1 to {limit} octets"),
        Values::Text(limit) => format!("text, up to {limit} octets"),
        Values::Number(from, to) => format!("{from} to {to}"),
    }
}

fn syntax(row: &Spec) -> String {
    let mut text = String::new();
    let mut open = 0;
    for (at, parameter) in row.parameters.iter().enumerate() {
        if parameter.default.is_some() {
            text += "[";
            open += 1;
        }
        text += if at == 0 { "" } else { "," };
        let quote = if matches!(parameter.values, Values::Number(..)) {
            ""
        } else {
            "\""
        };
        let _ = write!(text, "{quote}{}{quote}", parameter.name);
    }
    text + &"]".repeat(open)
}

/// The forms of a command: how it is written, what the manual has it answer, and the cases.
fn forms(row: &Spec) -> Vec<(String, &'static str, Vec<&'static str>)> {
    let name = row.name;
    let mut forms = Vec::new();
    let outcome = match row.reply {
        Reply::Final => "OK",
        Reply::Outcome => "OK, outcome 0 or 1",
        Reply::Text | Reply::Listing => "OK, outcome 2 with text, then 0 or 1",
        Reply::Store | Reply::Retrieve => "OK, outcome 2, the data, then 0 or 1",
        Reply::Piece { .. } => "outcome 2 as prompt, the data, OK; 1 behind the last piece",
        Reply::Receive => "the length, the data, OK",
        Reply::Fetch => "OK, outcomes 2 and 1, or 0",
    };
    if row.parameters.is_empty() {
        forms.push((
            format!("`AT+{name}=…`"),
            "ERROR",
            cases(&format!("{name} set")),
        ));
    } else {
        let syntax = syntax(row);
        forms.push((
            format!("`AT+{name}={syntax}`"),
            outcome,
            cases(&format!("{name} set")),
        ));
    }
    if row.execute {
        forms.push((
            format!("`AT+{name}`"),
            outcome,
            cases(&format!("{name} execute")),
        ));
    } else if row.instead.is_none() {
        forms.push((
            format!("`AT+{name}`"),
            "ERROR",
            cases(&format!("{name} execute")),
        ));
    }
    let answered = |is| if is { "answered" } else { "ERROR" };
    let read = cases(&format!("{name} read"));
    forms.push((format!("`AT+{name}?`"), answered(row.read), read));
    let test = cases(&format!("{name} test"));
    forms.push((format!("`AT+{name}=?`"), answered(row.test), test));
    if !matches!(row.reply, Reply::Final | Reply::Receive) {
        forms.push((
            "outcome 0".to_owned(),
            "an error, with what was refused",
            cases(&format!("{name} outcome 0")),
        ));
    }
    if row.instead.is_some() {
        forms.push((
            "sent raw".to_owned(),
            "refused: it moves data",
            cases(&format!("{name} raw")),
        ));
    }
    forms
}

fn parameter_cases(row: &Spec, parameter: &Parameter) -> String {
    let name = row.name;
    let own = OWN.contains(&(name, parameter.name)) || row.reply == Reply::Receive;
    if own {
        return "given by the library itself".to_owned();
    }
    if parameter.values == Values::Number(0, 65_535) && parameter.name.starts_with("source") {
        return "a number of 16 bits has no other value".to_owned();
    }
    let beyond = cases(&format!("{name} {} beyond its range", parameter.name));
    if matches!(parameter.values, Values::Number(..)) {
        return list(&beyond);
    }
    let mut found = beyond;
    for what in [
        "a double quote",
        "a carriage return",
        "a line feed",
        "a NUL",
        "a backspace",
    ] {
        found.extend(cases(&format!("{name} {} with {what}", parameter.name)));
    }
    if matches!(parameter.values, Values::Name(_)) {
        found.extend(cases(&format!("{name} {} empty", parameter.name)));
    }
    let tails: Vec<_> = found
        .iter()
        .map(|title| {
            title
                .trim_start_matches(name)
                .trim_start()
                .trim_start_matches(parameter.name)
                .trim_start()
        })
        .collect();
    format!("{name} {} … {}", parameter.name, tails.join("; "))
}

fn c_name(owner: &str, method: &str) -> String {
    match (owner, method) {
        ("Modem", "ftp") => "nlftp_ftp_open".to_owned(),
        ("Ftp", "delete") => "nlftp_ftp_delete_file".to_owned(),
        ("Ftp", "put") => "nlftp_ftp_put_file".to_owned(),
        ("Ftp", "get") => "nlftp_ftp_get_file".to_owned(),
        _ => format!("nlftp_{}_{method}", owner.to_lowercase()),
    }
}

fn cpp_name(method: &str) -> &str {
    // A keyword of C++.
    if method == "delete" {
        "delete_file"
    } else {
        method
    }
}

fn page() -> String {
    let mut page = String::from(
        "# The commands of the module, and what the library makes of them\n\n\
         Made from the driver's table of commands and from its cases; a test fails when this page is not what they \
         say. The sections are those of the vendor's manual. Names are the same in every language: Rust has \
         `Ftp::cwd`, C `nlftp_ftp_cwd`, C++ `Ftp::cwd`, Python `Ftp.cwd`.\n\n\
         | section | command | Rust | C | C++ | Python | command line |\n|---|---|---|---|---|---|---|\n",
    );
    for row in &TABLE {
        let (_, owner, method, shell) = NAMES.iter().find(|names| names.0 == row.name).unwrap();
        let c = c_name(owner, method);
        let cpp = cpp_name(method);
        let _ = writeln!(
            page,
            "| {} | {} | `{owner}::{method}` | `{c}` | `{owner}::{cpp}` | `{owner}.{method}` | {shell} |",
            row.section, row.name
        );
    }
    page += "\n`Ftp::is_connected` asks `AT+FTPOPEN?`, `Modem::command` and `nlftp at` send any other line.\n";
    page += "\n## Forms\n\nThe cases are those of [forms.cases](../core/tests/cases/forms.cases), each run with its \
             input split at every byte. A form that the manual answers with ERROR is sent all the same by \
             `Modem::command`, and the error says that the manual does not have it.\n\n\
             | section | form | the manual's answer | cases |\n|---|---|---|---|\n";
    for row in &TABLE {
        for (form, answer, cases) in forms(row) {
            let form = if form.starts_with('`') {
                form
            } else {
                format!("{}: {form}", row.name)
            };
            let _ = writeln!(
                page,
                "| {} | {form} | {answer} | {} |",
                row.section,
                list(&cases)
            );
        }
    }
    page += "\n## Parameters\n\nWhat is outside its range is refused before a byte is sent.\n\n\
             | section | command | parameter | values | left out | cases |\n|---|---|---|---|---|---|\n";
    for row in &TABLE {
        for parameter in row.parameters {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {} | {} |",
                row.section,
                row.name,
                parameter.name,
                values(parameter.values),
                parameter.default.unwrap_or("never"),
                parameter_cases(row, parameter)
            );
        }
    }
    page += "\n## Around them\n\n| command | Rust | command line | cases |\n|---|---|---|---|\n";
    for (start, command, rust, shell) in AROUND {
        let _ = writeln!(
            page,
            "| {command} | `{rust}` | {shell} | {} |",
            list(&cases(start))
        );
    }
    let _ = writeln!(
        page,
        "| result codes of section 2 | `Error::result_code` | `--json` | {} |",
        list(&cases("Result codes"))
    );
    page
}

#[test]
fn the_page_of_the_commands_is_what_the_table_and_the_cases_say() {
    let path = repository().join("docs/commands.md");
    let page = page();
    if std::env::var_os("NLFTP_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/commands.md is out of date: run NLFTP_UPDATE_DOCS=1 cargo test -p nlftp-core the_page_of_the_commands"
    );
}

#[test]
fn the_methods_and_verbs_of_the_page_exist() {
    let source = [include_str!("ftp.rs"), include_str!("modem.rs")].concat();
    for (command, _, method, _) in NAMES {
        assert!(
            source.contains(&format!("pub fn {method}("))
                || source.contains(&format!("pub fn {method}<")),
            "{command}: no method {method}"
        );
    }
    for (_, _, rust, _) in AROUND {
        let method = rust.trim_start_matches("Modem::");
        assert!(
            source.contains(&format!("pub fn {method}(")),
            "no method {method}"
        );
    }
}

#[test]
fn every_command_of_the_manual_has_a_row_and_a_name() {
    let sections: Vec<_> = (1..=21).map(|number| format!("1.2.{number}")).collect();
    for section in &sections {
        assert!(TABLE.iter().any(|row| row.section == section), "{section}");
    }
    for row in &TABLE {
        assert!(sections.iter().any(|section| section == row.section));
        assert!(
            NAMES.iter().any(|names| names.0 == row.name),
            "{}",
            row.name
        );
        // Those that may be left out stand behind those that may not, but for FTPPUT's type, which is last.
        let first = row
            .parameters
            .iter()
            .position(|parameter| parameter.default.is_some());
        let rest = &row.parameters[first.unwrap_or(row.parameters.len())..];
        assert!(
            rest.iter().all(|parameter| parameter.default.is_some()),
            "{}",
            row.name
        );
    }
}

/// The page tells no name that a header does not have.
#[test]
fn the_headers_of_c_and_cpp_have_the_names_of_the_page() {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include");
    let c = std::fs::read_to_string(include.join("nlftp.h")).unwrap();
    let mut cpp = String::new();
    for entry in std::fs::read_dir(include.join("nlftp")).unwrap() {
        cpp += &std::fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    for (_, owner, method, _) in &NAMES {
        let name = c_name(owner, method);
        assert!(c.contains(&format!(" {name}(")), "nlftp.h has no {name}");
        let name = cpp_name(method);
        assert!(
            cpp.contains(&format!(" {name}(")),
            "nlftp.hpp has no {name}"
        );
    }
}

/// Nor one that the Python package does not have, for either kind of program.
#[test]
fn the_python_package_has_the_names_of_the_page() {
    let package = repository().join("python/nlftp");
    for (folder, def) in [("", "def"), ("aio", "async def")] {
        let source = |owner: &str| {
            let file = format!("_{}.py", owner.to_lowercase());
            std::fs::read_to_string(package.join(folder).join(file)).unwrap()
        };
        let has = |owner: &str, method: &str| {
            // A login of asyncio's is awaited or entered, so that its method is a plain one.
            let def = if method == "ftp" { "def" } else { def };
            let found = source(owner).contains(&format!("    {def} {method}("));
            assert!(found, "{folder} {owner} has no {method}");
        };
        for (_, owner, method, _) in &NAMES {
            has(owner, method);
        }
        for (_, _, rust, _) in &AROUND {
            has("Modem", rust.trim_start_matches("Modem::"));
        }
    }
}
