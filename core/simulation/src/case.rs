//! A scenario as text, one thing a line: what a failing seed is shrunk to, and what is kept of it.

use std::fmt::{self, Display, Write};

use crate::scenario::*;

impl Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = Scenario::default();
        writeln!(f, "seed {}", self.seed)?;
        let mut line = |key: &str, value: String, usual: String| {
            if value == usual {
                Ok(())
            } else {
                writeln!(f, "{key} {value}")
            }
        };
        let limits = |scenario: &Scenario| {
            let [result, outcome, stall] = scenario.limits;
            format!("{result} {outcome} {stall}")
        };
        line("dialect", self.dialect.clone(), plain.dialect.clone())?;
        line("dtr", self.dtr.word().into(), plain.dtr.word().into())?;
        line("echo", self.echo.to_string(), plain.echo.to_string())?;
        line(
            "attached",
            self.attached.to_string(),
            plain.attached.to_string(),
        )?;
        line(
            "turnaround",
            self.turnaround.to_string(),
            plain.turnaround.to_string(),
        )?;
        line("port", self.port.word().into(), plain.port.word().into())?;
        line(
            "held_back",
            self.held_back.to_string(),
            plain.held_back.to_string(),
        )?;
        line("limits", limits(self), limits(&plain))?;
        line("cut", self.cut.word().into(), plain.cut.word().into())?;
        line(
            "latency",
            self.latency.to_string(),
            plain.latency.to_string(),
        )?;
        line(
            "port_timeout",
            self.port_timeout.to_string(),
            plain.port_timeout.to_string(),
        )?;
        line("rate", self.rate.to_string(), plain.rate.to_string())?;
        line(
            "distance",
            self.distance.to_string(),
            plain.distance.to_string(),
        )?;
        line(
            "missing",
            self.missing.word().into(),
            plain.missing.word().into(),
        )?;
        line("tail", self.tail.word().into(), plain.tail.word().into())?;
        line("lists", self.lists.to_string(), plain.lists.to_string())?;
        line(
            "line_ends",
            self.line_ends.word().into(),
            plain.line_ends.word().into(),
        )?;
        line("active", self.active.to_string(), plain.active.to_string())?;
        line("tls", self.tls.to_string(), plain.tls.to_string())?;
        line("buffer", self.buffer.to_string(), plain.buffer.to_string())?;
        line("slow", self.slow.to_string(), plain.slow.to_string())?;
        for file in &self.files {
            writeln!(
                f,
                "file {} {} {}",
                file.name,
                file.size,
                file.flavour.word()
            )?;
        }
        for step in &self.steps {
            writeln!(f, "step {step}")?;
        }
        for fault in &self.faults {
            writeln!(f, "fault {fault}")?;
        }
        Ok(())
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.operation)?;
        if let Some(deadline) = self.deadline {
            write!(f, " deadline={deadline}")?;
        }
        if self.pause > 0 {
            write!(f, " pause={}", self.pause)?;
        }
        Ok(())
    }
}

impl Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operation::Put(file) => {
                write!(f, "put {} {} {}", file.name, file.size, file.flavour.word())?
            }
            Operation::Get(file) => write!(f, "get {}", file.name)?,
            Operation::Change(name, change, amount) => {
                return write!(f, "change {name} {} {amount}", change.word());
            }
            Operation::Spoil(name, spoil, amount) => {
                return write!(f, "spoil {name} {} {amount}", spoil.word());
            }
            Operation::Verb(verb) => return f.write_str(verb.word()),
        }
        let (Operation::Put(file) | Operation::Get(file)) = self else {
            return Ok(());
        };
        write!(f, " {} {}", file.way.word(), file.check.word())?;
        if file.resume {
            f.write_str(" resume")?;
        }
        if file.ascii {
            f.write_str(" ascii")?;
        }
        if file.temporary {
            f.write_str(" temporary")?;
        }
        if let Some(retry) = &file.retry {
            let Retries {
                tries,
                delay,
                max_delay,
                max_time,
            } = retry;
            write!(f, " retry={tries},{delay},{max_delay},{max_time}")?;
        }
        if file.offset > 0 {
            write!(f, " offset={}", file.offset)?;
        }
        Ok(())
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {} {} {}",
            self.step,
            self.when.word(),
            self.at,
            self.what.word(),
            self.amount
        )
    }
}

/// A line that is no part of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoCase(String);

impl Display for NoCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a line of a case: {}", self.0)
    }
}

impl std::error::Error for NoCase {}

impl Scenario {
    /// Reads what [`Display`] writes; lines that begin with `#` are for people.
    ///
    /// # Errors
    /// A line that is none of a case.
    pub fn parse(text: &str) -> Result<Scenario, NoCase> {
        let mut scenario = Scenario::default();
        for line in text.lines().map(str::trim) {
            if !line.is_empty() && !line.starts_with('#') && scenario.take(line).is_none() {
                return Err(NoCase(line.to_owned()));
            }
        }
        Ok(scenario)
    }

    fn take(&mut self, line: &str) -> Option<()> {
        let (key, rest) = line.split_once(' ')?;
        let words: Vec<&str> = rest.split_ascii_whitespace().collect();
        let number = || rest.parse().ok();
        let truth = || rest.parse().ok();
        match key {
            "seed" => self.seed = number()?,
            "dialect" => self.dialect = rest.to_owned(),
            "dtr" => self.dtr = DtrLine::read(rest)?,
            "echo" => self.echo = truth()?,
            "attached" => self.attached = truth()?,
            "turnaround" => self.turnaround = number()?,
            "port" => self.port = PortKind::read(rest)?,
            "held_back" => self.held_back = truth()?,
            "limits" => {
                let [result, outcome, stall] = words[..] else {
                    return None;
                };
                self.limits = [
                    result.parse().ok()?,
                    outcome.parse().ok()?,
                    stall.parse().ok()?,
                ];
            }
            "cut" => self.cut = Cut::read(rest)?,
            "latency" => self.latency = number()?,
            "port_timeout" => self.port_timeout = number()?,
            "rate" => self.rate = number()?,
            "distance" => self.distance = number()?,
            "missing" => self.missing = Missing::read(rest)?,
            "tail" => self.tail = Tail::read(rest)?,
            "lists" => self.lists = truth()?,
            "line_ends" => self.line_ends = LineEnds::read(rest)?,
            "active" => self.active = truth()?,
            "tls" => self.tls = truth()?,
            "buffer" => self.buffer = number()?,
            "slow" => self.slow = number()?,
            "file" => {
                let [name, size, flavour] = words[..] else {
                    return None;
                };
                self.files.push(Stored {
                    name: name.to_owned(),
                    size: size.parse().ok()?,
                    flavour: Flavour::read(flavour)?,
                });
            }
            "step" => self.steps.push(step(&words)?),
            "fault" => {
                let [step, when, at, what, amount] = words[..] else {
                    return None;
                };
                self.faults.push(Fault {
                    step: step.parse().ok()?,
                    when: When::read(when)?,
                    at: at.parse().ok()?,
                    what: What::read(what)?,
                    amount: amount.parse().ok()?,
                });
            }
            _ => return None,
        }
        Some(())
    }
}

fn step(words: &[&str]) -> Option<Step> {
    let setting = |key: &str| {
        words
            .iter()
            .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    };
    let operation = match words[..] {
        ["put", name, size, flavour, ref rest @ ..] => {
            let file = moved(name, size.parse().ok()?, Flavour::read(flavour)?, rest)?;
            Operation::Put(file)
        }
        ["get", name, ref rest @ ..] => Operation::Get(moved(name, 0, Flavour::Random, rest)?),
        ["change", name, change, amount, ..] => {
            Operation::Change(name.into(), Change::read(change)?, amount.parse().ok()?)
        }
        ["spoil", name, spoil, amount, ..] => {
            Operation::Spoil(name.into(), Spoil::read(spoil)?, amount.parse().ok()?)
        }
        [verb, ..] => Operation::Verb(Verb::read(verb)?),
        [] => return None,
    };
    Some(Step {
        operation,
        deadline: match setting("deadline") {
            Some(text) => Some(text.parse().ok()?),
            None => None,
        },
        pause: setting("pause").map_or(Some(0), |text| text.parse().ok())?,
    })
}

fn moved(name: &str, size: u64, flavour: Flavour, rest: &[&str]) -> Option<Move> {
    let [way, check, ref more @ ..] = *rest else {
        return None;
    };
    let offset = more.iter().find_map(|word| word.strip_prefix("offset="));
    Some(Move {
        name: name.to_owned(),
        size,
        flavour,
        way: Way::read(way)?,
        check: Check::read(check)?,
        resume: more.contains(&"resume"),
        ascii: more.contains(&"ascii"),
        temporary: more.contains(&"temporary"),
        retry: match more.iter().find_map(|word| word.strip_prefix("retry=")) {
            Some(text) => Some(retries(text)?),
            None => None,
        },
        offset: offset.map_or(Some(0), |text| text.parse().ok())?,
    })
}

fn retries(text: &str) -> Option<Retries> {
    let numbers: Option<Vec<u64>> = text.split(',').map(|text| text.parse().ok()).collect();
    let [tries, delay, max_delay, max_time] = numbers?[..] else {
        return None;
    };
    Some(Retries {
        tries: tries.try_into().ok()?,
        delay,
        max_delay,
        max_time,
    })
}

/// Bytes for people: text as it is, all else escaped, and only the beginning of what is long.
pub(crate) fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 160;
    let mut text = String::new();
    for &byte in &bytes[..bytes.len().min(MOST)] {
        let _ = match byte {
            b'\r' => write!(text, "\\r"),
            b'\n' => write!(text, "\\n"),
            b' '..=b'~' => write!(text, "{}", byte as char),
            _ => write!(text, "\\x{byte:02x}"),
        };
    }
    if bytes.len() > MOST {
        let _ = write!(text, "... ({} bytes)", bytes.len());
    }
    text
}
