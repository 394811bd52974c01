//! The real thing around the session: the port, the thread that owns it, local files, the user's callbacks.

pub(crate) mod events;
pub(crate) mod local;
pub(crate) mod port;
pub(crate) mod wake;
pub(crate) mod worker;
