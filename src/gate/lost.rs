//! What a fork leaves at a gate: accesses of threads that do not exist in the child.

use super::Gate;
use crate::access::AccessKind;
use crate::ledger::{Entry, Phase, Registry, Tenancy};

impl Gate {
    /// In the child of a fork: takes off the gate what threads of the parent process held. Whether there was anything.
    ///
    /// A write that runs entirely inside the collection (`insert`, `clear`, ...) may have been caught half-way, and its
    /// contents with it: that one stays inside for ever, and everyone is refused. One that a hunt has held off has not begun, and
    /// is forgiven. So are guards: whoever forks takes on what the parent's threads were doing with the values they had lent.
    pub(crate) fn forgive_lost(&self, registry: &Registry) -> bool {
        let identity = self.identity();
        let lost: Vec<_> = registry.ledgers().filter(|ledger| ledger.tenancy() == Tenancy::Lost).collect();
        let mut forgiven = false;
        for ledger in &lost {
            for kind in ledger.take_lost_counts(identity) {
                self.uncount(kind, ledger);
                forgiven = true;
            }
        }
        for seen in lost.into_iter().flat_map(|ledger| ledger.entries()) {
            let Entry { gate, access, phase, sequence, .. } = seen.entry;
            let has_begun = !seen.ledger.was_held_off(sequence);
            let torn = access.kind() == AccessKind::Write && !access.operation.only_lends() && has_begun;
            if gate != identity || torn || !phase.is_inside() || !seen.slot.vacate_lost(&seen.entry) {
                continue;
            }
            seen.ledger.forget_lost_count(sequence);
            match phase {
                Phase::Locked => self.unlock(access.kind()),
                _ => drop(self.uncount(access.kind(), seen.ledger)),
            }
            forgiven = true;
        }
        if forgiven {
            self.wake_if_vacant();
        }
        forgiven
    }
}
