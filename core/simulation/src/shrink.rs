//! Makes a failing scenario smaller as long as it fails in the same way.

use crate::run::run;
use crate::scenario::{Cut, Operation, Scenario};

/// The smallest scenario found that still fails with the same kind of failure.
pub fn shrink(scenario: &Scenario) -> Scenario {
    let Some(kind) = run(scenario).kind().map(str::to_owned) else {
        return scenario.clone();
    };
    let fails = |scenario: &Scenario| run(scenario).kind() == Some(kind.as_str());
    let mut best = scenario.clone();
    loop {
        let before = best.clone();
        drop_faults(&mut best, &fails);
        drop_steps(&mut best, &fails);
        simplify(&mut best, &fails);
        if best == before {
            return best;
        }
    }
}

/// Takes a change over if it fails still.
fn try_with(
    best: &mut Scenario,
    fails: &impl Fn(&Scenario) -> bool,
    change: impl FnOnce(&mut Scenario),
) {
    let mut next = best.clone();
    change(&mut next);
    if next != *best && fails(&next) {
        *best = next;
    }
}

fn drop_faults(best: &mut Scenario, fails: &impl Fn(&Scenario) -> bool) {
    for place in (0..best.faults.len()).rev() {
        try_with(best, fails, |next| {
            next.faults.remove(place);
        });
    }
}

fn drop_steps(best: &mut Scenario, fails: &impl Fn(&Scenario) -> bool) {
    for place in (0..best.steps.len()).rev() {
        try_with(best, fails, |next| {
            next.steps.remove(place);
            next.faults.retain(|fault| fault.step != place);
            for fault in next.faults.iter_mut().filter(|fault| fault.step > place) {
                fault.step -= 1;
            }
        });
    }
}

fn simplify(best: &mut Scenario, fails: &impl Fn(&Scenario) -> bool) {
    let plain = Scenario::default();
    try_with(best, fails, |next| next.dialect.clone_from(&plain.dialect));
    let settings: Vec<String> = best.dialect.split(',').map(str::to_owned).collect();
    for place in (0..settings.len()).rev() {
        try_with(best, fails, |next| {
            let mut left: Vec<&str> = next.dialect.split(',').collect();
            if left.len() > 1 && place < left.len() {
                left.remove(place);
            }
            next.dialect = left.join(",");
        });
    }
    try_with(best, fails, |next| next.cut = Cut::Whole);
    try_with(best, fails, |next| next.latency = 0);
    try_with(best, fails, |next| next.distance = 0);
    try_with(best, fails, |next| next.rate = 0);
    try_with(best, fails, |next| next.slow = 0);
    try_with(best, fails, |next| next.turnaround = 0);
    try_with(best, fails, |next| next.dtr = plain.dtr);
    try_with(best, fails, |next| next.port = plain.port);
    try_with(best, fails, |next| next.held_back = plain.held_back);
    try_with(best, fails, |next| next.echo = plain.echo);
    try_with(best, fails, |next| next.attached = plain.attached);
    try_with(best, fails, |next| next.lists = plain.lists);
    try_with(best, fails, |next| next.missing = plain.missing);
    try_with(best, fails, |next| next.tail = plain.tail);
    try_with(best, fails, |next| next.buffer = plain.buffer);
    try_with(best, fails, |next| next.limits = plain.limits);
    try_with(best, fails, |next| next.active = plain.active);
    try_with(best, fails, |next| next.tls = plain.tls);
    try_with(best, fails, |next| next.line_ends = plain.line_ends);
    try_with(best, fails, |next| next.port_timeout = 0);
    try_with(best, fails, |next| next.seed = 1);
    for place in (0..best.files.len()).rev() {
        let name = &best.files[place].name;
        let used = best.steps.iter().any(|step| match &step.operation {
            Operation::Put(file) | Operation::Get(file) => file.name == *name,
            Operation::Change(changed, ..) | Operation::Spoil(changed, ..) => changed == name,
            Operation::Verb(_) => name == "r9",
        });
        if !used {
            try_with(best, fails, |next| {
                next.files.remove(place);
            });
        }
    }
    for place in 0..best.files.len() {
        for size in [0, 1, 10, 100, 1000] {
            try_with(best, fails, |next| {
                next.files[place].size = next.files[place].size.min(size);
            });
        }
    }
    for place in 0..best.steps.len() {
        try_with(best, fails, |next| next.steps[place].pause = 0);
        try_with(best, fails, |next| next.steps[place].deadline = None);
        try_with(best, fails, |next| {
            if let Operation::Put(file) | Operation::Get(file) = &mut next.steps[place].operation {
                file.temporary = false;
            }
        });
        try_with(best, fails, |next| {
            if let Operation::Put(file) | Operation::Get(file) = &mut next.steps[place].operation {
                file.retry = None;
            }
        });
        try_with(best, fails, |next| {
            if let Operation::Put(file) | Operation::Get(file) = &mut next.steps[place].operation {
                file.offset = 0;
            }
        });
        for size in [0, 1, 10, 100, 1000, 5000] {
            try_with(best, fails, |next| {
                if let Operation::Put(file) = &mut next.steps[place].operation {
                    file.size = file.size.min(size);
                }
            });
        }
    }
}
