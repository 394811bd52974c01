//! Many modems in one process: what each costs, and whether each gets its share.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use nlftp_core::{Config, Login, Modem, Sink, Via};
use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{Options, VirtualModem};

use crate::clients::driver::options;
use crate::sample;
use crate::work::{Way, processor_time};

/// The speed of each line.
pub const BAUD: u32 = 115_200;
/// What is downloaded again and again; short, so that sessions begin and end all the time.
const FILE: usize = 16 * 1024;

/// What so many modems came to.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// How many there were.
    pub modems: usize,
    /// Bytes a second of the slowest.
    pub slowest: f64,
    /// Bytes a second of the fastest.
    pub fastest: f64,
    /// The part of one processor that each took.
    pub processor: f64,
    /// Resident memory in KiB with all ports open and nothing moved.
    pub before: u64,
    /// The same a quarter into the time.
    pub early: u64,
    /// The same at its end.
    pub late: u64,
}

/// Runs `modems` modems, in a process of their own, and a client for all of them in another one.
///
/// # Errors
/// What went wrong.
pub fn measure(modems: usize, time: Duration) -> io::Result<Measured> {
    let own = std::env::current_exe()?;
    let mut host = Command::new(&own)
        .args(["many-modems", &modems.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(host.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?).lines();
    let mut next = || {
        lines
            .next()
            .unwrap_or(Err(io::ErrorKind::UnexpectedEof.into()))
    };
    let login = next()?;
    let mut ports = Vec::new();
    for _ in 0..modems {
        ports.push(next()?);
    }
    let output = Command::new(&own)
        .args(["many-clients", &time.as_secs_f64().to_string(), &login])
        .args(&ports)
        .stdin(Stdio::null())
        .output();
    // At the end of its input it stops.
    drop(host.stdin.take());
    let _ = host.wait();
    let output = output?;
    let told = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = told
        .split_whitespace()
        .filter_map(|number| number.parse().ok())
        .collect();
    let [slowest, fastest, processor, before, early, late] = numbers[..] else {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(why.into_owned()));
    };
    Ok(Measured {
        modems,
        slowest,
        fastest,
        processor: processor / modems as f64,
        before: before as u64,
        early: early as u64,
        late: late as u64,
    })
}

/// The modems' process: prints the login and the ports, and ends with its input.
///
/// # Errors
/// What went wrong.
pub fn host(modems: usize) -> io::Result<()> {
    let server = FtpServer::start(ServerOptions {
        max_sessions: 2 * modems,
        ..ServerOptions::default()
    })?;
    std::fs::write(server.root().join("f.bin"), sample::file(FILE))?;
    println!("{}:{}", server.user(), server.password());
    let mut all = Vec::new();
    for _ in 0..modems {
        let modem = VirtualModem::start(Options {
            baud: Some(BAUD),
            route: Some(server.address()),
            ..Options::default()
        })?;
        println!("{}", modem.port().display());
        all.push(modem);
    }
    io::stdout().flush()?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

/// The clients' process: each port is used by a thread, half of them by stream and half by block.
///
/// # Errors
/// What went wrong on any of the ports.
pub fn clients(time: Duration, login: &str, ports: &[PathBuf]) -> io::Result<()> {
    let (user, password) = login.split_once(':').ok_or(io::ErrorKind::InvalidInput)?;
    let login = Login::new("ftp.example.com", user, password);
    let moved: Vec<AtomicU64> = ports.iter().map(|_| AtomicU64::new(0)).collect();
    let over = AtomicBool::new(false);
    let mut open = Vec::new();
    for port in ports {
        open.push(Modem::open(port, Config::default()).map_err(io::Error::other)?);
    }
    let before = resident()?;
    let (start, spent) = (Instant::now(), processor_time());
    let (early, late, seconds, processor) = std::thread::scope(|scope| {
        let threads: Vec<_> = open
            .iter()
            .zip(&moved)
            .enumerate()
            .map(|(number, (modem, moved))| {
                let (login, over) = (&login, &over);
                let way = if number % 2 == 0 {
                    Way::StreamDown
                } else {
                    Way::BlockDown
                };
                scope.spawn(move || download(modem, login, way, moved, over))
            })
            .collect();
        std::thread::sleep(time / 4);
        let early = resident()?;
        std::thread::sleep(time.saturating_sub(start.elapsed()));
        let late = resident()?;
        let seconds = start.elapsed().as_secs_f64();
        let processor = (processor_time() - spent).as_secs_f64() / seconds;
        over.store(true, Ordering::Relaxed);
        for thread in threads {
            thread
                .join()
                .map_err(|_| io::Error::other("a client panicked"))??;
        }
        Ok::<_, io::Error>((early, late, seconds, processor))
    })?;
    let rates = moved
        .iter()
        .map(|bytes| bytes.load(Ordering::Relaxed) as f64 / seconds);
    let (slowest, fastest) = rates.fold((f64::MAX, 0.0_f64), |(low, high), rate| {
        (low.min(rate), high.max(rate))
    });
    println!("{slowest:.1} {fastest:.1} {processor:.6} {before} {early} {late}");
    Ok(())
}

/// Downloads the file until it is over; what is under way at the end counts for what has arrived.
fn download(
    modem: &Modem,
    login: &Login,
    way: Way,
    moved: &AtomicU64,
    over: &AtomicBool,
) -> io::Result<()> {
    let ftp = modem.ftp(login).map_err(io::Error::other)?;
    while !over.load(Ordering::Relaxed) {
        let mut options = options(way);
        options.via = if way == Way::StreamDown {
            Via::Stream
        } else {
            Via::Block
        };
        let sink = Sink::writer(Count { moved, over });
        ftp.get("f.bin", sink, options).map_err(io::Error::other)?;
    }
    Ok(())
}

struct Count<'a> {
    moved: &'a AtomicU64,
    over: &'a AtomicBool,
}

impl Write for Count<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.over.load(Ordering::Relaxed) {
            self.moved.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The resident memory of this process, in KiB.
pub fn resident() -> io::Result<u64> {
    memory_of(Path::new("/proc/self/status"))
}

fn memory_of(status: &Path) -> io::Result<u64> {
    let status = std::fs::read_to_string(status)?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// A table in Markdown.
pub fn table(all: &[Measured]) -> String {
    let mut text = String::from(
        "| modems | slowest, kB/s | fastest, kB/s | slowest by fastest | processor each | memory each, idle | growth |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for one in all {
        let _ = writeln!(
            text,
            "| {} | {:.2} | {:.2} | {:.2} | {:.2} % | {} KiB | {} KiB |",
            one.modems,
            one.slowest / 1e3,
            one.fastest / 1e3,
            one.slowest / one.fastest,
            100.0 * one.processor,
            one.before / one.modems as u64,
            one.late as i64 - one.early as i64,
        );
    }
    text
}
