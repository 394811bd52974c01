//! Whom to log in as, and where.

// Functions of C's and what they write to.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::sync::Mutex;

use nlftp_core::{Login, Secret};

use crate::argument::{Arg, arg};
use crate::error::Outcome;
use crate::guard::guard;
use crate::handle::{self, Kept, Opaque, hold};
use crate::status::Status;

/// The parameters of FTPOPEN (manual 1.2.1) and FTPMODE (1.2.21): server, user, and how to connect.
/// nlftp_ftp_open() copies it; all copies of the secrets in it are wiped when they are given up.
pub struct nlftp_login {
    _private: [u8; 0],
}

impl Opaque for nlftp_login {
    const NAME: &'static str = "nlftp_login";
    type Body = Mutex<Login>;
}

fn set(login: Arg<*mut nlftp_login>, set: impl FnOnce(&mut Login) -> Outcome) -> Status {
    guard(|scope| set(&mut *hold(scope.get(login.as_const())?, login.name())?))
}

/// Makes a login in passive mode, without TLS, at the server's default port. The host is a name or an
/// address in UTF-8 of at most 1,024 octets; user and password are any octets, at most 255 each. What
/// of it cannot be sent is found out by nlftp_ftp_open().
///
/// *login is the caller's: nlftp_login_free() frees it. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_login_new(
    host: *const c_char,
    user: *const c_char,
    password: *const c_char,
    login: *mut *mut nlftp_login,
) -> Status {
    guard(|_| {
        let login = arg!(login).out()?;
        let (host, user, password) = (
            arg!(host).text()?,
            arg!(user).octets()?,
            arg!(password).octets()?,
        );
        let body = Mutex::new(Login::new(host, user, password));
        login.write(Kept::<nlftp_login>::new(body).into_raw());
        Ok(())
    })
}

/// Frees a login and wipes its password. NULL is nothing, and NLFTP_OK.
///
/// Any thread, while no other uses it; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_login_free(login: *mut nlftp_login) -> Status {
    guard(|_| handle::take(arg!(login)).map(drop))
}

/// Sets the account for servers that want one (RFC 959 ACCT): any octets, at most 255; a secret like
/// the password. NULL for none, as it is unless set.
///
/// Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_login_set_account(
    login: *mut nlftp_login,
    account: *const c_char,
) -> Status {
    set(arg!(login), |login| {
        login.account = arg!(account).optional_octets()?.map(Secret::new);
        Ok(())
    })
}

/// Sets the server's control port. 0 for the default, as it is unless set: 21, or 990 with TLS.
///
/// Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_login_set_port(login: *mut nlftp_login, port: u16) -> Status {
    set(arg!(login), |login| {
        login.port = (port != 0).then_some(port);
        Ok(())
    })
}

/// Sets whether the module encrypts (FTPS, the manual's sftpmode): false unless set. It never falls
/// back to clear text.
///
/// Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_login_set_tls(login: *mut nlftp_login, tls: bool) -> Status {
    set(arg!(login), |login| {
        login.tls = tls;
        Ok(())
    })
}

/// Sets whether data connections are passive: true unless set (FTPMODE, manual 1.2.21).
///
/// Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_login_set_passive(login: *mut nlftp_login, passive: bool) -> Status {
    set(arg!(login), |login| {
        login.passive = passive;
        Ok(())
    })
}

/// Sets the module's own port for the control connection. 0 lets it choose, as it does unless set.
///
/// Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_login_set_source_control_port(
    login: *mut nlftp_login,
    port: u16,
) -> Status {
    set(arg!(login), |login| {
        login.source_control_port = port;
        Ok(())
    })
}

/// Sets the module's own port for data connections. 0 lets it choose, as it does unless set.
///
/// Any thread, one at a time; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nlftp_login_set_source_data_port(
    login: *mut nlftp_login,
    port: u16,
) -> Status {
    set(arg!(login), |login| {
        login.source_data_port = port;
        Ok(())
    })
}
