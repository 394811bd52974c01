//! Opening a port in an unknown state: a client that was killed leaves data phases, echo and connections behind.

use super::{Machine, PortAction};
use crate::config::{FileType, FlowControl};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::Time;
use crate::protocol::command::Command;
use crate::protocol::stuffing::ETX;
use crate::protocol::table::MAX_PIECE;
use crate::state::ModemState;

/// Silence after which a line counts as quiet.
pub(super) const SETTLE: Time = Time::from_millis(60);
/// How long a modem that still sends is listened to.
const DRAIN_LIMIT: Time = Time::from_secs(30);
/// How long DTR stays low, and a port without DTR closed: ptys are polled by what simulates their modem.
const DTR_LOW: Time = Time::from_millis(400);
/// Carriage returns sent at once to a modem that is owed FTPPUT data: where too many, they are empty lines.
const WAKE_BATCH: usize = 64;
/// How often an answer is doubted that results stand around which nobody waits for.
const MAX_CONFIRMATIONS: u32 = 4;
/// How often a modem that answers is brought to answer like the module.
const MAX_TURNS: u32 = 2;

/// Queries that every state of the module answers somewhere, each with its own prefix; the last two without a SIM too.
const PROOFS: [&str; 6] = ["FTPMODE", "FTPOPEN", "CPIN", "FTPREST", "CMEE", "CREG"];

impl Machine {
    /// Opens the port and the modem on it. Nothing is done where both are open and answer.
    pub(super) async fn open_anew(&mut self) -> Result<Vec<String>> {
        let lost = self.link.shared().port_lost.is_some();
        if !lost && self.opened && self.stuck.is_none() {
            return Ok(Vec::new());
        }
        self.link.shared().state = ModemState::Opening;
        self.link.open_port().await?;
        self.was_opened = true;
        // Whatever was known belongs to a line that is no more; the login stays, for the next call to open it anew.
        self.opened = false;
        self.stuck = None;
        self.must_close = false;
        self.store_doubtful = false;
        self.upload = None;
        self.link.shared().dirty = false;
        // A file that the module waits for the rest of, as it may still do, can be ended only by its name.
        let pieces = self.pieces.take();
        self.forget_connection();
        self.pieces = pieces;
        self.open().await
    }

    /// Closes the FTP connection, if the modem can still be asked to, and the port in any case.
    pub(super) async fn close(&mut self) -> Result<()> {
        let reachable = self.link.shared().port_lost.is_none() && self.opened;
        let closed = if reachable {
            self.logout().await
        } else {
            Ok(())
        };
        self.leave_in_flight();
        self.closed = true;
        self.link.port(PortAction::Close).await?;
        closed
    }

    pub(super) async fn open(&mut self) -> Result<Vec<String>> {
        let mut turns = 0;
        loop {
            turns += 1;
            self.awaken().await?;
            // Late answers to the probes must not be taken for those to the settings: the line is proven first.
            if self.prove().await? {
                break;
            }
            // A data phase that a program before asked for may have opened meanwhile: it is left as any other.
            if turns == MAX_TURNS {
                return Err(Error::new(
                    ErrorKind::Timeout,
                    "what is on the port answers, but not like the module: look for another program on the port, or another port",
                ));
            }
            // What a killed program has left on the line may be answered yet: more questions only make that longer.
            self.link.quiet(SETTLE * 8, DRAIN_LIMIT).await?;
        }
        self.configure().await?;
        self.opened = true;
        // A connection found open is somebody's who is gone: it is closed, never adopted.
        self.connected = false;
        if self.ask_connected().await? == Some(true) {
            self.close_whatever_is_open().await?;
        }
        Ok(std::mem::take(&mut self.link.shared().warnings))
    }

    /// How long a single probe is waited for.
    fn probe_limit(&self) -> Time {
        let timeout = self.link.shared().engine.limits().timeout;
        timeout.min(Time::from_secs(2))
    }

    /// Gets any answer at all out of the modem.
    async fn awaken(&mut self) -> Result<()> {
        let began = self.link.now();
        if self.answers_at(self.probe_limit()).await? {
            return Ok(());
        }
        if self.still_sends() {
            self.drop_dtr().await?;
            if !self.link.quiet(SETTLE * 8, DRAIN_LIMIT).await? {
                return Err(Error::new(
                    ErrorKind::Timeout,
                    "the modem is still sending a file that another program asked for: wait until it is through, or reset it",
                ));
            }
            if self.answers_at(self.probe_limit()).await? {
                return Ok(());
            }
        }
        // A program before may have left numeric result codes, or none but the echo.
        if self.link.shared().engine.last_received() > began
            && self
                .answers(Command::basic("ATQ0V1"), self.probe_limit())
                .await?
        {
            return Ok(());
        }
        // FTPSTOR's data phase: everything is taken for the file, until a bare 0x03 (twice, should an escape hang open).
        for _ in 0..2 {
            self.link.shared().engine.send_raw(&[ETX]);
            self.link.quiet(SETTLE * 4, self.probe_limit()).await?;
            // In command mode the 0x03 would stand before the next command: an empty line takes it away.
            self.link.shared().engine.send_raw(b"\r");
            if self.answers_at(self.probe_limit()).await? {
                return Ok(());
            }
        }
        // FTPPUT's data phase: the modem is owed up to a piece.
        let mut owed = MAX_PIECE;
        while owed > 0 {
            let batch = owed.min(WAKE_BATCH);
            self.link
                .shared()
                .engine
                .send_raw(&[b'\r'; WAKE_BATCH][..batch]);
            owed -= batch;
            let before = self.link.now();
            let heard = self.link.wait_for(SETTLE, |shared| {
                (shared.engine.last_received() > before).then_some(())
            });
            if heard.await?.is_some() {
                self.link.quiet(SETTLE, self.probe_limit()).await?;
                break;
            }
        }
        // What a killed program left on a slow line goes first: the last probe waits the longest. It ends quiet mode, in
        // which every command before was taken, too.
        let last = self.link.shared().engine.limits().timeout;
        for _ in 0..2 {
            let asked = self.link.now();
            if self.answers(Command::basic("ATQ0V1"), last).await? {
                return Ok(());
            }
            // A modem that still ends what it was owed may have lost the command: it is asked again.
            if self.link.shared().engine.last_received() <= asked {
                break;
            }
        }
        Err(Error::new(
            ErrorKind::Timeout,
            "nothing on the port answers AT: look at the port's name, its baud rate, the cable and the modem's power",
        ))
    }

    /// AT; any final result will do.
    async fn answers_at(&mut self, limit: Time) -> Result<bool> {
        self.answers(Command::basic("AT"), limit).await
    }

    async fn answers(&mut self, command: Command, limit: Time) -> Result<bool> {
        let answer = self.link.probe(command, limit).await?;
        Ok(answer.is_some())
    }

    fn still_sends(&self) -> bool {
        let shared = self.link.shared();
        shared.now.saturating_sub(shared.engine.last_received()) < SETTLE * 8
            && shared.engine.last_received() > Time::ZERO
    }

    /// What the driver wants of the modem; a firmware that does not know one of these is no error.
    async fn configure(&mut self) -> Result<()> {
        self.link.run(Command::basic("ATE0")).await?;
        self.link.run(Command::basic("AT+CMEE=1")).await?;
        self.obeys_dtr = self.link.run(Command::basic("AT&D2")).await?.result.is_ok();
        let flow = match self.flow_control {
            FlowControl::None => None,
            FlowControl::RtsCts => Some("AT+IFC=2,2"),
            FlowControl::XonXoff => Some("AT+IFC=1,1"),
        };
        if let Some(flow) = flow
            && self.link.run(Command::basic(flow)).await?.result.is_err()
        {
            self.link.warn(format!(
                "the modem refused {flow}: its own setting of flow control stays"
            ));
        }
        Ok(())
    }

    /// Proves that the line is in step: an answer with the prefix of the question, and to the last question asked.
    pub(super) async fn prove(&mut self) -> Result<bool> {
        let limits = self.link.shared().engine.limits();
        let give_up = self.link.now() + limits.timeout.max(self.probe_limit() * 4);
        let mut refusals = 0;
        let mut strays = self.link.shared().engine.strays();
        // Questions of before may be answered yet, or what stands on the line imitates an answer.
        let mut doubtful = self.next_proof > 0;
        let mut confirmations = 0;
        // A proof that was given up may be answered yet: the next one asks another question.
        for (place, name) in PROOFS.iter().enumerate().cycle().skip(self.next_proof) {
            if self.link.now() >= give_up {
                break;
            }
            if self.link.shared().engine.blocks(name) {
                continue;
            }
            {
                let shared = &mut *self.link.shared();
                shared.engine.submit_proof(shared.now, Command::query(name));
            }
            self.next_proof = (place + 1) % PROOFS.len();
            // Behind an upload the question may stand in a long queue of data that could not be called back.
            let limit = match self.is_in_data_phase() {
                true => limits.timeout.max(self.probe_limit()),
                false => self.probe_limit(),
            };
            let answer = self
                .link
                .wait_for(limit, |shared| shared.engine.take_answer())
                .await?;
            match answer {
                None => {
                    self.link.shared().engine.abandon();
                    if self.is_in_data_phase() {
                        return Ok(false);
                    }
                }
                Some(answer) if answer.result.is_ok() => {
                    let now = self.link.shared().engine.strays();
                    doubtful |= std::mem::replace(&mut strays, now) != now || refusals > 0;
                    if doubtful && confirmations == MAX_CONFIRMATIONS {
                        break;
                    }
                    if doubtful {
                        // Asked in silence another question tells.
                        self.link.quiet(SETTLE * 2, limits.timeout).await?;
                        strays = self.link.shared().engine.strays();
                        (doubtful, refusals) = (false, 0);
                        confirmations += 1;
                        continue;
                    }
                    self.link.shared().dirty = false;
                    self.next_proof = 0;
                    return Ok(true);
                }
                // Busy with what went before, or in download mode, where FTPOPEN? is answered alone.
                Some(_) => {
                    refusals += 1;
                    if refusals > 1 {
                        self.link.sleep(SETTLE * 4).await?;
                    }
                }
            }
        }
        Ok(false)
    }

    /// FTPCLOSE, again while the module refuses it, which it does as long as something is going on.
    pub(super) async fn close_whatever_is_open(&mut self) -> Result<()> {
        let limits = self.link.shared().engine.limits();
        let mut refusals = 0;
        let give_up = self.link.now() + limits.timeout;
        loop {
            let answer = self.link.run(Command::execute("FTPCLOSE")).await?;
            let closed = answer.result.is_ok() && answer.outcome == Some(1);
            if closed || self.ask_connected().await? != Some(true) {
                self.forget_connection();
                return Ok(());
            }
            refusals += 1;
            if let Some(name) = self.pieces.take() {
                self.end_pieces(&name).await?;
                continue;
            }
            if refusals == 4 && self.obeys_dtr {
                self.drop_dtr().await?;
            }
            if self.link.now() >= give_up {
                return Err(Error::new(
                    ErrorKind::Timeout,
                    "the module holds an FTP connection open and refuses to close it (+FTPCLOSE): reset the module",
                ));
            }
            self.link.sleep(SETTLE * 4).await?;
        }
    }

    /// Ends a file that FTPPUT waits for more pieces of, by a byte too many: the module may refuse FTPCLOSE before.
    async fn end_pieces(&mut self, name: &[u8]) -> Result<()> {
        let limits = self.link.shared().engine.limits();
        let command = Command::piece(name, 1, true, FileType::Binary)?;
        {
            let shared = &mut *self.link.shared();
            shared.engine.submit_piece(shared.now, command, b"\n");
        }
        let ended = self
            .link
            .wait_for(limits.outcome_timeout, |shared| shared.engine.take_answer())
            .await?;
        if ended.is_none() {
            let mut shared = self.link.shared();
            shared.engine.abandon();
            shared.engine.forgive();
        }
        Ok(())
    }

    /// Leaves a data phase by a drop of DTR, where the modem acts on it.
    pub(super) async fn drop_dtr(&mut self) -> Result<()> {
        self.link.port(PortAction::DtrLow).await?;
        self.link.sleep(DTR_LOW).await?;
        self.link.port(PortAction::DtrHigh).await?;
        self.link
            .quiet(SETTLE * 2, self.probe_limit())
            .await
            .map(|_| ())
    }
}
