//! docs/speed.md, whose figures this program writes.

use std::io;
use std::path::Path;

const BEGIN: &str = "<!-- The figures begin: `cargo bench -p nlftp-bench --bench compare -- --write` writes them. -->\n";
const END: &str = "<!-- The figures end. -->\n";

/// What the figures were measured on: the processor, how many there are, and the kernel.
pub fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .and_then(|rest| rest.split_once(':'))
        .map_or("an unknown processor", |(_, model)| model.trim())
        .to_owned();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // What stands behind the version is somebody's own name for it.
    let version = release.trim().split('-').next().unwrap_or_default();
    format!("Measured on {model}, {processors} processors, Linux {version}.\n")
}

/// Puts `figures` in the place of those in the page.
pub fn write(page: &Path, figures: &str) -> io::Result<()> {
    let text = std::fs::read_to_string(page)?;
    let figures = format!("![Rates of all clients by each way](speed.svg)\n\n{figures}");
    let changed = replaced(&text, &figures)
        .ok_or_else(|| io::Error::other(format!("{} has no place for figures", page.display())))?;
    std::fs::write(page, changed)
}

fn replaced(text: &str, figures: &str) -> Option<String> {
    let begin = text.find(BEGIN)? + BEGIN.len();
    let end = begin + text[begin..].find(END)?;
    Some([&text[..begin], "\n", figures.trim(), "\n\n", &text[end..]].concat())
}
