//! What goes wrong on a real line, by chance and all the same for one seed: noise, late and unasked lines, modules that
//! start anew, plugs that are pulled.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How often what goes wrong: each a number of times in a million bytes of either direction.
///
/// A fault is put in where its byte passes; which and where follows from the seed and the bytes alone.
///
/// ```
/// use nlftp_vmodem::LineFaults;
///
/// let faults: LineFaults = "seed=7,flip=20,unplug=2".parse()?;
/// assert_eq!((faults.seed, faults.flip, faults.drop), (7, 20, 0));
/// # Ok::<(), nlftp_vmodem::LineFaultsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineFaults {
    /// What chance begins with.
    pub seed: u64,
    /// A byte is lost.
    pub drop: u32,
    /// A byte comes twice.
    pub double: u32,
    /// A bit of a byte is another one.
    pub flip: u32,
    /// Nothing passes for 20 to 500 ms.
    pub delay: u32,
    /// One to twenty lines that nobody asked for come, behind the line or the payload at hand.
    pub urc: u32,
    /// The module starts anew, every other time with a line that says so; its connections are gone.
    pub reset: u32,
    /// The port goes, with the module, and comes back within 50 to 500 ms; under the same name where it has a link.
    pub unplug: u32,
}

/// What a text for [`LineFaults`] should have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFaultsError(String);

impl fmt::Display for LineFaultsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LineFaultsError {}

impl FromStr for LineFaults {
    type Err = LineFaultsError;

    /// Reads `name=number` pairs with commas in between.
    fn from_str(text: &str) -> Result<Self, LineFaultsError> {
        let mut faults = LineFaults::default();
        for pair in text.split(',') {
            let wrong = || {
                LineFaultsError(format!(
                    "{pair:?} is none of seed=N, drop=N, double=N, flip=N, delay=N, urc=N, reset=N, unplug=N"
                ))
            };
            let (name, number) = pair.split_once('=').ok_or_else(wrong)?;
            let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            let number: u64 = number.parse().ok().filter(|_| digits).ok_or_else(wrong)?;
            if name == "seed" {
                faults.seed = number;
                continue;
            }
            let rate = u32::try_from(number)
                .ok()
                .filter(|rate| *rate <= MILLION)
                .ok_or_else(|| {
                    LineFaultsError(format!("{pair:?}: a million is the most in a million"))
                })?;
            match name {
                "drop" => faults.drop = rate,
                "double" => faults.double = rate,
                "flip" => faults.flip = rate,
                "delay" => faults.delay = rate,
                "urc" => faults.urc = rate,
                "reset" => faults.reset = rate,
                "unplug" => faults.unplug = rate,
                _ => return Err(wrong()),
            }
        }
        Ok(faults)
    }
}

const MILLION: u32 = 1_000_000;

const URCS: [&str; 6] = [
    "+CREG: 1",
    "+CEREG: 5,\"1A2B\",\"01020304\",7",
    "RING",
    "+CMTI: \"SM\",3",
    "+CGEV: ME PDN ACT 1",
    "^MODE: 17,17",
];

/// What a module says that has started anew.
pub(crate) const BANNER: &str = "+SIM READY";

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    Drop,
    Double,
    /// What the byte is changed by.
    Flip(u8),
    Delay(Duration),
    Urcs(Vec<&'static str>),
    Reset {
        banner: bool,
    },
    Unplug(Duration),
}

/// When the next one of a direction is due.
#[derive(Debug)]
pub(crate) struct Schedule {
    rates: LineFaults,
    chance: Chance,
    /// Bytes that pass before it.
    left: u64,
}

impl Schedule {
    /// One for each direction, `number` by number.
    pub(crate) fn new(rates: LineFaults, number: u64) -> Schedule {
        let mut chance = Chance::new(rates.seed, number);
        let left = gap(&rates, &mut chance);
        Schedule {
            rates,
            chance,
            left,
        }
    }

    /// How many bytes pass unharmed.
    pub(crate) fn unharmed(&self) -> usize {
        usize::try_from(self.left).unwrap_or(usize::MAX)
    }

    /// So many have passed.
    pub(crate) fn passed(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count as u64);
    }

    /// The fault that is due with the next byte.
    pub(crate) fn due(&mut self) -> Option<Fault> {
        if self.left > 0 {
            return None;
        }
        self.left = gap(&self.rates, &mut self.chance);
        let rates = &self.rates;
        let kinds = [
            rates.drop,
            rates.double,
            rates.flip,
            rates.delay,
            rates.urc,
            rates.reset,
            rates.unplug,
        ];
        let mut pick = self.chance.below(total(rates));
        let kind = kinds.iter().position(|rate| {
            let here = pick < u64::from(*rate);
            pick = pick.wrapping_sub(u64::from(*rate));
            here
        })?;
        let chance = &mut self.chance;
        Some(match kind {
            0 => Fault::Drop,
            1 => Fault::Double,
            2 => Fault::Flip(1 << chance.below(8)),
            3 => Fault::Delay(Duration::from_millis(20 + chance.below(480))),
            4 => {
                let count = 1 + chance.below(20);
                let line = |_| URCS[chance.below(URCS.len() as u64) as usize];
                Fault::Urcs((0..count).map(line).collect())
            }
            5 => Fault::Reset {
                banner: chance.below(2) == 0,
            },
            _ => Fault::Unplug(Duration::from_millis(50 + chance.below(450))),
        })
    }
}

fn total(rates: &LineFaults) -> u64 {
    [
        rates.drop,
        rates.double,
        rates.flip,
        rates.delay,
        rates.urc,
        rates.reset,
        rates.unplug,
    ]
    .into_iter()
    .map(u64::from)
    .sum()
}

/// Bytes up to the next fault: anything up to twice as many as there are between two of them.
fn gap(rates: &LineFaults, chance: &mut Chance) -> u64 {
    match total(rates) {
        0 => u64::MAX,
        total => chance.below((2 * u64::from(MILLION)).div_ceil(total)),
    }
}

/// Numbers that follow from a seed: SplitMix64.
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn new(seed: u64, number: u64) -> Chance {
        let mut chance = Chance(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ number);
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str, bytes: usize) -> Vec<(usize, Fault)> {
        let mut schedule = Schedule::new(text.parse().unwrap(), 0);
        let mut found = Vec::new();
        for at in 0..bytes {
            while let Some(fault) = schedule.due() {
                found.push((at, fault));
            }
            schedule.passed(1);
        }
        found
    }

    #[test]
    fn faults_come_as_often_as_asked_for_and_the_same_for_one_seed() {
        let found = faults("seed=3,flip=100,urc=50", 1_000_000);
        assert!((120..180).contains(&found.len()), "{}", found.len());
        let flips = found
            .iter()
            .filter(|(_, fault)| matches!(fault, Fault::Flip(_)));
        assert!((75..125).contains(&flips.count()));
        assert_eq!(found, faults("seed=3,flip=100,urc=50", 1_000_000));
        assert_ne!(found, faults("seed=4,flip=100,urc=50", 1_000_000));
    }

    #[test]
    fn nothing_asked_for_is_nothing_wrong() {
        assert_eq!(
            Schedule::new(LineFaults::default(), 0).unharmed(),
            usize::MAX
        );
        assert_eq!(faults("seed=9", 10_000), []);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for bad in [
            "",
            "drop",
            "drop=",
            "drop=-1",
            "drop=+1",
            "x=1",
            "drop=1000001",
            "drop=1,,",
        ] {
            assert!(bad.parse::<LineFaults>().is_err(), "{bad:?}");
        }
        let error = "melt=1".parse::<LineFaults>().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("\"melt=1\" is none of seed=N"),
            "{error}"
        );
    }
}
