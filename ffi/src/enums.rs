//! The enums of the header but for the status. What crosses the boundary is a plain number, as C may give any.

use nlftp_core::codes::CodeFamily;
use nlftp_core::{
    EntryKind, FileType, FlowControl, ModemState, PortField, TlsField, Verified, Verify, Via,
};

use crate::error::Failure;

/// Makes the type by which an enum crosses the boundary: a transparent `i32`, of which the header shows the enum's name.
macro_rules! number {
    ($number:ident: $enum:ident) => {
        #[doc = concat!("A number that should be one of [`", stringify!($enum), "`].")]
        #[repr(transparent)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $number(pub i32);

        impl From<$enum> for $number {
            fn from(constant: $enum) -> $number {
                $number(constant as i32)
            }
        }
    };
    // One that the program gives: the constants that a number may be.
    ($number:ident: $enum:ident { $($constant:ident),* $(,)? }) => {
        number!($number: $enum);

        impl $enum {
            /// Every constant.
            pub(crate) const ALL: &[$enum] = &[$($enum::$constant),*];
        }

        impl $number {
            /// The constant of that number.
            pub(crate) fn known(self) -> Option<$enum> {
                $enum::ALL.iter().copied().find(|constant| *constant as i32 == self.0)
            }
        }
    };
}
pub(crate) use number;

/// What the numbers that a program gives mean to the driver; any other is refused.
macro_rules! taken {
    ($number:ident: $enum:ident as $type:ty { $($constant:ident => $value:expr),* $(,)? }) => {
        number!($number: $enum { $($constant),* });

        impl $number {
            /// What the argument of that name stands for.
            pub(crate) fn get(self, name: &str) -> Result<$type, Failure> {
                match self.known() {
                    $(Some($enum::$constant) => Ok($value),)*
                    None => Err(Failure::invalid(format!(
                        "{name} is {}, which is no {}",
                        self.0,
                        stringify!($enum)
                    ))),
                }
            }
        }
    };
}

/// Which constants the values of the driver are.
macro_rules! given {
    ($enum:ident of $type:ty { $($constant:ident => $value:pat),* $(,)? }) => {
        impl $enum {
            /// The constant of a value, if the header knows it.
            pub(crate) fn of(value: $type) -> Option<$enum> {
                #[allow(unreachable_patterns, reason = "the driver may come to know more than the header")]
                match value {
                    $($value => Some($enum::$constant),)*
                    _ => None,
                }
            }
        }
    };
}

/// How the serial line holds a sender back (V.250 AT+IFC).
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum nlftp_flow_control {
    /// Nothing holds it back. On a real UART, fast downloads go by block then.
    NLFTP_FLOW_NONE = 0,
    /// The RTS and CTS lines, on both sides.
    NLFTP_FLOW_RTS_CTS = 1,
    /// XON and XOFF characters. Binary data holds both of them: a warning says so.
    NLFTP_FLOW_XON_XOFF = 2,
}

taken!(Flow: nlftp_flow_control as FlowControl {
    NLFTP_FLOW_NONE => FlowControl::None,
    NLFTP_FLOW_RTS_CTS => FlowControl::RtsCts,
    NLFTP_FLOW_XON_XOFF => FlowControl::XonXoff,
});

/// Which field of FTPOPEN says whether the connection is encrypted. The manual contradicts itself
/// (1.2.1), and the wrong order could send a password in clear, so that it is never found out by
/// trying.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum nlftp_tls_field {
    /// The eighth, as the syntax has it.
    NLFTP_TLS_FIELD_EIGHTH = 0,
    /// The seventh, as the example has it.
    NLFTP_TLS_FIELD_SEVENTH = 1,
}

taken!(TlsOrder: nlftp_tls_field as TlsField {
    NLFTP_TLS_FIELD_EIGHTH => TlsField::Eighth,
    NLFTP_TLS_FIELD_SEVENTH => TlsField::Seventh,
});

/// Which field of FTPOPEN is the port of the server where there is no TLS (manual 1.2.1).
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum nlftp_port_field {
    /// The sixth, as the syntax has it.
    NLFTP_PORT_FIELD_SIXTH = 0,
    /// The fifth, as the example has it.
    NLFTP_PORT_FIELD_FIFTH = 1,
}

taken!(PortOrder: nlftp_port_field as PortField {
    NLFTP_PORT_FIELD_SIXTH => PortField::Sixth,
    NLFTP_PORT_FIELD_FIFTH => PortField::Fifth,
});

/// Which of the module's ways a transfer takes.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum nlftp_via {
    /// Block for downloads that nothing could hold back, stream otherwise.
    NLFTP_VIA_AUTO = 0,
    /// FTPSTOR and FTPRETR: all in one run, with an end mark (manual 1.2.15, 1.2.16).
    NLFTP_VIA_STREAM = 1,
    /// FTPPUT, and FTPGET with FTPRECV: counted pieces (manual 1.2.18 to 1.2.20).
    NLFTP_VIA_BLOCK = 2,
}

taken!(Way: nlftp_via as Via {
    NLFTP_VIA_AUTO => Via::Auto,
    NLFTP_VIA_STREAM => Via::Stream,
    NLFTP_VIA_BLOCK => Via::Block,
});

given!(nlftp_via of Via {
    NLFTP_VIA_AUTO => Via::Auto,
    NLFTP_VIA_STREAM => Via::Stream,
    NLFTP_VIA_BLOCK => Via::Block,
});

/// The representation type of a transfer (RFC 959, 3.1.1).
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum nlftp_file_type {
    /// TYPE I: every byte as it is.
    NLFTP_TYPE_BINARY = 0,
    /// TYPE A: module and server may change line ends; sizes cannot be checked.
    NLFTP_TYPE_ASCII = 1,
}

taken!(Representation: nlftp_file_type as FileType {
    NLFTP_TYPE_BINARY => FileType::Binary,
    NLFTP_TYPE_ASCII => FileType::Ascii,
});

/// How a transfer is checked once its bytes have moved.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum nlftp_verify {
    /// The size in the server's listing must agree. A flipped byte goes unseen.
    NLFTP_VERIFY_SIZE = 0,
    /// A second download must have the same SHA-256 digest. Costs the line time of the whole file.
    NLFTP_VERIFY_READBACK = 1,
    /// Nothing is checked beyond the module's own outcome.
    NLFTP_VERIFY_NONE = 2,
}

taken!(Check: nlftp_verify as Verify {
    NLFTP_VERIFY_SIZE => Verify::Size,
    NLFTP_VERIFY_READBACK => Verify::Readback,
    NLFTP_VERIFY_NONE => Verify::None,
});

/// What checked a transfer in the end.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum nlftp_verified {
    /// Nothing could be, or was asked to be, checked; a warning says why.
    NLFTP_VERIFIED_NO = 0,
    /// The size in the server's listing agrees.
    NLFTP_VERIFIED_SIZE = 1,
    /// A second download has the same digest.
    NLFTP_VERIFIED_READBACK = 2,
}

number!(Checked: nlftp_verified);
given!(nlftp_verified of Verified {
    NLFTP_VERIFIED_NO => Verified::No,
    NLFTP_VERIFIED_SIZE => Verified::Size,
    NLFTP_VERIFIED_READBACK => Verified::Readback,
});

/// How much the log callback is told, each level with those before it.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum nlftp_log_level {
    /// Nothing.
    NLFTP_LOG_OFF = 0,
    /// What went wrong without a call that could say so.
    NLFTP_LOG_ERROR = 1,
    /// What a user should look at.
    NLFTP_LOG_WARN = 2,
    /// What operations begin and end.
    NLFTP_LOG_INFO = 3,
    /// What is done for them.
    NLFTP_LOG_DEBUG = 4,
    /// Every line on the port, secrets masked.
    NLFTP_LOG_TRACE = 5,
}

taken!(Level: nlftp_log_level as log::LevelFilter {
    NLFTP_LOG_OFF => log::LevelFilter::Off,
    NLFTP_LOG_ERROR => log::LevelFilter::Error,
    NLFTP_LOG_WARN => log::LevelFilter::Warn,
    NLFTP_LOG_INFO => log::LevelFilter::Info,
    NLFTP_LOG_DEBUG => log::LevelFilter::Debug,
    NLFTP_LOG_TRACE => log::LevelFilter::Trace,
});

given!(nlftp_log_level of log::LevelFilter {
    NLFTP_LOG_OFF => log::LevelFilter::Off,
    NLFTP_LOG_ERROR => log::LevelFilter::Error,
    NLFTP_LOG_WARN => log::LevelFilter::Warn,
    NLFTP_LOG_INFO => log::LevelFilter::Info,
    NLFTP_LOG_DEBUG => log::LevelFilter::Debug,
    NLFTP_LOG_TRACE => log::LevelFilter::Trace,
});

/// What a modem is doing.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum nlftp_state {
    /// The port is not open: not yet, or not any more.
    NLFTP_STATE_CLOSED = 0,
    /// The port is being opened, and the module brought to command mode.
    NLFTP_STATE_OPENING = 1,
    /// The module takes commands; no FTP connection is open.
    NLFTP_STATE_READY = 2,
    /// The FTP connection is open.
    NLFTP_STATE_CONNECTED = 3,
    /// After a time limit, a cancel or a failure the module is being brought back to command mode.
    NLFTP_STATE_RECOVERING = 4,
    /// The port has gone, or the module does not answer any more: open it again.
    NLFTP_STATE_LOST = 5,
}

number!(State: nlftp_state);
given!(nlftp_state of ModemState {
    NLFTP_STATE_CLOSED => ModemState::Closed,
    NLFTP_STATE_OPENING => ModemState::Opening,
    NLFTP_STATE_READY => ModemState::Ready,
    NLFTP_STATE_CONNECTED => ModemState::Connected,
    NLFTP_STATE_RECOVERING => ModemState::Recovering,
    NLFTP_STATE_LOST => ModemState::Lost,
});

/// What an entry of a listing is.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum nlftp_entry_type {
    /// A plain file.
    NLFTP_ENTRY_FILE = 0,
    /// A directory.
    NLFTP_ENTRY_DIRECTORY = 1,
    /// A symbolic link (Windows: also a junction).
    NLFTP_ENTRY_LINK = 2,
    /// A device, a pipe, a socket, or whatever else is neither file nor directory.
    NLFTP_ENTRY_OTHER = 3,
    /// The line does not say. If its form is unknown, the name is the whole line.
    NLFTP_ENTRY_UNKNOWN = 4,
}

number!(EntryType: nlftp_entry_type);
given!(nlftp_entry_type of EntryKind {
    NLFTP_ENTRY_FILE => EntryKind::File,
    NLFTP_ENTRY_DIRECTORY => EntryKind::Directory,
    NLFTP_ENTRY_LINK => EntryKind::Link,
    NLFTP_ENTRY_OTHER => EntryKind::Other,
    NLFTP_ENTRY_UNKNOWN => EntryKind::Unknown,
});

/// Which table of manual section 2 a number of the modem belongs to.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum nlftp_code_family {
    /// Mobile equipment: +CME ERROR (manual 2.1, 3GPP TS 27.007).
    NLFTP_CODE_CME = 0,
    /// Messages: +CMS ERROR (manual 2.2, 3GPP TS 27.005).
    NLFTP_CODE_CMS = 1,
    /// The embedded TCP/IP stack: 2000 and above (manual 2.3).
    NLFTP_CODE_TCP_IP = 2,
}

taken!(Family: nlftp_code_family as CodeFamily {
    NLFTP_CODE_CME => CodeFamily::Cme,
    NLFTP_CODE_CMS => CodeFamily::Cms,
    NLFTP_CODE_TCP_IP => CodeFamily::TcpIp,
});

given!(nlftp_code_family of CodeFamily {
    NLFTP_CODE_CME => CodeFamily::Cme,
    NLFTP_CODE_CMS => CodeFamily::Cms,
    NLFTP_CODE_TCP_IP => CodeFamily::TcpIp,
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_no_constants_are_refused_by_name() {
        assert_eq!(Way(2).get("via").unwrap(), Via::Block);
        for number in [-1, 3, i32::MIN, i32::MAX] {
            let failure = Way(number).get("via").unwrap_err();
            assert_eq!(failure.status as i32, 2);
            assert_eq!(
                failure.message,
                format!("via is {number}, which is no nlftp_via")
            );
        }
    }

    #[test]
    fn what_is_given_and_taken_is_the_same() {
        for &via in nlftp_via::ALL {
            let value = Way::from(via).get("via").unwrap();
            assert_eq!(nlftp_via::of(value), Some(via));
        }
        for &level in nlftp_log_level::ALL {
            let value = Level::from(level).get("level").unwrap();
            assert_eq!(nlftp_log_level::of(value), Some(level));
        }
        for &family in nlftp_code_family::ALL {
            let value = Family::from(family).get("family").unwrap();
            assert_eq!(nlftp_code_family::of(value), Some(family));
        }
    }
}
