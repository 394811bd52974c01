//! `nlftp syst URL`: the kind of the server's system.

use serde_json::json;

use crate::args::Remote;
use crate::failure::Failure;
use crate::output::printable;
use crate::session::Context;
use crate::url::Location;

pub(crate) fn run(context: &Context<'_>, args: &Remote) -> Result<(), Failure> {
    let location = Location::parse(&args.url)?;
    let system = context.with_ftp(&location, args.account.as_deref(), |ftp| Ok(ftp.syst()?))?;
    if context.output.json() {
        return context.output.value(json!({ "system": system }));
    }
    context.output.line(&printable(&system))
}
