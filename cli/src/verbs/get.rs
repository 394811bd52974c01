//! `nlftp get URL [LOCAL]`: downloads into a file, a folder, standard output, or a pipe.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nlftp_core::{ErrorKind, Sink, Transfer, limits};

use crate::args::Get;
use crate::failure::Failure;
use crate::output::printable_name;
use crate::session::Context;
use crate::stdio::{Outlet, standard_output};
use crate::url::Location;
use crate::verbs::transfer;

/// Where the bytes go.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    Standard,
    /// A pipe or a device: written as it is. Renaming a new file over it would destroy it.
    Special(PathBuf),
    File(PathBuf),
}

pub(crate) fn run(context: &Context<'_>, args: &Get) -> Result<(), Failure> {
    let location = Location::parse(&args.url)?;
    let remote = location.file()?;
    let target = target(&location, args.local.as_deref())?;
    if let Some(option) = args.moving.resumes() {
        resumable(option, &target)?;
    }
    let bar = context.output.screen().bar(&printable_name(remote));
    let options = transfer::options(
        &args.moving,
        limits::RETRIEVE_OFFSET,
        &location,
        bar.as_ref(),
    )?;
    let account = args.moving.account.as_deref();
    let (done, local) = match &target {
        Target::File(path) => {
            let done = context.with_ftp(&location, account, |ftp| {
                Ok(ftp.get(remote, Sink::path(path), options)?)
            });
            (done, Some(path))
        }
        Target::Standard | Target::Special(_) => {
            let (mut outlet, path) = outlet(context, &target)?;
            let done = context.with_ftp(&location, account, |ftp| {
                Ok(ftp.get(remote, Sink::writer(&mut outlet), options)?)
            });
            (finish(context, outlet, done, path), path)
        }
    };
    drop(bar);
    transfer::report(context.output, &done?, remote, local.map(PathBuf::as_path))
}

/// The target for a LOCAL that may be missing, a folder, or `-`; every complaint comes before the
/// port is opened.
fn target(location: &Location, local: Option<&Path>) -> Result<Target, Failure> {
    let name = || {
        location
            .last_name()
            .map(|name| Path::new(OsStr::from_bytes(name)))
    };
    let path = match local {
        None => name()?.to_owned(),
        Some(local) if local.as_os_str() == "-" => return Ok(Target::Standard),
        Some(local) if local.is_dir() => local.join(name()?),
        Some(local) => local.to_owned(),
    };
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => Err(unwritable(&path, "it is a folder")),
        Ok(metadata) if metadata.is_file() => Ok(Target::File(path)),
        Ok(_) => Ok(Target::Special(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if path.as_os_str().as_bytes().ends_with(b"/") {
                return Err(unwritable(&path, "there is no such folder"));
            }
            let parent = path
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty());
            match parent.map(fs::metadata) {
                Some(Err(error)) => Err(unwritable(&path, &error.to_string())),
                _ => Ok(Target::File(path)),
            }
        }
        Err(error) => Err(unwritable(&path, &error.to_string())),
    }
}

/// Only what stands in a folder can wait there for the rest.
fn resumable(option: &str, target: &Target) -> Result<(), Failure> {
    let what = match target {
        Target::File(_) => return Ok(()),
        Target::Standard => "standard output".to_owned(),
        Target::Special(path) => path.display().to_string(),
    };
    Err(Failure::invalid(format!(
        "a download to {what} cannot be resumed: give {option} a plain file"
    )))
}

fn unwritable(path: &Path, why: &str) -> Failure {
    Failure::new(
        ErrorKind::LocalFile,
        format!("cannot write {}: {why}", path.display()),
    )
}

fn outlet<'a>(
    context: &Context<'_>,
    target: &'a Target,
) -> Result<(Outlet, Option<&'a PathBuf>), Failure> {
    let (file, path) = match target {
        Target::Special(path) => (File::options().write(true).open(path), Some(path)),
        _ => (standard_output(), None),
    };
    file.and_then(|file| Outlet::new(file, context.signals.interrupt()))
        .map(|outlet| (outlet, path))
        .map_err(|error| match path {
            Some(path) => Failure::local("write", path, error),
            None => Failure::output(&error),
        })
}

/// The bytes are through only when the last of them is written.
fn finish(
    context: &Context<'_>,
    mut outlet: Outlet,
    done: Result<Transfer, Failure>,
    path: Option<&PathBuf>,
) -> Result<Transfer, Failure> {
    let done = done.and_then(|transfer| match outlet.finish() {
        Ok(()) => Ok(transfer),
        Err(error) if context.signals.caught() => {
            Err(Failure::local("write", Path::new("everything"), error).interrupted())
        }
        Err(error) => Err(match path {
            Some(path) => Failure::local("write", path, error),
            None => Failure::output(&error),
        }),
    });
    match done {
        Err(_) if outlet.closed() && !context.signals.caught() => Err(Failure::OutputClosed),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str, local: Option<&str>) -> Result<Target, Failure> {
        target(
            &Location::parse(OsStr::new(url)).unwrap(),
            local.map(Path::new),
        )
    }

    #[test]
    fn a_download_lands_where_the_user_expects() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("name");
        let text = folder.path().to_str();
        assert_eq!(
            of("ftp://h/a/name", text).unwrap(),
            Target::File(inside.clone())
        );
        assert_eq!(
            of("ftp://h/a/other", inside.to_str()).unwrap(),
            Target::File(inside)
        );
        assert_eq!(
            of("ftp://h/a/name", None).unwrap(),
            Target::File("name".into())
        );
        assert_eq!(of("ftp://h/a/name", Some("-")).unwrap(), Target::Standard);
        assert_eq!(
            of("ftp://h/a/name", Some("/dev/null")).unwrap(),
            Target::Special("/dev/null".into())
        );
    }

    #[test]
    fn a_place_that_cannot_be_written_is_told_beforehand() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        let below_a_file = file.join("x");
        let no_such_folder = folder.path().join("no/x");
        fs::create_dir(folder.path().join("taken")).unwrap();
        for (url, local) in [
            ("ftp://h/a", below_a_file.to_str()),
            ("ftp://h/a", no_such_folder.to_str()),
            ("ftp://h/a", Some("no-such-folder/")),
            ("ftp://h/taken", folder.path().to_str()),
        ] {
            assert_eq!(of(url, local).unwrap_err().exit_status(), 10, "{local:?}");
        }
        assert_eq!(of("ftp://h/..", None).unwrap_err().exit_status(), 2);
    }
}
