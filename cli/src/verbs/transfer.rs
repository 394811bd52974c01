//! What put and get share: the options of a transfer, and the report of one that succeeded.

use nlftp_core::{Transfer, TransferOptions, Verified, Via};
use serde_json::json;

use crate::args::Moving;
use crate::failure::Failure;
use crate::output::{Output, name_value, per_second, printable_name, rate};
use crate::progress::Bar;
use crate::url::Location;

/// The driver's options, from the command line's and the URL's; `last` is the highest offset that the module takes.
pub(crate) fn options<'a>(
    moving: &Moving,
    last: u64,
    location: &Location,
    bar: Option<&Bar>,
) -> Result<TransferOptions<'a>, Failure> {
    // Before the port is opened: what the module cannot do needs no modem.
    if moving.offset > last {
        return Err(Failure::invalid(format!(
            "the offset {} is too high: the module takes {last} at most",
            moving.offset
        )));
    }
    if let (Some(option), 1..) = (moving.resumes(), moving.offset) {
        return Err(Failure::invalid(format!(
            "{option} finds the offset itself: give no --offset with it"
        )));
    }
    let mut options = TransferOptions::default();
    options.via = moving.via();
    options.file_type = moving.file_type(location.file_type);
    options.offset = moving.offset;
    options.resume = moving.resume;
    options.retry = moving.retry();
    options.verify = moving.verify();
    options.progress = bar.map(Bar::callback);
    Ok(options)
}

/// The name of a way, as `--via` has it.
pub(crate) fn via_name(via: Via) -> &'static str {
    match via {
        Via::Auto => "auto",
        Via::Stream => "stream",
        Via::Block => "block",
    }
}

/// The name of a check, as `--verify` has it; `None` where nothing was checked.
pub(crate) fn verified_name(verified: Verified) -> Option<&'static str> {
    match verified {
        Verified::Size => Some("size"),
        Verified::Readback => Some("readback"),
        _ => None,
    }
}

/// A duration with the thousandths that mean something.
pub(crate) fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

/// Tells people or programs how it went; `local` is `None` for standard input and output.
pub(crate) fn report(
    output: &Output,
    transfer: &Transfer,
    remote: &[u8],
    local: Option<&std::path::Path>,
) -> Result<(), Failure> {
    for warning in &transfer.warnings {
        output.warn(warning);
    }
    let seconds = transfer.duration.as_secs_f64();
    if output.json() {
        let (name, encoded) = name_value(remote);
        return output.value(json!({
            "name": name,
            "encoded": encoded,
            "local": local.map(|local| local.to_string_lossy()),
            "bytes": transfer.bytes,
            "resumed_from": transfer.resumed_from,
            "seconds": rounded(seconds),
            "rate": per_second(transfer.bytes, seconds),
            "via": via_name(transfer.via),
            "verified": verified_name(transfer.verified),
        }));
    }
    let checked = match verified_name(transfer.verified) {
        Some("readback") => "read back and equal",
        Some(_) => "size checked",
        None => "not checked",
    };
    let resumed = match transfer.resumed_from {
        0 => String::new(),
        offset => format!(" from byte {offset} on"),
    };
    output.summary(&format!(
        "{}: {} bytes{resumed} in {seconds:.1} s, {}, by {}, {checked}",
        printable_name(remote),
        transfer.bytes,
        rate(transfer.bytes, seconds),
        via_name(transfer.via),
    ))
}
