//! The verbs through the virtual modem, and servers that are within RFC 959 and yet odd.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;

use std::fs;
use std::sync::{Arc, Mutex};

use nlftp_core::{
    EntryKind, ErrorKind, Modem, PdpContext, Registration, Secret, Sink, Verified, Via, codes,
};
use nlftp_vmodem::server::Farewell;
use nlftp_vmodem::{ApnLogin, Failure};
use rig::{Rig, options, random};

#[test]
fn directories_are_made_entered_told_left_and_removed() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    assert_eq!(ftp.pwd().unwrap(), b"/");
    for name in [
        "plain",
        "two words",
        "größe",
        " leading",
        "semi;colon,comma",
    ] {
        ftp.mkd(name).unwrap();
        assert!(rig.remote(name).is_dir(), "{name}");
        ftp.cwd(name).unwrap();
        assert_eq!(ftp.pwd().unwrap(), format!("/{name}").as_bytes());
        ftp.mkd("inner").unwrap();
        ftp.cwd(format!("/{name}/inner")).unwrap();
        ftp.cdup().unwrap();
        assert_eq!(ftp.pwd().unwrap(), format!("/{name}").as_bytes());
        ftp.rmd("inner").unwrap();
        ftp.cdup().unwrap();
        ftp.rename(name, "other").unwrap();
        assert!(rig.remote("other").is_dir());
        ftp.rmd("other").unwrap();
        assert!(!rig.remote("other").exists());
    }
    for (error, what) in [
        (ftp.cwd("nowhere").unwrap_err(), "+FTPCWD: 0"),
        (ftp.rmd("nowhere").unwrap_err(), "+FTPRMD: 0"),
        (ftp.rename("nowhere", "b").unwrap_err(), "+FTPREN: 0"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        assert_eq!(error.text(), Some(what));
        assert!(error.to_string().contains("nowhere"), "{error}");
    }
}

/// RFC 959 doubles a quote inside the name of a 257 reply; some servers do not.
#[test]
fn a_directory_with_a_quote_in_its_name_is_told_right() {
    for raw in [false, true] {
        let rig = Rig::with(
            |_| (),
            |server| (server.home, server.raw_quotes) = ("/we\"ird x".into(), raw),
        );
        fs::create_dir(rig.remote("we\"ird x")).unwrap();
        let (_modem, ftp) = rig.ftp();
        let told = ftp.pwd().unwrap();
        assert_eq!(told, b"/we\"ird x", "{}", String::from_utf8_lossy(&told));
    }
}

#[test]
fn status_and_system_are_told_whatever_code_the_server_gives_them() {
    for code in [None, Some(211), Some(212), Some(213)] {
        let rig = Rig::with(|_| (), |server| server.stat_reply = code);
        fs::write(rig.remote("one.bin"), [0; 17]).unwrap();
        fs::create_dir(rig.remote("d")).unwrap();
        for number in 0..200 {
            fs::write(rig.remote(&format!("d/{number:03}")), [0; 3]).unwrap();
        }
        let (_modem, ftp) = rig.ftp();
        assert!(!ftp.stat(None).unwrap().is_empty());
        let lines = ftp.stat(Some(b"one.bin")).unwrap();
        let text = lines.join(&b'\n');
        assert!(
            String::from_utf8_lossy(&text).contains("one.bin"),
            "{code:?}: {}",
            String::from_utf8_lossy(&text)
        );
        let lines = ftp.stat(Some(b"d")).unwrap();
        for number in 0..200 {
            let name = format!(" {number:03}");
            let named = |line: &Vec<u8>| line.ends_with(name.as_bytes());
            assert_eq!(
                lines.iter().filter(|line| named(line)).count(),
                1,
                "{code:?}{name}"
            );
        }
        assert!(
            ftp.syst().unwrap().starts_with("UNIX"),
            "{}",
            ftp.syst().unwrap()
        );
        ftp.noop().unwrap();
    }
}

#[test]
fn transfers_may_open_with_125_or_150_and_end_with_226_or_250_passive_and_active() {
    for (opening, completion) in [(125, 226), (125, 250), (150, 250)] {
        let rig = Rig::with(
            |_| (),
            |server| (server.opening_reply, server.completion_reply) = (opening, completion),
        );
        for passive in [true, false] {
            let modem = rig.open();
            let mut login = rig.login();
            login.passive = passive;
            let ftp = modem.ftp(&login).unwrap();
            for via in [Via::Stream, Via::Block] {
                rig.round_trip(&ftp, via, "odd.bin", &random(20_000, 5));
            }
            assert_eq!(ftp.list(None).unwrap().len(), 1);
            modem.close().unwrap();
        }
    }
}

/// The server closes the connection; the call that notices says so, the next one opens it again.
#[test]
fn a_421_at_any_moment_is_told_and_the_next_call_works() {
    let data = random(200_000, 6);
    let farewells = [
        Farewell::After(8),
        Farewell::InPlaceOf("PWD".into()),
        Farewell::InPlaceOf("STOR".into()),
        Farewell::InPlaceOf("RETR".into()),
        Farewell::InPlaceOf("LIST".into()),
        Farewell::InTransfer(50_000),
    ];
    for farewell in farewells {
        for via in [Via::Stream, Via::Block] {
            let rig = Rig::with(|_| (), |server| server.farewell = Some(farewell.clone()));
            fs::write(rig.remote("old.bin"), &data).unwrap();
            let (_modem, ftp) = rig.ftp();
            let mut lost = 0;
            // Each session of the server leaves again at its moment: what does work in between, works rightly.
            for _ in 0..3 {
                let mut back = Vec::new();
                let results = [
                    ftp.pwd().map(|_| ()),
                    ftp.put(&data[..], "new.bin", options(|o| o.via = via))
                        .map(|_| {
                            assert!(fs::read(rig.remote("new.bin")).unwrap() == data);
                        }),
                    ftp.get("old.bin", Sink::writer(&mut back), options(|o| o.via = via))
                        .map(|_| ()),
                    ftp.list(None).map(|_| ()),
                ];
                if results[2].is_ok() {
                    assert!(back == data, "{farewell:?}, {via:?}");
                }
                for error in results.into_iter().filter_map(Result::err) {
                    lost += 1;
                    assert!(
                        matches!(
                            error.kind(),
                            ErrorKind::NotConnected
                                | ErrorKind::Refused
                                | ErrorKind::Transfer
                                | ErrorKind::Command
                        ),
                        "{farewell:?}, {via:?}: {:?} {error}",
                        error.kind()
                    );
                }
            }
            assert!(lost > 0, "{farewell:?}, {via:?}: the server never left");
            assert!(ftp.is_connected().is_ok());
        }
    }
}

#[test]
fn an_account_and_source_ports_reach_the_server() {
    let rig = Rig::with(|_| (), |server| server.account = Some("Konto77".into()));
    let modem = rig.open();
    assert_eq!(
        modem.ftp(&rig.login()).err().unwrap().kind(),
        ErrorKind::NotConnected
    );
    let mut login = rig.login();
    login.account = Some(Secret::new("Konto77"));
    let ftp = modem.ftp(&login).unwrap();
    rig.round_trip(&ftp, Via::Block, "account.bin", b"with an account");
    ftp.close().unwrap();
    // Whether the ports are used is the virtual modem's to test; here they must be in their fields.
    login.source_control_port = 0;
    login.source_data_port = 50_021;
    login.port = Some(2121);
    let _ = modem.ftp(&login);
    let line = rig
        .vmodem
        .sent_lines()
        .into_iter()
        .rfind(|line| line.contains("FTPOPEN="))
        .unwrap();
    assert!(line.ends_with("\"Konto77\",,2121,50021"), "{line}");
}

#[test]
fn a_connection_is_known_to_stand_or_not() {
    let leaves = Farewell::InPlaceOf("NOOP".into());
    let rig = Rig::with(|_| (), |server| server.farewell = Some(leaves));
    let (modem, ftp) = rig.ftp();
    assert!(ftp.is_connected().unwrap());
    assert_eq!(modem.info().unwrap().ftp_connected, Some(true));
    let error = ftp.noop().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotConnected, "{error}");
    assert!(!ftp.is_connected().unwrap());
    assert_eq!(ftp.pwd().unwrap(), b"/");
    assert!(ftp.is_connected().unwrap());
}

#[test]
fn attaching_asks_for_the_access_points_login_and_detaching_gives_all_up() {
    let rig = Rig::with(
        |modem| {
            modem.attached = false;
            modem.apn_login = Some(ApnLogin {
                user: "card".into(),
                password: "Geheim88".into(),
            });
        },
        |_| (),
    );
    let modem = rig.open();
    assert_eq!(modem.info().unwrap().address, None);
    let error = modem
        .attach(PdpContext::new("apn").with_login("card", "falsch99"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Command, "{error}");
    assert_eq!(
        error.result_code(),
        Some(codes::cme::PDP_AUTHENTICATION_ERROR)
    );
    assert!(
        error.to_string().contains("user name") && !error.to_string().contains("falsch99"),
        "{error}"
    );
    let right = PdpContext::new("apn").with_login("card", "Geheim88");
    assert!(!format!("{right:?}").contains("Geheim88"));
    let address = modem.attach(right).unwrap();
    assert_eq!(address, "10.34.7.211");
    let ftp = modem.ftp(&rig.login()).unwrap();
    rig.round_trip(&ftp, Via::Stream, "attached.bin", b"abc");
    assert_eq!(
        modem.info().unwrap().address.as_deref(),
        Some("10.34.7.211")
    );
    modem.detach().unwrap();
    assert_eq!(modem.info().unwrap().address, None);
    assert!(!ftp.is_connected().unwrap());
    assert_eq!(ftp.noop().unwrap_err().kind(), ErrorKind::NotConnected);
    modem.detach().unwrap();
}

#[test]
fn a_modem_tells_who_it_is_and_where_it_stands() {
    let rig = Rig::new();
    let info = rig.open().info().unwrap();
    for (what, text) in [
        ("manufacturer", &info.manufacturer),
        ("model", &info.model),
        ("revision", &info.revision),
        ("serial number", &info.serial_number),
        ("operator", &info.operator),
    ] {
        let text = text
            .as_deref()
            .unwrap_or_else(|| panic!("no {what}: {info:?}"));
        assert!(
            !text.is_empty() && !text.contains([':', '"']),
            "{what}: {text}"
        );
    }
    assert!(info.model.as_deref().unwrap().contains("NL668"), "{info:?}");
    assert!(!info.identification.is_empty());
    assert_eq!(info.sim.as_deref(), Some("READY"));
    assert_eq!(info.registration, Some(Registration::Home));
    assert!(
        info.signal_dbm()
            .is_some_and(|dbm| (-113..=-51).contains(&dbm)),
        "{info:?}"
    );

    let rig = Rig::with(
        |modem| (modem.sim_ready, modem.registered, modem.attached) = (false, false, false),
        |_| (),
    );
    let modem = rig.open();
    let info = modem.info().unwrap();
    assert_ne!(info.sim.as_deref(), Some("READY"));
    assert!(!info.registration.is_some_and(Registration::is_registered));
    let error = modem.attach("CTNET").unwrap_err();
    assert!(error.to_string().contains("SIM"), "{error}");
}

/// Every code of the manual's section 2, as the modem answers it, is carried in the error.
#[test]
fn every_result_code_is_carried_with_its_meaning_as_a_number_and_as_a_text() {
    let all: Vec<_> = codes::ResultCode::all()
        .filter(|code| code.family() != codes::CodeFamily::Cms)
        .collect();
    let rig = Rig::with(
        |modem| {
            let twice = all.iter().flat_map(|code| [code, code]);
            modem.failures = twice
                .map(|code| Failure::new("CSQ", u16::try_from(code.number()).unwrap()))
                .collect();
        },
        |_| (),
    );
    let modem = rig.open();
    for code in &all {
        for form in ["AT+CMEE=1", "AT+CMEE=2"] {
            modem.command(form).unwrap();
            let error = modem.command("AT+CSQ").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Command);
            let told = error
                .result_code()
                .unwrap_or_else(|| panic!("{code}: {error}"));
            // Some texts stand at more than one number: then the first of them is told.
            let same = told == *code || form == "AT+CMEE=2" && told.meaning() == code.meaning();
            assert!(same, "{code} by {form}: {told}, {error}");
            assert!(
                form == "AT+CMEE=2" || error.to_string().contains(code.meaning().unwrap()),
                "{error}"
            );
        }
    }
    assert!(modem.command("AT+CSQ").is_ok());
}

#[test]
fn what_the_modem_says_of_control_lines_masks_the_account_too() {
    let leaves = Farewell::InPlaceOf("SYST".into());
    let rig = Rig::with(
        |_| (),
        |server| (server.account, server.farewell) = (Some("Konto77".into()), Some(leaves)),
    );
    let modem = rig.open();
    let mut login = rig.login();
    login.account = Some(Secret::new("Konto77"));
    let ftp = modem.ftp(&login).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let lines = seen.clone();
    ftp.on_info(move |line| lines.lock().unwrap().push(line.to_owned()))
        .unwrap();
    // The connection is opened anew with FTPINFO on.
    assert_eq!(ftp.syst().unwrap_err().kind(), ErrorKind::NotConnected);
    ftp.noop().unwrap();
    modem.dispatch();
    let text = seen.lock().unwrap().join("\n");
    assert!(text.contains("NOOP") && !text.contains("Konto77"), "{text}");
}

#[test]
fn a_listing_has_kinds_sizes_and_links() {
    let rig = Rig::new();
    fs::create_dir(rig.remote("folder")).unwrap();
    fs::write(rig.remote("file.bin"), [0; 49]).unwrap();
    std::os::unix::fs::symlink("file.bin", rig.remote("link")).unwrap();
    let (_modem, ftp) = rig.ftp();
    let mut entries = ftp.list(None).unwrap();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let kinds: Vec<_> = entries
        .iter()
        .map(|entry| (entry.name.as_slice(), entry.kind, entry.size))
        .collect();
    assert_eq!(kinds[0], (&b"file.bin"[..], EntryKind::File, Some(49)));
    assert_eq!(
        (kinds[1].0, kinds[1].1),
        (&b"folder"[..], EntryKind::Directory)
    );
    assert_eq!(kinds[2].0, b"link");
    let sent = ftp
        .put(&b"abc"[..], "folder/inner", options(|_| ()))
        .unwrap();
    assert_eq!(sent.verified, Verified::Size);
}

/// A client before us may have set numeric or no result codes.
#[test]
fn a_port_with_numeric_or_silenced_result_codes_is_opened() {
    for line in ["ATV0", "ATQ1", "ATE1V0", "ATE0Q1"] {
        let rig = Rig::new();
        {
            use std::io::Write;
            let mut port = fs::File::options()
                .read(true)
                .write(true)
                .open(rig.vmodem.port())
                .unwrap();
            port.write_all(format!("{line}\r").as_bytes()).unwrap();
            while rig
                .vmodem
                .sent_lines()
                .last()
                .is_none_or(|sent| sent != line)
            {
                std::thread::yield_now();
            }
        }
        let modem = Modem::open(rig.vmodem.port(), Rig::config())
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(
            modem.command("AT+CSQ").unwrap()[0].starts_with("+CSQ"),
            "{line}"
        );
    }
}
