//! The driver fed the answers of the manual's section 3: the same file of cases that is typed into the virtual modem.

use super::calls::{self, unescape};
use super::cases::Bench;
use super::*;
use crate::listing;
use crate::protocol::dialect::TlsField;

const TABLE: &str = include_str!("../../tests/cases/manual.cases");

/// Where the driver gives every parameter, and sizes of its own, the examples leave some out.
const TRANSFERS: [&str; 7] = [
    "FTPSTOR", "FTPRETR", "FTPGET", "FTPRECV", "FTP_RECV", "FTPGETR", "FTPPUT",
];

/// What is typed, and the lines that come back.
#[derive(Debug, Clone)]
struct Exchange {
    typed: Vec<u8>,
    answer: Vec<String>,
}

#[derive(Debug, Default)]
struct Case {
    name: String,
    dialect: String,
    given: Vec<String>,
    exchanges: Vec<Exchange>,
    /// Calls, with what each gives.
    calls: Vec<(String, String)>,
}

fn table() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if let Some(name) = line.strip_prefix("== ") {
            cases.push(Case {
                name: name.to_owned(),
                ..Case::default()
            });
            continue;
        }
        let case = cases.last_mut().unwrap();
        let (key, rest) = line.split_once(' ').unwrap_or((line, ""));
        let exchange = |typed| Exchange {
            typed,
            answer: Vec::new(),
        };
        match key {
            "dialect:" => case.dialect = rest.to_owned(),
            "given:" => case.given.push(rest.to_owned()),
            "$" => case
                .exchanges
                .push(exchange([rest.as_bytes(), b"\r"].concat())),
            "$$" => case.exchanges.push(exchange(unescape(rest))),
            "=" => case
                .exchanges
                .last_mut()
                .unwrap()
                .answer
                .push(rest.to_owned()),
            "call:" => case.calls.push((rest.to_owned(), String::new())),
            "ok:" => case.calls.last_mut().unwrap().1 = rest.to_owned(),
            // What is left on a server is the virtual modem's to test.
            "then:" => {}
            other => panic!("what is this line? {other}"),
        }
    }
    cases
}

/// `FTPCWD` of `AT+FTPCWD="x"`, and the form.
fn name_and_form(line: &[u8]) -> (String, &'static str) {
    let line = String::from_utf8_lossy(line);
    let body = line.trim_end().strip_prefix("AT+").unwrap_or_default();
    let end = body.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let name = &body[..end.unwrap_or(body.len())];
    let form = match &body[name.len()..] {
        "?" => "read",
        "=?" => "test",
        _ => "set",
    };
    (name.to_owned(), form)
}

/// Where a line stands by itself, as results do; payload runs on.
fn answer_text(exchange: &Exchange) -> String {
    let (name, _) = name_and_form(&exchange.typed);
    let own = format!("+{name}:");
    let mut out = String::new();
    let mut payload = false;
    for line in &exchange.answer {
        let result = line == "OK" || line.starts_with(&own) || line.starts_with("+FTPSTOR:");
        if payload && !result {
            out += line;
            // The lines of a listing end; a file's bytes do not.
            out += if name == "FTPLIST" { "\r\n" } else { "" };
            continue;
        }
        out += &format!("\r\n{line}\r\n");
        let counted = line
            .strip_prefix(&own)
            .is_some_and(|rest| rest.trim().parse::<u32>().is_ok());
        payload = counted;
    }
    out
}

/// The modem of an example: its exchanges, each once, and plain answers to what the driver asks beside them.
struct Example {
    exchanges: Vec<Exchange>,
    listing: String,
    receives_as: Option<String>,
}

impl Example {
    fn new(case: &Case) -> Example {
        let sizes = case.given.iter().filter_map(|given| {
            let (path, bytes) = given.strip_prefix("file ")?.split_once('=')?;
            let name = path.rsplit('/').next()?;
            Some(format!(
                "-rw-r--r-- 1 ftp ftp {} Oct 26 15:15 {name}\r\n",
                unescape(bytes).len()
            ))
        });
        let receives = case.exchanges.iter().find_map(|exchange| {
            let (name, form) = name_and_form(&exchange.typed);
            (form == "read" && name != "FTPOPEN").then_some(name)
        });
        Example {
            exchanges: case.exchanges.clone(),
            listing: sizes.collect(),
            receives_as: receives,
        }
    }

    fn answer(&mut self, sent: &[u8]) -> String {
        let (name, form) = name_and_form(sent);
        let is_piece = name == "FTPPUT";
        let at = if name.is_empty() {
            self.exchanges
                .iter()
                .position(|exchange| exchange.typed == sent)
        } else {
            let same = |exchange: &Exchange| name_and_form(&exchange.typed) == (name.clone(), form);
            match is_piece {
                // The driver sends in one piece what the example sends in two.
                true => self.exchanges.iter().rposition(same),
                false => self.exchanges.iter().position(same),
            }
        };
        let Some(at) = at else {
            return self.plain(&name, form, sent);
        };
        let mut exchange = self.exchanges.remove(at);
        if !TRANSFERS.contains(&name.as_str()) {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            assert_eq!(text(sent), text(&exchange.typed));
        }
        if is_piece {
            let length = String::from_utf8_lossy(sent)
                .split(',')
                .nth(1)
                .unwrap()
                .to_owned();
            exchange.answer[0] = format!("+FTPPUT: 2,{length}");
            // Its bytes, and what they are answered with, come last.
            let data = self
                .exchanges
                .iter()
                .rposition(|exchange| name_and_form(&exchange.typed).0.is_empty());
            self.exchanges[data.unwrap()].typed = b"12345678901234567890".to_vec();
        }
        answer_text(&exchange)
    }

    fn plain(&self, name: &str, form: &str, sent: &[u8]) -> String {
        let ok = "\r\nOK\r\n";
        match (name, form) {
            ("FTPMODE", "read") => format!("\r\n+FTPMODE: 0\r\n{ok}"),
            ("FTPOPEN", "read") => format!("\r\n+FTPOPEN: 1\r\n{ok}"),
            ("MIPCALL", "read") => format!("\r\n+MIPCALL: 0\r\n{ok}"),
            ("FTPMODE" | "FTPREST", "set") => ok.to_owned(),
            ("FTPLIST", "set") => {
                format!("{ok}\r\n+FTPLIST: 2\r\n{}\r\n+FTPLIST: 1\r\n", self.listing)
            }
            (_, "test") if self.receives_as.as_deref() == Some(name) => {
                format!("\r\n+{name}: (1-3000)\r\n{ok}")
            }
            // Nothing is left in the cache.
            (_, "set") if self.receives_as.as_deref() == Some(name) => {
                format!("\r\n+{name}: 0\r\n{ok}")
            }
            ("FTPGETR", "test") => {
                format!("\r\n+FTPGETR: (\"file name\"),(0-1),(0-4294967295)\r\n{ok}")
            }
            // Another spelling of what the example calls by its own.
            ("FTPRETR" | "FTPRECV" | "FTP_RECV", _) => "\r\nERROR\r\n".to_owned(),
            _ => panic!(
                "the example has no answer to {:?}",
                String::from_utf8_lossy(sent)
            ),
        }
    }
}

fn entries(payload: &[u8]) -> String {
    let lines = payload
        .split(|&byte| byte == b'\n')
        .filter_map(listing::parse);
    let shown = lines.map(|entry| {
        let name = String::from_utf8_lossy(&entry.name).into_owned();
        format!("{name}:{}", entry.size.unwrap_or_default())
    });
    shown.collect::<Vec<_>>().join("|")
}

fn run(case: &Case) -> usize {
    let mut config = Config::default();
    if case.dialect.contains("open_tls_seventh=true") {
        config.dialect.tls_field = TlsField::Seventh;
    }
    let mut bench = Bench::of(&config);
    bench.prepare(case.given.iter().any(|given| given == "login"));
    let mut example = Example::new(case);
    for (call, expected) in &case.calls {
        let call = match call.strip_prefix("open ") {
            Some(login) => format!("login {login}"),
            None => call.clone(),
        };
        let verb = call.split(' ').next().unwrap().to_owned();
        let mut call = calls::read(&call).unwrap();
        if let Task::Get(job) = &mut call.task {
            job.verify = Verify::Size;
        }
        bench.payload.clear();
        bench.ask(call.task, call.source.as_deref());
        let result = bench.answered_by(|sent| example.answer(sent));
        let value = (call.value)(
            result.unwrap_or_else(|error| panic!("{}: {error}", case.name)),
            &bench.payload,
        );
        let value = String::from_utf8(value.unwrap()).unwrap();
        let value = match verb.as_str() {
            "list" => entries(value.as_bytes()),
            "put" => value.split(' ').next().unwrap().to_owned(),
            _ => value,
        };
        assert_eq!(value, *expected, "{}: {verb}", case.name);
    }
    case.calls.len()
}

#[test]
fn the_manuals_answers_give_the_right_values() {
    let cases = table();
    let sections: Vec<_> = cases
        .iter()
        .map(|case| case.name.split(' ').next().unwrap())
        .collect();
    for number in 1..=13 {
        assert!(
            sections.contains(&format!("3.{number}").as_str()),
            "3.{number}"
        );
    }
    for case in &cases {
        println!("{}", case.name);
        assert!(run(case) > 0, "{} calls nothing", case.name);
    }
}
