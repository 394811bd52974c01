//! The local end of a transfer: files and the caller's own readers and writers.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};

/// What an upload is read from.
pub struct Source<'a>(SourceKind<'a>);

enum SourceKind<'a> {
    Path(PathBuf),
    Reader {
        reader: Box<dyn Read + 'a>,
        size: Option<u64>,
    },
}

impl<'a> Source<'a> {
    /// A file, opened before anything is sent.
    pub fn path(path: impl Into<PathBuf>) -> Source<'a> {
        Source(SourceKind::Path(path.into()))
    }

    /// A reader, read from where it stands to its end, on the thread that waits for the transfer.
    pub fn reader(reader: impl Read + 'a) -> Source<'a> {
        Source(SourceKind::Reader {
            reader: Box::new(reader),
            size: None,
        })
    }

    /// A reader whose size is known beforehand, so that progress can tell the total.
    pub fn sized(reader: impl Read + 'a, size: u64) -> Source<'a> {
        Source(SourceKind::Reader {
            reader: Box::new(reader),
            size: Some(size),
        })
    }

    /// Opens it; gives the reader, its size where known, and its name for errors.
    pub(crate) fn open(self) -> Result<OpenSource<'a>> {
        match self.0 {
            SourceKind::Reader { reader, size } => Ok(OpenSource {
                reader,
                size,
                path: None,
            }),
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
                    reader: Box::new(file),
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
        Source::sized(bytes, bytes.len() as u64)
    }
}

pub(crate) struct OpenSource<'a> {
    reader: Box<dyn Read + 'a>,
    pub(crate) size: Option<u64>,
    path: Option<PathBuf>,
}

impl OpenSource<'_> {
    /// Fills `buffer` up to its capacity, less only at the source's end.
    pub(crate) fn fill(&mut self, buffer: &mut Vec<u8>) -> Result<()> {
        let room = buffer.capacity() as u64;
        buffer.clear();
        // `take` and `read_to_end` fill spare capacity without clearing it first, and retry on EINTR.
        match Read::by_ref(&mut self.reader)
            .take(room)
            .read_to_end(buffer)
        {
            Ok(_) => Ok(()),
            Err(error) => Err(match &self.path {
                Some(path) => Error::local("read", path, error),
                None => Error::new(
                    ErrorKind::LocalFile,
                    format!("the source of the upload failed: {error}"),
                )
                .caused_by(error),
            }),
        }
    }
}

/// Where a download is written to.
pub struct Sink<'a>(SinkKind<'a>);

enum SinkKind<'a> {
    Path(PathBuf),
    Writer(Box<dyn Write + 'a>),
}

impl<'a> Sink<'a> {
    /// A file that appears under its name only when it is complete and checked.
    pub fn path(path: impl Into<PathBuf>) -> Sink<'a> {
        Sink(SinkKind::Path(path.into()))
    }

    /// A writer, written to and flushed on the thread that waits for the transfer; what it got before a failure stays.
    pub fn writer(writer: impl Write + 'a) -> Sink<'a> {
        Sink(SinkKind::Writer(Box::new(writer)))
    }

    pub(crate) fn open(self) -> Result<OpenSink<'a>> {
        match self.0 {
            SinkKind::Writer(writer) => Ok(OpenSink { writer, part: None }),
            SinkKind::Path(path) => open_path(path),
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

fn open_path(path: PathBuf) -> Result<OpenSink<'static>> {
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
        // A device or a pipe cannot be replaced by a rename.
        let file = File::options().write(true).open(&path).map_err(cannot)?;
        return Ok(OpenSink {
            writer: Box::new(file),
            part: None,
        });
    }
    // A symbolic link stays one: the file that it points to is replaced.
    let target = if existing.is_some() {
        path.canonicalize().map_err(cannot)?
    } else {
        path.clone()
    };
    let Some(name) = target.file_name() else {
        return Err(cannot(io::Error::from(io::ErrorKind::InvalidInput)));
    };
    let mut part_name = name.to_owned();
    part_name.push(".nlftp-part");
    let part = target.with_file_name(part_name);
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&part)
        .map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Error::new(
                ErrorKind::LocalFile,
                format!(
                    "another transfer is writing {}: wait for it",
                    part.display()
                ),
            ));
        }
        // A file system without locks: the name alone must do.
        Err(TryLockError::Error(_)) => {}
    }
    file.set_len(0).map_err(cannot)?;
    if let Some(metadata) = existing {
        // The file's mode stays as its owner set it, where we may do that.
        let _ = file.set_permissions(metadata.permissions());
    }
    let writer = file.try_clone().map_err(cannot)?;
    Ok(OpenSink {
        writer: Box::new(writer),
        part: Some(Part {
            file,
            part,
            target,
            kept: false,
        }),
    })
}

pub(crate) struct OpenSink<'a> {
    writer: Box<dyn Write + 'a>,
    part: Option<Part>,
}

/// A file beside its target, removed unless it is complete.
struct Part {
    file: File,
    part: PathBuf,
    target: PathBuf,
    kept: bool,
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.part);
        }
    }
}

impl OpenSink<'_> {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let result = self.writer.write_all(bytes);
        result.map_err(|error| self.failed(error))
    }

    /// The file is complete: syncs it and its folder, and gives it its name.
    pub(crate) fn commit(mut self) -> Result<()> {
        self.writer.flush().map_err(|error| self.failed(error))?;
        let Some(part) = &mut self.part else {
            return Ok(());
        };
        let finish = || -> io::Result<()> {
            part.file.sync_all()?;
            fs::rename(&part.part, &part.target)
        };
        finish().map_err(|error| Error::local("write", &part.target, error))?;
        part.kept = true;
        let folder = part
            .target
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        // Not every file system can sync a folder: the file itself is safe by now.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }

    fn failed(&self, error: io::Error) -> Error {
        match &self.part {
            Some(part) => Error::local("write", &part.target, error),
            None => Error::new(
                ErrorKind::LocalFile,
                format!("the download cannot be written: {error}"),
            )
            .caused_by(error),
        }
    }
}
