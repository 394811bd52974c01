//! No secret is in anything that the program writes: neither in what it says, however much it is asked to say, nor in
//! its files.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use common::{Done, Rig, Running};
use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{ApnLogin, ModemConfig, Options};

const PASSWORD: &str = "Hasenpfeffer&7";
const ACCOUNT: &str = "Kontokorrent+9";
const ACCESS: &str = "Zugangswort=5";
const SECRETS: [&str; 3] = [PASSWORD, ACCOUNT, ACCESS];

fn rig() -> Rig {
    let mut rig = Rig::with(Options {
        modem: ModemConfig {
            attached: false,
            apn_login: Some(ApnLogin {
                user: "user".into(),
                password: ACCESS.into(),
            }),
            ..ModemConfig::default()
        },
        ..Options::default()
    });
    rig.server = FtpServer::start(ServerOptions {
        password: PASSWORD.into(),
        account: Some(ACCOUNT.into()),
        ..ServerOptions::default()
    })
    .unwrap();
    rig
}

/// A secret as it is, in hexadecimal digits, and as URLs have it.
fn forms(secret: &str) -> Vec<String> {
    let each = |form: fn(u8) -> String| secret.bytes().map(form).collect::<String>();
    vec![
        secret.to_owned(),
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("{byte:02X}")),
        each(|byte| format!("%{byte:02X}")),
        escaped(secret),
    ]
}

fn escaped(secret: &str) -> String {
    let form = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    secret.bytes().map(form).collect()
}

#[track_caller]
fn has_no_secret(text: &str) {
    for secret in SECRETS {
        for form in forms(secret) {
            assert!(!text.contains(&form), "{secret} is in: {text}");
        }
    }
}

#[test]
fn no_secret_is_in_what_the_program_writes() {
    let rig = rig();
    let local = rig.write("x", b"content");
    let address = rig.server.address();
    let netrc = rig.local("netrc");
    let entry = format!(
        "machine {} login nlftp password {PASSWORD} account {ACCOUNT}\n",
        address.ip()
    );
    let url = |password: &str, path: &str| format!("ftp://nlftp:{password}@{address}/{path}");
    let (right, wrong) = (escaped(PASSWORD), escaped(ACCOUNT));
    let bare = |path: &str| format!("ftp://nlftp@{address}/{path}");
    let tls = format!("ftps://nlftp:{right}@{address}/");
    let runs: Vec<Vec<String>> = [
        &["put", &local, &url(&right, "x"), "--account", ACCOUNT][..],
        &["put", &local, &bare("x"), "--via", "block"],
        &["put", &local, &bare("x"), "--verify", "readback"],
        &["get", &bare("x"), "-"],
        &["get", &bare("x"), "y", "--resume"],
        &["get", &bare("no"), "z"],
        &["put", "/nowhere/x", &url(&right, "")],
        &["ls", &url(&right, ""), "--account", ACCOUNT],
        &["stat", &bare("")],
        &["pwd", &bare("")],
        &["mkdir", &bare("d")],
        &["mv", &bare("d"), "e"],
        &["rmdir", &bare("e")],
        &["rm", &bare("x")],
        &["rm", &bare("x")],
        // Each of them wrong.
        &["ls", &url(&wrong, ""), "--account", ACCOUNT],
        &["ls", &url(&right, ""), "--account", PASSWORD],
        &["ls", &tls, "--account", ACCOUNT],
        &["ls", &bare(""), "--apn-password", PASSWORD],
        // Lines that make no sense, with secrets in the wrong places.
        &["ls", &format!("nlftp:{right}@{address}/")],
        &["ls", &format!("ftp://nlftp:{right}/x@{address}/")],
        &["ls", &format!("ftp://nlftp:{right}%@{address}/")],
        &["ls", &url(&right, ""), &url(&right, "")],
        &["ls", &url(&right, "a%0a")],
        &["frobnicate", &url(&right, "")],
        &["put", &url(&right, "")],
        &["at", &format!("AT+FTPOPEN=\"h\",\"nlftp\",\"{PASSWORD}\"")],
        &[
            "at",
            &format!("AT+FTPOPEN=\"h\",\"nlftp\",\"{PASSWORD}\"\r"),
        ],
        &["at", &format!("AT+CGAUTH=1,1,\"user\",\"{ACCESS}\"")],
        &["info"],
    ]
    .into_iter()
    .map(|run| run.iter().map(ToString::to_string).collect())
    .collect();
    fs::write(&netrc, &entry).unwrap();
    fs::set_permissions(&netrc, fs::Permissions::from_mode(0o644)).unwrap();
    let mut succeeded = 0;
    for run in &runs {
        for more in [&[][..], &["-v"], &["--json"], &["-v", "--json", "--quiet"]] {
            let mut arguments: Vec<&str> = run.iter().map(String::as_str).collect();
            arguments.extend(["--apn", "apn", "--apn-user", "user", "--trace", "trace"]);
            arguments.extend(more);
            let mut command = rig.command(&arguments);
            command.env("NETRC", &netrc).env("RUST_BACKTRACE", "full");
            if !run.contains(&"--apn-password".to_owned()) {
                command.env("NLFTP_APN_PASSWORD", ACCESS);
            }
            let done: Done = Running::new(&mut command).end();
            succeeded += usize::from(done.status == 0);
            has_no_secret(&done.out_text());
            has_no_secret(&done.err);
            for name in rig.local_names().iter().filter(|name| *name != "netrc") {
                has_no_secret(&String::from_utf8_lossy(
                    &fs::read(rig.local(name)).unwrap(),
                ));
            }
        }
    }
    assert!(succeeded >= 10 * 4, "{succeeded} runs went well");
    let trace = fs::read_to_string(rig.local("trace")).unwrap();
    assert!(trace.contains("AT"), "{trace}");
}

#[test]
fn a_password_in_the_environment_is_in_nothing_either() {
    let rig = rig();
    let url = format!("ftp://nlftp@{}/", rig.server.address());
    for password in [PASSWORD, ACCOUNT] {
        let arguments = ["ls", &url, "-v", "--account", ACCOUNT, "--trace", "trace"];
        let mut command = rig.command(&arguments);
        command
            .args([
                "--apn",
                "apn",
                "--apn-user",
                "user",
                "--apn-password",
                ACCESS,
            ])
            .env("NLFTP_PASSWORD", password);
        let done = Running::new(&mut command).end();
        assert_eq!(done.status == 0, password == PASSWORD, "{done:?}");
        has_no_secret(&done.out_text());
        has_no_secret(&done.err);
        let trace = fs::read_to_string(rig.local("trace")).unwrap();
        assert!(
            trace.contains("AT+FTPOPEN=") && trace.contains("***"),
            "{trace}"
        );
        has_no_secret(&trace);
    }
}
