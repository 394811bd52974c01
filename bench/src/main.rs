//! See the library.
#![allow(missing_docs)]

use std::io;
use std::path::Path;
use std::process::ExitCode;

use nlftp_bench::clients::{Client, marked};
use nlftp_bench::pty::Pty;
use nlftp_bench::stand_in::StandIn;

fn usage() -> io::Error {
    io::Error::other("usage: modem SIZE | client NAME WAY PORT SIZE | marked WAY PORT SIZE")
}

fn run(arguments: &[String]) -> io::Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["modem", size] => {
            let pty = Pty::open()?;
            println!("{}", pty.path().display());
            let size = size.parse().map_err(io::Error::other)?;
            StandIn::new(pty.master().try_clone()?, size).serve()
        }
        ["client", name, way, port, size] => {
            let client = Client::named(name).ok_or_else(usage)?;
            let way = way.parse().map_err(io::Error::other)?;
            let size = size.parse().map_err(io::Error::other)?;
            println!("{}", client.run(way, Path::new(port), size)?);
            Ok(())
        }
        ["marked", way, port, size] => {
            let way = way.parse().map_err(io::Error::other)?;
            let size = size.parse().map_err(io::Error::other)?;
            println!("{}", marked::run(way, Path::new(port), size)?);
            Ok(())
        }
        _ => Err(usage()),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
