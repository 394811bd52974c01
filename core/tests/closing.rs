//! What is left when a modem is closed, stopped or given up while a thread of its own moves a file: nothing.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;

use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex};

use nlftp_core::{ErrorKind, Ftp, LocalFile, Modem, Operation, Transfer, TransferOptions};
use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{Options, VirtualModem};
use rig::{Rig, options, random};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::OFlags;

/// Waits until the modem has something to dispatch.
fn wait_for(modem: &Modem) {
    let fd = modem.notify_fd().unwrap();
    let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
    assert_eq!(poll(&mut fds, None).unwrap(), 1);
}

/// A download into `path` that is in the middle of it: its line is slow.
fn downloading(modem: &Modem, ftp: &Ftp, path: &Path) -> Operation<'static, Transfer> {
    let moved = Arc::new(Mutex::new(0));
    let told = moved.clone();
    let set = options(|o| {
        o.progress = Some(Box::new(move |progress| {
            *told.lock().unwrap() = progress.done
        }));
    });
    let mut get = ftp.start_get_file("big", path, set).unwrap();
    while *moved.lock().unwrap() == 0 {
        wait_for(modem);
        modem.dispatch();
        assert!(get.poll().is_none());
    }
    get
}

fn slow() -> (Rig, tempfile::TempDir) {
    let server = FtpServer::start(ServerOptions::default()).unwrap();
    let vmodem = VirtualModem::start(Options {
        baud: Some(115_200),
        route: Some(server.address()),
        ..Options::default()
    });
    let rig = Rig {
        server,
        vmodem: vmodem.unwrap(),
    };
    std::fs::write(rig.remote("big"), random(4_000_000, 3)).unwrap();
    (rig, tempfile::tempdir().unwrap())
}

fn expect_nothing_left(rig: &Rig, folder: &Path) {
    let left: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    // Taken by nobody else: it can be opened at once.
    rig.open().close().unwrap();
}

#[test]
fn the_last_user_closes_though_a_file_is_being_moved() {
    let (rig, folder) = slow();
    let path = folder.path().join("down");
    let (modem, ftp) = rig.ftp();
    let get = downloading(&modem, &ftp, &path);
    drop((modem, ftp));
    drop(get);
    expect_nothing_left(&rig, folder.path());

    let (modem, ftp) = rig.ftp();
    let get = downloading(&modem, &ftp, &path);
    drop((get, ftp));
    drop(modem);
    expect_nothing_left(&rig, folder.path());
}

#[test]
fn a_listing_is_a_user_too() {
    let rig = Rig::new();
    std::fs::write(rig.remote("file"), b"content").unwrap();
    let (modem, ftp) = rig.ftp();
    let mut entries = ftp.entries(None).unwrap();
    drop((modem, ftp));
    assert_eq!(entries.next().unwrap().unwrap().name, b"file");
    drop(entries);
    rig.open().close().unwrap();
}

#[test]
fn stop_waits_for_the_file_while_others_have_the_modem() {
    let (rig, folder) = slow();
    let (modem, ftp) = rig.ftp();
    let get = downloading(&modem, &ftp, &folder.path().join("down"));
    let behind = ftp.start_get_file(
        "big",
        folder.path().join("next"),
        TransferOptions::default(),
    );
    modem.stop();
    expect_nothing_left(&rig, folder.path());
    for operation in [get, behind.unwrap()] {
        let kind = operation.wait().unwrap_err().kind();
        assert!(
            matches!(kind, ErrorKind::Closed | ErrorKind::Cancelled),
            "{kind}"
        );
    }
    let late = ftp.start_get_file(
        "big",
        folder.path().join("late"),
        TransferOptions::default(),
    );
    assert_eq!(late.unwrap().wait().unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(ftp.noop().unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
fn stop_ends_the_wait_for_a_pipe_that_takes_nothing() {
    let rig = Rig::new();
    std::fs::write(rig.remote("big"), random(400_000, 3)).unwrap();
    let (modem, ftp) = rig.ftp();
    let (reads, writes) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).unwrap();
    let full = writes.try_clone().unwrap();
    let get = ftp
        .start_get_file("big", LocalFile::Fd(writes), TransferOptions::default())
        .unwrap();
    // Until it takes no more: the thread for files waits, or is about to.
    loop {
        let mut fds = [PollFd::new(&full, PollFlags::OUT)];
        let now = rustix::event::Timespec::default();
        if poll(&mut fds, Some(&now)).unwrap() == 0 {
            break;
        }
        std::thread::yield_now();
    }
    drop(full);
    modem.stop();
    assert!(get.wait().is_err());
    // No other end is left, so that what is in it is all there is.
    rustix::fs::fcntl_setfl(&reads, OFlags::NONBLOCK).unwrap();
    let mut content = Vec::new();
    std::fs::File::from(reads)
        .read_to_end(&mut content)
        .unwrap();
    assert!(!content.is_empty() && content.len() < 400_000);
    rig.open().close().unwrap();
}

#[test]
fn a_close_that_never_had_its_turn_closes_nothing() {
    let rig = Rig::new();
    let (modem, ftp) = rig.ftp();
    let (reads, _writes) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).unwrap();
    let put = ftp
        .start_put_file(reads, "held", TransferOptions::default())
        .unwrap();
    let close = modem.start_close();
    close.cancel();
    assert_eq!(close.wait().unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(!modem.is_closed());
    put.cancel();
    assert_eq!(put.wait().unwrap_err().kind(), ErrorKind::Cancelled);
    ftp.noop().unwrap();
    modem.start_close().wait().unwrap();
    assert!(modem.is_closed());
    rig.open().close().unwrap();
}
