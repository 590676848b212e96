//! Who is inside a gate, by what the ledgers show.

use super::{Gate, Regime};
use crate::access::{AccessKind, exclude};
use crate::ledger::{Open, Phase, Registry, Sighting};
use crate::sync::stand_by;

impl Gate {
    /// An access of the same ledger that is inside this gate; all that are do the same there, read or write.
    pub(super) fn own_access(&self, open: Open) -> Option<Sighting> {
        let identity = self.identity();
        open.ledger()
            .entries()
            .filter(|seen| seen.entry.sequence != open.sequence())
            .filter(|seen| seen.entry.gate == identity && seen.entry.phase.is_inside_for_its_thread())
            .min_by_key(|seen| seen.entry.sequence)
    }

    /// An access inside that excludes one of this kind.
    pub(crate) fn find_holder(&self, registry: &Registry, open: Open, kind: AccessKind) -> Option<Sighting> {
        self.holders(registry, open).find(|seen| exclude(seen.entry.access.kind(), kind))
    }

    /// What keeps the lock of a degraded gate from an access of this kind: an access inside, or else a write that waits
    /// at the lock, which reads must let go first.
    pub(super) fn find_locked_holder(&self, registry: &Registry, open: Open, kind: AccessKind) -> Option<Sighting> {
        self.find_holder(registry, open, kind).or_else(|| {
            let entries = registry.ledgers().flat_map(|ledger| ledger.entries());
            let mut waiting = entries.filter(|seen| self.is_other(seen, open) && seen.entry.phase == Phase::Waiting);
            waiting.find(|seen| seen.entry.access.kind() == AccessKind::Write)
        })
    }

    /// The accesses inside this gate, other than `open`'s own thread's, as they are met one after the other.
    fn holders(&self, registry: &Registry, open: Open) -> impl Iterator<Item = Sighting> {
        registry
            .ledgers()
            .flat_map(|ledger| ledger.entries())
            .filter(move |seen| self.is_other(seen, open) && seen.entry.phase.is_inside())
    }

    pub(super) fn is_other(&self, seen: &Sighting, open: Open) -> bool {
        seen.entry.gate == self.identity() && !std::ptr::eq(seen.ledger, open.ledger())
    }

    /// Whether nobody but the thread whose ledger has the number `own` is inside, or on the way out with a last look at the
    /// gate ahead. For the access after which the gate is gone: who comes later than this call has no business here.
    pub(crate) fn is_deserted(&self, registry: &Registry, own: u32) -> bool {
        let mut turns = 0;
        loop {
            let word = self.load();
            match word.regime() {
                Regime::Owned if word.owner() == Some(own) => return true,
                Regime::Owned | Regime::SharedRead => self.revoke(registry, word),
                Regime::Revoking => stand_by(&mut turns),
                // Whoever is to wake others has not done so while the word is marked as contended.
                Regime::Counted | Regime::Degraded if !word.is_vacant() || word != word.calm() => return false,
                Regime::Counted | Regime::Degraded => {
                    let identity = self.identity();
                    let others = registry.ledgers().filter(|ledger| ledger.number() != own);
                    return !others.flat_map(|ledger| ledger.entries()).any(|seen| seen.entry.gate == identity);
                }
            }
        }
    }
}
