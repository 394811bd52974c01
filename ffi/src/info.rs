//! Who answers on a port.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::c_char;

use nlftp_core::ModemInfo;

use crate::argument::{Arg, arg};
use crate::error::Failure;
use crate::guard::guard;
use crate::handle::{self, Kept, Opaque};
use crate::lines::nlftp_lines;
use crate::status::Status;
use crate::text::Text;

/// What a modem tells of itself: identity, SIM, registration, signal, address. Never changes.
pub struct nlftp_info {
    _private: [u8; 0],
}

/// The same in the form in which C reads it.
pub(crate) struct Told {
    identification: Kept<nlftp_lines>,
    manufacturer: Option<Text>,
    model: Option<Text>,
    revision: Option<Text>,
    serial_number: Option<Text>,
    sim: Option<Text>,
    registration: Option<u32>,
    operator: Option<Text>,
    access_technology: Option<u32>,
    signal: Option<u32>,
    signal_dbm: Option<i32>,
    address: Option<Text>,
    ftp_connected: Option<bool>,
}

impl Opaque for nlftp_info {
    const NAME: &'static str = "nlftp_info";
    type Body = Told;
}

impl From<ModemInfo> for Told {
    fn from(info: ModemInfo) -> Told {
        let signal_dbm = info.signal_dbm();
        Told {
            identification: Kept::new(info.identification.into_iter().map(Text::from).collect()),
            manufacturer: info.manufacturer.map(Text::from),
            model: info.model.map(Text::from),
            revision: info.revision.map(Text::from),
            serial_number: info.serial_number.map(Text::from),
            sim: info.sim.map(Text::from),
            registration: info.registration.map(|registration| registration.number()),
            operator: info.operator.map(Text::from),
            access_technology: info.access_technology,
            signal: info.signal,
            signal_dbm,
            address: info.address.map(Text::from),
            ftp_connected: info.ftp_connected,
        }
    }
}

fn value<T>(
    info: Arg<*const nlftp_info>,
    out: Arg<*mut T>,
    of: impl FnOnce(&Told) -> Option<T>,
) -> Status {
    guard(|scope| {
        let out = out.out()?;
        out.write(of(scope.get(info)?).ok_or_else(Failure::no_value)?);
        Ok(())
    })
}

fn text(
    info: Arg<*const nlftp_info>,
    out: Arg<*mut *const c_char>,
    of: impl FnOnce(&Told) -> Option<&Text>,
) -> Status {
    value(info, out, |told| of(told).map(Text::as_ptr))
}

/// Frees what nlftp_modem_info() gave the caller. What is an operation's is freed with that: trying it
/// is NLFTP_INVALID_ARGUMENT. NULL is nothing, and NLFTP_OK.
///
/// Any thread, while no other uses it; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_free(info: *mut nlftp_info) -> Status {
    guard(|_| handle::take(arg!(info)).map(drop))
}

/// The lines of ATI.
///
/// *lines is a part of info, and lives as long. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_identification(
    info: *const nlftp_info,
    lines: *mut *const nlftp_lines,
) -> Status {
    value(arg!(info), arg!(lines), |told| {
        Some(told.identification.as_ptr())
    })
}

/// The manufacturer (AT+CGMI).
///
/// *text lives as long as info. NLFTP_NO_VALUE where the modem does not tell. Any thread; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_manufacturer(
    info: *const nlftp_info,
    text: *mut *const c_char,
) -> Status {
    self::text(arg!(info), arg!(text), |told| told.manufacturer.as_ref())
}

/// The model (AT+CGMM).
///
/// *text lives as long as info. NLFTP_NO_VALUE where the modem does not tell. Any thread; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_model(
    info: *const nlftp_info,
    text: *mut *const c_char,
) -> Status {
    self::text(arg!(info), arg!(text), |told| told.model.as_ref())
}

/// The firmware (AT+CGMR).
///
/// *text lives as long as info. NLFTP_NO_VALUE where the modem does not tell. Any thread; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_revision(
    info: *const nlftp_info,
    text: *mut *const c_char,
) -> Status {
    self::text(arg!(info), arg!(text), |told| told.revision.as_ref())
}

/// The IMEI (AT+CGSN).
///
/// *text lives as long as info. NLFTP_NO_VALUE where the modem does not tell. Any thread; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_serial_number(
    info: *const nlftp_info,
    text: *mut *const c_char,
) -> Status {
    self::text(arg!(info), arg!(text), |told| told.serial_number.as_ref())
}

/// The SIM (AT+CPIN?): "READY", what it waits for, or the error that the modem answers without one.
///
/// *text lives as long as info. NLFTP_NO_VALUE where the modem does not tell. Any thread; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_sim(
    info: *const nlftp_info,
    text: *mut *const c_char,
) -> Status {
    self::text(arg!(info), arg!(text), |told| told.sim.as_ref())
}

/// The state of registration as 3GPP TS 27.007 numbers it (+CEREG, +CREG): 1 is the home network, 5
/// roaming.
///
/// NLFTP_NO_VALUE where the modem does not tell. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_registration(
    info: *const nlftp_info,
    state: *mut u32,
) -> Status {
    value(arg!(info), arg!(state), |told| told.registration)
}

/// The operator (AT+COPS?).
///
/// *text lives as long as info. NLFTP_NO_VALUE where the modem does not tell. Any thread; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_operator(
    info: *const nlftp_info,
    text: *mut *const c_char,
) -> Status {
    self::text(arg!(info), arg!(text), |told| told.operator.as_ref())
}

/// The access technology as 3GPP TS 27.007 numbers it (AT+COPS?): 2 for UMTS, 7 for LTE.
///
/// NLFTP_NO_VALUE where the modem does not tell. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_access_technology(
    info: *const nlftp_info,
    number: *mut u32,
) -> Status {
    value(arg!(info), arg!(number), |told| told.access_technology)
}

/// The signal strength as AT+CSQ numbers it: 0 to 31; 99 is unknown.
///
/// NLFTP_NO_VALUE where the modem does not tell. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_signal(info: *const nlftp_info, signal: *mut u32) -> Status {
    value(arg!(info), arg!(signal), |told| told.signal)
}

/// The signal strength in dBm, from -113 to -51.
///
/// NLFTP_NO_VALUE where it is unknown. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_signal_dbm(info: *const nlftp_info, dbm: *mut i32) -> Status {
    value(arg!(info), arg!(dbm), |told| told.signal_dbm)
}

/// The address of the PDP context.
///
/// *text lives as long as info. NLFTP_NO_VALUE while the module is not attached. Any thread; does not
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_address(
    info: *const nlftp_info,
    text: *mut *const c_char,
) -> Status {
    self::text(arg!(info), arg!(text), |told| told.address.as_ref())
}

/// Whether an FTP connection is open (AT+FTPOPEN?).
///
/// NLFTP_NO_VALUE where the modem does not tell. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_info_ftp_connected(
    info: *const nlftp_info,
    connected: *mut bool,
) -> Status {
    value(arg!(info), arg!(connected), |told| told.ftp_connected)
}
