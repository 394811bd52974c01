//! Everything that is not FTP: identity, SIM, registration, settings, the PDP context.

use super::argument::{Arguments, Field};
use super::fault::Fault;
use super::{Answer, Form, Handled, Request};
use crate::Modem;
use crate::config::{Dtr, Settings};

const MANUFACTURER: &str = "Fibocom";
const MODEL: &str = "NL668";
const REVISION: &str = concat!("nlftp-vmodem ", env!("CARGO_PKG_VERSION"));
const SERIAL: &str = "860000000000009";

impl Modem {
    /// An information line under a command's name.
    pub(crate) fn information(&mut self, name: &str, values: &str) {
        if values.is_empty() {
            return;
        }
        let line = self.config.dialect.prefix(name) + values;
        self.output.line(line.as_bytes());
    }
}

/// Basic commands: a letter, perhaps behind `&`, and a number.
pub(crate) fn basic(modem: &mut Modem, command: &[u8]) -> Handled {
    let upper = command.to_ascii_uppercase();
    let dtr_absent = modem.config.dtr == Dtr::Absent;
    match upper.as_slice() {
        b"E" | b"E0" => modem.settings.echo = false,
        b"E1" => modem.settings.echo = true,
        b"I" | b"I0" => {
            for line in [MANUFACTURER, MODEL, REVISION] {
                modem.output.line(line.as_bytes());
            }
        }
        b"&D" | b"&D0" | b"&D1" | b"&D2" if dtr_absent => return Err(Fault::Syntax),
        b"&D" | b"&D0" => modem.settings.dtr_drop_closes = false,
        // &D1 leaves the connection alone; only &D2 hangs up.
        b"&D1" => modem.settings.dtr_drop_closes = false,
        b"&D2" => modem.settings.dtr_drop_closes = true,
        b"&F" | b"&F0" | b"Z" | b"Z0" => {
            modem.settings = Settings {
                info: modem.settings.info,
                ..Settings::new(&modem.config)
            }
        }
        b"Q" | b"Q0" | b"V1" | b"X" | b"X0" | b"X1" | b"X2" | b"X3" | b"X4" | b"H" | b"H0" => {}
        b"&C" | b"&C0" | b"&C1" | b"&K0" | b"&K3" | b"&W" | b"&W0" => {}
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}

pub(crate) fn error_reports(modem: &mut Modem, request: &Request<'_>) -> Handled {
    match request.form {
        Form::Set(values) => {
            let level = Arguments::parse(values)?.number(0, 0..=2)?;
            modem.settings.error_reports = u8::try_from(level).unwrap_or(0);
        }
        Form::Read => modem
            .output
            .line(format!("+CMEE: {}", modem.settings.error_reports).as_bytes()),
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}

pub(crate) fn sim(modem: &mut Modem, request: &Request<'_>) -> Handled {
    match request.form {
        Form::Read if !modem.config.sim_ready => Err(Fault::NO_SIM),
        Form::Read => {
            modem.output.line(b"+CPIN: READY");
            Ok(Answer::Ok)
        }
        _ => Err(Fault::Syntax),
    }
}

pub(crate) fn registration(modem: &mut Modem, request: &Request<'_>) -> Handled {
    match request.form {
        Form::Read => {
            let state = if modem.config.registered { 1 } else { 2 };
            modem
                .output
                .line(format!("+{}: 0,{state}", request.name).as_bytes());
        }
        // Unasked registration lines are not simulated, so only their absence can be asked for.
        Form::Set(values) => {
            Arguments::parse(values)?.number(0, 0..=0)?;
        }
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}

pub(crate) fn signal(modem: &mut Modem, request: &Request<'_>) -> Handled {
    if request.form != Form::Execute {
        return Err(Fault::Syntax);
    }
    modem.output.line(if modem.config.registered {
        b"+CSQ: 24,99"
    } else {
        b"+CSQ: 99,99"
    });
    Ok(Answer::Ok)
}

pub(crate) fn operator(modem: &mut Modem, request: &Request<'_>) -> Handled {
    if request.form != Form::Read {
        return Err(Fault::Syntax);
    }
    modem.output.line(if modem.config.registered {
        b"+COPS: 0,0,\"CHN-CT\",12"
    } else {
        b"+COPS: 0"
    });
    Ok(Answer::Ok)
}

pub(crate) fn identity(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let text = match (request.form, request.name) {
        (Form::Execute, "CGMI") => MANUFACTURER,
        (Form::Execute, "CGMM") => MODEL,
        (Form::Execute, "CGMR") => REVISION,
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

/// `AT+GTSET="FTPLIMIT",n`: kept and shown; what it paces on USB is left to the pty.
pub(crate) fn module_setting(modem: &mut Modem, request: &Request<'_>) -> Handled {
    match request.form {
        Form::Set(values) => {
            let values = Arguments::parse(values)?;
            values.count(2..=2)?;
            if !values.text(0, 64)?.eq_ignore_ascii_case(b"FTPLIMIT") {
                return Err(Fault::PARAMETERS);
            }
            modem.settings.ftp_limit = values.number(1, 0..=1000)?;
        }
        Form::Read => modem
            .output
            .line(format!("+GTSET: \"FTPLIMIT\",{}", modem.settings.ftp_limit).as_bytes()),
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}

pub(crate) fn pdp_context(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let address = modem.config.address;
    match request.form {
        Form::Set(values) => {
            let values = Arguments::parse(values)?;
            values.count(1..=4)?;
            if values.number(0, 0..=1)? == 0 {
                values.count(1..=1)?;
                modem.attached = false;
                modem.hang_up();
                return Ok(Answer::Ok);
            }
            if values.get(1) != Field::Empty {
                values.text(1, 100)?;
            }
            values.optional_text(2, 255)?;
            values.optional_text(3, 255)?;
            if !modem.config.sim_ready {
                return Err(Fault::NO_SIM);
            }
            if !modem.config.registered {
                return Err(Fault::NO_SERVICE);
            }
            if modem.attached && modem.config.dialect.mipcall_twice_fails {
                return Err(Fault::NOT_ALLOWED);
            }
            modem.attached = true;
            modem.address_owed = true;
        }
        Form::Read => {
            let text = match (modem.attached, modem.config.dialect.mipcall_read_numbered) {
                (false, _) => "0".into(),
                (true, true) => format!("1,{address}"),
                (true, false) => address.to_string(),
            };
            modem.information(request.name, &text);
        }
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}
