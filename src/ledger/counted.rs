//! What a revocation leaves in a ledger: which of its accesses it has counted in their gate's word, for the owner to learn
//! as they end.

use super::{Entry, LOCK_PATIENCE, Ledger, Open, Phase};
use crate::access::AccessKind;
use crate::sync::Ordering;

/// A published access that a revocation has counted in its gate's word.
pub(super) struct Counted {
    gate: u64,
    kind: AccessKind,
    sequence: u64,
}

impl Ledger {
    #[cfg(all(test, not(checkedmap_loom)))]
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed) != 0
    }

    /// Announces a revocation: until [`Ledger::stop_looking`] the owner asks whether its accesses were counted. Certain to
    /// be seen by accesses that end after the heavy fence that follows.
    pub(crate) fn start_looking(&self) {
        // Relaxed: the heavy fence orders it.
        self.wanted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stop_looking(&self) {
        // Relaxed: see `take_counted`.
        self.wanted.fetch_sub(1, Ordering::Relaxed);
    }

    /// Counts the published accesses to `gate` that could be inside, by `count`, unless they end or change their mind first.
    pub(crate) fn count_published(
        &'static self,
        gate: u64,
        could_be_inside: impl Fn(AccessKind) -> bool,
        count: impl Fn(AccessKind),
    ) {
        // The owner is told under this lock, so it learns of an access that was counted, and not of one that was not yet.
        let mut counted = self.counted.lock();
        for seen in self.entries().filter(|seen| seen.entry.gate == gate && seen.entry.phase == Phase::Published) {
            if could_be_inside(seen.entry.access.kind()) && seen.slot.show_counted(&seen.entry) {
                count(seen.entry.access.kind());
                // Relaxed: as in `start_looking`, whose mark is still there.
                self.wanted.fetch_add(1, Ordering::Relaxed);
                let Entry { sequence, access, .. } = seen.entry;
                counted.push(Counted { gate, kind: access.kind(), sequence });
            }
        }
    }

    /// In the child of a fork, for a lost ledger: the kinds of the accesses to `gate` that had ended, but had not been told
    /// that they were counted. Told once.
    pub(crate) fn take_lost_counts(&'static self, gate: u64) -> Vec<AccessKind> {
        let Some(mut counted) = self.counted.try_lock_for(LOCK_PATIENCE) else { return Vec::new() };
        let open: Vec<u64> = self.entries().map(|seen| seen.entry.sequence).collect();
        let mut ended = Vec::new();
        counted.retain(|counted| {
            let has_ended = counted.gate == gate && !open.contains(&counted.sequence);
            if has_ended {
                ended.push(counted.kind);
            }
            !has_ended
        });
        ended
    }

    /// In the child of a fork, for a lost ledger: its open access `sequence` is taken off the word, and must not be taken for one
    /// that has ended without being told.
    pub(crate) fn forget_lost_count(&self, sequence: u64) {
        if let Some(mut counted) = self.counted.try_lock_for(LOCK_PATIENCE) {
            counted.retain(|counted| counted.sequence != sequence);
        }
    }
}

impl Open {
    /// The kind of this access, if a revocation has counted it; told once.
    #[cold]
    pub(crate) fn take_counted(self) -> Option<AccessKind> {
        let mut counted = self.ledger().counted.lock();
        let place = counted.iter().position(|counted| counted.sequence == self.sequence())?;
        let kind = counted.swap_remove(place).kind;
        // Relaxed: a hint that nothing is left to be told; who sees it too early looks in vain, under the lock.
        self.ledger().wanted.fetch_sub(1, Ordering::Relaxed);
        Some(kind)
    }
}
