//! What the manual leaves open about uploads, 1.2.15, 1.2.17 and 1.2.20: each reading as it looks from the host.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod world;

use std::time::Duration;

use world::World;

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

// 1.2.15

#[test]
fn ftpstors_offset_ends_at_32_or_36_bits() {
    for (dialect, last) in [
        ("stor_offset_as_printed=false", 0xffff_fffe_u64),
        ("stor_offset_as_printed=true", 0xf_ffff_fffe),
    ] {
        let mut world = open(dialect);
        assert_eq!(
            world.ask("AT+FTPSTOR=?"),
            format!("|+FTPSTOR: (\"file name\"),(0-1),(0-{last})||OK|")
        );
        assert_eq!(
            world.ask(&format!("AT+FTPSTOR=\"g\",1,{}", last + 1)),
            "|ERROR|"
        );
        assert_eq!(
            world.ask(&format!("AT+FTPSTOR=\"g\",1,{last}")),
            "|OK||+FTPSTOR: 2|"
        );
    }
}

#[test]
fn ftprest_counts_for_some_commands_and_for_one_or_all() {
    for (dialect, expected) in [
        ("default", &["5", "3", "3"][..]),
        ("rest_scope=downloads_and_stor", &["5", "3", "3"]),
        ("rest_scope=downloads", &["5", "3"]),
        ("rest_scope=everything", &["5", "3", "3", "3"]),
        ("rest_once=true", &["5", "3"]),
    ] {
        let mut world = open(dialect);
        world.line("AT+FTPREST=3");
        world.line("AT+FTPRETR=\"f\",1,5");
        world.line("AT+FTPREST=3");
        world.line("AT+FTPRETR=\"f\"");
        world.line("AT+FTPSTOR=\"g\"");
        world.types(&[3]);
        world.line("AT+FTPPUT=\"h\",1,1");
        world.types(b"x");
        world.line("AT+FTPRETR=\"f\",,0");
        let rests: Vec<_> = world
            .commands
            .iter()
            .filter_map(|line| line.strip_prefix("REST "))
            .collect();
        assert_eq!(rests, expected, "{dialect}");
        world.text();
        let kept = if dialect == "rest_once=true" { 0 } else { 3 };
        assert_eq!(world.ask("AT+FTPREST?"), format!("|+FTPREST: {kept}||OK|"));
    }
}

#[test]
fn only_the_end_mark_or_dtr_ends_an_upload() {
    for (dialect, enable, ends) in [
        ("dtr_needs_d2=true", "AT&D0", false),
        ("dtr_needs_d2=true", "AT&D1", false),
        ("dtr_needs_d2=true", "AT&D2", true),
        ("dtr_needs_d2=false", "AT&D0", true),
        ("dtr_needs_d2=false", "AT&F", true),
    ] {
        let mut world = open(dialect);
        world.line(enable);
        world.line("AT+FTPSTOR=\"g\"");
        world.text();
        // What a client writes that knows nothing of the upload becomes content.
        assert_eq!(world.ask("+++"), "");
        assert_eq!(world.ask("AT+FTPCLOSE"), "");
        world.modem.dtr(world.now, false);
        world.modem.dtr(world.now, true);
        if ends {
            assert_eq!(
                world.ask("AT+FTPOPEN?"),
                "|+FTPOPEN: 0||OK|",
                "{dialect} {enable}"
            );
            continue;
        }
        assert_eq!(
            world.ask("AT"),
            "",
            "data mode survives, and so does the login"
        );
        assert_eq!(world.ask_bytes(b"\x03"), "|+FTPSTOR: 1|");
        assert_eq!(world.files["g"], b"+++\rAT+FTPCLOSE\rAT\r");
        assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 1||OK|");
    }
}

#[test]
fn an_upload_that_fails_midway_is_told_in_three_ways() {
    let failing = |dialect: &str| {
        let mut world = open(dialect);
        world.line("AT+FTPSTOR=\"g\"");
        world.types(b"first");
        world.text();
        world.says("552 disk full");
        world
    };
    let mut world = failing("stor_failure=outcome_then_commands");
    assert_eq!(world.text(), "|+FTPSTOR: 0|");
    world.types(b"rest of it\x03");
    assert_eq!(world.ask("\rAT"), "|OK|");

    let mut world = failing("stor_failure=outcome_then_swallow");
    assert_eq!(world.text(), "|+FTPSTOR: 0|");
    assert_eq!(world.ask("AT"), "");
    assert_eq!(world.ask_bytes(b"\x10\x03\x03"), "");
    assert_eq!(world.ask("AT"), "|OK|");

    let mut world = failing("stor_failure=swallow_then_outcome");
    assert_eq!(world.text(), "");
    assert_eq!(world.ask_bytes(b"AT\r\x10\x03\x03"), "|+FTPSTOR: 0|");
    assert_eq!(world.ask("AT"), "|OK|");
}

#[test]
fn an_offset_beyond_the_end_is_the_servers_or_the_modems_to_handle() {
    let store = |dialect: &str, values: &str| {
        let mut world = open(dialect);
        let begun = world.ask(&format!("AT+FTPSTOR={values}"));
        if begun.contains(": 2") {
            assert_eq!(world.ask_bytes(b"new\x03"), "|+FTPSTOR: 1|");
        } else {
            assert_eq!(begun, "|OK||+FTPSTOR: 0|");
        }
        assert_eq!(world.ask("AT"), "|OK|");
        let name = values[1..].split('"').next().unwrap();
        (world.commands.join(","), world.files.get(name).cloned())
    };
    let new = Some(b"new".to_vec());
    let server = "stor_beyond=server";
    assert_eq!(
        store(server, "\"g\",1,10"),
        ("TYPE I,PASV,REST 10,STOR g".into(), new.clone())
    );
    let modem = "stor_beyond=modem";
    let padded = |count: usize| Some([vec![0; count], b"new".to_vec()].concat());
    assert_eq!(
        store(modem, "\"g\",1,10"),
        ("TYPE I,SIZE g,TYPE I,PASV,STOR g".into(), padded(10))
    );
    assert_eq!(
        store(modem, "\"f\",1,10"),
        ("TYPE I,SIZE f,TYPE I,PASV,REST 4,STOR f".into(), padded(6))
    );
    assert_eq!(
        store(modem, "\"f\",1,4"),
        (
            "TYPE I,SIZE f,TYPE I,PASV,REST 4,STOR f".into(),
            new.clone()
        )
    );
    assert_eq!(
        store(modem, "\"f\",0,3"),
        (
            "TYPE I,SIZE f,TYPE A,PASV,REST 3,STOR f".into(),
            new.clone()
        )
    );
    assert_eq!(
        store(modem, "\"g\",1,0"),
        ("TYPE I,PASV,STOR g".into(), new.clone())
    );
    let refused = "stor_beyond=refused";
    assert_eq!(store(refused, "\"g\",1,1"), ("TYPE I,SIZE g".into(), None));
    assert_eq!(store(refused, "\"f\",1,4").1, new);
    // More NULs than the modem holds at once, and none left for the next file.
    let (_, stored) = store(modem, "\"g\",1,3000000");
    assert!(stored == padded(3_000_000));
    let mut world = open(modem);
    world.reply("STOR", "553 not that name");
    assert_eq!(world.ask("AT+FTPSTOR=\"g\",1,9"), "|OK||+FTPSTOR: 0|");
    world.line("AT+FTPSTOR=\"h\"");
    world.types(b"new\x03");
    assert_eq!(world.files["h"], b"new");
}

// 1.2.20

#[test]
fn ftpput_prompts_by_a_line_or_an_arrow() {
    assert_eq!(
        said("put_prompt=line", "AT+FTPPUT=\"g\",9,1"),
        "|+FTPPUT: 2,9|"
    );
    assert_eq!(said("put_prompt=arrow", "AT+FTPPUT=\"g\",9,1"), "|> ");
}

#[test]
fn a_failing_piece_is_told_in_three_ways() {
    for (dialect, text) in [
        ("put_failure=error", "|ERROR|"),
        ("put_failure=outcome_then_ok", "|+FTPPUT: 0||OK|"),
        ("put_failure=outcome_then_error", "|+FTPPUT: 0||ERROR|"),
    ] {
        // Before the prompt; the next file begins anew.
        let mut world = open(dialect);
        world.reply("STOR", "553 not that name");
        assert_eq!(world.ask("AT+FTPPUT=\"g\",1,1"), text);
        assert_eq!(world.ask("AT+FTPPUT=\"h\",1,1"), "|+FTPPUT: 2,1|");
        // With a piece.
        let mut world = open(dialect);
        world.line("AT+FTPPUT=\"g\",4,0");
        world.types(b"ab");
        world.text();
        world.says("552 disk full");
        assert_eq!(world.text(), "");
        assert_eq!(world.ask_bytes(b"cd"), text);
        assert_eq!(world.ask("AT"), "|OK|");
        // Between two pieces.
        let mut world = open(dialect);
        world.line("AT+FTPPUT=\"g\",1,0");
        world.types(b"x");
        world.says("552 disk full");
        assert_eq!(world.text(), "|+FTPPUT: 2,1||OK|");
        assert_eq!(world.ask("AT+FTPPUT=\"g\",1,1"), text);
        // With the server's last word.
        let mut world = open(dialect);
        world.reply("226", "552 disk full");
        world.line("AT+FTPPUT=\"g\",1,1");
        assert_eq!(world.ask_bytes(b"x"), "|+FTPPUT: 2,1||OK||+FTPPUT: 0|");
    }
}

#[test]
fn the_modem_waits_for_a_piece_for_ever_or_for_a_time() {
    let mut world = open("put_patience=0");
    world.line("AT+FTPPUT=\"g\",2,1");
    world.text();
    world.wait(Duration::from_secs(100_000));
    assert_eq!(world.ask_bytes(b"xy"), "|OK||+FTPPUT: 1|");

    let mut world = open("put_patience=30,put_failure=outcome_then_error");
    world.line("AT+FTPPUT=\"g\",3,1");
    world.text();
    for byte in [b"x", b"y"] {
        world.wait(Duration::from_secs(29));
        assert_eq!(world.ask_bytes(byte), "", "each byte begins the time anew");
    }
    world.wait(Duration::from_secs(30));
    assert_eq!(world.text(), "|+FTPPUT: 0||ERROR|");
    assert_eq!(world.ask("AT+FTPNOOP"), "|OK||+FTPNOOP: 1|");
    // Between two pieces nothing is waited for.
    world.line("AT+FTPPUT=\"g\",1,0");
    world.types(b"x");
    world.text();
    world.wait(Duration::from_secs(1000));
    assert_eq!(world.ask("AT+FTPPUT=\"g\",1,1"), "|+FTPPUT: 2,1|");
}
