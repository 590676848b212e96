//! Metrics: conflicts, suspects, waits, circuits, shared pairs, the books.
//!
//! Conflicts and suspects are counted as they and their repeats come in; everything else is read from the library when a
//! reader collects, or once a second. No access makes a call into OpenTelemetry.

mod books;
mod hunt;
mod maps;
mod pairs;
mod shared;
mod suspects;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use checkedmap::{ConflictKind, Mode, observe};
use opentelemetry::metrics::{Counter, Histogram, MeterProvider};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::metrics::SdkMeterProvider;

use crate::names::{label, metric};
use crate::outbox::Outbox;
use crate::parcel::{Content, Origin, Parcel};
use crate::spans::label_of;

use hunt::Hunt;
use pairs::{Pair, Pairs};
use shared::Shared;
use suspects::Suspects;

/// A conflict's wait is microseconds where all is well, and a second where somebody holds a guard across an I/O.
const BOUNDS: [f64; 13] = [1e-6, 5e-6, 1e-5, 5e-5, 1e-4, 5e-4, 1e-3, 5e-3, 1e-2, 5e-2, 1e-1, 5e-1, 1.0];

const KINDS: [ConflictKind; 6] = [
    ConflictKind::WriteWrite,
    ConflictKind::ReadWrite,
    ConflictKind::IterateWrite,
    ConflictKind::Reentrant,
    ConflictKind::Deadlock,
    ConflictKind::StuckWait,
];

/// Names, at most, whose series are born before their first conflict, and that are still told when no map of the name is
/// left: a series that ends says nothing, zero does. A name has a series for each kind of conflict, and the SDK folds what
/// goes beyond 2,000 series of a metric into one that has no labels.
const NAMES: usize = 300;

/// Reports that are remembered: more than are open for repeats in the five seconds that those last.
const REPORTS: usize = 1024;

/// What counts of repeats do not carry themselves.
struct Told {
    report: u64,
    mode: Mode,
    pair: Pair,
}

/// The instruments, and what they need to know.
pub(crate) struct Meters {
    provider: SdkMeterProvider,
    conflicts: Counter<u64>,
    pairs: Pairs,
    suspects: Suspects,
    shared: Shared,
    hunt: Hunt,
    waits: Counter<u64>,
    wait_duration: Histogram<f64>,
    hold_duration: Histogram<f64>,
    trips: Counter<u64>,
    /// Maps alive at the last look, by id, and how often their circuits had opened.
    alive: HashMap<u64, u32>,
    /// Names, or places, and modes whose series have been born.
    born: HashSet<(String, Mode)>,
    /// Those of them that no reader may have collected yet.
    unseen: HashSet<(String, Mode)>,
    /// The last reports.
    told: VecDeque<Told>,
}

impl Meters {
    pub(crate) fn new(provider: &SdkMeterProvider, scope: InstrumentationScope, outbox: &Arc<Outbox>) -> Self {
        let meter = provider.meter_with_scope(scope);
        // From here on the library keeps them.
        let _ = observe::take_waits();
        books::observe_library(&meter);
        maps::observe_maps(&meter);
        books::observe_exports(&meter, outbox);
        let counter =
            |name, unit, description| meter.u64_counter(name).with_unit(unit).with_description(description).build();
        let seconds = |name, description| {
            let histogram = meter.f64_histogram(name).with_unit("s").with_description(description);
            histogram.with_boundaries(BOUNDS.to_vec()).build()
        };
        Self {
            provider: provider.clone(),
            conflicts: counter(metric::CONFLICTS, "{conflict}", "Conflicts on checked maps"),
            pairs: Pairs::new(counter(
                metric::PAIR_CONFLICTS,
                "{conflict}",
                "Conflicts by pair of sites, 100 pairs at most; the others are one series",
            )),
            suspects: Suspects::new(counter(metric::SUSPECTS, "{suspect}", "Check-then-act over two calls")),
            shared: Shared::new(&meter),
            hunt: Hunt::new(&meter),
            waits: counter(metric::WAITS, "{wait}", "Accesses that were refused, waited and got their turn"),
            trips: counter(metric::TRIPS, "{trip}", "Openings of circuit breakers"),
            wait_duration: seconds(metric::WAIT_DURATION, "Time from being refused to getting the turn"),
            hold_duration: seconds(metric::HOLD_DURATION, "Time from a refusal until the holder left"),
            alive: HashMap::new(),
            born: HashSet::new(),
            unseen: HashSet::new(),
            told: VecDeque::new(),
        }
    }

    /// Looks at the maps and their pairs, and collects the waits.
    pub(crate) fn tick(&mut self) {
        self.shared.look(observe::shared_pairs());
        self.hunt.look(observe::hunt());
        let maps = observe::maps();
        let mut alive = HashMap::with_capacity(maps.len());
        for map in maps {
            self.bear(&map.name, map.mode);
            if map.stale_checks {
                self.suspects.bear(&map.name);
            }
            let before = self.alive.get(&map.id).copied().unwrap_or(0);
            let trips = map.trips.saturating_sub(before);
            if trips > 0 {
                self.trips.add(u64::from(trips), &[of_map(&map.name)]);
            }
            alive.insert(map.id, map.trips);
        }
        self.alive = alive;
        let waits = observe::take_waits();
        for wait in waits.waits {
            let labels = [of_map(&wait.map), of_kind(wait.kind)];
            self.waits.add(1, &labels);
            self.wait_duration.record(wait.waited.as_secs_f64(), &labels);
        }
    }

    /// Counts parcels.
    pub(crate) fn count(&mut self, parcels: &[Parcel]) {
        // What another process has seen is not this process's to count.
        let live: Vec<_> = parcels.iter().filter(|parcel| parcel.origin == Origin::Live).collect();
        let mut newborn = false;
        for parcel in &live {
            match &parcel.content {
                Content::Report(report) => {
                    let series = (label_of(&report.map), report.mode);
                    self.bear(&series.0, series.1);
                    newborn |= self.unseen.contains(&series);
                    let pair = self.pairs.bear(Pair::of(report));
                    self.remember(Told { report: report.number, mode: report.mode, pair });
                }
                Content::Suspect(suspect) => newborn |= self.suspects.expect(suspect),
                Content::Repeat(_) | Content::SuspectRepeat(_) => {}
            }
        }
        if newborn || self.pairs.unseen {
            // A series that is born at 1 does not rise, for `increase()`: the zero has to be seen first.
            let _ = self.provider.force_flush();
            self.unseen.clear();
            self.suspects.seen();
            self.pairs.unseen = false;
        }
        for parcel in live {
            match &parcel.content {
                Content::Report(report) => {
                    let labels = [of_map(&label_of(&report.map)), of_kind(report.kind)];
                    let [map, kind] = labels.clone();
                    self.conflicts.add(report.count, &[map, kind, of_mode(report.mode)]);
                    self.count_pair(report.number, report.count);
                    if let Some(left) = report.holder_left {
                        let held = Duration::from_nanos(left.saturating_sub(report.detected));
                        self.hold_duration.record(held.as_secs_f64(), &labels);
                    }
                }
                Content::Repeat(repeat) => {
                    let map = repeat.map.as_ref().map_or_else(|| UNKNOWN.to_owned(), label_of);
                    let mode = self.told(repeat.number).map_or_else(checkedmap::mode, |told| told.mode);
                    self.conflicts.add(repeat.count, &[of_map(&map), of_kind(repeat.kind), of_mode(mode)]);
                    self.count_pair(repeat.number, repeat.count);
                }
                Content::Suspect(suspect) => self.suspects.add(suspect),
                Content::SuspectRepeat(repeat) => self.suspects.add_repeat(repeat),
            }
        }
    }

    fn remember(&mut self, told: Told) {
        if self.told.len() == REPORTS {
            self.told.pop_front();
        }
        self.told.push_back(told);
    }

    fn told(&self, report: u64) -> Option<&Told> {
        self.told.iter().rev().find(|told| told.report == report)
    }

    /// Counts conflicts by the sites of their report. Those of a report that has not come through have no sites.
    fn count_pair(&self, report: u64, count: u64) {
        if let Some(told) = self.told(report) {
            self.pairs.add(&told.pair, count);
        }
    }

    /// Makes the series of a map, at zero.
    fn bear(&mut self, map: &str, mode: Mode) {
        let series = (map.to_owned(), mode);
        if self.born.len() >= NAMES || !self.born.insert(series.clone()) {
            return;
        }
        self.unseen.insert(series);
        for kind in KINDS {
            self.conflicts.add(0, &[of_map(map), of_kind(kind), of_mode(mode)]);
            self.waits.add(0, &[of_map(map), of_kind(kind)]);
        }
        self.trips.add(0, &[of_map(map)]);
    }
}

fn of_map(map: &str) -> KeyValue {
    KeyValue::new(label::MAP, map.to_owned())
}

/// Stands for the labels of a report that this exporter has not seen, or does not remember.
const UNKNOWN: &str = "unknown";

fn of_kind(kind: ConflictKind) -> KeyValue {
    KeyValue::new(label::KIND, kind.as_str())
}

fn of_mode(mode: Mode) -> KeyValue {
    KeyValue::new(label::MODE, mode.as_str())
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use opentelemetry_sdk::metrics::InMemoryMetricExporter;
    use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};

    use super::*;

    #[test]
    fn the_names_that_are_born_do_not_fill_a_metric() {
        let exporter = InMemoryMetricExporter::default();
        let provider = SdkMeterProvider::builder().with_periodic_exporter(exporter.clone()).build();
        let outbox = Arc::new(Outbox::open(None).unwrap());
        let mut meters = Meters::new(&provider, InstrumentationScope::builder("test").build(), &outbox);
        for number in 0..2 * NAMES {
            meters.bear(&format!("map-{number}"), Mode::Log);
        }
        provider.force_flush().unwrap();
        let collected = exporter.get_finished_metrics().unwrap();
        let mut metrics = collected[0].scope_metrics().flat_map(|scope| scope.metrics());
        let conflicts = metrics.find(|own| own.name() == metric::CONFLICTS).expect("it is exported");
        let AggregatedMetrics::U64(MetricData::Sum(sum)) = conflicts.data() else { panic!("a counter") };
        assert_eq!(sum.data_points().count(), NAMES * KINDS.len());
        let folded = |label: &KeyValue| label.key.as_str() == "otel.metric.overflow";
        assert!(!sum.data_points().any(|point| point.attributes().any(folded)));
    }
}
