//! What a download does not go on with: files that have changed, parts that nothing is known of, junk.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/part_files.rs"]
mod part_files;
#[path = "support/rig.rs"]
mod rig;

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::time::{Duration, SystemTime};

use nlftp_core::{ErrorKind, FileType, Verify, Via};
use nlftp_vmodem::Dtr;
use part_files::{Here, SLACK, get, leave, resuming, warned};
use rig::{Rig, options, random};

const BOTH: [Via; 2] = [Via::Stream, Via::Block];
const BLOCK: usize = 64 * 1024;

/// Gives the server's file new content and the time that it had.
fn rewrite_unseen(path: &Path, content: &[u8]) {
    let time = fs::metadata(path).unwrap().modified().unwrap();
    fs::write(path, content).unwrap();
    set_time(path, time);
}

fn set_time(path: &Path, time: SystemTime) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

#[test]
fn a_file_that_has_changed_is_fetched_from_the_start() {
    let data = random(SLACK, 81);
    let other = random(SLACK, 91);
    let hour = Duration::from_secs(3600);
    for via in BOTH {
        let rig = Rig::new();
        let remote = rig.remote("f");
        let (_modem, ftp) = rig.ftp();
        let check = |words: &str, change: &dyn Fn()| {
            fs::write(&remote, &data).unwrap();
            let here = Here::new();
            leave(&ftp, &here, &data[..700_000]);
            change();
            let done = get(&ftp, &here, via);
            here.holds(&fs::read(&remote).unwrap());
            assert_eq!(done.resumed_from, 0, "{words}");
            assert!(warned(&done, words), "{words}: {:?}", done.warnings);
        };
        check("another size or time", &|| {
            fs::write(&remote, &other[..SLACK - 1]).unwrap();
        });
        check("another size or time", &|| {
            fs::write(&remote, &other[..600_000]).unwrap();
        });
        check("another size or time", &|| {
            fs::write(&remote, [&other[..], b"x"].concat()).unwrap();
        });
        check("another size or time", &|| {
            fs::write(&remote, &other).unwrap();
            set_time(&remote, SystemTime::now() - hour);
        });
        // What no listing tells, the bytes do.
        check("is not the file on the server", &|| {
            rewrite_unseen(&remote, &other);
        });
    }
}

#[test]
fn a_download_of_no_use_is_left_whatever_the_dtr_line_does() {
    let (data, other) = (random(SLACK, 81), random(SLACK, 91));
    for dtr in [Dtr::Present, Dtr::Ignored, Dtr::Absent] {
        let rig = Rig::with(|modem| modem.dtr = dtr, |_| ());
        let (_modem, ftp) = rig.ftp();
        for via in BOTH {
            fs::write(rig.remote("f"), &data).unwrap();
            let here = Here::new();
            leave(&ftp, &here, &data[..700_000]);
            rewrite_unseen(&rig.remote("f"), &other);
            let done = get(&ftp, &here, via);
            here.holds(&other);
            assert_eq!(done.resumed_from, 0);
            rig.round_trip(&ftp, via, "after.bin", &data[..10_000]);
        }
    }
}

#[test]
fn a_last_block_that_has_changed_is_fetched_again() {
    let data = random(SLACK, 10);
    let rig = Rig::new();
    let remote = rig.remote("f");
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        for at in [699_999, 680_000, 700_000 - BLOCK + 4096] {
            fs::write(&remote, &data).unwrap();
            let here = Here::new();
            leave(&ftp, &here, &data[..700_000]);
            let mut changed = data.clone();
            for byte in &mut changed[at..] {
                *byte ^= 0x55;
            }
            rewrite_unseen(&remote, &changed);
            let readback = options(|o| (o.via, o.resume, o.verify) = (via, true, Verify::Readback));
            let done = ftp.get("f", here.target().as_path(), readback).unwrap();
            here.holds(&changed);
            assert_eq!(done.resumed_from, at as u64);
        }
    }
}

#[test]
fn a_part_that_nothing_is_known_of_is_not_trusted() {
    let data = random(SLACK, 11);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    fs::write(rig.remote("g"), &data).unwrap();
    let (_modem, ftp) = rig.ftp();
    type Change = fn(&Here);
    let changes: [(&str, Change); 5] = [
        ("nothing is recorded", |here| {
            fs::remove_file(here.record()).unwrap();
        }),
        ("nothing is recorded", |here| {
            let record = fs::read(here.record()).unwrap();
            fs::write(here.record(), &record[..record.len() - 1]).unwrap();
        }),
        ("nothing is recorded", |here| {
            fs::write(here.record(), [b'x'; 100_000]).unwrap();
        }),
        ("nothing is recorded", |here| {
            // Read whole, it would take a terabyte.
            let record = File::options().write(true).open(here.record()).unwrap();
            record.set_len(1 << 40).unwrap();
        }),
        ("another file", |here| {
            let record = fs::read_to_string(here.record()).unwrap();
            fs::write(here.record(), record.replace("name f", "name g")).unwrap();
        }),
    ];
    for (words, change) in changes {
        let here = Here::new();
        leave(&ftp, &here, &data[..700_000]);
        change(&here);
        let done = get(&ftp, &here, Via::Stream);
        here.holds(&data);
        assert_eq!(done.resumed_from, 0);
        assert!(warned(&done, words), "{words}: {:?}", done.warnings);
    }
}

#[test]
fn without_resume_a_part_is_begun_anew_and_its_record_goes() {
    let data = random(SLACK, 12);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let (_modem, ftp) = rig.ftp();
    let here = Here::new();
    leave(&ftp, &here, &data[..700_000]);
    let plain = options(|o| o.via = Via::Stream);
    ftp.get("f", here.target().as_path(), plain).unwrap();
    here.holds(&data);
    fs::remove_file(here.target()).unwrap();
    leave(&ftp, &here, &data[..700_000]);
    let error = ftp
        .get("missing", here.target().as_path(), options(|_| ()))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert!(error.left_behind().is_none() && here.names().is_empty());
}

#[test]
fn a_refusal_keeps_the_part_and_leaves_no_empty_one() {
    let data = random(SLACK, 13);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        let here = Here::new();
        leave(&ftp, &here, &data[..700_000]);
        let before = fs::read(here.record()).unwrap();
        fs::rename(rig.remote("f"), rig.remote("away")).unwrap();
        let set = resuming(via);
        let error = ftp.get("f", here.target().as_path(), set).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        assert!(error.left_behind().is_some(), "{error}");
        assert!(fs::read(here.part()).unwrap() == data[..700_000]);
        assert_eq!(fs::read(here.record()).unwrap(), before);
        fs::rename(rig.remote("away"), rig.remote("f")).unwrap();
        assert_eq!(get(&ftp, &here, via).resumed_from, 700_000);
        here.holds(&data);
        let here = Here::new();
        let error = ftp
            .get("missing", here.target().as_path(), resuming(via))
            .unwrap_err();
        assert!(error.left_behind().is_none(), "{error}");
        assert!(here.names().is_empty());
    }
}

#[test]
fn a_server_without_listings_or_offsets_gives_the_file_all_the_same() {
    // No more than the module's cache holds: it needs offsets itself where there is more.
    let data = random(400_000, 14);
    for (command, words, resumes) in [
        ("LIST", "alone decided where to go on", true),
        ("REST", "refused to go on", false),
    ] {
        let plain = Rig::new();
        fs::write(plain.remote("f"), &data).unwrap();
        let (_modem, listing) = plain.ftp();
        let rig = Rig::with(
            |_| (),
            |server| {
                server.root = Some(plain.server.root().to_owned());
                server.refused.insert(command.to_owned(), 502);
            },
        );
        let (_modem, ftp) = rig.ftp();
        for via in BOTH {
            let here = Here::new();
            leave(&listing, &here, &data[..300_000]);
            let done = get(&ftp, &here, via);
            here.holds(&data);
            assert_eq!(done.resumed_from > 0, resumes, "{command}");
            assert!(warned(&done, words), "{words}: {:?}", done.warnings);
        }
    }
}

#[test]
fn readback_sees_what_no_resume_compares_and_such_a_part_does_not_stay() {
    let data = random(SLACK, 15);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        let here = Here::new();
        let mut part = data[..700_000].to_vec();
        part[1000] ^= 1;
        leave(&ftp, &here, &part);
        let readback = || options(|o| (o.via, o.resume, o.verify) = (via, true, Verify::Readback));
        let error = ftp
            .get("f", here.target().as_path(), readback())
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transfer, "{error}");
        assert!(here.names().is_empty(), "{:?}", here.names());
        ftp.get("f", here.target().as_path(), readback()).unwrap();
        here.holds(&data);
    }
}

#[test]
fn an_ascii_download_begins_at_the_start_and_leaves_nothing_to_go_on_with() {
    let rig = Rig::new();
    let data = random(SLACK, 16);
    fs::write(rig.remote("f"), &data).unwrap();
    let (modem, ftp) = rig.ftp();
    let here = Here::new();
    leave(&ftp, &here, &data[..700_000]);
    fs::write(rig.remote("f"), b"one\ntwo\n").unwrap();
    let ascii = || options(|o| (o.resume, o.file_type) = (true, FileType::Ascii));
    let done = ftp.get("f", here.target().as_path(), ascii()).unwrap();
    here.holds(b"one\r\ntwo\r\n");
    assert!(warned(&done, "ASCII transfer cannot be resumed"));
    fs::write(rig.remote("f"), vec![b'a'; SLACK]).unwrap();
    let canceller = modem.canceller();
    let mut set = ascii();
    set.progress = Some(Box::new(move |_| canceller.cancel()));
    let error = ftp.get("f", here.target().as_path(), set).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    assert_eq!(here.names(), ["f"]);
}

#[test]
fn junk_at_the_end_of_the_part_is_replaced() {
    let data = random(SLACK, 7);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        // A power cut may leave a file that is longer than what was written to it.
        for junk in [&b"\0"[..], &[0; 30_000], b"OK\r\n"] {
            let here = Here::new();
            leave(&ftp, &here, &[&data[..500_000], junk].concat());
            let done = get(&ftp, &here, via);
            here.holds(&data);
            // By chance the junk's first byte may be right.
            assert!((500_000..500_002).contains(&done.resumed_from), "{done:?}");
        }
    }
}

#[test]
fn two_downloads_never_share_a_part() {
    let data = random(SLACK, 20);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let (_modem, ftp) = rig.ftp();
    let here = Here::new();
    leave(&ftp, &here, &data[..700_000]);
    let mut holder = File::open(here.part()).unwrap();
    holder.lock().unwrap();
    let error = ftp
        .get("f", here.target().as_path(), resuming(Via::Stream))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalFile, "{error}");
    let mut there = Vec::new();
    holder.read_to_end(&mut there).unwrap();
    assert!(there == data[..700_000]);
    drop(holder);
    assert_eq!(get(&ftp, &here, Via::Stream).resumed_from, 700_000);
    here.holds(&data);
}
