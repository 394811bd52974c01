//! Everything around FTP: identity, SIM, network, PDP context, result codes, and the pace of a USB port.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod world;

use std::net::Ipv4Addr;
use std::time::Duration;

use nlftp_vmodem::dialect::ErrorForm;
use nlftp_vmodem::{ApnLogin, Dtr, Failure, ModemConfig};
use world::World;

fn with(change: impl FnOnce(&mut ModemConfig)) -> World {
    let mut config = ModemConfig {
        echo: false,
        ..ModemConfig::default()
    };
    change(&mut config);
    World::with(config)
}

/// Types each line and compares its answer.
fn asks(world: &mut World, lines: &[(&str, &str)]) {
    for (typed, answer) in lines {
        assert_eq!(world.ask(&format!("AT{typed}")), *answer, "{typed}");
    }
}

#[test]
fn the_modem_tells_who_it_is() {
    let mut world = World::new();
    let revision = env!("CARGO_PKG_VERSION");
    assert_eq!(
        world.ask("ATI"),
        format!("|Fibocom||NL668||nlftp-vmodem {revision}||OK|")
    );
    for (new, old, text) in [
        ("CGMI", "GMI", "Fibocom".to_owned()),
        ("CGMM", "GMM", "NL668".to_owned()),
        ("CGMR", "GMR", format!("nlftp-vmodem {revision}")),
        ("CGSN", "GSN", "860000000000009".to_owned()),
    ] {
        for name in [new, old] {
            assert_eq!(world.ask(&format!("AT+{name}")), format!("|{text}||OK|"));
            assert_eq!(world.ask(&format!("AT+{name}=?")), "|OK|");
            assert_eq!(world.ask(&format!("AT+{name}?")), "|ERROR|");
        }
    }
}

#[test]
fn the_serial_number_has_a_valid_check_digit() {
    let mut world = World::new();
    let answer = world.ask("AT+CGSN");
    let digits: Vec<u32> = answer
        .chars()
        .filter_map(|letter| letter.to_digit(10))
        .collect();
    assert_eq!(digits.len(), 15);
    // Luhn, 3GPP TS 23.003 annex B.
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = digit * (1 + place as u32 % 2);
            doubled / 10 + doubled % 10
        })
        .sum();
    assert_eq!(sum % 10, 0);
}

#[test]
fn sim_network_and_operator() {
    asks(
        &mut World::new(),
        &[
            ("+CPIN?", "|+CPIN: READY||OK|"),
            ("+CPIN=?", "|OK|"),
            ("+CPIN=\"1234\"", "|ERROR|"),
            ("+CSQ", "|+CSQ: 24,99||OK|"),
            ("+CREG?", "|+CREG: 0,1||OK|"),
            ("+CEREG?", "|+CEREG: 0,1||OK|"),
            ("+CREG=?", "|+CREG: (0-2)||OK|"),
            ("+CEREG=?", "|+CEREG: (0-2)||OK|"),
            ("+CREG=3", "|ERROR|"),
            ("+CREG=1,1", "|ERROR|"),
            ("+CREG=2;+CREG?", "|+CREG: 2,1,\"1A2B\",\"01C3D4E5\",7||OK|"),
            ("+CEREG?", "|+CEREG: 0,1||OK|"),
            ("+COPS?", "|+COPS: 0,0,\"CHN-CT\",12||OK|"),
            (
                "+COPS=?",
                "|+COPS: (2,\"CHN-CT\",\"CT\",\"46011\",12),,(0-3),(0-2)||OK|",
            ),
            ("+COPS=3,2;+COPS?", "|+COPS: 0,2,\"46011\",12||OK|"),
            ("+COPS=1,2,\"46011\"", "|OK|"),
            ("+COPS=1,2,\"46000\"", "|ERROR|"),
            ("+COPS=4", "|ERROR|"),
            ("+COPS=3,3", "|ERROR|"),
        ],
    );
    let mut world = with(|config| config.sim_ready = false);
    world.line("AT+CMEE=1");
    world.text();
    asks(
        &mut world,
        &[
            ("+CPIN?", "|+CME ERROR: 10|"),
            ("+COPS?", "|+CME ERROR: 10|"),
            ("+MIPCALL=1", "|+CME ERROR: 10|"),
        ],
    );
    let mut world = with(|config| {
        config.registered = false;
        config.attached = false;
    });
    world.line("AT+CMEE=1");
    world.text();
    asks(
        &mut world,
        &[
            ("+CREG?", "|+CREG: 0,2||OK|"),
            ("+COPS?", "|+COPS: 0||OK|"),
            ("+COPS=?", "|+COPS: ,,(0-3),(0-2)||OK|"),
            ("+CSQ", "|+CSQ: 99,99||OK|"),
            ("+MIPCALL=1,\"CTNET\"", "|+CME ERROR: 30|"),
        ],
    );
}

#[test]
fn a_change_of_registration_is_told_to_those_who_asked() {
    asks(
        &mut World::new().opened(),
        &[
            ("+CREG=1;+CEREG=2", "|OK|"),
            ("+COPS=2", "|OK||+CREG: 0||+CEREG: 0|"),
            ("+COPS=2", "|OK|"),
            ("+COPS?", "|+COPS: 2||OK|"),
            ("+CSQ", "|+CSQ: 99,99||OK|"),
            ("+MIPCALL?", "|+MIPCALL: 0||OK|"),
            ("+FTPOPEN?", "|+FTPOPEN: 0||OK|"),
            (
                "+COPS=0",
                "|OK||+CREG: 1||+CEREG: 1,\"1A2B\",\"01C3D4E5\",7|",
            ),
            ("+CREG=0;+CEREG=0;+COPS=2", "|OK|"),
        ],
    );
}

#[test]
fn the_pdp_context_comes_up_and_goes_down() {
    let mut world = with(|config| config.attached = false);
    asks(
        &mut world,
        &[
            ("+MIPCALL?", "|+MIPCALL: 0||OK|"),
            ("+MIPCALL=?", "|+MIPCALL: (0-1)||OK|"),
            ("+FTPOPEN=\"h\",\"u\",\"p\"", "|ERROR|"),
            ("+CMEE=1;+FTPOPEN=\"h\",\"u\",\"p\"", "|+CME ERROR: 2031|"),
            (
                "+MIPCALL=1,\"CTNET\",\"user\",\"pass\"",
                "|OK||+MIPCALL: 10.34.7.211|",
            ),
            ("+MIPCALL?", "|+MIPCALL: 1,10.34.7.211||OK|"),
            ("+MIPCALL=1", "|OK||+MIPCALL: 10.34.7.211|"),
            ("+MIPCALL=2", "|+CME ERROR: 50|"),
            ("+MIPCALL=0,\"CTNET\"", "|+CME ERROR: 50|"),
            ("+MIPCALL=1,CTNET", "|+CME ERROR: 50|"),
            ("+MIPCALL=1,\"a\",\"b\",\"c\",\"d\"", "|+CME ERROR: 50|"),
            ("+MIPCALL", "|ERROR|"),
        ],
    );
    // Detaching drops the FTP connection and what it has cached.
    let mut world = world.opened();
    world.files.insert("f".into(), b"data".to_vec());
    asks(
        &mut world,
        &[
            ("+FTPGET=\"f\"", "|OK||+FTPGET: 2||+FTPGET: 1|"),
            ("+FTPRECV?", "|+FTPRECV: 4||OK|"),
            ("+MIPCALL=0", "|OK|"),
            ("+MIPCALL?", "|+MIPCALL: 0||OK|"),
            ("+FTPOPEN?", "|+FTPOPEN: 0||OK|"),
            ("+FTPRECV?", "|+FTPRECV: 0||OK|"),
            ("+FTPNOOP", "|+CME ERROR: 3|"),
        ],
    );
}

#[test]
fn an_apn_may_want_a_user_and_a_password() {
    let mut world = with(|config| {
        config.attached = false;
        config.address = Ipv4Addr::new(10, 0, 0, 9);
        config.apn_login = Some(ApnLogin {
            user: "user".into(),
            password: "secret".into(),
        });
        assert!(!format!("{config:?}").contains("secret"));
    });
    asks(
        &mut world,
        &[
            ("+MIPCALL=1,\"net\"", "|ERROR|"),
            ("+CMEE=1;+MIPCALL=1,\"net\",\"user\"", "|+CME ERROR: 149|"),
            (
                "+CMEE=2;+MIPCALL=1,\"net\",\"user\",\"Secret\"",
                "|+CME ERROR: PDP authentication error|",
            ),
            ("+MIPCALL?", "|+MIPCALL: 0||OK|"),
            (
                "+MIPCALL=1,\"net\",\"user\",\"secret\"",
                "|OK||+MIPCALL: 10.0.0.9|",
            ),
        ],
    );
}

#[test]
fn settings_are_kept_shown_and_reset() {
    asks(
        &mut World::new(),
        &[
            ("+CMEE?", "|+CMEE: 0||OK|"),
            ("+CMEE=?", "|+CMEE: (0-2)||OK|"),
            ("+CMEE=3", "|ERROR|"),
            ("+CMEE=1,1", "|ERROR|"),
            ("+CMEE", "|ERROR|"),
            ("+IFC=2,2;+IFC?", "|+IFC: 2,2||OK|"),
            ("+IFC=0;+IFC?", "|+IFC: 0,0||OK|"),
            ("+IFC=2,3", "|ERROR|"),
            ("+IFC=2,2,2", "|ERROR|"),
            ("+GTSET?", "|+GTSET: \"FTPLIMIT\",50||OK|"),
            ("+GTSET=?", "|+GTSET: \"FTPLIMIT\",(0-1000)||OK|"),
            ("+GTSET=\"FTPLIMIT\",1000", "|OK|"),
            ("+GTSET=\"FTPLIMIT\"", "|+GTSET: \"FTPLIMIT\",1000||OK|"),
            ("+GTSET=\"FTPLIMIT\",1001", "|ERROR|"),
            ("+GTSET=\"FTPLIMIT\",-1", "|ERROR|"),
            ("+GTSET=\"FTPLIMIT\",0,0", "|ERROR|"),
            ("+GTSET=\"OTHER\",1", "|ERROR|"),
            ("+GTSET", "|ERROR|"),
            ("+CMEE=2;+CREG=1;+FTPREST=7;+FTPMODE=1", "|OK|"),
            ("&F", "|OK|"),
            (
                "+CMEE?;+IFC?;+GTSET?;+FTPREST?;+FTPMODE?",
                "|+CMEE: 0||+IFC: 2,2||+GTSET: \"FTPLIMIT\",50||+FTPREST: 0||+FTPMODE: 0||OK|",
            ),
            ("+CREG?", "|+CREG: 0,1||OK|"),
            ("+CMEE=2;Z", "|OK|"),
            ("+CMEE?", "|+CMEE: 0||OK|"),
        ],
    );
}

#[test]
fn results_are_words_numbers_or_not_shown() {
    let mut world = World::new();
    assert_eq!(world.ask("ATV0"), "0\r");
    assert_eq!(world.ask("AT"), "0\r");
    assert_eq!(world.ask("AT+NONSENSE"), "4\r");
    assert_eq!(world.ask("AT+CMEE?"), "+CMEE: 0|0\r");
    assert_eq!(world.ask("AT+CMEE=1"), "0\r");
    assert_eq!(world.ask("AT+FTPPWD"), "+CME ERROR: 3|");
    assert_eq!(world.ask("AT+FTPOPEN=\"h\",\"u\",\"p\""), "0\r+FTPOPEN: 1|");
    world.files.insert("f".into(), b"data".to_vec());
    assert_eq!(world.ask("AT+FTPLIST"), "0\r+FTPLIST: 2|- 4 f|+FTPLIST: 1|");
    assert_eq!(world.ask("AT+FTPGET=\"f\""), "0\r+FTPGET: 2|+FTPGET: 1|");
    assert_eq!(world.ask("AT+FTPRECV=9"), "+FTPRECV: 4|data0\r");
    assert_eq!(world.ask("ATV1"), "|OK|");
    assert_eq!(world.ask("ATQ1"), "");
    assert_eq!(world.ask("AT+CMEE?"), "|+CMEE: 1|");
    assert_eq!(world.ask("AT+NONSENSE"), "");
    assert_eq!(world.ask("AT+FTPNOOP"), "|+FTPNOOP: 1|");
    assert_eq!(world.ask("ATQ0"), "|OK|");
    world.line("ATQ1V0");
    assert_eq!(world.ask("ATZ"), "|OK|");
    for wrong in ["ATV2", "ATQ2", "ATE2", "AT&D3", "ATY"] {
        assert_eq!(world.ask(wrong), "|ERROR|", "{wrong}");
    }
}

// Result codes on demand.

#[test]
fn any_code_can_be_made_to_come_next() {
    let mut world = World::new().opened();
    for (level, code, text) in [
        ("0", 10, "|ERROR|"),
        ("1", 10, "|+CME ERROR: 10|"),
        ("2", 10, "|+CME ERROR: SIM not inserted|"),
        ("2", 2012, "|+CME ERROR: TCPIP socket connect fail|"),
        ("2", 1283, "|+CME ERROR: CCBS possible|"),
        ("2", 999, "|+CME ERROR: 999|"),
    ] {
        assert_eq!(world.ask(&format!("AT+CMEE={level}")), "|OK|");
        for typed in ["AT", "ATE0", "AT+CSQ", "AT+FTPNOOP", "AT+FTPPUT=\"g\",1,1"] {
            world.modem.fail_next(code);
            assert_eq!(world.ask(typed), text, "{typed}");
            assert_eq!(world.ask("AT"), "|OK|", "only once");
        }
    }
    assert!(
        world.commands.is_empty(),
        "a command that fails so reaches nobody"
    );
}

#[test]
fn a_command_can_be_made_to_fail_in_each_form() {
    for (form, text) in [
        (ErrorForm::Bare, "|ERROR|"),
        (ErrorForm::Colon, "|ERROR:|"),
        (ErrorForm::Numbered, "|ERROR: 38|"),
        (ErrorForm::Cme, "|+CME ERROR: 38|"),
        (ErrorForm::CmeText, "|+CME ERROR: 38|"),
        (ErrorForm::Cms, "|+CMS ERROR: 38|"),
        (ErrorForm::CmsText, "|+CMS ERROR: Network out of order|"),
    ] {
        let failure = Failure::new("ftpcwd", 38).told(form);
        let mut world = with(|config| config.failures = vec![failure]).opened();
        assert_eq!(world.ask("AT+FTPNOOP"), "|OK||+FTPNOOP: 1|");
        assert_eq!(world.ask("AT+FTPCWD=\"d\""), text);
        assert_eq!(world.ask("AT+FTPCWD=\"d\""), "|OK||+FTPCWD: 1|");
    }
}

#[test]
fn failures_of_one_command_come_in_their_order() {
    let mut world = with(|config| {
        config.failures = vec![
            Failure::new("FTPMKD", 2019),
            Failure::new("CSQ", 14),
            Failure::new("FTPMKD", 2023),
        ];
    })
    .opened();
    world.line("AT+CMEE=1");
    world.text();
    asks(
        &mut world,
        &[
            ("+FTPMKD=\"d\"", "|+CME ERROR: 2019|"),
            ("+FTPMKD=\"d\"", "|+CME ERROR: 2023|"),
            ("+FTPMKD=\"d\"", "|OK||+FTPMKD: 1|"),
            ("+CSQ", "|+CME ERROR: 14|"),
        ],
    );
}

// The pace of FTPRETR.

#[test]
fn ftplimit_paces_ftpretr_on_a_usb_port_only() {
    const CHUNK: usize = 4096;
    for (usb, limit, paced) in [
        (true, "50", true),
        (true, "1000", true),
        (true, "0", false),
        (false, "1000", false),
    ] {
        let mut world = with(|config| config.usb = usb).opened();
        let data = vec![b'x'; 3 * CHUNK + 1];
        world.files.insert("f".into(), data.clone());
        let period = Duration::from_millis(limit.parse().unwrap());
        world.line(&format!("AT+GTSET=\"FTPLIMIT\",{limit}"));
        world.bytes();
        world.line("AT+FTPRETR=\"f\"");
        let head = b"\r\nOK\r\n\r\n+FTPRETR: 2\r\n".len();
        let mut seen = world.bytes();
        if paced {
            assert_eq!(seen.len(), head + CHUNK);
            for chunks in 2..=3 {
                world.wait(period - Duration::from_micros(1));
                assert_eq!(world.bytes(), b"", "the period is not over");
                world.wait(Duration::from_micros(1));
                seen.extend(world.bytes());
                assert_eq!(seen.len(), head + chunks * CHUNK);
            }
            world.wait(period);
            seen.extend(world.bytes());
        }
        assert_eq!(
            seen[head..],
            [&data[..], b"\x03\r\n+FTPRETR: 1\r\n"].concat()
        );
        assert_eq!(world.ask("AT"), "|OK|");
    }
}

#[test]
fn a_paced_download_ends_at_once_when_dtr_drops() {
    let mut world = with(|config| {
        config.usb = true;
        config.dtr = Dtr::Present;
    })
    .opened();
    world.files.insert("f".into(), vec![b'x'; 100_000]);
    world.line("AT&D2");
    world.line("AT+FTPRETR=\"f\"");
    world.bytes();
    world.modem.dtr(world.now, false);
    world.modem.dtr(world.now, true);
    world.wait(Duration::from_secs(10));
    assert_eq!(world.text(), "");
    assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
}
