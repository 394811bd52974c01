//! Directories entry by entry: every form of line, any length, and ends that are none.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/list_server.rs"]
mod list_server;
#[path = "support/rig.rs"]
mod rig;
#[path = "support/servers.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod servers;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::time::Duration;

use list_server::{ListServer, WELL, line, numbered, read_numbered};
use nlftp_core::{Config, Entry, EntryKind, Error, ErrorKind, Ftp, Login, Modem, Via};
use nlftp_vmodem::{Dtr, Options, VirtualModem};
use rig::{Rig, random};
use servers::{ForeignServer, Kind};

// -- the table of lines ---------------------------------------------------------------------------

const CASES: &str = include_str!("cases/listings.cases");

/// The octets that a text with `\xHH`, `\t` and `\\` stands for.
fn octets(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        octets.extend_from_slice(plain.as_bytes());
        let length = match escape.as_bytes()[0] {
            b't' => (octets.push(b'\t'), 1).1,
            b'\\' => (octets.push(b'\\'), 1).1,
            b'x' => {
                (
                    octets.push(u8::from_str_radix(&escape[1..3], 16).unwrap()),
                    3,
                )
                    .1
            }
            other => panic!("an escape that is none: {other}"),
        };
        rest = &escape[length..];
    }
    octets.extend_from_slice(rest.as_bytes());
    octets
}

/// The fields of a case; what is not there is empty.
fn fields(entry: &Entry) -> [Vec<u8>; 5] {
    [
        entry.name.clone(),
        entry
            .size
            .map_or_else(Vec::new, |size| size.to_string().into()),
        entry.kind.name().into(),
        entry
            .modified
            .map_or_else(Vec::new, |time| time.to_string().into()),
        entry.target.clone().unwrap_or_default(),
    ]
}

#[test]
fn every_line_of_the_table_is_understood() {
    let mut line: Option<Vec<u8>> = None;
    let mut count = 0;
    for text in CASES.lines() {
        if let Some(given) = text.strip_prefix("< ") {
            assert!(line.replace(octets(given)).is_none(), "no result: {text}");
        } else if let Some(expected) = text.strip_prefix('=').filter(|text| !text.starts_with('='))
        {
            let line = line.take().unwrap();
            let shown = String::from_utf8_lossy(&line).into_owned();
            let entry = Entry::parse(&line);
            assert!(entry.iter().all(|entry| entry.raw == line), "{shown}");
            let found = entry.as_ref().map(fields);
            let expected: Option<Vec<Vec<u8>>> = expected
                .strip_prefix(' ')
                .map(|fields| fields.split('|').map(octets).collect());
            assert_eq!(found.map(Vec::from), expected, "{shown}");
            let mut ended = line.clone();
            ended.extend_from_slice(b"\r\n");
            assert_eq!(Entry::parse(&ended), entry, "its line end counts: {shown}");
            count += 1;
        }
    }
    assert!(line.is_none() && count >= 100, "{count}");
}

// -- real directories -----------------------------------------------------------------------------

fn all(ftp: &Ftp, path: Option<&[u8]>) -> Vec<Entry> {
    ftp.entries(path).unwrap().map(Result::unwrap).collect()
}

#[test]
fn ten_thousand_files_are_listed_by_iterator_and_at_once() {
    let rig = Rig::new();
    let names: Vec<String> = (0..10_000).map(|at| format!("file {at:05}")).collect();
    fs::create_dir(rig.remote("many")).unwrap();
    for (at, name) in names.iter().enumerate() {
        let file = fs::File::create(rig.remote("many").join(name)).unwrap();
        file.set_len(at as u64).unwrap();
    }
    let (modem, ftp) = rig.ftp();
    let entries = all(&ftp, Some(b"many"));
    assert_eq!(entries.len(), names.len());
    for (at, (entry, name)) in entries.iter().zip(&names).enumerate() {
        assert_eq!(entry.name, name.as_bytes());
        assert_eq!((entry.kind, entry.size), (EntryKind::File, Some(at as u64)));
        assert!(entry.modified.is_some(), "{entry:?}");
    }
    assert_eq!(ftp.list(Some(b"many")).unwrap(), entries);
    modem.close().unwrap();
}

/// Names that are hard on whoever cuts lines at blanks.
const NAMES: [&[u8]; 9] = [
    b"two words",
    b" leading blank",
    b"   three leading blanks",
    b"trailing blank ",
    "größe".as_bytes(),
    b"gr\xf6\xdfe",
    b"Oct 26 15:15 looks like a date",
    b"file -> link",
    b"-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 name",
];

fn make_odd_names(root: &Path, names: &[&[u8]]) {
    for name in names {
        fs::write(root.join(OsStr::from_bytes(name)), b"12345").unwrap();
    }
    fs::create_dir(root.join("a folder")).unwrap();
    symlink("two words", root.join("to a file")).unwrap();
    symlink("b -> c", root.join("a -> b")).unwrap();
    symlink("nowhere", root.join(" to nothing")).unwrap();
}

/// Name, kind, size and target.
type Found = (Vec<u8>, EntryKind, Option<u64>, Option<Vec<u8>>);

fn expected(names: &[&[u8]]) -> Vec<Found> {
    let mut expected: Vec<_> = names
        .iter()
        .map(|name| (name.to_vec(), EntryKind::File, Some(5), None))
        .collect();
    expected.push((b"a folder".to_vec(), EntryKind::Directory, None, None));
    for (name, target) in [
        ("to a file", "two words"),
        ("a -> b", "b -> c"),
        (" to nothing", "nowhere"),
    ] {
        expected.push((name.into(), EntryKind::Link, None, Some(target.into())));
    }
    expected.sort_by(|one, other| one.0.cmp(&other.0));
    expected
}

fn found(entries: Vec<Entry>) -> Vec<Found> {
    let mut found: Vec<_> = entries
        .into_iter()
        .map(|entry| (entry.name, entry.kind, entry.size, entry.target))
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

#[test]
fn names_and_links_come_back_as_they_are() {
    let rig = Rig::new();
    make_odd_names(rig.server.root(), &NAMES);
    let (_modem, ftp) = rig.ftp();
    assert_eq!(found(all(&ftp, None)), expected(&NAMES));
    assert_eq!(found(ftp.list(None).unwrap()), expected(&NAMES));
    assert!(all(&ftp, Some(b"a folder")).is_empty());
}

fn names_come_back_from(kind: Kind) {
    let server = ForeignServer::start(kind).unwrap();
    let vmodem = VirtualModem::start(Options {
        route: Some(server.address()),
        ..Options::default()
    })
    .unwrap();
    let modem = Modem::open(vmodem.port(), Rig::config()).unwrap();
    let ftp = modem
        .ftp(&Login::new(
            "ftp.example.com",
            server.user(),
            server.password(),
        ))
        .unwrap();
    if server.dir() != "." && !server.dir().is_empty() {
        ftp.cwd(server.dir()).unwrap();
    }
    let mut names = NAMES.to_vec();
    if kind == Kind::Pyftpdlib {
        // It writes question marks for octets that are no UTF-8.
        names.retain(|name| std::str::from_utf8(name).is_ok());
    }
    make_odd_names(server.root(), &names);
    assert_eq!(found(all(&ftp, None)), expected(&names), "{kind:?}");
    modem.close().unwrap();
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn names_come_back_from_vsftpd() {
    names_come_back_from(Kind::Vsftpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn names_come_back_from_proftpd() {
    names_come_back_from(Kind::Proftpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn names_come_back_from_pureftpd() {
    names_come_back_from(Kind::PureFtpd);
}

#[test]
#[ignore = "needs a foreign server; scripts/test runs it"]
fn names_come_back_from_pyftpdlib() {
    names_come_back_from(Kind::Pyftpdlib);
}

// -- length ---------------------------------------------------------------------------------------

#[test]
fn a_line_that_is_too_long_is_cut_and_of_no_known_kind() {
    let server = ListServer::start(|_, out| {
        out.write_all(line("before").as_bytes())?;
        out.write_all(line("x".repeat(1 << 20)).as_bytes())?;
        out.write_all(line("after").as_bytes())?;
        Ok(WELL)
    });
    let (_modem, ftp) = server.ftp(Rig::config());
    let entries = all(&ftp, None);
    assert_eq!(entries.len(), 3);
    assert_eq!(
        (&entries[0].name[..], &entries[2].name[..]),
        (&b"before"[..], &b"after"[..])
    );
    assert_eq!(entries[1].kind, EntryKind::Unknown);
    assert_eq!(entries[1].raw.len(), 8_000);
}

// -- ends before the end --------------------------------------------------------------------------

#[test]
fn an_iterator_that_is_dropped_early_leaves_a_working_connection() {
    for dtr in [Dtr::Present, Dtr::Ignored, Dtr::Absent] {
        let rig = Rig::with(|modem| modem.dtr = dtr, |_| ());
        fs::create_dir(rig.remote("many")).unwrap();
        for at in 0..10_000 {
            fs::write(rig.remote("many").join(format!("{at:05}")), b"").unwrap();
        }
        let (modem, ftp) = rig.ftp();
        ftp.cwd("many").unwrap();
        let mut entries = ftp.entries(None).unwrap();
        for at in ["00000", "00001", "00002"] {
            assert_eq!(entries.next().unwrap().unwrap().name, at.as_bytes());
        }
        drop(entries);
        assert_eq!(all(&ftp, None).len(), 10_000, "{dtr:?}");
        drop(ftp.entries(None).unwrap());
        ftp.cdup().unwrap();
        for via in [Via::Stream, Via::Block] {
            rig.round_trip(&ftp, via, "after.bin", &random(9_000, 77));
        }
        modem.close().unwrap();
    }
}

/// Reads to the end; gives the names, and the error that was the last item.
fn to_the_error(mut entries: nlftp_core::Entries) -> (Vec<String>, Error) {
    let mut names = Vec::new();
    let error = loop {
        match entries.next().expect("an error before the end") {
            Ok(entry) => names.push(String::from_utf8(entry.name).unwrap()),
            Err(error) => break error,
        }
    };
    assert!(entries.next().is_none(), "something behind {error}");
    (names, error)
}

#[test]
fn a_refused_listing_is_an_error_and_nothing_else() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let (names, error) = to_the_error(ftp.entries(Some(b"missing")).unwrap());
    assert!(names.is_empty());
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert!(error.to_string().contains("missing"), "{error}");
    let invalid = ftp.entries(Some(b"a\rb")).err().unwrap();
    assert_eq!(invalid.kind(), ErrorKind::InvalidArgument, "{invalid}");
    assert!(all(&ftp, None).is_empty());
}

#[test]
fn a_listing_that_breaks_off_ends_in_an_error() {
    let server = ListServer::start(|path, out| {
        for at in 0..100 {
            out.write_all(line(at).as_bytes())?;
        }
        out.write_all(b"-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 100")?;
        Ok(if path == "broken" {
            "426 broken off"
        } else {
            WELL
        })
    });
    let (_modem, ftp) = server.ftp(Rig::config());
    let (names, error) = to_the_error(ftp.entries(Some(b"broken")).unwrap());
    assert!(names.len() >= 100 && names[99] == "99", "{names:?}");
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert_eq!(all(&ftp, Some(b"whole")).len(), 101);
}

#[test]
fn a_server_that_falls_silent_is_a_time_limit_at_the_end() {
    let (hold, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let server = ListServer::start(move |path, out| {
        out.write_all(line("first").as_bytes())?;
        if path == "silent" {
            out.flush()?;
            // Until the test is over.
            let _ = held.lock().unwrap().recv();
        }
        Ok(WELL)
    });
    let mut config = Rig::config();
    // A busy machine holds the first line back for less.
    config.stall_timeout = Duration::from_secs(3);
    let (_modem, ftp) = server.ftp(config);
    let (names, error) = to_the_error(ftp.entries(Some(b"silent")).unwrap());
    assert!(names.is_empty() || names == ["first"], "{names:?}");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_eq!(all(&ftp, Some(b"more")).len(), 1);
    drop(hold);
}

/// More than all buffers between server and iterator hold: it cannot end before it is read.
const MORE_THAN_BUFFERS: u64 = 100_000;

#[test]
fn a_port_that_goes_away_is_an_error_at_the_end() {
    let server = numbered();
    let (_modem, ftp) = server.ftp(Rig::config());
    let path = MORE_THAN_BUFFERS.to_string();
    let mut entries = ftp.entries(Some(path.as_bytes())).unwrap();
    assert_eq!(entries.next().unwrap().unwrap().name, b"0");
    drop(server);
    let (names, error) = to_the_error(entries);
    assert!((names.len() as u64) < MORE_THAN_BUFFERS - 1);
    assert!(
        names
            .iter()
            .enumerate()
            .all(|(at, name)| *name == (at + 1).to_string())
    );
    assert_eq!(error.kind(), ErrorKind::Port, "{error}");
}

#[test]
fn a_cancel_is_the_last_item() {
    let server = numbered();
    let (modem, ftp) = server.ftp(Rig::config());
    let path = MORE_THAN_BUFFERS.to_string();
    let mut entries = ftp.entries(Some(path.as_bytes())).unwrap();
    assert_eq!(entries.next().unwrap().unwrap().name, b"0");
    modem.canceller().cancel();
    let (names, error) = to_the_error(entries);
    assert!((names.len() as u64) < MORE_THAN_BUFFERS - 1);
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    read_numbered(&ftp, 10);
}

// -- other calls in between -----------------------------------------------------------------------

#[test]
fn other_calls_between_two_entries_work_and_lose_none() {
    let server = numbered();
    let (modem, ftp) = server.ftp(Rig::config());
    let path = MORE_THAN_BUFFERS.to_string();
    let mut outer = ftp.entries(Some(path.as_bytes())).unwrap();
    assert_eq!(outer.next().unwrap().unwrap().name, b"0");
    // The module is still listing: each of these would wait for that for ever.
    ftp.noop().unwrap();
    read_numbered(&ftp, 10);
    let mut inner = ftp.entries(Some(path.as_bytes())).unwrap();
    assert_eq!(inner.next().unwrap().unwrap().name, b"0");
    let mut waiting = modem.start_command("AT").unwrap();
    while waiting.wait_timeout(Duration::from_millis(10)).is_none() {}
    for at in 1..MORE_THAN_BUFFERS {
        let at = at.to_string();
        assert_eq!(outer.next().unwrap().unwrap().name, at.as_bytes());
        assert_eq!(inner.next().unwrap().unwrap().name, at.as_bytes());
    }
    assert!(outer.next().is_none() && inner.next().is_none());
    let unread = ftp.entries(Some(path.as_bytes())).unwrap();
    modem.close().unwrap();
    assert_eq!(unread.map(Result::unwrap).count() as u64, MORE_THAN_BUFFERS);
}

/// What waits for ever is an error after this.
fn config_with_deadline() -> Config {
    let mut config = Rig::config();
    config.deadline = Some(Duration::from_secs(120));
    config
}

#[test]
fn another_thread_may_go_on_reading() {
    let server = numbered();
    let (_modem, ftp) = server.ftp(config_with_deadline());
    let path = MORE_THAN_BUFFERS.to_string();
    let mut entries = ftp.entries(Some(path.as_bytes())).unwrap();
    assert_eq!(entries.next().unwrap().unwrap().name, b"0");
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            assert_eq!(entries.next().unwrap().unwrap().name, b"1");
            ftp.noop().unwrap();
            entries.map(Result::unwrap).count() as u64
        });
        ftp.noop().unwrap();
        assert_eq!(reader.join().unwrap(), MORE_THAN_BUFFERS - 2);
    });
}

#[test]
fn a_listing_makes_way_for_the_thread_it_was_handed_to() {
    let server = numbered();
    let (_modem, ftp) = server.ftp(config_with_deadline());
    let path = MORE_THAN_BUFFERS.to_string();
    let entries = ftp.entries(Some(path.as_bytes())).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // It has not read from it yet.
            ftp.noop().unwrap();
            let count = entries.map(Result::unwrap).count() as u64;
            assert_eq!(count, MORE_THAN_BUFFERS);
        });
    });
}

#[test]
fn a_listing_that_another_thread_has_left_open_makes_way() {
    let server = numbered();
    let (_modem, ftp) = server.ftp(config_with_deadline());
    let path = MORE_THAN_BUFFERS.to_string();
    let (open, opened) = mpsc::channel();
    let (go_on, gone_on) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let ftp = &ftp;
        scope.spawn(move || {
            let mut entries = ftp.entries(Some(path.as_bytes())).unwrap();
            assert_eq!(entries.next().unwrap().unwrap().name, b"0");
            open.send(()).unwrap();
            // The other one ends first, well or not.
            let _ = gone_on.recv();
            let count = entries.map(Result::unwrap).count() as u64;
            assert_eq!(count, MORE_THAN_BUFFERS - 1);
        });
        opened.recv().unwrap();
        let result = ftp.noop();
        drop(go_on);
        result.unwrap();
    });
}

#[test]
fn threads_that_call_at_the_same_moment_do_not_wait_for_each_other() {
    let server = numbered();
    let (_modem, ftp) = server.ftp(config_with_deadline());
    let path = MORE_THAN_BUFFERS.to_string();
    for _ in 0..4 {
        let mut outer = ftp.entries(Some(path.as_bytes())).unwrap();
        assert_eq!(outer.next().unwrap().unwrap().name, b"0");
        let mut inner = ftp.entries(Some(path.as_bytes())).unwrap();
        let together = Barrier::new(4);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                assert_eq!(outer.next().unwrap().unwrap().name, b"1");
                together.wait();
                ftp.noop().unwrap();
                let count = outer.by_ref().map(Result::unwrap).count() as u64;
                assert_eq!(count, MORE_THAN_BUFFERS - 2);
            });
            scope.spawn(|| {
                together.wait();
                assert_eq!(inner.next().unwrap().unwrap().name, b"0");
                ftp.noop().unwrap();
                let count = inner.by_ref().map(Result::unwrap).count() as u64;
                assert_eq!(count, MORE_THAN_BUFFERS - 1);
            });
            for _ in 0..2 {
                scope.spawn(|| {
                    together.wait();
                    ftp.noop().unwrap();
                    read_numbered(&ftp, 10);
                });
            }
        });
    }
}

#[test]
fn an_iterator_that_is_dropped_while_another_thread_reads_it_ends() {
    let (hold, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let server = ListServer::start(move |path, out| {
        out.write_all(line("first").as_bytes())?;
        if path == "silent" {
            out.flush()?;
            let _ = held.lock().unwrap().recv();
        }
        Ok(WELL)
    });
    let mut config = config_with_deadline();
    config.stall_timeout = Duration::from_secs(600);
    let (_modem, ftp) = server.ftp(config);
    let entries = ftp.entries(Some(b"silent")).unwrap();
    let started = ftp.start_noop();
    std::thread::scope(|scope| {
        scope.spawn(|| ftp.noop().unwrap());
        drop(entries);
        started.wait().unwrap();
    });
    drop(hold);
}

#[test]
fn callbacks_run_inside_next_and_may_not_wait_there() {
    let rig = Rig::new();
    fs::write(rig.remote("file"), b"").unwrap();
    let (_modem, ftp) = rig.ftp();
    let here = std::thread::current().id();
    let seen = Arc::new(Mutex::new(Vec::new()));
    // Read inside a callback, where the module's answers could not be waited for.
    let mut inside = Some(ftp.entries(None).unwrap());
    let log = seen.clone();
    let refused = Arc::new(Mutex::new(None));
    let result = refused.clone();
    ftp.on_info(move |text| {
        assert_eq!(std::thread::current().id(), here);
        log.lock().unwrap().push(text.to_owned());
        if let Some(mut entries) = inside.take() {
            let error = entries.next().unwrap().unwrap_err();
            assert!(entries.next().is_none());
            *result.lock().unwrap() = Some(error.kind());
        }
    })
    .unwrap();
    assert_eq!(all(&ftp, None).len(), 1);
    let seen = seen.lock().unwrap();
    assert!(seen.iter().any(|text| text.contains("LIST")), "{seen:?}");
    assert_eq!(*refused.lock().unwrap(), Some(ErrorKind::WouldDeadlock));
}

/// What is left of a listing that nobody wants any more ends with it, and not with what comes behind.
#[test]
fn a_listing_that_was_given_up_does_not_end_the_next_call() {
    let rig = Rig::new();
    for number in 0..500 {
        std::fs::write(rig.remote(&format!("file-{number}")), "").unwrap();
    }
    let (_modem, ftp) = rig.ftp();
    for round in 0..4 {
        let mut listing = ftp.entries(None).unwrap();
        if round % 2 == 0 {
            listing.next().unwrap().unwrap();
        }
        let next = ftp.start_pwd();
        drop(listing);
        assert_eq!(next.wait().unwrap(), b"/", "round {round}");
    }
}
