//! Calls of the tables of cases, as their texts name them.

use super::*;
use crate::config::{PdpContext, Secret, TransferOptions};
use crate::protocol::reply;

/// A call that was read: the task, its source, and what its value is made of.
pub(super) struct Call {
    pub(super) task: Task,
    pub(super) source: Option<Vec<u8>>,
    pub(super) value: fn(Outcome, &[u8]) -> Result<Vec<u8>>,
}

/// `\r`, `\n`, `\\`, `\s` for a blank inside a word, and `\xHH`.
pub(super) fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        out.push(match bytes.next() {
            Some(b'r') => b'\r',
            Some(b'n') => b'\n',
            Some(b's') => b' ',
            Some(b'x') => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            Some(b'\\') => b'\\',
            other => panic!("unknown escape {other:?} in {text}"),
        });
    }
    out
}

/// A word of a call; `x*256` is that many of them.
fn word(text: &str) -> Vec<u8> {
    match text.split_once('*') {
        Some((what, count)) if count.parse::<usize>().is_ok() => {
            unescape(what).repeat(count.parse().unwrap())
        }
        _ => unescape(text),
    }
}

/// `key=value` words behind the fixed ones.
fn setting<'a>(words: &'a [&str], key: &str) -> Option<&'a str> {
    words
        .iter()
        .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}

fn number<T: std::str::FromStr>(words: &[&str], key: &str) -> Option<T> {
    setting(words, key).map(|text| text.parse().ok().unwrap())
}

/// The parameters of `login HOST USER PASSWORD [account=… port=… source_control_port=… source_data_port=… tls active]`.
pub(super) fn login(words: &[&str]) -> Login {
    let host = String::from_utf8(word(words[0])).unwrap();
    let mut login = Login::new(host, word(words[1]), word(words[2]));
    login.account = setting(words, "account").map(|text| Secret::new(word(text)));
    login.port = number(words, "port");
    login.source_control_port = number(words, "source_control_port").unwrap_or(0);
    login.source_data_port = number(words, "source_data_port").unwrap_or(0);
    login.tls = words.contains(&"tls");
    login.passive = !words.contains(&"active");
    login
}

/// `NAME stream|block [offset=N] [ascii] [resume]`.
pub(super) fn job(words: &[&str]) -> Job {
    let options = TransferOptions::default();
    Job {
        name: word(words[0]),
        via: match words.get(1) {
            Some(&"block") => Via::Block,
            _ => Via::Stream,
        },
        file_type: if words.contains(&"ascii") {
            FileType::Ascii
        } else {
            options.file_type
        },
        offset: number(words, "offset").unwrap_or(0),
        resume: words.contains(&"resume"),
        retry: None,
        temporary: words.contains(&"temporary"),
        verify: Verify::None,
    }
}

/// Reads a call; what it refuses before anything is sent is the error.
pub(super) fn read(call: &str) -> Result<Call> {
    let (verb, rest) = call.split_once(' ').unwrap_or((call, ""));
    let words: Vec<&str> = rest.split(' ').filter(|word| !word.is_empty()).collect();
    let name = words.first().map(|text| word(text)).unwrap_or_default();
    let path = words.first().map(|_| name.as_slice());
    let plain = |task| Call {
        task,
        source: None,
        value: |outcome, _| match outcome {
            Outcome::Lines(lines) => Ok(lines.join(&b'|')),
            Outcome::Address(address) => Ok(address.into_bytes()),
            Outcome::Connected(connected) => Ok(connected.to_string().into_bytes()),
            _ => Ok(Vec::new()),
        },
    };
    let ftp = |what: &'static str, command: Command| {
        let name = name.clone();
        plain(Task::Verb {
            command,
            what,
            name,
        })
    };
    Ok(match verb {
        "command" => plain(Task::Command(Command::raw(rest.as_bytes())?)),
        "login" => {
            let login = login(&words);
            Command::open(&login, &Dialect::default())?;
            plain(Task::Login(Box::new(login)))
        }
        "close" => plain(Task::Logout),
        "is_connected" => plain(Task::Status),
        "info" => plain(Task::Report(words == ["on"])),
        "attach" => {
            let mut context = PdpContext::new(String::from_utf8(name.clone()).unwrap());
            if let [_, user, password] = words[..] {
                let user = String::from_utf8(word(user)).unwrap();
                context = context.with_login(user, word(password));
            }
            plain(Task::Attach(Command::attach(&context)?))
        }
        "detach" => plain(Task::Detach),
        "set_ftp_limit" => plain(Task::Command(Command::ftp_limit(
            words[0].parse().unwrap(),
        )?)),
        "delete" => ftp("deletion", Command::named("FTPDEL", &name)?),
        "cwd" => ftp("directory", Command::named("FTPCWD", &name)?),
        "mkd" => ftp("new directory", Command::named("FTPMKD", &name)?),
        "rmd" => ftp("removal of the directory", Command::named("FTPRMD", &name)?),
        "rename" => ftp("renaming", Command::rename(&name, &word(words[1]))?),
        "cdup" => ftp("parent directory", Command::execute("FTPCDUP")),
        "noop" => ftp("NOOP", Command::execute("FTPNOOP")),
        "pwd" => Call {
            value: |outcome, _| reply::directory(&outcome.into_lines()),
            ..ftp("working directory", Command::execute("FTPPWD"))
        },
        "syst" => Call {
            value: |outcome, _| reply::system(&outcome.into_lines()).map(String::into_bytes),
            ..ftp("system type", Command::execute("FTPSYST"))
        },
        "stat" => Call {
            value: |outcome, _| Ok(reply::status(outcome.into_lines()).join(&b'|')),
            ..ftp("status", Command::of_path("FTPSTAT", path)?)
        },
        "list" => {
            Command::of_path("FTPLIST", path)?;
            Call {
                value: |_, payload| Ok(payload.to_vec()),
                ..plain(Task::List(path.map(<[u8]>::to_vec)))
            }
        }
        "put" => {
            let job = job(&words);
            Command::transfer("FTPSTOR", &job.name, job.file_type, job.offset)?;
            let source = words.get(2).filter(|word| !word.contains('='));
            Call {
                task: Task::Put(job),
                source: Some(source.map(|text| unescape(text)).unwrap_or_default()),
                value: |outcome, _| match outcome {
                    Outcome::Transfer(transfer) => {
                        let block = transfer.via == Via::Block;
                        let via = if block { "block" } else { "stream" };
                        Ok(format!("{} {via}", transfer.bytes).into_bytes())
                    }
                    _ => Ok(Vec::new()),
                },
            }
        }
        "get" => {
            let job = job(&words);
            Command::transfer("FTPRETR", &job.name, job.file_type, job.offset)?;
            Call {
                value: |_, payload| Ok(payload.to_vec()),
                ..plain(Task::Get(job))
            }
        }
        other => panic!("unknown call {other}"),
    })
}
