//! An FTP server whose listings a test writes itself: of any length, in any form, and broken off where it likes.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use nlftp_core::{Config, Ftp, Login, Modem};
use nlftp_vmodem::{Options, VirtualModem};

/// Writes the listing of a path into the data connection, and gives the reply that ends it.
type Lister = dyn Fn(&str, &mut dyn Write) -> io::Result<&'static str> + Send + Sync;

/// The reply to a listing that went well.
pub const WELL: &str = "226 done";

pub struct ListServer {
    pub vmodem: VirtualModem,
}

impl ListServer {
    /// A virtual modem with a server behind it that lists with `list`.
    pub fn start(
        list: impl Fn(&str, &mut dyn Write) -> io::Result<&'static str> + Send + Sync + 'static,
    ) -> ListServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let list: Arc<Lister> = Arc::new(list);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let list = list.clone();
                std::thread::spawn(move || serve(client.unwrap(), &*list));
            }
        });
        ListServer {
            vmodem: modem_before(address),
        }
    }

    pub fn ftp(&self, config: Config) -> (Modem, Ftp) {
        let modem = Modem::open(self.vmodem.port(), config).unwrap();
        let ftp = modem
            .ftp(&Login::new("ftp.example.com", "user", "secret"))
            .unwrap();
        (modem, ftp)
    }
}

fn modem_before(address: SocketAddr) -> VirtualModem {
    VirtualModem::start(Options {
        route: Some(address),
        ..Options::default()
    })
    .unwrap()
}

fn serve(client: TcpStream, list: &Lister) -> Option<()> {
    let mut out = client.try_clone().ok()?;
    let mut say = move |line: &str| out.write_all(format!("{line}\r\n").as_bytes()).ok();
    say("220 ready")?;
    let mut data: Option<TcpListener> = None;
    for line in BufReader::new(client).lines() {
        let line = line.ok()?;
        let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
        match command {
            "USER" => say("331 password")?,
            "PASS" => say("230 in")?,
            "PASV" => {
                let listener = TcpListener::bind("127.0.0.1:0").ok()?;
                let port = listener.local_addr().ok()?.port();
                data = Some(listener);
                say(&format!("227 (127,0,0,1,{},{})", port >> 8, port & 255))?;
            }
            "LIST" => {
                say("150 here it comes")?;
                let taken = data.take()?.accept().ok()?.0;
                let mut buffered = BufWriter::with_capacity(64 << 10, taken);
                let reply = list(argument, &mut buffered).and_then(|reply| {
                    buffered.flush()?;
                    Ok(reply)
                });
                // A client that went away has had its listing.
                drop(buffered.into_parts());
                say(reply.unwrap_or("426 broken off"))?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("200 fine")?,
        }
    }
    Some(())
}

/// The line of a file in a listing as Unix has it.
pub fn line(name: impl std::fmt::Display) -> String {
    format!("-rw-r--r--   1 ftp      ftp            49 Oct 26 15:15 {name}\r\n")
}

/// A server whose directories have as many files as their names say; the files are called by number.
pub fn numbered() -> ListServer {
    ListServer::start(|path, out| {
        let count: u64 = path.parse().unwrap();
        for at in 0..count {
            out.write_all(line(at).as_bytes())?;
        }
        Ok(WELL)
    })
}

pub fn read_numbered(ftp: &Ftp, count: u64) {
    let mut next = 0;
    for entry in ftp.entries(Some(count.to_string().as_bytes())).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.name, next.to_string().as_bytes());
        assert_eq!(entry.size, Some(49));
        next += 1;
    }
    assert_eq!(next, count);
}
