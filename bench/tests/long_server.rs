//! Files as long as the module can address, through the virtual modem and a server: they arrive whole, and memory stays
//! flat. Alone in its process: it measures all of it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/flat.rs"]
mod flat;

use std::fs::File;
use std::io::{self, Read, Write};
use std::time::Instant;

use flat::Flat;
use nlftp_bench::work::Way;
use nlftp_core::{Config, Login, Sink, Source, TransferOptions, Verified, Via};
use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{Options, VirtualModem};

/// Counts bytes, which all have to be zero.
#[derive(Default)]
struct Zeros(u64);

impl Write for Zeros {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        assert!(bytes.iter().all(|&byte| byte == 0), "behind {}", self.0);
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
#[ignore = "moves 13 GB through a server, which takes minutes and 4 GiB of disk"]
fn long_four_gigabytes_pass_a_server_and_arrive_whole() {
    let server = FtpServer::start(ServerOptions::default()).unwrap();
    let modem = VirtualModem::start(Options {
        route: Some(server.address()),
        ..Options::default()
    })
    .unwrap();
    let device = nlftp_core::Modem::open(modem.port(), Config::default()).unwrap();
    let login = Login::new("ftp.example.com", server.user(), server.password());
    let ftp = device.ftp(&login).unwrap();
    let mut flat = Flat::within(8192);
    for size in [1 << 10, 1 << 20, u64::from(u32::MAX)] {
        for way in [Way::StreamDown, Way::BlockDown, Way::StreamUp] {
            let mut options = TransferOptions::default();
            options.via = match way {
                Way::BlockDown => Via::Block,
                _ => Via::Stream,
            };
            let start = Instant::now();
            let (there, done) = if way == Way::StreamUp {
                let source = Source::reader(io::repeat(0).take(size));
                let done = ftp.put(source, "up.bin", options).unwrap();
                let there = std::fs::metadata(server.root().join("up.bin")).unwrap();
                (there.len(), done)
            } else {
                // It takes no room on the disk.
                let file = File::create(server.root().join("down.bin")).unwrap();
                file.set_len(size).unwrap();
                let mut zeros = Zeros::default();
                let done = ftp
                    .get("down.bin", Sink::writer(&mut zeros), options)
                    .unwrap();
                (zeros.0, done)
            };
            assert_eq!((there, done.bytes), (size, size));
            assert_eq!(done.verified, Verified::Size);
            flat.look(way, size, start);
        }
    }
}
