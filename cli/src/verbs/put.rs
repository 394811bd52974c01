//! `nlftp put LOCAL URL`: uploads a file, standard input, or a pipe.

use std::fs::{self, File};
use std::io::Seek;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nlftp_core::{ErrorKind, Source, limits};

use crate::args::Put;
use crate::failure::Failure;
use crate::output::printable_name;
use crate::session::Context;
use crate::signals::Interrupt;
use crate::stdio::{Inlet, standard_input};
use crate::url::Location;
use crate::verbs::{is_standard, transfer};

pub(crate) fn run(context: &Context<'_>, args: &Put) -> Result<(), Failure> {
    let location = Location::parse(&args.url)?;
    let standard = is_standard(Some(&args.local));
    let local_name = args
        .local
        .file_name()
        .filter(|_| !standard)
        .map(OsStrExt::as_bytes);
    let remote = location.file_or(local_name)?;
    // Before the port is opened: a file that cannot be read needs no modem.
    let source = source(args, standard, context.signals.interrupt())?;
    let bar = context.output.screen().bar(&printable_name(&remote));
    let mut options =
        transfer::options(&args.moving, limits::STORE_OFFSET, &location, bar.as_ref())?;
    options.temporary = args.temporary;
    let done = context.with_ftp(&location, args.moving.account.as_deref(), |ftp| {
        Ok(ftp.put(source, &remote, options)?)
    });
    drop(bar);
    transfer::report(
        context.output,
        &done?,
        &remote,
        Some(args.local.as_path()).filter(|_| !standard),
    )
}

/// A regular file goes by its path; everything else is read as it comes.
fn source(args: &Put, standard: bool, interrupt: Interrupt) -> Result<Source<'static>, Failure> {
    let local = args.local.as_path();
    let not_resumable = |option: &str, what: &str| {
        Err(Failure::invalid(format!(
            "an upload of {what} cannot be resumed: give {option} a plain file"
        )))
    };
    if let (true, Some(option)) = (standard, args.moving.resumes()) {
        return not_resumable(option, "standard input");
    }
    if standard {
        let input = standard_input()
            .map_err(|error| Failure::local("read", Path::new("standard input"), error))?;
        return piped(input, Path::new("standard input"), interrupt);
    }
    let failed = |error| Failure::local("read", local, error);
    let metadata = fs::metadata(local).map_err(failed)?;
    if metadata.is_dir() {
        return Err(Failure::new(
            ErrorKind::LocalFile,
            format!("cannot upload {}: it is a folder", local.display()),
        ));
    }
    if let (false, Some(option)) = (metadata.is_file(), args.moving.resumes()) {
        return not_resumable(option, &local.display().to_string());
    }
    let file = File::open(local).map_err(failed)?;
    if metadata.is_file() {
        return Ok(Source::path(local));
    }
    piped(file, local, interrupt)
}

fn piped(mut file: File, name: &Path, interrupt: Interrupt) -> Result<Source<'static>, Failure> {
    let failed = |error| Failure::local("read", name, error);
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(Failure::new(
            ErrorKind::LocalFile,
            format!("cannot upload {}: it is a folder", name.display()),
        ));
    }
    // A redirected file still has a size, which a bar can use.
    let size = if metadata.is_file() {
        let position = file.stream_position().map_err(failed)?;
        Some(metadata.len().saturating_sub(position))
    } else {
        None
    };
    let inlet = Inlet::new(file, interrupt).map_err(failed)?;
    Ok(match size {
        Some(size) => Source::sized(inlet, size),
        None => Source::reader(inlet),
    })
}
