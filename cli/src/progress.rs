//! Standard error as a screen: one progress bar at its foot, and lines that pass above it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use nlftp_core::{OnProgress, Progress};

const KNOWN: &str =
    "{msg}  {wide_bar}  {binary_bytes} of {binary_total_bytes}  {binary_bytes_per_sec}  {eta}";
const UNKNOWN: &str = "{msg}  {spinner}  {binary_bytes}  {binary_bytes_per_sec}";

/// Standard error; its clones are the same screen.
#[derive(Clone)]
pub(crate) struct Screen {
    bars: bool,
    bar: Arc<Mutex<Option<ProgressBar>>>,
}

impl Screen {
    /// `bars` is false where nobody would see them.
    pub(crate) fn new(bars: bool) -> Screen {
        Screen {
            bars,
            bar: Arc::default(),
        }
    }

    /// Prints a line on standard error, above a bar where there is one.
    pub(crate) fn line(&self, text: &str) {
        self.beside(|| {
            // Where standard error is gone there is nobody left to tell.
            let _ = writeln!(io::stderr().lock(), "{text}");
        });
    }

    /// Does something to the terminal while no bar is in the way.
    pub(crate) fn beside<T>(&self, work: impl FnOnce() -> T) -> T {
        let bar = self
            .bar
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match bar {
            Some(bar) => bar.suspend(work),
            None => work(),
        }
    }

    /// A bar for one transfer, gone when the guard is dropped. `None` where nobody would see it.
    pub(crate) fn bar(&self, label: &str) -> Option<Bar> {
        if !self.bars {
            return None;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(style(UNKNOWN));
        bar.set_message(label.to_owned());
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
        Some(Bar {
            bar,
            screen: self.clone(),
        })
    }
}

/// A bar on the screen.
pub(crate) struct Bar {
    bar: ProgressBar,
    screen: Screen,
}

impl Bar {
    /// The callback that moves it.
    pub(crate) fn callback(&self) -> OnProgress<'static> {
        let bar = self.bar.clone();
        Box::new(move |progress: Progress| {
            if progress.total != bar.length() {
                match progress.total {
                    Some(total) => {
                        bar.set_length(total);
                        bar.set_style(style(KNOWN));
                    }
                    None => {
                        bar.unset_length();
                        bar.set_style(style(UNKNOWN));
                    }
                }
            }
            bar.set_position(progress.done);
        })
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        *self
            .screen
            .bar
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants, which a test has parsed.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_good() {
        assert!(ProgressStyle::with_template(KNOWN).is_ok());
        assert!(ProgressStyle::with_template(UNKNOWN).is_ok());
    }

    #[test]
    fn no_bar_where_nobody_looks() {
        assert!(Screen::new(false).bar("x").is_none());
    }
}
