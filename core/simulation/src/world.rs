//! One simulated world: everybody in it moves as far as it goes, then the clock goes on to the next thing that happens.

use std::time::Duration;

use nlftp_vmodem::network::Network;
use nlftp_vmodem::{Dtr, Modem, ModemConfig};

use crate::common::{Common, Shared, Trace};
use crate::config::{Config, FlowControl};
use crate::error::Result;
use crate::faults::{Carries, Faults};
use crate::host::Running;
use crate::local::{Local, Place};
use crate::memory::of_session;
use crate::net::Net;
use crate::pipe::Pipe;
use crate::protocol::dialect::{Dialect, TlsField};
use crate::scenario::{DtrLine, Fault, Scenario, What, When};
use crate::session::{Outcome, Session};
use crate::tap::{Heard, Tap};

/// What the line takes of the modem's payload before the modem is held back.
const BACKLOG: usize = 64 * 1024;
/// Turns of everything without the clock going on.
const MOST_TURNS: u32 = 3_000_000;

pub(crate) struct World {
    pub(crate) scenario: Scenario,
    pub(crate) common: Shared,
    pub(crate) now: Duration,
    pub(crate) session: Session,
    pub(crate) running: Option<Running>,
    pub(crate) local: Local,
    pub(crate) next_id: u64,
    pub(crate) payload: Vec<u8>,
    /// When the session ended the last operation.
    pub(crate) done_at: Duration,
    /// Unasked lines that came to the user.
    pub(crate) unasked: u64,
    pub(crate) port_open: bool,
    pub(crate) hangs_up: bool,
    pub(crate) tx: Pipe,
    pub(crate) rx: Pipe,
    pub(crate) tap: Tap,
    pub(crate) modem: Modem,
    pub(crate) net: Net,
    /// The port is there.
    pub(crate) present: bool,
    returns_at: Option<Duration>,
    speaks_at: Option<Duration>,
    /// The module starts until then; whether it tells.
    boots_at: Option<(Duration, bool)>,
    /// The modem takes bytes, as far as is known.
    pub(crate) modem_may_listen: bool,
    /// The call at hand has asked the modem for an upload.
    pub(crate) upload_asked: bool,
    /// The process was killed.
    pub(crate) killed: bool,
    pub(crate) turns: u32,
    /// Something has come up that the session has not been told of.
    pub(crate) stirred: bool,
}

impl World {
    pub(crate) fn new(scenario: &Scenario, trace: bool) -> World {
        let common = Shared::default();
        *common.borrow_mut() = Common {
            faults: Faults::new(&scenario.faults),
            trace: if trace { Trace::on() } else { Trace::default() },
        };
        World {
            scenario: scenario.clone(),
            now: Duration::from_secs(1),
            session: of_session(|| Session::new(&config(scenario))),
            running: None,
            local: Local::new(Place::Nothing, 0, 0),
            next_id: 0,
            payload: Vec::new(),
            done_at: Duration::ZERO,
            unasked: 0,
            port_open: false,
            hangs_up: false,
            tx: Pipe::new(scenario, None),
            rx: Pipe::new(scenario, Some(When::Rx)),
            tap: Tap::new(common.clone()),
            modem: modem(scenario),
            net: Net::new(scenario, common.clone()),
            common,
            present: true,
            returns_at: None,
            speaks_at: None,
            boots_at: None,
            modem_may_listen: true,
            upload_asked: false,
            killed: false,
            turns: 0,
            stirred: true,
        }
    }

    pub(crate) fn trace(&self, text: impl FnOnce() -> String) {
        self.common.borrow_mut().trace.say(self.now, text);
    }

    /// Moves everything as far as it goes at this moment; the result of the operation if it has ended.
    ///
    /// # Errors
    /// It does not come to rest.
    pub(crate) fn settle(&mut self) -> std::result::Result<Option<Result<Outcome>>, String> {
        loop {
            self.turns += 1;
            if self.turns > MOST_TURNS {
                return Err(format!("hung: it spins at {:?}", self.now));
            }
            self.happen();
            if self.killed {
                return Ok(None);
            }
            let mut moved = false;
            if self.stirred
                || self
                    .session
                    .deadline()
                    .is_some_and(|deadline| deadline <= self.now)
            {
                self.turn();
            }
            let (served, ended) = self.serve_local();
            if let Some(result) = ended {
                return Ok(Some(result));
            }
            self.stirred |= served;
            moved |= served;
            moved |= self.write();
            moved |= self.hear_now();
            if self
                .modem
                .deadline()
                .is_some_and(|deadline| deadline <= self.now)
            {
                self.modem.advance(self.now);
                self.modem_may_listen = true;
                moved = true;
            }
            self.listen(false);
            self.net.held = self.scenario.held_back && self.rx.len() > BACKLOG;
            if self.net.exchange(self.now, &mut self.modem) {
                self.modem_may_listen = true;
                moved = true;
                self.listen(self.net.gave_payload);
            }
            moved |= self.read();
            if !moved && !self.stirred {
                return Ok(None);
            }
        }
    }

    fn listen(&mut self, payload: bool) {
        if self.boots_at.is_none() {
            let was_busy = self.tap.is_busy();
            self.tap
                .listen(self.now, &mut self.modem, payload, &mut self.rx);
            self.modem_may_listen |= was_busy && !self.tap.is_busy();
        }
        let idle = !self.port_open && self.scenario.port == crate::scenario::PortKind::Tty;
        if idle || !self.present {
            self.rx.clear();
        }
    }

    /// What has arrived at the modem.
    pub(crate) fn hear_now(&mut self) -> bool {
        if !self.modem_may_listen {
            return false;
        }
        let Some(bytes) = self.tx.arrived(self.now) else {
            return false;
        };
        if self.speaks_at.is_some() && self.tap.in_upload() {
            self.common.borrow_mut().faults.altered(Carries::Payload);
        }
        let heard = if self.boots_at.is_some() || self.speaks_at.is_some() || !self.present {
            Heard {
                used: bytes.len(),
                met: false,
            }
        } else {
            // A line changes its place within the answers to one command alone.
            self.tap.pass_swapped(self.now, &mut self.rx);
            self.tap.speak(self.now, bytes, &mut self.modem)
        };
        self.modem_may_listen = heard.used > 0 || heard.met;
        self.tx.take(heard.used);
        self.modem_may_listen
    }

    /// When the next thing happens.
    pub(crate) fn wake(&self) -> Option<Duration> {
        let tx = self.tx.wake().filter(|_| self.modem_may_listen);
        let rx = self.rx.wake().filter(|_| self.wants_bytes());
        let boots = self.boots_at.map(|(at, _)| at);
        [
            self.session.deadline(),
            self.local.wake(),
            tx,
            rx,
            self.modem.deadline(),
            self.net.wake(&self.modem),
            self.common.borrow().faults.wake(),
            self.tap.wake().filter(|_| boots.is_none()),
            self.returns_at,
            self.speaks_at,
            boots,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    // -- what goes wrong --------------------------------------------------------------------------

    /// Faults whose time has come, and their ends.
    fn happen(&mut self) {
        if self.common.borrow().faults.any() {
            self.common.borrow_mut().faults.tick(self.now);
        }
        loop {
            let fault = self.common.borrow_mut().faults.take_pending();
            let Some(fault) = fault else { break };
            self.trace(|| format!("!!! {fault}"));
            self.apply(fault);
        }
        if self.returns_at.is_some_and(|at| at <= self.now) {
            self.returns_at = None;
            self.present = true;
        }
        if self.speaks_at.is_some_and(|at| at <= self.now) {
            self.speaks_at = None;
            self.modem_may_listen = true;
        }
        if let Some((at, banner)) = self.boots_at
            && at <= self.now
        {
            self.boots_at = None;
            self.modem_may_listen = true;
            if banner && self.port_open {
                let text = b"\r\n^SYSSTART\r\n\r\n+SIM READY\r\n\r\n+CREG: 1\r\n\r\nRDY\r\n";
                let faults = &mut self.common.borrow_mut().faults;
                self.rx.push(self.now, faults, text, Carries::Lines);
            }
        }
    }

    fn apply(&mut self, fault: Fault) {
        self.stirred = true;
        let span = Duration::from_millis(fault.amount);
        let until = self.now + span;
        match fault.what {
            What::Silence => {
                self.rx.freeze(until);
                self.speaks_at = Some(until);
            }
            What::Reset => self.reset(until, false),
            What::Banner => self.reset(until, true),
            What::Unplug | What::PowerOff => {
                self.present = false;
                self.returns_at = Some(until);
                self.tx.clear();
                self.rx.clear();
                if self.port_open {
                    self.lose_port();
                }
                if fault.what == What::PowerOff {
                    self.reset(until, false);
                } else {
                    self.drop_dtr();
                }
            }
            What::Cancel => self.cancel("cancelled by the caller"),
            What::Kill => self.killed = true,
            What::Stall => self.local.stall(until),
            What::LocalFailure if self.local.fail() => self.cancel("the local end failed"),
            What::CloseControl => self.net.close_control(self.now),
            What::CutData => self.net.server.cut(),
            What::EndData => self.net.server.fail(451),
            What::Shutdown => self.net.server.refuse = Some(421),
            What::DiskFull if self.net.server.is_storing() => self.net.server.fail(552),
            What::DiskFull => self.net.server.full = true,
            What::ServerSilence => self.net.silence(until),
            What::Refuse => self.net.server.refuse = Some(fault.amount),
            What::NoData => self.net.server.no_data = true,
            What::LongList => self.net.server.flood = fault.amount,
            What::Flood => self.modem.say_unasked(&vec![b'x'; fault.amount as usize]),
            What::Delay if fault.when == When::Tx => self.tx.freeze(until),
            What::Delay => self.rx.hold(self.now, fault.amount),
            What::Urc => self.modem.say_unasked(b"+CREG: 1"),
            What::Fail => self.modem.fail_next(fault.amount as u16),
            _ => {}
        }
        self.net.carry(self.now);
    }

    /// The user resets the module.
    pub(crate) fn restart_modem(&mut self) {
        self.reset(self.now, false);
    }

    fn reset(&mut self, until: Duration, banner: bool) {
        self.modem = modem(&self.scenario);
        self.net.drop_all();
        self.tap.reset();
        self.boots_at = Some((until, banner));
        self.speaks_at = None;
        self.modem_may_listen = true;
    }

    /// Everything is as it should be again.
    pub(crate) fn heal(&mut self) {
        self.common.borrow_mut().faults.end();
        self.tap.end(self.now);
        self.net.server.refuse = None;
        self.net.server.full = false;
        self.net.server.no_data = false;
        self.net.server.flood = 0;
        self.net.hurry(self.now);
        self.tx.hurry(self.now);
        self.rx.hurry(self.now);
        if let Some((at, _)) = &mut self.boots_at {
            *at = self.now;
        }
        if self.speaks_at.is_some() {
            self.speaks_at = Some(self.now);
        }
        if self.returns_at.is_some() {
            self.returns_at = Some(self.now);
        }
        self.happen();
    }

    /// The process is killed: the port is closed by the kernel, and nobody tells the modem anything.
    pub(crate) fn kill(&mut self) {
        self.killed = false;
        self.running = None;
        self.payload.clear();
        self.close_port();
        self.session = of_session(|| Session::new(&config(&self.scenario)));
        self.stirred = true;
    }
}

fn config(scenario: &Scenario) -> Config {
    let [timeout, outcome, stall] = scenario.limits.map(Duration::from_millis);
    Config {
        flow_control: if scenario.held_back {
            FlowControl::RtsCts
        } else {
            FlowControl::None
        },
        timeout,
        outcome_timeout: outcome,
        stall_timeout: stall,
        dialect: told_dialect(scenario),
        port_timeout: Duration::from_millis(scenario.port_timeout),
        ..Config::default()
    }
}

/// What the user tells the driver of the firmware: nothing else finds out where the TLS flag stands.
fn told_dialect(scenario: &Scenario) -> Dialect {
    let mut dialect = Dialect::default();
    if scenario.dialect.contains("open_tls_seventh=true") {
        dialect.tls_field = TlsField::Seventh;
    }
    dialect
}

fn modem(scenario: &Scenario) -> Modem {
    Modem::new(ModemConfig {
        dialect: scenario.dialect.parse().unwrap_or_default(),
        dtr: match scenario.dtr {
            DtrLine::Present => Dtr::Present,
            DtrLine::Ignored => Dtr::Ignored,
            DtrLine::Absent => Dtr::Absent,
        },
        echo: scenario.echo,
        attached: scenario.attached,
        turnaround: Duration::from_millis(scenario.turnaround),
        ..ModemConfig::default()
    })
}
