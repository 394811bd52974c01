//! Sessions that resume, against a small model of modem, server and local file.

use super::super::Task;
use super::world::{World, content, warned};
use super::*;
use crate::config::{Verified, Verify};

#[test]
fn a_download_goes_on_wherever_the_ports_bytes_are_cut() {
    let data = content(5_300);
    let most = 5_300 * 2 + 200;
    // A reading every few bytes, and each one around the end of what is there.
    for split in (0..most).step_by(97).chain(5_180..5_280) {
        let mut world = World::new(&data, &data[..5_100], split).recorded();
        let done = world.get(Verify::Readback).unwrap();
        assert!(world.local == data, "split at {split}");
        assert_eq!((done.resumed_from, done.bytes), (5_100, 200));
        assert_eq!(done.verified, Verified::Readback);
        assert_eq!(
            world.actions.last(),
            Some(&LocalAction::Continue { at: 5_100 })
        );
    }
}

#[test]
fn the_last_64_kib_are_compared_and_nothing_before() {
    let data = content(200_000);
    let mut world = World::new(&data, &data[..150_000], 0).recorded();
    world.local[10] ^= 1;
    let done = world.get(Verify::Size).unwrap();
    assert_eq!((done.resumed_from, done.bytes), (150_000, 50_000));
    let from = 150_000 - 65_536;
    assert!(
        world
            .actions
            .contains(&LocalAction::Read { from, to: 150_000 })
    );
    assert_eq!(
        world.asked("FTPRETR"),
        [format!("AT+FTPRETR=\"f\",1,{from}")]
    );
    // What stands before is seen by a second download alone.
    let mut world = World::new(&data, &data[..150_000], 0).recorded();
    world.local[10] ^= 1;
    let error = world.get(Verify::Readback).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transfer, "{error}");
    assert_eq!(error.transferred(), Some(50_000));
    assert_eq!(world.actions.last(), Some(&LocalAction::Discard));
}

#[test]
fn a_difference_inside_the_overlap_is_where_it_goes_on() {
    let data = content(200_000);
    for (at, expected) in [
        (149_999, 149_999),
        (90_000, 90_000),
        (84_464 + 4_096, 88_560),
    ] {
        let mut world = World::new(&data, &data[..150_000], 0).recorded();
        world.local[at] ^= 0x80;
        let done = world.get(Verify::Readback).unwrap();
        assert_eq!(done.resumed_from, expected);
        assert!(world.local == data);
    }
}

#[test]
fn another_file_is_fetched_from_the_start_and_says_why() {
    let data = content(200_000);
    let part = content(150_001)[1..].to_vec();
    let mut world = World::new(&data, &part, 0).recorded();
    let done = world.get(Verify::Readback).unwrap();
    assert!(world.local == data);
    assert_eq!((done.resumed_from, done.bytes), (0, 200_000));
    assert!(warned(&done, "is not the file on the server"), "{done:?}");
    assert_eq!(world.asked("FTPRETR").len(), 3);
}

#[test]
fn records_decide_before_a_byte_is_fetched() {
    let data = content(100_000);
    let half = &data[..50_000];
    let record = |text: &str| Recorded::Record(text.as_bytes().to_vec());
    for (recorded, words) in [
        (Recorded::Nothing, "nothing is recorded"),
        (record(""), "nothing is recorded"),
        (
            record("nlftp part 1\nname g\nsize 100000\ntime --10-26T15:15\nend\n"),
            "another file",
        ),
        (
            record("nlftp part 1\nname f\nsize 100001\ntime --10-26T15:15\nend\n"),
            "another size or time",
        ),
        (
            record("nlftp part 1\nname f\nsize 100000\ntime --10-26T15:16\nend\n"),
            "another size or time",
        ),
    ] {
        let mut world = World::new(&data, half, 0);
        world.record = recorded;
        let done = world.get(Verify::Size).unwrap();
        assert!(world.local == data);
        assert_eq!(done.resumed_from, 0);
        assert!(warned(&done, words), "{words}: {:?}", done.warnings);
        assert_eq!(world.asked("FTPRETR"), ["AT+FTPRETR=\"f\",1,0"]);
        // From here on it is known what the part file holds.
        assert_eq!(world.record, World::new(&data, b"", 0).recorded().record);
    }
}

#[test]
fn without_a_listing_the_bytes_alone_decide() {
    let data = content(100_000);
    let listed = World::new(&data, b"", 0).recorded().record;
    let unlisted = Recorded::Record(b"nlftp part 1\nname f\nsize -\ntime -\nend\n".to_vec());
    for (lists, record) in [
        (false, listed),
        (false, unlisted.clone()),
        (true, unlisted.clone()),
    ] {
        let mut world = World::new(&data, &data[..50_000], 0);
        (world.lists, world.record) = (lists, record);
        let done = world.get(Verify::Size).unwrap();
        assert!(world.local == data);
        assert_eq!(done.resumed_from, 50_000);
        assert!(warned(&done, "alone decided"), "{:?}", done.warnings);
    }
    // The server's file has become shorter than the part: inside what is compared, and by more.
    for length in [99_000, 20_000, 0] {
        let mut world = World::new(&data[..length], &data, 0);
        (world.lists, world.record) = (false, unlisted.clone());
        let done = world.get(Verify::Size).unwrap();
        assert!(world.local == data[..length]);
        assert_eq!((done.resumed_from, done.bytes), (0, length as u64));
        assert!(warned(&done, "began at the start"), "{:?}", done.warnings);
    }
}

#[test]
fn what_broke_off_unsaid_is_gone_on_with_and_what_is_too_long_is_not() {
    let data = content(100_000);
    for (given, discarded) in [(60_000, false), (100_001, true)] {
        let mut world = World::new(&data, b"", 0);
        world.given = Some([&data[..], b"x"].concat()[..given].to_vec());
        let error = world.get(Verify::Size).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transfer, "{error}");
        let last = world.actions.last();
        assert_eq!(last == Some(&LocalAction::Discard), discarded);
        assert_eq!(world.local.len(), given);
    }
}

#[test]
fn a_refusal_leaves_what_is_there() {
    let data = content(100_000);
    let mut world = World::new(b"", &data, 0);
    world.record = Recorded::Record(b"nlftp part 1\nname f\nsize -\ntime -\nend\n".to_vec());
    world.lists = false;
    // The server gives nothing, whatever it is asked for.
    world.remote = Vec::new();
    world.given = None;
    let before = world.record.clone();
    let refuse = |world: &mut World| {
        world.bench.ask(Task::Get(World::job(Verify::Size)), None);
        world.act();
        loop {
            if let Some(result) = world.bench.done.take() {
                return result.map(|_| ());
            }
            let sent = std::mem::take(&mut world.bench.sent);
            if sent.is_empty() {
                world.bench.pass_time();
            } else if sent.starts_with(b"AT+FTPRETR") {
                world.bench.feed(b"\r\nOK\r\n\r\n+FTPRETR: 0\r\n");
            } else {
                let answer = world.answer(&sent);
                world.bench.feed(&answer);
            }
            world.act();
        }
    };
    let error = refuse(&mut world).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert!(world.local == data && world.record == before);
}

#[test]
fn downloads_beyond_the_last_offset_go_on_from_it() {
    let last = 0xFFFF_FFFF_u64;
    let size = last + 300_000;
    let end = content(300_000);
    // 200 KB of the part are behind the last offset.
    let mut world = World::new(b"", &end[..200_000], 0);
    (world.listed, world.length) = (Some(size), Some(last + 200_000));
    world = world.recorded();
    world.given = Some(end.clone());
    let done = world.get(Verify::Size).unwrap();
    let to = last + 65_536;
    assert!(
        world
            .actions
            .contains(&LocalAction::Read { from: last, to })
    );
    assert!(world.actions.contains(&LocalAction::Continue { at: to }));
    assert_eq!((done.resumed_from, done.bytes), (to, size - to));
    assert_eq!(
        world.asked("FTPRETR"),
        [format!("AT+FTPRETR=\"f\",1,{last}")]
    );
    assert!(warned(&done, "offsets end"), "{:?}", done.warnings);
}

#[test]
fn an_upload_goes_on_at_the_end_of_the_common_prefix() {
    let data = content(200_000);
    for (there, junk, expected) in [
        (150_000, &b""[..], 150_000),
        (150_000, b"\x03AT\r\r\r\r", 150_000),
        (150_000, &[0; 40_000], 150_000),
        (100, b"", 100),
        (100, b"junk", 100),
        (199_999, b"", 199_999),
        (65_536, b"", 65_536),
        (65_537, b"", 65_537),
    ] {
        for verify in [Verify::Size, Verify::Readback] {
            let mut world = World::new(&[&data[..there], junk].concat(), &data, 0);
            let done = world.put(verify).unwrap();
            assert!(world.remote == data, "{there} and {} more", junk.len());
            assert_eq!(done.resumed_from, expected);
            assert_eq!(done.bytes, 200_000 - expected);
            assert_eq!(warned(&done, "were replaced"), !junk.is_empty());
            assert_eq!(
                world.asked("FTPSTOR"),
                [format!("AT+FTPSTOR=\"f\",1,{expected}")]
            );
            let from = (there + junk.len()).saturating_sub(65_536);
            assert_eq!(
                world.asked("FTPRETR")[0],
                format!("AT+FTPRETR=\"f\",1,{from}")
            );
        }
    }
}

#[test]
fn an_upload_that_is_there_already_sends_nothing() {
    let data = content(100_000);
    for verify in [Verify::Size, Verify::Readback] {
        let mut world = World::new(&data, &data, 0);
        let done = world.put(verify).unwrap();
        assert_eq!((done.resumed_from, done.bytes), (100_000, 0));
        assert!(world.asked("FTPSTOR").is_empty());
        assert_ne!(done.verified, Verified::No);
    }
}

#[test]
fn an_upload_over_something_else_begins_at_the_start_and_says_why() {
    let data = content(100_000);
    let longer = [&data[..], b"x"].concat();
    let other = content(80_001)[1..].to_vec();
    // Alike for a while, as two tables of the same form are.
    let mut alike = data[..80_000].to_vec();
    for byte in &mut alike[80_000 - 65_536 + 4_095..] {
        *byte ^= 1;
    }
    for (there, words) in [
        (&longer, "longer than the source"),
        (&other, "is not the source's beginning"),
        (&alike, "is not the source's beginning"),
    ] {
        let mut world = World::new(there, &data, 0);
        let done = world.put(Verify::None).unwrap();
        assert_eq!((done.resumed_from, done.bytes), (0, 100_000));
        assert!(warned(&done, words), "{words}: {:?}", done.warnings);
        assert_eq!(world.asked("FTPSTOR"), ["AT+FTPSTOR=\"f\",1,0"]);
        assert!(world.remote[..100_000] == data);
    }
}

#[test]
fn the_first_upload_of_a_file_warns_of_nothing() {
    let data = content(10_000);
    for verify in [Verify::Size, Verify::Readback] {
        let mut world = World::new(b"", &data, 0);
        let done = world.put(verify).unwrap();
        assert!(world.remote == data && done.warnings.is_empty(), "{done:?}");
        assert_eq!((done.resumed_from, done.bytes), (0, 10_000));
    }
}

#[test]
fn uploads_far_beyond_the_last_offset_begin_at_the_start() {
    let data = content(1_000);
    let mut world = World::new(b"", &data, 0);
    world.listed = Some(0x1_0001_0000);
    world.length = Some(0x1_0001_0000);
    let done = world.put(Verify::None).unwrap();
    assert_eq!(done.resumed_from, 0);
    assert!(warned(&done, "offsets end"), "{:?}", done.warnings);
    assert_eq!(world.asked("FTPSTOR"), ["AT+FTPSTOR=\"f\",1,0"]);
}
