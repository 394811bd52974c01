//! `--dialect`: what cannot be found out about a firmware without risk, as `name=value` pairs.

use nlftp_core::{Dialect, PortField, TlsField};

/// A name, a value, and what they do.
type Setting = (&'static str, &'static str, fn(&mut Dialect));

/// Every setting that there is.
const SETTINGS: [Setting; 4] = [
    ("tls-field", "eighth", |dialect| {
        dialect.tls_field = TlsField::Eighth;
    }),
    ("tls-field", "seventh", |dialect| {
        dialect.tls_field = TlsField::Seventh;
    }),
    ("port-field", "sixth", |dialect| {
        dialect.port_field = PortField::Sixth;
    }),
    ("port-field", "fifth", |dialect| {
        dialect.port_field = PortField::Fifth;
    }),
];

/// Reads pairs with commas between them. A name may be there once: which of two values would count is no matter to
/// guess at, where the wrong one shows a password to the network.
pub(super) fn parse(text: &str) -> Result<Dialect, String> {
    let mut dialect = Dialect::default();
    let mut seen = Vec::new();
    for pair in text.split(',') {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(format!("{pair:?} is not NAME=VALUE: {}", choices()));
        };
        let (name, value) = (name.trim(), value.trim());
        let Some((_, _, set)) = SETTINGS
            .iter()
            .find(|setting| (setting.0, setting.1) == (name, value))
        else {
            return Err(format!("there is no {name}={value}: {}", choices()));
        };
        if seen.contains(&name) {
            return Err(format!("{name} is given twice"));
        }
        seen.push(name);
        set(&mut dialect);
    }
    Ok(dialect)
}

fn choices() -> String {
    let pairs = SETTINGS.map(|(name, value, _)| format!("{name}={value}"));
    format!("use {}", pairs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_is_set() {
        let dialect = parse("tls-field=seventh").unwrap();
        assert_eq!(dialect.tls_field, TlsField::Seventh);
        assert_eq!(dialect.port_field, PortField::Sixth);
        let dialect = parse("port-field=fifth, tls-field=eighth").unwrap();
        assert_eq!(dialect.tls_field, TlsField::Eighth);
        assert_eq!(dialect.port_field, PortField::Fifth);
        assert_eq!(
            parse("tls-field=eighth,port-field=sixth"),
            Ok(Dialect::default())
        );
    }

    #[test]
    fn what_is_wrong_lists_what_is_right() {
        for bad in [
            "",
            "tls-field",
            "tls-field=",
            "tls-field=ninth",
            "tls-field=fifth",
            "TLS-FIELD=eighth",
            "tls-field=eighth,",
            "other=eighth",
        ] {
            let error = parse(bad).unwrap_err();
            for (name, value, _) in SETTINGS {
                assert!(error.contains(&format!("{name}={value}")), "{bad}: {error}");
            }
        }
        assert!(
            parse("tls-field=eighth,tls-field=seventh")
                .unwrap_err()
                .contains("twice")
        );
    }
}
