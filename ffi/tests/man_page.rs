//! docs/nlftp.3 and docs/nlftp_sim.3 say what the headers say. To write them anew:
//! `NLFTP_UPDATE_DOCS=1 cargo test -p nlftp-ffi --test man_page`.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "man/header.rs"]
mod header;
#[path = "man/markup.rs"]
mod markup;
#[path = "man/page.rs"]
mod page;

use std::fs;
use std::path::{Path, PathBuf};

use header::{Item, Kind};
use page::Library;

const NLFTP: Library = Library {
    name: "nlftp",
    version: env!("CARGO_PKG_VERSION"),
    see_also: &[
        ("nlftp_sim", 3),
        ("pkg-config", 1),
        ("poll", 2),
        ("epoll", 7),
        ("termios", 3),
    ],
};

const SIM: Library = Library {
    name: "nlftp_sim",
    version: env!("CARGO_PKG_VERSION"),
    see_also: &[("nlftp", 3), ("pkg-config", 1), ("pty", 7)],
};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn check(library: &Library) {
    let name = library.name;
    let header = read(&repository().join(format!("include/{name}.h")));
    let made = page::page(library, &header::parse(&header));
    let path = repository().join(format!("docs/{name}.3"));
    if std::env::var_os("NLFTP_UPDATE_DOCS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    assert!(
        read(&path) == made,
        "docs/{name}.3 is out of date: run NLFTP_UPDATE_DOCS=1 cargo test -p nlftp-ffi --test man_page"
    );
}

/// Every name that the header declares, told from its text alone, has a place of its own on the page.
fn every_name_is_there(library: &Library) {
    let name = library.name;
    let header = read(&repository().join(format!("include/{name}.h")));
    let page = read(&repository().join(format!("docs/{name}.3")));
    let mut count = 0;
    for line in header
        .lines()
        .filter(|line| !line.trim_start().starts_with('*'))
    {
        let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let prefixes = [format!("{name}_"), format!("{}_", name.to_uppercase())];
        for word in words.filter(|word| prefixes.iter().any(|prefix| word.starts_with(prefix))) {
            if word.ends_with("_H") || word.ends_with('_') {
                // The include guard, and names made of pieces.
                continue;
            }
            assert!(page.contains(word), "docs/{name}.3 does not name {word}");
            count += 1;
        }
    }
    assert!(count > 20, "only {count} names in include/{name}.h");
}

#[test]
fn the_page_of_nlftp_is_up_to_date() {
    check(&NLFTP);
    every_name_is_there(&NLFTP);
}

#[test]
fn the_page_of_nlftp_sim_is_up_to_date() {
    check(&SIM);
    every_name_is_there(&SIM);
}

const SMALL: &str = r##"/* -- a part ------ */

/**
 * small: does little. And this is more of it.
 *
 *  - one thing
 *    goes on
 *  - `-x` and small_do()
 *
 *     int a = 'b'; // \n
 *
 *     .code
 */

#ifndef SMALL_H
#define SMALL_H

/* Made by a tool. */

#include <stdint.h>

/**
 * The version.
 */
#define SMALL_VERSION "1.0"

/**
 * How it went.
 */
typedef enum small_status {
    /**
     * Well; even with { and ; in it.
     *
     * More.
     */
    SMALL_OK = 0,
    SMALL_BAD = -1,
} small_status;

/**
 * A thing.
 */
typedef struct small_thing small_thing;

/**
 * The same thing.
 */
typedef small_thing small_alias;

/**
 * Called.
 */
typedef void (*small_callback)(const char *line, void *user_data);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Does it.
 */
small_status small_do(small_thing *thing,
                      small_callback callback);

/// Without
/// a star.
// Not for readers.
const char *small_thing_name(const small_thing *thing);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SMALL_H */
"##;

#[test]
fn a_header_is_read() {
    let header = header::parse(SMALL);
    assert!(
        header.about.starts_with("small: does little."),
        "{}",
        header.about
    );
    assert!(header.about.ends_with("\n    .code"), "{}", header.about);
    let item = |comment: &str, kind| Item {
        comment: comment.into(),
        kind,
    };
    let expected = [
        item(
            "The version.",
            Kind::Constant {
                name: "SMALL_VERSION".into(),
                value: "\"1.0\"".into(),
            },
        ),
        item(
            "How it went.",
            Kind::Enum {
                name: "small_status".into(),
                values: vec![
                    (
                        "SMALL_OK".into(),
                        "0".into(),
                        "Well; even with { and ; in it.\n\nMore.".into(),
                    ),
                    ("SMALL_BAD".into(), "-1".into(), String::new()),
                ],
            },
        ),
        item(
            "A thing.",
            Kind::Opaque {
                name: "small_thing".into(),
            },
        ),
        item(
            "The same thing.",
            Kind::Typedef {
                name: "small_alias".into(),
                declaration: "typedef small_thing small_alias;".into(),
            },
        ),
        item(
            "Called.",
            Kind::Typedef {
                name: "small_callback".into(),
                declaration: "typedef void (*small_callback)(const char *line, void *user_data);"
                    .into(),
            },
        ),
        item(
            "Does it.",
            Kind::Function {
                name: "small_do".into(),
                declaration: "small_status small_do(small_thing *thing,\n                      \
                              small_callback callback);"
                    .into(),
            },
        ),
        item(
            "Without\na star.",
            Kind::Function {
                name: "small_thing_name".into(),
                declaration: "const char *small_thing_name(const small_thing *thing);".into(),
            },
        ),
    ];
    assert_eq!(header.items, expected);
}

#[test]
fn a_page_is_made_of_a_header() {
    let library = Library {
        name: "small",
        version: "1.0",
        see_also: &[("big", 3), ("tiny-one", 7)],
    };
    let made = page::page(&library, &header::parse(SMALL));
    let expected = r##".\" Made from include/small.h by ffi/tests/man_page.rs: change that.
.TH SMALL 3 "" "small 1.0" "Library Functions"
.nh
.ad l
.SH NAME
small \- does little
.SH SYNOPSIS
.nf
\fB#include <small.h>\fR
.fi
.PP
\fBcc\fR \fIprogram.c\fR \fB$(pkg\-config \-\-cflags \-\-libs small)\fR
.SH DESCRIPTION
And this is more of it.
.IP \(bu 2
one thing
goes on
.IP \(bu 2
\fB\-x\fR and small_do()
.RS 6
.nf
int a = \(aqb\(aq; // \en

\&.code
.fi
.RE
.SH CONSTANTS
.TP
\fBSMALL_VERSION\fR "1.0"
The version.
.SH TYPES
.SS enum small_status
How it went.
.TP
\fBSMALL_OK\fR = 0
Well; even with { and ; in it.
.IP
More.
.TP
\fBSMALL_BAD\fR = \-1
\&
.SS small_alias
.nf
\fBtypedef small_thing small_alias;\fR
.fi
.PP
The same thing.
.SS small_callback
.nf
\fBtypedef void (*small_callback)(const char *line, void *user_data);\fR
.fi
.PP
Called.
.SH LIBRARY
.SS small_do
.nf
\fBsmall_status small_do(small_thing *thing,\fR
\fB                      small_callback callback);\fR
.fi
.PP
Does it.
.SH THING
.SS small_thing
.nf
\fBtypedef struct small_thing small_thing;\fR
.fi
.PP
A thing.
.SS small_thing_name
.nf
\fBconst char *small_thing_name(const small_thing *thing);\fR
.fi
.PP
Without
a star.
.SH SEE ALSO
\fBbig\fR(3),
\fBtiny\-one\fR(7)
"##;
    assert_eq!(made, expected);
}
