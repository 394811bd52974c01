//! Uploads a file, downloads it again beside itself, and says how long each took.
//!
//! Build:  cargo build -p nlftp-core --example transfer
//! Run:    transfer /dev/ttyUSB2 ftp.example.com 21 USER PASSWORD LOCAL REMOTE

use std::path::Path;
use std::process::ExitCode;

use nlftp_core::{Config, Error, GetOptions, Login, Modem, PutOptions, Transfer};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", error.kind());
            ExitCode::from(error.exit_status())
        }
    }
}

/// What the program does, given its arguments.
pub fn run(arguments: &[String]) -> Result<(), Error> {
    let [port, host, server_port, user, password, local, remote] = arguments else {
        return Err(Error::invalid(
            "usage: transfer PORT HOST SERVER_PORT USER PASSWORD LOCAL REMOTE",
        ));
    };
    let mut login = Login::new(host, user, password);
    login.port = Some(
        server_port
            .parse()
            .map_err(|_| Error::invalid("SERVER_PORT has to be a number"))?,
    );

    let modem = Modem::open(port, Config::default())?;
    let ftp = modem.ftp(&login)?;
    let up = ftp.put(Path::new(local), remote, PutOptions::default())?;
    show("up", &up);
    let copy = format!("{local}.copy");
    let down = ftp.get(remote, Path::new(&copy), GetOptions::default())?;
    show("down", &down);
    ftp.close()?;
    modem.close()
}

fn show(way: &str, transfer: &Transfer) {
    println!(
        "{way}: {} bytes in {:.1} s, checked by {:?}",
        transfer.bytes,
        transfer.duration.as_secs_f64(),
        transfer.verified
    );
}
