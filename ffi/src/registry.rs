//! Debug builds know every handle and string that was ever given out: one that is used after it was freed, or freed
//! twice, is told by its address. What was freed is kept, so that no address comes back. Release builds know nothing.

use crate::error::Failure;

/// What is known of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
// Release builds only ever say `Unknown`.
#[cfg_attr(not(debug_assertions), allow(dead_code))]
pub(crate) enum Known {
    /// A handle of this type.
    Live(&'static str),
    /// What was a handle of this type.
    Freed(&'static str),
    /// Nothing was ever there.
    Nothing,
    /// It may be a handle: of the process that this one was forked from, or of a release build.
    Unknown,
}

#[cfg(debug_assertions)]
mod table {
    use std::collections::BTreeMap;
    use std::sync::{Mutex, PoisonError};

    use super::Known;
    use crate::process::PerProcess;

    /// By the complement of the address: a leak checker must not find what is alive by this table, or nothing that a
    /// program forgets to free would ever be told.
    type Table = BTreeMap<usize, Row>;

    struct Row {
        kind: &'static str,
        /// Where the allocation begins, of what was freed and is kept: leak checkers find that by it.
        kept: Option<usize>,
    }

    static TABLE: PerProcess<Mutex<Table>> = PerProcess::new();

    fn with<T>(look: impl FnOnce(&mut Table) -> T) -> T {
        look(&mut TABLE.get().lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn enter(address: usize, kind: &'static str) {
        with(|table| table.insert(!address, Row { kind, kept: None }));
    }

    pub(crate) fn leave(address: usize, base: usize, kind: &'static str) -> bool {
        // One that a forked child inherited comes into its table only now.
        let row = Row {
            kind,
            kept: Some(base),
        };
        with(|table| table.insert(!address, row));
        true
    }

    pub(crate) fn look(address: usize) -> Known {
        let found = with(|table| {
            table
                .get(&!address)
                .map(|row| (row.kind, row.kept.is_some()))
        });
        match found {
            Some((kind, false)) => Known::Live(kind),
            Some((kind, true)) => Known::Freed(kind),
            None if TABLE.is_inherited() => Known::Unknown,
            None => Known::Nothing,
        }
    }
}

#[cfg(not(debug_assertions))]
mod table {
    use super::Known;

    pub(crate) fn enter(_address: usize, _kind: &'static str) {}

    pub(crate) fn leave(_address: usize, _base: usize, _kind: &'static str) -> bool {
        false
    }

    pub(crate) fn look(_address: usize) -> Known {
        Known::Unknown
    }
}

/// Something is at this address from now on.
pub(crate) fn enter(address: usize, kind: &'static str) {
    table::enter(address, kind);
}

/// What was at this address was freed. True when its memory, which begins at `base`, is to be kept.
pub(crate) fn leave(address: usize, base: usize, kind: &'static str) -> bool {
    table::leave(address, base, kind)
}

/// What is at this address.
pub(crate) fn look(address: usize) -> Known {
    table::look(address)
}

/// The failure of a call with something that was freed. It is a bug of the program, which may not look at the status.
pub(crate) fn freed(name: &str) -> Failure {
    let failure = Failure::closed(format!("{name} was freed already"));
    log::error!(target: "nlftp", "a bug of the program: {}", failure.message);
    failure
}
