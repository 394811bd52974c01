//! Runs a scenario: makes its calls one after the other, and holds what comes of them against what must be.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::local::{Part, Place};
use crate::remains::Known;
use crate::scenario::{Check, Fault, Flavour, Move, Operation, Scenario, Step, Verb, Way, What};
use crate::session::{Outcome, Task};
use crate::state::ModemState;
use crate::tally::Tally;
use crate::tasks;
use crate::world::World;

/// Longer than this no call without a deadline takes, whatever its limits are.
const LONGEST: Duration = Duration::from_secs(4 * 3600);
/// How late a call may return.
const GRACE: Duration = Duration::from_millis(5);
/// How often a port that is gone is tried, and how long a user waits in between.
const OPEN_TRIES: u32 = 40;
const OPEN_PAUSE: Duration = Duration::from_secs(5);
/// How often a modem whose lines were altered may refuse something in the end, and how often a port is opened in vain.
const REFUSALS: u32 = 3;
/// How often a port is opened in vain on which a modem still sends a long file, or a list of tens of thousands of lines.
const DRAININGS: u32 = 40;
/// By how many times its limit an answer may be late and still be told from others.
const MOST_LATE: u64 = 20;

/// What must not be.
pub(crate) type Wrong = String;

/// How a call came back.
pub(crate) enum Called {
    Ended(Result<Outcome>),
    Killed,
}

pub(crate) struct Drive {
    pub(crate) world: World,
    pub(crate) tally: Tally,
    logged_in: bool,
    /// Bytes were altered in some step, or the modem said something else than it did.
    lied_to: bool,
    /// This process has had the port open.
    was_open: bool,
    /// A process was killed.
    was_killed: bool,
    /// Part files that stayed.
    pub(crate) parts: BTreeMap<String, Part>,
    /// Those of which a byte was changed that nobody looks at again.
    pub(crate) rotten: BTreeSet<String>,
    /// Files on the server of which some bytes were written over.
    pub(crate) patched: BTreeSet<String>,
    /// What the user knows of uploads.
    pub(crate) known: Known,
    /// Files that bytes were altered of, so that only a whole second download says anything of them.
    pub(crate) tainted: BTreeSet<String>,
}

impl Drive {
    pub(crate) fn new(scenario: &Scenario, trace: bool) -> Drive {
        Drive {
            world: World::new(scenario, trace),
            tally: Tally::default(),
            logged_in: false,
            lied_to: false,
            was_open: false,
            was_killed: false,
            parts: BTreeMap::new(),
            rotten: BTreeSet::new(),
            patched: BTreeSet::new(),
            known: Known::default(),
            tainted: BTreeSet::new(),
        }
    }

    /// # Errors
    /// Something that must not be has come about.
    pub(crate) fn run(&mut self) -> std::result::Result<(), Wrong> {
        let steps = self.world.scenario.steps.clone();
        for (number, step) in steps.iter().enumerate() {
            self.begin(number);
            self.world.trace(|| format!("=== step {number}: {step}"));
            self.step(step)?;
            self.pass(Duration::from_millis(step.pause))?;
        }
        self.begin(usize::MAX);
        self.world
            .trace(|| "=== nothing goes wrong any more".into());
        self.close()
    }

    fn begin(&mut self, step: usize) {
        let now = self.world.now;
        let faults = &mut self.world.common.borrow_mut().faults;
        let limit = self.world.scenario.limits[0];
        // The driver has six questions: answers that are later than all of them may be taken for those to the same one.
        let ages = |fault: &Fault| {
            matches!(fault.what, What::Delay | What::Late | What::Silence)
                && fault.amount > MOST_LATE * limit
        };
        self.lied_to |= faults.payload_altered || faults.lines_altered || faults.lied;
        self.lied_to |= faults.fired.iter().any(ages);
        faults.begin(step, now);
    }

    /// Whether what happened may be nobody's fault: answers and commands were altered.
    pub(crate) fn is_lied_to(&self) -> bool {
        self.lied_to || self.world.common.borrow().faults.lines_altered
    }

    /// The same of the steps before this one.
    pub(crate) fn was_lied_to(&self) -> bool {
        self.lied_to
    }

    // -- calls ------------------------------------------------------------------------------------

    /// One call, until it has ended.
    pub(crate) fn call(
        &mut self,
        task: Task,
        limit: Option<Duration>,
        place: Place,
    ) -> std::result::Result<Called, Wrong> {
        let began = self.world.now;
        let shown = format!("{task:?}");
        self.world.trace(|| format!("--- {shown}"));
        self.world.request(task, limit, place);
        loop {
            let ended = self.world.settle()?;
            if self.world.killed {
                self.kill();
                return Ok(Called::Killed);
            }
            if let Some(result) = ended {
                self.world.trace(|| match &result {
                    Ok(outcome) => format!("--- done: {outcome:?}"),
                    Err(error) => format!("--- {}: {error}", error.kind()),
                });
                self.judge_time(began, limit, &shown)?;
                self.tally_end(&result);
                return Ok(Called::Ended(result));
            }
            let Some(wake) = self.world.wake() else {
                return Err(format!("hung: {shown} waits for nothing"));
            };
            if wake > began + LONGEST {
                return Err(format!("hung: {shown} has not ended after {LONGEST:?}"));
            }
            self.world.now = self.world.now.max(wake);
        }
    }

    fn judge_time(
        &self,
        began: Duration,
        limit: Option<Duration>,
        shown: &str,
    ) -> std::result::Result<(), Wrong> {
        let took = self.world.done_at.saturating_sub(began);
        match limit {
            Some(limit) if took > limit + GRACE => {
                Err(format!("late: {shown} had {limit:?} and took {took:?}"))
            }
            _ => Ok(()),
        }
    }

    fn tally_end(&mut self, result: &Result<Outcome>) {
        let end = match result {
            Ok(Outcome::Transfer(transfer)) => {
                self.tally.bytes += transfer.bytes;
                format!("success, verified: {:?}", transfer.verified).to_lowercase()
            }
            Ok(_) => "success".to_owned(),
            Err(error) => format!("error: {}", error.kind()),
        };
        *self.tally.ends.entry(end).or_default() += 1;
    }

    /// Lets time pass.
    fn pass(&mut self, span: Duration) -> std::result::Result<(), Wrong> {
        let until = self.world.now + span;
        loop {
            self.world.settle()?;
            if self.world.killed {
                self.kill();
            }
            match self.world.wake().filter(|wake| *wake < until) {
                Some(wake) => self.world.now = self.world.now.max(wake),
                None => {
                    self.world.now = until;
                    return Ok(());
                }
            }
        }
    }

    fn kill(&mut self) {
        self.world.trace(|| "--- killed".into());
        *self.tally.ends.entry("killed".into()).or_default() += 1;
        self.logged_in = false;
        self.was_killed = true;
        self.was_open = false;
        self.world.kill();
    }

    /// Opens the port, again as long as it is gone.
    fn open(&mut self) -> std::result::Result<Option<Result<()>>, Wrong> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.call(Task::Open, None, Place::Nothing)? {
                Called::Killed => return Ok(None),
                Called::Ended(Ok(_)) => {
                    self.was_open = true;
                    return Ok(Some(Ok(())));
                }
                Called::Ended(Err(error))
                    if error.kind() == ErrorKind::Port && tries < OPEN_TRIES =>
                {
                    self.pass(OPEN_PAUSE)?;
                }
                Called::Ended(Err(error)) => return Ok(Some(Err(error))),
            }
        }
    }

    // -- steps ------------------------------------------------------------------------------------

    fn step(&mut self, step: &Step) -> std::result::Result<(), Wrong> {
        // Where calls wait for the port, some are left to do it.
        let waits = self.world.scenario.port_timeout > 0
            && self.was_open
            && self.tally.ends.len().is_multiple_of(2);
        if !self.world.session.has_port() && !waits {
            let opened = self.open()?;
            self.must_succeed(
                "open",
                opened.map(|opened| opened.map(|()| Outcome::Nothing)),
            )?;
        }
        let needs_login = match &step.operation {
            Operation::Put(_) | Operation::Get(_) => true,
            Operation::Change(..) | Operation::Spoil(..) => false,
            Operation::Verb(verb) => !matches!(
                verb,
                Verb::Attach
                    | Verb::Login
                    | Verb::Logout
                    | Verb::Status
                    | Verb::Info
                    | Verb::Raw
                    | Verb::Restart
            ),
        };
        if needs_login && !self.logged_in {
            self.verb(Verb::Attach, None)?;
            self.verb(Verb::Login, None)?;
        }
        if step.operation == Operation::Verb(Verb::Login) {
            self.verb(Verb::Attach, None)?;
        }
        let limit = step.deadline.map(Duration::from_millis);
        match &step.operation {
            Operation::Change(name, change, amount) => self.change(name, *change, *amount),
            Operation::Spoil(name, spoil, amount) => {
                self.spoil(name, *spoil, *amount);
                Ok(())
            }
            Operation::Put(file) => self.put(file, limit),
            Operation::Get(file) => self.get(file, limit),
            Operation::Verb(verb) => self.verb(*verb, limit),
        }
    }

    fn verb(&mut self, verb: Verb, limit: Option<Duration>) -> std::result::Result<(), Wrong> {
        let task = tasks::task(&self.world.scenario, verb).map_err(|error| error.to_string())?;
        let Some(task) = task else {
            return self.restart();
        };
        let called = match self.call(task, limit, Place::Nothing)? {
            Called::Ended(result) => Some(result),
            Called::Killed => None,
        };
        match (verb, &called) {
            (Verb::Login, Some(Ok(_))) => self.logged_in = true,
            (Verb::Logout, Some(Ok(_))) => self.logged_in = false,
            _ => {}
        }
        let refused = matches!(
            verb,
            Verb::Rmd | Verb::Mkd | Verb::Delete | Verb::Rename | Verb::List
        );
        match called {
            Some(Err(error)) if refused && error.kind() == ErrorKind::Refused => Ok(()),
            // An FTP connection is open already.
            Some(Err(error)) if verb == Verb::Login && error.kind() == ErrorKind::Busy => Ok(()),
            called => self.must_succeed(verb.word(), called),
        }
    }

    fn restart(&mut self) -> std::result::Result<(), Wrong> {
        self.call(Task::Close, None, Place::Nothing)?;
        self.logged_in = false;
        self.was_open = false;
        self.world.kill();
        let opened = self.open()?;
        self.must_succeed(
            "open",
            opened.map(|opened| opened.map(|()| Outcome::Nothing)),
        )
    }

    /// Where nothing goes wrong, everything succeeds.
    pub(crate) fn must_succeed(
        &self,
        what: &str,
        result: Option<Result<Outcome>>,
    ) -> std::result::Result<(), Wrong> {
        let scenario = &self.world.scenario;
        let unchecked = |step: &Step| match &step.operation {
            Operation::Put(file) | Operation::Get(file) => {
                file.check == Check::Nothing || file.ascii
            }
            _ => false,
        };
        // Without a size nothing tells the end where the firmware does not.
        let endless =
            scenario.dialect.contains("retr_end_mark") || scenario.dialect.contains("data_only");
        // This model's server does not take or give gigabytes.
        let giant = scenario
            .files
            .iter()
            .any(|file| file.flavour == Flavour::Sparse);
        let untroubled = scenario.faults.is_empty()
            && !giant
            && scenario.steps.iter().all(|step| step.deadline.is_none())
            && !(endless && scenario.steps.iter().any(unchecked));
        match result {
            Some(Err(error)) if untroubled => Err(format!(
                "failed: {what}, though nothing went wrong: {}: {error}",
                error.kind()
            )),
            _ => Ok(()),
        }
    }

    // -- the end ----------------------------------------------------------------------------------

    /// Nothing goes wrong any more: the modem takes the next command, or was reported lost and can be opened anew.
    fn close(&mut self) -> std::result::Result<(), Wrong> {
        self.world.heal();
        self.judge_between()?;
        let mut how = "as it was";
        if !self.world.session.has_port() {
            how = "opened anew: the port was lost";
            self.must_open()?;
        }
        // Where lines were altered, answers may belong to something else for a while.
        let mut patience = if self.lied_to { REFUSALS } else { 0 };
        let (mut login_refused, mut was_reset) = (false, false);
        loop {
            let refused = match self.use_again(&mut how)? {
                None => break,
                Some(refused) => refused,
            };
            if refused.contains("reset the module") && !std::mem::replace(&mut was_reset, true) {
                self.world.restart_modem();
                how = "after a reset of the module, as the error asked for";
                continue;
            }
            // A late FTPOPEN may have gone through meanwhile: the driver learns of that by a refusal.
            let late = refused.starts_with("unwell: login")
                && !std::mem::replace(&mut login_refused, true);
            if patience == 0 && !late {
                return Err(refused);
            }
            patience = patience.saturating_sub(1);
            how = "after a refusal";
            self.pass(Duration::from_secs(60))?;
        }
        *self.tally.closings.entry(how.into()).or_default() += 1;
        let last = Move {
            name: "z".into(),
            size: 300,
            flavour: Flavour::Escapes,
            way: Way::Auto,
            check: Check::Readback,
            resume: false,
            offset: 0,
            ascii: false,
            temporary: false,
            retry: None,
        };
        self.world.scenario.faults.clear();
        for step in &mut self.world.scenario.steps {
            step.deadline = None;
        }
        let tried = self.put(&last, None).and_then(|()| self.get(&last, None));
        if let Err(wrong) = tried {
            // What a lie has taught the driver goes with it.
            if !self.lied_to {
                return Err(wrong);
            }
            self.restart()?;
            self.verb(Verb::Attach, None)?;
            self.verb(Verb::Login, None)?;
            self.put(&last, None)?;
            self.get(&last, None)?;
        }
        match self.sure(Task::Close)? {
            Some(error) => Err(format!("unwell: close fails: {}: {error}", error.kind())),
            None => Ok(()),
        }
    }

    /// A raw command, and a new connection; what was refused of it.
    fn use_again(&mut self, how: &mut &str) -> std::result::Result<Option<Wrong>, Wrong> {
        let raw =
            tasks::task(&self.world.scenario, Verb::Raw).map_err(|error| error.to_string())?;
        if let Some(error) = self.sure(raw.ok_or("no task")?)? {
            let state = self.world.session.state();
            if state != ModemState::Lost && error.kind() != ErrorKind::Port {
                return Ok(Some(format!(
                    "stuck: the modem does not take the next command, and is {}: {}: {error}",
                    state.name(),
                    error.kind()
                )));
            }
            *how = "opened anew: reported lost";
            self.must_open()?;
        }
        self.sure(Task::Logout)?;
        let attach = tasks::attach().map_err(|error| error.to_string())?;
        for (what, task) in [
            ("attach", attach),
            ("login", tasks::login(&self.world.scenario)),
        ] {
            if let Some(error) = self.sure(task)? {
                return Ok(Some(format!(
                    "unwell: {what} fails, though nothing goes wrong any more: {}: {error}",
                    error.kind()
                )));
            }
        }
        Ok(None)
    }

    fn must_open(&mut self) -> std::result::Result<(), Wrong> {
        let mut tries = 0;
        loop {
            let Some(Err(error)) = self.open()? else {
                return Ok(());
            };
            tries += 1;
            // A modem may have to work off what a killed program has left on the line.
            if error.to_string().contains("reset the module") && tries == 1 {
                self.world.restart_modem();
                continue;
            }
            let sends = error.to_string().contains("is still sending");
            // A file that a killed program asked for may look like answers as long as it comes.
            let imitates = self.was_killed && self.imitates();
            let most = if sends || imitates {
                DRAININGS
            } else {
                REFUSALS
            };
            if tries > most || !(sends || self.was_killed) {
                return Err(format!(
                    "stuck: the port cannot be opened anew: {}: {error}",
                    error.kind()
                ));
            }
            self.pass(Duration::from_secs(30))?;
        }
    }

    fn sure(&mut self, task: Task) -> std::result::Result<Option<Error>, Wrong> {
        match self.call(task, None, Place::Nothing)? {
            Called::Ended(Err(error)) => Ok(Some(error)),
            _ => Ok(None),
        }
    }
}
