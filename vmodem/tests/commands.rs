//! What command lines are answered with, state by state.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod world;

use nlftp_vmodem::network::NetRequest;
use nlftp_vmodem::{Dialect, Dtr, ModemConfig};
use std::time::Duration;
use world::World;

#[test]
fn a_fresh_modem_echoes_until_it_is_told_not_to() {
    let mut world = World::with(ModemConfig::default());
    assert_eq!(world.ask("AT"), "AT\r|OK|");
    assert_eq!(world.ask("ATE0"), "ATE0\r|OK|");
    assert_eq!(world.ask("at"), "|OK|");
    assert_eq!(world.ask("ATE1"), "|OK|");
    assert_eq!(world.ask("AT"), "AT\r|OK|");
}

#[test]
fn an_echoed_line_is_the_same_however_it_is_cut() {
    for cut in 1..10 {
        let mut world = World::with(ModemConfig::default());
        let (first, second) = b"AT+FTPOPEN?\r".split_at(cut);
        world.types(first);
        world.types(second);
        assert_eq!(world.text(), "AT+FTPOPEN?\r|+FTPOPEN: 0||OK|");
    }
}

#[test]
fn several_commands_on_a_line_have_one_result() {
    let mut world = World::new();
    assert_eq!(
        world.ask("ATE0V1Q0&D2+CMEE=1;+CMEE?;+FTPMODE?"),
        "|+CMEE: 1||+FTPMODE: 0||OK|"
    );
    assert_eq!(world.ask("AT+CMEE=0;+NONSENSE;+CMEE=2"), "|ERROR|");
    assert_eq!(world.ask("AT+CMEE?"), "|+CMEE: 0||OK|");
}

#[test]
fn rubbish_and_stray_end_marks_are_no_commands() {
    let mut world = World::new();
    world.types(b"\x03\x03\r\rhello\r\nOK\r\n\x1a");
    assert_eq!(world.text(), "");
    assert_eq!(world.ask("AT"), "|OK|");
    assert_eq!(
        world.ask(&format!("AT+FTPOPEN=\"{}\"", "x".repeat(5000))),
        "|ERROR|"
    );
}

#[test]
fn login_goes_as_far_as_the_server_asks() {
    let mut world = World::new();
    world.reply("PASS", "332 account");
    assert_eq!(
        world.ask(r#"AT+FTPOPEN="ftp.example.com","u","p","acct",1024,2121,2020,0"#),
        "|OK||+FTPOPEN: 1|"
    );
    assert_eq!(world.commands, ["USER u", "PASS p", "ACCT acct"]);
    let NetRequest::Connect {
        host,
        port,
        source_port,
        tls,
        ..
    } = &world.connects[0]
    else {
        panic!()
    };
    assert_eq!(
        (host.as_str(), *port, *source_port, *tls),
        ("ftp.example.com", 2121, 1024, false)
    );
    assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 1||OK|");
    assert_eq!(world.ask(r#"AT+FTPOPEN="h","u","p""#), "|ERROR|");
    assert_eq!(world.ask("AT+FTPCLOSE"), "|OK||+FTPCLOSE: 1|");
    assert_eq!(world.ask("AT+FTPCLOSE"), "|ERROR|");
    assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
}

#[test]
fn a_refused_login_is_outcome_0() {
    for (verb, text) in [
        ("GREETING", "421 too many"),
        ("PASS", "530 no"),
        ("USER", "530 no"),
        ("USER", "garbage"),
    ] {
        let mut world = World::new();
        world.reply(verb, text);
        assert_eq!(
            world.ask(r#"AT+FTPOPEN="h","u","wrong""#),
            "|OK||+FTPOPEN: 0|",
            "{text}"
        );
        assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
    }
}

#[test]
fn every_ftp_command_but_a_setting_needs_a_connection() {
    let mut world = World::new();
    for command in [
        "FTPCLOSE",
        "FTPINFO=1",
        "FTPCWD=\"d\"",
        "FTPMKD=\"d\"",
        "FTPRMD=\"d\"",
        "FTPPWD",
        "FTPCDUP",
        "FTPDEL=\"f\"",
        "FTPREN=\"a\",\"b\"",
        "FTPLIST",
        "FTPSTAT",
        "FTPSYST",
        "FTPNOOP",
        "FTPSTOR=\"f\"",
        "FTPRETR=\"f\"",
        "FTPGET=\"f\"",
        "FTPRECV=1",
        "FTPPUT=\"f\",1,1",
    ] {
        assert_eq!(world.ask(&format!("AT+{command}")), "|ERROR|", "{command}");
    }
    assert_eq!(world.ask("AT+FTPRECV?"), "|+FTPRECV: 0||OK|");
    assert_eq!(world.ask("AT+FTPGET?"), "|OK|");
    assert_eq!(
        world.ask("AT+FTPMODE=1;+FTPREST=7;+FTPMODE?;+FTPREST?"),
        "|+FTPMODE: 1||+FTPREST: 7||OK|"
    );
}

#[test]
fn every_ftp_command_needs_a_sim() {
    let mut world = World::with(ModemConfig {
        echo: false,
        sim_ready: false,
        ..ModemConfig::default()
    });
    assert_eq!(world.ask("AT+CMEE=1"), "|OK|");
    for command in [
        "FTPOPEN=\"h\",\"u\",\"p\"",
        "FTPOPEN?",
        "FTPMODE?",
        "FTPREST=1",
        "FTPRECV?",
        "FTPCLOSE",
    ] {
        assert_eq!(
            world.ask(&format!("AT+{command}")),
            "|+CME ERROR: 10|",
            "{command}"
        );
    }
}

#[test]
fn commands_that_are_one_ftp_command() {
    let mut world = World::new().opened();
    for (command, name) in [
        ("FTPCWD=\"a b\"", "FTPCWD"),
        ("FTPMKD=\"d\"", "FTPMKD"),
        ("FTPRMD=\"d\"", "FTPRMD"),
        ("FTPCDUP", "FTPCDUP"),
        ("FTPNOOP", "FTPNOOP"),
        ("FTPREN=\"a\", \"b\"", "FTPREN"),
    ] {
        assert_eq!(
            world.ask(&format!("AT+{command}")),
            format!("|OK||+{name}: 1|")
        );
    }
    assert_eq!(world.ask("AT+FTPDEL=\"none\""), "|OK||+FTPDEL: 0|");
    assert_eq!(
        world.commands,
        [
            "CWD a b",
            "MKD d",
            "RMD d",
            "CDUP",
            "NOOP",
            "RNFR a",
            "RNTO b",
            "DELE none"
        ]
    );
    assert_eq!(
        world.ask("AT+FTPPWD"),
        "|OK||+FTPPWD: 2,\"/Fib\"ocom\"||+FTPPWD: 1|"
    );
    assert_eq!(
        world.ask("AT+FTPSYST"),
        "|OK||+FTPSYST: 2,UNIX Type: L8||+FTPSYST: 1|"
    );
    world.reply("STAT", "450 no such thing");
    assert_eq!(world.ask("AT+FTPSTAT=\"x\""), "|OK||+FTPSTAT: 0|");
    let stat = "|OK||+FTPSTAT: 2,Status||+FTPSTAT: 2,- 5 a||+FTPSTAT: 2,- 6 b||+FTPSTAT: 2,End||+FTPSTAT: 1|";
    assert_eq!(world.ask("AT+FTPSTAT"), stat);
}

#[test]
fn control_traffic_is_shown_on_request_only() {
    let mut world = World::new().opened();
    assert_eq!(world.ask("AT+FTPINFO?"), "|+FTPINFO: 0||OK|");
    assert_eq!(world.ask("AT+FTPINFO=1"), "|OK|");
    assert_eq!(
        world.ask("AT+FTPNOOP"),
        "|OK||+FTPINFO:NOOP||+FTPINFO:250 done||+FTPNOOP: 1|"
    );
    assert_eq!(world.ask("AT+FTPINFO=0"), "|OK|");
    assert_eq!(world.ask("AT+FTPNOOP"), "|OK||+FTPNOOP: 1|");
    let mut world = World::speaking(Dialect {
        info_before_open: true,
        ..Dialect::default()
    });
    assert_eq!(world.ask("AT+FTPINFO=1"), "|OK|");
    assert!(
        world
            .ask("AT+FTPOPEN=\"h\",\"u\",\"pw\"")
            .contains("|+FTPINFO:PASS pw|")
    );
}

#[test]
fn while_an_outcome_is_owed_nothing_else_is_answered() {
    let mut world = World::new().opened();
    world.reply("NOOP", "150 wait for it");
    assert_eq!(world.ask("AT+FTPNOOP"), "|OK|");
    assert_eq!(world.ask("AT"), "|ERROR|");
    assert_eq!(world.ask("AT+FTPOPEN?"), "|ERROR|");
    world.says("200 done");
    assert_eq!(world.text(), "|+FTPNOOP: 1|");
    assert_eq!(world.ask("AT"), "|OK|");
}

#[test]
fn a_server_that_stops_answering_ends_in_outcome_0() {
    let mut world = World::new().opened();
    world.reply("NOOP", "150 wait for it");
    world.line("AT+FTPNOOP");
    world.wait(Duration::from_secs(61));
    assert_eq!(world.text(), "|OK||+FTPNOOP: 0|");
    assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
}

#[test]
fn a_lost_connection_prints_nothing_and_is_gone() {
    for lose in [World::lose_control, |world: &mut World| {
        world.says("421 idle too long")
    }] {
        let mut world = World::new().opened();
        lose(&mut world);
        assert_eq!(world.text(), "");
        assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
        assert_eq!(
            world.ask("AT+FTPOPEN=\"h\",\"u\",\"p\""),
            "|OK||+FTPOPEN: 1|"
        );
    }
}

#[test]
fn dtr_closes_the_connection_only_where_it_is_wired_and_enabled() {
    for (dtr, enable, answer, open) in [
        (Dtr::Present, "AT&D2", "|OK|", "0"),
        (Dtr::Present, "AT&D0", "|OK|", "1"),
        (Dtr::Ignored, "AT&D2", "|OK|", "1"),
        (Dtr::Absent, "AT&D2", "|ERROR|", "1"),
    ] {
        let mut world = World::with(ModemConfig {
            echo: false,
            dtr,
            ..ModemConfig::default()
        })
        .opened();
        assert_eq!(world.ask(enable), answer);
        world.modem.dtr(world.now, false);
        world.modem.dtr(world.now, true);
        assert_eq!(world.ask("AT+FTPOPEN?"), format!("|+FTPOPEN: {open}||OK|"));
    }
}

#[test]
fn answers_take_their_turnaround_time() {
    let turnaround = Duration::from_millis(30);
    let mut world = World::with(ModemConfig {
        echo: false,
        turnaround,
        ..ModemConfig::default()
    });
    assert_eq!(world.ask("AT"), "");
    assert_eq!(
        world.modem.receive(world.now, b"AT\r"),
        0,
        "one line at a time"
    );
    world.wait(Duration::from_millis(29));
    assert_eq!(world.text(), "");
    world.wait(Duration::from_millis(1));
    assert_eq!(world.text(), "|OK|");
}

#[test]
fn a_silent_modem_swallows_everything() {
    let mut world = World::new();
    world.modem.set_silent(true);
    assert_eq!(world.ask("AT"), "");
    world.modem.set_silent(false);
    assert_eq!(world.ask("AT"), "|OK|");
}

#[test]
fn command_lines_are_recorded_as_sent() {
    let mut world = World::new();
    world.line("at+cmee=1");
    world.line("AT");
    assert_eq!(world.modem.take_command_line().unwrap(), b"AT+cmee=1");
    assert_eq!(world.modem.take_command_line().unwrap(), b"AT");
    assert!(world.modem.take_command_line().is_none());
}
