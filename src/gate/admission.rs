//! The way in, up to being admitted or refused, in whatever regime the gate is by then.

use std::sync::Arc;

use super::counted::Challenge;
use super::degraded::Attempt;
use super::{Gate, Hold, Regime};
use crate::access::AccessKind;
use crate::conflict::inquiry::{Answer, Inquiry};
use crate::ledger::{Open, Phase, Registry, Sighting};
use crate::sync::{spin_loop, stand_by, yield_now};

/// How often a contender looks for a holder that is just entering or leaving before it reports one without a name.
const SEARCHES: u32 = if cfg!(checkedmap_loom) { 3 } else { 10_000 };

/// The first searches spin; a holder is between two instructions for nanoseconds, unless it was preempted there.
const SPINS: u32 = 64;

/// What the caller allows, beside the plain rules, on the slow way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// May step back for a moment for a writer that has waited long.
    Patient,
    /// Must not wait at all.
    Prompt,
    /// A read beside another that stays open meanwhile, perhaps another thread's: no writer can be inside.
    BesideRead,
}

/// Why an access was not admitted.
pub(crate) struct Refusal {
    /// An access that is inside and excludes this one. `None` where it was on its way in or out for as long as we looked.
    pub(crate) holder: Option<Sighting>,
    /// The question left for the holder, which it answers as it leaves.
    pub(crate) inquiry: Option<Arc<Inquiry>>,
    pub(crate) regime: Regime,
}

impl Gate {
    /// Lets a published access in, or says who is in its way. Does not wait.
    pub(crate) fn try_enter(
        &self,
        registry: &Registry,
        open: Open,
        kind: AccessKind,
        manner: Manner,
        evidence: impl Fn() -> Answer + Copy,
    ) -> Result<Hold, Refusal> {
        if open.is_alone()
            && let Some(hold) = self.try_enter_free(open, kind)
        {
            return Ok(hold);
        }
        self.try_enter_slow(registry, open, kind, manner, evidence)
    }

    /// [`Gate::try_enter`] without the fast path: also for an access that was refused before.
    #[cold]
    pub(crate) fn try_enter_slow(
        &self,
        registry: &Registry,
        open: Open,
        kind: AccessKind,
        manner: Manner,
        evidence: impl Fn() -> Answer + Copy,
    ) -> Result<Hold, Refusal> {
        self.retract(open, Phase::Asking, evidence);
        let (mut searches, mut turns) = (0, 0);
        loop {
            let word = self.load();
            let own = self.own_access(open);
            let nested = kind == AccessKind::Read
                && own.map_or(manner == Manner::BesideRead, |own| own.entry.access.kind() == AccessKind::Read);
            if let (Some(own), false) = (own, nested) {
                return Err(Refusal { holder: Some(own), inquiry: None, regime: word.regime() });
            }
            match word.regime() {
                Regime::Owned | Regime::SharedRead => {
                    if !word.lends_to(kind, open.ledger().number()) {
                        self.revoke(registry, word);
                    } else if self.try_published(open, kind, Phase::Asking, evidence) {
                        return Ok(Hold::Published);
                    }
                }
                Regime::Revoking => stand_by(&mut turns),
                Regime::Degraded if !nested => match self.try_lock(kind) {
                    Attempt::Admitted => {
                        open.set_phase(Phase::Locked);
                        return Ok(Hold::Locked);
                    }
                    Attempt::Retry => {}
                    Attempt::Blocked => {
                        let holder = self.find_locked_holder(registry, open, kind);
                        if holder.is_some() || searches >= SEARCHES {
                            return Err(Refusal { holder, inquiry: None, regime: Regime::Degraded });
                        }
                        // Somebody has the lock between two instructions, or for an instant, to try to recover.
                        searches += 1;
                        yield_now();
                    }
                },
                Regime::Counted | Regime::Degraded if !word.excludes(kind) => {
                    if word.is_urgent() && !nested && manner == Manner::Patient {
                        self.step_back();
                    }
                    if self.try_count_again(open, kind, nested) {
                        return Ok(Hold::Counted);
                    }
                }
                Regime::Counted | Regime::Degraded => match self.challenge(registry, open, word) {
                    Challenge::Met { holder, inquiry } => {
                        return Err(Refusal { holder: Some(holder), inquiry: Some(inquiry), regime: Regime::Counted });
                    }
                    Challenge::Changed => {}
                    Challenge::Unseen if searches >= SEARCHES => {
                        return Err(Refusal { holder: None, inquiry: None, regime: Regime::Counted });
                    }
                    Challenge::Unseen => {
                        searches += 1;
                        if searches < SPINS { spin_loop() } else { yield_now() }
                    }
                },
            }
        }
    }
}
