//! The small FTP server, judged by Python's ftplib and by raw sockets.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use nlftp_vmodem::server::{FtpServer, ServerOptions};

fn start(change: impl FnOnce(&mut ServerOptions)) -> FtpServer {
    let mut options = ServerOptions::default();
    change(&mut options);
    FtpServer::start(options).expect("a server")
}

/// A control connection without any cleverness.
struct Raw {
    reader: BufReader<TcpStream>,
}

impl Raw {
    fn connect(server: &FtpServer) -> Raw {
        let stream = TcpStream::connect(server.address()).expect("a connection");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a time limit");
        Raw {
            reader: BufReader::new(stream),
        }
    }

    fn logged_in(server: &FtpServer) -> Raw {
        let mut raw = Raw::connect(server);
        raw.expect("220");
        raw.send(format!("USER {}\r\n", server.user()));
        raw.expect("331");
        raw.send(format!("PASS {}\r\n", server.password()));
        raw.expect("230");
        raw
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.reader
            .get_mut()
            .write_all(bytes.as_ref())
            .expect("sent");
    }

    /// The next reply, all its lines.
    fn reply(&mut self) -> String {
        let mut all = String::new();
        let mut code = None;
        loop {
            let mut line = Vec::new();
            self.reader.read_until(b'\n', &mut line).expect("a reply");
            let line = String::from_utf8_lossy(&line).into_owned();
            assert!(line.ends_with("\r\n"), "{line:?} after {all:?}");
            all.push_str(&line);
            let code = code.get_or_insert_with(|| line[..3].to_owned());
            if line.starts_with(&format!("{code} ")) {
                return all;
            }
        }
    }

    fn expect(&mut self, code: &str) -> String {
        let reply = self.reply();
        assert!(reply.starts_with(code), "{code} expected, {reply:?} came");
        reply
    }

    fn command(&mut self, command: &str, code: &str) -> String {
        self.send(format!("{command}\r\n"));
        self.expect(code)
    }

    fn passive(&mut self) -> TcpStream {
        TcpStream::connect(self.passive_address()).expect("a data connection")
    }

    fn passive_address(&mut self) -> SocketAddr {
        let reply = self.command("EPSV", "229");
        let port = reply.split('|').nth(3).expect("a port");
        SocketAddr::from(([127, 0, 0, 1], port.parse().expect("a number")))
    }

    fn ended(&mut self) {
        let mut rest = Vec::new();
        self.reader.read_to_end(&mut rest).expect("the end");
        assert_eq!(rest, b"");
    }
}

#[test]
fn ftplib_agrees() {
    let server = start(|_| {});
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/server_ftplib.py");
    let run = Command::new("python3")
        .arg(script)
        .arg(server.port().to_string())
        .arg(server.root())
        .output()
        .expect("python3");
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{told}\n{:#?}", server.commands());
}

#[test]
fn commands_may_be_pipelined() {
    let server = start(|_| {});
    fs::write(server.root().join("a"), "hello").expect("a file");
    let mut raw = Raw::connect(&server);
    raw.expect("220");
    raw.send("USER nlftp\r\nPASS nlftp\r\nTYPE I\r\nPWD\nSIZE a\r\n\r\nNOOP\r\n");
    for code in ["331", "230", "200", "257", "213 5", "500", "200"] {
        raw.expect(code);
    }
    // Commands sent during a transfer are carried out after it.
    let mut data = raw.passive();
    raw.send("RETR a\r\nNOOP\r\nQUIT\r\nNOOP\r\n");
    let mut got = Vec::new();
    data.read_to_end(&mut got).expect("the file");
    assert_eq!(got, b"hello");
    for code in ["150", "226", "200", "221"] {
        raw.expect(code);
    }
    raw.ended();
}

#[test]
fn lines_may_come_byte_by_byte() {
    let server = start(|_| {});
    let mut raw = Raw::logged_in(&server);
    for byte in b"MKD a b\r\nCWD a b\r\nPWD\r\n" {
        raw.send([*byte]);
        thread::sleep(Duration::from_millis(1));
    }
    raw.expect("257 \"/a b\"");
    raw.expect("250");
    raw.expect("257 \"/a b\"");
}

#[test]
fn over_long_lines_do_no_harm() {
    let server = start(|_| {});
    let mut raw = Raw::logged_in(&server);
    let long = vec![b'x'; 1 << 20];
    raw.send(&long);
    raw.send(b"\r\nNOOP\r\n");
    raw.expect("500");
    raw.expect("200");
    raw.command(&format!("CWD {}", "y".repeat(3000)), "550");
    raw.command(&format!("MKD {}", "z".repeat(300)), "550");
}

#[test]
fn hostile_bytes_do_no_harm() {
    let server = start(|_| {});
    let mut seed = 1u32;
    for round in 0..20 {
        let mut raw = Raw::logged_in(&server);
        let junk: Vec<u8> = (0..5000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Line ends are rare in random bytes: make them less so.
                if seed >> 28 == 0 {
                    b'\n'
                } else {
                    (seed >> 16) as u8
                }
            })
            .collect();
        raw.send(&junk);
        raw.send(b"\r\nQUIT\r\n");
        let mut last = String::new();
        while !last.starts_with("221") {
            last = raw.reply();
            assert!(
                !last.starts_with('2') || last.starts_with("221"),
                "{round}: {last}"
            );
        }
    }
    Raw::logged_in(&server).command("MKD a\0b", "501");
}

#[test]
fn nothing_outside_the_root_is_reached() {
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret"), "secret").expect("a file");
    let server = start(|_| {});
    fs::create_dir(server.root().join("d")).expect("a folder");
    symlink(outside.path(), server.root().join("out")).expect("a link");
    symlink(outside.path().join("secret"), server.root().join("file")).expect("a link");
    symlink(outside.path().join("new"), server.root().join("dangling")).expect("a link");
    symlink("d", server.root().join("in")).expect("a link");
    let mut raw = Raw::logged_in(&server);
    raw.command("TYPE I", "200");
    for name in [
        "out/secret",
        "file",
        "../../../../../../etc/passwd",
        "/etc/passwd",
        "out",
    ] {
        raw.command(&format!("SIZE {name}"), "550");
        raw.passive();
        raw.command(&format!("RETR {name}"), "550");
        raw.command(&format!("LIST {name}"), "550");
        raw.command(&format!("MLST {name}"), "550");
        raw.command(&format!("STAT {name}"), "450");
    }
    for name in ["out", "out/", "in/../out"] {
        raw.command(&format!("CWD {name}"), "550");
    }
    raw.passive();
    for name in ["out/new", "dangling", "file", "out/secret"] {
        raw.command(&format!("STOR {name}"), "553");
        raw.command(&format!("APPE {name}"), "553");
    }
    raw.command("MKD out/new", "550");
    raw.command("DELE out/secret", "550");
    raw.command("RNFR out/secret", "550");
    raw.command("RNFR d", "350");
    raw.command("RNTO out/d", "550");
    // Dots stop at the root, and a link that stays inside works.
    raw.command("CWD ../../..", "250");
    raw.command("PWD", "257 \"/\"");
    raw.command("CWD in", "250");
    // The link itself can go.
    raw.command("DELE /file", "250");
    let names: Vec<_> = fs::read_dir(outside.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names, ["secret"]);
    assert_eq!(
        fs::read(outside.path().join("secret")).expect("a file"),
        b"secret"
    );
}

#[test]
fn abort_ends_a_transfer() {
    let server = start(|_| {});
    fs::write(server.root().join("big"), vec![0; 32 << 20]).expect("a file");
    let mut raw = Raw::logged_in(&server);
    raw.command("TYPE I", "200");
    // A download whose client does not read, with Telnet's IP and Synch before ABOR.
    let data = raw.passive();
    raw.command("RETR big", "150");
    raw.send(b"\xff\xf4\xff\xf2ABOR\r\n");
    raw.expect("426");
    raw.expect("226");
    drop(data);
    // An upload that stands still; what came before stays.
    let mut data = raw.passive();
    raw.command("STOR part", "150");
    data.write_all(b"abc").expect("sent");
    let started = Instant::now();
    while fs::read(server.root().join("part")).expect("a file") != b"abc" {
        assert!(started.elapsed() < Duration::from_secs(10));
        thread::sleep(Duration::from_millis(1));
    }
    raw.command("ABOR", "426");
    raw.expect("226");
    assert_eq!(data.read(&mut [0]).unwrap_or(0), 0);
    // A passive connection that nobody makes: nothing is stored.
    raw.passive_address();
    raw.command("STOR never", "150");
    raw.command("ABOR", "426");
    raw.expect("226");
    assert!(!server.root().join("never").exists());
    raw.command("ABOR", "226");
    raw.command("NOOP", "200");
}

#[test]
fn ports_of_others_are_refused() {
    let server = start(|_| {});
    let mut raw = Raw::logged_in(&server);
    raw.command("LIST", "425");
    raw.command("PORT 127,0,0,2,9,9", "504");
    raw.command("PORT 127,0,0,1,0,21", "504");
    raw.command("EPRT |1|10.0.0.1|2000|", "504");
    raw.command("EPRT |2|::1|2000|", "522");
    raw.command("EPRT |7|x|2000|", "522");
    raw.command("PORT 1,2,3", "501");
    raw.command("EPSV 2", "522");
    // Nobody listens there: 425, and nothing is stored.
    let free = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    raw.command(&format!("EPRT |1|127.0.0.1|{}|", free.port()), "200");
    raw.command("STOR a", "150");
    raw.expect("425");
    assert!(!server.root().join("a").exists());
    raw.command("EPSV ALL", "200");
    raw.command("PASV", "501");
    raw.command("PORT 127,0,0,1,9,9", "501");
    let mut data = raw.passive();
    raw.command("LIST", "150");
    raw.expect("226");
    assert_eq!(data.read(&mut [0]).expect("the end"), 0);
}

#[test]
fn data_connections_of_strangers_are_refused() {
    let server = start(|options| options.address = SocketAddr::from(([0, 0, 0, 0], 0)));
    let mut raw = Raw::connect(&server);
    raw.expect("220");
    raw.command("USER nlftp", "331");
    raw.command("PASS nlftp", "230");
    let to = raw.passive_address();
    // The whole of 127.0.0.0/8 is loopback: a socket bound to another address is a stranger.
    let stranger = rustix::net::socket(
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::STREAM,
        None,
    )
    .expect("a socket");
    rustix::net::bind(&stranger, &SocketAddr::from(([127, 0, 0, 77], 0))).expect("bound");
    rustix::net::connect(&stranger, &to).expect("connected");
    let mut stranger = TcpStream::from(stranger);
    raw.command("STOR a", "150");
    let _ = stranger.write_all(b"wrong");
    let mut data = TcpStream::connect(to).expect("a data connection");
    data.write_all(b"right").expect("sent");
    drop(data);
    raw.expect("226");
    assert_eq!(fs::read(server.root().join("a")).expect("a file"), b"right");
}

#[test]
fn accounts_are_asked_for() {
    let server = start(|options| {
        options.account = Some(String::from("office"));
        options.greeting = vec![
            String::from("first"),
            String::from("220 second"),
            String::from("third"),
        ];
    });
    let mut raw = Raw::connect(&server);
    assert_eq!(raw.reply(), "220-first\r\n220 second\r\n");
    assert_eq!(raw.reply(), "220 third\r\n");
    raw.command("ACCT office", "503");
    raw.command("PASS nlftp", "503");
    raw.command("USER nlftp", "331");
    raw.command("PASS nlftp", "332");
    raw.command("PWD", "530");
    raw.command("ACCT wrong", "530");
    raw.command("ACCT office", "503");
    raw.command("USER nlftp", "331");
    raw.command("PASS nlftp", "332");
    raw.command("ACCT office", "230");
    raw.command("ACCT office", "202");
    raw.command("CDUP", "250");
    raw.command("REIN", "220");
    raw.command("PWD", "530");
    let commands = server.commands();
    assert!(commands.contains(&String::from("PASS ****")));
    assert!(commands.contains(&String::from("ACCT ****")));
    assert!(
        !commands.iter().any(|line| line.contains("office")),
        "{commands:?}"
    );
}

#[test]
fn read_only_changes_nothing() {
    let server = start(|options| options.read_only = true);
    fs::write(server.root().join("a"), "a").expect("a file");
    let mut raw = Raw::logged_in(&server);
    raw.passive();
    for command in ["MKD d", "RMD d", "DELE a", "RNFR a"] {
        raw.command(command, "550");
    }
    for command in ["STOR a", "APPE a", "STOU"] {
        raw.command(command, "553");
    }
    assert_eq!(fs::read(server.root().join("a")).expect("a file"), b"a");
}

#[test]
fn limits_end_connections() {
    // Without an idle limit: the first is still there however late the second comes.
    let server = start(|options| options.max_sessions = 1);
    let mut first = Raw::connect(&server);
    first.expect("220");
    let mut second = Raw::connect(&server);
    second.expect("421");
    second.ended();
    first.command("QUIT", "221");
    first.ended();
    // The place is free as soon as the client sees the end.
    Raw::connect(&server).expect("220");

    let server = start(|options| {
        options.idle_limit = Some(Duration::from_millis(100));
        options.max_sessions = 1;
    });
    let mut idle = Raw::connect(&server);
    idle.expect("220");
    idle.expect("421");
    idle.ended();
    Raw::connect(&server).expect("220");
}

#[test]
fn slow_data_connections_end() {
    let server = start(|options| {
        options.connect_limit = Duration::from_millis(50);
        options.stall_limit = Duration::from_millis(50);
    });
    let mut raw = Raw::logged_in(&server);
    raw.passive_address();
    raw.command("STOR a", "150");
    raw.expect("425");
    assert!(!server.root().join("a").exists());
    let data = raw.passive();
    raw.command("STOR a", "150");
    raw.expect("426");
    drop(data);
}

#[test]
fn sixteen_clients_at_once() {
    let server = start(|_| {});
    thread::scope(|scope| {
        for client in 0..16u8 {
            let server = &server;
            scope.spawn(move || {
                let mut raw = Raw::logged_in(server);
                raw.command("TYPE I", "200");
                for round in 0..20u8 {
                    let content = vec![client ^ round; 100_000 + usize::from(client)];
                    let mut data = raw.passive();
                    raw.command(&format!("STOR file{client}"), "150");
                    data.write_all(&content).expect("sent");
                    drop(data);
                    raw.expect("226");
                    let mut data = raw.passive();
                    raw.command(&format!("RETR file{client}"), "150");
                    let mut got = Vec::new();
                    data.read_to_end(&mut got).expect("the file");
                    raw.expect("226");
                    assert!(got == content);
                }
            });
        }
    });
}

#[test]
fn stopping_never_hangs() {
    let server = start(|_| {});
    let root: PathBuf = server.root().to_owned();
    fs::write(root.join("big"), vec![0; 32 << 20]).expect("a file");
    // Idle, half a line, waiting for a data connection, sending to nobody, receiving nothing.
    let _silent = Raw::connect(&server);
    let mut half = Raw::logged_in(&server);
    half.send("NOO");
    let mut waiting = Raw::logged_in(&server);
    waiting.passive_address();
    waiting.command("LIST", "150");
    let mut sending = Raw::logged_in(&server);
    let _unread = sending.passive();
    sending.command("RETR big", "150");
    let mut receiving = Raw::logged_in(&server);
    let _unsent = receiving.passive();
    receiving.command("STOR big2", "150");
    let started = Instant::now();
    server.stop();
    assert!(started.elapsed() < Duration::from_secs(5));
    let late = TcpStream::connect(server.address()).map_err(|error| error.kind());
    assert_eq!(late.err(), Some(ErrorKind::ConnectionRefused));
    // A stopped server's port can be used again at once.
    let again = start(|options| options.address = server.address());
    Raw::logged_in(&again);
    assert!(root.join("big").exists());
    drop(server);
    assert!(!root.exists());
}

#[test]
fn ipv6_works_where_the_machine_has_it() {
    let options = ServerOptions {
        address: "[::1]:0".parse().expect("an address"),
        ..ServerOptions::default()
    };
    let Ok(server) = FtpServer::start(options) else {
        return;
    };
    assert_eq!(
        server.url(),
        format!("ftp://nlftp:nlftp@[::1]:{}/", server.port())
    );
    let mut raw = Raw::logged_in(&server);
    raw.command("PASV", "425");
    raw.command("EPSV 1", "522");
    raw.command("EPRT |1|127.0.0.1|2000|", "522");
    let listener = TcpListener::bind("[::1]:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    raw.command(&format!("EPRT |2|::1|{port}|"), "200");
    raw.command("NLST", "150");
    let mut data = listener.accept().expect("a data connection").0;
    assert_eq!(data.read(&mut [0]).expect("the end"), 0);
    raw.expect("226");
}

#[test]
fn a_given_folder_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = start(|options| {
        options.root = Some(folder.path().to_owned());
        options.user = String::from("a@b");
        options.password = String::from("c/d");
    });
    assert_eq!(
        server.url(),
        format!("ftp://a%40b:c%2Fd@127.0.0.1:{}/", server.port())
    );
    drop(server);
    assert!(folder.path().exists());
    let missing = ServerOptions {
        root: Some(folder.path().join("no")),
        ..Default::default()
    };
    assert!(FtpServer::start(missing).is_err());
}
