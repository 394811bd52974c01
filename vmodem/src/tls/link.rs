//! A TCP connection, in clear or under TLS, for whoever waits in poll: nothing here blocks where
//! the socket does not.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustls::{Connection, HandshakeKind};

/// One end of a connection.
pub(crate) struct Link {
    tcp: TcpStream,
    tls: Option<Box<Connection>>,
    /// close_notify was said.
    ended: bool,
}

impl Link {
    pub(crate) fn new(tcp: TcpStream) -> Self {
        Self {
            tcp,
            tls: None,
            ended: false,
        }
    }

    /// Everything from here on is encrypted, beginning with a handshake.
    pub(crate) fn secure(&mut self, connection: Connection) {
        self.tls = Some(Box::new(connection));
    }

    pub(crate) fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether the handshake took up a session that was there before.
    pub(crate) fn is_resumed(&self) -> bool {
        self.tls
            .as_ref()
            .is_some_and(|tls| tls.handshake_kind() == Some(HandshakeKind::Resumed))
    }

    /// Whether encrypted bytes wait for the socket.
    pub(crate) fn wants_write(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.wants_write())
    }

    /// Goes on with the handshake; true once it is done.
    pub(crate) fn handshake(&mut self) -> io::Result<bool> {
        loop {
            let blocked = match self.flush() {
                Err(error) if is_blocked(&error) => true,
                other => other.map(|()| false)?,
            };
            match &self.tls {
                Some(tls) if tls.is_handshaking() => {}
                _ => return Ok(true),
            }
            match self.receive() {
                Err(error) if is_blocked(&error) => return Ok(false),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                other => other?,
            };
            if blocked {
                return Ok(false);
            }
        }
    }

    /// Reads from the socket once and decrypts what came; 0 at its end.
    fn receive(&mut self) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else {
            return Ok(0);
        };
        let count = loop {
            match tls.read_tls(&mut self.tcp) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        if let Err(error) = tls.process_new_packets() {
            // The alert that says why is owed to the peer, as far as the socket takes it.
            let _ = self.flush();
            return Err(io::Error::new(io::ErrorKind::InvalidData, error));
        }
        Ok(count)
    }

    /// Reads as from a socket: 0 is an end that the peer meant.
    /// [`io::ErrorKind::UnexpectedEof`] is an end without close_notify.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(tls) = &mut self.tls else {
                return self.tcp.read(buffer);
            };
            match tls.reader().read(buffer) {
                Err(error) if is_blocked(&error) => {}
                other => return other,
            }
            // Its end is told by the reader, which knows whether the peer meant it.
            self.receive()?;
        }
    }

    /// What has been decrypted already, or the end, without looking at the socket: to be read
    /// until None before the socket is waited for.
    pub(crate) fn read_decrypted(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let Some(tls) = &mut self.tls else {
            return Ok(None);
        };
        match tls.reader().read(buffer) {
            Err(error) if is_blocked(&error) => Ok(None),
            other => other.map(Some),
        }
    }

    /// Takes bytes as a socket does; under TLS some of them may wait here: see [`Link::flush`].
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.flush()?;
        let Some(tls) = &mut self.tls else {
            return self.tcp.write(bytes);
        };
        let count = tls.writer().write(bytes)?;
        match self.flush() {
            Err(error) if !is_blocked(&error) => Err(error),
            _ => Ok(count),
        }
    }

    /// Sends what waits; [`io::ErrorKind::WouldBlock`] if the socket does not take all of it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        while let Some(tls) = &mut self.tls
            && tls.wants_write()
        {
            match tls.write_tls(&mut self.tcp) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => drop(other?),
            }
        }
        Ok(())
    }

    /// Tells the peer that no more follows: close_notify, then the end of the stream. To be
    /// repeated on [`io::ErrorKind::WouldBlock`].
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.say_end();
        self.flush()?;
        self.tcp.shutdown(Shutdown::Write)
    }

    fn say_end(&mut self) {
        if let (Some(tls), false) = (&mut self.tls, self.ended) {
            self.ended = true;
            tls.send_close_notify();
        }
    }

    /// Ends the connection at once. The peer sees neither close_notify nor an end of the stream:
    /// either would make a short file look whole, and proftpd's TLS drops the control connection,
    /// too, if the end comes before the reset.
    pub(crate) fn abort(self) {
        let _ = rustix::net::sockopt::set_socket_linger(&self.tcp, Some(Duration::ZERO));
    }

    /// Ends the connection; under TLS with a word of it, as far as the socket takes it.
    pub(crate) fn close(mut self) {
        if self.tls.as_ref().is_some_and(|tls| !tls.is_handshaking()) {
            self.say_end();
            let _ = self.flush();
        }
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.tcp.as_fd()
    }
}

fn is_blocked(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}
