//! Trace and span ids that follow from the conflict.
//!
//! A report may be sent twice: when an answer of the collector got lost, or when the process died before it noted the
//! answer. With ids drawn from the report itself the second copy is the same trace, and a count of repeats finds the trace
//! of its report even in the next process.

use std::cell::Cell;
use std::hash::{DefaultHasher, Hash, Hasher};

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

/// What a number counts: each class has numbers of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    Conflict,
    Suspect,
}

/// What tells one report of all processes from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Seed {
    pub(crate) class: Class,
    pub(crate) pid: u32,
    pub(crate) number: u64,
    /// When the process began to export: pids come back.
    pub(crate) epoch: u64,
}

impl Seed {
    fn word(self, role: u64) -> u64 {
        // `DefaultHasher::new` has fixed keys.
        let mut hasher = DefaultHasher::new();
        (self, role).hash(&mut hasher);
        // Zero is no id.
        hasher.finish().max(1)
    }

    pub(crate) fn trace_id(self) -> TraceId {
        TraceId::from(u128::from(self.word(0)) << 64 | u128::from(self.word(1)))
    }

    /// The id of the `nth` span of the trace; the root is the first.
    pub(crate) fn span_id(self, nth: u64) -> SpanId {
        SpanId::from(self.word(2 + nth))
    }
}

thread_local! {
    /// The report whose spans are being made on this thread, and how many have been.
    static CURRENT: Cell<Option<(Seed, u64)>> = const { Cell::new(None) };
}

/// Runs `make` with the ids of `seed` for the spans it starts.
pub(crate) fn with_seed<R>(seed: Seed, make: impl FnOnce() -> R) -> R {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            CURRENT.set(None);
        }
    }
    CURRENT.set(Some((seed, 0)));
    let _reset = Reset;
    make()
}

/// Ids of the current report, random ones outside of it.
#[derive(Debug, Default)]
pub(crate) struct Ids(RandomIdGenerator);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        CURRENT.get().map_or_else(|| self.0.new_trace_id(), |(seed, _)| seed.trace_id())
    }

    fn new_span_id(&self) -> SpanId {
        let Some((seed, nth)) = CURRENT.get() else { return self.0.new_span_id() };
        CURRENT.set(Some((seed, nth + 1)));
        seed.span_id(nth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: Seed = Seed { class: Class::Conflict, pid: 7, number: 1, epoch: 3 };

    #[test]
    fn a_report_has_the_same_ids_each_time() {
        let ids = Ids::default();
        let draw = || with_seed(SEED, || (ids.new_trace_id(), ids.new_span_id(), ids.new_span_id()));
        let first = draw();
        assert_eq!(first, draw());
        assert_eq!((first.0, first.1), (SEED.trace_id(), SEED.span_id(0)));
        assert_ne!(first.1, first.2);
        assert_ne!(first.0, Seed { number: 2, ..SEED }.trace_id());
        assert_ne!(first.0, Seed { class: Class::Suspect, ..SEED }.trace_id());
    }

    #[test]
    fn outside_of_a_report_ids_are_random() {
        let ids = Ids::default();
        assert_ne!(ids.new_trace_id(), ids.new_trace_id());
        assert_ne!(ids.new_span_id(), ids.new_span_id());
    }
}
