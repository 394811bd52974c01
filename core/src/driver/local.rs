//! The local end of a transfer: files and the caller's own readers and writers.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

pub(crate) use super::sink::OpenSink;
pub use super::sink::Sink;
pub use super::source::Source;
pub(crate) use super::source::{Filled, OpenSource};

/// A local file for a transfer that an event loop follows.
#[derive(Debug)]
pub enum LocalFile {
    /// A file by its name.
    Path(PathBuf),
    /// An open file, pipe or socket.
    Fd(OwnedFd),
}

impl From<&Path> for LocalFile {
    fn from(path: &Path) -> LocalFile {
        LocalFile::Path(path.to_owned())
    }
}

impl From<PathBuf> for LocalFile {
    fn from(path: PathBuf) -> LocalFile {
        LocalFile::Path(path)
    }
}

impl From<OwnedFd> for LocalFile {
    fn from(fd: OwnedFd) -> LocalFile {
        LocalFile::Fd(fd)
    }
}

impl From<LocalFile> for Source<'_> {
    fn from(file: LocalFile) -> Self {
        match file {
            LocalFile::Path(path) => Source::path(path),
            LocalFile::Fd(fd) => Source::fd(fd),
        }
    }
}

impl From<LocalFile> for Sink<'_> {
    fn from(file: LocalFile) -> Self {
        match file {
            LocalFile::Path(path) => Sink::path(path),
            LocalFile::Fd(fd) => Sink::fd(fd),
        }
    }
}
