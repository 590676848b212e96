//! Findings as traces: a root, and a child for each access that took part.

pub(crate) mod conflict;
pub(crate) mod suspect;

use std::time::{Duration, SystemTime};

use checkedmap::report::{Frame, MapIdentity, Side, StackTrace};
use checkedmap::{Moment, RequestContext};
use opentelemetry::KeyValue;
use opentelemetry::trace::{Link, SpanContext, SpanId, TraceFlags, TraceId, TraceState};

use crate::names::attribute;

/// The shortest span: viewers cut times to microseconds.
const INSTANT: Duration = Duration::from_micros(1);

/// A trace that was made.
pub(crate) struct Emitted {
    /// The root.
    pub(crate) context: SpanContext,
    /// How many spans there are.
    pub(crate) spans: usize,
}

pub(crate) fn unix(nanoseconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds)
}

/// What a map is called in telemetry: by its name, or by where it was made.
pub(crate) fn label_of(map: &MapIdentity) -> String {
    map.name.clone().unwrap_or_else(|| map.created.to_string())
}

fn map_facts(map: &MapIdentity) -> [KeyValue; 4] {
    [
        KeyValue::new(attribute::MAP, label_of(map)),
        KeyValue::new(attribute::MAP_TYPE, map.type_name.clone()),
        KeyValue::new(attribute::MAP_CREATED, map.created.to_string()),
        number(attribute::MAP_ID, map.id),
    ]
}

/// As text: it may be more than a signed integer holds.
fn hunt_fact(seed: Option<u64>) -> Option<KeyValue> {
    seed.map(|seed| KeyValue::new(attribute::HUNT_SEED, seed.to_string()))
}

fn side_facts(side: &Side) -> Vec<KeyValue> {
    let mut facts = vec![
        KeyValue::new(attribute::ROLE, side.role.as_str()),
        KeyValue::new(attribute::OPERATION, side.operation.clone()),
        KeyValue::new(attribute::ACCESS, side.access.as_str()),
        KeyValue::new(attribute::CODE_FILE, side.site.file.clone()),
        KeyValue::new(attribute::CODE_LINE, i64::from(side.site.line)),
        KeyValue::new(attribute::CODE_COLUMN, i64::from(side.site.column)),
        number(attribute::THREAD_ID, side.thread.id),
    ];
    if let Some(name) = &side.thread.name {
        facts.push(KeyValue::new(attribute::THREAD_NAME, name.clone()));
    }
    if side.thread.ended {
        facts.push(KeyValue::new(attribute::THREAD_ENDED, true));
    }
    match &side.stack {
        StackTrace::Taken { moment, frames, .. } => {
            if let Some(function) = frames.iter().filter(|frame| frame.user).find_map(|frame| frame.function.clone()) {
                facts.push(KeyValue::new(attribute::CODE_FUNCTION, function));
            }
            let moment = if *moment == Moment::Leaving { "leaving" } else { "entering" };
            facts.push(KeyValue::new(attribute::STACK_MOMENT, moment));
            facts.push(KeyValue::new(attribute::CODE_STACK, stack_text(frames)));
        }
        StackTrace::Missing { reason, .. } => {
            facts.push(KeyValue::new(attribute::STACK_MISSING, reason.reason()));
        }
        _ => {}
    }
    facts.extend(request_facts(&side.context));
    facts
}

fn request_facts(context: &RequestContext) -> Vec<KeyValue> {
    let ids = [
        (attribute::REQUEST_TRACE, &context.trace_id),
        (attribute::REQUEST_SPAN, &context.span_id),
        (attribute::TASK, &context.task),
    ];
    let ids = ids.into_iter().filter_map(|(name, id)| Some(KeyValue::new(name, id.clone()?)));
    let baggage = context
        .baggage
        .iter()
        .map(|(key, value)| KeyValue::new(format!("{}{key}", attribute::BAGGAGE_PREFIX), value.clone()));
    ids.chain(baggage).collect()
}

/// The way to the request a side was serving, where that is known.
fn request(side: &Side) -> Option<Link> {
    let trace = TraceId::from_hex(side.context.trace_id.as_deref()?).ok()?;
    let span = SpanId::from_hex(side.context.span_id.as_deref()?).ok()?;
    let context = SpanContext::new(trace, span, TraceFlags::SAMPLED, true, TraceState::default());
    context.is_valid().then(|| Link::new(context, vec![KeyValue::new(attribute::ROLE, side.role.as_str())], 0))
}

/// All frames, innermost first, one function and its place each.
pub(crate) fn stack_text(frames: &[Frame]) -> String {
    let mut text = String::new();
    for (index, frame) in frames.iter().enumerate() {
        let function = frame.function.as_deref().unwrap_or("<unknown>");
        text.push_str(&format!("{index:4}: {function}\n"));
        if let Some(file) = &frame.file {
            text.push_str(&format!("             at {file}"));
            if let Some(line) = frame.line {
                text.push_str(&format!(":{line}"));
            }
            if let Some(column) = frame.column {
                text.push_str(&format!(":{column}"));
            }
            text.push('\n');
        }
    }
    text
}

/// OpenTelemetry has signed integers only.
pub(crate) fn number(name: &'static str, value: u64) -> KeyValue {
    KeyValue::new(name, i64::try_from(value).unwrap_or(i64::MAX))
}
