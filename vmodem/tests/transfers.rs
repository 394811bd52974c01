//! What uploads and downloads share: types, offsets, both modes, DTR, and hostile bytes cut anywhere.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod world;

use nlftp_vmodem::network::{NetEvent, NetRequest};
use nlftp_vmodem::{Dialect, Dtr, ModemConfig};
use proptest::prelude::*;
use std::time::Duration;
use world::{World, noise, retrieved, stuffed};

#[test]
fn types_and_offsets_reach_the_server() {
    let mut world = World::new().opened();
    world.files.insert("f".into(), b"0123456789".to_vec());
    world.line("AT+FTPRETR=\"f\",0,4");
    assert!(world.bytes() == retrieved(b"456789", b"\x03\r\n+FTPRETR: 1\r\n"));
    world.line("AT+FTPRETR=\"f\",0");
    world.line("AT+FTPSTOR=\"g\",1,7");
    world.types(&[3]);
    let expected = [
        "TYPE A", "PASV", "REST 4", "RETR f", "PASV", "RETR f", "TYPE I", "PASV", "REST 7",
        "STOR g",
    ];
    assert_eq!(world.commands, expected);
}

#[test]
fn active_mode_listens_and_tells_the_server_where() {
    let mut world = World::new();
    world.line("AT+FTPMODE=1");
    world.line("AT+FTPOPEN=\"h\",\"u\",\"p\",,0,21,2020");
    world.commands.clear();
    world.files.insert("f".into(), noise(10_000));
    world.bytes();
    world.line("AT+FTPRETR=\"f\"");
    assert!(world.bytes() == retrieved(&noise(10_000), b"\x03\r\n+FTPRETR: 1\r\n"));
    assert_eq!(
        world.commands,
        ["TYPE I", "PORT 127,0,0,1,15,160", "RETR f"]
    );
    assert!(matches!(
        world.connects[1],
        NetRequest::Listen {
            source_port: 2020,
            ..
        }
    ));
}

#[test]
fn servers_may_say_125_and_250_or_nothing_before_the_data() {
    for opening in ["125 open already", "150-long\r\n150 text"] {
        let mut world = World::new().opened();
        world.files.insert("f".into(), b"data".to_vec());
        world.reply("RETR", opening);
        world.reply("226", "250-well\r\n250 done");
        world.line("AT+FTPRETR=\"f\"");
        assert!(world.bytes() == retrieved(b"data", b"\x03\r\n+FTPRETR: 1\r\n"));
    }
}

#[test]
fn a_dtr_drop_ends_every_data_phase_silently() {
    let phases: [fn(&mut World); 4] = [
        |world| world.line("AT+FTPSTOR=\"x\""),
        |world| world.line("AT+FTPRETR=\"f\""),
        |world| world.line("AT+FTPGET=\"f\""),
        |world| world.line("AT+FTPPUT=\"x\",100,0"),
    ];
    for start in phases {
        let config = ModemConfig {
            echo: false,
            dtr: Dtr::Present,
            ..ModemConfig::default()
        };
        let mut world = World::with(config).opened();
        world.files.insert("f".into(), noise(3_000_000));
        assert_eq!(world.ask("AT&D2"), "|OK|");
        start(&mut world);
        world.bytes();
        world.modem.dtr(world.now, false);
        world.modem.dtr(world.now, true);
        assert_eq!(world.text(), "");
        assert_eq!(world.ask("AT+FTPOPEN?"), "|+FTPOPEN: 0||OK|");
        assert_eq!(
            world.ask("AT+FTPOPEN=\"h\",\"u\",\"p\""),
            "|OK||+FTPOPEN: 1|"
        );
    }
}

#[test]
fn a_host_that_does_not_read_is_not_written_to_without_bound() {
    let mut modem = nlftp_vmodem::Modem::new(ModemConfig::default());
    let flood = vec![b'x'; 4096];
    let mut taken = 0;
    while modem.receive(Duration::ZERO, &flood) > 0 {
        taken += flood.len();
        assert!(
            taken < 1_000_000,
            "an echo without a reader grows without bound"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_upload_is_the_same_however_its_bytes_are_cut(
        data in prop::collection::vec(prop_oneof![Just(3_u8), Just(16_u8), any::<u8>()], 0..300),
        cuts in prop::collection::vec(1_usize..20, 1..20),
    ) {
        let mut world = World::new().opened();
        let stream = [b"AT+FTPSTOR=\"f\"\r".as_slice(), &stuffed(&data), b"\x03"].concat();
        // The host may not send before it is told to: the command first, then the rest in pieces.
        let (command, mut rest) = stream.split_at(15);
        world.types(command);
        for size in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (piece, later) = rest.split_at((*size).min(rest.len()));
            world.types(piece);
            rest = later;
        }
        prop_assert_eq!(world.text(), "|OK||+FTPSTOR: 2||+FTPSTOR: 1|");
        prop_assert_eq!(world.ask("AT"), "|OK|");
        prop_assert!(world.files["f"] == data);
    }

    #[test]
    fn a_download_is_the_same_however_the_network_cuts_it(
        data in prop::collection::vec(prop_oneof![Just(3_u8), Just(16_u8), any::<u8>()], 0..300),
        chunk in 1_usize..40,
    ) {
        let mut world = World::new().opened();
        world.files.insert("f".into(), data.clone());
        world.chunk = chunk;
        world.line("AT+FTPRETR=\"f\"");
        prop_assert_eq!(world.bytes(), retrieved(&data, b"\x03\r\n+FTPRETR: 1\r\n"));
    }

    #[test]
    fn any_bytes_from_host_and_server_leave_the_modem_standing(
        readings in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        steps in prop::collection::vec((0_u8..8, prop::collection::vec(any::<u8>(), 0..60), 0_u64..200), 1..60),
    ) {
        let commands = ["AT+FTPSTOR=\"f\"", "AT+FTPRETR=\"f\"", "AT+FTPGET=\"f\"", "AT+FTPPUT=\"f\",9,0", "AT+FTPLIST",
            "AT+FTPSTAT", "AT+FTPPWD", "AT+FTPINFO=1", "AT+FTPRECV?", "AT+FTPPUT=\"f\",3,1", "AT+FTPOPEN=\"h\",\"u\",\"p\"", "AT+FTPCLOSE", "AT+FTPRECV=9", "AT+FTPREN=\"a\",\"b\"", "AT+FTPSTOR=\"f\",1,5000"];
        let all = Dialect::all();
        let readings: Vec<&str> = readings.iter().map(|reading| reading.get(&all).0.as_str()).collect();
        let dialect: Dialect = readings.join(",").parse().unwrap();
        let mut world = World::speaking(dialect).opened();
        world.files.insert("f".into(), noise(2000));
        for (kind, bytes, number) in steps {
            match kind {
                0 => { world.modem.receive(world.now, &bytes); }
                1 | 2 => world.types(format!("{}\r", commands[number as usize % commands.len()]).as_bytes()),
                3 => world.says(&format!("{} {}", 100 + number * 3, String::from_utf8_lossy(&bytes))),
                4 => world.says(&String::from_utf8_lossy(&bytes)),
                5 => world.wait(Duration::from_secs(number)),
                6 => world.break_data(),
                _ => world.lose_control(),
            }
            world.pump();
            world.bytes();
        }
        // Whatever came before, the modem can be brought back: owed bytes, an end mark, time.
        world.wait(Duration::from_secs(300));
        for _ in 0..3 {
            world.types(&[b'\r'; 1024]);
            world.types(b"\x03");
            world.wait(Duration::from_secs(300));
        }
        world.bytes();
        world.types(b"AT\r");
        prop_assert!(world.text().ends_with("|OK|"));
        // Events of connections that never were are ignored.
        let id = nlftp_vmodem::network::SocketId(9999);
        world.modem.network(world.now, NetEvent::Failed { id });
        world.modem.network(world.now, NetEvent::Finished { id });
        world.modem.network(world.now, NetEvent::Received { id, bytes: b"x" });
    }
}
