//! Identity and settings: V.250, 3GPP TS 27.007, and what is Fibocom's own.

use super::argument::Arguments;
use super::fault::Fault;
use super::{Answer, Form, Handled, Request};
use crate::Modem;
use crate::config::{Dtr, Settings};

const MANUFACTURER: &str = "Fibocom";
const MODEL: &str = "NL668";
const REVISION: &str = concat!("nlftp-vmodem ", env!("CARGO_PKG_VERSION"));
const SERIAL: &str = "860000000000009";
/// The one setting of AT+GTSET that the manual names.
const FTP_LIMIT: &str = "FTPLIMIT";

impl Modem {
    /// An information line under a command's name.
    pub(crate) fn information(&mut self, name: &str, values: &str) {
        let line = self.config.dialect.prefix(name) + values;
        self.output.line(line.as_bytes());
    }

    /// AT&F and ATZ: every setting as at the start, but for what belongs to the FTP connection.
    fn reset_settings(&mut self) {
        self.settings = Settings {
            info: self.settings.info,
            ..Settings::new(&self.config)
        };
        (self.output.words, self.output.quiet) = (true, false);
    }
}

/// Basic commands: a letter, perhaps behind `&`, and a number, which is 0 where it is left out.
pub(crate) fn basic(modem: &mut Modem, command: &[u8]) -> Handled {
    let upper = command.to_ascii_uppercase();
    let dtr_absent = modem.config.dtr == Dtr::Absent;
    let always_closes = !modem.config.dialect.dtr_needs_d2;
    match upper.as_slice() {
        b"E" | b"E0" => modem.settings.echo = false,
        b"E1" => modem.settings.echo = true,
        b"V" | b"V0" => modem.output.words = false,
        b"V1" => modem.output.words = true,
        b"Q" | b"Q0" => modem.output.quiet = false,
        b"Q1" => modem.output.quiet = true,
        b"I" | b"I0" => {
            for line in [MANUFACTURER, MODEL, REVISION] {
                modem.output.line(line.as_bytes());
            }
        }
        b"&D" | b"&D0" | b"&D1" | b"&D2" if dtr_absent => return Err(Fault::Syntax),
        // &D1 leaves the connection alone; only &D2 hangs up.
        b"&D" | b"&D0" | b"&D1" => modem.settings.dtr_drop_closes = always_closes,
        b"&D2" => modem.settings.dtr_drop_closes = true,
        b"&F" | b"&F0" | b"Z" | b"Z0" => modem.reset_settings(),
        b"X" | b"X0" | b"X1" | b"X2" | b"X3" | b"X4" | b"H" | b"H0" => {}
        b"&C" | b"&C0" | b"&C1" | b"&K0" | b"&K3" | b"&W" | b"&W0" => {}
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}

pub(crate) fn error_reports(modem: &mut Modem, request: &Request<'_>) -> Handled {
    match request.form {
        Form::Set(values) => {
            let values = Arguments::parse(values)?;
            values.count(1..=1)?;
            let level = values.number(0, 0..=2)?;
            modem.settings.error_reports = u8::try_from(level).unwrap_or(0);
        }
        Form::Read => modem
            .output
            .line(format!("+CMEE: {}", modem.settings.error_reports).as_bytes()),
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}

pub(crate) fn identity(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let text = match (request.form, request.name) {
        (Form::Execute, "CGMI" | "GMI") => MANUFACTURER,
        (Form::Execute, "CGMM" | "GMM") => MODEL,
        (Form::Execute, "CGMR" | "GMR") => REVISION,
        (Form::Execute, _) => SERIAL,
        _ => return Err(Fault::Syntax),
    };
    modem.output.line(text.as_bytes());
    Ok(Answer::Ok)
}

pub(crate) fn flow_control(modem: &mut Modem, request: &Request<'_>) -> Handled {
    match request.form {
        Form::Set(values) => {
            let values = Arguments::parse(values)?;
            values.count(1..=2)?;
            let host = values.number(0, 0..=2)?;
            let module = values.optional_number(1, 0..=2)?.unwrap_or(host);
            modem.settings.flow_control = (host, module);
        }
        Form::Read => {
            let (host, module) = modem.settings.flow_control;
            modem
                .output
                .line(format!("+IFC: {host},{module}").as_bytes());
        }
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}

/// `AT+GTSET="FTPLIMIT",n` sets; without the number, and in its read form, it shows.
pub(crate) fn module_setting(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let shows = match request.form {
        Form::Set(values) => {
            let values = Arguments::parse(values)?;
            let count = values.count(1..=2)?;
            if !values
                .text(0, 64)?
                .eq_ignore_ascii_case(FTP_LIMIT.as_bytes())
            {
                return Err(Fault::PARAMETERS);
            }
            if count == 2 {
                modem.settings.ftp_limit = values.number(1, 0..=1000)?;
            }
            count == 1
        }
        Form::Read => true,
        _ => return Err(Fault::Syntax),
    };
    if shows {
        let line = format!("+GTSET: \"{FTP_LIMIT}\",{}", modem.settings.ftp_limit);
        modem.output.line(line.as_bytes());
    }
    Ok(Answer::Ok)
}
