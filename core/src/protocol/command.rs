//! The commands of the module: one table entry for each, and their encoding.

use std::fmt;

use zeroize::Zeroizing;

use super::argument;
use super::dialect::{self, Dialect, TlsField};
use crate::config::{FileType, Login};
use crate::error::{Error, Result};
use crate::trace;

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

/// A row of the table: a command of the manual.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    /// How its set or execute form ends; the read and test forms end at the final result.
    pub(crate) reply: Reply,
    /// What the library's user calls instead of sending it raw, where raw cannot work.
    pub(crate) instead: Option<&'static str>,
}

const fn spec(name: &'static str, reply: Reply) -> Spec {
    Spec {
        name,
        reply,
        instead: None,
    }
}

const fn payload(name: &'static str, reply: Reply, instead: &'static str) -> Spec {
    Spec {
        name,
        reply,
        instead: Some(instead),
    }
}

/// The commands of manual 1.2, in its order; FTPRECV under each of its spellings.
pub(crate) const TABLE: [Spec; 23] = [
    spec("FTPOPEN", Reply::Outcome),
    spec("FTPCLOSE", Reply::Outcome),
    spec("FTPINFO", Reply::Final),
    spec("FTPCWD", Reply::Outcome),
    spec("FTPMKD", Reply::Outcome),
    spec("FTPRMD", Reply::Outcome),
    spec("FTPPWD", Reply::Text),
    spec("FTPCDUP", Reply::Outcome),
    spec("FTPDEL", Reply::Outcome),
    spec("FTPREN", Reply::Outcome),
    payload("FTPLIST", Reply::Listing, "list"),
    spec("FTPSTAT", Reply::Text),
    spec("FTPSYST", Reply::Text),
    spec("FTPNOOP", Reply::Outcome),
    payload("FTPSTOR", Reply::Store, "put"),
    payload("FTPRETR", Reply::Retrieve, "get"),
    spec("FTPREST", Reply::Final),
    payload("FTPGET", Reply::Fetch, "get"),
    payload("FTPRECV", Reply::Receive, "get"),
    payload("FTP_RECV", Reply::Receive, "get"),
    payload("FTPGETR", Reply::Receive, "get"),
    payload("FTPPUT", Reply::Piece { last: true }, "put"),
    spec("FTPMODE", Reply::Final),
];

fn row(name: &str) -> Option<&'static Spec> {
    TABLE.iter().find(|row| row.name.eq_ignore_ascii_case(name))
}

/// Offsets of FTPSTOR end here (manual 1.2.15, its misprint read as `protocol.md` does).
pub(crate) const MAX_STORE_OFFSET: u64 = 0xFFFF_FFFE;
/// Offsets of FTPRETR and FTPGET end here (manual 1.2.16 to 1.2.18).
pub(crate) const MAX_RETRIEVE_OFFSET: u64 = 0xFFFF_FFFF;
/// The most bytes that one FTPPUT takes (manual 1.2.20).
pub(crate) const MAX_PIECE: usize = 1024;
/// The most bytes that one FTPRECV gives (manual 1.2.19).
pub(crate) const MAX_RECEIVE: usize = 3000;

/// One command, ready to be sent.
#[derive(Clone)]
pub(crate) struct Command {
    line: Zeroizing<Vec<u8>>,
    /// From here on the line holds secrets.
    secret_from: Option<usize>,
    name: String,
    reply: Reply,
    /// Bytes that FTPPUT brings or FTPRECV asks for.
    pub(crate) length: usize,
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// Writes `AT+NAME=`, then fields with their commas.
struct Builder {
    line: Zeroizing<Vec<u8>>,
    name: &'static str,
    reply: Reply,
    fields: usize,
    secret_from: Option<usize>,
}

impl Builder {
    fn new(name: &'static str, reply: Reply) -> Builder {
        let mut line = Zeroizing::new(Vec::with_capacity(128));
        line.extend_from_slice(b"AT+");
        line.extend_from_slice(name.as_bytes());
        Builder {
            line,
            name,
            reply,
            fields: 0,
            secret_from: None,
        }
    }

    /// A command of the table in its set or execute form.
    fn set(name: &'static str) -> Builder {
        let reply = row(name).map_or(Reply::Final, |row| row.reply);
        Builder::new(name, reply)
    }

    fn separate(&mut self) {
        self.line.push(if self.fields == 0 { b'=' } else { b',' });
        self.fields += 1;
    }

    /// The text must have been checked by [`argument`].
    fn quoted(mut self, text: &[u8]) -> Builder {
        self.separate();
        // No reallocation may leave a copy of a secret behind unwiped.
        let mut grown = Zeroizing::new(Vec::with_capacity(self.line.len() + text.len() + 66));
        grown.extend_from_slice(&self.line);
        self.line = grown;
        self.line.push(b'"');
        self.line.extend_from_slice(text);
        self.line.push(b'"');
        self
    }

    fn name(self, argument: &str, text: &[u8]) -> Result<Builder> {
        argument::check_name(argument, text)?;
        Ok(self.quoted(text))
    }

    fn number(mut self, number: u64) -> Builder {
        self.separate();
        self.line.extend_from_slice(number.to_string().as_bytes());
        self
    }

    fn empty(mut self) -> Builder {
        self.separate();
        self
    }

    fn secret_from_here(mut self) -> Builder {
        // Behind the comma that the next field begins with.
        self.secret_from = Some(self.line.len() + 1);
        self
    }

    fn read(mut self) -> Builder {
        self.line.push(b'?');
        self.reply = Reply::Final;
        self
    }

    fn test(mut self) -> Builder {
        self.line.extend_from_slice(b"=?");
        self.reply = Reply::Final;
        self
    }

    fn done(self) -> Command {
        Command {
            line: self.line,
            secret_from: self.secret_from,
            name: self.name.to_owned(),
            reply: self.reply,
            length: 0,
        }
    }

    fn carrying(self, length: usize) -> Command {
        Command {
            length,
            ..self.done()
        }
    }
}

impl Command {
    /// The line without its CR.
    pub(crate) fn line(&self) -> &[u8] {
        &self.line
    }

    /// The name without `AT+`, as answers repeat it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn reply(&self) -> Reply {
        self.reply
    }

    pub(crate) fn has_secret(&self) -> bool {
        self.secret_from.is_some()
    }

    /// The line for people, secrets masked.
    pub(crate) fn shown(&self) -> String {
        let line =
            String::from_utf8_lossy(&self.line[..self.secret_from.unwrap_or(self.line.len())])
                .into_owned();
        if self.secret_from.is_some() {
            line + "***"
        } else {
            line
        }
    }

    /// A line without `+`, such as `ATE0`.
    pub(crate) fn basic(line: &'static str) -> Command {
        Command {
            line: Zeroizing::new(line.as_bytes().to_vec()),
            secret_from: None,
            name: line
                .trim_start_matches("AT")
                .trim_start_matches('+')
                .to_owned(),
            reply: Reply::Final,
            length: 0,
        }
    }

    /// One raw line of a user's.
    pub(crate) fn raw(line: &[u8]) -> Result<Command> {
        argument::check_line(line)?;
        let body = line[2..].trim_ascii_start();
        let parts = split_unquoted(body);
        let compound = parts.len() > 1;
        if compound && parts.iter().any(|part| row(&name_of(part)).is_some()) {
            return Err(Error::invalid(
                "an FTP command shares its line with another one: give one FTP command a line",
            ));
        }
        let extended = body.first() == Some(&b'+') && !compound;
        let name = name_of(body);
        let tail = &body[body.len().min(name.len() + usize::from(extended))..];
        let asks = tail == b"?" || tail == b"=?";
        let mut reply = Reply::Final;
        if let Some(row) = row(&name).filter(|_| extended && !asks) {
            if let Some(verb) = row.instead {
                return Err(Error::invalid(format!(
                    "AT+{name} moves data that a raw command cannot carry: use {verb} instead"
                )));
            }
            reply = row.reply;
        }
        let secret_from = trace::secret_at(line);
        Ok(Command {
            line: Zeroizing::new(line.to_vec()),
            secret_from,
            name: if extended { name } else { String::new() },
            reply,
            length: 0,
        })
    }

    /// A query of a command's state, such as `AT+FTPOPEN?`.
    pub(crate) fn query(name: &'static str) -> Command {
        Builder::set(name).read().done()
    }

    /// The test form, such as `AT+FTPRECV=?`.
    pub(crate) fn test(name: &'static str) -> Command {
        Builder::set(name).test().done()
    }

    /// A command of the table without parameters, such as FTPCDUP.
    pub(crate) fn execute(name: &'static str) -> Command {
        Builder::set(name).done()
    }

    /// A command with one name, such as FTPCWD or FTPDEL.
    pub(crate) fn named(name: &'static str, argument: &str, text: &[u8]) -> Result<Command> {
        Ok(Builder::set(name).name(argument, text)?.done())
    }

    /// A command with one number, such as FTPMODE or FTPREST.
    pub(crate) fn numbered(name: &'static str, number: u64) -> Command {
        Builder::set(name).number(number).done()
    }

    /// FTPREN (manual 1.2.10).
    pub(crate) fn rename(from: &[u8], to: &[u8]) -> Result<Command> {
        Ok(Builder::set("FTPREN")
            .name("old name", from)?
            .name("new name", to)?
            .done())
    }

    /// FTPLIST or FTPSTAT, with or without a path (manual 1.2.11, 1.2.12).
    pub(crate) fn of_path(name: &'static str, path: Option<&[u8]>) -> Result<Command> {
        match path {
            None => Ok(Command::execute(name)),
            Some(path) => Command::named(name, "path", path),
        }
    }

    /// AT+MIPCALL=1 (manual 3.1): activates the PDP context.
    pub(crate) fn attach(apn: &[u8]) -> Result<Command> {
        argument::check_name("APN", apn)?;
        Ok(Builder::new("MIPCALL", Reply::Final)
            .number(1)
            .quoted(apn)
            .done())
    }

    /// FTPOPEN (manual 1.2.1): three fields, or the whole group of optional ones, nothing between.
    pub(crate) fn open(login: &Login, dialect: &Dialect) -> Result<Command> {
        if login.host.is_empty() {
            return Err(Error::invalid("the host name is empty: give one"));
        }
        argument::check("host name", login.host.as_bytes(), argument::MAX_HOST)?;
        argument::check("user name", &login.user, argument::MAX_NAME)?;
        argument::check("password", login.password.expose(), argument::MAX_NAME)?;
        if let Some(account) = &login.account {
            argument::check("account", account.expose(), argument::MAX_NAME)?;
        }
        if login.port == Some(0) {
            return Err(Error::invalid("the port is 0: give one from 1 to 65535"));
        }
        let seventh = login.tls && dialect.tls_field == TlsField::Seventh;
        if seventh && (login.source_control_port, login.source_data_port) != (0, 0) {
            return Err(Error::invalid(
                "with the TLS flag in the seventh field there is no field for the module's own ports: leave them at 0",
            ));
        }
        let command = Builder::set("FTPOPEN")
            .quoted(login.host.as_bytes())
            .quoted(&login.user)
            .secret_from_here()
            .quoted(login.password.expose());
        let plain = login.account.is_none()
            && login.port.is_none()
            && login.source_control_port == 0
            && login.source_data_port == 0
            && !login.tls;
        if plain {
            return Ok(command.done());
        }
        let command = match &login.account {
            Some(account) => command.quoted(account.expose()),
            None => command.empty(),
        };
        let port = |command: Builder, port: u16| match port {
            0 => command.empty(),
            port => command.number(port.into()),
        };
        let server_port = login
            .port
            .unwrap_or(if login.tls { 990 } else { 21 })
            .into();
        if seventh {
            return Ok(command.number(server_port).empty().number(1).done());
        }
        let command = port(command, login.source_control_port).number(server_port);
        Ok(if login.tls {
            port(command, login.source_data_port).number(1)
        } else {
            // The last field is never left empty: a trailing comma is the likeliest thing to be refused.
            command.number(login.source_data_port.into())
        }
        .done())
    }

    /// FTPSTOR, FTPRETR or FTPGET: the offset is always given, 0 too, so that no FTPREST is left over.
    pub(crate) fn transfer(
        name: &'static str,
        file: &[u8],
        file_type: FileType,
        offset: u64,
    ) -> Result<Command> {
        let limit = if name == "FTPSTOR" {
            MAX_STORE_OFFSET
        } else {
            MAX_RETRIEVE_OFFSET
        };
        if offset > limit {
            return Err(Error::invalid(format!(
                "the offset {offset} is beyond {limit}, the module's limit: move the whole file"
            )));
        }
        let command = Builder::set(name).name("file name", file)?;
        Ok(command.number(type_number(file_type)).number(offset).done())
    }

    /// FTPPUT with the length of one piece (manual 1.2.20).
    pub(crate) fn piece(
        file: &[u8],
        length: usize,
        last: bool,
        file_type: FileType,
    ) -> Result<Command> {
        let command = Builder::new("FTPPUT", Reply::Piece { last }).name("file name", file)?;
        let command = command
            .number(length as u64)
            .number(last.into())
            .number(type_number(file_type));
        Ok(command.carrying(length))
    }

    /// FTPRECV under the spelling that the module knows (manual 1.2.19).
    pub(crate) fn receive(spelling: &'static str, length: usize) -> Command {
        debug_assert!(dialect::RECV_SPELLINGS.contains(&spelling));
        Builder::set(spelling)
            .number(length as u64)
            .carrying(length)
    }
}

/// The commands on a line (V.250, 5.2.1): divided by semicolons outside quotes.
fn split_unquoted(body: &[u8]) -> Vec<&[u8]> {
    let mut quoted = false;
    body.split(|&byte| {
        quoted ^= byte == b'"';
        byte == b';' && !quoted
    })
    .filter(|part| !part.trim_ascii().is_empty())
    .collect()
}

/// `FTPCWD` of `+FTPCWD="x"`, or nothing for a basic command.
fn name_of(command: &[u8]) -> String {
    let name = command
        .trim_ascii_start()
        .strip_prefix(b"+")
        .unwrap_or_default();
    let end = name
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    String::from_utf8_lossy(&name[..end.unwrap_or(name.len())]).to_ascii_uppercase()
}

/// The manual's number of a representation type.
fn type_number(file_type: FileType) -> u64 {
    match file_type {
        FileType::Ascii => 0,
        FileType::Binary => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(command: Command) -> String {
        String::from_utf8_lossy(command.line()).into_owned()
    }

    fn open(change: impl FnOnce(&mut Login)) -> String {
        let mut login = Login::new("h", "u", "p");
        change(&mut login);
        line(Command::open(&login, &Dialect::default()).unwrap())
    }

    #[test]
    fn ftpopen_sends_three_fields_or_the_whole_group() {
        assert_eq!(open(|_| ()), r#"AT+FTPOPEN="h","u","p""#);
        assert_eq!(
            open(|l| l.port = Some(2121)),
            r#"AT+FTPOPEN="h","u","p",,,2121,0"#
        );
        assert_eq!(open(|l| l.tls = true), r#"AT+FTPOPEN="h","u","p",,,990,,1"#);
        assert_eq!(
            open(|l| {
                l.account = Some(crate::config::Secret::new("a"));
                l.source_control_port = 5000;
                l.source_data_port = 5001;
                l.tls = true;
                l.port = Some(991);
            }),
            r#"AT+FTPOPEN="h","u","p","a",5000,991,5001,1"#
        );
        let mut login = Login::new("h", "u", "p");
        login.tls = true;
        let dialect = Dialect {
            tls_field: TlsField::Seventh,
        };
        assert_eq!(
            line(Command::open(&login, &dialect).unwrap()),
            r#"AT+FTPOPEN="h","u","p",,990,,1"#
        );
    }

    #[test]
    fn passwords_are_never_shown() {
        let command = Command::open(&Login::new("h", "u", "geheim"), &Dialect::default()).unwrap();
        assert_eq!(format!("{command:?}"), r#"AT+FTPOPEN="h","u",***"#);
        let raw = Command::raw(br#"AT+FTPOPEN="h","u","geheim""#).unwrap();
        assert!(!format!("{raw:?}").contains("geheim"));
    }

    #[test]
    fn transfers_always_carry_their_offset() {
        let command = Command::transfer("FTPRETR", b"a b", FileType::Binary, 0).unwrap();
        assert_eq!(line(command), r#"AT+FTPRETR="a b",1,0"#);
        assert!(Command::transfer("FTPSTOR", b"a", FileType::Binary, 0xFFFF_FFFE).is_ok());
        assert!(Command::transfer("FTPSTOR", b"a", FileType::Binary, 0xFFFF_FFFF).is_err());
        assert!(Command::transfer("FTPGET", b"a", FileType::Ascii, 0x1_0000_0000).is_err());
    }

    #[test]
    fn raw_commands_end_as_their_table_row_says_unless_they_ask() {
        assert_eq!(Command::raw(b"AT+FTPCDUP").unwrap().reply(), Reply::Outcome);
        assert_eq!(Command::raw(b"at+ftpcwd=\"x\"").unwrap().name(), "FTPCWD");
        assert_eq!(Command::raw(b"AT+FTPOPEN?").unwrap().reply(), Reply::Final);
        assert_eq!(Command::raw(b"AT+FTPRECV?").unwrap().reply(), Reply::Final);
        assert!(
            Command::raw(b"AT+FTPRETR=\"x\"")
                .unwrap_err()
                .to_string()
                .contains("get")
        );
        assert_eq!(Command::raw(b"AT").unwrap().name(), "");
        assert_eq!(Command::raw(b"ATI").unwrap().name(), "");
        assert_eq!(Command::raw(b"AT+CSQ").unwrap().name(), "CSQ");
        assert_eq!(Command::raw(b"AT+CSQ;+CREG?").unwrap().name(), "");
        assert!(Command::raw(b"AT+CSQ;+FTPSTOR=\"x\"").is_err());
        assert_eq!(
            Command::raw(b"AT+FTPCWD=\"a;b\"").unwrap().reply(),
            Reply::Outcome
        );
    }
}
