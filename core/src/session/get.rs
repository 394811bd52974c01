//! Downloads: FTPRETR's stuffed stream, and FTPGET with FTPRECV out of the module's cache.

use super::buffers::Destination;
use super::put::has_size;
use super::{Job, LocalAction, Machine, Output, PortAction};
use crate::config::{FileType, Transfer, Verify, Via};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::Time;
use crate::protocol::command::Command;
use crate::protocol::dialect::RECV_SPELLINGS;
use crate::protocol::engine::Answer;
use crate::protocol::flight::Phase;
use crate::protocol::table::MAX_RECEIVE;

/// Pauses between FTPRECV commands while the cache is empty.
const POLL_FIRST: Time = Time::from_millis(20);
const POLL_LAST: Time = Time::from_millis(500);
/// A cache that was left alone for longer than this may be gone (two minutes, manual 1.2.19).
const CACHE_LIMIT: Time = Time::from_secs(60);
/// What is more than this the module fetches at once by closing the data connection and going on at an offset (manual 1.2.18).
const CACHE: u64 = 512_000;
/// With all listed bytes there and the cache empty for this long, a firmware that tells no end is believed to be through.
const UNCONFIRMED: Time = Time::from_secs(3);
/// A file may grow while it is fetched; what comes more than this behind the size that the server lists is no such file.
const SURPLUS: u64 = 1024 * 1024;
/// How often a lost cache is fetched again within one transfer, as long as bytes arrive between the losses.
const MAX_REFETCHES: u32 = 5;

/// A file, or its rest, on its way out of the module's cache.
struct Fetch {
    bytes: u64,
    /// How many there should be, where the server lists it.
    expected: Option<u64>,
    /// Outcome 1 was seen: the cache holds all there is.
    complete: bool,
    /// It was the module that said so, not the size alone.
    confirmed: bool,
    /// FTPRECV was answered by something other than ERROR.
    answered: bool,
    last_byte: Time,
    refetches: u32,
    /// How often in a row FTPRECV was answered by an ERROR.
    refusals: u32,
    asked: Option<Asked>,
}

/// FTPRECV under a spelling, made once for all its repetitions.
struct Asked {
    spelling: &'static str,
    command: Command,
    shown: String,
}

impl Asked {
    fn new(spelling: &'static str) -> Result<Asked> {
        let command = Command::receive(spelling, MAX_RECEIVE)?;
        Ok(Asked {
            spelling,
            shown: command.shown(),
            command,
        })
    }
}

/// What the first bytes of a download that goes on have shown.
enum Compared {
    /// The download is worth its time.
    Useful,
    Differs,
    /// It was over before.
    Ended(Answer),
}

impl super::Session {
    /// Whether FTPRETR's data comes: more of it is sure to.
    pub(crate) fn streams_down(&self) -> bool {
        self.link.shared().engine.phase() == Some(Phase::Retrieving)
    }
}

impl Machine {
    pub(super) async fn get(&mut self, job: &Job) -> Result<Transfer> {
        let start = self.link.now();
        self.connect().await?;
        let listed = match (job.verify, job.file_type) {
            (_, FileType::Ascii) => None,
            (Verify::None, _) if !job.resume => None,
            _ => self.listed(&job.name).await?,
        };
        let size = listed.as_ref().map(|listed| listed.size);
        let via = job.download_via(self.link.shared().held_back);
        if job.via == Via::Auto && via == Via::Block {
            self.link
                .warn("nothing holds the modem back on this port: the download went by block");
        }
        let (bytes, resumed_from) = if job.resume {
            let rest = self.get_rest(job, via, listed).await?;
            (rest.size, rest.resumed_from)
        } else {
            (self.get_part(job, via, size).await?, 0)
        };
        let digest = self.link.shared().buffers.take_digest();
        let moved = bytes - resumed_from;
        let verified = self
            .verify_get(job, via, bytes, size, digest)
            .await
            .map_err(|error| error.with_transferred(moved))?;
        Ok(Transfer {
            bytes: moved,
            duration: self.link.now() - start,
            via,
            verified,
            resumed_from,
            warnings: std::mem::take(&mut self.link.shared().warnings),
        })
    }

    /// Downloads from the job's offset, with no regard for what is there; gives the number of bytes.
    async fn get_part(&mut self, job: &Job, via: Via, listed: Option<u64>) -> Result<u64> {
        if let Some(total) = listed {
            let left = total.checked_sub(job.offset).ok_or_else(|| {
                Error::invalid(format!("the offset {} is beyond the end of the file ({total} bytes): use a smaller one", job.offset))
            })?;
            self.link.shared().outputs.push_back(Output::Total(left));
        }
        if job.verify == Verify::Readback {
            self.link.shared().buffers.start_digest();
        }
        if job.offset > 0 && listed == Some(job.offset) {
            // The module refuses an offset at the end; there is nothing to fetch (manual 1.2.17).
            return Ok(0);
        }
        self.fetch(job, via, listed, Destination::Caller).await
    }

    /// Downloads from the job's offset to the end; gives the number of bytes.
    pub(super) async fn fetch(
        &mut self,
        job: &Job,
        via: Via,
        listed: Option<u64>,
        to: Destination,
    ) -> Result<u64> {
        self.link.port(PortAction::HangUpOnClose(true)).await?;
        {
            let buffers = &mut self.link.shared().buffers;
            buffers.moved = 0;
            buffers.bearable = listed
                .filter(|_| has_size(job.file_type) && job.verify != Verify::None)
                // A server may list any number.
                .map(|total| total.saturating_sub(job.offset).saturating_add(SURPLUS));
        }
        let fetched = match via {
            Via::Block => self.get_block(job, listed, to).await,
            _ => self.get_stream(job, listed, to).await,
        };
        let bearable = self.link.shared().buffers.bearable.take();
        if bearable == Some(0) && to == Destination::Caller {
            self.tell_local(LocalAction::Discard);
        }
        let moved = self.link.shared().buffers.moved;
        let fetched = fetched.map_err(|error| error.with_transferred(moved));
        self.data_phase_over().await?;
        self.link.shared().buffers.destination = Destination::Nowhere;
        fetched
    }

    async fn get_stream(&mut self, job: &Job, listed: Option<u64>, to: Destination) -> Result<u64> {
        let left = listed
            .filter(|_| has_size(job.file_type))
            .map(|total| total - job.offset);
        let Some((mut answer, mut shown)) = self.retrieve(job, left, to).await? else {
            return Ok(0);
        };
        if answer.result.is_err() && answer.payload == 0 && self.retrieve_may_be_ftpgetr().await? {
            self.ftpgetr_retrieves = Some(true);
            let second = self.retrieve(job, left, to).await;
            let known = second.as_ref().map(|second| {
                second
                    .as_ref()
                    .is_none_or(|(answer, _)| answer.result.is_ok())
            });
            self.ftpgetr_retrieves = known.ok();
            let Some(second) = second? else { return Ok(0) };
            if self.ftpgetr_retrieves == Some(true) {
                (answer, shown) = second;
            }
        }
        let bytes = answer.payload;
        if answer.stray_escapes > 0 {
            self.link.warn(format!(
                "{} escapes stood before bytes that need none: both bytes were kept, as in no known firmware",
                answer.stray_escapes
            ));
        }
        let judged = self
            .judge(answer, &shown, "FTPRETR", "download", &job.name)
            .await;
        if judged
            .as_ref()
            .is_err_and(|error| error.kind() == ErrorKind::NotConnected)
        {
            // An error for want of a connection says nothing about names.
            self.ftpgetr_retrieves = self.ftpgetr_retrieves.filter(|retrieves| *retrieves);
        }
        judged.map(|_| bytes)
    }

    /// FTPRETR under the name that the firmware is known to have for it; `None` when its data is of no use, and left.
    async fn retrieve(
        &mut self,
        job: &Job,
        left: Option<u64>,
        to: Destination,
    ) -> Result<Option<(Answer, String)>> {
        let command = if self.ftpgetr_retrieves == Some(true) {
            Command::retrieve_as_ftpgetr(&job.name, job.file_type, job.offset)?
        } else {
            Command::transfer("FTPRETR", &job.name, job.file_type, job.offset)?
        };
        let shown = command.shown();
        {
            let shared = &mut *self.link.shared();
            shared.buffers.destination = to;
            shared.engine.submit_retrieve(shared.now, command, left);
        }
        let answer = match self.compare_overlap().await? {
            Compared::Ended(answer) => self.link.checked(answer, &shown)?,
            // Only a modem that obeys DTR is told soon that nobody wants the rest; another one has to send it.
            Compared::Differs if self.obeys_dtr => return Ok(None),
            Compared::Differs | Compared::Useful => self.link.answer(&shown).await?,
        };
        Ok(Some((answer, shown)))
    }

    /// Waits until a download that goes on has shown whether it can, where that is asked at all.
    async fn compare_overlap(&mut self) -> Result<Compared> {
        let compared = self
            .link
            .wait(
                |shared| shared.engine.deadline(),
                |shared| match &shared.buffers.overlap {
                    Some(overlap) if overlap.is_open() => {
                        shared.engine.take_answer().map(Compared::Ended)
                    }
                    Some(overlap) if overlap.differs() => Some(Compared::Differs),
                    _ => Some(Compared::Useful),
                },
            )
            .await?;
        // One that says nothing for too long is dealt with as any other.
        Ok(compared.unwrap_or(Compared::Useful))
    }

    /// Whether the download that is compared has turned out to be of no use.
    fn overlap_differs(&self) -> bool {
        let shared = self.link.shared();
        shared
            .buffers
            .overlap
            .as_ref()
            .is_some_and(|overlap| overlap.differs())
    }

    /// Whether a firmware that answers FTPRETR with ERROR may call it FTPGETR, as the example of manual 3.7 does; found
    /// out once, by the test forms. Where FTPGETR is FTPRECV, it refuses a file's name, and no harm is done.
    async fn retrieve_may_be_ftpgetr(&mut self) -> Result<bool> {
        if self.ftpgetr_retrieves.is_some() {
            return Ok(false);
        }
        let known = self.link.run(Command::test("FTPRETR")).await?;
        let other = known.result.is_err() && {
            let answer = self.link.run(Command::test("FTPGETR")).await?;
            answer.result.is_ok()
        };
        self.ftpgetr_retrieves = (!other).then_some(false);
        Ok(other)
    }

    async fn get_block(&mut self, job: &Job, listed: Option<u64>, to: Destination) -> Result<u64> {
        let candidates = self.find_spelling().await?;
        let mut spellings = candidates.iter();
        let mut spelling = spellings.next().copied().unwrap_or(RECV_SPELLINGS[0]);
        let expected = listed
            .filter(|_| has_size(job.file_type))
            .map(|total| total - job.offset);
        let mut fetch = Fetch {
            bytes: 0,
            expected,
            complete: false,
            confirmed: true,
            answered: false,
            last_byte: self.link.now(),
            refetches: 0,
            refusals: 0,
            asked: None,
        };
        self.start_fetch(job, &mut fetch).await?;
        self.link.shared().buffers.destination = to;
        let mut pause = POLL_FIRST;
        loop {
            self.wait_for_room(job, &mut fetch).await?;
            // Outcome 1 behind an empty answer may stand for bytes that came in between: only one before it counts.
            let complete = fetch.complete;
            let received = self.receive(spelling, &mut fetch).await?;
            if received.is_some() {
                (fetch.answered, self.receive) = (true, Some(spelling));
            }
            if self.overlap_differs() {
                // The module is left in download mode, which the next connection ends.
                return Ok(fetch.bytes);
            }
            if received.is_some() {
                fetch.refusals = 0;
            }
            if job.file_type == FileType::Ascii && fetch.bytes >= CACHE {
                return Err(Error::new(
                    ErrorKind::Transfer,
                    format!(
                        "in ASCII a file that fills the module's cache of {CACHE} bytes cannot be fetched by block, as \
                         offsets do not count its line ends: download it by stream, or as binary"
                    ),
                ));
            }
            match received {
                Some(0) | None if complete && expected == Some(fetch.bytes) => break,
                // An ERROR takes nothing out of the cache: another spelling may be the one that is known.
                None if !fetch.answered && spellings.len() > 0 => {
                    spelling = spellings.next().copied().unwrap_or(spelling);
                    continue;
                }
                None if !fetch.answered && self.ask_connected().await? != Some(false) => {
                    let what = if candidates.len() > 1 {
                        "FTPRECV in each of its spellings"
                    } else {
                        "to give the file (FTPRECV: ERROR)"
                    };
                    return Err(Error::new(
                        ErrorKind::Command,
                        format!("the module refuses {what}: try again, or download by stream"),
                    ));
                }
                // With the connection the cache is lost too, and what was in it.
                Some(0) | None if complete && self.ask_connected().await? != Some(false) => {
                    // One error may have any cause: only two of them in a row say that there is nothing more.
                    if received.is_some() || fetch.refusals > 0 {
                        break;
                    }
                    fetch.refusals = 1;
                    continue;
                }
                Some(0) | None if fetch.complete && !complete => continue,
                None => {
                    self.refetch(job, &mut fetch, to).await?;
                    continue;
                }
                Some(0) if complete => {
                    self.refetch(job, &mut fetch, to).await?;
                    continue;
                }
                Some(0) => {}
                Some(_) => {
                    pause = POLL_FIRST;
                    // A second download is to show whether the file goes on.
                    if fetch.complete && expected == Some(fetch.bytes) && to != Destination::Digest
                    {
                        break;
                    }
                    continue;
                }
            }
            let lost = self.wait_for_cache(&mut fetch, pause).await?;
            if lost {
                self.refetch(job, &mut fetch, to).await?;
            }
            pause = (pause * 2).min(POLL_LAST);
        }
        // A module that never said that it was through may hold itself in download mode.
        self.must_close = !fetch.confirmed;
        Ok(fetch.bytes)
    }

    /// FTPGET; outcomes 2 and 1 both say that the cache may be read.
    async fn start_fetch(&mut self, job: &Job, fetch: &mut Fetch) -> Result<()> {
        let planted = cfg!(nlftp_planted = "refetch-from-the-start");
        let from = job.offset + if planted { 0 } else { fetch.bytes };
        let command = Command::transfer("FTPGET", &job.name, job.file_type, from)?;
        self.link.shared().engine.forget_fetch_notices();
        // Whatever ends this call early leaves the module in download mode.
        self.must_close = true;
        let answer = self.ftp(command, "download", &job.name).await;
        if answer.as_ref().is_err_and(|error| {
            error.kind() == ErrorKind::Refused || error.kind() == ErrorKind::Command
        }) {
            self.must_close = false;
        }
        fetch.complete = answer?.outcome == Some(1);
        fetch.last_byte = self.link.now();
        Ok(())
    }

    /// One FTPRECV; `None` when the module has nothing open to read from.
    async fn receive(&mut self, spelling: &'static str, fetch: &mut Fetch) -> Result<Option<u64>> {
        let asked = match fetch.asked.take() {
            Some(asked) if asked.spelling == spelling => asked,
            _ => Asked::new(spelling)?,
        };
        {
            let shared = &mut *self.link.shared();
            shared.engine.submit(shared.now, asked.command.clone());
        }
        let answer = self.link.answer(&asked.shown).await;
        fetch.asked = Some(asked);
        let answer = answer?;
        self.take_notices(fetch)?;
        // What came before an error is the file's, too.
        if answer.result.is_err() && answer.payload == 0 {
            return Ok(None);
        }
        if answer.payload > 0 {
            fetch.bytes += answer.payload;
            fetch.last_byte = self.link.now();
            fetch.refetches = 0;
        }
        Ok(Some(answer.payload))
    }

    fn take_notices(&mut self, fetch: &mut Fetch) -> Result<()> {
        while let Some(outcome) = self.link.shared().engine.take_fetch_notice() {
            match outcome {
                0 => {
                    return Err(Error::new(
                        ErrorKind::Transfer,
                        "the server broke off the download (+FTPGET: 0): look at the network and the server, and try again",
                    )
                    .with_reply(None, "+FTPGET: 0"));
                }
                1 => fetch.complete = true,
                _ => {}
            }
        }
        Ok(())
    }

    /// The cache is empty and the file not complete: wait for a notice, for at most `pause`. True when the connection
    /// turns out to be gone.
    async fn wait_for_cache(&mut self, fetch: &mut Fetch, pause: Time) -> Result<bool> {
        let noticed = self
            .link
            .wait_for(pause, |shared| {
                shared.engine.has_fetch_notice().then_some(())
            })
            .await?;
        if noticed.is_some() {
            return self.take_notices(fetch).map(|()| false);
        }
        // Some firmware tells the end only when asked; an ERROR means nothing (manual 1.2.18).
        let hint = self.link.run(Command::query("FTPGET")).await?;
        self.take_notices(fetch)?;
        fetch.complete |= hint
            .lines
            .iter()
            .any(|line| line.trim_ascii_end().ends_with(b",1"));
        let stall = self.link.shared().engine.limits().stall_timeout;
        if !fetch.complete
            && fetch.expected == Some(fetch.bytes)
            && self.link.now() - fetch.last_byte > UNCONFIRMED.min(stall)
        {
            (fetch.complete, fetch.confirmed) = (true, false);
        }
        if !fetch.complete && self.link.now() - fetch.last_byte > stall {
            return Err(Error::new(
                ErrorKind::Timeout,
                format!(
                    "the module's cache stayed empty for {stall:?}: look at the network, or raise the stall limit"
                ),
            ));
        }
        if fetch.complete || pause < POLL_LAST {
            return Ok(false);
        }
        Ok(self.ask_connected().await? == Some(false))
    }

    /// Asks for bytes only when they can be put somewhere, and keeps the two-minute rule in mind.
    async fn wait_for_room(&mut self, job: &Job, fetch: &mut Fetch) -> Result<()> {
        let start = self.link.now();
        self.link
            .wait(|_| None, |shared| shared.buffers.room.then_some(()))
            .await?;
        if self.link.now() - start > CACHE_LIMIT && self.ask_connected().await? == Some(false) {
            let to = self.link.shared().buffers.destination;
            self.refetch(job, fetch, to).await?;
        }
        Ok(())
    }

    /// The cache was lost with its connection: opens it anew and goes on behind the last byte that arrived.
    async fn refetch(&mut self, job: &Job, fetch: &mut Fetch, to: Destination) -> Result<()> {
        if self.ask_connected().await? != Some(false) || job.file_type == FileType::Ascii {
            return Err(Error::new(
                ErrorKind::Transfer,
                "the module refuses to give the rest of the file (FTPRECV: ERROR): try again",
            ));
        }
        fetch.refetches += 1;
        if fetch.refetches > MAX_REFETCHES {
            return Err(Error::new(
                ErrorKind::NotConnected,
                "the FTP connection is lost again and again before a byte arrives: look at the network and the server",
            ));
        }
        self.forget_connection();
        fetch.complete = false;
        self.link.warn(format!(
            "the FTP connection was lost at byte {}: the rest was fetched over a new one",
            fetch.bytes
        ));
        self.link.shared().buffers.destination = Destination::Nowhere;
        self.connect().await?;
        self.start_fetch(job, fetch).await?;
        self.link.shared().buffers.destination = to;
        Ok(())
    }

    /// The manual's spellings of FTPRECV that the module may know, the likeliest first; only an ERROR says that it does
    /// not know one.
    async fn find_spelling(&mut self) -> Result<Vec<&'static str>> {
        if let Some(spelling) = self.receive {
            return Ok(vec![spelling]);
        }
        for spelling in RECV_SPELLINGS {
            let answer = self.link.run(Command::test(spelling)).await?;
            if answer.result.is_ok() && !takes_a_name(&answer) {
                return Ok(vec![spelling]);
            }
        }
        // A firmware without test forms: the command itself has to tell.
        Ok(RECV_SPELLINGS.to_vec())
    }
}

/// Whether a test form lists a text among its parameters: FTPRECV has none, FTPRETR has.
fn takes_a_name(answer: &Answer) -> bool {
    answer.lines.iter().any(|line| line.contains(&b'"'))
}
