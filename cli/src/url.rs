//! Where a file is: the parts of an FTP URL, as octets.
//!
//! Names on a server are octets, not text, and `//` and `..` in them mean something: a general URL
//! parser, which normalises, would change them. An error names the part that is wrong and never
//! shows its content: what stands in the wrong place may be a password.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use nlftp_core::limits::{HOST as HOST_LIMIT, NAME as NAME_LIMIT};
use nlftp_core::{FileType, Secret};

use crate::failure::Failure;
use crate::text;

/// A place on a server.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    pub(crate) tls: bool,
    pub(crate) user: Option<Vec<u8>>,
    pub(crate) password: Option<Secret>,
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    /// Relative to the login folder unless it begins with `/`; may be empty.
    pub(crate) path: Vec<u8>,
    pub(crate) file_type: Option<FileType>,
}

impl Location {
    /// Takes `ftp[s]://[user[:password]@]host[:port]/path[;type=a|i]` apart.
    pub(crate) fn parse(url: &OsStr) -> Result<Location, Failure> {
        let (tls, rest) = scheme(url.as_bytes())?;
        let (authority, path) = match rest.iter().position(|&byte| byte == b'/') {
            Some(slash) => (&rest[..slash], &rest[slash + 1..]),
            None => (rest, &[][..]),
        };
        // The last @: a password may hold one that was not escaped.
        let (userinfo, place) = match authority.iter().rposition(|&byte| byte == b'@') {
            Some(at) => (Some(&authority[..at]), &authority[at + 1..]),
            None => (None, authority),
        };
        let (user, password) = match userinfo {
            Some(userinfo) => credentials(userinfo)?,
            None => (None, None),
        };
        let (host, port) = host_and_port(place)?;
        let (path, file_type) = split_type(path)?;
        if path.contains(&b'#') {
            return Err(wrong(
                "a # in the path is not clear: write %23 where it belongs to the name",
            ));
        }
        let path = part("path", path, NAME_LIMIT)?;
        Ok(Location {
            tls,
            user,
            password,
            host,
            port,
            path,
            file_type,
        })
    }

    /// The path of a file: a URL that names a folder, or nothing, is refused.
    pub(crate) fn file(&self) -> Result<&[u8], Failure> {
        match self.path.last() {
            None => Err(wrong("it names no file: add its path after the host")),
            Some(b'/') => Err(wrong("it names a folder (it ends with /), not a file")),
            Some(_) => Ok(&self.path),
        }
    }

    /// The path of an upload: after a last `/`, or with no path at all, the local name follows.
    pub(crate) fn file_or(&self, local_name: Option<&[u8]>) -> Result<Vec<u8>, Failure> {
        if !matches!(self.path.last(), None | Some(b'/')) {
            return Ok(self.path.clone());
        }
        let name = local_name
            .ok_or_else(|| wrong("it names no file, and there is no local name to take instead"))?;
        self.below(name)
    }

    /// The path of a name in the folder that the URL names, with or without a last `/`.
    pub(crate) fn below(&self, name: &[u8]) -> Result<Vec<u8>, Failure> {
        let between: &[u8] = if matches!(self.path.last(), None | Some(b'/')) {
            b""
        } else {
            b"/"
        };
        let path = [&self.path, between, name].concat();
        check("path with the file's name", &path, NAME_LIMIT)?;
        Ok(path)
    }

    /// The path of a folder for a listing: `None` is the login folder.
    pub(crate) fn folder(&self) -> Option<&[u8]> {
        match self.path.as_slice() {
            [] => None,
            b"/" => Some(b"/"),
            [path @ .., b'/'] => Some(path),
            path => Some(path),
        }
    }

    /// The path of a file or folder that must be named, without a last `/`.
    pub(crate) fn named(&self) -> Result<&[u8], Failure> {
        self.folder()
            .ok_or_else(|| wrong("it names nothing: add a path after the host"))
    }

    /// The last name of the path, for a local file: never a folder, never a way out of one.
    pub(crate) fn last_name(&self) -> Result<&[u8], Failure> {
        let name = self
            .path
            .rsplit(|&byte| byte == b'/')
            .next()
            .unwrap_or_default();
        match name {
            b"" | b"." | b".." => Err(wrong(
                "its last name cannot be a local file's: name the local file after the URL",
            )),
            name => Ok(name),
        }
    }
}

/// Octets in the form that a URL has them: everything but letters, digits and a few marks as `%XX`.
pub(crate) fn encode(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for &octet in octets {
        if octet.is_ascii_alphanumeric() || b"-._~/".contains(&octet) {
            text.push(char::from(octet));
        } else {
            text += &format!("%{octet:02X}");
        }
    }
    text
}

/// A text that may quote a URL, without what such a URL says before its host.
pub(crate) fn without_credentials(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(start), Some(end)) if start < end => {
            format!("{}://***{}", &text[..start], &text[end..])
        }
        _ => text.to_owned(),
    }
}

fn wrong(what: impl AsRef<str>) -> Failure {
    Failure::invalid(format!("the URL makes no sense: {}", what.as_ref()))
}

fn scheme(url: &[u8]) -> Result<(bool, &[u8]), Failure> {
    let end = url.windows(3).position(|three| three == b"://");
    let name = end.map(|end| &url[..end]).filter(|name| {
        name.first().is_some_and(u8::is_ascii_alphabetic)
            && name
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b))
    });
    let (Some(name), Some(end)) = (name, end) else {
        return Err(wrong(
            "it has no scheme: write ftp://host/path or ftps://host/path",
        ));
    };
    let rest = &url[end + 3..];
    match name.to_ascii_lowercase().as_slice() {
        b"ftp" => Ok((false, rest)),
        b"ftps" => Ok((true, rest)),
        b"sftp" => Err(wrong(
            "sftp is SSH, which the module cannot do: it knows ftp and ftps",
        )),
        _ => Err(wrong(format!(
            "the scheme is {}, and the module knows ftp and ftps only",
            String::from_utf8_lossy(name)
        ))),
    }
}

fn credentials(userinfo: &[u8]) -> Result<(Option<Vec<u8>>, Option<Secret>), Failure> {
    let (user, password) = match userinfo.iter().position(|&byte| byte == b':') {
        Some(colon) => (&userinfo[..colon], Some(&userinfo[colon + 1..])),
        None => (userinfo, None),
    };
    let user = part("user", user, NAME_LIMIT)?;
    let password = password
        .map(|password| part("password", password, NAME_LIMIT))
        .transpose()?;
    if user.is_empty() {
        return match password {
            Some(_) => Err(wrong("it has a password but no user")),
            None => Ok((None, None)),
        };
    }
    Ok((Some(user), password.map(Secret::new)))
}

fn host_and_port(place: &[u8]) -> Result<(String, Option<u16>), Failure> {
    let (host, port) = if let Some(rest) = place.strip_prefix(b"[") {
        let end = rest
            .iter()
            .position(|&byte| byte == b']')
            .ok_or_else(|| wrong("the address after [ has no ]"))?;
        match &rest[end + 1..] {
            [] => (&rest[..end], None),
            [b':', port @ ..] => (&rest[..end], Some(port)),
            _ => return Err(wrong("only a :port may follow the ] of an address")),
        }
    } else {
        match place.iter().position(|&byte| byte == b':') {
            Some(colon) => (&place[..colon], Some(&place[colon + 1..])),
            None => (place, None),
        }
    };
    let host = part("host", host, HOST_LIMIT)?;
    if host.is_empty() {
        return Err(wrong("it has no host"));
    }
    if !host.iter().all(u8::is_ascii_graphic) {
        return Err(wrong(
            "the host may hold only ASCII letters, digits and marks",
        ));
    }
    let port = match port {
        None | Some([]) => None,
        Some(digits) => Some(port_number(digits)?),
    };
    Ok((String::from_utf8_lossy(&host).into_owned(), port))
}

fn port_number(digits: &[u8]) -> Result<u16, Failure> {
    std::str::from_utf8(digits)
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .filter(|&port| port > 0)
        .ok_or_else(|| {
            wrong(
                "the port is not a number from 1 to 65535 \
                 (in a user or password, : / and @ are written %3A %2F and %40)",
            )
        })
}

/// `;type=a` or `;type=i` at the end (RFC 1738, 3.2.2).
fn split_type(path: &[u8]) -> Result<(&[u8], Option<FileType>), Failure> {
    let Some(semicolon) = path.iter().rposition(|&byte| byte == b';') else {
        return Ok((path, None));
    };
    let (before, suffix) = (
        &path[..semicolon],
        path[semicolon + 1..].to_ascii_lowercase(),
    );
    match suffix.as_slice() {
        b"type=a" => Ok((before, Some(FileType::Ascii))),
        b"type=i" => Ok((before, Some(FileType::Binary))),
        [b't', b'y', b'p', b'e', b'=', ..] => Err(wrong(
            "its ;type= is neither a (text) nor i (every byte as it is)",
        )),
        _ => Ok((path, None)),
    }
}

fn part(name: &str, raw: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
    let octets = decode(raw).ok_or_else(|| {
        wrong(format!(
            "a % in its {name} is not followed by two hexadecimal digits (% itself is %25)"
        ))
    })?;
    check(name, &octets, limit)?;
    Ok(octets)
}

fn check(name: &str, octets: &[u8], limit: usize) -> Result<(), Failure> {
    match text::defect(octets, limit) {
        None => Ok(()),
        Some(defect) => Err(wrong(format!("its {name} {defect}"))),
    }
}

fn decode(raw: &[u8]) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(raw.len());
    let mut rest = raw.iter();
    while let Some(&byte) = rest.next() {
        if byte != b'%' {
            octets.push(byte);
            continue;
        }
        let mut digit = || char::from(*rest.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        octets.push(u8::try_from(value).ok()?);
    }
    Some(octets)
}

#[cfg(test)]
#[path = "url_tests.rs"]
mod tests;
