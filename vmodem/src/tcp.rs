//! The modem's connections over real TCP, without blocking.

use std::io::{self, Read, Write};
use std::net::{
    IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs,
};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, connect, listen, socket_with, sockopt,
};

use crate::Modem;
use crate::network::{NetEvent, NetRequest, Network, Role, SocketId};
use crate::waker::Waker;

/// What is read from a socket at once.
const READ_SIZE: usize = 64 * 1024;

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
}

struct Socket {
    id: SocketId,
    source_port: u16,
    state: State,
    /// Worth a try, as far as is known.
    readable: bool,
    writable: bool,
}

enum State {
    /// The name is being looked up.
    Resolving,
    /// On the way to one address; the others are still to be tried.
    Connecting(TcpStream, Addresses),
    Listening(TcpListener),
    Open(TcpStream),
    /// The peer is done; nothing more is read.
    Ended(TcpStream),
    /// The modem was told of a failure and has not let go yet.
    Dead,
}

impl Tcp {
    pub(crate) fn new(
        route: Option<SocketAddr>,
        stand_in: Option<SocketAddr>,
        waker: Waker,
    ) -> Self {
        Self {
            route,
            stand_in,
            sockets: Vec::new(),
            buffer: vec![0; READ_SIZE].into(),
            names: channel(),
            waker,
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
            NetRequest::Connect { id, tls: true, .. } => {
                // Refused rather than sent in clear.
                self.fail(now, modem, id);
            }
            NetRequest::Connect {
                id,
                role,
                host,
                port,
                source_port,
                tls: false,
            } => {
                let literal = host
                    .parse::<IpAddr>()
                    .ok()
                    .map(|ip| SocketAddr::new(ip, port));
                let here = host.eq_ignore_ascii_case("localhost")
                    || literal.is_some_and(|address| address.ip().is_loopback());
                let stand_in = self.stand_in.filter(|_| !here || port == 21);
                let route = self.route.or(stand_in).filter(|_| role == Role::Control);
                let known = route.or(literal);
                self.sockets.push(Socket::new(id, source_port));
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
                    let mut socket = Socket::new(id, source_port);
                    socket.state = State::Listening(listener);
                    self.sockets.push(socket);
                    modem.network(now, NetEvent::Listening { id, address });
                }
                Err(_) => self.fail(now, modem, id),
            },
            NetRequest::Finish { id } => {
                if let Some(State::Open(stream) | State::Ended(stream)) = self.state(id) {
                    let _ = stream.shutdown(Shutdown::Write);
                }
            }
            NetRequest::Close { id } => self.sockets.retain(|socket| socket.id != id),
        }
    }

    fn state(&mut self, id: SocketId) -> Option<&mut State> {
        self.sockets
            .iter_mut()
            .find(|socket| socket.id == id)
            .map(|socket| &mut socket.state)
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
        let Some(socket) = self.sockets.iter_mut().find(|socket| socket.id == id) else {
            return;
        };
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
        let address = SocketAddr::new(control.local_addr()?.ip(), source_port);
        let fd = new_socket(address)?;
        bind(&fd, &address)?;
        listen(&fd, 1)?;
        let listener = TcpListener::from(fd);
        let address = listener.local_addr()?;
        Ok((listener, address))
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
                        socket.state = State::Open(stream);
                    }
                    modem.network(now, NetEvent::Connected { id, peer });
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
                    socket.state = State::Open(stream);
                    modem.network(now, NetEvent::Connected { id, peer });
                    true
                }
                Err(_) => false,
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

    fn read(&mut self, now: Duration, modem: &mut Modem, place: usize) -> bool {
        let socket = &mut self.sockets[place];
        let (id, room) = (socket.id, modem.room(socket.id).min(READ_SIZE));
        let State::Open(stream) = &mut socket.state else {
            return false;
        };
        if room == 0 || !socket.readable {
            return false;
        }
        match stream.read(&mut self.buffer[..room]) {
            Ok(0) => {
                if let State::Open(stream) = std::mem::replace(&mut socket.state, State::Dead) {
                    socket.state = State::Ended(stream);
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
            Err(_) => {
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
        let (State::Open(stream) | State::Ended(stream)) = &mut socket.state else {
            return false;
        };
        let pending = modem.pending(id);
        if pending.is_empty() || !socket.writable {
            return false;
        }
        match stream.write(pending) {
            Ok(count) => {
                socket.writable = count == pending.len();
                modem.sent(now, id, count);
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
    fn new(id: SocketId, source_port: u16) -> Self {
        Self {
            id,
            source_port,
            state: State::Resolving,
            readable: true,
            writable: true,
        }
    }

    /// What to wait for. A socket with nothing to wait for stays out: its hang-up would end every wait.
    fn interest(&self, modem: &Modem) -> Option<(BorrowedFd<'_>, PollFlags)> {
        let mut flags = PollFlags::empty();
        let fd = match &self.state {
            State::Resolving | State::Dead => return None,
            State::Connecting(stream, _) => return Some((stream.as_fd(), PollFlags::OUT)),
            State::Listening(listener) => return Some((listener.as_fd(), PollFlags::IN)),
            State::Open(stream) => {
                if modem.room(self.id) > 0 {
                    flags |= PollFlags::IN;
                }
                stream.as_fd()
            }
            State::Ended(stream) => stream.as_fd(),
        };
        if !modem.pending(self.id).is_empty() {
            flags |= PollFlags::OUT;
        }
        (!flags.is_empty()).then_some((fd, flags))
    }
}

fn is_transient(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

fn new_socket(address: SocketAddr) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let fd = socket_with(
        family,
        SocketType::STREAM,
        SocketFlags::NONBLOCK | SocketFlags::CLOEXEC,
        None,
    )?;
    // A source port of choice is used again at once by the next connection.
    sockopt::set_socket_reuseaddr(&fd, true)?;
    Ok(fd)
}

fn start_connect(address: SocketAddr, source_port: u16) -> io::Result<TcpStream> {
    let fd = new_socket(address)?;
    if source_port != 0 {
        let any = if address.is_ipv4() {
            IpAddr::from(Ipv4Addr::UNSPECIFIED)
        } else {
            Ipv6Addr::UNSPECIFIED.into()
        };
        bind(&fd, &SocketAddr::new(any, source_port))?;
    }
    match connect(&fd, &address) {
        Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Ok(TcpStream::from(fd)),
        Err(error) => Err(error.into()),
    }
}

/// Whether a connection came about; None while that is open.
fn connected(stream: &TcpStream) -> Option<io::Result<SocketAddr>> {
    let mut fds = [PollFd::new(stream, PollFlags::OUT)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    if !poll(&mut fds, Some(&now)).is_ok_and(|ready| ready > 0) {
        return None;
    }
    match stream.take_error() {
        Ok(None) => Some(stream.peer_addr()),
        Ok(Some(error)) | Err(error) => Some(Err(error)),
    }
}
