//! What the client can be asked to do, and what it tells.

/// Everything needed to open a control connection.
#[derive(Clone, Default)]
pub(crate) struct Login {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: Vec<u8>,
    pub(crate) password: Vec<u8>,
    pub(crate) account: Vec<u8>,
    pub(crate) source_control_port: u16,
    pub(crate) source_data_port: u16,
    pub(crate) tls: bool,
}

/// The three transfers of RFC 959 that the module offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Store,
    Retrieve,
    List,
}

/// One transfer over a data connection.
#[derive(Debug, Clone)]
pub(crate) struct Transfer {
    pub(crate) verb: Verb,
    pub(crate) name: Vec<u8>,
    pub(crate) ascii: bool,
    pub(crate) offset: u64,
    pub(crate) active: bool,
}

/// One thing to do; exactly one `Done` answers it.
pub(crate) enum Job {
    /// Connect and log in.
    Open(Box<Login>),
    /// One line out, one reply in.
    Command(Vec<u8>),
    /// The same, and the reply's text is wanted.
    Text(Vec<u8>),
    /// RNFR and RNTO.
    Rename { from: Vec<u8>, to: Vec<u8> },
    /// STOR, RETR or LIST with all that comes before.
    Transfer(Transfer),
    /// Leave politely; also ends a transfer.
    Quit,
}

/// What the client tells its modem.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ClientEvent {
    /// A line that went out or came in on the control connection.
    Control(Vec<u8>),
    /// A line of the reply to `Job::Text`, code included.
    Text(Vec<u8>),
    /// The transfer's data can flow.
    Ready,
    /// The job is over, well or not.
    Done(bool),
    /// The control connection is gone without having been asked to.
    Lost,
}
