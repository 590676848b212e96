//! What one program's repetitions add up to.

use std::time::Duration;

use crate::child::Outcome;
use crate::go;
use crate::mode::Mode;
use crate::programs::{Expectation, Program, STALE};

/// A program and what was seen of it.
pub(crate) struct Score {
    pub(crate) program: &'static Program,
    pub(crate) passive: Tally,
    /// Hunt mode with an empty plan.
    pub(crate) first: Tally,
    /// Hunt mode with the plan the first run left; `found` counts repetitions found in either run.
    pub(crate) second: Tally,
    pub(crate) stale: Tally,
    /// `None` where it is not translated, or nothing of Go was run.
    pub(crate) go: Option<go::Score>,
}

/// Repetitions in one mode.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) runs: usize,
    /// Repetitions in which what the mode looks for was reported.
    pub(crate) found: usize,
    /// Repetitions with a conflict of a kind that is not there.
    pub(crate) false_alarms: usize,
    /// Repetitions with a stale check where there is none.
    pub(crate) false_suspects: usize,
    /// Kinds reported that are not there, for the text about a missed target.
    pub(crate) unexpected: Vec<&'static str>,
    pub(crate) near_misses: u64,
    pub(crate) times: Vec<Duration>,
}

impl Score {
    pub(crate) fn new(program: &'static Program) -> Self {
        let [passive, first, second, stale] = std::array::from_fn(|_| Tally::default());
        Self { program, passive, first, second, stale, go: None }
    }

    pub(crate) fn tallies(&self) -> [&Tally; 4] {
        [&self.passive, &self.first, &self.second, &self.stale]
    }

    pub(crate) fn false_alarms(&self) -> usize {
        self.tallies().iter().map(|tally| tally.false_alarms).sum()
    }

    pub(crate) fn false_suspects(&self) -> usize {
        self.tallies().iter().map(|tally| tally.false_suspects).sum()
    }

    pub(crate) fn hunt_slowdown(&self) -> Option<f64> {
        Some(self.first.median()?.as_secs_f64() / self.passive.median()?.as_secs_f64())
    }

    pub(crate) fn stale_slowdown(&self) -> Option<f64> {
        Some(self.stale.median()?.as_secs_f64() / self.passive.median()?.as_secs_f64())
    }
}

impl Tally {
    /// Adds a repetition. `before` says whether an earlier run of the same repetition has found it already.
    pub(crate) fn add(&mut self, expectation: Expectation, mode: Mode, outcome: &Outcome, before: bool) -> bool {
        let found = outcome.kinds.keys().any(|kind| expectation.is_found_by(mode, kind));
        let unexpected: Vec<_> = outcome.kinds.keys().filter(|kind| !expectation.admits(kind)).copied().collect();
        self.runs += 1;
        self.found += usize::from(found || before);
        self.false_alarms += usize::from(unexpected.iter().any(|kind| *kind != STALE));
        self.false_suspects += usize::from(unexpected.contains(&STALE));
        for kind in unexpected {
            if !self.unexpected.contains(&kind) {
                self.unexpected.push(kind);
            }
        }
        self.near_misses += outcome.near_misses;
        self.times.push(outcome.elapsed);
        found
    }

    fn median(&self) -> Option<Duration> {
        let mut times = self.times.clone();
        times.sort_unstable();
        times.get(times.len() / 2).copied().filter(|time| !time.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use checkedmap::ConflictKind;

    use super::*;

    fn outcome(kinds: &[&'static str]) -> Outcome {
        let kinds = kinds.iter().map(|kind| (*kind, 1)).collect::<BTreeMap<_, _>>();
        Outcome { elapsed: Duration::from_micros(5), kinds, near_misses: 0 }
    }

    fn tally(expectation: Expectation, mode: Mode, kinds: &[&'static str]) -> (usize, usize, usize) {
        let mut tally = Tally::default();
        tally.add(expectation, mode, &outcome(kinds), false);
        (tally.found, tally.false_alarms, tally.false_suspects)
    }

    #[test]
    fn each_mode_finds_its_own_class() {
        let overlap = Expectation::overlap(&[ConflictKind::WriteWrite]);
        assert_eq!(tally(overlap, Mode::Hunt, &["write_write"]), (1, 0, 0));
        assert_eq!(tally(overlap, Mode::Hunt, &[]), (0, 0, 0));
        assert_eq!(tally(Expectation::stale(), Mode::Stale, &[STALE]), (1, 0, 0));
        assert_eq!(tally(Expectation::stale(), Mode::Hunt, &[]), (0, 0, 0));
        assert_eq!(tally(overlap.or_stale(), Mode::Stale, &[STALE]), (1, 0, 0));
        assert_eq!(tally(overlap.or_stale(), Mode::Hunt, &[STALE]), (0, 0, 0));
    }

    #[test]
    fn what_is_not_there_is_a_false_alarm_or_a_false_suspect() {
        let overlap = Expectation::overlap(&[ConflictKind::WriteWrite]);
        assert_eq!(tally(Expectation::none(), Mode::Passive, &["write_write"]), (0, 1, 0));
        assert_eq!(tally(Expectation::none(), Mode::Stale, &[STALE]), (0, 0, 1));
        assert_eq!(tally(overlap, Mode::Hunt, &["read_write"]), (0, 1, 0));
        assert_eq!(tally(overlap, Mode::Stale, &["write_write", STALE]), (0, 0, 1));
        assert_eq!(tally(Expectation::stale(), Mode::Stale, &["write_write", STALE]), (1, 1, 0));
    }

    #[test]
    fn a_second_run_counts_what_the_first_has_found() {
        let expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);
        let mut second = Tally::default();
        second.add(expectation, Mode::Hunt, &outcome(&[]), true);
        second.add(expectation, Mode::Hunt, &outcome(&["write_write"]), false);
        second.add(expectation, Mode::Hunt, &outcome(&[]), false);
        assert_eq!((second.runs, second.found), (3, 2));
    }
}
