//! Who was held up by a delay: the happens-before relation, as far as delays show it.
//!
//! A lock around two accesses cannot be seen from here. But when a thread is delayed while it holds that lock, the other
//! thread stands still for as long, and makes its access as soon as the delay is over. So a thread that made none between
//! the middle of a delay and its end, and one right after, was held up by it, and the delayed access happens before the
//! other's. That is a guess: a thread that happens to stand still looks the same, so one delay is not enough, however many
//! threads it was that did. A short delay tells nothing: every thread is still for a tenth of a millisecond now and then.

use std::collections::VecDeque;

/// Delays that are remembered: one per thread that delays at the same time, and few do.
const DEPTH: usize = 32;

/// A shorter delay, in nanoseconds, holds nobody up to speak of.
const TELLING: u64 = 400_000;

/// A delay that has ended and that nobody walked into.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Delayed {
    pub(super) thread: u64,
    /// The number of the map's gate.
    pub(super) gate: u64,
    pub(super) spot: u64,
    /// How long it was meant to be, in nanoseconds.
    pub(super) length: u64,
    pub(super) began: u64,
    pub(super) ended: u64,
}

impl Delayed {
    /// Whether a thread that made an access at `before` and its next one at `now` stood still meanwhile.
    fn held_up(&self, before: u64, now: u64) -> bool {
        let length = self.ended.saturating_sub(self.began);
        before <= self.began + length / 2 && now >= self.ended && now - self.ended <= length / 4
    }
}

/// A delay that held somebody up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct By {
    pub(super) spot: u64,
    /// From 1, in the order in which delays end.
    pub(super) number: u64,
}

/// See the module's page.
#[derive(Debug, Default)]
pub(super) struct HeldUp {
    /// The latest, with their numbers.
    delays: VecDeque<(u64, Delayed)>,
    remembered: u64,
}

impl HeldUp {
    /// A delay that was meant to be short tells nothing, even where its thread woke up late: so what it tells does not depend
    /// on how busy the machine is.
    pub(super) fn remember(&mut self, delayed: Delayed) {
        if delayed.length < TELLING {
            return;
        }
        if self.delays.len() == DEPTH {
            self.delays.pop_front();
        }
        self.remembered += 1;
        self.delays.push_back((self.remembered, delayed));
    }

    /// The delays that held up this thread, on its way to an access at this gate.
    pub(super) fn by_whom(&self, thread: u64, gate: u64, before: u64, now: u64) -> impl Iterator<Item = By> {
        let others = self.delays.iter().filter(move |(_, delayed)| delayed.thread != thread && delayed.gate == gate);
        let by = others.filter(move |(_, delayed)| delayed.held_up(before, now));
        by.map(|(number, delayed)| By { spot: delayed.spot, number: *number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// Whether a thread with accesses at these times was held up by a delay of another from 10 to 14 ms.
    fn held_up(thread: u64, before: u64, now: u64) -> bool {
        let mut delays = HeldUp::default();
        delays.remember(Delayed { thread: 1, gate: 1, spot: 7, length: 4 * MS, began: 10 * MS, ended: 14 * MS });
        assert_eq!(delays.by_whom(thread, 2, before, now).count(), 0, "another map");
        delays.by_whom(thread, 1, before, now).eq([By { spot: 7, number: 1 }])
    }

    #[test]
    fn who_stands_still_during_a_delay_and_moves_right_after_was_held_up() {
        assert!(held_up(2, 9 * MS, 14 * MS));
        assert!(held_up(2, 11 * MS, 14 * MS + MS / 2));
    }

    #[test]
    fn others_were_not() {
        assert!(!held_up(2, 13 * MS, 14 * MS), "it moved during the delay");
        assert!(!held_up(2, 9 * MS, 13 * MS), "it moves during the delay");
        assert!(!held_up(2, 9 * MS, 16 * MS), "it took its time after the delay");
        assert!(!held_up(2, 15 * MS, 16 * MS), "it came after the delay");
        assert!(!held_up(1, 9 * MS, 14 * MS), "it is the thread that was delayed");
    }

    #[test]
    fn a_short_delay_proves_nothing_and_old_ones_are_forgotten() {
        let mut delays = HeldUp::default();
        delays.remember(Delayed { thread: 1, gate: 1, spot: 7, length: TELLING - 1, began: MS, ended: 2 * MS });
        assert_eq!(delays.by_whom(2, 1, MS, 2 * MS).count(), 0);
        for _ in 0..1_000 {
            delays.remember(Delayed { thread: 1, gate: 1, spot: 7, length: MS, began: MS, ended: 2 * MS });
        }
        assert_eq!(delays.by_whom(2, 1, MS, 2 * MS).count(), DEPTH);
    }
}
