//! The FTP connection of a module: its verbs, and files up and down.

use std::sync::Arc;

use crate::config::{GetOptions, PutOptions, Transfer};
use crate::driver::events::in_callback;
use crate::driver::local::{Sink, Source};
use crate::error::Result;
use crate::listing::{self, Entry};
use crate::modem::{Handle, start_lines};
use crate::operation::{Local, Operation};
use crate::protocol::argument;
use crate::protocol::command::{self, Command};
use crate::session::{Job, Outcome, Task};

/// The open FTP connection of a [`Modem`](crate::Modem).
///
/// If the connection is lost, the call that notices says so, and the next one opens it anew with all that it had:
/// context, mode, login, FTPINFO and directory. Names are octets, passed on as they are, at most 255 of them.
pub struct Ftp {
    handle: Arc<Handle>,
}

impl Ftp {
    pub(crate) fn new(handle: Arc<Handle>) -> Ftp {
        Ftp { handle }
    }

    /// Uploads `source` as `name`: FTPSTOR or FTPPUT (manual 1.2.15, 1.2.20).
    ///
    /// Success means that every check that was asked for and possible agrees; [`Transfer::verified`] says which.
    /// Blocks until then. An upload that this side gives up (cancel, time limit, local failure) deletes the short file
    /// that it made, as long as the server can be reached; one that the module or the server refuses does not, as
    /// nobody can tell whose file it is.
    ///
    /// # Errors
    /// Any kind; [`Error::transferred`](crate::Error::transferred) and
    /// [`Error::left_behind`](crate::Error::left_behind) tell what was moved and what may have stayed.
    pub fn put<'a>(
        &self,
        source: impl Into<Source<'a>>,
        name: impl AsRef<[u8]>,
        options: PutOptions<'a>,
    ) -> Result<Transfer> {
        self.start_put(source, name, options)?.wait()
    }

    /// Starts [`put`](Self::put).
    pub fn start_put<'a>(
        &self,
        source: impl Into<Source<'a>>,
        name: impl AsRef<[u8]>,
        options: PutOptions<'a>,
    ) -> Result<Operation<'a, Transfer>> {
        Command::transfer("FTPSTOR", name.as_ref(), options.file_type, options.offset)?;
        let source = source.into().open()?;
        let job = self.job(name.as_ref(), &options);
        let limit = options.deadline.or(self.handle.deadline);
        Ok(Operation::start(
            self.handle.clone(),
            Task::Put(job),
            limit,
            Local::Source(source),
            options.progress,
            |outcome, _| transfer_of(outcome),
        ))
    }

    /// Downloads `name` into `sink`: FTPRETR, or FTPGET and FTPRECV (manual 1.2.16, 1.2.18, 1.2.19).
    ///
    /// A path appears only when the file is complete and checked; until then the bytes stand beside it, in a file
    /// whose name ends in `.nlftp-part`, which a failure removes.
    ///
    /// # Errors
    /// As for [`put`](Self::put).
    pub fn get<'a>(
        &self,
        name: impl AsRef<[u8]>,
        sink: impl Into<Sink<'a>>,
        options: GetOptions<'a>,
    ) -> Result<Transfer> {
        self.start_get(name, sink, options)?.wait()
    }

    /// Starts [`get`](Self::get).
    pub fn start_get<'a>(
        &self,
        name: impl AsRef<[u8]>,
        sink: impl Into<Sink<'a>>,
        options: GetOptions<'a>,
    ) -> Result<Operation<'a, Transfer>> {
        Command::transfer("FTPRETR", name.as_ref(), options.file_type, options.offset)?;
        let sink = sink.into().open()?;
        let job = self.job(name.as_ref(), &options);
        let limit = options.deadline.or(self.handle.deadline);
        Ok(Operation::start(
            self.handle.clone(),
            Task::Get(job),
            limit,
            Local::Sink(Some(sink)),
            options.progress,
            |outcome, local| {
                let transfer = transfer_of(outcome)?;
                if let Local::Sink(Some(sink)) = local {
                    in_callback(|| sink.commit())?;
                }
                Ok(transfer)
            },
        ))
    }

    fn job(&self, name: &[u8], options: &GetOptions<'_>) -> Job {
        Job {
            name: name.to_vec(),
            via: options.via,
            file_type: options.file_type,
            offset: options.offset,
            verify: options.verify,
            held_back: self.handle.held_back,
        }
    }

    /// Lists a directory or a file, the working directory without a path (FTPLIST, manual 1.2.11).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses; some servers list nothing
    /// for a name that does not exist.
    pub fn list(&self, path: Option<&[u8]>) -> Result<Vec<Entry>> {
        self.start_list(path)?.wait()
    }

    /// Starts [`list`](Self::list).
    pub fn start_list(&self, path: Option<&[u8]>) -> Result<Operation<'static, Vec<Entry>>> {
        Command::of_path("FTPLIST", path)?;
        let task = Task::List(path.map(<[u8]>::to_vec));
        let handle = self.handle.clone();
        let deadline = handle.deadline;
        Ok(Operation::start(
            handle,
            task,
            deadline,
            Local::Text(Vec::new()),
            None,
            |_, local| {
                let Local::Text(text) = local else {
                    return Ok(Vec::new());
                };
                Ok(text
                    .split(|&byte| byte == b'\n')
                    .filter_map(listing::parse)
                    .collect())
            },
        ))
    }

    /// Deletes a file (FTPDEL, manual 1.2.9).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses.
    pub fn delete(&self, name: impl AsRef<[u8]>) -> Result<()> {
        self.start_delete(name)?.wait()
    }

    /// Starts [`delete`](Self::delete).
    pub fn start_delete(&self, name: impl AsRef<[u8]>) -> Result<Operation<'static, ()>> {
        let command = Command::named("FTPDEL", "file name", name.as_ref())?;
        Ok(self.verb(command, "deletion", name.as_ref()))
    }

    /// Renames a file (FTPREN, manual 1.2.10).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses.
    pub fn rename(&self, from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) -> Result<()> {
        let command = Command::rename(from.as_ref(), to.as_ref())?;
        self.verb(command, "renaming", from.as_ref()).wait()
    }

    /// Changes the working directory (FTPCWD, manual 1.2.4).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses.
    pub fn cwd(&self, directory: impl AsRef<[u8]>) -> Result<()> {
        self.directory("FTPCWD", "directory", directory.as_ref())
    }

    /// Changes to the parent directory (FTPCDUP, manual 1.2.8).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses.
    pub fn cdup(&self) -> Result<()> {
        self.verb(Command::execute("FTPCDUP"), "parent directory", b"")
            .wait()
    }

    /// Makes a directory (FTPMKD, manual 1.2.5).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses.
    pub fn mkd(&self, directory: impl AsRef<[u8]>) -> Result<()> {
        self.directory("FTPMKD", "new directory", directory.as_ref())
    }

    /// Removes a directory (FTPRMD, manual 1.2.6).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses.
    pub fn rmd(&self, directory: impl AsRef<[u8]>) -> Result<()> {
        self.directory("FTPRMD", "removal of the directory", directory.as_ref())
    }

    /// Does nothing but keep the connection alive (FTPNOOP, manual 1.2.14).
    ///
    /// # Errors
    /// [`ErrorKind::NotConnected`](crate::ErrorKind::NotConnected) where the connection is gone.
    pub fn noop(&self) -> Result<()> {
        self.verb(Command::execute("FTPNOOP"), "NOOP", b"").wait()
    }

    fn directory(&self, name: &'static str, what: &'static str, directory: &[u8]) -> Result<()> {
        let command = Command::named(name, "directory name", directory)?;
        self.verb(command, what, directory).wait()
    }

    fn verb(&self, command: Command, what: &'static str, name: &[u8]) -> Operation<'static, ()> {
        start_lines(
            &self.handle,
            Task::Verb {
                command,
                what,
                name: name.to_vec(),
            },
            |_| Ok(()),
        )
    }

    /// Sets the callback for the lines of the control connection that the module reports, and switches FTPINFO on
    /// (manual 1.2.3). Passwords in them are masked. It runs where URC callbacks run.
    ///
    /// # Errors
    /// [`ErrorKind::Command`](crate::ErrorKind::Command) where the module refuses.
    pub fn on_info(&self, callback: impl FnMut(&str) + Send + 'static) -> Result<()> {
        self.handle.events.set_info(Some(Box::new(callback)));
        start_lines(&self.handle, Task::Info(true), |_| Ok(())).wait()
    }

    /// Takes the callback away and switches FTPINFO off.
    ///
    /// # Errors
    /// As for [`on_info`](Self::on_info).
    pub fn remove_info(&self) -> Result<()> {
        self.handle.events.set_info(None);
        start_lines(&self.handle, Task::Info(false), |_| Ok(())).wait()
    }

    /// Closes the connection (FTPCLOSE, manual 1.2.2). Dropping an `Ftp` leaves it open until the modem is closed.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the module does not close it.
    pub fn close(self) -> Result<()> {
        start_lines(&self.handle, Task::Logout, |_| Ok(())).wait()
    }
}

fn transfer_of(outcome: Outcome) -> Result<Transfer> {
    match outcome {
        Outcome::Transfer(transfer) => Ok(transfer),
        Outcome::Lines(_) => Err(crate::Error::new(
            crate::ErrorKind::Transfer,
            "the transfer has no result",
        )),
    }
}

/// The limits of names and offsets, for those who check before they call.
pub mod limits {
    use super::{argument, command};

    /// The longest file or directory name, user name, password or account, in octets.
    pub const NAME: usize = argument::MAX_NAME;
    /// The longest host name, in octets.
    pub const HOST: usize = argument::MAX_HOST;
    /// The last offset of an upload.
    pub const STORE_OFFSET: u64 = command::MAX_STORE_OFFSET;
    /// The last offset of a download.
    pub const RETRIEVE_OFFSET: u64 = command::MAX_RETRIEVE_OFFSET;
}
