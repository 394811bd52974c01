//! What the steps of a scenario are to the session.

use std::time::Duration;

use crate::config::{FileType, Login, PdpContext, Retry, Verify, Via};
use crate::error::Result;
use crate::protocol::command::Command;
use crate::scenario::{Check, Move, Retries, Scenario, Verb, Way};
use crate::session::temporary::temporary_name;
use crate::session::{Job, Task};

/// The name that is sent: whatever directory the connection is in.
pub(crate) fn path(name: &str) -> String {
    format!("/{name}")
}

/// The name that an upload under a temporary one has first.
pub(crate) fn temporary(path: &str) -> String {
    String::from_utf8_lossy(&temporary_name(path.as_bytes())).into_owned()
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
        // As the driver's options have it.
        resume: file.resume || file.retry.is_some(),
        retry: file.retry.map(retry),
        temporary: file.temporary,
        verify: match file.check {
            Check::Size => Verify::Size,
            Check::Readback => Verify::Readback,
            Check::Nothing => Verify::None,
        },
    }
}

fn retry(retries: Retries) -> Retry {
    let mut retry = Retry::new(retries.tries);
    retry.delay = Duration::from_millis(retries.delay);
    retry.max_delay = Duration::from_millis(retries.max_delay);
    retry.max_time = (retries.max_time > 0).then(|| Duration::from_millis(retries.max_time));
    retry
}

pub(crate) fn attach() -> Result<Task> {
    Ok(Task::Attach(Command::attach(&PdpContext::new("CTNET"))?))
}

pub(crate) fn login(scenario: &Scenario) -> Task {
    let mut login = Login::new("ftp.example.com", "user", "secret");
    login.passive = !scenario.active;
    login.tls = scenario.tls;
    Task::Login(Box::new(login))
}

/// What is asked for; `None` for what is more than one task.
pub(crate) fn task(scenario: &Scenario, verb: Verb) -> Result<Option<Task>> {
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
        Verb::Login => Ok(login(scenario)),
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
