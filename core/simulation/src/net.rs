//! The modem's network: one server, with the time that bytes take to it and back.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use fastrand::Rng;
use nlftp_vmodem::Modem;
use nlftp_vmodem::network::{NetEvent, NetRequest, Network, Role, SocketId};

use crate::common::Shared;
use crate::scenario::{Cut, Scenario, When};
use crate::server::{Said, Server};

/// What the server's own buffers take of a download.
const WINDOW: usize = 64 * 1024;

#[derive(Debug)]
struct Socket {
    id: SocketId,
    role: Role,
    inbox: VecDeque<(Duration, Happening)>,
    last: Duration,
    /// The modem can write to it.
    open: bool,
}

/// What is on its way to the modem.
#[derive(Debug)]
enum Happening {
    Connected,
    Secured,
    Bytes(Vec<u8>, usize),
    Fin,
    Reset,
}

pub(crate) struct Net {
    common: Shared,
    rng: Rng,
    distance: u64,
    cut: Cut,
    sockets: Vec<Socket>,
    pub(crate) server: Server,
    /// The server says nothing before this.
    silent_until: Duration,
    /// What the modem just got was payload for the host.
    pub(crate) gave_payload: bool,
    /// The host does not take any more payload now.
    pub(crate) held: bool,
}

const SERVER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 5);
const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 34, 7, 211);

impl Net {
    pub(crate) fn new(scenario: &Scenario, common: Shared) -> Net {
        Net {
            common,
            rng: Rng::with_seed(scenario.seed ^ 0x006e_6574),
            distance: scenario.distance,
            cut: scenario.cut,
            sockets: Vec::new(),
            server: Server::new(scenario),
            silent_until: Duration::ZERO,
            gave_payload: false,
            held: false,
        }
    }

    /// The module lost its power.
    pub(crate) fn drop_all(&mut self) {
        self.sockets.clear();
        self.server.forget();
    }

    pub(crate) fn silence(&mut self, until: Duration) {
        self.silent_until = self.silent_until.max(until);
    }

    /// The server says all that it has kept back.
    pub(crate) fn hurry(&mut self, now: Duration) {
        self.silent_until = now;
        for socket in &mut self.sockets {
            socket.last = socket.last.min(now);
            for (due, _) in &mut socket.inbox {
                *due = (*due).min(now);
            }
        }
    }

    /// The control connection breaks, and all else with it.
    pub(crate) fn close_control(&mut self, now: Duration) {
        self.server.forget();
        for socket in &mut self.sockets {
            socket.inbox.clear();
            socket.inbox.push_back((now, Happening::Reset));
        }
    }

    /// When the next thing arrives that the modem can take.
    pub(crate) fn wake(&self, modem: &Modem) -> Option<Duration> {
        let sockets = self.sockets.iter();
        sockets
            .filter_map(|socket| match socket.inbox.front()? {
                (_, Happening::Bytes(..)) if self.room(socket, modem) == 0 => None,
                (due, _) => Some(*due),
            })
            .min()
    }

    fn room(&self, socket: &Socket, modem: &Modem) -> usize {
        if self.held && socket.role == Role::Data {
            return 0;
        }
        modem.room(socket.id)
    }

    fn delay(&mut self) -> Duration {
        if self.distance == 0 {
            return Duration::ZERO;
        }
        Duration::from_millis(self.rng.u64(0..=self.distance))
    }

    fn schedule(&mut self, now: Duration, role: Role, happening: Happening) {
        let delay = self.delay();
        let silent_until = self.silent_until;
        let found = self
            .sockets
            .iter_mut()
            .rev()
            .find(|socket| socket.role == role);
        if let Some(socket) = found {
            let due = socket.last.max(now + delay).max(silent_until);
            socket.last = due;
            socket.inbox.push_back((due, happening));
        }
    }

    /// Passes on what the server has said.
    pub(crate) fn carry(&mut self, now: Duration) {
        while let Some(said) = self.server.said.pop_front() {
            match said {
                Said::Reply(text) => {
                    let mut common = self.common.borrow_mut();
                    common.trace.say(now, || format!("      server {text}"));
                    common.faults.count(When::Reply, 1);
                    drop(common);
                    let bytes = [text.as_bytes(), b"\r\n"].concat();
                    self.schedule(now, Role::Control, Happening::Bytes(bytes, 0));
                }
                Said::Hangup => self.schedule(now, Role::Control, Happening::Fin),
                Said::Connect => self.schedule(now, Role::Data, Happening::Connected),
                Said::Bytes(bytes) => {
                    if !bytes.is_empty() {
                        self.schedule(now, Role::Data, Happening::Bytes(bytes, 0));
                    }
                }
                Said::Fin => {
                    if !self.server.is_transferring() {
                        self.forget_data();
                    }
                    self.schedule(now, Role::Data, Happening::Fin);
                    self.tell_if_sent();
                }
                Said::Reset => {
                    self.forget_data();
                    self.schedule(now, Role::Data, Happening::Reset);
                }
            }
        }
    }

    /// What was on its way on the data connection is lost.
    fn forget_data(&mut self) {
        let sockets = self.sockets.iter_mut().rev();
        if let Some(socket) = sockets.into_iter().find(|socket| socket.role == Role::Data) {
            socket.inbox.retain(|(_, happening)| {
                matches!(happening, Happening::Connected | Happening::Secured)
            });
        }
    }

    /// The server says that a download is done once its own buffers hold the rest.
    fn tell_if_sent(&mut self) {
        if !self.server.is_transferring() || self.server.is_storing() {
            return;
        }
        let left: usize = self
            .sockets
            .iter()
            .filter(|socket| socket.role == Role::Data)
            .flat_map(|socket| &socket.inbox)
            .map(|(_, happening)| match happening {
                Happening::Bytes(bytes, at) => bytes.len() - at,
                _ => 0,
            })
            .sum();
        if left <= WINDOW {
            self.server.sent();
        }
    }

    fn request(&mut self, now: Duration, modem: &mut Modem, request: NetRequest) {
        match request {
            NetRequest::Connect {
                id,
                role,
                port,
                tls,
                ..
            } => {
                let accepted = role == Role::Control || self.server.accept(port);
                let happening = if accepted {
                    Happening::Connected
                } else {
                    Happening::Reset
                };
                self.add(id, role);
                self.schedule(now, role, happening);
                if accepted && tls {
                    self.schedule(now, role, Happening::Secured);
                }
            }
            NetRequest::Listen { id, .. } => {
                self.add(id, Role::Data);
                let address = SocketAddr::from((CLIENT, 50_000));
                modem.network(now, NetEvent::Listening { id, address });
            }
            // Nothing is encrypted: what the modem says to its host is the same. The peer sends nothing before.
            NetRequest::Secure { id } => {
                let delay = self.delay();
                if let Some(socket) = self.sockets.iter_mut().find(|socket| socket.id == id) {
                    let connected =
                        |(_, what): &(Duration, Happening)| matches!(what, Happening::Connected);
                    let place = socket
                        .inbox
                        .iter()
                        .take_while(|what| connected(what))
                        .count();
                    socket
                        .inbox
                        .insert(place, (now + delay, Happening::Secured));
                }
            }
            NetRequest::Finish { .. } => self.server.closed(true),
            NetRequest::Close { id } => {
                let place = self.sockets.iter().position(|socket| socket.id == id);
                let Some(socket) = place.map(|place| self.sockets.remove(place)) else {
                    return;
                };
                if socket.role == Role::Control {
                    self.server.forget();
                } else if socket.open {
                    self.server.closed(false);
                }
            }
        }
    }

    fn add(&mut self, id: SocketId, role: Role) {
        self.sockets.push(Socket {
            id,
            role,
            inbox: VecDeque::new(),
            last: Duration::ZERO,
            open: false,
        });
    }

    /// One thing that has arrived on a connection.
    fn deliver(&mut self, now: Duration, modem: &mut Modem, place: usize) -> bool {
        let room = self.room(&self.sockets[place], modem);
        let most = match self.cut {
            Cut::Whole => usize::MAX,
            Cut::Mixed => 1 << self.rng.u32(0..16),
            Cut::Bytes => 7,
        };
        let socket = &mut self.sockets[place];
        let id = socket.id;
        let Some((due, happening)) = socket.inbox.front_mut() else {
            return false;
        };
        if *due > now {
            return false;
        }
        match happening {
            Happening::Bytes(bytes, at) => {
                if room == 0 {
                    return false;
                }
                let mut count = (bytes.len() - *at).min(room).min(most);
                if socket.role == Role::Data {
                    let faults = &mut self.common.borrow_mut().faults;
                    if let Some((offset, fault)) = faults.next(When::Data, count as u64) {
                        count = offset as usize;
                        faults.pass_on(fault);
                    }
                    self.gave_payload = count > 0;
                }
                if count > 0 {
                    let bytes = &bytes[*at..*at + count];
                    modem.network(now, NetEvent::Received { id, bytes });
                }
                *at += count;
                if *at == bytes.len() {
                    socket.inbox.pop_front();
                }
                let data = socket.role == Role::Data;
                if data {
                    self.tell_if_sent();
                }
            }
            Happening::Connected => {
                socket.inbox.pop_front();
                socket.open = true;
                let port = if socket.role == Role::Control { 21 } else { 20 };
                if socket.role == Role::Control {
                    self.server.greet();
                }
                let peer = SocketAddr::from((SERVER, port));
                modem.network(now, NetEvent::Connected { id, peer });
            }
            Happening::Secured => {
                socket.inbox.pop_front();
                modem.network(now, NetEvent::Secured { id });
            }
            Happening::Fin => {
                socket.inbox.pop_front();
                modem.network(now, NetEvent::Finished { id });
            }
            Happening::Reset => {
                socket.inbox.pop_front();
                socket.open = false;
                modem.network(now, NetEvent::Failed { id });
            }
        }
        true
    }

    /// Bytes of the modem on a connection.
    fn collect(&mut self, now: Duration, modem: &mut Modem, place: usize) -> bool {
        let socket = &self.sockets[place];
        let pending = modem.pending(socket.id);
        if !socket.open || pending.is_empty() {
            return false;
        }
        let mut count = pending.len();
        if socket.role == Role::Control {
            let trace = &mut self.common.borrow_mut().trace;
            trace.bytes(now, "      client", pending);
            self.server.control(pending);
        } else {
            let faults = &mut self.common.borrow_mut().faults;
            if let Some((offset, fault)) = faults.next(When::Data, count as u64) {
                count = offset as usize;
                faults.pass_on(fault);
            }
            self.server.store(&pending[..count]);
        }
        let id = socket.id;
        modem.sent(now, id, count);
        true
    }
}

impl Network for Net {
    /// One event at a time: whoever drives the modem sees what each has caused.
    fn exchange(&mut self, now: Duration, modem: &mut Modem) -> bool {
        self.gave_payload = false;
        if let Some(request) = modem.poll_network() {
            self.request(now, modem, request);
            self.carry(now);
            return true;
        }
        for place in 0..self.sockets.len() {
            if self.deliver(now, modem, place) || self.collect(now, modem, place) {
                self.carry(now);
                return true;
            }
        }
        false
    }
}
