//! Files up, by FTPSTOR and FTPPUT, and what happens when they fail.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod world;

use world::{World, noise, stuffed};

#[test]
fn stor_takes_stuffed_bytes_up_to_the_end_mark() {
    for data in [
        Vec::new(),
        vec![3, 16, 3, 16],
        b"OK\r\n+FTPSTOR: 0\r\nAT\r".to_vec(),
        noise(1_000_000),
    ] {
        let mut world = World::new().opened();
        assert_eq!(world.ask("AT+FTPSTOR=\"f\""), "|OK||+FTPSTOR: 2|");
        world.types(&stuffed(&data));
        assert_eq!(world.text(), "");
        world.types(&[3]);
        assert_eq!(world.text(), "|+FTPSTOR: 1|");
        assert!(world.files["f"] == data);
        assert_eq!(world.commands, ["TYPE I", "PASV", "STOR f"]);
        assert_eq!(world.ask("AT"), "|OK|");
    }
}

#[test]
fn a_broken_data_connection_waits_for_the_servers_word() {
    let mut world = World::new().opened();
    world.line("AT+FTPSTOR=\"f\"");
    world.types(b"some");
    world.bytes();
    world.break_data();
    world.types(&vec![b'x'; 1_000_000]);
    assert_eq!(world.text(), "");
    world.says("426 connection closed");
    assert_eq!(world.text(), "|+FTPSTOR: 0|");
}

#[test]
fn put_builds_a_file_piece_by_piece() {
    let mut world = World::new().opened();
    assert_eq!(world.ask("AT+FTPPUT=\"f\",10,0"), "|+FTPPUT: 2,10|");
    world.types(b"AT\rOK\x03\x10\r\n\r");
    assert_eq!(world.text(), "|OK|");
    assert_eq!(world.ask("AT+FTPNOOP"), "|ERROR|", "the file is open");
    assert_eq!(world.ask("AT+FTPPUT=\"other\",1,1"), "|ERROR|");
    assert_eq!(world.ask("AT+FTPPUT=\"f\",1024,0"), "|+FTPPUT: 2,1024|");
    world.types(&noise(1024));
    assert_eq!(world.text(), "|OK|");
    assert_eq!(world.ask("AT+FTPPUT=\"f\",1,1"), "|+FTPPUT: 2,1|");
    world.types(b"x");
    assert_eq!(world.text(), "|OK||+FTPPUT: 1|");
    assert!(world.files["f"] == [b"AT\rOK\x03\x10\r\n\r".as_slice(), &noise(1024), b"x"].concat());
    assert_eq!(world.commands, ["TYPE I", "PASV", "STOR f"]);
    assert_eq!(world.ask("AT+FTPNOOP"), "|OK||+FTPNOOP: 1|");
}
