//! A serial line at its real speed: what a transfer makes of it, beside what its bytes allow.

use std::fmt::Write;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nlftp_core::{Config, Login, Modem, Sink, Source};
use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{ModemConfig, Options, VirtualModem};

use crate::clients::driver::options;
use crate::sample::{self, Comparer};
use crate::work::{Cost, Meter, Way};

/// A line's speed in bits a second, and how long its modem thinks before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Bits a second.
    pub baud: u32,
    /// From a command's end, or a piece's, to its answer.
    pub turnaround: Duration,
}

impl Line {
    /// Bytes a second: ten bits each.
    fn bytes(self) -> f64 {
        f64::from(self.baud) / 10.0
    }
}

const OK: usize = b"\r\nOK\r\n".len();

/// What a transfer of `size` bytes puts on the line, both directions, and how often the modem thinks: the commands as the
/// driver writes them, the answers as the manual does.
pub fn wire(way: Way, size: usize) -> (usize, usize) {
    let stuffed = || sample::stuffed(&sample::file(size)).len();
    match way {
        Way::StreamDown | Way::StreamUp => {
            let command = "AT+FTPRETR=\"f.bin\",1,0\r".len();
            let outcomes = 2 * "\r\n+FTPRETR: 2\r\n".len();
            let turns = if way == Way::StreamDown { 1 } else { 2 };
            (command + OK + outcomes + stuffed() + 1, turns)
        }
        Way::BlockDown => {
            let pieces = size.div_ceil(3000);
            let around = "AT+FTPRECV=3000\r".len() + "\r\n+FTPRECV: 3000\r\n".len() + OK;
            (size + pieces * around, pieces)
        }
        _ => {
            let pieces = size.div_ceil(1024);
            let around =
                "AT+FTPPUT=\"f.bin\",1024,0,1\r".len() + "\r\n+FTPPUT: 2,1024\r\n".len() + OK;
            // The virtual modem thinks before its prompt and before its result.
            (size + pieces * around, 2 * pieces)
        }
    }
}

/// The most that the line gives, in bytes of the file a second.
pub fn ceiling(line: Line, way: Way, size: usize) -> f64 {
    let (bytes, turns) = wire(way, size);
    let seconds = bytes as f64 / line.bytes() + turns as f64 * line.turnaround.as_secs_f64();
    size as f64 / seconds
}

/// One transfer over a line.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// The line.
    pub line: Line,
    /// How the file was moved.
    pub way: Way,
    /// The file's length.
    pub size: usize,
    /// What the driver took.
    pub cost: Cost,
    /// What the bare client with one thread took, before or behind it.
    pub bare: Cost,
}

impl Measured {
    /// Bytes of the file a second.
    pub fn goodput(&self) -> f64 {
        self.size as f64 / self.cost.seconds
    }

    /// The part of what the line allows: the driver's, and the bare client's.
    pub fn parts(&self) -> [f64; 2] {
        let least = self.size as f64 / ceiling(self.line, self.way, self.size);
        [self.cost, self.bare].map(|cost| least / cost.seconds)
    }
}

/// Moves a file of about `seconds` of line time over a line by each way.
///
/// # Errors
/// What went wrong.
pub fn measure(line: Line, seconds: f64) -> io::Result<Vec<Measured>> {
    let size = (line.bytes() * seconds) as usize;
    let server = FtpServer::start(ServerOptions::default())?;
    std::fs::write(server.root().join("f.bin"), sample::file(size))?;
    let modem = VirtualModem::start(Options {
        modem: ModemConfig {
            turnaround: line.turnaround,
            ..ModemConfig::default()
        },
        baud: Some(line.baud),
        route: Some(server.address()),
        ..Options::default()
    })?;
    let mut all = Vec::new();
    for way in Way::TRANSFERS {
        // Each in a process of its own, so that its processor time is its own.
        let run = |client: &str| {
            let output = Command::new(std::env::current_exe()?)
                .args(["paced-client", client, way.name()])
                .arg(modem.port())
                .args([&size.to_string(), server.user(), server.password()])
                .stdin(Stdio::null())
                .output()?;
            let told = String::from_utf8_lossy(&output.stdout);
            told.parse()
                .map_err(|_| io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
        };
        all.push(Measured {
            line,
            way,
            size,
            cost: run("driver")?,
            bare: run("bare")?,
        });
    }
    Ok(all)
}

/// The client's side of [`measure`].
///
/// # Errors
/// What went wrong.
pub fn client(way: Way, port: &Path, size: u64, user: &str, password: &str) -> io::Result<Cost> {
    let modem = Modem::open(port, Config::default()).map_err(io::Error::other)?;
    let login = Login::new("ftp.example.com", user, password);
    let ftp = modem.ftp(&login).map_err(io::Error::other)?;
    if matches!(way, Way::StreamUp | Way::BlockUp) {
        let file = sample::file(usize::try_from(size).map_err(io::Error::other)?);
        let meter = Meter::start();
        ftp.put(Source::from(&file[..]), "f.bin", options(way))
            .map_err(io::Error::other)?;
        return Ok(meter.transfer());
    }
    let mut comparer = Comparer::default();
    let meter = Meter::start();
    ftp.get("f.bin", Sink::writer(&mut comparer), options(way))
        .map_err(io::Error::other)?;
    let cost = meter.transfer();
    if comparer.is_whole(size) {
        Ok(cost)
    } else {
        Err(io::Error::other("the file did not arrive as it was"))
    }
}

/// The lines of the documentation.
pub fn lines() -> impl Iterator<Item = Line> {
    [115_200, 921_600, 3_000_000].into_iter().flat_map(|baud| {
        [0, 1, 10].map(|milliseconds| Line {
            baud,
            turnaround: Duration::from_millis(milliseconds),
        })
    })
}

/// A table in Markdown.
pub fn table(all: &[Measured]) -> String {
    let mut text = String::from(
        "| line, baud | turnaround | way | bytes of the file | bytes on the line | turns | kB/s possible | kB/s seen | part of \
         it | the bare client's | of the line alone | processor |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for one in all {
        let (bytes, turns) = wire(one.way, one.size);
        let [driver, bare] = one.parts();
        let most = ceiling(one.line, one.way, one.size);
        let _ = writeln!(
            text,
            "| {} | {} ms | {} | {} | {bytes} | {turns} | {:.2} | {:.2} | {:.1} % | {:.1} % | {:.0} % | {:.2} % |",
            one.line.baud,
            one.line.turnaround.as_millis(),
            one.way.title(),
            one.size,
            most / 1e3,
            one.goodput() / 1e3,
            100.0 * driver,
            100.0 * bare,
            100.0 * one.goodput() / one.line.bytes(),
            100.0 * one.cost.processor / one.cost.seconds,
        );
    }
    text
}
