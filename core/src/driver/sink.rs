//! Where a download is written to: files, and the caller's own writers.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::Sha256;

use super::cancel::CancelFlag;
use super::content::Content;
use super::descriptor::{Descriptor, size_of_file};
use super::part::Part;
use crate::error::{Error, Result};
use crate::session::Recorded;

/// Where a download is written to.
pub struct Sink<'a>(SinkKind<'a>);

enum SinkKind<'a> {
    Path(PathBuf),
    Fd(OwnedFd),
    Writer(Box<dyn Write + Send + 'a>),
}

impl<'a> Sink<'a> {
    /// A file that appears under its name only when it is complete and checked: until then the bytes stand beside it, in
    /// a file whose name has `.nlftp-part` at its end, which a failure removes. With
    /// [`resume`](crate::TransferOptions::resume) it stays, and beside it a record of the server's file
    /// (`.nlftp-part.record`).
    pub fn path(path: impl Into<PathBuf>) -> Sink<'a> {
        Sink(SinkKind::Path(path.into()))
    }

    /// An open descriptor of a file, pipe or socket, blocking or not, written to from where it stands and synced; what it
    /// got before a failure stays. A cancel ends the wait for a pipe that takes nothing.
    ///
    /// With [`resume`](crate::TransferOptions::resume) it must be a plain file, open for reading too, and all that stands
    /// in it counts as the beginning of the server's file, wherever the descriptor stands; what turns out not to be is
    /// replaced.
    pub fn fd(fd: OwnedFd) -> Sink<'a> {
        Sink(SinkKind::Fd(fd))
    }

    /// A writer, written to and flushed on the thread that waits for the transfer; what it got before a failure stays.
    /// Where it answers [`io::ErrorKind::WouldBlock`] it is asked again: see [`Operation`](crate::Operation).
    pub fn writer(writer: impl Write + Send + 'a) -> Sink<'a> {
        Sink(SinkKind::Writer(Box::new(writer)))
    }

    pub(crate) fn waits_for_descriptor(&self) -> bool {
        matches!(self.0, SinkKind::Fd(_))
    }

    /// Opens it, for a download that resumes only if it can go on in it.
    pub(crate) fn open(self, cancel: &Arc<CancelFlag>, resume: bool) -> Result<OpenSink<'a>> {
        match self.0 {
            SinkKind::Writer(_) if resume => Err(Error::invalid(
                "a download cannot be resumed in a writer: give it a path or a plain file's descriptor, or download \
                 from the start",
            )),
            SinkKind::Writer(writer) => Ok(OpenSink {
                writer,
                place: Place::Stream,
                discarded: false,
            }),
            SinkKind::Fd(fd) => {
                let place = if resume {
                    Place::File(open_content(&fd)?)
                } else {
                    Place::Stream
                };
                Ok(OpenSink {
                    writer: Box::new(Descriptor::new(fd, cancel.clone())),
                    place,
                    discarded: false,
                })
            }
            SinkKind::Path(path) => open_path(path, cancel, resume),
        }
    }
}

impl From<&Path> for Sink<'_> {
    fn from(path: &Path) -> Self {
        Sink::path(path)
    }
}

impl From<PathBuf> for Sink<'_> {
    fn from(path: PathBuf) -> Self {
        Sink::path(path)
    }
}

fn open_path(path: PathBuf, cancel: &Arc<CancelFlag>, resume: bool) -> Result<OpenSink<'static>> {
    let cannot = |error| Error::local("write", &path, error);
    let existing = match fs::metadata(&path) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(cannot(error)),
    };
    if existing.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Err(cannot(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    if existing
        .as_ref()
        .is_some_and(|metadata| !metadata.is_file())
    {
        if resume {
            return Err(Error::invalid(format!(
                "{} is no plain file, in which a download could be resumed: download without it",
                path.display()
            )));
        }
        // A device or a pipe cannot be replaced by a rename.
        let file = File::options().write(true).open(&path).map_err(cannot)?;
        return Ok(OpenSink {
            writer: Box::new(Descriptor::new(file.into(), cancel.clone())),
            place: Place::Stream,
            discarded: false,
        });
    }
    // A symbolic link stays one: the file that it points to is replaced.
    let target = if existing.is_some() {
        path.canonicalize().map_err(cannot)?
    } else {
        path.clone()
    };
    let part = Part::open(target, existing.as_ref(), resume)?;
    Ok(OpenSink {
        writer: Box::new(part.writer()?),
        place: Place::Part(part),
        discarded: false,
    })
}

/// A descriptor's file, where a download goes on behind what stands in it.
fn open_content(fd: &OwnedFd) -> Result<Content> {
    let refused = |why| {
        Err(Error::invalid(format!(
            "a download cannot be resumed in {why}"
        )))
    };
    if size_of_file(fd).is_none() {
        return refused(
            "a descriptor that is no plain file: give it a path, or download without it",
        );
    }
    let cannot = |error| Error::callback("the file of the download cannot be used", error);
    let mode = rustix::fs::fcntl_getfl(fd).map_err(|error| cannot(error.into()))?;
    if mode & rustix::fs::OFlags::RWMODE != rustix::fs::OFlags::RDWR {
        return refused(
            "a descriptor that is not open for both reading and writing: open it for both",
        );
    }
    let fd = fd.try_clone().map_err(cannot)?;
    Ok(Content::new(File::from(fd)))
}

pub(crate) struct OpenSink<'a> {
    writer: Box<dyn Write + Send + 'a>,
    place: Place,
    /// What was written is wrong: nothing may go on from it.
    discarded: bool,
}

/// What a sink is besides something to write to.
enum Place {
    Stream,
    /// A file that gets its name when it is complete.
    Part(Part),
    /// A file of the caller's that a download goes on in.
    File(Content),
}

impl OpenSink<'_> {
    /// How many bytes it took; fewer than all where it has no room just now.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let mut taken = 0;
        while taken < bytes.len() {
            match self.writer.write(&bytes[taken..]) {
                Ok(0) => return Err(self.failed("write", io::ErrorKind::WriteZero.into())),
                Ok(count) => taken += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(self.failed("write", error)),
            }
        }
        Ok(taken)
    }

    /// What stands in it before the download.
    pub(crate) fn look(&self) -> Result<(u64, Recorded)> {
        if self.discarded {
            return Ok((0, Recorded::Nothing));
        }
        let look = || -> io::Result<(u64, Recorded)> {
            match &self.place {
                Place::Stream => Ok((0, Recorded::Nothing)),
                Place::File(content) => Ok((content.length()?, Recorded::Vouched)),
                Place::Part(part) => Ok((
                    part.content().length()?,
                    part.read_record()?
                        .map_or(Recorded::Nothing, Recorded::Record),
                )),
            }
        };
        look().map_err(|error| self.failed("read", error))
    }

    /// The bytes from `from` up to `to`.
    pub(crate) fn read(&self, from: u64, to: u64) -> Result<Vec<u8>> {
        let bytes = self.content().and_then(|content| content.read(from, to));
        bytes.map_err(|error| self.failed("read", error))
    }

    /// The digest of the bytes before `to`; `None` once `is_over`.
    pub(crate) fn digest(&self, to: u64, is_over: impl Fn() -> bool) -> Result<Option<Sha256>> {
        let digest = self
            .content()
            .and_then(|content| content.digest(to, is_over));
        digest.map_err(|error| self.failed("read", error))
    }

    /// What is written next is the file from its start, of which this is the record.
    pub(crate) fn begin(&mut self, record: Option<&[u8]>) -> Result<()> {
        self.discarded = false;
        let begun = match &mut self.place {
            Place::Stream => Ok(()),
            Place::File(content) => content.cut(0),
            Place::Part(part) => part.begin(record),
        };
        begun.map_err(|error| self.failed("write", error))
    }

    /// What is written next belongs at this byte, and what stands there and behind goes.
    pub(crate) fn go_on(&mut self, at: u64) -> Result<()> {
        let cut = match &mut self.place {
            Place::Stream => Ok(()),
            Place::File(content) => content.cut(at),
            Place::Part(part) => part.content_mut().cut(at),
        };
        cut.map_err(|error| self.failed("write", error))
    }

    /// What was written is wrong: it does not stay for a resume.
    pub(crate) fn discard(&mut self) {
        self.discarded = true;
        if let Place::Part(part) = &mut self.place {
            part.discard();
        }
    }

    /// What a failure leaves for a resume, in words.
    pub(crate) fn remains(&self) -> Option<String> {
        match &self.place {
            Place::Part(part) => part.remains(),
            Place::Stream | Place::File(_) => None,
        }
    }

    /// The file is complete: syncs it and its folder, and gives it its name.
    pub(crate) fn commit(mut self) -> Result<()> {
        let flushed = self.writer.flush();
        let committed = match (flushed, &mut self.place) {
            (Err(error), _) => Err(self.failed("write", error)),
            (Ok(()), Place::Part(part)) => part.commit(),
            (Ok(()), Place::Stream | Place::File(_)) => Ok(()),
        };
        committed.map_err(|error| match self.remains() {
            Some(what) => error.with_left_behind(what),
            None => error,
        })
    }

    fn content(&self) -> io::Result<&Content> {
        match &self.place {
            Place::Stream => Err(io::ErrorKind::Unsupported.into()),
            Place::File(content) => Ok(content),
            Place::Part(part) => Ok(part.content()),
        }
    }

    fn failed(&self, action: &str, error: io::Error) -> Error {
        match &self.place {
            Place::Part(part) => part.failed(action, error),
            _ => Error::callback(&format!("the download cannot be {}", past(action)), error),
        }
    }
}

/// `write` and `read`, as done to something.
fn past(action: &str) -> &'static str {
    if action == "read" { "read" } else { "written" }
}
