//! Commands that use a data connection.

use std::fs::{File, OpenOptions};
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::event::PollFlags;

use super::ascii;
use super::control::{Interrupt, is_retry};
use super::data::DataSetup;
use super::files::{reason, without_flags};
use super::list::{self, Form};
use super::options::Farewell;
use super::session::{Flow, Session};
use crate::tls::Link;

/// Bytes moved at once.
const BUFFER: usize = 64 * 1024;

/// Why a transfer did not end well.
enum Failure {
    /// There was never a data connection.
    NotOpened(Interrupt),
    Broken(Interrupt),
    /// There was a data connection, but TLS did not come about on it.
    NotSecured(String),
    /// The server leaves in the middle.
    Farewell,
    /// Reading or writing the file failed.
    Local(io::Error),
}

/// How an upload meets the file that is there.
enum Upload {
    /// STOR: from the offset of REST on, or a new file where that is 0.
    At(u64),
    /// APPE.
    End,
    /// STOU: a file that does not exist yet.
    New,
}

impl Session {
    pub(super) fn retr(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let offset = std::mem::take(&mut self.state.offset);
        let opened = self.named(argument).and_then(|path| {
            let real = self.shared.root.existing(&path)?;
            // Opening a FIFO would wait for its other end.
            if !real.metadata()?.is_file() {
                return Err(io::Error::other("Not a plain file"));
            }
            let file = File::open(real)?;
            let size = file.metadata()?.len();
            Ok((file, size))
        });
        let (mut file, size) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.say(550, reason(&error)),
        };
        if offset > size || (offset > 0 && !self.state.binary) {
            return self.say(554, "REST does not fit this file and TYPE.");
        }
        if let Err(error) = file.seek(SeekFrom::Start(offset)) {
            return self.say(451, reason(&error));
        }
        let text = format!("Opening data connection ({} bytes).", size - offset);
        self.send(&mut file, !self.state.binary, &text)
    }

    pub(super) fn list(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let lines = self.ls(argument);
        self.send_lines(lines)
    }

    pub(super) fn nlst(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let argument = without_flags(argument);
        let lines = self.remote(argument).and_then(|path| {
            let real = self.shared.root.existing(&path)?;
            if real.is_dir() {
                let mut prefix = argument.to_vec();
                if !prefix.is_empty() && !prefix.ends_with(b"/") {
                    prefix.push(b'/');
                }
                return self.folder_lines(&real, &prefix, Form::Names);
            }
            let mut line = Vec::new();
            list::push_name(argument, &mut line);
            Ok(vec![line])
        });
        self.send_lines(lines)
    }

    pub(super) fn mlsd(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let real = self
            .remote(argument)
            .and_then(|path| self.shared.root.existing(&path));
        if real.as_ref().is_ok_and(|real| !real.is_dir()) {
            return self.say(501, "Not a directory, use MLST.");
        }
        let facts = self.state.facts;
        let lines = real.and_then(|real| self.folder_lines(&real, b"", Form::Facts(facts)));
        self.send_lines(lines)
    }

    fn send_lines(&mut self, lines: io::Result<Vec<Vec<u8>>>) -> io::Result<Flow> {
        self.state.offset = 0;
        match lines {
            Ok(lines) => {
                let mut listing = Vec::new();
                for line in lines {
                    listing.extend_from_slice(&line);
                    listing.extend_from_slice(b"\r\n");
                }
                self.send(&mut Cursor::new(listing), false, "Here comes the listing.")
            }
            Err(error) => self.say(550, reason(&error)),
        }
    }

    /// Takes the prepared data connection, announces the transfer and connects.
    fn open_data(&mut self, text: impl AsRef<[u8]>) -> io::Result<Option<Result<Link, Failure>>> {
        let setup = std::mem::take(&mut self.state.data);
        if let DataSetup::None = setup {
            self.control
                .reply(425, "Use PASV, EPSV, PORT or EPRT first.")?;
            return Ok(None);
        }
        let opening = self.shared.options.opening_reply;
        self.control.reply(opening, text)?;
        let limit = self.shared.options.connect_limit;
        let opened = setup.open(&mut self.control, self.local, self.peer, limit);
        let opened = opened.map_err(Failure::NotOpened);
        Ok(Some(
            opened.and_then(|stream| self.secure_data(Link::new(stream))),
        ))
    }

    /// Encrypts the data connection, if PROT says so.
    fn secure_data(&mut self, mut data: Link) -> Result<Link, Failure> {
        let failed = |error: io::Error| Failure::NotSecured(error.to_string());
        let options = &self.shared.options;
        let limit = options.connect_limit;
        let reuse = matches!(&options.tls, Some(tls) if tls.require_session_reuse);
        let Some(connection) = self.data_protection().map_err(failed)? else {
            return Ok(data);
        };
        data.secure(connection);
        while !data.handshake().map_err(failed)? {
            let mut flags = PollFlags::IN;
            if data.wants_write() {
                flags |= PollFlags::OUT;
            }
            self.control
                .wait_beside(data.as_fd(), flags, limit)
                .map_err(Failure::NotOpened)?;
        }
        match reuse && !data.is_resumed() {
            true => Err(Failure::NotSecured("session reuse required".into())),
            false => Ok(data),
        }
    }

    /// Whether the server leaves once so much of a file has passed.
    fn is_farewell(&self, passed: u64) -> bool {
        matches!(self.shared.options.farewell, Some(Farewell::InTransfer(limit)) if passed >= limit)
    }

    /// Sends all of `source` and replies.
    fn send(&mut self, source: &mut dyn Read, ascii: bool, text: &str) -> io::Result<Flow> {
        let Some(opened) = self.open_data(text)? else {
            return Ok(Flow::Continue);
        };
        let ended = opened.and_then(|data| self.send_over(data, source, ascii));
        self.conclude(ended)
    }

    fn send_over(
        &mut self,
        mut data: Link,
        source: &mut dyn Read,
        ascii: bool,
    ) -> Result<(), Failure> {
        let mut raw = vec![0; BUFFER];
        let mut wire = Vec::new();
        let mut passed = 0;
        loop {
            let count = match source.read(&mut raw) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Failure::Local(error)),
            };
            let mut rest = &raw[..count];
            if ascii {
                wire.clear();
                ascii::encode(rest, &mut wire);
                rest = &wire;
            }
            while !rest.is_empty() {
                self.wait_data(&data, PollFlags::OUT)?;
                match data.write(rest) {
                    Ok(sent) => {
                        rest = &rest[sent..];
                        passed += sent as u64;
                    }
                    Err(error) if is_retry(&error) => {}
                    Err(error) => return Err(Failure::Broken(Interrupt::Failed(error))),
                }
                if self.is_farewell(passed) {
                    return Err(Failure::Farewell);
                }
            }
        }
        // The end of data is what ends the transfer for the client: it must go out before 226.
        let omit = matches!(&self.shared.options.tls, Some(tls) if tls.omit_close_notify);
        loop {
            let ended = match omit {
                true => data.flush(),
                false => data.finish(),
            };
            match ended {
                Ok(()) => return Ok(()),
                Err(error) if is_retry(&error) => self.wait_data(&data, PollFlags::OUT)?,
                Err(error) => return Err(Failure::Broken(Interrupt::Failed(error))),
            }
        }
    }

    fn wait_data(&mut self, data: &Link, ready: PollFlags) -> Result<(), Failure> {
        let limit = self.shared.options.stall_limit;
        self.control
            .wait_beside(data.as_fd(), ready, limit)
            .map_err(Failure::Broken)
    }

    pub(super) fn stor(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let offset = std::mem::take(&mut self.state.offset);
        if offset > 0 && !self.state.binary {
            return self.say(554, "REST needs TYPE I.");
        }
        let place = self.upload_place(argument);
        self.receive_into(place, Upload::At(offset))
    }

    pub(super) fn appe(&mut self, argument: &[u8]) -> io::Result<Flow> {
        self.state.offset = 0;
        let place = self.upload_place(argument);
        self.receive_into(place, Upload::End)
    }

    fn upload_place(&self, argument: &[u8]) -> io::Result<PathBuf> {
        self.writable()?;
        let place = self.shared.root.target(&self.named(argument)?)?;
        match place.metadata() {
            Ok(there) if !there.is_file() => Err(io::Error::other("Not a plain file")),
            _ => Ok(place),
        }
    }

    /// STOU; the name that was chosen is in the opening reply (RFC 1123 section 4.1.2.9).
    pub(super) fn stou(&mut self, argument: &[u8]) -> io::Result<Flow> {
        self.state.offset = 0;
        let wish = if argument.is_empty() {
            b"unique"
        } else {
            argument
        };
        let free = (0..100_000u32).find_map(|number| {
            let mut name = wish.to_vec();
            if number > 0 {
                name.extend_from_slice(format!(".{number}").as_bytes());
            }
            let place = self.writable().and_then(|()| {
                let place = self.shared.root.entry(&self.named(&name)?)?;
                place
                    .symlink_metadata()
                    .map(|_| None)
                    .or_else(|error| match error.kind() {
                        io::ErrorKind::NotFound => Ok(Some(place)),
                        _ => Err(error),
                    })
            });
            place.transpose()
        });
        let place = free.unwrap_or_else(|| Err(io::ErrorKind::AlreadyExists.into()));
        self.receive_into(place, Upload::New)
    }

    fn receive_into(&mut self, place: io::Result<PathBuf>, upload: Upload) -> io::Result<Flow> {
        let opened = place.and_then(|place| {
            let existed = place.exists();
            let file = open_target(&place, &upload)?;
            Ok((place, file, existed))
        });
        let (place, file, existed) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.say(553, reason(&error)),
        };
        let text = match (&upload, place.file_name()) {
            (Upload::New, Some(name)) => [b"FILE: ", name.as_bytes()].concat(),
            _ => b"Ready for the data.".to_vec(),
        };
        let data = match self.open_data(text)? {
            Some(Ok(data)) => data,
            other => {
                // Without a data connection nothing was stored, not even an empty file.
                if !existed {
                    let _ = std::fs::remove_file(&place);
                }
                return match other {
                    Some(Err(failure)) => self.conclude(Err(failure)),
                    _ => Ok(Flow::Continue),
                };
            }
        };
        let ended = self.receive_over(data, file, &upload);
        self.conclude(ended)
    }

    fn receive_over(
        &mut self,
        mut data: Link,
        mut file: File,
        upload: &Upload,
    ) -> Result<(), Failure> {
        position(&mut file, upload).map_err(Failure::Local)?;
        let mut raw = vec![0; BUFFER];
        let mut text = Vec::new();
        let mut decoder = (!self.state.binary).then(ascii::Decoder::default);
        let broken = |error| Failure::Broken(Interrupt::Failed(error));
        let mut passed = 0;
        loop {
            let count = match data.read_decrypted(&mut raw).map_err(broken)? {
                Some(count) => count,
                None => {
                    self.wait_data(&data, PollFlags::IN)?;
                    match data.read(&mut raw) {
                        Ok(count) => count,
                        Err(error) if is_retry(&error) => continue,
                        Err(error) => return Err(broken(error)),
                    }
                }
            };
            let mut bytes = &raw[..count];
            if let Some(decoder) = &mut decoder {
                text.clear();
                decoder.decode(bytes, &mut text);
                if count == 0 {
                    decoder.finish(&mut text);
                }
                bytes = &text;
            }
            file.write_all(bytes).map_err(Failure::Local)?;
            if count == 0 {
                data.close();
                return Ok(());
            }
            passed += count as u64;
            if self.is_farewell(passed) {
                return Err(Failure::Farewell);
            }
        }
    }

    /// The reply that ends a transfer.
    fn conclude(&mut self, ended: Result<(), Failure>) -> io::Result<Flow> {
        use Interrupt::{Abort, Failed, Gone, TimedOut};
        match ended {
            Ok(()) => self.say(self.shared.options.completion_reply, "Transfer complete."),
            Err(Failure::Farewell) => {
                self.say_farewell()?;
                Ok(Flow::Close)
            }
            Err(Failure::NotSecured(why)) => {
                self.say(522, format!("No TLS on the data connection: {why}."))
            }
            Err(Failure::NotOpened(Gone) | Failure::Broken(Gone)) => Ok(Flow::Close),
            // Its own 226 follows when ABOR's turn comes.
            Err(Failure::NotOpened(Abort) | Failure::Broken(Abort)) => {
                self.say(426, "Transfer aborted.")
            }
            Err(Failure::NotOpened(TimedOut)) => self.say(425, "No data connection came."),
            Err(Failure::NotOpened(Failed(error))) => {
                self.say(425, format!("No data connection: {error}."))
            }
            Err(Failure::Broken(TimedOut)) => self.say(426, "The data connection stalled."),
            Err(Failure::Broken(Failed(error))) => {
                self.say(426, format!("The data connection broke: {error}."))
            }
            Err(Failure::Local(error)) => match error.kind() {
                io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::FileTooLarge => self.say(552, reason(&error)),
                _ => self.say(451, reason(&error)),
            },
        }
    }
}

/// Opens without cutting anything off yet: the data connection may still fail.
fn open_target(place: &Path, upload: &Upload) -> io::Result<File> {
    let mut options = OpenOptions::new();
    match upload {
        Upload::At(_) => options.write(true).create(true).truncate(false),
        Upload::End => options.append(true).create(true),
        Upload::New => options.write(true).create_new(true),
    };
    options.open(place)
}

/// Goes to where the first byte belongs. What lies beyond the end of an upload with an offset
/// stays, and a gap before it is filled with NULs, even if no byte follows.
fn position(file: &mut File, upload: &Upload) -> io::Result<()> {
    match *upload {
        Upload::At(0) => file.set_len(0),
        Upload::At(offset) => {
            if file.metadata()?.len() < offset {
                file.set_len(offset)?;
            }
            file.seek(SeekFrom::Start(offset)).map(drop)
        }
        Upload::End | Upload::New => Ok(()),
    }
}
