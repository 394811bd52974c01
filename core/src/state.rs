//! What a modem is doing, in one word.

/// The state of a modem, as [`Modem::state`](crate::Modem::state) and its callback tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ModemState {
    /// The port is not open: not yet, or not any more.
    #[default]
    Closed,
    /// The port is being opened, and the module brought to command mode.
    Opening,
    /// The module takes commands; no FTP connection is open.
    Ready,
    /// The FTP connection is open.
    Connected,
    /// After a time limit, a cancel or a failure the module is being brought back to command mode.
    Recovering,
    /// The port has gone, or the module does not answer any more: open it again.
    Lost,
}

impl ModemState {
    /// The name that every language uses, such as `recovering`.
    pub fn name(self) -> &'static str {
        match self {
            ModemState::Closed => "closed",
            ModemState::Opening => "opening",
            ModemState::Ready => "ready",
            ModemState::Connected => "connected",
            ModemState::Recovering => "recovering",
            ModemState::Lost => "lost",
        }
    }
}
