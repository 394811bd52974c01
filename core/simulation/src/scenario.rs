//! What one simulated session is made of: who takes part, what is asked for, and what goes wrong when.

use crate::words::words;

words! {
    /// What the modem's DTR line does.
    DtrLine {
        /// A drop ends data phases and the connection.
        Present = "present",
        /// `AT&D2` is taken, and a drop does nothing.
        Ignored = "ignored",
        /// `AT&D2` is an error.
        Absent = "absent",
    }

    /// What the host's port is.
    PortKind {
        /// A serial port with a DTR line.
        Tty = "tty",
        /// A pseudo-terminal: closing stands in for a drop of DTR.
        Pty = "pty",
    }

    /// How reads and writes are cut.
    Cut {
        /// As they come.
        Whole = "whole",
        /// Anywhere.
        Mixed = "mixed",
        /// Byte by byte.
        Bytes = "bytes",
    }

    /// What a server does about a listing of nothing.
    Missing {
        /// It refuses it.
        Refused = "refused",
        /// It lists nothing.
        Empty = "empty",
    }

    /// What a server does with what stands behind an upload with an offset.
    Tail {
        /// It goes.
        Cut = "cut",
        /// It stays.
        Kept = "kept",
    }

    /// What a file holds.
    Flavour {
        /// Any bytes.
        Random = "random",
        /// Mostly 0x03 and 0x10.
        Escapes = "escapes",
        /// What looks like a modem's answers.
        Answers = "answers",
        /// What looks like commands and line ends.
        Commands = "commands",
        /// Bytes that depend on their place alone, of which none are held: files of any size.
        Sparse = "sparse",
    }

    /// What a server does with line ends in ASCII transfers.
    LineEnds {
        /// It keeps them.
        Kept = "kept",
        /// CR LF on the line, LF in its files.
        Converted = "converted",
    }

    /// What somebody else does to a file on the server between two calls.
    Change {
        /// So many bytes more stand behind it.
        Grow = "grow",
        /// It has so many bytes fewer.
        Shrink = "shrink",
        /// Other bytes, as many.
        Replace = "replace",
        /// The same, and the listing shows nothing of it.
        Swap = "swap-unseen",
        /// It is gone.
        Remove = "remove",
    }

    /// What becomes of the part file of a download between two calls.
    Spoil {
        /// It loses so many bytes at its end.
        Cut = "cut",
        /// So many bytes of junk stand behind it.
        Junk = "junk",
        /// Its last bytes, so many, are NULs, as after a crash.
        Zeros = "zeros",
        /// A bit of this byte is flipped.
        Rot = "rot",
        /// Bytes of another file stand in it, under its record.
        ForeignBytes = "foreign-bytes",
        /// The part file of another file stands there, with its record.
        Foreign = "foreign",
        /// Its record is gone.
        NoRecord = "no-record",
        /// Its record holds something else.
        JunkRecord = "junk-record",
        /// Its record was not written to its end.
        ShortRecord = "short-record",
        /// A part of so many right bytes stands there, with a record that fits.
        Plant = "plant",
    }

    /// A transfer's way.
    Way {
        /// The driver's choice.
        Auto = "auto",
        /// FTPSTOR or FTPRETR.
        Stream = "stream",
        /// FTPPUT or FTPGET.
        Block = "block",
    }

    /// How a transfer is checked.
    Check {
        /// By the size listed.
        Size = "size",
        /// By a second download.
        Readback = "readback",
        /// Not at all.
        Nothing = "none",
    }

    /// What is asked of the driver besides moving files.
    Verb {
        /// AT+MIPCALL.
        Attach = "attach",
        /// FTPOPEN.
        Login = "login",
        /// FTPCLOSE.
        Logout = "logout",
        /// Whether the connection stands.
        Status = "status",
        /// Who answers.
        Info = "info",
        /// FTPINFO on.
        ReportOn = "report-on",
        /// FTPINFO off.
        ReportOff = "report-off",
        /// A raw command.
        Raw = "raw",
        /// FTPPWD.
        Pwd = "pwd",
        /// FTPCWD into a folder that is there.
        Cwd = "cwd",
        /// FTPCDUP.
        Cdup = "cdup",
        /// FTPMKD.
        Mkd = "mkd",
        /// FTPRMD.
        Rmd = "rmd",
        /// FTPDEL of a file that is there.
        Delete = "delete",
        /// FTPREN of a file that is there.
        Rename = "rename",
        /// FTPLIST.
        List = "list",
        /// FTPSTAT.
        Stat = "stat",
        /// FTPSYST.
        Syst = "syst",
        /// FTPNOOP.
        Noop = "noop",
        /// The port is closed and opened anew, by another session.
        Restart = "restart",
    }

    /// What a fault counts until it comes, from the beginning of its step.
    When {
        /// Milliseconds.
        Time = "time",
        /// Bytes from the modem.
        Rx = "rx",
        /// Bytes to the modem.
        Tx = "tx",
        /// Lines from the modem.
        Line = "line",
        /// Command lines to the modem.
        Command = "command",
        /// Bytes of the FTP data connection.
        Data = "data",
        /// Replies of the FTP server.
        Reply = "reply",
    }

    /// What goes wrong.
    What {
        /// So many bytes are lost on the line.
        Drop = "drop",
        /// So many bytes come twice.
        Double = "double",
        /// A bit of this number is flipped.
        Flip = "flip",
        /// The line stands still for so many milliseconds.
        Delay = "delay",
        /// A line of the modem does not come.
        Lose = "lose",
        /// A line comes so many milliseconds later, behind others.
        Late = "late",
        /// A line comes behind the next one.
        Swap = "swap",
        /// A line comes twice.
        Repeat = "repeat",
        /// An error with this code stands in a line's place.
        ErrorLine = "error-line",
        /// So many lines come that nobody asked for.
        Urc = "urc",
        /// A line of so many bytes comes that nobody asked for.
        Flood = "flood",
        /// FTPPUT's prompt names this length.
        Prompt = "prompt",
        /// FTPRECV's answer names so many bytes more than it has.
        Longer = "longer",
        /// FTPRECV's answer names so many bytes fewer than it has.
        Shorter = "shorter",
        /// FTPRECV's answer has so many bytes more than there are.
        Extra = "extra",
        /// A command fails with this code.
        Fail = "fail",
        /// A command is not heard.
        Deaf = "deaf",
        /// Echo is switched on (1) or off (0).
        Echo = "echo",
        /// FTPRECV gives so many bytes.
        Less = "less",
        /// FTPRECV gives nothing.
        Empty = "empty",
        /// The modem hears and says nothing for so many milliseconds.
        Silence = "silence",
        /// The module starts again and takes so many milliseconds for it.
        Reset = "reset",
        /// The same with lines that tell of it.
        Banner = "banner",
        /// The port is gone for so many milliseconds.
        Unplug = "unplug",
        /// The same, and the module loses its power.
        PowerOff = "power-off",
        /// The caller cancels.
        Cancel = "cancel",
        /// The process is killed and another one begins.
        Kill = "kill",
        /// Source and sink stand still for so many milliseconds.
        Stall = "stall",
        /// Source or sink fails.
        LocalFailure = "local-failure",
        /// The server closes the control connection.
        CloseControl = "close-control",
        /// The data connection breaks.
        CutData = "cut-data",
        /// The server ends the data connection too early, and says so.
        EndData = "end-data",
        /// The server says 421 and closes.
        Shutdown = "421",
        /// The server has no room left.
        DiskFull = "disk-full",
        /// The server says nothing for so many milliseconds.
        ServerSilence = "server-silence",
        /// The server refuses the next command with this code.
        Refuse = "refuse",
        /// The next data connection does not come about.
        NoData = "no-data",
        /// The next listing has so many lines more.
        LongList = "long-list",
    }
}

/// A file to be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Its name on the server.
    pub name: String,
    /// The size of an upload's source.
    pub size: u64,
    /// And what it holds.
    pub flavour: Flavour,
    /// The way.
    pub way: Way,
    /// The check.
    pub check: Check,
    /// Whether to go on where an earlier transfer ended.
    pub resume: bool,
    /// From which byte on.
    pub offset: u64,
    /// Whether as text.
    pub ascii: bool,
    /// Whether under a temporary name until it is complete.
    pub temporary: bool,
    /// When to try it again.
    pub retry: Option<Retries>,
}

/// When a transfer that failed is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// How often in a row.
    pub tries: u32,
    /// Milliseconds before the first of them.
    pub delay: u64,
    /// Milliseconds at most.
    pub max_delay: u64,
    /// Milliseconds behind the call's beginning when no more begin; 0 for no such limit.
    pub max_time: u64,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// An upload.
    Put(Move),
    /// A download.
    Get(Move),
    /// Somebody changes a file on the server.
    Change(String, Change, u64),
    /// Something happens to a part file.
    Spoil(String, Spoil, u64),
    /// All else.
    Verb(Verb),
}

/// One call of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is asked for.
    pub operation: Operation,
    /// Milliseconds that the caller gives it.
    pub deadline: Option<u64>,
    /// Milliseconds until the next one.
    pub pause: u64,
}

/// Something that goes wrong, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// In which step.
    pub step: usize,
    /// What is counted.
    pub when: When,
    /// How far.
    pub at: u64,
    /// What it is.
    pub what: What,
    /// How much of it.
    pub amount: u64,
}

/// A file that is on the server from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size: u64,
    /// What it holds.
    pub flavour: Flavour,
}

/// Everything that a session depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Where cuts, delays and contents come from.
    pub seed: u64,
    /// The modem's dialect.
    pub dialect: String,
    /// The modem's DTR.
    pub dtr: DtrLine,
    /// Whether the modem echoes at its start.
    pub echo: bool,
    /// Whether it is attached at its start.
    pub attached: bool,
    /// Its turnaround in milliseconds.
    pub turnaround: u64,
    /// The host's port.
    pub port: PortKind,
    /// Whether the port holds the modem back.
    pub held_back: bool,
    /// Final results, outcomes, and transfers without a byte, in milliseconds.
    pub limits: [u64; 3],
    /// How the line is cut.
    pub cut: Cut,
    /// The line's greatest delay in milliseconds.
    pub latency: u64,
    /// Milliseconds that a call waits for a port that is gone.
    pub port_timeout: u64,
    /// The line's bytes in a millisecond; 0 for as many as there are.
    pub rate: u64,
    /// The network's greatest delay in milliseconds.
    pub distance: u64,
    /// Listings of nothing.
    pub missing: Missing,
    /// What stands behind an upload with an offset.
    pub tail: Tail,
    /// Whether the server lists anything.
    pub lists: bool,
    /// Line ends in ASCII transfers.
    pub line_ends: LineEnds,
    /// Whether data connections are active.
    pub active: bool,
    /// Whether the login asks for TLS.
    pub tls: bool,
    /// The size of the driver's buffers.
    pub buffer: u64,
    /// How often of 100 times the local end has to be asked again.
    pub slow: u64,
    /// What the server has.
    pub files: Vec<Stored>,
    /// What is asked for.
    pub steps: Vec<Step>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

impl Default for Scenario {
    fn default() -> Scenario {
        Scenario {
            seed: 0,
            dialect: "default".into(),
            dtr: DtrLine::Present,
            echo: true,
            attached: true,
            turnaround: 0,
            port: PortKind::Tty,
            held_back: true,
            limits: [2_000, 20_000, 10_000],
            cut: Cut::Whole,
            latency: 0,
            port_timeout: 0,
            rate: 0,
            distance: 0,
            missing: Missing::Refused,
            tail: Tail::Cut,
            lists: true,
            line_ends: LineEnds::Kept,
            active: false,
            tls: false,
            buffer: 32 * 1024,
            slow: 0,
            files: Vec::new(),
            steps: Vec::new(),
            faults: Vec::new(),
        }
    }
}
