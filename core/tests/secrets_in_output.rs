//! Whatever the library says, of sessions that go well and of those that do not: no secret is in it, in no form, though
//! the modem echoes them and the server says them back.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use log::{LevelFilter, Log, Metadata, Record};
use nlftp_core::{Config, Entry, Login, Modem, PdpContext, Secret, Sink, TransferOptions, Via};
use nlftp_vmodem::{ApnLogin, ModemConfig, Options, VirtualModem};

const PASSWORD: &str = "Hasenpfeffer%7";
const ACCOUNT: &str = "Kontokorrent#9";
const ACCESS: &str = "Zugangswort&5";
const PIN: &str = "73951842";
const SECRETS: [&str; 4] = [PASSWORD, ACCOUNT, ACCESS, PIN];

/// All that was said, by whomever.
#[derive(Default)]
struct Said(Mutex<String>);

impl Said {
    fn add(&self, what: &str, text: impl std::fmt::Display) {
        writeln!(self.0.lock().unwrap(), "{what}: {text}").unwrap();
    }
}

impl Log for Said {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        self.add("log", record.args());
    }

    fn flush(&self) {}
}

/// A server that repeats in every reply what it knows.
fn talkative_server(lets_in: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            std::thread::spawn(move || serve(client.unwrap(), lets_in));
        }
    });
    address
}

fn serve(client: TcpStream, lets_in: bool) -> Option<()> {
    let mut out = client.try_clone().ok()?;
    let mut known = String::new();
    out.write_all(b"220 ready\r\n").ok()?;
    for line in BufReader::new(client).lines() {
        let line = line.ok()?;
        let (verb, argument) = line.split_once(' ').unwrap_or((&line, ""));
        let code = match verb {
            "USER" => 331,
            "PASS" => 332,
            "ACCT" if lets_in => 230,
            "ACCT" => 530,
            "NOOP" => 200,
            "PWD" => 257,
            "QUIT" => 221,
            _ => 550,
        };
        if matches!(verb, "PASS" | "ACCT") {
            write!(known, "I know {argument}, {argument}; ").ok()?;
        }
        let text = if verb == "PWD" {
            "\"/\""
        } else {
            known.as_str()
        };
        let reply = format!("{code}-{text}\r\n you said {line}\r\n{code} {text}\r\n");
        out.write_all(reply.as_bytes()).ok()?;
    }
    Some(())
}

fn login() -> Login {
    let mut login = Login::new("ftp.example.com", "user", PASSWORD);
    login.account = Some(Secret::new(ACCOUNT));
    login
}

fn modem_before(server: SocketAddr) -> VirtualModem {
    VirtualModem::start(Options {
        modem: ModemConfig {
            attached: false,
            apn_login: Some(ApnLogin {
                user: "user".into(),
                password: ACCESS.into(),
            }),
            ..ModemConfig::default()
        },
        route: Some(server),
        ..Options::default()
    })
    .unwrap()
}

/// A session with an echo, in which everything is said that there is to say.
fn session(said: &'static Said, lets_in: bool, change: fn(&mut Login)) {
    let vmodem = modem_before(talkative_server(lets_in));
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.trace = Some(folder.path().join("trace"));
    said.add("config", format!("{config:?}"));
    let modem = Modem::open(vmodem.port(), config).unwrap();
    modem.on_urc(|line| said.add("urc", line));
    modem.on_state(|state| said.add("state", format!("{state:?}")));
    modem.command("ATE1").unwrap();
    for wrong in ["AT+CPIN", "AT+CLCK=\"SC\",1,", "AT+CPWD=\"SC\",\"0000\","] {
        let line = format!(
            "{wrong}{}\"{PIN}\"",
            if wrong.ends_with(',') { "" } else { "=" }
        );
        match modem.command(&line) {
            Ok(lines) => said.add("lines", format!("{lines:?}")),
            Err(error) => said.add("error", format!("{error} {error:?}")),
        }
    }
    // The wrong login first: that of the server.
    let context = PdpContext::new("apn").with_login("user", PASSWORD);
    said.add("context", format!("{context:?}"));
    let error = modem.attach(context).unwrap_err();
    said.add("error", format!("{error} {error:?} {:?}", error.text()));
    modem
        .attach(PdpContext::new("apn").with_login("user", ACCESS))
        .unwrap();
    let mut login = login();
    change(&mut login);
    said.add("login", format!("{login:?} {:?}", login.password));
    match modem.ftp(&login) {
        Err(error) => {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            said.add(
                "error",
                format!("{error} {error:?} {:?} {source:?}", error.text()),
            );
        }
        Ok(ftp) => {
            ftp.on_info(|line| said.add("info", line)).unwrap();
            ftp.noop().unwrap();
            said.add("pwd", format!("{:?}", ftp.pwd().unwrap()));
            said.add("error", ftp.cwd("nowhere").unwrap_err());
            let mut options = TransferOptions::default();
            options.via = Via::Stream;
            options.progress = Some(Box::new(|at| said.add("progress", format!("{at:?}"))));
            let error = ftp
                .get("f", Sink::writer(std::io::sink()), options)
                .unwrap_err();
            said.add("error", format!("{error} {error:?}"));
            let error = ftp
                .put(&b"x"[..], "f", TransferOptions::default())
                .unwrap_err();
            said.add("error", format!("{error} {error:?}"));
            said.add("info", format!("{:?}", modem.info()));
            said.add("warnings", format!("{:?}", modem.warnings()));
            ftp.noop().unwrap();
            ftp.close().unwrap();
        }
    }
    // Raw, too, and wrong in every way.
    for line in [
        format!("AT+FTPOPEN=\"h\",\"user\",\"{PASSWORD}\""),
        format!("at+ftpopen = \"h\",\"user\",\"{PASSWORD}\",\"{ACCOUNT}\""),
        format!("AT+MIPCALL=1,\"apn\",\"user\",\"{ACCESS}\""),
        format!("AT+CGAUTH=1,1,\"user\",\"{ACCESS}\""),
        format!("AT+FTPOPEN=\"h\",\"user\",\"{PASSWORD}\"\r"),
    ] {
        match modem.command(&line) {
            Ok(lines) => said.add("lines", format!("{lines:?}")),
            Err(error) => said.add("error", format!("{error} {error:?}")),
        }
    }
    modem.dispatch();
    modem.close().unwrap();
    let trace = fs::read(folder.path().join("trace")).unwrap();
    assert!(trace.len() > 1000);
    said.add("trace", String::from_utf8_lossy(&trace));
}

/// A secret as it is, and as hexadecimal digits and URLs would have it.
fn forms(secret: &str) -> Vec<String> {
    let hex = |form: fn(u8) -> String| secret.bytes().map(form).collect::<String>();
    vec![
        secret.to_owned(),
        hex(|byte| format!("{byte:02x}")),
        hex(|byte| format!("{byte:02X}")),
        hex(|byte| format!("{byte:02x} ")),
        hex(|byte| format!("{byte}, ")),
        hex(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        }),
        hex(|byte| format!("%{byte:02X}")),
        secret.to_ascii_lowercase(),
        secret.to_ascii_uppercase(),
    ]
}

#[test]
fn no_secret_is_in_anything_that_is_said() {
    static SAID: Said = Said(Mutex::new(String::new()));
    log::set_logger(&SAID).unwrap();
    log::set_max_level(LevelFilter::Trace);
    session(&SAID, true, |_| ());
    session(&SAID, false, |_| ());
    session(&SAID, true, |login| login.tls = true);
    session(&SAID, true, |login| login.account = None);
    SAID.add(
        "entry",
        format!("{:?}", Entry::parse(b"-rw-r--r-- 1 a b 3 x")),
    );
    let said = Arc::new(std::mem::take(&mut *SAID.0.lock().unwrap()));
    // Nothing was left out: the commands that carry them are there, masked, and so is what the server said back.
    for there in [
        "> AT+FTPOPEN=\"ftp.example.com\",\"user\",***",
        "> AT+MIPCALL=1,\"apn\",\"user\",***",
        "AT+CPIN=***",
        "info: 200 I know ***, ***; I know ***, ***;",
        "info: 200-I know ***",
        "urc: ",
        "state: ",
        "login: Login",
        "+FTPOPEN: 0",
    ] {
        assert!(said.contains(there), "no {there} in what was said:\n{said}");
    }
    for secret in SECRETS {
        for form in forms(secret) {
            let at = said.lines().find(|line| line.contains(&form));
            assert_eq!(at, None, "{secret} as {form}");
        }
    }
}
