//! Descriptors of the user's as source and sink: files, pipes and sockets, blocking or not, which a cancel interrupts.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};

use super::cancel::CancelFlag;
use super::signals;

/// Waits for its descriptor and for the end of its operation at once.
pub(crate) struct Descriptor {
    fd: OwnedFd,
    cancel: Arc<CancelFlag>,
    /// A plain file is always ready.
    is_file: bool,
}

impl Descriptor {
    pub(crate) fn new(fd: OwnedFd, cancel: Arc<CancelFlag>) -> Descriptor {
        Descriptor {
            is_file: size_of_file(&fd).is_some(),
            fd,
            cancel,
        }
    }

    /// Returns once the descriptor is ready; `WouldBlock` when the operation is over before.
    fn wait_for(&self, what: PollFlags) -> io::Result<()> {
        if self.is_file {
            return Ok(());
        }
        let over = self.cancel.over();
        loop {
            let own = PollFd::new(&self.fd, what);
            let mut fds = match &over {
                Some(over) => [own, PollFd::new(over, PollFlags::IN)],
                None => [own, PollFd::new(&self.fd, PollFlags::empty())],
            };
            match poll(&mut fds, None) {
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            if over.is_some() && !fds[1].revents().is_empty() {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            if !fds[0].revents().is_empty() {
                return Ok(());
            }
        }
    }
}

impl Read for Descriptor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.wait_for(PollFlags::IN)?;
            match rustix::io::read(&self.fd, &mut *buffer) {
                // Another reader was faster.
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {}
                read => return Ok(read?),
            }
        }
    }
}

impl Write for Descriptor {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            self.wait_for(PollFlags::OUT)?;
            // A blocking pipe takes a piece of this size at once where it is writable at all.
            let limit = if self.is_file { bytes.len() } else { PIPE_BUF };
            let piece = &bytes[..bytes.len().min(limit)];
            let write = || rustix::io::write(&self.fd, piece);
            let written = if self.is_file {
                write()
            } else {
                signals::without_sigpipe(write)
            };
            match written {
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {}
                written => return Ok(written?),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // Pipes and sockets cannot be synced, and have nothing to sync.
        match rustix::fs::fsync(self.fd.as_fd()) {
            Ok(()) | Err(rustix::io::Errno::INVAL | rustix::io::Errno::ROFS) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Seek for Descriptor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(offset) => rustix::fs::SeekFrom::Start(offset),
            SeekFrom::End(offset) => rustix::fs::SeekFrom::End(offset),
            SeekFrom::Current(offset) => rustix::fs::SeekFrom::Current(offset),
        };
        Ok(rustix::fs::seek(&self.fd, to)?)
    }
}

/// The size of a plain file; `None` for anything else.
pub(crate) fn size_of_file(fd: impl AsFd) -> Option<u64> {
    let stat = rustix::fs::fstat(fd).ok()?;
    let is_file = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file();
    is_file.then(|| u64::try_from(stat.st_size).ok()).flatten()
}

/// What POSIX promises that a pipe takes in one piece (Linux: pipe(7)).
const PIPE_BUF: usize = 4096;
