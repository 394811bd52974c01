//! A modem that answers as it likes, and as much as it likes: a thread on a pseudo-terminal that needs next to no memory.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

pub struct Flooder {
    path: PathBuf,
    /// Held open, so that the modem does not see its host come and go.
    _host: File,
}

/// The modem's end of the line.
pub struct Line(File);

impl Line {
    pub fn say(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        // The host may have gone.
        let _ = self.0.write_all(bytes);
    }

    /// Takes `count` bytes of the host as data.
    pub fn swallow(&mut self, count: usize) -> usize {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes).map_or(0, |()| count)
    }

    /// The same bytes over and over, `total` in all.
    pub fn flood(&mut self, pattern: &[u8], total: usize) {
        let many = pattern.repeat(32 * 1024 / pattern.len() + 1);
        let mut left = total;
        while left > 0 {
            let piece = &many[..many.len().min(left)];
            if self.0.write_all(piece).is_err() {
                return;
            }
            left -= piece.len();
        }
    }
}

impl Flooder {
    /// Command lines that `answer` does not answer (it says so by false) are answered as by a module with nothing to do.
    pub fn start(answer: impl FnMut(&str, &mut Line) -> bool + Send + 'static) -> Flooder {
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let path = PathBuf::from(ptsname(&master, Vec::new()).unwrap().to_str().unwrap());
        let host = File::options().read(true).write(true).open(&path).unwrap();
        let mut termios = tcgetattr(&host).unwrap();
        termios.make_raw();
        tcsetattr(&host, OptionalActions::Now, &termios).unwrap();
        let line = Line(File::from(master));
        std::thread::spawn(move || serve(line, answer));
        Flooder { path, _host: host }
    }

    pub fn path(&self) -> &std::path::Path {
        &self.path
    }
}

fn serve(mut line: Line, mut answer: impl FnMut(&str, &mut Line) -> bool) -> io::Result<()> {
    let (mut command, mut byte) = (String::new(), [0]);
    loop {
        line.0.read_exact(&mut byte)?;
        match byte[0] {
            b'\r' => {
                if !command.is_empty() && !answer(&command, &mut line) {
                    usual(&command, &mut line);
                }
                command.clear();
            }
            byte => command.push(char::from(byte)),
        }
    }
}

fn usual(command: &str, line: &mut Line) {
    let body = command.strip_prefix("AT+").unwrap_or_default();
    let end = body.find(['=', '?']).unwrap_or(body.len());
    let (name, tail) = body.split_at(end);
    match (name, tail) {
        ("", _) => {}
        (_, "?") => line.say(&format!("\r\n+{name}: 0\r\n")),
        ("FTPOPEN" | "FTPCLOSE" | "FTPCWD" | "FTPNOOP" | "FTPDEL" | "FTPREN", _) => {
            line.say(&format!("\r\nOK\r\n\r\n+{name}: 1\r\n"));
            return;
        }
        _ => {}
    }
    line.say("\r\nOK\r\n");
}
