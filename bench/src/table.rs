//! The results as tables in Markdown.

use std::fmt::Write;

use crate::contest::Results;
use crate::contestants::{Contestants, Who};
use crate::goals::{self, Goal};
use crate::work::Way;

/// Rates and processor times of everybody.
pub fn results(results: &Results) -> String {
    let mut text = String::new();
    let place = if results.pinned {
        "pinned to one processor"
    } else {
        "not pinned"
    };
    let _ = writeln!(
        text,
        "MB/s, {place}: the best of {} rounds, in brackets the median and the worst; below each the processor seconds for \
         100 MB.\n",
        results.scale.rounds
    );
    let _ = writeln!(
        text,
        "| | stream down | stream up | block down | block up | command and reply, us |"
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|");
    for who in Who::ALL {
        let cells: Vec<String> = Way::TRANSFERS
            .into_iter()
            .chain([Way::Command])
            .map(|way| cell(results, who, way))
            .collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let name = if who.is_driver() {
            format!("**{}**", who.title())
        } else {
            who.title().to_owned()
        };
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    text
}

fn cell(results: &Results, who: Who, way: Way) -> String {
    let costs = results.of(who, way);
    let Some(processor) = results.processor(who, way) else {
        return String::new();
    };
    if way == Way::Command {
        let mut medians: Vec<f64> = costs.iter().map(|cost| cost.seconds * 1e6).collect();
        medians.sort_by(f64::total_cmp);
        let fastest = costs
            .iter()
            .map(|cost| cost.best * 1e6)
            .fold(f64::MAX, f64::min);
        return format!(
            "{:.1} (fastest {fastest:.1})<br>{:.1} of processor",
            medians[0],
            processor * 1e6
        );
    }
    let size = results.scale.size(way) as f64;
    let mut rates: Vec<f64> = costs.iter().map(|cost| size / cost.seconds / 1e6).collect();
    rates.sort_by(f64::total_cmp);
    let digits = usize::from(rates[0] < 100.0);
    format!(
        "{:.digits$} ({:.digits$}, {:.digits$})<br>{processor:.2}",
        rates[rates.len() - 1],
        rates[rates.len() / 2],
        rates[0],
    )
}

/// The goals, and whether they are met.
pub fn goals(results: &Results, languages: Option<&Results>) -> String {
    let mut text = String::from("| what | goal | nlftp | bare worker | |\n|---|---|---|---|---|\n");
    for goal in goals::all(results, languages) {
        let number =
            |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.2}"));
        let met = match goal.is_met() {
            Some(true) => "met",
            Some(false) if goal.is_out_of_reach() => "missed, as by the bare worker",
            Some(false) => "**missed**",
            None => "not measured",
        };
        let _ = writeln!(
            text,
            "| {} | {} {} | {} | {} | {met} |",
            goal.what,
            sign(&goal),
            goal.wanted,
            number(goal.reached),
            number(goal.worker)
        );
    }
    text
}

fn sign(goal: &Goal) -> &'static str {
    if goal.is_limit { "at most" } else { "at least" }
}

/// Who was not there.
pub fn skipped(contestants: &Contestants) -> String {
    let lines = contestants.skipped.iter();
    lines
        .map(|(who, reason)| format!("skipped: {}: {reason}\n", who.title()))
        .collect()
}
