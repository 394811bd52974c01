//! Every function of nlftp.h as a row of a C table: each can be called with things of choice, and with NULL at any place.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use crate::support;

/// A parameter of a function: its C type without blanks around the stars, and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    pub kind: String,
    pub name: String,
}

/// A function of the header that gives a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub parameters: Vec<Parameter>,
}

/// The functions of the header that take something, in its order.
pub fn functions() -> Vec<Function> {
    let header = fs::read_to_string(support::include_dir().join("nlftp.h")).unwrap();
    let code = without_comments(&header);
    let mut found = Vec::new();
    for statement in code.split(';') {
        let statement = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        // Behind a brace or a directive that stands before the declaration.
        let Some(start) = statement.rfind("nlftp_status nlftp_") else {
            continue;
        };
        let declaration = &statement[start + "nlftp_status ".len()..];
        let Some((name, rest)) = declaration.split_once('(') else {
            continue;
        };
        let inside = rest.rsplit_once(')').unwrap().0;
        let parameters: Vec<Parameter> = inside
            .split(',')
            .map(str::trim)
            .filter(|parameter| !parameter.is_empty() && *parameter != "void")
            .map(parameter)
            .collect();
        if !parameters.is_empty() {
            found.push(Function {
                name: name.trim().to_owned(),
                parameters,
            });
        }
    }
    assert!(found.len() > 100, "only {} functions found", found.len());
    found
}

fn without_comments(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("/*") {
        code.push_str(before);
        code.push(' ');
        rest = behind.split_once("*/").unwrap().1;
    }
    code.push_str(rest);
    let lines = code.lines().map(|line| {
        let line = line.split_once("//").map_or(line, |(before, _)| before);
        if line.trim_start().starts_with('#') {
            ""
        } else {
            line
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn parameter(text: &str) -> Parameter {
    let end = text
        .rfind(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .unwrap_or_else(|| panic!("a parameter without a name: {text}"));
    let (kind, name) = text.split_at(end + 1);
    let kind = kind
        .replace(" *", "*")
        .replace("struct ", "")
        .trim()
        .to_owned();
    Parameter {
        kind: kind.replace("enum ", ""),
        name: name.to_owned(),
    }
}

/// What a function does with a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// A handle: the member of `struct things` that holds one.
    Handle(&'static str),
    /// Something that the function writes, with the function that frees it.
    Output(String, Option<String>),
    /// The operation that a verb starts.
    Op,
    /// Any other pointer, and what to give.
    Pointer(&'static str),
    /// No pointer.
    Number(&'static str),
}

/// The handles, by the name of their type.
pub const HANDLES: [(&str, &str); 13] = [
    ("nlftp_config", "config"),
    ("nlftp_login", "login"),
    ("nlftp_transfer_options", "options"),
    ("nlftp_put_options", "options"),
    ("nlftp_get_options", "options"),
    ("nlftp_modem", "modem"),
    ("nlftp_op", "op"),
    ("nlftp_transfer", "transfer"),
    ("nlftp_lines", "lines"),
    ("nlftp_listing", "listing"),
    ("nlftp_entry", "entry"),
    ("nlftp_entries", "entries"),
    ("nlftp_info", "info"),
];

fn handle(kind: &str) -> Option<&'static str> {
    let name = kind.strip_prefix("const ").unwrap_or(kind);
    HANDLES
        .iter()
        .find(|(handle, _)| *handle == name)
        .map(|(_, member)| *member)
}

impl Parameter {
    /// What the function does with it.
    pub fn role(&self) -> Role {
        let Some(target) = self.kind.strip_suffix('*') else {
            return self.value();
        };
        if let Some(member) = handle(target) {
            return Role::Handle(member);
        }
        match (target, self.name.as_str()) {
            ("nlftp_op*", "op") => Role::Op,
            ("const char", "local") => Role::Pointer("\"/nlftp/is/not/there\""),
            ("const char", "line") => Role::Pointer("\"AT\""),
            ("const char", _) => Role::Pointer("\"x\""),
            ("const void", _) => Role::Pointer("\"xxxxxxxx\""),
            ("void", "user_data") => Role::Pointer("t->user_data"),
            ("void", _) => Role::Pointer("t->buffer"),
            ("char", _) => Role::Handle("string"),
            _ => Role::Output(target.to_owned(), self.free(target)),
        }
    }

    fn value(&self) -> Role {
        if self.kind.ends_with("_callback") {
            return Role::Pointer(match self.kind.as_str() {
                "nlftp_urc_callback" => "on_line",
                "nlftp_state_callback" => "on_state",
                "nlftp_progress_callback" => "on_progress",
                "nlftp_log_callback" => "on_log",
                "nlftp_read_callback" => "read_nothing",
                "nlftp_write_callback" => "write_nothing",
                "nlftp_seek_callback" => "seek_nowhere",
                other => panic!("an unknown callback: {other}"),
            });
        }
        Role::Number(match (self.kind.as_str(), self.name.as_str()) {
            ("bool", _) => "false",
            (_, "fd") => "t->fd",
            // A wait must not become one for ever.
            (_, "timeout_ms") => "1000",
            ("uint32_t", "period") => "100",
            ("uint32_t", _) => "9600",
            ("uint16_t" | "uint64_t" | "int64_t", _) => "1",
            ("size_t", _) => "1",
            (kind, _) if kind.starts_with("nlftp_") => "0",
            other => panic!("an unknown parameter: {other:?}"),
        })
    }

    /// Who frees what the function gives.
    fn free(&self, target: &str) -> Option<String> {
        let pointed = target.strip_suffix('*')?;
        if pointed == "char" {
            return Some("nlftp_string_free".into());
        }
        let member = HANDLES.iter().find(|(name, _)| *name == pointed)?;
        Some(format!("{}_free", member.0))
    }
}

impl Function {
    /// The handle that the function belongs to.
    pub fn belongs_to(&self) -> Option<&'static str> {
        match self.parameters.first()?.role() {
            Role::Handle(member) => Some(member),
            _ => None,
        }
    }

    /// The place of the parameter that makes it an operation.
    fn op(&self) -> Option<usize> {
        self.parameters
            .iter()
            .position(|parameter| parameter.role() == Role::Op)
    }

    /// Whether NULL means something there, by the header; anywhere else it is refused.
    pub fn may_be_null(&self, index: usize) -> bool {
        let parameter = &self.parameters[index];
        let name = parameter.name.as_str();
        let function = self.name.as_str();
        match parameter.role() {
            // Nothing is freed; default options are taken.
            Role::Handle(member) => {
                function.ends_with("_free")
                    || member == "options" && function.starts_with("nlftp_ftp_")
            }
            Role::Op | Role::Number(_) => true,
            // Without op: a result that is not wanted. With it there must be none.
            Role::Output(..) if self.op().is_some() => true,
            Role::Output(..) => matches!(name, "length" | "done"),
            Role::Pointer(_) => match parameter.kind.as_str() {
                "nlftp_read_callback" | "nlftp_write_callback" => false,
                kind if kind.ends_with("_callback") => true,
                _ => {
                    name == "user_data"
                        || ["nlftp_config_set_trace", "nlftp_login_set_account"].contains(&function)
                        || name == "path"
                            && ["nlftp_ftp_list", "nlftp_ftp_stat", "nlftp_ftp_entries"]
                                .contains(&function)
                }
            },
        }
    }
}

/// Writes the table as a C file, for programs that are compiled with the folder of call_table.h.
pub fn generate() -> PathBuf {
    let functions = functions();
    let mut code = String::from(
        "#include \"call_table.h\"\n\n#include <string.h>\n\n#include \"check.h\"\n\n",
    );
    for (number, function) in functions.iter().enumerate() {
        write_function(&mut code, number, function);
    }
    code.push_str("const struct api_function api_functions[] = {\n");
    for (number, function) in functions.iter().enumerate() {
        let mut nullable = String::new();
        let mut pointer = String::new();
        for (index, parameter) in function.parameters.iter().enumerate() {
            let is_pointer = !matches!(parameter.role(), Role::Number(_));
            pointer.push_str(if is_pointer { "true, " } else { "false, " });
            let optional = function.may_be_null(index);
            nullable.push_str(if optional { "true, " } else { "false, " });
        }
        writeln!(
            code,
            "    {{\"{}\", \"{}\", {}, {{{}}}, {{{}}}, call_{number}}},",
            function.name,
            function.belongs_to().unwrap_or(""),
            function.parameters.len(),
            pointer.trim_end_matches(", "),
            nullable.trim_end_matches(", "),
        )
        .unwrap();
    }
    code.push_str(
        "};\n\nconst size_t api_function_count = sizeof api_functions / sizeof *api_functions;\n",
    );
    let file = support::build_dir().join("call_table.c");
    // The programs made of it are up to date as long as it is left alone.
    if fs::read_to_string(&file).is_ok_and(|written| written == code) {
        return file;
    }
    let fresh = support::build_dir().join(format!("call_table.{}.c", std::process::id()));
    fs::write(&fresh, code).unwrap();
    fs::rename(fresh, &file).unwrap();
    file
}

fn write_function(code: &mut String, number: usize, function: &Function) {
    let op = function.op();
    let mut outputs = Vec::new();
    let mut arguments = Vec::new();
    for (index, parameter) in function.parameters.iter().enumerate() {
        let (value, output) = match parameter.role() {
            Role::Handle(member) => (format!("t->{member}"), None),
            Role::Pointer(value) => (value.to_owned(), None),
            Role::Number(value) => {
                arguments.push(value.to_owned());
                continue;
            }
            Role::Op => (
                format!("&out{index}"),
                Some(("nlftp_op*".to_owned(), Some("nlftp_op_free".to_owned()))),
            ),
            Role::Output(target, free) => (format!("&out{index}"), Some((target, free))),
        };
        // A verb that starts an operation has no other place for its result.
        let is_result = matches!(parameter.role(), Role::Output(..));
        let given = match op {
            Some(op) if is_result => format!("(t->null_at == {op} ? {value} : NULL)"),
            _ => format!("(t->null_at == {index} ? NULL : {value})"),
        };
        arguments.push(given);
        if let Some((target, free)) = output {
            outputs.push((index, target, free));
        }
    }
    writeln!(
        code,
        "static nlftp_status call_{number}(const struct things *t)\n{{"
    )
    .unwrap();
    for (index, target, _) in &outputs {
        let target = target.replace('*', " *");
        writeln!(code, "    {target} out{index};").unwrap();
        writeln!(
            code,
            "    memset(&out{index}, UNTOUCHED, sizeof out{index});"
        )
        .unwrap();
    }
    writeln!(
        code,
        "    nlftp_status status = {}({});",
        function.name,
        arguments.join(", ")
    )
    .unwrap();
    for (index, _, free) in &outputs {
        writeln!(
            code,
            "    if (status != NLFTP_OK) {{\n        CHECK(is_untouched(&out{index}, sizeof out{index}));"
        )
        .unwrap();
        if let Some(free) = free {
            writeln!(
                code,
                "    }} else if (!is_untouched(&out{index}, sizeof out{index})) {{\n        CHECK_OK({free}(out{index}));"
            )
            .unwrap();
        }
        writeln!(code, "    }}").unwrap();
    }
    writeln!(code, "    (void)t;\n    return status;\n}}\n").unwrap();
}
