//! One command: its encoding, its parameters checked against the table's ranges.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::dialect::{self, Dialect, PortField, TlsField};
use super::table::{self, MAX_NAME, Parameter, Reply, Values};
use super::{argument, raw};
use crate::config::{FileType, Login, PdpContext};
use crate::error::{Error, Result};

/// One command, ready to be sent.
#[derive(Clone)]
pub(crate) struct Command {
    /// Shared: a command that is sent again and again is made once.
    line: Arc<Zeroizing<Vec<u8>>>,
    /// From here on the line holds secrets.
    secret_from: Option<usize>,
    name: Cow<'static, str>,
    reply: Reply,
    /// The form and the section, where the manual has the command without it.
    missing_form: Option<(&'static str, &'static str)>,
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
    parameters: &'static [Parameter],
    fields: usize,
    secret_from: Option<usize>,
}

impl Builder {
    /// A command that is no row of the table.
    fn new(name: &'static str) -> Builder {
        let mut line = Zeroizing::new(Vec::with_capacity(128));
        line.extend_from_slice(b"AT+");
        line.extend_from_slice(name.as_bytes());
        Builder {
            line,
            name,
            reply: Reply::Final,
            parameters: &[],
            fields: 0,
            secret_from: None,
        }
    }

    /// A command of the table in its set or execute form.
    fn set(name: &'static str) -> Builder {
        let mut builder = Builder::new(name);
        if let Some(row) = table::find(name) {
            (builder.reply, builder.parameters) = (row.reply, row.parameters);
        }
        builder
    }

    fn separate(&mut self) {
        self.line.push(if self.fields == 0 { b'=' } else { b',' });
        self.fields += 1;
    }

    /// Text, within the limits of its place in the row.
    fn text(mut self, text: &[u8]) -> Result<Builder> {
        if let Some(parameter) = self.parameters.get(self.fields) {
            match parameter.values {
                Values::Name(limit) => argument::check_name(parameter.name, text, limit)?,
                Values::Text(limit) => argument::check(parameter.name, text, limit)?,
                Values::Number(..) => {}
            }
        }
        self.separate();
        // No reallocation may leave a copy of a secret behind unwiped.
        let mut grown = Zeroizing::new(Vec::with_capacity(self.line.len() + text.len() + 66));
        grown.extend_from_slice(&self.line);
        self.line = grown;
        self.line.push(b'"');
        self.line.extend_from_slice(text);
        self.line.push(b'"');
        Ok(self)
    }

    /// A number, within the range of its place in the row.
    fn number(mut self, number: u64) -> Result<Builder> {
        if let Some(parameter) = self.parameters.get(self.fields)
            && let Values::Number(from, to) = parameter.values
        {
            argument::check_number(parameter.name, number, from, to)?;
        }
        self.separate();
        self.line.extend_from_slice(number.to_string().as_bytes());
        Ok(self)
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
            missing_form: None,
            line: Arc::new(self.line),
            secret_from: self.secret_from,
            name: Cow::Borrowed(self.name),
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

    /// Whether lines of any prefix may be its answer: those of basic and compound commands. `AT` alone has none
    /// (V.250, 5.2.1).
    pub(crate) fn answers_by_any_name(&self) -> bool {
        self.name.is_empty() && !self.line.trim_ascii().eq_ignore_ascii_case(b"AT")
    }

    pub(crate) fn reply(&self) -> Reply {
        self.reply
    }

    pub(crate) fn has_secret(&self) -> bool {
        self.secret_from.is_some()
    }

    /// The part of the line that holds secrets.
    pub(crate) fn secret(&self) -> &[u8] {
        let from = self.secret_from.unwrap_or(self.line.len());
        self.line.get(from..).unwrap_or_default()
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
            line: Arc::new(Zeroizing::new(line.as_bytes().to_vec())),
            secret_from: None,
            name: Cow::Borrowed(line.trim_start_matches("AT").trim_start_matches('+')),
            reply: Reply::Final,
            missing_form: None,
            length: 0,
        }
    }

    /// One raw line of a user's.
    pub(crate) fn raw(line: &[u8]) -> Result<Command> {
        let raw = raw::parse(line)?;
        Ok(Command {
            line: Arc::new(Zeroizing::new(line.to_vec())),
            secret_from: raw.secret_from,
            name: Cow::Owned(raw.name),
            reply: raw.reply,
            missing_form: raw.missing_form,
            length: 0,
        })
    }

    /// Which form this is, and the manual's section, where the manual has the command without it.
    pub(crate) fn missing_form(&self) -> Option<(&'static str, &'static str)> {
        self.missing_form
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
    pub(crate) fn named(name: &'static str, text: &[u8]) -> Result<Command> {
        Ok(Builder::set(name).text(text)?.done())
    }

    /// FTPMODE or FTPINFO.
    pub(crate) fn switch(name: &'static str, on: bool) -> Command {
        let mut builder = Builder::set(name);
        builder.separate();
        builder.line.push(if on { b'1' } else { b'0' });
        builder.done()
    }

    /// FTPREST=0: what is uploaded next begins at the start (manual 1.2.17).
    pub(crate) fn restart_at_zero() -> Command {
        let mut builder = Builder::set("FTPREST");
        builder.separate();
        builder.line.push(b'0');
        builder.done()
    }

    /// FTPREN (manual 1.2.10).
    pub(crate) fn rename(from: &[u8], to: &[u8]) -> Result<Command> {
        Ok(Builder::set("FTPREN").text(from)?.text(to)?.done())
    }

    /// FTPLIST or FTPSTAT, with or without a path (manual 1.2.11, 1.2.12).
    pub(crate) fn of_path(name: &'static str, path: Option<&[u8]>) -> Result<Command> {
        match path {
            None => Ok(Command::execute(name)),
            Some(path) => Command::named(name, path),
        }
    }

    /// AT+MIPCALL=1 (manual 3.1): activates the PDP context.
    pub(crate) fn attach(context: &PdpContext) -> Result<Command> {
        argument::check_name("APN", context.apn.as_bytes(), MAX_NAME)?;
        let command = Builder::new("MIPCALL")
            .number(1)?
            .text(context.apn.as_bytes())?;
        let Some((user, password)) = &context.login else {
            return Ok(command.done());
        };
        argument::check("APN's user name", user.as_bytes(), MAX_NAME)?;
        argument::check("APN's password", password.expose(), MAX_NAME)?;
        Ok(command
            .text(user.as_bytes())?
            .secret_from_here()
            .text(password.expose())?
            .done())
    }

    /// AT+MIPCALL=0: gives the PDP context up.
    pub(crate) fn detach() -> Command {
        Command::basic("AT+MIPCALL=0")
    }

    /// AT+GTSET="FTPLIMIT": the timer that paces FTPRETR on USB (manual 1.2.16).
    pub(crate) fn ftp_limit(period: u64) -> Result<Command> {
        argument::check_number("period of FTPLIMIT", period, 0, table::MAX_FTP_LIMIT)?;
        Ok(Builder::new("GTSET")
            .text(b"FTPLIMIT")?
            .number(period)?
            .done())
    }

    /// FTPOPEN (manual 1.2.1): three fields, or the whole group of optional ones, nothing between.
    pub(crate) fn open(login: &Login, dialect: &Dialect) -> Result<Command> {
        if login.port == Some(0) {
            return Err(Error::invalid("the port is 0: give one from 1 to 65535"));
        }
        let command = Builder::set("FTPOPEN")
            .text(login.host.as_bytes())?
            .text(&login.user)?
            .secret_from_here()
            .text(login.password.expose())?;
        let plain = login.account.is_none()
            && login.port.is_none()
            && login.source_control_port == 0
            && login.source_data_port == 0
            && !login.tls;
        if plain {
            return Ok(command.done());
        }
        let command = match &login.account {
            Some(account) => command.text(account.expose())?,
            None => command.empty(),
        };
        let server_port = login.server_port().into();
        let short = if login.tls {
            dialect.tls_field == TlsField::Seventh
        } else {
            dialect.port_field == PortField::Fifth
        };
        if short {
            return open_as_in_the_example(command, login, server_port);
        }
        let port = |command: Builder, port: u16| match port {
            0 => Ok(command.empty()),
            port => command.number(port.into()),
        };
        let command = port(command, login.source_control_port)?.number(server_port)?;
        if login.tls {
            return Ok(port(command, login.source_data_port)?.number(1)?.done());
        }
        // The last field is never left empty: a trailing comma is the likeliest thing to be refused.
        Ok(command.number(login.source_data_port.into())?.done())
    }

    /// FTPSTOR, FTPRETR or FTPGET: the offset is always given, 0 too, so that no FTPREST is left over.
    pub(crate) fn transfer(
        name: &'static str,
        file: &[u8],
        file_type: FileType,
        offset: u64,
    ) -> Result<Command> {
        let command = Builder::set(name).text(file)?;
        Ok(command
            .number(type_number(file_type))?
            .number(offset)?
            .done())
    }

    /// FTPRETR under the name that the example of manual 3.7 gives it.
    pub(crate) fn retrieve_as_ftpgetr(
        file: &[u8],
        file_type: FileType,
        offset: u64,
    ) -> Result<Command> {
        let mut command = Command::transfer("FTPRETR", file, file_type, offset)?;
        let arguments = command.line["AT+FTPRETR".len()..].to_vec();
        let line = [b"AT+FTPGETR", arguments.as_slice()].concat();
        command.line = Arc::new(Zeroizing::new(line));
        Ok(command)
    }

    /// FTPPUT with the length of one piece (manual 1.2.20).
    pub(crate) fn piece(
        file: &[u8],
        length: usize,
        last: bool,
        file_type: FileType,
    ) -> Result<Command> {
        let mut command = Builder::set("FTPPUT").text(file)?;
        command.reply = Reply::Piece { last };
        let command = command
            .number(length as u64)?
            .number(last.into())?
            .number(type_number(file_type))?;
        Ok(command.carrying(length))
    }

    /// FTPRECV under the spelling that the module knows (manual 1.2.19).
    pub(crate) fn receive(spelling: &'static str, length: usize) -> Result<Command> {
        debug_assert!(dialect::RECV_SPELLINGS.contains(&spelling));
        Ok(Builder::set(spelling)
            .number(length as u64)?
            .carrying(length))
    }
}

/// The fields in the order of the example in manual 3.1: account, the server's port, one that is empty, TLS.
fn open_as_in_the_example(command: Builder, login: &Login, server_port: u64) -> Result<Command> {
    if (login.source_control_port, login.source_data_port) != (0, 0) {
        return Err(Error::invalid(
            "in this dialect's order of FTPOPEN there is no field for the module's own ports: leave them at 0",
        ));
    }
    // Places and ranges of the table do not hold in this order.
    let mut command = command;
    command.parameters = &[];
    Ok(command
        .number(server_port)?
        .empty()
        .number(login.tls.into())?
        .done())
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
            port_field: PortField::Fifth,
        };
        assert_eq!(
            line(Command::open(&login, &dialect).unwrap()),
            r#"AT+FTPOPEN="h","u","p",,990,,1"#
        );
        (login.tls, login.port) = (false, Some(2121));
        assert_eq!(
            line(Command::open(&login, &dialect).unwrap()),
            r#"AT+FTPOPEN="h","u","p",,2121,,0"#
        );
        login.source_data_port = 20;
        assert!(Command::open(&login, &dialect).is_err());
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
