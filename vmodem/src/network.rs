//! What joins the modem to a network: requests it makes, events it is told, bytes it hands over in place.
//!
//! The modem holds the bytes of both directions itself: whoever carries its connections writes
//! [`Modem::pending`](crate::Modem::pending) to the socket and reads no more from it than
//! [`Modem::room`](crate::Modem::room) allows. That is the whole of flow control.

use std::net::SocketAddr;
use std::time::Duration;

use crate::Modem;

/// Names one connection for as long as it lives; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(pub u32);

/// Which of FTP's two kinds of connection a socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Commands and replies.
    Control,
    /// The content of one transfer.
    Data,
}

/// Something that the modem wants of its network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetRequest {
    /// Open a connection; answered by [`NetEvent::Connected`] or [`NetEvent::Failed`], and with
    /// `tls` by [`NetEvent::Secured`] after that.
    Connect {
        /// The new connection.
        id: SocketId,
        /// What it is for.
        role: Role,
        /// A name or a literal address.
        host: String,
        /// The port there.
        port: u16,
        /// The port on this side, 0 for any.
        source_port: u16,
        /// Whether it is to be encrypted from the first byte.
        tls: bool,
    },
    /// Wait for one incoming connection on the local address of `beside`; answered by
    /// [`NetEvent::Listening`], then [`NetEvent::Connected`] under the same id.
    Listen {
        /// The connection that is expected.
        id: SocketId,
        /// The connection whose local address is to be used.
        beside: SocketId,
        /// The port to listen on, 0 for any.
        source_port: u16,
    },
    /// Encrypt a connection that is up, for the host that the control connection was opened to;
    /// answered by [`NetEvent::Secured`] or [`NetEvent::Failed`]. The module is TLS's client on
    /// data connections of both kinds.
    Secure {
        /// The connection.
        id: SocketId,
    },
    /// Everything has been handed over: tell the peer that no more follows.
    Finish {
        /// The connection to finish.
        id: SocketId,
    },
    /// Forget the connection; nothing more is said about it.
    Close {
        /// The connection to close.
        id: SocketId,
    },
}

/// Something that happened on the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetEvent<'a> {
    /// A connection is up.
    Connected {
        /// Which.
        id: SocketId,
        /// The far end.
        peer: SocketAddr,
    },
    /// A connection is encrypted, and the peer is who it should be.
    Secured {
        /// Which.
        id: SocketId,
    },
    /// A connection can come in at this address.
    Listening {
        /// Which.
        id: SocketId,
        /// Where the peer has to go.
        address: SocketAddr,
    },
    /// Bytes came in, at most as many as [`Modem::room`](crate::Modem::room) allowed.
    Received {
        /// On which connection.
        id: SocketId,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// The peer will send nothing more; comes after the last byte was received.
    Finished {
        /// Which.
        id: SocketId,
    },
    /// The connection could not be made, or broke.
    Failed {
        /// Which.
        id: SocketId,
    },
}

/// Carries a modem's connections: TCP, or a model of it in a simulation.
pub trait Network {
    /// Takes the modem's requests, moves bytes both ways as far as room allows, and reports what
    /// happened. Says whether anything did.
    fn exchange(&mut self, now: Duration, modem: &mut Modem) -> bool;
}
