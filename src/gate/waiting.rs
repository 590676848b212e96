//! Waiting for admission, asleep.
//!
//! A sleeper sets `contended` and sleeps only while the word that refused it stays as it was with that bit. The bit is
//! cleared only together with a wake-up of everyone, and only while nobody is inside; every departure that finds the bit
//! and leaves nobody behind wakes everyone. Who sets the bit ends the stay of whoever lingers inside, too: another than the one
//! that was in the way at first may have come in since.

use std::time::{Duration, Instant};

use super::degraded::Attempt;
use super::{Gate, Hold, Manner, Regime};
use crate::access::AccessKind;
use crate::conflict::inquiry::Answer;
use crate::ledger::{Open, Phase, Registry};
use crate::sync::stand_by;

/// How long a reader steps back for a writer that has waited long.
const COURTESY: Duration = Duration::from_millis(1);

/// What a bounded wait came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Admitted(Hold),
    TimedOut,
    /// The access has taken the gate from an owner or from readers, who are inside by the count now: others than those it
    /// has waited for so far.
    Revoked,
}

impl Gate {
    /// Waits until the access is admitted or `deadline` has passed. The access must have been refused for a reason other
    /// than its own thread's. A write that is [`Manner::Patient`] has later readers step back for it.
    pub(crate) fn wait(
        &self,
        registry: &Registry,
        open: Open,
        kind: AccessKind,
        manner: Manner,
        deadline: Instant,
        evidence: impl Fn() -> Answer + Copy,
    ) -> Wait {
        let mut turns = 0;
        loop {
            let word = self.load();
            match word.regime() {
                Regime::Owned | Regime::SharedRead => {
                    if !word.lends_to(kind, open.ledger().number()) {
                        self.revoke(registry, word);
                        return Wait::Revoked;
                    } else if self.try_published(open, kind, Phase::Waiting, evidence) {
                        return Wait::Admitted(Hold::Published);
                    }
                }
                Regime::Revoking => stand_by(&mut turns),
                Regime::Degraded => match self.wait_for_lock(kind, deadline) {
                    Attempt::Admitted => {
                        open.set_phase(Phase::Locked);
                        return Wait::Admitted(Hold::Locked);
                    }
                    Attempt::Retry => {}
                    Attempt::Blocked => return Wait::TimedOut,
                },
                Regime::Counted if !word.excludes(kind) => {
                    if self.try_count(word, open, kind) {
                        return Wait::Admitted(Hold::Counted);
                    }
                }
                Regime::Counted if passed(deadline) => {
                    self.drop_urgency();
                    return Wait::TimedOut;
                }
                Regime::Counted => {
                    let urgent = kind == AccessKind::Write && manner == Manner::Patient;
                    let marked = if urgent { word.urgent() } else { word.contended() };
                    if word == marked || self.mark(word, marked) {
                        self.sleep(kind, deadline);
                    }
                }
            }
        }
    }

    /// Readers need not step back any longer for a writer that gives up, or has waited so long that it should not slow them
    /// down for ever.
    fn drop_urgency(&self) {
        loop {
            let word = self.load();
            if !word.is_urgent() || self.exchange(word, word.unhurried()) {
                return;
            }
        }
    }

    /// Sleeps while the word is marked as contended and excludes the access.
    pub(super) fn sleep(&self, kind: AccessKind, deadline: Instant) {
        let blocked = || {
            let word = self.load();
            word.is_contended() && word.excludes(kind)
        };
        self.parking.park(blocked, Some(deadline));
    }

    /// Lets a writer that has waited long go first, for a moment.
    pub(super) fn step_back(&self) {
        let deadline = Some(Instant::now() + COURTESY);
        self.parking.park(|| self.load().is_urgent(), deadline);
    }
}

/// Loom has no clock: a model's waits end by being admitted.
pub(super) fn passed(deadline: Instant) -> bool {
    !cfg!(checkedmap_loom) && Instant::now() >= deadline
}
