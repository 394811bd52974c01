//! Counts over many sessions: what went wrong, and how calls and sessions ended.

use std::collections::BTreeMap;
use std::fmt;

use crate::scenario::{Check, What};

/// How many of everything.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Sessions.
    pub sessions: u64,
    /// Faults that came, by what they are.
    pub faults: BTreeMap<What, u64>,
    /// Calls, by how they ended.
    pub ends: BTreeMap<String, u64>,
    /// Sessions, by what it took to use the modem again.
    pub closings: BTreeMap<String, u64>,
    /// Transfers that succeeded with other bytes than they should have, by their check, where faults altered bytes.
    pub false_successes: BTreeMap<(Check, &'static str), u64>,
    /// Transfers that succeeded under such faults with the right bytes, likewise.
    pub true_successes: BTreeMap<(Check, &'static str), u64>,
    /// Resumed transfers with a byte that had changed before those that are compared.
    pub unseen: u64,
    /// The most bytes of memory that one of them held at once.
    pub memory: u64,
    /// The same of those in which listings were endless.
    pub memory_of_listings: u64,
    /// Transfers that failed and were tried again in the same call, which failed in the end.
    pub tries: u64,
    /// Those of calls that succeeded in the end.
    pub helpful_tries: u64,
    /// Virtual time in seconds.
    pub seconds: f64,
    /// Bytes of files that arrived.
    pub bytes: u64,
}

impl Tally {
    /// Adds what others have counted.
    pub fn add(&mut self, other: &Tally) {
        fn sum<K: Ord + Clone>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
            for (key, count) in from {
                *into.entry(key.clone()).or_default() += count;
            }
        }
        self.sessions += other.sessions;
        sum(&mut self.faults, &other.faults);
        sum(&mut self.ends, &other.ends);
        sum(&mut self.closings, &other.closings);
        sum(&mut self.false_successes, &other.false_successes);
        sum(&mut self.true_successes, &other.true_successes);
        self.unseen += other.unseen;
        self.tries += other.tries;
        self.helpful_tries += other.helpful_tries;
        self.memory_of_listings = self.memory_of_listings.max(other.memory_of_listings);
        self.memory = self.memory.max(other.memory);
        self.seconds += other.seconds;
        self.bytes += other.bytes;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: u64 = self.faults.values().sum();
        let calls: u64 = self.ends.values().sum();
        writeln!(
            f,
            "{} sessions, {calls} calls, {faults} faults, {:.0} days of virtual time, {:.1} MB moved",
            self.sessions,
            self.seconds / 86_400.0,
            self.bytes as f64 / 1e6
        )?;
        writeln!(
            f,
            "at most {} KiB of memory held by a session, {} KiB where listings do not end",
            self.memory.div_ceil(1024),
            self.memory_of_listings.div_ceil(1024)
        )?;
        writeln!(f, "\nfaults")?;
        for (what, count) in &self.faults {
            writeln!(f, "  {count:>9} {}", what.word())?;
        }
        writeln!(f, "\ncalls, by how they ended")?;
        for (end, count) in &self.ends {
            writeln!(f, "  {count:>9} {end}")?;
        }
        writeln!(
            f,
            "  tried again in the same call: {} times in those that failed, {} in those that succeeded",
            self.tries, self.helpful_tries
        )?;
        writeln!(f, "\nsessions, by what it took to use the modem afterwards")?;
        for (closing, count) in &self.closings {
            writeln!(f, "  {count:>9} {closing}")?;
        }
        writeln!(f, "\ntransfers that succeeded although bytes were altered")?;
        for &check in Check::ALL {
            for altered in ["payload", "lines"] {
                let key = (check, altered);
                let wrong = self.false_successes.get(&key).copied().unwrap_or(0);
                let right = self.true_successes.get(&key).copied().unwrap_or(0);
                writeln!(
                    f,
                    "  verify={:<9} {altered:<8} altered: {right:>7} right, {wrong:>5} wrong",
                    check.word()
                )?;
            }
        }
        writeln!(
            f,
            "  {} went on behind a byte that somebody had changed before the last 64 KiB, and did not see it",
            self.unseen
        )
    }
}
