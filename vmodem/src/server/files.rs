//! Commands about files and folders that need no data connection.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::list::{self, Form};
use super::path::RemotePath;
use super::session::{Flow, Session};

/// The sentence for a failed operation; the client knows the name itself.
pub(super) fn reason(error: &io::Error) -> String {
    use io::ErrorKind::*;
    let text = match error.kind() {
        NotFound => "No such file or directory.",
        PermissionDenied => "Permission denied.",
        AlreadyExists => "It exists already.",
        DirectoryNotEmpty => "The directory is not empty.",
        NotADirectory => "Not a directory.",
        IsADirectory => "Is a directory.",
        InvalidInput => "Bad name.",
        InvalidFilename => "Name too long.",
        ReadOnlyFilesystem => "Read-only.",
        StorageFull | QuotaExceeded => "No space left.",
        _ => return format!("{error}."),
    };
    String::from(text)
}

impl Session {
    /// The path that an argument stands for.
    pub(super) fn remote(&self, argument: &[u8]) -> io::Result<RemotePath> {
        self.state
            .folder
            .join(argument)
            .ok_or(io::ErrorKind::InvalidInput.into())
    }

    /// As [`Session::remote`], for commands that make no sense without a name.
    pub(super) fn named(&self, argument: &[u8]) -> io::Result<RemotePath> {
        if argument.is_empty() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.remote(argument)
    }

    pub(super) fn writable(&self) -> io::Result<()> {
        match self.shared.options.read_only {
            true => Err(io::ErrorKind::ReadOnlyFilesystem.into()),
            false => Ok(()),
        }
    }

    /// The place of a name, for commands that change something.
    fn changeable(&self, argument: &[u8]) -> io::Result<PathBuf> {
        self.writable()?;
        self.shared.root.entry(&self.named(argument)?)
    }

    /// Replies with `code` and what `done` says, or with 550 and why not.
    fn answer<T: AsRef<[u8]>>(&mut self, code: u16, done: io::Result<T>) -> io::Result<Flow> {
        match done {
            Ok(text) => self.say(code, text),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                self.say(501, reason(&error))
            }
            Err(error) => self.say(550, reason(&error)),
        }
    }

    pub(super) fn cwd(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let entered = self.named(argument).and_then(|path| {
            // Reading it shows whether the folder may be entered, too.
            self.shared.root.existing(&path)?.read_dir()?;
            Ok(path)
        });
        let done = entered.map(|path| {
            self.state.folder = path;
            "Directory changed."
        });
        self.answer(250, done)
    }

    pub(super) fn pwd(&mut self) -> io::Result<Flow> {
        let mut text = match self.shared.options.raw_quotes {
            true => [b"\"", self.state.folder.to_bytes().as_slice(), b"\""].concat(),
            false => self.state.folder.quoted(),
        };
        text.extend_from_slice(b" is the current directory.");
        self.say(257, text)
    }

    pub(super) fn mkd(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let made = self.changeable(argument).and_then(fs::create_dir);
        let done = made.and_then(|()| {
            let mut text = self.named(argument)?.quoted();
            text.extend_from_slice(b" created.");
            Ok(text)
        });
        self.answer(257, done)
    }

    pub(super) fn rmd(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let done = self.changeable(argument).and_then(fs::remove_dir);
        self.answer(250, done.map(|()| "Directory removed."))
    }

    pub(super) fn dele(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let done = self.changeable(argument).and_then(|place| {
            if place.symlink_metadata()?.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            fs::remove_file(place)
        });
        self.answer(250, done.map(|()| "File deleted."))
    }

    pub(super) fn rnfr(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let found = self.changeable(argument).and_then(|place| {
            place.symlink_metadata()?;
            Ok(place)
        });
        let done = found.map(|place| {
            self.state.rename_from = Some(place);
            "Now give the new name by RNTO."
        });
        self.answer(350, done)
    }

    pub(super) fn rnto(&mut self, from: Option<PathBuf>, argument: &[u8]) -> io::Result<Flow> {
        let Some(from) = from else {
            return self.say(503, "RNFR has to come first.");
        };
        let done = self
            .changeable(argument)
            .and_then(|to| fs::rename(from, to));
        self.answer(250, done.map(|()| "Renamed."))
    }

    /// Metadata of a plain file.
    fn plain(&self, argument: &[u8]) -> io::Result<fs::Metadata> {
        let metadata = self
            .shared
            .root
            .existing(&self.named(argument)?)?
            .metadata()?;
        match metadata.is_file() {
            true => Ok(metadata),
            false => Err(io::Error::other("Not a plain file")),
        }
    }

    pub(super) fn size(&mut self, argument: &[u8]) -> io::Result<Flow> {
        if !self.state.binary {
            // The size that ASCII would transfer is known only after reading the whole file.
            return self.say(550, "SIZE needs TYPE I.");
        }
        let done = self
            .plain(argument)
            .map(|metadata| metadata.len().to_string());
        self.answer(213, done)
    }

    pub(super) fn mdtm(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let done = self
            .plain(argument)
            .map(|metadata| list::stamp(metadata.mtime()));
        self.answer(213, done)
    }

    /// The lines of LIST and STAT: entries of a folder, or the one line of a file.
    pub(super) fn ls(&self, argument: &[u8]) -> io::Result<Vec<Vec<u8>>> {
        let argument = without_flags(argument);
        let real = self.shared.root.existing(&self.remote(argument)?)?;
        if real.is_dir() {
            self.folder_lines(&real, b"", Form::Ls)
        } else {
            Ok(vec![list::ls_line(
                argument,
                &real,
                &real.metadata()?,
                list::now(),
            )])
        }
    }

    pub(super) fn folder_lines(
        &self,
        real: &Path,
        prefix: &[u8],
        form: Form,
    ) -> io::Result<Vec<Vec<u8>>> {
        let read_only = self.shared.options.read_only;
        list::folder_lines(&self.shared.root, real, prefix, form, read_only)
    }

    pub(super) fn stat(&mut self, argument: &[u8]) -> io::Result<Flow> {
        if argument.is_empty() {
            return self.status();
        }
        match self.ls(argument) {
            Ok(mut lines) => {
                let remote = self.remote(without_flags(argument))?;
                let folder = self
                    .shared
                    .root
                    .existing(&remote)
                    .is_ok_and(|real| real.is_dir());
                lines.insert(0, [b"Status of ", argument, b":"].concat());
                // RFC 959: 212 is about directories, 213 about files.
                let usual = if folder { 212 } else { 213 };
                let code = self.shared.options.stat_reply.unwrap_or(usual);
                self.control.reply_lines(code, &lines, "End of status.")?;
                Ok(Flow::Continue)
            }
            // 550 is not among the replies that RFC 959 has for STAT.
            Err(error) => self.say(450, reason(&error)),
        }
    }

    fn status(&mut self) -> io::Result<Flow> {
        let kind = if self.state.binary { "binary" } else { "ASCII" };
        let mut folder = b" In directory ".to_vec();
        folder.extend(self.state.folder.to_bytes());
        let lines = [
            b"Status:".to_vec(),
            format!(" Connected to {}", self.peer).into_bytes(),
            format!(" Logged in as {}", self.shared.options.user).into_bytes(),
            format!(" TYPE: {kind}, STRU: file, MODE: stream").into_bytes(),
            folder,
        ];
        let code = self.shared.options.stat_reply.unwrap_or(211);
        self.control.reply_lines(code, &lines, "End of status.")?;
        Ok(Flow::Continue)
    }

    pub(super) fn mlst(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let described = self.remote(argument).and_then(|remote| {
            let metadata = self.shared.root.existing(&remote)?.metadata()?;
            let facts = self
                .state
                .facts
                .describe(&metadata, self.shared.options.read_only);
            let mut line = format!(" {facts}").into_bytes();
            line.extend(remote.to_bytes());
            Ok(line)
        });
        match described {
            Ok(line) => {
                self.control
                    .reply_lines(250, &[b"Listing:".to_vec(), line], "End.")?;
                Ok(Flow::Continue)
            }
            Err(error) => self.answer::<&str>(250, Err(error)),
        }
    }
}

/// `LIST -la name` as old clients send it: the flags say how `ls` should print, which is fixed
/// here.
pub(super) fn without_flags(argument: &[u8]) -> &[u8] {
    let mut rest = argument;
    while rest.first() == Some(&b'-') {
        let end = rest
            .iter()
            .position(|&byte| byte == b' ')
            .unwrap_or(rest.len());
        rest = rest[end..].trim_ascii_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_passed_over() {
        assert_eq!(without_flags(b"-a"), b"");
        assert_eq!(without_flags(b"-l -a a b"), b"a b");
        assert_eq!(without_flags(b" a"), b" a");
        assert_eq!(without_flags(b"a -l"), b"a -l");
    }
}
