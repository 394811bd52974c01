//! The command line: the benchmark, and the parts that it starts as programs of their own.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::clients::{Client, marked, raw};
use crate::contest::{self, Scale};
use crate::contestants::Contestants;
use crate::pinning::{self, Pinned};
use crate::pty::Pty;
use crate::stand_in::StandIn;
use crate::{codec, picture, table};

/// A mebibyte each.
const CODEC_ROUNDS: usize = 200;

const USAGE: &str = "\
usage: cargo bench -p nlftp-bench --bench compare -- [--quick] [--rounds N] [--picture FILE]

Measures the driver beside other clients and prints tables in Markdown.

  --quick         moves little, once, without the C library: only to see that it works
  --rounds N      in place of 5
  --picture FILE  writes the pinned rates as an SVG picture";

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
        ["spin"] => pinning::spin(),
        ["codec"] => {
            print!("{}", codec::table(&codec::measure(CODEC_ROUNDS)));
            Ok(())
        }
        _ => compare(arguments),
    }
}

struct Wanted {
    quick: bool,
    scale: Scale,
    picture: Option<PathBuf>,
}

fn wanted(arguments: &[&str]) -> io::Result<Wanted> {
    let mut wanted = Wanted {
        quick: false,
        scale: Scale::FULL,
        picture: None,
    };
    let mut rounds = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match (*argument, rest.as_slice().first()) {
            ("--quick", _) => (wanted.quick, wanted.scale) = (true, Scale::QUICK),
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
    let (pinned, codec) = {
        let _pinned = Pinned::new()?;
        let results = contest::run(&contestants, folder.path(), wanted.scale, true)?;
        let rounds = if wanted.quick { 1 } else { CODEC_ROUNDS };
        (results, codec::measure(rounds))
    };
    println!("{}", table::results(&pinned));
    println!("{}", table::goals(&pinned));
    println!("{}", codec::table(&codec));
    if let Some(file) = &wanted.picture {
        std::fs::write(file, picture::rates(&pinned))?;
    }
    let free = contest::run(&contestants, folder.path(), wanted.scale, false)?;
    println!("{}", table::results(&free));
    print!("{}", table::skipped(&contestants));
    Ok(())
}
