//! A conflict as a trace: one root, a child for each side.
//!
//! The sides' spans overlap where the accesses did. When the holder came in is not known, only that it was inside when
//! the contender was refused; its span begins a microsecond before that, which is the least that viewers show, and says so
//! (`checkedmap.start.estimated`).

use std::time::{Duration, SystemTime};

use checkedmap::report::{Report, Role, Side};
use opentelemetry::trace::{Span, SpanContext, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;

use super::{Emitted, INSTANT, hunt_fact, label_of, map_facts, number, request, side_facts, unix};
use crate::names::{attribute, span};
use crate::parcel::Origin;

/// When things happened, for the spans' ends.
struct Times {
    detected: SystemTime,
    contender_end: SystemTime,
    holder_end: SystemTime,
}

impl Times {
    fn of(report: &Report) -> Self {
        let detected = unix(report.detected);
        let waited = report.waited.map(|waited| detected + Duration::from_nanos(waited));
        let contender_end = report.admitted.map(unix).or(waited).unwrap_or(detected).max(detected + INSTANT);
        let holder_end = report.holder_left.map(unix).unwrap_or(contender_end).max(detected + INSTANT);
        Self { detected, contender_end, holder_end }
    }

    fn begin(&self) -> SystemTime {
        self.detected.checked_sub(INSTANT).unwrap_or(self.detected)
    }

    fn end(&self) -> SystemTime {
        self.contender_end.max(self.holder_end)
    }
}

/// Makes and ends the spans of a report.
pub(crate) fn emit(tracer: &SdkTracer, report: &Report, origin: Origin) -> Emitted {
    let times = Times::of(report);
    let mut links = Vec::new();
    links.extend(report.holder.as_ref().and_then(request));
    links.extend(request(&report.contender));
    let mut attributes = facts(report, origin);
    attributes.extend(sites(report));
    let mut root = tracer
        .span_builder(span::CONFLICT)
        .with_kind(SpanKind::Internal)
        .with_start_time(times.begin())
        .with_attributes(attributes)
        .with_links(links)
        .start_with_context(tracer, &Context::new());
    root.set_status(Status::error(report.headline()));
    let context = root.span_context().clone();
    let mut spans = 1;
    if let Some(holder) = &report.holder {
        spans += access(tracer, &context, holder, report, times.begin(), times.holder_end);
    }
    spans += access(tracer, &context, &report.contender, report, times.detected, times.contender_end);
    root.end_with_timestamp(times.end());
    Emitted { context, spans }
}

/// One side's span, and the wait below it; says how many that makes.
fn access(
    tracer: &SdkTracer,
    root: &SpanContext,
    side: &Side,
    report: &Report,
    begin: SystemTime,
    end: SystemTime,
) -> usize {
    let mut attributes = side_facts(side);
    attributes.push(KeyValue::new(attribute::MAP, label_of(&report.map)));
    if side.role == Role::Holder {
        attributes.push(KeyValue::new(attribute::START_ESTIMATED, true));
    }
    let mut made = tracer
        .span_builder(format!("{}{}", span::ACCESS_PREFIX, side.operation))
        .with_kind(SpanKind::Internal)
        .with_start_time(begin)
        .with_attributes(attributes)
        .with_links(request(side).into_iter().collect())
        .start_with_context(tracer, &Context::new().with_remote_span_context(root.clone()));
    made.set_status(Status::error(format!("{} of a {} conflict", side.role, report.kind)));
    let mut spans = 1;
    if let (Role::Contender, Some(waited)) = (side.role, report.waited) {
        let parent = Context::new().with_remote_span_context(made.span_context().clone());
        let mut wait = tracer
            .span_builder(span::WAIT)
            .with_kind(SpanKind::Internal)
            .with_start_time(begin)
            .with_attributes([number(attribute::WAITED_NS, waited)])
            .start_with_context(tracer, &parent);
        wait.end_with_timestamp(end);
        spans += 1;
    }
    made.end_with_timestamp(end);
    spans
}

/// What is true of the conflict as a whole; on the log record too.
pub(crate) fn facts(report: &Report, origin: Origin) -> Vec<KeyValue> {
    let mut facts = vec![
        KeyValue::new(attribute::KIND, report.kind.as_str()),
        KeyValue::new(attribute::MODE, report.mode.as_str()),
        KeyValue::new(attribute::OUTCOME, report.outcome.as_str()),
        KeyValue::new(attribute::ERROR_TYPE, report.kind.as_str()),
        number(attribute::COUNT, report.count),
        number(attribute::REPORT, report.number),
        number(attribute::PID, u64::from(report.pid)),
        number(attribute::DETECTED_NS, report.detected),
    ];
    facts.extend(map_facts(&report.map));
    facts.extend(hunt_fact(report.hunt_seed));
    let times = [
        (attribute::HOLDER_LEFT_NS, report.holder_left),
        (attribute::ADMITTED_NS, report.admitted),
        (attribute::WAITED_NS, report.waited),
    ];
    facts.extend(times.into_iter().filter_map(|(name, time)| Some(number(name, time?))));
    if origin == Origin::Recovered {
        facts.push(KeyValue::new(attribute::RECOVERED, true));
    }
    facts
}

/// The pair of sites: what a search for "the same conflict" goes by.
pub(crate) fn sites(report: &Report) -> Vec<KeyValue> {
    let holder = report.holder.as_ref().map(|holder| KeyValue::new(attribute::HOLDER_SITE, holder.site.to_string()));
    let contender = KeyValue::new(attribute::CONTENDER_SITE, report.contender.site.to_string());
    holder.into_iter().chain([contender]).collect()
}

#[cfg(test)]
mod tests {
    use opentelemetry::Value;
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
    use serde_json::{Value as Json, json};

    use super::*;

    const DETECTED: u64 = 1_700_000_000_000_000_001;

    /// A report with everything, as the library writes it.
    fn sample() -> Json {
        let side = |role: &str, line: u32, context: Json| {
            let site = json!({"file": "src/login.rs", "line": line, "column": 9});
            let frame = |function: &str, user: bool| json!({"function": function, "file": "src/login.rs", "line": line, "column": 9, "user": user, "address": 7});
            json!({
                "role": role, "operation": "insert", "access": "write", "site": site,
                "thread": {"id": 4702, "name": null, "ended": role == "holder"},
                "stack": {"state": "taken", "moment": "entering", "truncated": false,
                    "frames": [frame("core::ops::call", false), frame("app::login", true)]},
                "context": context,
            })
        };
        let request =
            json!({"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7", "task": "19"});
        json!({
            "schema": 1, "number": 7, "pid": 4700, "kind": "write_write",
            "map": {"id": 3, "name": null, "type_name": "T", "created": {"file": "src/main.rs", "line": 12, "column": 9}},
            "contender": side("contender", 33, request), "holder": side("holder", 42, json!({})),
            "mode": "log", "outcome": "waited", "detected": DETECTED, "holder_left": DETECTED + 1_000_000,
            "admitted": DETECTED + 1_200_000, "waited": 1_200_000, "count": 3,
        })
    }

    /// The spans of a report, in the order of their ends: holder, wait, contender, root.
    fn spans(report: &Json, origin: Origin) -> Vec<SpanData> {
        let report = Report::from_json(&report.to_string()).expect("a report");
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let emitted = emit(&provider.tracer("test"), &report, origin);
        let spans = exporter.get_finished_spans().unwrap();
        assert_eq!(spans.len(), emitted.spans, "the receipts go by this number");
        spans
    }

    fn fact<'a>(span: &'a SpanData, key: &str) -> Option<&'a Value> {
        span.attributes.iter().find(|fact| fact.key.as_str() == key).map(|fact| &fact.value)
    }

    #[test]
    fn a_wait_is_a_span_below_the_contender() {
        let spans = spans(&sample(), Origin::Live);
        let [holder, wait, contender, root] = &spans[..] else { panic!("four spans: {spans:#?}") };
        assert_eq!(wait.name, span::WAIT);
        assert_eq!(wait.parent_span_id, contender.span_context.span_id());
        let turn = unix(DETECTED + 1_200_000);
        assert_eq!((wait.start_time, wait.end_time), (unix(DETECTED), turn));
        assert_eq!((contender.start_time, contender.end_time), (unix(DETECTED), turn));
        assert_eq!((holder.start_time, holder.end_time), (unix(DETECTED - 1000), unix(DETECTED + 1_000_000)));
        assert_eq!((root.start_time, root.end_time), (holder.start_time, turn));
        assert_eq!(fact(root, attribute::WAITED_NS), Some(&Value::I64(1_200_000)));
        assert_eq!(fact(root, attribute::COUNT), Some(&Value::I64(3)));
        assert_eq!(fact(root, attribute::RECOVERED), None);
    }

    /// The whole microseconds that a viewer shows: it cuts the start and the length.
    fn shown(span: &SpanData) -> (u128, u128) {
        let begin = span.start_time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros();
        (begin, begin + span.end_time.duration_since(span.start_time).unwrap().as_micros())
    }

    #[test]
    fn the_shortest_overlap_is_seen() {
        for within_microsecond in [0, 1, 500, 999] {
            let detected = DETECTED / 1000 * 1000 + within_microsecond;
            let mut report = sample();
            report["detected"] = json!(detected);
            report["holder_left"] = json!(detected + 40);
            (report["admitted"], report["waited"]) = (json!(detected + 90), json!(90));
            let spans = spans(&report, Origin::Live);
            let [holder, _, contender, _] = &spans[..] else { panic!("four spans: {spans:#?}") };
            let (holder, contender) = (shown(holder), shown(contender));
            assert!(holder.0.max(contender.0) < holder.1.min(contender.1), "{holder:?} {contender:?}");
        }
    }

    #[test]
    fn a_start_that_is_not_known_is_marked() {
        let spans = spans(&sample(), Origin::Live);
        let [holder, wait, contender, root] = &spans[..] else { panic!("four spans: {spans:#?}") };
        let marked = [holder, wait, contender, root].map(|span| fact(span, attribute::START_ESTIMATED));
        assert_eq!(marked, [Some(&Value::Bool(true)), None, None, None]);
    }

    #[test]
    fn sides_are_told_apart_and_requests_linked() {
        let spans = spans(&sample(), Origin::Recovered);
        let [holder, _, contender, root] = &spans[..] else { panic!("four spans: {spans:#?}") };
        assert_eq!(fact(holder, attribute::THREAD_ENDED), Some(&Value::Bool(true)));
        assert_eq!(fact(contender, attribute::THREAD_ENDED), None);
        assert_eq!(fact(contender, attribute::CODE_FUNCTION), Some(&Value::from("app::login")), "the program's own");
        let stack = "   0: core::ops::call\n             at src/login.rs:33:9\n   1: app::login\n             at src/login.rs:33:9\n";
        assert_eq!(fact(contender, attribute::CODE_STACK), Some(&Value::from(stack)));
        assert_eq!(fact(contender, attribute::TASK), Some(&Value::from("19")));
        assert_eq!(fact(root, attribute::RECOVERED), Some(&Value::Bool(true)));
        assert_eq!(fact(root, attribute::MAP), Some(&Value::from("src/main.rs:12:9")), "a map without a name");
        assert_eq!([holder, contender, root].map(|span| span.links.iter().count()), [0, 1, 1]);
    }

    #[test]
    fn the_seed_of_a_hunt_is_told_whole() {
        let seed =
            |report: &Json| fact(spans(report, Origin::Live).last().expect("a root"), attribute::HUNT_SEED).cloned();
        assert_eq!(seed(&sample()), None);
        let mut report = sample();
        report["hunt_seed"] = json!(u64::MAX);
        assert_eq!(seed(&report), Some(Value::from("18446744073709551615")));
    }

    #[test]
    fn ids_that_lead_nowhere_are_no_links() {
        for (trace, span) in [
            ("00000000000000000000000000000000", "00f067aa0ba902b7"),
            ("4bf92f3577b34da6a3ce929d0e0e4736", "0000000000000000"),
            ("not hexadecimal", "00f067aa0ba902b7"),
        ] {
            let mut report = sample();
            report["contender"]["context"] = json!({"trace_id": trace, "span_id": span});
            assert!(spans(&report, Origin::Live).iter().all(|span| span.links.iter().count() == 0), "{trace} {span}");
        }
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let mut report = sample();
        for field in ["holder", "holder_left", "admitted", "waited"] {
            report[field] = Json::Null;
        }
        report["contender"]["stack"] = json!({"state": "missing", "reason": "disabled"});
        let spans = spans(&report, Origin::Live);
        let [contender, root] = &spans[..] else { panic!("two spans: {spans:#?}") };
        assert!(contender.end_time > contender.start_time, "a bar that viewers show");
        for key in [attribute::HOLDER_LEFT_NS, attribute::ADMITTED_NS, attribute::WAITED_NS, attribute::HOLDER_SITE] {
            assert_eq!(fact(root, key), None, "{key}");
        }
        assert_eq!((fact(contender, attribute::CODE_STACK), fact(contender, attribute::CODE_FUNCTION)), (None, None));
        let Some(Value::String(reason)) = fact(contender, attribute::STACK_MISSING) else { panic!("no reason") };
        assert!(reason.as_str().contains("CHECKEDMAP_BACKTRACE=off"));
    }
}
