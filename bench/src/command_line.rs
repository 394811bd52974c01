//! The command line: the benchmark, and the parts that it starts as programs of their own.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use crate::clients::{Client, bare, marked, raw};
use crate::contest::{self, Scale};
use crate::contestants::{self, Contestants};
use crate::pinning::{self, Pinned};
use crate::pty::Pty;
use crate::stand_in::StandIn;
use crate::{codec, paced, page, picture, scale, table};

/// A mebibyte each.
const CODEC_ROUNDS: usize = 200;

const USAGE: &str = "\
usage: cargo bench -p nlftp-bench --bench compare -- [--quick] [--rounds N] [--pin-kernel] [--picture FILE] [--write]

Measures the driver beside other clients and prints tables in Markdown.

  --quick         moves little, once, without the C library: only to see that it works
  --rounds N      in place of 5
  --pin-kernel    pins the kernel's part of a pseudo-terminal, too: takes root, is put back at the end
  --picture FILE  writes the pinned rates as an SVG picture
  --write         writes the figures into docs/speed.md, and the picture beside it

Its parts by themselves: contest ROUNDS (pinned, with the goals), codec, paced [BAUD] (lines at
their speed), scale SECONDS (1 to 256 modems in one process), many MODEMS SECONDS.";

/// What the command line asks for; its exit status.
pub fn run() -> ExitCode {
    // What cargo adds for every benchmark.
    let arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let arguments: Vec<String> = arguments.collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match serve(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: &[&str]) -> io::Result<()> {
    let number = |text: &str| text.parse::<u64>().map_err(io::Error::other);
    match *arguments {
        ["modem", size] => {
            let pty = Pty::open()?;
            println!("{}", pty.path().display());
            StandIn::new(pty.master().try_clone()?, number(size)?).serve()
        }
        ["raw-modem", way, size] => {
            let pty = Pty::open()?;
            println!("{}", pty.path().display());
            raw::serve(
                way.parse().map_err(io::Error::other)?,
                pty.master(),
                number(size)?,
            )
        }
        ["client", name, way, port, size, ..] => {
            let client = Client::named(name).ok_or_else(|| io::Error::other(USAGE))?;
            let way = way.parse().map_err(io::Error::other)?;
            println!("{}", client.run(way, Path::new(port), number(size)?)?);
            Ok(())
        }
        ["marked", way, port, size] => {
            let way = way.parse().map_err(io::Error::other)?;
            println!("{}", marked::run(way, Path::new(port), number(size)?)?);
            Ok(())
        }
        ["paced-client", client, way, port, size, user, password] => {
            let way = way.parse().map_err(io::Error::other)?;
            let (port, size) = (Path::new(port), number(size)?);
            let cost = match client {
                "bare" => bare::run_logged_in(way, port, size, user, password)?,
                _ => paced::client(way, port, size, user, password)?,
            };
            println!("{cost}");
            Ok(())
        }
        ["many-modems", modems] => scale::host(modems.parse().map_err(io::Error::other)?),
        ["many-clients", seconds, login, ref ports @ ..] => {
            let seconds = Duration::try_from_secs_f64(seconds.parse().map_err(io::Error::other)?);
            let ports: Vec<PathBuf> = ports.iter().map(PathBuf::from).collect();
            scale::clients(seconds.map_err(io::Error::other)?, login, &ports)
        }
        ["contest", rounds] => {
            let mut scale = Scale::FULL;
            scale.rounds = rounds.parse().map_err(io::Error::other)?;
            let folder = tempfile::tempdir()?;
            let contestants = Contestants::new(folder.path(), true)?;
            let _pinned = Pinned::new(false)?;
            let results = contest::run(&contestants, folder.path(), scale, true)?;
            let languages = contest::run_languages(&contestants, folder.path(), Scale::PAIRS)?;
            let goals = table::goals(&results, Some(&languages));
            print!("{}\n{goals}", table::results(&results));
            Ok(())
        }
        ["paced", ref baud @ ..] => {
            let baud = match *baud {
                [baud] => Some(number(baud)?),
                _ => None,
            };
            print!("{}", paced::table(&measure_lines(baud)?));
            Ok(())
        }
        ["many", modems, seconds] => {
            let modems = modems.parse().map_err(io::Error::other)?;
            let measured = scale::measure(modems, Duration::from_secs(number(seconds)?))?;
            print!("{}", scale::table(&[measured]));
            Ok(())
        }
        ["scale", seconds] => {
            let time = Duration::from_secs(number(seconds)?);
            print!("{}", scale::table(&measure_scale(time)?));
            Ok(())
        }
        ["spin"] => pinning::spin(),
        ["codec"] => {
            print!("{}", codec::table(&codec::measure(CODEC_ROUNDS)));
            Ok(())
        }
        _ => compare(arguments),
    }
}

/// How long a file takes on each paced line, with nothing in its way.
const LINE_SECONDS: f64 = 5.0;
/// How long many modems are watched.
const SCALE_TIME: Duration = Duration::from_secs(20);

fn measure_lines(baud: Option<u64>) -> io::Result<Vec<paced::Measured>> {
    let mut all = Vec::new();
    for line in paced::lines().filter(|line| baud.is_none_or(|baud| baud == line.baud.into())) {
        eprint!("\r{} baud, {:?}      ", line.baud, line.turnaround);
        all.extend(paced::measure(line, LINE_SECONDS)?);
    }
    eprintln!();
    Ok(all)
}

fn measure_scale(time: Duration) -> io::Result<Vec<scale::Measured>> {
    [1, 8, 64, 256]
        .into_iter()
        .map(|modems| scale::measure(modems, time))
        .collect()
}

struct Wanted {
    quick: bool,
    kernel: bool,
    scale: Scale,
    picture: Option<PathBuf>,
    write: bool,
}

fn wanted(arguments: &[&str]) -> io::Result<Wanted> {
    let mut wanted = Wanted {
        quick: false,
        kernel: false,
        scale: Scale::FULL,
        picture: None,
        write: false,
    };
    let mut rounds = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match (*argument, rest.as_slice().first()) {
            ("--quick", _) => (wanted.quick, wanted.scale) = (true, Scale::QUICK),
            ("--pin-kernel", _) => wanted.kernel = true,
            ("--write", _) => wanted.write = true,
            ("--rounds", Some(number)) => {
                rounds = Some(number.parse().map_err(io::Error::other)?);
                rest.next();
            }
            ("--picture", Some(file)) => {
                wanted.picture = Some(file.into());
                rest.next();
            }
            _ => return Err(io::Error::other(USAGE)),
        }
    }
    if let Some(rounds) = rounds.filter(|rounds| *rounds > 0) {
        wanted.scale.rounds = rounds;
    }
    Ok(wanted)
}

fn compare(arguments: &[&str]) -> io::Result<()> {
    let wanted = wanted(arguments)?;
    let folder = tempfile::tempdir()?;
    let contestants = Contestants::new(folder.path(), !wanted.quick)?;
    let (pinned, languages, codec) = {
        let _pinned = Pinned::new(wanted.kernel)?;
        let languages = match wanted.quick {
            true => None,
            false => Some(contest::run_languages(
                &contestants,
                folder.path(),
                Scale::PAIRS,
            )?),
        };
        let results = contest::run(&contestants, folder.path(), wanted.scale, true)?;
        let rounds = if wanted.quick { 1 } else { CODEC_ROUNDS };
        (results, languages, codec::measure(rounds))
    };
    let free = contest::run(&contestants, folder.path(), wanted.scale, false)?;
    let mut figures = vec![
        page::machine(),
        table::results(&pinned),
        table::goals(&pinned, languages.as_ref()),
        codec::table(&codec),
        table::results(&free),
    ];
    if !contestants.skipped.is_empty() {
        figures.push(table::skipped(&contestants));
    }
    if !wanted.quick {
        figures.push(paced::table(&measure_lines(None)?));
        figures.push(scale::table(&measure_scale(SCALE_TIME)?));
    }
    let figures = figures.join("\n");
    print!("{figures}");
    if let Some(file) = &wanted.picture {
        std::fs::write(file, picture::rates(&pinned))?;
    }
    if wanted.write {
        let docs = contestants::repository().join("docs");
        page::write(&docs.join("speed.md"), &figures)?;
        std::fs::write(docs.join("speed.svg"), picture::rates(&pinned))?;
    }
    Ok(())
}
