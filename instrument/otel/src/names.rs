//! Every name that leaves the process, once: dashboards, rules and tests take them from here.
//!
//! `code.*`, `thread.*`, `error.type` and `exception.*` are OpenTelemetry's semantic conventions; the others are ours.
//! Attributes of metrics are few and short, since each of their values is a series: never a key or a thread, and a line of
//! code only in [`metric::PAIR_CONFLICTS`], [`metric::NEAR_MISSES`] and [`metric::HAND_OVERS`], which have a limit.

/// The instrumentation scope of everything that is exported.
pub const SCOPE: &str = "checkedmap";

/// Spans.
pub mod span {
    /// The root of a conflict's trace.
    pub const CONFLICT: &str = "checkedmap.conflict";
    /// The root of a suspect's trace.
    pub const SUSPECT: &str = "checkedmap.suspect";
    /// The wait of a contender, below its access.
    pub const WAIT: &str = "checkedmap.wait";
    /// What an access's span is called: this, then the operation (`checkedmap.insert`).
    pub const ACCESS_PREFIX: &str = "checkedmap.";
}

/// Events, as log records carry them.
pub mod event {
    /// A conflict.
    pub const CONFLICT: &str = "checkedmap.conflict";
    /// Further conflicts of an earlier report.
    pub const REPEATED: &str = "checkedmap.repeated";
    /// A suspect.
    pub const SUSPECT: &str = "checkedmap.suspect";
    /// Further suspects like an earlier one.
    pub const SUSPECT_REPEATED: &str = "checkedmap.suspect.repeated";
}

/// Attributes of spans and log records.
pub mod attribute {
    /// `write_write`, `read_write`, `iterate_write`, `reentrant`, `deadlock`, `stuck_wait`; of a suspect, `stale_check`.
    pub const KIND: &str = "checkedmap.kind";
    /// `panic`, `abort`, `log`, `fallback`.
    pub const MODE: &str = "checkedmap.mode";
    /// What became of the contender: `panicked`, `aborted`, `waited`, `degraded`, `returned`.
    pub const OUTCOME: &str = "checkedmap.outcome";
    /// How many conflicts, or suspects, the report stands for.
    pub const COUNT: &str = "checkedmap.count";
    /// The report's number in its process.
    pub const REPORT: &str = "checkedmap.report.number";
    /// The suspect's number in its process. Conflicts have numbers of their own.
    pub const SUSPECT: &str = "checkedmap.suspect.number";
    /// How much a suspect says: `suspect`, `hint`.
    pub const SEVERITY: &str = "checkedmap.severity";
    /// What came of a suspect: `overwritten`, `removed`, `revived`, `altered`, `missed`.
    pub const EFFECT: &str = "checkedmap.effect";
    /// What the lookup of a suspect found: `absent`, `present`, `value`, `replaced`.
    pub const FOUND: &str = "checkedmap.found";
    /// What the choices of the hunt were drawn from, where anything was hunted. As text.
    pub const HUNT_SEED: &str = "checkedmap.hunt.seed";
    /// The process it happened in, which is not the exporting one where a report was recovered from disk.
    pub const PID: &str = "checkedmap.pid";
    /// Whether the report was recovered from the disk of a process that has died.
    pub const RECOVERED: &str = "checkedmap.recovered";
    /// The map's name, or where it was made.
    pub const MAP: &str = "checkedmap.map.name";
    /// The type of the map.
    pub const MAP_TYPE: &str = "checkedmap.map.type";
    /// The map's number in its process.
    pub const MAP_ID: &str = "checkedmap.map.id";
    /// Where the map was made.
    pub const MAP_CREATED: &str = "checkedmap.map.created";
    /// `holder` or `contender`; of a suspect, `lookup`, `intervening` or `acting`. On links too.
    pub const ROLE: &str = "checkedmap.role";
    /// The method's name.
    pub const OPERATION: &str = "checkedmap.operation";
    /// `read` or `write`.
    pub const ACCESS: &str = "checkedmap.access";
    /// `file:line:column` of the holder's access.
    pub const HOLDER_SITE: &str = "checkedmap.holder.site";
    /// `file:line:column` of the contender's access.
    pub const CONTENDER_SITE: &str = "checkedmap.contender.site";
    /// `file:line:column` of a suspect's first step.
    pub const LOOKUP_SITE: &str = "checkedmap.lookup.site";
    /// `file:line:column` of a suspect's second step.
    pub const INTERVENING_SITE: &str = "checkedmap.intervening.site";
    /// `file:line:column` of a suspect's third step.
    pub const ACTING_SITE: &str = "checkedmap.acting.site";
    /// `true` on the span of an access that had begun earlier than the span: an admitted access notes no time. The span
    /// begins a microsecond before the conflict was detected, which is the least that viewers show.
    pub const START_ESTIMATED: &str = "checkedmap.start.estimated";
    /// `true` on the spans of a suspect's steps: of each it is known when it was inside, not how long.
    pub const END_ESTIMATED: &str = "checkedmap.end.estimated";
    /// When the contender was refused, or a suspect's acting write made, in nanoseconds since 1970. Viewers cut span times to
    /// microseconds.
    pub const DETECTED_NS: &str = "checkedmap.detected_ns";
    /// When the holder left, in nanoseconds since 1970.
    pub const HOLDER_LEFT_NS: &str = "checkedmap.holder_left_ns";
    /// When the contender got its turn, in nanoseconds since 1970.
    pub const ADMITTED_NS: &str = "checkedmap.admitted_ns";
    /// How long the contender waited, in nanoseconds.
    pub const WAITED_NS: &str = "checkedmap.waited_ns";
    /// From a suspect's lookup to its acting write, in nanoseconds.
    pub const ELAPSED_NS: &str = "checkedmap.elapsed_ns";
    /// From a suspect's lookup to its intervening write, in nanoseconds.
    pub const INTERVENED_NS: &str = "checkedmap.intervened_ns";
    /// The first of several repeated conflicts or suspects, in nanoseconds since 1970.
    pub const FIRST_NS: &str = "checkedmap.first_ns";
    /// The last of several repeated conflicts or suspects, in nanoseconds since 1970.
    pub const LAST_NS: &str = "checkedmap.last_ns";
    /// Why there is no stack.
    pub const STACK_MISSING: &str = "checkedmap.stack.missing";
    /// When in the access the stack was taken: `entering` or `leaving`.
    pub const STACK_MOMENT: &str = "checkedmap.stack.moment";
    /// Whether the thread had ended with its access open. Absent where it had not.
    pub const THREAD_ENDED: &str = "checkedmap.thread.ended";
    /// The async task.
    pub const TASK: &str = "checkedmap.task";
    /// The trace of the request the side was serving. Some viewers do not show links' attributes.
    pub const REQUEST_TRACE: &str = "checkedmap.request.trace_id";
    /// The span of the request the side was serving.
    pub const REQUEST_SPAN: &str = "checkedmap.request.span_id";
    /// What baggage entries are called: this, then their key.
    pub const BAGGAGE_PREFIX: &str = "checkedmap.baggage.";

    /// OpenTelemetry's: the innermost function of the program's own code.
    pub const CODE_FUNCTION: &str = "code.function.name";
    /// OpenTelemetry's: the file of the access.
    pub const CODE_FILE: &str = "code.file.path";
    /// OpenTelemetry's: the line of the access.
    pub const CODE_LINE: &str = "code.line.number";
    /// OpenTelemetry's: the column of the access.
    pub const CODE_COLUMN: &str = "code.column.number";
    /// OpenTelemetry's: the whole stack.
    pub const CODE_STACK: &str = "code.stacktrace";
    /// OpenTelemetry's: the operating system's thread id.
    pub const THREAD_ID: &str = "thread.id";
    /// OpenTelemetry's: the thread's name.
    pub const THREAD_NAME: &str = "thread.name";
    /// OpenTelemetry's: the kind of conflict as an error.
    pub const ERROR_TYPE: &str = "error.type";
    /// OpenTelemetry's: `checkedmap.` and the kind.
    pub const EXCEPTION_TYPE: &str = "exception.type";
    /// OpenTelemetry's: the headline of the report.
    pub const EXCEPTION_MESSAGE: &str = "exception.message";
    /// OpenTelemetry's: the contender's stack.
    pub const EXCEPTION_STACK: &str = "exception.stacktrace";
}

/// Metrics.
pub mod metric {
    /// Conflicts that sinks were told, by [`MAP`](super::label::MAP), [`KIND`](super::label::KIND) and [`MODE`](super::label::MODE).
    pub const CONFLICTS: &str = "checkedmap.conflicts";
    /// The same by [`MAP`](super::label::MAP), [`KIND`](super::label::KIND), [`HOLDER`](super::label::HOLDER) and
    /// [`CONTENDER`](super::label::CONTENDER), for the first 100 pairs of sites; the others are counted together.
    pub const PAIR_CONFLICTS: &str = "checkedmap.pair.conflicts";
    /// Suspects that sinks were told, by [`MAP`](super::label::MAP), [`KIND`](super::label::KIND),
    /// [`EFFECT`](super::label::EFFECT) and [`SEVERITY`](super::label::SEVERITY).
    pub const SUSPECTS: &str = "checkedmap.suspects";
    /// The library's accounts of every suspect, by [`TERM`](super::label::TERM).
    pub const SUSPECT_BOOKS: &str = "checkedmap.suspect.books";
    /// Suspects on their way to the sinks.
    pub const SUSPECT_QUEUED: &str = "checkedmap.suspect.queued";
    /// What stale checks forgot before its time to make room: suspects may have gone unseen.
    pub const STALE_EVICTED: &str = "checkedmap.stale.evicted";
    /// Times two accesses by different threads came close to each other, one of them a write, by [`MAP`](super::label::MAP),
    /// [`ACCESS_A`](super::label::ACCESS_A) and [`ACCESS_B`](super::label::ACCESS_B), for 100 pairs of accesses; the others
    /// are counted together. Only where they are counted: `CHECKEDMAP_NEAR_MISSES=1`, or a hunt.
    pub const NEAR_MISSES: &str = "checkedmap.pair.near_misses";
    /// Times one access came right after the other, on another thread, by the same.
    pub const HAND_OVERS: &str = "checkedmap.pair.hand_overs";
    /// Pairs of accesses by what is to become of them, by [`MAP`](super::label::MAP) and [`STATE`](super::label::STATE).
    pub const PAIR_STATE: &str = "checkedmap.pair.state";
    /// Pairs that were forgotten for lack of room; what they counted before stays counted.
    pub const PAIRS_EVICTED: &str = "checkedmap.pair.evicted";
    /// Delays that the hunt has made.
    pub const HUNT_DELAYS: &str = "checkedmap.hunt.delays";
    /// Delays that somebody walked into.
    pub const HUNT_CAUGHT: &str = "checkedmap.hunt.caught";
    /// Delays left out because the budget was used up.
    pub const HUNT_OVER_BUDGET: &str = "checkedmap.hunt.over_budget";
    /// How long accesses were delayed, all threads together, in seconds.
    pub const HUNT_DELAYED: &str = "checkedmap.hunt.delayed";
    /// The share of the time that delays may take, from 0 to 1.
    pub const HUNT_BUDGET: &str = "checkedmap.hunt.budget";
    /// The library's accounts of every conflict, by [`TERM`](super::label::TERM).
    pub const BOOKS: &str = "checkedmap.books";
    /// Reports on their way to the sinks.
    pub const QUEUED: &str = "checkedmap.report.queued";
    /// What became of the reports handed to this exporter, by [`FATE`](super::label::FATE).
    pub const EXPORTS: &str = "checkedmap.exports";
    /// Reports this exporter still has to deliver.
    pub const PENDING: &str = "checkedmap.export.pending";
    /// Accesses to all collections of the process.
    pub const ACCESSES: &str = "checkedmap.accesses";
    /// Accesses that were refused, waited and got their turn, by [`MAP`](super::label::MAP) and [`KIND`](super::label::KIND).
    pub const WAITS: &str = "checkedmap.waits";
    /// How long these waited, in seconds, by [`MAP`](super::label::MAP) and [`KIND`](super::label::KIND).
    pub const WAIT_DURATION: &str = "checkedmap.wait.duration";
    /// How long holders stayed inside after a contender was refused, in seconds, by [`MAP`](super::label::MAP) and [`KIND`](super::label::KIND).
    pub const HOLD_DURATION: &str = "checkedmap.hold.duration";
    /// Named maps alive, by [`MAP`](super::label::MAP).
    pub const MAPS_ALIVE: &str = "checkedmap.map.alive";
    /// Named maps in a state of the circuit breaker, by [`MAP`](super::label::MAP) and [`STATE`](super::label::STATE).
    pub const CIRCUIT: &str = "checkedmap.circuit.state";
    /// How often circuits opened, by [`MAP`](super::label::MAP).
    pub const TRIPS: &str = "checkedmap.circuit.trips";

    /// The metrics that have series only where a map is watched by stale checks, or pairs of accesses are counted.
    pub const ON_REQUEST: &[&str] = &[
        SUSPECTS,
        NEAR_MISSES,
        HAND_OVERS,
        PAIR_STATE,
        PAIRS_EVICTED,
        HUNT_DELAYS,
        HUNT_CAUGHT,
        HUNT_OVER_BUDGET,
        HUNT_DELAYED,
        HUNT_BUDGET,
    ];

    /// Every metric.
    pub const ALL: &[&str] = &[
        CONFLICTS,
        PAIR_CONFLICTS,
        SUSPECTS,
        SUSPECT_BOOKS,
        SUSPECT_QUEUED,
        STALE_EVICTED,
        NEAR_MISSES,
        HAND_OVERS,
        PAIR_STATE,
        PAIRS_EVICTED,
        HUNT_DELAYS,
        HUNT_CAUGHT,
        HUNT_OVER_BUDGET,
        HUNT_DELAYED,
        HUNT_BUDGET,
        BOOKS,
        QUEUED,
        EXPORTS,
        PENDING,
        ACCESSES,
        WAITS,
        WAIT_DURATION,
        HOLD_DURATION,
        MAPS_ALIVE,
        CIRCUIT,
        TRIPS,
    ];
}

/// Attributes of metrics.
pub mod label {
    /// The map's name, or where it was made.
    pub const MAP: &str = "map";
    /// The kind of conflict, or of suspect.
    pub const KIND: &str = "kind";
    /// The mode in force.
    pub const MODE: &str = "mode";
    /// `file:line:column` of the holder's access; `unknown` where nobody could name it, `other` beyond the limit.
    pub const HOLDER: &str = "holder";
    /// `file:line:column` of the contender's access; `other` beyond the limit.
    pub const CONTENDER: &str = "contender";
    /// What came of a suspect; `unknown` in a count of repeats whose suspect is not among the last 1,024 the exporter was told.
    pub const EFFECT: &str = "effect";
    /// How much a suspect says: `suspect` or `hint`; `unknown` in such a count that does not say it itself, as those of an
    /// earlier version.
    pub const SEVERITY: &str = "severity";
    /// `OPERATION at file:line:column`, of two accesses the one that sorts first; `other` beyond the limit.
    pub const ACCESS_A: &str = "access_a";
    /// The other one, which may be the same; `other` beyond the limit.
    pub const ACCESS_B: &str = "access_b";
    /// Of a circuit `checked`, `degraded` or `half_open`; of a pair `watched`, `hunted`, `ordered`, `given_up` or `known`.
    pub const STATE: &str = "state";
    /// `detected`, `delivered`, `coalesced` or `dropped`.
    pub const TERM: &str = "term";
    /// `sent`, `dropped`, `spooled` or `recovered`.
    pub const FATE: &str = "fate";
}

#[cfg(test)]
mod tests {
    use super::{event, metric, span};

    #[test]
    fn the_readme_names_what_is_exported() {
        let readme = include_str!("../README.md");
        let traces = [span::CONFLICT, span::SUSPECT, span::WAIT, event::CONFLICT];
        for name in metric::ALL.iter().chain(&traces) {
            assert!(readme.contains(&format!("`{name}`")), "{name} is not in README.md");
        }
        let told = readme.split('`').filter(|word| word.starts_with("checkedmap."));
        for name in told {
            assert!(metric::ALL.contains(&name) || traces.contains(&name), "README.md names {name}");
        }
    }
}
