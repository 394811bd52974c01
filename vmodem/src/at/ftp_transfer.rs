//! FTP commands that move data: FTPLIST, FTPSTOR, FTPRETR, FTPGET, FTPRECV, FTPPUT.

use super::argument::Arguments;
use super::fault::Fault;
use super::ftp::NAME_LIMIT;
use super::{Answer, Form, Handled, Request};
use crate::Modem;
use crate::activity::{Activity, Upload, Waiting};
use crate::dialect::{GetQuery, RecvEnd, Refusal, RestScope, StorBeyond, ViewMode};
use crate::download::Download;
use crate::ftp::{Job, Transfer, Verb};

const STOR_OFFSET: u64 = 0xffff_fffe;
/// As the manual prints it, with a digit too many.
const STOR_OFFSET_PRINTED: u64 = 0xf_ffff_fffe;
const DOWNLOAD_OFFSET: u64 = 0xffff_ffff;
const PIECE_LIMIT: u64 = 1024;
const READ_LIMIT: u64 = 3000;

/// What FTPSTOR's test form lists.
pub(crate) fn stor_values(modem: &Modem) -> String {
    format!("(\"file name\"),(0-1),(0-{})", modem.stor_limit())
}

impl Modem {
    fn stor_limit(&self) -> u64 {
        if self.config.dialect.stor_offset_as_printed {
            STOR_OFFSET_PRINTED
        } else {
            STOR_OFFSET
        }
    }

    /// The offset of FTPREST, for a command that was given none.
    fn rest_offset(&mut self, applies: bool) -> u64 {
        let offset = if applies { self.settings.rest } else { 0 };
        if applies && self.config.dialect.rest_once {
            self.settings.rest = 0;
        }
        offset
    }

    /// The values that FTPSTOR, FTPRETR and FTPGET share: name, type, offset.
    fn transfer(&mut self, verb: Verb, values: &[u8]) -> Result<Transfer, Fault> {
        let values = Arguments::parse(values)?;
        values.count(1..=3)?;
        let limit = if verb == Verb::Store {
            self.stor_limit()
        } else {
            DOWNLOAD_OFFSET
        };
        let name = values.text(0, NAME_LIMIT)?.to_vec();
        let ascii = values.optional_number(1, 0..=1)? == Some(0);
        let given = values.optional_number(2, 0..=limit)?;
        let applies =
            verb == Verb::Retrieve || self.config.dialect.rest_scope != RestScope::Downloads;
        // A parameter wins, and uses up an offset that was meant for one transfer.
        let stored = self.rest_offset(applies);
        Ok(Transfer {
            verb,
            name,
            ascii,
            offset: given.unwrap_or(stored),
            active: self.settings.active,
        })
    }
}

pub(crate) fn list(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let name = match request.form {
        Form::Execute => Vec::new(),
        Form::Set(values) => {
            let values = Arguments::parse(values)?;
            values.count(1..=1)?;
            values.text(0, NAME_LIMIT)?.to_vec()
        }
        _ => return Err(Fault::Syntax),
    };
    let bare = request.form == Form::Execute;
    let name = if bare && modem.config.dialect.list_bare_is_last {
        modem.last_listed.clone()
    } else {
        name
    };
    modem.last_listed.clone_from(&name);
    let transfer = Transfer {
        verb: Verb::List,
        name,
        ascii: true,
        offset: 0,
        active: modem.settings.active,
    };
    modem.start(
        request.now,
        request.name,
        Waiting::List,
        Job::Transfer(transfer),
    )
}

pub(crate) fn stor(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let Form::Set(values) = request.form else {
        return Err(Fault::Syntax);
    };
    let transfer = modem.transfer(Verb::Store, values)?;
    if transfer.offset > 0 && modem.config.dialect.stor_beyond != StorBeyond::Server {
        return modem.start_sizing(request.now, request.name, transfer);
    }
    modem.start(
        request.now,
        request.name,
        Waiting::Stor,
        Job::Transfer(transfer),
    )
}

pub(crate) fn retr(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let Form::Set(values) = request.form else {
        return Err(Fault::Syntax);
    };
    let transfer = modem.transfer(Verb::Retrieve, values)?;
    modem.start(
        request.now,
        request.name,
        Waiting::Retr,
        Job::Transfer(transfer),
    )
}

pub(crate) fn get(modem: &mut Modem, request: &Request<'_>) -> Handled {
    match request.form {
        Form::Set(values) => {
            let mut transfer = modem.transfer(Verb::Retrieve, values)?;
            let text_view = transfer.ascii;
            transfer.ascii &= modem.config.dialect.view_mode == ViewMode::Type;
            modem.download = Some(Download::new(request.name, transfer.clone(), text_view));
            modem.client.start(request.now, Job::Transfer(transfer));
            modem.ok_owed = modem.config.dialect.get_result_before_ok;
            if modem.ok_owed {
                return Ok(Answer::Later);
            }
        }
        Form::Read => {
            if let Some(download) = modem
                .download
                .as_ref()
                .filter(|download| !download.cache.is_empty())
            {
                let dialect = &modem.config.dialect;
                let mut line = dialect.printed_prefix(request.name).into_bytes();
                match dialect.get_query {
                    GetQuery::Size => {
                        line.extend_from_slice(download.cache.len().to_string().as_bytes());
                    }
                    GetQuery::Name => {
                        line.push(b'"');
                        line.extend_from_slice(download.name());
                        line.extend_from_slice(download.state().as_bytes());
                    }
                }
                modem.output.line(&line);
            }
        }
        _ => return Err(Fault::Syntax),
    }
    Ok(Answer::Ok)
}

pub(crate) fn recv(modem: &mut Modem, request: &Request<'_>) -> Handled {
    match request.form {
        Form::Set(values) => {
            let values = Arguments::parse(values)?;
            values.count(1..=1)?;
            let wanted = values.number(0, 1..=READ_LIMIT)?;
            if !modem.client.is_open() && modem.config.dialect.recv_unopened == Refusal::Error {
                return Err(Fault::NOT_ALLOWED);
            }
            read_cache(modem, request, usize::try_from(wanted).unwrap_or(0));
            Ok(Answer::Later)
        }
        Form::Read => {
            let size = modem
                .download
                .as_ref()
                .map_or(0, |download| download.cache.len());
            modem.information(request.name, &size.to_string());
            Ok(Answer::Ok)
        }
        _ => Err(Fault::Syntax),
    }
}

/// Gives a piece of the cache with its length before it, and the result behind it.
fn read_cache(modem: &mut Modem, request: &Request<'_>, wanted: usize) {
    let size = modem
        .download
        .as_ref()
        .map_or(0, |download| download.cache.len().min(wanted));
    modem.information(request.name, &size.to_string());
    if let Some(download) = &mut modem.download {
        modem.output.raw(&download.cache.as_slice()[..size]);
        download.fetched(request.now, size);
    }
    match modem.config.dialect.recv_end {
        RecvEnd::Nothing if size > 0 => modem.bare_ok(),
        RecvEnd::TwoLineEnds if size > 0 => {
            modem.output.raw(b"\r\n");
            modem.ok();
        }
        _ => modem.ok(),
    }
    modem.download_fetched(request.now);
}

pub(crate) fn put(modem: &mut Modem, request: &Request<'_>) -> Handled {
    let Form::Set(values) = request.form else {
        return Err(Fault::Syntax);
    };
    let values = Arguments::parse(values)?;
    values.count(3..=4)?;
    let name = values.text(0, NAME_LIMIT)?.to_vec();
    let size = usize::try_from(values.number(1, 1..=PIECE_LIMIT)?).unwrap_or(0);
    let last = values.number(2, 0..=1)? == 1;
    let ascii = values.optional_number(3, 0..=1)?.map(|kind| kind == 0);
    match &modem.upload {
        // Another file, or a type that the first piece did not have.
        Some(upload) if upload.name != name || ascii.is_some_and(|ascii| ascii != upload.ascii) => {
            Err(Fault::NOT_ALLOWED)
        }
        Some(upload) if upload.failed => {
            modem.put_failed();
            Ok(Answer::Later)
        }
        Some(_) => {
            modem.put_prompt(request.now, size, last);
            Ok(Answer::Later)
        }
        None => {
            let ascii = ascii.unwrap_or(false);
            let offset =
                modem.rest_offset(modem.config.dialect.rest_scope == RestScope::Everything);
            let transfer = Transfer {
                verb: Verb::Store,
                name: name.clone(),
                ascii,
                offset,
                active: modem.settings.active,
            };
            modem.upload = Some(Upload {
                name,
                ascii,
                failed: false,
            });
            modem.activity = Activity::PutOpening { size, last };
            modem.client.start(request.now, Job::Transfer(transfer));
            Ok(Answer::Later)
        }
    }
}
