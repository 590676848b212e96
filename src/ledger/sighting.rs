//! An access as another thread sees it: what a contender has in hand of the holder it names.

use super::{Entry, LOCK_PATIENCE, Ledger, Phase, Slot, Tenancy, try_hold_back_forks};
use crate::conflict::trace::RawTrace;

/// An access as another thread sees it.
#[derive(Clone, Copy)]
pub(crate) struct Sighting {
    pub(crate) ledger: &'static Ledger,
    pub(crate) slot: &'static Slot,
    pub(crate) entry: Entry,
}

impl Sighting {
    /// The access's phase by now; `Vacant` when it has ended.
    pub(crate) fn phase(&self) -> Phase {
        self.slot.phase_of(self.entry.sequence)
    }

    /// Whether the access was a lost thread's, and is ended for it.
    pub(crate) fn is_forgiven(&self) -> bool {
        self.ledger.tenancy() == Tenancy::Lost && self.phase() == Phase::Vacant
    }

    /// The stack of entry, where it was kept. None while a fork is coming, as in [`Ledger::ask`].
    pub(crate) fn entry_trace(&self) -> Option<RawTrace> {
        let _held_back = try_hold_back_forks()?;
        let traces = self.ledger.entry_traces.try_lock_for(LOCK_PATIENCE)?;
        traces.iter().find(|(sequence, _)| *sequence == self.entry.sequence).map(|(_, trace)| trace.clone())
    }
}
