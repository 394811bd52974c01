//! Model checks: the driver's own sources for wake-ups, cancels, gates and the event loop's descriptor, compiled against
//! atomics that try every order in which threads can come. Nothing of this is part of the library.

#[cfg(test)]
#[allow(dead_code)]
mod driver {
    pub(crate) mod sync;

    #[path = "../../../src/driver/cancel.rs"]
    pub(crate) mod cancel;
    #[path = "../../../src/driver/gate.rs"]
    pub(crate) mod gate;
    #[path = "../../../src/driver/notify.rs"]
    pub(crate) mod notify;
    #[path = "../../../src/driver/wake.rs"]
    pub(crate) mod wake;
}

#[cfg(test)]
mod mailbox;

#[cfg(test)]
mod tests;
