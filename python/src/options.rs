//! What an upload or a download is told.

use nlftp_core::{Progress, Retry, TransferOptions};
use pyo3::prelude::*;

use crate::callback;
use crate::settings;

/// The keyword arguments of put and get.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Options {
    via: String,
    r#type: String,
    offset: u64,
    resume: bool,
    retry: u32,
    retry_delay: f64,
    retry_max_time: Option<f64>,
    temporary: bool,
    verify: String,
    deadline: Option<f64>,
    /// Called with bytes done, and bytes in all or None.
    progress: Option<Py<PyAny>>,
}

impl Options {
    pub(crate) fn read(self, py: Python<'_>) -> PyResult<TransferOptions<'static>> {
        let mut options = TransferOptions::default();
        options.via = settings::via(py, &self.via)?;
        options.file_type = settings::file_type(py, &self.r#type)?;
        options.offset = self.offset;
        options.resume = self.resume;
        let mut retry = Retry::new(self.retry);
        retry.delay = settings::limit(py, "retry_delay", self.retry_delay)?;
        retry.max_delay = retry.max_delay.max(retry.delay);
        retry.max_time = settings::optional_limit(py, "retry_max_time", self.retry_max_time)?;
        options.retry = (self.retry > 0).then_some(retry);
        options.temporary = self.temporary;
        options.verify = settings::verify(py, &self.verify)?;
        options.deadline = settings::optional_limit(py, "deadline", self.deadline)?;
        if let Some(progress) = self.progress {
            options.progress = Some(Box::new(move |told: Progress| {
                callback::call(|py| progress.call1(py, (told.done, told.total)).map(|_| ()));
            }));
        }
        Ok(options)
    }
}
