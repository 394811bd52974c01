//! FTPS for `nlftp sim`: whom the module trusts, and an authority made for one run.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;

use nlftp_core::ErrorKind;
use nlftp_vmodem::server::{ServerTls, TlsStart};
use nlftp_vmodem::{TlsMode, TlsOptions};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};

use crate::args::{Sim, SimTls};
use crate::failure::Failure;
use crate::output::printable;

/// A certificate authority for one run, and the certificate that it gave the embedded server.
pub(super) struct Authority {
    /// Where the root lies for other clients of the server to trust; gone with this.
    folder: tempfile::TempDir,
    root: Vec<u8>,
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Authority {
    /// Makes both, for this machine and for `names`.
    pub(super) fn new(names: &[String]) -> Result<Authority, Failure> {
        let failed = |error: rcgen::Error| {
            Failure::invalid(format!("cannot make a certificate for --ftps: {error}"))
        };
        let (issuer, certificate, key) = sign(names).map_err(failed)?;
        let root = issuer.into_bytes();
        let keep = || {
            let folder = tempfile::Builder::new().prefix("nlftp-ca-").tempdir()?;
            fs::write(path_in(folder.path()), &root)?;
            Ok(folder)
        };
        let folder = keep().map_err(|error: io::Error| {
            Failure::new(
                ErrorKind::LocalFile,
                format!("cannot write the certificate authority of --ftps: {error}"),
            )
        })?;
        Ok(Authority {
            folder,
            root,
            certificate: certificate.into_bytes(),
            key: key.into_bytes(),
        })
    }

    /// The root as a PEM file.
    pub(super) fn path(&self) -> PathBuf {
        path_in(self.folder.path())
    }

    /// What the embedded server is to do.
    pub(super) fn server(&self, args: &Sim) -> ServerTls {
        ServerTls {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            start: match args.tls {
                Some(SimTls::Implicit) => TlsStart::Implicit,
                Some(SimTls::Explicit) | None => TlsStart::Required,
            },
            require_session_reuse: true,
            clear_data_refusal: Some(522),
            ..ServerTls::default()
        }
    }
}

fn path_in(folder: &Path) -> PathBuf {
    folder.join("ca.pem")
}

/// The root, the server's certificate and its key, each as PEM.
fn sign(names: &[String]) -> Result<(String, String, String), rcgen::Error> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
        .distinguished_name
        .push(DnType::CommonName, "nlftp sim, for one run");
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let own = ["localhost", "127.0.0.1", "::1"].map(String::from);
    let names: Vec<String> = own.into_iter().chain(names.iter().cloned()).collect();
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "nlftp sim");
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &issuer)?;
    Ok((issuer.pem(), certificate.pem(), key.serialize_pem()))
}

/// Whom the module trusts and how it begins.
pub(super) fn trust(args: &Sim, authority: Option<&Authority>) -> Result<TlsOptions, Failure> {
    let mut options = TlsOptions::default();
    if let Some(file) = &args.tls_ca {
        let root = fs::read(file).map_err(|error| {
            Failure::new(
                ErrorKind::LocalFile,
                format!("cannot read {}: {error}", file.display()),
            )
        })?;
        options.roots.push(root);
    }
    options.roots.extend(authority.map(|is| is.root.clone()));
    options.mode = match (args.tls, authority) {
        (Some(SimTls::Implicit), _) => TlsMode::Implicit,
        (Some(SimTls::Explicit), _) | (None, Some(_)) => TlsMode::Explicit,
        (None, None) => TlsMode::ByPort,
    };
    Ok(options)
}

/// Prints what the module has to tell, until it ends.
pub(super) fn print_notices(notices: Receiver<String>, quiet: bool) {
    for notice in notices {
        if !quiet {
            // Where standard error is gone there is nobody left to tell.
            let _ = writeln!(io::stderr().lock(), "nlftp: {}", printable(&notice));
        }
    }
}
