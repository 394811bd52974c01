//! `nlftp demo`: files that are hard to move, moved by each way up and down, and compared.

mod samples;
mod table;

use std::ffi::OsString;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};

use nlftp_core::{ErrorKind, Ftp, Sink, Source, Transfer, TransferOptions, Via};
use nlftp_vmodem::server::{FtpServer, ServerOptions};
use nlftp_vmodem::{Options, VirtualModem};
use serde_json::json;

use crate::args::Demo;
use crate::failure::Failure;
use crate::session::Context;
use crate::url::Location;
use samples::{Compared, Sample, compare};
use table::Row;

const SIZE: u64 = 8 << 20;
/// With real hardware: what a UART of 115,200 baud moves four times in a minute and a half.
const SIZE_WITH_PORT: u64 = 256 << 10;
/// The exit status when a file did not arrive as it was sent.
const DIFFERS: u8 = 1;

/// Where the files go, and how an upload is looked at.
struct Stage {
    location: Location,
    /// The folder behind the server, where there is one in this process. Without it an upload is
    /// checked by its download.
    root: Option<PathBuf>,
}

pub(crate) fn run(context: &Context<'_>, args: &Demo) -> Result<u8, Failure> {
    match &args.url {
        Some(url) => {
            let port = context.global.port()?;
            let location = Location::parse(url)?;
            let stage = Stage {
                location,
                root: None,
            };
            let place = format!(
                "The port {}, and {} behind it",
                port.display(),
                stage.location.host
            );
            play(context, args, &stage, &place, SIZE_WITH_PORT)
        }
        None if context.global.names_port() => Err(Failure::invalid(
            "a demo through a given port needs a URL too: demo -p PORT ftp://user:password@host/folder/",
        )),
        None => without_hardware(context, args),
    }
}

fn without_hardware(context: &Context<'_>, args: &Demo) -> Result<u8, Failure> {
    let failed = |what: &str, error: std::io::Error| {
        Failure::new(ErrorKind::Port, format!("cannot start {what}: {error}"))
    };
    let server = FtpServer::start(ServerOptions::default())
        .map_err(|error| failed("an FTP server", error))?;
    let modem = VirtualModem::start(Options::default())
        .map_err(|error| failed("a virtual modem", error))?;
    let stage = Stage {
        location: Location::parse(&OsString::from(server.url()))?,
        root: Some(server.root().to_owned()),
    };
    let place = format!(
        "A virtual modem on {}, and an FTP server on {}",
        modem.port().display(),
        server.address()
    );
    let context = Context {
        port: Some(modem.port()),
        ..*context
    };
    let result = play(&context, args, &stage, &place, SIZE);
    modem.stop();
    result
}

fn play(
    context: &Context<'_>,
    args: &Demo,
    stage: &Stage,
    place: &str,
    size: u64,
) -> Result<u8, Failure> {
    let seed = args.seed.unwrap_or_else(random_seed);
    let folder = tempfile::tempdir().map_err(|error| {
        Failure::new(
            ErrorKind::LocalFile,
            format!("cannot make a folder for the files: {error}"),
        )
    })?;
    let samples = samples::make(folder.path(), seed, args.size.unwrap_or(size))?;
    let output = context.output;
    if !output.json() {
        output.line(&format!("{place}."))?;
        output.line(&format!("The same random bytes again: --seed {seed}\n"))?;
        output.line(&table::header())?;
    }
    let rows = context.with_ftp(&stage.location, None, |ftp| {
        let mut made = Vec::new();
        let rows = all(
            context,
            stage,
            ftp,
            folder.path(),
            &samples,
            seed,
            &mut made,
        );
        if stage.root.is_none() {
            clean(context, ftp, &made);
        }
        rows
    })?;
    let good = rows.iter().filter(|row| row.identical).count();
    if output.json() {
        output.value(json!({
            "seed": seed,
            "transfers": rows.iter().map(Row::value).collect::<Vec<_>>(),
            "identical": good,
            "total": rows.len(),
            "ok": good == rows.len(),
        }))?;
    } else {
        output.line("")?;
        output.line(&table::verdict(good, rows.len()))?;
    }
    Ok(if good == rows.len() { 0 } else { DIFFERS })
}

/// Every file up by each way, and each of these down by its own way again.
fn all(
    context: &Context<'_>,
    stage: &Stage,
    ftp: &Ftp,
    folder: &Path,
    samples: &[Sample],
    seed: u64,
    made: &mut Vec<Vec<u8>>,
) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for sample in samples {
        for via in [Via::Stream, Via::Block] {
            context.signals.check()?;
            let name = format!(
                "nlftp-demo-{seed:016x}-{}-{}",
                sample.file,
                table::command(true, via)
            );
            let remote = stage.location.below(name.as_bytes())?;
            let label = |command| format!("{command} {}", sample.label);

            let options = options(context, via, &label(table::command(true, via)));
            made.push(remote.clone());
            let up = ftp.put(Source::path(&sample.path), &remote, options.0)?;
            drop(options.1);
            warn(context, &up);
            // Where the server's folder is here, the upload is judged before anything else is done.
            let seen = match &stage.root {
                Some(root) => {
                    let row = row(
                        true,
                        via,
                        sample,
                        &up,
                        compare(&sample.path, &root.join(&name))?,
                    );
                    show(context, &row)?;
                    rows.push(row);
                    None
                }
                None => Some(up),
            };

            context.signals.check()?;
            let back = folder.join(format!("{name}-back"));
            let options = self::options(context, via, &label(table::command(false, via)));
            let down = ftp.get(&remote, Sink::path(&back), options.0)?;
            drop(options.1);
            warn(context, &down);
            let compared = compare(&sample.path, &back)?;
            // Not needed any more, and large.
            std::fs::remove_file(&back).map_err(|error| Failure::local("remove", &back, error))?;
            if let Some(up) = seen {
                let row = row(true, via, sample, &up, compared.clone());
                show(context, &row)?;
                rows.push(row);
            }
            let row = row(false, via, sample, &down, compared);
            show(context, &row)?;
            rows.push(row);
        }
    }
    Ok(rows)
}

fn options(
    context: &Context<'_>,
    via: Via,
    label: &str,
) -> (TransferOptions<'static>, Option<crate::progress::Bar>) {
    let bar = context.output.screen().bar(label);
    let mut options = TransferOptions::default();
    options.via = via;
    options.progress = bar.as_ref().map(crate::progress::Bar::callback);
    (options, bar)
}

fn row(up: bool, asked: Via, sample: &Sample, transfer: &Transfer, compared: Compared) -> Row {
    Row {
        up,
        asked,
        taken: transfer.via,
        file: sample.label,
        bytes: compared.bytes,
        sha256: compared.sha256,
        seconds: transfer.duration.as_secs_f64(),
        verified: transfer.verified,
        identical: compared.identical,
    }
}

fn show(context: &Context<'_>, row: &Row) -> Result<(), Failure> {
    if context.output.json() {
        Ok(())
    } else {
        context.output.line(&row.line())
    }
}

/// That an empty file went another way is in the table; anything else is worth a line.
fn warn(context: &Context<'_>, transfer: &Transfer) {
    if transfer.bytes > 0 {
        for warning in &transfer.warnings {
            context.output.warn(warning);
        }
    }
}

/// Removes what was uploaded, also after an interruption: from here on a signal cancels nothing.
fn clean(context: &Context<'_>, ftp: &Ftp, made: &[Vec<u8>]) {
    context.signals.unwatch();
    let left = made.iter().filter(|name| ftp.delete(name).is_err()).count();
    if left > 0 {
        context.output.warn(&format!(
            "{left} of the demo's files may still be on the server (their names begin with nlftp-demo-)"
        ));
    }
}

/// Another number each time, from the keys that the standard library draws for its hash tables.
fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
