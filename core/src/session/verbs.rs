//! Single commands: their errors in plain sentences, and what the connection's state says about them.

use super::Machine;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::Time;
use crate::protocol::codes::ResultCode;
use crate::protocol::command::Command;
use crate::protocol::engine::Answer;
use crate::protocol::response;

/// Data that is no longer than this holds no command that changes anything.
const HARMLESS: u64 = 3;
/// What follows a listing's end sooner than this was part of it.
const LISTING_QUIET: Time = Time::from_millis(20);
/// How long a line that has begun may take to end.
const LINE_LIMIT: Time = Time::from_secs(1);

impl Machine {
    /// A raw command of the user's, with what it changes in our own picture of the modem.
    pub(super) async fn raw(&mut self, command: Command) -> Result<Vec<Vec<u8>>> {
        let shown = command.shown();
        let name = command.name().to_owned();
        let missing = command.missing_form();
        let answer = self.link.run(command.clone()).await?;
        match (name.as_str(), answer.outcome) {
            ("FTPOPEN", Some(1)) => self.connected = true,
            ("FTPCLOSE", Some(1)) => self.forget_connection(),
            ("FTPCWD" | "FTPCDUP", Some(1)) => self.note_directory(command),
            _ => {}
        }
        let refused = answer.outcome == Some(0);
        let answer = accept(answer, &shown).map_err(|error| match missing {
            Some((form, section)) => {
                error.with_advice(&format!("the manual ({section}) has no {form} form of it"))
            }
            None => error,
        })?;
        if refused {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{shown} failed on the FTP server (+{name}: 0)"),
            )
            .with_reply(None, format!("+{name}: 0")));
        }
        Ok(answer.lines)
    }

    /// One FTP command on the open connection.
    pub(super) async fn verb(
        &mut self,
        command: Command,
        what: &'static str,
        name: &[u8],
    ) -> Result<Vec<Vec<u8>>> {
        self.connect().await?;
        let answer = self.ftp(command.clone(), what, name).await?;
        if command.name() == "FTPSTAT" {
            self.require_quiet("status").await?;
        }
        if matches!(command.name(), "FTPCWD" | "FTPCDUP") {
            self.note_directory(command);
        }
        Ok(answer.lines)
    }

    /// Remembers where the connection stands, for the next one.
    fn note_directory(&mut self, command: Command) {
        if command.line().windows(3).any(|start| start == b"=\"/") {
            // An absolute path makes all before it void.
            self.directory.clear();
        }
        self.directory.push(command);
    }

    /// Sends an FTP command; a failure is explained by asking for the state of the connection.
    pub(super) async fn ftp(
        &mut self,
        command: Command,
        what: &str,
        name: &[u8],
    ) -> Result<Answer> {
        let shown = command.shown();
        let ftp_name = command.name().to_owned();
        let answer = self.link.run(command).await?;
        self.judge(answer, &shown, &ftp_name, what, name).await
    }

    /// Turns outcome 0 and errors into an [`Error`].
    pub(super) async fn judge(
        &mut self,
        answer: Answer,
        shown: &str,
        ftp_name: &str,
        what: &str,
        name: &[u8],
    ) -> Result<Answer> {
        let failed = answer.result.is_err() || answer.outcome == Some(0);
        let mut doubtful = answer.early;
        if failed && !answer.early && ftp_name == "FTPSTOR" && answer.payload > HARMLESS {
            // The end of the data may be on its way yet.
            self.store_doubtful = true;
            self.link.shared().dirty = true;
            doubtful = !self.end_failed_store().await?;
            self.store_doubtful = doubtful;
            self.link.shared().dirty = doubtful;
        }
        if doubtful {
            // The data phase may be open yet: nothing may be asked before it was left.
            self.link.shared().engine.drop_unsent();
            self.link.shared().dirty = true;
            self.store_doubtful = true;
            if answer.result.is_ok() && answer.outcome != Some(0) {
                return Err(Error::new(
                    ErrorKind::Transfer,
                    format!(
                        "the modem ended {shown} before all of its data was sent: bytes were lost on the line; \
                         look at its flow control"
                    ),
                ));
            }
        } else if answer.result.is_ok() && answer.outcome != Some(0) {
            return Ok(answer);
        } else {
            match self.ask_connected().await? {
                Some(true) => {}
                Some(false) => {
                    self.forget_connection();
                    let text = reply_text(&answer, ftp_name);
                    return Err(Error::new(
                        ErrorKind::NotConnected,
                        format!(
                            "the FTP connection was lost during {shown} ({text}): the next call opens it again"
                        ),
                    )
                    .with_reply(answer.result.err().and_then(|failure| failure.code), text));
                }
                // Busy, as with a part of a file that it took for commands: the line is proven before the next call.
                None => self.link.shared().dirty |= ftp_name == "FTPSTOR" && answer.payload > 0,
            }
        }
        if answer.result.is_err() && answer.outcome != Some(0) {
            return accept(answer, shown);
        }
        let about = if name.is_empty() {
            String::new()
        } else {
            format!(": {}", String::from_utf8_lossy(name))
        };
        let text = format!("+{ftp_name}: 0");
        Err(Error::new(
            ErrorKind::Refused,
            format!("FTP server refused the {what} ({text}){about}"),
        )
        .with_reply(None, text))
    }

    /// FTPOPEN?: whether the connection stands; `None` where the modem does not say.
    pub(super) async fn ask_connected(&mut self) -> Result<Option<bool>> {
        // An OK that somebody else is owed proves nothing: only a line of its own does.
        let answer = self.link.ask(Command::query("FTPOPEN")).await?;
        let state = answer.lines.first().and_then(|line| state_of(line));
        Ok(state.map(|state| state == 1))
    }

    /// Whether the connection stands, in the modem's own words, and in ours where it has none.
    pub(super) async fn status(&mut self) -> Result<bool> {
        let stands = self.ask_connected().await?.unwrap_or(self.connected);
        if !stands {
            self.forget_connection();
        }
        Ok(stands && self.connected)
    }

    pub(super) fn forget_connection(&mut self) {
        self.connected = false;
        self.must_close = false;
        self.listed_a_path = false;
        self.pieces = None;
        self.link.shared().engine.forget_fetch_notices();
    }

    /// FTPLIST: the text goes to the caller.
    pub(super) async fn list(&mut self, path: Option<Vec<u8>>) -> Result<()> {
        self.connect().await?;
        let command = self.list_command(path.as_deref())?;
        self.link.shared().buffers.destination = super::buffers::Destination::Caller;
        self.listing(command, path.as_deref().unwrap_or_default())
            .await
    }

    /// FTPLIST of a path, or of the working directory. Without a path it may mean the last one (manual 1.2.11): where
    /// there was one on this connection, the directory is named.
    pub(super) fn list_command(&mut self, path: Option<&[u8]>) -> Result<Command> {
        let path = match path {
            None if self.listed_a_path => Some(&b"."[..]),
            path => path,
        };
        self.listed_a_path |= path.is_some();
        Command::of_path("FTPLIST", path)
    }

    /// Runs FTPLIST, then requires quiet: a file name could have faked the end of the list.
    pub(super) async fn listing(&mut self, command: Command, path: &[u8]) -> Result<()> {
        self.ftp(command, "listing", path).await?;
        self.require_quiet("listing").await
    }

    /// Requires that no more text comes behind the end of a text that a server made.
    async fn require_quiet(&mut self, what: &str) -> Result<()> {
        let mut strayed = self.strays(LISTING_QUIET).await?;
        if !strayed && self.link.shared().engine.is_inside_line() {
            strayed = self.strays(LINE_LIMIT).await?;
        }
        if strayed {
            self.link.shared().dirty = true;
            return Err(Error::new(
                ErrorKind::Transfer,
                format!(
                    "the {what} went on behind its end: a file name on the server may imitate the modem; ask for another folder"
                ),
            ));
        }
        Ok(())
    }

    /// Whether free text comes that nobody asked for; URCs and FTPINFO may.
    async fn strays(&mut self, limit: Time) -> Result<bool> {
        let strayed = self
            .link
            .wait_for(limit, |shared| {
                (shared.engine.stray_text() > 0).then_some(())
            })
            .await?;
        Ok(strayed.is_some())
    }
}

/// The number of an answer such as `+FTPOPEN: 1`.
pub(super) fn state_of(line: &[u8]) -> Option<u64> {
    match response::parse(line) {
        response::Line::Answer { rest, .. } => {
            response::number(rest.split(|&byte| byte == b',').next()?.trim_ascii())
        }
        _ => None,
    }
}

fn reply_text(answer: &Answer, name: &str) -> String {
    match &answer.result {
        Err(failure) => failure.text.clone(),
        Ok(()) => format!("+{name}: {}", answer.outcome.unwrap_or(0)),
    }
}

/// A final result other than `OK` becomes an error that explains its number.
pub(super) fn accept(answer: Answer, shown: &str) -> Result<Answer> {
    let Err(failure) = &answer.result else {
        return Ok(answer);
    };
    let mut message = format!("the modem answered {} to {shown}", failure.text);
    // A text under AT+CMEE=2 says what the code means already.
    if let Some(meaning) = failure.code.and_then(ResultCode::meaning)
        && !failure.text.contains(meaning)
    {
        message = format!("{message}: {meaning}");
    }
    message += match failure.code.and_then(ResultCode::advice) {
        Some(advice) => ["; ", advice].concat(),
        None if failure.code.is_none() && is_bare(&failure.text) => {
            "; it gives no reason: look at the command's syntax and at the modem's state".to_owned()
        }
        None => String::new(),
    }
    .as_str();
    Err(Error::new(ErrorKind::Command, message).with_reply(failure.code, failure.text.clone()))
}

/// `ERROR` and nothing more.
fn is_bare(text: &str) -> bool {
    text.trim_end_matches(':').trim_end() == "ERROR"
}
