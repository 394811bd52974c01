//! The server's files: whole paths, what they hold, and when they were changed.

use std::collections::{BTreeMap, BTreeSet};

use crate::blob::Blob;
use crate::content::content;
use crate::scenario::Scenario;

#[derive(Debug, Default)]
pub(crate) struct Files {
    files: BTreeMap<String, File>,
    folders: BTreeSet<String>,
    /// Minutes since the beginning: each change has one of its own.
    minute: u64,
}

#[derive(Debug, Default)]
struct File {
    blob: Blob,
    minute: u64,
}

/// The folder that is always there.
pub(crate) const FOLDER: &str = "/d";

impl Files {
    pub(crate) fn new(scenario: &Scenario) -> Files {
        let mut files = Files::default();
        files.folders.extend(["/".to_owned(), FOLDER.to_owned()]);
        for stored in &scenario.files {
            let blob = content(scenario.seed, &stored.name, stored.size, stored.flavour);
            let path = format!("/{}", stored.name);
            files.files.insert(path, File { blob, minute: 0 });
        }
        files
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Blob> {
        self.files.get(path).map(|file| &file.blob)
    }

    /// The file to be written, made if need be.
    pub(crate) fn open(&mut self, path: &str) -> &mut Blob {
        self.minute += 1;
        let file = self.files.entry(path.to_owned()).or_default();
        file.minute = self.minute;
        &mut file.blob
    }

    /// The same of a file that is open.
    pub(crate) fn opened(&mut self, path: &str) -> Option<&mut Blob> {
        self.files.get_mut(path).map(|file| &mut file.blob)
    }

    pub(crate) fn remove(&mut self, path: &str) -> bool {
        self.files.remove(path).is_some()
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str) -> bool {
        match self.files.remove(from) {
            Some(file) => {
                self.files.insert(to.to_owned(), file);
                true
            }
            None => false,
        }
    }

    /// All names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.files.keys()
    }

    pub(crate) fn is_folder(&self, path: &str) -> bool {
        self.folders.contains(path)
    }

    pub(crate) fn make_folder(&mut self, path: &str) -> bool {
        !self.files.contains_key(path) && self.folders.insert(path.to_owned())
    }

    pub(crate) fn remove_folder(&mut self, path: &str) -> bool {
        let below = format!("{path}/");
        let empty = !self.files.keys().any(|name| name.starts_with(&below));
        path != "/" && path != FOLDER && empty && self.folders.remove(path)
    }

    /// Lines as of `ls -l`; `None` where there is nothing of that name.
    pub(crate) fn list(&self, path: &str) -> Option<String> {
        let line = |name: &str, file: &File| {
            let (size, minute) = (file.blob.len(), 915 + file.minute);
            format!(
                "-rw-r--r-- 1 ftp ftp {size:>8} Oct 26 {:02}:{:02} {name}\r\n",
                minute / 60 % 24,
                minute % 60
            )
        };
        if let Some(file) = self.files.get(path) {
            return Some(line(base(path), file));
        }
        if !self.is_folder(path) {
            return None;
        }
        let inside = |name: &str| parent(name) == path && name != "/";
        let folders = self.folders.iter().filter(|name| inside(name)).map(|name| {
            format!(
                "drwxr-xr-x 2 ftp ftp     4096 Oct 26 15:15 {}\r\n",
                base(name)
            )
        });
        let files = self
            .files
            .iter()
            .filter(|(name, _)| inside(name))
            .map(|(name, file)| line(base(name), file));
        Some(folders.chain(files).collect())
    }
}

/// A name as it is meant in a folder.
pub(crate) fn resolve(folder: &str, name: &str) -> String {
    let joined = if name.starts_with('/') {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    };
    let mut path: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    format!("/{}", path.join("/"))
}

pub(crate) fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn parent(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(slash) => &path[..slash],
    }
}
