//! Sockets on their way out: bound to a port of choice, connecting without blocking.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with, sockopt};

/// Listens for one connection.
pub(super) fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let fd = new_socket(address)?;
    bind(&fd, &address)?;
    rustix::net::listen(&fd, 1)?;
    let listener = TcpListener::from(fd);
    let address = listener.local_addr()?;
    Ok((listener, address))
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

pub(super) fn start_connect(address: SocketAddr, source_port: u16) -> io::Result<TcpStream> {
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
pub(super) fn connected(stream: &TcpStream) -> Option<io::Result<SocketAddr>> {
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
