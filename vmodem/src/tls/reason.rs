//! Failures of TLS in words that say what to do something about.

use std::io;

use rustls::{CertificateError, Error};

/// Why a handshake with `host` came to nothing.
pub(crate) fn handshake_failure(error: &io::Error, host: &str, trusts_any: bool) -> String {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return "the server closed the connection during the TLS handshake".into();
    }
    match tls_error(error) {
        Some(Error::InvalidCertificate(why)) => format!(
            "the server's certificate was refused: {}",
            certificate_failure(why, host, trusts_any)
        ),
        Some(Error::InvalidMessage(_)) => "the server does not speak TLS on this port".into(),
        Some(Error::AlertReceived(alert)) => {
            format!("the server ended the TLS handshake with the alert {alert:?}")
        }
        Some(other) => format!("the TLS handshake failed: {other}"),
        None => format!("the TLS handshake failed: {error}"),
    }
}

fn certificate_failure(why: &CertificateError, host: &str, trusts_any: bool) -> String {
    use CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
        NotValidYetContext, UnknownIssuer,
    };
    match why {
        UnknownIssuer if !trusts_any => {
            "no certificate authority to trust was given to the modem".into()
        }
        UnknownIssuer => "unknown issuer".into(),
        NotValidForName | NotValidForNameContext { .. } => {
            format!("not valid for the name {host}")
        }
        Expired | ExpiredContext { .. } => "expired".into(),
        NotValidYet | NotValidYetContext { .. } => "not valid yet".into(),
        other => other.to_string(),
    }
}

/// Whether a connection under TLS ended without close_notify.
pub(crate) fn is_cut(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
}

/// Why a data connection that was up is of no use; None where TLS has nothing to do with it.
pub(crate) fn data_connection_cut(error: &io::Error) -> Option<String> {
    if is_cut(error) {
        return Some(
            "the data connection ended without close_notify: what came over it may be cut short"
                .into(),
        );
    }
    tls_error(error).map(|error| format!("the data connection broke: {error}"))
}

fn tls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}
