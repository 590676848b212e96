//! Reports as `tracing` events.

use super::Sink;
use crate::report::{Repeat, Report};

/// Emits an error event per report, and a warning per count of repeats, under the target `checkedmap`.
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
}
