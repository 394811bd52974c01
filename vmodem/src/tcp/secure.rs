//! TLS on the module's connections: where it begins, and why it did not come about.

use std::io;
use std::time::Duration;

use super::{State, Tcp};
use crate::Modem;
use crate::network::{Role, SocketId};
use crate::tls::{handshake_failure, printable};

impl Tcp {
    /// Begins TLS on a connection that is up.
    pub(super) fn secure(&mut self, now: Duration, modem: &mut Modem, id: SocketId) {
        if self.session.is_none() {
            self.session = self.trust.session(&self.host);
        }
        let Some(session) = &self.session else {
            modem.notice(format!(
                "FTPS: {} is no name that a certificate could hold",
                printable(self.host.as_bytes())
            ));
            return self.fail(now, modem, id);
        };
        let connection = session.connection();
        let Some(socket) = self.find(id) else { return };
        match (
            std::mem::replace(&mut socket.state, State::Dead),
            connection,
        ) {
            (State::Open(mut link), Ok(connection)) => {
                link.secure(connection);
                socket.state = State::Securing(link);
            }
            _ => self.fail(now, modem, id),
        }
    }

    pub(super) fn explain_handshake(&self, modem: &mut Modem, place: usize, error: &io::Error) {
        let which = match self.sockets[place].role {
            Role::Control => "",
            Role::Data => "data connection: ",
        };
        let why = handshake_failure(error, &self.host, self.trust.any);
        modem.notice(format!("FTPS: {which}{why}"));
    }
}
