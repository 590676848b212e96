//! Reports as `tracing` events.

use super::Sink;
use crate::report::{Repeat, Report, Severity, Suspect, SuspectRepeat};

/// Emits an error event per report and a warning per count of repeats, under the target `checkedmap`; for a suspect a warning,
/// for a hint and for counts of them an information.
///
/// The event is emitted on the reporter's thread, so it is inside none of the application's spans.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TracingEvent;

impl TracingEvent {
    /// The sink.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Sink for TracingEvent {
    fn report(&self, report: &Report) {
        let holder = report.holder.as_ref();
        tracing::error!(
            target: "checkedmap",
            number = report.number,
            kind = report.kind.as_str(),
            map = report.map.name.as_deref(),
            map_id = report.map.id,
            mode = report.mode.as_str(),
            outcome = report.outcome.as_str(),
            count = report.count,
            contender.operation = report.contender.operation,
            contender.site = %report.contender.site,
            contender.thread = report.contender.thread.id,
            holder.operation = holder.map(|side| side.operation.as_str()),
            holder.site = holder.map(|side| tracing::field::display(&side.site)),
            holder.thread = holder.map(|side| side.thread.id),
            "{report}"
        );
    }

    fn repeated(&self, repeat: &Repeat) {
        tracing::warn!(
            target: "checkedmap",
            number = repeat.number,
            kind = repeat.kind.as_str(),
            map = repeat.map.as_ref().and_then(|map| map.name.as_deref()),
            count = repeat.count,
            "{repeat}"
        );
    }

    fn suspect(&self, suspect: &Suspect) {
        // A level is part of what tracing fixes at compile time, hence one event for each.
        macro_rules! event {
            ($level:ident) => {
                tracing::$level!(
                    target: "checkedmap",
                    number = suspect.number,
                    kind = suspect.kind.as_str(),
                    severity = suspect.severity.as_str(),
                    effect = suspect.effect.as_str(),
                    map = suspect.map.name.as_deref(),
                    map_id = suspect.map.id,
                    count = suspect.count,
                    lookup.site = %suspect.lookup.site,
                    intervening.site = %suspect.intervening.site,
                    acting.site = %suspect.acting.site,
                    "{suspect}"
                )
            };
        }
        match suspect.severity {
            Severity::Suspect => event!(warn),
            Severity::Hint => event!(info),
        }
    }

    fn suspect_repeated(&self, repeat: &SuspectRepeat) {
        tracing::info!(
            target: "checkedmap",
            number = repeat.number,
            kind = repeat.kind.as_str(),
            severity = repeat.severity.map(Severity::as_str),
            map = repeat.map.as_ref().and_then(|map| map.name.as_deref()),
            count = repeat.count,
            "{repeat}"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::sync::Arc;

    use parking_lot::Mutex;
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;
    use crate::report::sample;

    /// Keeps events as text: level, target, then each field.
    #[derive(Clone, Default)]
    struct Events(Arc<Mutex<Vec<String>>>);

    struct Fields(String);

    impl Visit for Fields {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            let _ = write!(self.0, " {}={value:?}", field.name());
        }
    }

    impl Subscriber for Events {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, event: &Event<'_>) {
            let mut fields = Fields(format!("{} {}", event.metadata().level(), event.metadata().target()));
            event.record(&mut fields);
            self.0.lock().push(fields.0);
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn each_report_is_an_error_and_each_count_a_warning() {
        let events = Events::default();
        tracing::subscriber::with_default(events.clone(), || {
            TracingEvent.report(&sample::report());
            let [_, bare] = sample::reports();
            TracingEvent.report(&bare);
            TracingEvent.repeated(&sample::repeat());
            TracingEvent.suspect(&sample::suspect());
            TracingEvent.suspect(&Suspect { severity: Severity::Hint, ..sample::suspect() });
            TracingEvent.suspect_repeated(&sample::suspect_repeat());
        });
        let events = events.0.lock();
        assert_eq!(events.len(), 6);
        for part in [
            "ERROR checkedmap ",
            " number=7",
            " kind=\"write_write\"",
            " map=\"sessions\"",
            " mode=\"log\"",
            " outcome=\"waited\"",
            " contender.operation=\"insert\"",
            " contender.site=src/login.rs:33:9",
            " holder.site=src/janitor.rs:42:9",
            " holder.thread=4701",
        ] {
            assert!(events[0].contains(part), "{part} in {}", events[0]);
        }
        assert!(!events[1].contains(" map=") && !events[1].contains(" holder."), "{}", events[1]);
        assert!(events[2].starts_with("WARN checkedmap ") && events[2].contains(" count=41"), "{}", events[2]);
        for part in [
            "WARN checkedmap ",
            " number=3",
            " kind=\"stale_check\"",
            " severity=\"suspect\"",
            " effect=\"overwritten\"",
            " lookup.site=src/login.rs:30:9",
            " intervening.site=src/janitor.rs:42:9",
            " acting.site=src/login.rs:33:9",
        ] {
            assert!(events[3].contains(part), "{part} in {}", events[3]);
        }
        assert!(events[4].starts_with("INFO checkedmap ") && events[4].contains(" severity=\"hint\""), "{}", events[4]);
        for part in ["INFO checkedmap ", " count=12", " severity=\"suspect\""] {
            assert!(events[5].contains(part), "{part} in {}", events[5]);
        }
    }
}
