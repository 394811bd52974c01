//! Certificates and keys as they come in files.

use std::io;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

const PEM_MARK: &[u8] = b"-----BEGIN";

/// All certificates of a PEM text, or the one that DER is.
pub(crate) fn certificates(data: &[u8]) -> io::Result<Vec<CertificateDer<'static>>> {
    if memchr::memmem::find(data, PEM_MARK).is_none() {
        return Ok(vec![CertificateDer::from(data.to_vec())]);
    }
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(data).collect();
    let found = found.map_err(|error| invalid(format!("not a PEM text: {error}")))?;
    match found.is_empty() {
        true => Err(invalid("the PEM text holds no certificate")),
        false => Ok(found),
    }
}

/// The private key of a PEM text, or the one that DER is.
pub(crate) fn private_key(data: &[u8]) -> io::Result<PrivateKeyDer<'static>> {
    let key = if memchr::memmem::find(data, PEM_MARK).is_none() {
        PrivateKeyDer::try_from(data.to_vec()).map_err(str::to_owned)
    } else {
        PrivateKeyDer::from_pem_slice(data).map_err(|error| error.to_string())
    };
    key.map_err(|error| invalid(format!("no private key: {error}")))
}

pub(super) fn invalid(text: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text.into())
}
