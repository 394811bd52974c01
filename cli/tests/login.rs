//! Where user and password come from, and where they never go.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use common::{Done, Rig, Running};
use nlftp_vmodem::server::{FtpServer, ServerOptions};

fn with(rig: &Rig, args: &[&str], environment: &[(&str, &str)]) -> Done {
    Running::new(rig.command(args).envs(environment.iter().copied())).finish()
}

fn netrc(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_password_comes_from_the_environment() {
    let rig = Rig::new();
    let url = format!("ftp://nlftp@{}/", rig.server.address());
    with(&rig, &["ls", &url], &[("NLFTP_PASSWORD", "nlftp")]).succeeded();
    with(&rig, &["ls", &url], &[("NLFTP_PASSWORD", "wrong")]).failed(7);
    // The URL's own counts more.
    with(&rig, &["ls", &rig.url("")], &[("NLFTP_PASSWORD", "wrong")]).succeeded();
}

#[test]
fn user_and_password_come_from_the_netrc() {
    let rig = Rig::new();
    let home = rig.local(".netrc");
    netrc(
        &home,
        "machine 127.0.0.1 login nlftp password nlftp\n",
        0o600,
    );
    let done = rig.run(&["ls", &rig.bare_url("")]);
    done.succeeded();
    assert!(done.err.is_empty(), "{done:?}");
    // Another file by the environment, which counts more; others may read it.
    let other = rig.local("other");
    netrc(
        &other,
        "machine 127.0.0.1 login nlftp password wrong\n",
        0o644,
    );
    let other = other.to_str().unwrap();
    let done = with(&rig, &["ls", &rig.bare_url("")], &[("NETRC", other)]);
    assert_eq!(done.status, 7);
    assert!(
        done.err
            .lines()
            .any(|line| line.starts_with("nlftp: warning: ")),
        "{done:?}"
    );
    // The environment's password for the file's user.
    let both = [("NETRC", other), ("NLFTP_PASSWORD", "nlftp")];
    with(&rig, &["ls", &rig.bare_url("")], &both).succeeded();
}

#[test]
fn a_netrc_that_cannot_be_understood_shows_no_word_of_it() {
    let rig = Rig::new();
    netrc(
        &rig.local(".netrc"),
        "machine h login u\nsecretword\n",
        0o600,
    );
    let done = rig.run(&["ls", &rig.bare_url("")]);
    let sentence = done.failed(2);
    assert!(
        sentence.contains("line 2") && !sentence.contains("secretword"),
        "{sentence}"
    );
    // Nobody needs it here.
    rig.run(&["ls", &rig.url("")]).succeeded();
}

#[test]
fn an_anonymous_login_gets_no_secret() {
    let rig = Rig::new();
    with(
        &rig,
        &["ls", &rig.bare_url("")],
        &[("NLFTP_PASSWORD", "hidden")],
    )
    .failed(7);
    let commands = rig.server.commands();
    assert!(
        commands.iter().any(|line| line.contains("USER anonymous")),
        "{commands:?}"
    );
    let trace = rig.local("trace");
    let arguments = ["ls", &rig.bare_url(""), "--trace", trace.to_str().unwrap()];
    with(&rig, &arguments, &[("NLFTP_PASSWORD", "hidden")]).failed(7);
    assert!(!fs::read_to_string(trace).unwrap().contains("hidden"));
}

#[test]
fn a_wrong_password_is_not_repeated() {
    let rig = Rig::new();
    let url = format!("ftp://nlftp:mistyped@{}/x", rig.server.address());
    let local = rig.write("x", b"");
    for arguments in [
        &["ls", &url][..],
        &["ls", &url, "-v"],
        &["get", &url, "-", "--json"],
        &["put", &local, &url],
        &["rm", &url],
    ] {
        let done = rig.run(arguments);
        assert_eq!(done.status, 7, "{done:?}");
        assert!(
            !done.err.contains("mistyped") && !done.out_text().contains("mistyped"),
            "{done:?}"
        );
    }
    rig.still_works();
}

#[test]
fn a_server_that_wants_an_account_gets_it() {
    let mut rig = Rig::new();
    rig.server = FtpServer::start(ServerOptions {
        account: Some("konto".into()),
        ..ServerOptions::default()
    })
    .unwrap();
    rig.run(&["ls", &rig.url("")]).failed(7);
    rig.run(&["ls", &rig.url(""), "--account", "konto"])
        .succeeded();
}
