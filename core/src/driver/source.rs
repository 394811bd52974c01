//! What an upload is read from: files, and the caller's own readers.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cancel::CancelFlag;
use super::descriptor::{Descriptor, size_of_file};
use crate::error::{Error, Result};

/// What an upload is read from.
pub struct Source<'a>(SourceKind<'a>);

enum SourceKind<'a> {
    Path(PathBuf),
    Fd(OwnedFd),
    Reader {
        reader: Reader<'a>,
        size: Option<u64>,
    },
}

/// A reader that can be set to a place, and read from there again.
trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

enum Reader<'a> {
    Plain(Box<dyn Read + 'a>),
    Seekable(Box<dyn ReadSeek + 'a>),
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Reader::Plain(reader) => reader.read(buffer),
            Reader::Seekable(reader) => reader.read(buffer),
        }
    }
}

impl<'a> Source<'a> {
    /// A file, opened before anything is sent.
    pub fn path(path: impl Into<PathBuf>) -> Source<'a> {
        Source(SourceKind::Path(path.into()))
    }

    /// An open descriptor of a file, pipe or socket, blocking or not, read from where it stands to its end. A cancel ends
    /// the wait for a pipe that gives nothing. An upload that resumes takes plain files only; where the descriptor
    /// stands is the beginning of what is uploaded.
    pub fn fd(fd: OwnedFd) -> Source<'a> {
        Source(SourceKind::Fd(fd))
    }

    /// A reader, read from where it stands to its end, on the thread that waits for the transfer. Where it answers
    /// [`io::ErrorKind::WouldBlock`] it is asked again: see [`Operation`](crate::Operation).
    pub fn reader(reader: impl Read + 'a) -> Source<'a> {
        Source(SourceKind::Reader {
            reader: Reader::Plain(Box::new(reader)),
            size: None,
        })
    }

    /// A reader whose size is known beforehand, so that progress can tell the total.
    pub fn sized(reader: impl Read + 'a, size: u64) -> Source<'a> {
        Source(SourceKind::Reader {
            reader: Reader::Plain(Box::new(reader)),
            size: Some(size),
        })
    }

    /// A reader that can seek, which an upload that resumes asks for (beside a path, a plain file's descriptor, and
    /// bytes): its beginning is then the file's.
    pub fn seekable(reader: impl Read + Seek + 'a, size: Option<u64>) -> Source<'a> {
        Source(SourceKind::Reader {
            reader: Reader::Seekable(Box::new(reader)),
            size,
        })
    }

    pub(crate) fn waits_for_descriptor(&self) -> bool {
        matches!(self.0, SourceKind::Fd(_))
    }

    /// Opens it, for an upload that resumes only if it can seek.
    pub(crate) fn open(self, cancel: &Arc<CancelFlag>, resume: bool) -> Result<OpenSource<'a>> {
        let source = self.open_any(cancel)?;
        if resume && !source.can_seek {
            return Err(Error::invalid(
                "an upload can be resumed only from a source that seeks: give it a plain file or a seekable reader, or \
                 upload from the start",
            ));
        }
        Ok(source)
    }

    fn open_any(self, cancel: &Arc<CancelFlag>) -> Result<OpenSource<'a>> {
        match self.0 {
            SourceKind::Reader { reader, size } => Ok(OpenSource {
                can_seek: matches!(reader, Reader::Seekable(_)),
                reader,
                start: 0,
                size,
                path: None,
            }),
            SourceKind::Fd(fd) => {
                let whole = size_of_file(&fd);
                let at = whole.and_then(|_| rustix::fs::tell(&fd).ok()).unwrap_or(0);
                let size = whole.map(|size| size.saturating_sub(at));
                let descriptor = Box::new(Descriptor::new(fd, cancel.clone()));
                Ok(OpenSource {
                    reader: match whole {
                        Some(_) => Reader::Seekable(descriptor),
                        None => Reader::Plain(descriptor),
                    },
                    can_seek: whole.is_some(),
                    start: at,
                    size,
                    path: None,
                })
            }
            SourceKind::Path(path) => {
                let open = || -> io::Result<(File, Option<u64>)> {
                    let file = File::open(&path)?;
                    let metadata = file.metadata()?;
                    if metadata.is_dir() {
                        return Err(io::Error::from(io::ErrorKind::IsADirectory));
                    }
                    Ok((file, metadata.is_file().then_some(metadata.len())))
                };
                let (file, size) = open().map_err(|error| Error::local("read", &path, error))?;
                Ok(OpenSource {
                    reader: Reader::Seekable(Box::new(file)),
                    can_seek: size.is_some(),
                    start: 0,
                    size,
                    path: Some(path),
                })
            }
        }
    }
}

impl From<&Path> for Source<'_> {
    fn from(path: &Path) -> Self {
        Source::path(path)
    }
}

impl From<PathBuf> for Source<'_> {
    fn from(path: PathBuf) -> Self {
        Source::path(path)
    }
}

impl<'a> From<&'a [u8]> for Source<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Source::seekable(Cursor::new(bytes), Some(bytes.len() as u64))
    }
}

pub(crate) struct OpenSource<'a> {
    reader: Reader<'a>,
    can_seek: bool,
    /// Where in the reader the upload's first byte stands.
    start: u64,
    pub(crate) size: Option<u64>,
    path: Option<PathBuf>,
}

/// What filling a buffer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filled {
    /// The buffer holds something, or is the source's empty end.
    Part,
    /// The source has nothing now: it has to be asked again.
    Later,
}

impl OpenSource<'_> {
    /// Fills `buffer` up to its capacity, less only at the source's end or where it has no more just now.
    pub(crate) fn fill(&mut self, buffer: &mut Vec<u8>) -> Result<Filled> {
        let room = buffer.capacity() as u64;
        buffer.clear();
        // `take` and `read_to_end` fill spare capacity without clearing it first, and retry on EINTR.
        match Read::by_ref(&mut self.reader)
            .take(room)
            .read_to_end(buffer)
        {
            Ok(_) => Ok(Filled::Part),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(if buffer.is_empty() {
                Filled::Later
            } else {
                Filled::Part
            }),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// What is read next is the byte `to` of the upload's file, and what follows.
    pub(crate) fn seek(&mut self, to: u64) -> Result<()> {
        let to = SeekFrom::Start(self.start.saturating_add(to));
        let sought = match &mut self.reader {
            Reader::Seekable(reader) => reader.seek(to),
            Reader::Plain(_) => Err(io::ErrorKind::NotSeekable.into()),
        };
        sought.map(|_| ()).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> Error {
        match &self.path {
            Some(path) => Error::local("read", path, error),
            None => Error::callback("the source of the upload failed", error),
        }
    }
}
