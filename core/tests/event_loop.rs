//! One thread, one poll: opening, logging in, transfers from files and from callbacks that have nothing just now, all
//! without a call that blocks.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use nlftp_core::{
    ErrorKind, LocalFile, Modem, ModemState, Operation, Resumer, Sink, Source, TransferOptions,
};
use rig::{Rig, options, random};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The longest that a test waits for a descriptor: an end for a test that hangs, no measure of time.
const HANG: Timespec = Timespec {
    tv_sec: 60,
    tv_nsec: 0,
};

fn wait_for(modem: &Modem) {
    let fd = modem.notify_fd().unwrap();
    let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
    assert_eq!(poll(&mut fds, Some(&HANG)).unwrap(), 1, "nothing came");
}

/// What an event loop does, until the operation has ended.
fn drive<T>(modem: &Modem, mut operation: Operation<'_, T>) -> nlftp_core::Result<T> {
    loop {
        modem.dispatch();
        if let Some(result) = operation.poll() {
            return result;
        }
        wait_for(modem);
    }
}

fn opened(rig: &Rig) -> (Modem, nlftp_core::Ftp) {
    let modem = Modem::new(rig.vmodem.port(), Rig::config()).unwrap();
    drive(&modem, modem.start_open()).unwrap();
    let ftp = drive(&modem, modem.start_ftp(&rig.login()).unwrap()).unwrap();
    (modem, ftp)
}

#[test]
fn everything_goes_by_one_descriptor_that_is_there_before_the_port() {
    let rig = Rig::new();
    let modem = Modem::new(rig.vmodem.port(), Rig::config()).unwrap();
    let fd = modem.notify_fd().unwrap();
    assert_eq!(modem.state(), ModemState::Closed);
    let states = Arc::new(Mutex::new(Vec::new()));
    let seen = states.clone();
    modem.on_state(move |state| seen.lock().unwrap().push(state));

    drive(&modem, modem.start_open()).unwrap();
    let ftp = drive(&modem, modem.start_ftp(&rig.login()).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (up, down) = (folder.path().join("up"), folder.path().join("down"));
    let data = random(300_000, 1);
    std::fs::write(&up, &data).unwrap();
    let sent = ftp.start_put_file(up.as_path(), "f.bin", TransferOptions::default());
    assert_eq!(drive(&modem, sent.unwrap()).unwrap().bytes, 300_000);
    let got = ftp.start_get_file("f.bin", down.as_path(), TransferOptions::default());
    assert_eq!(drive(&modem, got.unwrap()).unwrap().bytes, 300_000);
    assert!(std::fs::read(&down).unwrap() == data);
    let entries = drive(&modem, ftp.start_list(None).unwrap()).unwrap();
    assert_eq!(entries.len(), 1);
    drive(&modem, modem.start_close()).unwrap();
    modem.dispatch();
    assert_eq!(
        *states.lock().unwrap(),
        [
            ModemState::Opening,
            ModemState::Ready,
            ModemState::Connected,
            ModemState::Closed
        ]
    );
    assert_eq!(
        std::os::fd::AsRawFd::as_raw_fd(&fd),
        std::os::fd::AsRawFd::as_raw_fd(&modem.notify_fd().unwrap())
    );
}

#[test]
fn what_is_started_behind_a_file_waits_for_it() {
    let rig = Rig::new();
    let (modem, ftp) = opened(&rig);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a");
    std::fs::write(&file, b"first").unwrap();
    let put = ftp
        .start_put_file(file.as_path(), "a", TransferOptions::default())
        .unwrap();
    let renamed = ftp.start_rename("a", "b").unwrap();
    let missing = ftp
        .start_put_file(folder.path().join("none"), "c", TransferOptions::default())
        .unwrap();
    let got = ftp
        .start_get_file("b", folder.path().join("b"), TransferOptions::default())
        .unwrap();
    // Followed in another order than they were started in.
    drive(&modem, got).unwrap();
    drive(&modem, renamed).unwrap();
    drive(&modem, put).unwrap();
    let error = drive(&modem, missing).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalFile, "{error}");
    assert_eq!(std::fs::read(folder.path().join("b")).unwrap(), b"first");
    assert!(!rig.remote("c").exists());
}

/// Gives a byte, then nothing until it is asked again.
struct Halting<'a> {
    data: &'a [u8],
    halt: bool,
    asked_in_vain: Arc<AtomicU32>,
}

impl Read for Halting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.halt = !self.halt;
        if self.halt && !self.data.is_empty() {
            self.asked_in_vain.fetch_add(1, Ordering::Relaxed);
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = self.data.len().min(buffer.len()).min(30_000);
        buffer[..count].copy_from_slice(&self.data[..count]);
        self.data = &self.data[count..];
        Ok(count)
    }
}

#[test]
fn a_source_that_has_nothing_just_now_is_asked_again() {
    let rig = Rig::new();
    let (modem, ftp) = opened(&rig);
    let data = random(200_000, 3);
    let vain = Arc::new(AtomicU32::new(0));
    for blocking in [true, false] {
        let source = Source::reader(Halting {
            data: &data,
            halt: false,
            asked_in_vain: vain.clone(),
        });
        let mut put = ftp
            .start_put(source, "halting", TransferOptions::default())
            .unwrap();
        let resumer = put.resumer();
        let sent = if blocking {
            put.wait()
        } else {
            loop {
                modem.dispatch();
                if let Some(result) = put.poll() {
                    break result;
                }
                // The source has more, from here on.
                resumer.resume();
                wait_for(&modem);
            }
        };
        assert_eq!(sent.unwrap().bytes, 200_000);
        assert!(std::fs::read(rig.remote("halting")).unwrap() == data);
        assert!(vain.swap(0, Ordering::Relaxed) > 3);
    }
}

/// Gives ten bytes, then nothing until it is asked again.
struct Trickling<'a>(&'a [u8], bool);

impl Read for Trickling<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 && !self.0.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = self.0.len().min(buffer.len()).min(10);
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[test]
fn a_source_that_trickles_makes_whole_pieces() {
    let rig = Rig::new();
    let (_modem, ftp) = opened(&rig);
    let data = random(3000, 5);
    let sent = ftp
        .put(
            Source::reader(Trickling(&data, false)),
            "trickled",
            options(|o| o.via = nlftp_core::Via::Block),
        )
        .unwrap();
    assert_eq!(sent.bytes, 3000);
    assert!(std::fs::read(rig.remote("trickled")).unwrap() == data);
    let lines = rig.vmodem.sent_lines();
    let pieces = lines.iter().filter(|line| line.starts_with("AT+FTPPUT="));
    assert_eq!(pieces.count(), 3);
}

/// Takes a little, then nothing until it is resumed, from another thread.
struct Narrow {
    taken: Arc<Mutex<Vec<u8>>>,
    resume: std::sync::mpsc::Sender<()>,
    full: bool,
}

impl Write for Narrow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.full = !self.full;
        if self.full {
            self.resume.send(()).unwrap_or(());
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = bytes.len().min(10_000);
        self.taken
            .lock()
            .unwrap()
            .extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_sink_that_has_no_room_just_now_is_asked_again_when_it_is_resumed() {
    let rig = Rig::new();
    let (modem, ftp) = opened(&rig);
    let data = random(500_000, 5);
    std::fs::write(rig.remote("wide"), &data).unwrap();
    let taken = Arc::new(Mutex::new(Vec::new()));
    let (resume, wishes) = std::sync::mpsc::channel();
    let sink = Sink::writer(Narrow {
        taken: taken.clone(),
        resume,
        full: false,
    });
    let get = ftp
        .start_get("wide", sink, TransferOptions::default())
        .unwrap();
    let resumer: Resumer = get.resumer();
    let other = thread::spawn(move || {
        for () in wishes {
            resumer.resume();
        }
    });
    assert_eq!(drive(&modem, get).unwrap().bytes, 500_000);
    other.join().unwrap();
    assert!(*taken.lock().unwrap() == data);
}

fn pipe() -> (OwnedFd, OwnedFd) {
    rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).unwrap()
}

#[test]
fn descriptors_are_sources_and_sinks() {
    let rig = Rig::new();
    let (modem, ftp) = opened(&rig);
    let data = random(200_000, 7);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("up");
    std::fs::write(&path, &data).unwrap();
    let file = OwnedFd::from(std::fs::File::open(&path).unwrap());
    let put = ftp.start_put_file(file, "fd", TransferOptions::default());
    assert_eq!(drive(&modem, put.unwrap()).unwrap().bytes, 200_000);

    let (reads, writes) = pipe();
    let reader = thread::spawn(move || {
        let mut got = Vec::new();
        std::fs::File::from(reads).read_to_end(&mut got).unwrap();
        got
    });
    let got = ftp
        .start_get_file("fd", LocalFile::Fd(writes), TransferOptions::default())
        .unwrap();
    assert_eq!(drive(&modem, got).unwrap().bytes, 200_000);
    assert!(reader.join().unwrap() == data);

    let (reads, writes) = pipe();
    let sent = data.clone();
    let writer = thread::spawn(move || std::fs::File::from(writes).write_all(&sent).unwrap());
    let put = ftp.put(Source::fd(reads), "pipe", TransferOptions::default());
    assert_eq!(put.unwrap().bytes, 200_000);
    writer.join().unwrap();
    assert!(std::fs::read(rig.remote("pipe")).unwrap() == data);
}

#[test]
fn a_cancel_ends_the_wait_for_a_pipe_that_gives_nothing() {
    let rig = Rig::new();
    let (modem, ftp) = opened(&rig);
    for whole_modem in [false, true] {
        let (reads, _writes) = pipe();
        let put = ftp
            .start_put(Source::fd(reads), "pipe", TransferOptions::default())
            .unwrap();
        let (one, all) = (put.canceller(), modem.canceller());
        let canceller = thread::spawn(move || {
            if whole_modem {
                all.cancel()
            } else {
                one.cancel()
            }
        });
        let error = put.wait().unwrap_err();
        canceller.join().unwrap();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        assert!(ftp.is_connected().is_ok(), "the modem takes the next call");
    }
}

#[test]
fn progress_of_a_file_runs_where_it_is_followed_and_ends_with_all() {
    let rig = Rig::new();
    let (modem, ftp) = opened(&rig);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("up");
    std::fs::write(&path, random(400_000, 9)).unwrap();
    let here = thread::current().id();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let set = options(|o| {
        o.progress = Some(Box::new(move |progress| {
            assert_eq!(thread::current().id(), here);
            told.lock().unwrap().push(progress.done);
        }));
    });
    let put = ftp.start_put_file(path, "progress", set).unwrap();
    drive(&modem, put).unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen.is_sorted());
    assert_eq!(seen.last(), Some(&400_000));
}

#[test]
fn a_lost_port_is_opened_again_under_the_same_handle() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("modem");
    let rig = Rig::new();
    std::os::unix::fs::symlink(rig.vmodem.port(), &link).unwrap();
    let modem = Modem::new(&link, Rig::config()).unwrap();
    let error = modem.command("AT").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Port, "{error}");
    assert!(error.to_string().contains("open it first"), "{error}");
    let fd = std::os::fd::AsRawFd::as_raw_fd(&modem.notify_fd().unwrap());
    drive(&modem, modem.start_open()).unwrap();
    drive(&modem, modem.start_open()).unwrap();
    let ftp = drive(&modem, modem.start_ftp(&rig.login()).unwrap()).unwrap();

    rig.vmodem.hang_up();
    while modem.state() != ModemState::Lost {
        wait_for(&modem);
        modem.dispatch();
    }
    let error = ftp.noop().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Port, "{error}");

    let second = Rig::new();
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(second.vmodem.port(), &link).unwrap();
    drive(&modem, modem.start_open()).unwrap();
    assert_eq!(
        std::os::fd::AsRawFd::as_raw_fd(&modem.notify_fd().unwrap()),
        fd
    );
    // The connection is opened anew with the login that it had.
    let sent = ftp.put(&b"again"[..], "again", TransferOptions::default());
    assert_eq!(sent.unwrap().bytes, 5);
    assert_eq!(std::fs::read(second.remote("again")).unwrap(), b"again");
}

#[test]
fn a_closed_modem_says_so_to_whatever_comes_later() {
    let rig = Rig::new();
    let (modem, ftp) = opened(&rig);
    let before = ftp.start_noop();
    let closing = modem.start_close();
    let behind = ftp.start_noop();
    assert_eq!(behind.wait().unwrap_err().kind(), ErrorKind::Closed);
    before.wait().unwrap();
    closing.wait().unwrap();
    assert_eq!(ftp.noop().unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(
        modem.start_open().wait().unwrap_err().kind(),
        ErrorKind::Closed
    );
    // The port is free again.
    rig.open().close().unwrap();
}

#[test]
fn a_modem_that_is_stopped_leaves_its_operations_with_an_end() {
    let rig = Rig::new();
    let (modem, ftp) = opened(&rig);
    let (reads, _writes) = pipe();
    let put = ftp
        .start_put_file(reads, "stopped", TransferOptions::default())
        .unwrap();
    modem.stop();
    let kind = put.wait().unwrap_err().kind();
    assert!(
        matches!(kind, ErrorKind::Closed | ErrorKind::Cancelled),
        "{kind}"
    );
    rig.open().close().unwrap();
}
