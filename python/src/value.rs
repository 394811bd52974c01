//! What operations come to, as Python's own types; the package makes its classes of them.

use std::time::SystemTime;

use nlftp_core::{Entry, ModemInfo, Transfer, Verified, Via};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

/// Makes the result of an operation, once it is asked for.
pub(crate) type Make = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

pub(crate) fn nothing<T>(_: T) -> Make {
    Box::new(|py| Ok(py.None()))
}

pub(crate) fn string(text: String) -> Make {
    Box::new(|py| Ok(text.into_pyobject(py)?.into_any().unbind()))
}

pub(crate) fn boolean(value: bool) -> Make {
    Box::new(move |py| Ok(value.into_pyobject(py)?.to_owned().into_any().unbind()))
}

pub(crate) fn octets(octets: Vec<u8>) -> Make {
    Box::new(move |py| Ok(PyBytes::new(py, &octets).into_any().unbind()))
}

pub(crate) fn lines(lines: Vec<String>) -> Make {
    Box::new(|py| Ok(PyList::new(py, lines)?.into_any().unbind()))
}

pub(crate) fn octet_lines(lines: Vec<Vec<u8>>) -> Make {
    Box::new(move |py| {
        let lines = lines.iter().map(|line| PyBytes::new(py, line));
        Ok(PyList::new(py, lines.collect::<Vec<_>>())?
            .into_any()
            .unbind())
    })
}

/// The entries of a listing's text, as those of an operation are.
#[pyfunction]
pub(crate) fn parse_listing(py: Python<'_>, text: &[u8]) -> PyResult<Py<PyAny>> {
    let lines = text.split(|byte| *byte == b'\n');
    entries(lines.filter_map(Entry::parse).collect())(py)
}

/// Tuples of name, size, kind, time, target and line.
pub(crate) fn entries(entries: Vec<Entry>) -> Make {
    Box::new(move |py| {
        let list = PyList::empty(py);
        for one in entries {
            list.append(entry(py, &one)?)?;
        }
        Ok(list.into_any().unbind())
    })
}

fn entry<'py>(py: Python<'py>, entry: &Entry) -> PyResult<Bound<'py, PyTuple>> {
    let modified = entry.modified.map(|time| {
        let time = time.resolved(SystemTime::now());
        let (hour, minute) = (time.hour.unwrap_or(0), time.minute.unwrap_or(0));
        // A leap second is none of Python's.
        let second = time.second.unwrap_or(0).min(59);
        (
            time.year, time.month, time.day, hour, minute, second, time.utc,
        )
    });
    let target = entry.target.as_ref().map(|target| PyBytes::new(py, target));
    (
        PyBytes::new(py, &entry.name),
        entry.size,
        entry.kind.name(),
        modified,
        target,
        PyBytes::new(py, &entry.raw),
    )
        .into_pyobject(py)
}

/// A tuple of bytes, seconds, way, check, resumed from and warnings.
pub(crate) fn transfer(transfer: Transfer) -> Make {
    Box::new(move |py| {
        let via = match transfer.via {
            Via::Stream => "stream",
            Via::Block => "block",
            Via::Auto => "auto",
        };
        let verified = match transfer.verified {
            Verified::Size => Some("size"),
            Verified::Readback => Some("readback"),
            _ => None,
        };
        let values = (
            transfer.bytes,
            transfer.duration.as_secs_f64(),
            via,
            verified,
            transfer.resumed_from,
            transfer.warnings,
        );
        Ok(values.into_pyobject(py)?.into_any().unbind())
    })
}

/// A dictionary by the names of the fields.
pub(crate) fn info(info: ModemInfo) -> Make {
    Box::new(move |py| {
        let signal_dbm = info.signal_dbm();
        let values = PyDict::new(py);
        values.set_item("identification", info.identification)?;
        values.set_item("manufacturer", info.manufacturer)?;
        values.set_item("model", info.model)?;
        values.set_item("revision", info.revision)?;
        values.set_item("serial_number", info.serial_number)?;
        values.set_item("sim", info.sim)?;
        let registration = info.registration.map(nlftp_core::Registration::number);
        values.set_item("registration", registration)?;
        values.set_item("operator", info.operator)?;
        values.set_item("access_technology", info.access_technology)?;
        values.set_item("signal", info.signal)?;
        values.set_item("signal_dbm", signal_dbm)?;
        values.set_item("address", info.address)?;
        values.set_item("ftp_connected", info.ftp_connected)?;
        Ok(values.into_any().unbind())
    })
}
