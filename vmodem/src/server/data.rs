//! Data connections: the addresses that PORT and EPRT give, and how a connection comes about.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketFlags, SocketType};

use super::control::{Control, Interrupt};

/// What the next transfer uses.
#[derive(Default)]
pub(super) enum DataSetup {
    #[default]
    None,
    /// After PASV or EPSV.
    Passive(TcpListener),
    /// After PORT or EPRT.
    Active(SocketAddr),
}

/// Listens on a free port of `local`, where the client reached the control connection.
pub(super) fn listen(local: IpAddr) -> io::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind((local, 0))?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

/// The argument of PORT: `h1,h2,h3,h4,p1,p2`.
pub(super) fn parse_port(argument: &str) -> Option<SocketAddr> {
    let mut bytes = [0u8; 6];
    let mut fields = argument.split(',');
    for byte in &mut bytes {
        *byte = fields.next()?.trim().parse().ok()?;
    }
    let [a, b, c, d, high, low] = bytes;
    let port = u16::from_be_bytes([high, low]);
    fields
        .next()
        .is_none()
        .then(|| SocketAddr::from((Ipv4Addr::new(a, b, c, d), port)))
}

/// The reply to PASV has the same form.
pub(super) fn format_port(address: Ipv4Addr, port: u16) -> String {
    let [a, b, c, d] = address.octets();
    let [high, low] = port.to_be_bytes();
    format!("{a},{b},{c},{d},{high},{low}")
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum BadExtended {
    Syntax,
    /// A network protocol that the server does not have.
    Protocol,
}

/// The argument of EPRT: `|1|132.235.1.2|6275|`, with any delimiter (RFC 2428 section 2).
pub(super) fn parse_extended(argument: &str) -> Result<SocketAddr, BadExtended> {
    let delimiter = argument.chars().next().ok_or(BadExtended::Syntax)?;
    let fields: Vec<&str> = argument.split(delimiter).collect();
    let ["", protocol, address, port, ""] = fields[..] else {
        return Err(BadExtended::Syntax);
    };
    let address = match protocol {
        "1" => address
            .parse()
            .map(IpAddr::V4)
            .map_err(|_| BadExtended::Syntax)?,
        "2" => address
            .parse()
            .map(IpAddr::V6)
            .map_err(|_| BadExtended::Syntax)?,
        _ => return Err(BadExtended::Protocol),
    };
    let port = port.parse().map_err(|_| BadExtended::Syntax)?;
    Ok(SocketAddr::new(address, port))
}

/// Whether the server may connect to `to`: only where the control connection comes from, and to
/// no well-known port, so that nobody can aim it at a third party (RFC 2577).
pub(super) fn is_allowed(to: SocketAddr, peer: IpAddr) -> bool {
    to.ip().to_canonical() == peer && to.port() >= 1024
}

impl DataSetup {
    /// Brings the data connection about, within `limit`; it is in clear yet.
    pub(super) fn open(
        self,
        control: &mut Control,
        local: IpAddr,
        peer: IpAddr,
        limit: Duration,
    ) -> Result<TcpStream, Interrupt> {
        let stream = match self {
            DataSetup::None => Err(Interrupt::Failed(io::ErrorKind::NotConnected.into())),
            DataSetup::Passive(listener) => accept(control, &listener, peer, limit),
            DataSetup::Active(to) => connect(control, local, to, limit),
        }?;
        stream
            .set_nonblocking(true)
            .and_then(|()| stream.set_nodelay(true))
            .map_err(Interrupt::Failed)?;
        Ok(stream)
    }
}

/// Strangers are turned away: the data belongs to the client of the control connection.
fn accept(
    control: &mut Control,
    listener: &TcpListener,
    peer: IpAddr,
    limit: Duration,
) -> Result<TcpStream, Interrupt> {
    loop {
        control.wait_beside(listener.as_fd(), PollFlags::IN, limit)?;
        match listener.accept() {
            Ok((stream, from)) if from.ip().to_canonical() == peer => return Ok(stream),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Interrupt::Failed(error)),
        }
    }
}

/// Connects from the address that the client knows, without blocking: ABOR and
/// [`FtpServer::stop`](super::FtpServer::stop) must get through.
fn connect(
    control: &mut Control,
    local: IpAddr,
    to: SocketAddr,
    limit: Duration,
) -> Result<TcpStream, Interrupt> {
    let failed = |error: Errno| Interrupt::Failed(error.into());
    let family = if to.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket: OwnedFd =
        net::socket_with(family, SocketType::STREAM, flags, None).map_err(failed)?;
    if local.is_ipv4() == to.is_ipv4() {
        net::bind(&socket, &SocketAddr::new(local, 0)).map_err(failed)?;
    }
    match net::connect(&socket, &to) {
        Ok(()) | Err(Errno::INPROGRESS) => {}
        Err(error) => return Err(failed(error)),
    }
    control.wait_beside(socket.as_fd(), PollFlags::OUT, limit)?;
    net::sockopt::socket_error(&socket)
        .map_err(failed)?
        .map_err(failed)?;
    Ok(TcpStream::from(socket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_arguments() {
        let parsed = parse_port("127,0,0,1,4,210");
        assert_eq!(parsed, Some(SocketAddr::from(([127, 0, 0, 1], 1234))));
        assert_eq!(format_port(Ipv4Addr::LOCALHOST, 1234), "127,0,0,1,4,210");
        for bad in [
            "",
            "1,2,3,4,5",
            "1,2,3,4,5,6,7",
            "1,2,3,4,5,256",
            "1,2,3,4,5,-1",
            "a",
        ] {
            assert_eq!(parse_port(bad), None, "{bad}");
        }
    }

    #[test]
    fn extended_arguments() {
        let v4 = SocketAddr::from(([127, 0, 0, 1], 6275));
        assert_eq!(parse_extended("|1|127.0.0.1|6275|"), Ok(v4));
        assert_eq!(
            parse_extended("!2!::1!6275!").map(|to| to.is_ipv6()),
            Ok(true)
        );
        assert_eq!(parse_extended("|3|x|1|"), Err(BadExtended::Protocol));
        for bad in [
            "",
            "|",
            "|1|127.0.0.1|6275",
            "|1|::1|6275|",
            "|1|127.0.0.1|65536|",
        ] {
            assert_eq!(parse_extended(bad), Err(BadExtended::Syntax), "{bad}");
        }
    }

    #[test]
    fn no_third_party_is_reached() {
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let allowed = |text: &str| is_allowed(text.parse().expect("an address"), peer);
        assert!(allowed("127.0.0.1:1024"));
        assert!(!allowed("127.0.0.1:1023"));
        assert!(!allowed("127.0.0.2:2000"));
    }
}
