//! A suspect as a trace: one root, a child for each of its three steps.
//!
//! Nothing failed and nothing overlapped, so no span is an error. Of each access it is known when it was inside, not how
//! long it stayed: its span is a microsecond, which is the least that viewers show, or less where the next step came sooner,
//! and says so (`checkedmap.end.estimated`).

use std::time::{Duration, SystemTime};

use checkedmap::report::{Side, Suspect};
use opentelemetry::trace::{Span, SpanContext, SpanKind, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;

use super::{Emitted, INSTANT, hunt_fact, label_of, map_facts, number, request, side_facts, unix};
use crate::names::{attribute, span};
use crate::parcel::Origin;

/// When the three steps were made.
struct Times {
    lookup: SystemTime,
    intervening: SystemTime,
    acting: SystemTime,
}

impl Times {
    fn of(suspect: &Suspect) -> Self {
        let acting = unix(suspect.detected);
        let elapsed = Duration::from_nanos(suspect.elapsed);
        let lookup = acting.checked_sub(elapsed).unwrap_or(acting);
        // Half way between the two where it is not told.
        let intervened = suspect.intervened.map_or(elapsed / 2, Duration::from_nanos);
        Self { lookup, intervening: lookup + intervened.min(elapsed), acting }
    }
}

/// Makes and ends the spans of a suspect.
pub(crate) fn emit(tracer: &SdkTracer, suspect: &Suspect, origin: Origin) -> Emitted {
    let times = Times::of(suspect);
    let end = times.acting + INSTANT;
    let steps = [
        (&suspect.lookup, times.lookup, times.intervening),
        (&suspect.intervening, times.intervening, times.acting),
        (&suspect.acting, times.acting, end),
    ];
    let mut attributes = facts(suspect, origin);
    attributes.extend(sites(suspect));
    let mut root = tracer
        .span_builder(span::SUSPECT)
        .with_kind(SpanKind::Internal)
        .with_start_time(times.lookup)
        .with_attributes(attributes)
        .with_links(steps.iter().filter_map(|(side, ..)| request(side)).collect())
        .start_with_context(tracer, &Context::new());
    let context = root.span_context().clone();
    for (side, begin, next) in steps {
        let mut attributes = side_facts(side);
        attributes.push(KeyValue::new(attribute::MAP, label_of(&suspect.map)));
        attributes.push(KeyValue::new(attribute::END_ESTIMATED, true));
        if std::ptr::eq(side, &suspect.intervening) && suspect.intervened.is_none() {
            attributes.push(KeyValue::new(attribute::START_ESTIMATED, true));
        }
        step(tracer, &context, side, attributes, (begin, next.min(begin + INSTANT)));
    }
    root.end_with_timestamp(end);
    Emitted { context, spans: 1 + steps.len() }
}

fn step(
    tracer: &SdkTracer,
    root: &SpanContext,
    side: &Side,
    attributes: Vec<KeyValue>,
    (begin, end): (SystemTime, SystemTime),
) {
    let mut made = tracer
        .span_builder(format!("{}{}", span::ACCESS_PREFIX, side.operation))
        .with_kind(SpanKind::Internal)
        .with_start_time(begin)
        .with_attributes(attributes)
        .with_links(request(side).into_iter().collect())
        .start_with_context(tracer, &Context::new().with_remote_span_context(root.clone()));
    made.end_with_timestamp(end);
}

/// What is true of the suspect as a whole; on the log record too.
pub(crate) fn facts(suspect: &Suspect, origin: Origin) -> Vec<KeyValue> {
    let mut facts = vec![
        KeyValue::new(attribute::KIND, suspect.kind.as_str()),
        KeyValue::new(attribute::SEVERITY, suspect.severity.as_str()),
        KeyValue::new(attribute::EFFECT, suspect.effect.as_str()),
        KeyValue::new(attribute::FOUND, suspect.found.as_str()),
        number(attribute::COUNT, suspect.count),
        number(attribute::SUSPECT, suspect.number),
        number(attribute::PID, u64::from(suspect.pid)),
        number(attribute::DETECTED_NS, suspect.detected),
        number(attribute::ELAPSED_NS, suspect.elapsed),
    ];
    facts.extend(suspect.intervened.map(|intervened| number(attribute::INTERVENED_NS, intervened)));
    facts.extend(map_facts(&suspect.map));
    facts.extend(hunt_fact(suspect.hunt_seed));
    if origin == Origin::Recovered {
        facts.push(KeyValue::new(attribute::RECOVERED, true));
    }
    facts
}

/// The three sites: what a search for "the same suspect" goes by.
pub(crate) fn sites(suspect: &Suspect) -> [KeyValue; 3] {
    [
        KeyValue::new(attribute::LOOKUP_SITE, suspect.lookup.site.to_string()),
        KeyValue::new(attribute::INTERVENING_SITE, suspect.intervening.site.to_string()),
        KeyValue::new(attribute::ACTING_SITE, suspect.acting.site.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use checkedmap::report::Record;
    use opentelemetry::Value;
    use opentelemetry::trace::{Status, TracerProvider};
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
    use serde_json::{Value as Json, json};

    use super::*;

    const DETECTED: u64 = 1_700_000_000_000_900_000;

    /// A suspect as the library writes it.
    fn sample() -> Json {
        let side = |role: &str, operation: &str, line: u32, context: Json| {
            json!({
                "role": role, "operation": operation, "access": if role == "lookup" { "read" } else { "write" },
                "site": {"file": "src/login.rs", "line": line, "column": 9},
                "thread": {"id": 4702, "name": "worker", "ended": false},
                "stack": {"state": "missing", "reason": "disabled"}, "context": context,
            })
        };
        let request = json!({"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7"});
        json!({
            "schema": 1, "severity": "suspect", "kind": "stale_check", "number": 7, "pid": 4700,
            "map": {"id": 3, "name": "sessions", "type_name": "T", "created": {"file": "src/main.rs", "line": 12, "column": 9}},
            "found": "absent", "effect": "overwritten",
            "lookup": side("lookup", "get", 30, json!({})), "intervening": side("intervening", "insert", 42, json!({})),
            "acting": side("acting", "insert", 33, request),
            "hunt_seed": 18_446_744_073_709_551_615_u64, "elapsed": 800_000, "intervened": 300_000, "detected": DETECTED, "count": 3,
        })
    }

    /// The spans of a suspect, in the order of their ends: lookup, intervening, acting, root.
    fn spans(suspect: &Json, origin: Origin) -> [SpanData; 4] {
        let Record::Suspect(suspect) = Record::from_json(&suspect.to_string()).unwrap() else { panic!("no suspect") };
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let emitted = emit(&provider.tracer("test"), &suspect, origin);
        let spans = exporter.get_finished_spans().unwrap();
        assert_eq!(spans.len(), emitted.spans, "the receipts go by this number");
        spans.try_into().expect("four spans")
    }

    fn fact<'a>(span: &'a SpanData, key: &str) -> Option<&'a Value> {
        span.attributes.iter().find(|fact| fact.key.as_str() == key).map(|fact| &fact.value)
    }

    #[test]
    fn steps_come_one_after_another_and_nothing_failed() {
        let [lookup, intervening, acting, root] = spans(&sample(), Origin::Live);
        assert_eq!(
            [&lookup, &intervening, &acting].map(|span| span.name.as_ref()),
            ["checkedmap.get", "checkedmap.insert", "checkedmap.insert"]
        );
        let at = |after: u64| unix(DETECTED - 800_000 + after);
        assert_eq!(
            [&lookup, &intervening, &acting, &root].map(|span| span.start_time),
            [at(0), at(300_000), at(800_000), at(0)]
        );
        assert_eq!(root.end_time, at(801_000));
        for span in [&lookup, &intervening, &acting] {
            assert_eq!(span.parent_span_id, root.span_context.span_id());
            assert_eq!(span.end_time, span.start_time + INSTANT);
            assert_eq!(fact(span, attribute::END_ESTIMATED), Some(&Value::Bool(true)));
            assert_eq!(fact(span, attribute::START_ESTIMATED), None);
        }
        for span in [&lookup, &intervening, &acting, &root] {
            assert_eq!(span.status, Status::Unset, "{}", span.name);
        }
    }

    #[test]
    fn steps_that_are_close_do_not_overlap() {
        let mut suspect = sample();
        (suspect["elapsed"], suspect["intervened"]) = (json!(500), json!(100));
        let [lookup, intervening, acting, _] = spans(&suspect, Origin::Live);
        assert!(lookup.end_time <= intervening.start_time && intervening.end_time <= acting.start_time);
    }

    #[test]
    fn a_step_whose_time_is_not_told_is_marked() {
        let mut suspect = sample();
        suspect.as_object_mut().unwrap().remove("intervened");
        let [lookup, intervening, acting, root] = spans(&suspect, Origin::Live);
        let marked = [&lookup, &intervening, &acting].map(|span| fact(span, attribute::START_ESTIMATED).is_some());
        assert_eq!(marked, [false, true, false]);
        assert!(lookup.start_time < intervening.start_time && intervening.start_time < acting.start_time);
        assert_eq!(fact(&root, attribute::INTERVENED_NS), None);
    }

    #[test]
    fn facts_and_requests_are_told() {
        let [lookup, intervening, acting, root] = spans(&sample(), Origin::Recovered);
        for (key, expected) in [
            (attribute::KIND, "stale_check"),
            (attribute::SEVERITY, "suspect"),
            (attribute::EFFECT, "overwritten"),
            (attribute::FOUND, "absent"),
            (attribute::MAP, "sessions"),
            (attribute::HUNT_SEED, "18446744073709551615"),
            (attribute::LOOKUP_SITE, "src/login.rs:30:9"),
            (attribute::INTERVENING_SITE, "src/login.rs:42:9"),
            (attribute::ACTING_SITE, "src/login.rs:33:9"),
        ] {
            assert_eq!(fact(&root, key), Some(&Value::from(expected)), "{key}");
        }
        for (key, expected) in [(attribute::SUSPECT, 7), (attribute::COUNT, 3), (attribute::ELAPSED_NS, 800_000)] {
            assert_eq!(fact(&root, key), Some(&Value::I64(expected)), "{key}");
        }
        assert_eq!(fact(&root, attribute::RECOVERED), Some(&Value::Bool(true)));
        assert_eq!(fact(&root, attribute::REPORT), None, "conflicts have numbers of their own");
        let roles = [&lookup, &intervening, &acting].map(|span| fact(span, attribute::ROLE).cloned());
        assert_eq!(roles, ["lookup", "intervening", "acting"].map(|role| Some(Value::from(role))));
        assert_eq!([&lookup, &intervening, &acting, &root].map(|span| span.links.iter().count()), [0, 0, 1, 1]);
    }
}
