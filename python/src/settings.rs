//! Settings as Python gives them: words and seconds.

use std::path::PathBuf;
use std::time::Duration;

use nlftp_core::{Config, ErrorKind, FileType, FlowControl, PortField, TlsField, Verify, Via};
use pyo3::prelude::*;

use crate::error;

fn invalid(py: Python<'_>, message: &str) -> PyErr {
    error::plain(py, ErrorKind::InvalidArgument, message)
}

/// One of some words.
fn word<T: Copy>(py: Python<'_>, what: &str, given: &str, words: &[(&str, T)]) -> PyResult<T> {
    match words.iter().find(|(word, _)| *word == given) {
        Some((_, value)) => Ok(*value),
        None => {
            let all: Vec<String> = words.iter().map(|(word, _)| format!("'{word}'")).collect();
            Err(invalid(
                py,
                &format!("{what} has to be one of {}, not {given:?}", all.join(", ")),
            ))
        }
    }
}

/// A time limit.
pub(crate) fn limit(py: Python<'_>, what: &str, seconds: f64) -> PyResult<Duration> {
    match Duration::try_from_secs_f64(seconds) {
        Ok(limit) if !limit.is_zero() => Ok(limit),
        _ => Err(invalid(
            py,
            &format!("{what} has to be a number of seconds above 0, not {seconds}"),
        )),
    }
}

pub(crate) fn optional_limit(
    py: Python<'_>,
    what: &str,
    seconds: Option<f64>,
) -> PyResult<Option<Duration>> {
    seconds.map(|seconds| limit(py, what, seconds)).transpose()
}

/// What a modem is opened with.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Settings {
    baudrate: u32,
    flow: String,
    timeout: f64,
    outcome_timeout: f64,
    stall_timeout: f64,
    port_timeout: f64,
    deadline: Option<f64>,
    trace: Option<PathBuf>,
    tls_field: String,
    port_field: String,
}

impl Settings {
    pub(crate) fn config(self, py: Python<'_>) -> PyResult<Config> {
        let mut config = Config::default();
        if self.baudrate == 0 {
            return Err(invalid(py, "baudrate has to be above 0"));
        }
        config.baud_rate = self.baudrate;
        let flows = [
            ("rtscts", FlowControl::RtsCts),
            ("xonxoff", FlowControl::XonXoff),
            ("none", FlowControl::None),
        ];
        config.flow_control = word(py, "flow", &self.flow, &flows)?;
        config.timeout = limit(py, "timeout", self.timeout)?;
        config.outcome_timeout = limit(py, "outcome_timeout", self.outcome_timeout)?;
        config.stall_timeout = limit(py, "stall_timeout", self.stall_timeout)?;
        if self.port_timeout != 0.0 {
            config.port_timeout = limit(py, "port_timeout", self.port_timeout)?;
        }
        config.deadline = optional_limit(py, "deadline", self.deadline)?;
        config.trace = self.trace;
        let fields = [("eighth", TlsField::Eighth), ("seventh", TlsField::Seventh)];
        config.dialect.tls_field = word(py, "dialect.tls_field", &self.tls_field, &fields)?;
        let fields = [("sixth", PortField::Sixth), ("fifth", PortField::Fifth)];
        config.dialect.port_field = word(py, "dialect.port_field", &self.port_field, &fields)?;
        Ok(config)
    }
}

pub(crate) fn via(py: Python<'_>, given: &str) -> PyResult<Via> {
    let words = [
        ("auto", Via::Auto),
        ("stream", Via::Stream),
        ("block", Via::Block),
    ];
    word(py, "via", given, &words)
}

pub(crate) fn file_type(py: Python<'_>, given: &str) -> PyResult<FileType> {
    let words = [("binary", FileType::Binary), ("ascii", FileType::Ascii)];
    word(py, "type", given, &words)
}

pub(crate) fn verify(py: Python<'_>, given: &str) -> PyResult<Verify> {
    let words = [
        ("size", Verify::Size),
        ("readback", Verify::Readback),
        ("none", Verify::None),
    ];
    word(py, "verify", given, &words)
}
