//! One file a verb, and what the two that move files share.

mod at;
mod attach;
mod demo;
mod detach;
mod get;
mod info;
mod ls;
mod mkdir;
mod mv;
mod noop;
mod put;
mod pwd;
mod rm;
mod rmdir;
mod sim;
mod stat;
mod syst;
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
                Verb::Stat(args) => stat::run(&context, args).map(|()| 0),
                Verb::Pwd(args) => pwd::run(&context, args).map(|()| 0),
                Verb::Rm(args) => rm::run(&context, args).map(|()| 0),
                Verb::Mkdir(args) => mkdir::run(&context, args).map(|()| 0),
                Verb::Rmdir(args) => rmdir::run(&context, args).map(|()| 0),
                Verb::Mv(args) => mv::run(&context, args).map(|()| 0),
                Verb::Syst(args) => syst::run(&context, args).map(|()| 0),
                Verb::Noop(args) => noop::run(&context, args).map(|()| 0),
                Verb::Info => info::run(&context).map(|()| 0),
                Verb::Attach(args) => attach::run(&context, args).map(|()| 0),
                Verb::Detach => detach::run(&context).map(|()| 0),
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
