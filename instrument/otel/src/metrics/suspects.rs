//! Suspects by map, kind, effect and severity.

use std::collections::{HashMap, HashSet, VecDeque};

use checkedmap::report::{Effect, Severity, Suspect, SuspectKind, SuspectRepeat};
use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;

use super::{UNKNOWN, of_map};
use crate::names::label;
use crate::spans::label_of;

/// What stale checks can find.
const FINDINGS: [(Effect, Severity); 7] = [
    (Effect::Overwritten, Severity::Suspect),
    (Effect::Overwritten, Severity::Hint),
    (Effect::Removed, Severity::Suspect),
    (Effect::Removed, Severity::Hint),
    (Effect::Revived, Severity::Suspect),
    (Effect::Altered, Severity::Hint),
    (Effect::Missed, Severity::Suspect),
];

/// Names, at most, whose series are born before their first suspect: with a series for each finding they stay below the
/// 2,000 that the SDK keeps apart.
const NAMES: usize = 250;

/// Suspects that are remembered: more than are open for repeats at a time.
const REMEMBERED: usize = 1024;

/// The counter, and what it needs to know.
pub(super) struct Suspects {
    counter: Counter<u64>,
    /// Names, or places, whose series have been born.
    born: HashSet<String>,
    /// Those of them that no reader may have collected yet.
    unseen: HashSet<String>,
    /// What came of the last suspects, by number: counts of repeats do not say.
    told: HashMap<u64, (Effect, Severity)>,
    by_age: VecDeque<u64>,
}

impl Suspects {
    pub(super) fn new(counter: Counter<u64>) -> Self {
        Self { counter, born: HashSet::new(), unseen: HashSet::new(), told: HashMap::new(), by_age: VecDeque::new() }
    }

    /// Makes the series of a map, at zero.
    pub(super) fn bear(&mut self, map: &str) {
        if self.born.len() >= NAMES || !self.born.insert(map.to_owned()) {
            return;
        }
        self.unseen.insert(map.to_owned());
        for (effect, severity) in FINDINGS {
            self.counter.add(0, &labels(map, SuspectKind::StaleCheck, effect.as_str(), severity.as_str()));
        }
    }

    /// Takes note of a suspect that is about to be counted. Says whether its series may not have been collected yet.
    pub(super) fn expect(&mut self, suspect: &Suspect) -> bool {
        let map = label_of(&suspect.map);
        self.bear(&map);
        if self.told.insert(suspect.number, (suspect.effect, suspect.severity)).is_none() {
            self.by_age.push_back(suspect.number);
            if self.by_age.len() > REMEMBERED
                && let Some(oldest) = self.by_age.pop_front()
            {
                self.told.remove(&oldest);
            }
        }
        self.unseen.contains(&map)
    }

    /// A reader has collected every series.
    pub(super) fn seen(&mut self) {
        self.unseen.clear();
    }

    pub(super) fn add(&self, suspect: &Suspect) {
        let Suspect { kind, effect, severity, .. } = suspect;
        self.counter.add(suspect.count, &labels(&label_of(&suspect.map), *kind, effect.as_str(), severity.as_str()));
    }

    pub(super) fn add_repeat(&self, repeat: &SuspectRepeat) {
        let map = repeat.map.as_ref().map_or_else(|| UNKNOWN.to_owned(), label_of);
        let told = self.told.get(&repeat.number);
        let (effect, severity) =
            told.map_or((UNKNOWN, UNKNOWN), |(effect, severity)| (effect.as_str(), severity.as_str()));
        self.counter.add(repeat.count, &labels(&map, repeat.kind, effect, severity));
    }
}

fn labels(map: &str, kind: SuspectKind, effect: &'static str, severity: &'static str) -> [KeyValue; 4] {
    [
        of_map(map),
        KeyValue::new(label::KIND, kind.as_str()),
        KeyValue::new(label::EFFECT, effect),
        KeyValue::new(label::SEVERITY, severity),
    ]
}

#[cfg(test)]
mod tests {
    use opentelemetry::metrics::MeterProvider;
    use opentelemetry_sdk::metrics::SdkMeterProvider;

    use super::*;

    #[test]
    fn the_names_that_are_born_do_not_fill_the_metric() {
        let counter = SdkMeterProvider::builder().build().meter("test").u64_counter("suspects").build();
        let mut suspects = Suspects::new(counter);
        for number in 0..2 * NAMES {
            suspects.bear(&format!("map-{number}"));
        }
        assert_eq!(suspects.born.len(), NAMES);
        assert!(NAMES * FINDINGS.len() < 2_000);
    }
}
