//! The text of comments as requests and escapes of man(7).

/// A comment: paragraphs, lists with dashes, and lines that are indented by four as they are.
pub fn comment(text: &str, page: &mut String) {
    let mut blocks = Blocks {
        page,
        state: State::Between,
        listed: false,
    };
    for line in text.lines() {
        blocks.line(line);
    }
    blocks.end();
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// After a blank line, or at the start.
    Between,
    /// In a paragraph or an item of a list.
    Text,
    /// In lines that are shown as they are.
    Code,
}

struct Blocks<'a> {
    page: &'a mut String,
    state: State,
    /// Whether an item of a list was the last.
    listed: bool,
}

impl Blocks<'_> {
    fn line(&mut self, line: &str) {
        let words = line.trim_start();
        let indent = line.len() - words.len();
        if words.is_empty() {
            if self.state == State::Code {
                // Perhaps it goes on.
                self.page.push('\n');
            } else {
                self.state = State::Between;
            }
        } else if indent >= 4 && self.state != State::Text {
            self.code(&line[4..]);
        } else if let Some(item) = words.strip_prefix("- ") {
            self.end();
            self.page.push_str(".IP \\(bu 2\n");
            self.listed = true;
            self.text(item);
        } else if self.state == State::Text {
            self.text(words);
        } else {
            self.end();
            if let Some(heading) = words.strip_prefix("# ") {
                self.page
                    .push_str(&format!(".PP\n\\fI{}\\fR\n", escape(heading)));
            } else {
                self.page.push_str(".PP\n");
                self.listed = false;
                self.text(words);
            }
        }
    }

    fn text(&mut self, words: &str) {
        self.page.push_str(&start(&running(words)));
        self.page.push('\n');
        self.state = State::Text;
    }

    fn code(&mut self, line: &str) {
        if self.state != State::Code {
            self.page.push_str(if self.listed {
                ".RS 6\n.nf\n"
            } else {
                ".PP\n.RS 4\n.nf\n"
            });
            self.state = State::Code;
        }
        self.page.push_str(&start(&escape(line)));
        self.page.push('\n');
    }

    fn end(&mut self) {
        if self.state == State::Code {
            while self.page.ends_with("\n\n") {
                self.page.pop();
            }
            self.page.push_str(".fi\n.RE\n");
        }
        self.state = State::Between;
    }
}

/// Running text: what stands between backquotes and the library's own names become bold.
fn running(words: &str) -> String {
    // A link of Rust's documentation is its text.
    let words = words.replace("[`", "`").replace("`]", "`");
    let mut parts = words.split('`');
    let mut out = names(parts.next().unwrap_or_default());
    while let Some(code) = parts.next() {
        match parts.next() {
            Some(after) => out.push_str(&format!("\\fB{}\\fR{}", escape(code), names(after))),
            // One without its partner is a character like another.
            None => out.push_str(&names(&format!("`{code}"))),
        }
    }
    out
}

fn names(text: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        if word.starts_with("nlftp_") || word.starts_with("NLFTP_") {
            out.push_str(&format!("\\fB{}\\fR", escape(word)));
        } else {
            out.push_str(&escape(word));
        }
        let length = after.find(is_name).unwrap_or(after.len());
        let (between, after) = after.split_at(length);
        out.push_str(&escape(between));
        rest = after;
    }
    out
}

/// Text as it is: nothing in it means anything to troff, and nothing becomes a nicer character.
pub fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\e"),
            '-' => out.push_str("\\-"),
            '\'' => out.push_str("\\(aq"),
            '`' => out.push_str("\\(ga"),
            '^' => out.push_str("\\(ha"),
            '~' => out.push_str("\\(ti"),
            c if c.is_ascii() => out.push(c),
            c => out.push_str(&format!("\\[u{:04X}]", u32::from(c))),
        }
    }
    out
}

/// A line that is no request, whatever it begins with.
fn start(line: &str) -> String {
    if line.starts_with('.') {
        format!("\\&{line}")
    } else {
        line.to_owned()
    }
}
