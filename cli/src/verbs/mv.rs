//! `nlftp mv URL NEWNAME`: renames a file or a folder on the server, or moves it to another folder.

use std::os::unix::ffi::OsStrExt;

use nlftp_core::limits;
use serde_json::json;

use crate::args::Mv;
use crate::failure::Failure;
use crate::output::name_value;
use crate::session::Context;
use crate::text;
use crate::url::Location;

pub(crate) fn run(context: &Context<'_>, args: &Mv) -> Result<(), Failure> {
    let location = Location::parse(&args.url)?;
    let from = location.named()?;
    let to = new_path(from, args.new_name.as_bytes())?;
    context.with_ftp(&location, args.account.as_deref(), |ftp| {
        Ok(ftp.rename(from, &to)?)
    })?;
    let (name, encoded) = name_value(from);
    let (new_name, new_encoded) = name_value(&to);
    context.output.done(json!({
        "renamed": name,
        "encoded": encoded,
        "to": new_name,
        "to_encoded": new_encoded,
    }))
}

/// The path for RNTO. The session stands in the login folder, where the URL's path begins too, so that both are from
/// one place, as with `mv` in a shell.
fn new_path(from: &[u8], name: &[u8]) -> Result<Vec<u8>, Failure> {
    if name.is_empty() {
        return Err(Failure::invalid("the new name is empty: give one"));
    }
    let start = name.to_ascii_lowercase();
    if start.starts_with(b"ftp://") || start.starts_with(b"ftps://") {
        return Err(Failure::invalid(
            "the new name is a URL: give only the path, as the file stays on its server",
        ));
    }
    let mut path = name.to_vec();
    if name.ends_with(b"/") {
        match from.rsplit(|&byte| byte == b'/').next().unwrap_or_default() {
            b"" | b"." | b".." => {
                return Err(Failure::invalid(
                    "the URL's path ends in no name that could be kept: give the new name in full",
                ));
            }
            last => path.extend_from_slice(last),
        }
    }
    text::check("the new name", &path, limits::NAME)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_name_is_taken_as_it_is() {
        for (name, path) in [
            (&b"b"[..], &b"b"[..]),
            (b"/b", b"/b"),
            (b"../b", b"../b"),
            (b"b%20c", b"b%20c"),
            (b"\xff", b"\xff"),
            (b"d/", b"d/a"),
            (b"/", b"/a"),
        ] {
            assert_eq!(new_path(b"x/a", name).unwrap(), path);
        }
    }

    #[test]
    fn a_new_name_that_makes_no_sense_is_told_why() {
        let long = [b'n'; 256];
        let folder = [&[b'n'; 254][..], b"/"].concat();
        for (from, name, why) in [
            (&b"a"[..], &b""[..], "empty"),
            (b"a", b"FTP://h/b", "a URL"),
            (b"a", b"ftps://h/b", "a URL"),
            (b"a", b"b\"c", "double quote"),
            (b"a", b"b\r\nAT+CFUN=0", "line break"),
            (b"a", b"b\0", "NUL"),
            (b"a", &long, "256 octets"),
            (b"a", &folder, "256 octets"),
            (b"x/..", b"d/", "in full"),
            (b"/", b"d/", "in full"),
        ] {
            let failure = new_path(from, name).unwrap_err();
            assert_eq!(failure.exit_status(), 2);
            assert!(failure.sentence().unwrap().contains(why), "{why}");
        }
    }
}
