//! Uploads and downloads of a scenario.

use std::time::Duration;

use crate::blob::Blob;
use crate::content::content;
use crate::drive::{Called, Drive, Wrong};
use crate::local::Place;
use crate::scenario::Move;
use crate::session::Task;
use crate::tasks;

impl Drive {
    pub(crate) fn put(
        &mut self,
        file: &Move,
        limit: Option<Duration>,
    ) -> std::result::Result<(), Wrong> {
        let seed = self.world.scenario.seed;
        let source = content(seed, &file.name, file.size, file.flavour);
        self.begin_put(file)?;
        if file.offset > 0 {
            // Into the middle of what is there, whether it succeeds or not.
            self.patched.insert(file.name.clone());
        }
        let before = self.server_file(&file.name).cloned();
        let place = Place::Source {
            blob: source.clone(),
            at: 0,
        };
        let began = self.world.now;
        let called = self.call(Task::Put(tasks::job(file)), limit, place)?;
        self.judge_call(file, began, &called)?;
        match called {
            Called::Ended(result) => self.judge_put(file, &source, before, result),
            Called::Killed => {
                self.kill_put(file);
                Ok(())
            }
        }
    }

    pub(crate) fn get(
        &mut self,
        file: &Move,
        limit: Option<Duration>,
    ) -> std::result::Result<(), Wrong> {
        let resumes = file.resume || file.retry.is_some();
        let kept = self.parts.remove(&file.name).filter(|_| resumes);
        if kept.is_none() {
            self.rotten.remove(&file.name);
        }
        let place = Place::Sink {
            part: kept.unwrap_or_default(),
            resume: resumes,
        };
        let began = self.world.now;
        let called = self.call(Task::Get(tasks::job(file)), limit, place)?;
        self.judge_call(file, began, &called)?;
        let failed = self.world.local.failed.take();
        let Place::Sink { part, resume } = std::mem::take(&mut self.world.local.place) else {
            return Err("the sink has gone".into());
        };
        match called {
            Called::Ended(Ok(outcome)) if failed.is_none() => {
                let judged = self.judge_get(file, &part.blob, outcome);
                self.rotten.remove(&file.name);
                judged
            }
            called => {
                let killed = matches!(called, Called::Killed);
                // A killed process removes nothing; a failure leaves what a resume may go on with.
                if killed || resume && part.record.is_some() && part.blob.len() > 0 {
                    self.parts.insert(file.name.clone(), part);
                }
                self.note_altered(&file.name);
                match called {
                    Called::Ended(Err(error)) => self.judge_failed_get(file, error),
                    Called::Ended(Ok(_)) => Ok(()),
                    Called::Killed => Ok(()),
                }
            }
        }
    }

    fn judge_call(
        &mut self,
        file: &Move,
        began: Duration,
        called: &Called,
    ) -> std::result::Result<(), Wrong> {
        match called {
            Called::Killed => Ok(()),
            Called::Ended(result) => self.judge_tries(file, began, result.as_ref().err()),
        }
    }

    pub(crate) fn server_file(&self, name: &str) -> Option<&Blob> {
        self.world.net.server.files.get(&tasks::path(name))
    }

    /// Whatever was altered of a file stays in it.
    pub(crate) fn note_altered(&mut self, name: &str) {
        let faults = &self.world.common.borrow().faults;
        if faults.payload_altered || faults.lines_altered {
            self.tainted.insert(name.to_owned());
        }
    }
}
