//! Downloads that go on where an earlier one ended, byte for byte. What is not gone on with: `resume_anew.rs`; uploads:
//! `resume_uploads.rs`.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/part_files.rs"]
mod part_files;
#[path = "support/rig.rs"]
mod rig;

use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use nlftp_core::{ErrorKind, Modem, Sink, Verified, Verify, Via};
use nlftp_vmodem::server::Farewell;
use nlftp_vmodem::{Dtr, Options, VirtualModem};
use part_files::{Here, SLACK, cut, get, leave, resuming};
use rig::{Rig, options, random};

const BOTH: [Via; 2] = [Via::Stream, Via::Block];
const BLOCK: usize = 64 * 1024;

#[test]
fn a_cancelled_download_goes_on_where_it_ended() {
    let data = random(SLACK + 700_000, 1);
    for dtr in [Dtr::Present, Dtr::Ignored, Dtr::Absent] {
        let rig = Rig::with(|modem| modem.dtr = dtr, |_| ());
        fs::write(rig.remote("f"), &data).unwrap();
        let (modem, ftp) = rig.ftp();
        for via in BOTH {
            for after in [1, 60_000, 100_000, 700_000] {
                let here = Here::new();
                let error = cut(&ftp, &modem, &here, via, after);
                let part = fs::metadata(here.part()).unwrap().len();
                assert!(part >= after && error.transferred() >= Some(after));
                let left = error.left_behind().unwrap();
                assert!(left.contains("f.nlftp-part stays for a resume"), "{error}");
                let done = get(&ftp, &here, via);
                here.holds(&data);
                assert_eq!(done.resumed_from, part, "{dtr:?} {via:?} {after}");
                assert_eq!(done.bytes, data.len() as u64 - part);
                assert_eq!(done.verified, Verified::Size);
                assert!(done.warnings.is_empty(), "{:?}", done.warnings);
            }
        }
    }
}

#[test]
fn a_download_may_be_cut_again_and_again() {
    let data = random(SLACK + 1_200_000, 2);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let (modem, ftp) = rig.ftp();
    let here = Here::new();
    let mut there = 0;
    for via in [BOTH, BOTH].concat() {
        cut(&ftp, &modem, &here, via, there + 100_000);
        let now = fs::metadata(here.part()).unwrap().len();
        assert!(now >= there + 100_000);
        there = now;
    }
    let readback = options(|o| (o.resume, o.verify) = (true, Verify::Readback));
    let done = ftp.get("f", here.target().as_path(), readback).unwrap();
    here.holds(&data);
    assert_eq!(
        (done.resumed_from, done.verified),
        (there, Verified::Readback)
    );
}

#[test]
fn a_port_that_went_away_costs_what_was_on_its_way() {
    let data = random(SLACK + 500_000, 3);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    for via in BOTH {
        let here = Here::new();
        let vmodem = VirtualModem::start(Options {
            route: Some(rig.server.address()),
            ..Options::default()
        })
        .unwrap();
        let modem = Modem::open(vmodem.port(), Rig::config()).unwrap();
        let ftp = modem.ftp(&rig.login()).unwrap();
        let mut set = resuming(via);
        set.progress = Some(Box::new(|progress| {
            if progress.done > 200_000 {
                vmodem.hang_up();
            }
        }));
        let error = ftp.get("f", here.target().as_path(), set).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Port, "{error}");
        assert!(error.left_behind().is_some(), "{error}");
        let part = fs::metadata(here.part()).unwrap().len();
        assert!(part > 200_000);
        let (_modem, ftp) = rig.ftp();
        let done = get(&ftp, &here, via);
        here.holds(&data);
        assert_eq!(done.resumed_from, part);
    }
}

#[test]
fn a_server_that_leaves_in_the_middle_costs_what_was_on_its_way() {
    let data = random(600_000, 4);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let leaves = Rig::with(
        |_| (),
        |server| {
            server.root = Some(rig.server.root().to_owned());
            server.farewell = Some(Farewell::InTransfer(300_000));
        },
    );
    let here = Here::new();
    let (_modem, cut_off) = leaves.ftp();
    // How much of it arrives before the connection breaks is chance, none of it included.
    for _ in 0..6 {
        let set = resuming(Via::Stream);
        let Err(error) = cut_off.get("f", here.target().as_path(), set) else {
            break;
        };
        let part = fs::read(here.part()).unwrap_or_default();
        assert!(data.starts_with(&part));
        assert_eq!(error.left_behind().is_some(), !part.is_empty(), "{error}");
    }
    let there = fs::metadata(here.part()).map_or(0, |part| part.len());
    let (_modem, ftp) = rig.ftp();
    if !here.target().exists() {
        assert_eq!(get(&ftp, &here, Via::Stream).resumed_from, there);
    }
    here.holds(&data);
}

#[test]
fn what_a_cut_leaves_is_what_these_tests_write() {
    let data = random(SLACK, 21);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let (modem, ftp) = rig.ftp();
    let (here, there) = (Here::new(), Here::new());
    cut(&ftp, &modem, &here, Via::Block, 1);
    assert_eq!(here.names(), ["f.nlftp-part", "f.nlftp-part.record"]);
    let part = fs::read(here.part()).unwrap();
    assert!(data.starts_with(&part));
    leave(&ftp, &there, &part);
    assert_eq!(
        fs::read_to_string(here.record()).unwrap(),
        fs::read_to_string(there.record()).unwrap()
    );
}

#[test]
fn every_length_of_the_part_around_the_overlap_goes_on() {
    let data = random(3 * BLOCK + 77, 5);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        let lengths = [1, 4095, 4096, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK];
        for length in lengths.into_iter().chain([data.len() - 1, data.len()]) {
            let here = Here::new();
            leave(&ftp, &here, &data[..length]);
            let done = get(&ftp, &here, via);
            here.holds(&data);
            assert_eq!(done.resumed_from, length as u64, "{via:?}");
            assert_eq!(done.bytes, (data.len() - length) as u64);
        }
    }
}

#[test]
fn whole_files_around_the_overlap_and_empty_ones_arrive_with_resume() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    for size in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1] {
        let data = random(size, 6);
        fs::write(rig.remote("f"), &data).unwrap();
        for via in BOTH {
            let here = Here::new();
            let done = get(&ftp, &here, via);
            here.holds(&data);
            assert_eq!((done.resumed_from, done.bytes), (0, size as u64));
            assert!(done.warnings.is_empty(), "{:?}", done.warnings);
        }
    }
}

#[test]
fn a_descriptors_own_content_is_gone_on_with() {
    let data = random(400_000, 17);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        for (there, expected) in [
            (data[..300_000].to_vec(), 300_000),
            ([&data[..300_000], &[!data[300_000]; 9]].concat(), 300_000),
            (random(300_000, 99), 0),
            (random(500_000, 99), 0),
            (Vec::new(), 0),
        ] {
            let here = Here::new();
            fs::write(here.target(), &there).unwrap();
            let file = File::options()
                .read(true)
                .write(true)
                .open(here.target())
                .unwrap();
            let done = ftp
                .get("f", Sink::fd(OwnedFd::from(file)), resuming(via))
                .unwrap();
            here.holds(&data);
            assert_eq!(done.resumed_from, expected);
        }
    }
}

#[test]
fn sinks_that_cannot_resume_are_refused_before_anything_is_sent() {
    let rig = Rig::new();
    fs::write(rig.remote("f"), b"content").unwrap();
    let (_modem, ftp) = rig.ftp();
    let here = Here::new();
    fs::write(here.target(), b"mine").unwrap();
    let before = rig.vmodem.sent_count();
    let (_reader, writer) = rustix::pipe::pipe().unwrap();
    let write_only = File::options().write(true).open(here.target()).unwrap();
    let read_only = File::open(here.target()).unwrap();
    let mut bytes = Vec::new();
    for (sink, words) in [
        (Sink::writer(&mut bytes), "in a writer"),
        (Sink::path("/dev/null"), "no plain file"),
        (Sink::fd(writer), "no plain file"),
        (Sink::fd(write_only.into()), "both reading and writing"),
        (Sink::fd(read_only.into()), "both reading and writing"),
    ] {
        let error = ftp.get("f", sink, resuming(Via::Stream)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let both = options(|o| (o.resume, o.offset) = (true, 1));
    let error = ftp.get("f", here.target().as_path(), both).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    assert_eq!(rig.vmodem.sent_count(), before);
    here.holds(b"mine");
}

#[test]
fn progress_counts_from_the_files_start() {
    let data = random(SLACK, 18);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let (_modem, ftp) = rig.ftp();
    let size = data.len() as u64;
    for via in BOTH {
        let here = Here::new();
        leave(&ftp, &here, &data[..700_000]);
        let mut seen = Vec::new();
        let mut set = resuming(via);
        set.progress = Some(Box::new(|progress| {
            seen.push((progress.done, progress.total))
        }));
        ftp.get("f", here.target().as_path(), set).unwrap();
        assert_eq!(seen.first(), Some(&(700_000, Some(size))));
        assert_eq!(seen.last(), Some(&(size, Some(size))));
        assert!(seen.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}

#[test]
fn an_event_loops_download_goes_on_too() {
    let data = random(SLACK, 19);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let (_modem, ftp) = rig.ftp();
    let here = Here::new();
    leave(&ftp, &here, &data[..700_000]);
    let start = |target: PathBuf| {
        let readback = options(|o| (o.resume, o.verify) = (true, Verify::Readback));
        ftp.start_get_file("f", target, readback).unwrap()
    };
    let done = start(here.target()).wait().unwrap();
    here.holds(&data);
    assert_eq!(
        (done.resumed_from, done.verified),
        (700_000, Verified::Readback)
    );
    let error = start("/dev/null".into()).wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
}
