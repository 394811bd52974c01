//! `nlftp detach`: gives the network up.

use serde_json::json;

use crate::failure::Failure;
use crate::session::Context;

pub(crate) fn run(context: &Context<'_>) -> Result<(), Failure> {
    context.with_modem(|modem| Ok(modem.detach()?))?;
    context.output.done(json!({ "attached": false }))
}
