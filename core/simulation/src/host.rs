//! The host's side of the world: does with session, port and caller what the driver's worker does.

use crate::error::{Error, ErrorKind, Result};
use crate::faults::Carries;
use crate::local::{Local, Place, Report, Served};
use crate::memory::of_session;
use crate::protocol::Time;
use crate::scenario::PortKind;
use crate::session::{Outcome, Output, PortAction, Request, Task};
use crate::world::World;

/// How many buffers a transfer has.
const BUFFERS: usize = 8;
/// How much a modem that nothing holds back may be ahead of a slow sink.
const SPILL: usize = 8 * 1024 * 1024;
/// More than this no read adds to its own bytes.
const UNSTUFFED: usize = 8 * 1024;
/// What the port takes of an upload before it has gone out.
const PORT_BUFFER: usize = 4096;

/// The operation that is served.
#[derive(Debug)]
pub(crate) struct Running {
    id: u64,
    is_upload: bool,
    outstanding: usize,
    spilled: usize,
    supplied: bool,
    /// The session has ended it.
    done: bool,
}

impl World {
    /// Asks the session for something.
    pub(crate) fn request(&mut self, task: Task, limit: Option<Time>, place: Place) {
        self.next_id += 1;
        let id = self.next_id;
        self.local = Local::new(place, self.scenario.slow, self.scenario.seed ^ id);
        self.running = Some(Running {
            id,
            is_upload: matches!(task, Task::Put(_)),
            outstanding: 0,
            spilled: 0,
            supplied: false,
            done: false,
        });
        self.stirred = true;
        self.upload_asked = false;
        let request = Request {
            id,
            task,
            limit: limit.map(|limit| self.now + limit),
            cancelled: false,
        };
        of_session(|| self.session.request(request));
    }

    pub(crate) fn cancel(&mut self, why: &str) {
        let Some(running) = self.running.as_ref().filter(|running| !running.done) else {
            return;
        };
        self.stirred = true;
        if !self.session.cancel_waiting(running.id) {
            self.session
                .abort(None, Error::new(ErrorKind::Cancelled, why));
        }
    }

    /// Lets the session go on until it has nothing more to say.
    pub(crate) fn turn(&mut self) {
        self.stirred = false;
        loop {
            let outstanding = self
                .running
                .as_ref()
                .map_or(0, |running| running.outstanding);
            of_session(|| {
                self.session.set_room(self.now, outstanding < BUFFERS);
                self.session.poll(self.now);
            });
            while self.session.take_unasked().is_some() {
                self.unasked += 1;
            }
            let mut acted = false;
            while let Some(output) = self.session.take_output() {
                acted = true;
                match output {
                    Output::Port(action) => {
                        let result = self.act(action);
                        self.session.port_done(result);
                    }
                    Output::Total(_) => {}
                    Output::Local(action) => {
                        self.trace(|| format!("    {action:?}"));
                        self.local.report(Report::Local(action));
                    }
                    Output::Done { id, result } => self.finish(id, result),
                }
            }
            self.feed_upload();
            if !acted {
                break;
            }
        }
    }

    fn feed_upload(&mut self) {
        while let Some(part) = self.session.take_spent() {
            if self
                .running
                .as_ref()
                .is_some_and(|running| running.is_upload)
            {
                self.local.report(Report::Fill(part));
            }
        }
        if let Some(running) = &mut self.running
            && running.is_upload
            && !running.supplied
        {
            running.supplied = true;
            for _ in 0..BUFFERS / 2 {
                self.local.report(Report::Fill(Vec::new()));
            }
        }
    }

    fn finish(&mut self, id: u64, result: Result<Outcome>) {
        self.deliver();
        let Some(running) = self.running.as_mut().filter(|running| running.id == id) else {
            return;
        };
        running.done = true;
        running.is_upload = false;
        self.done_at = self.now;
        self.session.forget_source();
        while self.session.take_spent().is_some() {}
        self.local.report(Report::Done(result));
    }

    /// Hands the payload collected so far to the caller.
    fn deliver(&mut self) {
        if self.payload.is_empty() {
            return;
        }
        let part = std::mem::take(&mut self.payload);
        let Some(running) = &mut self.running else {
            return;
        };
        running.outstanding += 1;
        running.spilled += part.len();
        if running.spilled > SPILL {
            self.session.abort(
                None,
                Error::new(ErrorKind::Transfer, "the sink is too slow"),
            );
        }
        self.local.report(Report::Payload(part));
    }

    /// What a buffer holds: an answer to FTPRECV at least.
    fn buffer(&self) -> usize {
        self.scenario.buffer.max(4096) as usize
    }

    /// One thing of the caller's end; the result of the operation when it has ended.
    pub(crate) fn serve_local(&mut self) -> (bool, Option<Result<Outcome>>) {
        let live = self.running.as_ref().is_some_and(|running| !running.done);
        let buffer = self.buffer();
        match self
            .local
            .serve(self.now, buffer, live.then_some(&mut self.session))
        {
            Served::Idle => (false, None),
            Served::Written(count) => {
                if let Some(running) = &mut self.running {
                    running.outstanding -= count;
                    if running.outstanding == 0 {
                        running.spilled = 0;
                    }
                }
                (true, None)
            }
            Served::Failed => {
                self.cancel("the local end failed");
                (true, None)
            }
            Served::Ended(result) => {
                self.running = None;
                (true, Some(result))
            }
        }
    }

    // -- the port ---------------------------------------------------------------------------------

    fn act(&mut self, action: PortAction) -> Result<()> {
        self.trace(|| format!("    port {action:?}"));
        let lost = || Err(Error::new(ErrorKind::Port, "the port is gone"));
        match action {
            PortAction::Open => {
                self.close_port();
                if !self.present {
                    return lost();
                }
                self.port_opened();
                self.session.set_held_back(self.scenario.held_back);
            }
            PortAction::Close => self.close_port(),
            PortAction::DiscardOutput => self.tx.discard_unsent(self.now),
            PortAction::DtrLow if self.scenario.port == PortKind::Pty => self.close_port(),
            PortAction::DtrLow => self.drop_dtr(),
            PortAction::DtrHigh if !self.present => {
                self.lose_port();
                return lost();
            }
            PortAction::DtrHigh if self.port_open => self.modem.dtr(self.now, true),
            PortAction::DtrHigh => self.port_opened(),
            PortAction::HangUpOnClose(on) => self.hangs_up = on,
        }
        Ok(())
    }

    fn port_opened(&mut self) {
        if self.scenario.port == PortKind::Tty {
            self.rx.clear();
        }
        self.port_open = true;
        self.modem.dtr(self.now, true);
    }

    pub(crate) fn drop_dtr(&mut self) {
        self.modem.dtr(self.now, false);
        self.modem_may_listen = true;
        if self.scenario.dtr == crate::scenario::DtrLine::Present {
            self.tap.reset();
        }
    }

    pub(crate) fn close_port(&mut self) {
        if !std::mem::take(&mut self.port_open) {
            return;
        }
        match self.scenario.port {
            PortKind::Pty => {
                // What was written before still counts.
                self.modem_may_listen = true;
                while self.hear_now() {}
                self.tx.clear();
                self.drop_dtr();
            }
            PortKind::Tty => {
                self.rx.clear();
                if std::mem::take(&mut self.hangs_up) {
                    self.drop_dtr();
                }
            }
        }
    }

    /// The port has gone while it was in use.
    pub(crate) fn lose_port(&mut self) {
        self.port_open = false;
        self.stirred = true;
        self.session.port_lost("the port was lost".into());
    }

    pub(crate) fn write(&mut self) -> bool {
        let mut wrote = false;
        // A port takes more only when there is room for a good part.
        while self.port_open && self.session.wants_to_transmit() && self.tx.len() <= PORT_BUFFER / 2
        {
            let room = PORT_BUFFER - self.tx.len();
            let (now, tx, common) = (self.now, &mut self.tx, &self.common);
            let asked = &mut self.upload_asked;
            let _ = self.session.transmit(now, |bytes| {
                *asked |= [&b"AT+FTPSTOR="[..], b"AT+FTPPUT="]
                    .iter()
                    .any(|command| memchr::memmem::find(bytes, command).is_some());
                let count = bytes.len().min(room);
                tx.push(
                    now,
                    &mut common.borrow_mut().faults,
                    &bytes[..count],
                    Carries::Payload,
                );
                Ok::<usize, Error>(count)
            });
            wrote = true;
            self.turn();
        }
        wrote
    }

    /// Whether bytes of the modem can be put anywhere.
    pub(crate) fn wants_bytes(&self) -> bool {
        let outstanding = self
            .running
            .as_ref()
            .map_or(0, |running| running.outstanding);
        self.port_open
            && (outstanding < BUFFERS
                || self.payload.len() < self.buffer()
                || !self.scenario.held_back)
    }

    pub(crate) fn read(&mut self) -> bool {
        if !self.wants_bytes() {
            return false;
        }
        let Some(bytes) = self.rx.arrived(self.now) else {
            return self.hand_on(false);
        };
        let count = bytes.len().min(self.scenario.buffer as usize);
        // What is on its way to the caller is the driver's to bound.
        self.payload.reserve(count + UNSTUFFED);
        of_session(|| {
            self.session
                .feed(self.now, &bytes[..count], &mut self.payload);
        });
        self.rx.take(count);
        self.stirred = true;
        self.hand_on(true);
        true
    }

    /// More of a stream is read before its bytes are handed on, as long as more is there.
    fn hand_on(&mut self, more: bool) -> bool {
        let behind = self
            .running
            .as_ref()
            .is_some_and(|running| running.outstanding >= BUFFERS);
        let full = self.payload.len() >= self.buffer();
        if self.payload.is_empty()
            || (behind && (self.scenario.held_back || !full))
            || (more && !full)
        {
            return false;
        }
        // What the session wants of the file comes before the payload.
        self.turn();
        self.deliver();
        true
    }
}
