//! A conflict as a log record that belongs to its span.

use checkedmap::report::{Outcome, Repeat, Report, StackTrace};
use opentelemetry::KeyValue;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, Severity};
use opentelemetry::trace::SpanContext;
use opentelemetry::{Key, Value};
use opentelemetry_sdk::logs::SdkLogger;

use crate::names::{attribute, event};
use crate::parcel::Origin;
use crate::spans::{facts, label_of, number, sites, stack_text, unix};

/// Emits the record of a report. `span` is the root of its trace, where there is one.
pub(crate) fn emit(logger: &SdkLogger, report: &Report, origin: Origin, span: Option<&SpanContext>) {
    let (severity, text) = match report.outcome {
        Outcome::Aborted => (Severity::Fatal, "FATAL"),
        _ => (Severity::Error, "ERROR"),
    };
    let mut record = logger.create_log_record();
    record.set_event_name(event::CONFLICT);
    record.set_timestamp(unix(report.detected));
    record.set_severity_number(severity);
    record.set_severity_text(text);
    record.set_body(AnyValue::from(report.to_string()));
    add(&mut record, facts(report, origin));
    add(&mut record, sites(report));
    let mut exception = vec![
        KeyValue::new(attribute::EXCEPTION_TYPE, format!("checkedmap.{}", report.kind)),
        KeyValue::new(attribute::EXCEPTION_MESSAGE, report.headline()),
    ];
    if let StackTrace::Taken { frames, .. } = &report.contender.stack {
        exception.push(KeyValue::new(attribute::EXCEPTION_STACK, stack_text(frames)));
    }
    add(&mut record, exception);
    tie(&mut record, span);
    logger.emit(record);
}

/// Emits a count of conflicts that were folded into an earlier report.
pub(crate) fn emit_repeat(logger: &SdkLogger, repeat: &Repeat, origin: Origin, span: Option<&SpanContext>) {
    let mut record = logger.create_log_record();
    record.set_event_name(event::REPEATED);
    record.set_timestamp(unix(repeat.last));
    record.set_severity_number(Severity::Error);
    record.set_severity_text("ERROR");
    let map = repeat.map.as_ref();
    let subject = map.map_or_else(|| "an unknown map".to_owned(), ToString::to_string);
    let body = format!("{} more {} conflicts on {subject} (report {})", repeat.count, repeat.kind, repeat.number);
    record.set_body(AnyValue::from(body));
    let mut facts = vec![
        KeyValue::new(attribute::KIND, repeat.kind.as_str()),
        number(attribute::COUNT, repeat.count),
        number(attribute::REPORT, repeat.number),
        number(attribute::FIRST_NS, repeat.first),
        number(attribute::LAST_NS, repeat.last),
    ];
    if let Some(map) = map {
        facts.push(KeyValue::new(attribute::MAP, label_of(map)));
    }
    if origin == Origin::Recovered {
        facts.push(KeyValue::new(attribute::RECOVERED, true));
    }
    add(&mut record, facts);
    tie(&mut record, span);
    logger.emit(record);
}

fn tie(record: &mut impl LogRecord, span: Option<&SpanContext>) {
    if let Some(span) = span {
        record.set_trace_context(span.trace_id(), span.span_id(), Some(span.trace_flags()));
    }
}

fn add(record: &mut impl LogRecord, attributes: Vec<KeyValue>) {
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
