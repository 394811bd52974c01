//! `nlftp stat URL`: the status of the server, or of a file or folder on it.

use serde_json::{Value, json};

use crate::args::Remote;
use crate::failure::Failure;
use crate::output::{name_value, printable_name};
use crate::session::Context;
use crate::url::Location;

pub(crate) fn run(context: &Context<'_>, args: &Remote) -> Result<(), Failure> {
    let location = Location::parse(&args.url)?;
    let lines = context.with_ftp(&location, args.account.as_deref(), |ftp| {
        Ok(ftp.stat(location.folder())?)
    })?;
    if context.output.json() {
        let (texts, encoded): (Vec<Value>, Vec<Value>) =
            lines.iter().map(|line| name_value(line)).unzip();
        return context
            .output
            .value(json!({ "lines": texts, "encoded": encoded }));
    }
    for line in &lines {
        context.output.line(&printable_name(line))?;
    }
    Ok(())
}
