//! Conflicts by pair of sites: alone in its process, since it looks at what is collected between two conflicts.

mod common;

use checkedmap::{CheckedMap, Mode};
use checkedmap_otel::names::{label, metric};
use common::collide;
use opentelemetry_sdk::metrics::InMemoryMetricExporter;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};

/// The contender's site and the count of every pair.
fn pairs(collection: &ResourceMetrics) -> Vec<(String, u64)> {
    let mut metrics = collection.scope_metrics().flat_map(|scope| scope.metrics());
    let Some(pairs) = metrics.find(|metric| metric.name() == metric::PAIR_CONFLICTS) else { return Vec::new() };
    let AggregatedMetrics::U64(MetricData::Sum(sum)) = pairs.data() else { panic!("no sum") };
    let mut pairs: Vec<_> = sum
        .data_points()
        .map(|point| {
            let contender = point.attributes().find(|attribute| attribute.key.as_str() == label::CONTENDER);
            (contender.expect("a contender").value.to_string(), point.value())
        })
        .collect();
    pairs.sort();
    pairs
}

#[test]
fn a_new_pair_on_a_known_map_is_born_at_zero() {
    checkedmap::Config::new().with_report([]).apply();
    let metrics = InMemoryMetricExporter::default();
    let telemetry = checkedmap_otel::builder()
        .with_metric_exporter(metrics.clone())
        .with_bound(common::PATIENCE)
        .install()
        .unwrap();
    let rooms = CheckedMap::builder().name("rooms").mode(Mode::Log).build();
    collide(&rooms);
    assert!(telemetry.flush());
    metrics.reset();

    let guard = rooms.write();
    std::thread::scope(|scope| {
        scope.spawn(|| assert!(rooms.try_read().is_err()));
    });
    drop(guard);
    assert!(telemetry.flush());

    let collections = metrics.get_finished_metrics().unwrap();
    let counts: Vec<Vec<u64>> =
        collections.iter().map(|collection| pairs(collection).into_iter().map(|(_, count)| count).collect()).collect();
    let last = pairs(collections.last().unwrap());
    assert!(last[0].0.contains("tests/common/mod.rs:") && last[1].0.contains("tests/pairs.rs:"), "{last:?}");
    // `increase()` of a series that begins at one is zero.
    assert_eq!((counts.first(), counts.last()), (Some(&vec![1, 0]), Some(&vec![1, 1])), "{counts:?}");
}
