//! What command lines are answered with, state by state.
#![allow(clippy::unwrap_used, reason = "tests")]

mod world;

use nlftp_vmodem::dialect::{Colon, ErrorForm, Refusal, StatText};
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
fn the_modem_tells_who_and_where_it_is() {
    let mut world = World::new();
    assert!(world.ask("ATI").contains("NL668"));
    assert_eq!(world.ask("AT+CPIN?"), "|+CPIN: READY||OK|");
    assert_eq!(world.ask("AT+CREG?"), "|+CREG: 0,1||OK|");
    assert_eq!(world.ask("AT+CEREG?"), "|+CEREG: 0,1||OK|");
    assert_eq!(world.ask("AT+COPS?"), "|+COPS: 0,0,\"CHN-CT\",12||OK|");
    assert_eq!(world.ask("AT+CSQ"), "|+CSQ: 24,99||OK|");
    for name in ["CGMI", "CGMM", "CGMR", "CGSN"] {
        assert!(world.ask(&format!("AT+{name}")).ends_with("||OK|"));
    }
    assert_eq!(world.ask("AT+IFC=2,2"), "|OK|");
    assert_eq!(world.ask("AT+GTSET=\"FTPLIMIT\",1000"), "|OK|");
    assert_eq!(world.ask("AT+GTSET=\"FTPLIMIT\",1001"), "|ERROR|");
}

#[test]
fn the_pdp_context_comes_up_and_goes_down() {
    let mut world = World::with(ModemConfig {
        echo: false,
        attached: false,
        ..ModemConfig::default()
    });
    assert_eq!(world.ask("AT+MIPCALL?"), "|+MIPCALL: 0||OK|");
    assert_eq!(world.ask("AT+FTPOPEN=\"h\",\"u\",\"p\""), "|ERROR|");
    assert_eq!(world.ask("AT+CMEE=1"), "|OK|");
    assert_eq!(
        world.ask("AT+FTPOPEN=\"h\",\"u\",\"p\""),
        "|+CME ERROR: 2031|"
    );
    assert_eq!(
        world.ask("AT+CMEE=2;+FTPOPEN=\"h\",\"u\",\"p\""),
        "|+CME ERROR: TCPIP mipcall not active|"
    );
    assert_eq!(
        world.ask("AT+MIPCALL=1,\"CTNET\",\"user\",\"pass\""),
        "|OK||+MIPCALL: 10.34.7.211|"
    );
    assert_eq!(world.ask("AT+MIPCALL?"), "|+MIPCALL: 1,10.34.7.211||OK|");
    let mut world = world.opened();
    assert_eq!(world.ask("AT+MIPCALL=0"), "|OK|");
    assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
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
fn the_tls_flag_is_found_in_both_field_orders() {
    let tls = |dialect: Dialect, line: &str| {
        let mut world = World::speaking(dialect);
        world.line(line);
        let Some(NetRequest::Connect {
            port,
            source_port,
            tls,
            ..
        }) = world.connects.first()
        else {
            panic!()
        };
        (*port, *source_port, *tls)
    };
    let seventh = Dialect {
        open_tls_seventh: true,
        ..Dialect::default()
    };
    assert_eq!(
        tls(seventh, r#"AT+FTPOPEN="1.2.3.4","db","db",,990,,1"#),
        (990, 0, true)
    );
    assert_eq!(
        tls(
            Dialect::default(),
            r#"AT+FTPOPEN="1.2.3.4","db","db",,990,,1"#
        ),
        (21, 990, false)
    );
    assert_eq!(
        tls(
            Dialect::default(),
            r#"AT+FTPOPEN="1.2.3.4","db","db",,,990,,1"#
        ),
        (990, 0, true)
    );
    assert_eq!(
        tls(Dialect::default(), r#"AT+FTPOPEN=1.2.3.4,"db","db""#),
        (21, 0, false)
    );
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
fn values_just_outside_their_range_are_refused() {
    let mut world = World::new().opened();
    let long = "n".repeat(256);
    for command in [
        "FTPMODE=2",
        "FTPMODE=",
        "FTPINFO=2",
        "FTPREST=4294967296",
        "FTPREST=-1",
        "FTPRECV=0",
        "FTPRECV=3001",
        "FTPPUT=\"f\",0,1",
        "FTPPUT=\"f\",1025,1",
        "FTPPUT=\"f\",1,2",
        "FTPPUT=\"f\",1,1,2",
        "FTPPUT=\"f\",1",
        "FTPSTOR=\"f\",2",
        "FTPSTOR=\"f\",1,4294967295",
        "FTPRETR=\"f\",1,4294967296",
        "FTPGET=\"f\",1,4294967296",
        "FTPSTOR=f",
        "FTPSTOR=\"\"",
        "FTPSTOR=\"f\",1,0,0",
        "FTPREN=\"a\"",
        "FTPREN=\"a\",\"\"",
        "FTPCWD=",
        "FTPOPEN=\"h\",\"u\"",
        "FTPCWD",
        "FTPPWD=\"x\"",
        &format!("FTPCWD=\"{long}\""),
        &format!("FTPREN=\"a\",\"{long}\""),
    ] {
        assert_eq!(world.ask(&format!("AT+{command}")), "|ERROR|", "{command}");
    }
    assert!(world.commands.is_empty(), "{:?}", world.commands);
    let mut world = World::new();
    let host = "h".repeat(1025);
    assert_eq!(
        world.ask(&format!("AT+FTPOPEN=\"{host}\",\"u\",\"p\"")),
        "|ERROR|"
    );
    assert_eq!(
        world.ask("AT+FTPOPEN=\"h\",\"u\",\"p\",,65536,21,0"),
        "|ERROR|"
    );
    for values in [
        "\"300.0.0.1\",\"u\",\"p\"",
        "\"1.2.3\",\"u\",\"p\"",
        "300.0.0.1,\"u\",\"p\"",
        "localhost,\"u\",\"p\"",
        ",\"u\",\"p\"",
        "\"h\",,\"p\"",
        "\"h\",\"u\",",
        "\"h\",u,p",
        "\"h\",\"u\",\"p\",,0,21,0,2",
        "\"h\",\"u\",\"p\",,0,21,0,0,0",
    ] {
        assert_eq!(
            world.ask(&format!("AT+FTPOPEN={values}")),
            "|ERROR|",
            "{values}"
        );
    }
    assert_eq!(
        world.ask(&format!("AT+FTPOPEN=\"{}\",\"u\",\"p\"", &host[1..])),
        "|OK||+FTPOPEN: 1|"
    );
}

#[test]
fn read_and_test_forms_are_those_of_the_manual() {
    let mut world = World::new();
    for command in [
        "FTPCLOSE?",
        "FTPCLOSE=?",
        "FTPCWD?",
        "FTPMKD?",
        "FTPRMD?",
        "FTPPWD?",
        "FTPPWD=?",
        "FTPCDUP?",
        "FTPCDUP=?",
        "FTPDEL?",
        "FTPREN?",
        "FTPLIST?",
        "FTPSTAT?",
        "FTPSYST?",
        "FTPSYST=?",
        "FTPNOOP?",
        "FTPNOOP=?",
        "FTPSTOR?",
        "FTPRETR?",
        "FTPPUT?",
    ] {
        assert_eq!(world.ask(&format!("AT+{command}")), "|ERROR|", "{command}");
    }
    for (command, values) in [
        ("FTPINFO", "(0-1)"),
        ("FTPCWD", "(\"directory name\")"),
        ("FTPMKD", "(\"directory name\")"),
        ("FTPRMD", "(\"directory name\")"),
        ("FTPDEL", "(\"file name\")"),
        ("FTPREN", "(\"file name from\"),(\"file name to\")"),
        ("FTPLIST", "(\"file/directory name\")"),
        ("FTPSTAT", "(\"file/directory name\")"),
        ("FTPSTOR", "(\"file name\"),(0-1),(0-4294967294)"),
        ("FTPRETR", "(\"file name\"),(0-1),(0-4294967295)"),
        ("FTPREST", "(0-4294967295)"),
        ("FTPGET", "(\"file name\"),(0-1),(0-4294967295)"),
        ("FTPPUT", "(\"file name\"),(1-1024),(0-1),(0-1)"),
        ("FTPMODE", "(0-1)"),
    ] {
        assert_eq!(
            world.ask(&format!("AT+{command}=?")),
            format!("|+{command}: {values}||OK|")
        );
    }
    assert!(
        world
            .ask("AT+FTPOPEN=?")
            .starts_with("|+FTPOPEN: (\"destination_ip/url\")")
    );
    let mut world = world.opened();
    for name in ["FTPRECV", "FTP_RECV", "FTPGETR"] {
        assert_eq!(
            world.ask(&format!("AT+{name} =?")),
            format!("|+{name}: (1-3000)||OK|")
        );
        assert_eq!(
            world.ask(&format!("AT+{name}?")),
            format!("|+{name}: 0||OK|")
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
fn spacing_orders_and_errors_of_other_dialects() {
    let mut world = World::speaking(Dialect {
        colon: Colon::SpaceInside,
        space_after_comma: true,
        ..Dialect::default()
    })
    .opened();
    assert_eq!(
        world.ask("AT+FTPPWD"),
        "|OK||+ FTPPWD: 2, \"/Fib\"ocom\"||+ FTPPWD: 1|"
    );
    let mut world = World::speaking(Dialect {
        colon: Colon::Tight,
        outcome_before_ok: true,
        ..Dialect::default()
    })
    .opened();
    assert_eq!(world.ask("AT+FTPNOOP"), "|+FTPNOOP:1||OK|");
    let mut world = World::speaking(Dialect {
        stat_text: StatText::FirstLine,
        ..Dialect::default()
    })
    .opened();
    assert_eq!(
        world.ask("AT+FTPSTAT"),
        "|OK||+FTPSTAT: 2,Status|- 5 a|- 6 b|End||+FTPSTAT: 1|"
    );
    for (error, text) in [
        (ErrorForm::Bare, "|ERROR|"),
        (ErrorForm::Colon, "|ERROR:|"),
        (ErrorForm::Numbered, "|ERROR: 3|"),
        (ErrorForm::Cms, "|+CMS ERROR: 3|"),
    ] {
        let mut world = World::speaking(Dialect {
            error,
            ..Dialect::default()
        });
        assert_eq!(world.ask("AT+FTPPWD"), text);
    }
    let by_outcome = Refusal::Outcome;
    let dialect = Dialect {
        open_twice: by_outcome,
        close_unopened: by_outcome,
        recv_unopened: by_outcome,
        ..Dialect::default()
    };
    let mut world = World::speaking(dialect);
    assert_eq!(world.ask("AT+FTPCLOSE"), "|OK||+FTPCLOSE: 0|");
    assert_eq!(world.ask("AT+FTPRECV=9"), "|+FTPRECV: 0||OK|");
    let mut world = world.opened();
    assert_eq!(
        world.ask("AT+FTPOPEN=\"h\",\"u\",\"p\""),
        "|OK||+FTPOPEN: 0|"
    );
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
