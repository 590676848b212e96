//! What a monitor may ask about a hunt.

use std::fmt;
use std::time::Duration;

/// How the hunt goes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HuntStatus {
    /// What its choices are drawn from: `CHECKEDMAP_HUNT_SEED` with this value draws the same.
    pub seed: u64,
    /// Delays made so far.
    pub delays: u64,
    /// Delays that somebody walked into.
    pub caught: u64,
    /// Delays left out because the budget was used up.
    pub over_budget: u64,
    /// How long accesses were delayed, all threads together. Delays that are under way are not among it, and in a child of
    /// `fork` neither is anything before: all counts here are its own.
    pub delayed: Duration,
    /// The longest delay that was decided on. A thread may wake up later than that.
    pub longest: Duration,
    /// How long ago the first access was that the hunt has seen.
    pub elapsed: Duration,
    /// The share of the time that delays may take.
    pub budget: f64,
    /// Pairs that are still hunted.
    pub hunted: usize,
}

/// One line: what was done, what it cost, and what makes the same choices again.
impl fmt::Display for HuntStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, delays, caught, delayed, elapsed, hunted, .. } = self;
        let percent = |share: f64| 100.0 * share;
        let (delays_end, pairs_end) = (plural(*delays), plural(*hunted as u64));
        write!(
            f,
            "hunt with CHECKEDMAP_HUNT_SEED={seed}: {delays} delay{delays_end}, {caught} walked into, {delayed:.1?} of \
             {elapsed:.1?} ({:.0} %, budget {:.0} %), {hunted} pair{pairs_end} left to hunt",
            percent(self.share()),
            percent(self.budget),
        )
    }
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

impl HuntStatus {
    /// What part of the time went into delays, those of all threads together. It may exceed the budget in the first seconds, since a
    /// process counts as having run for 300 ms when it begins.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.elapsed.is_zero() { 0.0 } else { self.delayed.as_secs_f64() / self.elapsed.as_secs_f64() }
    }
}
