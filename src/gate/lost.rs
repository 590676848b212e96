//! What a fork leaves at a gate: accesses of threads that do not exist in the child.

use super::Gate;
use super::published::hold_back_forks;
use crate::access::AccessKind;
use crate::ledger::{Entry, Phase, Registry, Sighting, Tenancy};

impl Gate {
    /// In the child of a fork: takes off the gate what threads of the parent process held. Whether there was anything.
    ///
    /// A write that runs entirely inside the collection (`insert`, `clear`, ...) may have been caught half-way, and its
    /// contents with it: that one stays inside for ever, and everyone is refused. One that a hunt has held off has not begun, and
    /// is forgiven. So are guards: whoever forks takes on what the parent's threads were doing with the values they had lent.
    pub(crate) fn forgive_lost(&self, registry: &Registry) -> bool {
        let identity = self.identity();
        let lost = || registry.ledgers().filter(|ledger| ledger.tenancy() == Tenancy::Lost);
        // Who is refused for another reason does not wait for a fork.
        if !lost().any(|ledger| ledger.may_hold(identity)) {
            return false;
        }
        let _held_back = hold_back_forks();
        let mut forgiven = false;
        for ledger in lost() {
            forgiven |= ledger.forgive_lost(
                identity,
                |seen| !is_torn(seen),
                |kind, phase| match phase {
                    Phase::Locked => self.unlock(kind),
                    _ => drop(self.uncount(kind, ledger)),
                },
            );
        }
        if forgiven {
            self.wake_if_vacant();
        }
        forgiven
    }
}

/// Whether the access may have been caught half-way through a change of the collection.
fn is_torn(seen: &Sighting) -> bool {
    let Entry { access, sequence, .. } = seen.entry;
    access.kind() == AccessKind::Write && !access.operation.only_lends() && !seen.ledger.was_held_off(sequence)
}
