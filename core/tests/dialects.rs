//! The same session against every reading of the manual that the virtual modem can speak.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "support/rig.rs"]
mod rig;

use std::fs;

use nlftp_core::{ErrorKind, Sink, Via};
use nlftp_vmodem::Dialect;
use nlftp_vmodem::dialect::{
    Colon, ErrorForm, GetResults, PutFailure, PutPrompt, RecvEnd, RecvName, Refusal, RestScope,
    StorFailure,
};
use rig::{Rig, options, random};

/// Login, files of several sizes both ways, lists, refusals, logout.
fn whole_session(name: &str, dialect: Dialect) {
    let rig = Rig::with(|modem| modem.dialect = dialect, |_| ());
    let (modem, ftp) = rig.ftp();
    assert!(ftp.list(None).unwrap().is_empty(), "{name}");
    for via in [Via::Stream, Via::Block] {
        for size in [0, 1, 3000, 40_000] {
            rig.round_trip(&ftp, via, "session.bin", &random(size, 3));
        }
        let missing = ftp
            .get(
                "missing",
                Sink::writer(std::io::sink()),
                options(|o| o.via = via),
            )
            .unwrap_err();
        assert!(
            matches!(missing.kind(), ErrorKind::Refused | ErrorKind::Command),
            "{name}: {missing}"
        );
    }
    fs::write(rig.remote("cache.bin"), random(600_000, 4)).unwrap();
    let mut back = Vec::new();
    ftp.get(
        "cache.bin",
        Sink::writer(&mut back),
        options(|o| o.via = Via::Block),
    )
    .unwrap();
    assert!(back == random(600_000, 4), "{name}");
    ftp.mkd("d").unwrap();
    ftp.cwd("d").unwrap();
    assert!(ftp.list(None).unwrap().is_empty(), "{name}");
    assert!(ftp.delete("nothing").is_err(), "{name}");
    ftp.close().unwrap();
    modem.close().unwrap();
}

macro_rules! dialects {
    ($($name:ident: |$dialect:ident| $change:expr;)*) => {
        $(#[test]
        fn $name() {
            let mut dialect = Dialect::default();
            let $dialect = &mut dialect;
            $change;
            whole_session(stringify!($name), dialect);
        })*
    };
}

dialects! {
    answers_without_spaces: |d| (d.colon, d.space_after_comma) = (Colon::Tight, false);
    answers_with_more_spaces: |d| (d.colon, d.space_after_comma) = (Colon::SpaceInside, true);
    outcomes_before_ok: |d| d.outcome_before_ok = true;
    ftp_recv_is_spelt_with_an_underscore: |d| d.recv_name = RecvName::FtpUnderscoreRecv;
    ftp_recv_is_spelt_ftpgetr: |d| d.recv_name = RecvName::FtpGetr;
    ftp_recv_data_runs_into_ok: |d| d.recv_end = RecvEnd::Nothing;
    ftp_recv_data_has_a_line_end_of_its_own: |d| d.recv_end = RecvEnd::TwoLineEnds;
    ftp_recv_of_nothing_gives_no_bytes: |d| d.recv_unopened = Refusal::Outcome;
    ftpget_says_done_only: |d| d.get_results = GetResults::DoneOnly;
    ftpget_says_data_only: |d| d.get_results = GetResults::DataOnly;
    ftpget_says_data_for_an_empty_file: |d| d.get_empty_two = true;
    ftpget_is_not_answered_while_downloading: |d| d.get_query_while_downloading = false;
    ftpput_prompts_with_an_arrow: |d| d.put_prompt = PutPrompt::Arrow;
    ftpput_fails_with_outcome_and_ok: |d| d.put_failure = PutFailure::OutcomeThenOk;
    ftpput_fails_with_outcome_and_error: |d| d.put_failure = PutFailure::OutcomeThenError;
    ftpstor_swallows_after_its_failure: |d| d.stor_failure = StorFailure::OutcomeThenSwallow;
    ftpretr_has_no_end_mark: |d| d.retr_end_mark = false;
    listings_begin_behind_the_2: |d| d.list_on_new_line = false;
    listings_have_an_end_mark: |d| d.list_end_mark = true;
    empty_listings_have_no_2: |d| d.list_empty_two = false;
    ftpopen_resets_the_mode: |d| d.open_resets_mode = true;
    ftpclose_is_refused_between_pieces: |d| d.close_between_pieces = false;
    ftpclose_of_nothing_is_outcome_0: |d| d.close_unopened = Refusal::Outcome;
    ftprest_is_used_once_and_for_everything: |d| (d.rest_once, d.rest_scope) = (true, RestScope::Everything);
    errors_are_plain: |d| d.error = ErrorForm::Bare;
    errors_have_a_colon: |d| d.error = ErrorForm::Colon;
    errors_have_a_number: |d| d.error = ErrorForm::Numbered;
    errors_are_cms_errors: |d| d.error = ErrorForm::Cms;
    a_mixture: |d| {
        d.colon = Colon::Tight;
        d.outcome_before_ok = true;
        d.recv_end = RecvEnd::Nothing;
        d.list_end_mark = true;
        d.list_on_new_line = false;
        d.get_empty_two = true;
        d.put_prompt = PutPrompt::Arrow;
        d.put_failure = PutFailure::OutcomeThenError;
        d.rest_scope = RestScope::Everything;
    };
}
