//! Providers that are the program's own, and a program that has a runtime.

mod common;

use std::sync::Mutex;

use checkedmap::{CheckedMap, Config, Mode};
use checkedmap_otel::names::{attribute, event, metric, span};
use common::collector::Collector;
use common::{PATIENCE, collide};
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SdkTracerProvider};

/// The library's sinks are the process's.
static TURN: Mutex<()> = Mutex::new(());

fn map(name: &'static str) -> CheckedMap<u32, u32> {
    Config::new().with_report([]).apply();
    CheckedMap::builder().name(name).mode(Mode::Log).build()
}

#[test]
fn the_programs_own_providers_are_used_and_left_alone() {
    let _turn = TURN.lock().unwrap();
    let (spans, records) = (InMemorySpanExporter::default(), InMemoryLogExporter::default());
    let metrics = InMemoryMetricExporter::default();
    let traces = SdkTracerProvider::builder().with_batch_exporter(spans.clone()).build();
    let logs = SdkLoggerProvider::builder().with_batch_exporter(records.clone()).build();
    let meters = SdkMeterProvider::builder().with_periodic_exporter(metrics.clone()).build();
    let telemetry = checkedmap_otel::builder()
        .with_tracer_provider(traces.clone())
        .with_logger_provider(logs.clone())
        .with_meter_provider(meters.clone())
        .with_bound(PATIENCE)
        .install()
        .unwrap();
    let owned = map("owned");
    collide(&owned);
    assert!(telemetry.flush());
    collide(&owned);
    assert!(telemetry.flush());

    let root = spans.get_finished_spans().unwrap().into_iter().find(|span| span.name == span::CONFLICT).unwrap();
    let logged = records.get_emitted_logs().unwrap();
    let of = |name: &str| logged.iter().find(|log| log.record.event_name() == Some(name)).expect("a record");
    for name in [event::CONFLICT, event::REPEATED] {
        let context = of(name).record.trace_context().unwrap();
        assert_eq!((context.trace_id, context.span_id), (root.span_context.trace_id(), root.span_context.span_id()));
    }
    assert!(root.attributes.iter().any(|fact| fact.key.as_str() == attribute::MAP && fact.value.as_str() == "owned"));
    let collected = metrics.get_finished_metrics().unwrap();
    let mut names =
        collected.iter().flat_map(|collection| collection.scope_metrics()).flat_map(|scope| scope.metrics());
    assert!(names.any(|found| found.name() == metric::CONFLICTS));

    let accounts = telemetry.finish();
    assert_eq!((accounts.taken, accounts.sent), (2, 2), "{accounts}");
    // They go on.
    assert!(!spans.is_shutdown_called() && !records.is_shutdown_called());
    assert!(traces.shutdown().is_ok() && logs.shutdown().is_ok() && meters.shutdown().is_ok());
}

#[test]
fn the_programs_sampler_decides_about_its_own_provider_only() {
    let _turn = TURN.lock().unwrap();
    for (ours, expected) in [(false, 0), (true, 1)] {
        let spans = InMemorySpanExporter::default();
        let never = SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOff).with_batch_exporter(spans.clone());
        let builder = checkedmap_otel::builder().with_bound(PATIENCE);
        let builder =
            if ours { builder.with_span_exporter(spans.clone()) } else { builder.with_tracer_provider(never.build()) };
        let telemetry = builder.install().unwrap();
        collide(&map("sampled"));
        assert!(telemetry.flush());
        let roots = spans.get_finished_spans().unwrap().iter().filter(|span| span.name == span::CONFLICT).count();
        assert_eq!(roots, expected);
        assert_eq!(telemetry.finish().sent, 1);
    }
}

#[test]
fn a_program_with_a_runtime_needs_nothing_else() {
    let _turn = TURN.lock().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let collector = Collector::start();
    // The runtime's only thread sets up, conflicts, flushes and ends.
    let accounts = runtime.block_on(async {
        let telemetry = checkedmap_otel::builder().with_otlp(collector.endpoint(), PATIENCE).with_bound(PATIENCE);
        let telemetry = telemetry.install().unwrap();
        collide(&map("asynchronous"));
        assert!(telemetry.flush());
        telemetry.finish()
    });
    assert_eq!((accounts.taken, accounts.sent), (1, 1), "{accounts}");
    assert_eq!(collector.received().conflicts_on("asynchronous").len(), 1);
}
