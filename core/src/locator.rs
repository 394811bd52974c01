//! Which device a serial port is, and under which name it is to be found after it was plugged in again.

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

/// What tells one device's port from another's, whatever its name is at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PortIdentity {
    /// USB vendor and product numbers, such as `2cb7:01a0`.
    pub product: String,
    /// The device's serial number, where it has one. Some makers give all of theirs the same.
    pub serial_number: Option<String>,
    /// Where it is plugged in: the bus and the ports on the way to it, such as `1-1.2`.
    pub usb_path: String,
    /// The number of the interface, in hexadecimal as in `bInterfaceNumber`: a module has several ports.
    pub interface: String,
}

impl PortIdentity {
    /// An identity made of its parts, for locators of one's own.
    pub fn new(
        product: impl Into<String>,
        serial_number: Option<String>,
        usb_path: impl Into<String>,
        interface: impl Into<String>,
    ) -> PortIdentity {
        PortIdentity {
            product: product.into(),
            serial_number,
            usb_path: usb_path.into(),
            interface: interface.into(),
        }
    }

    /// Whether both may be the same port of the same device, wherever it is plugged in.
    fn is_like(&self, other: &PortIdentity) -> bool {
        let same_device = match (&self.serial_number, &other.serial_number) {
            (Some(one), Some(other)) => one == other,
            // One that tells no serial number is known by its place.
            (None, None) => self.usb_path == other.usb_path,
            _ => false,
        };
        same_device && self.product == other.product && self.interface == other.interface
    }
}

/// Tells serial ports apart and lists them. [`Config::locator`](crate::Config::locator) takes one; the methods run on the
/// modem's worker thread, whenever the port is opened, and should be quick.
pub trait Locator: Debug + Send + Sync {
    /// Which device the port of this name belongs to; `None` for one that always keeps its name, such as a UART of the
    /// machine itself or a pseudo-terminal.
    fn identify(&self, port: &Path) -> Option<PortIdentity>;

    /// The ports that are there now, in any order.
    fn ports(&self) -> Vec<PathBuf>;
}

/// The name that a port has now: the one with the same serial number and interface, or, where a device has no serial
/// number or shares it with another one, the one at the same place.
pub(crate) fn locate(locator: &dyn Locator, wanted: &PortIdentity) -> Option<PathBuf> {
    let mut found: Vec<_> = locator
        .ports()
        .into_iter()
        .filter_map(|port| Some((locator.identify(&port)?, port)))
        .filter(|(identity, _)| wanted.is_like(identity))
        .collect();
    if found.len() > 1 {
        found.retain(|(identity, _)| identity.usb_path == wanted.usb_path);
    }
    match found.len() {
        1 => found.pop().map(|(_, port)| port),
        // Which of several is the one nobody can tell: a wrong module is worse than none.
        _ => None,
    }
}

/// Finds USB ports by what Linux tells of them in `/sys/class/tty`.
#[derive(Debug, Clone)]
pub struct UsbLocator {
    tty: PathBuf,
    dev: PathBuf,
}

impl Default for UsbLocator {
    fn default() -> UsbLocator {
        UsbLocator::in_folders("/sys/class/tty", "/dev")
    }
}

impl UsbLocator {
    /// One that looks into other folders, as of a container, instead of `/sys/class/tty` and `/dev`.
    pub fn in_folders(tty: impl Into<PathBuf>, dev: impl Into<PathBuf>) -> UsbLocator {
        UsbLocator {
            tty: tty.into(),
            dev: dev.into(),
        }
    }
}

impl Locator for UsbLocator {
    fn identify(&self, port: &Path) -> Option<PortIdentity> {
        // A link, as in /dev/serial/by-id, stands for the device that it points to.
        let port = port.canonicalize().ok()?;
        let device = self.tty.join(port.file_name()?).join("device");
        let device = device.canonicalize().ok()?;
        // Some drivers have a folder of their own below the interface's.
        let interface = device
            .ancestors()
            .take(3)
            .find(|folder| folder.join("bInterfaceNumber").exists())?;
        let usb = interface.parent()?;
        let product = format!("{}:{}", text(usb, "idVendor")?, text(usb, "idProduct")?);
        Some(PortIdentity {
            product,
            serial_number: text(usb, "serial"),
            usb_path: usb.file_name()?.to_str()?.to_owned(),
            interface: text(interface, "bInterfaceNumber")?,
        })
    }

    fn ports(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.tty) else {
            return Vec::new();
        };
        entries
            .filter_map(|entry| Some(self.dev.join(entry.ok()?.file_name())))
            .filter(|port| port.exists())
            .collect()
    }
}

/// An attribute, where there is one with something in it.
fn text(folder: &Path, name: &str) -> Option<String> {
    let text = fs::read(folder.join(name)).ok()?;
    let text = str::from_utf8(text.trim_ascii()).ok()?;
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use tempfile::TempDir;

    /// Folders as Linux has them for modules with one serial number each, or none.
    struct Machine {
        root: TempDir,
    }

    impl Machine {
        fn new() -> Machine {
            let root = tempfile::tempdir().unwrap();
            for folder in ["class", "dev"] {
                fs::create_dir(root.path().join(folder)).unwrap();
            }
            Machine { root }
        }

        /// Plugs a port in, the way the `option` driver (with a folder of its own) or `cdc_acm` shows it.
        fn plug(&self, name: &str, usb_path: &str, interface: &str, serial: Option<&str>) {
            let usb = self.root.path().join("devices").join(usb_path);
            let face = usb.join(format!("{usb_path}:1.{interface}"));
            let own = name.starts_with("ttyUSB");
            let device = if own { face.join(name) } else { face.clone() };
            fs::create_dir_all(&device).unwrap();
            let number = format!("{interface:0>2}\n");
            fs::write(face.join("bInterfaceNumber"), number).unwrap();
            fs::write(usb.join("idVendor"), "2cb7\n").unwrap();
            fs::write(usb.join("idProduct"), "01a0\n").unwrap();
            if let Some(serial) = serial {
                fs::write(usb.join("serial"), format!("{serial}\n")).unwrap();
            }
            let tty = self.root.path().join("class").join(name);
            fs::create_dir(&tty).unwrap();
            symlink(&device, tty.join("device")).unwrap();
            fs::write(self.port(name), "").unwrap();
        }

        fn unplug(&self, name: &str) {
            fs::remove_dir_all(self.root.path().join("class").join(name)).unwrap();
            fs::remove_file(self.port(name)).unwrap();
        }

        fn port(&self, name: &str) -> PathBuf {
            self.root.path().join("dev").join(name)
        }

        fn locator(&self) -> UsbLocator {
            let path = self.root.path();
            UsbLocator::in_folders(path.join("class"), path.join("dev"))
        }

        fn located(&self, identity: &PortIdentity) -> Option<String> {
            let port = locate(&self.locator(), identity)?;
            Some(port.file_name().unwrap().to_str().unwrap().to_owned())
        }
    }

    #[test]
    fn a_module_is_known_by_serial_number_and_interface_wherever_it_is_plugged_in() {
        let machine = Machine::new();
        machine.plug("ttyUSB2", "1-1", "2", Some("A1"));
        machine.plug("ttyUSB3", "1-1", "3", Some("A1"));
        let identity = machine
            .locator()
            .identify(&machine.port("ttyUSB2"))
            .unwrap();
        assert_eq!(
            identity,
            PortIdentity::new("2cb7:01a0", Some("A1".into()), "1-1", "02")
        );
        machine.unplug("ttyUSB2");
        machine.unplug("ttyUSB3");
        assert_eq!(machine.located(&identity), None);
        machine.plug("ttyUSB2", "1-3", "2", Some("B2"));
        machine.plug("ttyUSB6", "1-4.1", "3", Some("A1"));
        assert_eq!(
            machine.located(&identity),
            None,
            "another module, another interface"
        );
        machine.plug("ttyUSB5", "1-4.1", "2", Some("A1"));
        assert_eq!(machine.located(&identity).unwrap(), "ttyUSB5");
    }

    #[test]
    fn a_module_without_a_serial_number_is_known_by_its_place() {
        let machine = Machine::new();
        machine.plug("ttyACM0", "1-1.2", "2", None);
        let identity = machine
            .locator()
            .identify(&machine.port("ttyACM0"))
            .unwrap();
        machine.unplug("ttyACM0");
        machine.plug("ttyACM1", "1-1.3", "2", None);
        assert_eq!(machine.located(&identity), None);
        machine.plug("ttyACM7", "1-1.2", "2", None);
        assert_eq!(machine.located(&identity).unwrap(), "ttyACM7");
    }

    #[test]
    fn modules_that_share_a_serial_number_are_told_apart_by_their_places() {
        let machine = Machine::new();
        machine.plug("ttyUSB0", "1-1", "2", Some("0123456789"));
        let identity = machine
            .locator()
            .identify(&machine.port("ttyUSB0"))
            .unwrap();
        machine.unplug("ttyUSB0");
        machine.plug("ttyUSB4", "1-2", "2", Some("0123456789"));
        machine.plug("ttyUSB8", "1-1", "2", Some("0123456789"));
        assert_eq!(machine.located(&identity).unwrap(), "ttyUSB8");
        machine.unplug("ttyUSB8");
        machine.plug("ttyUSB9", "1-3", "2", Some("0123456789"));
        assert_eq!(machine.located(&identity), None, "it may be either");
    }

    #[test]
    fn links_stand_for_the_device_and_other_ports_have_no_identity() {
        let machine = Machine::new();
        machine.plug("ttyUSB2", "1-1", "2", Some("A1"));
        let link = machine.root.path().join("modem");
        symlink(machine.port("ttyUSB2"), &link).unwrap();
        assert!(machine.locator().identify(&link).is_some());
        fs::create_dir_all(machine.root.path().join("class/ttyS0/device")).unwrap();
        fs::write(machine.port("ttyS0"), "").unwrap();
        assert_eq!(machine.locator().identify(&machine.port("ttyS0")), None);
        assert_eq!(machine.locator().identify(Path::new("/dev/null")), None);
    }
}
