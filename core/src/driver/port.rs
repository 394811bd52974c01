//! The serial port: opened exclusively and raw, every termios field set, read and written without blocking.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::termios::{
    ControlModes, InputModes, OptionalActions, QueueSelector, SpecialCodeIndex, tcflush, tcgetattr,
    tcsetattr,
};
use serialport::{SerialPort, SerialPortBuilder, TTYPort};

use crate::config::{Config, FlowControl};
use crate::error::{Error, ErrorKind, Result};
use crate::locator::{Locator, PortIdentity, locate};
use crate::search::find;

/// XON and XOFF, the V.250 defaults.
const XON: u8 = 0x11;
const XOFF: u8 = 0x13;

/// How often a port whose settings somebody else changed meanwhile is opened.
const OPEN_TRIES: u32 = 5;

/// Kernel drivers behind which the module itself sits, so that USB holds it back.
const MODULE_DRIVERS: [&str; 4] = ["option", "cdc_acm", "qcserial", "usb_wwan"];

pub(crate) struct Port {
    /// The name that it had last.
    path: PathBuf,
    locator: Arc<dyn Locator>,
    /// Which device it was, once it was open.
    identity: Option<PortIdentity>,
    baud_rate: u32,
    flow_control: FlowControl,
    tty: Option<TTYPort>,
    has_dtr: bool,
    held_back: bool,
}

impl Port {
    /// A port that is yet to be opened.
    pub(crate) fn new(path: &Path, config: &Config) -> Port {
        Port {
            path: path.to_owned(),
            locator: config.locator.clone(),
            identity: None,
            baud_rate: config.baud_rate,
            flow_control: config.flow_control,
            tty: None,
            has_dtr: false,
            held_back: false,
        }
    }

    /// Opens it; one that is open is closed before. Gives the name that it has now, if it is another one.
    pub(crate) fn open(&mut self) -> Result<Option<PathBuf>> {
        self.close();
        let moved = self.find()?;
        self.held_back = self.flow_control != FlowControl::None || is_held_back(&self.path);
        self.reopen()
            .map_err(|error| explain(&self.path, self.baud_rate, &error))?;
        self.identity = self.locator.identify(&self.path).or(self.identity.take());
        Ok(moved)
    }

    /// Looks where the device is that was open before: its name may belong to another one by now.
    fn find(&mut self) -> Result<Option<PathBuf>> {
        let Some(wanted) = &self.identity else {
            return Ok(None);
        };
        if self.locator.identify(&self.path).as_ref() == Some(wanted) {
            return Ok(None);
        }
        match locate(&*self.locator, wanted) {
            // A link that points to it by now is as good a name as ever.
            Some(path) if path.canonicalize().ok() == self.path.canonicalize().ok() => Ok(None),
            Some(path) => {
                self.path.clone_from(&path);
                Ok(Some(path))
            }
            None => Err(Error::new(ErrorKind::Port, missing(&self.path, wanted))),
        }
    }

    /// Whether something holds the modem back while nobody reads: flow control, USB, or a pseudo-terminal.
    pub(crate) fn is_held_back(&self) -> bool {
        self.held_back
    }

    fn reopen(&mut self) -> io::Result<()> {
        let path = self
            .path
            .to_str()
            .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let flow_control = match self.flow_control {
            FlowControl::None => serialport::FlowControl::None,
            FlowControl::RtsCts => serialport::FlowControl::Hardware,
            FlowControl::XonXoff => serialport::FlowControl::Software,
        };
        let builder = serialport::new(path, self.baud_rate)
            .flow_control(flow_control)
            .exclusive(true)
            .timeout(Duration::ZERO);
        let mut tty = open_tty(&builder)?;
        // A port whose DTR cannot be set has none, such as a pseudo-terminal: closing stands in for a drop.
        self.has_dtr = tty.write_data_terminal_ready(true).is_ok();
        fcntl_setfl(borrow(&tty), OFlags::NONBLOCK)?;
        self.tty = Some(tty);
        self.set_termios(false)
    }

    /// Sets every field: what a program before us left behind (VMIN of 0, say) must not matter.
    fn set_termios(&self, hang_up_on_close: bool) -> io::Result<()> {
        let Some(tty) = &self.tty else { return Ok(()) };
        let mut termios = tcgetattr(borrow(tty))?;
        termios.make_raw();
        termios.control_modes |= ControlModes::CREAD | ControlModes::CLOCAL;
        termios
            .control_modes
            .set(ControlModes::HUPCL, hang_up_on_close);
        termios.control_modes.set(
            ControlModes::CRTSCTS,
            self.flow_control == FlowControl::RtsCts,
        );
        let software = InputModes::IXON | InputModes::IXOFF;
        termios
            .input_modes
            .set(software, self.flow_control == FlowControl::XonXoff);
        termios.input_modes.remove(InputModes::IXANY);
        termios.special_codes[SpecialCodeIndex::VMIN] = 1;
        termios.special_codes[SpecialCodeIndex::VTIME] = 0;
        termios.special_codes[SpecialCodeIndex::VSTART] = XON;
        termios.special_codes[SpecialCodeIndex::VSTOP] = XOFF;
        tcsetattr(borrow(tty), OptionalActions::Now, &termios)?;
        Ok(())
    }

    /// HUPCL: whether the kernel drops DTR when this process dies.
    pub(crate) fn hang_up_on_close(&self, hang_up: bool) -> io::Result<()> {
        // Without DTR there is nothing to drop.
        if self.has_dtr {
            self.set_termios(hang_up)
        } else {
            Ok(())
        }
    }

    /// Drops what the kernel has not put on the line yet: kilobytes, which are seconds at low rates.
    pub(crate) fn discard_output(&self) -> io::Result<()> {
        match self.fd() {
            Some(fd) => Ok(tcflush(fd, QueueSelector::OFlush)?),
            None => Ok(()),
        }
    }

    pub(crate) fn lower_dtr(&mut self) -> io::Result<()> {
        match &mut self.tty {
            Some(tty) if self.has_dtr => Ok(tty.write_data_terminal_ready(false)?),
            _ => {
                self.close();
                Ok(())
            }
        }
    }

    pub(crate) fn raise_dtr(&mut self) -> io::Result<()> {
        match &mut self.tty {
            Some(tty) => Ok(tty.write_data_terminal_ready(true)?),
            None => self.reopen(),
        }
    }

    /// Closes it, open to everybody again: the mark of exclusive use outlives its owner while anybody else, such as
    /// a simulated modem, holds the device open.
    pub(crate) fn close(&mut self) {
        if let Some(mut tty) = self.tty.take() {
            let _ = tty.set_exclusive(false);
        }
    }

    /// The descriptor to poll; `None` while the port is closed.
    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.tty.as_ref().map(borrow)
    }

    /// Reads what is there; `WouldBlock` if nothing is, an end of file if the other side is gone.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let fd = self.fd().ok_or(io::ErrorKind::WouldBlock)?;
        Ok(rustix::io::read(fd, buffer)?)
    }

    /// Writes what fits; nothing while the port is closed.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let Some(fd) = self.fd() else { return Ok(0) };
        match rustix::io::write(fd, bytes) {
            Ok(count) => Ok(count),
            Err(rustix::io::Errno::AGAIN) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.close();
    }
}

/// Opens the device, again where its settings did not come back as they were set: another program that leaves the
/// port, or a simulated modem at its other end, may set its own at the very same moment.
fn open_tty(builder: &SerialPortBuilder) -> serialport::Result<TTYPort> {
    let mut tries = 1;
    loop {
        match TTYPort::open(builder) {
            Err(error) if error.kind == serialport::ErrorKind::Unknown && tries < OPEN_TRIES => {
                tries += 1;
            }
            opened => return opened,
        }
    }
}

#[allow(unsafe_code)]
fn borrow(tty: &TTYPort) -> BorrowedFd<'_> {
    // SAFETY: `tty` owns the descriptor and outlives the borrow, as the signature ties the two together.
    unsafe { BorrowedFd::borrow_raw(tty.as_raw_fd()) }
}

/// Pseudo-terminals stop their writer by themselves, and so does USB where the module itself is the device; a UART
/// behind a USB adapter does not.
fn is_held_back(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else {
        return false;
    };
    if path.starts_with("/dev/pts") {
        return true;
    }
    let Some(name) = path.file_name() else {
        return false;
    };
    let driver = Path::new("/sys/class/tty").join(name).join("device/driver");
    let Ok(driver) = driver.canonicalize() else {
        return false;
    };
    let driver = driver
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    MODULE_DRIVERS.iter().any(|known| driver.starts_with(known))
}

fn missing(path: &Path, wanted: &PortIdentity) -> String {
    let device = match &wanted.serial_number {
        Some(number) => format!("{} with the serial number {number}", wanted.product),
        None => format!("{} on USB port {}", wanted.product, wanted.usb_path),
    };
    format!(
        "the port {} is gone: plug the device {device} in again",
        path.display()
    )
}

fn explain(path: &Path, baud_rate: u32, error: &io::Error) -> Error {
    let shown = path.display();
    let sentence = match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            format!(
                "the port {shown} does not exist: look at its name and whether the modem is plugged in"
            )
        }
        Err(error) => format!("the port {shown} cannot be reached: {error}"),
        Ok(_) if is_taken(error) => {
            format!(
                "the port {shown} is taken by another program: close that one (ModemManager, perhaps) or take another port"
            )
        }
        Ok(_) if error.kind() == io::ErrorKind::PermissionDenied => {
            format!(
                "the port {shown} may not be opened by this user: join the group that owns it (often dialout)"
            )
        }
        Ok(_) if is_no_tty(error) => format!("{shown} is not a serial port: look at its name"),
        Ok(_) => format!("the port {shown} cannot be opened at {baud_rate} baud: {error}"),
    };
    Error::new(ErrorKind::Port, sentence).caused_by(io::Error::new(error.kind(), error.to_string()))
}

/// The serialport crate turns errors into text: this is the one place that reads it.
fn is_taken(error: &io::Error) -> bool {
    says(error, &["busy", "lock", "temporarily unavailable"])
}

fn is_no_tty(error: &io::Error) -> bool {
    says(error, &["ioctl", "not a typewriter", "inappropriate"])
}

fn says(error: &io::Error, words: &[&str]) -> bool {
    let text = error.to_string().to_ascii_lowercase();
    let said = |word: &&str| find(text.as_bytes(), word.as_bytes()).is_some();
    words.iter().any(said)
}
