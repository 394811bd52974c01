//! What the manual leaves open, point by point in its order: each reading as it looks from the host. Transfers are in
//! `dialects_of_uploads.rs` and `dialects_of_downloads.rs`.
//!
//! Every reading is shown by its name, as `Dialect` parses it; the last test finds those that are not.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod world;

use std::time::Duration;

use nlftp_vmodem::network::NetRequest;
use nlftp_vmodem::{Dialect, ModemConfig};
use world::{World, noise};

const CACHE: usize = 512_000;
const OPEN: &str = r#"AT+FTPOPEN="h","u","p""#;

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

/// Whom FTPOPEN connects to: port there, port here, encrypted.
fn connected(dialect: &str, values: &str) -> Option<(u16, u16, bool)> {
    let mut world = closed(dialect);
    world.line(&format!("AT+FTPOPEN={values}"));
    match world.connects.first()? {
        NetRequest::Connect {
            port,
            source_port,
            tls,
            ..
        } => Some((*port, *source_port, *tls)),
        other => panic!("{other:?}"),
    }
}

// 1.2.1

#[test]
fn ftpopen_has_the_order_of_the_syntax_or_of_the_example() {
    let example = r#""1.2.3.4","db","db",,990,,1"#;
    assert_eq!(
        connected("open_tls_seventh=true", example),
        Some((990, 0, true))
    );
    assert_eq!(
        connected("open_tls_seventh=false", example),
        Some((21, 990, false))
    );
    let syntax = r#""1.2.3.4","db","db",,,990,,1"#;
    assert_eq!(connected("default", syntax), Some((990, 0, true)));
    assert_eq!(
        connected("open_tls_seventh=true", syntax),
        None,
        "a field too many"
    );
    // The example's order without TLS: account, port there, data port here.
    for values in [
        r#""h","u","p","",2121,2020"#,
        r#""h","u","p","",2121,2020,0"#,
    ] {
        assert_eq!(
            connected("open_tls_seventh=true", values),
            Some((2121, 0, false))
        );
    }
    let test = said("open_tls_seventh=true", "AT+FTPOPEN=?");
    assert_eq!(test.matches("(0-65535)").count(), 2);
    assert_eq!(
        said("default", "AT+FTPOPEN=?").matches("(0-65535)").count(),
        3
    );
}

#[test]
fn ftps_has_port_990_unless_another_is_given() {
    assert_eq!(
        connected("default", r#""h","u","p",,,,,1"#),
        Some((990, 0, true))
    );
    assert_eq!(
        connected("open_tls_seventh=true", r#""h","u","p",,,,1"#),
        Some((990, 0, true))
    );
    assert_eq!(
        connected("default", r#""h","u","p",,,,,0"#),
        Some((21, 0, false))
    );
}

#[test]
fn ftpopens_fields_may_be_stricter() {
    let whole = "open_group_whole=true";
    for (values, taken) in [
        (r#""h","u","p""#, true),
        (r#""h","u","p","""#, false),
        (r#""h","u","p",,0,2121"#, false),
        (r#""h","u","p",,0,2121,0"#, true),
        (r#""h","u","p",,0,2121,0,0"#, true),
    ] {
        assert_eq!(connected(whole, values).is_some(), taken, "{values}");
        assert!(connected("open_group_whole=false", values).is_some());
    }
    let example = "open_group_whole=true,open_tls_seventh=true";
    assert!(connected(example, r#""h","u","p",,2121"#).is_none());
    assert!(connected(example, r#""h","u","p",,2121,0"#).is_some());
    let bare = r#"1.2.3.4,"u","p""#;
    assert!(connected("open_bare_address=true", bare).is_some());
    assert!(connected("open_bare_address=false", bare).is_none());
    let long = format!(r#""{}","u","p""#, "h".repeat(1024));
    assert!(connected("default", &long).is_some());
    assert!(connected("line_limit=600", &long).is_none());
}

#[test]
fn opening_twice_or_without_a_context_is_an_error_or_outcome_0() {
    assert_eq!(said("open_twice=error", OPEN), "|ERROR|");
    assert_eq!(said("open_twice=outcome", OPEN), "|OK||+FTPOPEN: 0|");
    for (dialect, answer) in [
        ("open_detached=error", "|ERROR|"),
        ("open_detached=outcome", "|OK||+FTPOPEN: 0|"),
        ("error=cme", "|+CME ERROR: 2031|"),
    ] {
        let mut world = World::with(ModemConfig {
            echo: false,
            attached: false,
            dialect: dialect.parse().unwrap(),
            ..ModemConfig::default()
        });
        assert_eq!(world.ask(OPEN), answer, "{dialect}");
        assert!(world.connects.is_empty());
    }
}

// All commands

#[test]
fn an_outcome_takes_as_long_as_the_server() {
    let mut world = open("default");
    world.reply("MKD", "150 soon");
    assert_eq!(world.ask("AT+FTPMKD=\"d\""), "|OK|");
    world.wait(Duration::from_secs(50));
    assert_eq!(world.text(), "");
    world.says("257 made");
    assert_eq!(world.text(), "|+FTPMKD: 1|");
}

#[test]
fn the_outcome_comes_behind_or_before_ok() {
    let before = "outcome_before_ok=true";
    assert_eq!(closed(before).ask(OPEN), "|+FTPOPEN: 1||OK|");
    assert_eq!(said(before, "AT+FTPNOOP"), "|+FTPNOOP: 1||OK|");
    assert_eq!(said(before, "AT+FTPDEL=\"x\""), "|+FTPDEL: 0||OK|");
    assert_eq!(
        said(before, "AT+FTPLIST"),
        "|+FTPLIST: 2||OK|- 4 f||+FTPLIST: 1|"
    );
    assert_eq!(
        said("outcome_before_ok=false", "AT+FTPNOOP"),
        "|OK||+FTPNOOP: 1|"
    );
    let get = "get_result_before_ok=true";
    assert_eq!(said(get, "AT+FTPGET=\"f\""), "|+FTPGET: 2||OK||+FTPGET: 1|");
    assert_eq!(said(get, "AT+FTPGET=\"x\""), "|+FTPGET: 0||OK|");
    // Until then the command is not over.
    let mut world = open(get);
    world.reply("RETR", "150 wait\r\n150 more");
    world.reply("TYPE", "150 wait");
    assert_eq!(world.ask("AT+FTPGET=\"f\""), "");
    assert_eq!(world.ask("AT+FTPOPEN?"), "|ERROR|");
    world.says("200 binary");
    assert_eq!(world.text(), "|+FTPGET: 2||OK||+FTPGET: 1|");
    let mut world = open("put_outcome_before_ok=true");
    assert_eq!(world.ask("AT+FTPPUT=\"g\",1,0"), "|+FTPPUT: 2,1|");
    assert_eq!(world.ask_bytes(b"x"), "|OK|");
    assert_eq!(world.ask("AT+FTPPUT=\"g\",1,1"), "|+FTPPUT: 2,1|");
    assert_eq!(world.ask_bytes(b"y"), "|+FTPPUT: 1||OK|");
}

#[test]
fn a_connection_lost_before_ok_still_ends_the_command() {
    for lose in [World::lose_control, |world: &mut World| {
        world.wait(Duration::from_secs(200));
    }] {
        let mut world = open("get_result_before_ok=true,get_results=done_only");
        world.reply("RETR", "150 wait");
        world.files.insert("f".into(), noise(CACHE + 1));
        world.reply("TYPE", "150 wait");
        assert_eq!(world.ask("AT+FTPGET=\"f\""), "");
        lose(&mut world);
        assert_eq!(world.text(), "|+FTPGET: 0||OK|");
        assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
    }
}

#[test]
fn colons_and_commas_are_spaced_in_three_ways() {
    for (dialect, answer) in [
        ("default", r#"|OK||+FTPPWD: 2,"/Fib"ocom"||+FTPPWD: 1|"#),
        ("colon=tight", r#"|OK||+FTPPWD:2,"/Fib"ocom"||+FTPPWD:1|"#),
        (
            "colon=space_inside",
            r#"|OK||+ FTPPWD: 2,"/Fib"ocom"||+ FTPPWD: 1|"#,
        ),
        (
            "space_after_comma=true",
            r#"|OK||+FTPPWD: 2, "/Fib"ocom"||+FTPPWD: 1|"#,
        ),
    ] {
        assert_eq!(said(dialect, "AT+FTPPWD"), answer);
    }
    // Two lines are printed without a space, whatever the others have.
    for (dialect, get, info) in [
        ("default", "|+FTPGET:\"f\",1,1||OK|", "+FTPINFO:NOOP|"),
        (
            "colon_as_printed=false",
            "|+FTPGET: \"f\",1,1||OK|",
            "+FTPINFO: NOOP|",
        ),
        (
            "colon_as_printed=false,colon=space_inside",
            "|+ FTPGET: \"f\",1,1||OK|",
            "+ FTPINFO: NOOP|",
        ),
    ] {
        let mut world = open(dialect);
        world.line("AT+FTPGET=\"f\"");
        world.text();
        assert_eq!(world.ask("AT+FTPGET?"), get);
        world.line("AT+FTPINFO=1");
        assert!(world.ask("AT+FTPNOOP").contains(info));
    }
}

#[test]
fn errors_have_eight_forms_and_cmee_may_be_unknown() {
    for (dialect, answer) in [
        ("error=by_cmee", "|+CME ERROR: operation not allowed|"),
        ("error=bare", "|ERROR|"),
        ("error=colon", "|ERROR:|"),
        ("error=numbered", "|ERROR: 3|"),
        ("error=cme", "|+CME ERROR: 3|"),
        ("error=cme_text", "|+CME ERROR: operation not allowed|"),
        ("error=cms", "|+CMS ERROR: operation not allowed|"),
        ("error=cms_text", "|+CMS ERROR: operation not allowed|"),
    ] {
        let mut world = closed(dialect);
        assert_eq!(world.ask("AT+CMEE=2"), "|OK|");
        assert_eq!(world.ask("AT+FTPPWD"), answer);
    }
    assert_eq!(closed("error=cms").ask("AT+FTPPWD"), "|+CMS ERROR: 302|");
    for typed in ["AT+CMEE=1", "AT+CMEE?", "AT+CMEE=?"] {
        assert_eq!(closed("cmee=false").ask(typed), "|ERROR|");
    }
    assert_eq!(closed("cmee=true").ask("AT+CMEE=1"), "|OK|");
}

#[test]
fn names_are_octets_of_any_character_set() {
    let mut world = open("default");
    let long = "ü".repeat(127) + "x";
    assert_eq!(
        world.ask(&format!("AT+FTPMKD=\"{long}\"")),
        "|OK||+FTPMKD: 1|"
    );
    assert_eq!(world.commands, [format!("MKD {long}")]);
    assert_eq!(world.ask(&format!("AT+FTPMKD=\"{long}x\"")), "|ERROR|");
    // There is no escape: a quote ends the name.
    assert_eq!(world.ask("AT+FTPMKD=\"a\"b\""), "|ERROR|");
    assert_eq!(world.ask("AT+FTPMKD=\"a\\\""), "|OK||+FTPMKD: 1|");
    assert_eq!(world.commands.last().unwrap(), "MKD a\\");
}

// 1.2.2

#[test]
fn ftpclose_is_taken_or_refused() {
    let close = "AT+FTPCLOSE";
    assert_eq!(closed("close_unopened=error").ask(close), "|ERROR|");
    assert_eq!(
        closed("close_unopened=outcome").ask(close),
        "|OK||+FTPCLOSE: 0|"
    );
    for (dialect, answer) in [
        ("close_between_pieces=true", "|OK||+FTPCLOSE: 1|"),
        ("close_between_pieces=false", "|ERROR|"),
    ] {
        let mut world = open(dialect);
        world.line("AT+FTPPUT=\"g\",1,0");
        world.types(b"x");
        world.text();
        assert_eq!(world.ask(close), answer);
    }
    for (dialect, answer) in [
        ("close_while_downloading=true", "|OK||+FTPCLOSE: 1|"),
        ("close_while_downloading=false", "|ERROR|"),
    ] {
        let mut world = open(dialect);
        world.files.insert("f".into(), noise(CACHE + 1));
        world.line("AT+FTPGET=\"f\"");
        world.text();
        assert_eq!(world.ask(close), answer);
    }
}

#[test]
fn a_lost_connection_is_told_by_a_line_or_not_at_all() {
    for (dialect, line) in [("lost_told=false", ""), ("lost_told=true", "|+FTPOPEN: 0|")] {
        let mut world = open(dialect);
        world.line("AT+FTPGET=\"f\"");
        world.text();
        world.says("421 too long idle");
        assert_eq!(world.text(), line);
        assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
        assert_eq!(
            world.ask("AT+FTPRECV?"),
            "|+FTPRECV: 0||OK|",
            "the cache is gone"
        );
        // What was never open cannot be lost.
        world.reply("GREETING", "421 too many");
        assert_eq!(world.ask(OPEN), "|OK||+FTPOPEN: 0|");
    }
}

#[test]
fn a_command_before_the_outcome_is_refused_kept_or_lost() {
    for (dialect, at_once, with_outcome) in [
        ("while_owed=error", "|ERROR|", "|+FTPNOOP: 1|"),
        ("while_owed=queued", "", "|+FTPNOOP: 1||+FTPOPEN: 1||OK|"),
        ("while_owed=lost", "", "|+FTPNOOP: 1|"),
    ] {
        let mut world = open(dialect);
        world.reply("NOOP", "150 wait");
        assert_eq!(world.ask("AT+FTPNOOP"), "|OK|");
        assert_eq!(world.ask("AT+FTPOPEN?"), at_once, "{dialect}");
        world.says("200 done");
        assert_eq!(world.text(), with_outcome, "{dialect}");
        assert_eq!(world.ask("AT"), "|OK|", "{dialect}");
    }
    // Data sent before it was asked for is lost, or waits too.
    for (dialect, stored) in [
        ("while_owed=error", "late"),
        ("while_owed=lost", "late"),
        ("while_owed=queued", "earlylate"),
    ] {
        let mut world = open(dialect);
        world.reply("TYPE", "150 wait");
        world.line("AT+FTPSTOR=\"g\"");
        world.types(b"early");
        world.says("200 binary");
        assert_eq!(world.text(), "|OK||+FTPSTOR: 2|", "{dialect}");
        world.types(b"late\x03");
        assert_eq!(world.text(), "|+FTPSTOR: 1|");
        assert_eq!(world.files["g"], stored.as_bytes(), "{dialect}");
    }
}

// 1.2.3

#[test]
fn ftpinfo_belongs_to_a_connection_or_to_the_modem() {
    assert_eq!(
        closed("info_before_open=false").ask("AT+FTPINFO=1"),
        "|ERROR|"
    );
    let mut world = closed("info_before_open=true");
    assert_eq!(world.ask("AT+FTPINFO=1"), "|OK|");
    assert!(world.ask(OPEN).contains("|+FTPINFO:PASS p|"));
    for (dialect, answer) in [("default", "0"), ("info_before_open=true", "1")] {
        let mut world = open(dialect);
        world.line("AT+FTPINFO=1");
        world.line("AT+FTPCLOSE");
        world.line(OPEN);
        world.text();
        assert_eq!(
            world.ask("AT+FTPINFO?"),
            format!("|+FTPINFO: {answer}||OK|")
        );
    }
}

// 1.2.7, 1.2.12, 1.2.13

#[test]
fn texts_come_before_their_outcome_or_with_it() {
    for (dialect, directory, system) in [
        (
            "text_result=two_then_one",
            "|OK||+FTPPWD: 2,\"/x\"||+FTPPWD: 1|",
            "|OK||+FTPSYST: 2,UNIX||+FTPSYST: 1|",
        ),
        (
            "text_result=two_alone",
            "|OK||+FTPPWD: 2,\"/x\"|",
            "|OK||+FTPSYST: 2,UNIX|",
        ),
        (
            "text_result=one_with_text",
            "|OK||+FTPPWD: 1,\"/x\"|",
            "|OK||+FTPSYST: 1,UNIX|",
        ),
        (
            "text_result=one_with_text,outcome_before_ok=true",
            "|+FTPPWD: 1,\"/x\"||OK|",
            "|+FTPSYST: 1,UNIX||OK|",
        ),
    ] {
        let mut world = open(dialect);
        world.reply("PWD", "257 \"/x\"");
        assert_eq!(world.ask("AT+FTPPWD"), directory);
        world.reply("SYST", "215 UNIX");
        assert_eq!(world.ask("AT+FTPSYST"), system);
        // A refusal has no text in any of them.
        world.reply("PWD", "550 no");
        let refused = world.ask("AT+FTPPWD");
        assert!(
            refused.contains("|+FTPPWD: 0|") && !refused.contains('"'),
            "{refused}"
        );
        assert_eq!(world.ask("AT"), "|OK|");
    }
    for (dialect, answer) in [
        (
            "stat_text=each_line",
            "|OK||+FTPSTAT: 2,S||+FTPSTAT: 2,OK||+FTPSTAT: 2,E||+FTPSTAT: 1|",
        ),
        (
            "stat_text=first_line",
            "|OK||+FTPSTAT: 2,S|OK|E||+FTPSTAT: 1|",
        ),
    ] {
        let mut world = open(dialect);
        world.reply("STAT", "213-S\r\nOK\r\n213 E");
        assert_eq!(world.ask("AT+FTPSTAT"), answer);
    }
}

// 1.2.11

#[test]
fn listings_begin_and_end_in_several_ways() {
    for (dialect, full, empty) in [
        (
            "default",
            "|OK||+FTPLIST: 2|- 4 f||+FTPLIST: 1|",
            "|OK||+FTPLIST: 2||+FTPLIST: 1|",
        ),
        (
            "list_on_new_line=false",
            "|OK||+FTPLIST: 2- 4 f||+FTPLIST: 1|",
            "|OK||+FTPLIST: 2|+FTPLIST: 1|",
        ),
        (
            "list_end_mark=true",
            "|OK||+FTPLIST: 2|- 4 f|\u{3}|+FTPLIST: 1|",
            "|OK||+FTPLIST: 2|\u{3}|+FTPLIST: 1|",
        ),
        (
            "list_empty_two=false",
            "|OK||+FTPLIST: 2|- 4 f||+FTPLIST: 1|",
            "|OK||+FTPLIST: 1|",
        ),
    ] {
        let mut world = open(dialect);
        assert_eq!(world.ask("AT+FTPLIST"), full, "{dialect}");
        world.files.clear();
        assert_eq!(world.ask("AT+FTPLIST"), empty, "{dialect}");
        world.reply("LIST", "550 no such folder");
        assert_eq!(world.ask("AT+FTPLIST=\"x\""), "|OK||+FTPLIST: 0|");
    }
    for (dialect, name) in [
        ("list_stuffed=false", "a\u{3}b\u{10}"),
        ("list_stuffed=true", "a\u{10}\u{3}b\u{10}\u{10}"),
    ] {
        let mut world = open(dialect);
        world.files = [("a\u{3}b\u{10}".into(), Vec::new())].into();
        assert_eq!(
            world.ask("AT+FTPLIST"),
            format!("|OK||+FTPLIST: 2|- 0 {name}||+FTPLIST: 1|")
        );
    }
    for (dialect, second, third) in [
        ("list_bare_is_last=false", "LIST", "LIST"),
        ("list_bare_is_last=true", "LIST d", "LIST"),
    ] {
        let mut world = open(dialect);
        world.line("AT+FTPLIST=\"d\"");
        world.line("AT+FTPLIST");
        assert_eq!(world.commands.last().unwrap(), second, "{dialect}");
        world.line("AT+FTPCLOSE");
        world.line(OPEN);
        world.line("AT+FTPLIST");
        assert_eq!(world.commands.last().unwrap(), third, "{dialect}");
    }
}

// 1.2.21

#[test]
fn the_mode_survives_ftpopen_or_does_not() {
    for (dialect, mode) in [("open_resets_mode=false", 1), ("open_resets_mode=true", 0)] {
        let mut world = closed(dialect);
        world.line("AT+FTPMODE=1");
        world.line(OPEN);
        world.text();
        assert_eq!(world.ask("AT+FTPMODE?"), format!("|+FTPMODE: {mode}||OK|"));
    }
}

// 3.1

#[test]
fn the_contexts_address_is_told_in_several_ways() {
    for (dialect, unasked, asked, twice) in [
        (
            "default",
            "|OK||+MIPCALL: 10.34.7.211|",
            "1,10.34.7.211",
            "|OK||+MIPCALL: 10.34.7.211|",
        ),
        (
            "mipcall_line_numbered=true",
            "|OK||+MIPCALL: 1,10.34.7.211|",
            "1,10.34.7.211",
            "|OK||+MIPCALL: 1,10.34.7.211|",
        ),
        (
            "mipcall_read_numbered=false",
            "|OK||+MIPCALL: 10.34.7.211|",
            "10.34.7.211",
            "|OK||+MIPCALL: 10.34.7.211|",
        ),
        ("mipcall_line=false", "|OK|", "1,10.34.7.211", "|OK|"),
        (
            "mipcall_twice_fails=true",
            "|OK||+MIPCALL: 10.34.7.211|",
            "1,10.34.7.211",
            "|ERROR|",
        ),
    ] {
        let mut world = World::with(ModemConfig {
            echo: false,
            attached: false,
            dialect: dialect.parse().unwrap(),
            ..ModemConfig::default()
        });
        assert_eq!(world.ask("AT+MIPCALL=1,\"CTNET\""), unasked, "{dialect}");
        assert_eq!(
            world.ask("AT+MIPCALL?"),
            format!("|+MIPCALL: {asked}||OK|"),
            "{dialect}"
        );
        assert_eq!(world.ask("AT+MIPCALL=1,\"CTNET\""), twice, "{dialect}");
    }
    for (dialect, answer) in [
        ("mipcall_down_line=false", "|OK|"),
        ("mipcall_down_line=true", "|OK||+MIPCALL: 0|"),
    ] {
        let mut world = open(dialect);
        assert_eq!(world.ask("AT+MIPCALL=0"), answer);
        assert_eq!(world.ask("AT+MIPCALL=0"), "|OK|", "it is down already");
        assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
    }
}

#[test]
fn every_reading_is_shown() {
    let shown = [
        include_str!("dialects.rs"),
        include_str!("dialects_of_uploads.rs"),
        include_str!("dialects_of_downloads.rs"),
    ]
    .concat();
    for (reading, _) in Dialect::all() {
        let number = reading.starts_with("put_patience");
        let text = if number { "put_patience" } else { &reading };
        assert!(shown.contains(text), "{reading}");
    }
}
