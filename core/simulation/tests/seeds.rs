//! Sessions of many seeds: each ends within its deadlines, with the exact bytes or a named error, and leaves a modem that
//! takes the next command or is reported lost.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use nlftp_simulation::scenario::{Scenario, What};
use nlftp_simulation::{Tally, run_seeds};

/// Runs the sessions; panics with all that fail.
fn all_end_well(seeds: std::ops::Range<u64>, threads: u64) -> Tally {
    let (tally, failures) = run_seeds(seeds, threads, false);
    let lines: Vec<String> = failures
        .iter()
        .map(|(seed, failure)| format!("seed {seed}: {failure}"))
        .collect();
    assert!(
        lines.is_empty(),
        "{}\nto see one: cargo run -p nlftp-simulation -- --seed N --trace, or --shrink N",
        lines.join("\n")
    );
    tally
}

#[test]
fn the_first_ten_thousand_seeds() {
    println!("{}", all_end_well(0..10_000, 1));
}

#[test]
fn the_second_ten_thousand_seeds() {
    let tally = all_end_well(10_000..20_000, 1);
    for what in What::ALL {
        assert!(tally.faults.contains_key(what), "{what:?} never came");
    }
    assert!(tally.tries > 0 && tally.helpful_tries > 0);
    println!("{tally}");
}

#[test]
#[ignore = "takes half an hour"]
fn long_a_million_seeds() {
    println!("{}", all_end_well(0..1_000_000, 2));
}

#[test]
fn a_seed_is_always_the_same_session() {
    for seed in [1, 77, 4_711] {
        let scenario = Scenario::from_seed(seed);
        let (first, second) = (
            nlftp_simulation::trace(&scenario),
            nlftp_simulation::trace(&scenario),
        );
        assert!(!first.trace.is_empty());
        assert_eq!(first.trace, second.trace);
    }
}

#[test]
fn scenarios_come_back_from_their_text() {
    for seed in 0..2_000 {
        let scenario = Scenario::from_seed(seed);
        assert_eq!(Scenario::parse(&scenario.to_string()), Ok(scenario));
    }
    assert!(Scenario::parse("step dance").is_err());
    assert!(Scenario::parse("fault 0 time 1 smile 2").is_err());
}
