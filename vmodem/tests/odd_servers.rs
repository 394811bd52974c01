//! Servers that are within RFC 959 and yet odd, met through the module.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod host;

use std::fs;

use host::{Client, noise, stuffed};
use nlftp_vmodem::server::{Farewell, FtpServer, ServerOptions};
use nlftp_vmodem::{ModemConfig, Options, VirtualModem};

struct Rig {
    server: FtpServer,
    modem: VirtualModem,
}

impl Rig {
    fn new(change: impl FnOnce(&mut ServerOptions)) -> Rig {
        let mut options = ServerOptions::default();
        change(&mut options);
        let server = FtpServer::start(options).unwrap();
        let modem = VirtualModem::start(Options {
            modem: ModemConfig {
                echo: false,
                ..ModemConfig::default()
            },
            route: Some(server.address()),
            ..Options::default()
        })
        .unwrap();
        Rig { server, modem }
    }

    fn client(&self) -> Client {
        Client::open(self.modem.port())
    }

    fn opened(&self) -> Client {
        let mut client = self.client();
        client.login(self.server.user(), self.server.password());
        client
    }
}

#[test]
fn transfers_open_with_125_or_150_and_end_with_226_or_250() {
    for opening in [125, 150] {
        for completion in [226, 250] {
            let rig = Rig::new(|options| {
                options.opening_reply = opening;
                options.completion_reply = completion;
            });
            let mut client = rig.opened();
            client.ask("AT+FTPINFO=1", "\r\nOK\r\n");
            client.line("AT+FTPLIST");
            for line in [opening, completion] {
                client.until(format!("+FTPINFO:{line} ").as_bytes());
            }
            client.ask("AT+FTPINFO=0", "\r\nOK\r\n");
            client.store("\"f\"", &noise(10_000), "1");
            assert!(client.retrieve("\"f\"") == stuffed(&noise(10_000)));
            client.put("g", &noise(2000), 1000);
            assert!(client.fetch("g", 2000) == noise(2000));
        }
    }
}

#[test]
fn status_comes_as_211_212_or_213_over_many_lines() {
    for code in [None, Some(211), Some(212), Some(213)] {
        let rig = Rig::new(|options| options.stat_reply = code);
        fs::write(rig.server.root().join("one"), "1").unwrap();
        fs::write(rig.server.root().join("two"), "22").unwrap();
        let mut client = rig.opened();
        for (line, usual, holds) in [
            ("AT+FTPSTAT", 211, "Logged in as nlftp"),
            ("AT+FTPSTAT=\"/\"", 212, " one\r\n"),
            ("AT+FTPSTAT=\"two\"", 213, " two\r\n"),
        ] {
            client.ask("AT+FTPINFO=1", "\r\nOK\r\n");
            let told = client.ask(line, "\r\n+FTPSTAT: 1\r\n");
            client.ask("AT+FTPINFO=0", "\r\nOK\r\n");
            let code = code.unwrap_or(usual);
            assert!(told.contains(&format!("+FTPINFO:{code}-")), "{told}");
            let told = client.ask(line, "\r\n+FTPSTAT: 1\r\n");
            assert!(told.contains(holds), "{told}");
        }
    }
}

#[test]
fn an_account_is_given_where_it_is_asked_for() {
    let rig = Rig::new(|options| options.account = Some("acct".into()));
    let mut client = rig.client();
    for (account, outcome) in [("wrong", "0"), ("acct", "1")] {
        let line = format!("AT+FTPOPEN=\"h\",\"nlftp\",\"nlftp\",\"{account}\",,,,0");
        client.ask(&line, &format!("\r\n+FTPOPEN: {outcome}\r\n"));
    }
    assert!(rig.server.commands().contains(&"ACCT ****".into()));
}

/// No command can spell a quote: the login lands in such a folder.
#[test]
fn a_quote_in_a_directory_is_told_doubled_or_raw() {
    for (raw, told) in [(false, "257 \"/a\"\"b\" "), (true, "257 \"/a\"b\" ")] {
        let rig = Rig::new(|options| {
            options.raw_quotes = raw;
            options.home = "/a\"b".into();
        });
        let mut client = rig.opened();
        client.ask("AT+FTPINFO=1", "\r\nOK\r\n");
        let answer = client.ask("AT+FTPPWD", "\r\n+FTPPWD: 1\r\n");
        assert!(answer.contains(&format!("+FTPINFO:{told}")), "{answer}");
        assert!(answer.contains("\r\n+FTPPWD: 2,\"/a\"b\"\r\n"), "{answer}");
    }
}

#[test]
fn commands_are_refused_by_name() {
    let rig = Rig::new(|options| {
        options.refused.insert("MKD".into(), 550);
        options.refused.insert("SYST".into(), 502);
    });
    let mut client = rig.opened();
    client.ask("AT+FTPMKD=\"d\"", "\r\n+FTPMKD: 0\r\n");
    client.ask("AT+FTPSYST", "\r\n+FTPSYST: 0\r\n");
    client.ask("AT+FTPNOOP", "\r\n+FTPNOOP: 1\r\n");
}

/// A connection that a 421 ended is known to be closed, and can be opened again.
fn reopens(client: &mut Client, rig: &Rig) {
    client.ask("AT+FTPOPEN?", "\r\n+FTPOPEN: 0\r\n\r\nOK\r\n");
    client.login(rig.server.user(), rig.server.password());
}

#[test]
fn a_421_in_place_of_a_reply() {
    for (verb, line, outcome) in [
        ("NOOP", "AT+FTPNOOP", "+FTPNOOP: 0"),
        ("PWD", "AT+FTPPWD", "+FTPPWD: 0"),
        ("STAT", "AT+FTPSTAT", "+FTPSTAT: 0"),
        ("RNTO", "AT+FTPREN=\"f\",\"g\"", "+FTPREN: 0"),
        ("TYPE", "AT+FTPRETR=\"f\"", "+FTPRETR: 0"),
        ("PASV", "AT+FTPLIST", "+FTPLIST: 0"),
        ("STOR", "AT+FTPSTOR=\"f\"", "+FTPSTOR: 0"),
        ("RETR", "AT+FTPGET=\"f\"", "+FTPGET: 0"),
    ] {
        let rig = Rig::new(|options| {
            options.farewell = Some(Farewell::InPlaceOf(verb.into()));
        });
        fs::write(rig.server.root().join("f"), "content").unwrap();
        let mut client = rig.opened();
        client.ask(line, &format!("\r\n{outcome}\r\n"));
        reopens(&mut client, &rig);
    }
    for verb in ["USER", "PASS"] {
        let rig = Rig::new(|options| {
            options.farewell = Some(Farewell::InPlaceOf(verb.into()));
        });
        let line = "AT+FTPOPEN=\"h\",\"nlftp\",\"nlftp\"";
        rig.client().ask(line, "\r\n+FTPOPEN: 0\r\n");
    }
}

#[test]
fn a_421_that_nobody_asked_for() {
    // USER, PASS, NOOP.
    let rig = Rig::new(|options| options.farewell = Some(Farewell::After(3)));
    let mut client = rig.opened();
    client.ask("AT+FTPINFO=1", "\r\nOK\r\n");
    client.line("AT+FTPNOOP");
    client.until(b"+FTPINFO:421 ");
    client.until(b"\r\n");
    reopens(&mut client, &rig);
}

#[test]
fn a_421_in_the_middle_of_a_transfer() {
    let rig = Rig::new(|options| options.farewell = Some(Farewell::InTransfer(200_000)));
    fs::write(rig.server.root().join("f"), noise(1_000_000)).unwrap();
    let mut client = rig.opened();
    client.ask("AT+FTPRETR=\"f\"", "\r\n+FTPRETR: 2\r\n");
    client.until(b"\x03\r\n+FTPRETR: 0\r\n");
    reopens(&mut client, &rig);
    client.ask("AT+FTPGET=\"f\"", "\r\n+FTPGET: 0\r\n");
    reopens(&mut client, &rig);
    client.ask("AT+FTPSTOR=\"g\"", "\r\n+FTPSTOR: 2\r\n");
    client.send(&stuffed(&noise(250_000)));
    client.until(b"\r\n+FTPSTOR: 0\r\n");
}
