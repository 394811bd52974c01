//! `nlftp rm URL`: deletes a file on the server.

use serde_json::json;

use crate::args::Remote;
use crate::failure::Failure;
use crate::output::printable_name;
use crate::session::Context;
use crate::url::Location;
use crate::verbs::transfer::name_value;

pub(crate) fn run(context: &Context<'_>, args: &Remote) -> Result<(), Failure> {
    let location = Location::parse(&args.url)?;
    let name = location.file()?;
    context.with_ftp(&location, args.account.as_deref(), |ftp| {
        Ok(ftp.delete(name)?)
    })?;
    if context.output.json() {
        let (name, encoded) = name_value(name);
        return context
            .output
            .value(json!({ "deleted": name, "encoded": encoded }));
    }
    context
        .output
        .summary(&format!("{}: deleted", printable_name(name)))
}
