//! The degraded regime: a reader-writer lock in the word's place.
//!
//! Degrading changes the word's tag and nothing else: the counted accesses inside stay counted. Newcomers take the lock
//! first, look whether the gate is still degraded, and then wait until the counted accesses that exclude them have left.
//! A read nested in another read of its thread is counted in every regime, since the lock would make it wait for a writer
//! that waits for the outer read. Recovering takes the lock exclusively, so nobody is inside through it, and finds the
//! counts at zero.

use std::time::Instant;

use super::waiting::passed;
use super::{Gate, Regime, Word};
use crate::access::AccessKind;
use crate::conflict::inquiry::Answer;
use crate::ledger::{Open, Phase, Registry};
use crate::sync::stand_by;

/// What one try for the lock came to.
pub(super) enum Attempt {
    Admitted,
    /// The gate has changed its regime.
    Retry,
    Blocked,
}

impl Gate {
    /// Takes the degraded gate's lock if that is possible at once.
    pub(super) fn try_lock(&self, kind: AccessKind) -> Attempt {
        if !self.lock.try_lock(kind) {
            return Attempt::Blocked;
        }
        let word = self.load();
        if word.regime() == Regime::Degraded && !word.excludes(kind) {
            return Attempt::Admitted;
        }
        self.unlock(kind);
        if word.regime() == Regime::Degraded { Attempt::Blocked } else { Attempt::Retry }
    }

    /// Lets the only open access of its thread in through the lock, if the gate is degraded and the lock free. If not, it is
    /// a published access again.
    pub(crate) fn try_enter_locked(&self, open: Open, kind: AccessKind, evidence: impl Fn() -> Answer) -> bool {
        self.retract(open, Phase::Asking, evidence);
        Self::show_locked_if(matches!(self.try_lock(kind), Attempt::Admitted), open)
    }

    /// [`Gate::try_enter_locked`] that waits for the lock.
    pub(crate) fn wait_locked(
        &self,
        open: Open,
        kind: AccessKind,
        deadline: Instant,
        evidence: impl Fn() -> Answer,
    ) -> bool {
        // `Waiting` for those who find the lock held by nobody, but a writer first in line.
        self.retract(open, Phase::Waiting, evidence);
        Self::show_locked_if(matches!(self.wait_for_lock(kind, deadline), Attempt::Admitted), open)
    }

    /// An access that goes on from here may be let in by being published, so it must be so before it looks at the word again.
    /// No revocation has counted it meanwhile: it was not.
    fn show_locked_if(admitted: bool, open: Open) -> bool {
        open.set_phase(if admitted { Phase::Locked } else { Phase::Published });
        admitted
    }

    pub(super) fn wait_for_lock(&self, kind: AccessKind, deadline: Instant) -> Attempt {
        if !self.lock.try_lock_until(kind, deadline) {
            return Attempt::Blocked;
        }
        loop {
            let word = self.load();
            if word.regime() != Regime::Degraded {
                self.unlock(kind);
                return Attempt::Retry;
            }
            if !word.excludes(kind) {
                return Attempt::Admitted;
            }
            if passed(deadline) {
                self.unlock(kind);
                return Attempt::Blocked;
            }
            let marked = word.contended();
            if word == marked || self.mark(word, marked) {
                self.sleep(kind, deadline);
            }
        }
    }

    pub(super) fn unlock(&self, kind: AccessKind) {
        // SAFETY: every caller has taken the lock for this kind, or acts for a `Hold::Locked` or `Phase::Locked` that has.
        unsafe { self.lock.unlock(kind) };
    }

    /// Makes newcomers take the lock. Whether this call made the change.
    pub(crate) fn degrade(&self, registry: &Registry) -> bool {
        let mut turns = 0;
        loop {
            let word = self.load();
            match word.regime() {
                Regime::Degraded => return false,
                Regime::Owned | Regime::SharedRead => self.revoke(registry, word),
                Regime::Revoking => stand_by(&mut turns),
                Regime::Counted => {
                    if self.exchange(word, word.degraded()) {
                        // Sleepers stay: the counted access they wait for wakes them as it leaves, and they find the lock.
                        return true;
                    }
                }
            }
        }
    }

    /// Makes newcomers count again, if nobody is inside. Whether this call made the change.
    pub(crate) fn try_recover(&self) -> bool {
        let word = self.load();
        if word.regime() != Regime::Degraded || !word.is_vacant() || !self.lock.try_lock(AccessKind::Write) {
            return false;
        }
        let recovered = loop {
            let word = self.load();
            if word.regime() != Regime::Degraded || !word.is_vacant() {
                break false;
            }
            if self.exchange(word, Word(Word::FREE)) {
                break true;
            }
        };
        self.unlock(AccessKind::Write);
        if recovered {
            self.parking.unpark_all();
        }
        recovered
    }
}
