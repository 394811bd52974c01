//! All 21 FTP commands in all their forms, as section 1.2 of the manual has them, with every parameter at the ends
//! of its range and just outside.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod world;

use State::{Closed, Getting, Open};
use nlftp_vmodem::network::NetRequest;
use world::{World, noise};

/// Where a row is typed. Each gets a modem of its own.
#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Attached, without an FTP connection.
    Closed,
    /// Logged in; the server has a file `f` with the content `data`.
    Open,
    /// In download mode, the cache full.
    Getting,
}

/// State, what is typed behind `AT+`, what answers (line ends as `|`), and what reaches the server. `{n}` stands for
/// n letters.
type Row = (State, &'static str, &'static str, &'static str);

const NAMES: [&str; 21] = [
    "FTPOPEN", "FTPCLOSE", "FTPINFO", "FTPCWD", "FTPMKD", "FTPRMD", "FTPPWD", "FTPCDUP", "FTPDEL",
    "FTPREN", "FTPLIST", "FTPSTAT", "FTPSYST", "FTPNOOP", "FTPSTOR", "FTPRETR", "FTPREST",
    "FTPGET", "FTPRECV", "FTPPUT", "FTPMODE",
];

const BAD: &str = "|ERROR|";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // 1.2.1
    (Closed, r#"FTPOPEN="h","u","p""#, "|OK||+FTPOPEN: 1|", "USER u,PASS p"),
    (Closed, "FTPOPEN?", "|+FTPOPEN: 0||OK|", ""),
    (Open, "FTPOPEN?", "|+FTPOPEN: 1||OK|", ""),
    (Closed, "FTPOPEN=?", "|+FTPOPEN: (\"destination_ip/url\"),(\"username\"),(\"password\"),(\"account\"),(0-65535),(0-65535),(0-65535),(0-1)||OK|", ""),
    (Closed, "FTPOPEN", BAD, ""),
    (Closed, "FTPOPEN=", BAD, ""),
    (Open, r#"FTPOPEN="h","u","p""#, BAD, ""),
    (Closed, r#"FTPOPEN="{1024}","u","p""#, "|OK||+FTPOPEN: 1|", "USER u,PASS p"),
    (Closed, r#"FTPOPEN="{1025}","u","p""#, BAD, ""),
    (Closed, r#"FTPOPEN="h","{255}","p""#, "|OK||+FTPOPEN: 1|", "USER {255},PASS p"),
    (Closed, r#"FTPOPEN="h","{256}","p""#, BAD, ""),
    (Closed, r#"FTPOPEN="h","u","{255}""#, "|OK||+FTPOPEN: 1|", "USER u,PASS {255}"),
    (Closed, r#"FTPOPEN="h","u","{256}""#, BAD, ""),
    (Closed, r#"FTPOPEN="h","u","p","{255}""#, "|OK||+FTPOPEN: 1|", "USER u,PASS p"),
    (Closed, r#"FTPOPEN="h","u","p","{256}""#, BAD, ""),
    (Closed, r#"FTPOPEN="h","","""#, "|OK||+FTPOPEN: 1|", "USER ,PASS "),
    (Closed, r#"FTPOPEN="h",,"p""#, BAD, ""),
    (Closed, r#"FTPOPEN="h","u","#, BAD, ""),
    (Closed, r#"FTPOPEN="","u","p""#, BAD, ""),
    (Closed, r#"FTPOPEN=,"u","p""#, BAD, ""),
    (Closed, r#"FTPOPEN="h","u""#, BAD, ""),
    (Closed, r#"FTPOPEN="h",u,"p""#, BAD, ""),
    (Closed, r#"FTPOPEN="h","u",p"#, BAD, ""),
    (Closed, r#"FTPOPEN=h,"u","p""#, BAD, ""),
    (Closed, r#"FTPOPEN=1.2.3.4,"u","p""#, "|OK||+FTPOPEN: 1|", "USER u,PASS p"),
    (Closed, r#"FTPOPEN="255.255.255.255","u","p""#, "|OK||+FTPOPEN: 1|", "USER u,PASS p"),
    (Closed, r#"FTPOPEN="256.255.255.255","u","p""#, BAD, ""),
    (Closed, r#"FTPOPEN=1.2.3.256,"u","p""#, BAD, ""),
    (Closed, r#"FTPOPEN="1.2.3","u","p""#, BAD, ""),
    (Closed, r#"FTPOPEN="h","u","p",account"#, BAD, ""),
    (Closed, r#"FTPOPEN="h","u","p",,65535,65535,65535,0"#, "|OK||+FTPOPEN: 1|", "USER u,PASS p"),
    (Closed, r#"FTPOPEN="h","u","p",,0,0,0,0"#, "|OK||+FTPOPEN: 1|", "USER u,PASS p"),
    (Closed, r#"FTPOPEN="h","u","p",,65536"#, BAD, ""),
    (Closed, r#"FTPOPEN="h","u","p",,0,65536"#, BAD, ""),
    (Closed, r#"FTPOPEN="h","u","p",,0,21,65536"#, BAD, ""),
    (Closed, r#"FTPOPEN="h","u","p",,0,21,0,2"#, BAD, ""),
    (Closed, r#"FTPOPEN="h","u","p",,-1"#, BAD, ""),
    (Closed, r#"FTPOPEN="h","u","p",,"0""#, BAD, ""),
    (Closed, r#"FTPOPEN="h","u","p",,0,21,0,0,0"#, BAD, ""),
    (Closed, r#"FTPOPEN="h"x,"u","p""#, BAD, ""),
    (Closed, r#"FTPOPEN="h,"u","p""#, BAD, ""),
    (Closed, r#"FTPOPEN = "h" , "u" , "p" , , 0 , 21 , 0 , 0"#, "|OK||+FTPOPEN: 1|", "USER u,PASS p"),
    // 1.2.2
    (Open, "FTPCLOSE", "|OK||+FTPCLOSE: 1|", "QUIT"),
    (Closed, "FTPCLOSE", BAD, ""),
    (Open, "FTPCLOSE?", BAD, ""),
    (Open, "FTPCLOSE=?", BAD, ""),
    (Open, "FTPCLOSE=", BAD, ""),
    (Open, "FTPCLOSE=1", BAD, ""),
    // 1.2.3
    (Open, "FTPINFO=1;+FTPINFO?", "|+FTPINFO: 1||OK|", ""),
    (Open, "FTPINFO=0;+FTPINFO?", "|+FTPINFO: 0||OK|", ""),
    (Closed, "FTPINFO=1", BAD, ""),
    (Open, "FTPINFO?", "|+FTPINFO: 0||OK|", ""),
    (Open, "FTPINFO=?", "|+FTPINFO: (0-1)||OK|", ""),
    (Open, "FTPINFO", BAD, ""),
    (Open, "FTPINFO=", BAD, ""),
    (Open, "FTPINFO=2", BAD, ""),
    (Open, "FTPINFO=-1", BAD, ""),
    (Open, "FTPINFO=1,1", BAD, ""),
    // 1.2.4
    (Open, r#"FTPCWD="a b""#, "|OK||+FTPCWD: 1|", "CWD a b"),
    (Open, r#"FTPCWD="{255}""#, "|OK||+FTPCWD: 1|", "CWD {255}"),
    (Open, r#"FTPCWD="{256}""#, BAD, ""),
    (Open, r#"FTPCWD="""#, BAD, ""),
    (Open, "FTPCWD=", BAD, ""),
    (Open, "FTPCWD=d", BAD, ""),
    (Open, "FTPCWD", BAD, ""),
    (Open, r#"FTPCWD="d","e""#, BAD, ""),
    (Open, "FTPCWD?", BAD, ""),
    (Open, "FTPCWD=?", "|+FTPCWD: (\"directory name\")||OK|", ""),
    // 1.2.5
    (Open, r#"FTPMKD="d""#, "|OK||+FTPMKD: 1|", "MKD d"),
    (Open, r#"FTPMKD="{255}""#, "|OK||+FTPMKD: 1|", "MKD {255}"),
    (Open, r#"FTPMKD="{256}""#, BAD, ""),
    (Open, "FTPMKD", BAD, ""),
    (Open, "FTPMKD=d", BAD, ""),
    (Open, "FTPMKD?", BAD, ""),
    (Open, "FTPMKD=?", "|+FTPMKD: (\"directory name\")||OK|", ""),
    // 1.2.6
    (Open, r#"FTPRMD="d""#, "|OK||+FTPRMD: 1|", "RMD d"),
    (Open, r#"FTPRMD="{255}""#, "|OK||+FTPRMD: 1|", "RMD {255}"),
    (Open, r#"FTPRMD="{256}""#, BAD, ""),
    (Open, "FTPRMD", BAD, ""),
    (Open, "FTPRMD=d", BAD, ""),
    (Open, "FTPRMD?", BAD, ""),
    (Open, "FTPRMD=?", "|+FTPRMD: (\"directory name\")||OK|", ""),
    // 1.2.7
    (Open, "FTPPWD", "|OK||+FTPPWD: 2,\"/Fib\"ocom\"||+FTPPWD: 1|", "PWD"),
    (Open, "FTPPWD?", BAD, ""),
    (Open, "FTPPWD=?", BAD, ""),
    (Open, "FTPPWD=", BAD, ""),
    (Open, r#"FTPPWD="x""#, BAD, ""),
    // 1.2.8
    (Open, "FTPCDUP", "|OK||+FTPCDUP: 1|", "CDUP"),
    (Open, "FTPCDUP?", BAD, ""),
    (Open, "FTPCDUP=?", BAD, ""),
    (Open, "FTPCDUP=1", BAD, ""),
    // 1.2.9
    (Open, r#"FTPDEL="f""#, "|OK||+FTPDEL: 1|", "DELE f"),
    (Open, r#"FTPDEL="{255}""#, "|OK||+FTPDEL: 0|", "DELE {255}"),
    (Open, r#"FTPDEL="{256}""#, BAD, ""),
    (Open, "FTPDEL", BAD, ""),
    (Open, "FTPDEL=f", BAD, ""),
    (Open, "FTPDEL?", BAD, ""),
    (Open, "FTPDEL=?", "|+FTPDEL: (\"file name\")||OK|", ""),
    // 1.2.10
    (Open, r#"FTPREN="f", "g""#, "|OK||+FTPREN: 1|", "RNFR f,RNTO g"),
    (Open, r#"FTPREN="{255}","{255}""#, "|OK||+FTPREN: 1|", "RNFR {255},RNTO {255}"),
    (Open, r#"FTPREN="{256}","g""#, BAD, ""),
    (Open, r#"FTPREN="f","{256}""#, BAD, ""),
    (Open, r#"FTPREN="f""#, BAD, ""),
    (Open, r#"FTPREN="f","""#, BAD, ""),
    (Open, r#"FTPREN="f","g","h""#, BAD, ""),
    (Open, r#"FTPREN="f",g"#, BAD, ""),
    (Open, "FTPREN", BAD, ""),
    (Open, "FTPREN?", BAD, ""),
    (Open, "FTPREN=?", "|+FTPREN: (\"file name from\"),(\"file name to\")||OK|", ""),
    // 1.2.11
    (Open, "FTPLIST", "|OK||+FTPLIST: 2|- 4 f||+FTPLIST: 1|", "TYPE A,PASV,LIST"),
    (Open, r#"FTPLIST="d e""#, "|OK||+FTPLIST: 2|- 4 f||+FTPLIST: 1|", "TYPE A,PASV,LIST d e"),
    (Open, r#"FTPLIST="{255}""#, "|OK||+FTPLIST: 2|- 4 f||+FTPLIST: 1|", "TYPE A,PASV,LIST {255}"),
    (Open, r#"FTPLIST="{256}""#, BAD, ""),
    (Open, "FTPLIST=", BAD, ""),
    (Open, r#"FTPLIST="""#, BAD, ""),
    (Open, r#"FTPLIST="d","e""#, BAD, ""),
    (Open, "FTPLIST?", BAD, ""),
    (Open, "FTPLIST=?", "|+FTPLIST: (\"file/directory name\")||OK|", ""),
    // 1.2.12
    (Open, "FTPSTAT", "|OK||+FTPSTAT: 2,Status||+FTPSTAT: 2,- 5 a||+FTPSTAT: 2,- 6 b||+FTPSTAT: 2,End||+FTPSTAT: 1|", "STAT"),
    (Open, r#"FTPSTAT="d""#, "|OK||+FTPSTAT: 2,Status||+FTPSTAT: 2,- 5 a||+FTPSTAT: 2,- 6 b||+FTPSTAT: 2,End||+FTPSTAT: 1|", "STAT d"),
    (Open, r#"FTPSTAT="{256}""#, BAD, ""),
    (Open, "FTPSTAT=", BAD, ""),
    (Open, r#"FTPSTAT="d","e""#, BAD, ""),
    (Open, "FTPSTAT?", BAD, ""),
    (Open, "FTPSTAT=?", "|+FTPSTAT: (\"file/directory name\")||OK|", ""),
    // 1.2.13
    (Open, "FTPSYST", "|OK||+FTPSYST: 2,UNIX Type: L8||+FTPSYST: 1|", "SYST"),
    (Open, "FTPSYST?", BAD, ""),
    (Open, "FTPSYST=?", BAD, ""),
    (Open, "FTPSYST=1", BAD, ""),
    // 1.2.14
    (Open, "FTPNOOP", "|OK||+FTPNOOP: 1|", "NOOP"),
    (Open, "FTPNOOP?", BAD, ""),
    (Open, "FTPNOOP=?", BAD, ""),
    (Open, "FTPNOOP=1", BAD, ""),
    // 1.2.15
    (Open, r#"FTPSTOR="g""#, "|OK||+FTPSTOR: 2|", "TYPE I,PASV,STOR g"),
    (Open, r#"FTPSTOR="g",0"#, "|OK||+FTPSTOR: 2|", "TYPE A,PASV,STOR g"),
    (Open, r#"FTPSTOR="g", 1, 0"#, "|OK||+FTPSTOR: 2|", "TYPE I,PASV,STOR g"),
    (Open, r#"FTPSTOR="g",,10"#, "|OK||+FTPSTOR: 2|", "TYPE I,PASV,REST 10,STOR g"),
    (Open, r#"FTPSTOR="g",1,4294967294"#, "|OK||+FTPSTOR: 2|", "TYPE I,PASV,REST 4294967294,STOR g"),
    (Open, r#"FTPSTOR="g",1,4294967295"#, BAD, ""),
    (Open, r#"FTPSTOR="g",2"#, BAD, ""),
    (Open, r#"FTPSTOR="g",1,-1"#, BAD, ""),
    (Open, r#"FTPSTOR="g",1,0x10"#, BAD, ""),
    (Open, r#"FTPSTOR="g",1,0,0"#, BAD, ""),
    (Open, r#"FTPSTOR="{255}""#, "|OK||+FTPSTOR: 2|", "TYPE I,PASV,STOR {255}"),
    (Open, r#"FTPSTOR="{256}""#, BAD, ""),
    (Open, r#"FTPSTOR="""#, BAD, ""),
    (Open, "FTPSTOR=g", BAD, ""),
    (Open, "FTPSTOR", BAD, ""),
    (Open, "FTPSTOR?", BAD, ""),
    (Open, "FTPSTOR=?", "|+FTPSTOR: (\"file name\"),(0-1),(0-4294967294)||OK|", ""),
    // 1.2.16
    (Open, r#"FTPRETR="f""#, "|OK||+FTPRETR: 2|data\u{3}|+FTPRETR: 1|", "TYPE I,PASV,RETR f"),
    (Open, r#"FTPRETR="f",0,3"#, "|OK||+FTPRETR: 2|a\u{3}|+FTPRETR: 1|", "TYPE A,PASV,REST 3,RETR f"),
    (Open, r#"FTPRETR="f",1,4294967295"#, "|OK||+FTPRETR: 2|\u{3}|+FTPRETR: 1|", "TYPE I,PASV,REST 4294967295,RETR f"),
    (Open, r#"FTPRETR="f",1,4294967296"#, BAD, ""),
    (Open, r#"FTPRETR="f",2"#, BAD, ""),
    (Open, r#"FTPRETR="f",1,0,0"#, BAD, ""),
    (Open, r#"FTPRETR="none""#, "|OK||+FTPRETR: 0|", "TYPE I,PASV,RETR none"),
    (Open, r#"FTPRETR="{256}""#, BAD, ""),
    (Open, "FTPRETR=f", BAD, ""),
    (Open, "FTPRETR", BAD, ""),
    (Open, "FTPRETR?", BAD, ""),
    (Open, "FTPRETR=?", "|+FTPRETR: (\"file name\"),(0-1),(0-4294967295)||OK|", ""),
    // 1.2.17
    (Open, "FTPREST=4294967295;+FTPREST?", "|+FTPREST: 4294967295||OK|", ""),
    (Closed, "FTPREST=0", "|OK|", ""),
    (Open, "FTPREST=4294967296", BAD, ""),
    (Open, "FTPREST=-1", BAD, ""),
    (Open, "FTPREST=", BAD, ""),
    (Open, "FTPREST=1,1", BAD, ""),
    (Open, "FTPREST=99999999999999999999999", BAD, ""),
    (Open, "FTPREST", BAD, ""),
    (Open, "FTPREST?", "|+FTPREST: 0||OK|", ""),
    (Open, "FTPREST=?", "|+FTPREST: (0-4294967295)||OK|", ""),
    // 1.2.18
    (Open, r#"FTPGET="f""#, "|OK||+FTPGET: 2||+FTPGET: 1|", "TYPE I,PASV,RETR f"),
    (Open, r#"FTPGET="f",0,3"#, "|OK||+FTPGET: 2||+FTPGET: 1|", "TYPE A,PASV,REST 3,RETR f"),
    (Open, r#"FTPGET="f",,4294967295"#, "|OK||+FTPGET: 1|", "TYPE I,PASV,REST 4294967295,RETR f"),
    (Open, r#"FTPGET="f",1,4294967296"#, BAD, ""),
    (Open, r#"FTPGET="f",2"#, BAD, ""),
    (Open, r#"FTPGET="f",1,0,0"#, BAD, ""),
    (Open, r#"FTPGET="none""#, "|OK||+FTPGET: 0|", "TYPE I,PASV,RETR none"),
    (Open, r#"FTPGET="{256}""#, BAD, ""),
    (Open, "FTPGET=f", BAD, ""),
    (Open, "FTPGET", BAD, ""),
    (Open, "FTPGET?", "|OK|", ""),
    (Getting, "FTPGET?", "|+FTPGET:\"f\",1,0||OK|", ""),
    (Open, "FTPGET=?", "|+FTPGET: (\"file name\"),(0-1),(0-4294967295)||OK|", ""),
    // 1.2.19
    (Open, "FTPRECV=3000", "|+FTPRECV: 0||OK|", ""),
    (Open, "FTPRECV=1", "|+FTPRECV: 0||OK|", ""),
    (Open, "FTPRECV=0", BAD, ""),
    (Open, "FTPRECV=3001", BAD, ""),
    (Open, "FTPRECV=", BAD, ""),
    (Open, "FTPRECV=1,1", BAD, ""),
    (Open, "FTPRECV=\"1\"", BAD, ""),
    (Open, "FTPRECV", BAD, ""),
    (Open, "FTPRECV?", "|+FTPRECV: 0||OK|", ""),
    (Getting, "FTPRECV?", "|+FTPRECV: 512000||OK|", ""),
    (Open, "FTPRECV=?", "|+FTPRECV: (1-3000)||OK|", ""),
    (Getting, "FTPRECV=?", "|+FTPRECV: (1-3000)||OK|", ""),
    (Open, "FTP_RECV?", "|+FTP_RECV: 0||OK|", ""),
    (Open, "FTP_RECV =?", "|+FTP_RECV: (1-3000)||OK|", ""),
    (Open, "FTPGETR?", "|+FTPGETR: 0||OK|", ""),
    // 1.2.20
    (Open, r#"FTPPUT="g",1024,0"#, "|+FTPPUT: 2,1024|", "TYPE I,PASV,STOR g"),
    (Open, r#"FTPPUT="g",1,1,0"#, "|+FTPPUT: 2,1|", "TYPE A,PASV,STOR g"),
    (Open, r#"FTPPUT="g",1,1,1"#, "|+FTPPUT: 2,1|", "TYPE I,PASV,STOR g"),
    (Open, r#"FTPPUT="g",0,1"#, BAD, ""),
    (Open, r#"FTPPUT="g",1025,1"#, BAD, ""),
    (Open, r#"FTPPUT="g",1,2"#, BAD, ""),
    (Open, r#"FTPPUT="g",1,1,2"#, BAD, ""),
    (Open, r#"FTPPUT="g",1"#, BAD, ""),
    (Open, r#"FTPPUT="g",,1"#, BAD, ""),
    (Open, r#"FTPPUT="g",1,"#, BAD, ""),
    (Open, r#"FTPPUT="g",1,1,1,1"#, BAD, ""),
    (Open, r#"FTPPUT="{255}",1,1"#, "|+FTPPUT: 2,1|", "TYPE I,PASV,STOR {255}"),
    (Open, r#"FTPPUT="{256}",1,1"#, BAD, ""),
    (Open, "FTPPUT=g,1,1", BAD, ""),
    (Open, "FTPPUT", BAD, ""),
    (Open, "FTPPUT?", BAD, ""),
    (Open, "FTPPUT=?", "|+FTPPUT: (\"file name\"),(1-1024),(0-1),(0-1)||OK|", ""),
    // 1.2.21
    (Open, "FTPMODE=1;+FTPMODE?", "|+FTPMODE: 1||OK|", ""),
    (Closed, "FTPMODE=0", "|OK|", ""),
    (Open, "FTPMODE=2", BAD, ""),
    (Open, "FTPMODE=", BAD, ""),
    (Open, "FTPMODE=1,0", BAD, ""),
    (Open, "FTPMODE", BAD, ""),
    (Open, "FTPMODE?", "|+FTPMODE: 0||OK|", ""),
    (Open, "FTPMODE=?", "|+FTPMODE: (0-1)||OK|", ""),
    // Download mode: only FTPRECV, FTPOPEN? and FTPCLOSE are answered, and FTPGET? as the rows above have it.
    (Getting, "FTPOPEN?", "|+FTPOPEN: 1||OK|", ""),
    (Getting, r#"FTPOPEN="h","u","p""#, BAD, ""),
    (Getting, "FTPOPEN=?", BAD, ""),
    (Getting, "FTPCLOSE", "|OK||+FTPCLOSE: 1|", "QUIT"),
    (Getting, "FTPCLOSE?", BAD, ""),
    (Getting, "FTPINFO?", BAD, ""),
    (Getting, "FTPINFO=1", BAD, ""),
    (Getting, r#"FTPCWD="d""#, BAD, ""),
    (Getting, r#"FTPMKD="d""#, BAD, ""),
    (Getting, r#"FTPRMD="d""#, BAD, ""),
    (Getting, "FTPPWD", BAD, ""),
    (Getting, "FTPCDUP", BAD, ""),
    (Getting, r#"FTPDEL="f""#, BAD, ""),
    (Getting, r#"FTPREN="f","g""#, BAD, ""),
    (Getting, "FTPLIST", BAD, ""),
    (Getting, "FTPLIST=?", BAD, ""),
    (Getting, "FTPSTAT", BAD, ""),
    (Getting, "FTPSYST", BAD, ""),
    (Getting, "FTPNOOP", BAD, ""),
    (Getting, r#"FTPSTOR="g""#, BAD, ""),
    (Getting, r#"FTPRETR="f""#, BAD, ""),
    (Getting, "FTPREST?", BAD, ""),
    (Getting, r#"FTPGET="f""#, BAD, ""),
    (Getting, "FTPGET=?", BAD, ""),
    (Getting, r#"FTPPUT="g",1,1"#, BAD, ""),
    (Getting, "FTPMODE?", BAD, ""),
];

/// Fills in the places where a row names a length.
fn filled(text: &str) -> String {
    [255, 256, 1024, 1025]
        .iter()
        .fold(text.to_owned(), |text, size| {
            text.replace(&format!("{{{size}}}"), &"n".repeat(*size))
        })
}

fn world(state: State) -> World {
    let world = World::new();
    if state == Closed {
        return world;
    }
    let mut world = world.opened();
    world.files.insert("f".into(), b"data".to_vec());
    if state == Getting {
        world.files.insert("f".into(), noise(512_001));
        world.line("AT+FTPGET=\"f\"");
        world.bytes();
        world.commands.clear();
    }
    world
}

#[test]
fn every_row_is_answered_as_the_manual_says() {
    for &(state, typed, answer, sent) in ROWS {
        let mut world = world(state);
        let found = world.ask(&format!("AT+{}", filled(typed)));
        assert_eq!(found, filled(answer), "{typed}");
        assert_eq!(world.commands.join(","), filled(sent), "{typed}");
    }
}

#[test]
fn no_command_and_no_form_is_left_out() {
    for name in NAMES {
        for form in ["?", "=?"] {
            let typed = format!("{name}{form}");
            assert!(ROWS.iter().any(|row| row.1 == typed), "{typed}");
        }
        let plain = |row: &Row| {
            let values = row.1.strip_prefix(name);
            values.is_some_and(|values| values.is_empty() || values.starts_with('='))
        };
        let well = |row: &Row| plain(row) && row.2 != BAD && !row.1.ends_with("=?");
        assert!(ROWS.iter().any(well), "{name}");
        assert!(ROWS.iter().any(|row| plain(row) && row.2 == BAD), "{name}");
    }
}

/// Every command that talks to the server is refused without a connection; settings are not.
#[test]
fn without_a_connection_only_settings_and_queries_are_answered() {
    for &(state, typed, answer, sent) in ROWS {
        if state == Open && !sent.is_empty() {
            let mut world = World::new();
            assert_eq!(
                world.ask(&format!("AT+{}", filled(typed))),
                "|ERROR|",
                "{typed}"
            );
            assert!(world.commands.is_empty());
        }
        // A test form does not depend on the connection.
        if state == Open && typed.ends_with("=?") {
            let found = World::new().ask(&format!("AT+{typed}"));
            assert_eq!(found, answer, "{typed}");
        }
    }
}

/// Which end of which connection each number of FTPOPEN is for, and what it is when left out.
#[test]
fn the_ports_of_ftpopen_are_used_and_have_defaults() {
    for (values, host, source, port, data, tls) in [
        (r#""a","u","p""#, "a", 0, 21, 0, false),
        (r#"1.2.3.4,"u","p",,,,"#, "1.2.3.4", 0, 21, 0, false),
        (
            r#""a","u","p",,1024,2121,2020"#,
            "a",
            1024,
            2121,
            2020,
            false,
        ),
        (r#""a","u","p",,0,0,0,0"#, "a", 0, 21, 0, false),
        (r#""a","u","p",,,,,1"#, "a", 0, 990, 0, true),
    ] {
        let mut world = World::new();
        // What opens a data connection from a port of the module's is active mode.
        world.line(&format!("AT+FTPMODE=1;+FTPOPEN={values}"));
        world.line("AT+FTPLIST");
        let [
            NetRequest::Connect {
                host: to,
                port: at,
                source_port,
                tls: encrypted,
                ..
            },
            NetRequest::Listen {
                source_port: data_port,
                ..
            },
        ] = world.connects.as_slice()
        else {
            panic!("{:?}", world.connects)
        };
        assert_eq!(
            (to.as_str(), *source_port, *at, *data_port, *encrypted),
            (host, source, port, data, tls),
            "{values}"
        );
    }
}

#[test]
fn the_account_is_given_where_the_server_asks_for_it() {
    for (verb, expected) in [
        ("USER", "USER u,ACCT acct"),
        ("PASS", "USER u,PASS p,ACCT acct"),
    ] {
        let mut world = World::new();
        world.reply(verb, "332 account");
        assert_eq!(
            world.ask(r#"AT+FTPOPEN="h","u","p","acct""#),
            "|OK||+FTPOPEN: 1|"
        );
        assert_eq!(world.commands.join(","), expected);
    }
}
