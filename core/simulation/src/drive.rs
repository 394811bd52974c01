//! Runs a scenario: makes its calls one after the other, and holds what comes of them against what must be.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::content::content;
use crate::error::{Error, ErrorKind, Result};
use crate::local::{Part, Place};
use crate::scenario::{Check, Flavour, Move, Operation, Scenario, Step, Verb, Way};
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
    /// A process was killed.
    was_killed: bool,
    /// Part files that stayed.
    parts: BTreeMap<String, Part>,
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
            was_killed: false,
            parts: BTreeMap::new(),
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
        self.lied_to |= faults.payload_altered || faults.lines_altered || faults.lied;
        faults.begin(step, now);
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
        self.world.kill();
    }

    /// Opens the port, again as long as it is gone.
    fn open(&mut self) -> std::result::Result<Option<Result<()>>, Wrong> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.call(Task::Open, None, Place::Nothing)? {
                Called::Killed => return Ok(None),
                Called::Ended(Ok(_)) => return Ok(Some(Ok(()))),
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
        if !self.world.session.has_port() {
            let opened = self.open()?;
            self.must_succeed(
                "open",
                opened.map(|opened| opened.map(|()| Outcome::Nothing)),
            )?;
        }
        let needs_login = match &step.operation {
            Operation::Put(_) | Operation::Get(_) => true,
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
            Operation::Put(file) => self.put(file, limit),
            Operation::Get(file) => self.get(file, limit),
            Operation::Verb(verb) => self.verb(*verb, limit),
        }
    }

    fn verb(&mut self, verb: Verb, limit: Option<Duration>) -> std::result::Result<(), Wrong> {
        let task = tasks::task(verb).map_err(|error| error.to_string())?;
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
            Operation::Put(file) | Operation::Get(file) => file.check == Check::Nothing,
            Operation::Verb(_) => false,
        };
        // Without a size nothing tells the end where the firmware does not.
        let endless =
            scenario.dialect.contains("retr_end_mark") || scenario.dialect.contains("data_only");
        let untroubled = scenario.faults.is_empty()
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

    fn put(&mut self, file: &Move, limit: Option<Duration>) -> std::result::Result<(), Wrong> {
        let seed = self.world.scenario.seed;
        let source = content(seed, &file.name, file.size, file.flavour);
        let before = self.server_file(&file.name).cloned();
        let place = Place::Source {
            bytes: source.clone(),
            at: 0,
        };
        match self.call(Task::Put(tasks::job(file)), limit, place)? {
            Called::Ended(result) => self.judge_put(file, &source, before.as_deref(), result),
            Called::Killed => Ok(()),
        }
    }

    fn get(&mut self, file: &Move, limit: Option<Duration>) -> std::result::Result<(), Wrong> {
        let kept = self.parts.remove(&file.name).filter(|_| file.resume);
        let place = Place::Sink {
            part: kept.unwrap_or_default(),
            resume: file.resume,
        };
        let called = self.call(Task::Get(tasks::job(file)), limit, place)?;
        let failed = self.world.local.failed.take();
        let Place::Sink { part, resume } = std::mem::take(&mut self.world.local.place) else {
            return Err("the sink has gone".into());
        };
        match called {
            Called::Ended(Ok(outcome)) if failed.is_none() => {
                self.judge_get(file, &part.bytes, outcome)
            }
            called => {
                let killed = matches!(called, Called::Killed);
                // A killed process removes nothing; a failure leaves what a resume may go on with.
                if killed || resume && part.record.is_some() && !part.bytes.is_empty() {
                    self.parts.insert(file.name.clone(), part);
                }
                self.note_altered(&file.name);
                match called {
                    Called::Ended(result) => self.must_succeed("get", Some(result)),
                    Called::Killed => Ok(()),
                }
            }
        }
    }

    pub(crate) fn server_file(&self, name: &str) -> Option<&Vec<u8>> {
        self.world.net.server.files.get(&tasks::path(name))
    }

    /// Whatever was altered of a file stays in it.
    pub(crate) fn note_altered(&mut self, name: &str) {
        let faults = &self.world.common.borrow().faults;
        if faults.payload_altered || faults.lines_altered {
            self.tainted.insert(name.to_owned());
        }
    }

    // -- the end ----------------------------------------------------------------------------------

    /// Nothing goes wrong any more: the modem takes the next command, or was reported lost and can be opened anew.
    fn close(&mut self) -> std::result::Result<(), Wrong> {
        self.world.heal();
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
        let raw = tasks::task(Verb::Raw).map_err(|error| error.to_string())?;
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
        for (what, task) in [("attach", attach), ("login", tasks::login())] {
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
            let works_it_off = self.was_killed || error.to_string().contains("is still sending");
            if tries > REFUSALS || !works_it_off {
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
