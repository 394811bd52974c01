//! What the driver is to reach, as ratios within one pinned run.

use crate::clients::Client;
use crate::contest::Results;
use crate::contestants::Who;
use crate::work::Way;

/// One goal, and what was measured.
pub struct Goal {
    pub what: String,
    pub wanted: f64,
    /// None where one of the two was not there.
    pub reached: Option<f64>,
    /// The bare worker's figure, which is a reference and no law.
    pub worker: Option<f64>,
    /// Whether less is better.
    pub is_limit: bool,
}

impl Goal {
    /// Whether it is met; None where it was not measured.
    pub fn is_met(&self) -> Option<bool> {
        self.reached.map(|reached| self.is_enough(reached))
    }

    /// Whether the bare worker misses it, too: then it is this machine's system calls that are in the way, not the
    /// driver.
    pub fn is_out_of_reach(&self) -> bool {
        self.worker.is_some_and(|worker| !self.is_enough(worker))
    }

    fn is_enough(&self, value: f64) -> bool {
        if self.is_limit {
            value <= self.wanted
        } else {
            value >= self.wanted
        }
    }
}

const DRIVER: Who = Who::Own(Client::Driver);
const WORKER: Who = Who::Own(Client::Worker);

/// All of them: those of everybody, and those of the driver's languages in pairs.
pub fn all(results: &Results, languages: Option<&Results>) -> Vec<Goal> {
    let rates = [
        (Way::StreamDown, Who::Own(Client::Raw), 0.70),
        (Way::StreamDown, Who::Own(Client::Serial), 2.2),
        (Way::StreamDown, Who::Pyserial, 13.0),
        (Way::StreamUp, Who::Own(Client::Raw), 0.68),
        (Way::StreamUp, Who::Own(Client::Serial), 1.35),
        (Way::StreamUp, Who::Pyserial, 13.0),
        (Way::BlockDown, Who::Own(Client::Serial), 1.0),
        (Way::BlockDown, Who::Select, 2.1),
        (Way::BlockDown, Who::Pyserial, 7.0),
        (Way::BlockDown, Who::Attentive, 200.0),
        (Way::BlockUp, Who::Own(Client::Serial), 1.0),
        (Way::BlockUp, Who::Pyserial, 5.0),
    ];
    let ratio = |one: Option<f64>, other: Option<f64>| Some(one? / other?);
    let mut goals: Vec<Goal> = rates
        .into_iter()
        .map(|(way, other, wanted)| Goal {
            what: format!("{}: rate by that of {}", way.title(), other.title()),
            wanted,
            reached: ratio(results.rate(DRIVER, way), results.rate(other, way)),
            worker: ratio(results.rate(WORKER, way), results.rate(other, way)),
            is_limit: false,
        })
        .collect();
    let fastest = |who| {
        let costs = results.of(who, Way::Command);
        costs.iter().map(|cost| cost.best).reduce(f64::min)
    };
    let ping = fastest(Who::Own(Client::Raw));
    goals.push(Goal {
        what: "command and reply, the fastest: time by a ping of the pseudo-terminal".to_owned(),
        wanted: 1.4,
        reached: ratio(fastest(DRIVER), ping),
        worker: ratio(fastest(WORKER), ping),
        is_limit: true,
    });
    for (way, wanted) in [(Way::StreamDown, 0.18), (Way::StreamUp, 0.13)] {
        goals.push(Goal {
            what: format!("{}: processor seconds for 100 MB", way.title()),
            wanted,
            reached: results.processor(DRIVER, way),
            worker: results.processor(WORKER, way),
            is_limit: true,
        });
    }
    for who in [Who::Library, Who::Package] {
        for way in Way::TRANSFERS {
            goals.push(Goal {
                what: format!(
                    "{}: processor time of {} by that of Rust, the median of pairs",
                    way.title(),
                    who.title()
                ),
                wanted: 1.05,
                reached: languages.and_then(|results| results.processor_by(who, DRIVER, way)),
                worker: None,
                is_limit: true,
            });
        }
    }
    goals
}
