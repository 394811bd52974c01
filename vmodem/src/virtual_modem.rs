//! A modem on a pseudo-terminal, run by one thread that sleeps whenever there is nothing to do.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::command_log::CommandLog;
use crate::line_faults::{BANNER, Fault, LineFaults};
use crate::network::Network;
use crate::port::Port;
use crate::pty::Pty;
use crate::tcp::Tcp;
use crate::tls::{Notices, TlsOptions, Trust};
use crate::waker::Waker;
use crate::{Modem, ModemConfig};

/// Rounds of work before the thread looks whether it is to stop.
const ROUNDS: usize = 64;

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
    /// What goes wrong on the line.
    pub faults: LineFaults,
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
        let module = Module::new(&options)?;
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
        let (modem, network) = module.start(&waker);
        let line = Line {
            shared: Arc::clone(&shared),
            modem,
            network,
            notices: options.notices,
            port: Some(Port::new(pty, options.baud, options.faults, 0)),
            began: Instant::now(),
            module,
            baud: options.baud,
            link: options.link,
            faults: options.faults,
            lives: 0,
            back_at: None,
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
    module: Module,
    baud: Option<u32>,
    link: Option<PathBuf>,
    faults: LineFaults,
    /// How often the port came back.
    lives: u64,
    /// When it comes back that was unplugged.
    back_at: Option<Duration>,
}

/// What a module is made of, each time that it starts.
struct Module {
    config: ModemConfig,
    tls: TlsOptions,
    trust: Trust,
    route: Option<SocketAddr>,
    stand_in: Option<SocketAddr>,
}

impl Module {
    fn new(options: &Options) -> io::Result<Module> {
        Ok(Module {
            config: options.modem.clone(),
            tls: options.tls.clone(),
            trust: Trust::new(&options.tls)?,
            route: options.route,
            stand_in: options.stand_in,
        })
    }

    fn start(&self, waker: &Waker) -> (Modem, Tcp) {
        let mut modem = Modem::new(self.config.clone());
        modem.set_tls_mode(self.tls.mode);
        let trust = self.trust.clone();
        (
            modem,
            Tcp::new(self.route, self.stand_in, trust, waker.clone()),
        )
    }
}

impl Line {
    fn run(mut self) {
        if self.baud.is_some() {
            // A line is as exact as the sleep of whoever plays it; without it, it is a little slow.
            let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
        }
        while !self.shared.stop.load(Ordering::Acquire) {
            self.modem
                .set_silent(self.shared.silent.load(Ordering::Acquire));
            if self.shared.hang_up.load(Ordering::Acquire) {
                self.port = None;
            }
            self.say_urcs();
            let now = self.began.elapsed();
            self.do_what_is_wrong(now);
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

    /// What goes wrong with more than a byte, and its end.
    fn do_what_is_wrong(&mut self, now: Duration) {
        match self.port.as_mut().and_then(Port::take_event) {
            Some(Fault::Urcs(lines)) => {
                for line in lines {
                    self.modem.say_unasked(line.as_bytes());
                }
            }
            Some(Fault::Reset { banner }) => {
                self.restart();
                if banner {
                    self.modem.say_unasked(BANNER.as_bytes());
                }
            }
            Some(Fault::Unplug(time)) => {
                self.port = None;
                self.restart();
                self.back_at = Some(now + time);
            }
            _ => {}
        }
        let hung_up = self.shared.hang_up.load(Ordering::Acquire);
        if !hung_up && self.back_at.is_some_and(|at| now >= at) {
            self.back_at = None;
            self.lives += 1;
            // Without one to be had it stays unplugged, which is what it would look like.
            self.port = Pty::open(self.link.as_deref())
                .ok()
                .map(|pty| Port::new(pty, self.baud, self.faults, self.lives));
        }
    }

    fn restart(&mut self) {
        (self.modem, self.network) = self.module.start(&self.shared.waker);
    }

    /// Moves everything as far as it goes; true if there may be more.
    fn work(&mut self) -> bool {
        for _ in 0..ROUNDS {
            let now = self.began.elapsed();
            if let Some(deadline) = self.modem.deadline().filter(|deadline| *deadline <= now) {
                match &mut self.port {
                    Some(port) => {
                        self.modem.advance(port.tell(deadline));
                        port.listen(&self.modem);
                    }
                    None => self.modem.advance(now),
                }
            }
            let mut moved = false;
            if let Some(port) = &mut self.port {
                moved |= port.read(now, &mut self.modem);
            }
            // Before the answer goes out, so that who has read the answer finds the line.
            self.record();
            let told = self.port.as_mut().map_or(now, |port| port.tell(now));
            moved |= self.network.exchange(told, &mut self.modem);
            self.publish_notices();
            if let Some(port) = &mut self.port {
                port.listen(&self.modem);
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
        if let Some(at) = self.back_at {
            wake = Some(wake.map_or(at, |wake| wake.min(at)));
        }
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
