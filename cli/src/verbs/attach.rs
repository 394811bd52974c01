//! `nlftp attach [APN]`: attaches to the network, for the calls that follow.

use serde_json::json;

use crate::args::Attach;
use crate::failure::Failure;
use crate::output::printable;
use crate::session::Context;

pub(crate) fn run(context: &Context<'_>, args: &Attach) -> Result<(), Failure> {
    let access_point = context
        .global
        .access_point(args.access_point.as_deref())?
        .ok_or_else(|| {
            Failure::invalid("no access point is given: name it, as in nlftp attach CTNET")
        })?;
    let address = context.with_modem(|modem| Ok(modem.attach(access_point)?))?;
    if context.output.json() {
        return context
            .output
            .value(json!({ "attached": true, "address": address }));
    }
    context.output.line(&printable(&address))
}
