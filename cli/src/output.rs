//! What a run says, and where: results on standard output, everything else on standard error.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};

use console::Term;
use serde_json::{Value, json};

use crate::args::Global;
use crate::failure::Failure;
use crate::progress::Screen;
use crate::url::encode;

/// The voice of one run.
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    verbose: bool,
    /// Standard output carries a file: results go to standard error.
    data_on_stdout: bool,
    screen: Screen,
    /// With --json, warnings wait for the value that they belong to.
    warnings: RefCell<Vec<String>>,
    /// An array has begun that has not ended.
    array: Cell<bool>,
}

impl Output {
    pub(crate) fn new(global: &Global, data_on_stdout: bool) -> Output {
        // A file on the terminal and a bar across it would spoil each other.
        let file_on_terminal = data_on_stdout && Term::stdout().is_term();
        let wanted = !global.json && !global.quiet && !file_on_terminal;
        let bars = wanted && Term::stderr().is_term();
        Output {
            json: global.json,
            quiet: global.quiet,
            verbose: global.verbose,
            data_on_stdout,
            screen: Screen::new(bars),
            warnings: RefCell::default(),
            array: Cell::default(),
        }
    }

    pub(crate) fn json(&self) -> bool {
        self.json
    }

    pub(crate) fn verbose(&self) -> bool {
        self.verbose
    }

    /// Standard error, shared with the progress bars.
    pub(crate) fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Something the user should know although the run succeeds.
    pub(crate) fn warn(&self, text: &str) {
        if self.json {
            self.warnings.borrow_mut().push(text.to_owned());
        } else if !self.quiet {
            self.screen
                .line(&format!("nlftp: warning: {}", printable(text)));
        }
    }

    /// A line about a success, for people only.
    pub(crate) fn summary(&self, text: &str) -> Result<(), Failure> {
        if self.quiet || self.json {
            return Ok(());
        }
        if self.data_on_stdout {
            self.screen.line(text);
            return Ok(());
        }
        self.line(text)
    }

    /// One line of a result, for people.
    pub(crate) fn line(&self, text: &str) -> Result<(), Failure> {
        self.write(&format!("{text}\n"))
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        self.screen
            .beside(|| {
                let mut stdout = io::stdout().lock();
                stdout
                    .write_all(text.as_bytes())
                    .and_then(|()| stdout.flush())
            })
            .map_err(|error| Failure::output(&error))
    }

    /// Some elements of the array that a run with --json gives.
    pub(crate) fn elements(&self, values: &[Value]) -> Result<(), Failure> {
        let mut text = String::new();
        for value in values {
            text.push(if self.array.replace(true) { ',' } else { '[' });
            text += &value.to_string();
        }
        self.write(&text)
    }

    /// The end of that array. It has no room for the warnings: they are for people again.
    pub(crate) fn end_array(&self) -> Result<(), Failure> {
        self.show_warnings();
        let begin = if self.array.take() { "" } else { "[" };
        self.line(&format!("{begin}]"))
    }

    fn show_warnings(&self) {
        let warnings = self.warnings.take();
        if !self.quiet {
            for warning in warnings {
                self.screen
                    .line(&format!("nlftp: warning: {}", printable(&warning)));
            }
        }
    }

    /// The one object of a run with --json; it gets the warnings too.
    pub(crate) fn value(&self, mut value: Value) -> Result<(), Failure> {
        if let Some(object) = value.as_object_mut() {
            object.insert("warnings".to_owned(), json!(self.warnings.take()));
        }
        if self.data_on_stdout {
            self.screen.line(&value.to_string());
            return Ok(());
        }
        self.line(&value.to_string())
    }

    /// What was done, for programs; people see that there was no error.
    pub(crate) fn done(&self, value: Value) -> Result<(), Failure> {
        if self.json { self.value(value) } else { Ok(()) }
    }

    /// The last word of a run that failed.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.array.take() {
            // The last element, so that a part of a list is never taken for the whole, and is still JSON.
            if let Some(value) = failure.json() {
                let _ = self.line(&format!(",{value}]"));
            }
            return;
        }
        report(failure, self.json, self.data_on_stdout);
    }
}

/// Reports a failure when there may be no [`Output`] yet. Nothing can be done when even that fails.
pub(crate) fn report(failure: &Failure, json: bool, data_on_stdout: bool) {
    let mut stderr = io::stderr().lock();
    match (failure.json(), failure.sentence()) {
        (Some(value), _) if json && data_on_stdout => {
            let _ = writeln!(stderr, "{value}");
        }
        (Some(value), _) if json => {
            let _ = writeln!(io::stdout().lock(), "{value}");
        }
        (_, Some(sentence)) => {
            let _ = writeln!(stderr, "nlftp: {}", printable(&sentence));
        }
        _ => {}
    }
}

/// A text from a modem, a server or a file system, made safe for a terminal and for one line.
pub(crate) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// An octet name, likewise.
pub(crate) fn printable_name(name: &[u8]) -> String {
    printable(&String::from_utf8_lossy(name))
}

/// A name on the server, for --json: as text, and exactly.
pub(crate) fn name_value(name: &[u8]) -> (Value, Value) {
    (json!(String::from_utf8_lossy(name)), json!(encode(name)))
}

/// Bytes a second in words.
pub(crate) fn rate(bytes: u64, seconds: f64) -> String {
    if seconds <= 0.0 || bytes == 0 {
        return "-".to_owned();
    }
    format!("{}/s", size(per_second(bytes, seconds)))
}

/// Bytes a second, whole.
pub(crate) fn per_second(bytes: u64, seconds: f64) -> u64 {
    if seconds <= 0.0 {
        return 0;
    }
    // Rates stay far below 2^52.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss
    )]
    let rate = (bytes as f64 / seconds) as u64;
    rate
}

/// A number of bytes in words.
pub(crate) fn size(bytes: u64) -> String {
    indicatif::BinaryBytes(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_a_terminal_as_a_control_sequence() {
        assert_eq!(
            printable("a\x1b[2Jb\r\nc\u{9b}"),
            "a\\u{1b}[2Jb\\r\\nc\\u{9b}"
        );
        assert_eq!(printable_name(b"\xffa\x07"), "\u{fffd}a\\u{7}");
        assert_eq!(printable("grün"), "grün");
    }

    #[test]
    fn rates_of_nothing_are_no_numbers() {
        assert_eq!(rate(0, 1.0), "-");
        assert_eq!(rate(10, 0.0), "-");
        assert_eq!(rate(2048, 1.0), "2.00 KiB/s");
    }
}
