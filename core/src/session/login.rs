//! Attaching, opening the FTP connection, and opening it anew after it was lost.

use super::Machine;
use super::verbs::{accept, state_of};
use crate::config::Login;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::Time;
use crate::protocol::command::Command;
use crate::protocol::engine::Unasked;
use crate::protocol::response::{self, Line};

/// How long the address may take to come behind `AT+MIPCALL`'s OK.
const ADDRESS_LIMIT: Time = Time::from_secs(60);

impl Machine {
    /// Activates the PDP context; gives the module's address (manual 3.1).
    pub(super) async fn attach(&mut self, command: Command) -> Result<Vec<String>> {
        if let Some(address) = self.address().await? {
            self.attach = Some(command);
            return Ok(vec![address]);
        }
        let shown = command.shown();
        let answer = accept(self.link.run(command.clone()).await?, &shown)?;
        self.attach = Some(command);
        if let Some(address) = answer.lines.iter().find_map(|line| address_in(line)) {
            return Ok(vec![address]);
        }
        let told = self
            .link
            .wait_for(ADDRESS_LIMIT, |shared| {
                let lines = shared.engine.unasked();
                lines.iter().find_map(|line| match line {
                    Unasked::Urc(line) => address_in(line.as_bytes()),
                    Unasked::Info(_) => None,
                })
            })
            .await?;
        let address = match told {
            Some(address) => Some(address),
            None => self.address().await?,
        };
        let error = || {
            Error::new(
                ErrorKind::Timeout,
                format!(
                    "no address came within {ADDRESS_LIMIT:?} of {shown}: look at the APN and at the coverage"
                ),
            )
        };
        address.map(|address| vec![address]).ok_or_else(error)
    }

    /// The module's address, where its PDP context is active and it tells.
    async fn address(&mut self) -> Result<Option<String>> {
        let answer = self.link.run(Command::query("MIPCALL")).await?;
        Ok(answer.lines.iter().find_map(|line| address_in(line)))
    }

    pub(super) async fn login(&mut self, login: Login) -> Result<Vec<String>> {
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
        Ok(Vec::new())
    }

    /// Opens the connection and brings it to where it was; anything less counts as none, and is closed.
    async fn establish(&mut self, login: &Login) -> Result<()> {
        if self.must_close {
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
        let mode = u64::from(!login.passive);
        // Some firmware may take it only with a connection open: what counts is the state behind FTPOPEN.
        let set = self.link.run(Command::numbered("FTPMODE", mode)).await?;
        let shown = command.shown();
        let answer =
            accept(self.link.run(command).await?, &shown).map_err(|error| match error.code() {
                None => error
                    .with_advice("it may have to be attached to the network first (AT+MIPCALL)"),
                Some(_) => error,
            })?;
        if answer.outcome != Some(1) {
            return Err(self.explain_refusal(login).await?);
        }
        self.must_close = true;
        // FTPOPEN may set the mode back (manual 1.2.21).
        let read = self.link.run(Command::query("FTPMODE")).await?;
        let now = read.lines.first().and_then(|line| state_of(line));
        if now.is_some_and(|now| now != mode) || set.result.is_err() && !login.passive {
            accept(
                self.link.run(Command::numbered("FTPMODE", mode)).await?,
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
        let port = login.port.unwrap_or(if login.tls { 990 } else { 21 });
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
    pub(super) async fn logout(&mut self) -> Result<Vec<String>> {
        let was_open = self.connected;
        self.login = None;
        self.directory.clear();
        self.info = false;
        if !was_open {
            return Ok(Vec::new());
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
        Ok(Vec::new())
    }

    pub(super) async fn switch_info(&mut self, on: bool) -> Result<Vec<String>> {
        self.connect().await?;
        self.send_info(on).await?;
        self.info = on;
        Ok(Vec::new())
    }

    async fn send_info(&mut self, on: bool) -> Result<()> {
        let answer = self
            .link
            .run(Command::numbered("FTPINFO", on.into()))
            .await?;
        accept(answer, if on { "AT+FTPINFO=1" } else { "AT+FTPINFO=0" }).map(|_| ())
    }
}

/// The address in `+MIPCALL: 1,10.0.0.1` or `+MIPCALL: 10.0.0.1`.
fn address_in(line: &[u8]) -> Option<String> {
    let Line::Answer { name, rest } = response::parse(line) else {
        return None;
    };
    if !name.eq_ignore_ascii_case(b"MIPCALL") {
        return None;
    }
    let field = rest.rsplit(|&byte| byte == b',').next()?;
    let text = std::str::from_utf8(response::unquote(field)).ok()?;
    text.parse::<std::net::IpAddr>()
        .ok()
        .filter(|address| !address.is_unspecified())
        .map(|address| address.to_string())
}
