//! One client: who it is, where it is, and which command does what.

use std::io;
use std::net::{IpAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;

use super::Shared;
use super::control::{Control, Line};
use super::data::{self, BadExtended, DataSetup};
use super::list::Facts;
use super::options::Farewell;
use super::path::RemotePath;
use super::tls::{Protection, TlsStart};

/// How far the login got.
#[derive(Default)]
enum Login {
    #[default]
    Out,
    /// USER was given; whether the name is right is not told before PASS.
    User(String),
    /// The password was right; ACCT has to follow.
    Account,
    In,
}

/// Whether the connection goes on after a command.
pub(super) enum Flow {
    Continue,
    Close,
}

pub(super) struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) control: Control,
    pub(super) peer: IpAddr,
    pub(super) local: IpAddr,
    pub(super) state: State,
    /// `None` without TLS.
    pub(super) protection: Option<Protection>,
}

/// What REIN sets back.
#[derive(Default)]
pub(super) struct State {
    login: Login,
    pub(super) folder: RemotePath,
    /// TYPE A is what RFC 959 has a connection start with; `binary` is TYPE I.
    pub(super) binary: bool,
    /// From REST, for the next transfer.
    pub(super) offset: u64,
    pub(super) rename_from: Option<PathBuf>,
    pub(super) data: DataSetup,
    /// After `EPSV ALL`: only EPSV may set up data connections.
    extended_only: bool,
    pub(super) facts: Facts,
}

/// Commands of RFC 959 and of its extensions that this server knows but does not have.
const NOT_IMPLEMENTED: [&str; 6] = ["SMNT", "SITE", "ADAT", "CCC", "MIC", "LANG"];

const HELP: [&str; 5] = [
    "The following commands are recognized:",
    " ABOR ACCT ALLO APPE AUTH CDUP CWD DELE EPRT EPSV FEAT HELP LIST MDTM MKD MLSD MLST",
    " MODE NLST NOOP OPTS PASS PASV PBSZ PORT PROT PWD QUIT REIN REST RETR RMD RNFR RNTO",
    " SIZE STAT STOR STOU STRU SYST TYPE USER XCUP XCWD XMKD XPWD XRMD",
    " Names are bytes; UTF-8 is what others expect.",
];

/// Serves the client of `stream` until it leaves.
pub(super) fn serve(shared: Arc<Shared>, stream: TcpStream) -> io::Result<Control> {
    let peer = stream.peer_addr()?.ip().to_canonical();
    let local = stream.local_addr()?.ip().to_canonical();
    let control = Control::new(stream)?;
    let protection = shared.tls.as_ref().map(Protection::new);
    let mut session = Session {
        shared,
        control,
        peer,
        local,
        state: State::default(),
        protection,
    };
    session.run()?;
    Ok(session.control)
}

impl Session {
    fn run(&mut self) -> io::Result<()> {
        let options = &self.shared.options;
        if matches!(&options.tls, Some(tls) if tls.start == TlsStart::Implicit) {
            self.secure_control()?;
        }
        self.greet()?;
        let mut answered = 0;
        loop {
            let line = match self.control.next_line(self.shared.options.idle_limit) {
                Ok(Some(line)) => line,
                Ok(None) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    return self
                        .control
                        .reply(421, "Idle for too long, closing the connection.");
                }
                Err(error) => return Err(error),
            };
            let flow = match line {
                Line::TooLong => {
                    self.shared.commands.push(String::from("(line too long)"));
                    self.say(500, "Command line too long.")?
                }
                Line::Command(line) => self.execute(&line)?,
            };
            if let Flow::Close = flow {
                return Ok(());
            }
            answered += 1;
            if self.shared.options.farewell == Some(Farewell::After(answered)) {
                return self.say_farewell();
            }
        }
    }

    pub(super) fn say_farewell(&mut self) -> io::Result<()> {
        self.control
            .reply(421, "Service not available, closing the connection.")
    }

    fn greet(&mut self) -> io::Result<()> {
        let mut lines: Vec<Vec<u8>> = self
            .shared
            .options
            .greeting
            .iter()
            .map(|line| line.clone().into_bytes())
            .collect();
        let last = lines.pop().unwrap_or_default();
        self.control.reply_lines(220, &lines, last)
    }

    /// Sends a reply of one line and goes on.
    pub(super) fn say(&mut self, code: u16, text: impl AsRef<[u8]>) -> io::Result<Flow> {
        self.control.reply(code, text)?;
        Ok(Flow::Continue)
    }

    fn execute(&mut self, line: &[u8]) -> io::Result<Flow> {
        // One space separates; further ones belong to the name that follows.
        let mut parts = line.splitn(2, |&byte| byte == b' ');
        let verb = parts.next().unwrap_or_default();
        let argument = parts.next().unwrap_or_default();
        let verb = String::from_utf8_lossy(verb).to_ascii_uppercase();
        self.shared.commands.record(&verb, argument);
        // RNFR counts for the very next command only.
        let rename_from = self.state.rename_from.take();
        let options = &self.shared.options;
        if matches!(&options.farewell, Some(Farewell::InPlaceOf(last)) if *last == verb) {
            self.say_farewell()?;
            return Ok(Flow::Close);
        }
        if let Some(&code) = options.refused.get(&verb) {
            return self.say(code, "Refused.");
        }
        if let Some((code, text)) = self.refusal_in_clear(&verb) {
            return self.say(code, text);
        }
        if let Some(flow) = self.without_login(&verb, argument)? {
            return Ok(flow);
        }
        if !matches!(self.state.login, Login::In) {
            return match NOT_IMPLEMENTED.contains(&verb.as_str()) {
                true => self.say(502, "Command not implemented."),
                false => self.say(530, "Please log in with USER and PASS."),
            };
        }
        match verb.as_str() {
            "CWD" | "XCWD" => self.cwd(argument),
            "CDUP" | "XCUP" => self.cwd(b".."),
            "PWD" | "XPWD" => self.pwd(),
            "MKD" | "XMKD" => self.mkd(argument),
            "RMD" | "XRMD" => self.rmd(argument),
            "DELE" => self.dele(argument),
            "RNFR" => self.rnfr(argument),
            "RNTO" => self.rnto(rename_from, argument),
            "SIZE" => self.size(argument),
            "MDTM" => self.mdtm(argument),
            "STAT" => self.stat(argument),
            "MLST" => self.mlst(argument),
            "LIST" => self.list(argument),
            "NLST" => self.nlst(argument),
            "MLSD" => self.mlsd(argument),
            "RETR" => self.retr(argument),
            "STOR" => self.stor(argument),
            "APPE" => self.appe(argument),
            "STOU" => self.stou(argument),
            "REST" => self.rest(argument),
            "ALLO" => self.say(202, "No storage allocation necessary."),
            "TYPE" => self.set_type(argument),
            "MODE" => self.only(argument, "S", "Mode"),
            "STRU" => self.only(argument, "F", "Structure"),
            "PASV" => self.pasv(),
            "EPSV" => self.epsv(argument),
            "PORT" => self.port(argument),
            "EPRT" => self.eprt(argument),
            known if NOT_IMPLEMENTED.contains(&known) => self.say(502, "Command not implemented."),
            _ => self.say(500, "Unknown command."),
        }
    }

    /// Commands that need no login; `None` when `verb` is not one of them.
    fn without_login(&mut self, verb: &str, argument: &[u8]) -> io::Result<Option<Flow>> {
        let flow = match verb {
            "USER" => self.user(argument),
            "PASS" => self.pass(argument),
            "AUTH" => self.auth(argument),
            "PBSZ" => self.pbsz(argument),
            "PROT" => self.prot(argument),
            "ACCT" => self.acct(argument),
            "REIN" => {
                self.state = State::default();
                self.say(220, "Ready for a new user.")
            }
            "QUIT" => {
                self.control.reply(221, "Goodbye.")?;
                Ok(Flow::Close)
            }
            "NOOP" => self.say(200, "Nothing done."),
            "SYST" => self.say(215, "UNIX Type: L8"),
            "FEAT" => self.feat(),
            "OPTS" => self.opts(argument),
            "HELP" => {
                let lines = HELP.map(|line| line.as_bytes().to_vec());
                self.control.reply_lines(214, &lines, "Help ends.")?;
                Ok(Flow::Continue)
            }
            // A transfer that it meets has ended by now: see `Control::wait_beside`.
            "ABOR" => {
                self.state.data = DataSetup::None;
                self.say(226, "Abort successful.")
            }
            _ => return Ok(None),
        };
        flow.map(Some)
    }

    fn user(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let name = String::from_utf8_lossy(argument).into_owned();
        self.state = State {
            login: Login::User(name),
            ..State::default()
        };
        self.say(331, "Please give the password.")
    }

    fn pass(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let Login::User(name) = std::mem::take(&mut self.state.login) else {
            return self.say(503, "Log in with USER first.");
        };
        let options = &self.shared.options;
        if name != options.user || argument != options.password.as_bytes() {
            return self.say(530, "Login incorrect.");
        }
        if options.account.is_some() {
            self.state.login = Login::Account;
            return self.say(332, "Please give the account.");
        }
        self.enter()
    }

    fn enter(&mut self) -> io::Result<Flow> {
        self.state.login = Login::In;
        let home = self.shared.options.home.as_bytes();
        self.state.folder = self.state.folder.join(home).unwrap_or_default();
        self.say(230, "Logged in.")
    }

    fn acct(&mut self, argument: &[u8]) -> io::Result<Flow> {
        match self.state.login {
            Login::In => self.say(202, "No account needed."),
            Login::Out | Login::User(_) => self.say(503, "Log in with USER and PASS first."),
            Login::Account => {
                let account = self.shared.options.account.as_deref().unwrap_or_default();
                if argument != account.as_bytes() {
                    self.state.login = Login::Out;
                    return self.say(530, "Login incorrect.");
                }
                self.enter()
            }
        }
    }

    fn feat(&mut self) -> io::Result<Flow> {
        let mlst = format!(" MLST {}", self.state.facts.feature());
        let tls = match self.protection {
            Some(_) => &[" AUTH TLS", " PBSZ", " PROT"][..],
            None => &[],
        };
        let lines = [
            "Features:",
            " EPRT",
            " EPSV",
            " MDTM",
            &mlst,
            " REST STREAM",
            " SIZE",
            " TVFS",
            " UTF8",
        ];
        let lines = lines.iter().chain(tls);
        let lines: Vec<_> = lines.map(|line| line.as_bytes().to_vec()).collect();
        self.control.reply_lines(211, &lines, "End")?;
        Ok(Flow::Continue)
    }

    fn opts(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let text = String::from_utf8_lossy(argument).trim().to_owned();
        let (what, value) = text.split_once(' ').unwrap_or((&text, ""));
        match what.to_ascii_uppercase().as_str() {
            // Names pass through as they are, whichever way this is set.
            "UTF8" | "UTF-8" => self.say(200, "Names are UTF-8."),
            "MLST" => {
                self.state.facts = Facts::choose(value);
                let chosen = self.state.facts.chosen();
                self.say(200, format!("MLST OPTS {chosen}").trim_end())
            }
            _ => self.say(501, "Unknown option."),
        }
    }

    fn set_type(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let argument = String::from_utf8_lossy(argument)
            .trim()
            .to_ascii_uppercase();
        self.state.binary = match argument.as_str() {
            "A" | "A N" => false,
            "I" | "L 8" | "L8" => true,
            "" => return self.say(501, "TYPE needs an argument."),
            _ => return self.say(504, "TYPE is A, I or L 8."),
        };
        self.say(
            200,
            if self.state.binary {
                "Type is binary."
            } else {
                "Type is ASCII."
            },
        )
    }

    /// MODE and STRU: the one value that every client uses.
    fn only(&mut self, argument: &[u8], value: &str, what: &str) -> io::Result<Flow> {
        match argument.trim_ascii() {
            b"" => self.say(501, format!("{what} missing.")),
            given if given.eq_ignore_ascii_case(value.as_bytes()) => {
                self.say(200, format!("{what} is {value}."))
            }
            _ => self.say(504, format!("{what} is {value} only.")),
        }
    }

    fn rest(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let text = String::from_utf8_lossy(argument);
        // Offsets of files are signed.
        let Some(offset) = text
            .trim()
            .parse()
            .ok()
            .filter(|&offset| offset <= i64::MAX as u64)
        else {
            return self.say(501, "REST needs an offset.");
        };
        if offset > 0 && !self.state.binary {
            return self.say(501, "REST needs TYPE I: offsets in ASCII are ambiguous.");
        }
        self.state.offset = offset;
        self.say(350, format!("Restarting at {offset}."))
    }

    fn pasv(&mut self) -> io::Result<Flow> {
        let IpAddr::V4(local) = self.local else {
            return self.say(425, "PASV needs IPv4, use EPSV.");
        };
        if self.state.extended_only {
            return self.say(501, "EPSV ALL was given.");
        }
        match data::listen(self.local) {
            Ok((listener, port)) => {
                self.state.data = DataSetup::Passive(listener);
                let at = data::format_port(local, port);
                self.say(227, format!("Entering Passive Mode ({at})."))
            }
            Err(error) => self.say(425, format!("Cannot listen: {error}.")),
        }
    }

    fn epsv(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let protocol = if self.local.is_ipv4() { "1" } else { "2" };
        match String::from_utf8_lossy(argument)
            .trim()
            .to_ascii_uppercase()
            .as_str()
        {
            "ALL" => {
                self.state.extended_only = true;
                return self.say(200, "EPSV ALL is set.");
            }
            given if given.is_empty() || given == protocol => {}
            "1" | "2" => {
                return self.say(522, format!("Protocol not supported, use ({protocol})."));
            }
            _ => return self.say(501, "EPSV takes 1, 2 or ALL."),
        }
        match data::listen(self.local) {
            Ok((listener, port)) => {
                self.state.data = DataSetup::Passive(listener);
                self.say(229, format!("Entering Extended Passive Mode (|||{port}|)"))
            }
            Err(error) => self.say(425, format!("Cannot listen: {error}.")),
        }
    }

    fn port(&mut self, argument: &[u8]) -> io::Result<Flow> {
        match data::parse_port(&String::from_utf8_lossy(argument)) {
            Some(to) => self.active(to),
            None => self.say(501, "PORT needs six numbers."),
        }
    }

    fn eprt(&mut self, argument: &[u8]) -> io::Result<Flow> {
        let protocol = if self.local.is_ipv4() { "1" } else { "2" };
        match data::parse_extended(&String::from_utf8_lossy(argument)) {
            Ok(to) if to.is_ipv4() == self.local.is_ipv4() => self.active(to),
            Ok(_) | Err(BadExtended::Protocol) => {
                self.say(522, format!("Protocol not supported, use ({protocol})."))
            }
            Err(BadExtended::Syntax) => self.say(501, "EPRT needs |protocol|address|port|."),
        }
    }

    fn active(&mut self, to: std::net::SocketAddr) -> io::Result<Flow> {
        if self.state.extended_only {
            return self.say(501, "EPSV ALL was given.");
        }
        if !data::is_allowed(to, self.peer) {
            return self.say(504, "Only unprivileged ports of the client's own address.");
        }
        self.state.data = DataSetup::Active(to);
        self.say(200, "Port noted.")
    }
}
