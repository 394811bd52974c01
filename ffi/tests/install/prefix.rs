//! Runs scripts/install, and looks at what it did.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use super::support::{repository, text};

/// A prefix that there is not: what is installed for it lies elsewhere.
pub const NOWHERE: &str = "/opt/nlftp-is-not-here";

/// Where cargo built this test.
pub fn build_folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// scripts/install of a tree, building where cargo built this test.
pub fn script_of(tree: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(tree.join("scripts/install"));
    command
        .args(arguments)
        .env("CARGO_TARGET_DIR", build_folder());
    // What the developer has set for other purposes.
    for variable in ["PREFIX", "DESTDIR", "CARGO_BUILD_TARGET", "STRIP"] {
        command.env_remove(variable);
    }
    command
}

/// scripts/install of this repository.
pub fn script(arguments: &[&str]) -> Command {
    script_of(&repository(), arguments)
}

/// Runs a command that succeeds, and gives its standard output.
pub fn succeeds(command: &mut Command) -> String {
    let output = run(command);
    assert!(output.status.success(), "{command:?}: {}", text(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that fails with this status, and gives its standard error.
pub fn fails(status: i32, command: &mut Command) -> String {
    let output = run(command);
    assert_eq!(
        output.status.code(),
        Some(status),
        "{command:?}: {}",
        text(&output)
    );
    String::from_utf8(output.stderr).unwrap()
}

fn run(command: &mut Command) -> Output {
    // Cargo's, for programs that are linked with what it built: here it could hide that something is not found.
    command.env_remove("LD_LIBRARY_PATH");
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// A prefix with the library in it.
pub struct Prefix {
    _folder: TempDir,
    pub root: PathBuf,
}

impl Prefix {
    /// Installed for another place, staged by DESTDIR, and moved.
    pub fn new(arguments: &[&str]) -> Prefix {
        Prefix::of(script(arguments))
    }

    /// As `new`, by a command that has its other arguments.
    pub fn of(mut script: Command) -> Prefix {
        let folder = tempfile::tempdir().unwrap();
        let stage = folder.path().join("a stage");
        succeeds(script.args(["--prefix", NOWHERE, "--destdir"]).arg(&stage));
        let root = folder.path().join("moved");
        fs::rename(stage.join(&NOWHERE[1..]), &root).unwrap();
        fs::remove_dir_all(stage).unwrap();
        Prefix {
            _folder: folder,
            root,
        }
    }

    pub fn lib(&self) -> PathBuf {
        self.root.join("lib")
    }

    /// What a compiler needs to find the headers.
    pub fn include_flags(&self) -> Vec<String> {
        vec![format!("-I{}", self.root.join("include").display())]
    }

    /// These libraries, and where they are.
    pub fn link_flags(&self, libraries: &[&str]) -> Vec<String> {
        let mut flags = vec![format!("-L{}", self.lib().display())];
        flags.extend(libraries.iter().map(|&library| library.to_owned()));
        flags
    }

    /// The libraries that nlftp.pc names for static linking.
    pub fn private_libraries(&self) -> Vec<String> {
        let file = fs::read_to_string(self.lib().join("pkgconfig/nlftp.pc")).unwrap();
        let line = file
            .lines()
            .find_map(|line| line.strip_prefix("Libs.private:"));
        line.unwrap()
            .split_whitespace()
            .map(str::to_owned)
            .collect()
    }
}

/// Everything below a folder by its path: a link's target, or a file's permissions and contents; folders end in "/".
pub fn tree(folder: &Path) -> BTreeMap<String, (String, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(folder)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            let data = path.symlink_metadata().unwrap();
            let mode = format!("{:o}", data.permissions().mode() & 0o7777);
            if data.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                found.insert(name, (format!("-> {}", target.display()), Vec::new()));
            } else if data.is_dir() {
                found.insert(format!("{name}/"), (mode, Vec::new()));
                todo.push(path);
            } else {
                found.insert(name, (mode, fs::read(&path).unwrap()));
            }
        }
    }
    found
}

/// The names in a tree, without the folders.
pub fn files(folder: &Path) -> Vec<String> {
    tree(folder)
        .into_keys()
        .filter(|name| !name.ends_with('/'))
        .collect()
}
