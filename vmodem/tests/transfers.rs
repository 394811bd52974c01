//! Files up and down by all four ways, and what happens when they fail.
#![allow(clippy::unwrap_used, reason = "tests")]

mod world;

use nlftp_vmodem::dialect::{
    DownloadEnd, GetResults, PutFailure, PutPrompt, RecvEnd, RecvName, RestScope, RetrName,
    StorFailure,
};
use nlftp_vmodem::network::{NetEvent, NetRequest};
use nlftp_vmodem::{Dialect, Dtr, ModemConfig};
use proptest::prelude::*;
use std::time::Duration;
use world::{World, noise, stuffed};

const CACHE: usize = 512_000;

fn retrieved(data: &[u8], end: &[u8]) -> Vec<u8> {
    [
        b"\r\nOK\r\n\r\n+FTPRETR: 2\r\n",
        stuffed(data).as_slice(),
        end,
    ]
    .concat()
}

#[test]
fn stor_takes_stuffed_bytes_up_to_the_end_mark() {
    for data in [
        Vec::new(),
        vec![3, 16, 3, 16],
        b"OK\r\n+FTPSTOR: 0\r\nAT\r".to_vec(),
        noise(1_000_000),
    ] {
        let mut world = World::new().opened();
        assert_eq!(world.ask("AT+FTPSTOR=\"f\""), "|OK||+FTPSTOR: 2|");
        world.types(&stuffed(&data));
        assert_eq!(world.text(), "");
        world.types(&[3]);
        assert_eq!(world.text(), "|+FTPSTOR: 1|");
        assert!(world.files["f"] == data);
        assert_eq!(world.commands, ["TYPE I", "PASV", "STOR f"]);
        assert_eq!(world.ask("AT"), "|OK|");
    }
}

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
fn types_and_offsets_reach_the_server() {
    let mut world = World::new().opened();
    world.files.insert("f".into(), b"0123456789".to_vec());
    world.line("AT+FTPRETR=\"f\",0,4");
    assert!(world.bytes() == retrieved(b"456789", b"\x03\r\n+FTPRETR: 1\r\n"));
    world.line("AT+FTPRETR=\"f\",0");
    world.line("AT+FTPSTOR=\"g\",1,7");
    world.types(&[3]);
    let expected = [
        "TYPE A", "PASV", "REST 4", "RETR f", "PASV", "RETR f", "TYPE I", "PASV", "REST 7",
        "STOR g",
    ];
    assert_eq!(world.commands, expected);
}

#[test]
fn ftprest_counts_where_no_offset_is_given() {
    let rests = |dialect: Dialect| {
        let mut world = World::speaking(dialect).opened();
        world.files.insert("f".into(), b"0123456789".to_vec());
        world.line("AT+FTPREST=3");
        world.line("AT+FTPRETR=\"f\",1,5");
        world.line("AT+FTPREST=3");
        world.line("AT+FTPRETR=\"f\"");
        world.line("AT+FTPSTOR=\"g\"");
        world.types(&[3]);
        world.line("AT+FTPPUT=\"h\",1,1");
        world.types(b"x");
        world.line("AT+FTPRETR=\"f\",,0");
        world.commands.retain(|line| line.starts_with("REST"));
        world.commands.clone()
    };
    assert_eq!(rests(Dialect::default()), ["REST 5", "REST 3", "REST 3"]);
    assert_eq!(
        rests(Dialect {
            rest_scope: RestScope::Downloads,
            ..Dialect::default()
        }),
        ["REST 5", "REST 3"]
    );
    let everything = Dialect {
        rest_scope: RestScope::Everything,
        ..Dialect::default()
    };
    assert_eq!(rests(everything), ["REST 5", "REST 3", "REST 3", "REST 3"]);
    assert_eq!(
        rests(Dialect {
            rest_once: true,
            ..Dialect::default()
        }),
        ["REST 5", "REST 3"]
    );
}

#[test]
fn active_mode_listens_and_tells_the_server_where() {
    let mut world = World::new();
    world.line("AT+FTPMODE=1");
    world.line("AT+FTPOPEN=\"h\",\"u\",\"p\",,0,21,2020");
    world.commands.clear();
    world.files.insert("f".into(), noise(10_000));
    world.bytes();
    world.line("AT+FTPRETR=\"f\"");
    assert!(world.bytes() == retrieved(&noise(10_000), b"\x03\r\n+FTPRETR: 1\r\n"));
    assert_eq!(
        world.commands,
        ["TYPE I", "PORT 127,0,0,1,15,160", "RETR f"]
    );
    assert!(matches!(
        world.connects[1],
        NetRequest::Listen {
            source_port: 2020,
            ..
        }
    ));
}

#[test]
fn servers_may_say_125_and_250_or_nothing_before_the_data() {
    for opening in ["125 open already", "150-long\r\n150 text"] {
        let mut world = World::new().opened();
        world.files.insert("f".into(), b"data".to_vec());
        world.reply("RETR", opening);
        world.reply("226", "250-well\r\n250 done");
        world.line("AT+FTPRETR=\"f\"");
        assert!(world.bytes() == retrieved(b"data", b"\x03\r\n+FTPRETR: 1\r\n"));
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

#[test]
fn control_lines_wait_until_the_payload_is_over() {
    for (held_lines_first, end) in [
        (
            false,
            &b"\x03\r\n+FTPRETR: 1\r\n\r\n+FTPINFO:226 sent\r\n"[..],
        ),
        (true, b"\x03\r\n+FTPINFO:226 sent\r\n\r\n+FTPRETR: 1\r\n"),
    ] {
        let mut world = World::speaking(Dialect {
            held_lines_first,
            ..Dialect::default()
        })
        .opened();
        world.files.insert("f".into(), b"data".to_vec());
        world.line("AT+FTPINFO=1");
        world.line("AT+FTPRETR=\"f\"");
        let all = world.bytes();
        let start = all.windows(3).position(|three| three == b": 2").unwrap() + 5;
        assert_eq!(
            String::from_utf8_lossy(&all[start..]),
            String::from_utf8_lossy(&[b"data", end].concat())
        );
    }
}

#[test]
fn a_firmware_without_the_mark_gives_the_outcome_alone() {
    let dialect = Dialect {
        retr_end_mark: false,
        retr_name: RetrName::FtpGetr,
        ..Dialect::default()
    };
    let mut world = World::speaking(dialect).opened();
    world.files.insert("f".into(), b"data".to_vec());
    assert_eq!(world.ask("AT+FTPRETR=\"f\""), "|ERROR|");
    assert_eq!(
        world.ask("AT+FTPGETR=\"f\""),
        "|OK||+FTPGETR: 2|data|+FTPGETR: 1|"
    );
}

#[test]
fn listings_in_each_form() {
    let list = |dialect: Dialect, files: &[&str]| {
        let mut world = World::speaking(dialect).opened();
        for name in files {
            world.files.insert((*name).into(), b"12345".to_vec());
        }
        world.ask("AT+FTPLIST=\"d\"")
    };
    let plain = Dialect::default;
    assert_eq!(
        list(plain(), &["a", "b"]),
        "|OK||+FTPLIST: 2|- 5 a|- 5 b||+FTPLIST: 1|"
    );
    assert_eq!(list(plain(), &[]), "|OK||+FTPLIST: 2||+FTPLIST: 1|");
    assert_eq!(
        list(
            Dialect {
                list_empty_two: false,
                ..plain()
            },
            &[]
        ),
        "|OK||+FTPLIST: 1|"
    );
    assert_eq!(
        list(
            Dialect {
                list_on_new_line: false,
                ..plain()
            },
            &["a"]
        ),
        "|OK||+FTPLIST: 2- 5 a||+FTPLIST: 1|"
    );
    assert_eq!(
        list(
            Dialect {
                list_end_mark: true,
                ..plain()
            },
            &["a"]
        ),
        "|OK||+FTPLIST: 2|- 5 a|\u{3}|+FTPLIST: 1|"
    );
    assert_eq!(
        list(
            Dialect {
                outcome_before_ok: true,
                ..plain()
            },
            &["a"]
        ),
        "|+FTPLIST: 2||OK|- 5 a||+FTPLIST: 1|"
    );
    let mut world = World::new().opened();
    world.reply("LIST", "550 no such folder");
    assert_eq!(world.ask("AT+FTPLIST=\"x\""), "|OK||+FTPLIST: 0|");
    assert_eq!(world.commands, ["TYPE A", "PASV", "LIST x"]);
}

// FTPSTOR failing while the host still sends.

fn failing_stor(stor_failure: StorFailure) -> World {
    let mut world = World::speaking(Dialect {
        stor_failure,
        ..Dialect::default()
    })
    .opened();
    assert_eq!(world.ask("AT+FTPSTOR=\"f\""), "|OK||+FTPSTOR: 2|");
    world.types(b"first");
    world.says("552 disk full");
    world
}

#[test]
fn a_failing_upload_may_return_to_command_mode_at_once() {
    let mut world = failing_stor(StorFailure::OutcomeThenCommands);
    assert_eq!(world.text(), "|+FTPSTOR: 0|");
    world.types(b"rest of it\x03");
    assert_eq!(world.ask("\rAT"), "|OK|");
}

#[test]
fn a_failing_upload_may_swallow_the_rest_after_its_outcome() {
    let mut world = failing_stor(StorFailure::OutcomeThenSwallow);
    assert_eq!(world.text(), "|+FTPSTOR: 0|");
    assert_eq!(world.ask("AT"), "");
    world.types(b"\x10\x03\x03");
    assert_eq!(world.text(), "");
    assert_eq!(world.ask("AT"), "|OK|");
}

#[test]
fn a_failing_upload_may_swallow_the_rest_before_its_outcome() {
    let mut world = failing_stor(StorFailure::SwallowThenOutcome);
    assert_eq!(world.text(), "");
    world.types(b"AT\r\x10\x03\x03");
    assert_eq!(world.text(), "|+FTPSTOR: 0|");
    assert_eq!(world.ask("AT"), "|OK|");
}

#[test]
fn a_broken_data_connection_waits_for_the_servers_word() {
    let mut world = World::new().opened();
    world.line("AT+FTPSTOR=\"f\"");
    world.types(b"some");
    world.bytes();
    world.break_data();
    world.types(&vec![b'x'; 1_000_000]);
    assert_eq!(world.text(), "");
    world.says("426 connection closed");
    assert_eq!(world.text(), "|+FTPSTOR: 0|");
}

// FTPGET and FTPRECV.

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

#[test]
fn the_results_of_get_in_each_dialect() {
    let get = |dialect: Dialect, size: usize| {
        let mut world = World::speaking(dialect).opened();
        world.files.insert("f".into(), noise(size));
        world.ask("AT+FTPGET=\"f\"")
    };
    let with = |get_results| Dialect {
        get_results,
        ..Dialect::default()
    };
    assert_eq!(get(Dialect::default(), 0), "|OK||+FTPGET: 1|");
    assert_eq!(
        get(
            Dialect {
                get_empty_two: true,
                ..Dialect::default()
            },
            0
        ),
        "|OK||+FTPGET: 2||+FTPGET: 1|"
    );
    assert_eq!(get(with(GetResults::DoneOnly), 9), "|OK||+FTPGET: 1|");
    assert_eq!(
        get(with(GetResults::DoneOnly), CACHE + 9),
        "|OK||+FTPGET: 1|"
    );
    assert_eq!(get(with(GetResults::DataOnly), 9), "|OK||+FTPGET: 2|");
    assert_eq!(get(with(GetResults::DataOnly), 0), "|OK||+FTPGET: 2|");
    let mut world = World::new().opened();
    assert_eq!(world.ask("AT+FTPGET=\"none\""), "|OK||+FTPGET: 0|");
    assert_eq!(world.ask("AT+FTPNOOP"), "|OK||+FTPNOOP: 1|");
}

#[test]
fn recv_in_each_dialect() {
    let recv = |dialect: Dialect, name: &str| {
        let mut world = World::speaking(dialect).opened();
        world.files.insert("f".into(), b"data".to_vec());
        world.line("AT+FTPGET=\"f\"");
        world.bytes();
        world.ask(&format!("AT+{name}=9"))
    };
    let ending = |recv_end| Dialect {
        recv_end,
        ..Dialect::default()
    };
    assert_eq!(
        recv(ending(RecvEnd::Nothing), "FTPRECV"),
        "|+FTPRECV: 4|dataOK|"
    );
    assert_eq!(
        recv(ending(RecvEnd::TwoLineEnds), "FTPRECV"),
        "|+FTPRECV: 4|data||OK|"
    );
    let spelled = |recv_name| Dialect {
        recv_name,
        ..Dialect::default()
    };
    assert_eq!(
        recv(spelled(RecvName::FtpUnderscoreRecv), "FTPRECV"),
        "|ERROR|"
    );
    assert_eq!(
        recv(spelled(RecvName::FtpUnderscoreRecv), "FTP_RECV"),
        "|+FTP_RECV: 4|data|OK|"
    );
    assert_eq!(
        recv(spelled(RecvName::FtpGetr), "FTPGETR"),
        "|+FTPGETR: 4|data|OK|"
    );
    assert_eq!(recv(spelled(RecvName::FtpRecv), "FTPGETR"), "|ERROR|");
    let silent = Dialect {
        get_query_while_downloading: false,
        ..Dialect::default()
    };
    assert_eq!(recv(silent.clone(), "FTPRECV"), "|+FTPRECV: 4|data|OK|");
    let mut world = World::speaking(silent).opened();
    world.files.insert("f".into(), noise(CACHE + 1));
    world.line("AT+FTPGET=\"f\"");
    world.bytes();
    assert_eq!(world.ask("AT+FTPGET?"), "|ERROR|");
}

// FTPPUT.

#[test]
fn put_builds_a_file_piece_by_piece() {
    let mut world = World::new().opened();
    assert_eq!(world.ask("AT+FTPPUT=\"f\",10,0"), "|+FTPPUT: 2,10|");
    world.types(b"AT\rOK\x03\x10\r\n\r");
    assert_eq!(world.text(), "|OK|");
    assert_eq!(world.ask("AT+FTPNOOP"), "|ERROR|", "the file is open");
    assert_eq!(world.ask("AT+FTPPUT=\"other\",1,1"), "|ERROR|");
    assert_eq!(world.ask("AT+FTPPUT=\"f\",1024,0"), "|+FTPPUT: 2,1024|");
    world.types(&noise(1024));
    assert_eq!(world.text(), "|OK|");
    assert_eq!(world.ask("AT+FTPPUT=\"f\",1,1"), "|+FTPPUT: 2,1|");
    world.types(b"x");
    assert_eq!(world.text(), "|OK||+FTPPUT: 1|");
    assert!(world.files["f"] == [b"AT\rOK\x03\x10\r\n\r".as_slice(), &noise(1024), b"x"].concat());
    assert_eq!(world.commands, ["TYPE I", "PASV", "STOR f"]);
    assert_eq!(world.ask("AT+FTPNOOP"), "|OK||+FTPNOOP: 1|");
}

#[test]
fn closing_between_pieces_is_taken_or_not() {
    let mut world = World::new().opened();
    world.line("AT+FTPPUT=\"f\",1,0");
    world.types(b"x");
    world.bytes();
    assert_eq!(world.ask("AT+FTPCLOSE"), "|OK||+FTPCLOSE: 1|");
    let mut world = World::speaking(Dialect {
        close_between_pieces: false,
        ..Dialect::default()
    })
    .opened();
    world.line("AT+FTPPUT=\"f\",1,0");
    world.types(b"x");
    world.bytes();
    assert_eq!(world.ask("AT+FTPCLOSE"), "|ERROR|");
}

#[test]
fn a_put_that_fails_says_so_in_the_form_of_the_dialect() {
    for (put_failure, text) in [
        (PutFailure::Error, "|ERROR|"),
        (PutFailure::OutcomeThenOk, "|+FTPPUT: 0||OK|"),
        (PutFailure::OutcomeThenError, "|+FTPPUT: 0||ERROR|"),
    ] {
        let speaking = || {
            World::speaking(Dialect {
                put_failure,
                put_prompt: PutPrompt::Arrow,
                ..Dialect::default()
            })
            .opened()
        };
        // Before the prompt.
        let mut world = speaking();
        world.reply("STOR", "553 not that name");
        assert_eq!(world.ask("AT+FTPPUT=\"f\",1,1"), text);
        assert_eq!(
            world.ask("AT+FTPPUT=\"g\",1,1"),
            "|> ",
            "the next one begins anew"
        );
        // With a piece.
        let mut world = speaking();
        assert_eq!(world.ask("AT+FTPPUT=\"f\",4,0"), "|> ");
        world.types(b"ab");
        world.says("552 disk full");
        assert_eq!(world.text(), "");
        world.types(b"cd");
        assert_eq!(world.text(), text);
        assert_eq!(world.ask("AT"), "|OK|");
        // Between two pieces.
        let mut world = speaking();
        world.line("AT+FTPPUT=\"f\",1,0");
        world.types(b"x");
        world.bytes();
        world.says("552 disk full");
        assert_eq!(world.text(), "");
        assert_eq!(world.ask("AT+FTPPUT=\"f\",1,1"), text);
    }
    let mut world = World::new().opened();
    world.reply("226", "552 disk full");
    world.line("AT+FTPPUT=\"f\",1,1");
    world.types(b"x");
    assert_eq!(world.text(), "|+FTPPUT: 2,1||OK||+FTPPUT: 0|");
}

// Ends of the line and hostile peers.

#[test]
fn a_dtr_drop_ends_every_data_phase_silently() {
    let phases: [fn(&mut World); 4] = [
        |world| world.line("AT+FTPSTOR=\"x\""),
        |world| world.line("AT+FTPRETR=\"f\""),
        |world| world.line("AT+FTPGET=\"f\""),
        |world| world.line("AT+FTPPUT=\"x\",100,0"),
    ];
    for start in phases {
        let config = ModemConfig {
            echo: false,
            dtr: Dtr::Present,
            ..ModemConfig::default()
        };
        let mut world = World::with(config).opened();
        world.files.insert("f".into(), noise(3_000_000));
        assert_eq!(world.ask("AT&D2"), "|OK|");
        start(&mut world);
        world.bytes();
        world.modem.dtr(world.now, false);
        world.modem.dtr(world.now, true);
        assert_eq!(world.text(), "");
        assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
        assert_eq!(
            world.ask("AT+FTPOPEN=\"h\",\"u\",\"p\""),
            "|OK||+FTPOPEN: 1|"
        );
    }
}

#[test]
fn a_host_that_does_not_read_is_not_written_to_without_bound() {
    let mut modem = nlftp_vmodem::Modem::new(ModemConfig::default());
    let flood = vec![b'x'; 4096];
    let mut taken = 0;
    while modem.receive(Duration::ZERO, &flood) > 0 {
        taken += flood.len();
        assert!(
            taken < 1_000_000,
            "an echo without a reader grows without bound"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_upload_is_the_same_however_its_bytes_are_cut(
        data in prop::collection::vec(prop_oneof![Just(3_u8), Just(16_u8), any::<u8>()], 0..300),
        cuts in prop::collection::vec(1_usize..20, 1..20),
    ) {
        let mut world = World::new().opened();
        let stream = [b"AT+FTPSTOR=\"f\"\r".as_slice(), &stuffed(&data), b"\x03"].concat();
        // The host may not send before it is told to: the command first, then the rest in pieces.
        let (command, mut rest) = stream.split_at(15);
        world.types(command);
        for size in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (piece, later) = rest.split_at((*size).min(rest.len()));
            world.types(piece);
            rest = later;
        }
        prop_assert_eq!(world.text(), "|OK||+FTPSTOR: 2||+FTPSTOR: 1|");
        prop_assert_eq!(world.ask("AT"), "|OK|");
        prop_assert!(world.files["f"] == data);
    }

    #[test]
    fn a_download_is_the_same_however_the_network_cuts_it(
        data in prop::collection::vec(prop_oneof![Just(3_u8), Just(16_u8), any::<u8>()], 0..300),
        chunk in 1_usize..40,
    ) {
        let mut world = World::new().opened();
        world.files.insert("f".into(), data.clone());
        world.chunk = chunk;
        world.line("AT+FTPRETR=\"f\"");
        prop_assert_eq!(world.bytes(), retrieved(&data, b"\x03\r\n+FTPRETR: 1\r\n"));
    }

    #[test]
    fn any_bytes_from_host_and_server_leave_the_modem_standing(
        steps in prop::collection::vec((0_u8..8, prop::collection::vec(any::<u8>(), 0..60), 0_u64..200), 1..60),
    ) {
        let commands = ["AT+FTPSTOR=\"f\"", "AT+FTPRETR=\"f\"", "AT+FTPGET=\"f\"", "AT+FTPPUT=\"f\",9,0", "AT+FTPLIST",
            "AT+FTPSTAT", "AT+FTPPWD", "AT+FTPINFO=1", "AT+FTPRECV?", "AT+FTPPUT=\"f\",3,1", "AT+FTPOPEN=\"h\",\"u\",\"p\"", "AT+FTPCLOSE", "AT+FTPRECV=9", "AT+FTPREN=\"a\",\"b\""];
        let mut world = World::new().opened();
        world.files.insert("f".into(), noise(2000));
        for (kind, bytes, number) in steps {
            match kind {
                0 => { world.modem.receive(world.now, &bytes); }
                1 | 2 => world.types(format!("{}\r", commands[number as usize % commands.len()]).as_bytes()),
                3 => world.says(&format!("{} {}", 100 + number * 3, String::from_utf8_lossy(&bytes))),
                4 => world.says(&String::from_utf8_lossy(&bytes)),
                5 => world.wait(Duration::from_secs(number)),
                6 => world.break_data(),
                _ => world.lose_control(),
            }
            world.pump();
            world.bytes();
        }
        // Whatever came before, the modem can be brought back: owed bytes, an end mark, time.
        world.wait(Duration::from_secs(300));
        for _ in 0..3 {
            world.types(&[b'\r'; 1024]);
            world.types(b"\x03");
            world.wait(Duration::from_secs(300));
        }
        world.bytes();
        world.types(b"AT\r");
        prop_assert!(world.text().ends_with("|OK|"));
        // Events of connections that never were are ignored.
        let id = nlftp_vmodem::network::SocketId(9999);
        world.modem.network(world.now, NetEvent::Failed { id });
        world.modem.network(world.now, NetEvent::Finished { id });
        world.modem.network(world.now, NetEvent::Received { id, bytes: b"x" });
    }
}
