//! Opening the FTP connection, and opening it anew after it was lost.

use super::Machine;
use super::verbs::{accept, state_of};
use crate::config::Login;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::command::Command;

impl Machine {
    pub(super) async fn login(&mut self, login: Login) -> Result<()> {
        if self.connected {
            return Err(Error::new(
                ErrorKind::Busy,
                "an FTP connection is open already and the module has only one: close it first",
            ));
        }
        self.directory.clear();
        self.login = None;
        self.establish(&login).await?;
        self.login = Some(login);
        Ok(())
    }

    /// Opens the connection and brings it to where it was; anything less counts as none, and is closed.
    async fn establish(&mut self, login: &Login) -> Result<()> {
        if self.must_close {
            self.close_whatever_is_open().await?;
        } else if self.open_refused && self.ask_connected().await? == Some(true) {
            // One that nobody here knows of, such as a late one, stood in the way: it is never adopted.
            self.close_whatever_is_open().await?;
        }
        self.open_connection(login).await?;
        for command in self.directory.clone() {
            let shown = command.shown();
            self.ftp(command, "directory", shown.as_bytes()).await?;
        }
        self.connected = true;
        self.must_close = false;
        Ok(())
    }

    async fn open_connection(&mut self, login: &Login) -> Result<()> {
        let command = Command::open(login, &self.dialect)?;
        let active = !login.passive;
        // Some firmware may take it only with a connection open: what counts is the state behind FTPOPEN.
        let set = self.link.run(Command::switch("FTPMODE", active)).await?;
        let shown = command.shown();
        let answer = self.link.run(command).await?;
        self.open_refused = answer.result.is_err() || answer.outcome != Some(1);
        let answer = accept(answer, &shown).map_err(|error| match error.code() {
            None => {
                error.with_advice("it may have to be attached to the network first (AT+MIPCALL)")
            }
            Some(_) => error,
        })?;
        if answer.outcome != Some(1) {
            return Err(self.explain_refusal(login).await?);
        }
        self.must_close = true;
        // FTPOPEN may set the mode back (manual 1.2.21).
        let read = self.link.run(Command::query("FTPMODE")).await?;
        let now = read.lines.first().and_then(|line| state_of(line));
        if now.is_some_and(|now| now != u64::from(active)) || set.result.is_err() && !login.passive
        {
            accept(
                self.link.run(Command::switch("FTPMODE", active)).await?,
                "AT+FTPMODE",
            )?;
        }
        if self.info {
            self.send_info(true).await?;
        }
        Ok(())
    }

    /// FTPOPEN's outcome 0 gives no reason: say what is possible, and what can be excluded.
    async fn explain_refusal(&mut self, login: &Login) -> Result<Error> {
        let port = login.server_port();
        let address = self.address().await?;
        let network = match &address {
            Some(address) => format!("the PDP context is not the cause (it is active, {address})"),
            None => "an inactive PDP context (attach first)".to_owned(),
        };
        let tls = if login.tls {
            ", TLS or its certificates"
        } else {
            ""
        };
        let possible = format!(
            "possible are a wrong host name or port, a server that cannot be reached or refuses, a wrong user name, \
             password or account{tls}"
        );
        let sentence = match address {
            Some(_) => format!("{possible}; {network}"),
            None => format!("{possible}, or {network}"),
        };
        Ok(Error::new(
            ErrorKind::NotConnected,
            format!(
                "no FTP connection to {}:{port} as {} (+FTPOPEN: 0): the modem gives no reason; {sentence}",
                login.host,
                String::from_utf8_lossy(&login.user)
            ),
        )
        .with_reply(None, "+FTPOPEN: 0"))
    }

    /// Makes sure that the connection stands; one that was lost or had to be closed is opened anew with all that it had.
    pub(super) async fn connect(&mut self) -> Result<()> {
        if self.connected {
            return Ok(());
        }
        let Some(login) = self.login.clone() else {
            return Err(Error::new(
                ErrorKind::NotConnected,
                "no FTP connection is open: log in first",
            ));
        };
        if let Some(command) = self.attach.clone() {
            self.attach(command).await?;
        }
        self.establish(&login).await
    }

    /// Closes the connection; closing what is closed is no error (manual 1.2.2).
    pub(super) async fn logout(&mut self) -> Result<()> {
        let was_open = self.connected;
        self.login = None;
        self.directory.clear();
        self.info = false;
        if !was_open {
            return Ok(());
        }
        let answer = self.link.run(Command::execute("FTPCLOSE")).await?;
        if (answer.result.is_err() || answer.outcome == Some(0))
            && self.ask_connected().await? == Some(true)
        {
            let closed = accept(answer, "AT+FTPCLOSE")?;
            let text = format!("+FTPCLOSE: {}", closed.outcome.unwrap_or(0));
            return Err(Error::new(
                    ErrorKind::Refused,
                    format!("the module did not close the FTP connection ({text}): something is still being transferred"),
                )
                .with_reply(None, text));
        }
        self.forget_connection();
        Ok(())
    }

    pub(super) async fn switch_info(&mut self, on: bool) -> Result<()> {
        self.connect().await?;
        self.send_info(on).await?;
        self.info = on;
        Ok(())
    }

    async fn send_info(&mut self, on: bool) -> Result<()> {
        let answer = self.link.run(Command::switch("FTPINFO", on)).await?;
        accept(answer, if on { "AT+FTPINFO=1" } else { "AT+FTPINFO=0" }).map(|_| ())
    }
}
