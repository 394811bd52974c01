//! `nlftp rmdir URL`: removes an empty folder on the server.

use serde_json::json;

use crate::args::Remote;
use crate::failure::Failure;
use crate::output::name_value;
use crate::session::Context;
use crate::url::Location;

pub(crate) fn run(context: &Context<'_>, args: &Remote) -> Result<(), Failure> {
    let location = Location::parse(&args.url)?;
    let name = location.named()?;
    context.with_ftp(&location, args.account.as_deref(), |ftp| Ok(ftp.rmd(name)?))?;
    let (name, encoded) = name_value(name);
    context
        .output
        .done(json!({ "removed": name, "encoded": encoded }))
}
