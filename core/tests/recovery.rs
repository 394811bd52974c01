//! What happens when a transfer does not go well: the caller learns it, and the modem takes the next command.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;
#[path = "support/wire.rs"]
mod wire;

use std::fs;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::mpsc;
use std::time::Duration;

use nlftp_core::{Error, ErrorKind, Ftp, Login, Modem, Sink, Source, Via};
use nlftp_vmodem::dialect::{Dialect, PutFailure, StorFailure};
use nlftp_vmodem::{Dtr, ModemConfig, Options, VirtualModem};
use rig::{Rig, options, random};
use wire::{Cutter, FullServer, Plain};

const BOTH: [Via; 2] = [Via::Stream, Via::Block];
const DTRS: [Dtr; 3] = [Dtr::Present, Dtr::Ignored, Dtr::Absent];

/// The proof that all is well again: the same session moves a file by each way.
fn works(rig: &Rig, ftp: &Ftp) {
    for via in BOTH {
        rig.round_trip(ftp, via, "after.bin", &random(9_000, 77));
    }
}

fn cancelled_upload(ftp: &Ftp, modem: &Modem, via: Via, after: u64) -> Error {
    let canceller = modem.canceller();
    let endless = io::repeat(0x10).take(1 << 30);
    let set = options(|o| {
        o.via = via;
        o.progress = Some(Box::new(move |progress| {
            if progress.done >= after {
                canceller.cancel();
            }
        }));
    });
    ftp.put(Source::reader(endless), "cancelled.bin", set)
        .unwrap_err()
}

#[test]
fn a_cancelled_upload_is_deleted_and_the_modem_goes_on() {
    for dtr in DTRS {
        let rig = Rig::with(|modem| modem.dtr = dtr, |_| ());
        let (modem, ftp) = rig.ftp();
        for via in BOTH {
            let error = cancelled_upload(&ftp, &modem, via, 100_000);
            assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
            assert!(error.transferred() >= Some(100_000), "{error:?}");
            assert!(
                error
                    .left_behind()
                    .is_some_and(|text| text.contains("cancelled.bin")),
                "{error}"
            );
            works(&rig, &ftp);
            assert!(
                !rig.remote("cancelled.bin").exists(),
                "{dtr:?} {via:?}: the short file was left"
            );
        }
        modem.close().unwrap();
    }
}

#[test]
fn a_module_that_refuses_ftpclose_between_pieces_is_freed_all_the_same() {
    for dtr in [Dtr::Present, Dtr::Absent] {
        let rig = Rig::with(
            |modem| (modem.dtr, modem.dialect.close_between_pieces) = (dtr, false),
            |_| (),
        );
        let (modem, ftp) = rig.ftp();
        let error = cancelled_upload(&ftp, &modem, Via::Block, 100_000);
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        works(&rig, &ftp);
        assert!(
            !rig.remote("cancelled.bin").exists(),
            "{dtr:?}: the short file was left"
        );
    }
}

#[test]
fn a_cancelled_download_leaves_no_file_and_the_modem_goes_on() {
    for dtr in DTRS {
        let rig = Rig::with(|modem| modem.dtr = dtr, |_| ());
        fs::write(rig.remote("long.bin"), random(30_000_000, 1)).unwrap();
        let (modem, ftp) = rig.ftp();
        let here = tempfile::tempdir().unwrap();
        for via in BOTH {
            let canceller = modem.canceller();
            let set = options(|o| {
                o.via = via;
                o.progress = Some(Box::new(move |progress| {
                    if progress.done >= 200_000 {
                        canceller.cancel();
                    }
                }));
            });
            let error = ftp
                .get("long.bin", here.path().join("long.bin").as_path(), set)
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
            assert_eq!(
                fs::read_dir(here.path()).unwrap().count(),
                0,
                "a file was left"
            );
            works(&rig, &ftp);
        }
    }
}

#[test]
fn another_thread_can_cancel_and_the_call_returns_before_recovery_ends() {
    let rig = Rig::new();
    let (modem, ftp) = rig.ftp();
    let (begun, wait_for_begin) = mpsc::channel();
    let canceller = modem.canceller();
    let other = std::thread::spawn(move || {
        wait_for_begin.recv().unwrap();
        canceller.cancel();
    });
    let set = options(|o| o.progress = Some(Box::new(move |_| begun.send(()).unwrap_or(()))));
    let error = ftp
        .put(Source::reader(io::repeat(7)), "thread.bin", set)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    other.join().unwrap();
    works(&rig, &ftp);
}

#[test]
fn a_cancel_with_nothing_running_does_nothing() {
    let rig = Rig::new();
    let (modem, ftp) = rig.ftp();
    modem.canceller().cancel();
    works(&rig, &ftp);
}

#[test]
fn a_failing_sink_or_source_ends_the_transfer_with_its_own_error() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self
                .0
                .checked_sub(bytes.len())
                .ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    struct Torn(usize);
    impl Read for Torn {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = buffer.len().min(self.0);
            self.0 -= count;
            if count == 0 {
                Err(io::ErrorKind::InvalidData.into())
            } else {
                Ok(count)
            }
        }
    }
    let rig = Rig::new();
    fs::write(rig.remote("long.bin"), random(3_000_000, 1)).unwrap();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        let error = ftp
            .get(
                "long.bin",
                Sink::writer(Full(150_000)),
                options(|o| o.via = via),
            )
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalFile, "{error}");
        works(&rig, &ftp);
        let error = ftp
            .put(
                Source::reader(Torn(150_000)),
                "torn.bin",
                options(|o| o.via = via),
            )
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalFile, "{error}");
        works(&rig, &ftp);
        assert!(!rig.remote("torn.bin").exists());
    }
}

#[test]
fn a_panicking_sink_leaves_a_working_modem() {
    let rig = Rig::new();
    fs::write(rig.remote("long.bin"), random(3_000_000, 1)).unwrap();
    let (_modem, ftp) = rig.ftp();
    struct Bomb;
    impl Write for Bomb {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            panic!("the sink's own");
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for via in BOTH {
        let get = || ftp.get("long.bin", Sink::writer(Bomb), options(|o| o.via = via));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(get)).is_err());
        works(&rig, &ftp);
    }
}

/// Leaves the modem as a client does that was killed in the middle of something.
fn kill_client_in(rig: &Rig, phase: &str) {
    let mut client = Plain::open(rig.vmodem.port());
    let (user, password) = (rig.server.user(), rig.server.password());
    client.send(
        &format!("AT+FTPOPEN=\"h\",\"{user}\",\"{password}\""),
        "+FTPOPEN: 1",
    );
    match phase {
        "command mode" => {}
        "stor" => {
            client.send("AT+FTPSTOR=\"victim.bin\"", "+FTPSTOR: 2");
            client.write(b"some data\x10");
        }
        "put" => {
            client.send("AT+FTPPUT=\"victim.bin\",1000,0", "+FTPPUT: 2,1000");
            client.write(b"a few of the thousand");
        }
        "between pieces" => {
            client.send("AT+FTPPUT=\"victim.bin\",4,0", "+FTPPUT: 2,4");
            client.write(b"four");
            client.read_to("OK");
        }
        "retr" => client.send("AT+FTPRETR=\"long.bin\"", "+FTPRETR: 2"),
        "get" => client.send("AT+FTPGET=\"long.bin\"", "+FTPGET: 2"),
        "half a command" => client.write(b"AT+FTPCW"),
        _ => panic!("no such phase: {phase}"),
    }
}

fn opens_after_a_killed_client(dtr: Dtr) {
    for phase in [
        "command mode",
        "stor",
        "put",
        "between pieces",
        "retr",
        "get",
        "half a command",
    ] {
        let rig = Rig::with(|modem| modem.dtr = dtr, |_| ());
        fs::write(rig.remote("long.bin"), random(2_000_000, 1)).unwrap();
        kill_client_in(&rig, phase);
        let modem = Modem::open(rig.vmodem.port(), Rig::config())
            .unwrap_or_else(|error| panic!("{dtr:?}, {phase}: {error}"));
        let ftp = modem
            .ftp(&rig.login())
            .unwrap_or_else(|error| panic!("{dtr:?}, {phase}: {error}"));
        works(&rig, &ftp);
    }
}

#[test]
fn a_port_is_opened_whatever_a_killed_client_left_behind() {
    opens_after_a_killed_client(Dtr::Present);
}

#[test]
fn a_port_is_opened_whatever_a_killed_client_left_behind_with_dtr_ignored() {
    opens_after_a_killed_client(Dtr::Ignored);
}

#[test]
fn a_port_is_opened_whatever_a_killed_client_left_behind_without_dtr() {
    opens_after_a_killed_client(Dtr::Absent);
}

#[test]
fn a_device_that_never_answers_is_a_timeout() {
    let rig = Rig::new();
    rig.vmodem.set_silent(true);
    let mut config = Rig::config();
    config.timeout = Duration::from_secs(1);
    let error = Modem::open(rig.vmodem.port(), config).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    rig.vmodem.set_silent(false);
    let (_modem, ftp) = rig.ftp();
    works(&rig, &ftp);
}

#[test]
fn a_modem_that_falls_silent_is_a_timeout_and_comes_back() {
    let rig = Rig::new();
    let mut config = Rig::config();
    config.timeout = Duration::from_secs(1);
    let modem = Modem::open(rig.vmodem.port(), config).unwrap();
    let ftp = modem.ftp(&rig.login()).unwrap();
    rig.vmodem.set_silent(true);
    let error = modem.command("AT+CSQ").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let error = ftp.noop().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.to_string().contains("tried"), "{error}");
    rig.vmodem.set_silent(false);
    works(&rig, &ftp);
}

#[test]
fn a_deadline_ends_the_call_and_the_next_one_waits_for_recovery() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        let set = options(|o| (o.via, o.deadline) = (via, Some(Duration::from_millis(300))));
        let error = ftp
            .put(Source::reader(io::repeat(3)), "late.bin", set)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        works(&rig, &ftp);
        assert!(!rig.remote("late.bin").exists());
    }
}

#[test]
fn a_second_threads_call_waits_for_its_turn_and_is_busy_at_its_deadline() {
    let rig = Rig::new();
    let (modem, ftp) = rig.ftp();
    let (begun, wait_for_begin) = mpsc::channel();
    let canceller = modem.canceller();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| {
            let set =
                options(|o| o.progress = Some(Box::new(move |_| begun.send(()).unwrap_or(()))));
            ftp.put(Source::reader(io::repeat(3)), "first.bin", set)
                .unwrap_err()
        });
        wait_for_begin.recv().unwrap();
        let set = options(|o| o.deadline = Some(Duration::from_millis(50)));
        let busy = ftp.put(&b"x"[..], "second.bin", set).unwrap_err();
        assert_eq!(busy.kind(), ErrorKind::Busy, "{busy}");
        let second = modem.start_command("AT").unwrap();
        canceller.cancel();
        assert_eq!(first.join().unwrap().kind(), ErrorKind::Cancelled);
        second.wait().unwrap();
    });
}

#[test]
fn ports_that_cannot_be_opened_say_why() {
    let rig = Rig::new();
    let open = |path: &std::path::Path| Modem::open(path, Rig::config()).err().unwrap();
    let missing = open("/dev/there-is-no-such-port".as_ref());
    assert_eq!(missing.kind(), ErrorKind::Port);
    assert!(missing.to_string().contains("does not exist"), "{missing}");
    let modem = rig.open();
    let taken = open(rig.vmodem.port());
    assert_eq!(taken.kind(), ErrorKind::Port);
    assert!(taken.to_string().contains("taken"), "{taken}");
    modem.command("AT").unwrap();
    let null = open("/dev/null".as_ref());
    assert_eq!(null.kind(), ErrorKind::Port);
    assert!(null.to_string().contains("not a serial port"), "{null}");
}

#[test]
fn a_port_that_goes_away_ends_the_call_at_once() {
    let rig = Rig::new();
    let (modem, ftp) = rig.ftp();
    let vmodem = &rig.vmodem;
    let set = options(|o| o.progress = Some(Box::new(|_| vmodem.hang_up())));
    let error = ftp
        .put(Source::reader(io::repeat(3)), "gone.bin", set)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Port, "{error}");
    assert_eq!(modem.command("AT").unwrap_err().kind(), ErrorKind::Port);
}

#[test]
fn a_wrong_password_lists_what_is_possible_and_guesses_nothing() {
    let rig = Rig::new();
    let modem = rig.open();
    let error = modem
        .ftp(&Login::new("ftp.example.com", "nlftp", "Geheimnis"))
        .err()
        .unwrap();
    assert_eq!(error.kind(), ErrorKind::NotConnected);
    for word in [
        "+FTPOPEN: 0",
        "password",
        "user name",
        "host name",
        "not the cause",
    ] {
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
    assert!(!format!("{error:?}").contains("Geheimnis"));
    let ftp = modem.ftp(&rig.login()).unwrap();
    works(&rig, &ftp);
    assert_eq!(
        modem.ftp(&rig.login()).err().unwrap().kind(),
        ErrorKind::Busy
    );
}

#[test]
fn a_modem_without_context_says_attach_first() {
    let rig = Rig::with(|modem| modem.attached = false, |_| ());
    let modem = rig.open();
    let error = modem.ftp(&rig.login()).err().unwrap();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Command, Some(2031)),
        "{error}"
    );
    assert!(error.to_string().contains("attach"), "{error}");
    assert_eq!(modem.attach("CTNET").unwrap(), "10.34.7.211");
    assert_eq!(modem.attach("CTNET").unwrap(), "10.34.7.211");
    let ftp = modem.ftp(&rig.login()).unwrap();
    works(&rig, &ftp);
}

#[test]
fn an_upload_that_is_refused_leaves_what_was_there() {
    let rig = Rig::with(|_| (), |server| server.read_only = true);
    fs::write(rig.remote("kept.bin"), b"precious").unwrap();
    let (_modem, ftp) = rig.ftp();
    for via in BOTH {
        let error = ftp
            .put(&b"new"[..], "kept.bin", options(|o| o.via = via))
            .unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Refused | ErrorKind::Command),
            "{error}"
        );
        assert!(error.left_behind().is_none(), "{error}");
        assert_eq!(ftp.list(None).unwrap().len(), 1);
        assert_eq!(fs::read(rig.remote("kept.bin")).unwrap(), b"precious");
    }
    assert!(
        !rig.server
            .commands()
            .iter()
            .any(|line| line.starts_with("DELE"))
    );
}

/// A session through a virtual modem of its own, whose control connections go to `address`.
fn behind(address: SocketAddr, login: &Login) -> (VirtualModem, Modem, Ftp) {
    let vmodem = VirtualModem::start(Options {
        route: Some(address),
        ..Options::default()
    })
    .unwrap();
    let modem = Modem::open(vmodem.port(), Rig::config()).unwrap();
    let ftp = modem.ftp(login).unwrap();
    (vmodem, modem, ftp)
}

fn rig_with_full_server(dialect: Dialect) -> (FullServer, VirtualModem, Modem, Ftp) {
    let server = FullServer::start(300_000);
    let mut options = Options {
        route: Some(server.address),
        ..Options::default()
    };
    options.modem = ModemConfig {
        dialect,
        ..ModemConfig::default()
    };
    let vmodem = VirtualModem::start(options).unwrap();
    let modem = Modem::open(vmodem.port(), Rig::config()).unwrap();
    let ftp = modem.ftp(&Login::new("h", "u", "p")).unwrap();
    (server, vmodem, modem, ftp)
}

#[test]
fn a_server_that_fails_midway_is_reported_in_every_form_of_ftpstors_failure() {
    for stor_failure in [
        StorFailure::OutcomeThenCommands,
        StorFailure::OutcomeThenSwallow,
        StorFailure::SwallowThenOutcome,
    ] {
        let dialect = Dialect {
            stor_failure,
            ..Dialect::default()
        };
        let (server, _vmodem, _modem, ftp) = rig_with_full_server(dialect);
        let data = random(5_000_000, 5);
        let error = ftp
            .put(&data[..], "full.bin", options(|o| o.via = Via::Stream))
            .unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Refused,
            "{stor_failure:?}: {error}"
        );
        assert!(
            error
                .left_behind()
                .is_some_and(|text| text.contains("full.bin")),
            "{error}"
        );
        ftp.noop().unwrap();
        // Whether the file there is this upload's, nobody can tell.
        let commands = server.commands.lock().unwrap();
        assert!(
            !commands.iter().any(|line| line.starts_with("DELE")),
            "{stor_failure:?}"
        );
    }
}

#[test]
fn a_server_that_fails_midway_is_reported_in_every_form_of_ftpputs_failure() {
    for put_failure in [
        PutFailure::Error,
        PutFailure::OutcomeThenOk,
        PutFailure::OutcomeThenError,
    ] {
        let dialect = Dialect {
            put_failure,
            ..Dialect::default()
        };
        let (_server, _vmodem, _modem, ftp) = rig_with_full_server(dialect);
        let data = random(5_000_000, 5);
        let error = ftp
            .put(&data[..], "full.bin", options(|o| o.via = Via::Block))
            .unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Refused | ErrorKind::Command),
            "{put_failure:?}: {error}"
        );
        ftp.noop().unwrap();
    }
}

#[test]
fn a_cache_that_is_lost_with_its_connection_is_fetched_again() {
    let rig = Rig::new();
    let cutter = Cutter::start(rig.server.address());
    let (_vmodem, _modem, ftp) = behind(cutter.address, &rig.login());
    let data = random(2_000_000, 6);
    fs::write(rig.remote("cut.bin"), &data).unwrap();
    let mut back = Vec::new();
    let mut once = Some(cutter);
    let set = options(|o| {
        o.via = Via::Block;
        o.progress = Some(Box::new(move |progress| {
            if progress.done > 100_000
                && let Some(cutter) = once.take()
            {
                cutter.cut();
            }
        }));
    });
    let got = ftp.get("cut.bin", Sink::writer(&mut back), set).unwrap();
    assert!(back == data);
    assert!(
        got.warnings.iter().any(|warning| warning.contains("lost")),
        "{:?}",
        got.warnings
    );
}

#[test]
fn a_connection_that_is_lost_is_reported_once_and_opened_anew_with_its_directory() {
    let rig = Rig::new();
    let cutter = Cutter::start(rig.server.address());
    let (_vmodem, _modem, ftp) = behind(cutter.address, &rig.login());
    ftp.mkd("deep").unwrap();
    ftp.cwd("deep").unwrap();
    cutter.cut();
    let error = ftp.noop().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotConnected, "{error}");
    ftp.put(&b"x"[..], "file", options(|_| ())).unwrap();
    assert!(rig.remote("deep/file").exists());
}

#[test]
fn a_stream_that_breaks_is_an_error_and_leaves_no_file() {
    let rig = Rig::new();
    let cutter = Cutter::start(rig.server.address());
    let (_vmodem, _modem, ftp) = behind(cutter.address, &rig.login());
    fs::write(rig.remote("long.bin"), random(20_000_000, 1)).unwrap();
    let here = tempfile::tempdir().unwrap();
    let set = options(|o| {
        o.via = Via::Stream;
        o.progress = Some(Box::new(move |progress| {
            if progress.done > 100_000 {
                cutter.cut();
            }
        }));
    });
    let error = ftp
        .get("long.bin", here.path().join("long.bin").as_path(), set)
        .unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::NotConnected | ErrorKind::Refused | ErrorKind::Transfer
        ),
        "{error}"
    );
    assert_eq!(fs::read_dir(here.path()).unwrap().count(), 0);
    assert!(error.transferred() > Some(100_000));
}
