//! The steps of RFC 4217 before USER: AUTH TLS, the handshake, PBSZ 0, PROT P. None of them can be
//! left out: whatever goes wrong here ends the connection, so that no name and no password is sent
//! in clear.

use std::time::Duration;

use super::client::{Client, REPLY_LIMIT, Step};
use super::job::ClientEvent;
use crate::network::NetRequest;
use crate::tls::printable;

impl Client {
    pub(super) fn is_implicit(&self) -> bool {
        self.login.tls && self.tls_mode.is_implicit(self.login.port)
    }

    /// The control connection is encrypted now.
    pub(super) fn secured(&mut self, now: Duration) {
        if self.step != Step::Securing {
            return;
        }
        if self.is_implicit() {
            self.wait(now, Step::Greeting);
        } else {
            self.command(now, b"PBSZ 0", Step::BufferSize);
        }
    }

    /// The server's greeting came, and TLS is wanted.
    pub(super) fn greeted(&mut self, now: Duration) {
        if self.is_implicit() {
            self.command(now, b"PBSZ 0", Step::BufferSize);
        } else {
            self.command(now, b"AUTH TLS", Step::Auth);
        }
    }

    /// A reply to one of these steps; false if the step is another one.
    pub(super) fn secure_reply(&mut self, now: Duration, code: u16, text: &[u8]) -> bool {
        match (self.step, code) {
            (Step::Auth, 234) => {
                if let Some(id) = self.control {
                    self.requests.push_back(NetRequest::Secure { id });
                }
                self.wait(now, Step::Securing);
            }
            (Step::BufferSize, 200..300) => self.command(now, b"PROT P", Step::Protection),
            (Step::Protection, 200..300) => self.login_step(now, "USER ", Step::User),
            (Step::Auth, _) => self.refused("the server refused AUTH TLS", text),
            (Step::BufferSize, _) => self.refused("PBSZ 0 refused", text),
            (Step::Protection, _) => self.refused("PROT P refused", text),
            _ => return false,
        }
        true
    }

    fn refused(&mut self, what: &str, reply: &[u8]) {
        self.notices
            .push(format!("FTPS: {what} ({})", printable(reply)));
        self.close_control();
        self.events.push_back(ClientEvent::Done(false));
    }

    /// Text between the reply to AUTH and the handshake was in clear: somebody else may have put it there.
    pub(super) fn refuse_clear_text(&mut self) {
        let text = "FTPS: the server sent clear text behind its reply to AUTH TLS";
        self.notices.push(text.into());
        self.lost();
    }

    /// What a wait that took too long may mean.
    pub(super) fn explain_silence(&mut self) {
        let seconds = REPLY_LIMIT.as_secs();
        let text = match self.step {
            Step::Greeting if self.login.tls && !self.is_implicit() => format!(
                "no greeting came within {seconds} s: the server may want TLS from the first byte (implicit)"
            ),
            Step::Securing => format!("the TLS handshake did not end within {seconds} s"),
            Step::Auth => format!("no reply to AUTH TLS came within {seconds} s"),
            Step::BufferSize => format!("no reply to PBSZ 0 came within {seconds} s"),
            Step::Protection => format!("no reply to PROT P came within {seconds} s"),
            _ => return,
        };
        self.notices.push(format!("FTPS: {text}"));
    }
}
