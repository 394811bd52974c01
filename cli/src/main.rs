//! `nlftp`: moves files through a cellular module, from the command line.

mod args;
mod failure;
mod login;
mod netrc;
mod output;
mod progress;
mod session;
mod signals;
mod stdio;
mod text;
mod url;
mod verbs;

use std::process::ExitCode;

use clap::error::ErrorKind as Usage;

use crate::failure::Failure;

fn main() -> ExitCode {
    match args::parse(std::env::args_os()) {
        Ok(cli) => ExitCode::from(verbs::run(&cli)),
        Err(error) => ExitCode::from(explain(&error)),
    }
}

/// Help that was asked for is a result; anything else becomes one sentence.
fn explain(error: &clap::Error) -> u8 {
    let failure = match error.kind() {
        Usage::DisplayHelp | Usage::DisplayVersion => match error.print() {
            Ok(()) => return 0,
            Err(error) => Failure::output(&error),
        },
        Usage::DisplayHelpOnMissingArgumentOrSubcommand | Usage::MissingSubcommand => {
            Failure::invalid("what is to be done? (see nlftp --help)")
        }
        _ => Failure::invalid(usage_sentence(&error.to_string())),
    };
    let json = std::env::args_os().any(|argument| argument == "--json");
    output::report(&failure, json, false);
    failure.exit_status()
}

/// The first paragraph of clap's report: what follows it is for --help. It may quote arguments, and
/// one of them may be a URL with a password.
fn usage_sentence(report: &str) -> String {
    let first = report.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = first
        .split_whitespace()
        .skip_while(|&word| word == "error:")
        .collect();
    format!(
        "{} (see nlftp --help)",
        url::without_credentials(&words.join(" "))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(line: &[&str]) -> String {
        usage_sentence(&args::parse(line).unwrap_err().to_string())
    }

    #[test]
    fn a_usage_error_is_one_sentence() {
        let text = sentence(&["nlftp", "put"]);
        assert!(
            text.contains("<LOCAL> <URL>") && !text.contains('\n'),
            "{text}"
        );
        let text = sentence(&["nlftp", "at", "AT", "--timeout", "never"]);
        assert!(text.contains("not a number of seconds"), "{text}");
        let text = sentence(&["nlftp", "ls", "ftp://h/", "--bogus"]);
        assert!(
            text.starts_with("unexpected argument '--bogus' found"),
            "{text}"
        );
    }

    #[test]
    fn a_usage_error_shows_no_password() {
        let text = sentence(&["nlftp", "ls", "ftp://h/", "ftp://me:secret@h/"]);
        assert!(!text.contains("secret") && text.contains("@h/"), "{text}");
    }
}
