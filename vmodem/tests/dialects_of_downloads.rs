//! What the manual leaves open about downloads, 1.2.16, 1.2.18 and 1.2.19: each reading as it looks from the host.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod world;

use std::time::Duration;

use world::{World, noise, retrieved};

const CACHE: usize = 512_000;

fn closed(dialect: &str) -> World {
    World::speaking(dialect.parse().unwrap())
}

/// Logged in; the server has a file `f`.
fn open(dialect: &str) -> World {
    let mut world = closed(dialect).opened();
    world.files.insert("f".into(), b"data".to_vec());
    world
}

/// What a line is answered with in this dialect.
fn said(dialect: &str, typed: &str) -> String {
    open(dialect).ask(typed)
}

// 1.2.16

#[test]
fn ftpretr_ends_with_a_mark_or_with_its_outcome_alone() {
    assert_eq!(
        said("retr_end_mark=true", "AT+FTPRETR=\"f\""),
        "|OK||+FTPRETR: 2|data\u{3}|+FTPRETR: 1|"
    );
    assert_eq!(
        said("retr_end_mark=false", "AT+FTPRETR=\"f\""),
        "|OK||+FTPRETR: 2|data|+FTPRETR: 1|"
    );
    for (dialect, retr, getr) in [
        ("retr_name=either", "1", "1"),
        ("retr_name=ftpretr", "1", ""),
        ("retr_name=ftpgetr", "", "1"),
    ] {
        for (name, outcome) in [("FTPRETR", retr), ("FTPGETR", getr)] {
            let answer = said(dialect, &format!("AT+{name}=\"f\""));
            let expected = if outcome.is_empty() {
                "|ERROR|".to_owned()
            } else {
                format!("|OK||+{name}: 2|data\u{3}|+{name}: 1|")
            };
            assert_eq!(answer, expected, "{dialect}");
        }
    }
    for (dialect, end) in [
        (
            "held_lines_first=false",
            "data\u{3}|+FTPRETR: 1||+FTPINFO:226 sent|",
        ),
        (
            "held_lines_first=true",
            "data\u{3}|+FTPINFO:226 sent||+FTPRETR: 1|",
        ),
        (
            "held_lines_first=true,retr_end_mark=false",
            "data|+FTPINFO:226 sent||+FTPRETR: 1|",
        ),
    ] {
        let mut world = open(dialect);
        world.line("AT+FTPINFO=1");
        let answer = world.ask("AT+FTPRETR=\"f\"");
        assert!(answer.ends_with(end), "{answer}");
    }
}

#[test]
fn an_offset_at_the_end_is_what_the_server_makes_of_it() {
    let mut world = open("default");
    world.line("AT+FTPRETR=\"f\",1,4");
    assert_eq!(world.bytes(), retrieved(b"", b"\x03\r\n+FTPRETR: 1\r\n"));
    world.reply("RETR", "554 beyond the end");
    assert_eq!(world.ask("AT+FTPRETR=\"f\",1,4"), "|OK||+FTPRETR: 0|");
    world.reply("RETR", "554 beyond the end");
    assert_eq!(world.ask("AT+FTPGET=\"f\",1,4"), "|OK||+FTPGET: 0|");
}

// 1.2.18

/// Reads the cache to its end; gives the bytes and what came between the replies.
fn fetch(world: &mut World) -> (Vec<u8>, String) {
    let (mut data, mut between) = (Vec::new(), String::new());
    loop {
        world.line("AT+FTPRECV=3000");
        let answer = world.bytes();
        let head = answer
            .windows(2)
            .skip(2)
            .position(|two| two == b"\r\n")
            .unwrap()
            + 2;
        let size: usize = std::str::from_utf8(&answer[b"\r\n+FTPRECV: ".len()..head])
            .unwrap()
            .parse()
            .unwrap();
        data.extend_from_slice(&answer[head + 2..][..size]);
        let rest = String::from_utf8_lossy(&answer[head + 2 + size..]).replace("\r\n", "|");
        between += rest.strip_prefix("|OK|").unwrap();
        if size == 0 {
            return (data, between);
        }
    }
}

#[test]
fn ftpget_tells_data_end_or_both_at_different_times() {
    for (dialect, small, empty, large, reading) in [
        ("get_results=data_then_done", "2 1", "1", "2", "1"),
        ("get_results=data_then_fetched", "2", "1", "2", "1"),
        ("get_results=done_only", "1", "1", "1", ""),
        ("get_results=data_only", "2", "2", "2", ""),
        ("get_empty_two=true", "2 1", "2 1", "2", "1"),
        ("cache_full=hold", "2 1", "1", "2", "1"),
        ("cache_full=hold,get_results=done_only", "1", "1", "1", ""),
    ] {
        let told = |results: &str| -> String {
            results
                .split_whitespace()
                .map(|result| format!("|+FTPGET: {result}|"))
                .collect()
        };
        for (size, results) in [(4, small), (0, empty), (CACHE + 100_000, large)] {
            let mut world = open(dialect);
            let data = noise(size);
            world.files.insert("f".into(), data.clone());
            assert_eq!(
                world.ask("AT+FTPGET=\"f\""),
                format!("|OK|{}", told(results)),
                "{dialect} {size}"
            );
            let (found, between) = fetch(&mut world);
            assert!(found == data, "{dialect} {size}");
            let late = size > CACHE || (size > 0 && dialect.ends_with("then_fetched"));
            assert_eq!(
                between,
                if late { told(reading) } else { String::new() },
                "{dialect} {size}"
            );
            assert_eq!(
                world.ask("AT+FTPNOOP"),
                "|OK||+FTPNOOP: 1|",
                "{dialect} {size}"
            );
        }
        assert_eq!(said(dialect, "AT+FTPGET=\"none\""), "|OK||+FTPGET: 0|");
    }
}

#[test]
fn a_full_cache_closes_the_data_connection_or_holds_it() {
    for (dialect, again) in [("cache_full=reopen", true), ("cache_full=hold", false)] {
        let mut world = open(dialect);
        world.files.insert("f".into(), noise(CACHE + 100_000));
        world.line("AT+FTPGET=\"f\"");
        world.text();
        assert_eq!(world.ask("AT+FTPRECV?"), format!("|+FTPRECV: {CACHE}||OK|"));
        // Full, but not forgotten: the two minutes begin anew with each piece.
        for _ in 0..3 {
            world.wait(Duration::from_secs(119));
            world.line("AT+FTPRECV=1");
            assert!(world.text().contains("|+FTPRECV: 1|"), "{dialect}");
        }
        assert_eq!(fetch(&mut world).0.len(), CACHE + 100_000 - 3);
        assert_eq!(
            world.commands.iter().any(|line| line.starts_with("REST")),
            again,
            "{dialect}"
        );
    }
}

#[test]
fn download_mode_ends_with_the_last_byte_cached_or_fetched() {
    for (dialect, answer) in [
        ("download_end=cached", "|OK||+FTPNOOP: 1|"),
        ("download_end=fetched", "|ERROR|"),
    ] {
        let mut world = open(dialect);
        world.line("AT+FTPGET=\"f\"");
        world.text();
        assert_eq!(world.ask("AT+FTPNOOP"), answer, "{dialect}");
        assert_eq!(fetch(&mut world).0, b"data");
        assert_eq!(world.ask("AT+FTPNOOP"), "|OK||+FTPNOOP: 1|");
    }
}

#[test]
fn ftpgets_query_names_the_file_or_its_size_and_may_be_refused() {
    for (dialect, whole, partly) in [
        (
            "get_query=name",
            "|+FTPGET:\"f\",1,1||OK|",
            "|+FTPGET:\"f\",1,0||OK|",
        ),
        ("get_query=size", "|+FTPGET:4||OK|", "|+FTPGET:512000||OK|"),
        (
            "get_query_while_downloading=false",
            "|+FTPGET:\"f\",1,1||OK|",
            "|ERROR|",
        ),
    ] {
        let mut world = open(dialect);
        assert_eq!(world.ask("AT+FTPGET?"), "|OK|");
        world.line("AT+FTPGET=\"f\"");
        world.text();
        assert_eq!(world.ask("AT+FTPGET?"), whole, "{dialect}");
        world.files.insert("f".into(), noise(CACHE + 1));
        world.line("AT+FTPGET=\"f\"");
        world.text();
        assert_eq!(world.ask("AT+FTPGET?"), partly, "{dialect}");
    }
}

#[test]
fn view_mode_0_is_a_transfer_as_text_or_nothing() {
    for (dialect, types) in [
        ("view_mode=type", ["TYPE A", "TYPE I"]),
        ("view_mode=ignored", ["TYPE I", "TYPE A"]),
    ] {
        let mut world = open(dialect);
        world.line("AT+FTPGET=\"f\",0");
        world.text();
        assert_eq!(world.commands[0], types[0], "{dialect}");
        assert!(!world.commands.contains(&types[1].to_owned()), "{dialect}");
        assert_eq!(world.ask("AT+FTPGET?"), "|+FTPGET:\"f\",0,1||OK|");
    }
}

// 1.2.19

#[test]
fn ftprecv_has_three_names_and_three_endings() {
    for (dialect, names) in [
        ("recv_name=any", &["FTPRECV", "FTP_RECV", "FTPGETR"][..]),
        ("recv_name=ftprecv", &["FTPRECV"]),
        ("recv_name=ftp_recv", &["FTP_RECV"]),
        ("recv_name=ftpgetr", &["FTPGETR"]),
    ] {
        for name in ["FTPRECV", "FTP_RECV", "FTPGETR"] {
            // Where FTPGETR is not FTPRECV, it would be FTPRETR.
            let mut world = open(&format!("{dialect},retr_name=ftpretr"));
            let known = names.contains(&name);
            world.line("AT+FTPGET=\"f\"");
            world.text();
            for (typed, answer) in [
                ("=?", "(1-3000)||OK|"),
                ("?", "4||OK|"),
                ("=9", "4|data|OK|"),
            ] {
                let answer = if known {
                    format!("|+{name}: {answer}")
                } else {
                    "|ERROR|".into()
                };
                assert_eq!(world.ask(&format!("AT+{name}{typed}")), answer, "{dialect}");
            }
        }
    }
    for (dialect, end) in [
        ("recv_end=one_line_end", "|OK|"),
        ("recv_end=nothing", "OK|"),
        ("recv_end=two_line_ends", "||OK|"),
    ] {
        let mut world = open(dialect);
        world.line("AT+FTPGET=\"f\"");
        world.text();
        // The same for every reply of a session, but for the one without data.
        assert_eq!(world.ask("AT+FTPRECV=3"), format!("|+FTPRECV: 3|dat{end}"));
        assert_eq!(world.ask("AT+FTPRECV=3"), format!("|+FTPRECV: 1|a{end}"));
        assert_eq!(world.ask("AT+FTPRECV=3"), "|+FTPRECV: 0||OK|");
    }
    assert_eq!(closed("recv_unopened=error").ask("AT+FTPRECV=1"), "|ERROR|");
    assert_eq!(
        closed("recv_unopened=outcome").ask("AT+FTPRECV=1"),
        "|+FTPRECV: 0||OK|"
    );
}

#[test]
fn the_cache_is_lost_on_close_and_after_two_minutes() {
    let losses: [fn(&mut World); 3] = [
        |world| world.line("AT+FTPCLOSE"),
        |world| world.wait(Duration::from_secs(121)),
        |world| world.line("AT+MIPCALL=0"),
    ];
    for lose in losses {
        let mut world = open("default");
        world.line("AT+FTPGET=\"f\"");
        lose(&mut world);
        world.text();
        assert_eq!(world.ask("AT+FTPRECV?"), "|+FTPRECV: 0||OK|");
        assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
    }
}
