//! Ports that are unplugged in the middle and come back: under the same name, or under another one.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/part_files.rs"]
mod part_files;
#[path = "support/rig.rs"]
mod rig;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nlftp_core::{
    Config, ErrorKind, Locator, Modem, ModemState, PortIdentity, Retry, TransferOptions, Via,
};
use nlftp_vmodem::{Dtr, ModemConfig, Options, VirtualModem};
use part_files::{Here, SLACK, warned};
use rig::{Rig, options, random};

/// More than any test lasts.
const LONG: Duration = Duration::from_secs(600);

/// Which pseudo-terminals are plugged in, and as which devices.
#[derive(Debug, Default)]
struct Bench(Mutex<BTreeMap<PathBuf, PortIdentity>>);

impl Bench {
    fn plug(&self, port: &Path, serial: &str) {
        let identity = PortIdentity::new("2cb7:01a0", Some(serial.into()), "1-1", "02");
        self.0.lock().unwrap().insert(port.to_owned(), identity);
    }

    fn unplug(&self, port: &Path) {
        self.0.lock().unwrap().remove(port);
    }
}

impl Locator for Bench {
    fn identify(&self, port: &Path) -> Option<PortIdentity> {
        self.0.lock().unwrap().get(port).cloned()
    }

    fn ports(&self) -> Vec<PathBuf> {
        self.0.lock().unwrap().keys().cloned().collect()
    }
}

fn config(port_timeout: Duration) -> Config {
    let mut config = Rig::config();
    config.port_timeout = port_timeout;
    config
}

fn retrying<'a>(via: Via) -> TransferOptions<'a> {
    let mut retry = Retry::new(3);
    retry.delay = Duration::from_millis(1);
    options(|o| (o.via, o.retry) = (via, Some(retry)))
}

fn vmodem(rig: &Rig, dtr: Dtr, link: Option<&Path>) -> VirtualModem {
    VirtualModem::start(Options {
        modem: ModemConfig {
            dtr,
            ..ModemConfig::default()
        },
        link: link.map(Path::to_owned),
        route: Some(rig.server.address()),
        ..Options::default()
    })
    .unwrap()
}

/// A modem on a port of its own, known to a bench: its name may be somebody else's once it is gone.
fn benched(rig: &Rig, port_timeout: Duration) -> (VirtualModem, Arc<Bench>, Modem) {
    let bench = Arc::new(Bench::default());
    let vmodem = vmodem(rig, Dtr::Present, None);
    bench.plug(vmodem.port(), "A1");
    let mut config = config(port_timeout);
    config.locator = bench.clone();
    let modem = Modem::open(vmodem.port(), config).unwrap();
    (vmodem, bench, modem)
}

/// A modem whose port is gone for good.
fn lost(rig: &Rig) -> Modem {
    let (vmodem, bench, modem) = benched(rig, LONG);
    bench.unplug(vmodem.port());
    drop(vmodem);
    wait_for_state(&modem, ModemState::Lost);
    modem
}

/// Moves a file, and calls `unplug` in the middle of it.
fn move_file(rig: &Rig, modem: &Modem, upload: bool, via: Via, unplug: impl FnOnce() + Send) {
    let data = random(SLACK + 300_000, 8);
    let ftp = modem.ftp(&rig.login()).unwrap();
    let here = Here::new();
    let mut unplug = Some(unplug);
    let mut set = retrying(via);
    set.progress = Some(Box::new(|progress| {
        if progress.done > 200_000
            && let Some(unplug) = unplug.take()
        {
            unplug();
        }
    }));
    let done = if upload {
        let done = ftp.put(&data[..], "f", set).unwrap();
        assert!(fs::read(rig.remote("f")).unwrap() == data);
        done
    } else {
        fs::write(rig.remote("f"), &data).unwrap();
        let done = ftp.get("f", here.target().as_path(), set).unwrap();
        here.holds(&data);
        done
    };
    assert_eq!((done.resumed_from, done.bytes), (0, data.len() as u64));
    assert!(warned(&done, "tried again after"), "{:?}", done.warnings);
    ftp.delete("f").unwrap();
    ftp.close().unwrap();
}

const WAYS: [(bool, Via); 4] = [
    (true, Via::Stream),
    (true, Via::Block),
    (false, Via::Stream),
    (false, Via::Block),
];

#[test]
fn a_transfer_goes_on_when_its_port_comes_back_under_the_same_name() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("modem");
    let rig = Rig::new();
    for dtr in [Dtr::Present, Dtr::Ignored] {
        for (upload, via) in WAYS {
            let mut first = Some(vmodem(&rig, dtr, Some(&link)));
            let second = Mutex::new(None);
            let modem = Modem::open(&link, config(LONG)).unwrap();
            move_file(&rig, &modem, upload, via, || {
                drop(first.take());
                *second.lock().unwrap() = Some(vmodem(&rig, dtr, Some(&link)));
            });
            modem.close().unwrap();
        }
    }
}

#[test]
fn a_transfer_goes_on_when_its_device_comes_back_under_another_name() {
    let rig = Rig::new();
    for (upload, via) in WAYS {
        let (first, bench, modem) = benched(&rig, LONG);
        let other = vmodem(&rig, Dtr::Present, None);
        let second = vmodem(&rig, Dtr::Present, None);
        let mut first = Some(first);
        move_file(&rig, &modem, upload, via, || {
            let gone = first.take().unwrap();
            bench.unplug(gone.port());
            // Another module comes up first, under the very name.
            bench.plug(gone.port(), "B2");
            drop(gone);
            bench.plug(other.port(), "B2");
            bench.plug(second.port(), "A1");
        });
        assert!(
            other.sent_lines().is_empty(),
            "the other module was left alone"
        );
        assert!(!second.sent_lines().is_empty());
        modem.close().unwrap();
    }
}

#[test]
fn the_new_name_is_told_in_the_warnings() {
    let rig = Rig::new();
    let (first, bench, modem) = benched(&rig, LONG);
    let second = vmodem(&rig, Dtr::Present, None);
    let ftp = modem.ftp(&rig.login()).unwrap();
    bench.unplug(first.port());
    bench.plug(second.port(), "A1");
    drop(first);
    wait_for_state(&modem, ModemState::Lost);
    let done = ftp
        .put(&b"bytes"[..], "f", TransferOptions::default())
        .unwrap();
    let name = second.port().display().to_string();
    assert!(
        warned(&done, &format!("the port came back as {name}")),
        "{:?}",
        done.warnings
    );
}

#[test]
fn a_call_behind_the_loss_waits_for_the_port_and_then_works() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("modem");
    let rig = Rig::new();
    let first = vmodem(&rig, Dtr::Present, Some(&link));
    let modem = Modem::open(&link, config(LONG)).unwrap();
    let ftp = modem.ftp(&rig.login()).unwrap();
    ftp.mkd("d").unwrap();
    ftp.cwd("d").unwrap();
    drop(first);
    wait_for_state(&modem, ModemState::Lost);
    let waiting = ftp.start_pwd();
    let _second = vmodem(&rig, Dtr::Present, Some(&link));
    assert_eq!(waiting.wait().unwrap(), b"/d");
}

#[test]
fn an_open_waits_for_a_port_that_is_yet_to_be_plugged_in() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("modem");
    let rig = Rig::new();
    let modem = Modem::new(&link, config(LONG)).unwrap();
    let opening = modem.start_open();
    let _vmodem = vmodem(&rig, Dtr::Present, Some(&link));
    opening.wait().unwrap();
    assert!(modem.command("AT").unwrap().is_empty());
}

#[test]
fn a_port_that_does_not_come_back_in_time_is_an_error_that_says_what_stays() {
    let data = random(SLACK, 9);
    let rig = Rig::new();
    fs::write(rig.remote("f"), &data).unwrap();
    let limit = Duration::from_millis(400);
    let (vmodem, bench, modem) = benched(&rig, limit);
    let ftp = modem.ftp(&rig.login()).unwrap();
    let here = Here::new();
    let mut unplugged = None;
    let mut set = retrying(Via::Stream);
    set.progress = Some(Box::new(|progress| {
        if progress.done > 100_000 && unplugged.is_none() {
            bench.unplug(vmodem.port());
            vmodem.hang_up();
            unplugged = Some(Instant::now());
        }
    }));
    let error = ftp.get("f", here.target().as_path(), set).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Port, "{error}");
    // Three more tries, each of which waits.
    assert!(unplugged.unwrap().elapsed() >= limit * 3);
    assert!(error.transferred() > Some(100_000), "{error}");
    let left = error.left_behind().unwrap();
    assert!(left.contains("f.nlftp-part stays for a resume"), "{error}");
    assert!(
        error.to_string().contains("it was the last of 4 tries"),
        "{error}"
    );
}

#[test]
fn a_cancel_ends_the_wait_for_a_port() {
    let rig = Rig::new();
    let modem = lost(&rig);
    let waiting = modem.start_command("AT").unwrap();
    std::thread::sleep(Duration::from_millis(50));
    waiting.canceller().cancel();
    let error = waiting.wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
}

#[test]
fn a_call_without_a_port_timeout_says_at_once_that_the_port_was_lost() {
    let rig = Rig::new();
    let vmodem = vmodem(&rig, Dtr::Present, None);
    let modem = Modem::open(vmodem.port(), Rig::config()).unwrap();
    drop(vmodem);
    wait_for_state(&modem, ModemState::Lost);
    let error = modem.command("AT").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Port, "{error}");
}

#[test]
fn a_modem_that_waits_for_its_port_is_closed_at_once() {
    let rig = Rig::new();
    let modem = lost(&rig);
    let waiting = modem.start_command("AT").unwrap();
    modem.stop();
    assert!(waiting.wait().is_err());
}

fn wait_for_state(modem: &Modem, state: ModemState) {
    while modem.state() != state {
        std::thread::sleep(Duration::from_millis(1));
    }
}
