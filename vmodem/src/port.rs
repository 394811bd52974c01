//! A modem's port as its client sees it: bytes, their pace, what goes wrong with them, and who comes and goes.

use std::time::Duration;

use rustix::event::{PollFd, PollFlags};

use crate::Modem;
use crate::line_faults::{Fault, LineFaults, Schedule};
use crate::pacing::Pace;
use crate::pty::{Clients, Pty, Read};

/// What is read from the port at once.
const READ_SIZE: usize = 64 * 1024;
/// Whoever writes that much at once is likely to have more: the line does not rest in between.
const BULK: usize = 4096;
/// How often to look for clients where the kernel does not tell of them.
const TICK: Duration = Duration::from_millis(20);

/// The pseudo-terminal with what is known of its state.
pub(crate) struct Port {
    pty: Pty,
    input: Box<[u8]>,
    /// Bytes read and not taken by the modem yet.
    waiting: std::ops::Range<usize>,
    /// The modem took none of them when it was last asked; only an event of its own can change that.
    refused: bool,
    from_host: Pace,
    to_host: Pace,
    /// The latest time that the modem was told. On a line with a speed it may lag behind the clock: what a thread did
    /// late, the line did in time.
    told: Duration,
    /// Whether it had something to say when it was last asked.
    speaks: bool,
    present: bool,
    /// A client may have come or gone since it was last looked at.
    pub(crate) look: bool,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    to_faults: Schedule,
    from_faults: Schedule,
    /// Nothing passes before then.
    delayed: Duration,
    /// What is not the port's alone, and has to be done next.
    event: Option<Fault>,
}

impl Port {
    pub(crate) fn new(pty: Pty, baud: Option<u32>, faults: LineFaults, life: u64) -> Self {
        Self {
            pty,
            input: vec![0; READ_SIZE].into(),
            waiting: 0..0,
            refused: false,
            from_host: Pace::new(baud),
            to_host: Pace::new(baud),
            told: Duration::ZERO,
            speaks: false,
            present: false,
            look: true,
            readable: false,
            writable: false,
            to_faults: Schedule::new(faults, 2 * life),
            from_faults: Schedule::new(faults, 2 * life + 1),
            delayed: Duration::ZERO,
            event: None,
        }
    }

    pub(crate) fn look_for_clients(&mut self, now: Duration, modem: &mut Modem) {
        if !std::mem::take(&mut self.look) && self.pty.watch().is_some() {
            return;
        }
        let clients = self.pty.clients();
        if clients.left {
            // What was read before the drop came before it.
            self.feed(now, modem, usize::MAX);
            self.waiting = 0..0;
            if !clients.present {
                self.drain(now, modem);
            }
        }
        self.clients_changed(now, modem, clients);
    }

    fn clients_changed(&mut self, now: Duration, modem: &mut Modem, clients: Clients) {
        if clients.left {
            modem.dtr(now, false);
        }
        if clients.present && (clients.left || !self.present) {
            modem.dtr(now, true);
            self.readable = true;
            self.writable = true;
        }
        self.present = clients.present;
    }

    /// What a client wrote before it left still counts.
    fn drain(&mut self, now: Duration, modem: &mut Modem) {
        while let Ok(Read::Bytes(count)) = self.pty.read(&mut self.input) {
            self.waiting = 0..count;
            if self.pty.clients_moved() {
                // The next one is there already: these may be its bytes.
                self.look = true;
                return;
            }
            self.feed(now, modem, usize::MAX);
        }
        self.waiting = 0..0;
    }

    pub(crate) fn read(&mut self, now: Duration, modem: &mut Modem) -> bool {
        if self.waiting.is_empty()
            && self.readable
            && self.present
            && self.from_host.allowance(now) > 0
        {
            self.fill(now);
            // Between two looks a client may have left and another one come: the bytes are then the new one's.
            if !self.waiting.is_empty() && self.pty.clients_moved() {
                let clients = self.pty.clients();
                self.clients_changed(now, modem, clients);
            }
        }
        let allowance = self.from_host.allowance(now);
        self.feed(now, modem, allowance) > 0
    }

    /// The time that the modem is told for something that came about at `at`: it never goes back.
    pub(crate) fn tell(&mut self, at: Duration) -> Duration {
        self.told = self.told.max(at);
        self.told
    }

    /// To be asked behind whatever the modem was told: the line begins to carry what it says when it says it.
    pub(crate) fn listen(&mut self, modem: &Modem) {
        let speaks = !modem.output().is_empty();
        if speaks && !self.speaks {
            self.to_host.start(self.told);
        }
        self.speaks = speaks;
    }

    /// Reads all there is: the kernel hands it out in small pieces, which cost the network more than the port.
    fn fill(&mut self, now: Duration) {
        if self.waiting.end < BULK {
            self.from_host.start(now);
        }
        self.waiting = 0..0;
        while self.waiting.end < self.input.len() {
            match self.pty.read(&mut self.input[self.waiting.end..]) {
                Ok(Read::Bytes(count)) => self.waiting.end += count,
                other => {
                    self.look |= !matches!(other, Ok(Read::Nothing));
                    self.readable = false;
                    return;
                }
            }
        }
    }

    fn feed(&mut self, now: Duration, modem: &mut Modem, allowance: usize) -> usize {
        if self.waiting.is_empty() {
            return 0;
        }
        let size = self.waiting.len().min(allowance);
        if size == 0 || self.is_held(now) {
            self.refused = false;
            return 0;
        }
        if let Some(fault) = self.from_faults.due() {
            self.harm_input(now, fault);
            // What is left of it is looked at in the next round.
            return 1;
        }
        let size = size.min(self.from_faults.unharmed());
        let told = self.tell(match allowance {
            usize::MAX => now,
            _ => self.from_host.passed(now, size),
        });
        let used = modem.receive(told, &self.input[self.waiting.start..][..size]);
        self.listen(modem);
        self.waiting.start += used;
        self.refused = used == 0;
        self.from_host.spend(now, used);
        self.from_faults.passed(used);
        used
    }

    /// Whether nothing may pass: in a delay, and before what concerns more than the port is done.
    fn is_held(&self, now: Duration) -> bool {
        now < self.delayed || self.event.is_some()
    }

    /// Does to the next byte of the client's what is due.
    fn harm_input(&mut self, now: Duration, fault: Fault) {
        let at = self.waiting.start;
        match fault {
            Fault::Drop => self.waiting.start += 1,
            Fault::Flip(bits) => self.input[at] ^= bits,
            // Before it, in the place of one that was taken already, there is room for another one.
            Fault::Double if at > 0 => {
                self.input[at - 1] = self.input[at];
                self.waiting.start -= 1;
            }
            Fault::Double => {}
            Fault::Delay(time) => self.delayed = now + time,
            fault => self.event = Some(fault),
        }
    }

    /// What has to be done by whoever has the modem and its network.
    pub(crate) fn take_event(&mut self) -> Option<Fault> {
        self.event.take()
    }

    pub(crate) fn write(&mut self, now: Duration, modem: &mut Modem) -> bool {
        let size = modem.output().len().min(self.to_host.allowance(now));
        if size == 0 || !self.writable || !self.present || self.is_held(now) {
            return false;
        }
        if let Some(fault) = self.to_faults.due() {
            self.harm_output(now, modem, fault);
            return true;
        }
        let size = size.min(self.to_faults.unharmed());
        let written = self.pty.write(&modem.output()[..size]).unwrap_or(0);
        self.writable = written > 0;
        modem.transmitted(written);
        self.speaks = !modem.output().is_empty();
        self.to_host.spend(now, written);
        self.to_faults.passed(written);
        written > 0
    }

    /// Does to the next byte of the modem's what is due.
    fn harm_output(&mut self, now: Duration, modem: &mut Modem, fault: Fault) {
        let Some(&byte) = modem.output().first() else {
            return;
        };
        match fault {
            Fault::Drop => modem.transmitted(1),
            Fault::Double => {
                let _ = self.pty.write(&[byte]);
            }
            Fault::Flip(bits) if matches!(self.pty.write(&[byte ^ bits]), Ok(1)) => {
                modem.transmitted(1)
            }
            Fault::Flip(_) => {}
            Fault::Delay(time) => self.delayed = now + time,
            fault => self.event = Some(fault),
        }
    }

    pub(crate) fn interests<'a>(
        &'a self,
        now: Duration,
        modem: &Modem,
        fds: &mut Vec<PollFd<'a>>,
        wake: &mut Option<Duration>,
    ) {
        let sooner = |wake: &mut Option<Duration>, at: Duration| {
            *wake = Some(wake.map_or(at, |wake| wake.min(at)))
        };
        match self.pty.watch() {
            Some(watch) => fds.push(PollFd::from_borrowed_fd(watch, PollFlags::IN)),
            None => sooner(wake, now + TICK),
        }
        if self.event.is_some() {
            sooner(wake, now);
        } else if now < self.delayed {
            sooner(wake, self.delayed);
        }
        if !self.present || self.is_held(now) {
            return;
        }
        let mut flags = PollFlags::empty();
        if self.from_host.allowance(now) == 0 {
            if let Some(at) = self.from_host.wake(now, self.waiting.len()) {
                sooner(wake, at);
            }
        } else if self.waiting.is_empty() {
            flags |= PollFlags::IN;
        } else if !self.refused {
            sooner(wake, now);
        }
        if !modem.output().is_empty() {
            if self.to_host.allowance(now) > 0 {
                flags |= PollFlags::OUT;
            } else if let Some(at) = self.to_host.wake(now, modem.output().len()) {
                sooner(wake, at);
            }
        }
        // A hang-up is told by the watch; without interest in bytes it must not end every wait.
        if !flags.is_empty() {
            fds.push(PollFd::from_borrowed_fd(self.pty.master(), flags));
        }
    }

    /// Gives the client what was written for it.
    pub(crate) fn leave(&mut self, modem: &mut Modem) {
        if !self.present {
            return;
        }
        let written = self.pty.write(modem.output()).unwrap_or(0);
        modem.transmitted(written);
        self.pty.linger();
    }
}
