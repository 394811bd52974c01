//! The modem's connections over real TCP, without blocking.

mod dial;
mod secure;

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};

use crate::Modem;
use crate::network::{NetEvent, NetRequest, Network, Role, SocketId};
use crate::tls::{Link, Session, Trust, data_connection_cut, is_cut};
use crate::waker::Waker;
use dial::{connected, start_connect};

/// What is read from a socket at once.
const READ_SIZE: usize = 64 * 1024;

/// FTP, and FTP over TLS.
const USUAL_PORTS: [u16; 2] = [21, 990];

type Addresses = Vec<SocketAddr>;
/// What looking a name up for a socket gave.
type Found = (SocketId, Addresses);

/// TCP as the modem's network.
pub(crate) struct Tcp {
    /// Where every control connection goes, whatever was asked for.
    route: Option<SocketAddr>,
    stand_in: Option<SocketAddr>,
    sockets: Vec<Socket>,
    buffer: Box<[u8]>,
    names: (Sender<Found>, Receiver<Found>),
    waker: Waker,
    trust: Trust,
    /// The host that the last control connection was opened to, by the name that FTPOPEN gave.
    host: String,
    /// What that connection and its data connections share; made when TLS begins.
    session: Option<Session>,
}

struct Socket {
    id: SocketId,
    role: Role,
    source_port: u16,
    /// Whether a TLS handshake follows as soon as the connection is up.
    tls: bool,
    /// Nothing more is to be sent; the peer has been told, or will be once what waits is out.
    finishing: Option<Finish>,
    state: State,
    /// Worth a try, as far as is known.
    readable: bool,
    writable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finish {
    Owed,
    Told,
}

enum State {
    /// The name is being looked up.
    Resolving,
    /// On the way to one address; the others are still to be tried.
    Connecting(TcpStream, Addresses),
    Listening(TcpListener),
    /// In the middle of the TLS handshake.
    Securing(Link),
    Open(Link),
    /// The peer is done; nothing more is read.
    Ended(Link),
    /// The modem was told of a failure and has not let go yet.
    Dead,
}

impl Tcp {
    pub(crate) fn new(
        route: Option<SocketAddr>,
        stand_in: Option<SocketAddr>,
        trust: Trust,
        waker: Waker,
    ) -> Self {
        Self {
            route,
            stand_in,
            sockets: Vec::new(),
            buffer: vec![0; READ_SIZE].into(),
            names: channel(),
            waker,
            trust,
            host: String::new(),
            session: None,
        }
    }

    /// Adds what is worth waiting for; `ready` takes the answers in the same order.
    pub(crate) fn interests<'a>(&'a self, modem: &Modem, fds: &mut Vec<PollFd<'a>>) {
        for socket in &self.sockets {
            if let Some((fd, flags)) = socket.interest(modem) {
                fds.push(PollFd::from_borrowed_fd(fd, flags));
            }
        }
    }

    pub(crate) fn ready(&mut self, modem: &Modem, answers: &[PollFlags]) {
        let mut answers = answers.iter();
        for socket in &mut self.sockets {
            if socket.interest(modem).is_none() {
                continue;
            }
            let Some(flags) = answers.next() else { return };
            socket.readable |= flags.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR);
            socket.writable |= flags.intersects(PollFlags::OUT | PollFlags::ERR);
        }
    }

    fn request(&mut self, now: Duration, modem: &mut Modem, request: NetRequest) {
        match request {
            NetRequest::Connect {
                id,
                role,
                host,
                port,
                source_port,
                tls,
            } => {
                if role == Role::Control {
                    self.host.clone_from(&host);
                    self.session = None;
                }
                let literal = host
                    .parse::<IpAddr>()
                    .ok()
                    .map(|ip| SocketAddr::new(ip, port));
                let here = host.eq_ignore_ascii_case("localhost")
                    || literal.is_some_and(|address| address.ip().is_loopback());
                let stand_in = self
                    .stand_in
                    .filter(|_| !here || USUAL_PORTS.contains(&port));
                let route = self.route.or(stand_in).filter(|_| role == Role::Control);
                let known = route.or(literal);
                self.sockets.push(Socket::new(id, role, source_port, tls));
                match known {
                    Some(address) => self.connect_first(now, modem, id, vec![address]),
                    None => self.resolve(id, host, port),
                }
            }
            NetRequest::Listen {
                id,
                beside,
                source_port,
            } => match self.listen(beside, source_port) {
                Ok((listener, address)) => {
                    let mut socket = Socket::new(id, Role::Data, source_port, false);
                    socket.state = State::Listening(listener);
                    self.sockets.push(socket);
                    modem.network(now, NetEvent::Listening { id, address });
                }
                Err(_) => self.fail(now, modem, id),
            },
            NetRequest::Secure { id } => self.secure(now, modem, id),
            NetRequest::Finish { id } => {
                if let Some(socket) = self.find(id) {
                    socket.finishing = Some(Finish::Owed);
                    socket.finish();
                }
            }
            NetRequest::Close { id } => {
                if let Some(place) = self.sockets.iter().position(|socket| socket.id == id) {
                    self.sockets.remove(place).close();
                }
            }
        }
    }

    fn find(&mut self, id: SocketId) -> Option<&mut Socket> {
        self.sockets.iter_mut().find(|socket| socket.id == id)
    }

    fn state(&mut self, id: SocketId) -> Option<&mut State> {
        self.find(id).map(|socket| &mut socket.state)
    }

    fn fail(&mut self, now: Duration, modem: &mut Modem, id: SocketId) {
        if let Some(state) = self.state(id) {
            *state = State::Dead;
        }
        modem.network(now, NetEvent::Failed { id });
    }

    /// Looks a name up beside the loop: it may take a resolver's good time.
    fn resolve(&self, id: SocketId, host: String, port: u16) {
        let (sender, waker) = (self.names.0.clone(), self.waker.clone());
        let look_up = move || {
            let mut found: Addresses = (host.as_str(), port)
                .to_socket_addrs()
                .map(Iterator::collect)
                .unwrap_or_default();
            // The module's own network is IPv4.
            found.sort_by_key(SocketAddr::is_ipv6);
            let _ = sender.send((id, found));
            waker.wake();
        };
        // Without a thread the reply limit ends the wait.
        let _ = std::thread::Builder::new()
            .name("nlftp-resolver".into())
            .spawn(look_up);
    }

    /// Starts on the first address that lets itself be tried.
    fn connect_first(
        &mut self,
        now: Duration,
        modem: &mut Modem,
        id: SocketId,
        mut addresses: Addresses,
    ) {
        let Some(socket) = self.find(id) else { return };
        while !addresses.is_empty() {
            let address = addresses.remove(0);
            if let Ok(stream) = start_connect(address, socket.source_port) {
                socket.state = State::Connecting(stream, addresses);
                return;
            }
        }
        self.fail(now, modem, id);
    }

    fn listen(
        &mut self,
        beside: SocketId,
        source_port: u16,
    ) -> io::Result<(TcpListener, SocketAddr)> {
        let Some(State::Open(control)) = self.state(beside) else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        dial::listen(SocketAddr::new(
            control.tcp().local_addr()?.ip(),
            source_port,
        ))
    }

    /// Moves bytes and tells events of one socket.
    fn serve(&mut self, now: Duration, modem: &mut Modem, place: usize) -> bool {
        let socket = &mut self.sockets[place];
        let id = socket.id;
        match &mut socket.state {
            State::Resolving | State::Dead => false,
            State::Connecting(stream, others) => match connected(stream) {
                None => false,
                Some(Ok(peer)) => {
                    let _ = stream.set_nodelay(true);
                    if let State::Connecting(stream, _) =
                        std::mem::replace(&mut socket.state, State::Dead)
                    {
                        socket.state = State::Open(Link::new(stream));
                    }
                    self.connected(now, modem, place, peer);
                    true
                }
                Some(Err(_)) => {
                    let others = std::mem::take(others);
                    self.connect_first(now, modem, id, others);
                    true
                }
            },
            State::Listening(listener) => match listener.accept() {
                Ok((stream, peer)) => {
                    let _ = stream.set_nonblocking(true);
                    let _ = stream.set_nodelay(true);
                    socket.state = State::Open(Link::new(stream));
                    self.connected(now, modem, place, peer);
                    true
                }
                Err(_) => false,
            },
            State::Securing(link) => match link.handshake() {
                Ok(false) => false,
                Ok(true) => {
                    if let State::Securing(link) = std::mem::replace(&mut socket.state, State::Dead)
                    {
                        socket.state = State::Open(link);
                    }
                    // The peer's first words may have come with its last of the handshake.
                    socket.readable = true;
                    socket.writable = true;
                    modem.network(now, NetEvent::Secured { id });
                    true
                }
                Err(error) => {
                    self.explain_handshake(modem, place, &error);
                    self.fail(now, modem, id);
                    true
                }
            },
            State::Open(_) => {
                // Reading first: a reply sent before the peer closed must not be lost to a failing write.
                let read = self.read(now, modem, place);
                let write = self.write(now, modem, place);
                read || write
            }
            State::Ended(_) => self.write(now, modem, place),
        }
    }

    /// A connection is up; TLS begins on it where that was asked for.
    fn connected(&mut self, now: Duration, modem: &mut Modem, place: usize, peer: SocketAddr) {
        let (id, tls) = (self.sockets[place].id, self.sockets[place].tls);
        modem.network(now, NetEvent::Connected { id, peer });
        if tls {
            self.secure(now, modem, id);
        }
    }

    fn read(&mut self, now: Duration, modem: &mut Modem, place: usize) -> bool {
        let socket = &mut self.sockets[place];
        let (id, room) = (socket.id, modem.room(socket.id).min(READ_SIZE));
        let State::Open(link) = &mut socket.state else {
            return false;
        };
        if room == 0 || !socket.readable {
            return false;
        }
        let read = match link.read(&mut self.buffer[..room]) {
            // Behind an upload nothing was to come that could be cut short.
            Err(error) if is_cut(&error) && socket.finishing.is_some() => Ok(0),
            other => other,
        };
        match read {
            Ok(0) => {
                if let State::Open(link) = std::mem::replace(&mut socket.state, State::Dead) {
                    socket.state = State::Ended(link);
                }
                modem.network(now, NetEvent::Finished { id });
                true
            }
            Ok(count) => {
                modem.network(
                    now,
                    NetEvent::Received {
                        id,
                        bytes: &self.buffer[..count],
                    },
                );
                true
            }
            Err(error) if is_transient(&error) => {
                socket.readable = false;
                false
            }
            Err(error) => {
                if socket.role == Role::Data
                    && link.is_secure()
                    && let Some(why) = data_connection_cut(&error)
                {
                    modem.notice(format!("FTPS: {why}"));
                }
                self.fail(now, modem, id);
                true
            }
        }
    }

    fn write(&mut self, now: Duration, modem: &mut Modem, place: usize) -> bool {
        let Some(socket) = self.sockets.get_mut(place) else {
            return false;
        };
        let id = socket.id;
        if !socket.writable {
            return false;
        }
        socket.finish();
        let (State::Open(link) | State::Ended(link)) = &mut socket.state else {
            return false;
        };
        let pending = modem.pending(id);
        if pending.is_empty() && !link.wants_write() {
            return false;
        }
        match link.write(pending) {
            Ok(count) => {
                // What is left waits for the socket, or for room behind what the socket has not taken yet.
                socket.writable = count == pending.len() && !link.wants_write();
                if count > 0 {
                    modem.sent(now, id, count);
                }
                count > 0
            }
            Err(error) if is_transient(&error) => {
                socket.writable = false;
                false
            }
            Err(_) => {
                self.fail(now, modem, id);
                true
            }
        }
    }
}

impl Network for Tcp {
    fn exchange(&mut self, now: Duration, modem: &mut Modem) -> bool {
        let mut moved = false;
        while let Some(request) = modem.poll_network() {
            self.request(now, modem, request);
            moved = true;
        }
        while let Ok((id, addresses)) = self.names.1.try_recv() {
            self.connect_first(now, modem, id, addresses);
            moved = true;
        }
        for place in 0..self.sockets.len() {
            moved |= self.serve(now, modem, place);
        }
        moved
    }
}

impl Socket {
    fn new(id: SocketId, role: Role, source_port: u16, tls: bool) -> Self {
        Self {
            id,
            role,
            source_port,
            tls,
            finishing: None,
            state: State::Resolving,
            readable: true,
            writable: true,
        }
    }

    fn close(self) {
        let left = self.role == Role::Data && self.finishing.is_none();
        match self.state {
            // In the middle of a transfer.
            State::Open(link) if left && link.is_secure() => link.abort(),
            State::Securing(link) | State::Open(link) | State::Ended(link) => link.close(),
            _ => {}
        }
    }

    /// Tells the peer that no more follows, once everything before that is out.
    fn finish(&mut self) {
        let (State::Open(link) | State::Ended(link)) = &mut self.state else {
            return;
        };
        if self.finishing != Some(Finish::Owed) {
            return;
        }
        match link.finish() {
            Err(error) if is_transient(&error) => {}
            // A connection that broke says so when it is read.
            _ => self.finishing = Some(Finish::Told),
        }
    }

    /// What to wait for. A socket with nothing to wait for stays out: its hang-up would end every wait.
    fn interest(&self, modem: &Modem) -> Option<(BorrowedFd<'_>, PollFlags)> {
        let mut flags = PollFlags::empty();
        let link = match &self.state {
            State::Resolving | State::Dead => return None,
            State::Connecting(stream, _) => return Some((stream.as_fd(), PollFlags::OUT)),
            State::Listening(listener) => return Some((listener.as_fd(), PollFlags::IN)),
            State::Securing(link) => {
                flags |= PollFlags::IN;
                link
            }
            State::Open(link) => {
                if modem.room(self.id) > 0 {
                    flags |= PollFlags::IN;
                }
                link
            }
            State::Ended(link) => link,
        };
        let handshake = matches!(self.state, State::Securing(_));
        if link.wants_write() || (!handshake && !modem.pending(self.id).is_empty()) {
            flags |= PollFlags::OUT;
        }
        (!flags.is_empty()).then_some((link.as_fd(), flags))
    }
}

fn is_transient(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}
