//! What a modem is opened with.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::{OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use crate::argument::{Arg, arg};
use crate::enums::{Flow, PortOrder, TlsOrder};
use crate::error::{Failure, Outcome};
use crate::guard::guard;
use crate::handle::{self, Kept, Opaque, hold};
use crate::status::Status;

/// How to open a port, and how long to wait for a modem. nlftp_modem_new() copies it. All times are in
/// milliseconds; one above a hundred years is taken for a hundred years.
pub struct nlftp_config {
    _private: [u8; 0],
}

/// The port and all settings.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) port: PathBuf,
    pub(crate) config: nlftp_core::Config,
}

impl Opaque for nlftp_config {
    const NAME: &'static str = "nlftp_config";
    type Body = Mutex<Settings>;
}

/// Beyond this, clocks end.
const LONGEST: i64 = 100 * 366 * 24 * 60 * 60 * 1000;

/// A time limit in milliseconds, which has to be one.
pub(crate) fn limit(name: &str, milliseconds: i64) -> Outcome<Duration> {
    match u64::try_from(milliseconds.min(LONGEST)) {
        Ok(limit) if limit > 0 => Ok(Duration::from_millis(limit)),
        _ => Err(Failure::invalid(format!(
            "{name} is {milliseconds}: a time limit is at least 1 ms"
        ))),
    }
}

/// The same, where a negative number says that there is none.
pub(crate) fn optional_limit(name: &str, milliseconds: i64) -> Outcome<Option<Duration>> {
    if milliseconds < 0 {
        return Ok(None);
    }
    limit(name, milliseconds).map(Some)
}

/// A path, which is any octets but none.
pub(crate) fn path<'a>(path: Arg<*const c_char>) -> Outcome<&'a Path> {
    let octets = path.octets()?;
    if octets.is_empty() {
        return Err(Failure::invalid(format!("{} is empty", path.name())));
    }
    Ok(Path::new(OsStr::from_bytes(octets)))
}

fn set(
    config: Arg<*mut nlftp_config>,
    set: impl FnOnce(&mut nlftp_core::Config) -> Outcome,
) -> Status {
    guard(|scope| {
        let settings = scope.get(config.as_const())?;
        set(&mut hold(settings, config.name())?.config)
    })
}

/// Makes the settings for a serial port, such as "/dev/ttyUSB2". The path may be any octets. Nothing is
/// opened.
///
/// *config is the caller's: nlftp_config_free() frees it. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_config_new(
    port: *const c_char,
    config: *mut *mut nlftp_config,
) -> Status {
    guard(|_| {
        let config = arg!(config).out()?;
        let settings = Settings {
            port: path(arg!(port))?.to_owned(),
            config: nlftp_core::Config::default(),
        };
        config.write(Kept::<nlftp_config>::new(Mutex::new(settings)).into_raw());
        Ok(())
    })
}

/// Frees settings; modems that were made of them keep theirs. NULL is nothing, and NLFTP_OK.
///
/// Any thread, while no other uses them; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_config_free(config: *mut nlftp_config) -> Status {
    guard(|_| handle::take(arg!(config)).map(drop))
}

/// Sets the speed of the port in bits a second: 115,200 unless set. Without meaning on USB and
/// pseudo-terminals.
///
/// Errors: NLFTP_INVALID_ARGUMENT for 0; a speed that the port does not know is found out when it is
/// opened. Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_config_set_baud_rate(
    config: *mut nlftp_config,
    baud_rate: u32,
) -> Status {
    set(arg!(config), |config| {
        if baud_rate == 0 {
            return Err(Failure::invalid("baud_rate is 0"));
        }
        config.baud_rate = baud_rate;
        Ok(())
    })
}

/// Sets what holds a sender back: NLFTP_FLOW_NONE unless set. Wire RTS and CTS and use them wherever
/// you can.
///
/// Errors: NLFTP_INVALID_ARGUMENT for a number that is no flow control. Any thread, one at a time; does
/// not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_config_set_flow_control(
    config: *mut nlftp_config,
    flow_control: Flow,
) -> Status {
    set(arg!(config), |config| {
        config.flow_control = flow_control.get("flow_control")?;
        Ok(())
    })
}

/// Sets how long a final result (OK, ERROR) may take: 10,000 unless set.
///
/// Errors: NLFTP_INVALID_ARGUMENT for 0 and less. Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_config_set_timeout(
    config: *mut nlftp_config,
    timeout_ms: i64,
) -> Status {
    set(arg!(config), |config| {
        config.timeout = limit("timeout_ms", timeout_ms)?;
        Ok(())
    })
}

/// Sets how long an outcome (+FTPCWD: 1) and the prompt of FTPPUT may take: 150,000 unless set.
///
/// Errors: NLFTP_INVALID_ARGUMENT for 0 and less. Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_config_set_outcome_timeout(
    config: *mut nlftp_config,
    timeout_ms: i64,
) -> Status {
    set(arg!(config), |config| {
        config.outcome_timeout = limit("timeout_ms", timeout_ms)?;
        Ok(())
    })
}

/// Sets how long a transfer may go without a byte: 60,000 unless set.
///
/// Errors: NLFTP_INVALID_ARGUMENT for 0 and less. Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_config_set_stall_timeout(
    config: *mut nlftp_config,
    timeout_ms: i64,
) -> Status {
    set(arg!(config), |config| {
        config.stall_timeout = limit("timeout_ms", timeout_ms)?;
        Ok(())
    })
}

/// Sets how long a call waits for a port that is not there: one that was lost, as by an unplugged cable, or,
/// when it is opened, one that is yet to be plugged in. 0, as it is unless set, for not at all. A device that comes
/// back under another name is known by its USB serial number and interface, or, without a serial number, by the USB
/// port that it is plugged in.
///
/// Errors: NLFTP_INVALID_ARGUMENT for less than 0. Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_config_set_port_timeout(
    config: *mut nlftp_config,
    timeout_ms: i64,
) -> Status {
    set(arg!(config), |config| {
        config.port_timeout = if timeout_ms == 0 {
            Duration::ZERO
        } else {
            limit("timeout_ms", timeout_ms)?
        };
        Ok(())
    })
}

/// Sets how long a whole call or operation may take, all commands of it together and the wait for
/// others before it. Negative for no such limit, as it is unless set.
///
/// Errors: NLFTP_INVALID_ARGUMENT for 0. Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_config_set_deadline(
    config: *mut nlftp_config,
    deadline_ms: i64,
) -> Status {
    set(arg!(config), |config| {
        config.deadline = optional_limit("deadline_ms", deadline_ms)?;
        Ok(())
    })
}

/// Names a file that gets a record of the port's traffic, passwords masked. It is made anew when the
/// port is opened first; what comes after the port was lost is added. NULL for none, as it is unless set.
///
/// Errors: NLFTP_INVALID_ARGUMENT for an empty name. Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_config_set_trace(
    config: *mut nlftp_config,
    path: *const c_char,
) -> Status {
    set(arg!(config), |config| {
        let given = arg!(path);
        config.trace = if given.is_null() {
            None
        } else {
            Some(self::path(given)?.to_owned())
        };
        Ok(())
    })
}

/// Sets which field of FTPOPEN says whether the connection is encrypted: NLFTP_TLS_FIELD_EIGHTH unless
/// set (manual 1.2.1).
///
/// Errors: NLFTP_INVALID_ARGUMENT for a number that is no such field. Any thread, one at a time; does
/// not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_config_set_tls_field(
    config: *mut nlftp_config,
    field: TlsOrder,
) -> Status {
    set(arg!(config), |config| {
        config.dialect.tls_field = field.get("field")?;
        Ok(())
    })
}

/// Sets which field of FTPOPEN is the port of the server where there is no TLS: NLFTP_PORT_FIELD_SIXTH
/// unless set (manual 1.2.1).
///
/// Errors: NLFTP_INVALID_ARGUMENT for a number that is no such field. Any thread, one at a time; does
/// not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_config_set_port_field(
    config: *mut nlftp_config,
    field: PortOrder,
) -> Status {
    set(arg!(config), |config| {
        config.dialect.port_field = field.get("field")?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;

    fn new() -> *mut nlftp_config {
        let mut config = ptr::null_mut();
        // SAFETY: a text, and a place for the result.
        let status = unsafe { nlftp_config_new(c"/dev/\xfftty".as_ptr(), &mut config) };
        assert_eq!(status.0, 0);
        config
    }

    fn settings(config: *mut nlftp_config) -> Settings {
        let config = handle::check(arg!(config).as_const()).ok().unwrap();
        config.body().lock().unwrap().clone()
    }

    #[test]
    fn settings_are_set_within_their_range_and_otherwise_left() {
        let config = new();
        assert_eq!(
            settings(config).port.as_os_str().as_bytes(),
            b"/dev/\xfftty"
        );
        // SAFETY: a live handle, until it is freed.
        unsafe {
            assert_eq!(nlftp_config_set_timeout(config, 1500).0, 0);
            for wrong in [0, -1, i64::MIN] {
                assert_eq!(nlftp_config_set_timeout(config, wrong).0, 2);
            }
            assert_eq!(settings(config).config.timeout, Duration::from_millis(1500));
            assert_eq!(nlftp_config_set_stall_timeout(config, i64::MAX).0, 0);
            assert_eq!(nlftp_config_set_deadline(config, 5).0, 0);
            assert_eq!(nlftp_config_set_deadline(config, 0).0, 2);
            assert_eq!(
                settings(config).config.deadline,
                Some(Duration::from_millis(5))
            );
            assert_eq!(nlftp_config_set_deadline(config, -1).0, 0);
            assert_eq!(settings(config).config.deadline, None);
            assert_eq!(nlftp_config_set_baud_rate(config, 0).0, 2);
            assert_eq!(nlftp_config_set_flow_control(config, Flow(3)).0, 2);
            assert_eq!(nlftp_config_set_flow_control(config, Flow(1)).0, 0);
            assert_eq!(nlftp_config_set_trace(config, c"".as_ptr()).0, 2);
            assert_eq!(nlftp_config_set_trace(config, c"t".as_ptr()).0, 0);
            assert_eq!(settings(config).config.trace, Some("t".into()));
            assert_eq!(nlftp_config_set_trace(config, ptr::null()).0, 0);
            assert_eq!(settings(config).config.trace, None);
            assert_eq!(nlftp_config_free(config).0, 0);
            assert_eq!(nlftp_config_free(ptr::null_mut()).0, 0);
        }
    }

    #[test]
    fn the_longest_limits_are_clamped() {
        assert_eq!(
            limit("x", i64::MAX).unwrap(),
            Duration::from_millis(LONGEST.unsigned_abs())
        );
        assert!(
            std::time::Instant::now()
                .checked_add(limit("x", i64::MAX).unwrap())
                .is_some()
        );
    }
}
