//! How every verb runs: started and waited for, or started and handed out as an operation.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nlftp_core::{Error, ErrorKind, Operation};

use crate::argument::{Arg, Out};
use crate::callback;
use crate::error::{Failure, Outcome};
use crate::handle::lock;
use crate::modem::Modem;
use crate::op::nlftp_op;
use crate::operation::{Follow, Op};
use crate::value::{Kind, Value};

/// What an operation shares with the ends of it that run the program's functions and touch its memory.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    shut: AtomicBool,
    /// What such a function said that the driver has no words for.
    verdict: Mutex<Option<(ErrorKind, String)>>,
}

impl Gate {
    /// No function of the operation runs from here on, and no memory is touched, but for what goes on.
    pub(crate) fn shut(&self) {
        self.shut.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.shut.load(Ordering::SeqCst)
    }

    /// Keeps why a function of the program's ended the transfer; the first reason stays.
    pub(crate) fn judge(&self, kind: ErrorKind, message: impl Into<String>) {
        lock(&self.verdict).get_or_insert_with(|| (kind, message.into()));
    }

    /// The error of the operation: where it failed on the program's side, what that said.
    pub(crate) fn corrected(&self, error: Error) -> Error {
        match (lock(&self.verdict).take(), error.kind()) {
            (Some((kind, message)), ErrorKind::LocalFile) => {
                Error::new(kind, message).with_remains_of(&error)
            }
            _ => error,
        }
    }
}

/// An operation of the driver's, with one of C's results.
struct Following {
    operation: Operation<'static, Value>,
    gate: Arc<Gate>,
}

impl Following {
    fn ended(&self, result: nlftp_core::Result<Value>) -> Outcome<Value> {
        result.map_err(|error| self.gate.corrected(error).into())
    }
}

impl Follow for Following {
    fn poll(&mut self) -> Option<Outcome<Value>> {
        let result = self.operation.poll()?;
        Some(self.ended(result))
    }

    fn wait(&mut self, limit: Duration) -> Option<Outcome<Value>> {
        let result = self.operation.wait_timeout(limit)?;
        Some(self.ended(result))
    }
}

/// A verb that is about to run.
pub(crate) struct Run<'a> {
    modem: &'a Arc<Modem>,
    op: Option<Out<*mut nlftp_op>>,
    pub(crate) gate: Arc<Gate>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(modem: &'a Arc<Modem>, op: Arg<*mut *mut nlftp_op>) -> Outcome<Run<'a>> {
        let op = op.optional_out()?;
        if op.is_none() {
            callback::may_wait()?;
        }
        Ok(Run {
            modem,
            op,
            gate: Arc::default(),
        })
    }

    /// Whether the call ends with the verb.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.op.is_none()
    }

    /// Where the result goes, if it is wanted; `from` is where it comes from otherwise.
    pub(crate) fn result<R>(&self, result: Arg<*mut R>, from: &str) -> Outcome<Option<Out<R>>> {
        if !self.is_waited_for() && !result.is_null() {
            return Err(Failure::invalid(format!(
                "{} has to be NULL where op is not: {from}() has the result",
                result.name()
            )));
        }
        result.optional_out()
    }

    /// Waits for the operation and gives its result, or hands it out.
    pub(crate) fn go<T: 'static>(
        self,
        kind: Kind,
        operation: Operation<'static, T>,
        value: fn(T) -> Value,
    ) -> Outcome<Option<Value>> {
        self.follow(kind, operation.map(value))
    }

    fn follow(self, kind: Kind, operation: Operation<'static, Value>) -> Outcome<Option<Value>> {
        let (canceller, resumer) = (operation.canceller(), operation.resumer());
        let mut following = Following {
            operation,
            gate: self.gate.clone(),
        };
        if let Some(op) = self.op {
            Op::start(
                self.modem,
                kind,
                Box::new(following),
                self.gate,
                (canceller, resumer),
                op,
            );
            return Ok(None);
        }
        let result = loop {
            if let Some(result) = following.wait(Duration::MAX) {
                break result;
            }
        };
        if kind == Kind::Close {
            self.modem.close_ended();
        }
        result.map(Some)
    }

    /// The same for verbs without a result.
    pub(crate) fn go_for_nothing<T: 'static>(self, operation: Operation<'static, T>) -> Outcome {
        self.go(Kind::Nothing, operation, |_| Value::Nothing)
            .map(|_| ())
    }
}
