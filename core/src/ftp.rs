//! The FTP connection of a module: its verbs, and files up and down.

use std::sync::Arc;

use crate::config::{GetOptions, PutOptions, Transfer};
use crate::driver::events::in_callback;
use crate::driver::local::{Sink, Source};
use crate::error::Result;
use crate::listing::{self, Entry};
use crate::modem::{Handle, start_task};
use crate::operation::{Local, Operation};
use crate::protocol::command::Command;
use crate::protocol::{reply, table};
use crate::session::{Job, Outcome, Task};

/// The open FTP connection of a [`Modem`](crate::Modem).
///
/// If the connection is lost, the call that notices says so, and the next one opens it anew with all that it had:
/// context, mode, login, FTPINFO and directory. Names are octets, passed on as they are, at most 255 of them.
pub struct Ftp {
    pub(crate) handle: Arc<Handle>,
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
        self.named("FTPDEL", "deletion", name.as_ref())
    }

    /// Renames a file or directory (FTPREN, manual 1.2.10). `to` is read as the server reads RNTO: from the working
    /// directory, not from the old name's.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses.
    pub fn rename(&self, from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) -> Result<()> {
        self.start_rename(from, to)?.wait()
    }

    /// Starts [`rename`](Self::rename).
    pub fn start_rename(
        &self,
        from: impl AsRef<[u8]>,
        to: impl AsRef<[u8]>,
    ) -> Result<Operation<'static, ()>> {
        let command = Command::rename(from.as_ref(), to.as_ref())?;
        Ok(self.verb(command, "renaming", from.as_ref(), |_| Ok(())))
    }

    /// Changes the working directory (FTPCWD, manual 1.2.4).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses.
    pub fn cwd(&self, directory: impl AsRef<[u8]>) -> Result<()> {
        self.start_cwd(directory)?.wait()
    }

    /// Starts [`cwd`](Self::cwd).
    pub fn start_cwd(&self, directory: impl AsRef<[u8]>) -> Result<Operation<'static, ()>> {
        self.named("FTPCWD", "directory", directory.as_ref())
    }

    /// Changes to the parent directory (FTPCDUP, manual 1.2.8).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses.
    pub fn cdup(&self) -> Result<()> {
        self.start_cdup().wait()
    }

    /// Starts [`cdup`](Self::cdup).
    pub fn start_cdup(&self) -> Operation<'static, ()> {
        let command = Command::execute("FTPCDUP");
        self.verb(command, "parent directory", b"", |_| Ok(()))
    }

    /// The working directory (FTPPWD, manual 1.2.7), as octets that [`cwd`](Self::cwd) takes again.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses.
    pub fn pwd(&self) -> Result<Vec<u8>> {
        self.start_pwd().wait()
    }

    /// Starts [`pwd`](Self::pwd).
    pub fn start_pwd(&self) -> Operation<'static, Vec<u8>> {
        let command = Command::execute("FTPPWD");
        self.verb(command, "working directory", b"", |outcome| {
            reply::directory(&outcome.into_lines())
        })
    }

    /// Makes a directory (FTPMKD, manual 1.2.5).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses.
    pub fn mkd(&self, directory: impl AsRef<[u8]>) -> Result<()> {
        self.start_mkd(directory)?.wait()
    }

    /// Starts [`mkd`](Self::mkd).
    pub fn start_mkd(&self, directory: impl AsRef<[u8]>) -> Result<Operation<'static, ()>> {
        self.named("FTPMKD", "new directory", directory.as_ref())
    }

    /// Removes an empty directory (FTPRMD, manual 1.2.6).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses.
    pub fn rmd(&self, directory: impl AsRef<[u8]>) -> Result<()> {
        self.start_rmd(directory)?.wait()
    }

    /// Starts [`rmd`](Self::rmd).
    pub fn start_rmd(&self, directory: impl AsRef<[u8]>) -> Result<Operation<'static, ()>> {
        self.named("FTPRMD", "removal of the directory", directory.as_ref())
    }

    /// The server's status, or that of a file or directory, line by line as the module passes it on (FTPSTAT, manual
    /// 1.2.12). What stands for a directory looks like a listing that came over the control connection;
    /// [`Entry`] can be made of its lines. At most 64 KiB.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses; some answer an empty text for a name
    /// that does not exist.
    pub fn stat(&self, path: Option<&[u8]>) -> Result<Vec<Vec<u8>>> {
        self.start_stat(path)?.wait()
    }

    /// Starts [`stat`](Self::stat).
    pub fn start_stat(&self, path: Option<&[u8]>) -> Result<Operation<'static, Vec<Vec<u8>>>> {
        let command = Command::of_path("FTPSTAT", path)?;
        let name = path.unwrap_or_default();
        Ok(self.verb(command, "status", name, |outcome| {
            Ok(reply::status(outcome.into_lines()))
        }))
    }

    /// The kind of the server's system, such as `UNIX Type: L8` (FTPSYST, manual 1.2.13).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the server refuses.
    pub fn syst(&self) -> Result<String> {
        self.start_syst().wait()
    }

    /// Starts [`syst`](Self::syst).
    pub fn start_syst(&self) -> Operation<'static, String> {
        let command = Command::execute("FTPSYST");
        self.verb(command, "system type", b"", |outcome| {
            reply::system(&outcome.into_lines())
        })
    }

    /// Does nothing but keep the connection alive (FTPNOOP, manual 1.2.14).
    ///
    /// # Errors
    /// [`ErrorKind::NotConnected`](crate::ErrorKind::NotConnected) where the connection is gone.
    pub fn noop(&self) -> Result<()> {
        self.start_noop().wait()
    }

    /// Starts [`noop`](Self::noop).
    pub fn start_noop(&self) -> Operation<'static, ()> {
        self.verb(Command::execute("FTPNOOP"), "NOOP", b"", |_| Ok(()))
    }

    /// Whether the module says that the connection stands (`AT+FTPOPEN?`, manual 1.2.1). It may have been lost without
    /// the module having noticed: [`noop`](Self::noop) asks the server.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when the modem does not answer.
    pub fn is_connected(&self) -> Result<bool> {
        self.start_is_connected().wait()
    }

    /// Starts [`is_connected`](Self::is_connected).
    pub fn start_is_connected(&self) -> Operation<'static, bool> {
        start_task(&self.handle, Task::Status, |outcome| {
            Ok(matches!(outcome, Outcome::Connected(true)))
        })
    }

    fn named(
        &self,
        command: &'static str,
        what: &'static str,
        name: &[u8],
    ) -> Result<Operation<'static, ()>> {
        let command = Command::named(command, name)?;
        Ok(self.verb(command, what, name, |_| Ok(())))
    }

    fn verb<T>(
        &self,
        command: Command,
        what: &'static str,
        name: &[u8],
        collect: impl FnOnce(Outcome) -> Result<T> + 'static,
    ) -> Operation<'static, T> {
        let name = name.to_vec();
        let task = Task::Verb {
            command,
            what,
            name,
        };
        start_task(&self.handle, task, collect)
    }

    /// Sets the callback for the lines of the control connection that the module reports, and switches FTPINFO on
    /// (manual 1.2.3). Passwords in them are masked. It runs where URC callbacks run.
    ///
    /// # Errors
    /// [`ErrorKind::Command`](crate::ErrorKind::Command) where the module refuses.
    pub fn on_info(&self, callback: impl FnMut(&str) + Send + 'static) -> Result<()> {
        self.handle.events.set_info(Some(Box::new(callback)));
        start_task(&self.handle, Task::Report(true), |_| Ok(())).wait()
    }

    /// Takes the callback away and switches FTPINFO off.
    ///
    /// # Errors
    /// As for [`on_info`](Self::on_info).
    pub fn remove_info(&self) -> Result<()> {
        self.handle.events.set_info(None);
        start_task(&self.handle, Task::Report(false), |_| Ok(())).wait()
    }

    /// Closes the connection (FTPCLOSE, manual 1.2.2). Dropping an `Ftp` leaves it open until the modem is closed.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the module does not close it.
    pub fn close(self) -> Result<()> {
        start_task(&self.handle, Task::Logout, |_| Ok(())).wait()
    }
}

fn transfer_of(outcome: Outcome) -> Result<Transfer> {
    match outcome {
        Outcome::Transfer(transfer) => Ok(transfer),
        _ => Err(crate::Error::new(
            crate::ErrorKind::Transfer,
            "the transfer has no result",
        )),
    }
}

/// The limits of names and offsets, for those who check before they call.
pub mod limits {
    use super::table;

    /// The longest file or directory name, user name, password or account, in octets.
    pub const NAME: usize = table::MAX_NAME;
    /// The longest host name, in octets.
    pub const HOST: usize = table::MAX_HOST;
    /// The last offset of an upload.
    pub const STORE_OFFSET: u64 = table::MAX_STORE_OFFSET;
    /// The last offset of a download.
    pub const RETRIEVE_OFFSET: u64 = table::MAX_RETRIEVE_OFFSET;
}
