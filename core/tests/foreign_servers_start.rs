//! The FTP servers that are not ours start, take a login and end: what all other tests against
//! them build on.

#[path = "support/servers.rs"]
#[allow(dead_code, reason = "each test uses the part of it that it needs")]
mod servers;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use servers::{ForeignServer, Kind};

/// The last line of the next reply.
fn reply(reader: &mut BufReader<TcpStream>) -> String {
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a reply");
        assert!(line.ends_with('\n'), "the connection ended after {line:?}");
        let bytes = line.as_bytes();
        if bytes.len() > 3 && bytes[..3].iter().all(u8::is_ascii_digit) && bytes[3] == b' ' {
            return line;
        }
    }
}

fn takes_a_login(kind: Kind) {
    let server = ForeignServer::start(kind).expect("a server");
    let stream = TcpStream::connect(server.address()).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a time limit");
    let mut reader = BufReader::new(stream);
    let mut command = |line: &str, code: &str| {
        if !line.is_empty() {
            reader
                .get_mut()
                .write_all(format!("{line}\r\n").as_bytes())
                .expect("sent");
        }
        let reply = reply(&mut reader);
        assert!(reply.starts_with(code), "{line}: {reply}\n{}", server.log());
        reply
    };
    command("", "220");
    command(&format!("USER {}", server.user()), "331");
    command(&format!("PASS {}", server.password()), "230");
    command(&format!("CWD {}", server.dir()), "250");
    command("TYPE I", "200");
    // A file that is put where `root` says appears where `dir` says, and the other way round.
    std::fs::write(server.root().join("down"), "from here").expect("a file");
    command("SIZE down", "213 9");
    let passive = command("PASV", "227");
    let numbers: Vec<u16> = passive
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect();
    let port = numbers[numbers.len() - 2] << 8 | numbers[numbers.len() - 1];
    let mut data = TcpStream::connect(("127.0.0.1", port)).expect("a data connection");
    reader.get_mut().write_all(b"STOR up\r\n").expect("sent");
    data.write_all(b"from there").expect("sent");
    drop(data);
    assert!(reply(&mut reader).starts_with('1'));
    assert!(reply(&mut reader).starts_with('2'));
    assert_eq!(
        std::fs::read(server.root().join("up")).expect("the file"),
        b"from there"
    );

    // Ending the server ends its children, too: the connection that is open breaks.
    let address = server.address();
    drop(server);
    let _ = reader.read_to_end(&mut Vec::new());
    assert!(TcpStream::connect(address).is_err());
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn vsftpd_starts() {
    takes_a_login(Kind::Vsftpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn proftpd_starts() {
    takes_a_login(Kind::Proftpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn pureftpd_starts() {
    takes_a_login(Kind::PureFtpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn pyftpdlib_starts() {
    takes_a_login(Kind::Pyftpdlib);
}
