//! One command of each kind, as the session sends them.

use crate::config::{FileType, Login, PdpContext};
use crate::error::Result;
use crate::protocol::command::Command;
use crate::protocol::dialect::Dialect;

/// The password of the commands that carry one.
pub(crate) const SECRET: &str = "geheim";

/// How a command is given to the engine.
#[derive(Clone)]
pub(crate) enum How {
    Plain,
    /// With the bytes that follow its prompt.
    Piece(Vec<u8>),
    /// As a proof that the line is sound.
    Proof,
    /// A download of a file of known size.
    Sized(u64),
}

pub(crate) fn all() -> Vec<(Command, How)> {
    let login = Login::new("h", "u", SECRET);
    let file_type = FileType::Binary;
    let transfer = |name| Command::transfer(name, b"f", file_type, 0);
    let of_path = |name| Command::of_path(name, Some(b"p"));
    let plain: [Result<Command>; 26] = [
        Command::open(&login, &Dialect::default()),
        Command::attach(&PdpContext::new("a").with_login("u", SECRET)),
        Ok(Command::execute("FTPCLOSE")),
        Ok(Command::switch("FTPINFO", true)),
        Command::named("FTPCWD", b"d"),
        Command::named("FTPMKD", b"d"),
        Command::named("FTPRMD", b"d"),
        Ok(Command::execute("FTPPWD")),
        Ok(Command::execute("FTPCDUP")),
        Command::named("FTPDEL", b"f"),
        Command::rename(b"a", b"b"),
        of_path("FTPLIST"),
        of_path("FTPSTAT"),
        Ok(Command::execute("FTPSYST")),
        Ok(Command::execute("FTPNOOP")),
        transfer("FTPSTOR"),
        transfer("FTPRETR"),
        Command::retrieve_as_ftpgetr(b"f", file_type, 0),
        transfer("FTPGET"),
        Command::receive("FTPRECV", 9),
        Command::receive("FTP_RECV", 3000),
        Ok(Command::query("FTPINFO")),
        Ok(Command::query("FTPGET")),
        Command::raw(b"AT+CSQ"),
        Ok(Command::basic("ATI")),
        Command::raw(b"AT+CSQ;+COPS?"),
    ];
    let piece = |length, last| {
        let command = Command::piece(b"f", length, last, file_type)?;
        Ok((command, How::Piece(vec![b'd'; length])))
    };
    let others: [Result<(Command, How)>; 6] = [
        piece(7, false),
        piece(1024, true),
        Ok((Command::query("FTPOPEN"), How::Proof)),
        Ok((Command::query("MIPCALL"), How::Proof)),
        transfer("FTPRETR").map(|command| (command, How::Sized(5))),
        transfer("FTPRETR").map(|command| (command, How::Sized(0))),
    ];
    let plain = plain
        .into_iter()
        .map(|command| command.map(|command| (command, How::Plain)));
    plain
        .chain(others)
        .collect::<Result<Vec<_>>>()
        .unwrap_or_default()
}
