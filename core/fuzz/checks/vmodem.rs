//! The virtual modem between any host, any server and any network: it stays within its bounds, where bytes are cut
//! changes nothing, and behind all that it answers `AT` again.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use nlftp_vmodem::network::{NetEvent, NetRequest, Role, SocketId};
use nlftp_vmodem::{Dialect, Modem, ModemConfig};

use super::input::{Cuts, Input};

/// What hosts type.
const TYPED: [&str; 32] = [
    "AT\r",
    "ATE0\r",
    "ATI\r",
    "AT+CMEE=2;+CSQ\r",
    "AT&D2\r",
    "AT+MIPCALL=1,\"a\"\r",
    "AT+MIPCALL?\r",
    "AT+MIPCALL=0\r",
    "AT+FTPOPEN=\"h\",\"u\",\"p\"\r",
    "AT+FTPOPEN=\"h\",\"u\",\"p\",\"a\",,990,,1\r",
    "AT+FTPOPEN?\r",
    "AT+FTPCLOSE\r",
    "AT+FTPINFO=1\r",
    "AT+FTPCWD=\"d\"\r",
    "AT+FTPPWD\r",
    "AT+FTPDEL=\"f\"\r",
    "AT+FTPREN=\"a\",\"b\"\r",
    "AT+FTPLIST\r",
    "AT+FTPSTAT=\"p\"\r",
    "AT+FTPSYST\r",
    "AT+FTPNOOP\r",
    "AT+FTPSTOR=\"f\",1,0\r",
    "AT+FTPSTOR=\"f\",1,7\r",
    "a\x10\x03b\x10\x10c\x10d",
    "\x03",
    "AT+FTPRETR=\"f\",1,0\r",
    "AT+FTPREST=7\r",
    "AT+FTPGET=\"f\",1,0\r",
    "AT+FTPGET?\r",
    "AT+FTPRECV=9\r",
    "AT+FTPPUT=\"f\",7,1,1\r",
    "AT+FTPMODE=1\r",
];
/// What servers say.
const SAID: [&str; 16] = [
    "220 ready\r\n",
    "220-ready\r\n220 go on\r\n",
    "230 in\r\n",
    "331 password\r\n",
    "332 account\r\n",
    "200 ok\r\n",
    "227 go (127,0,0,1,15,160)\r\n",
    "229 go (|||4000|)\r\n",
    "150 here it comes\r\n",
    "226 done\r\n",
    "350 go on\r\n",
    "257 \"/a\"\"b\" is it\r\n",
    "213-Status\r\n- 5 a\r\n213 End\r\n",
    "421 too many\r\n",
    "550 no\r\n",
    "250 done\r\n",
];
/// What may wait for the host: the backlog of payload, the lines held back meanwhile, and the answer of one command.
const MOST_OUTPUT: usize = (256 + 64 + 64) * 1024;
/// The cache of a download, and the byte that tells it full.
const MOST_ROOM: usize = 512_000 + 1;
/// What may wait for the network.
const MOST_PENDING: usize = (256 + 64) * 1024;

pub fn check(data: &[u8]) {
    let whole = Run::of(data, Cuts::Never, true);
    for cuts in [
        Cuts::EveryByte,
        Cuts::Seeded(data.first().copied().unwrap_or(0)),
    ] {
        let run = Run::of(data, cuts, true);
        assert_eq!(whole.heard.len(), run.heard.len());
        for (step, (one, other)) in whole.heard.iter().zip(&run.heard).enumerate() {
            assert_eq!(one, other, "step {step}, {cuts:?}");
        }
    }
    // A host that reads nothing.
    Run::of(data, Cuts::Never, false);
}

/// What host and network were given by one step.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    host: Vec<u8>,
    requests: Vec<NetRequest>,
    sent: Vec<u8>,
}

struct Run {
    modem: Modem,
    now: Duration,
    reads: bool,
    /// Whether connections come up and their bytes go off at once.
    eager: bool,
    control: Option<SocketId>,
    data: Option<SocketId>,
    heard: Vec<Heard>,
    typed: Vec<u8>,
}

impl Run {
    fn of(data: &[u8], cuts: Cuts, reads: bool) -> Run {
        let mut input = Input::new(data);
        let (settings, dialect) = (input.byte(), usize::from(input.byte()));
        static DIALECTS: OnceLock<Vec<(String, Dialect)>> = OnceLock::new();
        let dialects = DIALECTS.get_or_init(Dialect::all);
        let config = ModemConfig {
            dialect: dialects[dialect % dialects.len()].1.clone(),
            echo: settings & 1 == 0,
            usb: settings & 2 != 0,
            ..ModemConfig::default()
        };
        let mut run = Run {
            modem: Modem::new(config),
            now: Duration::from_secs(1000),
            reads,
            eager: settings & 4 == 0,
            control: None,
            data: None,
            heard: Vec::new(),
            typed: Vec::new(),
        };
        while !input.is_empty() {
            run.heard.push(Heard::default());
            run.step(&mut input, cuts);
            run.settle();
            run.look();
        }
        run.recovers();
        run
    }

    fn step(&mut self, input: &mut Input<'_>, cuts: Cuts) {
        match input.byte() % 12 {
            0..=2 => {
                let text = TYPED[usize::from(input.byte()) % TYPED.len()];
                self.types(text.as_bytes(), cuts);
            }
            3 => {
                let bytes = input.bytes().to_vec();
                self.types(&bytes, cuts);
            }
            4 | 5 => {
                let text = SAID[usize::from(input.byte()) % SAID.len()];
                self.says(text.as_bytes(), cuts);
            }
            6 => {
                let bytes = input.bytes().to_vec();
                self.says(&bytes, cuts);
            }
            7 => {
                let bytes = input.bytes().to_vec();
                self.sends(&bytes, cuts);
            }
            8 => self.network(input.byte()),
            9 => {
                self.now += Duration::from_secs(u64::from(input.byte()));
                self.modem.advance(self.now);
            }
            10 => {
                let count = usize::from(input.byte());
                self.goes_off(count);
            }
            _ => {
                // Much from a host, too much for the modem where nobody reads its answers.
                let bytes = input.bytes().repeat(16);
                self.types(&bytes, cuts);
            }
        }
    }

    // Between the pieces nothing else happens: what a network does in time depends on the time, and may.

    fn types(&mut self, bytes: &[u8], cuts: Cuts) {
        for piece in cuts.pieces(bytes) {
            self.typed.extend_from_slice(piece);
            self.receive();
        }
    }

    fn receive(&mut self) -> bool {
        let used = self.modem.receive(self.now, &self.typed);
        self.typed.drain(..used);
        used > 0
    }

    fn says(&mut self, bytes: &[u8], cuts: Cuts) {
        if let Some(id) = self.control {
            self.arrives(id, bytes, cuts);
        }
    }

    fn sends(&mut self, bytes: &[u8], cuts: Cuts) {
        if let Some(id) = self.data {
            self.arrives(id, bytes, cuts);
        }
    }

    /// What there is no room for has never been sent.
    fn arrives(&mut self, id: SocketId, bytes: &[u8], cuts: Cuts) {
        for piece in cuts.pieces(bytes) {
            let room = self.modem.room(id).min(piece.len());
            if room > 0 {
                let bytes = &piece[..room];
                self.modem
                    .network(self.now, NetEvent::Received { id, bytes });
            }
        }
    }

    fn network(&mut self, choice: u8) {
        let id = if choice & 1 == 0 {
            self.control
        } else {
            self.data
        };
        let Some(id) = id else { return };
        let address = SocketAddr::from(([127, 0, 0, 1], 4000));
        let event = match choice / 2 % 5 {
            0 => NetEvent::Connected { id, peer: address },
            1 => NetEvent::Secured { id },
            2 => NetEvent::Listening { id, address },
            3 => NetEvent::Finished { id },
            _ => NetEvent::Failed { id },
        };
        self.modem.network(self.now, event);
    }

    fn goes_off(&mut self, count: usize) {
        for id in [self.control, self.data].into_iter().flatten() {
            let pending = self.modem.pending(id);
            let count = count.min(pending.len());
            if count > 0 {
                let sent = pending[..count].to_vec();
                if let Some(heard) = self.heard.last_mut() {
                    heard.sent.extend_from_slice(&sent);
                }
                self.modem.sent(self.now, id, count);
            }
        }
    }

    /// Moves what can be moved until nothing does.
    fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 100_000, "never at rest");
            let mut moved = self.receive();
            moved |= self.requests();
            if self.eager {
                self.goes_off(usize::MAX);
            }
            if self.reads
                && let Some(heard) = self.heard.last_mut()
            {
                let before = heard.host.len();
                self.modem.transmit(&mut heard.host, usize::MAX);
                moved |= heard.host.len() > before;
            }
            if !moved {
                return;
            }
        }
    }

    fn requests(&mut self) -> bool {
        let Some(request) = self.modem.poll_network() else {
            return false;
        };
        let address = SocketAddr::from(([127, 0, 0, 1], 4000));
        match &request {
            NetRequest::Connect { id, role, .. } => {
                match role {
                    Role::Control => self.control = Some(*id),
                    Role::Data => self.data = Some(*id),
                }
                if self.eager {
                    let event = NetEvent::Connected {
                        id: *id,
                        peer: address,
                    };
                    self.modem.network(self.now, event);
                }
            }
            NetRequest::Listen { id, .. } => {
                self.data = Some(*id);
                if self.eager {
                    let event = NetEvent::Listening { id: *id, address };
                    self.modem.network(self.now, event);
                }
            }
            NetRequest::Secure { id } if self.eager => {
                self.modem.network(self.now, NetEvent::Secured { id: *id });
            }
            NetRequest::Close { id } => {
                self.control = self.control.filter(|control| control != id);
                self.data = self.data.filter(|data| data != id);
            }
            _ => {}
        }
        if let Some(heard) = self.heard.last_mut() {
            heard.requests.push(request);
        }
        true
    }

    fn look(&self) {
        assert!(self.modem.output().len() <= MOST_OUTPUT);
        for id in [self.control, self.data].into_iter().flatten() {
            assert!(self.modem.pending(id).len() <= MOST_PENDING);
        }
        for id in [self.control, self.data].into_iter().flatten() {
            assert!(self.modem.room(id) <= MOST_ROOM);
        }
    }

    /// With the network gone, the way out of every data phase leads to `OK`.
    fn recovers(&mut self) {
        self.reads = true;
        // What the modem has not taken yet, its host takes back.
        self.typed.clear();
        self.heard.push(Heard::default());
        self.settle();
        for id in [self.data, self.control].into_iter().flatten() {
            self.modem.network(self.now, NetEvent::Failed { id });
            self.settle();
        }
        for _ in 0..100 {
            let Some(at) = self.modem.deadline() else {
                break;
            };
            self.now = self.now.max(at);
            self.modem.advance(self.now);
            self.settle();
        }
        assert_eq!(self.modem.deadline(), None, "never at rest");
        // Ends an upload's data, then a piece of one; the first 0x03 may stand behind an escape.
        self.typed.extend_from_slice(b"\x03\x03");
        self.typed.extend_from_slice(&[b'\r'; 1024]);
        self.settle();
        self.typed.extend_from_slice(b"ATQ0\rATV1\r");
        self.settle();
        self.heard.push(Heard::default());
        self.typed.extend_from_slice(b"AT\r");
        self.settle();
        let host = self.heard.last().map_or(&[][..], |heard| &heard.host);
        assert!(host.ends_with(b"\r\nOK\r\n"), "{}", host.escape_ascii());
    }
}
