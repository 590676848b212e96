//! Which maps are shared, as metrics: one test, since the settings are the process's.

mod common;

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, Config, Hunt, observe};
use checkedmap_otel::names::{label, metric};
use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::InMemoryMetricExporter;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData, ResourceMetrics};

/// The points of a metric, of whatever kind: the values of these labels, and the value.
fn points(collection: &ResourceMetrics, name: &str, labels: &[&str]) -> Vec<(Vec<String>, f64)> {
    fn of<'a, T: Copy + 'a>(
        points: impl Iterator<Item = (Vec<KeyValue>, T)>,
        labels: &[&str],
        number: impl Fn(T) -> f64,
    ) -> Vec<(Vec<String>, f64)> {
        let value = |attributes: &[KeyValue], key: &str| {
            let own = attributes.iter().find(|attribute| attribute.key.as_str() == key);
            own.map(|attribute| attribute.value.to_string()).unwrap_or_default()
        };
        let mut points: Vec<_> = points
            .map(|(attributes, point)| (labels.iter().map(|label| value(&attributes, label)).collect(), number(point)))
            .collect();
        points.sort_by(|one: &(Vec<String>, f64), other| one.0.cmp(&other.0));
        points
    }
    let found: Option<&Metric> =
        collection.scope_metrics().flat_map(|scope| scope.metrics()).find(|metric| metric.name() == name);
    let Some(found) = found else { return Vec::new() };
    match found.data() {
        AggregatedMetrics::U64(MetricData::Sum(sum)) => {
            of(sum.data_points().map(|point| (point.attributes().cloned().collect(), point.value())), labels, |n| {
                n as f64
            })
        }
        AggregatedMetrics::I64(MetricData::Sum(sum)) => {
            of(sum.data_points().map(|point| (point.attributes().cloned().collect(), point.value())), labels, |n| {
                n as f64
            })
        }
        AggregatedMetrics::F64(MetricData::Sum(sum)) => {
            of(sum.data_points().map(|point| (point.attributes().cloned().collect(), point.value())), labels, |n| n)
        }
        AggregatedMetrics::F64(MetricData::Gauge(gauge)) => {
            of(gauge.data_points().map(|point| (point.attributes().cloned().collect(), point.value())), labels, |n| n)
        }
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn pairs_and_the_hunt_are_told_where_they_are_counted() {
    Config::new().with_report([]).apply();
    let metrics = InMemoryMetricExporter::default();
    let telemetry = checkedmap_otel::builder()
        .with_metric_exporter(metrics.clone())
        .with_bound(common::PATIENCE)
        .install()
        .unwrap();
    let last = || {
        assert!(telemetry.flush());
        metrics.get_finished_metrics().unwrap().pop().expect("a collection")
    };
    let orders = CheckedMap::named("orders");
    // From one place to another thread and back, each time.
    let hand_over = || {
        orders.insert(1, 1);
        thread::scope(|scope| scope.spawn(|| orders.remove(&1)).join()).unwrap();
    };

    hand_over();
    let off = last();
    for name in metric::ON_REQUEST {
        assert_eq!(points(&off, name, &[]), [], "{name} is off");
    }

    // A window without an end: each hand-over is a near miss too.
    let hunt = Hunt::new().with_window(Duration::from_secs(3600)).with_maps(["nothing of this name"]);
    Config::new().with_report([]).with_near_misses(true).with_hunt(hunt).with_hunt_seed(7).apply();
    for _ in 0..5 {
        hand_over();
    }
    let on = last();
    let labels = [label::MAP, label::ACCESS_A, label::ACCESS_B];
    let told = points(&on, metric::HAND_OVERS, &labels);
    // The removals come from five threads, so they are a pair too: near misses without a hand-over.
    let [(names, hand_overs), (among_themselves, 0.0)] = &told[..] else { panic!("two pairs: {told:?}") };
    assert_eq!((names[0].as_str(), *hand_overs), ("orders", 9.0));
    let place = |operation: &str| format!("{operation} at instrument/otel/tests/shared.rs:");
    assert!(names[1].starts_with(&place("insert")) && names[2].starts_with(&place("remove")), "{names:?}");
    assert_eq!([&among_themselves[1], &among_themselves[2]], [&names[2]; 2]);
    let said = |mut sites: [String; 2], near_misses: u64| {
        sites.sort();
        let [a, b] = sites;
        (vec!["orders".to_owned(), a, b], near_misses as f64)
    };
    let mut near_misses: Vec<_> = observe::shared_pairs()
        .pairs
        .iter()
        .map(|pair| {
            said(pair.sites.each_ref().map(|own| format!("{} at {}", own.operation, own.site)), pair.near_misses)
        })
        .collect();
    near_misses.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(near_misses.iter().all(|(_, count)| *count > 0.0), "each was close");
    assert_eq!(points(&on, metric::NEAR_MISSES, &labels), near_misses);
    let state = |name: &str| (vec!["orders".to_owned(), name.to_owned()], if name == "watched" { 2.0 } else { 0.0 });
    assert_eq!(
        points(&on, metric::PAIR_STATE, &[label::MAP, label::STATE]),
        ["given_up", "hunted", "known", "ordered", "watched"].map(state)
    );
    assert_eq!(points(&on, metric::PAIRS_EVICTED, &[]), [(vec![], 0.0)]);
    for name in [metric::HUNT_DELAYS, metric::HUNT_CAUGHT, metric::HUNT_OVER_BUDGET, metric::HUNT_DELAYED] {
        assert_eq!(points(&on, name, &[]), [(vec![], 0.0)], "{name}: nothing of that name, nothing delayed");
    }
    assert_eq!(points(&on, metric::HUNT_BUDGET, &[]), [(vec![], Hunt::new().budget())]);

    let units = on.scope_metrics().flat_map(|scope| scope.metrics());
    let mut units: Vec<_> = units
        .filter(|own| metric::ON_REQUEST.contains(&own.name()))
        .map(|own| (own.name().to_owned(), own.unit().to_owned()))
        .collect();
    units.sort();
    let mut expected = [
        (metric::NEAR_MISSES, "{near_miss}"),
        (metric::HAND_OVERS, "{hand_over}"),
        (metric::PAIR_STATE, "{pair}"),
        (metric::PAIRS_EVICTED, "{pair}"),
        (metric::HUNT_DELAYS, "{delay}"),
        (metric::HUNT_CAUGHT, "{delay}"),
        (metric::HUNT_OVER_BUDGET, "{delay}"),
        (metric::HUNT_DELAYED, "s"),
        (metric::HUNT_BUDGET, "1"),
    ]
    .map(|(name, unit)| (name.to_owned(), unit.to_owned()));
    expected.sort();
    assert_eq!(units, expected);

    // What was counted stays when it is off again; the hunt has nothing to tell.
    Config::new().with_report([]).apply();
    hand_over();
    let off = last();
    assert_eq!(points(&off, metric::HAND_OVERS, &labels), told);
    assert_eq!(points(&off, metric::HUNT_BUDGET, &[]), []);
}
