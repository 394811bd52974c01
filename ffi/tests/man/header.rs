//! Reads a header that cbindgen made, as a list of commented declarations.

/// A declaration with the comment before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The comment's text, line by line without its stars.
    pub comment: String,
    /// What is declared.
    pub kind: Kind,
}

/// What a header declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `#define NAME VALUE`.
    Constant { name: String, value: String },
    /// `typedef struct NAME NAME;`, whose contents are nobody's business.
    Opaque { name: String },
    /// An enum with its constants: name, value and comment.
    Enum {
        name: String,
        values: Vec<(String, String, String)>,
    },
    /// Any other typedef: an alias, or the type of a callback.
    Typedef { name: String, declaration: String },
    /// A function, as it is declared.
    Function { name: String, declaration: String },
}

/// A header: its own comment, and what it declares in its order.
#[derive(Debug)]
pub struct Header {
    /// The comment at the top.
    pub about: String,
    /// The declarations.
    pub items: Vec<Item>,
}

/// Reads a header.
pub fn parse(text: &str) -> Header {
    let mut reader = Reader {
        rest: text,
        comment: None,
    };
    let mut about = None;
    let mut items = Vec::new();
    while let Some(kind) = reader.next(&mut about) {
        let comment = reader.comment.take().unwrap_or_default();
        items.push(Item { comment, kind });
    }
    Header {
        about: about.expect("the header has no comment at its top"),
        items,
    }
}

struct Reader<'a> {
    rest: &'a str,
    /// The comment that belongs to what comes next.
    comment: Option<String>,
}

impl<'a> Reader<'a> {
    /// The next declaration. The first comment of all is about the header.
    fn next(&mut self, about: &mut Option<String>) -> Option<Kind> {
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() {
                return None;
            } else if let Some((comment, rest)) = cut_comment(self.rest) {
                self.rest = rest;
                if about.is_none() {
                    *about = comment;
                } else if comment.is_some() {
                    self.comment = comment;
                }
            } else if self.rest.starts_with('#') {
                // Continued lines are one.
                let mut line = self.line().to_owned();
                while line.ends_with('\\') {
                    line.pop();
                    line.push_str(self.line());
                }
                if let Some(kind) = constant(&line) {
                    return Some(kind);
                }
                self.comment = None;
            } else if self.rest.starts_with("extern \"C\"") || self.rest.starts_with('}') {
                self.line();
                self.comment = None;
            } else {
                return Some(declaration(self.declaration()));
            }
        }
    }

    fn line(&mut self) -> &'a str {
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        line.trim_end()
    }

    /// Everything to the semicolon that is in no braces and no comment.
    fn declaration(&mut self) -> &'a str {
        let whole = self.rest;
        let mut depth = 0;
        while !self.rest.is_empty() {
            if let Some((_, rest)) = cut_comment(self.rest) {
                self.rest = rest;
                continue;
            }
            match self.rest.as_bytes()[0] {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                b';' if depth == 0 => {
                    let length = whole.len() - self.rest.len();
                    self.rest = &self.rest[1..];
                    return &whole[..length];
                }
                _ => {}
            }
            let step = self.rest.chars().next().map_or(1, char::len_utf8);
            self.rest = &self.rest[step..];
        }
        panic!("a declaration does not end: {whole}");
    }
}

/// Cuts off a comment at the very beginning: its text if it is documentation, as that of `/**` and `///`, and what
/// follows it.
fn cut_comment(text: &str) -> Option<(Option<String>, &str)> {
    if let Some(body) = text.strip_prefix("/*") {
        let (body, rest) = body.split_once("*/").expect("a comment does not end");
        let Some(body) = body.strip_prefix('*') else {
            return Some((None, rest));
        };
        let lines = body.lines().map(|line| {
            let line = line.trim();
            let line = line.strip_prefix('*').unwrap_or(line);
            line.strip_prefix(' ').unwrap_or(line)
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        return Some((Some(text.trim_matches(['\n', ' ']).to_owned()), rest));
    }
    if !text.starts_with("//") {
        return None;
    }
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(body) = rest.trim_start_matches([' ', '\t']).strip_prefix("//") {
        let (line, after) = body.split_once('\n').unwrap_or((body, ""));
        if let Some(line) = line.strip_prefix('/') {
            lines.push(line.strip_prefix(' ').unwrap_or(line).trim_end());
        }
        rest = after;
    }
    let text = lines.join("\n").trim_matches('\n').to_owned();
    Some(((!lines.is_empty()).then_some(text), rest))
}

/// A `#define` with a value; an include guard has none.
fn constant(line: &str) -> Option<Kind> {
    let definition = line.strip_prefix("#define ")?;
    let (name, value) = definition.trim().split_once(char::is_whitespace)?;
    Some(Kind::Constant {
        name: name.to_owned(),
        value: value.trim().to_owned(),
    })
}

fn declaration(text: &str) -> Kind {
    let Some(body) = text.strip_prefix("typedef ") else {
        return Kind::Function {
            name: before_parenthesis(text).to_owned(),
            declaration: format!("{text};"),
        };
    };
    if body.starts_with("enum") && body.contains('{') {
        return enumeration(body);
    }
    if let Some(pointer) = body.split_once("(*") {
        let (name, _) = pointer.1.split_once(')').expect("a pointer without a name");
        return Kind::Typedef {
            name: name.to_owned(),
            declaration: format!("{text};"),
        };
    }
    let name = body.rsplit(|c: char| !is_name(c)).next().unwrap();
    match body.strip_prefix("struct ") {
        Some(opaque) if opaque.split_whitespace().eq([name, name]) => Kind::Opaque {
            name: name.to_owned(),
        },
        _ => Kind::Typedef {
            name: name.to_owned(),
            declaration: format!("{text};"),
        },
    }
}

fn enumeration(body: &str) -> Kind {
    let (_, inner) = body.split_once('{').unwrap();
    let (inner, name) = inner.rsplit_once('}').unwrap();
    let mut values: Vec<(String, String, String)> = Vec::new();
    let mut comment = String::new();
    let mut rest = inner.trim_start();
    while !rest.is_empty() {
        if let Some((text, after)) = cut_comment(rest) {
            comment = text.unwrap_or(comment);
            rest = after.trim_start();
            continue;
        }
        let (value, after) = rest.split_once([',', '\n']).unwrap_or((rest, ""));
        let (constant, number) = value.split_once('=').expect("a constant without a number");
        values.push((
            constant.trim().to_owned(),
            number.trim().to_owned(),
            std::mem::take(&mut comment),
        ));
        rest = after.trim_start();
    }
    Kind::Enum {
        name: name.trim().to_owned(),
        values,
    }
}

/// The name of a function: the word before its first parenthesis.
fn before_parenthesis(text: &str) -> &str {
    let (before, _) = text
        .split_once('(')
        .unwrap_or_else(|| panic!("neither a type nor a function: {text}"));
    before
        .trim_end()
        .rsplit(|c: char| !is_name(c))
        .next()
        .unwrap()
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
