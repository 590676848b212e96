//! What is exported, to the letter: through exporters that keep it in memory.

mod common;

use std::time::Duration;

use checkedmap::{CheckedMap, Mode};
use checkedmap_otel::names::{attribute, event, label, metric, span};
use common::{collide, collide_in};
use opentelemetry::baggage::BaggageExt;
use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLogRecord};
use opentelemetry_sdk::metrics::InMemoryMetricExporter;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};

struct Exported {
    telemetry: checkedmap_otel::Guard,
    spans: InMemorySpanExporter,
    records: InMemoryLogExporter,
    metrics: InMemoryMetricExporter,
}

/// One exporter for the process: the library's sinks are the process's.
fn exported() -> &'static Exported {
    static EXPORTED: std::sync::LazyLock<Exported> = std::sync::LazyLock::new(|| {
        checkedmap::Config::new().with_report([]).with_recover(Duration::from_secs(3600)).apply();
        let (spans, records) = (InMemorySpanExporter::default(), InMemoryLogExporter::default());
        let metrics = InMemoryMetricExporter::default();
        let telemetry = checkedmap_otel::builder()
            .with_span_exporter(spans.clone())
            .with_log_exporter(records.clone())
            .with_metric_exporter(metrics.clone())
            .with_baggage(["tenant"])
            .with_bound(common::PATIENCE)
            .install()
            .unwrap();
        Exported { telemetry, spans, records, metrics }
    });
    &EXPORTED
}

impl Exported {
    /// The spans of the conflicts on a map: root, then children in the order of their ends.
    fn spans_on(&self, map: &str) -> Vec<SpanData> {
        assert!(self.telemetry.flush(), "{}", self.telemetry.accounts());
        let all = self.spans.get_finished_spans().unwrap();
        let is_root = |span: &&SpanData| span.name == span::CONFLICT && text(span, attribute::MAP) == map;
        let roots: Vec<_> = all.iter().filter(is_root).cloned().collect();
        let of = |root: &SpanData| {
            let trace = root.span_context.trace_id();
            all.iter().filter(move |span| span.span_context.trace_id() == trace && span.name != span::CONFLICT)
        };
        roots.iter().flat_map(|root| [root.clone()].into_iter().chain(of(root).cloned())).collect()
    }

    fn record_on(&self, map: &str) -> SdkLogRecord {
        let all = self.records.get_emitted_logs().unwrap();
        let on = |record: &SdkLogRecord| {
            record
                .attributes_iter()
                .any(|(key, value)| key.as_str() == attribute::MAP && *value == AnyValue::from(map.to_owned()))
        };
        all.into_iter().map(|log| log.record).find(on).expect("a record")
    }
}

fn value<'a>(span: &'a SpanData, key: &str) -> Option<&'a Value> {
    let mut values = span.attributes.iter().filter(|attribute| attribute.key.as_str() == key);
    let value = values.next().map(|attribute| &attribute.value);
    assert!(values.next().is_none(), "{key} twice on {}", span.name);
    value
}

fn text(span: &SpanData, key: &str) -> String {
    value(span, key).map(ToString::to_string).unwrap_or_default()
}

fn map(name: &'static str) -> CheckedMap<u32, u32> {
    CheckedMap::builder().name(name).mode(Mode::Log).build()
}

fn request(trace: u128, span: u64) -> SpanContext {
    SpanContext::new(TraceId::from(trace), SpanId::from(span), TraceFlags::SAMPLED, false, TraceState::default())
}

#[test]
fn a_conflict_is_a_trace_of_both_sides() {
    let exported = exported();
    let sessions = map("sessions");
    let serve = |request: SpanContext, tenant: &'static str| {
        move || {
            let baggage = [KeyValue::new("tenant", tenant), KeyValue::new("password", "hush")];
            Context::new().with_remote_span_context(request).with_baggage(baggage).attach()
        }
    };
    let (reading, writing) = (request(0xa1, 0xb1), request(0xa2, 0xb2));
    collide_in(&sessions, serve(reading.clone(), "acme"), serve(writing.clone(), "umbrella"));

    let spans = exported.spans_on("sessions");
    let named = |name: &str| {
        let mut found = spans.iter().filter(|span| span.name == name);
        let span = found.next().unwrap_or_else(|| panic!("no {name}"));
        assert!(found.next().is_none(), "{name} twice");
        span
    };
    let (root, holder, contender) =
        (named("checkedmap.conflict"), named("checkedmap.read"), named("checkedmap.insert"));
    assert!(spans.iter().all(|span| span.span_kind == SpanKind::Internal));
    assert!(spans.iter().all(|span| span.instrumentation_scope.name() == "checkedmap"));

    // The shape: a root of its own, in no request's trace.
    assert_eq!(root.parent_span_id, SpanId::INVALID);
    for side in [holder, contender] {
        assert_eq!(side.parent_span_id, root.span_context.span_id());
        assert_eq!(side.span_context.trace_id(), root.span_context.trace_id());
    }
    assert!(
        matches!(&root.status, Status::Error { description } if description.contains("read_write conflict on `sessions`"))
    );

    // The facts.
    let facts = [
        (attribute::KIND, "read_write"),
        (attribute::ERROR_TYPE, "read_write"),
        (attribute::MODE, "log"),
        (attribute::OUTCOME, "waited"),
        (attribute::COUNT, "1"),
        (attribute::PID, &std::process::id().to_string()),
    ];
    for (key, expected) in facts {
        assert_eq!(text(root, key), expected, "{key}");
    }
    assert!(text(root, attribute::MAP_TYPE).contains("CheckedMap<u32, u32"), "{}", text(root, attribute::MAP_TYPE));
    assert!(text(root, attribute::MAP_CREATED).contains("tests/memory.rs:"));
    assert_eq!(value(root, attribute::RECOVERED), None);

    // The sides.
    for (side, role, access, thread) in
        [(holder, "holder", "read", "holder"), (contender, "contender", "write", "contender")]
    {
        assert_eq!(text(side, attribute::ROLE), role);
        assert_eq!(text(side, attribute::ACCESS), access);
        assert_eq!(text(side, attribute::THREAD_NAME), thread);
        assert!(matches!(value(side, attribute::THREAD_ID), Some(Value::I64(1..))));
        assert!(text(side, attribute::CODE_FILE).ends_with("tests/common/mod.rs"));
        assert!(matches!(value(side, attribute::CODE_LINE), Some(Value::I64(1..))));
        assert!(matches!(value(side, attribute::CODE_COLUMN), Some(Value::I64(1..))));
        // How much of a closure's path there is depends on the debug information.
        assert!(text(side, attribute::CODE_FUNCTION).contains("closure"), "{}", text(side, attribute::CODE_FUNCTION));
        let stack = text(side, attribute::CODE_STACK);
        assert!(stack.lines().count() > 4 && stack.contains("tests/common/mod.rs:"), "{stack}");
        assert_eq!(value(side, attribute::STACK_MISSING), None);
        assert!(matches!(side.status, Status::Error { .. }));
        let site = text(root, if role == "holder" { attribute::HOLDER_SITE } else { attribute::CONTENDER_SITE });
        let place = [attribute::CODE_FILE, attribute::CODE_LINE, attribute::CODE_COLUMN].map(|key| text(side, key));
        assert_eq!(site, place.join(":"));
    }
    assert_eq!(text(holder, attribute::STACK_MOMENT), "leaving");
    assert_eq!(text(contender, attribute::STACK_MOMENT), "entering");

    // The times: both sides were inside, or at the gate, at one moment.
    assert!(holder.start_time < contender.start_time && contender.start_time < holder.end_time);
    assert!(contender.start_time < contender.end_time);
    assert!(root.start_time <= holder.start_time && root.end_time >= holder.end_time.max(contender.end_time));
    let Some(Value::I64(detected)) = value(root, attribute::DETECTED_NS) else { panic!("no exact time") };
    let exact = std::time::UNIX_EPOCH + Duration::from_nanos(u64::try_from(*detected).unwrap());
    assert_eq!(contender.start_time, exact);
    let Some(Value::I64(left)) = value(root, attribute::HOLDER_LEFT_NS) else { panic!("no exact time") };
    assert!(left > detected);

    // The requests.
    let linked = |span: &SpanData| -> Vec<_> {
        let links = span.links.iter();
        links.map(|link| (link.span_context.trace_id(), link.span_context.span_id(), link.attributes.clone())).collect()
    };
    let link = |request: &SpanContext, role: &'static str| {
        (request.trace_id(), request.span_id(), vec![KeyValue::new(attribute::ROLE, role)])
    };
    assert_eq!(linked(holder), [link(&reading, "holder")]);
    assert_eq!(linked(contender), [link(&writing, "contender")]);
    assert_eq!(linked(root), [link(&reading, "holder"), link(&writing, "contender")]);
    assert_eq!(text(contender, attribute::REQUEST_TRACE), writing.trace_id().to_string());
    assert_eq!(text(contender, attribute::REQUEST_SPAN), writing.span_id().to_string());
    assert_eq!(text(holder, "checkedmap.baggage.tenant"), "acme");
    assert_eq!(text(contender, "checkedmap.baggage.tenant"), "umbrella");
    assert!(spans.iter().flat_map(|span| &span.attributes).all(|attribute| attribute.value.as_str() != "hush"));

    // The log record.
    let record = exported.record_on("sessions");
    let context = record.trace_context().unwrap();
    assert_eq!((context.trace_id, context.span_id), (root.span_context.trace_id(), root.span_context.span_id()));
    assert_eq!((record.severity_number(), record.severity_text()), (Some(Severity::Error), Some("ERROR")));
    assert_eq!(record.event_name(), Some(event::CONFLICT));
    assert_eq!(record.timestamp(), Some(exact));
    let Some(AnyValue::String(body)) = record.body() else { panic!("no text") };
    assert!(body.as_str().contains("contender") && body.as_str().contains("holder"), "{body}");
    let has = |key: &str| record.attributes_iter().any(|(name, _)| name.as_str() == key);
    for key in [attribute::EXCEPTION_TYPE, attribute::EXCEPTION_MESSAGE, attribute::EXCEPTION_STACK, attribute::KIND] {
        assert!(has(key), "{key}");
    }
}

#[test]
fn without_requests_there_are_no_links() {
    let exported = exported();
    let orders = map("orders");
    let half = || Context::new().with_remote_span_context(request(0xa3, 0)).attach();
    collide_in(&orders, half, || ());
    let spans = exported.spans_on("orders");
    assert!(spans.len() >= 3);
    assert!(spans.iter().all(|span| span.links.iter().count() == 0));
    assert!(spans.iter().all(|span| value(span, attribute::REQUEST_TRACE).is_none()));
}

#[test]
fn further_conflicts_are_records_of_the_same_trace() {
    let exported = exported();
    let queue = map("queue");
    collide(&queue);
    assert_eq!(exported.spans_on("queue").iter().filter(|span| span.name == span::CONFLICT).count(), 1);
    collide(&queue);
    collide(&queue);
    assert!(exported.telemetry.flush());
    let root = &exported.spans_on("queue")[0];
    let all = exported.records.get_emitted_logs().unwrap();
    let repeats: Vec<_> = all
        .iter()
        .map(|log| &log.record)
        .filter(|record| record.event_name() == Some(event::REPEATED))
        .filter(|record| record.trace_context().unwrap().trace_id == root.span_context.trace_id())
        .collect();
    let counts = repeats.iter().flat_map(|record| record.attributes_iter());
    let counts: i64 = counts
        .filter(|(key, _)| key.as_str() == attribute::COUNT)
        .map(|(_, value)| if let AnyValue::Int(count) = value { *count } else { 0 })
        .sum();
    assert_eq!(counts, 2);
    assert!(repeats.iter().all(|record| record.trace_context().unwrap().span_id == root.span_context.span_id()));
    let collections = exported.metrics.get_finished_metrics().unwrap();
    assert_eq!(sums(&collections, metric::CONFLICTS, "queue").last(), Some(&3));
    let last = collections.last().unwrap();
    assert_eq!(
        labels_of_counted(last, metric::CONFLICTS, "queue", label::MODE),
        ["log"],
        "a count has its report's mode"
    );
    assert_eq!(sums(&collections, metric::PAIR_CONFLICTS, "queue").last(), Some(&3), "a count has its report's sites");
    for (label, site) in [(label::HOLDER, attribute::HOLDER_SITE), (label::CONTENDER, attribute::CONTENDER_SITE)] {
        assert_eq!(labels_of_counted(last, metric::PAIR_CONFLICTS, "queue", label), [text(root, site)]);
    }
}

/// The values of a label under which conflicts on a map are counted.
fn labels_of_counted(collection: &ResourceMetrics, name: &str, map: &str, key: &str) -> Vec<String> {
    let mut metrics = collection.scope_metrics().flat_map(|scope| scope.metrics());
    let conflicts = metrics.find(|metric| metric.name() == name).expect("conflicts");
    let AggregatedMetrics::U64(MetricData::Sum(sum)) = conflicts.data() else { panic!("no sum") };
    let label = |attributes: Vec<&KeyValue>, key: &str| {
        let label = attributes.into_iter().find(|attribute| attribute.key.as_str() == key);
        label.map(|label| label.value.to_string()).unwrap_or_default()
    };
    sum.data_points()
        .filter(|point| point.value() > 0 && label(point.attributes().collect(), label::MAP) == map)
        .map(|point| label(point.attributes().collect(), key))
        .collect()
}

/// The values of a sum for one map, all labels together, one for each collection.
fn sums(collections: &[ResourceMetrics], name: &str, map: &str) -> Vec<i64> {
    collections
        .iter()
        .filter_map(|collection| {
            let metric =
                collection.scope_metrics().flat_map(|scope| scope.metrics()).find(|metric| metric.name() == name)?;
            let of_map = |mut attributes: &mut dyn Iterator<Item = &KeyValue>| {
                Iterator::any(&mut attributes, |attribute| {
                    attribute.key.as_str() == label::MAP && attribute.value.as_str() == map
                })
            };
            let values: Vec<i64> = match metric.data() {
                AggregatedMetrics::U64(MetricData::Sum(sum)) => sum
                    .data_points()
                    .filter(|point| of_map(&mut point.attributes()))
                    .map(|point| i64::try_from(point.value()).unwrap())
                    .collect(),
                AggregatedMetrics::I64(MetricData::Sum(sum)) => sum
                    .data_points()
                    .filter(|point| of_map(&mut point.attributes()))
                    .map(|point| point.value())
                    .collect(),
                other => panic!("{name} is no sum: {other:?}"),
            };
            (!values.is_empty()).then(|| values.iter().sum())
        })
        .collect()
}

#[test]
fn metrics_have_their_names_units_and_zero_points() {
    let exported = exported();
    let stock = CheckedMap::builder().name("stock").mode(Mode::Fallback).build();
    collide(&stock);
    assert!(exported.telemetry.flush());
    // A second flush: the trip is seen at a look at the maps.
    assert!(exported.telemetry.flush());
    let collections = exported.metrics.get_finished_metrics().unwrap();

    let conflicts = sums(&collections, metric::CONFLICTS, "stock");
    assert_eq!((conflicts[0], conflicts[conflicts.len() - 1]), (0, 1), "born at zero: {conflicts:?}");
    let pairs = sums(&collections, metric::PAIR_CONFLICTS, "stock");
    assert_eq!((pairs[0], pairs[pairs.len() - 1]), (0, 1), "born at zero: {pairs:?}");
    assert_eq!(sums(&collections, metric::TRIPS, "stock").last(), Some(&1));
    assert_eq!(sums(&collections, metric::WAITS, "stock").last(), Some(&1));
    assert_eq!(sums(&collections, metric::MAPS_ALIVE, "stock").last(), Some(&1));
    assert_eq!(sums(&collections, metric::CIRCUIT, "stock").last(), Some(&1));

    let last = collections.last().unwrap();
    let scopes: Vec<_> = last.scope_metrics().filter(|scope| scope.scope().name() == "checkedmap").collect();
    let mut seen: Vec<_> = scopes
        .iter()
        .flat_map(|scope| scope.metrics())
        .map(|metric| (metric.name().to_owned(), metric.unit().to_owned()))
        .collect();
    seen.sort();
    let mut expected = [
        (metric::CONFLICTS, "{conflict}"),
        (metric::PAIR_CONFLICTS, "{conflict}"),
        (metric::BOOKS, "{conflict}"),
        (metric::QUEUED, "{report}"),
        (metric::SUSPECT_BOOKS, "{suspect}"),
        (metric::SUSPECT_QUEUED, "{suspect}"),
        (metric::STALE_EVICTED, "{key}"),
        (metric::EXPORTS, "{report}"),
        (metric::PENDING, "{report}"),
        (metric::ACCESSES, "{access}"),
        (metric::WAITS, "{wait}"),
        (metric::WAIT_DURATION, "s"),
        (metric::HOLD_DURATION, "s"),
        (metric::MAPS_ALIVE, "{map}"),
        (metric::CIRCUIT, "{map}"),
        (metric::TRIPS, "{trip}"),
    ]
    .map(|(name, unit)| (name.to_owned(), unit.to_owned()));
    expected.sort();
    assert_eq!(seen, expected);
    // The others have series where something switches them on.
    assert_eq!(metric::ALL.len(), expected.len() + metric::ON_REQUEST.len());

    let waits = scopes.iter().flat_map(|scope| scope.metrics()).find(|metric| metric.name() == metric::WAIT_DURATION);
    let AggregatedMetrics::F64(MetricData::Histogram(waits)) = waits.unwrap().data() else { panic!("no histogram") };
    let point = waits
        .data_points()
        .find(|point| point.attributes().any(|attribute| attribute.value.as_str() == "stock"))
        .expect("the wait");
    assert_eq!(point.count(), 1);
    assert!(point.sum() > 0.0);
    let bounds: Vec<_> = point.bounds().collect();
    assert_eq!((bounds[0], bounds[bounds.len() - 1]), (1e-6, 1.0));

    // The circuit is open, and says so.
    let circuit = scopes.iter().flat_map(|scope| scope.metrics()).find(|metric| metric.name() == metric::CIRCUIT);
    let AggregatedMetrics::I64(MetricData::Sum(circuit)) = circuit.unwrap().data() else { panic!("no sum") };
    let state = |state: &str| {
        let has = |value: &str, mut attributes: &mut dyn Iterator<Item = &KeyValue>| {
            Iterator::any(&mut attributes, |attribute| attribute.value.as_str() == value)
        };
        circuit
            .data_points()
            .find(|point| has("stock", &mut point.attributes()) && has(state, &mut point.attributes()))
            .map(|point| point.value())
    };
    assert_eq!(["checked", "degraded", "half_open"].map(state), [Some(0), Some(1), Some(0)]);

    // A map that is gone is not alive, and says so.
    drop(stock);
    assert!(exported.telemetry.flush());
    let collections = exported.metrics.get_finished_metrics().unwrap();
    assert_eq!(sums(&collections, metric::MAPS_ALIVE, "stock").last(), Some(&0));
}

#[test]
fn the_accounts_balance() {
    let exported = exported();
    let ledger = map("ledger");
    collide(&ledger);
    assert!(exported.telemetry.flush());
    let accounts = exported.telemetry.accounts();
    assert!(accounts.balanced(), "{accounts}");
    assert!(accounts.sent >= 1 && accounts.dropped == 0, "{accounts}");
}
