//! The same session against every reading of the manual that the virtual modem can speak, and against mixtures of them.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;

use std::fs;
use std::time::Duration;

use nlftp_core::{EntryKind, ErrorKind, Ftp, Modem, Sink, Via};
use nlftp_vmodem::Dialect;
use rig::{Rig, options, random};

/// How many tests share the dialects, so that they run beside each other.
const SHARES: usize = 16;

/// Login, every verb, files of several sizes both ways, lists, refusals, logout, detaching.
fn whole_session(name: &str, dialect: Dialect) {
    let rig = Rig::with(|modem| modem.dialect = dialect, |_| ());
    let mut config = Rig::config();
    // Where no outcome follows a text, this is how long it is waited for.
    config.timeout = Duration::from_secs(4);
    let modem = Modem::open(rig.vmodem.port(), config).unwrap();
    let ftp = modem
        .ftp(&rig.login())
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    session(&rig, &ftp, name);
    ftp.close()
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    modem
        .detach()
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(modem.attach("CTNET").unwrap(), "10.34.7.211", "{name}");
    modem.close().unwrap();
}

fn session(rig: &Rig, ftp: &Ftp, name: &str) {
    assert!(ftp.list(None).unwrap().is_empty(), "{name}");
    assert_eq!(ftp.pwd().unwrap(), b"/", "{name}");
    for via in [Via::Stream, Via::Block] {
        for size in [0, 1, 3000, 40_000] {
            rig.round_trip(ftp, via, "session.bin", &random(size, 3));
        }
        let missing = ftp
            .get(
                "missing",
                Sink::writer(std::io::sink()),
                options(|o| o.via = via),
            )
            .unwrap_err();
        assert!(
            matches!(missing.kind(), ErrorKind::Refused | ErrorKind::Command),
            "{name}: {missing}"
        );
    }
    fs::write(rig.remote("cache.bin"), random(600_000, 4)).unwrap();
    let mut back = Vec::new();
    ftp.get(
        "cache.bin",
        Sink::writer(&mut back),
        options(|o| o.via = Via::Block),
    )
    .unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(back == random(600_000, 4), "{name}");
    let status = ftp.stat(Some(b"cache.bin")).unwrap().join(&b'\n');
    assert!(
        String::from_utf8_lossy(&status).contains("cache.bin"),
        "{name}"
    );
    assert!(ftp.syst().unwrap().starts_with("UNIX"), "{name}");
    ftp.mkd("d").unwrap();
    let entries = ftp.list(None).unwrap();
    let folders: Vec<_> = entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::Directory)
        .collect();
    assert_eq!(
        (entries.len(), folders.len()),
        (3, 1),
        "{name}: {entries:?}"
    );
    ftp.cwd("d").unwrap();
    assert_eq!(ftp.pwd().unwrap(), b"/d", "{name}");
    assert!(ftp.list(None).unwrap().is_empty(), "{name}");
    assert!(ftp.delete("nothing").is_err(), "{name}");
    ftp.cdup().unwrap();
    ftp.rename("cache.bin", "d/moved.bin").unwrap();
    assert_eq!(
        ftp.list(Some(b"d")).unwrap()[0].name,
        b"moved.bin",
        "{name}"
    );
    ftp.delete("d/moved.bin").unwrap();
    ftp.rmd("d").unwrap();
    ftp.delete("session.bin").unwrap();
    ftp.noop().unwrap();
}

/// Every reading by itself, then a mixture.
fn share(number: usize) {
    let all = Dialect::all();
    assert!(all.len() > 60, "{}", all.len());
    for (name, dialect) in all.into_iter().skip(number).step_by(SHARES) {
        whole_session(&name, dialect);
    }
    let (name, dialect) = mixed(number);
    whole_session(&name, dialect);
}

#[test]
#[ignore = "minutes: scripts/test --long"]
fn long_mixtures_of_dialects() {
    for seed in SHARES..SHARES + 150 {
        let (name, dialect) = mixed(seed);
        println!("{name}");
        whole_session(&name, dialect);
    }
}

/// About a sixth of the settings at another value than the default, the same ones for the same seed.
fn mixed(seed: usize) -> (String, Dialect) {
    let luck = random(4 * Dialect::all().len(), 2 * seed as u64 + 1);
    let mut dialect = Dialect::default();
    for ((name, _), luck) in Dialect::all().iter().skip(1).zip(luck.chunks(4)) {
        let (field, value) = name.split_once('=').unwrap();
        if luck[0] < 40 {
            dialect.set(field, value).unwrap();
        }
    }
    (format!("mixture {seed}: {dialect}"), dialect)
}

macro_rules! shares {
    ($($name:ident $number:literal;)*) => {
        $(#[test]
        fn $name() {
            share($number);
        })*

        #[test]
        fn every_share_of_the_dialects_has_its_test() {
            assert_eq!([$($number),*], std::array::from_fn::<usize, SHARES, _>(|number| number));
        }
    };
}

shares! {
    dialects_00 0; dialects_01 1; dialects_02 2; dialects_03 3; dialects_04 4; dialects_05 5; dialects_06 6;
    dialects_07 7; dialects_08 8; dialects_09 9; dialects_10 10; dialects_11 11; dialects_12 12; dialects_13 13;
    dialects_14 14; dialects_15 15;
}
