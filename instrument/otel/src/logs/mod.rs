//! Findings as log records, each of which belongs to a span.

pub(crate) mod conflict;
pub(crate) mod suspect;

use checkedmap::report::MapIdentity;
use opentelemetry::logs::{AnyValue, LogRecord};
use opentelemetry::trace::SpanContext;
use opentelemetry::{Key, KeyValue, Value};

use crate::names::attribute;
use crate::parcel::Origin;
use crate::spans::label_of;

fn tie(record: &mut impl LogRecord, span: &SpanContext) {
    record.set_trace_context(span.trace_id(), span.span_id(), Some(span.trace_flags()));
}

/// What is said of a count, and of the map it is about.
fn repeat_facts(map: Option<&MapIdentity>, origin: Origin, own: [KeyValue; 5]) -> Vec<KeyValue> {
    let map = map.map(|map| KeyValue::new(attribute::MAP, label_of(map)));
    let recovered = (origin == Origin::Recovered).then(|| KeyValue::new(attribute::RECOVERED, true));
    own.into_iter().chain(map).chain(recovered).collect()
}

fn add(record: &mut impl LogRecord, attributes: impl IntoIterator<Item = KeyValue>) {
    record.add_attributes(attributes.into_iter().map(|KeyValue { key, value, .. }| (key, any(value))));
}

fn any(value: Value) -> AnyValue {
    match value {
        Value::Bool(value) => AnyValue::Boolean(value),
        Value::I64(value) => AnyValue::Int(value),
        Value::F64(value) => AnyValue::Double(value),
        Value::String(value) => AnyValue::String(value),
        other => AnyValue::from(Key::from(other.to_string()).to_string()),
    }
}
