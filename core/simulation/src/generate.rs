//! Scenarios from seeds.

use fastrand::Rng;
use nlftp_vmodem::Dialect;

use crate::scenario::*;

/// Fields of the dialect that a mixture may not hold: with them the driver is told to refuse, or to wait for minutes.
const PLAIN_FIELDS: [&str; 2] = ["line_limit", "put_patience"];

impl Scenario {
    /// The scenario that a seed stands for.
    pub fn from_seed(seed: u64) -> Scenario {
        let mut rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x006e_6c66_7470);
        let mut scenario = setup(seed, &mut rng);
        if chance(&mut rng, 1) {
            giant(&mut scenario, &mut rng);
        } else {
            scenario.files = stored(&mut rng);
            steps(&mut scenario, &mut rng);
        }
        // Some go well: what they must do is known best.
        let count = match rng.u32(0..100) {
            0..12 => 0,
            12..55 => 1,
            55..80 => 2,
            80..95 => rng.usize(3..6),
            _ => rng.usize(6..20),
        };
        for _ in 0..count {
            let fault = fault(&scenario, &mut rng);
            scenario.faults.push(fault);
        }
        scenario
            .faults
            .sort_by_key(|fault| (fault.step, fault.when, fault.at));
        scenario
    }
}

fn one<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}

fn chance(rng: &mut Rng, percent: u32) -> bool {
    rng.u32(0..100) < percent
}

/// Small numbers often, large ones at times: each doubling is as likely as any other.
fn about(rng: &mut Rng, most: u64) -> u64 {
    let bits = 64 - most.leading_zeros();
    let top = 1 << rng.u32(0..=bits);
    rng.u64(0..top).min(most)
}

fn setup(seed: u64, rng: &mut Rng) -> Scenario {
    let plain = Scenario::default();
    // A network must not take longer than the driver has patience for.
    let (limits, distances) = one(
        rng,
        &[
            ([10_000, 150_000, 60_000], [0, 20, 150, 700]),
            ([2_000, 20_000, 10_000], [0, 1, 20, 150]),
            ([1_000, 3_000, 2_000], [0, 0, 1, 20]),
        ],
    );
    let dialect = dialect(rng);
    Scenario {
        seed,
        dialect: dialect.clone(),
        dtr: one(rng, DtrLine::ALL),
        echo: chance(rng, 70),
        attached: chance(rng, 50),
        turnaround: one(rng, &[0, 0, 1, 20, 100]),
        port: one(rng, PortKind::ALL),
        held_back: chance(rng, 75),
        limits,
        cut: one(
            rng,
            &[Cut::Whole, Cut::Mixed, Cut::Mixed, Cut::Mixed, Cut::Bytes],
        ),
        latency: one(rng, &[0, 0, 2, 10, 60]),
        rate: one(rng, &[0, 0, 0, 11, 92]),
        distance: one(rng, &distances),
        missing: one(rng, Missing::ALL),
        tail: one(rng, Tail::ALL),
        // Without a size nothing tells the end where the firmware does not.
        lists: dialect.contains("retr_end_mark")
            || dialect.contains("data_only")
            || chance(rng, 92),
        buffer: one(rng, &[256, 1024, 4096, plain.buffer]),
        slow: one(rng, &[0, 0, 0, 10, 50]),
        line_ends: one(rng, LineEnds::ALL),
        active: chance(rng, 20),
        tls: chance(rng, 15),
        port_timeout: if chance(rng, 30) {
            about(rng, 120_000)
        } else {
            0
        },
        ..plain
    }
}

fn dialect(rng: &mut Rng) -> String {
    let settings = match rng.u32(0..10) {
        0..5 => return "default".into(),
        5..8 => 1,
        _ => rng.usize(2..10),
    };
    let all = all_dialects();
    let mut mixture: Vec<String> = Vec::new();
    while mixture.len() < settings {
        let (name, _) = &all[rng.usize(1..all.len())];
        let field = name.split('=').next().unwrap_or_default();
        let known = mixture
            .iter()
            .any(|other| other.starts_with(&format!("{field}=")));
        if !known && !PLAIN_FIELDS.contains(&field) {
            mixture.push(name.clone());
        }
    }
    mixture.join(",")
}

/// Made once: there are more than a hundred of them.
fn all_dialects() -> &'static [(String, Dialect)] {
    static ALL: std::sync::OnceLock<Vec<(String, Dialect)>> = std::sync::OnceLock::new();
    ALL.get_or_init(Dialect::all)
}

fn size(rng: &mut Rng) -> u64 {
    match rng.u32(0..1000) {
        0..50 => 0,
        50..250 => rng.u64(1..64),
        250..800 => rng.u64(64..4_500),
        800..960 => rng.u64(4_500..15_000),
        960..999 => rng.u64(60_000..80_000),
        _ => rng.u64(500_000..560_000),
    }
}

fn flavour(rng: &mut Rng) -> Flavour {
    one(
        rng,
        &[
            Flavour::Random,
            Flavour::Escapes,
            Flavour::Answers,
            Flavour::Commands,
        ],
    )
}

fn stored(rng: &mut Rng) -> Vec<Stored> {
    let count = rng.usize(1..4);
    let mut files: Vec<Stored> = (0..count)
        .map(|number| Stored {
            name: format!("r{number}"),
            size: size(rng),
            flavour: flavour(rng),
        })
        .collect();
    files.push(Stored {
        name: "r9".into(),
        size: 10,
        flavour: Flavour::Random,
    });
    files
}

fn steps(scenario: &mut Scenario, rng: &mut Rng) {
    let count = rng.usize(1..5);
    for _ in 0..count {
        let operation = operation(scenario, rng);
        let again = matches!(
            &operation,
            Operation::Put(file) | Operation::Get(file) if file.offset == 0
        ) && chance(rng, 40);
        if let Operation::Get(file) = &operation
            && file.resume
            && chance(rng, 10)
        {
            let planted = Operation::Spoil(file.name.clone(), Spoil::Plant, size(rng));
            scenario.steps.push(at_once(planted));
        }
        let step = Step {
            operation,
            deadline: chance(rng, 12).then(|| about(rng, 100_000).max(1)),
            pause: if chance(rng, 30) {
                about(rng, 30_000)
            } else {
                0
            },
        };
        scenario.steps.push(step.clone());
        if again && chance(rng, 25) {
            let between = between(&step.operation, rng);
            scenario.steps.push(at_once(between));
        }
        if again {
            // A transfer that failed is gone on with.
            let mut step = step;
            step.deadline = None;
            if let Operation::Put(file) | Operation::Get(file) = &mut step.operation {
                file.resume = true;
                if chance(rng, 40) {
                    file.way = one(rng, Way::ALL);
                }
            }
            scenario.steps.push(step);
        }
    }
}

fn at_once(operation: Operation) -> Step {
    Step {
        operation,
        deadline: None,
        pause: 0,
    }
}

/// What happens between a transfer and the one that goes on with it.
fn between(operation: &Operation, rng: &mut Rng) -> Operation {
    match operation {
        Operation::Get(file) if chance(rng, 70) => {
            let spoil = one(rng, Spoil::ALL);
            Operation::Spoil(file.name.clone(), spoil, about(rng, 80_000))
        }
        Operation::Put(file) | Operation::Get(file) => {
            let change = one(rng, Change::ALL);
            Operation::Change(file.name.clone(), change, about(rng, 80_000))
        }
        other => other.clone(),
    }
}

/// Files at the end of the module's offsets, 4 GiB.
fn giant(scenario: &mut Scenario, rng: &mut Rng) {
    const END: u64 = 1 << 32;
    let near = |rng: &mut Rng| {
        let far = about(rng, 140_000);
        END - 70_000 + one(rng, &[69_999, 70_000, 70_001, far])
    };
    let size = near(rng);
    let name = "g".to_owned();
    scenario.files = vec![
        Stored {
            name: name.clone(),
            size,
            flavour: Flavour::Sparse,
        },
        Stored {
            name: "r9".into(),
            size: 10,
            flavour: Flavour::Random,
        },
    ];
    for _ in 0..rng.usize(1..4) {
        let mut file = moved(rng, name.clone());
        // A second download of 4 GiB takes more than a moment.
        file.check = one(rng, &[Check::Size, Check::Nothing]);
        (file.flavour, file.ascii) = (Flavour::Sparse, false);
        let operation = match rng.u32(0..4) {
            0 => {
                let part = size.saturating_sub(about(rng, 80_000));
                let planted = Operation::Spoil(name.clone(), Spoil::Plant, part);
                scenario.steps.push(at_once(planted));
                (file.resume, file.size) = (true, 0);
                file.flavour = Flavour::Random;
                Operation::Get(file)
            }
            1 => {
                (file.resume, file.size, file.offset) = (false, 0, near(rng));
                file.flavour = Flavour::Random;
                Operation::Get(file)
            }
            2 => {
                (file.resume, file.size) = (true, size + about(rng, 40_000));
                Operation::Put(file)
            }
            _ => {
                (file.resume, file.size, file.offset) = (false, about(rng, 10_000), near(rng));
                Operation::Put(file)
            }
        };
        scenario.steps.push(at_once(operation));
    }
}

fn operation(scenario: &Scenario, rng: &mut Rng) -> Operation {
    match rng.u32(0..100) {
        0..40 => {
            let name = format!("u{}", one(rng, &[0, 0, 1]));
            let mut file = moved(rng, name);
            if !file.resume && !file.ascii && chance(rng, 10) {
                file.offset = about(rng, 5_000);
            }
            file.temporary = file.offset == 0 && chance(rng, 20);
            file.retry = retries(&file, rng);
            Operation::Put(file)
        }
        40..80 => {
            let number = rng.usize(..scenario.files.len() - 1);
            let mut file = moved(rng, format!("r{number}"));
            if !file.resume && !file.ascii && chance(rng, 8) {
                file.offset = about(rng, scenario.files[number].size);
            }
            file.size = 0;
            file.flavour = Flavour::Random;
            file.retry = retries(&file, rng);
            Operation::Get(file)
        }
        _ => Operation::Verb(one(rng, Verb::ALL)),
    }
}

/// When it is tried again: a third of those that may be.
fn retries(file: &Move, rng: &mut Rng) -> Option<Retries> {
    (file.offset == 0 && chance(rng, 33)).then(|| Retries {
        tries: rng.u32(0..6),
        delay: about(rng, 20_000),
        max_delay: about(rng, 60_000),
        max_time: if chance(rng, 40) {
            about(rng, 300_000)
        } else {
            0
        },
    })
}

fn moved(rng: &mut Rng, name: String) -> Move {
    Move {
        name,
        size: size(rng),
        flavour: flavour(rng),
        way: one(rng, &[Way::Auto, Way::Stream, Way::Stream, Way::Block]),
        check: one(
            rng,
            &[Check::Size, Check::Size, Check::Readback, Check::Nothing],
        ),
        resume: chance(rng, 40),
        offset: 0,
        ascii: chance(rng, 8),
        temporary: false,
        retry: None,
    }
}

fn fault(scenario: &Scenario, rng: &mut Rng) -> Fault {
    let step = rng.usize(..scenario.steps.len());
    let bytes = match &scenario.steps[step].operation {
        Operation::Put(file) => 2 * file.size + 2_000,
        Operation::Get(file) => {
            let stored = scenario
                .files
                .iter()
                .find(|stored| stored.name == file.name);
            2 * stored.map_or(0, |stored| stored.size) + 2_000
        }
        _ => 600,
    };
    let (what, when) = match rng.u32(0..100) {
        0..20 => (
            one(
                rng,
                &[
                    What::Drop,
                    What::Double,
                    What::Flip,
                    What::Flip,
                    What::Delay,
                ],
            ),
            one(rng, &[When::Rx, When::Rx, When::Tx]),
        ),
        20..50 => (
            one(
                rng,
                &[
                    What::Lose,
                    What::Lose,
                    What::Late,
                    What::Late,
                    What::Swap,
                    What::Repeat,
                    What::ErrorLine,
                    What::Urc,
                    What::Urc,
                    What::Flood,
                    What::Prompt,
                    What::Longer,
                    What::Shorter,
                    What::Extra,
                ],
            ),
            When::Line,
        ),
        50..65 => (
            one(
                rng,
                &[What::Fail, What::Deaf, What::Echo, What::Less, What::Empty],
            ),
            When::Command,
        ),
        _ => (
            one(
                rng,
                &[
                    What::Silence,
                    What::Reset,
                    What::Banner,
                    What::Unplug,
                    What::PowerOff,
                    What::Cancel,
                    What::Cancel,
                    What::Kill,
                    What::Kill,
                    What::Stall,
                    What::LocalFailure,
                    What::CloseControl,
                    What::CutData,
                    What::EndData,
                    What::Shutdown,
                    What::DiskFull,
                    What::ServerSilence,
                    What::Refuse,
                    What::NoData,
                    What::LongList,
                ],
            ),
            one(rng, When::ALL),
        ),
    };
    let at = match when {
        When::Time => about(rng, 20_000),
        When::Rx | When::Tx | When::Data => about(rng, bytes),
        When::Line => about(rng, 60),
        When::Command => about(rng, 30),
        When::Reply => about(rng, 20),
    };
    Fault {
        step,
        when,
        at,
        what,
        amount: amount(what, rng),
    }
}

fn amount(what: What, rng: &mut Rng) -> u64 {
    match what {
        What::Drop | What::Double => 1 + about(rng, 2_000),
        What::Flip => rng.u64(0..8),
        What::Late | What::Delay | What::Silence => about(rng, 200_000),
        What::ErrorLine => one(rng, &[0, 3, 100, 30, 2031]),
        What::Fail => one(rng, &[3, 10, 30, 50, 100, 2031]),
        What::Urc => 1 + about(rng, 400),
        What::Flood => about(rng, 500_000),
        What::LongList => about(rng, 80_000),
        What::Prompt => rng.u64(0..1_100),
        What::Longer | What::Shorter | What::Extra => 1 + about(rng, 4_000),
        What::Echo => rng.u64(0..2),
        What::Less => 1 + about(rng, 2_999),
        What::Reset | What::Banner => about(rng, 30_000),
        What::Unplug | What::PowerOff => about(rng, 60_000),
        What::Stall | What::ServerSilence => about(rng, 150_000),
        What::Refuse => one(rng, &[421, 425, 450, 451, 500, 502, 530, 550]),
        What::Lose
        | What::Swap
        | What::Repeat
        | What::Deaf
        | What::Empty
        | What::Cancel
        | What::Kill
        | What::LocalFailure
        | What::CloseControl
        | What::CutData
        | What::EndData
        | What::Shutdown
        | What::DiskFull
        | What::NoData => 0,
    }
}
