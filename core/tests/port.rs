//! What the driver does with the port itself, what it tells of it, and that it costs nothing while idle.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;

use std::fs::{self, File};
use std::process::Command;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use nlftp_core::{ErrorKind, FlowControl, Modem, Via};
use rig::{Rig, options, random};
use rustix::termios::{ControlModes, InputModes, LocalModes, SpecialCodeIndex, Termios, tcgetattr};

fn termios(rig: &Rig, flow: FlowControl) -> (Modem, Termios) {
    let mut config = Rig::config();
    config.flow_control = flow;
    // TIOCEXCL keeps everybody out who comes later: this one comes first.
    let other = File::options()
        .read(true)
        .write(true)
        .open(rig.vmodem.port())
        .unwrap();
    let modem = Modem::open(rig.vmodem.port(), config).unwrap();
    let termios = tcgetattr(&other).unwrap();
    (modem, termios)
}

#[test]
fn the_port_is_raw_whatever_it_was_before() {
    let rig = Rig::new();
    let (modem, termios) = termios(&rig, FlowControl::None);
    let off = LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN;
    assert!(!termios.local_modes.intersects(off));
    assert!(
        !termios.input_modes.intersects(
            InputModes::IXON | InputModes::IXOFF | InputModes::ICRNL | InputModes::ISTRIP
        )
    );
    assert!(
        !termios
            .control_modes
            .intersects(ControlModes::HUPCL | ControlModes::CRTSCTS | ControlModes::PARENB)
    );
    assert!(
        termios
            .control_modes
            .contains(ControlModes::CREAD | ControlModes::CLOCAL | ControlModes::CS8)
    );
    assert_eq!(termios.special_codes[SpecialCodeIndex::VMIN], 1);
    assert_eq!(termios.special_codes[SpecialCodeIndex::VTIME], 0);
    assert!(modem.warnings().is_empty());
}

#[test]
fn a_port_that_was_closed_is_open_to_everybody_again() {
    let rig = Rig::new();
    // Somebody else, such as a simulated modem, holds the device open all the time.
    let held = File::options()
        .read(true)
        .write(true)
        .open(rig.vmodem.port())
        .unwrap();
    drop(rig.open());
    // The mark does not stop root, who may run this: the kernel is asked for it (TIOCGEXCL).
    let ask = "import fcntl, os, sys; fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); \
               print(fcntl.ioctl(fd, 0x80045440, bytes(4))[0])";
    let asked = Command::new("python3")
        .args(["-c", ask])
        .arg(rig.vmodem.port())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&asked.stdout), "0\n", "{asked:?}");
    drop(held);
}

#[test]
fn flow_control_is_set_on_both_sides() {
    let rig = Rig::new();
    let (modem, termios_rts) = termios(&rig, FlowControl::RtsCts);
    assert!(termios_rts.control_modes.contains(ControlModes::CRTSCTS));
    assert!(
        rig.vmodem
            .sent_lines()
            .iter()
            .any(|line| line == "AT+IFC=2,2")
    );
    drop(modem);
    let (modem, termios_xon) = termios(&rig, FlowControl::XonXoff);
    assert!(
        termios_xon
            .input_modes
            .contains(InputModes::IXON | InputModes::IXOFF)
    );
    assert!(
        rig.vmodem
            .sent_lines()
            .iter()
            .any(|line| line == "AT+IFC=1,1")
    );
    assert!(
        modem.warnings()[0].contains("XON"),
        "{:?}",
        modem.warnings()
    );
}

#[test]
fn urcs_and_ftpinfo_lines_reach_their_callbacks_once_on_the_callers_thread() {
    let rig = Rig::with(|modem| modem.attached = false, |_| ());
    let modem = rig.open();
    let here = std::thread::current().id();
    let urcs = Arc::new(Mutex::new(Vec::new()));
    let seen = urcs.clone();
    modem.on_urc(move |line| {
        assert_eq!(std::thread::current().id(), here);
        seen.lock().unwrap().push(line.to_owned());
    });
    modem.attach("CTNET").unwrap();
    modem.dispatch();
    assert_eq!(*urcs.lock().unwrap(), ["+MIPCALL: 10.34.7.211"]);
    let ftp = modem.ftp(&rig.login()).unwrap();
    let infos = Arc::new(Mutex::new(Vec::new()));
    let seen = infos.clone();
    ftp.on_info(move |line| seen.lock().unwrap().push(line.to_owned()))
        .unwrap();
    ftp.noop().unwrap();
    let lines = infos.lock().unwrap().clone();
    assert!(lines.iter().any(|line| line.contains("NOOP")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("200")), "{lines:?}");
    for via in [Via::Stream, Via::Block] {
        rig.round_trip(&ftp, via, "info.bin", &random(100_000, 1));
    }
    ftp.remove_info().unwrap();
    let count = infos.lock().unwrap().len();
    ftp.noop().unwrap();
    assert_eq!(infos.lock().unwrap().len(), count);
}

#[test]
fn waiting_inside_a_callback_says_that_it_would_deadlock_and_starting_there_works() {
    let rig = Rig::new();
    let (modem, ftp) = rig.ftp();
    let modem = Arc::new(modem);
    let inside = modem.clone();
    let (tell, told) = mpsc::channel();
    let set = options(|o| {
        o.progress = Some(Box::new(move |_| {
            let refused = inside.command("AT").unwrap_err();
            tell.send((refused.kind(), inside.start_command("AT+CSQ")))
                .unwrap_or(());
        }));
    });
    ftp.put(&b"abc"[..], "callback.bin", set).unwrap();
    let (refused, started) = told.recv().unwrap();
    assert_eq!(refused, ErrorKind::WouldDeadlock);
    assert!(started.unwrap().wait().unwrap()[0].starts_with("+CSQ"));
}

#[test]
fn no_secret_is_in_trace_debug_or_errors() {
    let rig = Rig::with(
        |_| (),
        |server| (server.password, server.account) = ("Geheimnis".into(), Some("Konto77".into())),
    );
    let trace = tempfile::NamedTempFile::new().unwrap();
    let mut config = Rig::config();
    config.trace = Some(trace.path().to_owned());
    let modem = Modem::open(rig.vmodem.port(), config).unwrap();
    modem.command("ATE1").unwrap();
    let mut login = rig.login();
    login.account = Some(nlftp_core::Secret::new("Konto77"));
    assert!(!format!("{login:?}").contains("Geheimnis"));
    let ftp = modem.ftp(&login).unwrap();
    let infos = Arc::new(Mutex::new(String::new()));
    let seen = infos.clone();
    ftp.on_info(move |line| seen.lock().unwrap().push_str(line))
        .unwrap();
    rig.round_trip(&ftp, Via::Stream, "secret.bin", b"data");
    ftp.close().unwrap();
    modem
        .command("AT+FTPOPEN=\"h\",\"nlftp\",\"Geheimnis\"")
        .unwrap_err();
    modem.close().unwrap();
    let text = fs::read_to_string(trace.path()).unwrap();
    assert!(
        text.contains("AT+FTPOPEN=") && text.contains("***"),
        "{text}"
    );
    for secret in ["Geheimnis", "Konto77"] {
        assert!(!text.contains(secret), "{text}");
        assert!(!infos.lock().unwrap().contains(secret));
    }
}

/// Voluntary and involuntary switches of the driver's threads: each wake-up costs at least one.
fn wake_ups() -> u64 {
    let mut sum = 0;
    for task in fs::read_dir("/proc/self/task").unwrap() {
        let task = task.unwrap().path();
        let Ok(name) = fs::read_to_string(task.join("comm")) else {
            continue;
        };
        if !name.starts_with("nlftp-worker") {
            continue;
        }
        let status = fs::read_to_string(task.join("status")).unwrap();
        for line in status
            .lines()
            .filter(|line| line.contains("voluntary_ctxt_switches"))
        {
            sum += line
                .split_whitespace()
                .next_back()
                .unwrap()
                .parse::<u64>()
                .unwrap();
        }
    }
    sum
}

#[test]
fn an_idle_driver_does_not_wake_up_once_in_ten_seconds() {
    let rig = Rig::new();
    let (modem, ftp) = rig.ftp();
    rig.round_trip(&ftp, Via::Stream, "idle.bin", b"before");
    modem.dispatch();
    // Until the worker sleeps: its thread is in poll, and has stopped switching.
    let mut before = wake_ups();
    assert!(before > 0, "the worker was not found");
    loop {
        std::thread::sleep(Duration::from_millis(100));
        let now = wake_ups();
        if now == before {
            break;
        }
        before = now;
    }
    std::thread::sleep(Duration::from_secs(10));
    assert_eq!(wake_ups() - before, 0, "wake-ups while idle");
}
