//! The server's files: whole paths, and what they hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::content::content;
use crate::scenario::Scenario;

#[derive(Debug, Default)]
pub(crate) struct Files {
    files: BTreeMap<String, Vec<u8>>,
    folders: BTreeSet<String>,
}

/// The folder that is always there.
pub(crate) const FOLDER: &str = "/d";

impl Files {
    pub(crate) fn new(scenario: &Scenario) -> Files {
        let mut files = Files::default();
        files.folders.extend(["/".to_owned(), FOLDER.to_owned()]);
        for stored in &scenario.files {
            let bytes = content(scenario.seed, &stored.name, stored.size, stored.flavour);
            files.files.insert(format!("/{}", stored.name), bytes);
        }
        files
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Vec<u8>> {
        self.files.get(path)
    }

    pub(crate) fn put(&mut self, path: &str, bytes: Vec<u8>) {
        self.files.insert(path.to_owned(), bytes);
    }

    /// The file to be written, made if need be.
    pub(crate) fn open(&mut self, path: &str) -> &mut Vec<u8> {
        self.files.entry(path.to_owned()).or_default()
    }

    pub(crate) fn remove(&mut self, path: &str) -> bool {
        self.files.remove(path).is_some()
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str) -> bool {
        match self.files.remove(from) {
            Some(bytes) => {
                self.put(to, bytes);
                true
            }
            None => false,
        }
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
        let line = |name: &str, bytes: &Vec<u8>| {
            format!(
                "-rw-r--r-- 1 ftp ftp {:>8} Oct 26 15:15 {name}\r\n",
                bytes.len()
            )
        };
        if let Some(bytes) = self.files.get(path) {
            return Some(line(base(path), bytes));
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
            .map(|(name, bytes)| line(base(name), bytes));
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
