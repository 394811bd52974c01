//! The cellular side: attaching, detaching, and who answers on the port.

use super::Machine;
use super::verbs::accept;
use crate::error::{Error, ErrorKind, Result};
use crate::info::{ModemInfo, Registration};
use crate::protocol::Time;
use crate::protocol::command::Command;
use crate::protocol::engine::{Answer, Unasked};
use crate::protocol::response::{self, Line};

/// How long the address may take to come behind `AT+MIPCALL`'s OK.
const ADDRESS_LIMIT: Time = Time::from_secs(60);
/// How long an address may yet come once the module said that the context is down.
const DOWN_LIMIT: Time = Time::from_secs(2);
/// How long it is waited for before it is asked for.
const FIRST_PAUSE: Time = Time::from_secs(1);

impl Machine {
    /// Activates the PDP context; gives the module's address (manual 3.1).
    pub(super) async fn attach(&mut self, command: Command) -> Result<String> {
        if let Some(address) = self.address().await? {
            self.attach = Some(command);
            return Ok(address);
        }
        let shown = command.shown();
        let answer = self.link.run(command.clone()).await?;
        let answer = match accept(answer, &shown) {
            Ok(answer) => answer,
            Err(error) => return Err(self.explain_no_network(error).await?),
        };
        self.attach = Some(command);
        if let Some(address) = answer.lines.iter().find_map(|line| address_in(line)) {
            return Ok(address);
        }
        // Not every firmware tells it unasked: so that it is asked for, too, less and less often.
        let mut give_up = self.link.now() + ADDRESS_LIMIT;
        // The module said that the context is down; that may be the late word of a detaching before.
        let mut down = false;
        let mut pause = FIRST_PAUSE;
        let mut address = None;
        while address.is_none() && self.link.now() < give_up {
            let left = give_up.saturating_sub(self.link.now());
            let told = self
                .link
                .wait_for(pause.min(left), |shared| {
                    let lines = shared.engine.unasked();
                    lines.iter().find_map(|line| match line {
                        Unasked::Urc(line) => {
                            told_in(line.as_bytes()).filter(|told| told.is_some() || !down)
                        }
                        Unasked::Info(_) => None,
                    })
                })
                .await?;
            address = match told {
                Some(Some(address)) => Some(address),
                Some(None) => {
                    down = true;
                    give_up = give_up.min(self.link.now() + DOWN_LIMIT);
                    None
                }
                None => self.address().await?,
            };
            pause *= 2;
        }
        if address.is_none() && down {
            let text = format!(
                "the network gave no PDP context (+MIPCALL: 0 behind {shown}): look at the APN"
            );
            let error = Error::new(ErrorKind::Command, text).with_reply(None, "+MIPCALL: 0");
            return Err(self.explain_no_network(error).await?);
        }
        let Some(address) = address else {
            let error = Error::new(
                ErrorKind::Timeout,
                format!(
                    "no address came within {ADDRESS_LIMIT:?} of {shown}: look at the APN and at the coverage"
                ),
            );
            return Err(self.explain_no_network(error).await?);
        };
        Ok(address)
    }

    /// Adds what SIM and registration say to the error of an attach that failed.
    async fn explain_no_network(&mut self, error: Error) -> Result<Error> {
        let sim = self.ask("CPIN").await?;
        // A bare ERROR is what a firmware without this query says.
        if let Ask::Failed(text) = &sim
            && text != "ERROR"
        {
            return Ok(error.with_advice(&format!("the SIM is not ready ({text})")));
        }
        if let Ask::Answer(state) = &sim
            && !state.eq_ignore_ascii_case("READY")
        {
            return Ok(error.with_advice(&format!("the SIM is not ready ({state})")));
        }
        match self.registration().await? {
            Some(state) if !state.is_registered() => Ok(error.with_advice(&format!(
                "the module is not registered on a network ({state})"
            ))),
            _ => Ok(error),
        }
    }

    /// The module's address, where its PDP context is active and it tells.
    pub(super) async fn address(&mut self) -> Result<Option<String>> {
        let answer = self.link.run(Command::query("MIPCALL")).await?;
        Ok(answer.lines.iter().find_map(|line| address_in(line)))
    }

    /// Gives the PDP context up, the FTP connection before it.
    pub(super) async fn detach(&mut self) -> Result<()> {
        self.logout().await?;
        self.attach = None;
        let command = Command::detach();
        let shown = command.shown();
        let answer = self.link.run(command).await?;
        // A context that is not active needs no giving up, and some firmware says so with an error.
        if let Err(error) = accept(answer, &shown)
            && self.address().await?.is_some()
        {
            return Err(error);
        }
        Ok(())
    }

    /// Who answers, and whether it is attached. What the module refuses to tell is left out.
    pub(super) async fn modem_info(&mut self) -> Result<ModemInfo> {
        let mut info = ModemInfo {
            identification: self.ask_lines(Command::raw(b"ATI")?).await?,
            manufacturer: self.ask_line("AT+CGMI", "CGMI").await?,
            model: self.ask_line("AT+CGMM", "CGMM").await?,
            revision: self.ask_line("AT+CGMR", "CGMR").await?,
            serial_number: self.ask_line("AT+CGSN", "CGSN").await?,
            ..ModemInfo::default()
        };
        info.sim = match self.ask("CPIN").await? {
            // A bare ERROR is what a firmware without this query says.
            Ask::Failed(state) if state == "ERROR" => None,
            Ask::Answer(state) | Ask::Failed(state) => Some(state),
            Ask::Nothing => None,
        };
        info.registration = self.registration().await?;
        if let Ask::Answer(operator) = self.ask("COPS").await? {
            // +COPS: mode,format,"operator",access technology
            let mut fields = split_fields(&operator).into_iter().skip(2);
            info.operator = fields.next().filter(|name| !name.is_empty());
            info.access_technology = fields.next().and_then(|field| field.parse().ok());
        }
        let signal = self.ask_lines(Command::basic("AT+CSQ")).await?;
        info.signal = signal.first().and_then(|line| {
            let rest = line.trim_start_matches("+CSQ:").trim();
            rest.split(',').next()?.trim().parse().ok()
        });
        info.address = self.address().await?;
        info.ftp_connected = self.ask_connected().await?;
        Ok(info)
    }

    /// The packet registration; that of a firmware that knows only circuits where it knows no other.
    async fn registration(&mut self) -> Result<Option<Registration>> {
        let mut found = None;
        for name in ["CEREG", "CREG"] {
            if let Ask::Answer(text) = self.ask(name).await? {
                let state = split_fields(&text)
                    .get(1)
                    .and_then(|field| field.parse().ok())
                    .map(Registration::from_number);
                if state.is_some_and(Registration::is_registered) {
                    return Ok(state);
                }
                found = found.or(state);
            }
        }
        Ok(found)
    }

    /// A read form: what stands behind its prefix.
    async fn ask(&mut self, name: &'static str) -> Result<Ask> {
        let answer = self.hear(Command::query(name)).await?;
        if let Err(failure) = &answer.result {
            return Ok(Ask::Failed(failure.text.clone()));
        }
        let line = answer.lines.first().map(|line| {
            match response::parse(line) {
                Line::Answer { rest, .. } => String::from_utf8_lossy(rest),
                _ => String::from_utf8_lossy(line),
            }
            .into_owned()
        });
        Ok(line.map_or(Ask::Nothing, Ask::Answer))
    }

    /// A question; an `OK` without an answer may belong to a command before, and the answer to the next one.
    async fn hear(&mut self, command: Command) -> Result<Answer> {
        let answer = self.link.run(command).await?;
        if answer.result.is_ok() && answer.lines.is_empty() && !self.prove().await? {
            self.link.shared().dirty = true;
        }
        Ok(answer)
    }

    async fn ask_lines(&mut self, command: Command) -> Result<Vec<String>> {
        let answer = self.hear(command).await?;
        if answer.result.is_err() {
            return Ok(Vec::new());
        }
        let text = |line: &Vec<u8>| String::from_utf8_lossy(line.trim_ascii()).into_owned();
        Ok(answer.lines.iter().map(text).collect())
    }

    /// The first line of an identity, with or without a prefix and quotes.
    async fn ask_line(&mut self, line: &'static str, name: &str) -> Result<Option<String>> {
        let lines = self.ask_lines(Command::basic(line)).await?;
        Ok(lines.into_iter().next().map(|text| {
            let body = text.strip_prefix('+').and_then(|rest| {
                let rest = rest.trim_start().strip_prefix(name)?;
                rest.trim_start().strip_prefix(':')
            });
            body.unwrap_or(&text).trim().trim_matches('"').to_owned()
        }))
    }
}

/// How a read form was answered.
enum Ask {
    Answer(String),
    /// An error, in the modem's words.
    Failed(String),
    /// `OK` alone.
    Nothing,
}

/// Fields between commas, without their quotes.
fn split_fields(text: &str) -> Vec<String> {
    let mut quoted = false;
    text.split(|character: char| {
        quoted ^= character == '"';
        character == ',' && !quoted
    })
    .map(|field| field.trim().trim_matches('"').to_owned())
    .collect()
}

/// What a line tells of the context: its address, or `Some(None)` where it is down.
fn told_in(line: &[u8]) -> Option<Option<String>> {
    match response::parse(line) {
        Line::Answer { name, rest } if name.eq_ignore_ascii_case(b"MIPCALL") => match rest {
            b"0" => Some(None),
            _ => address_in(line).map(Some),
        },
        _ => None,
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
    let addresses = rest.split(|&byte| byte == b',').filter_map(|field| {
        let text = std::str::from_utf8(response::unquote(field)).ok()?;
        text.parse::<std::net::IpAddr>().ok()
    });
    let mut known = addresses.filter(|address| !address.is_unspecified());
    known.next().map(|address| address.to_string())
}
