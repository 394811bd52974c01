//! `nlftp info`: who answers on the port, and whether it is attached.

use nlftp_core::{ModemInfo, Registration};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::printable;
use crate::session::Context;

pub(crate) fn run(context: &Context<'_>) -> Result<(), Failure> {
    let (port, info) = context.with_network(|modem| {
        let port = modem.path().to_string_lossy().into_owned();
        Ok((port, modem.info()?))
    })?;
    if context.output.json() {
        return context.output.value(value(&port, &info));
    }
    let rows = rows(&port, &info);
    let widest = rows.iter().map(|row| row.0.len()).max().unwrap_or(0);
    for (name, value) in rows {
        let name = format!("{name}:");
        context
            .output
            .line(&format!("{name:<0$} {1}", widest + 1, printable(&value)))?;
    }
    Ok(())
}

fn value(port: &str, info: &ModemInfo) -> Value {
    json!({
        "port": port,
        "identification": info.identification,
        "manufacturer": info.manufacturer,
        "model": info.model,
        "revision": info.revision,
        "serial_number": info.serial_number,
        "sim": info.sim,
        "registration": info.registration.map(|state| state.to_string()),
        "registered": info.registration.map(Registration::is_registered),
        "operator": info.operator,
        "access_technology": info.access_technology,
        "signal": info.signal,
        "signal_dbm": info.signal_dbm(),
        "attached": info.address.is_some(),
        "address": info.address,
        "ftp_connected": info.ftp_connected,
    })
}

/// What there is to say, for people: a line less for each thing that the module does not tell.
fn rows(port: &str, info: &ModemInfo) -> Vec<(&'static str, String)> {
    let mut rows = vec![("Port", port.to_owned())];
    let mut add = |name, value: Option<String>| {
        rows.extend(value.map(|value| (name, value)));
    };
    let named = info.manufacturer.is_some() || info.model.is_some();
    add(
        "Identification",
        (!named && !info.identification.is_empty()).then(|| info.identification.join(", ")),
    );
    add("Manufacturer", info.manufacturer.clone());
    add("Model", info.model.clone());
    add("Firmware", info.revision.clone());
    add("IMEI", info.serial_number.clone());
    add("SIM", info.sim.clone());
    add(
        "Registration",
        info.registration.map(|state| state.to_string()),
    );
    add("Operator", info.operator.clone());
    add("Technology", info.access_technology.map(technology));
    add(
        "Signal",
        info.signal.map(|signal| match info.signal_dbm() {
            Some(dbm) => format!("{signal} of 31 ({dbm} dBm)"),
            None => "unknown".to_owned(),
        }),
    );
    add(
        "Attached",
        Some(match &info.address {
            Some(address) => format!("yes, as {address}"),
            None => "no".to_owned(),
        }),
    );
    rows
}

/// The name of an access technology (3GPP TS 27.007, +COPS).
fn technology(number: u32) -> String {
    match number {
        0 | 1 => "GSM",
        2 => "UMTS",
        3 => "EDGE",
        4 => "UMTS with HSDPA",
        5 => "UMTS with HSUPA",
        6 => "UMTS with HSPA",
        7 => "LTE",
        8 => "EC-GSM-IoT",
        9 => "NB-IoT",
        // The manual's own example has an LTE module say 12, which the standard has for 5G.
        _ => return format!("number {number}"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_module_does_not_tell_is_left_out_or_null() {
        let info = ModemInfo::default();
        let names: Vec<_> = rows("/dev/x", &info).into_iter().collect();
        let expected = [("Port", "/dev/x".to_owned()), ("Attached", "no".to_owned())];
        assert_eq!(names, expected);
        let value = value("/dev/x", &info);
        assert_eq!(value["attached"], false);
        for name in ["model", "registered", "signal_dbm", "address"] {
            assert!(value[name].is_null() && value.get(name).is_some(), "{name}");
        }
    }

    #[test]
    fn identification_stands_in_for_what_has_no_command_of_its_own() {
        let mut info = ModemInfo::default();
        info.identification = vec!["Maker".to_owned(), "Model".to_owned()];
        info.signal = Some(99);
        info.access_technology = Some(77);
        let rows = rows("/dev/x", &info);
        for row in [
            ("Identification", "Maker, Model"),
            ("Signal", "unknown"),
            ("Technology", "number 77"),
        ] {
            assert!(rows.contains(&(row.0, row.1.to_owned())), "{rows:?}");
        }
    }
}
