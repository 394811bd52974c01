//! Which processors modem and clients run on.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// While it lives this process, and what it starts, runs on one processor. The others are kept awake by work of the
/// lowest priority: one that sleeps deeply takes its time to wake, whatever is measured.
pub struct Pinned {
    before: CpuSet,
    others: Vec<Child>,
    /// Where the kernel's work was allowed to run, if that was changed.
    kernel: Option<String>,
}

/// Where work of the kernel that belongs to no processor may run, in hexadecimal. What passes through a
/// pseudo-terminal is such work: on the other processor it costs every ping a wake-up from there.
const KERNEL_WORK: &str = "/sys/devices/virtual/workqueue/cpumask";

impl Pinned {
    /// Pins to the first processor that this process may use; with `kernel`, which takes root, the kernel's own part
    /// of a pseudo-terminal, too.
    pub fn new(kernel: bool) -> io::Result<Pinned> {
        let before = sched_getaffinity(None)?;
        let mut usable = (0..CpuSet::MAX_CPU).filter(|&number| before.is_set(number));
        let Some(first) = usable.next() else {
            return Err(io::Error::other("no processor may be used"));
        };
        let mut pinned = Pinned {
            before,
            others: Vec::new(),
            kernel: None,
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
        if kernel {
            // Beyond these the mask is written in groups.
            let mask = u32::try_from(first)
                .ok()
                .and_then(|first| 1u32.checked_shl(first));
            let mask = mask.ok_or_else(|| {
                io::Error::other("--pin-kernel works with one of the first 32 processors")
            })?;
            let path = Path::new(KERNEL_WORK);
            let before = std::fs::read_to_string(path)?;
            std::fs::write(path, format!("{mask:x}"))?;
            pinned.kernel = Some(before);
        }
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
        if let Some(before) = &self.kernel {
            let _ = std::fs::write(KERNEL_WORK, before);
        }
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
