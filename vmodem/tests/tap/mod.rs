//! A relay that keeps what a client sends over one connection.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

pub struct Tap {
    address: SocketAddr,
    relay: JoinHandle<Vec<u8>>,
}

impl Tap {
    /// Takes one connection and passes it on.
    pub fn start(server: SocketAddr) -> Tap {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let relay = thread::spawn(move || {
            let mut client = listener.accept().unwrap().0;
            let mut server = TcpStream::connect(server).unwrap();
            let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            let back = thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            });
            let mut seen = Vec::new();
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = client.read(&mut buffer) {
                seen.extend_from_slice(&buffer[..count]);
                if server.write_all(&buffer[..count]).is_err() {
                    break;
                }
            }
            let _ = server.shutdown(Shutdown::Write);
            back.join().unwrap();
            seen
        });
        Tap { address, relay }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything the client sent until it closed.
    pub fn sent(self) -> Vec<u8> {
        self.relay.join().unwrap()
    }
}
