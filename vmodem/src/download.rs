//! FTPGET: the module's cache, filled by one data connection after the other, emptied by FTPRECV.

use std::time::Duration;

use crate::Modem;
use crate::activity::Activity;
use crate::dialect::{CacheFull, DownloadEnd, GetResults};
use crate::ftp::{Job, Transfer};
use crate::queue::ByteQueue;

/// What the cache holds.
pub(crate) const CACHE_LIMIT: usize = 512_000;
/// Data not fetched for so long is lost, and the connection with it.
const FETCH_LIMIT: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The transfer was asked for.
    Connecting,
    Running,
    /// The cache is full: the data connection was closed, the server's reply to that is awaited.
    Pausing,
    Paused,
    Complete,
    Failed,
}

/// One file on its way through the cache.
#[derive(Debug)]
pub(crate) struct Download {
    command: &'static str,
    transfer: Transfer,
    /// View mode 0, whatever it does.
    text_view: bool,
    phase: Phase,
    pub(crate) cache: ByteQueue,
    /// When data came first, or was fetched last.
    touched: Duration,
    told_data: bool,
    told_end: bool,
}

impl Download {
    pub(crate) fn new(command: &'static str, transfer: Transfer, text_view: bool) -> Self {
        Self {
            command,
            transfer,
            text_view,
            phase: Phase::Connecting,
            cache: ByteQueue::default(),
            touched: Duration::ZERO,
            told_data: false,
            told_end: false,
        }
    }

    /// Whether this is still download mode: it ends when all is there, or cannot come any more.
    pub(crate) fn is_active(&self, until: DownloadEnd) -> bool {
        match self.phase {
            Phase::Complete => until == DownloadEnd::Fetched && !self.cache.is_empty(),
            Phase::Failed => false,
            _ => true,
        }
    }

    pub(crate) fn name(&self) -> &[u8] {
        &self.transfer.name
    }

    /// What `AT+FTPGET?` shows behind the name.
    pub(crate) fn state(&self) -> String {
        format!(
            "\",{},{}",
            u8::from(!self.text_view),
            u8::from(self.phase == Phase::Complete)
        )
    }

    /// Where a full cache closes the connection, one byte more than fits: only so is the end of a file that just
    /// fits told from a full cache.
    pub(crate) fn room(&self, full: CacheFull) -> usize {
        match (self.phase, full) {
            (Phase::Running, CacheFull::Reopen) => CACHE_LIMIT + 1 - self.cache.len(),
            (Phase::Running, CacheFull::Hold) => CACHE_LIMIT - self.cache.len(),
            _ => 0,
        }
    }

    /// The server is held off until the host has read something.
    pub(crate) fn is_held(&self, full: CacheFull) -> bool {
        self.phase == Phase::Running && self.room(full) == 0
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        (!self.cache.is_empty()).then(|| self.touched + FETCH_LIMIT)
    }

    pub(crate) fn started(&mut self) {
        self.phase = Phase::Running;
    }

    /// The host has read so many bytes.
    pub(crate) fn fetched(&mut self, now: Duration, size: usize) {
        self.cache.consume(size);
        self.touched = now;
    }
}

impl Modem {
    pub(crate) fn fill_cache(&mut self, now: Duration, bytes: &[u8]) {
        let Some(download) = &mut self.download else {
            return;
        };
        if download.phase != Phase::Running || bytes.is_empty() {
            return;
        }
        let fits = bytes.len().min(CACHE_LIMIT - download.cache.len());
        if download.cache.is_empty() {
            download.touched = now;
        }
        download.cache.push(&bytes[..fits]);
        download.transfer.offset += fits as u64;
        let command = download.command;
        let first = !std::mem::replace(&mut download.told_data, true);
        if first && self.config.dialect.get_results != GetResults::DoneOnly {
            self.outcome(command, "2");
        }
        if fits < bytes.len() {
            self.cache_is_full();
            if let Some(download) = &mut self.download {
                download.phase = Phase::Pausing;
            }
            self.client.abandon_transfer(now);
        } else if self.is_held() {
            self.cache_is_full();
        }
    }

    /// Whether the data connection waits until there is room in the cache.
    pub(crate) fn is_held(&self) -> bool {
        let full = self.config.dialect.cache_full;
        self.download
            .as_ref()
            .is_some_and(|download| download.is_held(full))
    }

    /// Who waits for the result 1 alone would otherwise wait for ever.
    fn cache_is_full(&mut self) {
        if let Some(download) = &mut self.download
            && self.config.dialect.get_results == GetResults::DoneOnly
            && !std::mem::replace(&mut download.told_end, true)
        {
            let command = download.command;
            self.outcome(command, "1");
        }
    }

    /// The host has read a piece.
    pub(crate) fn download_fetched(&mut self, now: Duration) {
        if let Some(download) = &mut self.download
            && self.config.dialect.get_results == GetResults::DataThenFetched
            && download.phase == Phase::Complete
            && download.cache.is_empty()
            && !std::mem::replace(&mut download.told_end, true)
        {
            let command = download.command;
            self.outcome(command, "1");
        }
        self.resume_download(now);
    }

    /// Drops the cache. An FTPGET that still owes its OK has failed.
    pub(crate) fn forget_download(&mut self) {
        if let Some(download) = self.download.take()
            && self.ok_owed
            && matches!(self.activity, Activity::Idle)
        {
            self.outcome(download.command, "0");
        }
    }

    /// Goes on with the file once half the cache is free.
    fn resume_download(&mut self, now: Duration) {
        let Some(download) = &mut self.download else {
            return;
        };
        if download.phase == Phase::Paused && download.cache.len() <= CACHE_LIMIT / 2 {
            download.phase = Phase::Connecting;
            let transfer = download.transfer.clone();
            self.client.start(now, Job::Transfer(transfer));
        }
    }

    /// The client's transfer for the cache has ended.
    pub(crate) fn download_done(&mut self, now: Duration, ok: bool) {
        let Some(download) = &mut self.download else {
            return;
        };
        let command = download.command;
        match download.phase {
            Phase::Pausing => {
                download.phase = Phase::Paused;
                self.resume_download(now);
            }
            Phase::Running | Phase::Connecting if ok => {
                download.phase = Phase::Complete;
                let results = self.config.dialect.get_results;
                let unread = results == GetResults::DataThenFetched && !download.cache.is_empty();
                let told_end = unread || std::mem::replace(&mut download.told_end, true);
                let told_data = std::mem::replace(&mut download.told_data, true);
                let empty_two =
                    self.config.dialect.get_empty_two || results == GetResults::DataOnly;
                if !told_data && empty_two && results != GetResults::DoneOnly {
                    self.outcome(command, "2");
                }
                if !told_end && results != GetResults::DataOnly {
                    self.outcome(command, "1");
                }
            }
            Phase::Running | Phase::Connecting => {
                download.phase = Phase::Failed;
                self.outcome(command, "0");
            }
            Phase::Paused | Phase::Complete | Phase::Failed => {}
        }
    }

    /// The two-minute rule.
    pub(crate) fn expire_cache(&mut self, now: Duration) {
        let expired = self
            .download
            .as_ref()
            .and_then(Download::deadline)
            .is_some_and(|deadline| now >= deadline);
        if expired {
            self.forget_download();
            // Another transfer may be running by now: it fails, and what it owes is told.
            self.client.lost();
        }
    }
}
