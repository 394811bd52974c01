//! The same modem as a program meets it: a port to open, a real FTP server behind it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod host;

use std::fs;
use std::io::Read;
use std::time::{Duration, Instant};

use host::{Client, PATIENCE, noise, stuffed};
use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{Dialect, Dtr, ModemConfig, Options, VirtualModem};
use rustix::fs::{Mode, OFlags};

fn quiet() -> ModemConfig {
    ModemConfig {
        echo: false,
        ..ModemConfig::default()
    }
}

fn start(modem: ModemConfig) -> (VirtualModem, FtpServer) {
    let server = FtpServer::start(ServerOptions::default()).unwrap();
    let options = Options {
        modem,
        route: Some(server.address()),
        ..Options::default()
    };
    (VirtualModem::start(options).unwrap(), server)
}

#[test]
fn a_fresh_port_is_raw_from_its_first_byte() {
    let modem = VirtualModem::start(Options::default()).unwrap();
    let mut client = Client::open(modem.port());
    assert_eq!(client.ask("AT", "\r\nOK\r\n"), "AT\r\r\nOK\r\n");
    assert_eq!(modem.sent_lines(), ["AT"]);
}

#[test]
fn files_go_up_and_down_by_all_four_ways_in_both_modes() {
    for mode in ["0", "1"] {
        let (modem, server) = start(quiet());
        let mut client = Client::open(modem.port());
        client.ask(&format!("AT+FTPMODE={mode}"), "OK\r\n");
        client.login(server.user(), server.password());
        let data = noise(1_300_000);

        client.ask("AT+FTPSTOR=\"up\"", "+FTPSTOR: 2\r\n");
        client.send(&stuffed(&data));
        client.send(&[3]);
        client.until(b"\r\n+FTPSTOR: 1\r\n");
        assert!(fs::read(server.root().join("up")).unwrap() == data);

        client.ask("AT+FTPRETR=\"up\"", "+FTPRETR: 2\r\n");
        let stream = client.until(b"\x03\r\n+FTPRETR: 1\r\n");
        assert!(stream.strip_suffix(b"\x03\r\n+FTPRETR: 1\r\n").unwrap() == stuffed(&data));

        client.ask("AT+FTPPUT=\"put\",1000,0", "+FTPPUT: 2,1000\r\n");
        client.send(&data[..1000]);
        client.until(b"\r\nOK\r\n");
        client.ask("AT+FTPPUT=\"put\",24,1", "+FTPPUT: 2,24\r\n");
        client.send(&data[1000..1024]);
        client.until(b"\r\nOK\r\n\r\n+FTPPUT: 1\r\n");
        assert!(fs::read(server.root().join("put")).unwrap() == data[..1024]);

        let fetched = client.fetch("up", data.len());
        assert!(fetched == data);

        let list = client.ask("AT+FTPLIST", "\r\n+FTPLIST: 1\r\n");
        assert!(
            list.contains("1300000") && list.contains(" up\r\n"),
            "{list}"
        );
        client.ask("AT+FTPDEL=\"up\"", "+FTPDEL: 1\r\n");
        client.ask("AT+FTPCLOSE", "+FTPCLOSE: 1\r\n");
        modem.stop();
    }
}

#[test]
fn a_client_that_leaves_drops_dtr() {
    for (dtr, open) in [(Dtr::Present, "+FTPOPEN: 0"), (Dtr::Ignored, "+FTPOPEN: 1")] {
        let (modem, server) = start(ModemConfig { dtr, ..quiet() });
        let mut client = Client::open(modem.port());
        client.login(server.user(), server.password());
        client.ask("AT&D2", "OK\r\n");
        // So quickly that nobody looks at the port while it is closed.
        drop(client);
        let mut client = Client::open(modem.port());
        assert!(client.ask("AT+FTPOPEN?", "OK\r\n").contains(open));
    }
}

#[test]
fn a_second_client_beside_the_first_is_no_drop() {
    let (modem, server) = start(quiet());
    let mut client = Client::open(modem.port());
    client.login(server.user(), server.password());
    client.ask("AT&D2", "OK\r\n");
    drop(Client::open(modem.port()));
    assert!(client.ask("AT+FTPOPEN?", "OK\r\n").contains("+FTPOPEN: 1"));
}

#[test]
fn an_upload_cut_by_a_killed_client_goes_on_as_payload_when_dtr_is_ignored() {
    let (modem, server) = start(ModemConfig {
        dtr: Dtr::Ignored,
        ..quiet()
    });
    let mut client = Client::open(modem.port());
    client.login(server.user(), server.password());
    client.ask("AT+FTPSTOR=\"f\"", "+FTPSTOR: 2\r\n");
    client.send(b"half");
    drop(client);
    let mut client = Client::open(modem.port());
    client.send(b"AT\r\x03");
    client.until(b"\r\n+FTPSTOR: 1\r\n");
    assert_eq!(fs::read(server.root().join("f")).unwrap(), b"halfAT\r");
}

#[test]
fn what_was_written_before_stopping_is_read_after_it() {
    let modem = VirtualModem::start(Options {
        modem: quiet(),
        ..Options::default()
    })
    .unwrap();
    let mut client = Client::open(modem.port());
    client.line("AT");
    assert!(client.readable(PATIENCE));
    let reader = std::thread::spawn(move || client.until(b"\r\nOK\r\n"));
    modem.stop();
    reader.join().unwrap();
}

#[test]
fn a_port_that_vanishes_is_gone_for_its_client() {
    let modem = VirtualModem::start(Options {
        modem: quiet(),
        ..Options::default()
    })
    .unwrap();
    let mut client = Client::open(modem.port());
    client.ask("AT", "OK\r\n");
    modem.hang_up();
    assert!(client.readable(PATIENCE));
    assert!(!matches!(client.port.read(&mut [0; 9]), Ok(1..)));
    assert!(
        !modem.port().exists()
            || rustix::fs::open(modem.port(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty())
                .is_err()
    );
}

#[test]
fn a_silent_modem_takes_bytes_and_says_nothing_until_it_may() {
    let modem = VirtualModem::start(Options {
        modem: quiet(),
        ..Options::default()
    })
    .unwrap();
    let mut client = Client::open(modem.port());
    client.ask("AT", "OK\r\n");
    modem.set_silent(true);
    // The flag is seen before the bytes: both wake the same thread, which looks at the flag first.
    client.line("AT");
    assert!(!client.readable(Duration::from_millis(100)));
    modem.set_silent(false);
    client.ask("AT", "OK\r\n");
}

#[test]
fn the_link_replaces_a_stale_one_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("port");
    let options = || Options {
        modem: quiet(),
        link: Some(link.clone()),
        ..Options::default()
    };
    std::os::unix::fs::symlink("/nowhere", &link).unwrap();
    let modem = VirtualModem::start(options()).unwrap();
    assert_eq!(modem.port(), link);
    Client::open(modem.port()).ask("AT", "OK\r\n");
    modem.stop();
    assert!(fs::symlink_metadata(&link).is_err());
    fs::write(&link, "mine").unwrap();
    assert!(VirtualModem::start(options()).is_err());
    assert_eq!(fs::read(&link).unwrap(), b"mine");
}

#[test]
fn a_paced_line_takes_as_long_as_a_uart() {
    let server = FtpServer::start(ServerOptions::default()).unwrap();
    fs::write(server.root().join("f"), vec![b'x'; 23_040]).unwrap();
    let options = Options {
        modem: quiet(),
        baud: Some(230_400),
        route: Some(server.address()),
        ..Options::default()
    };
    let modem = VirtualModem::start(options).unwrap();
    let mut client = Client::open(modem.port());
    client.login(server.user(), server.password());
    // Before the command: the file is on its way as soon as the modem has it.
    let start = Instant::now();
    client.ask("AT+FTPRETR=\"f\"", "+FTPRETR: 2\r\n");
    client.until(b"+FTPRETR: 1\r\n");
    let down = start.elapsed();
    assert!(down > Duration::from_millis(900), "{down:?}");
    client.ask("AT+FTPSTOR=\"g\"", "+FTPSTOR: 2\r\n");
    let start = Instant::now();
    client.send(&[b'x'; 23_040]);
    client.send(&[3]);
    client.until(b"+FTPSTOR: 1\r\n");
    let up = start.elapsed();
    assert!(up > Duration::from_millis(900), "{up:?}");
}

#[test]
fn a_usb_port_with_a_timer_gives_the_whole_file() {
    let (modem, server) = start(ModemConfig {
        usb: true,
        ..quiet()
    });
    let data = noise(50_000);
    fs::write(server.root().join("f"), &data).unwrap();
    let mut client = Client::open(modem.port());
    client.login(server.user(), server.password());
    client.ask("AT+GTSET=\"FTPLIMIT\",1", "\r\nOK\r\n");
    assert!(client.retrieve("\"f\"") == stuffed(&data));
}

#[test]
fn what_is_typed_too_early_waits_where_the_firmware_queues() {
    let (modem, server) = start(ModemConfig {
        dialect: "while_owed=queued".parse().unwrap(),
        ..quiet()
    });
    let mut client = Client::open(modem.port());
    client.login(server.user(), server.password());
    client.send(b"AT+FTPNOOP\rAT+FTPSTOR=\"f\"\rearly\x03AT+FTPOPEN?\r");
    let all = client.until(b"+FTPOPEN: 1\r\n\r\nOK\r\n");
    assert_eq!(
        String::from_utf8_lossy(&all).replace("\r\n", "|"),
        "|OK||+FTPNOOP: 1||OK||+FTPSTOR: 2||+FTPSTOR: 1||+FTPOPEN: 1||OK|"
    );
    assert_eq!(fs::read(server.root().join("f")).unwrap(), b"early");
}

#[test]
fn the_modem_fills_a_gap_before_an_upload_by_itself() {
    let (modem, server) = start(ModemConfig {
        dialect: "stor_beyond=modem".parse().unwrap(),
        ..quiet()
    });
    fs::write(server.root().join("old"), "12345").unwrap();
    let mut client = Client::open(modem.port());
    client.login(server.user(), server.password());
    client.store("\"old\",1,1000000", b"end", "1");
    client.store("\"new\",1,7", b"end", "1");
    let old = fs::read(server.root().join("old")).unwrap();
    assert!(old == [b"12345".as_slice(), &vec![0; 999_995], b"end"].concat());
    assert_eq!(
        fs::read(server.root().join("new")).unwrap(),
        b"\0\0\0\0\0\0\0end"
    );
}

#[test]
fn a_client_that_reads_slowly_loses_nothing() {
    let (modem, server) = start(quiet());
    let data = noise(3_000_000);
    fs::write(server.root().join("f"), &data).unwrap();
    let mut client = Client::open(modem.port());
    client.login(server.user(), server.password());
    client.ask("AT+FTPRETR=\"f\"", "+FTPRETR: 2\r\n");
    // Long enough for every buffer on the way to fill.
    std::thread::sleep(Duration::from_millis(300));
    let stream = client.until(b"\x03\r\n+FTPRETR: 1\r\n");
    assert!(stream.strip_suffix(b"\x03\r\n+FTPRETR: 1\r\n").unwrap() == stuffed(&data));
}

#[test]
fn without_a_route_names_are_resolved_and_ports_obeyed() {
    let server = FtpServer::start(ServerOptions::default()).unwrap();
    let modem = VirtualModem::start(Options {
        modem: quiet(),
        ..Options::default()
    })
    .unwrap();
    let mut client = Client::open(modem.port());
    for host in ["localhost", "127.0.0.1"] {
        let (port, user, password) = (server.address().port(), server.user(), server.password());
        let line = format!("AT+FTPOPEN=\"{host}\",\"{user}\",\"{password}\",,0,{port},0");
        client.ask(&line, "\r\n+FTPOPEN: 1\r\n");
        client.ask("AT+FTPCLOSE", "+FTPCLOSE: 1\r\n");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    client.ask(
        &format!("AT+FTPOPEN=\"127.0.0.1\",\"u\",\"p\",,0,{taken},0"),
        "\r\n+FTPOPEN: 0\r\n",
    );
}

#[test]
fn encryption_is_refused_rather_than_left_out() {
    let modem = ModemConfig {
        dialect: Dialect {
            open_tls_seventh: true,
            ..Dialect::default()
        },
        ..quiet()
    };
    let (modem, server) = start(modem);
    let mut client = Client::open(modem.port());
    let line = format!(
        "AT+FTPOPEN=\"h\",\"{}\",\"{}\",,990,,1",
        server.user(),
        server.password()
    );
    client.ask(&line, "\r\n+FTPOPEN: 0\r\n");
}

/// The next client may open the port while the modem still notices that the last one went.
#[test]
fn a_clients_own_settings_are_left_alone_however_soon_it_follows_another() {
    use rustix::termios::{InputModes, OptionalActions, tcgetattr, tcsetattr};
    let (modem, _server) = start(quiet());
    for round in 0..50 {
        drop(Client::open(modem.port()));
        let mut client = Client::open(modem.port());
        // Breaks mean nothing to a pseudo-terminal, but raw mode would undo it.
        let mut settings = tcgetattr(&client.port).unwrap();
        settings.input_modes |= InputModes::IGNBRK;
        tcsetattr(&client.port, OptionalActions::Now, &settings).unwrap();
        client.ask("AT", "\r\nOK\r\n");
        let found = tcgetattr(&client.port).unwrap().input_modes;
        assert_eq!(found, settings.input_modes, "round {round}");
    }
}
