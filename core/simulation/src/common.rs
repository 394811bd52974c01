//! What all parts of a simulated world share: its faults and its record.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::case::shown;
use crate::faults::Faults;

pub(crate) type Shared = Rc<RefCell<Common>>;

#[derive(Debug, Default)]
pub(crate) struct Common {
    pub(crate) faults: Faults,
    pub(crate) trace: Trace,
}

/// What happened, for people; nothing unless switched on.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    lines: Option<Vec<String>>,
}

impl Trace {
    pub(crate) fn on() -> Trace {
        Trace {
            lines: Some(Vec::new()),
        }
    }

    pub(crate) fn say(&mut self, now: Duration, text: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>12.6} {}", now.as_secs_f64(), text()));
        }
    }

    pub(crate) fn bytes(&mut self, now: Duration, who: &str, bytes: &[u8]) {
        self.say(now, || format!("{who} {}", shown(bytes)));
    }

    pub(crate) fn take(&mut self) -> Vec<String> {
        self.lines.take().unwrap_or_default()
    }
}
