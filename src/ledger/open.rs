//! One end of an access: the thread's that makes it. The other end, of who looks on, is a [`Sighting`](super::Sighting).

use super::{Ledger, Phase, Slot, Stamp};
use crate::access::{AccessKind, Operation};
use crate::sync::Ordering;

/// An access as its thread holds it: the slot it is, or was, published in, and its stamp there.
#[derive(Clone, Copy)]
pub(crate) struct Open {
    pub(super) slot: &'static Slot,
    pub(super) stamp: Stamp,
}

impl PartialEq for Open {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.slot, other.slot) && self.stamp == other.stamp
    }
}

impl Open {
    /// The access that the calling thread has open in this slot.
    #[inline]
    pub(crate) fn in_slot(slot: &'static Slot) -> Self {
        Self { slot, stamp: slot.own_stamp() }
    }

    #[inline]
    pub(crate) fn slot(self) -> &'static Slot {
        self.slot
    }

    #[inline]
    pub(crate) fn ledger(self) -> &'static Ledger {
        self.slot.home()
    }

    /// The access's number in its ledger.
    #[inline]
    pub(crate) fn sequence(self) -> u64 {
        self.stamp.sequence()
    }

    /// What the access does. Not to be asked once it has closed.
    pub(crate) fn operation(self) -> Operation {
        self.stamp.operation().expect("the stamp of an access that was open carries its operation")
    }

    /// Whether the access reads or writes. Not to be asked once it has closed.
    #[inline]
    pub(crate) fn kind(self) -> AccessKind {
        self.stamp.kind()
    }

    /// Shows the access in another phase, which is not [`Phase::Vacant`].
    #[inline]
    pub(crate) fn set_phase(self, phase: Phase) {
        self.slot.set(self.stamp.with_phase(phase));
    }

    /// Ends the access in the ledger. What it holds of its gate is the gate's to see to.
    #[inline]
    pub(crate) fn close(self) {
        if self.stamp.is_spilled() {
            self.close_spilled();
        } else {
            self.slot.set(self.stamp.vacated());
        }
    }

    /// [`Open::close`] for the access in this slot, which its thread has opened with [`Ledger::open_alone`]. What is returned
    /// was read before: once it is vacant, the slot may be another thread's.
    #[inline]
    pub(crate) fn close_alone(slot: &'static Slot) -> Self {
        let open = Self::in_slot(slot);
        slot.set(open.stamp.vacated());
        open
    }

    #[cold]
    fn close_spilled(self) {
        // Relaxed: only the owner reads and writes it. It comes before the slot is vacant, since a ledger whose thread has
        // ended is another's from then on.
        let spilled = &self.ledger().spilled;
        spilled.store(spilled.load(Ordering::Relaxed).wrapping_sub(1), Ordering::Relaxed);
        self.slot.set(self.stamp.vacated());
    }

    /// Whether the access is in another slot than the first.
    #[inline]
    pub(crate) fn is_spilled(self) -> bool {
        self.stamp.is_spilled()
    }

    /// Whether the thread is inside, or asks for, nothing else.
    #[inline]
    pub(crate) fn is_alone(self) -> bool {
        !self.is_spilled() && !self.ledger().has_spilled()
    }

    /// Whether a revocation may have counted this access. To be asked after the phase was changed and a light fence.
    #[inline]
    pub(crate) fn is_wanted(self) -> bool {
        // Relaxed: the light fence before it, with the revoker's heavy one, orders it.
        self.ledger().wanted.load(Ordering::Relaxed) != 0
    }

    /// Whether the access shows itself as one that a revocation counts, or has counted.
    pub(crate) fn is_published_or_counted(self) -> bool {
        matches!(self.slot.phase_of(self.sequence()), Phase::Published | Phase::Counted)
    }

    /// Whether the access was published under this gate's number; 0 is nobody's.
    pub(crate) fn is_at(self, gate: u64) -> bool {
        gate != 0 && self.slot.own_gate() == gate
    }
}
