//! What the outcome of a command cannot say: notices for whoever runs the virtual modem.

use std::collections::VecDeque;

use super::TlsMode;
use crate::Modem;

/// So many are kept; older ones go.
const KEPT: usize = 256;
/// So much of a server's reply is quoted.
const QUOTED: usize = 200;

/// Sentences, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Notices(VecDeque<String>);

impl Notices {
    pub(crate) fn push(&mut self, text: String) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(text);
    }

    pub(crate) fn pop(&mut self) -> Option<String> {
        self.0.pop_front()
    }

    pub(crate) fn to_vec(&self) -> Vec<String> {
        self.0.iter().cloned().collect()
    }
}

/// A server's own words, fit for a terminal.
pub(crate) fn printable(line: &[u8]) -> String {
    String::from_utf8_lossy(line)
        .chars()
        .take(QUOTED)
        .map(|letter| match letter.is_control() {
            true => '?',
            false => letter,
        })
        .collect()
}

impl Modem {
    /// How TLS begins when FTPOPEN next asks for it.
    pub fn set_tls_mode(&mut self, mode: TlsMode) {
        self.client.tls_mode = mode;
    }

    /// Takes the oldest notice: a sentence about what an outcome 0 cannot explain, such as a
    /// certificate that was refused. Only the last few hundred are kept.
    pub fn take_notice(&mut self) -> Option<String> {
        self.client.notices.pop()
    }

    pub(crate) fn notice(&mut self, text: String) {
        self.client.notices.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_terminals_are_safe() {
        let mut notices = Notices::default();
        for number in 0..2 * KEPT {
            notices.push(number.to_string());
        }
        assert_eq!(notices.to_vec().len(), KEPT);
        assert_eq!(notices.pop(), Some(KEPT.to_string()));
        assert_eq!(printable(b"534 \x1b[2Jno\xff"), "534 ?[2Jno\u{fffd}");
        assert_eq!(printable(&[b'x'; 5000]).len(), QUOTED);
    }
}
