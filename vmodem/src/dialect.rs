//! Every point at which firmware may read the manual differently, as a field; the default is the plainest reading.

mod reading;
mod readings;

use std::fmt;
use std::str::FromStr;

use reading::dialect;
pub use readings::*;

/// A field of the dialect, by its name.
struct Field {
    name: &'static str,
    samples: fn() -> Vec<String>,
    described: fn() -> String,
    /// Says whether the text was a value of the field.
    set: fn(&mut Dialect, &str) -> bool,
    written: fn(&Dialect) -> String,
}

dialect! {
    /// The spellings, orders and habits of one firmware.
    ///
    /// As text it is a list of its settings, each `name=value`, with commas between them; what is not
    /// named is as in [`Dialect::default`]:
    ///
    /// ```
    /// use nlftp_vmodem::dialect::{Colon, Dialect};
    /// let dialect: Dialect = "colon=tight,retr_end_mark=false".parse()?;
    /// assert_eq!((dialect.colon, dialect.retr_end_mark), (Colon::Tight, false));
    /// # Ok::<(), nlftp_vmodem::dialect::DialectError>(())
    /// ```
    Dialect {
        /// Spacing of `+X: n`.
        colon: Colon = Colon::default(),
        /// `+FTPINFO:` and the answer to `AT+FTPGET?` have no space, as the manual prints them, whatever the others have.
        colon_as_printed: bool = true,
        /// `2, "…"` in place of `2,"…"`.
        space_after_comma: bool = false,
        /// How failed commands are answered.
        error: ErrorForm = ErrorForm::default(),
        /// `AT+CMEE` is known.
        cmee: bool = true,
        /// The first outcome line comes before the OK.
        outcome_before_ok: bool = false,
        /// A command before the outcome of the last one.
        while_owed: WhileOwed = WhileOwed::default(),
        /// The longest command line in octets, its AT and CR not counted.
        line_limit: u32 = 4096,
        /// The TLS flag is FTPOPEN's seventh field, the server's port its fifth: `,,990,,1`.
        open_tls_seventh: bool = false,
        /// FTPOPEN's optional fields come all or not at all, the TLS flag aside.
        open_group_whole: bool = false,
        /// FTPOPEN takes an address without quotes.
        open_bare_address: bool = true,
        /// FTPOPEN while a connection is open.
        open_twice: Refusal = Refusal::Error,
        /// FTPOPEN without a PDP context.
        open_detached: Refusal = Refusal::Error,
        /// FTPOPEN sets passive mode again.
        open_resets_mode: bool = false,
        /// FTPCLOSE with nothing open.
        close_unopened: Refusal = Refusal::Error,
        /// FTPCLOSE is taken between two pieces of an FTPPUT.
        close_between_pieces: bool = true,
        /// FTPCLOSE ends a download.
        close_while_downloading: bool = true,
        /// A drop of DTR counts under `AT&D2` only.
        dtr_needs_d2: bool = true,
        /// A connection that is lost while nothing is owed is told by a line `+FTPOPEN: 0`.
        lost_told: bool = false,
        /// FTPINFO is taken before FTPOPEN, and survives it.
        info_before_open: bool = false,
        /// How FTPPWD and FTPSYST give their text.
        text_result: TextResult = TextResult::default(),
        /// How FTPSTAT's text is laid out.
        stat_text: StatText = StatText::default(),
        /// A listing begins on a line of its own.
        list_on_new_line: bool = true,
        /// A listing is stuffed as FTPRETR's data is.
        list_stuffed: bool = false,
        /// A bare 0x03 ends a listing.
        list_end_mark: bool = false,
        /// An empty listing has its `2` too.
        list_empty_two: bool = true,
        /// FTPLIST without a name lists what the last FTPLIST did.
        list_bare_is_last: bool = false,
        /// What FTPREST applies to.
        rest_scope: RestScope = RestScope::default(),
        /// FTPREST's offset is used once and then 0 again.
        rest_once: bool = false,
        /// FTPSTOR takes offsets up to 0xFFFFFFFFE, as printed.
        stor_offset_as_printed: bool = false,
        /// FTPSTOR with an offset beyond the end of the file.
        stor_beyond: StorBeyond = StorBeyond::default(),
        /// FTPSTOR failing midway.
        stor_failure: StorFailure = StorFailure::default(),
        /// FTPRETR's spelling.
        retr_name: RetrName = RetrName::default(),
        /// A bare 0x03 ends FTPRETR's data.
        retr_end_mark: bool = true,
        /// Lines held back during a download come before its outcome.
        held_lines_first: bool = false,
        /// FTPGET's results.
        get_results: GetResults = GetResults::default(),
        /// FTPGET's first result comes before its OK.
        get_result_before_ok: bool = false,
        /// An empty file has its `2` too.
        get_empty_two: bool = false,
        /// What `AT+FTPGET?` shows.
        get_query: GetQuery = GetQuery::default(),
        /// `AT+FTPGET?` is answered while downloading.
        get_query_while_downloading: bool = true,
        /// What view mode 0 does.
        view_mode: ViewMode = ViewMode::default(),
        /// When download mode ends by itself.
        download_end: DownloadEnd = DownloadEnd::default(),
        /// What a full cache does.
        cache_full: CacheFull = CacheFull::default(),
        /// FTPRECV's spelling.
        recv_name: RecvName = RecvName::default(),
        /// What separates FTPRECV's data from its result.
        recv_end: RecvEnd = RecvEnd::default(),
        /// FTPRECV with no connection: an error, or 0 bytes. Its read form is answered in any case.
        recv_unopened: Refusal = Refusal::Error,
        /// FTPPUT's prompt.
        put_prompt: PutPrompt = PutPrompt::default(),
        /// FTPPUT's outcome 1 comes before the last piece's OK.
        put_outcome_before_ok: bool = false,
        /// A failing FTPPUT piece.
        put_failure: PutFailure = PutFailure::default(),
        /// Seconds without a byte after which an FTPPUT piece has failed; 0 for never.
        put_patience: u32 = 0,
        /// The context's address is told unasked when it comes up.
        mipcall_line: bool = true,
        /// The unasked line names the context: `+MIPCALL: 1,ip`.
        mipcall_line_numbered: bool = false,
        /// `AT+MIPCALL?` names the context: `+MIPCALL: 1,ip`.
        mipcall_read_numbered: bool = true,
        /// `AT+MIPCALL=1` with the context up: OK and the address again, or an error.
        mipcall_twice_fails: bool = false,
        /// A context that goes down is told by a line `+MIPCALL: 0`.
        mipcall_down_line: bool = false,
    }
}

impl Dialect {
    /// Every reading once: the default, and for each other value of each field a dialect that differs
    /// from the default in it alone. The name is the setting; it can be parsed again.
    pub fn all() -> Vec<(String, Self)> {
        let plain = Self::default();
        let mut found = vec![(plain.to_string(), plain.clone())];
        for field in FIELDS {
            for value in (field.samples)() {
                let mut dialect = plain.clone();
                if (field.set)(&mut dialect, &value) && dialect != plain {
                    found.push((dialect.to_string(), dialect));
                }
            }
        }
        found
    }

    /// The names of all fields with what each can be set to, for a help text.
    pub fn settings() -> Vec<(&'static str, String)> {
        FIELDS
            .iter()
            .map(|field| (field.name, (field.described)()))
            .collect()
    }

    /// Sets one field by its name.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), DialectError> {
        let Some(field) = FIELDS.iter().find(|field| field.name == name) else {
            let names: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
            return Err(DialectError(format!(
                "a dialect has no setting {name:?}, but these: {}",
                names.join(", ")
            )));
        };
        if (field.set)(self, value) {
            return Ok(());
        }
        Err(DialectError(format!(
            "{name} cannot be {value:?}, but one of: {}",
            (field.described)()
        )))
    }

    /// `+NAME: `, spaced as this firmware does.
    pub(crate) fn prefix(&self, name: &str) -> String {
        match self.colon {
            Colon::SpaceAfter => format!("+{name}: "),
            Colon::Tight => format!("+{name}:"),
            Colon::SpaceInside => format!("+ {name}: "),
        }
    }

    /// The same for the two lines that the manual prints without a space.
    pub(crate) fn printed_prefix(&self, name: &str) -> String {
        if self.colon_as_printed {
            format!("+{name}:")
        } else {
            self.prefix(name)
        }
    }

    /// The comma before a text.
    pub(crate) fn comma(&self) -> &'static str {
        if self.space_after_comma { ", " } else { "," }
    }
}

/// What differs from the default, or `default`.
impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = Self::default();
        let settings: Vec<String> = FIELDS
            .iter()
            .map(|field| (field, (field.written)(self)))
            .filter(|(field, value)| *value != (field.written)(&plain))
            .map(|(field, value)| format!("{}={value}", field.name))
            .collect();
        if settings.is_empty() {
            f.write_str("default")
        } else {
            f.write_str(&settings.join(","))
        }
    }
}

impl FromStr for Dialect {
    type Err = DialectError;

    fn from_str(text: &str) -> Result<Self, DialectError> {
        let mut dialect = Self::default();
        for setting in text.split(',').map(str::trim) {
            match setting.split_once('=') {
                Some((name, value)) => dialect.set(name.trim(), value.trim())?,
                None if setting.is_empty() || setting == "default" => {}
                None => {
                    return Err(DialectError(format!(
                        "{setting:?} is no setting: write name=value"
                    )));
                }
            }
        }
        Ok(dialect)
    }
}

/// A text that does not describe a dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialectError(String);

impl fmt::Display for DialectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DialectError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_reading_has_a_name_of_its_own_that_gives_it_back() {
        let all = Dialect::all();
        let values: usize = FIELDS.iter().map(|field| (field.samples)().len()).sum();
        // Each field has one value that is the default's, but for the two numbers.
        assert_eq!(all.len(), 1 + values - (FIELDS.len() - 2));
        for (place, (name, dialect)) in all.iter().enumerate() {
            assert_eq!(name.parse().as_ref(), Ok(dialect), "{name}");
            assert!(
                all[..place].iter().all(|(_, other)| other != dialect),
                "{name}"
            );
        }
    }

    #[test]
    fn settings_may_be_spaced_and_repeated() {
        let dialect: Dialect = " colon = tight , ,colon=space_inside,put_patience=30 "
            .parse()
            .unwrap();
        assert_eq!(dialect.to_string(), "colon=space_inside,put_patience=30");
        assert_eq!("".parse(), Ok(Dialect::default()));
        assert_eq!("default".parse(), Ok(Dialect::default()));
    }

    #[test]
    fn wrong_settings_are_named_with_what_would_be_right() {
        let said = |text: &str| text.parse::<Dialect>().unwrap_err().to_string();
        let unknown = said("colour=tight");
        assert!(
            unknown.contains("\"colour\"") && unknown.contains("colon, "),
            "{unknown}"
        );
        assert_eq!(
            said("colon=loose"),
            "colon cannot be \"loose\", but one of: space_after, tight, space_inside"
        );
        assert_eq!(
            said("retr_end_mark=1"),
            "retr_end_mark cannot be \"1\", but one of: true, false"
        );
        assert!(said("line_limit=-1").contains("from 0 to 4294967295"));
        assert_eq!(said("tight"), "\"tight\" is no setting: write name=value");
    }

    proptest! {
        #[test]
        fn mixtures_come_back_from_their_text(choices in prop::collection::vec(any::<prop::sample::Index>(), 60)) {
            let mut dialect = Dialect::default();
            for (field, choice) in FIELDS.iter().zip(&choices) {
                let samples = (field.samples)();
                prop_assert!((field.set)(&mut dialect, &samples[choice.index(samples.len())]));
            }
            prop_assert_eq!(dialect.to_string().parse(), Ok(dialect));
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in "\\PC{0,80}") {
            let _ = text.parse::<Dialect>();
        }
    }
}
