//! A manual page of a header, in the macros of man(7).

use super::header::{Header, Item, Kind};
use super::markup::{comment, escape};

/// What the header does not tell of itself.
pub struct Library {
    /// Its name, which every name of it begins with: "nlftp".
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Pages that help, too.
    pub see_also: &'static [(&'static str, u8)],
}

/// The page of section 3.
pub fn page(library: &Library, header: &Header) -> String {
    let name = library.name;
    let mut page = format!(
        ".\\\" Made from include/{name}.h by ffi/tests/man_page.rs: change that.\n\
         .TH {} 3 \"\" \"{name} {}\" \"Library Functions\"\n.nh\n.ad l\n",
        name.to_uppercase(),
        library.version
    );
    let (summary, description) = summary(name, &header.about);
    page.push_str(&format!(
        ".SH NAME\n{} \\- {}\n",
        escape(name),
        escape(&summary)
    ));
    synopsis(name, &mut page);
    page.push_str(".SH DESCRIPTION\n");
    comment(&description, &mut page);
    for group in groups(name, &header.items) {
        page.push_str(&format!(".SH {}\n", group.title));
        for item in group.items {
            self::item(item, &mut page);
        }
    }
    page.push_str(".SH SEE ALSO\n");
    let others: Vec<String> = library
        .see_also
        .iter()
        .map(|(name, section)| format!("\\fB{}\\fR({section})", escape(name)))
        .collect();
    page.push_str(&others.join(",\n"));
    page.push('\n');
    without_needless_paragraphs(&page)
}

/// A paragraph begins by itself after a heading.
fn without_needless_paragraphs(page: &str) -> String {
    let mut out = String::new();
    let mut heading = false;
    for line in page.lines() {
        if !heading || line != ".PP" {
            out.push_str(line);
            out.push('\n');
        }
        heading = line.starts_with(".SH ") || line.starts_with(".SS ");
    }
    out
}

/// The first sentence of the header's comment without the name before its colon; and the rest.
fn summary(name: &str, about: &str) -> (String, String) {
    let (first, rest) = about.split_once("\n\n").unwrap_or((about, ""));
    let first = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = first
        .strip_prefix(name)
        .and_then(|text| text.strip_prefix(": "))
        .unwrap_or(&first);
    let (sentence, more) = text.split_once(". ").unwrap_or((text, ""));
    let description = if more.is_empty() {
        rest.to_owned()
    } else {
        format!("{more}\n\n{rest}")
    };
    (sentence.trim_end_matches('.').to_owned(), description)
}

fn synopsis(name: &str, page: &mut String) {
    let package = escape(name);
    page.push_str(&format!(
        ".SH SYNOPSIS\n.nf\n\\fB#include <{package}.h>\\fR\n.fi\n.PP\n\
         \\fBcc\\fR \\fIprogram.c\\fR \\fB$(pkg\\-config \\-\\-cflags \\-\\-libs {package})\\fR\n"
    ));
}

struct Group<'a> {
    /// What the names in it have in common.
    key: Vec<&'a str>,
    title: String,
    items: Vec<&'a Item>,
}

/// Constants and types first, then the functions by what their names begin with.
fn groups<'a>(library: &str, items: &'a [Item]) -> Vec<Group<'a>> {
    let mut constants = Vec::new();
    let mut types = Vec::new();
    let mut general = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    let opaque = |name: &str| {
        items
            .iter()
            .any(|item| matches!(&item.kind, Kind::Opaque { name: n } if n == name))
    };
    let functions: Vec<(&Item, Vec<&str>)> = items
        .iter()
        .filter_map(|item| match &item.kind {
            Kind::Function { name, .. } => Some((item, words(library, name))),
            _ => None,
        })
        .collect();
    for (item, name) in &functions {
        // The longest name of a handle, such as transfer_options, else the first word.
        let length = (1..name.len())
            .rev()
            .find(|&length| opaque(&format!("{library}_{}", name[..length].join("_"))))
            .unwrap_or(1);
        let key = &name[..length];
        let like = functions
            .iter()
            .filter(|(_, other)| other.starts_with(key))
            .count();
        if like == 1 && !opaque(&format!("{library}_{}", key.join("_"))) {
            general.push(*item);
        } else if let Some(group) = groups.iter_mut().find(|group| group.key == key) {
            group.items.push(item);
        } else {
            groups.push(Group {
                key: key.to_vec(),
                title: String::new(),
                items: vec![item],
            });
        }
    }
    for group in &mut groups {
        group.title = title(library, group);
    }
    for item in items {
        match &item.kind {
            Kind::Constant { .. } => constants.push(item),
            Kind::Opaque { name } => {
                let key = words(library, name);
                match groups.iter_mut().find(|group| group.key == key) {
                    // What the handle is, before what can be done with it.
                    Some(group) => group.items.insert(0, item),
                    None => types.push(item),
                }
            }
            Kind::Enum { .. } | Kind::Typedef { .. } => types.push(item),
            Kind::Function { .. } => {}
        }
    }
    [
        ("CONSTANTS", constants),
        ("TYPES", types),
        ("LIBRARY", general),
    ]
    .into_iter()
    .filter(|(_, items)| !items.is_empty())
    .map(|(title, items)| Group {
        key: Vec::new(),
        title: title.to_owned(),
        items,
    })
    .chain(groups)
    .collect()
}

/// The words of a name after the library's; none for a handle that is called like the library.
fn words<'a>(library: &str, name: &'a str) -> Vec<&'a str> {
    if name == library {
        return Vec::new();
    }
    name.strip_prefix(library)
        .and_then(|rest| rest.strip_prefix('_'))
        .unwrap_or_else(|| panic!("{name} does not begin with {library}_"))
        .split('_')
        .collect()
}

/// All words that the names of a group begin with: LAST ERROR rather than LAST.
fn title(library: &str, group: &Group) -> String {
    let mut common: Option<Vec<&str>> = None;
    for item in &group.items {
        if let Kind::Function { name, .. } = &item.kind {
            let words = words(library, name);
            common = Some(match common {
                None => words,
                Some(common) => common
                    .iter()
                    .zip(&words)
                    .take_while(|(one, other)| one == other)
                    .map(|(one, _)| *one)
                    .collect(),
            });
        }
    }
    // A group of one function is called by its handle.
    let words = if group.items.len() == 1 {
        group.key.clone()
    } else {
        common.unwrap_or_default()
    };
    words.join(" ").to_uppercase()
}

fn item(item: &Item, page: &mut String) {
    match &item.kind {
        Kind::Constant { name, value } => {
            page.push_str(&format!(
                ".TP\n\\fB{}\\fR {}\n",
                escape(name),
                escape(value)
            ));
            nested(&item.comment, page);
        }
        Kind::Enum { name, values } => {
            page.push_str(&format!(".SS enum {}\n", escape(name)));
            comment(&item.comment, page);
            for (name, value, about) in values {
                page.push_str(&format!(
                    ".TP\n\\fB{}\\fR = {}\n",
                    escape(name),
                    escape(value)
                ));
                nested(about, page);
            }
        }
        Kind::Opaque { name } => declared(
            name,
            &format!("typedef struct {name} {name};"),
            &item.comment,
            page,
        ),
        Kind::Typedef { name, declaration } | Kind::Function { name, declaration } => {
            declared(name, declaration, &item.comment, page);
        }
    }
}

fn declared(name: &str, declaration: &str, about: &str, page: &mut String) {
    page.push_str(&format!(".SS {}\n.nf\n", escape(name)));
    for line in declaration.lines() {
        page.push_str(&format!("\\fB{}\\fR\n", escape(line)));
    }
    page.push_str(".fi\n");
    comment(about, page);
}

/// A comment under the tag of a `.TP`, which ends where a `.PP` begins.
fn nested(text: &str, page: &mut String) {
    let mut inner = String::new();
    comment(text, &mut inner);
    let inner = inner.strip_prefix(".PP\n").unwrap_or(&inner);
    // Later paragraphs keep the indentation.
    page.push_str(&inner.replace("\n.PP\n", "\n.IP\n"));
    if inner.is_empty() {
        page.push_str("\\&\n");
    }
}
