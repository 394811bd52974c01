//! Every point at which firmware may read the manual differently, as a field; the default is the plainest reading.

/// How a name, its colon and its values are spaced in an information line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colon {
    /// `+X: 1`
    #[default]
    SpaceAfter,
    /// `+X:1`
    Tight,
    /// `+ X: 1`
    SpaceInside,
}

/// How a failed command is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ErrorForm {
    /// As `AT+CMEE` asks: `ERROR`, `+CME ERROR: n` or the text.
    #[default]
    ByCmee,
    /// `ERROR` whatever `AT+CMEE` says.
    Bare,
    /// `ERROR:`
    Colon,
    /// `ERROR: n`
    Numbered,
    /// `+CMS ERROR: n`
    Cms,
}

/// How something that cannot be done in the present state is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Refusal {
    /// An error as final result.
    #[default]
    Error,
    /// OK, then the outcome 0.
    Outcome,
}

/// What FTPRECV is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecvName {
    /// All three spellings, each answered under its own name.
    #[default]
    Any,
    /// FTPRECV
    FtpRecv,
    /// FTP_RECV
    FtpUnderscoreRecv,
    /// FTPGETR
    FtpGetr,
}

/// What FTPRETR is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RetrName {
    /// FTPRETR
    FtpRetr,
    /// FTPGETR with a name in quotes, as the manual's example has it.
    FtpGetr,
    /// Both.
    #[default]
    Either,
}

/// What stands between FTPRECV's data and the letters OK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecvEnd {
    /// One line end, that of the result itself.
    #[default]
    OneLineEnd,
    /// Nothing.
    Nothing,
    /// A line end after the data, and the result's own.
    TwoLineEnds,
}

/// Which results follow FTPGET's OK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GetResults {
    /// 2 with the first data, 1 when all has arrived.
    #[default]
    DataThenDone,
    /// 1 alone, when all has arrived or the cache is full.
    DoneOnly,
    /// 2 alone; the end is told by `AT+FTPGET?`.
    DataOnly,
}

/// When download mode ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DownloadEnd {
    /// With the last byte in the cache. What is there may be read later, and a new FTPGET drops it.
    #[default]
    Cached,
    /// With the last byte read by the host.
    Fetched,
}

/// How a failing FTPPUT piece is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PutFailure {
    /// An error in place of the prompt or of the OK.
    #[default]
    Error,
    /// Outcome 0, then OK.
    OutcomeThenOk,
    /// Outcome 0, then an error.
    OutcomeThenError,
}

/// What FTPPUT asks for its data with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PutPrompt {
    /// `+FTPPUT: 2,n`
    #[default]
    Line,
    /// `> `
    Arrow,
}

/// What happens when an FTPSTOR fails while the host still sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StorFailure {
    /// Outcome 0 at once, and command mode with it.
    #[default]
    OutcomeThenCommands,
    /// Outcome 0 at once, but everything up to the end mark is swallowed.
    OutcomeThenSwallow,
    /// Everything up to the end mark is swallowed, then outcome 0.
    SwallowThenOutcome,
}

/// What an offset set by FTPREST applies to when the command gives none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RestScope {
    /// FTPRETR, FTPGET and FTPSTOR.
    #[default]
    DownloadsAndStor,
    /// FTPRETR and FTPGET.
    Downloads,
    /// FTPPUT as well.
    Everything,
}

/// How the text of FTPSTAT's reply is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatText {
    /// `+FTPSTAT: 2,` before each line.
    #[default]
    EachLine,
    /// `+FTPSTAT: 2,` once, the other lines bare.
    FirstLine,
}

/// The spellings, orders and habits of one firmware.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// Spacing of `+X: n`.
    pub colon: Colon,
    /// `2, "…"` in place of `2,"…"`.
    pub space_after_comma: bool,
    /// How failed commands are answered.
    pub error: ErrorForm,
    /// The first outcome line comes before the OK.
    pub outcome_before_ok: bool,
    /// FTPRECV's spelling.
    pub recv_name: RecvName,
    /// FTPRETR's spelling.
    pub retr_name: RetrName,
    /// What separates FTPRECV's data from its result.
    pub recv_end: RecvEnd,
    /// FTPRECV with no connection: an error, or 0 bytes. Its read form is answered in any case.
    pub recv_unopened: Refusal,
    /// The TLS flag is FTPOPEN's seventh field, the server's port its fifth: `,,990,,1`.
    pub open_tls_seventh: bool,
    /// FTPOPEN while a connection is open.
    pub open_twice: Refusal,
    /// FTPOPEN without a PDP context.
    pub open_detached: Refusal,
    /// FTPOPEN sets passive mode again.
    pub open_resets_mode: bool,
    /// FTPCLOSE with nothing open.
    pub close_unopened: Refusal,
    /// FTPCLOSE is taken between two pieces of an FTPPUT.
    pub close_between_pieces: bool,
    /// FTPINFO is taken before FTPOPEN, and survives it.
    pub info_before_open: bool,
    /// What FTPREST applies to.
    pub rest_scope: RestScope,
    /// FTPREST's offset is used once and then 0 again.
    pub rest_once: bool,
    /// FTPSTOR failing midway.
    pub stor_failure: StorFailure,
    /// A bare 0x03 ends FTPRETR's data.
    pub retr_end_mark: bool,
    /// Lines held back during a download come before its outcome.
    pub held_lines_first: bool,
    /// A listing begins on a line of its own.
    pub list_on_new_line: bool,
    /// A bare 0x03 ends a listing.
    pub list_end_mark: bool,
    /// An empty listing has its `2` too.
    pub list_empty_two: bool,
    /// How FTPSTAT's text is laid out.
    pub stat_text: StatText,
    /// FTPGET's results.
    pub get_results: GetResults,
    /// An empty file has its `2` too.
    pub get_empty_two: bool,
    /// When download mode ends by itself.
    pub download_end: DownloadEnd,
    /// `AT+FTPGET?` is answered while downloading.
    pub get_query_while_downloading: bool,
    /// FTPPUT's prompt.
    pub put_prompt: PutPrompt,
    /// A failing FTPPUT piece.
    pub put_failure: PutFailure,
    /// The unasked line names the context: `+MIPCALL: 1,ip`.
    pub mipcall_line_numbered: bool,
    /// `AT+MIPCALL?` names the context: `+MIPCALL: 1,ip`.
    pub mipcall_read_numbered: bool,
    /// `AT+MIPCALL=1` with the context up: OK and the address again, or an error.
    pub mipcall_twice_fails: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            colon: Colon::default(),
            space_after_comma: false,
            error: ErrorForm::default(),
            outcome_before_ok: false,
            recv_name: RecvName::default(),
            retr_name: RetrName::default(),
            recv_end: RecvEnd::default(),
            recv_unopened: Refusal::Error,
            open_tls_seventh: false,
            open_twice: Refusal::Error,
            open_detached: Refusal::Error,
            open_resets_mode: false,
            close_unopened: Refusal::Error,
            close_between_pieces: true,
            info_before_open: false,
            rest_scope: RestScope::default(),
            rest_once: false,
            stor_failure: StorFailure::default(),
            retr_end_mark: true,
            held_lines_first: false,
            list_on_new_line: true,
            list_end_mark: false,
            list_empty_two: true,
            stat_text: StatText::default(),
            get_results: GetResults::default(),
            get_empty_two: false,
            download_end: DownloadEnd::default(),
            get_query_while_downloading: true,
            put_prompt: PutPrompt::default(),
            put_failure: PutFailure::default(),
            mipcall_line_numbered: false,
            mipcall_read_numbered: true,
            mipcall_twice_fails: false,
        }
    }
}

impl Dialect {
    /// `+NAME: `, spaced as this firmware does.
    pub(crate) fn prefix(&self, name: &str) -> String {
        match self.colon {
            Colon::SpaceAfter => format!("+{name}: "),
            Colon::Tight => format!("+{name}:"),
            Colon::SpaceInside => format!("+ {name}: "),
        }
    }

    /// The comma before a text.
    pub(crate) fn comma(&self) -> &'static str {
        if self.space_after_comma { ", " } else { "," }
    }
}
