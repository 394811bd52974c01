//! The points with more than two readings, each an enumeration; the first value is the plainest reading.

use super::reading::readings;

readings! {
    /// How a name, its colon and its values are spaced in an information line.
    Colon {
        /// `+X: 1`
        #[default]
        SpaceAfter = "space_after",
        /// `+X:1`
        Tight = "tight",
        /// `+ X: 1`
        SpaceInside = "space_inside",
    }

    /// How a failed command is answered.
    ErrorForm {
        /// As `AT+CMEE` asks: `ERROR`, `+CME ERROR: n` or the text.
        #[default]
        ByCmee = "by_cmee",
        /// `ERROR` whatever `AT+CMEE` says.
        Bare = "bare",
        /// `ERROR:`
        Colon = "colon",
        /// `ERROR: n`
        Numbered = "numbered",
        /// `+CME ERROR: n` whatever `AT+CMEE` says.
        Cme = "cme",
        /// `+CME ERROR: text` whatever `AT+CMEE` says.
        CmeText = "cme_text",
        /// `+CMS ERROR: n`, and the text under `AT+CMEE=2`.
        Cms = "cms",
        /// `+CMS ERROR: text` whatever `AT+CMEE` says.
        CmsText = "cms_text",
    }

    /// How something that cannot be done in the present state is refused.
    Refusal {
        /// An error as final result.
        #[default]
        Error = "error",
        /// OK, then the outcome 0.
        Outcome = "outcome",
    }

    /// What becomes of a command line that comes while an outcome is owed.
    WhileOwed {
        /// It is an error.
        #[default]
        Error = "error",
        /// It waits, and so does whatever else was sent too early.
        Queued = "queued",
        /// It is lost without an answer, and so is whatever else was sent too early.
        Lost = "lost",
    }

    /// What FTPRECV is called.
    RecvName {
        /// All three spellings, each answered under its own name.
        #[default]
        Any = "any",
        /// FTPRECV
        FtpRecv = "ftprecv",
        /// FTP_RECV
        FtpUnderscoreRecv = "ftp_recv",
        /// FTPGETR
        FtpGetr = "ftpgetr",
    }

    /// What FTPRETR is called.
    RetrName {
        /// FTPRETR
        FtpRetr = "ftpretr",
        /// FTPGETR with a name in quotes, as the manual's example has it.
        FtpGetr = "ftpgetr",
        /// Both.
        #[default]
        Either = "either",
    }

    /// What stands between FTPRECV's data and the letters OK.
    RecvEnd {
        /// One line end, that of the result itself.
        #[default]
        OneLineEnd = "one_line_end",
        /// Nothing.
        Nothing = "nothing",
        /// A line end after the data, and the result's own.
        TwoLineEnds = "two_line_ends",
    }

    /// Which results follow FTPGET's OK.
    GetResults {
        /// 2 with the first data, 1 when all has arrived.
        #[default]
        DataThenDone = "data_then_done",
        /// 2 with the first data, 1 when the host has read all.
        DataThenFetched = "data_then_fetched",
        /// 1 alone, when all has arrived or the cache is full.
        DoneOnly = "done_only",
        /// 2 alone; the end is told by `AT+FTPGET?`.
        DataOnly = "data_only",
    }

    /// What `AT+FTPGET?` shows.
    GetQuery {
        /// Name, view mode and whether all has come: the syntax of 1.2.18.
        #[default]
        Name = "name",
        /// How much is in the cache: the note of 1.2.18.
        Size = "size",
    }

    /// When download mode ends by itself.
    DownloadEnd {
        /// With the last byte in the cache. What is there may be read later, and a new FTPGET drops it.
        #[default]
        Cached = "cached",
        /// With the last byte read by the host.
        Fetched = "fetched",
    }

    /// What a full cache does to the data connection.
    CacheFull {
        /// It is closed, and opened again behind what has come when half the cache is free.
        #[default]
        Reopen = "reopen",
        /// It stays open and waits.
        Hold = "hold",
    }

    /// What FTPGET's view mode 0 does.
    ViewMode {
        /// The file is transferred as text, by `TYPE A`.
        #[default]
        Type = "type",
        /// Nothing: every file is transferred as it is.
        Ignored = "ignored",
    }

    /// How a failing FTPPUT piece is told.
    PutFailure {
        /// An error in place of the prompt or of the OK.
        #[default]
        Error = "error",
        /// Outcome 0, then OK.
        OutcomeThenOk = "outcome_then_ok",
        /// Outcome 0, then an error.
        OutcomeThenError = "outcome_then_error",
    }

    /// What FTPPUT asks for its data with.
    PutPrompt {
        /// `+FTPPUT: 2,n`
        #[default]
        Line = "line",
        /// `> `
        Arrow = "arrow",
    }

    /// What happens when an FTPSTOR fails while the host still sends.
    StorFailure {
        /// Outcome 0 at once, and command mode with it.
        #[default]
        OutcomeThenCommands = "outcome_then_commands",
        /// Outcome 0 at once, but everything up to the end mark is swallowed.
        OutcomeThenSwallow = "outcome_then_swallow",
        /// Everything up to the end mark is swallowed, then outcome 0.
        SwallowThenOutcome = "swallow_then_outcome",
    }

    /// What an FTPSTOR does whose offset lies beyond the end of the file.
    StorBeyond {
        /// The server is told the offset, and does what it does.
        #[default]
        Server = "server",
        /// The module asks for the size, and sends NULs for what is missing.
        Modem = "modem",
        /// The module asks for the size, and answers with outcome 0.
        Refused = "refused",
    }

    /// What an offset set by FTPREST applies to when the command gives none.
    RestScope {
        /// FTPRETR, FTPGET and FTPSTOR.
        #[default]
        DownloadsAndStor = "downloads_and_stor",
        /// FTPRETR and FTPGET.
        Downloads = "downloads",
        /// FTPPUT as well.
        Everything = "everything",
    }

    /// How FTPPWD and FTPSYST give their text.
    TextResult {
        /// `2,text` and then `1`: the examples.
        #[default]
        TwoThenOne = "two_then_one",
        /// `2,text` and nothing after it: the syntax, where a text follows 2 only.
        TwoAlone = "two_alone",
        /// `1,text`: the syntax, where success is 1.
        OneWithText = "one_with_text",
    }

    /// How the text of FTPSTAT's reply is laid out.
    StatText {
        /// `+FTPSTAT: 2,` before each line.
        #[default]
        EachLine = "each_line",
        /// `+FTPSTAT: 2,` once, the other lines bare.
        FirstLine = "first_line",
    }
}
