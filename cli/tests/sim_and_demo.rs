//! `nlftp sim` as a modem to develop against, and `nlftp demo` in both its forms.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use common::{Rig, Running, names, program, run};
use serde_json::Value;

struct Sim {
    running: Running,
    said: Value,
}

impl Sim {
    fn start(args: &[&str]) -> Sim {
        let mut command = program(&["sim", "--json"]);
        let mut running = Running::with_stdout(command.args(args).stdout(Stdio::piped()));
        let mut line = String::new();
        BufReader::new(running.take_stdout())
            .read_line(&mut line)
            .unwrap();
        Sim {
            said: serde_json::from_str(&line).unwrap(),
            running,
        }
    }

    fn get(&self, key: &str) -> &str {
        self.said[key].as_str().unwrap()
    }

    fn stop(self, signal: &str) {
        self.running.signal(signal);
        self.running.end().succeeded();
    }
}

#[test]
fn a_simulated_modem_serves_one_client_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("modem");
    let root = folder.path().join("root");
    fs::create_dir(&root).unwrap();
    let (link_text, root_text) = (link.to_str().unwrap(), root.to_str().unwrap());
    let sim = Sim::start(&[
        "--link",
        link_text,
        "--root",
        root_text,
        "--user",
        "me",
        "--password",
        "pass word",
    ]);
    assert_eq!(sim.get("link"), link_text);
    assert_eq!(sim.get("root"), root_text);
    assert_eq!(sim.get("user"), "me");
    assert_eq!(sim.get("password"), "pass word");
    assert!(
        sim.get("url")
            .ends_with(&format!("@{}/", sim.get("server")))
    );
    fs::write(root.join("x"), b"content").unwrap();
    let url = format!("{}x", sim.get("url"));
    for port in [link_text, sim.get("port"), link_text] {
        let done = run(&["-p", port, "get", &url, "-"]);
        done.succeeded();
        assert_eq!(done.out, b"content");
    }
    sim.stop("TERM");
    assert!(fs::symlink_metadata(&link).is_err(), "the link is gone");
    assert!(root.join("x").exists(), "a folder that was given stays");
}

#[test]
fn the_servers_of_the_field_are_stood_in_for_and_those_of_this_machine_are_not() {
    let sim = Sim::start(&[]);
    for host in ["ftp.example.com", "111.231.250.105"] {
        let url = format!("ftp://nlftp:nlftp@{host}/");
        run(&["-p", sim.get("port"), "ls", &url]).succeeded();
    }
    let other = Rig::new();
    let url = other.url("here.txt");
    let local = other.write("here.txt", b"on another server");
    run(&["-p", sim.get("port"), "put", &local, &url]).succeeded();
    assert!(other.remote("here.txt").exists());
    sim.stop("INT");
}

#[test]
fn a_simulated_modem_takes_any_server() {
    let rig = Rig::new();
    fs::write(rig.remote("x"), b"content").unwrap();
    let sim = Sim::start(&["--server", &rig.server.address().to_string(), "--detached"]);
    assert!(sim.said["root"].is_null() && sim.said["user"].is_null());
    let port = sim.get("port").to_owned();
    // Whatever host the client names.
    let url = "ftp://nlftp:nlftp@ftp.example.com/x";
    let done = run(&["-p", &port, "--apn", "CTNET", "get", url, "-"]);
    done.succeeded();
    assert_eq!(done.out, b"content");
    sim.stop("INT");
}

#[test]
fn sim_prints_an_example_that_works() {
    let mut command = program(&[
        "sim",
        "--baud",
        "921600",
        "--turnaround",
        "1",
        "--dtr",
        "absent",
    ]);
    let mut running = Running::with_stdout(command.stdout(Stdio::piped()));
    let lines: Vec<String> = BufReader::new(running.take_stdout())
        .lines()
        .map(Result::unwrap)
        .take_while(|line| !line.contains("Ctrl-C"))
        .collect();
    let example = lines
        .iter()
        .find_map(|line| line.trim_start().strip_prefix("nlftp "))
        .unwrap();
    let arguments: Vec<&str> = example.split_whitespace().collect();
    run(&arguments).succeeded();
    running.signal("INT");
    running.end().succeeded();
}

#[test]
fn what_sim_cannot_do_it_says() {
    run(&["sim", "--root", "/no/such/folder"]).failed(10);
    run(&["sim", "--link", "/no/such/folder/link"]).failed(3);
}

#[test]
fn the_demo_moves_all_its_files() {
    let done = run(&["demo", "--size", "100000", "--seed", "1"]);
    done.succeeded();
    let text = done.out_text();
    assert_eq!(
        text.lines().last(),
        Some("16 of 16 transfers arrived byte for byte"),
        "{text}"
    );
    assert!(text.contains("--seed 1\n"), "{text}");
    assert!(text.contains("FTPSTOR for FTPPUT"), "{text}");
    assert!(!text.contains('\x1b'), "no colours in a pipe");
}

#[test]
fn the_demo_as_json() {
    let done = run(&["demo", "--size", "5000", "--seed", "1", "--json"]);
    done.succeeded();
    let value = done.json();
    assert_eq!(value["ok"], true);
    assert_eq!(value["seed"], 1);
    assert_eq!(value["total"], 16);
    let transfers = value["transfers"].as_array().unwrap();
    for command in ["FTPSTOR", "FTPPUT", "FTPRETR", "FTPGET"] {
        let rows = transfers
            .iter()
            .filter(|row| row["asked"] == command)
            .count();
        assert_eq!(rows, 4, "{command}");
    }
    for row in transfers {
        assert_eq!(row["identical"], true, "{row}");
        assert_eq!(row["sha256"].as_str().unwrap().len(), 64);
    }
}

#[test]
fn the_demo_through_a_given_port_cleans_up() {
    let rig = Rig::new();
    fs::create_dir(rig.remote("folder")).unwrap();
    for path in ["", "folder", "folder/"] {
        let value = rig.json(&["demo", &rig.url(path), "--size", "10000"]);
        assert_eq!(value["ok"], true);
        assert_eq!(value["total"], 16);
    }
    assert_eq!(names(rig.server.root()), ["folder"]);
    assert!(names(&rig.remote("folder")).is_empty());
    assert!(rig.local_names().is_empty());
}

#[test]
fn an_interrupted_demo_cleans_up_too() {
    let rig = Rig::slow();
    let mut running = rig.start(&["demo", &rig.url("")]);
    let root = rig.server.root().to_owned();
    running.until("the first upload", || !names(&root).is_empty());
    running.signal("INT");
    let done = running.end();
    assert_eq!(done.status, 130, "{done:?}");
    assert!(names(&root).is_empty(), "{:?}", names(&root));
    rig.still_works();
}
