//! One file a verb, and what the two that move files share.

mod at;
mod demo;
mod get;
mod ls;
mod put;
mod rm;
mod sim;
mod transfer;

use std::path::Path;

use crate::args::{Cli, Verb};
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Context;
use crate::signals::Signals;

/// Does what the command line says, reports it, and gives the exit status.
pub(crate) fn run(cli: &Cli) -> u8 {
    let data_on_stdout = matches!(&cli.verb, Verb::Get(get) if is_standard(get.local.as_deref()));
    let output = Output::new(&cli.global, data_on_stdout);
    let result = Signals::install()
        .map_err(|error| {
            Failure::new(
                nlftp_core::ErrorKind::LocalFile,
                format!("cannot take signals: {error}"),
            )
        })
        .and_then(|signals| {
            let context = Context {
                global: &cli.global,
                port: None,
                output: &output,
                signals: &signals,
            };
            match &cli.verb {
                Verb::Demo(args) => demo::run(&context, args),
                Verb::Put(args) => put::run(&context, args).map(|()| 0),
                Verb::Get(args) => get::run(&context, args).map(|()| 0),
                Verb::Ls(args) => ls::run(&context, args).map(|()| 0),
                Verb::Rm(args) => rm::run(&context, args).map(|()| 0),
                Verb::At(args) => at::run(&context, args).map(|()| 0),
                Verb::Sim(args) => sim::run(&context, args).map(|()| 0),
            }
        });
    match result {
        Ok(status) => status,
        Err(failure) => {
            output.failure(&failure);
            failure.exit_status()
        }
    }
}

/// Whether a local name means standard input or output.
fn is_standard(local: Option<&Path>) -> bool {
    local.is_some_and(|local| local.as_os_str() == "-")
}
