//! `nlftp sim`: a virtual modem on a pseudo-terminal, with an FTP server behind it, until Ctrl-C.

mod ftps;

use std::fs;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nlftp_core::ErrorKind;
use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{ModemConfig, Options, VirtualModem};
use serde_json::json;

use crate::args::{Dtr, Sim};
use crate::failure::Failure;
use crate::session::Context;
use ftps::Authority;

pub(crate) fn run(context: &Context<'_>, args: &Sim) -> Result<(), Failure> {
    let authority = match args.ftps {
        true => Some(Authority::new(&args.ftps_name)?),
        false => None,
    };
    let authority = authority.as_ref();
    let embedded = match &args.server {
        Some(_) => None,
        None => Some(server(args, authority)?),
    };
    let (sender, notices) = mpsc::channel();
    let mut options = options(context, args, embedded.as_ref())?;
    options.tls = ftps::trust(args, authority)?;
    options.notices = Some(sender);
    let modem = VirtualModem::start(options).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => Failure::invalid(format!("--tls-ca: {error}")),
        _ => Failure::new(
            ErrorKind::Port,
            format!("cannot make a virtual modem: {error}"),
        ),
    })?;
    let quiet = context.global.quiet;
    // It ends with the modem, which holds the other end of the channel.
    let printer = thread::Builder::new()
        .name("notices".to_owned())
        .spawn(move || ftps::print_notices(notices, quiet));
    let said = announce(context, args, &modem, embedded.as_ref(), authority);
    if said.is_ok() {
        context.signals.wait();
    }
    modem.stop();
    if let Ok(printer) = printer {
        let _ = printer.join();
    }
    said
}

fn server(args: &Sim, authority: Option<&Authority>) -> Result<FtpServer, Failure> {
    let mut options = ServerOptions {
        root: args.root.clone(),
        tls: authority.map(|is| is.server(args)),
        ..ServerOptions::default()
    };
    if let Some(user) = &args.user {
        options.user.clone_from(user);
    }
    if let Some(password) = &args.password {
        options.password.clone_from(password);
    }
    FtpServer::start(options).map_err(|error| {
        Failure::new(
            ErrorKind::LocalFile,
            format!("cannot start the FTP server: {error}"),
        )
    })
}

fn options(
    context: &Context<'_>,
    args: &Sim,
    embedded: Option<&FtpServer>,
) -> Result<Options, Failure> {
    let modem = ModemConfig {
        attached: !args.detached,
        turnaround: Duration::from_millis(args.turnaround),
        dtr: match args.dtr {
            Dtr::Present => nlftp_vmodem::Dtr::Present,
            Dtr::Ignored => nlftp_vmodem::Dtr::Ignored,
            Dtr::Absent => nlftp_vmodem::Dtr::Absent,
        },
        ..ModemConfig::default()
    };
    Ok(Options {
        modem,
        link: args.link.clone(),
        baud: context.global.baud,
        route: args.server.as_deref().map(resolve).transpose()?,
        // Scripts name the server that they will meet in the field.
        stand_in: embedded.map(FtpServer::address),
        faults: args.faults,
        ..Options::default()
    })
}

fn resolve(server: &str) -> Result<SocketAddr, Failure> {
    let unknown = |error: io::Error| Failure::invalid(format!("cannot resolve {server}: {error}"));
    server
        .to_socket_addrs()
        .map_err(unknown)?
        .next()
        .ok_or_else(|| unknown(io::ErrorKind::NotFound.into()))
}

/// Everything a client needs to know, in one JSON line or as a table with an example to copy.
fn announce(
    context: &Context<'_>,
    args: &Sim,
    modem: &VirtualModem,
    embedded: Option<&FtpServer>,
    authority: Option<&Authority>,
) -> Result<(), Failure> {
    let port = modem.port();
    // The port itself, where that is a link to it.
    let device = fs::canonicalize(port).unwrap_or_else(|_| port.to_owned());
    let address = embedded
        .map(|server| server.address().to_string())
        .or(args.server.clone());
    let url = embedded.map(FtpServer::url);
    if context.output.json() {
        return context.output.value(json!({
            "port": device.to_string_lossy(),
            "link": args.link.as_deref().map(Path::to_string_lossy),
            "server": address,
            "url": url,
            "user": embedded.map(FtpServer::user),
            "password": embedded.map(FtpServer::password),
            "root": embedded.map(|server| server.root().to_string_lossy()),
            "ca": authority.map(|is| is.path().to_string_lossy().into_owned()),
        }));
    }
    let say = |name: &str, value: &str| context.output.line(&format!("{name:<9} {value}"));
    say("Port", &device.display().to_string())?;
    if let Some(link) = &args.link {
        say("Link", &link.display().to_string())?;
    }
    say("Server", address.as_deref().unwrap_or_default())?;
    if let Some(server) = embedded {
        say("User", server.user())?;
        say("Password", server.password())?;
        say("Folder", &server.root().display().to_string())?;
    }
    if let Some(authority) = authority {
        say("Authority", &authority.path().display().to_string())?;
    }
    let url = url.unwrap_or_else(|| {
        format!(
            "ftp://USER:PASSWORD@{}/",
            address.as_deref().unwrap_or_default()
        )
    });
    let port = port.display();
    context
        .output
        .line(&format!("\nTry       nlftp -p {port} put FILE {url}"))?;
    context
        .output
        .line(&format!("          nlftp -p {port} ls {url}"))?;
    context.output.line("\nCtrl-C ends it.")
}
