//! What a revocation leaves in a ledger: which of its accesses it has counted in their gate's word, for the owner to learn
//! as they end.

use super::{Entry, LOCK_PATIENCE, Ledger, Open, Phase, Sighting};
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

    /// In the child of a fork, for a lost ledger: whether it may have something to forgive at `gate`.
    pub(crate) fn may_hold(&'static self, gate: u64) -> bool {
        // Relaxed: its thread is gone; another that forgives at the same time sees to what it has taken.
        self.wanted.load(Ordering::Relaxed) != 0 || self.entries().any(|seen| seen.entry.gate == gate)
    }

    /// In the child of a fork, for a lost ledger: ends its accesses inside `gate` that `is_forgiven` picks, and hands `take_off`
    /// what each held, with its phase; so too those that had ended, or gone back to asking, and had not been told that they
    /// were counted. Each once, by whichever thread. Whether there was anything.
    pub(crate) fn forgive_lost(
        &'static self,
        gate: u64,
        is_forgiven: impl Fn(&Sighting) -> bool,
        take_off: impl Fn(AccessKind, Phase),
    ) -> bool {
        // All under this lock. Who finds an access counted finds its share in the word; and an access that is ended leaves the
        // list at once, or another thread would take it for one that had ended without being told.
        let Some(mut counted) = self.counted.try_lock_for(LOCK_PATIENCE) else { return false };
        let mut forgiven = false;
        let mut inside = Vec::new();
        for seen in self.entries().filter(|seen| seen.entry.gate == gate && seen.entry.phase.is_inside()) {
            let Entry { sequence, access, phase, .. } = seen.entry;
            if is_forgiven(&seen) && seen.slot.vacate_lost(&seen.entry) {
                self.strike_off(&mut counted, |counted| counted.sequence == sequence);
                take_off(access.kind(), phase);
                forgiven = true;
            } else {
                inside.push(sequence);
            }
        }
        let untold = |counted: &Counted| counted.gate == gate && !inside.contains(&counted.sequence);
        for kind in self.strike_off(&mut counted, untold) {
            take_off(kind, Phase::Counted);
            forgiven = true;
        }
        forgiven
    }

    /// Takes accesses off the list; their kinds.
    fn strike_off(&self, counted: &mut Vec<Counted>, which: impl Fn(&Counted) -> bool) -> Vec<AccessKind> {
        let kinds: Vec<_> = counted.extract_if(.., |counted| which(counted)).map(|counted| counted.kind).collect();
        // Relaxed: a hint that nothing is left to be told; who sees it too early looks in vain, under the lock.
        self.wanted.fetch_sub(kinds.len() as u32, Ordering::Relaxed);
        kinds
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

#[cfg(all(test, not(checkedmap_loom)))]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;
    use crate::access::{Access, Operation};
    use crate::ledger::Registry;

    const GATE: u64 = 7;

    /// Two threads of the child are refused at once, and the second comes while the first is at it.
    #[test]
    fn a_lost_count_is_taken_off_by_one_thread() {
        let registry = Registry::new();
        let lost = registry.claim(1, None);
        lost.open(GATE, Access::here(Operation::Get));
        let shares = AtomicU32::new(0);
        let count = |_| {
            shares.fetch_add(1, Ordering::Relaxed);
        };
        lost.count_published(GATE, |_| true, count);
        lost.lose();
        let take_off = |_, _| {
            shares.fetch_sub(1, Ordering::Relaxed);
        };
        let forgive = || lost.forgive_lost(GATE, |_| true, take_off);
        let second = || std::thread::scope(|scope| scope.spawn(forgive).join().expect("it does not panic"));
        let first = lost.forgive_lost(
            GATE,
            |_| true,
            |kind, phase| {
                assert!(!second(), "the first is at it");
                take_off(kind, phase);
            },
        );
        assert!(first && !second());
        assert_eq!(shares.load(Ordering::Relaxed), 0);
        assert!(!lost.is_wanted(), "nothing is left to be told");
    }

    #[test]
    fn without_the_lock_nothing_is_forgiven() {
        let registry = Registry::new();
        let lost = registry.claim(1, None);
        lost.open(GATE, Access::here(Operation::Get)).set_phase(Phase::Counted);
        lost.lose();
        let counted = lost.counted.lock();
        assert!(!lost.forgive_lost(GATE, |_| true, |_, _| unreachable!("its list cannot be read")));
        assert_eq!(lost.entries().count(), 1, "the access is still there, for a later try");
        drop(counted);
        assert!(lost.forgive_lost(GATE, |_| true, |_, _| ()));
        assert_eq!(lost.entries().count(), 0);
    }
}
