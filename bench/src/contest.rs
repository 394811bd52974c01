//! One run: everybody in turn, again and again, on the same modem.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::clients::Client;
use crate::contestants::{Contestants, SHORT, Who};
use crate::sample;
use crate::work::{Cost, Way};

/// A modem in a process of its own.
struct Modem {
    child: Child,
    port: String,
}

impl Modem {
    fn start(arguments: &[String]) -> io::Result<Modem> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut port = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut port)?;
        }
        Ok(Modem {
            child,
            port: port.trim_end().to_owned(),
        })
    }
}

impl Drop for Modem {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How much is moved, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    pub rounds: usize,
    /// The bytes of a stream; block transfers have a part of them.
    pub bytes: u64,
    pub commands: u64,
}

impl Scale {
    /// That of the documentation.
    pub const FULL: Scale = Scale {
        rounds: 5,
        bytes: 64 << 20,
        commands: 20_000,
    };
    /// For the languages: many pairs, each of them short.
    pub const PAIRS: Scale = Scale {
        rounds: 20,
        bytes: 32 << 20,
        commands: 0,
    };
    /// Enough to see that everything works.
    pub const QUICK: Scale = Scale {
        rounds: 1,
        bytes: 1 << 20,
        commands: 200,
    };

    pub fn size(self, way: Way) -> u64 {
        match way {
            Way::StreamDown | Way::StreamUp => self.bytes,
            Way::BlockDown => self.bytes / 2,
            Way::BlockUp => self.bytes / 8,
            Way::Command => self.commands,
        }
    }
}

/// What each one took, in every round.
pub struct Results {
    pub scale: Scale,
    pub pinned: bool,
    costs: Vec<(Who, Way, Vec<Cost>)>,
}

impl Results {
    /// Of all rounds of one contestant; empty if it was not there.
    pub fn of(&self, who: Who, way: Way) -> &[Cost] {
        let found = self
            .costs
            .iter()
            .find(|(one, of, _)| (*one, *of) == (who, way));
        found.map_or(&[], |(_, _, costs)| costs)
    }

    /// The best of them: noise only ever adds.
    pub fn best(&self, who: Who, way: Way) -> Option<f64> {
        self.of(who, way)
            .iter()
            .map(|cost| cost.seconds)
            .reduce(f64::min)
    }

    /// Bytes a second of the best round.
    pub fn rate(&self, who: Who, way: Way) -> Option<f64> {
        Some(self.scale.size(way) as f64 / self.best(who, way)?)
    }

    /// The least processor time for 100 MB; of commands, for one.
    pub fn processor(&self, who: Who, way: Way) -> Option<f64> {
        let costs = self.of(who, way).iter();
        let least = costs.map(|cost| cost.processor).reduce(f64::min)?;
        let size = self.scale.size(way) as f64;
        Some(if way == Way::Command {
            least / size
        } else {
            least * 1e8 / size
        })
    }

    /// The processor time of one by that of another, in the median of all rounds: each of both was in the same state of
    /// the machine.
    pub fn processor_by(&self, one: Who, other: Who, way: Way) -> Option<f64> {
        let pairs = self.of(one, way).iter().zip(self.of(other, way));
        let mut ratios: Vec<f64> = pairs.map(|(a, b)| a.processor / b.processor).collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied()
    }
}

/// Runs all rounds of all ways.
pub fn run(
    contestants: &Contestants,
    folder: &Path,
    scale: Scale,
    pinned: bool,
) -> io::Result<Results> {
    let every = Way::TRANSFERS.into_iter().chain([Way::Command]);
    run_some(contestants, folder, scale, pinned, every, |_| true)
}

/// Runs the driver alone, in its languages and by the ways that move a file: so close to each other that a few rounds
/// among everybody else's do not tell them apart.
pub fn run_languages(
    contestants: &Contestants,
    folder: &Path,
    scale: Scale,
) -> io::Result<Results> {
    run_some(
        contestants,
        folder,
        scale,
        true,
        Way::TRANSFERS,
        Who::is_driver,
    )
}

fn run_some(
    contestants: &Contestants,
    folder: &Path,
    scale: Scale,
    pinned: bool,
    ways: impl IntoIterator<Item = Way>,
    takes_part: impl Fn(Who) -> bool,
) -> io::Result<Results> {
    let file = folder.join("file");
    std::fs::write(
        &file,
        sample::file(usize::try_from(scale.bytes).map_err(io::Error::other)?),
    )?;
    let mut results = Results {
        scale,
        pinned,
        costs: Vec::new(),
    };
    for way in ways {
        let size = scale.size(way);
        let modem = Modem::start(&["modem".into(), size.to_string()])?;
        let raw = Modem::start(&["raw-modem".into(), way.name().into(), size.to_string()])?;
        let short = Modem::start(&["modem".into(), (size / SHORT).to_string()])?;
        for round in 0..scale.rounds {
            eprint!(
                "\r{}: round {} of {}      ",
                way.title(),
                round + 1,
                scale.rounds
            );
            for (who, command) in contestants
                .there
                .iter()
                .filter(|(who, _)| who.does(way) && takes_part(*who))
            {
                let share = who.share(way);
                let port = match who {
                    Who::Own(Client::Raw) => &raw.port,
                    _ if share == SHORT => &short.port,
                    _ => &modem.port,
                };
                let cost = one(command, way, port, size / share, &file).map_err(|error| {
                    io::Error::other(format!("{}, {}: {error}", who.title(), way.title()))
                })?;
                let cost = cost.times(share);
                let costs = &mut results.costs;
                match costs
                    .iter_mut()
                    .find(|(one, of, _)| (*one, *of) == (*who, way))
                {
                    Some((_, _, costs)) => costs.push(cost),
                    None => costs.push((*who, way, vec![cost])),
                }
            }
        }
    }
    eprintln!();
    Ok(results)
}

fn one(command: &[PathBuf], way: Way, port: &str, size: u64, file: &Path) -> io::Result<Cost> {
    let (program, first) = command.split_first().ok_or(io::ErrorKind::NotFound)?;
    let output = Command::new(program)
        .args(first)
        .args([way.name(), port, &size.to_string()])
        .arg(file)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(why.trim().to_owned()));
    }
    String::from_utf8_lossy(&output.stdout)
        .parse()
        .map_err(io::Error::other)
}
