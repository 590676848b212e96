//! What follows a refusal: what the mode says.

use std::time::Instant;

use super::Checkpoint;
use super::admission::Admission;
use super::attempt::Attempt;
use super::degraded::SHORT_WAIT;
use super::encounter::Encounter;
use super::permit::evidence;
use super::trail::Trail;
use crate::access::Access;
use crate::config;
use crate::conflict::{Conflict, ConflictKind};
use crate::gate::{Manner, Refusal, Regime, Wait};
use crate::ledger::Phase;
use crate::ledger::current::{self, REGISTRY};
use crate::policy::Mode;
use crate::report::Outcome;

/// What the caller wants done about a refusal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Insistence {
    /// Whatever the mode says.
    Enter,
    /// Hand the conflict back.
    Try,
}

impl Checkpoint {
    /// Everything after a refusal.
    #[cold]
    #[track_caller]
    pub(super) fn refused(
        &self,
        attempt: Attempt,
        refusal: Refusal,
        insistence: Insistence,
    ) -> Result<Admission, Conflict> {
        let now = Instant::now();
        let kind = attempt.access.kind();
        // Another thread that was refused by the same access may be the one that has forgiven it.
        let is_forgiven =
            || self.gate.forgive_lost(&REGISTRY) || refusal.holder.is_some_and(|holder| holder.is_forgiven());
        if crate::fork::has_forked() && is_forgiven() {
            // What was in the way belonged to a thread of the parent process.
            return match self.gate.try_enter_slow(&REGISTRY, attempt.open, kind, Manner::Prompt, evidence) {
                Ok(hold) => Ok(attempt.admitted(hold)),
                Err(refusal) => self.refused(attempt, refusal, insistence),
            };
        }
        let ordered = refusal.regime == Regime::Degraded;
        if ordered {
            self.vitals().breaker.disturb(now, config::recover());
            let by_itself = refusal.holder.is_some_and(|holder| std::ptr::eq(holder.ledger, attempt.open.ledger()));
            // Most waits at the lock are short, and need none of what follows. Who is alone has waited so long already.
            if insistence == Insistence::Enter
                && !by_itself
                && !attempt.open.is_alone()
                && let Wait::Admitted(hold) =
                    self.gate.wait(&REGISTRY, attempt.open, kind, Manner::Patient, now + SHORT_WAIT, evidence)
            {
                self.vitals().count_wait(now.elapsed());
                return Ok(attempt.admitted(hold));
            }
        }
        let encounter = Encounter::new(self, &attempt, refusal);
        if encounter.is_reentrant() {
            return self.impossible(attempt, encounter, ConflictKind::Reentrant, now, insistence);
        }
        match (insistence, encounter.mode) {
            // The lock puts degraded accesses in order; the conflict that degraded the gate has been reported.
            (Insistence::Try, _) if ordered => Err(encounter.conflict(encounter.overlap())),
            (Insistence::Enter, _) if ordered => Ok(self.wait_turn(attempt, encounter, now)),
            (Insistence::Try, _) => {
                encounter.submit(Outcome::Returned, now);
                Err(encounter.conflict(encounter.overlap()))
            }
            (Insistence::Enter, Mode::Log) => {
                encounter.submit(Outcome::Waited, now);
                Ok(self.wait_turn(attempt, encounter, now))
            }
            (Insistence::Enter, Mode::Fallback) => {
                encounter.submit(Outcome::Degraded, now);
                let vitals = self.vitals();
                let on_probation = vitals.breaker.is_on_probation(now);
                vitals.breaker.disturb(now, config::recover());
                if vitals.turn(true, || self.gate.degrade(&REGISTRY)) {
                    vitals.breaker.trip(now, config::recover(), on_probation);
                }
                Ok(self.wait_turn(attempt, encounter, now))
            }
            (Insistence::Enter, Mode::Panic | Mode::Abort) => encounter.raise(attempt, encounter.overlap(), now),
        }
    }

    /// A refusal that no waiting can end.
    #[track_caller]
    fn impossible(
        &self,
        attempt: Attempt,
        encounter: Encounter<'_>,
        kind: ConflictKind,
        now: Instant,
        insistence: Insistence,
    ) -> Result<Admission, Conflict> {
        if insistence == Insistence::Try {
            encounter.submit_as(kind, Outcome::Returned, now, None);
            return Err(encounter.conflict(kind));
        }
        encounter.raise(attempt, kind, now)
    }

    /// Panics, in every mode: somebody wrote, as `trail` tells, while `access` had the collection borrowed between two of
    /// its steps. There is no turn to wait for, since what `access` points to is gone.
    #[cold]
    #[track_caller]
    pub(crate) fn overrun(&self, access: Access, trail: Option<Trail>) -> ! {
        let attempt = Attempt::begin(current::open(self.gate.identity(), access), access, false);
        // It takes milliseconds until it goes, and does not ask to come in.
        self.gate.retract(attempt.open, Phase::Asking, evidence);
        let refusal = Refusal { holder: None, inquiry: None, regime: Regime::Counted };
        let mut encounter = Encounter::new(self, &attempt, refusal);
        encounter.holder_party = trail.map(Trail::party);
        let kind = encounter.overlap();
        encounter.raise(attempt, kind, Instant::now())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::test_process::{ended_well, fork, is_child, run};
    use crate::{CheckedCell, Operation};

    /// Two threads of the child are refused by the same lost read; the other one has forgiven it.
    #[test]
    fn what_another_thread_has_forgiven_is_in_nobodys_way() {
        const NAME: &str = "checkpoint::refused::tests::what_another_thread_has_forgiven_is_in_nobodys_way";
        if !is_child(NAME) {
            return run(NAME);
        }
        let cell = &CheckedCell::new(0);
        let (lent, lending) = mpsc::channel();
        let (done, doing) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let read = cell.read();
                lent.send(()).expect("the test waits for it");
                let _ = doing.recv();
                drop(read);
            });
            lending.recv().expect("it reads");
            let child = fork(|| {
                let (checkpoint, access) = (cell.checkpoint(), Access::here(Operation::Insert));
                let gate = checkpoint.gate();
                let attempt = Attempt::begin(current::open(gate.identity(), access), access, false);
                let entered = gate.try_enter_slow(&REGISTRY, attempt.open, access.kind(), Manner::Prompt, evidence);
                let Err(refusal) = entered else { return false };
                let others = gate.forgive_lost(&REGISTRY) && !gate.forgive_lost(&REGISTRY);
                others && checkpoint.refused(attempt, refusal, Insistence::Try).is_ok()
            });
            drop(done);
            assert!(ended_well(child));
        });
    }
}
