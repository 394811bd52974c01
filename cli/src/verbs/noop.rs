//! `nlftp noop URL`: whether a login works and the server answers.

use serde_json::json;

use crate::args::Remote;
use crate::failure::Failure;
use crate::session::Context;
use crate::url::Location;

pub(crate) fn run(context: &Context<'_>, args: &Remote) -> Result<(), Failure> {
    let location = Location::parse(&args.url)?;
    context.with_ftp(&location, args.account.as_deref(), |ftp| Ok(ftp.noop()?))?;
    context.output.done(json!({ "ok": true }))
}
