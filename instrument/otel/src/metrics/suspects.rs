//! Suspects by map, kind, effect and severity.

use std::collections::{HashMap, HashSet, VecDeque};

use checkedmap::report::{Effect, Severity, Suspect, SuspectKind, SuspectRepeat};
use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;

use super::{UNKNOWN, of_map};
use crate::names::label;
use crate::spans::label_of;

/// What came of a suspect, and how much it says.
type Finding = (Effect, Severity);

/// What stale checks mostly find. Whatever else they do has its series before it is counted, too.
const FINDINGS: [Finding; 8] = [
    (Effect::Overwritten, Severity::Suspect),
    (Effect::Overwritten, Severity::Hint),
    (Effect::Removed, Severity::Suspect),
    (Effect::Removed, Severity::Hint),
    (Effect::Revived, Severity::Suspect),
    (Effect::Revived, Severity::Hint),
    (Effect::Altered, Severity::Hint),
    (Effect::Missed, Severity::Hint),
];

/// Series, at most, that are born before their first suspect: the SDK keeps 2,000 apart.
const SERIES: usize = 1_750;

/// Suspects that are remembered: more than are open for repeats at a time.
const REMEMBERED: usize = 1024;

/// The counter, and what it needs to know.
pub(super) struct Suspects {
    counter: Counter<u64>,
    /// The series that have been born, by name or place of the map.
    born: HashSet<(String, Finding)>,
    /// Those of them that no reader may have collected yet.
    unseen: HashSet<(String, Finding)>,
    /// What the last suspects were, by number: counts of repeats do not say.
    told: HashMap<u64, Finding>,
    by_age: VecDeque<u64>,
}

impl Suspects {
    pub(super) fn new(counter: Counter<u64>) -> Self {
        Self { counter, born: HashSet::new(), unseen: HashSet::new(), told: HashMap::new(), by_age: VecDeque::new() }
    }

    /// Makes the series of a map, at zero.
    pub(super) fn bear(&mut self, map: &str) {
        for finding in FINDINGS {
            self.bear_one((map.to_owned(), finding));
        }
    }

    fn bear_one(&mut self, series: (String, Finding)) {
        if self.born.len() >= SERIES || !self.born.insert(series.clone()) {
            return;
        }
        let (map, (effect, severity)) = &series;
        self.counter.add(0, &labels(map, SuspectKind::StaleCheck, effect.as_str(), severity.as_str()));
        self.unseen.insert(series);
    }

    /// Takes note of a suspect that is about to be counted. Says whether its series may not have been collected yet.
    pub(super) fn expect(&mut self, suspect: &Suspect) -> bool {
        let map = label_of(&suspect.map);
        self.bear(&map);
        let series = (map, (suspect.effect, suspect.severity));
        self.bear_one(series.clone());
        if self.told.insert(suspect.number, (suspect.effect, suspect.severity)).is_none() {
            self.by_age.push_back(suspect.number);
            if self.by_age.len() > REMEMBERED
                && let Some(oldest) = self.by_age.pop_front()
            {
                self.told.remove(&oldest);
            }
        }
        self.unseen.contains(&series)
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
        let effect = told.map_or(UNKNOWN, |(effect, _)| effect.as_str());
        let severity = told.map(|(_, severity)| *severity).or(repeat.severity);
        let severity = severity.map_or(UNKNOWN, Severity::as_str);
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
    use checkedmap::report::Record;
    use opentelemetry::metrics::MeterProvider;
    use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
    use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};

    use super::*;

    #[test]
    fn the_series_that_are_born_do_not_fill_the_metric() {
        let counter = SdkMeterProvider::builder().build().meter("test").u64_counter("suspects").build();
        let mut suspects = Suspects::new(counter);
        for number in 0..SERIES {
            suspects.bear(&format!("map-{number}"));
        }
        assert_eq!((suspects.born.len(), suspects.unseen.len()), (SERIES, SERIES));
    }

    #[test]
    fn a_finding_that_is_not_foreseen_is_born_too() {
        let counter = SdkMeterProvider::builder().build().meter("test").u64_counter("suspects").build();
        let mut suspects = Suspects::new(counter);
        suspects.bear("sessions");
        suspects.seen();
        let foreseen = (Effect::Overwritten, Severity::Hint);
        let other = (Effect::Altered, Severity::Suspect);
        assert!(FINDINGS.contains(&foreseen) && !FINDINGS.contains(&other));
        for finding in [foreseen, other] {
            suspects.bear_one(("sessions".to_owned(), finding));
        }
        assert_eq!(suspects.unseen, HashSet::from([("sessions".to_owned(), other)]));
    }

    #[test]
    fn a_count_whose_suspect_is_not_known_says_its_severity_itself() {
        let exporter = InMemoryMetricExporter::default();
        let provider = SdkMeterProvider::builder().with_periodic_exporter(exporter.clone()).build();
        let suspects = Suspects::new(provider.meter("test").u64_counter("suspects").build());
        for (number, severity) in [(1, r#""severity":"hint","#), (2, "")] {
            let line = format!(
                r#"{{"schema":1,"repeat_of_suspect":{number},"kind":"stale_check",{severity}"map":null,"count":{number},"first":1,"last":2}}"#
            );
            let Ok(Record::SuspectRepeat(repeat)) = Record::from_json(&line) else { panic!("no count: {line}") };
            suspects.add_repeat(&repeat);
        }
        provider.force_flush().unwrap();
        let collected = exporter.get_finished_metrics().unwrap();
        let metric = collected[0].scope_metrics().flat_map(|scope| scope.metrics()).next().expect("it is there");
        let AggregatedMetrics::U64(MetricData::Sum(sum)) = metric.data() else { panic!("no sum") };
        let mut counts: Vec<_> = sum
            .data_points()
            .map(|point| {
                let value = |key| point.attributes().find(|own| own.key.as_str() == key).expect(key).value.to_string();
                (point.value(), value(label::EFFECT), value(label::SEVERITY))
            })
            .collect();
        counts.sort_unstable();
        let told = |count, severity: &str| (count, UNKNOWN.to_owned(), severity.to_owned());
        assert_eq!(counts, [told(1, "hint"), told(2, UNKNOWN)]);
    }
}
