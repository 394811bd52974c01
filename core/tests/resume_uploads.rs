//! Uploads that go on where an earlier one ended, byte for byte. Downloads: `resume.rs`.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;
#[path = "support/wire.rs"]
mod wire;

use std::fs::{self, File};
use std::io::{Cursor, Seek, SeekFrom};

use nlftp_core::{
    ErrorKind, FileType, Ftp, Modem, Source, Transfer, TransferOptions, Verified, Verify, Via,
};
use nlftp_vmodem::server::Farewell;
use nlftp_vmodem::{Dtr, Options, VirtualModem};
use rig::{Rig, options, random};
use wire::Plain;

const BOTH: [Via; 2] = [Via::Stream, Via::Block];
const DTRS: [Dtr; 3] = [Dtr::Present, Dtr::Ignored, Dtr::Absent];
const BLOCK: usize = 64 * 1024;

fn resuming<'a>(via: Via) -> TransferOptions<'a> {
    options(|o| (o.via, o.resume) = (via, true))
}

fn checked<'a>(via: Via) -> TransferOptions<'a> {
    options(|o| (o.via, o.resume, o.verify) = (via, true, Verify::Readback))
}

fn source(data: &[u8]) -> Source<'_> {
    Source::seekable(Cursor::new(data), Some(data.len() as u64))
}

fn warned(transfer: &Transfer, words: &str) -> bool {
    let warnings = &transfer.warnings;
    warnings.iter().any(|warning| warning.contains(words))
}

/// An upload with resume that is cancelled once `after` bytes have gone.
fn cut(ftp: &Ftp, modem: &Modem, data: &[u8], via: Via, after: u64) {
    let canceller = modem.canceller();
    let mut set = resuming(via);
    set.progress = Some(Box::new(move |progress| {
        if progress.done >= after {
            canceller.cancel();
        }
    }));
    let error = ftp.put(source(data), "f", set).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    let left = error.left_behind().unwrap();
    assert!(left.contains("stays there for a resume: f"), "{error}");
}

/// How much the server has of it, whatever is behind that. One that was left early may not even have made the file.
fn common(rig: &Rig, data: &[u8]) -> u64 {
    let there = fs::read(rig.remote("f")).unwrap_or_default();
    data.iter().zip(&there).take_while(|(a, b)| a == b).count() as u64
}

#[test]
fn a_cancelled_upload_stays_and_goes_on() {
    // More than is ever on its way between source and server, so that the cancel comes in time.
    let data = random(3_000_000, 1);
    for dtr in DTRS {
        let rig = Rig::with(|modem| modem.dtr = dtr, |_| ());
        let (modem, ftp) = rig.ftp();
        for via in BOTH {
            for after in [1, 300_000] {
                cut(&ftp, &modem, &data, via, after);
                // The next call waits until the modem is through with this one.
                ftp.noop().unwrap();
                let there = common(&rig, &data);
                let done = ftp.put(source(&data), "f", resuming(via)).unwrap();
                assert!(fs::read(rig.remote("f")).unwrap() == data);
                assert_eq!(done.resumed_from + done.bytes, data.len() as u64);
                assert_eq!(done.verified, Verified::Size);
                assert!(done.resumed_from >= there, "{there}: {done:?}");
                if done.resumed_from > 0 {
                    assert_eq!(done.via, Via::Stream);
                    assert_eq!(warned(&done, "FTPPUT has no offset"), via == Via::Block);
                }
                fs::remove_file(rig.remote("f")).unwrap();
            }
        }
    }
}

#[test]
fn an_upload_may_be_cut_again_and_again() {
    let data = random(4_000_000, 2);
    let rig = Rig::new();
    let (modem, ftp) = rig.ftp();
    let mut there = 0;
    for _ in 0..3 {
        cut(&ftp, &modem, &data, Via::Stream, there + 200_000);
        ftp.noop().unwrap();
        let now = common(&rig, &data);
        assert!(now >= there);
        there = now;
    }
    let done = ftp.put(source(&data), "f", checked(Via::Stream)).unwrap();
    assert!(fs::read(rig.remote("f")).unwrap() == data);
    assert_eq!(done.verified, Verified::Readback);
    assert!(done.resumed_from >= there, "{there}: {done:?}");
}

#[test]
fn a_port_that_went_away_costs_what_was_on_its_way() {
    let data = random(3_000_000, 3);
    for via in BOTH {
        let rig = Rig::new();
        let vmodem = VirtualModem::start(Options {
            route: Some(rig.server.address()),
            ..Options::default()
        })
        .unwrap();
        let modem = Modem::open(vmodem.port(), Rig::config()).unwrap();
        let ftp = modem.ftp(&rig.login()).unwrap();
        let mut set = resuming(via);
        set.progress = Some(Box::new(|progress| {
            if progress.done > 300_000 {
                vmodem.hang_up();
            }
        }));
        let error = ftp.put(source(&data), "f", set).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Port, "{error}");
        assert!(error.left_behind().is_some(), "{error}");
        // With the modem its connections go, too: nobody writes to the file any more.
        drop(vmodem);
        let (_modem, ftp) = rig.ftp();
        let done = ftp.put(source(&data), "f", resuming(via)).unwrap();
        assert!(fs::read(rig.remote("f")).unwrap() == data);
        assert_eq!(done.resumed_from + done.bytes, data.len() as u64);
    }
}

#[test]
fn a_server_that_leaves_in_the_middle_costs_what_was_on_its_way() {
    let data = random(600_000, 4);
    let rig = Rig::new();
    let leaves = Rig::with(
        |_| (),
        |server| {
            server.root = Some(rig.server.root().to_owned());
            server.farewell = Some(Farewell::InTransfer(300_000));
        },
    );
    let (_modem, cut_off) = leaves.ftp();
    for _ in 0..3 {
        if let Err(error) = cut_off.put(source(&data), "f", resuming(Via::Stream)) {
            assert!(error.left_behind().is_some(), "{error}");
        }
        let there = fs::read(rig.remote("f")).unwrap();
        assert!(data.starts_with(&there));
    }
    let (_modem, ftp) = rig.ftp();
    let done = ftp.put(source(&data), "f", resuming(Via::Stream)).unwrap();
    assert!(fs::read(rig.remote("f")).unwrap() == data);
    assert!(done.resumed_from > 0, "{done:?}");
}

#[test]
fn every_length_of_the_servers_file_around_the_overlap_goes_on() {
    let data = random(3 * BLOCK + 77, 5);
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        let lengths = [0, 1, 4095, 4096, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK];
        for length in lengths.into_iter().chain([data.len() - 1, data.len()]) {
            fs::write(rig.remote("f"), &data[..length]).unwrap();
            let stored = commands(&rig, "STOR");
            let done = ftp.put(source(&data), "f", checked(via)).unwrap();
            assert!(fs::read(rig.remote("f")).unwrap() == data, "{length}");
            assert_eq!(done.resumed_from, length as u64, "{via:?}");
            assert_eq!(done.bytes, (data.len() - length) as u64);
            assert_eq!(done.verified, Verified::Readback);
            // What is there already, whole, is not sent.
            let sent = commands(&rig, "STOR") - stored;
            assert_eq!(sent > 0, length < data.len());
        }
    }
}

fn commands(rig: &Rig, start: &str) -> usize {
    let commands = rig.server.commands();
    commands
        .iter()
        .filter(|line| line.starts_with(start))
        .count()
}

#[test]
fn whole_files_around_the_overlap_and_empty_ones_arrive_with_resume() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    for size in [0, 1, 1024, BLOCK - 1, BLOCK, BLOCK + 1] {
        let data = random(size, 6);
        for via in BOTH {
            let done = ftp.put(source(&data), "f", resuming(via)).unwrap();
            assert!(fs::read(rig.remote("f")).unwrap() == data, "{size}");
            assert_eq!((done.resumed_from, done.bytes), (0, size as u64));
            assert_eq!(done.via == Via::Block, via == Via::Block && size > 0);
            // And again, where it is there already.
            let done = ftp.put(source(&data), "f", resuming(via)).unwrap();
            assert_eq!((done.resumed_from, done.bytes), (size as u64, 0));
            fs::remove_file(rig.remote("f")).unwrap();
        }
    }
}

#[test]
fn junk_at_the_end_of_the_servers_file_is_replaced() {
    let data = random(300_000, 7);
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    for junk in [
        &b"\x03"[..],
        b"\rAT\r\r\r\r\r",
        &[b'\r'; 1024],
        &[0; 50_000],
    ] {
        fs::write(rig.remote("f"), [&data[..200_000], junk].concat()).unwrap();
        let done = ftp.put(source(&data), "f", checked(Via::Stream)).unwrap();
        assert!(fs::read(rig.remote("f")).unwrap() == data);
        // By chance the junk's first byte may be right.
        assert!((200_000..200_002).contains(&done.resumed_from), "{done:?}");
        assert!(warned(&done, "were replaced"), "{done:?}");
    }
}

#[test]
fn a_killed_clients_upload_goes_on_below_what_it_left() {
    let data = random(300_000, 8);
    for dtr in DTRS {
        let rig = Rig::with(|modem| modem.dtr = dtr, |_| ());
        {
            let mut client = Plain::open(rig.vmodem.port());
            let (user, password) = (rig.server.user(), rig.server.password());
            client.send(
                &format!("AT+FTPOPEN=\"h\",\"{user}\",\"{password}\""),
                "+FTPOPEN: 1",
            );
            client.send("AT+FTPSTOR=\"f\",1,0", "+FTPSTOR: 2");
            for byte in &data[..200_000] {
                let escape: &[u8] = match byte {
                    0x03 | 0x10 => &[0x10],
                    _ => &[],
                };
                client.write(&[escape, &[*byte]].concat());
            }
        }
        let modem = Modem::open(rig.vmodem.port(), Rig::config()).unwrap();
        let ftp = modem.ftp(&rig.login()).unwrap();
        let there = common(&rig, &data);
        let done = ftp.put(source(&data), "f", checked(Via::Stream)).unwrap();
        assert!(fs::read(rig.remote("f")).unwrap() == data, "{dtr:?}");
        assert!(done.resumed_from >= there, "{dtr:?} {there}: {done:?}");
    }
}

#[test]
fn what_is_something_else_is_written_from_the_start() {
    let data = random(200_000, 9);
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let other = random(150_000, 77);
    let longer = [&data[..], b"x"].concat();
    for via in BOTH {
        for (there, words) in [
            (&other, "is not the source's beginning"),
            (&longer, "longer than the source"),
        ] {
            fs::write(rig.remote("f"), there).unwrap();
            let done = ftp.put(source(&data), "f", checked(via)).unwrap();
            assert!(fs::read(rig.remote("f")).unwrap() == data);
            assert_eq!((done.resumed_from, done.via), (0, via));
            assert!(warned(&done, words), "{words}: {:?}", done.warnings);
        }
        // A source that does not know its size finds out by reading.
        fs::write(rig.remote("f"), &longer).unwrap();
        let unknown = Source::seekable(Cursor::new(&data), None);
        let done = ftp.put(unknown, "f", checked(via)).unwrap();
        assert!(fs::read(rig.remote("f")).unwrap() == data);
        assert!(warned(&done, "longer than the source"));
    }
}

#[test]
fn a_server_without_reading_or_offsets_gets_the_file_all_the_same() {
    let data = random(200_000, 10);
    for command in ["RETR", "REST", "LIST"] {
        let rig = Rig::with(
            |_| (),
            |server| {
                server.refused.insert(command.to_owned(), 502);
            },
        );
        let (_modem, ftp) = rig.ftp();
        for via in BOTH {
            fs::write(rig.remote("f"), &data[..150_000]).unwrap();
            let done = ftp.put(source(&data), "f", resuming(via)).unwrap();
            assert!(fs::read(rig.remote("f")).unwrap() == data, "{command}");
            assert_eq!(done.resumed_from, 0);
            assert!(!done.warnings.is_empty());
        }
    }
}

#[test]
fn readback_sees_what_no_resume_compares() {
    let data = random(300_000, 11);
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let mut there = data[..200_000].to_vec();
    there[1000] ^= 1;
    fs::write(rig.remote("f"), &there).unwrap();
    let error = ftp
        .put(source(&data), "f", checked(Via::Stream))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transfer, "{error}");
    assert!(error.to_string().contains("without a resume"), "{error}");
    assert_eq!(error.transferred(), Some(100_000));
}

#[test]
fn an_ascii_upload_begins_at_the_start() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    fs::write(rig.remote("f"), b"one\n").unwrap();
    for via in BOTH {
        let ascii = options(|o| (o.via, o.resume, o.file_type) = (via, true, FileType::Ascii));
        let done = ftp.put(source(b"one\r\ntwo\r\n"), "f", ascii).unwrap();
        assert_eq!(fs::read(rig.remote("f")).unwrap(), b"one\ntwo\n");
        assert!(warned(&done, "ASCII transfer cannot be resumed"));
        assert_eq!((done.resumed_from, done.bytes), (0, 10));
    }
}

#[test]
fn every_source_that_seeks_goes_on_from_its_own_beginning() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let here = tempfile::tempdir().unwrap();
    let path = here.path().join("f");
    let data = random(200_000, 12);
    let headed = [b"a header that is no part of it", &data[..]].concat();
    let behind = (headed.len() - data.len()) as u64;
    let check = |source: Source<'_>| {
        fs::write(rig.remote("f"), &data[..150_000]).unwrap();
        let done = ftp.put(source, "f", checked(Via::Auto)).unwrap();
        assert!(fs::read(rig.remote("f")).unwrap() == data);
        assert_eq!((done.resumed_from, done.bytes), (150_000, 50_000));
    };
    fs::write(&path, &data).unwrap();
    check(Source::path(&path));
    check(Source::fd(File::open(&path).unwrap().into()));
    check(Source::from(&data[..]));
    let mut moved = Cursor::new(&data);
    moved.seek(SeekFrom::Start(77)).unwrap();
    check(Source::seekable(moved, None));
    // Where a descriptor stands is the beginning.
    fs::write(&path, &headed).unwrap();
    let mut file = File::open(&path).unwrap();
    file.seek(SeekFrom::Start(behind)).unwrap();
    check(Source::fd(file.into()));
    // The modem's own thread reads it.
    fs::write(&path, &data).unwrap();
    fs::write(rig.remote("f"), &data[..150_000]).unwrap();
    let away = ftp.start_put_file(path.as_path(), "f", checked(Via::Auto));
    let done = away.unwrap().wait().unwrap();
    assert!(fs::read(rig.remote("f")).unwrap() == data);
    assert_eq!(done.resumed_from, 150_000);
}

#[test]
fn sources_that_cannot_seek_are_refused_before_anything_is_sent() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let before = rig.vmodem.sent_count();
    let data = random(10, 13);
    let (reader, _writer) = rustix::pipe::pipe().unwrap();
    for source in [
        Source::reader(&data[..]),
        Source::sized(&data[..], 10),
        Source::fd(reader),
        Source::path("/dev/zero"),
    ] {
        let error = ftp.put(source, "f", resuming(Via::Auto)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains("that seeks"), "{error}");
    }
    let both = options(|o| (o.resume, o.offset) = (true, 1));
    let error = ftp.put(source(&data), "f", both).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    assert_eq!(rig.vmodem.sent_count(), before);
}

#[test]
fn progress_counts_from_the_files_start() {
    let data = random(900_000, 14);
    let size = data.len() as u64;
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    for verify in [Verify::Size, Verify::Readback] {
        fs::write(rig.remote("f"), &data[..500_000]).unwrap();
        let mut seen = Vec::new();
        let mut set = options(|o| (o.resume, o.verify) = (true, verify));
        set.progress = Some(Box::new(|progress| {
            seen.push((progress.done, progress.total));
        }));
        ftp.put(source(&data), "f", set).unwrap();
        assert_eq!(seen.first(), Some(&(500_000, Some(size))), "{seen:?}");
        assert_eq!(seen.last(), Some(&(size, Some(size))));
        assert!(
            seen.windows(2).all(|pair| pair[0].0 < pair[1].0),
            "{seen:?}"
        );
    }
}

#[test]
fn an_upload_that_is_refused_leaves_what_was_there() {
    let data = random(100_000, 15);
    let rig = Rig::with(|_| (), |server| server.read_only = true);
    fs::write(rig.remote("f"), &data[..70_000]).unwrap();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        let error = ftp.put(source(&data), "f", resuming(via)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        assert!(fs::read(rig.remote("f")).unwrap() == data[..70_000]);
    }
    assert_eq!(commands(&rig, "DELE"), 0);
}
