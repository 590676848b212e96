//! A suspect as a log record that belongs to its span: a warning, for nothing failed.

use checkedmap::report::{self, Suspect, SuspectRepeat};
use opentelemetry::KeyValue;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, Severity};
use opentelemetry::trace::SpanContext;
use opentelemetry_sdk::logs::SdkLogger;

use super::{add, repeat_facts, tie};
use crate::names::{attribute, event};
use crate::parcel::Origin;
use crate::spans::suspect::{facts, sites};
use crate::spans::{number, unix};

/// Emits the record of a suspect. `span` is the root of its trace.
pub(crate) fn emit(logger: &SdkLogger, suspect: &Suspect, origin: Origin, span: &SpanContext) {
    let (severity, text) = match suspect.severity {
        report::Severity::Hint => (Severity::Info, "INFO"),
        _ => (Severity::Warn, "WARN"),
    };
    let mut record = logger.create_log_record();
    record.set_event_name(event::SUSPECT);
    record.set_timestamp(unix(suspect.detected));
    record.set_severity_number(severity);
    record.set_severity_text(text);
    record.set_body(AnyValue::from(suspect.to_string()));
    add(&mut record, facts(suspect, origin));
    add(&mut record, sites(suspect));
    tie(&mut record, span);
    logger.emit(record);
}

/// Emits a count of suspects that were folded into an earlier one. It tells nothing new, so it is information.
pub(crate) fn emit_repeat(logger: &SdkLogger, repeat: &SuspectRepeat, origin: Origin, span: &SpanContext) {
    let mut record = logger.create_log_record();
    record.set_event_name(event::SUSPECT_REPEATED);
    record.set_timestamp(unix(repeat.last));
    record.set_severity_number(Severity::Info);
    record.set_severity_text("INFO");
    record.set_body(AnyValue::from(repeat.to_string()));
    add(&mut record, repeat.severity.map(|severity| KeyValue::new(attribute::SEVERITY, severity.as_str())));
    add(
        &mut record,
        repeat_facts(
            repeat.map.as_ref(),
            origin,
            [
                KeyValue::new(attribute::KIND, repeat.kind.as_str()),
                number(attribute::COUNT, repeat.count),
                number(attribute::SUSPECT, repeat.number),
                number(attribute::FIRST_NS, repeat.first),
                number(attribute::LAST_NS, repeat.last),
            ],
        ),
    );
    tie(&mut record, span);
    logger.emit(record);
}
