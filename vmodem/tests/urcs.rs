//! Lines that the modem is made to say, and the record of what it was asked.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod host;

use std::fs;

use host::{Client, noise, stuffed};
use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{ModemConfig, Options, VirtualModem};

fn start() -> (VirtualModem, FtpServer) {
    let server = FtpServer::start(ServerOptions::default()).unwrap();
    let modem = VirtualModem::start(Options {
        modem: ModemConfig {
            echo: false,
            ..ModemConfig::default()
        },
        route: Some(server.address()),
        ..Options::default()
    });
    (modem.unwrap(), server)
}

#[test]
fn lines_nobody_asked_for_are_said_in_their_order() {
    let (modem, _server) = start();
    // Before anybody listens, and while somebody does.
    modem.send_urc("+EARLY");
    let mut client = Client::open(modem.port());
    modem.send_urc("+CREG: 1");
    modem.send_urc([b'+', 0xff]);
    let all = client.until(b"+\xff\r\n");
    assert_eq!(all, b"\r\n+EARLY\r\n\r\n+CREG: 1\r\n\r\n+\xff\r\n");
    assert_eq!(client.ask("AT", "OK\r\n"), "\r\nOK\r\n");
}

#[test]
fn a_line_waits_for_the_end_of_the_payload() {
    let (modem, server) = start();
    let data = noise(1_000_000);
    fs::write(server.root().join("f"), &data).unwrap();
    let mut client = Client::open(modem.port());
    client.login(server.user(), server.password());
    client.ask("AT+FTPRETR=\"f\"", "+FTPRETR: 2\r\n");
    modem.send_urc("+CSQ: 9,99");
    let end = b"\x03\r\n+FTPRETR: 1\r\n\r\n+CSQ: 9,99\r\n";
    let stream = client.until(end);
    assert!(stream.strip_suffix(end) == Some(&stuffed(&data)));
}

#[test]
fn a_silent_modem_loses_its_lines() {
    let (modem, _server) = start();
    let mut client = Client::open(modem.port());
    client.ask("AT", "OK\r\n");
    modem.set_silent(true);
    modem.send_urc("+LOST");
    modem.set_silent(false);
    modem.send_urc("+KEPT");
    assert_eq!(client.until(b"+KEPT\r\n"), b"\r\n+KEPT\r\n");
}

#[test]
fn command_lines_are_numbered_as_they_come() {
    let (modem, _server) = start();
    assert_eq!((modem.sent_count(), modem.sent_line(0)), (0, None));
    let mut client = Client::open(modem.port());
    client.ask("AT", "OK\r\n");
    client.ask_bytes(b"AT+FTPCWD=\"\xff\"", b"ERROR\r\n");
    assert_eq!(modem.sent_count(), 2);
    assert_eq!(modem.sent_line(0).as_deref(), Some(b"AT".as_slice()));
    assert_eq!(
        modem.sent_line(1).as_deref(),
        Some(b"AT+FTPCWD=\"\xff\"".as_slice())
    );
    assert_eq!(modem.sent_line(2), None);
    assert_eq!(modem.sent_lines(), ["AT", "AT+FTPCWD=\"\u{fffd}\""]);
}
