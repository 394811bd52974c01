//! The FTP connection of a module: its verbs, and files up and down.

use std::sync::Arc;

use crate::config::{GetOptions, PutOptions, Transfer};
use crate::driver::cancel::CancelFlag;
use crate::driver::local::{LocalFile, Sink, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::follower::Terms;
use crate::handle::User;
use crate::here::Here;
use crate::listing::{self, Entry};
use crate::local_end::{Ended, Local};
use crate::modem::start_task;
use crate::operation::Operation;
use crate::protocol::command::Command;
use crate::protocol::{reply, table};
use crate::session::temporary::temporary_name;
use crate::session::{Job, Outcome, Task};

/// The open FTP connection of a [`Modem`](crate::Modem).
///
/// If the connection is lost, the call that notices says so, and the next one opens it anew with all that it had:
/// context, mode, login, FTPINFO and directory. Names are octets, passed on as they are, at most 255 of them.
pub struct Ftp {
    pub(crate) handle: User,
}

impl Ftp {
    pub(crate) fn new(handle: User) -> Ftp {
        Ftp { handle }
    }

    /// Uploads `source` as `name`: FTPSTOR or FTPPUT (manual 1.2.15, 1.2.20).
    ///
    /// Success means that every check that was asked for and possible agrees; [`Transfer::verified`] says which.
    /// Blocks until then. An upload that this side gives up (cancel, time limit, local failure) deletes the short file
    /// that it made, as long as the server can be reached; one that the module or the server refuses does not, as
    /// nobody can tell whose file it is.
    ///
    /// With [`resume`](PutOptions::resume) it stays on the server, whatever ends the upload, and the error says so. The
    /// next one with `resume` fetches the last bytes of the server's file, at most 64 KiB, and goes on behind those that
    /// the source has, too: by FTPSTOR, as FTPPUT has no offset. What stands behind them is replaced. From the start goes
    /// one whose file is not there or not listed, is longer than the source, differs in the first 4 KiB of what is
    /// compared (where that is not the file's start), cannot be read, or is longer than [`limits::STORE_OFFSET`] by more
    /// than 64 KiB; but for the first, a warning says so. A file that is there already, whole, is left as it is: `bytes` is 0 then. The source
    /// must be able to seek: a path, the descriptor of a plain file, [`Source::seekable`].
    ///
    /// With [`temporary`](PutOptions::temporary) the file is uploaded as `name.nlftp-part`, checked there, and then
    /// renamed (FTPREN), so that `name` never stands for a part of it. Where the server does not rename to a name that
    /// is taken, the file that has it is deleted first. A failed upload leaves `name` as it was.
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
        check("FTPSTOR", name.as_ref(), &options)?;
        let source = source.into();
        let terms = self.terms(&options, source.waits_for_descriptor())?;
        let source = source.open(&terms.cancel, options.resumes())?;
        Ok(Operation::start(
            self.handle.clone(),
            Task::Put(job(name.as_ref(), &options)),
            terms,
            Local::Source(source),
            options.progress,
            transfer_of,
        ))
    }

    /// Starts an upload of a local file that a thread of the modem's opens and reads, once everything before is
    /// through: an event loop never waits for a disk or a pipe. Only progress runs where the operation is followed. A
    /// file that cannot be read is told as the operation's end.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] before anything is sent.
    pub fn start_put_file<'a>(
        &self,
        file: impl Into<LocalFile>,
        name: impl AsRef<[u8]>,
        options: PutOptions<'a>,
    ) -> Result<Operation<'a, Transfer>> {
        check("FTPSTOR", name.as_ref(), &options)?;
        let file = file.into();
        let terms = self.terms(&options, matches!(file, LocalFile::Fd(_)))?;
        let (cancel, resume) = (terms.cancel.clone(), options.resumes());
        let task = Task::Put(job(name.as_ref(), &options));
        let open = move |follower, progress| {
            begins(&cancel)?;
            let source = Local::Source(Source::from(file).open(&cancel, resume)?);
            Ok(Here::new(follower, source, progress))
        };
        let (handle, open) = (self.handle.clone(), Box::new(open));
        Operation::start_away(handle, task, terms, options.progress, open, transfer_of)
    }

    /// Downloads `name` into `sink`: FTPRETR, or FTPGET and FTPRECV (manual 1.2.16, 1.2.18, 1.2.19).
    ///
    /// A path appears only when the file is complete and checked; until then the bytes stand beside it, in a file
    /// whose name ends in `.nlftp-part`, which a failure removes.
    ///
    /// With [`resume`](GetOptions::resume) a failure, and a program that is killed, leaves that file, and beside it a
    /// record of the server's file (`.nlftp-part.record`): its name, size and time as listed. The next one with `resume`
    /// asks for the file from 64 KiB before the end of the part and compares what comes with what is there as it comes: it
    /// goes on from the first byte that differs. From the start goes one whose record is missing or says another name,
    /// size or time than the server lists now, whose part is longer than the server's file, which differs in the first
    /// 4 KiB of what is compared (where that is not the file's start), or whose offset the server refuses; a warning says
    /// so. What is there is not given up before the server gives a byte. Where the server lists no size, the bytes alone
    /// decide, with a warning. Of a part that is longer than [`limits::RETRIEVE_OFFSET`] and 64 KiB, what is behind is
    /// fetched again. A file that stands under its name already is not looked at. The sink must be a path or the
    /// descriptor of a plain file: see [`Sink::fd`].
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
        check("FTPRETR", name.as_ref(), &options)?;
        let sink = sink.into();
        let terms = self.terms(&options, sink.waits_for_descriptor())?;
        let sink = sink.open(&terms.cancel, options.resumes())?;
        Ok(Operation::start(
            self.handle.clone(),
            Task::Get(job(name.as_ref(), &options)),
            terms,
            Local::Sink(Some(sink)),
            options.progress,
            transfer_of,
        ))
    }

    /// Starts a download into a local file that a thread of the modem's opens, writes, syncs and renames, as
    /// [`start_put_file`](Self::start_put_file) does for uploads.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] before anything is sent.
    pub fn start_get_file<'a>(
        &self,
        name: impl AsRef<[u8]>,
        file: impl Into<LocalFile>,
        options: GetOptions<'a>,
    ) -> Result<Operation<'a, Transfer>> {
        check("FTPRETR", name.as_ref(), &options)?;
        let file = file.into();
        let terms = self.terms(&options, matches!(file, LocalFile::Fd(_)))?;
        let (cancel, resume) = (terms.cancel.clone(), options.resumes());
        let task = Task::Get(job(name.as_ref(), &options));
        let open = move |follower, progress| {
            begins(&cancel)?;
            let sink = Local::Sink(Some(Sink::from(file).open(&cancel, resume)?));
            Ok(Here::new(follower, sink, progress))
        };
        let (handle, open) = (self.handle.clone(), Box::new(open));
        Operation::start_away(handle, task, terms, options.progress, open, transfer_of)
    }

    fn terms(&self, options: &GetOptions<'_>, pollable: bool) -> Result<Terms> {
        let cancel = if pollable {
            CancelFlag::pollable().map_err(|error| {
                Error::new(
                    ErrorKind::LocalFile,
                    format!("the system gives no more descriptors: {error}"),
                )
                .caused_by(error)
            })?
        } else {
            CancelFlag::default()
        };
        Ok(Terms {
            limit: options.deadline.or(self.handle.deadline),
            cancel: Arc::new(cancel),
            gate: None,
        })
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
        let terms = Terms::within(handle.deadline);
        Ok(Operation::start(
            handle,
            task,
            terms,
            Local::Text(Vec::new()),
            None,
            |ended| {
                Ok(ended
                    .text
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
        collect: impl FnOnce(Outcome) -> Result<T> + Send + 'static,
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
        self.start_on_info(callback).wait()
    }

    /// Starts [`on_info`](Self::on_info).
    pub fn start_on_info(
        &self,
        callback: impl FnMut(&str) + Send + 'static,
    ) -> Operation<'static, ()> {
        if !self.handle.is_forked() {
            self.handle.events.set_info(Some(Box::new(callback)));
        }
        start_task(&self.handle, Task::Report(true), |_| Ok(()))
    }

    /// Takes the callback away and switches FTPINFO off.
    ///
    /// # Errors
    /// As for [`on_info`](Self::on_info).
    pub fn remove_info(&self) -> Result<()> {
        self.start_remove_info().wait()
    }

    /// Starts [`remove_info`](Self::remove_info).
    pub fn start_remove_info(&self) -> Operation<'static, ()> {
        if !self.handle.is_forked() {
            self.handle.events.set_info(None);
        }
        start_task(&self.handle, Task::Report(false), |_| Ok(()))
    }

    /// Closes the connection (FTPCLOSE, manual 1.2.2). Dropping an `Ftp` leaves it open until the modem is closed.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) where the module does not close it.
    pub fn close(self) -> Result<()> {
        self.start_close().wait()
    }

    /// Starts [`close`](Self::close).
    pub fn start_close(&self) -> Operation<'static, ()> {
        start_task(&self.handle, Task::Logout, |_| Ok(()))
    }
}

/// What no transfer can be asked for.
fn check(command: &'static str, name: &[u8], options: &GetOptions<'_>) -> Result<()> {
    Command::transfer(command, name, options.file_type, options.offset)?;
    if options.resumes() && options.offset > 0 {
        return Err(Error::invalid(
            "a transfer that resumes finds its offset itself: give it none, or switch resume off",
        ));
    }
    if !options.temporary {
        return Ok(());
    }
    if command != "FTPSTOR" {
        return Err(Error::invalid(
            "a temporary name is for uploads: a download to a path has one anyway",
        ));
    }
    if options.offset > 0 {
        return Err(Error::invalid(
            "an upload into the middle of a file cannot have a temporary name: give it no offset",
        ));
    }
    if temporary_name(name).len() > limits::NAME {
        return Err(Error::invalid(format!(
            "the file name is too long for a temporary one, which has {} octets more: the module takes at most {}",
            temporary_name(b"").len(),
            limits::NAME
        )));
    }
    Ok(())
}

fn job(name: &[u8], options: &GetOptions<'_>) -> Job {
    Job {
        name: name.to_vec(),
        via: options.via,
        file_type: options.file_type,
        offset: options.offset,
        resume: options.resumes(),
        retry: options.retry,
        temporary: options.temporary,
        verify: options.verify,
    }
}

/// A transfer that was cancelled while it waited for its turn leaves the local file alone.
fn begins(cancel: &CancelFlag) -> Result<()> {
    if cancel.is_raised() {
        return Err(Error::new(
            ErrorKind::Cancelled,
            "cancelled by the caller before it began",
        ));
    }
    Ok(())
}

fn transfer_of(ended: Ended) -> Result<Transfer> {
    match ended.outcome {
        Outcome::Transfer(transfer) => Ok(transfer),
        _ => Err(Error::new(
            ErrorKind::Transfer,
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
