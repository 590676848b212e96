//! When a gate changes its regime: what its accesses have been like lately.
//!
//! A streak of one thread's accesses makes that thread the owner; a streak of reads by several makes reads shared. Taking
//! either back costs whoever comes next a heavy fence, microseconds against the nanoseconds an access saves. So after BRAVO
//! (Dice and Kogan, 2019) a gate whose streak was ended soon asks for a longer one before it tries again, and one
//! that kept its regime for long is forgiven.
//!
//! Everything here is a heuristic's memory: the stores of two threads may overwrite each other, and nothing is published.

use std::time::{Duration, Instant};

use crate::access::AccessKind;
use crate::clock;
use crate::sync::{AtomicU32, AtomicU64, Ordering, const_unless_modelled};

/// The first streak asked for: longer than what sets a map up on one thread and then hands it to another.
const FIRST: u32 = if cfg!(checkedmap_loom) { NEVER } else { 16 };
/// The longest: a thread that is alone for this long gets a cheap gate however often it was disturbed before. At 12 ns an
/// access it takes about a millisecond, a few hundred times what a revocation costs.
const LONGEST: u32 = 1 << 16;
/// How much longer a streak is asked for after one that was ended soon.
const FACTOR: u32 = 4;
/// No streak is long enough.
const NEVER: u32 = u32::MAX;
/// A regime is worth its revocation if it was kept for this many times as long: BRAVO's rule, which bounds what an
/// adversary's alternation can cost to an eighth of the time.
const WORTH: u32 = 8;

// Relaxed everywhere: see the module's page.
const ORDER: Ordering = Ordering::Relaxed;

/// See the module's page.
pub(super) struct Habit {
    /// The ledger of the last counted access.
    last: AtomicU32,
    /// How many counted accesses in a row were that ledger's.
    streak: AtomicU32,
    /// How many counted accesses in a row were reads.
    reads: AtomicU32,
    /// How long a streak has to be.
    patience: AtomicU32,
    /// When the gate left the counted regime, by [`clock::nanoseconds`].
    since: AtomicU64,
}

/// What an access may do instead of being counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Count,
    Own,
    Share,
}

impl Habit {
    const_unless_modelled! {
        pub(super) fn new() -> Self {
            Self {
                last: AtomicU32::new(0),
                streak: AtomicU32::new(0),
                reads: AtomicU32::new(0),
                patience: AtomicU32::new(FIRST),
                since: AtomicU64::new(0),
            }
        }
    }

    /// Takes note of an access that is about to be counted.
    #[inline]
    pub(super) fn note(&self, kind: AccessKind, ledger: u32) -> Turn {
        let streak = if self.last.load(ORDER) == ledger {
            self.streak.load(ORDER).saturating_add(1)
        } else {
            self.last.store(ledger, ORDER);
            1
        };
        self.streak.store(streak, ORDER);
        let reads = match kind {
            AccessKind::Read => self.reads.load(ORDER).saturating_add(1),
            AccessKind::Write => 0,
        };
        self.reads.store(reads, ORDER);
        let patience = self.patience.load(ORDER);
        if streak >= patience {
            Turn::Own
        } else if reads >= patience {
            Turn::Share
        } else {
            Turn::Count
        }
    }

    /// The gate has left the counted regime.
    pub(super) fn settled(&self, now: Instant) {
        self.since.store(clock::nanoseconds(now), ORDER);
    }

    /// The gate is back in the counted regime, after a revocation that took `cost`.
    pub(super) fn revoked(&self, now: Instant, cost: Duration) {
        self.streak.store(0, ORDER);
        self.reads.store(0, ORDER);
        let kept = clock::nanoseconds(now).saturating_sub(self.since.load(ORDER));
        let patience = self.patience.load(ORDER);
        let next = if u128::from(kept) >= cost.as_nanos() * u128::from(WORTH + 1) {
            (patience / FACTOR).max(FIRST)
        } else {
            patience.saturating_mul(FACTOR).min(LONGEST)
        };
        self.patience.store(next, ORDER);
    }

    /// The gate stays in the counted regime for good.
    pub(super) fn give_up(&self) {
        self.patience.store(NEVER, ORDER);
    }
}

#[cfg(all(test, not(checkedmap_loom)))]
mod tests {
    use super::*;

    const COST: Duration = Duration::from_micros(3);

    fn turns(habit: &Habit, kind: AccessKind, ledger: u32) -> u32 {
        (1..).find(|_| habit.note(kind, ledger) != Turn::Count).unwrap()
    }

    #[test]
    fn one_thread_becomes_the_owner() {
        let habit = Habit::new();
        for _ in 1..FIRST {
            assert_eq!(habit.note(AccessKind::Write, 1), Turn::Count);
        }
        assert_eq!(habit.note(AccessKind::Write, 1), Turn::Own);
    }

    #[test]
    fn threads_that_take_turns_stay_counted() {
        let habit = Habit::new();
        for turn in 0..FIRST * 10 {
            assert_eq!(habit.note(AccessKind::Write, turn % 2 + 1), Turn::Count);
        }
    }

    #[test]
    fn readers_that_take_turns_share() {
        let habit = Habit::new();
        for turn in 1..FIRST {
            assert_eq!(habit.note(AccessKind::Read, turn % 2 + 1), Turn::Count);
        }
        assert_eq!(habit.note(AccessKind::Read, 3), Turn::Share);
    }

    #[test]
    fn a_write_ends_a_streak_of_reads() {
        let habit = Habit::new();
        for turn in 0..FIRST * 10 {
            let kind = if turn % (FIRST - 1) == 0 { AccessKind::Write } else { AccessKind::Read };
            assert_eq!(habit.note(kind, turn % 2 + 1), Turn::Count);
        }
    }

    #[test]
    fn streaks_that_end_soon_grow_up_to_the_longest() {
        let (habit, now) = (Habit::new(), Instant::now());
        let mut expected = FIRST;
        for _ in 0..10 {
            assert_eq!(turns(&habit, AccessKind::Write, 1), expected);
            habit.settled(now);
            habit.revoked(now + COST * WORTH, COST);
            expected = (expected * FACTOR).min(LONGEST);
        }
        assert_eq!(expected, LONGEST);
    }

    #[test]
    fn a_regime_that_lasted_is_forgiven() {
        let (habit, now) = (Habit::new(), Instant::now());
        habit.settled(now);
        habit.revoked(now, COST);
        assert_eq!(turns(&habit, AccessKind::Write, 1), FIRST * FACTOR);
        habit.settled(now);
        habit.revoked(now + COST * (WORTH + 1), COST);
        assert_eq!(turns(&habit, AccessKind::Write, 1), FIRST);
        habit.give_up();
        for _ in 0..LONGEST {
            assert_eq!(habit.note(AccessKind::Write, 1), Turn::Count);
        }
    }
}
