//! SIM, registration, operator, signal and the PDP context: 3GPP TS 27.007, and MIPCALL.

use super::argument::{Arguments, Field};
use super::fault::Fault;
use super::{Answer, Form, Handled, Request};
use crate::Modem;

const OPERATOR: [&str; 3] = ["CHN-CT", "CT", "46011"];
/// What the manual's example shows for the access technology.
const TECHNOLOGY: u8 = 12;
/// Location area and cell, as `AT+CREG=2` shows them.
const PLACE: &str = "\"1A2B\",\"01C3D4E5\",7";
const APN_LIMIT: usize = 100;
const LOGIN_LIMIT: usize = 255;

/// The state of registration, with its number in `AT+CREG?`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registration {
    /// Told not to look for a network.
    Off = 0,
    Home = 1,
    Searching = 2,
}

impl Modem {
    /// Whether there is a network.
    fn is_registered(&self) -> bool {
        self.registration == Registration::Home
    }

    /// Moves to another state of registration, and tells those who asked to be told.
    fn register(&mut self, state: Registration) {
        if self.registration == state {
            return;
        }
        self.registration = state;
        for (name, level) in ["CREG", "CEREG"].iter().zip(self.settings.registration) {
            if level > 0 {
                self.after_result
                    .push(format!("+{name}: {}", self.place(level)));
            }
        }
    }

    /// A registration's number, and where that is under level 2.
    fn place(&self, level: u8) -> String {
        let state = self.registration as u8;
        if level == 2 && self.is_registered() {
            format!("{state},{PLACE}")
        } else {
            state.to_string()
        }
    }

    /// Takes the PDP context down, and with it the FTP connection and its cache.
    fn detach(&mut self) {
        if std::mem::take(&mut self.attached) && self.config.dialect.mipcall_down_line {
            let line = self.config.dialect.prefix("MIPCALL") + "0";
            self.after_result.push(line);
        }
        self.hang_up();
    }
}

pub(crate) fn sim(modem: &mut Modem, request: &Request<'_>) -> Handled {
    match request.form {
        _ if !modem.config.sim_ready => Err(Fault::NO_SIM),
        Form::Read => {
            modem.output.line(b"+CPIN: READY");
            Ok(Answer::Ok)
        }
        // No PIN is asked for.
        Form::Set(_) => Err(Fault::NOT_ALLOWED),
        _ => Err(Fault::Syntax),
    }
}

pub(crate) fn registration(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let place = usize::from(request.name == "CEREG");
    match request.form {
        Form::Set(values) => {
            let values = Arguments::parse(values)?;
            values.count(1..=1)?;
            let level = values.number(0, 0..=2)?;
            modem.settings.registration[place] = u8::try_from(level).unwrap_or(0);
        }
        Form::Read => {
            let level = modem.settings.registration[place];
            let line = format!("+{}: {level},{}", request.name, modem.place(level));
            modem.output.line(line.as_bytes());
        }
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}

pub(crate) fn signal(modem: &mut Modem, request: &Request<'_>) -> Handled {
    if request.form != Form::Execute {
        return Err(Fault::Syntax);
    }
    modem.output.line(if modem.is_registered() {
        b"+CSQ: 24,99"
    } else {
        b"+CSQ: 99,99"
    });
    Ok(Answer::Ok)
}

/// `AT+COPS`: 0 registers, 1 does so with the operator that is named, 2 leaves the network, 3 sets the form of names.
pub(crate) fn operator(modem: &mut Modem, request: &Request<'_>) -> Handled {
    if !modem.config.sim_ready {
        return Err(Fault::NO_SIM);
    }
    match request.form {
        Form::Read => {
            let format = modem.settings.operator_format;
            let line = match modem.registration {
                Registration::Home => {
                    let name = OPERATOR[usize::from(format)];
                    format!("+COPS: 0,{format},\"{name}\",{TECHNOLOGY}")
                }
                Registration::Searching => "+COPS: 0".into(),
                Registration::Off => "+COPS: 2".into(),
            };
            modem.output.line(line.as_bytes());
        }
        Form::Set(values) => set_operator(modem, &Arguments::parse(values)?)?,
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}

fn set_operator(modem: &mut Modem, values: &Arguments<'_>) -> Result<(), Fault> {
    values.count(1..=4)?;
    let found = if modem.config.registered {
        Registration::Home
    } else {
        Registration::Searching
    };
    match values.number(0, 0..=3)? {
        0 => modem.register(found),
        1 => {
            let format = values.number(1, 0..=2)?;
            let name = OPERATOR[usize::try_from(format).unwrap_or(0)];
            let wanted = values.text(2, LOGIN_LIMIT)?;
            if found != Registration::Home || wanted != name.as_bytes() {
                return Err(Fault::NO_SERVICE);
            }
            modem.register(found);
        }
        2 => {
            modem.detach();
            modem.register(Registration::Off);
        }
        _ => {
            let format = values.number(1, 0..=2)?;
            modem.settings.operator_format = u8::try_from(format).unwrap_or(0);
        }
    }
    Ok(())
}

/// `AT+COPS=?`: the network that can be found, the modes, the forms of names.
pub(crate) fn operators(modem: &Modem) -> String {
    let [long, short, number] = OPERATOR;
    let state = if modem.is_registered() { 2 } else { 1 };
    if modem.config.registered {
        format!("({state},\"{long}\",\"{short}\",\"{number}\",{TECHNOLOGY}),,(0-3),(0-2)")
    } else {
        ",,(0-3),(0-2)".into()
    }
}

pub(crate) fn pdp_context(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let address = modem.config.address;
    let dialect = &modem.config.dialect;
    match request.form {
        Form::Set(values) => {
            let values = Arguments::parse(values)?;
            values.count(1..=4)?;
            if values.number(0, 0..=1)? == 0 {
                values.count(1..=1)?;
                modem.detach();
                return Ok(Answer::Ok);
            }
            attach(modem, &values)?;
        }
        Form::Read => {
            let text = match (modem.attached, dialect.mipcall_read_numbered) {
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

fn attach(modem: &mut Modem, values: &Arguments<'_>) -> Result<(), Fault> {
    if values.get(1) != Field::Empty {
        values.text(1, APN_LIMIT)?;
    }
    let user = values.optional_text(2, LOGIN_LIMIT)?;
    let password = values.optional_text(3, LOGIN_LIMIT)?;
    if !modem.config.sim_ready {
        return Err(Fault::NO_SIM);
    }
    if !modem.is_registered() {
        return Err(Fault::NO_SERVICE);
    }
    if modem.attached && modem.config.dialect.mipcall_twice_fails {
        return Err(Fault::NOT_ALLOWED);
    }
    let known =
        modem.config.apn_login.as_ref().is_none_or(|login| {
            login.user.as_bytes() == user && login.password.as_bytes() == password
        });
    if !known {
        return Err(Fault::AUTHENTICATION);
    }
    modem.attached = true;
    let dialect = &modem.config.dialect;
    if dialect.mipcall_line {
        let number = if dialect.mipcall_line_numbered {
            "1,"
        } else {
            ""
        };
        let line = format!(
            "{}{number}{}",
            dialect.prefix("MIPCALL"),
            modem.config.address
        );
        modem.after_result.push(line);
    }
    Ok(())
}
