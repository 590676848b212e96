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
/// The longest that is asked of one thread: if it is alone for this long it gets a cheap gate however often it was disturbed
/// before. At 12 ns an access it takes about a millisecond, a few hundred times what a revocation costs.
const LONGEST: u32 = 1 << 16;
/// The longest that is asked of readers. Threads that read at the same time fight for the word of a counted gate, so their
/// accesses cost several times as much there as one thread's, and they have that much more to win.
const LONGEST_READS: u32 = 1 << 10;
/// How much longer a streak is asked for after one that was ended soon.
const FACTOR: u32 = 4;
/// No streak is long enough.
const NEVER: u32 = u32::MAX;
/// Having been one thread's is worth the revocation if it was kept for this many times as long: BRAVO's rule, which bounds what
/// an adversary's alternation can cost to an eighth of the time.
const WORTH: u32 = 8;
/// Having been shared by readers is worth it if it was kept for as long: they get ten times as much done meanwhile.
const WORTH_READS: u32 = 1;

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
    /// How long a streak of one thread's has to be.
    patience: AtomicU32,
    /// How long a streak of reads has to be.
    patience_reads: AtomicU32,
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
                patience_reads: AtomicU32::new(FIRST),
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
        if streak >= self.patience.load(ORDER) {
            Turn::Own
        } else if reads >= self.patience_reads.load(ORDER) {
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
    pub(super) fn revoked(&self, from: Turn, now: Instant, cost: Duration) {
        self.streak.store(0, ORDER);
        self.reads.store(0, ORDER);
        let (patience, longest, worth) = match from {
            Turn::Share => (&self.patience_reads, LONGEST_READS, WORTH_READS),
            Turn::Own | Turn::Count => (&self.patience, LONGEST, WORTH),
        };
        let kept = clock::nanoseconds(now).saturating_sub(self.since.load(ORDER));
        let asked = patience.load(ORDER);
        // Since it began, the revocation included.
        let next = if u128::from(kept) >= cost.as_nanos() * u128::from(worth + 1) {
            (asked / FACTOR).max(FIRST)
        } else {
            asked.saturating_mul(FACTOR).min(longest)
        };
        patience.store(next, ORDER);
    }

    /// The gate stays in the counted regime for good.
    pub(super) fn give_up(&self) {
        self.patience.store(NEVER, ORDER);
        self.patience_reads.store(NEVER, ORDER);
    }
}

#[cfg(all(test, not(checkedmap_loom)))]
mod tests {
    use super::*;

    const COST: Duration = Duration::from_micros(3);

    /// How long a streak it takes.
    fn asked_for(habit: &Habit, regime: Turn) -> u32 {
        let note = |nth: &u32| match regime {
            Turn::Share => habit.note(AccessKind::Read, nth % 2 + 1),
            Turn::Own | Turn::Count => habit.note(AccessKind::Write, 1),
        };
        (1..).find(|nth| note(nth) == regime).unwrap()
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
        for (regime, longest, worth) in [(Turn::Own, LONGEST, WORTH), (Turn::Share, LONGEST_READS, WORTH_READS)] {
            let (habit, now) = (Habit::new(), Instant::now());
            let mut expected = FIRST;
            for _ in 0..10 {
                assert_eq!(asked_for(&habit, regime), expected);
                habit.settled(now);
                habit.revoked(regime, now + COST * worth, COST);
                expected = (expected * FACTOR).min(longest);
            }
            assert_eq!(expected, longest);
        }
    }

    #[test]
    fn a_regime_that_lasted_is_forgiven() {
        for (regime, worth) in [(Turn::Own, WORTH), (Turn::Share, WORTH_READS)] {
            let (habit, now) = (Habit::new(), Instant::now());
            habit.settled(now);
            habit.revoked(regime, now, COST);
            assert_eq!(asked_for(&habit, regime), FIRST * FACTOR);
            habit.settled(now);
            habit.revoked(regime, now + COST * (worth + 1), COST);
            assert_eq!(asked_for(&habit, regime), FIRST);
        }
    }

    #[test]
    fn whoever_gave_up_counts_for_good() {
        let habit = Habit::new();
        habit.give_up();
        for _ in 0..LONGEST {
            assert_eq!(habit.note(AccessKind::Read, 1), Turn::Count);
        }
    }
}
