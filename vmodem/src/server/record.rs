//! A record of what clients sent, for tests to look at.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// So many lines are kept; older ones go.
const KEPT: usize = 4096;

/// The control lines of all clients, in the order in which they were carried out.
#[derive(Default)]
pub(super) struct Record {
    lines: Mutex<VecDeque<String>>,
}

impl Record {
    /// Notes a command, with its secret masked.
    pub(super) fn record(&self, verb: &str, argument: &[u8]) {
        let line = match verb.trim() {
            // Also where a tab or a colon took the place of the space.
            secret if secret.starts_with("PASS") => String::from("PASS ****"),
            secret if secret.starts_with("ACCT") => String::from("ACCT ****"),
            // A verb after leading blanks ends up in the argument.
            "" if !argument.is_empty() => String::from("(no command)"),
            _ if argument.is_empty() => verb.to_owned(),
            _ => format!("{verb} {}", String::from_utf8_lossy(argument)),
        };
        self.push(line);
    }

    pub(super) fn push(&self, line: String) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_memory_is_bounded() {
        let record = Record::default();
        record.record("PASS", b"secret");
        record.record("ACCT", b"secret");
        record.record("", b"PASS secret");
        record.record("PASS\tsecret", b"");
        record.record("CWD", b"a b");
        let lines = record.lines();
        assert_eq!(
            lines[..4],
            ["PASS ****", "ACCT ****", "(no command)", "PASS ****"]
        );
        assert_eq!(lines[4], "CWD a b");
        for _ in 0..2 * KEPT {
            record.push(String::new());
        }
        assert_eq!(record.lines().len(), KEPT);
    }
}
