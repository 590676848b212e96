//! The circuit breaker of `fallback` mode: when a degraded collection is tried again.

use std::time::{Duration, Instant};

use crate::clock;
use crate::sync::{AtomicU32, AtomicU64, Ordering, const_unless_modelled};

/// What a collection in `fallback` mode does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Circuit {
    /// Every access passes the gate; overlaps are found.
    Checked,
    /// Accesses go through a reader-writer lock; overlaps are put in order and not reported.
    Degraded,
    /// Checked again after a quiet period, on probation: the next conflict degrades for twice as long.
    HalfOpen,
}

impl Circuit {
    /// The word used in reports and telemetry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checked => "checked",
            Self::Degraded => "degraded",
            Self::HalfOpen => "half_open",
        }
    }
}

impl std::fmt::Display for Circuit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The quiet period grows to this many times `CHECKEDMAP_RECOVER_MS` and no further: a collection that conflicts now and
/// then must still be looked at again on the same day.
const MOST_DOUBLINGS: u32 = 6;

/// By how much a quiet period may be shorter than it should be: nanoseconds.
const MOMENT: u64 = 100_000;

/// Not degraded, and not on probation.
const NEVER: u64 = 0;

/// When the gate may be tried again. The gate's word says whether it is degraded; this says until when.
pub(crate) struct Breaker {
    /// End of the quiet period or of the probation, by [`clock::nanoseconds`]; [`NEVER`] where
    /// neither runs. Written by whoever meets a conflict, waits for the lock, or makes the gate recover.
    until: AtomicU64,
    /// How often the quiet period was doubled. Written by whoever makes the gate degrade.
    doublings: AtomicU32,
    /// How often the circuit opened. Written by whoever makes the gate degrade.
    trips: AtomicU32,
    /// The [`clock::tick`] in which somebody looked last whether the gate may be tried again. Written by who looks.
    looked: AtomicU64,
}

impl Breaker {
    const_unless_modelled! {
        pub(crate) fn new() -> Self {
            Self {
                until: AtomicU64::new(NEVER),
                doublings: AtomicU32::new(0),
                trips: AtomicU32::new(0),
                looked: AtomicU64::new(0),
            }
        }
    }

    fn period(&self, quiet: Duration) -> u64 {
        // Relaxed: a heuristic's input.
        let doublings = self.doublings.load(Ordering::Relaxed).min(MOST_DOUBLINGS);
        u64::try_from(quiet.as_nanos()).unwrap_or(u64::MAX).saturating_mul(1 << doublings)
    }

    // All orderings below are Relaxed: the breaker decides when to try, and the gate's word alone decides what is safe.

    /// Whether a conflict would come while the gate is on probation.
    pub(crate) fn is_on_probation(&self, now: Instant) -> bool {
        clock::nanoseconds(now) < self.until.load(Ordering::Relaxed)
    }

    /// A conflict has degraded the gate. The quiet period has begun before, by [`Breaker::disturb`]: else somebody could
    /// take it for over between the two.
    pub(crate) fn trip(&self, now: Instant, quiet: Duration, on_probation: bool) {
        let at = clock::nanoseconds(now);
        let doublings = self.doublings.load(Ordering::Relaxed);
        let doublings = if on_probation { (doublings + 1).min(MOST_DOUBLINGS) } else { 0 };
        self.doublings.store(doublings, Ordering::Relaxed);
        self.until.store(at.saturating_add(self.period(quiet)), Ordering::Relaxed);
        self.trips.fetch_add(1, Ordering::Relaxed);
    }

    /// Somebody had to wait for the lock: the quiet period begins anew.
    pub(crate) fn disturb(&self, now: Instant, quiet: Duration) {
        let until = clock::nanoseconds(now).saturating_add(self.period(quiet));
        // Threads that disturb each other all the time need not fight for this as well.
        if until.saturating_sub(self.until.load(Ordering::Relaxed)) > MOMENT {
            self.until.fetch_max(until, Ordering::Relaxed);
        }
    }

    /// Whether this is the first look since the clock last ticked: the others are to be left alone.
    pub(crate) fn is_first_look(&self, tick: u64) -> bool {
        self.looked.load(Ordering::Relaxed) != tick && self.looked.swap(tick, Ordering::Relaxed) != tick
    }

    /// Whether the quiet period has passed.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        clock::nanoseconds(now) >= self.until.load(Ordering::Relaxed)
    }

    /// The gate has recovered: probation lasts one more period.
    pub(crate) fn half_open(&self, now: Instant, quiet: Duration) {
        self.until.store(clock::nanoseconds(now).saturating_add(self.period(quiet)), Ordering::Relaxed);
    }

    /// The state of the circuit, given whether the gate is degraded.
    pub(crate) fn circuit(&self, degraded: bool, now: Instant) -> Circuit {
        if degraded {
            Circuit::Degraded
        } else if clock::nanoseconds(now) < self.until.load(Ordering::Relaxed) {
            Circuit::HalfOpen
        } else {
            Circuit::Checked
        }
    }

    /// How often the circuit has opened.
    pub(crate) fn trips(&self) -> u32 {
        self.trips.load(Ordering::Relaxed)
    }
}

#[cfg(all(test, not(checkedmap_loom)))]
mod tests {
    use super::*;

    const QUIET: Duration = Duration::from_secs(10);

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    fn trip(breaker: &Breaker, now: Instant) {
        let on_probation = breaker.is_on_probation(now);
        breaker.disturb(now, QUIET);
        breaker.trip(now, QUIET, on_probation);
    }

    #[test]
    fn closed_open_half_open_closed() {
        let (breaker, start) = (Breaker::new(), Instant::now());
        assert_eq!(breaker.circuit(false, start), Circuit::Checked);
        trip(&breaker, start);
        assert_eq!(breaker.circuit(true, start), Circuit::Degraded);
        assert!(!breaker.is_due(after(start, 9)));
        assert!(breaker.is_due(after(start, 10)));
        breaker.half_open(after(start, 10), QUIET);
        assert_eq!(breaker.circuit(false, after(start, 11)), Circuit::HalfOpen);
        assert_eq!(breaker.circuit(false, after(start, 20)), Circuit::Checked);
    }

    #[test]
    fn a_wait_for_the_lock_starts_the_quiet_period_anew() {
        let (breaker, start) = (Breaker::new(), Instant::now());
        trip(&breaker, start);
        breaker.disturb(after(start, 8), QUIET);
        assert!(!breaker.is_due(after(start, 17)));
        assert!(breaker.is_due(after(start, 18)));
    }

    #[test]
    fn a_conflict_on_probation_doubles_the_period_up_to_the_cap() {
        let (breaker, mut now) = (Breaker::new(), Instant::now());
        trip(&breaker, now);
        for doublings in 1..=MOST_DOUBLINGS + 2 {
            now += Duration::from_nanos(breaker.period(QUIET));
            assert!(breaker.is_due(now));
            breaker.half_open(now, QUIET);
            trip(&breaker, now);
            let expected = QUIET * (1 << doublings.min(MOST_DOUBLINGS));
            assert!(!breaker.is_due(now + expected - Duration::from_millis(1)));
            assert!(breaker.is_due(now + expected));
        }
    }

    #[test]
    fn a_conflict_after_probation_starts_from_the_base_period() {
        let (breaker, start) = (Breaker::new(), Instant::now());
        trip(&breaker, start);
        breaker.half_open(after(start, 10), QUIET);
        trip(&breaker, after(start, 10));
        breaker.half_open(after(start, 30), QUIET);
        trip(&breaker, after(start, 60));
        assert!(breaker.is_due(after(start, 70)));
        assert_eq!(breaker.trips(), 3);
    }
}
