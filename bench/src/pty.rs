//! A pseudo-terminal in raw mode.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

/// Both ends of a pseudo-terminal.
pub struct Pty {
    master: File,
    path: PathBuf,
    // Held open, so that settings and bytes survive clients that come and go.
    slave: File,
}

impl Pty {
    /// Opens a new one.
    ///
    /// # Errors
    /// The system gives none.
    pub fn open() -> io::Result<Pty> {
        let master: OwnedFd =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let path = PathBuf::from(name.into_string().map_err(io::Error::other)?);
        let slave = File::options().read(true).write(true).open(&path)?;
        let mut termios = tcgetattr(&slave)?;
        termios.make_raw();
        tcsetattr(&slave, OptionalActions::Now, &termios)?;
        Ok(Pty {
            master: master.into(),
            path,
            slave,
        })
    }

    /// The modem's end.
    pub fn master(&self) -> &File {
        &self.master
    }

    /// The client's end.
    pub fn slave(&self) -> &File {
        &self.slave
    }

    /// The name that clients open.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
