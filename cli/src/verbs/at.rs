//! `nlftp at 'AT+CSQ'`: one raw command, and the lines of its answer.

use std::os::unix::ffi::OsStrExt;

use serde_json::json;

use crate::args::At;
use crate::failure::Failure;
use crate::output::printable;
use crate::session::Context;

pub(crate) fn run(context: &Context<'_>, args: &At) -> Result<(), Failure> {
    let command = args.command.as_bytes();
    if command.is_empty() || command.iter().any(u8::is_ascii_control) {
        return Err(Failure::invalid(
            "a command is one line, such as AT+CSQ, without line breaks or other control characters",
        ));
    }
    let lines = context.with_network(|modem| Ok(modem.command(command)?))?;
    if context.output.json() {
        let command = args.command.to_string_lossy();
        return context
            .output
            .value(json!({ "command": command, "lines": lines }));
    }
    for line in &lines {
        context.output.line(&printable(line))?;
    }
    Ok(())
}
