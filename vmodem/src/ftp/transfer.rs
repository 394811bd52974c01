//! One transfer from its TYPE to its last reply.

use std::net::IpAddr;
use std::time::Duration;

use super::client::{Client, REPLY_LIMIT, STALL_LIMIT, Step, joined};
use super::data::{DataLink, Security, passive_target};
use super::job::{ClientEvent, Transfer, Verb};
use super::reply::{extended_port, passive_address};
use crate::network::{NetRequest, Role, SocketId};

impl Client {
    pub(super) fn begin(&mut self, now: Duration, transfer: Transfer) {
        let ascii = transfer.ascii;
        self.data = Some(DataLink::new(transfer, self.login.tls));
        self.data_out.clear();
        if self.ascii == Some(ascii) {
            self.connect_data(now);
        } else {
            self.ascii = None;
            self.command(now, if ascii { b"TYPE A" } else { b"TYPE I" }, Step::Type);
        }
    }

    pub(super) fn connect_data(&mut self, now: Duration) {
        let active = self.data.as_ref().is_some_and(|data| data.transfer.active);
        if let (true, Some(beside)) = (active, self.control) {
            let id = self.new_data_id();
            self.requests.push_back(NetRequest::Listen {
                id,
                beside,
                source_port: self.login.source_data_port,
            });
            self.wait(now, Step::Listening);
        } else {
            let v4 = self
                .peer
                .is_none_or(|peer| peer.ip().to_canonical().is_ipv4());
            self.command(now, if v4 { b"PASV" } else { b"EPSV" }, Step::Passive);
        }
    }

    pub(super) fn connect_passive(&mut self, now: Duration, code: u16, text: &[u8]) {
        let Some(peer) = self.peer else {
            return self.fail_transfer();
        };
        let target = if code == 229 {
            extended_port(text).map(|port| (peer.ip(), port))
        } else {
            passive_address(text)
                .map(|(octets, port)| (passive_target(IpAddr::from(octets), peer), port))
        };
        let Some((host, port)) = target else {
            return self.fail_transfer();
        };
        let id = self.new_data_id();
        self.requests.push_back(NetRequest::Connect {
            id,
            role: Role::Data,
            host: host.to_string(),
            port,
            source_port: self.login.source_data_port,
            tls: false,
        });
        self.wait(now, Step::DataConnecting);
    }

    pub(super) fn new_data_id(&mut self) -> SocketId {
        let id = self.next_id();
        if let Some(data) = &mut self.data {
            data.id = Some(id);
        }
        id
    }

    pub(super) fn restart(&mut self, now: Duration) {
        match self.data.as_ref().map(|data| data.transfer.offset) {
            Some(offset) if offset > 0 => {
                self.command(now, format!("REST {offset}").as_bytes(), Step::Restart);
            }
            _ => self.start_transfer(now),
        }
    }

    pub(super) fn start_transfer(&mut self, now: Duration) {
        let Some(data) = &self.data else { return };
        let verb = match data.transfer.verb {
            Verb::Store => "STOR ",
            Verb::Retrieve => "RETR ",
            Verb::List if data.transfer.name.is_empty() => "LIST",
            Verb::List => "LIST ",
        };
        let line = joined(verb, &data.transfer.name);
        self.command(now, &line, Step::Start);
    }

    pub(super) fn data_connected(&mut self, now: Duration) {
        if let Some(data) = &mut self.data {
            data.connected = true;
        }
        if self.step == Step::DataConnecting {
            self.restart(now);
        }
        self.ready_if_both(now);
    }

    pub(super) fn data_secured(&mut self, now: Duration) {
        if let Some(data) = &mut self.data {
            data.security = Security::Enough;
        }
        self.ready_if_both(now);
    }

    pub(super) fn started(&mut self, now: Duration) {
        self.step = Step::Running;
        if let Some(data) = &mut self.data {
            data.started = true;
        }
        // In active mode the server may still have to connect.
        self.deadline = Some(now + REPLY_LIMIT);
        self.ready_if_both(now);
    }

    /// The data can flow once the connection is up and the server has begun; under TLS a handshake
    /// stands between. It does not begin sooner: a server that refuses the transfer would leave it unread.
    pub(super) fn ready_if_both(&mut self, now: Duration) {
        let Some(data) = &mut self.data else { return };
        if !data.connected || !data.started || data.ready {
            return;
        }
        match (data.security, data.id) {
            (Security::Wanted, Some(id)) => {
                data.security = Security::Begun;
                self.requests.push_back(NetRequest::Secure { id });
            }
            (Security::Enough, _) => {
                data.ready = true;
                self.deadline = (data.transfer.verb != Verb::Store).then_some(now + STALL_LIMIT);
                self.events.push_back(ClientEvent::Ready);
            }
            _ => {}
        }
    }

    pub(super) fn data_ended(&mut self, now: Duration, how: fn(&mut DataLink)) {
        if matches!(self.step, Step::DataConnecting | Step::Listening) {
            // Nothing was asked of the server yet, so it owes no reply.
            return self.fail_transfer();
        }
        let Some(data) = &mut self.data else { return };
        how(data);
        if data.broken {
            self.data_out.clear();
        }
        // Some servers say nothing until the other side is closed too, or ten seconds have passed.
        if (data.transfer.verb != Verb::Store || data.broken)
            && let Some(id) = data.id.take()
        {
            self.requests.push_back(NetRequest::Close { id });
        }
        self.deadline = Some(now + REPLY_LIMIT);
        self.conclude();
    }

    pub(super) fn finish_if_sent(&mut self, now: Duration) {
        let Some(data) = &mut self.data else { return };
        if data.finishing && !data.finished && self.data_out.is_empty() {
            data.finished = true;
            if let (Some(id), false) = (data.id, data.broken) {
                self.requests.push_back(NetRequest::Finish { id });
            }
            self.deadline = Some(now + REPLY_LIMIT);
        }
    }

    pub(super) fn verdict(&mut self, now: Duration, good: bool) {
        if let Some(data) = &mut self.data {
            data.verdict = Some(good);
        }
        self.deadline = Some(now + STALL_LIMIT);
        self.conclude();
    }

    pub(super) fn conclude(&mut self) {
        if let Some(result) = self.data.as_ref().and_then(DataLink::result) {
            self.close_data();
            self.done(result);
        }
    }

    pub(super) fn fail_transfer(&mut self) {
        self.close_data();
        self.done(false);
    }
}
