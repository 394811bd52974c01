//! The modem's FTP client against servers that are not ours, typed as AT commands.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod host;
#[path = "../../core/tests/support/servers.rs"]
#[allow(dead_code, missing_docs, reason = "each test program uses its part")]
mod servers;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use host::{Client, noise, stuffed};
use nlftp_vmodem::{Options, VirtualModem};
use servers::{ForeignServer, Kind};

/// More than the module's cache holds.
const LARGE: usize = 1_100_000;

fn whole_session(kind: Kind) {
    let server = ForeignServer::start(kind).unwrap();
    let options = Options {
        route: Some(server.address()),
        ..Options::default()
    };
    let modem = VirtualModem::start(options).unwrap();
    let mut client = Client::open(modem.port());
    if kind != Kind::Vsftpd {
        // vsftpd serves anonymous users here, whatever their password.
        let line = format!("AT+FTPOPEN=\"h\",\"{}\",\"wrong\"", server.user());
        client.ask(&line, "\r\n+FTPOPEN: 0\r\n");
    }
    for mode in ["0", "1"] {
        client.login(server.user(), server.password());
        client.ask(&format!("AT+FTPMODE={mode}"), "\r\nOK\r\n");
        client.ask(
            &format!("AT+FTPCWD=\"{}\"", server.dir()),
            "\r\n+FTPCWD: 1\r\n",
        );
        files(&mut client, &server);
        offsets(&mut client, &server);
        names(&mut client, &server);
        failures(&mut client, &server);
        client.ask("AT+FTPCLOSE", "\r\n+FTPCLOSE: 1\r\n");
    }
}

fn files(client: &mut Client, server: &ForeignServer) {
    for (name, data) in [
        ("noise.bin", noise(LARGE)),
        ("empty.bin", Vec::new()),
        ("marks.bin", [0x10, 0x03].repeat(5_000)),
        ("two words", b"OK\r\n+FTPSTOR: 1\r\n".repeat(20)),
    ] {
        client.store(&format!("\"{name}\""), &data, "1");
        assert!(
            fs::read(server.root().join(name)).unwrap() == data,
            "{name}"
        );
        assert!(
            client.retrieve(&format!("\"{name}\"")) == stuffed(&data),
            "{name}"
        );
        if !data.is_empty() {
            assert!(client.fetch(name, data.len()) == data, "{name}");
            let data = &data[..data.len().min(20_000)];
            client.put("put.bin", data, 1000);
            assert!(fs::read(server.root().join("put.bin")).unwrap() == data);
        }
        // pure-ftpd lists no name with a space in it.
        let listing = client.ask("AT+FTPLIST", "\r\n+FTPLIST: 1\r\n");
        let entry = listing
            .lines()
            .find(|line| line.ends_with(&format!(" {name}")));
        let entry = entry.unwrap_or_else(|| panic!("{listing}"));
        assert!(entry.contains(&format!(" {} ", data.len())), "{entry}");
    }
    let listing = client.ask("AT+FTPLIST=\"marks.bin\"", "\r\n+FTPLIST: 1\r\n");
    assert!(listing.contains(" 10000 "), "{listing}");
    // Text gets the line ends of the server's system, and its own back.
    client.store("\"text\",0", b"one\r\ntwo\r\n", "1");
    assert_eq!(fs::read(server.root().join("text")).unwrap(), b"one\ntwo\n");
    assert_eq!(client.retrieve("\"text\",0"), b"one\r\ntwo\r\n");
    assert_eq!(client.retrieve("\"text\",1"), b"one\ntwo\n");
}

fn offsets(client: &mut Client, server: &ForeignServer) {
    let data = noise(LARGE);
    let path = server.root().join("noise.bin");
    assert!(client.retrieve("\"noise.bin\",1,1099990") == stuffed(&data[LARGE - 10..]));
    client.ask("AT+FTPREST=1099995", "\r\nOK\r\n");
    assert!(client.retrieve("\"noise.bin\"") == stuffed(&data[LARGE - 5..]));
    assert!(client.fetch("noise.bin", 5) == data[LARGE - 5..]);
    client.ask("AT+FTPREST=0", "\r\nOK\r\n");
    client.store("\"noise.bin\",1,20", b"inside", "1");
    let stored = fs::read(&path).unwrap();
    assert!(stored.starts_with(&[&data[..20], b"inside"].concat()));
    // pure-ftpd cuts the file off there.
    let tail: &[u8] = match server.kind() {
        Kind::PureFtpd => &[],
        _ => &data[26..],
    };
    assert!(stored[26..] == *tail);
}

fn names(client: &mut Client, server: &ForeignServer) {
    client.ask("AT+FTPMKD=\"folder\"", "\r\n+FTPMKD: 1\r\n");
    client.ask("AT+FTPCWD=\"folder\"", "\r\n+FTPCWD: 1\r\n");
    let answer = client.ask("AT+FTPPWD", "\r\n+FTPPWD: 1\r\n");
    let folder = format!("{}/folder", server.dir().trim_end_matches('/'));
    assert!(
        answer.contains(&format!("+FTPPWD: 2,\"{folder}\"\r\n")),
        "{answer}"
    );
    client.ask("AT+FTPLIST", "\r\n+FTPLIST: 1\r\n");
    client.ask("AT+FTPCDUP", "\r\n+FTPCDUP: 1\r\n");
    client.ask("AT+FTPRMD=\"folder\"", "\r\n+FTPRMD: 1\r\n");
    client.ask("AT+FTPREN=\"text\",\"words\"", "\r\n+FTPREN: 1\r\n");
    assert!(server.root().join("words").exists());
    let answer = client.ask("AT+FTPSYST", "\r\n+FTPSYST: 1\r\n");
    assert!(answer.contains("+FTPSYST: 2,UNIX"), "{answer}");
    client.ask("AT+FTPNOOP", "\r\n+FTPNOOP: 1\r\n");
    client.ask("AT+FTPSTAT", "\r\n+FTPSTAT: 1\r\n");
    let answer = client.ask("AT+FTPSTAT=\"words\"", "\r\n+FTPSTAT: 1\r\n");
    assert!(answer.contains("words"), "{answer}");
    client.ask("AT+FTPINFO=1", "\r\nOK\r\n");
    let answer = client.ask("AT+FTPLIST", "\r\n+FTPLIST: 1\r\n");
    assert!(answer.contains("\r\n+FTPINFO:LIST\r\n"), "{answer}");
    client.ask("AT+FTPINFO=0", "\r\nOK\r\n");
    // Folders whose names a command cannot spell, or that Telnet would spell otherwise.
    if server.kind() != Kind::Pyftpdlib {
        // pyftpdlib takes names in UTF-8 only.
        client.ask_bytes(b"AT+FTPMKD=\"a\xffb\"", b"\r\n+FTPMKD: 1\r\n");
        assert!(server.root().join(OsStr::from_bytes(b"a\xffb")).is_dir());
        client.ask_bytes(b"AT+FTPCWD=\"a\xffb\"", b"\r\n+FTPCWD: 1\r\n");
        let answer = client.ask_bytes(b"AT+FTPPWD", b"\r\n+FTPPWD: 1\r\n");
        assert!(
            memchr::memmem::find(&answer, b"/a\xffb\"\r\n").is_some(),
            "{answer:?}"
        );
        client.ask("AT+FTPCDUP", "\r\n+FTPCDUP: 1\r\n");
        client.ask_bytes(b"AT+FTPRMD=\"a\xffb\"", b"\r\n+FTPRMD: 1\r\n");
    }
}

fn failures(client: &mut Client, server: &ForeignServer) {
    client.ask("AT+FTPRETR=\"missing\"", "\r\n+FTPRETR: 0\r\n");
    client.ask("AT+FTPGET=\"missing\"", "\r\n+FTPGET: 0\r\n");
    client.ask("AT+FTPSTOR=\"no/such/folder\"", "\r\n+FTPSTOR: 0\r\n");
    client.ask("AT+FTPPUT=\"no/such/folder\",1,1", "\r\nERROR\r\n");
    for verb in ["CWD", "RMD", "DEL"] {
        client.ask(
            &format!("AT+FTP{verb}=\"missing\""),
            &format!("\r\n+FTP{verb}: 0\r\n"),
        );
    }
    client.ask("AT+FTPREN=\"missing\",\"x\"", "\r\n+FTPREN: 0\r\n");
    // Some servers list nothing, and are content.
    let outcome = match server.kind() {
        Kind::Vsftpd | Kind::PureFtpd => "1",
        Kind::Proftpd | Kind::Pyftpdlib => "0",
    };
    client.ask(
        "AT+FTPLIST=\"missing\"",
        &format!("\r\n+FTPLIST: {outcome}\r\n"),
    );
    // A transfer left in the middle, and the same connection used on.
    client.ask("AT+FTPPUT=\"left.bin\",3,0", "+FTPPUT: 2,3\r\n");
    client.send(b"abc");
    client.until(b"\r\nOK\r\n");
    client.ask("AT+FTPCLOSE", "\r\n+FTPCLOSE: 1\r\n");
    client.login(server.user(), server.password());
    client.ask(
        &format!("AT+FTPCWD=\"{}\"", server.dir()),
        "\r\n+FTPCWD: 1\r\n",
    );
    for entry in fs::read_dir(server.root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        client.ask(&format!("AT+FTPDEL=\"{name}\""), "\r\n+FTPDEL: 1\r\n");
    }
    client.ask("AT+FTPLIST", "\r\n+FTPLIST: 1\r\n");
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn commands_pass_through_vsftpd() {
    whole_session(Kind::Vsftpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn commands_pass_through_proftpd() {
    whole_session(Kind::Proftpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn commands_pass_through_pureftpd() {
    whole_session(Kind::PureFtpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn commands_pass_through_pyftpdlib() {
    whole_session(Kind::Pyftpdlib);
}
