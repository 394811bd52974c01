//! What an upload is read from: files, and the caller's own readers.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

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
    Plain(Box<dyn Read + Send + 'a>),
    Seekable(Box<dyn ReadSeek + Send + 'a>),
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
    pub fn reader(reader: impl Read + Send + 'a) -> Source<'a> {
        Source(SourceKind::Reader {
            reader: Reader::Plain(Box::new(reader)),
            size: None,
        })
    }

    /// A reader whose size is known beforehand, so that progress can tell the total.
    pub fn sized(reader: impl Read + Send + 'a, size: u64) -> Source<'a> {
        Source(SourceKind::Reader {
            reader: Reader::Plain(Box::new(reader)),
            size: Some(size),
        })
    }

    /// A reader that can seek, which an upload that resumes asks for (beside a path, a plain file's descriptor, and
    /// bytes): its beginning is then the file's.
    pub fn seekable(reader: impl Read + Seek + Send + 'a, size: Option<u64>) -> Source<'a> {
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
                ended: false,
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
                    ended: false,
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
                    ended: false,
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

/// How long a buffer may be filled once there is something in it: what a slow source has given is sent meanwhile.
const PATIENCE: Duration = Duration::from_millis(20);

/// A reader that ends when its time is up, but not before it has given something.
struct Patient<'r, 'a> {
    reader: &'r mut Reader<'a>,
    until: Instant,
    any: bool,
    /// It was ended by the time.
    cut: bool,
}

impl Read for Patient<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.any && Instant::now() >= self.until {
            self.cut = true;
            return Ok(0);
        }
        let count = self.reader.read(buffer)?;
        self.any |= count > 0;
        Ok(count)
    }
}

pub(crate) struct OpenSource<'a> {
    reader: Reader<'a>,
    can_seek: bool,
    /// Where in the reader the upload's first byte stands.
    start: u64,
    pub(crate) size: Option<u64>,
    path: Option<PathBuf>,
    /// It has said that it is at its end: it is not asked again.
    ended: bool,
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
        if self.ended {
            return Ok(Filled::Part);
        }
        let mut reader = Patient {
            reader: &mut self.reader,
            until: Instant::now() + PATIENCE,
            any: false,
            cut: false,
        };
        // `take` and `read_to_end` fill spare capacity without clearing it first, and retry on EINTR.
        match Read::by_ref(&mut reader).take(room).read_to_end(buffer) {
            Ok(count) => {
                self.ended = !reader.cut && (count as u64) < room;
                Ok(Filled::Part)
            }
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
        self.ended = false;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its answers one after the other, then panics.
    struct Answers(Vec<io::Result<usize>>);

    impl Read for Answers {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            self.0.remove(0)
        }
    }

    impl Seek for Answers {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            self.0.push(Ok(5));
            self.0.push(Ok(0));
            Ok(0)
        }
    }

    #[test]
    fn what_a_slow_source_has_given_is_not_kept_back() {
        let mut reader = Reader::Plain(Box::new(Answers(vec![Ok(7), Ok(5)])));
        let mut late = Patient {
            reader: &mut reader,
            until: Instant::now(),
            any: false,
            cut: false,
        };
        let mut buffer = [0; 10];
        assert_eq!(late.read(&mut buffer).unwrap(), 7);
        assert_eq!(late.read(&mut buffer).unwrap(), 0, "its time is up");
        assert!(late.cut, "and it is not at its end");
        let mut early = Patient {
            reader: &mut reader,
            until: Instant::now() + Duration::from_secs(3600),
            any: true,
            cut: false,
        };
        assert_eq!(early.read(&mut buffer).unwrap(), 5);
        assert!(!early.cut);
    }

    #[test]
    fn a_source_is_not_asked_again_behind_its_end() {
        let later = || Err(io::Error::from(io::ErrorKind::WouldBlock));
        let answers = Answers(vec![Ok(100), Ok(7), later(), later(), Ok(3), Ok(0)]);
        let source = Source::seekable(answers, None);
        let mut source = source.open(&Arc::default(), true).unwrap();
        let mut buffer = Vec::with_capacity(100);
        let mut fill = |source: &mut OpenSource<'_>| {
            let filled = source.fill(&mut buffer).unwrap();
            (filled, buffer.len())
        };
        // What has nothing just now, or as much as there is room for, is no end.
        assert_eq!(fill(&mut source), (Filled::Part, 100));
        assert_eq!(fill(&mut source), (Filled::Part, 7));
        assert_eq!(fill(&mut source), (Filled::Later, 0));
        assert_eq!(fill(&mut source), (Filled::Part, 3));
        for _ in 0..3 {
            assert_eq!(fill(&mut source), (Filled::Part, 0), "the end");
        }
        source.seek(0).unwrap();
        assert_eq!(fill(&mut source), (Filled::Part, 5));
        assert_eq!(fill(&mut source), (Filled::Part, 0));
    }
}
