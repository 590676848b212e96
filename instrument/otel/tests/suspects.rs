//! Suspects as they are exported, to the letter: through exporters that keep it in memory. One test, since it counts.

mod common;

use checkedmap::CheckedMap;
use checkedmap::report::Books;
use checkedmap_otel::names::{attribute, event, label, metric, span};
use common::{check_then_act, check_then_act_in};
use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::trace::{SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLogRecord};
use opentelemetry_sdk::metrics::InMemoryMetricExporter;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};

fn text(attributes: &[KeyValue], key: &str) -> String {
    let value = attributes.iter().find(|attribute| attribute.key.as_str() == key);
    value.map(|attribute| attribute.value.to_string()).unwrap_or_default()
}

fn fact(record: &SdkLogRecord, key: &str) -> Option<AnyValue> {
    record.attributes_iter().find(|(name, _)| name.as_str() == key).map(|(_, value)| value.clone())
}

/// A sum by the values of these labels.
fn sums(collection: &ResourceMetrics, name: &str, labels: &[&str]) -> Vec<(Vec<String>, u64)> {
    let mut metrics = collection.scope_metrics().flat_map(|scope| scope.metrics());
    let Some(metric) = metrics.find(|metric| metric.name() == name) else { return Vec::new() };
    let AggregatedMetrics::U64(MetricData::Sum(sum)) = metric.data() else { panic!("{name} is no sum") };
    let points = sum.data_points().map(|point| {
        let attributes: Vec<_> = point.attributes().cloned().collect();
        (labels.iter().map(|label| text(&attributes, label)).collect(), point.value())
    });
    let mut points: Vec<_> = points.collect();
    points.sort();
    points
}

#[test]
fn a_suspect_is_a_trace_a_warning_and_a_count() {
    checkedmap::Config::new().with_report([]).apply();
    let (spans, records) = (InMemorySpanExporter::default(), InMemoryLogExporter::default());
    let metrics = InMemoryMetricExporter::default();
    let telemetry = checkedmap_otel::builder()
        .with_span_exporter(spans.clone())
        .with_log_exporter(records.clone())
        .with_metric_exporter(metrics.clone())
        .with_bound(common::PATIENCE)
        .install()
        .unwrap();
    let sessions = CheckedMap::builder().name("sessions").stale_checks(true).build();
    let _unwatched: CheckedMap<u32, u32> = CheckedMap::named("unwatched");
    let request =
        SpanContext::new(TraceId::from(0xa1), SpanId::from(0xb1), TraceFlags::SAMPLED, false, TraceState::default());
    let serving = request.clone();
    check_then_act_in(&sessions, 7, move || Context::new().with_remote_span_context(serving).attach());
    assert!(telemetry.flush());

    // The trace.
    let all = spans.get_finished_spans().unwrap();
    assert_eq!(all.len(), 4, "{all:#?}");
    let root = all.iter().find(|span| span.name == span::SUSPECT).expect("a root");
    let step = |role: &str| -> &SpanData {
        all.iter().find(|span| text(&span.attributes, attribute::ROLE) == role).unwrap_or_else(|| panic!("no {role}"))
    };
    let (lookup, intervening, acting) = (step("lookup"), step("intervening"), step("acting"));
    for (step, name, thread) in [
        (lookup, "checkedmap.contains_key", "checker"),
        (intervening, "checkedmap.insert", "meddler"),
        (acting, "checkedmap.insert", "checker"),
    ] {
        assert_eq!((step.name.as_ref(), step.parent_span_id), (name, root.span_context.span_id()));
        assert_eq!(step.span_context.trace_id(), root.span_context.trace_id());
        assert_eq!(text(&step.attributes, attribute::THREAD_NAME), thread);
        assert!(text(&step.attributes, attribute::CODE_FILE).ends_with("tests/common/mod.rs"));
        let stack = text(&step.attributes, attribute::CODE_STACK);
        assert!(stack.lines().count() > 4 && stack.contains("tests/common/mod.rs:"), "{stack}");
        assert_eq!(step.status, Status::Unset, "nothing failed");
    }
    assert_eq!((root.parent_span_id, &root.status), (SpanId::INVALID, &Status::Unset));
    assert!(lookup.start_time <= intervening.start_time && intervening.start_time <= acting.start_time);
    assert_eq!(text(&intervening.attributes, attribute::START_ESTIMATED), "", "the library tells when it was");
    let [intervened, elapsed] = [attribute::INTERVENED_NS, attribute::ELAPSED_NS]
        .map(|key| text(&root.attributes, key).parse::<u64>().unwrap_or_else(|_| panic!("no {key}")));
    assert!(0 < intervened && intervened < elapsed, "{intervened} of {elapsed}");
    assert_eq!(text(&root.attributes, attribute::EFFECT), "overwritten");
    assert_eq!(text(&root.attributes, attribute::FOUND), "absent");
    assert_eq!(text(&root.attributes, attribute::SEVERITY), "suspect");
    let linked: Vec<_> = root.links.iter().map(|link| link.span_context.trace_id()).collect();
    assert_eq!(linked, [request.trace_id()]);
    assert_eq!(text(&acting.attributes, attribute::REQUEST_SPAN), request.span_id().to_string());
    assert_eq!(telemetry.suspect_trace_id(1), Some(root.span_context.trace_id().to_string()));
    assert_ne!(telemetry.suspect_trace_id(1), telemetry.trace_id(1));

    // The record.
    let record = &records.get_emitted_logs().unwrap()[0].record;
    assert_eq!(record.event_name(), Some(event::SUSPECT));
    assert_eq!((record.severity_number(), record.severity_text()), (Some(Severity::Warn), Some("WARN")));
    assert_eq!(record.trace_context().unwrap().span_id, root.span_context.span_id());
    let Some(AnyValue::String(body)) = record.body() else { panic!("no text") };
    assert!(body.as_str().contains("1. lookup: `contains_key`"), "{body}");
    assert_eq!(fact(record, attribute::EFFECT), Some(AnyValue::from("overwritten")));
    assert_eq!(fact(record, attribute::EXCEPTION_TYPE), None, "there is no exception");

    // More like it, and a hint.
    records.reset();
    check_then_act(&sessions, 8);
    check_then_act(&sessions, 9);
    assert_eq!(sessions.get(&9).map(|value| *value), Some(2));
    std::thread::scope(|scope| scope.spawn(|| sessions.insert(9, 3)).join()).unwrap();
    *sessions.get_mut(&9).unwrap() += 1;
    assert!(telemetry.flush());
    let emitted = records.get_emitted_logs().unwrap();
    let of = |name: &'static str| {
        emitted.iter().map(|log| &log.record).filter(move |record| record.event_name() == Some(name))
    };
    let repeated: i64 = of(event::SUSPECT_REPEATED)
        .map(|record| match fact(record, attribute::COUNT) {
            Some(AnyValue::Int(count)) if record.trace_context().unwrap().span_id == root.span_context.span_id() => {
                count
            }
            _ => 0,
        })
        .sum();
    assert_eq!(repeated, 2, "further suspects belong to the trace of the first");
    let hints: Vec<_> = of(event::SUSPECT).collect();
    assert_eq!(hints.len(), 1);
    assert_eq!((hints[0].severity_number(), hints[0].severity_text()), (Some(Severity::Info), Some("INFO")));

    // The counts: every finding of every watched map is born at zero, and each has its labels.
    let collections = metrics.get_finished_metrics().unwrap();
    let labels = [label::MAP, label::KIND, label::EFFECT, label::SEVERITY];
    let first = collections.iter().map(|all| sums(all, metric::SUSPECTS, &labels)).find(|sums| !sums.is_empty());
    let first = first.expect("suspects");
    assert!(first.len() == 8 && first.iter().all(|(_, count)| *count == 0), "born at zero: {first:?}");
    let last = collections.last().unwrap();
    let counted: Vec<_> = sums(last, metric::SUSPECTS, &labels).into_iter().filter(|(_, count)| *count > 0).collect();
    let series =
        |effect: &str, severity: &str| ["sessions", "stale_check", effect, severity].map(str::to_owned).to_vec();
    assert_eq!(counted, [(series("altered", "hint"), 1), (series("overwritten", "suspect"), 3)]);

    // The books, ours and the library's.
    let books = checkedmap::stale::books();
    assert!(books.balanced() && books.detected == 4, "{books}");
    let Books { detected, delivered, coalesced, dropped, .. } = books;
    let terms = [("coalesced", coalesced), ("delivered", delivered), ("detected", detected), ("dropped", dropped)];
    let expected: Vec<_> = terms.map(|(term, count)| (vec![term.to_owned()], count)).into_iter().collect();
    assert_eq!(sums(last, metric::SUSPECT_BOOKS, &[label::TERM]), expected);
    let accounts = telemetry.accounts();
    assert!(accounts.balanced() && accounts.sent == accounts.taken && accounts.taken >= 3, "{accounts}");

    // Nothing of it is a conflict.
    assert!(sums(last, metric::CONFLICTS, &[label::MAP]).iter().all(|(_, count)| *count == 0));
    assert!(sums(last, metric::BOOKS, &[label::TERM]).iter().all(|(_, count)| *count == 0));
}
