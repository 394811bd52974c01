//! What the steps of a scenario are to the session.

use crate::config::{FileType, Login, PdpContext, Verify, Via};
use crate::error::Result;
use crate::protocol::command::Command;
use crate::scenario::{Check, Move, Verb, Way};
use crate::session::{Job, Task};

/// The name that is sent: whatever directory the connection is in.
pub(crate) fn path(name: &str) -> String {
    format!("/{name}")
}

pub(crate) fn job(file: &Move) -> Job {
    Job {
        name: path(&file.name).into_bytes(),
        via: match file.way {
            Way::Auto => Via::Auto,
            Way::Stream => Via::Stream,
            Way::Block => Via::Block,
        },
        file_type: if file.ascii {
            FileType::Ascii
        } else {
            FileType::Binary
        },
        offset: file.offset,
        resume: file.resume,
        retry: None,
        temporary: false,
        verify: match file.check {
            Check::Size => Verify::Size,
            Check::Readback => Verify::Readback,
            Check::Nothing => Verify::None,
        },
    }
}

pub(crate) fn attach() -> Result<Task> {
    Ok(Task::Attach(Command::attach(&PdpContext::new("CTNET"))?))
}

pub(crate) fn login() -> Task {
    Task::Login(Box::new(Login::new("ftp.example.com", "user", "secret")))
}

/// What is asked for; `None` for what is more than one task.
pub(crate) fn task(verb: Verb) -> Result<Option<Task>> {
    let ftp = |what: &'static str, name: &str, command: Command| Task::Verb {
        command,
        what,
        name: name.as_bytes().to_vec(),
    };
    let named =
        |what, command, name: &str| Ok(ftp(what, name, Command::named(command, name.as_bytes())?));
    let plain = |what, command| ftp(what, "", Command::execute(command));
    let task: Result<Task> = match verb {
        Verb::Restart => return Ok(None),
        Verb::Attach => attach(),
        Verb::Login => Ok(login()),
        Verb::Logout => Ok(Task::Logout),
        Verb::Status => Ok(Task::Status),
        Verb::Info => Ok(Task::Info),
        Verb::ReportOn => Ok(Task::Report(true)),
        Verb::ReportOff => Ok(Task::Report(false)),
        Verb::Raw => Ok(Task::Command(Command::raw(b"AT+CSQ")?)),
        Verb::Pwd => Ok(plain("working directory", "FTPPWD")),
        Verb::Cdup => Ok(plain("parent directory", "FTPCDUP")),
        Verb::Syst => Ok(plain("system type", "FTPSYST")),
        Verb::Noop => Ok(plain("NOOP", "FTPNOOP")),
        Verb::Cwd => named("directory", "FTPCWD", "/d"),
        Verb::Mkd => named("new directory", "FTPMKD", "/n"),
        Verb::Rmd => named("removal of the directory", "FTPRMD", "/n"),
        Verb::Delete => named("deletion", "FTPDEL", "/r9"),
        Verb::Rename => Ok(ftp("renaming", "/r9", Command::rename(b"/r9", b"/r8")?)),
        Verb::Stat => Ok(ftp("status", "", Command::of_path("FTPSTAT", None)?)),
        Verb::List => Ok(Task::List(Some(b"/".to_vec()))),
    };
    task.map(Some)
}
