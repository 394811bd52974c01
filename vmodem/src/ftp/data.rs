//! The data connection of one transfer: which of its ends have been reached.

use std::net::{IpAddr, SocketAddr};

use super::job::{Transfer, Verb};
use crate::network::SocketId;

/// How far TLS is on a data connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    Wanted,
    /// In the handshake.
    Begun,
    /// Encrypted, or never to be.
    Enough,
}

/// The state of one transfer's data connection and of the replies that frame it.
#[derive(Debug)]
pub(crate) struct DataLink {
    pub(crate) transfer: Transfer,
    /// None until PASV or PORT has been answered, and again once closed.
    pub(crate) id: Option<SocketId>,
    pub(crate) connected: bool,
    pub(crate) security: Security,
    /// The server said 125 or 150.
    pub(crate) started: bool,
    /// `Ready` was told.
    pub(crate) ready: bool,
    /// The host has given everything of an upload.
    pub(crate) finishing: bool,
    /// The end of an upload was handed to the network.
    pub(crate) finished: bool,
    /// The server closed its side.
    pub(crate) peer_done: bool,
    /// The connection broke, or closed where it must not.
    pub(crate) broken: bool,
    /// The server's final word.
    pub(crate) verdict: Option<bool>,
}

impl DataLink {
    pub(crate) fn new(transfer: Transfer, tls: bool) -> Self {
        Self {
            transfer,
            id: None,
            connected: false,
            security: match tls {
                true => Security::Wanted,
                false => Security::Enough,
            },
            started: false,
            ready: false,
            finishing: false,
            finished: false,
            peer_done: false,
            broken: false,
            verdict: None,
        }
    }

    pub(crate) fn peer_closed(&mut self) {
        self.peer_done = true;
        if self.transfer.verb == Verb::Store && !self.finished {
            self.broken = true;
        }
    }

    pub(crate) fn failed(&mut self) {
        self.peer_done = true;
        self.broken = true;
    }

    /// The transfer's result, once both the data connection and the reply have come to their end.
    pub(crate) fn result(&self) -> Option<bool> {
        let verdict = self.verdict?;
        match self.transfer.verb {
            _ if !verdict => Some(false),
            Verb::Store => Some(self.finished && !self.broken),
            Verb::Retrieve | Verb::List => self.peer_done.then_some(!self.broken),
        }
    }
}

/// Where a passive data connection goes: the address in the reply, unless a server behind address
/// translation named one that cannot be reached from here.
pub(crate) fn passive_target(named: IpAddr, peer: SocketAddr) -> IpAddr {
    if named.is_unspecified() || (is_local(named) && !is_local(peer.ip())) {
        return peer.ip();
    }
    if named.is_loopback() && !peer.ip().is_loopback() {
        return peer.ip();
    }
    named
}

fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// The line that tells the server where to connect to: PORT, or EPRT for what PORT cannot say.
pub(crate) fn port_line(address: SocketAddr) -> String {
    match address.ip().to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            let [high, low] = address.port().to_be_bytes();
            format!("PORT {a},{b},{c},{d},{high},{low}")
        }
        IpAddr::V6(v6) => format!("EPRT |2|{v6}|{}|", address.port()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreachable_passive_addresses_give_way_to_the_servers_own() {
        let address = |text: &str| -> IpAddr { text.parse().unwrap() };
        let public = SocketAddr::new(address("111.231.250.105"), 21);
        assert_eq!(passive_target(address("192.168.1.9"), public), public.ip());
        assert_eq!(passive_target(address("0.0.0.0"), public), public.ip());
        assert_eq!(
            passive_target(address("93.184.216.34"), public),
            address("93.184.216.34")
        );
        let inside = SocketAddr::new(address("192.168.1.2"), 21);
        assert_eq!(
            passive_target(address("192.168.1.9"), inside),
            address("192.168.1.9")
        );
        assert_eq!(passive_target(address("127.0.0.1"), inside), inside.ip());
    }

    #[test]
    fn port_lines() {
        assert_eq!(
            port_line("127.0.0.1:1025".parse().unwrap()),
            "PORT 127,0,0,1,4,1"
        );
        assert_eq!(
            port_line("[::1]:1025".parse().unwrap()),
            "EPRT |2|::1|1025|"
        );
    }
}
