//! `~/.netrc`: logins by host, the file that ftp, curl and Python's netrc read.

use std::iter::Peekable;
use std::str::Chars;

/// A login that the file holds for a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// `None` is the `default` entry.
    machine: Option<String>,
    pub(crate) login: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) account: Option<String>,
}

/// Finds the login for a host, and for a user where one is already known.
///
/// The first entry that fits wins; `default` fits every host that no other entry fits.
pub(crate) fn find<'a>(entries: &'a [Entry], host: &str, user: Option<&str>) -> Option<&'a Entry> {
    let fits = |entry: &&Entry| match (user, &entry.login) {
        (Some(user), Some(login)) => user == login,
        _ => true,
    };
    let named = |entry: &&Entry| {
        entry
            .machine
            .as_ref()
            .is_some_and(|machine| machine.eq_ignore_ascii_case(host))
    };
    entries.iter().filter(named).find(fits).or_else(|| {
        entries
            .iter()
            .filter(|entry| entry.machine.is_none())
            .find(fits)
    })
}

/// Reads the whole file. The error is the number of the line that cannot be understood: its words
/// may be secrets and are not repeated.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>, usize> {
    let mut words = Words {
        rest: text.chars().peekable(),
        line: 1,
    };
    let mut entries: Vec<Entry> = Vec::new();
    while let Some(word) = words.keyword()? {
        let line = words.line;
        match word.as_str() {
            "machine" => {
                let machine = Some(words.value()?);
                entries.push(Entry {
                    machine,
                    ..Entry::default()
                });
            }
            "default" => entries.push(Entry::default()),
            "macdef" => words.skip_macro(),
            "login" => entries.last_mut().ok_or(line)?.login = Some(words.value()?),
            "password" => entries.last_mut().ok_or(line)?.password = Some(words.value()?),
            "account" => entries.last_mut().ok_or(line)?.account = Some(words.value()?),
            _ => return Err(line),
        }
    }
    Ok(entries)
}

struct Words<'a> {
    rest: Peekable<Chars<'a>>,
    line: usize,
}

impl Words<'_> {
    fn next_char(&mut self) -> Option<char> {
        let next = self.rest.next();
        self.line += usize::from(next == Some('\n'));
        next
    }

    fn skip_line(&mut self) -> bool {
        let mut empty = true;
        while let Some(next) = self.next_char() {
            if next == '\n' {
                return empty;
            }
            empty &= next == '\r';
        }
        // The end of the file ends a macro too.
        true
    }

    /// The next word where a keyword is due: a comment is skipped there, and only there, because a
    /// password may well begin with `#`.
    fn keyword(&mut self) -> Result<Option<String>, usize> {
        loop {
            match self.rest.peek() {
                None => return Ok(None),
                Some('#') => {
                    self.skip_line();
                }
                Some(c) if c.is_whitespace() => {
                    self.next_char();
                }
                Some(_) => return self.word().map(Some),
            }
        }
    }

    fn value(&mut self) -> Result<String, usize> {
        while self.rest.peek().is_some_and(|c| c.is_whitespace()) {
            self.next_char();
        }
        match self.rest.peek() {
            Some(_) => self.word(),
            None => Err(self.line),
        }
    }

    /// A word, or a quoted text; a backslash takes the next character as it is.
    fn word(&mut self) -> Result<String, usize> {
        let line = self.line;
        let quoted = self.rest.next_if_eq(&'"').is_some();
        let mut word = String::new();
        loop {
            match self.rest.peek().copied() {
                None if quoted => return Err(line),
                None => return Ok(word),
                Some('"') if quoted => {
                    self.next_char();
                    return Ok(word);
                }
                Some(c) if c.is_whitespace() && !quoted => return Ok(word),
                Some('\\') => {
                    self.next_char();
                    word.push(match self.next_char().ok_or(line)? {
                        'n' if quoted => '\n',
                        'r' if quoted => '\r',
                        't' if quoted => '\t',
                        other => other,
                    });
                }
                Some(c) => {
                    self.next_char();
                    word.push(c);
                }
            }
        }
    }

    /// A macro ends at an empty line.
    fn skip_macro(&mut self) {
        self.skip_line();
        while !self.skip_line() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(machine: Option<&str>, login: &str, password: &str) -> Entry {
        Entry {
            machine: machine.map(str::to_owned),
            login: Some(login.to_owned()),
            password: Some(password.to_owned()),
            account: None,
        }
    }

    #[test]
    fn entries_on_one_line_or_many() {
        let text = "machine a login u password p\nmachine b\n\tlogin v\n\tpassword q\n";
        let entries = parse(text).unwrap();
        assert_eq!(
            entries,
            [entry(Some("a"), "u", "p"), entry(Some("b"), "v", "q")]
        );
    }

    #[test]
    fn quotes_backslashes_comments_and_macros() {
        let text = "# machine no login no\nmacdef init\nmachine x\nlogin y\n\n\
                    machine a login \"my user\" password \"p\\\"q # r\" # why\n\
                    machine b login u password #hash account back\\\\slash\n";
        let entries = parse(text).unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0], entry(Some("a"), "my user", "p\"q # r"));
        assert_eq!(entries[1].password.as_deref(), Some("#hash"));
        assert_eq!(entries[1].account.as_deref(), Some("back\\slash"));
    }

    #[test]
    fn a_macro_may_end_with_the_file() {
        assert_eq!(parse("macdef x\nput a").unwrap(), []);
    }

    #[test]
    fn the_first_entry_that_fits_wins_and_default_comes_last() {
        let text = "default login d password 0\nmachine H login u password 1\nmachine h login v password 2";
        let entries = parse(text).unwrap();
        let password = |host, user| find(&entries, host, user).and_then(|e| e.password.as_deref());
        assert_eq!(password("h", None), Some("1"));
        assert_eq!(password("h", Some("v")), Some("2"));
        assert_eq!(password("other", None), Some("0"));
        assert_eq!(password("other", Some("d")), Some("0"));
        assert_eq!(password("h", Some("w")), None);
    }

    #[test]
    fn an_entry_without_login_fits_every_user() {
        let entries = parse("machine h password p").unwrap();
        assert_eq!(
            find(&entries, "h", Some("me")).unwrap().password.as_deref(),
            Some("p")
        );
    }

    #[test]
    fn what_cannot_be_understood_is_told_by_its_line() {
        for (text, line) in [
            ("machine a\nlogin u\nsecret", 3),
            ("login u", 1),
            ("\nmachine", 2),
            ("machine a login \"u", 1),
            ("machine a password x\\", 1),
        ] {
            assert_eq!(parse(text), Err(line), "{text:?}");
        }
    }
}
