//! The description of the ABI: what programs that were built before rely on, a line each.

use std::collections::BTreeSet;
use std::fmt;

use crate::declarations::Declarations;

#[derive(Debug, PartialEq, Eq)]
pub struct Description {
    soname: String,
    lines: BTreeSet<String>,
}

impl Description {
    pub fn of(declarations: &Declarations, soname: &str) -> Description {
        let functions = declarations
            .functions
            .values()
            .map(|prototype| format!("function {prototype}"));
        let constants = declarations
            .constants
            .iter()
            .map(|(name, number)| format!("constant {name} = {number}"));
        let types = declarations
            .types
            .iter()
            .map(|(name, meaning)| format!("type {name} = {meaning}"));
        Description {
            soname: soname.to_owned(),
            lines: functions.chain(constants).chain(types).collect(),
        }
    }

    pub fn parse(text: &str) -> Description {
        let lines = || {
            text.lines()
                .filter(|line| !line.starts_with('#') && !line.is_empty())
        };
        let soname = lines().find_map(|line| line.strip_prefix("soname "));
        Description {
            soname: soname.unwrap_or_default().to_owned(),
            lines: lines()
                .filter(|line| !line.starts_with("soname "))
                .map(str::to_owned)
                .collect(),
        }
    }

    /// Why `new` may not follow this one; `update` says that additions are to be written.
    pub fn complaint(&self, new: &Description, update: bool) -> Option<String> {
        let gone: Vec<&str> = self
            .lines
            .difference(&new.lines)
            .map(String::as_str)
            .collect();
        let come: Vec<&str> = new
            .lines
            .difference(&self.lines)
            .map(String::as_str)
            .collect();
        if !gone.is_empty() && self.soname == new.soname {
            return Some(format!(
                "the ABI changed incompatibly: programs that were built against {} need\n  {}\nGive it back, or change \
                 the SONAME in ffi/build.rs. What came in its place, perhaps:\n  {}",
                self.soname,
                gone.join("\n  "),
                come.join("\n  ")
            ));
        }
        if update || self == new {
            return None;
        }
        Some(format!(
            "the ABI grew, or has another SONAME ({} was {}), which abi/libnlftp.abi does not have:\n  {}\nRun the tests of \
             nlftp-ffi with NLFTP_UPDATE_DOCS=1 in the environment to write it",
            new.soname,
            self.soname,
            come.join("\n  ")
        ))
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# What programs that are linked with libnlftp rely on; compared by tests/header.rs."
        )?;
        writeln!(f, "# A line that goes or changes asks for another SONAME.")?;
        writeln!(f, "soname {}", self.soname)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(soname: &str, lines: &[&str]) -> Description {
        Description {
            soname: soname.to_owned(),
            lines: lines.iter().map(|&line| line.to_owned()).collect(),
        }
    }

    #[test]
    fn what_goes_asks_for_another_soname_whatever_is_asked() {
        let old = description("libx.so.0", &["constant A = 1", "function int f(void)"]);
        for new in [
            &["constant A = 2", "function int f(void)"][..],
            &["constant A = 1"],
        ] {
            for update in [false, true] {
                let complaint = old
                    .complaint(&description("libx.so.0", new), update)
                    .unwrap();
                assert!(
                    complaint.contains("incompatibly") && complaint.contains("SONAME"),
                    "{complaint}"
                );
            }
        }
        let new = description("libx.so.1", &["constant A = 2"]);
        assert!(old.complaint(&new, false).is_some());
        assert_eq!(old.complaint(&new, true), None);
    }

    #[test]
    fn what_comes_has_to_be_written_down() {
        let old = description("libx.so.0", &["constant A = 1"]);
        let new = description("libx.so.0", &["constant A = 1", "constant B = 2"]);
        assert!(
            old.complaint(&new, false)
                .unwrap()
                .contains("constant B = 2")
        );
        assert_eq!(old.complaint(&new, true), None);
        assert_eq!(new.complaint(&new, false), None);
    }

    #[test]
    fn a_description_is_read_as_it_is_written() {
        let description = description("libx.so.0", &["constant A = 1", "type a = enum"]);
        assert_eq!(Description::parse(&description.to_string()), description);
    }
}
