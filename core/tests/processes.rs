//! A forked child has a copy of the handle, and neither threads nor locks: it touches nothing.
// fork is called: no other thread of this process may hold a lock that the child needs, so that each test here is alone.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, unsafe_code)]

#[path = "support/rig.rs"]
mod rig;

use nlftp_core::{ErrorKind, ModemState, TransferOptions};
use rig::Rig;

/// Runs `child` in a forked process, which ends with its status; no destructor of the test's runs there.
fn in_a_child(child: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child calls what is to be tested and `_exit`, nothing that needs another thread.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0);
    if pid == 0 {
        let well = child();
        // SAFETY: ends the child without any destructor.
        unsafe { libc::_exit(if well { 0 } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: `status` is a valid place for the child's status.
    let waited = unsafe { libc::waitpid(pid, &raw mut status, 0) };
    assert_eq!(waited, pid);
    libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
}

#[test]
fn a_forked_child_touches_neither_port_nor_thread_while_the_parent_goes_on() {
    let rig = Rig::new();
    let (modem, ftp) = rig.ftp();
    let put = ftp
        .start_put(
            &b"from the parent"[..],
            "parent",
            TransferOptions::default(),
        )
        .unwrap();
    let canceller = put.canceller();
    let all = modem.canceller();
    let mut parts = Some((modem, ftp, put));
    let well = in_a_child(|| {
        let (modem, ftp, put) = parts.take().unwrap();
        canceller.cancel();
        all.cancel();
        let kinds = [
            modem.command("AT").unwrap_err().kind(),
            ftp.noop().unwrap_err().kind(),
            ftp.entries(None).err().unwrap().kind(),
            modem.notify_fd().err().unwrap().kind(),
            ftp.start_put_file(std::path::Path::new("x"), "x", TransferOptions::default())
                .err()
                .unwrap()
                .kind(),
            put.wait().unwrap_err().kind(),
        ];
        modem.dispatch();
        let closed = modem.state() == ModemState::Closed && modem.is_forked();
        drop(ftp);
        // Dropped without waiting for a thread that is not there.
        drop(modem);
        closed && kinds == [ErrorKind::Closed; 6]
    });
    assert!(well, "the child did not find what it should");
    let (modem, ftp, put) = parts.unwrap();
    assert_eq!(put.wait().unwrap().bytes, 15);
    ftp.noop().unwrap();
    modem.close().unwrap();
    assert_eq!(
        std::fs::read(rig.remote("parent")).unwrap(),
        b"from the parent"
    );
}
