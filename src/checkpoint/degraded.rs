//! The way in through the lock of a degraded gate, and the way back from it.

use std::time::{Duration, Instant};

use super::Checkpoint;
use super::attempt::Attempt;
use super::permit::evidence;
use crate::gate::{Hold, Manner};
use crate::policy::Mode;
use crate::{clock, config};

/// How long an access waits at a degraded collection's lock before it looks whom it waits for.
pub(super) const SHORT_WAIT: Duration = Duration::from_millis(1);

impl Checkpoint {
    /// Waits for a moment, if need be, at the lock of a degraded gate, with the only open access of its thread, which may have
    /// tried the lock before. `None` where the gate is not degraded any more, or the lock is not to be had so soon.
    pub(super) fn wait_shortly(&self, attempt: &Attempt, tried: bool, manner: Manner) -> Option<Hold> {
        if !attempt.open.is_alone() || manner != Manner::Patient {
            return None;
        }
        if !tried && self.gate.try_enter_locked(attempt.open, attempt.access.kind(), evidence) {
            return Some(Hold::Locked);
        }
        let began = Instant::now();
        self.vitals().breaker.disturb(began, config::recover());
        self.gate.wait_locked(attempt.open, attempt.access.kind(), began + SHORT_WAIT, evidence).then(|| {
            self.vitals().count_wait(began.elapsed());
            Hold::Locked
        })
    }

    /// Tries the counted regime again once the quiet period has passed, or where nobody asked for a fallback any more.
    pub(super) fn recover_if_due(&self) {
        if self.vitals().breaker.is_first_look(clock::tick()) {
            self.recover_if_due_now();
        }
    }

    #[cold]
    fn recover_if_due_now(&self) {
        let now = Instant::now();
        let vitals = self.vitals();
        if (vitals.breaker.is_due(now) || self.mode() != Mode::Fallback)
            && vitals.turn(false, || self.gate.try_recover())
        {
            vitals.breaker.half_open(now, config::recover());
        }
    }
}
