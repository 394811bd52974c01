//! FTPS that does not come about: outcome 0, a notice that names the cause, and neither name nor
//! password in clear.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "../../core/tests/support/certificates.rs"]
mod certificates;
mod host;
mod secure;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::Duration;

use certificates::Authority;
use host::Client;
use nlftp_vmodem::network::{NetEvent, NetRequest, SocketId};
use nlftp_vmodem::server::ServerTls;
use nlftp_vmodem::{Modem, Options, TlsMode, TlsOptions, VirtualModem};
use secure::{HOST, Rig, quiet, server_tls};

const BOTH: [TlsMode; 2] = [TlsMode::Implicit, TlsMode::Explicit];

#[test]
fn a_certificate_of_a_stranger() {
    for mode in BOTH {
        let rig = Rig::with(mode, |plan, _| {
            plan.modem.roots = vec![Authority::named("somebody else").root()];
        });
        rig.is_refused("the server's certificate was refused: unknown issuer");
    }
}

/// An authority made anew under its old name.
#[test]
fn a_certificate_of_a_namesake() {
    let rig = Rig::with(TlsMode::Explicit, |plan, _| {
        plan.modem.roots = vec![Authority::new().root()];
    });
    rig.is_refused("the server's certificate was refused: ");
}

#[test]
fn nobody_is_trusted_without_roots() {
    for mode in BOTH {
        let rig = Rig::with(mode, |plan, _| plan.modem.roots.clear());
        rig.is_refused("certificate was refused: no certificate authority to trust was given");
    }
}

#[test]
fn a_certificate_for_another_name() {
    for mode in BOTH {
        let rig = Rig::with(mode, |plan, authority| {
            let tls = server_tls(&authority.issue("ftp.elsewhere"));
            (plan.tls.certificate, plan.tls.key) = (tls.certificate, tls.key);
        });
        rig.is_refused("certificate was refused: not valid for the name ftp.test");
    }
}

#[test]
fn certificates_before_and_after_their_time() {
    for (years, cause) in [((2001, 2002), "expired"), ((2100, 2101), "not valid yet")] {
        let rig = Rig::with(TlsMode::Explicit, |plan, authority| {
            let tls = server_tls(&authority.issue_with(HOST, |params| {
                params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
                params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
            }));
            (plan.tls.certificate, plan.tls.key) = (tls.certificate, tls.key);
        });
        rig.is_refused(&format!("certificate was refused: {cause}"));
    }
}

#[test]
fn a_name_that_no_certificate_holds() {
    let rig = Rig::new(TlsMode::Explicit);
    let line = "AT+FTPOPEN=\"two words\",\"nlftp\",\"nlftp\",,,21,,1";
    rig.client().ask(line, "\r\n+FTPOPEN: 0\r\n");
    let notices = rig.modem.notices();
    assert!(notices[0].contains("two words is no name"), "{notices:?}");
    assert_eq!(rig.server.commands(), ["AUTH TLS"]);
}

#[test]
fn steps_that_a_server_refuses() {
    for (verb, code, cause) in [
        ("AUTH", 534, "the server refused AUTH TLS (534 "),
        ("AUTH", 421, "the server refused AUTH TLS (421 "),
        ("PBSZ", 500, "PBSZ 0 refused (500 "),
        ("PROT", 536, "PROT P refused (536 "),
        ("PROT", 534, "PROT P refused (534 "),
    ] {
        for mode in BOTH {
            if (verb, mode) == ("AUTH", TlsMode::Implicit) {
                continue;
            }
            let rig = Rig::with(mode, |plan, _| {
                plan.server.refused.insert(verb.into(), code);
            });
            rig.is_refused(cause);
        }
    }
}

#[test]
fn a_server_without_tls() {
    for (mode, cause) in [
        (TlsMode::Explicit, "the server refused AUTH TLS (502 "),
        (
            TlsMode::Implicit,
            "the server does not speak TLS on this port",
        ),
    ] {
        let rig = Rig::with(mode, |plan, _| plan.tls = ServerTls::default());
        rig.is_refused(cause);
    }
}

#[test]
fn a_server_that_hangs_up_in_the_handshake() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let mut client = listener.accept().unwrap().0;
        client.write_all(b"220 ready\r\n").unwrap();
        let mut hello = [0; 10];
        client.read_exact(&mut hello).unwrap();
        client.write_all(b"234 go on\r\n").unwrap();
        client.read_exact(&mut hello).unwrap();
        hello
    });
    let modem = VirtualModem::start(Options {
        modem: quiet(),
        route: Some(address),
        tls: TlsOptions {
            mode: TlsMode::Explicit,
            ..TlsOptions::default()
        },
        ..Options::default()
    })
    .unwrap();
    let mut client = Client::open(modem.port());
    client.ask(
        "AT+FTPOPEN=\"h.test\",\"u\",\"p\",,,21,,1",
        "\r\n+FTPOPEN: 0\r\n",
    );
    // What came behind AUTH TLS is the first byte of a TLS handshake.
    assert_eq!(server.join().unwrap()[0], 22);
    let notices = modem.notices();
    // Bytes that the server left unread make its end a reset.
    assert!(notices[0].contains("TLS handshake"), "{notices:?}");
}

/// A modem in the middle of FTPOPEN, whose network the test is.
struct Opening {
    modem: Modem,
    id: SocketId,
}

impl Opening {
    fn new(mode: TlsMode) -> Opening {
        let mut modem = Modem::new(quiet());
        modem.set_tls_mode(mode);
        modem.receive(Duration::ZERO, b"AT+FTPOPEN=\"h\",\"u\",\"p\",,,2121,,1\r");
        let Some(NetRequest::Connect { id, tls, .. }) = modem.poll_network() else {
            panic!("no connection asked for");
        };
        assert_eq!(tls, mode == TlsMode::Implicit);
        let peer = "127.0.0.1:2121".parse().unwrap();
        modem.network(Duration::ZERO, NetEvent::Connected { id, peer });
        Opening { modem, id }
    }

    fn says(&mut self, text: &str) {
        let (id, bytes) = (self.id, text.as_bytes());
        self.modem
            .network(Duration::ZERO, NetEvent::Received { id, bytes });
    }

    fn sent(&mut self) -> String {
        let text = String::from_utf8_lossy(self.modem.pending(self.id)).into_owned();
        self.modem.sent(Duration::ZERO, self.id, text.len());
        text
    }

    fn ends_with(mut self, cause: &str) {
        let answer = String::from_utf8_lossy(self.modem.output()).into_owned();
        assert!(answer.ends_with("\r\n+FTPOPEN: 0\r\n"), "{answer}");
        assert_eq!(self.sent(), "");
        let notice = self.modem.take_notice().unwrap();
        assert!(notice.contains(cause), "{notice}");
        assert!(matches!(
            self.modem.poll_network(),
            Some(NetRequest::Close { .. })
        ));
    }
}

#[test]
fn clear_text_behind_the_reply_to_auth_is_an_attack() {
    for text in ["234 go on\r\n200 PBSZ\r\n", "234 go on\r\n2"] {
        let mut opening = Opening::new(TlsMode::Explicit);
        opening.says("220 ready\r\n");
        assert_eq!(opening.sent(), "AUTH TLS\r\n");
        opening.says(text);
        assert!(matches!(
            opening.modem.poll_network(),
            Some(NetRequest::Secure { .. })
        ));
        opening.ends_with("clear text behind its reply to AUTH TLS");
    }
}

#[test]
fn a_silent_server_is_told_apart_step_by_step() {
    for (greeting, steps, cause) in [
        (
            "",
            0,
            "the server may want TLS from the first byte (implicit)",
        ),
        ("220 ready\r\n", 0, "no reply to AUTH TLS"),
        ("220 ready\r\n", 1, "the TLS handshake did not end"),
        ("220 ready\r\n", 2, "no reply to PBSZ 0"),
        ("220 ready\r\n", 3, "no reply to PROT P"),
    ] {
        let mut opening = Opening::new(TlsMode::Explicit);
        opening.says(greeting);
        for step in 0..steps {
            match step {
                0 => opening.says("234 go on\r\n"),
                1 => {
                    assert!(opening.modem.poll_network().is_some());
                    let id = opening.id;
                    opening
                        .modem
                        .network(Duration::ZERO, NetEvent::Secured { id });
                }
                _ => opening.says("200 fine\r\n"),
            }
        }
        if steps == 1 {
            assert!(opening.modem.poll_network().is_some());
        }
        opening.sent();
        let at = opening.modem.deadline().unwrap();
        opening.modem.advance(at);
        opening.ends_with(cause);
    }
    let mut opening = Opening::new(TlsMode::Implicit);
    let at = opening.modem.deadline().unwrap();
    opening.modem.advance(at);
    opening.ends_with("the TLS handshake did not end");
}
