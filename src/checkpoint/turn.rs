//! Waiting for an access's turn after a refusal.

use std::time::{Duration, Instant};

use super::Checkpoint;
use super::admission::Admission;
use super::attempt::Attempt;
use super::encounter::Encounter;
use super::permit::evidence;
use crate::config;
use crate::conflict::{ConflictKind, Subject, wait_for};
use crate::gate::{Manner, Wait};
use crate::ledger::current::REGISTRY;
use crate::observe;
use crate::report::Outcome;

/// How often a waiting access looks whether its holder's thread has ended, where stuck waits are not reported.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

impl Checkpoint {
    /// Waits until the access is admitted. Reports a wait that takes long; panics where it cannot end.
    #[track_caller]
    pub(super) fn wait_turn(&self, attempt: Attempt, mut encounter: Encounter<'_>, began: Instant) -> Admission {
        let kind = attempt.access.kind();
        let mut patience = config::stuck();
        // A write that waits for ever, for a guard that was leaked, must not slow the readers down for ever.
        let mut manner = Manner::Patient;
        loop {
            if let Some(circle) = wait_for::begin(&REGISTRY, self.gate.identity(), kind, attempt.open) {
                encounter.meet(Some(circle[0]), &circle);
                encounter.raise(attempt, ConflictKind::Deadlock, began);
            }
            let pause = if patience.is_zero() { LOOK_AGAIN } else { patience };
            let began_pause = if patience.is_zero() { Instant::now() } else { began };
            match self.gate.wait(&REGISTRY, attempt.open, kind, manner, began_pause + pause, evidence) {
                Wait::Admitted(hold) => {
                    if let Some(inquiry) = &encounter.inquiry {
                        inquiry.set_admitted(Instant::now());
                    }
                    self.note_wait(&encounter, began.elapsed());
                    return attempt.admitted(hold);
                }
                Wait::Revoked => {}
                Wait::TimedOut => {
                    manner = Manner::Prompt;
                    encounter.meet(self.gate.find_holder(&REGISTRY, attempt.open, kind), &[]);
                    if encounter.holder_has_ended() {
                        encounter.raise(attempt, encounter.overlap(), began);
                    }
                    if !patience.is_zero() {
                        encounter.submit_as(ConflictKind::StuckWait, Outcome::Waited, began, Some(began.elapsed()));
                        patience *= 2;
                    }
                }
            }
        }
    }

    /// Counts a wait that has ended.
    fn note_wait(&self, encounter: &Encounter<'_>, waited: Duration) {
        self.vitals().count_wait(waited);
        let Subject { name, created, .. } = &encounter.subject;
        let label = || name.as_deref().map_or_else(|| created.to_string(), str::to_owned);
        observe::keep_wait(encounter.overlap(), waited, label);
    }
}
