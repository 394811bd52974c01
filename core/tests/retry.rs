//! Transfers with retries: what cuts them off may come again and again, the file is whole in the end, or the error says
//! how often it was tried.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/part_files.rs"]
mod part_files;
#[path = "support/relay.rs"]
mod relay;
#[path = "support/rig.rs"]
mod rig;

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nlftp_core::{ErrorKind, Login, Modem, Retry, Sink, Source, TransferOptions, Verify, Via};
use nlftp_vmodem::server::{Farewell, FtpServer, ServerOptions};
use nlftp_vmodem::{Failure, Options, VirtualModem};
use part_files::{Here, warned};
use relay::Relay;
use rig::{Rig, options, random};

const BOTH: [Via; 2] = [Via::Stream, Via::Block];

fn quick(tries: u32) -> Retry {
    let mut retry = Retry::new(tries);
    retry.delay = Duration::from_millis(1);
    // How much of a transfer gets through before its server leaves is chance, none of it included.
    retry.max_delay = Duration::from_millis(5);
    retry
}

fn retrying<'a>(via: Via, tries: u32) -> TransferOptions<'a> {
    options(|o| (o.via, o.retry) = (via, Some(quick(tries))))
}

/// A server that leaves each transfer after so many bytes.
fn leaves_after(bytes: u64) -> Rig {
    Rig::with(
        |_| (),
        |server| server.farewell = Some(Farewell::InTransfer(bytes)),
    )
}

#[test]
fn a_download_that_is_cut_again_and_again_arrives_whole_in_one_call() {
    let data = random(700_000, 1);
    let rig = leaves_after(300_000);
    fs::write(rig.remote("f"), &data).unwrap();
    let (_modem, ftp) = rig.ftp();
    let here = Here::new();
    let done = ftp
        .get("f", here.target().as_path(), retrying(Via::Stream, 999))
        .unwrap();
    here.holds(&data);
    assert_eq!((done.resumed_from, done.bytes), (0, 700_000));
    assert!(
        warned(&done, "tried again after 0.0 s"),
        "{:?}",
        done.warnings
    );
}

#[test]
fn an_upload_that_is_cut_again_and_again_arrives_whole_in_one_call() {
    let data = random(700_000, 2);
    for via in BOTH {
        for temporary in [false, true] {
            let rig = leaves_after(300_000);
            let (_modem, ftp) = rig.ftp();
            let mut set = retrying(via, 999);
            set.temporary = temporary;
            let done = ftp.put(&data[..], "f", set).unwrap();
            assert!(
                fs::read(rig.remote("f")).unwrap() == data,
                "{via:?} {temporary}"
            );
            assert_eq!((done.resumed_from, done.bytes), (0, 700_000));
        }
    }
}

#[test]
fn progress_goes_back_to_where_a_try_goes_on_and_ends_at_the_size() {
    let data = random(500_000, 3);
    let rig = leaves_after(200_000);
    let (_modem, ftp) = rig.ftp();
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut set = retrying(Via::Stream, 999);
    let seen = told.clone();
    set.progress = Some(Box::new(move |progress| {
        seen.lock().unwrap().push((progress.done, progress.total));
    }));
    ftp.put(&data[..], "f", set).unwrap();
    let told = told.lock().unwrap();
    assert!(told.iter().all(|(done, _)| *done <= 500_000), "{told:?}");
    assert_eq!(told.last(), Some(&(500_000, Some(500_000))));
}

#[test]
fn a_slow_sink_gets_each_byte_once() {
    let data = random(900_000, 4);
    let rig = leaves_after(400_000);
    fs::write(rig.remote("f"), &data).unwrap();
    let (_modem, ftp) = rig.ftp();
    let here = Here::new();
    let mut set = retrying(Via::Stream, 999);
    // What a try brought is still being written when the next one begins.
    set.progress = Some(Box::new(|_| std::thread::sleep(Duration::from_millis(5))));
    ftp.get("f", here.target().as_path(), set).unwrap();
    here.holds(&data);
}

#[test]
fn a_server_that_is_started_anew_in_the_middle_costs_a_try() {
    let data = random(part_files::SLACK + 500_000, 5);
    let root = tempfile::tempdir().unwrap();
    let start = || {
        let options = ServerOptions {
            root: Some(root.path().to_owned()),
            ..ServerOptions::default()
        };
        FtpServer::start(options).unwrap()
    };
    for upload in [true, false] {
        let server = start();
        let login = Login::new("ftp.example.com", server.user(), server.password());
        let relay = Relay::to(server.address());
        let vmodem = VirtualModem::start(Options {
            route: Some(relay.address()),
            ..Options::default()
        })
        .unwrap();
        let modem = Modem::open(vmodem.port(), Rig::config()).unwrap();
        let ftp = modem.ftp(&login).unwrap();
        let here = Here::new();
        let mut running = Some(server);
        let next = Mutex::new(None);
        let mut set = retrying(Via::Stream, 999);
        set.progress = Some(Box::new(|progress| {
            if progress.done > 200_000 && running.take().is_some() {
                let server = start();
                relay.lead_to(server.address());
                *next.lock().unwrap() = Some(server);
            }
        }));
        let done = if upload {
            ftp.put(&data[..], "f", set).unwrap()
        } else {
            ftp.get("f", here.target().as_path(), set).unwrap()
        };
        assert!(
            next.lock().unwrap().is_some(),
            "the server was started anew"
        );
        if upload {
            assert!(fs::read(root.path().join("f")).unwrap() == data);
        } else {
            here.holds(&data);
        }
        assert_eq!((done.resumed_from, done.bytes), (0, data.len() as u64));
    }
}

#[test]
fn an_error_of_the_modem_that_passes_is_tried_again() {
    let data = random(10_000, 6);
    for command in ["FTPSTOR", "FTPPUT"] {
        let busy = |modem: &mut nlftp_vmodem::ModemConfig| {
            modem.failures = vec![Failure::new(command, 2005), Failure::new(command, 2005)];
        };
        let rig = Rig::with(busy, |_| ());
        let (_modem, ftp) = rig.ftp();
        let via = if command == "FTPPUT" {
            Via::Block
        } else {
            Via::Stream
        };
        let done = ftp.put(&data[..], "f", retrying(via, 2)).unwrap();
        assert!(fs::read(rig.remote("f")).unwrap() == data);
        assert_eq!(done.warnings.len(), 2, "{:?}", done.warnings);
    }
}

#[test]
fn tries_that_bring_the_file_no_further_end() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let refused = |modem: &VirtualModem| {
        let lines = modem.sent_lines();
        lines.iter().filter(|line| line.contains("FTPSTOR")).count()
    };
    let before = refused(&rig.vmodem);
    let error = ftp
        .put(&b"x"[..], "no/such/folder/f", retrying(Via::Stream, 3))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(
        refused(&rig.vmodem) - before,
        1,
        "a refusal does not pass: {error}"
    );

    let broken = Rig::with(
        |modem| modem.failures = (0..9).map(|_| Failure::new("FTPSTOR", 2005)).collect(),
        |_| (),
    );
    let (_modem, ftp) = broken.ftp();
    let error = ftp
        .put(&b"x"[..], "f", retrying(Via::Stream, 3))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Command, "{error}");
    assert_eq!(refused(&broken.vmodem), 4);
    assert!(
        error.to_string().ends_with("it was the last of 4 tries"),
        "{error}"
    );
}

#[test]
fn a_cancel_ends_the_pause_between_two_tries() {
    let rig = Rig::with(
        |modem| modem.failures = vec![Failure::new("FTPSTOR", 2005)],
        |_| (),
    );
    let (modem, ftp) = rig.ftp();
    let mut set = retrying(Via::Stream, 1);
    set.retry.as_mut().unwrap().delay = Duration::from_secs(3600);
    set.retry.as_mut().unwrap().max_delay = Duration::from_secs(3600);
    let put = ftp.start_put(&b"x"[..], "f", set).unwrap();
    let canceller = put.canceller();
    let vmodem = &rig.vmodem;
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while !vmodem
                .sent_lines()
                .iter()
                .any(|line| line.contains("FTPSTOR"))
            {
                std::thread::yield_now();
            }
            canceller.cancel();
        });
        let error = put.wait().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    });
    assert!(modem.command("AT").unwrap().is_empty());
}

#[test]
fn the_deadline_of_the_call_bounds_all_tries() {
    let rig = Rig::with(
        |modem| modem.failures = (0..99).map(|_| Failure::new("FTPSTOR", 2005)).collect(),
        |_| (),
    );
    let (_modem, ftp) = rig.ftp();
    let mut set = retrying(Via::Stream, 9);
    set.retry.as_mut().unwrap().delay = Duration::from_secs(3600);
    set.retry.as_mut().unwrap().max_delay = Duration::from_secs(3600);
    set.deadline = Some(Duration::from_millis(300));
    let error = ftp.put(&b"x"[..], "f", set).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

#[test]
fn a_retry_that_could_not_go_on_is_refused_before_a_byte_is_sent() {
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    let before = rig.vmodem.sent_count();
    let reader = Source::reader(&b"x"[..]);
    let error = ftp.put(reader, "f", retrying(Via::Stream, 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    let mut bytes = Vec::new();
    let writer = Sink::writer(&mut bytes);
    let error = ftp.get("f", writer, retrying(Via::Stream, 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    let mut set = retrying(Via::Stream, 1);
    set.offset = 1;
    let error = ftp.put(&b"x"[..], "f", set).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    assert_eq!(rig.vmodem.sent_count(), before);
}

#[test]
fn a_whole_file_that_is_there_already_is_left_as_it_is() {
    let data = random(50_000, 7);
    let rig = Rig::new();
    let (_modem, ftp) = rig.ftp();
    fs::write(rig.remote("f"), &data).unwrap();
    let mut set = retrying(Via::Stream, 3);
    set.verify = Verify::Readback;
    let done = ftp.put(&data[..], "f", set).unwrap();
    assert_eq!((done.bytes, done.resumed_from), (0, 50_000));
}
