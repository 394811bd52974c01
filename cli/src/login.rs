//! Whom to log in as: the URL, the environment and `~/.netrc` put together.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nlftp_core::{Login, Secret, limits};

use crate::failure::Failure;
use crate::netrc;
use crate::output::Output;
use crate::text;
use crate::url::Location;

/// A netrc of a person is a few lines; more than this is another file.
const NETRC_LIMIT: u64 = 1 << 20;

/// The login for a location. The password: from the URL, from `NLFTP_PASSWORD`, from the netrc.
/// Without a user anywhere it is the anonymous login, which never gets a secret.
pub(crate) fn login(
    location: &Location,
    account: Option<&OsStr>,
    active: bool,
    output: &Output,
) -> Result<Login, Failure> {
    let from_environment = std::env::var_os("NLFTP_PASSWORD").map(OsStringExt::into_vec);
    let mut user = location.user.clone();
    let mut password = location.password.clone();
    let mut account = account
        .map(|account| secret("the account", account.as_bytes()))
        .transpose()?;
    let wanted = user.is_none() || (password.is_none() && from_environment.is_none());
    if wanted && let Some(entry) = netrc_entry(&location.host, user.as_deref(), output)? {
        user = user.or(entry.login.map(String::into_bytes));
        // The environment's word counts more than the file's.
        if password.is_none() && from_environment.is_none() {
            password = entry
                .password
                .map(|password| secret("the password in the netrc", password.as_bytes()))
                .transpose()?;
        }
        if account.is_none() {
            account = entry
                .account
                .map(|account| secret("the account in the netrc", account.as_bytes()))
                .transpose()?;
        }
    }
    let named = user.is_some();
    let user = user.unwrap_or_else(|| b"anonymous".to_vec());
    text::check("the user name", &user, limits::NAME)?;
    let anonymous = user == b"anonymous" || user == b"ftp";
    let password = match (password, from_environment.filter(|_| named)) {
        (Some(password), _) => password,
        (None, Some(password)) => secret("the password in NLFTP_PASSWORD", &password)?,
        (None, None) => Secret::new(if anonymous { "nlftp@" } else { "" }),
    };

    let mut login = Login::new(location.host.clone(), user, "");
    login.password = password;
    login.account = account;
    login.port = location.port.or(location.tls.then_some(990));
    login.tls = location.tls;
    login.passive = !active;
    Ok(login)
}

/// A secret that a command can carry.
fn secret(what: &str, octets: &[u8]) -> Result<Secret, Failure> {
    text::check(what, octets, limits::NAME)?;
    Ok(Secret::new(octets))
}

fn netrc_entry(
    host: &str,
    user: Option<&[u8]>,
    output: &Output,
) -> Result<Option<netrc::Entry>, Failure> {
    let named = std::env::var_os("NETRC").filter(|name| !name.is_empty());
    let by_name = named.is_some();
    let Some(path) = named.map(PathBuf::from).or_else(home_netrc) else {
        return Ok(None);
    };
    let (text, mode) = match read(&path) {
        Ok(read) => read,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !by_name => return Ok(None),
        Err(error) => return Err(Failure::local("read", &path, error)),
    };
    let entries = netrc::parse(&text).map_err(|line| {
        Failure::invalid(format!(
            "line {line} of {} cannot be understood",
            path.display()
        ))
    })?;
    // A user that is no text cannot stand in the file either.
    let user = match user.map(std::str::from_utf8) {
        Some(Err(_)) => return Ok(None),
        Some(Ok(user)) => Some(user),
        None => None,
    };
    let entry = netrc::find(&entries, host, user).cloned();
    if mode & 0o077 != 0 && entry.as_ref().is_some_and(|entry| entry.password.is_some()) {
        output.warn(&format!(
            "others may read the passwords in {0}: chmod 600 {0}",
            path.display()
        ));
    }
    Ok(entry)
}

fn home_netrc() -> Option<PathBuf> {
    let home: OsString = std::env::var_os("HOME").filter(|home| !home.is_empty())?;
    Some(Path::new(&home).join(".netrc"))
}

fn read(path: &Path) -> io::Result<(String, u32)> {
    let file = File::open(path)?;
    let mode = file.metadata()?.mode();
    let mut bytes = Vec::new();
    file.take(NETRC_LIMIT).read_to_end(&mut bytes)?;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), mode))
}
