//! FTP over TLS: files through the module, implicit and explicit, passive and active.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "../../core/tests/support/certificates.rs"]
mod certificates;
mod host;
mod secure;
mod tap;

use std::fs;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use certificates::Authority;
use host::{Client, PATIENCE, noise, stuffed};
use nlftp_vmodem::server::{FtpServer, ServerOptions, ServerTls, TlsStart};
use nlftp_vmodem::{Options, TlsMode, TlsOptions, VirtualModem};
use secure::{HOST, Rig, quiet, server_tls};
use tap::Tap;

/// Several of the module's caches, hundreds of TLS records.
const LARGE: usize = 3_000_000;

/// Every way up and down, on a server that demands TLS and session reuse.
fn every_way(mode: TlsMode) {
    let rig = Rig::new(mode);
    for active in ["0", "1"] {
        let mut client = rig.opened();
        client.ask(&format!("AT+FTPMODE={active}"), "\r\nOK\r\n");
        for (name, data) in [
            ("noise", noise(LARGE)),
            ("empty", Vec::new()),
            ("marks", [0x10, 0x03].repeat(40_000)),
        ] {
            let path = rig.server.root().join(name);
            client.store(&format!("\"{name}\""), &data, "1");
            assert!(fs::read(&path).unwrap() == data, "{name} by FTPSTOR");
            let stream = client.retrieve(&format!("\"{name}\""));
            assert!(stream == stuffed(&data), "{name} by FTPRETR");
            if data.is_empty() {
                client.ask(&format!("AT+FTPGET=\"{name}\""), "+FTPGET: 1\r\n");
                continue;
            }
            assert!(client.fetch(name, data.len()) == data, "{name} by FTPGET");
            let piece = &data[..data.len().min(50_000)];
            client.put(name, piece, 1024);
            assert!(fs::read(&path).unwrap() == piece, "{name} by FTPPUT");
        }
        let listing = client.ask("AT+FTPLIST", "\r\n+FTPLIST: 1\r\n");
        assert!(listing.contains(" 50000 "), "{listing}");
        // Offsets, and a command between transfers.
        assert!(client.retrieve("\"noise\",1,49990") == stuffed(&noise(LARGE)[49_990..50_000]));
        client.ask("AT+FTPDEL=\"noise\"", "\r\n+FTPDEL: 1\r\n");
        client.ask("AT+FTPRETR=\"noise\"", "\r\n+FTPRETR: 0\r\n");
        client.ask("AT+FTPCLOSE", "\r\n+FTPCLOSE: 1\r\n");
    }
    assert_eq!(rig.modem.notices(), Vec::<String>::new());
    let mut expected = vec!["AUTH TLS", "PBSZ 0", "PROT P", "USER nlftp", "PASS ****"];
    if mode == TlsMode::Implicit {
        expected.remove(0);
    }
    let commands = rig.server.commands();
    assert_eq!(commands[..expected.len()], expected);
}

#[test]
fn files_pass_over_implicit_tls() {
    every_way(TlsMode::Implicit);
}

#[test]
fn files_pass_over_explicit_tls() {
    every_way(TlsMode::Explicit);
}

#[test]
fn the_wire_carries_no_secret() {
    for mode in [TlsMode::Implicit, TlsMode::Explicit] {
        let rig = Rig::with(mode, |plan, _| plan.server.password = "do not tell".into());
        let tap = Tap::start(rig.server.address());
        let modem = VirtualModem::start(Options {
            modem: quiet(),
            route: Some(tap.address()),
            tls: TlsOptions {
                roots: vec![rig.authority.root_der()],
                mode,
                ..TlsOptions::default()
            },
            ..Options::default()
        })
        .unwrap();
        let mut client = Client::open(modem.port());
        rig.open(&mut client, "1");
        client.ask("AT+FTPCLOSE", "\r\n+FTPCLOSE: 1\r\n");
        drop((client, modem));
        let wire = tap.sent();
        assert!(wire.len() > 300, "{}", wire.len());
        let holds = |text: &[u8]| memchr::memmem::find(&wire, text).is_some();
        assert_eq!(wire.starts_with(b"AUTH TLS\r\n"), mode == TlsMode::Explicit);
        for text in ["USER", "PASS", "PROT", "nlftp", "do not tell"] {
            assert!(!holds(text.as_bytes()), "{mode:?}: {text}");
        }
    }
}

#[test]
fn the_port_tells_implicit_from_explicit() {
    for (port, start) in [(990, TlsStart::Implicit), (21, TlsStart::Required)] {
        let rig = Rig::with(TlsMode::ByPort, |plan, _| plan.tls.start = start);
        let mut client = rig.client();
        let line = format!("AT+FTPOPEN=\"{HOST}\",\"nlftp\",\"nlftp\",,,{port},,1");
        client.ask(&line, "\r\n+FTPOPEN: 1\r\n");
        client.ask("AT+FTPLIST", "\r\n+FTPLIST: 1\r\n");
    }
}

#[test]
fn an_address_can_be_what_a_certificate_names() {
    let rig = Rig::with(TlsMode::Explicit, |plan, authority| {
        let tls = server_tls(&authority.issue("127.0.0.1"));
        plan.tls = ServerTls {
            start: TlsStart::Required,
            ..tls
        };
    });
    let mut client = rig.client();
    let line = "AT+FTPOPEN=\"127.0.0.1\",\"nlftp\",\"nlftp\",,,2121,,1";
    client.ask(line, "\r\n+FTPOPEN: 1\r\n");
}

#[test]
fn session_reuse_is_what_a_server_may_demand() {
    for mode in [TlsMode::Implicit, TlsMode::Explicit] {
        let rig = Rig::with(mode, |plan, _| plan.modem.reuse_sessions = false);
        fs::write(rig.server.root().join("f"), "content").unwrap();
        let mut client = rig.opened();
        client.ask("AT+FTPINFO=1", "\r\nOK\r\n");
        let told = client.ask("AT+FTPRETR=\"f\"", "+FTPRETR: 0\r\n");
        if !told.contains("session reuse required") {
            // The line was held back behind the data phase.
            client.until(b"session reuse required");
        }
        client.ask("AT+FTPLIST", "+FTPLIST: 0\r\n");
        // A server that does not ask for it takes the same module.
        let rig = Rig::with(mode, |plan, _| {
            plan.modem.reuse_sessions = false;
            plan.tls.require_session_reuse = false;
        });
        let mut client = rig.opened();
        client.store("\"f\"", b"content", "1");
        assert_eq!(client.retrieve("\"f\""), b"content");
    }
}

#[test]
fn a_download_without_close_notify_has_failed() {
    let rig = Rig::with(TlsMode::Explicit, |plan, _| {
        plan.tls.omit_close_notify = true;
    });
    fs::write(rig.server.root().join("f"), noise(100_000)).unwrap();
    let mut client = rig.opened();
    client.ask("AT+FTPRETR=\"f\"", "\r\n+FTPRETR: 2\r\n");
    let stream = client.until(b"\x03\r\n+FTPRETR: 0\r\n");
    assert!(stream.starts_with(&stuffed(&noise(100_000))));
    let notices = rig.modem.notices();
    assert!(notices[0].contains("without close_notify"), "{notices:?}");
    client.ask("AT+FTPGET=\"f\"", "\r\n+FTPGET: 0\r\n");
    // Nothing comes down in an upload that could be cut short.
    client.store("\"g\"", &noise(100_000), "1");
    assert!(fs::read(rig.server.root().join("g")).unwrap() == noise(100_000));
}

/// close_notify would say that the file is whole.
#[test]
fn an_upload_that_is_left_is_told_from_a_whole_one() {
    for mode in [TlsMode::Implicit, TlsMode::Explicit] {
        let rig = Rig::new(mode);
        let mut client = rig.opened();
        client.ask("AT+FTPINFO=1", "\r\nOK\r\n");
        client.ask("AT+FTPPUT=\"f\",3,0", "+FTPPUT: 2,3\r\n");
        client.send(b"abc");
        client.until(b"\r\nOK\r\n");
        let told = client.ask("AT+FTPCLOSE", "\r\n+FTPCLOSE: 1\r\n");
        assert!(told.contains("+FTPINFO:426 "), "{told}");
    }
}

/// A cache that is full closes the data connection, and opens it again later.
#[test]
fn a_host_that_is_slow_loses_nothing() {
    let rig = Rig::new(TlsMode::Explicit);
    fs::write(rig.server.root().join("f"), noise(LARGE)).unwrap();
    let mut client = rig.opened();
    client.ask("AT+FTPGET=\"f\"", "+FTPGET: 2\r\n");
    // A host that reads at once may keep up with the server, and no cache is ever full.
    let began = Instant::now();
    while !client
        .ask("AT+FTPRECV?", "\r\nOK\r\n")
        .contains("+FTPRECV: 512000\r\n")
    {
        assert!(began.elapsed() < PATIENCE, "the cache does not fill");
        thread::sleep(Duration::from_millis(5));
    }
    let mut fetched = Vec::new();
    while fetched.len() < LARGE {
        client.ask("AT+FTPRECV=3000", "+FTPRECV: ");
        let count = String::from_utf8(client.until(b"\r\n")).unwrap();
        fetched.append(&mut client.take(count.trim().parse().unwrap()));
        client.until(b"\r\nOK\r\n");
    }
    assert!(fetched == noise(LARGE));
    let commands = rig.server.commands();
    let times = commands.iter().filter(|line| *line == "RETR f").count();
    assert!(times > 1, "{commands:?}");
}

#[test]
fn roots_that_cannot_be_read_are_told_at_once() {
    let start = |root: &[u8]| {
        let mut options = Options::default();
        options.tls.roots = vec![root.to_vec()];
        VirtualModem::start(options).map(drop)
    };
    assert!(start(&Authority::new().root()).is_ok());
    for bad in [
        &b"neither of the two"[..],
        b"-----BEGIN CERTIFICATE-----\nMIIB\n",
        b"-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    ] {
        let error = start(bad).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput, "{error}");
    }
    let authority = Authority::new();
    let mut tls = server_tls(&authority.issue(HOST));
    tls.key = server_tls(&authority.issue(HOST)).key;
    let options = ServerOptions {
        tls: Some(tls),
        ..ServerOptions::default()
    };
    assert!(FtpServer::start(options).is_err(), "a key of another one");
}

#[test]
fn notices_go_to_whoever_listens() {
    let (sender, receiver) = mpsc::channel();
    let modem = VirtualModem::start(Options {
        notices: Some(sender),
        modem: quiet(),
        tls: TlsOptions {
            mode: TlsMode::Explicit,
            ..TlsOptions::default()
        },
        ..Options::default()
    })
    .unwrap();
    let mut client = Client::open(modem.port());
    let server = FtpServer::start(ServerOptions::default()).unwrap();
    let port = server.port();
    client.ask(
        &format!("AT+FTPOPEN=\"127.0.0.1\",\"u\",\"p\",,,{port},,1"),
        "\r\n+FTPOPEN: 0\r\n",
    );
    let told = modem.notices();
    assert!(told[0].contains("AUTH TLS (502 "), "{told:?}");
    modem.stop();
    assert_eq!(receiver.iter().collect::<Vec<_>>(), told);
}

/// Python's ftplib waits for close_notify on data connections, and reuses no session.
#[test]
fn ftplib_agrees_with_the_server() {
    const SCRIPT: &str = "
import ftplib, io, ssl, sys
port, ca, start = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context(cafile=ca)
context.minimum_version = ssl.TLSVersion.TLSv1_2


class Client(ftplib.FTP_TLS):
    @property
    def sock(self):
        return self._sock

    @sock.setter
    def sock(self, value):
        if start == 'implicit' and value is not None and not isinstance(value, ssl.SSLSocket):
            value = context.wrap_socket(value, server_hostname='127.0.0.1')
        self._sock = value


ftp = Client(context=context, timeout=30)
ftp.connect('127.0.0.1', port)
if start == 'required':
    try:
        ftplib.FTP.login(ftp, 'nlftp', 'nlftp')
        raise AssertionError('a login in clear')
    except ftplib.error_perm as error:
        assert str(error).startswith('530'), error
    ftp.auth()
features = ftp.sendcmd('FEAT')
assert ' AUTH TLS' in features and ' PROT' in features, features
try:
    ftp.sendcmd('PROT P')
    raise AssertionError('PROT before PBSZ')
except ftplib.error_perm as error:
    assert str(error).startswith('503'), error
ftplib.FTP.login(ftp, 'nlftp', 'nlftp')
try:
    ftp.nlst()
    raise AssertionError('data in clear')
except ftplib.error_perm as error:
    assert str(error).startswith('521'), error
ftp.prot_p()
data = bytes(range(256)) * 4096
ftp.storbinary('STOR f', io.BytesIO(data))
for passive in (True, False):
    ftp.set_pasv(passive)
    out = io.BytesIO()
    ftp.retrbinary('RETR f', out.write)
    assert out.getvalue() == data
    ftp.storbinary('STOR e', io.BytesIO())
    assert sorted(ftp.nlst()) == ['e', 'f']
for level in ('S', 'X'):
    try:
        ftp.sendcmd('PROT ' + level)
        raise AssertionError(level)
    except ftplib.error_perm as error:
        assert str(error)[:3] in ('536', '504'), error
ftp.quit()
";
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    fs::write(&ca, authority.root()).unwrap();
    for start in [TlsStart::Required, TlsStart::Implicit] {
        let server = FtpServer::start(ServerOptions {
            tls: Some(ServerTls {
                start,
                clear_data_refusal: Some(521),
                ..server_tls(&authority.issue("127.0.0.1"))
            }),
            ..ServerOptions::default()
        })
        .unwrap();
        assert!(server.url().starts_with("ftps://"));
        let run = Command::new("python3")
            .args(["-c", SCRIPT])
            .arg(server.port().to_string())
            .arg(&ca)
            .arg(format!("{start:?}").to_lowercase())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{told}\n{:#?}", server.commands());
        assert_eq!(
            fs::metadata(server.root().join("f")).unwrap().len(),
            1 << 20
        );
    }
}
