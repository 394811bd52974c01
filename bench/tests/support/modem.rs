//! The stand-in for a modem, in a process of its own.
// Each test program uses its own part of this.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_nlftp-bench");

pub struct Modem {
    child: Child,
    pub port: PathBuf,
}

impl Modem {
    pub fn start(size: u64) -> Modem {
        let mut child = Command::new(PROGRAM)
            .args(["modem", &size.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        Modem {
            child,
            port: PathBuf::from(line.trim_end()),
        }
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Modem {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
