//! A modem on a pseudo-terminal, run by one thread that sleeps whenever there is nothing to do.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::command_log::CommandLog;
use crate::network::Network;
use crate::pacing::Pace;
use crate::pty::{Clients, Pty, Read};
use crate::tcp::Tcp;
use crate::tls::{Notices, TlsOptions, Trust};
use crate::waker::Waker;
use crate::{Modem, ModemConfig};

/// What is read from the port at once.
const READ_SIZE: usize = 64 * 1024;
/// Rounds of work before the thread looks whether it is to stop.
const ROUNDS: usize = 64;
/// How often to look for clients where the kernel does not tell of them.
const TICK: Duration = Duration::from_millis(20);

/// What a virtual modem is started with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The module.
    pub modem: ModemConfig,
    /// Where to put a symbolic link to the port.
    pub link: Option<PathBuf>,
    /// The speed of the line; None for as fast as it goes.
    pub baud: Option<u32>,
    /// Where every FTP control connection goes, whatever FTPOPEN names; None to go where it says.
    pub route: Option<SocketAddr>,
    /// What answers in place of the world: every server but those of this machine, which are loopback addresses with
    /// any port but 21 and 990. A `route` goes first.
    pub stand_in: Option<SocketAddr>,
    /// FTPS: whom the module trusts, and how TLS begins.
    pub tls: TlsOptions,
    /// Where each line of [`VirtualModem::notices`] goes as well, as it comes up.
    pub notices: Option<Sender<String>>,
}

/// A running virtual modem. It stops when dropped.
pub struct VirtualModem {
    port: PathBuf,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    waker: Waker,
    stop: AtomicBool,
    silent: AtomicBool,
    hang_up: AtomicBool,
    lines: Mutex<CommandLog>,
    /// Lines of [`VirtualModem::send_urc`] that the modem has not got yet.
    urcs: Mutex<VecDeque<Vec<u8>>>,
    notices: Mutex<Notices>,
}

impl VirtualModem {
    /// Opens a pseudo-terminal and puts a modem on it.
    ///
    /// # Errors
    /// No pseudo-terminal can be had, the link cannot be made, or a root certificate cannot be read.
    pub fn start(options: Options) -> io::Result<Self> {
        let trust = Trust::new(&options.tls)?;
        let pty = Pty::open(options.link.as_deref())?;
        let port = pty.path().to_owned();
        let waker = Waker::new()?;
        let shared = Arc::new(Shared {
            waker: waker.clone(),
            stop: AtomicBool::new(false),
            silent: AtomicBool::new(false),
            hang_up: AtomicBool::new(false),
            lines: Mutex::default(),
            urcs: Mutex::default(),
            notices: Mutex::default(),
        });
        let mut modem = Modem::new(options.modem);
        modem.set_tls_mode(options.tls.mode);
        let line = Line {
            shared: Arc::clone(&shared),
            modem,
            network: Tcp::new(options.route, options.stand_in, trust, waker),
            notices: options.notices,
            port: Some(Port::new(pty, options.baud)),
            began: Instant::now(),
        };
        let thread = std::thread::Builder::new()
            .name("nlftp-vmodem".into())
            .spawn(move || line.run())?;
        Ok(Self {
            port,
            shared,
            thread: Some(thread),
        })
    }

    /// The port to open: the link if one was asked for, else the pseudo-terminal itself.
    pub fn port(&self) -> &Path {
        &self.port
    }

    /// Makes the modem a device that never answers, or lets it speak again.
    pub fn set_silent(&self, silent: bool) {
        self.shared.silent.store(silent, Ordering::Release);
        self.shared.waker.wake();
    }

    /// Takes the port away, as unplugging does.
    pub fn hang_up(&self) {
        self.shared.hang_up.store(true, Ordering::Release);
        self.shared.waker.wake();
    }

    /// The command lines received so far, oldest first, as they were sent: passwords and all. Only
    /// the last few thousand are kept.
    pub fn sent_lines(&self) -> Vec<String> {
        let lines = self.shared.lines();
        lines
            .kept()
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect()
    }

    /// How many command lines were received so far.
    pub fn sent_count(&self) -> usize {
        self.shared.lines().count()
    }

    /// The command line with this number, counted from 0, as it was sent. None if it has not come, or is not kept any
    /// more: only the last few thousand are.
    pub fn sent_line(&self, index: usize) -> Option<Vec<u8>> {
        self.shared.lines().get(index).map(<[u8]>::to_vec)
    }

    /// Makes the modem say a line that nobody asked for. It goes out behind the payload that is on the line, if any; a
    /// silent modem says nothing, and the line is lost.
    pub fn send_urc(&self, line: impl AsRef<[u8]>) {
        // Decided here, not when the thread comes to it: by then the modem may speak again.
        if !self.shared.silent.load(Ordering::Acquire) {
            self.shared.urcs().push_back(line.as_ref().to_vec());
            self.shared.waker.wake();
        }
    }

    /// What outcomes cannot say, oldest first: why FTPS did not come about, for example. Only the
    /// last few hundred are kept.
    pub fn notices(&self) -> Vec<String> {
        self.shared.notices().to_vec()
    }

    /// Stops the modem; what it has written gets to its client first, if that reads it soon.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.shared.waker.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for VirtualModem {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, CommandLog> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn urcs(&self) -> MutexGuard<'_, VecDeque<Vec<u8>>> {
        self.urcs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notices(&self) -> MutexGuard<'_, Notices> {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread's own: a modem, its port and its network.
struct Line {
    shared: Arc<Shared>,
    modem: Modem,
    network: Tcp,
    notices: Option<Sender<String>>,
    port: Option<Port>,
    began: Instant,
}

/// The pseudo-terminal with what is known of its state.
struct Port {
    pty: Pty,
    input: Box<[u8]>,
    /// Bytes read and not taken by the modem yet.
    waiting: std::ops::Range<usize>,
    /// The modem took none of them when it was last asked; only an event of its own can change that.
    refused: bool,
    from_host: Pace,
    to_host: Pace,
    present: bool,
    /// A client may have come or gone since it was last looked at.
    look: bool,
    readable: bool,
    writable: bool,
}

impl Line {
    fn run(mut self) {
        while !self.shared.stop.load(Ordering::Acquire) {
            self.modem
                .set_silent(self.shared.silent.load(Ordering::Acquire));
            if self.shared.hang_up.load(Ordering::Acquire) {
                self.port = None;
            }
            self.say_urcs();
            let now = self.began.elapsed();
            if let Some(port) = &mut self.port {
                port.look_for_clients(now, &mut self.modem);
            }
            let busy = self.work();
            if self.wait(busy).is_err() {
                break;
            }
        }
        if let Some(port) = &mut self.port {
            port.leave(&mut self.modem);
        }
    }

    /// Moves everything as far as it goes; true if there may be more.
    fn work(&mut self) -> bool {
        for _ in 0..ROUNDS {
            let now = self.began.elapsed();
            if self
                .modem
                .deadline()
                .is_some_and(|deadline| deadline <= now)
            {
                self.modem.advance(now);
            }
            let mut moved = false;
            if let Some(port) = &mut self.port {
                moved |= port.read(now, &mut self.modem);
            }
            // Before the answer goes out, so that who has read the answer finds the line.
            self.record();
            moved |= self.network.exchange(now, &mut self.modem);
            self.publish_notices();
            if let Some(port) = &mut self.port {
                moved |= port.write(now, &mut self.modem);
            }
            if !moved {
                return false;
            }
        }
        true
    }

    /// Before the outcome goes out that they explain.
    fn publish_notices(&mut self) {
        while let Some(notice) = self.modem.take_notice() {
            if let Some(sender) = &self.notices {
                let _ = sender.send(notice.clone());
            }
            self.shared.notices().push(notice);
        }
    }

    fn record(&mut self) {
        while let Some(line) = self.modem.take_command_line() {
            self.shared.lines().push(line);
        }
    }

    fn say_urcs(&mut self) {
        for line in std::mem::take(&mut *self.shared.urcs()) {
            self.modem.say_unasked(&line);
        }
    }

    /// Sleeps until something can be done.
    fn wait(&mut self, busy: bool) -> io::Result<()> {
        let now = self.began.elapsed();
        let mut wake = self.modem.deadline();
        let mut fds = Vec::with_capacity(8);
        fds.push(PollFd::new(&self.shared.waker, PollFlags::IN));
        if let Some(port) = &self.port {
            port.interests(now, &self.modem, &mut fds, &mut wake);
        }
        let sockets = fds.len();
        self.network.interests(&self.modem, &mut fds);
        let look = self.port.as_ref().is_some_and(|port| port.look);
        let timeout = if busy || look {
            Some(Duration::ZERO)
        } else {
            wake.map(|wake| wake.saturating_sub(now))
        };
        let timeout = timeout.map(|time| Timespec {
            tv_sec: time.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: time.subsec_nanos().into(),
        });
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let answers: Vec<PollFlags> = fds.iter().map(PollFd::revents).collect();
        drop(fds);
        if answers[0].contains(PollFlags::IN) {
            self.shared.waker.clear();
        }
        self.network.ready(&self.modem, &answers[sockets..]);
        if let Some(port) = &mut self.port
            && sockets > 1
        {
            // The watch stands first, where there is one; reading is no harm where there is none.
            port.look |= answers[1].contains(PollFlags::IN);
            // Which of the port's descriptors it was does not matter: each is tried at most once.
            port.readable |= answers[1..sockets]
                .iter()
                .any(|flags| flags.contains(PollFlags::IN));
            port.writable |= answers[1..sockets]
                .iter()
                .any(|flags| flags.contains(PollFlags::OUT));
        }
        Ok(())
    }
}

impl Port {
    fn new(pty: Pty, baud: Option<u32>) -> Self {
        Self {
            pty,
            input: vec![0; READ_SIZE].into(),
            waiting: 0..0,
            refused: false,
            from_host: Pace::new(baud),
            to_host: Pace::new(baud),
            present: false,
            look: true,
            readable: false,
            writable: false,
        }
    }

    fn look_for_clients(&mut self, now: Duration, modem: &mut Modem) {
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

    fn read(&mut self, now: Duration, modem: &mut Modem) -> bool {
        let allowance = self.from_host.allowance(now);
        if self.waiting.is_empty() && self.readable && self.present && allowance > 0 {
            self.fill();
            // Between two looks a client may have left and another one come: the bytes are then the new one's.
            if !self.waiting.is_empty() && self.pty.clients_moved() {
                let clients = self.pty.clients();
                self.clients_changed(now, modem, clients);
            }
        }
        self.feed(now, modem, allowance) > 0
    }

    /// Reads all there is: the kernel hands it out in small pieces, which cost the network more than the port.
    fn fill(&mut self) {
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
        if size == 0 {
            self.refused = false;
            return 0;
        }
        let used = modem.receive(now, &self.input[self.waiting.start..][..size]);
        self.waiting.start += used;
        self.refused = used == 0;
        self.from_host.spend(now, used);
        used
    }

    fn write(&mut self, now: Duration, modem: &mut Modem) -> bool {
        let size = modem.output().len().min(self.to_host.allowance(now));
        if size == 0 || !self.writable || !self.present {
            return false;
        }
        let written = self.pty.write(&modem.output()[..size]).unwrap_or(0);
        self.writable = written > 0;
        modem.transmitted(written);
        self.to_host.spend(now, written);
        written > 0
    }

    fn interests<'a>(
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
        if !self.present {
            return;
        }
        let mut flags = PollFlags::empty();
        if self.from_host.allowance(now) == 0 {
            if let Some(at) = self.from_host.wake(now) {
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
            } else if let Some(at) = self.to_host.wake(now) {
                sooner(wake, at);
            }
        }
        // A hang-up is told by the watch; without interest in bytes it must not end every wait.
        if !flags.is_empty() {
            fds.push(PollFd::from_borrowed_fd(self.pty.master(), flags));
        }
    }

    /// Gives the client what was written for it.
    fn leave(&mut self, modem: &mut Modem) {
        if !self.present {
            return;
        }
        let written = self.pty.write(modem.output()).unwrap_or(0);
        modem.transmitted(written);
        self.pty.linger();
    }
}
