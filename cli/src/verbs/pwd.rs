//! `nlftp pwd URL`: the folder that a login stands in, or that the URL's path leads to.

use serde_json::json;

use crate::args::Remote;
use crate::failure::Failure;
use crate::output::{name_value, printable_name};
use crate::session::Context;
use crate::url::Location;

pub(crate) fn run(context: &Context<'_>, args: &Remote) -> Result<(), Failure> {
    let location = Location::parse(&args.url)?;
    let directory = context.with_ftp(&location, args.account.as_deref(), |ftp| {
        if let Some(folder) = location.folder() {
            ftp.cwd(folder)?;
            context.signals.check()?;
        }
        Ok(ftp.pwd()?)
    })?;
    if context.output.json() {
        let (name, encoded) = name_value(&directory);
        return context
            .output
            .value(json!({ "directory": name, "encoded": encoded }));
    }
    context.output.line(&printable_name(&directory))
}
