//! What --help says beyond the options: exit statuses, the JSON of each verb, and which options a verb has no use for.

use clap::{Command, CommandFactory};
use nlftp_core::ErrorKind;

use crate::args::Cli;

/// A verb's part of its help text.
struct Page {
    verb: &'static str,
    /// Global options that mean nothing to it. They are accepted all the same, so that one set of options does for
    /// every verb of a script.
    without: &'static [&'static str],
    /// What its help ends with: the JSON of its result.
    text: &'static str,
}

const fn page(verb: &'static str, without: &'static [&'static str], text: &'static str) -> Page {
    Page {
        verb,
        without,
        text,
    }
}

/// What only an FTP connection has.
const FTP: &[&str] = &["passive", "active", "dialect"];

const PAGES: [Page; 17] = [
    page("demo", &[], DEMO),
    page("put", &[], TRANSFER),
    page("get", &[], TRANSFER),
    page("ls", &[], LS),
    page(
        "stat",
        &[],
        "With --json: {\"lines\": [TEXT, …], \"encoded\": [OCTETS, …], \"warnings\": […]}",
    ),
    page(
        "pwd",
        &[],
        "With --json: {\"directory\": TEXT, \"encoded\": OCTETS, \"warnings\": […]}",
    ),
    page(
        "rm",
        &[],
        "With --json: {\"deleted\": TEXT, \"encoded\": OCTETS, \"warnings\": […]}",
    ),
    page(
        "mkdir",
        &[],
        "With --json: {\"created\": TEXT, \"encoded\": OCTETS, \"warnings\": […]}",
    ),
    page(
        "rmdir",
        &[],
        "With --json: {\"removed\": TEXT, \"encoded\": OCTETS, \"warnings\": […]}",
    ),
    page("mv", &[], MV),
    page(
        "syst",
        &[],
        "With --json: {\"system\": TEXT, \"warnings\": […]}",
    ),
    page(
        "noop",
        &[],
        "With --json: {\"ok\": true, \"warnings\": […]}",
    ),
    page("info", FTP, INFO),
    page(
        "attach",
        &["apn", "passive", "active", "dialect"],
        "With --json: {\"attached\": true, \"address\": TEXT, \"warnings\": […]}",
    ),
    page(
        "detach",
        &[
            "apn",
            "apn_user",
            "apn_password",
            "passive",
            "active",
            "dialect",
        ],
        "With --json: {\"attached\": false, \"warnings\": […]}",
    ),
    page(
        "at",
        FTP,
        "With --json: {\"command\": TEXT, \"lines\": [TEXT, …], \"warnings\": […]}",
    ),
    page(
        "sim",
        &[
            "port",
            "flow",
            "apn",
            "apn_user",
            "apn_password",
            "dialect",
            "timeout",
            "port_timeout",
            "deadline",
            "passive",
            "active",
            "trace",
            "verbose",
        ],
        SIM,
    ),
];

const DEMO: &str = "\
With --json: {\"ok\": BOOLEAN, \"identical\": N, \"total\": N, \"seed\": N, \"transfers\": [{…}, …], \"warnings\": […]}";

const TRANSFER: &str = "\
With --resume an upload that fails leaves what the server has of the file there, and a download leaves its bytes
beside LOCAL, in LOCAL.nlftp-part with a record of the server's file. The next run with --resume goes on at the end of
what both sides have in common, and from the start, with a warning, where they are not the same file.
--retry does the same within one run: a port that was unplugged (see --port-timeout), the network or the FTP connection
is opened anew, and the transfer goes on.

With --json: {\"name\": TEXT, \"encoded\": OCTETS, \"local\": PATH, \"bytes\": N, \"resumed_from\": N, \"seconds\": N,
  \"rate\": N, \"via\": WAY, \"verified\": HOW, \"warnings\": […]}
bytes are those that this run moved, resumed_from those of the file that were there before. HOW is size or readback, and
null where nothing was checked.";

const LS: &str = "\
With --json: [{\"name\": TEXT, \"encoded\": OCTETS, \"size\": BYTES, \"kind\": KIND, \"modified\": TIME,
  \"target\": TEXT, \"target_encoded\": OCTETS, \"raw\": LINE}, …]
KIND is file, directory, link, other or unknown; TIME is ISO 8601; target is where a link leads. What the server does
not tell is null. A listing that breaks off has {\"error\": {…}} as its last element.";

const MV: &str = "\
NEWNAME is a path from the login folder, as the URL's is, not from the folder that the file is in:
  nlftp mv ftp://host/logs/today old        moves it out of logs
  nlftp mv ftp://host/logs/today logs/old   keeps it there
  nlftp mv ftp://host/logs/today kept/      moves it to kept/today
  nlftp mv ftp://host/logs/today /old       moves it to the server's root
A folder that is there already is moved into only with the / at the end.

With --json: {\"renamed\": TEXT, \"encoded\": OCTETS, \"to\": TEXT, \"to_encoded\": OCTETS, \"warnings\": […]}";

const SIM: &str = "\
With --json, on one line, as soon as a client can connect: {\"port\": PATH, \"link\": PATH, \"server\": HOST:PORT,
  \"url\": URL, \"user\": TEXT, \"password\": TEXT, \"root\": PATH, \"ca\": PATH, \"warnings\": […]}
What it does not have is null.";

const INFO: &str = "\
With --json: {\"port\": PATH, \"identification\": [TEXT, …], \"manufacturer\": TEXT, \"model\": TEXT, \"revision\": TEXT,
  \"serial_number\": TEXT, \"sim\": TEXT, \"registration\": TEXT, \"registered\": BOOLEAN, \"operator\": TEXT,
  \"access_technology\": N, \"signal\": N, \"signal_dbm\": N, \"attached\": BOOLEAN, \"address\": TEXT,
  \"ftp_connected\": BOOLEAN, \"warnings\": […]}
access_technology is numbered as in 3GPP TS 27.007, signal as in AT+CSQ. What the module does not tell is null.";

/// What stands below all that has OCTETS in it.
const OCTETS: &str =
    "\nOCTETS are the exact octets of the text before them, as a URL has them (%XX).";

/// The grammar with all of its help texts.
pub(super) fn command() -> Command {
    let mut command = Cli::command();
    let global: Vec<_> = command.get_arguments().cloned().collect();
    for page in PAGES {
        let hidden: Vec<_> = global
            .iter()
            .filter(|option| page.without.contains(&option.get_id().as_str()))
            .map(|option| option.clone().hide(true))
            .collect();
        let octets = if page.text.contains("OCTETS") {
            OCTETS
        } else {
            ""
        };
        let text = format!(
            "{}{octets}\nA failure is {{\"error\": {{…}}}}: see nlftp --help.",
            page.text
        );
        command = command.mut_subcommand(page.verb, |verb| {
            // An option that a verb has already is not handed down to it.
            verb.args(hidden).after_help(text)
        });
    }
    command.after_help(after_help())
}

/// The table of exit statuses, from the library's own table of error kinds.
fn after_help() -> String {
    let mut text = String::from(
        "The password comes from the URL, from NLFTP_PASSWORD, or from ~/.netrc (or the file that NETRC names).\n\
         A path in a URL is relative to the login folder; //path is absolute. Octets are written %XX.\n\
         With --json a failure is {\"error\": {\"kind\", \"message\", \"code\", \"family\", \"meaning\", \"text\",\n\
         \"transferred\", \"left_behind\", \"exit_status\"}}: code is the modem's number, family its table (cme, cms, tcp_ip),\n\
         text the modem's own words. See each verb's --help for its results.\n\n\
         Exit statuses:\n    0  success\n    1  demo: a file differs\n",
    );
    for kind in ErrorKind::all() {
        text += &format!(
            "  {:>3}  {:<17} {}\n",
            kind.exit_status(),
            kind.name(),
            meaning(kind)
        );
    }
    text + "  141  the reader of standard output went away"
}

fn meaning(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidArgument => {
            "an option, a URL or a name was refused before a byte was sent"
        }
        ErrorKind::Port => "the serial port could not be opened, is taken, or was lost",
        ErrorKind::Timeout => "the modem did not answer in time",
        ErrorKind::Command => "the modem answered ERROR",
        ErrorKind::Refused => "the FTP server refused",
        ErrorKind::NotConnected => {
            "no FTP connection: host, login or network failed, or it was lost"
        }
        ErrorKind::Busy => "another operation held the modem",
        ErrorKind::Transfer => "a transfer began and did not end whole",
        ErrorKind::LocalFile => "a local file could not be read or written",
        ErrorKind::Closed => "the port was closed meanwhile",
        ErrorKind::WouldDeadlock => "a call waited for itself",
        ErrorKind::Panic => "a fault of nlftp itself was stopped: please report it",
        ErrorKind::Cancelled => "interrupted by SIGINT (Ctrl-C) or SIGTERM",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_error_is_explained() {
        for kind in ErrorKind::all() {
            assert!(!meaning(kind).is_empty(), "{kind}");
        }
    }

    #[test]
    fn every_verb_has_its_page_and_hides_options_that_exist() {
        let command = Cli::command();
        let verbs: Vec<_> = command.get_subcommands().map(Command::get_name).collect();
        assert_eq!(verbs.len(), PAGES.len());
        for page in PAGES {
            assert!(verbs.contains(&page.verb), "{}", page.verb);
            for name in page.without {
                assert!(
                    command
                        .get_arguments()
                        .any(|option| option.get_id() == name),
                    "{name}"
                );
            }
        }
    }
}
