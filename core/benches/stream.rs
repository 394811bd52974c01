//! How near a stream through the driver comes to a plain read or write of the same pseudo-terminal.
//!
//! Both ends of each measurement are the same: a thread that writes (or reads) prepared bytes on the master. The
//! baseline on the other end reads the slave into nothing; the driver unstuffs, counts and hands the bytes to a
//! sink. `cargo bench -p nlftp-core --bench stream` prints the best of five rounds, taken in turn, and their ratio.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nlftp_core::{Config, Login, Modem, Sink, Source, TransferOptions, Verify, Via};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

const SIZE: usize = 64 << 20;
const ROUNDS: usize = 5;

/// A pseudo-terminal whose slave stays open here, so that its settings and bytes survive its clients.
struct Pty {
    master: File,
    path: PathBuf,
    _slave: File,
}

impl Pty {
    fn open() -> Pty {
        let master: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let path = PathBuf::from(ptsname(&master, Vec::new()).unwrap().into_string().unwrap());
        let slave = File::options().read(true).write(true).open(&path).unwrap();
        let mut termios = tcgetattr(&slave).unwrap();
        termios.make_raw();
        tcsetattr(&slave, OptionalActions::Now, &termios).unwrap();
        Pty {
            master: master.into(),
            path,
            _slave: slave,
        }
    }
}

fn random(length: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .collect()
}

fn stuffed(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + data.len() / 64);
    for &byte in data {
        if byte == 0x03 || byte == 0x10 {
            out.push(0x10);
        }
        out.push(byte);
    }
    out.push(0x03);
    out
}

/// Answers what the driver asks; FTPRETR with `stream`, FTPSTOR by swallowing up to its end.
fn modem(mut master: File, stream: Arc<Vec<u8>>) {
    let mut line = Vec::new();
    let mut buffer = vec![0; 65_536];
    let mut storing = 0;
    loop {
        let Ok(count) = master.read(&mut buffer) else {
            return;
        };
        let mut input = &buffer[..count];
        if storing > 0 {
            let taken = input.len().min(storing);
            storing -= taken;
            input = &input[taken..];
            if storing == 0 {
                master.write_all(b"\r\n+FTPSTOR: 1\r\n").unwrap();
            }
        }
        for &byte in input {
            if byte != b'\r' {
                line.push(byte);
                continue;
            }
            let text = String::from_utf8(std::mem::take(&mut line)).unwrap();
            let answer: &[u8] = match text
                .trim_start_matches("AT+")
                .split(['=', '?'])
                .next()
                .unwrap()
            {
                "FTPOPEN" if text.ends_with('?') => b"\r\n+FTPOPEN: 0\r\n\r\nOK\r\n",
                "FTPOPEN" => b"\r\nOK\r\n\r\n+FTPOPEN: 1\r\n",
                "FTPCLOSE" => b"\r\nOK\r\n\r\n+FTPCLOSE: 1\r\n",
                "FTPMODE" if text.ends_with('?') => b"\r\n+FTPMODE: 0\r\n\r\nOK\r\n",
                "FTPRETR" => b"\r\nOK\r\n\r\n+FTPRETR: 2\r\n",
                "FTPSTOR" => b"\r\nOK\r\n\r\n+FTPSTOR: 2\r\n",
                _ => b"\r\nOK\r\n",
            };
            master.write_all(answer).unwrap();
            if text.starts_with("AT+FTPRETR") {
                master.write_all(&stream).unwrap();
                master.write_all(b"\r\n+FTPRETR: 1\r\n").unwrap();
            }
            if text.starts_with("AT+FTPSTOR") {
                storing = stream.len();
            }
        }
    }
}

fn plain_down(stream: &Arc<Vec<u8>>) -> Duration {
    let pty = Pty::open();
    let mut client = File::open(&pty.path).unwrap();
    let (mut master, bytes) = (pty.master.try_clone().unwrap(), stream.clone());
    let start = Instant::now();
    let writer = std::thread::spawn(move || master.write_all(&bytes).unwrap());
    let mut buffer = vec![0; 65_536];
    let mut left = stream.len();
    while left > 0 {
        left -= client.read(&mut buffer).unwrap();
    }
    writer.join().unwrap();
    start.elapsed()
}

fn plain_up(stream: &Arc<Vec<u8>>) -> Duration {
    let pty = Pty::open();
    let mut client = File::options().write(true).open(&pty.path).unwrap();
    let (mut master, mut left) = (pty.master.try_clone().unwrap(), stream.len());
    let start = Instant::now();
    let reader = std::thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        while left > 0 {
            left -= master.read(&mut buffer).unwrap();
        }
    });
    client.write_all(stream).unwrap();
    reader.join().unwrap();
    start.elapsed()
}

fn driver(stream: &Arc<Vec<u8>>, data: &[u8]) -> (Duration, Duration) {
    let pty = Pty::open();
    let (master, bytes) = (pty.master.try_clone().unwrap(), stream.clone());
    std::thread::spawn(move || modem(master, bytes));
    let device = Modem::open(&pty.path, Config::default()).unwrap();
    let ftp = device.ftp(&Login::new("h", "u", "p")).unwrap();
    let options = || {
        let mut options = TransferOptions::default();
        (options.via, options.verify) = (Via::Stream, Verify::None);
        options
    };
    let start = Instant::now();
    let got = ftp
        .get("f", Sink::writer(std::io::sink()), options())
        .unwrap();
    let down = start.elapsed();
    assert_eq!(got.bytes, data.len() as u64);
    let start = Instant::now();
    ftp.put(Source::sized(data, data.len() as u64), "f", options())
        .unwrap();
    let up = start.elapsed();
    (down, up)
}

fn main() {
    let data = random(SIZE);
    let stream = Arc::new(stuffed(&data));
    let mut best = [Duration::MAX; 4];
    for _ in 0..ROUNDS {
        let (down, up) = driver(&stream, &data);
        for (best, new) in best
            .iter_mut()
            .zip([plain_down(&stream), down, plain_up(&stream), up])
        {
            *best = new.min(*best);
        }
    }
    let rate = |time: Duration| SIZE as f64 / time.as_secs_f64() / 1e6;
    println!(
        "{} MiB by stream, unpaced pty, best of {ROUNDS} rounds each (MB/s)",
        SIZE >> 20
    );
    println!(
        "{:<6} {:>10} {:>10} {:>8}",
        "", "plain pty", "driver", "ratio"
    );
    for (name, plain, driver) in [("down", best[0], best[1]), ("up", best[2], best[3])] {
        println!(
            "{name:<6} {:>10.0} {:>10.0} {:>8.2}",
            rate(plain),
            rate(driver),
            rate(driver) / rate(plain)
        );
    }
}
