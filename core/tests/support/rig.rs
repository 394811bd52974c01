//! A driver on a virtual modem's port, with an FTP server behind it.
// Each test program uses its own part of this.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;
use std::time::Duration;

use nlftp_core::{Config, Ftp, Login, Modem, TransferOptions, Verified, Via};
use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{ModemConfig, Options, VirtualModem};

pub struct Rig {
    pub server: FtpServer,
    pub vmodem: VirtualModem,
}

impl Rig {
    /// The plainest rig: the manual's dialect, no pacing.
    pub fn new() -> Rig {
        Rig::with(|_| (), |_| ())
    }

    pub fn with(
        change: impl FnOnce(&mut ModemConfig),
        serve: impl FnOnce(&mut ServerOptions),
    ) -> Rig {
        let mut options = ServerOptions::default();
        serve(&mut options);
        let server = FtpServer::start(options).unwrap();
        let mut modem = ModemConfig::default();
        change(&mut modem);
        let vmodem = VirtualModem::start(Options {
            modem,
            route: Some(server.address()),
            ..Options::default()
        })
        .unwrap();
        Rig { server, vmodem }
    }

    pub fn config() -> Config {
        let mut config = Config::default();
        // Long enough for a machine with both cores busy, short enough for tests of silence.
        config.timeout = Duration::from_secs(10);
        config
    }

    pub fn open(&self) -> Modem {
        Modem::open(self.vmodem.port(), Rig::config()).unwrap()
    }

    pub fn login(&self) -> Login {
        Login::new(
            "ftp.example.com",
            self.server.user(),
            self.server.password(),
        )
    }

    pub fn ftp(&self) -> (Modem, Ftp) {
        let modem = self.open();
        let ftp = modem.ftp(&self.login()).unwrap();
        (modem, ftp)
    }

    pub fn remote(&self, name: &str) -> PathBuf {
        self.server.root().join(name)
    }

    /// Moves `data` up and down by `via` and checks both ends.
    pub fn round_trip(&self, ftp: &Ftp, via: Via, name: &str, data: &[u8]) {
        let sent = ftp.put(data, name, options(|o| o.via = via)).unwrap();
        assert_eq!(sent.bytes, data.len() as u64, "{name} up by {via:?}");
        assert!(
            std::fs::read(self.remote(name)).unwrap() == data,
            "{name} differs on the server, up by {via:?}"
        );
        assert_eq!(sent.verified, Verified::Size, "{:?}", sent.warnings);
        let mut back = Vec::new();
        let got = ftp
            .get(
                name,
                nlftp_core::Sink::writer(&mut back),
                options(|o| o.via = via),
            )
            .unwrap();
        assert!(back == data, "{name} differs here, down by {via:?}");
        assert_eq!(got.bytes, data.len() as u64);
        assert_eq!(got.verified, Verified::Size, "{:?}", got.warnings);
    }
}

/// Options that differ from the default by `change`.
pub fn options<'a>(change: impl FnOnce(&mut TransferOptions<'a>)) -> TransferOptions<'a> {
    let mut options = TransferOptions::default();
    change(&mut options);
    options
}

/// Bytes that no compression and no luck makes regular.
pub fn random(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .collect()
}

/// The most memory that this process ever had, in KiB: all its tests together, so one to a file.
pub fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
