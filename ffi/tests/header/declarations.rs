//! What a header declares, read from its text: enough C for what cbindgen writes.

use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub struct Declarations {
    /// Each function's prototype, without the names of its parameters.
    pub functions: BTreeMap<String, String>,
    /// Each constant of an enum.
    pub constants: BTreeMap<String, i64>,
    /// Each type: what it stands for, without names of parameters.
    pub types: BTreeMap<String, String>,
}

impl Declarations {
    pub fn of(header: &str) -> Declarations {
        let mut found = Declarations::default();
        for statement in statements(&without_comments(header)) {
            found.add(&statement);
        }
        found
    }

    fn add(&mut self, statement: &str) {
        let Some(definition) = statement.strip_prefix("typedef ") else {
            let (name, prototype) = function(statement);
            self.functions.insert(name, prototype);
            return;
        };
        if let Some((head, rest)) = definition.split_once('{') {
            assert!(
                head.trim_end().starts_with("enum"),
                "a body that is no enum's: {statement}"
            );
            let (body, name) = rest.split_once('}').unwrap();
            self.types.insert(name.trim().to_owned(), "enum".to_owned());
            for constant in body
                .split(',')
                .map(str::trim)
                .filter(|constant| !constant.is_empty())
            {
                let (name, number) = constant.split_once('=').unwrap();
                self.constants
                    .insert(name.trim().to_owned(), number.trim().parse().unwrap());
            }
        } else if let Some((result, rest)) = definition.split_once("(*") {
            let (name, parameters) = rest.split_once(')').unwrap();
            let function = format!("{}(*){}", result.trim(), types_of(parameters));
            self.types.insert(name.to_owned(), function);
        } else {
            let (meaning, name) = definition.rsplit_once(' ').unwrap();
            self.types.insert(name.to_owned(), meaning.to_owned());
        }
    }
}

/// The name of a function, and its prototype.
fn function(statement: &str) -> (String, String) {
    let (head, parameters) = statement
        .split_once('(')
        .unwrap_or_else(|| panic!("no function: {statement}"));
    let at = head.rfind([' ', '*']).unwrap() + 1;
    let (result, name) = head.split_at(at);
    (
        name.to_owned(),
        format!(
            "{} {name}{}",
            result.trim(),
            types_of(&format!("({parameters}"))
        ),
    )
}

/// A list of parameters without their names.
fn types_of(parameters: &str) -> String {
    let list = parameters
        .trim()
        .trim_start_matches('(')
        .trim_end_matches(')');
    let types = list.split(',').map(|parameter| {
        let parameter = parameter.trim();
        let name = parameter
            .rfind([' ', '*'])
            .map_or(parameter.len(), |at| at + 1);
        parameter[..name].trim()
    });
    format!("({})", types.collect::<Vec<_>>().join(", "))
}

fn without_comments(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").unwrap().1;
    }
    code.push_str(rest);
    let lines = code.lines().filter(|line| !line.starts_with('#'));
    let lines = lines.map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    lines.collect::<Vec<_>>().join("\n")
}

/// What ends at semicolons outside braces, blanks made one.
fn statements(code: &str) -> Vec<String> {
    let code = code.replace("extern \"C\" {", "");
    let (mut found, mut current, mut depth) = (Vec::new(), String::new(), 0);
    for sign in code.chars() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            // The end of extern "C".
            depth = 0;
        } else if sign == ';' && depth == 0 {
            found.push(std::mem::take(&mut current));
        } else {
            current.push(sign);
        }
    }
    assert_eq!(current.trim(), "", "an end without a semicolon");
    found
        .iter()
        .map(|statement| statement.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn a_header_is_read() {
    let found = Declarations::of(
        "/** x; */\n#define X 1\ntypedef enum {\n /* a, b */ A_ONE = 1,\n A_TWO = -2,\n} a;\ntypedef struct s s;\n\
         typedef a (*f)(const void *data,\n size_t size);\n#ifdef X\nextern \"C\" {\n#endif // X\n\
         const char *get(void);\na put(s **s, const char *const *text, bool on);\n}  // extern \"C\"\n",
    );
    assert_eq!(
        found.constants,
        BTreeMap::from([("A_ONE".to_owned(), 1), ("A_TWO".to_owned(), -2)])
    );
    let types: Vec<_> = found
        .types
        .iter()
        .map(|(name, meaning)| format!("{name}: {meaning}"))
        .collect();
    assert_eq!(
        types,
        ["a: enum", "f: a(*)(const void *, size_t)", "s: struct s"]
    );
    let functions: Vec<_> = found.functions.values().cloned().collect();
    assert_eq!(
        functions,
        [
            "const char * get(void)",
            "a put(s **, const char *const *, bool)"
        ]
    );
}
