//! Counts the system calls of a program, all its threads together, by stopping it at each (ptrace).
//!
//! A program marks where counting begins and ends with [`mark`]. Whether an answer is there when the client looks for it
//! is a matter of chance, which decides whether it has to wait: after what it writes to the port, or reads from it, the
//! client is held until the modem has said what it has to say, so that the counts do not vary.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use libc::{c_int, c_void, pid_t};
use rustix::fs::{Mode, OFlags, open};

/// How long an answer may pause.
const SETTLE: Duration = Duration::from_micros(100);
/// What does not come is given up after so many looks.
const MOST_ROUNDS: u32 = 200;
/// What a line discipline holds (4 KiB), and so the most that comes at once.
const FULL: u64 = 4095;

/// When the program is held until the modem has had its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Behind a write to the port, which the modem answers.
    ForAnswers,
    /// Behind a read of the port, on which the modem goes on sending.
    ForMore,
    /// Behind a write to the port, until the modem, the process of this number, waits for more.
    UntilTaken(u32),
}

/// The call that says "from here on", and the second time "up to here": nothing else here makes it.
pub fn mark() {
    let _ = rustix::process::getppid();
}

/// How often each call was made between the marks, by its number.
#[derive(Debug, Default, Clone)]
pub struct Calls(BTreeMap<u64, u64>);

impl Calls {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Each with its name, the most frequent first.
    pub fn by_name(&self) -> Vec<(String, u64)> {
        let mut calls: Vec<_> = self
            .0
            .iter()
            .map(|(&call, &count)| (name(call), count))
            .collect();
        calls.sort_by_key(|call| std::cmp::Reverse(call.1));
        calls
    }
}

fn name(call: u64) -> String {
    let known = [
        (libc::SYS_read, "read"),
        (libc::SYS_write, "write"),
        (libc::SYS_ppoll, "ppoll"),
        (libc::SYS_futex, "futex"),
        (libc::SYS_sched_yield, "sched_yield"),
        (libc::SYS_clock_gettime, "clock_gettime"),
        (libc::SYS_epoll_pwait, "epoll_pwait"),
    ];
    let found = known.iter().find(|(number, _)| *number as u64 == call);
    found.map_or_else(|| format!("call {call}"), |(_, name)| (*name).to_owned())
}

/// Runs a program and counts its calls between its marks; it is held for the modem on `port` as `hold` says.
///
/// # Errors
/// The system lets no process trace its own child, or the program fails.
pub fn count(command: &mut Command, port: &Path, hold: Hold) -> io::Result<Calls> {
    // Before the client makes the port its own.
    let flags = OFlags::RDONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let port = (port.canonicalize()?, open(port, flags, Mode::empty())?);
    let trace_me = || {
        // SAFETY: asks for nothing but to be traced by the parent; it touches no memory.
        match unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    // A group of its own, so that no other child of this process is waited for.
    command.process_group(0);
    // SAFETY: what runs between fork and exec is one system call.
    unsafe { command.pre_exec(trace_me) };
    let child = command.spawn()?;
    let mut tracer = Tracer {
        group: child.id() as pid_t,
        child,
        calls: Calls::default(),
        counting: false,
        port,
        hold,
        moves: BTreeMap::new(),
    };
    tracer.run()?;
    Ok(std::mem::take(&mut tracer.calls))
}

struct Tracer {
    group: pid_t,
    child: Child,
    calls: Calls,
    counting: bool,
    port: (PathBuf, OwnedFd),
    hold: Hold,
    /// What each thread reads from or writes to just now.
    moves: BTreeMap<pid_t, u64>,
}

impl Drop for Tracer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        // All its threads end with it; whoever is left is waited for here.
        while matches!(self.wait(), Ok(Some(_))) {}
    }
}

impl Tracer {
    fn run(&mut self) -> io::Result<()> {
        // It stops at its exec.
        self.wait()?;
        let options =
            libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_TRACECLONE | libc::PTRACE_O_EXITKILL;
        request(libc::PTRACE_SETOPTIONS, self.group, options as usize)?;
        request(libc::PTRACE_SYSCALL, self.group, 0)?;
        while let Some((thread, status)) = self.wait()? {
            if !libc::WIFSTOPPED(status) {
                if thread == self.group {
                    return match libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0 {
                        true => Ok(()),
                        false => Err(io::Error::other(format!(
                            "the program ended with status {status}"
                        ))),
                    };
                }
                continue;
            }
            let signal = match libc::WSTOPSIG(status) {
                stop if stop == libc::SIGTRAP | 0x80 => {
                    self.stopped(thread);
                    0
                }
                // A new thread, and the stop of its parent that tells of it.
                libc::SIGTRAP | libc::SIGSTOP => 0,
                other => other,
            };
            // One that was killed meanwhile is told of by the next wait.
            let _ = request(libc::PTRACE_SYSCALL, thread, signal as usize);
        }
        Err(io::Error::other("the program went without a word"))
    }

    /// The next thread that stopped or ended; `None` when there is none any more.
    fn wait(&self) -> io::Result<Option<(pid_t, c_int)>> {
        loop {
            let mut status = 0;
            // SAFETY: `status` is a valid place for one c_int, which outlives the call.
            let thread = unsafe { libc::waitpid(-self.group, &raw mut status, libc::__WALL) };
            if thread > 0 {
                return Ok(Some((thread, status)));
            }
            let error = io::Error::last_os_error();
            match error.raw_os_error() {
                Some(libc::EINTR) => {}
                Some(libc::ECHILD) => return Ok(None),
                _ => return Err(error),
            }
        }
    }

    /// At the entry of a call it is counted; at the exit of one that moved bytes of the port the modem's are waited for.
    fn stopped(&mut self, thread: pid_t) {
        // SAFETY: plain old data, for which zeros are a value.
        let mut about: libc::ptrace_syscall_info = unsafe { std::mem::zeroed() };
        let size = size_of::<libc::ptrace_syscall_info>();
        // SAFETY: the kernel writes at most `size` bytes to `about`, which is as long.
        let told = unsafe {
            libc::ptrace(
                libc::PTRACE_GET_SYSCALL_INFO,
                thread,
                size,
                (&raw mut about).cast::<c_void>(),
            )
        };
        if told <= 0 {
            return;
        }
        if about.op != libc::PTRACE_SYSCALL_INFO_ENTRY {
            if let Some(fd) = self.moves.remove(&thread) {
                self.await_modem(fd);
            }
            return;
        }
        // SAFETY: `op` says that it is the entry of a call that the union holds.
        let (call, fd) = unsafe { (about.u.entry.nr, about.u.entry.args[0]) };
        let held = match self.hold {
            Hold::ForAnswers | Hold::UntilTaken(_) => call == libc::SYS_write as u64,
            Hold::ForMore => call == libc::SYS_read as u64,
        };
        if held {
            self.moves.insert(thread, fd);
        }
        if call == libc::SYS_getppid as u64 {
            self.counting = !self.counting;
        } else if self.counting {
            *self.calls.0.entry(call).or_default() += 1;
        }
    }
}

impl Tracer {
    /// Waits until what the modem says does not grow any more, behind a call that moved bytes of the port.
    fn await_modem(&self, fd: u64) {
        let (path, port) = &self.port;
        let written = std::fs::read_link(format!("/proc/{}/fd/{fd}", self.group));
        if written.ok().as_ref() != Some(path) {
            return;
        }
        let (mut before, mut rounds, mut slept) = (0, 0, false);
        loop {
            std::thread::sleep(SETTLE);
            let now = rustix::io::ioctl_fionread(port).unwrap_or(0);
            rounds += 1;
            let settled = match self.hold {
                Hold::ForMore => now >= FULL,
                Hold::ForAnswers => now > 0 && now == before,
                // Twice, as the kernel may be about to pass more on.
                Hold::UntilTaken(modem) => std::mem::replace(&mut slept, sleeps(modem)) && slept,
            };
            if settled || rounds == MOST_ROUNDS {
                return;
            }
            before = now;
        }
    }
}

/// Whether a process waits for something (proc(5): the state is behind the name in brackets).
fn sleeps(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit(") ")
        .next()
        .is_some_and(|rest| rest.starts_with('S'))
}

fn request(what: libc::c_uint, thread: pid_t, data: usize) -> io::Result<()> {
    // SAFETY: these requests read their two numbers and no memory.
    match unsafe { libc::ptrace(what, thread, 0, data) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
