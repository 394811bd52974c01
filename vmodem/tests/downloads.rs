//! Files down, by FTPRETR and by FTPGET with FTPRECV, and listings.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod world;

use nlftp_vmodem::Dialect;
use nlftp_vmodem::dialect::DownloadEnd;
use std::time::Duration;
use world::{World, noise, retrieved};

const CACHE: usize = 512_000;

#[test]
fn retr_gives_stuffed_bytes_and_an_end_mark() {
    for data in [
        Vec::new(),
        vec![3, 16, 3, 16],
        b"\r\n+FTPRETR: 1\r\nOK\r\n".to_vec(),
        noise(1_000_000),
    ] {
        let mut world = World::new().opened();
        world.files.insert("f".into(), data.clone());
        world.line("AT+FTPRETR=\"f\"");
        assert!(world.bytes() == retrieved(&data, b"\x03\r\n+FTPRETR: 1\r\n"));
        assert_eq!(world.ask("AT+FTPRETR=\"none\""), "|OK||+FTPRETR: 0|");
        assert_eq!(world.ask("AT"), "|OK|");
    }
}

#[test]
fn a_download_that_breaks_ends_with_its_mark_and_outcome_0() {
    let mut world = World::new().opened();
    world.files.insert("f".into(), b"data".to_vec());
    world.reply("226", "451 disk trouble");
    world.line("AT+FTPRETR=\"f\"");
    assert!(world.bytes() == retrieved(b"data", b"\x03\r\n+FTPRETR: 0\r\n"));
    assert_eq!(world.ask("AT"), "|OK|");
}

/// Reads the cache to its end, `size` bytes at a time.
fn fetch(world: &mut World, size: usize) -> Vec<u8> {
    let mut data = Vec::new();
    loop {
        world.line(&format!("AT+FTPRECV={size}"));
        let answer = world.bytes();
        let head = b"\r\n+FTPRECV: ";
        assert!(
            answer.starts_with(head),
            "{:?}",
            String::from_utf8_lossy(&answer)
        );
        let end = head.len()
            + answer[head.len()..]
                .iter()
                .position(|byte| *byte == b'\r')
                .unwrap();
        let count: usize = std::str::from_utf8(&answer[head.len()..end])
            .unwrap()
            .parse()
            .unwrap();
        let body = end + 2;
        assert_eq!(&answer[body + count..][..6], b"\r\nOK\r\n");
        if count == 0 {
            return data;
        }
        data.extend_from_slice(&answer[body..body + count]);
    }
}

#[test]
fn get_fills_the_cache_and_recv_empties_it() {
    let mut world = World::new().opened();
    world
        .files
        .insert("f".into(), b"12345678901\r\nOK\r\n6790".to_vec());
    assert_eq!(world.ask("AT+FTPGET=\"f\""), "|OK||+FTPGET: 2||+FTPGET: 1|");
    assert_eq!(world.ask("AT+FTPGET?"), "|+FTPGET:\"f\",1,1||OK|");
    assert_eq!(world.ask("AT+FTPRECV?"), "|+FTPRECV: 21||OK|");
    assert_eq!(world.ask("AT+FTPRECV=10"), "|+FTPRECV: 10|1234567890|OK|");
    assert_eq!(world.ask("AT+FTP_RECV=9"), "|+FTP_RECV: 9|1|OK|67|OK|");
    assert_eq!(world.ask("AT+FTPGETR=3000"), "|+FTPGETR: 2|90|OK|");
    assert_eq!(world.ask("AT+FTPRECV=1"), "|+FTPRECV: 0||OK|");
    assert_eq!(world.ask("AT+FTPGET?"), "|OK|");
}

#[test]
fn in_download_mode_only_three_commands_are_answered() {
    let mut world = World::new().opened();
    world.files.insert("f".into(), noise(CACHE + 1000));
    world.line("AT+FTPGET=\"f\"");
    world.bytes();
    for command in [
        "FTPMODE?",
        "FTPMODE=1",
        "FTPINFO?",
        "FTPREST?",
        "FTPPWD",
        "FTPNOOP",
        "FTPLIST",
        "FTPSTOR=\"g\"",
        "FTPRETR=\"f\"",
        "FTPGET=\"f\"",
        "FTPPUT=\"g\",1,1",
        "FTPOPEN=\"h\",\"u\",\"p\"",
        "FTPOPEN=?",
        "FTPDEL=\"f\"",
    ] {
        assert_eq!(world.ask(&format!("AT+{command}")), "|ERROR|", "{command}");
    }
    assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 1||OK|");
    assert_eq!(world.ask("AT+CSQ"), "|+CSQ: 24,99||OK|");
    assert!(fetch(&mut world, 3000).starts_with(&noise(1000)));
    assert_eq!(world.ask("AT+FTPNOOP"), "|OK||+FTPNOOP: 1|");
    world.line("AT+FTPGET=\"f\"");
    world.bytes();
    assert_eq!(world.ask("AT+FTPCLOSE"), "|OK||+FTPCLOSE: 1|");
    assert_eq!(world.ask("AT+FTPRECV?"), "|+FTPRECV: 0||OK|");
}

#[test]
fn a_server_that_says_nothing_about_a_closed_download_is_asked() {
    for late in [false, true] {
        let mut world = World::new().opened();
        world.files.insert("f".into(), noise(CACHE + 1000));
        world.reply("426", "150-");
        world.reply(
            "NOOP",
            if late {
                "426 closed\r\n200 done"
            } else {
                "200 done"
            },
        );
        world.line("AT+FTPGET=\"f\"");
        // Left open on purpose: the rest of the odd reply ends before NOOP's begins.
        world.says("150 nothing yet");
        world.wait(Duration::from_secs(2));
        assert!(world.commands.contains(&"NOOP".to_owned()));
        world.bytes();
        assert!(fetch(&mut world, 3000) == noise(CACHE + 1000));
        assert_eq!(world.ask("AT+FTPNOOP"), "|OK||+FTPNOOP: 1|");
    }
}

#[test]
fn download_mode_ends_with_the_file_in_the_cache_or_read_by_the_host() {
    for download_end in [DownloadEnd::Cached, DownloadEnd::Fetched] {
        let mut world = World::speaking(Dialect {
            download_end,
            ..Dialect::default()
        })
        .opened();
        world.files.insert("f".into(), b"data".to_vec());
        world.files.insert("g".into(), b"other".to_vec());
        let told = world.ask("AT+FTPGET=\"f\"");
        assert_eq!(told, "|OK||+FTPGET: 2||+FTPGET: 1|");
        if download_end == DownloadEnd::Cached {
            // What is cached outlives other transfers, but not the next FTPGET.
            world.line("AT+FTPRETR=\"g\"");
            assert_eq!(
                world.bytes(),
                retrieved(b"other", b"\x03\r\n+FTPRETR: 1\r\n")
            );
            assert_eq!(world.ask("AT+FTPRECV=2"), "|+FTPRECV: 2|da|OK|");
            world.line("AT+FTPGET=\"g\"");
            world.bytes();
            assert_eq!(fetch(&mut world, 9), b"other");
        } else {
            assert_eq!(world.ask("AT+FTPGET=\"g\""), "|ERROR|");
            assert_eq!(fetch(&mut world, 9), b"data");
        }
        assert_eq!(world.ask("AT+FTPNOOP"), "|OK||+FTPNOOP: 1|");
    }
}

#[test]
fn a_cache_that_expires_under_another_transfer_ends_that_too() {
    let mut world = World::new().opened();
    world.files.insert("f".into(), b"data".to_vec());
    world.line("AT+FTPGET=\"f\"");
    world.wait(Duration::from_secs(60));
    world.line("AT+FTPSTOR=\"g\"");
    world.types(b"half");
    world.bytes();
    world.wait(Duration::from_secs(61));
    assert_eq!(world.text(), "|+FTPSTOR: 0|");
    assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
}

#[test]
fn a_file_beyond_the_cache_is_fetched_in_several_connections() {
    for size in [CACHE - 1, CACHE, CACHE + 1, 2_000_000] {
        for chunk in [1400, 60_000] {
            let mut world = World::new().opened();
            let data = noise(size);
            world.files.insert("f".into(), data.clone());
            world.chunk = chunk;
            let told = world.ask("AT+FTPGET=\"f\"");
            assert_eq!(told.contains("+FTPGET: 1"), size <= CACHE, "{size}");
            assert_eq!(
                world.ask("AT+FTPRECV?"),
                format!("|+FTPRECV: {}||OK|", size.min(CACHE))
            );
            // Lines between the replies are the 1 that comes while reading.
            let mut seen = Vec::new();
            let mut told_end = size <= CACHE;
            while seen.len() < size {
                world.line("AT+FTPRECV=3000");
                let answer = world.bytes();
                let count = 3000.min(size - seen.len());
                let body = format!("\r\n+FTPRECV: {count}\r\n").len();
                seen.extend_from_slice(&answer[body..body + count]);
                told_end |= answer.ends_with(b"\r\nOK\r\n\r\n+FTPGET: 1\r\n");
            }
            assert!(seen == data);
            assert!(told_end);
            let rests = world
                .commands
                .iter()
                .filter(|line| line.starts_with("REST"))
                .count();
            assert_eq!(rests > 0, size > CACHE, "{:?}", world.commands);
            assert_eq!(world.ask("AT+FTPNOOP"), "|OK||+FTPNOOP: 1|");
        }
    }
}

#[test]
fn a_server_that_cannot_go_on_ends_the_download_with_0() {
    let mut world = World::new().opened();
    world.files.insert("f".into(), noise(CACHE + 1));
    world.line("AT+FTPGET=\"f\"");
    world.bytes();
    world.reply("REST", "502 never heard of it");
    let mut told = String::new();
    for _ in 0..90 {
        told += &world.ask("AT+FTPRECV=3000");
    }
    assert!(told.contains("|OK||+FTPGET: 0|"));
    assert!(
        world.ask("AT+FTPRECV=3000").starts_with("|+FTPRECV: 3000|"),
        "what had come can still be read"
    );
    assert_eq!(world.ask("AT+FTPNOOP"), "|OK||+FTPNOOP: 1|");
}

#[test]
fn what_is_not_fetched_for_two_minutes_is_lost() {
    let mut world = World::new().opened();
    world.files.insert("f".into(), noise(10_000));
    world.line("AT+FTPGET=\"f\"");
    world.bytes();
    for _ in 0..3 {
        world.wait(Duration::from_secs(119));
        world.line("AT+FTPRECV=1000");
        assert!(world.text().starts_with("|+FTPRECV: 1000|"));
    }
    world.wait(Duration::from_secs(121));
    assert_eq!(world.text(), "");
    assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
    assert_eq!(world.ask("AT+FTPRECV=1"), "|ERROR|");
    assert_eq!(world.ask("AT+FTPRECV?"), "|+FTPRECV: 0||OK|");
}
