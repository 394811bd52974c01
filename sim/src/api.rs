//! The functions of `include/nlftp_sim.h`. Their comments are that header's.

// The functions that C calls; what their pointers have to be is said in the header's words, for C.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use std::ffi::c_char;
use std::sync::{Arc, PoisonError};

use nlftp_vmodem::{Simulator, SimulatorSettings};

use crate::boundary::{Output, guard, text};
use crate::error::{self, Failure};
use crate::handles::{self, Entry};
use crate::sim::Running;

/// What every call answers. Numbers are never used again for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub enum Status {
    /// It was done.
    Ok = 0,
    /// NULL, an unknown option, or a value that cannot be.
    InvalidArgument = 2,
    /// The system did not give what is needed: a pseudo-terminal, a folder, a socket, a thread.
    System = 3,
    /// The handle was stopped or freed before, or belongs to the process that forked this one.
    Closed = 11,
    /// A bug of the library was stopped at its boundary.
    Panic = 13,
    /// Not an error: there is no such value.
    NoValue = 16,
}

/// A running virtual modem with its FTP server.
pub struct Sim;

/// How a virtual modem is to be.
pub struct SimOptions;

/// The library's version, such as "0.1.0". It lives as long as the process.
#[unsafe(no_mangle)]
pub extern "C" fn nlftp_sim_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// A sentence about the calling thread's last failure, "" before the first. It belongs to the library and lives until
/// the next failure on this thread, or the thread's end.
#[unsafe(no_mangle)]
pub extern "C" fn nlftp_sim_last_error() -> *const c_char {
    error::last()
}

/// Makes options with every default. They are yours: free them with nlftp_sim_options_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_options_new(options: *mut *mut SimOptions) -> Status {
    guard(|| {
        // SAFETY: the caller's pointer to a handle.
        let output = unsafe { Output::new("options", options) }?;
        output.write(handles::insert(Entry::Options(Arc::default())));
        Ok(())
    })
}

/// Frees options. NULL is NLFTP_SIM_OK.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_options_free(options: *mut SimOptions) -> Status {
    guard(|| match options.is_null() {
        true => Ok(()),
        false => handles::remove_options(options),
    })
}

/// Sets an option by its name, as `nlftp sim --NAME VALUE` does; what was set before is replaced. Both texts are copied.
///
///  - "link": a path at which to make a symbolic link to the port, until it is stopped
///  - "root": the folder that the embedded FTP server serves; default a temporary one, deleted at the end
///  - "user", "password": the embedded server's login; default "nlftp" and "nlftp"
///  - "server": "HOST:PORT", the FTP server to which every connection goes, in place of the embedded one. Without it the
///    embedded server stands for every host but this machine's own, so that programs can name the one of the field.
///  - "baud": the pace of the port in bits per second; default as fast as it goes
///  - "turnaround": milliseconds before a command is answered; default "0"
///  - "dtr": what a drop of the DTR line does: "present" (ends the data phase; the default), "ignored", or "absent"
///  - "detached": "true" to start without a data connection, so that a program has to attach first; default "false"
///  - "apn-user", "apn-password": the login without which the access point lets nobody attach; default none
///  - "dialect": how the firmware reads the manual, as "name=value" pairs with commas between them, such as
///    "colon=tight,error=cme"; a name or value that there is not is answered with those that there are
///  - "faults": what goes wrong on the line, each so many times in a million bytes: "seed=7,drop=10,double=10,flip=10,
///    delay=5,urc=20,reset=1,unplug=1" or some of these; the same for the same seed and bytes; default none
///
/// NLFTP_SIM_INVALID_ARGUMENT: there is no such option, or the value cannot be; nothing was changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_options_set(
    options: *mut SimOptions,
    name: *const c_char,
    value: *const c_char,
) -> Status {
    guard(|| {
        let settings = handles::options("options", options)?;
        // SAFETY: texts of the caller's, used before this returns.
        let (name, value) = unsafe { (text("name", name)?, text("value", value)?) };
        let mut settings = settings.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(settings.set(name, value)?)
    })
}

/// Starts a virtual modem with its FTP server; a program can use both as soon as this returns. It is yours: end it with
/// nlftp_sim_stop(). The options are copied and stay yours; NULL stands for every default.
///
/// Blocks while the port, the server and their threads are made, for milliseconds; a host name in "server" is
/// looked up. The threads inherit the calling thread's signal mask.
///
/// NLFTP_SIM_INVALID_ARGUMENT: two options exclude each other. NLFTP_SIM_SYSTEM: something could not be had.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_start(options: *const SimOptions, sim: *mut *mut Sim) -> Status {
    guard(|| {
        // SAFETY: the caller's pointer to a handle.
        let output = unsafe { Output::new("sim", sim) }?;
        let settings = match options.is_null() {
            true => SimulatorSettings::default(),
            false => {
                let settings = handles::options("options", options)?;
                settings
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone()
            }
        };
        let running = Running::new(Simulator::start(&settings)?);
        output.write(handles::insert(Entry::Sim(Arc::new(running))));
        Ok(())
    })
}

/// Stops a virtual modem and its server and frees them, with all text that came from them; the port is gone, and so is
/// a temporary folder. NULL is NLFTP_SIM_OK.
///
/// Blocks until their threads have ended: milliseconds, or up to half a second while a program that has the port open
/// does not read what the modem has said.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_stop(sim: *mut Sim) -> Status {
    guard(|| {
        if !sim.is_null() {
            handles::remove_sim(sim)?.simulator().stop();
        }
        Ok(())
    })
}

/// The path of the port to open: the link if one was asked for, else the pseudo-terminal, such as "/dev/pts/5". It
/// lives until nlftp_sim_stop().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_port(sim: *const Sim, path: *mut *const c_char) -> Status {
    // SAFETY: the caller's pointer to a text.
    unsafe { give(sim, "path", path, |sim| Ok(sim.port())) }
}

/// The host of the FTP server, to be named to the modem: the embedded server's address, or that of the option "server".
/// It lives until nlftp_sim_stop().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_host(sim: *const Sim, host: *mut *const c_char) -> Status {
    // SAFETY: the caller's pointer to a text.
    unsafe { give(sim, "host", host, |sim| Ok(sim.host())) }
}

/// The control port of the FTP server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_server_port(sim: *const Sim, port: *mut u16) -> Status {
    // SAFETY: the caller's pointer to a number.
    unsafe { give(sim, "port", port, |sim| Ok(sim.simulator().server_port())) }
}

/// The user who can log in. It lives until nlftp_sim_stop(). NLFTP_SIM_NO_VALUE with the option "server".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_user(sim: *const Sim, user: *mut *const c_char) -> Status {
    // SAFETY: the caller's pointer to a text.
    unsafe { give(sim, "user", user, Running::user) }
}

/// The user's password. It lives until nlftp_sim_stop(). NLFTP_SIM_NO_VALUE with the option "server".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_password(
    sim: *const Sim,
    password: *mut *const c_char,
) -> Status {
    // SAFETY: the caller's pointer to a text.
    unsafe { give(sim, "password", password, Running::password) }
}

/// The folder that the FTP server serves: put files there to be downloaded, look there for uploaded ones. It lives until
/// nlftp_sim_stop(). NLFTP_SIM_NO_VALUE with the option "server".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_root(sim: *const Sim, folder: *mut *const c_char) -> Status {
    // SAFETY: the caller's pointer to a text.
    unsafe { give(sim, "folder", folder, Running::root) }
}

/// Makes the modem say a line that nobody asked for, such as "+CREG: 1" (its line end is added). It is copied, and goes
/// out soon, behind a file or listing that is on its way to the host; while the modem is silent it is lost.
///
/// NLFTP_SIM_INVALID_ARGUMENT: the line is empty, or has a CR or LF in it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_send_urc(sim: *mut Sim, line: *const c_char) -> Status {
    guard(|| {
        let sim = handles::sim(sim)?;
        // SAFETY: a text of the caller's, used before this returns.
        let line = unsafe { text("line", line) }?;
        Ok(sim.simulator().send_urc(line)?)
    })
}

/// Makes the modem a device that takes what is sent and never answers, or lets it speak again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_set_silent(sim: *mut Sim, silent: bool) -> Status {
    guard(|| Ok(handles::sim(sim)?.simulator().set_silent(silent)?))
}

/// Unplugs the port: whoever has it open is told that it is gone, a moment later, and nobody can open it again. The
/// FTP server goes on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_hang_up(sim: *mut Sim) -> Status {
    guard(|| Ok(handles::sim(sim)?.simulator().hang_up()?))
}

/// How many command lines the modem got so far.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_command_count(sim: *const Sim, count: *mut usize) -> Status {
    let sent = |sim: &Running| Ok(sim.simulator().command_count()?);
    // SAFETY: the caller's pointer to a number.
    unsafe { give(sim, "count", count, sent) }
}

/// A command line that the modem got, as it was sent, passwords and all; the first has the index 0. It lives until
/// nlftp_sim_stop(). A line is there before it is answered. NUL octets are shown as U+FFFD.
///
/// NLFTP_SIM_NO_VALUE: it has not come yet, or is not kept any more; the last 4096 are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_sim_command(
    sim: *const Sim,
    index: usize,
    line: *mut *const c_char,
) -> Status {
    // SAFETY: the caller's pointer to a text.
    unsafe { give(sim, "line", line, |sim| sim.command(index)) }
}

/// Writes what is known of a virtual modem.
///
/// # Safety
/// The pointer is NULL, or a T can be written there.
unsafe fn give<T>(
    sim: *const Sim,
    name: &str,
    pointer: *mut T,
    value: impl FnOnce(&Running) -> Result<T, Failure>,
) -> Status {
    guard(|| {
        let sim = handles::sim(sim)?;
        // SAFETY: as promised to this function.
        let output = unsafe { Output::new(name, pointer) }?;
        output.write(value(&sim)?);
        Ok(())
    })
}
