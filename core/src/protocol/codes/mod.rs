//! The result codes of manual section 2 as values: family, number, meaning.

pub mod cme;
pub mod cms;
pub mod tcp_ip;

use std::fmt;

/// Which table of manual section 2 a number belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CodeFamily {
    /// Mobile equipment: `+CME ERROR` (manual 2.1, 3GPP TS 27.007).
    Cme,
    /// Messages: `+CMS ERROR` (manual 2.2, 3GPP TS 27.005).
    Cms,
    /// The embedded TCP/IP stack: 2000 and above (manual 2.3), under `+CME ERROR` or `ERROR`.
    TcpIp,
}

/// A result code of the modem. Numbers that the manual does not list are kept as they are, without a meaning.
///
/// The known ones have names, to compare with: `error.result_code() == Some(codes::cme::SIM_NOT_INSERTED)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResultCode {
    family: CodeFamily,
    number: u32,
}

/// A row of a table: number, meaning, and the firmware's own text where that is another one.
type Row = (u32, &'static str, &'static str);

/// Where the numbers of the TCP/IP stack begin.
const FIRST_TCP_IP: u32 = 2000;

impl ResultCode {
    /// The code of a number in a family.
    pub const fn new(family: CodeFamily, number: u32) -> ResultCode {
        ResultCode { family, number }
    }

    /// The code of a `+CME ERROR` or `ERROR`, which carry those of the TCP/IP stack too.
    pub(crate) fn of_equipment(number: u32) -> ResultCode {
        let family = if number >= FIRST_TCP_IP {
            CodeFamily::TcpIp
        } else {
            CodeFamily::Cme
        };
        ResultCode::new(family, number)
    }

    /// The code whose text the modem printed under `AT+CMEE=2`, whatever its case and spaces.
    pub(crate) fn of_text(text: &[u8], message: bool) -> Option<ResultCode> {
        let text = std::str::from_utf8(text).ok()?.trim().trim_matches('"');
        let same = |spoken: &str| {
            let words = |text: &str| -> Vec<String> {
                text.split_whitespace()
                    .map(str::to_ascii_lowercase)
                    .collect()
            };
            words(spoken) == words(text)
        };
        let families: &[CodeFamily] = if message {
            &[CodeFamily::Cms]
        } else {
            &[CodeFamily::Cme, CodeFamily::TcpIp]
        };
        families.iter().find_map(|family| {
            let row = family.rows().find(|row| same(row.2))?;
            Some(ResultCode::new(*family, row.0))
        })
    }

    /// The number as the modem gives it.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// The table that it belongs to.
    pub const fn family(self) -> CodeFamily {
        self.family
    }

    /// What the code means; `None` for a number that the manual does not list.
    pub fn meaning(self) -> Option<&'static str> {
        let mut rows = self.family.rows();
        rows.find(|row| row.0 == self.number).map(|row| row.1)
    }

    /// What to do about it, where there is something to be done.
    pub fn advice(self) -> Option<&'static str> {
        Some(match (self.family, self.number) {
            (CodeFamily::Cme, 5 | 11 | 12 | 17 | 18) | (CodeFamily::Cms, 311 | 312 | 317 | 318) => {
                "unlock the SIM first"
            }
            (CodeFamily::Cme, 10 | 13..=15) | (CodeFamily::Cms, 310 | 313..=315) => {
                "look at the SIM card"
            }
            (CodeFamily::Cme, 30..=32 | 107 | 111..=114 | 117 | 244)
            | (CodeFamily::Cms, 331 | 332) => "look at antenna, coverage and subscription",
            (CodeFamily::Cme, 149 | 258) => "look at the APN, its user name and its password",
            (CodeFamily::TcpIp, 2002) => "look at the host name",
            (CodeFamily::TcpIp, 2009 | 2030..=2032) => "attach to the network first (AT+MIPCALL)",
            _ => return None,
        })
    }

    /// Every code of the manual, table by table, in ascending order.
    pub fn all() -> impl Iterator<Item = ResultCode> {
        [CodeFamily::Cme, CodeFamily::Cms, CodeFamily::TcpIp]
            .into_iter()
            .flat_map(|family| family.rows().map(move |row| ResultCode::new(family, row.0)))
    }
}

impl CodeFamily {
    fn rows(self) -> impl Iterator<Item = Row> {
        let table = match self {
            CodeFamily::Cme => cme::ROWS,
            CodeFamily::Cms => cms::ROWS,
            CodeFamily::TcpIp => tcp_ip::ROWS,
        };
        table.lines().filter_map(|line| {
            let (number, texts) = line.split_once('|')?;
            let (meaning, spoken) = texts.split_once('|').unwrap_or((texts, texts));
            Some((number.parse().ok()?, meaning, spoken))
        })
    }
}

impl fmt::Display for ResultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.meaning() {
            Some(meaning) => write!(f, "{} ({meaning})", self.number),
            None => write!(f, "{}", self.number),
        }
    }
}

/// Makes a table, in ascending order, and a constant of each of its rows. The table is one text: 252 rows of pointers
/// would take more room than what they point to.
macro_rules! codes {
    ($family:ident, $($number:literal $name:ident $meaning:literal $(, $spoken:literal)?;)*) => {
        $(
            #[doc = $meaning]
            pub const $name: super::ResultCode =
                super::ResultCode::new(super::CodeFamily::$family, $number);
        )*
        pub(super) const ROWS: &str =
            concat!($($number, "|", $meaning, $("|", $spoken,)? "\n"),*);
    };
}
use codes;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order_and_hold_all_of_the_manuals_codes() {
        for family in [CodeFamily::Cme, CodeFamily::Cms, CodeFamily::TcpIp] {
            let rows: Vec<_> = family.rows().collect();
            assert!(
                rows.windows(2).all(|pair| pair[0].0 < pair[1].0),
                "{family:?}"
            );
        }
        // As many as manual 2.1, 2.2 and 2.3 have.
        assert_eq!(CodeFamily::Cme.rows().count(), 112);
        assert_eq!(CodeFamily::Cms.rows().count(), 106);
        assert_eq!(CodeFamily::TcpIp.rows().count(), 34);
        assert_eq!(ResultCode::all().count(), 252);
    }

    #[test]
    fn numbers_have_their_meaning_in_their_own_family() {
        let meaning = |family, number| ResultCode::new(family, number).meaning();
        assert_eq!(meaning(CodeFamily::Cme, 10), Some("SIM not inserted"));
        assert_eq!(meaning(CodeFamily::Cms, 10), Some("Call barred"));
        assert_eq!(
            meaning(CodeFamily::Cms, 543),
            Some("SMS rejected By SMS CONTROL")
        );
        assert_eq!(
            ResultCode::of_equipment(2031),
            tcp_ip::PDP_CONTEXT_NOT_ACTIVE
        );
        assert_eq!(ResultCode::of_equipment(9999).meaning(), None);
        assert_eq!(ResultCode::of_equipment(9999).number(), 9999);
        assert_eq!(cme::SIM_NOT_INSERTED.to_string(), "10 (SIM not inserted)");
    }

    #[test]
    fn texts_are_found_whatever_their_case_and_spaces() {
        assert_eq!(
            ResultCode::of_text(b" sim BUSY ", false),
            Some(cme::SIM_BUSY)
        );
        assert_eq!(
            ResultCode::of_text(b"TCPIP  mipcall not active", false),
            Some(tcp_ip::PDP_CONTEXT_NOT_ACTIVE)
        );
        let not_allowed = b"operation not allowed";
        assert_eq!(
            ResultCode::of_text(not_allowed, false),
            Some(cme::OPERATION_NOT_ALLOWED)
        );
        assert_eq!(
            ResultCode::of_text(not_allowed, true),
            Some(cms::OPERATION_NOT_ALLOWED)
        );
        assert_eq!(ResultCode::of_text(b"no such text", false), None);
        // Every text leads back to a code with the same text.
        for code in ResultCode::all() {
            let mut rows = code.family().rows();
            let spoken = rows.find(|row| row.0 == code.number()).unwrap().2;
            let found = ResultCode::of_text(spoken.as_bytes(), code.family() == CodeFamily::Cms);
            let spoken_again = found.and_then(|found| {
                let mut rows = found.family().rows();
                rows.find(|row| row.0 == found.number()).map(|row| row.2)
            });
            assert!(
                spoken_again.is_some_and(|again| again.eq_ignore_ascii_case(spoken)),
                "{code}"
            );
        }
    }
}
