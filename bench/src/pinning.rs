//! Which processors modem and clients run on.

use std::io;
use std::process::{Child, Command, Stdio};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// While it lives this process, and what it starts, runs on one processor. The others are kept awake by work of the
/// lowest priority: one that sleeps deeply takes its time to wake, whatever is measured.
pub struct Pinned {
    before: CpuSet,
    others: Vec<Child>,
}

impl Pinned {
    /// Pins to the first processor that this process may use.
    pub fn new() -> io::Result<Pinned> {
        let before = sched_getaffinity(None)?;
        let mut usable = (0..CpuSet::MAX_CPU).filter(|&number| before.is_set(number));
        let Some(first) = usable.next() else {
            return Err(io::Error::other("no processor may be used"));
        };
        let mut pinned = Pinned {
            before,
            others: Vec::new(),
        };
        for number in usable.take(1) {
            set(number)?;
            let child = Command::new(std::env::current_exe()?)
                .arg("spin")
                .stdin(Stdio::null())
                .spawn()?;
            pinned.others.push(child);
        }
        set(first)?;
        Ok(pinned)
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        for child in &mut self.others {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = sched_setaffinity(None, &self.before);
    }
}

fn set(number: usize) -> io::Result<()> {
    let mut one = CpuSet::new();
    one.set(number);
    Ok(sched_setaffinity(None, &one)?)
}

/// Keeps a processor awake until it is killed, or its parent is gone.
pub fn spin() -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    rustix::process::nice(19)?;
    loop {
        std::hint::spin_loop();
    }
}
