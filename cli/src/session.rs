//! A run's way to the modem and back: open, attach, log in, do one thing, close.

use std::ffi::OsStr;
use std::path::Path;

use nlftp_core::{Ftp, Modem};

use crate::args::Global;
use crate::failure::Failure;
use crate::login::login;
use crate::output::{Output, printable};
use crate::signals::Signals;
use crate::url::Location;

/// What every verb is given.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) global: &'a Global,
    /// A port other than the one that the user names.
    pub(crate) port: Option<&'a Path>,
    pub(crate) output: &'a Output,
    pub(crate) signals: &'a Signals,
}

impl Context<'_> {
    /// Opens the port, does something, and closes the port, whatever happened.
    ///
    /// What was done counts: when only the closing fails, that is a warning.
    pub(crate) fn with_modem<T>(
        &self,
        work: impl FnOnce(&Modem) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let result = self.open().and_then(|modem| {
            let result = work(&modem);
            self.signals.unwatch();
            self.close(modem, result)
        });
        self.signals.unwatch();
        result.map_err(|failure| {
            if self.signals.caught() {
                failure.interrupted()
            } else {
                failure
            }
        })
    }

    /// The same, attached to the network first where the options say so.
    pub(crate) fn with_network<T>(
        &self,
        work: impl FnOnce(&Modem) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        // Before the port is opened: a name that no command can carry needs no modem.
        let access_point = self.global.access_point(None)?;
        self.with_modem(|modem| {
            if let Some(access_point) = access_point {
                modem.attach(access_point)?;
                self.signals.check()?;
            }
            work(modem)
        })
    }

    /// The same with a login on a server.
    pub(crate) fn with_ftp<T>(
        &self,
        location: &Location,
        account: Option<&OsStr>,
        work: impl FnOnce(&Ftp) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        // Before the port is opened: a login that makes no sense needs no modem.
        let login = login(location, account, self.global.active, self.output)?;
        self.with_network(|modem| {
            let ftp = modem.ftp(&login)?;
            if self.output.verbose() {
                let screen = self.output.screen().clone();
                ftp.on_info(move |line| screen.line(&format!("ftp: {}", printable(line))))?;
            }
            self.signals.check()?;
            work(&ftp)
        })
    }

    fn open(&self) -> Result<Modem, Failure> {
        let path = match self.port {
            Some(port) => port.to_owned(),
            None => self.global.port()?,
        };
        self.signals.check()?;
        let modem = Modem::new(path, self.global.config())?;
        self.signals.watch(modem.canceller());
        modem.start_open().wait()?;
        for warning in modem.warnings() {
            self.output.warn(&warning);
        }
        if self.output.verbose() {
            let screen = self.output.screen().clone();
            modem.on_urc(move |line| screen.line(&format!("modem: {}", printable(line))));
        }
        self.signals.check()?;
        Ok(modem)
    }

    fn close<T>(&self, modem: Modem, result: Result<T, Failure>) -> Result<T, Failure> {
        let closed = modem.close();
        if let (Ok(_), Err(error)) = (&result, closed) {
            self.output.warn(&format!(
                "all was done, but the session did not close cleanly: {error}"
            ));
        }
        result
    }
}
