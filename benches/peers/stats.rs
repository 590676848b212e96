//! Medians and spreads.

/// What a subject's rounds came to, in nanoseconds per operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) p10: f64,
    pub(crate) median: f64,
    pub(crate) p90: f64,
    pub(crate) rounds: usize,
    /// How many of the rounds ran without losing the processor. Where they are fewer than all, the machine is too busy.
    pub(crate) calm: usize,
}

impl Spread {
    pub(crate) fn of(samples: &[f64], calm: usize) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| sorted.get(((sorted.len() as f64 - 1.0) * part).round() as usize).copied();
        Self {
            p10: at(0.1).unwrap_or(f64::NAN),
            median: at(0.5).unwrap_or(f64::NAN),
            p90: at(0.9).unwrap_or(f64::NAN),
            rounds: sorted.len(),
            calm,
        }
    }

    /// Whether too few rounds were undisturbed to build on.
    pub(crate) fn is_disturbed(&self) -> bool {
        self.calm * 2 < self.rounds
    }
}
