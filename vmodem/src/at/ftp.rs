//! FTP commands that move no file: open, close, settings, and those that are one FTP command each.

use std::net::Ipv4Addr;

use super::argument::{Arguments, Field};
use super::fault::Fault;
use super::{Answer, Form, Handled, Request};
use crate::Modem;
use crate::activity::Waiting;
use crate::dialect::{Dialect, Refusal};
use crate::ftp::{Job, Login};

pub(crate) const NAME_LIMIT: usize = 255;
const HOST_LIMIT: usize = 1024;
const PORTS: std::ops::RangeInclusive<u64> = 0..=65535;
const FTP_PORT: u16 = 21;
const FTPS_PORT: u16 = 990;

pub(crate) fn open(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let values = match request.form {
        Form::Set(values) => values,
        Form::Read => {
            let state = if modem.client.is_open() { "1" } else { "0" };
            modem.information(request.name, state);
            return Ok(Answer::Ok);
        }
        _ => return Err(Fault::Syntax),
    };
    let login = login(values, &modem.config.dialect)?;
    if !modem.attached {
        return refuse(
            modem,
            request,
            modem.config.dialect.open_detached,
            Fault::DETACHED,
        );
    }
    if modem.client.is_open() {
        return refuse(
            modem,
            request,
            modem.config.dialect.open_twice,
            Fault::NOT_ALLOWED,
        );
    }
    if modem.config.dialect.open_resets_mode {
        modem.settings.active = false;
    }
    if !modem.config.dialect.info_before_open {
        modem.settings.info = false;
    }
    modem.forget_download();
    modem.client.observed = modem.settings.info;
    modem.start(
        request.now,
        request.name,
        Waiting::Open,
        Job::Open(Box::new(login)),
    )
}

/// What the test form lists: the quoted names are the syntax's own, the ranges those of its numbers.
pub(crate) fn open_values(modem: &Modem) -> String {
    let ports = if modem.config.dialect.open_tls_seventh {
        "(0-65535),(0-65535)"
    } else {
        "(0-65535),(0-65535),(0-65535)"
    };
    format!("(\"destination_ip/url\"),(\"username\"),(\"password\"),(\"account\"),{ports},(0-1)")
}

fn login(values: &[u8], dialect: &Dialect) -> Result<Login, Fault> {
    let values = Arguments::parse(values)?;
    let tls_seventh = dialect.open_tls_seventh;
    let most = if tls_seventh { 7 } else { 8 };
    let count = values.count(3..=most)?;
    if dialect.open_group_whole && count != 3 && count < most - 1 {
        return Err(Fault::PARAMETERS);
    }
    let host = match values.get(0) {
        // The manual calls an address an integer: it may come without quotes.
        Field::Bare(address) if is_dotted(address) && dialect.open_bare_address => address,
        _ => values.text(0, HOST_LIMIT)?,
    };
    let host = std::str::from_utf8(host).map_err(|_| Fault::PARAMETERS)?;
    // What looks like an address is one, each of its numbers 0 to 255; no name is made of digits alone.
    if is_dotted(host.as_bytes()) && host.parse::<Ipv4Addr>().is_err() {
        return Err(Fault::PARAMETERS);
    }
    // User and password may be empty, but not left out.
    if values.get(1) == Field::Empty || values.get(2) == Field::Empty {
        return Err(Fault::PARAMETERS);
    }
    let port = |place| -> Result<Option<u16>, Fault> {
        Ok(values
            .optional_number(place, PORTS)?
            .and_then(|port| u16::try_from(port).ok()))
    };
    // After the account: source control, destination control, source data, TLS; the other order
    // knows no source control port.
    let (source_control, destination, source_data, tls) = if tls_seventh {
        (None, port(4)?, port(5)?, 6)
    } else {
        (port(4)?, port(5)?, port(6)?, 7)
    };
    let tls = values.optional_number(tls, 0..=1)? == Some(1);
    let usual = if tls { FTPS_PORT } else { FTP_PORT };
    Ok(Login {
        host: host.to_owned(),
        port: destination.filter(|port| *port != 0).unwrap_or(usual),
        user: values.optional_text(1, NAME_LIMIT)?.to_vec(),
        password: values.optional_text(2, NAME_LIMIT)?.to_vec(),
        account: values.optional_text(3, NAME_LIMIT)?.to_vec(),
        source_control_port: source_control.unwrap_or(0),
        source_data_port: source_data.unwrap_or(0),
        tls,
    })
}

/// Digits and dots, and nothing else.
fn is_dotted(host: &[u8]) -> bool {
    host.iter()
        .all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

pub(crate) fn close(modem: &mut Modem, request: &Request<'_>) -> Handled {
    if request.form != Form::Execute {
        return Err(Fault::Syntax);
    }
    if !modem.client.is_open() {
        return refuse(
            modem,
            request,
            modem.config.dialect.close_unopened,
            Fault::NOT_ALLOWED,
        );
    }
    if modem.upload.is_some() && !modem.config.dialect.close_between_pieces {
        return Err(Fault::NOT_ALLOWED);
    }
    modem.forget_download();
    modem.upload = None;
    modem.start(request.now, request.name, Waiting::Close, Job::Quit)
}

/// Refuses by a final result, or by an outcome.
fn refuse(modem: &mut Modem, request: &Request<'_>, how: Refusal, fault: Fault) -> Handled {
    match how {
        Refusal::Error => Err(fault),
        Refusal::Outcome => {
            modem.refused_outcome = Some(request.name);
            Ok(Answer::Ok)
        }
    }
}

pub(crate) fn info(modem: &mut Modem, request: &Request<'_>) -> Handled {
    match request.form {
        Form::Set(values) => {
            let values = Arguments::parse(values)?;
            values.count(1..=1)?;
            let on = values.number(0, 0..=1)? == 1;
            if !modem.client.is_open() && !modem.config.dialect.info_before_open {
                return Err(Fault::NOT_ALLOWED);
            }
            modem.settings.info = on;
            modem.client.observed = on;
        }
        Form::Read => modem.information(request.name, if modem.settings.info { "1" } else { "0" }),
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}

pub(crate) fn mode(modem: &mut Modem, request: &Request<'_>) -> Handled {
    match request.form {
        Form::Set(values) => {
            let values = Arguments::parse(values)?;
            values.count(1..=1)?;
            modem.settings.active = values.number(0, 0..=1)? == 1;
        }
        Form::Read => {
            modem.information(request.name, if modem.settings.active { "1" } else { "0" })
        }
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}

pub(crate) fn rest(modem: &mut Modem, request: &Request<'_>) -> Handled {
    match request.form {
        Form::Set(values) => {
            let values = Arguments::parse(values)?;
            values.count(1..=1)?;
            modem.settings.rest = values.number(0, 0..=0xffff_ffff)?;
        }
        Form::Read => modem.information(request.name, &modem.settings.rest.to_string()),
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}

/// Commands with one name: FTPCWD, FTPMKD, FTPRMD, FTPDEL.
pub(crate) fn named(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let Form::Set(values) = request.form else {
        return Err(Fault::Syntax);
    };
    let verb = match request.name {
        "FTPCWD" => "CWD ",
        "FTPMKD" => "MKD ",
        "FTPRMD" => "RMD ",
        _ => "DELE ",
    };
    let values = Arguments::parse(values)?;
    values.count(1..=1)?;
    let line = [verb.as_bytes(), values.text(0, NAME_LIMIT)?].concat();
    modem.start(
        request.now,
        request.name,
        Waiting::Outcome,
        Job::Command(line),
    )
}

/// Commands without a value: FTPCDUP, FTPNOOP, FTPPWD, FTPSYST.
pub(crate) fn bare(modem: &mut Modem, request: &Request<'_>) -> Handled {
    if request.form != Form::Execute {
        return Err(Fault::Syntax);
    }
    let (waiting, job) = match request.name {
        "FTPCDUP" => (Waiting::Outcome, Job::Command(b"CDUP".to_vec())),
        "FTPNOOP" => (Waiting::Outcome, Job::Command(b"NOOP".to_vec())),
        "FTPPWD" => (Waiting::Directory(None), Job::Text(b"PWD".to_vec())),
        _ => (Waiting::System(None), Job::Text(b"SYST".to_vec())),
    };
    modem.start(request.now, request.name, waiting, job)
}

pub(crate) fn rename(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let Form::Set(values) = request.form else {
        return Err(Fault::Syntax);
    };
    let values = Arguments::parse(values)?;
    values.count(2..=2)?;
    let from = values.text(0, NAME_LIMIT)?.to_vec();
    let to = values.text(1, NAME_LIMIT)?.to_vec();
    modem.start(
        request.now,
        request.name,
        Waiting::Outcome,
        Job::Rename { from, to },
    )
}

pub(crate) fn stat(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let line = match request.form {
        Form::Execute => b"STAT".to_vec(),
        Form::Set(values) => {
            let values = Arguments::parse(values)?;
            values.count(1..=1)?;
            [b"STAT ", values.text(0, NAME_LIMIT)?].concat()
        }
        _ => return Err(Fault::Syntax),
    };
    modem.start(
        request.now,
        request.name,
        Waiting::Status { begun: false },
        Job::Text(line),
    )
}
