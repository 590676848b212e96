//! Accesses that are inside and have not begun: a hunt holds them off for a moment.
//!
//! What a thread holds off has done nothing to the collection yet, which is what the child of a `fork` wants to know that
//! does not have the thread. It is enough that the mark is gone before the access begins, if the child has a prefix of what each thread of
//! its parent has stored, in that thread's order. That is so on Linux, for memory that is private to the process and not pinned
//! for devices: the kernel takes a page once, and stops the thread at its next write to it until all are taken. Ledgers and
//! collections are in such memory. Elsewhere nothing is known of it, and nobody is taken for held off.

use std::sync::atomic::fence;

use super::{Ledger, Open};
use crate::sync::Ordering;

/// Shows, until it is dropped, that an access has not begun.
pub(crate) struct HeldOff(Open);

impl Open {
    /// Holds the access off; it is inside, and the only one of its thread.
    pub(crate) fn hold_off(self) -> HeldOff {
        // Relaxed: only a child of `fork` reads it.
        self.ledger().held_off.store(self.sequence(), Ordering::Relaxed);
        HeldOff(self)
    }
}

impl Drop for HeldOff {
    fn drop(&mut self) {
        self.0.ledger().held_off.store(0, Ordering::Relaxed);
        // SeqCst: what the access does, by plain writes, stays behind the mark's end, for the compiler and the processor alike.
        fence(Ordering::SeqCst);
    }
}

impl Ledger {
    /// In the child of a fork, for a lost ledger: whether its access `sequence` has not begun.
    pub(crate) fn was_held_off(&self, sequence: u64) -> bool {
        // Relaxed: the thread that writes it is gone.
        cfg!(target_os = "linux") && self.held_off.load(Ordering::Relaxed) == sequence
    }
}
