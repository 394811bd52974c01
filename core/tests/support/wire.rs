//! Other ends of lines than the usual ones: a plain serial client, a server that fails, a connection that is cut.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A client without any library, which can be killed at any point: dropping it only closes the port.
pub struct Plain {
    port: File,
    seen: Vec<u8>,
}

impl Plain {
    pub fn open(path: &Path) -> Plain {
        use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
        let port = File::options().read(true).write(true).open(path).unwrap();
        let mut termios = tcgetattr(&port).unwrap();
        termios.make_raw();
        tcsetattr(&port, OptionalActions::Now, &termios).unwrap();
        Plain {
            port,
            seen: Vec::new(),
        }
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.port.write_all(bytes).unwrap();
    }

    /// Sends a command line and reads until `end` has come behind it.
    pub fn send(&mut self, line: &str, end: &str) {
        self.seen.clear();
        self.write(line.as_bytes());
        self.write(b"\r");
        self.read_to(end);
    }

    pub fn read_to(&mut self, end: &str) {
        let mut buffer = [0; 4096];
        while !self
            .seen
            .windows(end.len())
            .any(|window| window == end.as_bytes())
        {
            let count = self.port.read(&mut buffer).unwrap();
            assert!(
                count > 0,
                "the port ended before {end:?}: {:?}",
                String::from_utf8_lossy(&self.seen)
            );
            self.seen.extend_from_slice(&buffer[..count]);
        }
    }
}

/// An FTP server that breaks off uploads after `limit` bytes, as one with a full disk does.
pub struct FullServer {
    pub address: SocketAddr,
    pub commands: Arc<Mutex<Vec<String>>>,
}

impl FullServer {
    pub fn start(limit: usize) -> FullServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let commands = Arc::new(Mutex::new(Vec::new()));
        let log = commands.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let log = log.clone();
                std::thread::spawn(move || serve(client.unwrap(), limit, &log));
            }
        });
        FullServer { address, commands }
    }
}

fn serve(client: TcpStream, limit: usize, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut out = client.try_clone().ok()?;
    let mut say = move |line: &str| out.write_all(format!("{line}\r\n").as_bytes()).ok();
    say("220 ready")?;
    let mut data: Option<TcpListener> = None;
    for line in BufReader::new(client).lines() {
        let line = line.ok()?;
        log.lock().unwrap().push(line.clone());
        match line.split(' ').next()? {
            "USER" => say("331 password")?,
            "PASS" => say("230 in")?,
            "PASV" => {
                let listener = TcpListener::bind("127.0.0.1:0").ok()?;
                let port = listener.local_addr().ok()?.port();
                data = Some(listener);
                say(&format!("227 (127,0,0,1,{},{})", port >> 8, port & 255))?;
            }
            "STOR" => {
                say("150 go on")?;
                let mut taken = data.take()?.accept().ok()?.0;
                let mut left = vec![0; limit];
                taken.read_exact(&mut left).ok();
                say("552 disk full")?;
                // Until the module has closed its side: a reset would take away what is on its way.
                taken.shutdown(Shutdown::Write).ok();
                taken.set_read_timeout(Some(Duration::from_secs(5))).ok();
                std::io::copy(&mut taken, &mut std::io::sink()).ok();
            }
            "QUIT" => return say("221 bye"),
            "DELE" => say("250 gone")?,
            _ => say("200 fine")?,
        }
    }
    Some(())
}

/// Passes control connections on to `server`, until they are cut.
pub struct Cutter {
    pub address: SocketAddr,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Cutter {
    pub fn start(server: SocketAddr) -> Cutter {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let open = Arc::new(Mutex::new(Vec::new()));
        let streams: Arc<Mutex<Vec<TcpStream>>> = open.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let Ok(server) = TcpStream::connect(server) else {
                    return;
                };
                streams
                    .lock()
                    .unwrap()
                    .extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                for (mut from, mut to) in [
                    (client.try_clone().unwrap(), server.try_clone().unwrap()),
                    (server, client),
                ] {
                    std::thread::spawn(move || {
                        std::io::copy(&mut from, &mut to).ok();
                        to.shutdown(Shutdown::Both).ok();
                    });
                }
            }
        });
        Cutter { address, open }
    }

    /// Breaks every connection that is open now.
    pub fn cut(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            stream.shutdown(Shutdown::Both).ok();
        }
    }
}
