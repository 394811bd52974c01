//! The pseudo-terminal that stands in for the serial port.

use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, ptsname, unlockpt};
use rustix::termios::{InputModes, LocalModes, OptionalActions, OutputModes, tcgetattr, tcsetattr};

/// How long a stopping modem waits for its client to read what is left.
const LINGER: Duration = Duration::from_millis(300);

/// A client that comes this soon behind another's going takes its place; the master may have had one all the while.
const SUCCESSION: Duration = Duration::from_millis(50);

/// The master side, and the name clients open.
#[derive(Debug)]
pub(crate) struct Pty {
    master: OwnedFd,
    path: PathBuf,
    link: Option<PathBuf>,
    /// Tells of clients that come and go, even between two looks at the master.
    watch: Option<OwnedFd>,
    /// There was one at the last look.
    present: bool,
    /// There was one ever.
    opened: bool,
    /// When one went that may not have been the last.
    closed: Option<Instant>,
    /// The last one went, perhaps before others came.
    left: bool,
}

/// What became of the clients since the last look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Clients {
    /// There was a moment without any.
    pub(crate) left: bool,
    /// There is one now.
    pub(crate) present: bool,
}

/// What reading gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Bytes(usize),
    Nothing,
    HungUp,
}

impl Pty {
    pub(crate) fn open(link: Option<&Path>) -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        rustix::io::ioctl_fionbio(&master, true)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let path = PathBuf::from(std::ffi::OsString::from_vec(
            ptsname(&master, Vec::new())?.into_bytes(),
        ));
        let watch = watch(&path).ok();
        let mut pty = Self {
            master,
            path,
            link: None,
            watch,
            present: false,
            opened: false,
            closed: None,
            left: false,
        };
        pty.set_raw()?;
        if let Some(link) = link {
            make_link(&pty.path, link)?;
            pty.link = Some(link.to_owned());
        }
        Ok(pty)
    }

    /// The name for clients: the link where there is one.
    pub(crate) fn path(&self) -> &Path {
        self.link.as_deref().unwrap_or(&self.path)
    }

    pub(crate) fn master(&self) -> BorrowedFd<'_> {
        self.master.as_fd()
    }

    pub(crate) fn watch(&self) -> Option<BorrowedFd<'_>> {
        self.watch.as_ref().map(AsFd::as_fd)
    }

    /// A line without echo and translations from the first byte, whatever the last client set.
    ///
    /// Settings that are raw already are not written again: a client that opens the port at this moment would find
    /// its own ones undone, or a mixture of both.
    fn set_raw(&self) -> io::Result<()> {
        let mut settings = tcgetattr(&self.master)?;
        let cooked = settings
            .local_modes
            .intersects(LocalModes::ICANON | LocalModes::ECHO)
            || settings.output_modes.contains(OutputModes::OPOST)
            || settings.input_modes.contains(InputModes::ICRNL);
        if !cooked {
            return Ok(());
        }
        settings.make_raw();
        Ok(tcsetattr(&self.master, OptionalActions::Now, &settings)?)
    }

    /// Looks who came and went.
    ///
    /// The kernel merges equal events, so that clients cannot be counted: whether there is one only the master
    /// says, and the events only that one left and another came in between.
    pub(crate) fn clients(&mut self) -> Clients {
        self.clients_moved();
        let hung_up = self.hung_up();
        // A port that nobody has ever opened is not hung up either.
        let present = !hung_up && (self.opened || self.watch.is_none());
        let closed = self.closed.is_some() && hung_up;
        let left = std::mem::take(&mut self.left) || hung_up && self.present || closed;
        if hung_up {
            self.closed = None;
        }
        if left && hung_up {
            let _ = self.set_raw();
        }
        self.present = present;
        Clients { left, present }
    }

    /// Whether a client came or went since the last look; `clients` tells more.
    pub(crate) fn clients_moved(&mut self) -> bool {
        let Some(watch) = &self.watch else {
            return false;
        };
        let mut buffer = [MaybeUninit::uninit(); 1024];
        let mut events = inotify::Reader::new(watch, &mut buffer);
        let mut moved = false;
        while let Ok(event) = events.next() {
            moved = true;
            if event.events().contains(ReadFlags::OPEN) {
                self.opened = true;
                // Right behind another's close it is that one's successor.
                self.left |= self
                    .closed
                    .take()
                    .is_some_and(|at| at.elapsed() < SUCCESSION);
            } else {
                self.closed = Some(Instant::now());
            }
        }
        moved
    }

    fn hung_up(&self) -> bool {
        let mut fds = [PollFd::new(&self.master, PollFlags::empty())];
        poll(
            &mut fds,
            Some(&Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            }),
        )
        .is_ok()
            && fds[0].revents().contains(PollFlags::HUP)
    }

    pub(crate) fn read(&self, buffer: &mut [u8]) -> io::Result<Read> {
        match rustix::io::read(&self.master, buffer) {
            Ok(0) | Err(Errno::IO) => Ok(Read::HungUp),
            Ok(count) => Ok(Read::Bytes(count)),
            Err(Errno::AGAIN | Errno::INTR) => Ok(Read::Nothing),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes what fits.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match rustix::io::write(&self.master, bytes) {
            Ok(count) => Ok(count),
            Err(Errno::AGAIN | Errno::INTR | Errno::IO) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives the client a moment to read what it was sent: bytes unread when the master closes are lost.
    pub(crate) fn linger(&self) {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let Ok(slave) = ioctl_tiocgptpeer(&self.master, flags) else {
            return;
        };
        let end = Instant::now() + LINGER;
        while Instant::now() < end
            && rustix::io::ioctl_fionread(&slave).is_ok_and(|unread| unread > 0)
        {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if let Some(link) = &self.link
            && fs::read_link(link).is_ok_and(|target| target == self.path)
        {
            let _ = fs::remove_file(link);
        }
    }
}

fn watch(path: &Path) -> io::Result<OwnedFd> {
    let watch = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
    let events = WatchFlags::OPEN | WatchFlags::CLOSE_WRITE | WatchFlags::CLOSE_NOWRITE;
    inotify::add_watch(&watch, path, events)?;
    Ok(watch)
}

/// Puts the link there; a link that an earlier run left behind may go, anything else may not.
fn make_link(target: &Path, link: &Path) -> io::Result<()> {
    match fs::symlink_metadata(link) {
        Ok(found) if found.file_type().is_symlink() => fs::remove_file(link)?,
        Ok(_) => {
            let text = format!("{} exists and is not a symbolic link", link.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
        }
        Err(_) => {}
    }
    std::os::unix::fs::symlink(target, link)
}
