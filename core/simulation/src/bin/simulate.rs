//! Runs simulated sessions: `simulate --seeds FROM..TO`, `--seed N --trace`, `--shrink N`, `--case FILE [--trace]`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use nlftp_simulation::scenario::Scenario;
use nlftp_simulation::{Run, run, run_seeds, shrink, trace};

const USAGE: &str = "\
usage: simulate --seeds FROM..TO     runs the sessions of these seeds, and counts
       simulate --until-failure FROM..TO  the same up to the first session that fails
       simulate --seed N [--trace]   one of them; with the whole exchange
       simulate --show N             its scenario as the text of a case
       simulate --shrink N           the smallest scenario that fails as this seed does
       simulate --case FILE [--trace]  a case";

/// What is asked for.
enum Asked {
    Seeds(u64, u64, bool),
    One(Scenario, bool),
    Show(u64),
    Shrink(u64),
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let asked = match read(&words) {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    // A panic inside a session is a failure of that session, which says so itself.
    std::panic::set_hook(Box::new(|_| {}));
    let passed = match asked {
        Asked::Seeds(from, to, all) => seeds(from, to, all),
        Asked::One(scenario, traced) => one(&scenario, traced),
        Asked::Show(seed) => {
            print!("{}", Scenario::from_seed(seed));
            true
        }
        Asked::Shrink(seed) => {
            let smallest = shrink(&Scenario::from_seed(seed));
            let failure = run(&smallest).failure;
            println!(
                "# seed {seed}: {}",
                failure.as_deref().unwrap_or("it does not fail")
            );
            print!("{smallest}");
            failure.is_none()
        }
    };
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn read(words: &[String]) -> Result<Asked, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |text: &str| {
        text.parse::<u64>()
            .map_err(|error| format!("{text}: {error}"))
    };
    match words[..] {
        [how @ ("--seeds" | "--until-failure"), range] => {
            let (from, to) = range
                .split_once("..")
                .ok_or(format!("{range} is no range"))?;
            Ok(Asked::Seeds(number(from)?, number(to)?, how == "--seeds"))
        }
        ["--seed", seed] => Ok(Asked::One(Scenario::from_seed(number(seed)?), false)),
        ["--seed", seed, "--trace"] => Ok(Asked::One(Scenario::from_seed(number(seed)?), true)),
        ["--show", seed] => Ok(Asked::Show(number(seed)?)),
        ["--shrink", seed] => Ok(Asked::Shrink(number(seed)?)),
        ["--case", file] | ["--case", file, "--trace"] => {
            let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
            let scenario = Scenario::parse(&text).map_err(|error| error.to_string())?;
            Ok(Asked::One(scenario, words.len() == 3))
        }
        _ => Err("what is to be done?".into()),
    }
}

fn one(scenario: &Scenario, traced: bool) -> bool {
    let Run {
        failure,
        tally,
        trace,
    } = if traced {
        trace(scenario)
    } else {
        run(scenario)
    };
    for line in trace {
        println!("{line}");
    }
    match &failure {
        Some(failure) => println!("FAILED {failure}"),
        None => println!("{tally}"),
    }
    failure.is_none()
}

fn seeds(from: u64, to: u64, all: bool) -> bool {
    let began = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let (tally, failed) = run_seeds(from..to, threads, !all);
    let mut failures: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (seed, failure) in failed {
        println!("FAILED seed {seed}: {failure}");
        let kind = failure.split(':').next().unwrap_or_default().to_owned();
        failures.entry(kind).or_default().push(seed);
    }
    println!("{tally}");
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{:.1} s, {:.0} sessions a second on {threads} threads",
        seconds,
        tally.sessions as f64 / seconds
    );
    for (kind, seeds) in &failures {
        println!("{} of {kind}, the first is seed {}", seeds.len(), seeds[0]);
    }
    failures.is_empty()
}
