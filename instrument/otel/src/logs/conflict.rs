//! A conflict as a log record that belongs to its span.

use checkedmap::report::{Outcome, Repeat, Report, StackTrace};
use opentelemetry::KeyValue;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, Severity};
use opentelemetry::trace::SpanContext;
use opentelemetry_sdk::logs::SdkLogger;

use super::{add, repeat_facts, tie};
use crate::names::{attribute, event};
use crate::parcel::Origin;
use crate::spans::conflict::{facts, sites};
use crate::spans::{number, stack_text, unix};

/// Emits the record of a report. `span` is the root of its trace.
pub(crate) fn emit(logger: &SdkLogger, report: &Report, origin: Origin, span: &SpanContext) {
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
pub(crate) fn emit_repeat(logger: &SdkLogger, repeat: &Repeat, origin: Origin, span: &SpanContext) {
    let mut record = logger.create_log_record();
    record.set_event_name(event::REPEATED);
    record.set_timestamp(unix(repeat.last));
    record.set_severity_number(Severity::Error);
    record.set_severity_text("ERROR");
    let map = repeat.map.as_ref();
    let subject = map.map_or_else(|| "an unknown map".to_owned(), ToString::to_string);
    let body = format!("{} more {} conflicts on {subject} (report {})", repeat.count, repeat.kind, repeat.number);
    record.set_body(AnyValue::from(body));
    add(
        &mut record,
        repeat_facts(
            repeat.map.as_ref(),
            origin,
            [
                KeyValue::new(attribute::KIND, repeat.kind.as_str()),
                number(attribute::COUNT, repeat.count),
                number(attribute::REPORT, repeat.number),
                number(attribute::FIRST_NS, repeat.first),
                number(attribute::LAST_NS, repeat.last),
            ],
        ),
    );
    tie(&mut record, span);
    logger.emit(record);
}
