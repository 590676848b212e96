//! What a permit knows of its access.

use crate::gate::Hold;
use crate::ledger::{Open, Slot};

/// What a permit knows of its access, in two whole words: it travels in registers, and guards are moved about without a
/// load that is wider than the store before it.
#[derive(Clone, Copy)]
pub(super) struct Admission {
    pub(super) slot: &'static Slot,
    /// [`AT_ONCE`], or the [`Hold`], [`TRACED`] and [`WATCHED`].
    how: usize,
}

/// Inside at one look, with nothing else to see to on the way out.
const AT_ONCE: usize = 0;

/// The stack of entry is kept in the ledger.
const TRACED: usize = 1 << 8;

/// What the access does to which key is remembered, for stale checks.
const WATCHED: usize = 1 << 9;

/// The bits of the hold.
const HOLD: usize = TRACED - 1;

impl Admission {
    #[inline]
    pub(super) fn at_once(open: Open) -> Self {
        Self { slot: open.slot(), how: AT_ONCE }
    }

    pub(super) fn new(open: Open, hold: Hold, traced: bool) -> Self {
        Self { slot: open.slot(), how: hold as usize | if traced { TRACED } else { 0 } }
    }

    #[inline]
    pub(super) fn is_at_once(self) -> bool {
        self.how == AT_ONCE
    }

    pub(super) fn hold(self) -> Hold {
        match self.how & HOLD {
            1 => Hold::Published,
            2 => Hold::Counted,
            _ => Hold::Locked,
        }
    }

    pub(super) fn is_traced(self) -> bool {
        self.how & TRACED != 0
    }

    /// The same access, one that is watched.
    pub(super) fn watched(self) -> Self {
        Self { how: self.how | WATCHED, ..self }
    }

    #[inline]
    pub(super) fn is_watched(self) -> bool {
        self.how & WATCHED != 0
    }
}
