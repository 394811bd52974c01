//! Names that a client sends, and the files that they stand for. Nothing outside the root is
//! reached: `..` ends at the root, and a symbolic link that leads out counts as missing.
//!
//! Names are bytes, as on Linux itself.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// An absolute path as the client sees it, without `.`, `..` and empty parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RemotePath {
    parts: Vec<Vec<u8>>,
}

impl RemotePath {
    /// What `argument` stands for when given in this folder. `None` when it holds a NUL, which no
    /// file name can.
    pub(super) fn join(&self, argument: &[u8]) -> Option<RemotePath> {
        if argument.contains(&0) {
            return None;
        }
        let mut parts = if argument.starts_with(b"/") {
            Vec::new()
        } else {
            self.parts.clone()
        };
        for part in argument.split(|&byte| byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." => {
                    parts.pop();
                }
                name => parts.push(name.to_vec()),
            }
        }
        Some(RemotePath { parts })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        if self.parts.is_empty() {
            return b"/".to_vec();
        }
        let mut bytes = Vec::new();
        for part in &self.parts {
            bytes.push(b'/');
            bytes.extend_from_slice(part);
        }
        bytes
    }

    /// The path between quotes that are doubled inside, as replies 257 want it.
    pub(super) fn quoted(&self) -> Vec<u8> {
        let mut quoted = vec![b'"'];
        for byte in self.to_bytes() {
            if byte == b'"' {
                quoted.push(b'"');
            }
            quoted.push(byte);
        }
        quoted.push(b'"');
        quoted
    }
}

/// The folder that clients see as `/`.
pub(super) struct Root {
    /// Without symbolic links, so that prefixes can be compared.
    folder: PathBuf,
}

impl Root {
    pub(super) fn new(folder: &Path) -> io::Result<Root> {
        Ok(Root {
            folder: folder.canonicalize()?,
        })
    }

    /// The file or folder that is there, links followed.
    pub(super) fn existing(&self, path: &RemotePath) -> io::Result<PathBuf> {
        let mut real = self.folder.clone();
        real.extend(path.parts.iter().map(|part| OsStr::from_bytes(part)));
        self.inside(&real)
    }

    /// Where links on the way lead, as long as it is inside.
    pub(super) fn inside(&self, real: &Path) -> io::Result<PathBuf> {
        let real = real.canonicalize()?;
        match real.starts_with(&self.folder) {
            true => Ok(real),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// The place of a name in its folder, whether anything is there or not. A link in this place
    /// is not followed: it is the link itself that is removed or renamed.
    pub(super) fn entry(&self, path: &RemotePath) -> io::Result<PathBuf> {
        let (name, parents) = path
            .parts
            .split_last()
            .ok_or(io::ErrorKind::PermissionDenied)?;
        let folder = self.existing(&RemotePath {
            parts: parents.to_vec(),
        })?;
        if !folder.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(folder.join(OsStr::from_bytes(name)))
    }

    /// Where to write a file: a place that is free, or the file that is there already.
    pub(super) fn target(&self, path: &RemotePath) -> io::Result<PathBuf> {
        let place = self.entry(path)?;
        // A link that leads nowhere is refused too: writing would create what it names.
        match place.symlink_metadata() {
            Ok(_) => self.existing(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(place),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(start: &str, argument: &[u8]) -> Vec<u8> {
        let start = RemotePath::default()
            .join(start.as_bytes())
            .expect("a path");
        start.join(argument).expect("a path").to_bytes()
    }

    #[test]
    fn parts_are_joined() {
        assert_eq!(joined("/a/b", b"c"), b"/a/b/c");
        assert_eq!(joined("/a/b", b"/c//d/."), b"/c/d");
        assert_eq!(joined("/a/b", b".."), b"/a");
        assert_eq!(joined("/a/b", b"\xe9 \""), b"/a/b/\xe9 \"");
        assert_eq!(RemotePath::default().join(b"a\0b"), None);
    }

    #[test]
    fn dots_end_at_the_root() {
        assert_eq!(joined("/a", b"../../../../etc/passwd"), b"/etc/passwd");
        assert_eq!(joined("/", b".."), b"/");
        assert_eq!(joined("/a", b"..././..."), b"/a/.../...");
    }

    #[test]
    fn quotes_are_doubled() {
        let path = RemotePath::default().join(b"a\"b").expect("a path");
        assert_eq!(path.quoted(), b"\"/a\"\"b\"");
    }

    #[test]
    fn links_that_lead_out_are_missing() {
        let outside = tempfile::tempdir().expect("a folder");
        std::fs::write(outside.path().join("secret"), "s").expect("a file");
        let inside = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(inside.path().join("real")).expect("a folder");
        let link = |to: &Path, name: &str| {
            std::os::unix::fs::symlink(to, inside.path().join(name)).expect("a link");
        };
        link(outside.path(), "out");
        link(&outside.path().join("new"), "dangling");
        link(Path::new("real"), "in");
        let root = Root::new(inside.path()).expect("a root");
        let at = |text: &[u8]| RemotePath::default().join(text).expect("a path");
        assert!(root.existing(&at(b"out/secret")).is_err());
        assert!(root.entry(&at(b"out/new")).is_err());
        assert!(root.target(&at(b"dangling")).is_err());
        assert!(root.existing(&at(b"in")).is_ok());
        assert!(root.target(&at(b"in/new")).is_ok());
        assert!(root.entry(&at(b"/")).is_err());
    }
}
