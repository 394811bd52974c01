//! What the library tells the log: states, failures and traffic, and never a secret.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;

use std::sync::Mutex;

use log::{Level, LevelFilter, Log, Metadata, Record};
use nlftp_core::{TransferOptions, Via};
use rig::Rig;

struct Collect(Mutex<Vec<(Level, String)>>);

impl Log for Collect {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "nlftp"
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = (record.level(), record.args().to_string());
            self.0.lock().unwrap().push(line);
        }
    }

    fn flush(&self) {}
}

static LOG: Collect = Collect(Mutex::new(Vec::new()));

// The log is the process's: this file has one test.
#[test]
fn states_failures_and_traffic_are_logged_with_the_port_and_without_secrets() {
    log::set_logger(&LOG).unwrap();
    log::set_max_level(LevelFilter::Trace);
    let rig = Rig::with(
        |_| (),
        |server| (server.password, server.account) = ("Geheimnis".into(), Some("Konto77".into())),
    );
    let modem = rig.open();
    modem.command("ATE1").unwrap();
    let mut login = rig.login();
    login.account = Some(nlftp_core::Secret::new("Konto77"));
    let ftp = modem.ftp(&login).unwrap();
    ftp.on_info(|_| ()).unwrap();
    rig.round_trip(&ftp, Via::Stream, "logged.bin", b"data");
    ftp.cwd("nowhere").unwrap_err();
    modem.close().unwrap();

    let lines = std::mem::take(&mut *LOG.0.lock().unwrap());
    let port = rig.vmodem.port().display().to_string();
    assert!(lines.iter().all(|(_, line)| line.starts_with(&port)));
    let has = |level, part: &str| {
        lines
            .iter()
            .any(|(at, line)| *at == level && line.contains(part))
    };
    assert!(has(Level::Info, "opening") && has(Level::Info, "connected"));
    assert!(has(
        Level::Warn,
        "refused: FTP server refused the directory"
    ));
    assert!(has(Level::Trace, "> AT+FTPCWD=\"nowhere\""));
    assert!(has(Level::Trace, "bytes of data"));
    for secret in ["Geheimnis", "Konto77"] {
        assert!(
            !lines.iter().any(|(_, line)| line.contains(secret)),
            "{secret} is in the log"
        );
    }

    // Nothing is told that nobody wants to hear.
    log::set_max_level(LevelFilter::Warn);
    let (modem, ftp) = rig_of_its_own();
    ftp.put(&b"quiet"[..], "quiet", TransferOptions::default())
        .unwrap();
    modem.close().unwrap();
    assert_eq!(*LOG.0.lock().unwrap(), []);
}

fn rig_of_its_own() -> (nlftp_core::Modem, nlftp_core::Ftp) {
    // Kept for as long as the test's process lives.
    let rig: &'static Rig = Box::leak(Box::new(Rig::new()));
    rig.ftp()
}
