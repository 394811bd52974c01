//! Files up and down by all four ways, byte for byte.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use nlftp_core::{ErrorKind, FileType, Sink, Source, TransferOptions, Verified, Verify, Via};
use rig::{Rig, options, random};

const BOTH: [Via; 2] = [Via::Stream, Via::Block];

#[test]
fn random_bytes_arrive_whole_by_each_way() {
    let rig = Rig::new();
    let (modem, ftp) = rig.ftp();
    for via in BOTH {
        rig.round_trip(&ftp, via, "random.bin", &random(300_000, 7));
    }
    modem.close().unwrap();
}

#[test]
fn every_size_around_the_borders_of_pieces_arrives() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        for size in [1, 2, 1023, 1024, 1025, 2048, 2999, 3000, 3001, 6000, 65_536] {
            rig.round_trip(&ftp, via, "border.bin", &random(size, size as u64));
        }
    }
}

#[test]
fn text_that_looks_like_results_arrives_as_it_is() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let text = b"OK\r\nERROR\r\n+FTPRETR: 1\r\n\r\n+FTPRETR: 0\r\n+FTPRECV: 9\r\n+CME ERROR: 3\r\n+FTPLIST: 1\r\n> \x1a\r\nOK\r\n".repeat(40);
    for via in BOTH {
        rig.round_trip(&ftp, via, "results.txt", &text);
    }
}

#[test]
fn files_of_nothing_but_stuffed_bytes_arrive() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let data: Vec<u8> = random(50_000, 3)
        .iter()
        .map(|byte| if byte & 1 == 0 { 0x10 } else { 0x03 })
        .collect();
    for via in BOTH {
        rig.round_trip(&ftp, via, "stuffed.bin", &data);
        rig.round_trip(&ftp, via, "dle.bin", &[0x10; 5000]);
        rig.round_trip(&ftp, via, "etx.bin", &[0x03; 5000]);
    }
}

#[test]
fn an_empty_upload_by_block_goes_by_ftpstor_and_says_so() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        rig.round_trip(&ftp, via, "empty.bin", b"");
    }
    let sent = ftp
        .put(&b""[..], "empty.bin", options(|o| o.via = Via::Block))
        .unwrap();
    assert_eq!(sent.via, Via::Stream);
    assert!(
        sent.warnings
            .iter()
            .any(|warning| warning.contains("FTPSTOR")),
        "{:?}",
        sent.warnings
    );
}

#[test]
fn more_than_the_modules_cache_comes_by_block() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let data = random(1_400_000, 11);
    fs::write(rig.remote("large.bin"), &data).unwrap();
    let mut back = Vec::new();
    let got = ftp
        .get(
            "large.bin",
            Sink::writer(&mut back),
            options(|o| o.via = Via::Block),
        )
        .unwrap();
    assert!(back == data);
    assert_eq!(got.via, Via::Block);
    assert!(
        rig.server
            .commands()
            .iter()
            .any(|line| line.starts_with("REST 5")),
        "the cache was never full"
    );
}

#[test]
fn echo_on_or_off_makes_no_difference() {
    for echo in [true, false] {
        let rig = Rig::with(|modem| modem.echo = echo, |_| ());
        let (modem, ftp) = rig.ftp();
        // The driver switches echo off: a user may switch it on again.
        modem.command(if echo { "ATE1" } else { "ATE0" }).unwrap();
        assert_eq!(modem.command("AT").unwrap(), Vec::<String>::new());
        for via in BOTH {
            rig.round_trip(&ftp, via, "echo.bin", &random(20_000, 5));
        }
        assert!(
            ftp.list(None)
                .unwrap()
                .iter()
                .any(|entry| entry.name == b"echo.bin")
        );
    }
}

#[test]
fn active_mode_moves_files_too() {
    let rig = Rig::new();
    let modem = rig.open();
    let mut login = rig.login();
    login.passive = false;
    let ftp = modem.ftp(&login).unwrap();
    for via in BOTH {
        rig.round_trip(&ftp, via, "active.bin", &random(50_000, 9));
    }
    assert!(
        rig.server
            .commands()
            .iter()
            .any(|line| line.starts_with("PORT"))
    );
}

#[test]
fn a_download_with_an_offset_brings_the_rest() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let data = random(20_000, 1);
    fs::write(rig.remote("rest.bin"), &data).unwrap();
    for via in BOTH {
        for offset in [1, 7_777, 19_999, 20_000] {
            let mut back = Vec::new();
            let got = ftp
                .get(
                    "rest.bin",
                    Sink::writer(&mut back),
                    options(|o| (o.via, o.offset) = (via, offset)),
                )
                .unwrap();
            assert!(back == data[offset as usize..], "from {offset} by {via:?}");
            assert_eq!(got.verified, Verified::Size);
        }
        let error = ftp
            .get(
                "rest.bin",
                Sink::writer(Vec::new()),
                options(|o| (o.via, o.offset) = (via, 20_001)),
            )
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
}

#[test]
fn an_upload_with_an_offset_goes_to_that_place_and_keeps_the_rest() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    fs::write(rig.remote("place.bin"), [b'a'; 30]).unwrap();
    let sent = ftp
        .put(&b"12345"[..], "place.bin", options(|o| o.offset = 10))
        .unwrap();
    assert_eq!(
        fs::read(rig.remote("place.bin")).unwrap(),
        b"aaaaaaaaaa12345aaaaaaaaaaaaaaa"
    );
    assert_eq!((sent.via, sent.verified), (Via::Stream, Verified::Size));
    ftp.put(&b"67890"[..], "place.bin", options(|o| o.offset = 28))
        .unwrap();
    assert_eq!(fs::read(rig.remote("place.bin")).unwrap().len(), 33);
    let error = ftp
        .put(
            &b"x"[..],
            "place.bin",
            options(|o| (o.via, o.offset) = (Via::Block, 1)),
        )
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
}

#[test]
fn ascii_changes_line_ends_and_admits_that_it_cannot_be_checked() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        let ascii = |o: &mut TransferOptions| (o.via, o.file_type) = (via, FileType::Ascii);
        let sent = ftp
            .put(&b"one\r\ntwo\r\n"[..], "ascii.txt", options(ascii))
            .unwrap();
        assert_eq!(fs::read(rig.remote("ascii.txt")).unwrap(), b"one\ntwo\n");
        assert_eq!(sent.verified, Verified::No);
        let mut back = Vec::new();
        let got = ftp
            .get("ascii.txt", Sink::writer(&mut back), options(ascii))
            .unwrap();
        assert_eq!(back, b"one\r\ntwo\r\n");
        assert!(
            got.verified == Verified::No && got.warnings[0].contains("ASCII"),
            "{got:?}"
        );
    }
}

#[test]
fn readback_compares_digests_and_none_compares_nothing() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let data = random(100_000, 21);
    for via in BOTH {
        let checked = |verify| options(move |o| (o.via, o.verify) = (via, verify));
        assert_eq!(
            ftp.put(&data[..], "digest.bin", checked(Verify::Readback))
                .unwrap()
                .verified,
            Verified::Readback
        );
        let mut back = Vec::new();
        let got = ftp
            .get(
                "digest.bin",
                Sink::writer(&mut back),
                checked(Verify::Readback),
            )
            .unwrap();
        assert_eq!(got.verified, Verified::Readback);
        assert!(back == data);
        assert_eq!(
            ftp.put(&data[..], "digest.bin", checked(Verify::None))
                .unwrap()
                .verified,
            Verified::No
        );
    }
}

#[test]
fn names_with_globs_and_dashes_are_checked_by_listing_their_parent() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    for name in ["a*b", "q?", "[x]", "-l", "two words", "größe", " leading"] {
        for via in BOTH {
            rig.round_trip(&ftp, via, name, b"content");
        }
    }
    ftp.mkd("folder").unwrap();
    rig.round_trip(&ftp, Via::Stream, "folder/file", b"content");
    ftp.cwd("folder").unwrap();
    assert!(
        ftp.list(None)
            .unwrap()
            .iter()
            .any(|entry| entry.name == b"file" && entry.size == Some(7))
    );
}

#[test]
fn paths_appear_only_when_complete() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let here = tempfile::tempdir().unwrap();
    let (from, to) = (here.path().join("from"), here.path().join("to"));
    let data = random(200_000, 2);
    fs::write(&from, &data).unwrap();
    for via in BOTH {
        ftp.put(from.as_path(), "path.bin", options(|o| o.via = via))
            .unwrap();
        ftp.get("path.bin", to.as_path(), options(|o| o.via = via))
            .unwrap();
        assert!(fs::read(&to).unwrap() == data);
        fs::remove_file(&to).unwrap();
        let error = ftp
            .get("missing.bin", to.as_path(), options(|o| o.via = via))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        assert!(error.to_string().contains("missing.bin"), "{error}");
        assert_eq!(names(here.path()), ["from"]);
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn progress_ends_at_the_size_and_runs_here() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let data = random(500_000, 4);
    let size = data.len() as u64;
    let here = std::thread::current().id();
    for via in BOTH {
        let seen = Mutex::new(Vec::new());
        let watch = |seen: &Mutex<Vec<_>>, progress: nlftp_core::Progress| {
            assert_eq!(std::thread::current().id(), here);
            seen.lock().unwrap().push((progress.done, progress.total));
        };
        ftp.put(
            &data[..],
            "progress.bin",
            options(|o| {
                o.via = via;
                o.progress = Some(Box::new(|progress| watch(&seen, progress)));
            }),
        )
        .unwrap();
        check(&std::mem::take(&mut *seen.lock().unwrap()), size);
        ftp.get(
            "progress.bin",
            Sink::writer(std::io::sink()),
            options(|o| {
                o.via = via;
                o.progress = Some(Box::new(|progress| watch(&seen, progress)));
            }),
        )
        .unwrap();
        check(&std::mem::take(&mut *seen.lock().unwrap()), size);
    }

    fn check(seen: &[(u64, Option<u64>)], size: u64) {
        assert!(seen.len() > 3, "{seen:?}");
        assert!(
            seen.windows(2).all(|pair| pair[0].0 < pair[1].0),
            "{seen:?}"
        );
        assert_eq!(seen.last(), Some(&(size, Some(size))));
    }
}

#[test]
fn a_reader_of_unknown_size_is_sent_to_its_end() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let data = random(10_240, 8);
    for via in BOTH {
        ftp.put(
            Source::reader(&data[..]),
            "reader.bin",
            options(|o| o.via = via),
        )
        .unwrap();
        assert!(fs::read(rig.remote("reader.bin")).unwrap() == data);
    }
}

#[test]
fn delete_list_and_rename() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    assert!(ftp.list(None).unwrap().is_empty());
    fs::write(rig.remote("one"), b"1").unwrap();
    ftp.rename("one", "two").unwrap();
    assert_eq!(ftp.list(None).unwrap()[0].name, b"two");
    ftp.delete("two").unwrap();
    assert!(!rig.remote("two").exists());
    let error = ftp.delete("two").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(
        error.to_string(),
        "FTP server refused the deletion (+FTPDEL: 0): two"
    );
}

#[test]
fn an_upload_that_was_cancelled_while_it_waited_leaves_nothing_to_the_next_one() {
    let rig = Rig::new();
    let (modem, ftp) = rig.ftp();
    let slow = modem.start_command("AT").unwrap();
    let waiting = ftp
        .start_put(&b"of the first"[..], "first.txt", options(|_| ()))
        .unwrap();
    waiting.cancel();
    assert_eq!(waiting.wait().unwrap_err().kind(), ErrorKind::Cancelled);
    slow.wait().unwrap();
    rig.round_trip(&ftp, Via::Stream, "second.txt", b"of the second");
}

#[test]
fn a_symbolic_link_stays_one_and_a_device_is_written_to() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    fs::write(rig.remote("f"), b"new").unwrap();
    let here = tempfile::tempdir().unwrap();
    let (file, link) = (here.path().join("file"), here.path().join("link"));
    fs::write(&file, b"old").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    ftp.get("f", link.as_path(), options(|_| ())).unwrap();
    assert!(link.is_symlink());
    assert_eq!(fs::read(&file).unwrap(), b"new");
    ftp.get("f", Path::new("/dev/null"), options(|_| ()))
        .unwrap();
    assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
    let full = ftp
        .get("f", Path::new("/dev/full"), options(|_| ()))
        .unwrap_err();
    assert_eq!(full.kind(), ErrorKind::LocalFile, "{full}");
    let below_a_file = ftp
        .get("f", file.join("x").as_path(), options(|_| ()))
        .unwrap_err();
    assert_eq!(below_a_file.kind(), ErrorKind::LocalFile, "{below_a_file}");
    let no_source = ftp
        .put(here.path().join("none").as_path(), "g", options(|_| ()))
        .unwrap_err();
    assert_eq!(no_source.kind(), ErrorKind::LocalFile, "{no_source}");
}
