//! Clients that come and go under load, modems stopped and unplugged in the middle of transfers:
//! afterwards the process has the threads and descriptors that it had before. Alone in its file,
//! because it counts those of the whole process.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../core/tests/support/certificates.rs"]
mod certificates;
mod host;
mod secure;

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use host::{Client, PATIENCE, noise};
use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{ModemConfig, Options, TlsMode, VirtualModem};
use secure::Rig;

fn held() -> (usize, usize) {
    let count = |folder| fs::read_dir(folder).unwrap().count();
    (count("/proc/self/task"), count("/proc/self/fd"))
}

fn start(server: &FtpServer) -> VirtualModem {
    let modem = ModemConfig {
        echo: false,
        ..ModemConfig::default()
    };
    VirtualModem::start(Options {
        modem,
        route: Some(server.address()),
        ..Options::default()
    })
    .unwrap()
}

#[test]
fn nothing_is_left_of_clients_and_modems_that_went_in_the_middle() {
    let before = held();
    let server = FtpServer::start(ServerOptions::default()).unwrap();
    fs::write(server.root().join("f"), noise(30_000_000)).unwrap();

    // One modem, whose clients leave in the middle of a download and come back at once.
    let modem = start(&server);
    let mut client = Client::open(modem.port());
    client.login(server.user(), server.password());
    client.ask("AT+FTPRETR=\"f\"", "+FTPRETR: 2\r\n");
    for _ in 0..200 {
        drop(client);
        client = Client::open(modem.port());
        client.take(10_000);
    }
    client.until(b"\x03\r\n+FTPRETR: 1\r\n");
    client.ask("AT&D2", "\r\nOK\r\n");
    for _ in 0..200 {
        drop(client);
        client = Client::open(modem.port());
        client.login(server.user(), server.password());
        client.line("AT+FTPGET=\"f\"");
    }
    drop((client, modem));

    // Modems that are stopped or unplugged themselves, in each kind of transfer.
    for command in [
        "AT+FTPRETR=\"f\"",
        "AT+FTPSTOR=\"g\"",
        "AT+FTPGET=\"f\"",
        "AT+FTPPUT=\"h\",9,0",
        "AT+FTPLIST",
    ] {
        for unplugged in [false, true] {
            let modem = start(&server);
            let mut client = Client::open(modem.port());
            client.login(server.user(), server.password());
            client.ask(command, ": 2");
            if unplugged {
                modem.hang_up();
            }
            modem.stop();
        }
    }
    drop(server);

    // The same under TLS, servers that are stopped in the middle too.
    for mode in [TlsMode::Implicit, TlsMode::Explicit] {
        for command in ["AT+FTPRETR=\"f\"", "AT+FTPSTOR=\"g\"", "AT+FTPLIST"] {
            for stopped in [false, true] {
                let rig = Rig::new(mode);
                fs::write(rig.server.root().join("f"), noise(2_000_000)).unwrap();
                let mut client = rig.opened();
                client.ask(command, ": 2");
                if stopped {
                    rig.server.stop();
                }
            }
        }
    }
    let began = Instant::now();
    while held() != before {
        assert!(began.elapsed() < PATIENCE, "{before:?} became {:?}", held());
        thread::sleep(Duration::from_millis(5));
    }
}
