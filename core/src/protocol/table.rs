//! The commands of the manual, a row each: forms, parameters with their ranges, how they end, what the library calls them.

/// What ends a command, and what may come before that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Information lines, then a final result.
    Final,
    /// `OK` and `+X: 0|1`, in any order.
    Outcome,
    /// As `Outcome`, with lines of text between `+X: 2,` and the outcome.
    Text,
    /// FTPLIST: as `Text`, but of any length, so that the text is payload.
    Listing,
    /// FTPSTOR: `+X: 2`, then stuffed data to the module, then the outcome.
    Store,
    /// FTPRETR: `+X: 2`, then stuffed data from the module, then the outcome.
    Retrieve,
    /// FTPPUT: the prompt `+X: 2,n`, n bytes to the module, `OK`; behind the last piece the outcome.
    Piece {
        /// Whether this is the last one.
        last: bool,
    },
    /// FTPRECV: `+X: n`, n bytes from the module, `OK`.
    Receive,
    /// FTPGET: `OK`, then the first of `+X: 2`, `1` or `0`; a later `1` is a notice.
    Fetch,
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    /// Text in quotes, of at most so many octets, perhaps none.
    Text(usize),
    /// Text in quotes that must not be empty.
    Name(usize),
    /// A number from the first to the second.
    Number(u64, u64),
}

/// A parameter of a set form, in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// As errors call it.
    pub(crate) name: &'static str,
    pub(crate) values: Values,
    /// What the module takes where the parameter is left out; `None` where it must be given.
    pub(crate) default: Option<&'static str>,
}

const fn needed(name: &'static str, values: Values) -> Parameter {
    Parameter {
        name,
        values,
        default: None,
    }
}

const fn optional(name: &'static str, values: Values, default: &'static str) -> Parameter {
    Parameter {
        name,
        values,
        default: Some(default),
    }
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Spec {
    /// Without `AT+`.
    pub(crate) name: &'static str,
    /// Where the manual describes it.
    pub(crate) section: &'static str,
    /// How its set or execute form ends; the read and test forms end at the final result.
    pub(crate) reply: Reply,
    /// The parameters of its set form; none where it has only the execute form.
    pub(crate) parameters: &'static [Parameter],
    /// Whether it can be sent without parameters.
    pub(crate) execute: bool,
    /// Whether the read form is answered; the manual has it end in ERROR otherwise.
    pub(crate) read: bool,
    /// Whether the test form is.
    pub(crate) test: bool,
    /// What the library's user calls instead of sending it raw, where raw cannot work.
    pub(crate) instead: Option<&'static str>,
}

impl Spec {
    /// The form of a line, by what stands behind the name, where the manual has the command without it.
    pub(crate) fn missing_form(&self, tail: &[u8]) -> Option<&'static str> {
        match tail {
            b"?" if !self.read => Some("read"),
            b"=?" if !self.test => Some("test"),
            b"" if !self.execute => Some("execute"),
            [b'=', ..] if tail != b"=?" && self.parameters.is_empty() => Some("set"),
            _ => None,
        }
    }
}

/// The longest file or directory name, user name, password or account, in octets.
pub(crate) const MAX_NAME: usize = 255;
/// The longest host name, in octets.
pub(crate) const MAX_HOST: usize = 1024;
/// Offsets of FTPSTOR end here (manual 1.2.15, its misprint read as the largest even one of four octets).
pub(crate) const MAX_STORE_OFFSET: u64 = 0xFFFF_FFFE;
/// Offsets of FTPRETR and FTPGET end here (manual 1.2.16 to 1.2.18).
pub(crate) const MAX_RETRIEVE_OFFSET: u64 = 0xFFFF_FFFF;
/// The most bytes that one FTPPUT takes (manual 1.2.20).
pub(crate) const MAX_PIECE: usize = 1024;
/// The most bytes that one FTPRECV gives (manual 1.2.19).
pub(crate) const MAX_RECEIVE: usize = 3000;
/// The longest period of the timer that holds FTPRETR's data back on USB (manual 1.2.16).
pub(crate) const MAX_FTP_LIMIT: u64 = 1000;

const NAME: Values = Values::Name(MAX_NAME);
const SWITCH: Values = Values::Number(0, 1);
const PORT: Values = Values::Number(0, 65_535);
const FILE: Parameter = needed("file name", NAME);
const FILE_TYPE: Parameter = optional("file type", SWITCH, "1");
const DIRECTORY: &[Parameter] = &[needed("directory name", NAME)];
/// FTPLIST and FTPSTAT name the path; without it the execute form is sent.
const PATH: &[Parameter] = &[needed("path", NAME)];
const DOWNLOAD: &[Parameter] = &[
    FILE,
    FILE_TYPE,
    optional("offset", Values::Number(0, MAX_RETRIEVE_OFFSET), "FTPREST"),
];
const RECEIVE: &[Parameter] = &[needed("length", Values::Number(1, MAX_RECEIVE as u64))];

/// A row in the making: the form that most rows have, then what differs.
const fn row(
    name: &'static str,
    section: &'static str,
    reply: Reply,
    parameters: &'static [Parameter],
) -> Spec {
    Spec {
        name,
        section,
        reply,
        parameters,
        execute: parameters.is_empty(),
        read: false,
        test: !parameters.is_empty(),
        instead: None,
    }
}

impl Spec {
    const fn also_bare(self) -> Spec {
        Spec {
            execute: true,
            ..self
        }
    }

    const fn readable(self) -> Spec {
        Spec { read: true, ..self }
    }

    const fn instead(self, verb: &'static str) -> Spec {
        Spec {
            instead: Some(verb),
            ..self
        }
    }
}

/// The commands of manual 1.2, in its order; FTPRECV under each of its spellings.
pub(crate) const TABLE: [Spec; 23] = [
    row(
        "FTPOPEN",
        "1.2.1",
        Reply::Outcome,
        &[
            needed("host name", Values::Name(MAX_HOST)),
            needed("user name", Values::Text(MAX_NAME)),
            needed("password", Values::Text(MAX_NAME)),
            optional("account", Values::Text(MAX_NAME), "none"),
            optional("source control port", PORT, "any"),
            optional("server's port", PORT, "21"),
            optional("source data port", PORT, "any"),
            optional("TLS flag", SWITCH, "0"),
        ],
    )
    .readable(),
    row("FTPCLOSE", "1.2.2", Reply::Outcome, &[]),
    row(
        "FTPINFO",
        "1.2.3",
        Reply::Final,
        &[needed("indication", SWITCH)],
    )
    .readable(),
    row("FTPCWD", "1.2.4", Reply::Outcome, DIRECTORY),
    row("FTPMKD", "1.2.5", Reply::Outcome, DIRECTORY),
    row("FTPRMD", "1.2.6", Reply::Outcome, DIRECTORY),
    row("FTPPWD", "1.2.7", Reply::Text, &[]),
    row("FTPCDUP", "1.2.8", Reply::Outcome, &[]),
    row("FTPDEL", "1.2.9", Reply::Outcome, &[FILE]),
    row(
        "FTPREN",
        "1.2.10",
        Reply::Outcome,
        &[needed("old name", NAME), needed("new name", NAME)],
    ),
    row("FTPLIST", "1.2.11", Reply::Listing, PATH)
        .also_bare()
        .instead("list"),
    row("FTPSTAT", "1.2.12", Reply::Text, PATH).also_bare(),
    row("FTPSYST", "1.2.13", Reply::Text, &[]),
    row("FTPNOOP", "1.2.14", Reply::Outcome, &[]),
    row(
        "FTPSTOR",
        "1.2.15",
        Reply::Store,
        &[
            FILE,
            FILE_TYPE,
            optional("offset", Values::Number(0, MAX_STORE_OFFSET), "FTPREST"),
        ],
    )
    .instead("put"),
    row("FTPRETR", "1.2.16", Reply::Retrieve, DOWNLOAD).instead("get"),
    row(
        "FTPREST",
        "1.2.17",
        Reply::Final,
        &[needed("offset", Values::Number(0, MAX_RETRIEVE_OFFSET))],
    )
    .readable(),
    row("FTPGET", "1.2.18", Reply::Fetch, DOWNLOAD)
        .readable()
        .instead("get"),
    receive("FTPRECV"),
    receive("FTP_RECV"),
    receive("FTPGETR"),
    row(
        "FTPPUT",
        "1.2.20",
        Reply::Piece { last: true },
        &[
            FILE,
            needed("length", Values::Number(1, MAX_PIECE as u64)),
            needed("end flag", SWITCH),
            FILE_TYPE,
        ],
    )
    .instead("put"),
    row("FTPMODE", "1.2.21", Reply::Final, &[needed("mode", SWITCH)]).readable(),
];

const fn receive(spelling: &'static str) -> Spec {
    row(spelling, "1.2.19", Reply::Receive, RECEIVE)
        .readable()
        .instead("get")
}

/// The row of a command, whatever its case.
pub(crate) fn find(name: &str) -> Option<&'static Spec> {
    TABLE.iter().find(|row| row.name.eq_ignore_ascii_case(name))
}
