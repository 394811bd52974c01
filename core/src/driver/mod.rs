//! The real thing around the session: the port, the thread that owns it, local files, the user's callbacks.

pub(crate) mod cancel;
pub(crate) mod content;
pub(crate) mod descriptor;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod gate;
pub(crate) mod local;
pub(crate) mod mailbox;
pub(crate) mod notify;
pub(crate) mod part;
pub(crate) mod port;
pub(crate) mod process;
pub(crate) mod record;
pub(crate) mod signals;
pub(crate) mod sink;
pub(crate) mod source;
pub(crate) mod sync;
pub(crate) mod wake;
pub(crate) mod worker;
