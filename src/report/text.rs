//! The text of a report, for somebody who has never heard of this library and is called at night.
//!
//! What happened, in one sentence; who, where, and how they came there; what became of it; what to do next.

use std::fmt;
use std::time::Duration;

use super::{Outcome, Repeat, Report};
use crate::conflict::ConflictKind;
use crate::conflict::trace::Missing;

impl Report {
    /// The first line: kind, map and number.
    #[must_use]
    pub fn headline(&self) -> String {
        format!("checkedmap: {} conflict on {} (report {})", self.kind, self.map, self.number)
    }

    /// What happened.
    pub(crate) fn sentence(&self) -> impl fmt::Display {
        fmt::from_fn(|f| self.write_sentence(f))
    }

    /// What became of it.
    pub(crate) fn consequence(&self) -> impl fmt::Display {
        fmt::from_fn(|f| self.write_consequence(f))
    }

    fn write_sentence(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ConflictKind::WriteWrite => "Two threads wrote to this map at the same time.",
            ConflictKind::ReadWrite => "One thread read this map while another wrote to it.",
            ConflictKind::IterateWrite => {
                "One thread walked over this map while another was in it, and at least one of them writes."
            }
            ConflictKind::Reentrant => {
                return f.write_str(
                    "A thread asked for this map while an access of its own was open: it would have waited for itself.",
                );
            }
            ConflictKind::Deadlock => {
                return f.write_str("Threads wait for each other's maps in a circle: none of them could ever go on.");
            }
            ConflictKind::StuckWait => {
                return write!(f, "A thread {} for its turn with this map.", self.still_waiting());
            }
        };
        write!(f, "{what} The contender was stopped before it touched it.")
    }

    fn still_waiting(&self) -> String {
        match self.waited() {
            Some(waited) => format!("has waited {waited:.1?}"),
            None => "has waited too long".to_owned(),
        }
    }

    fn waited(&self) -> Option<Duration> {
        self.waited.map(Duration::from_nanos)
    }

    fn write_consequence(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = &self.contender.operation;
        match self.outcome {
            Outcome::Panicked => write!(f, "The `{operation}` panicked; the map is whole and stays usable."),
            Outcome::Aborted => write!(f, "The process aborts, as the mode `{}` asks.", self.mode),
            Outcome::Waited => match (self.kind, self.admitted.and(self.waited())) {
                (ConflictKind::StuckWait, _) => write!(f, "The `{operation}` goes on waiting."),
                (_, Some(waited)) => write!(f, "The `{operation}` waited {waited:.1?} for its turn and went on."),
                (_, None) => write!(f, "The `{operation}` waits for its turn and then goes on."),
            },
            Outcome::Degraded => write!(
                f,
                "The map works through a reader-writer lock until CHECKEDMAP_RECOVER_MS have passed in peace; the \
                 `{operation}` goes on."
            ),
            Outcome::Returned => write!(f, "The `{operation}` returned the conflict to its caller."),
        }
    }
}

pub(super) fn write_seed(f: &mut fmt::Formatter<'_>, hunt_seed: Option<u64>) -> fmt::Result {
    match hunt_seed {
        Some(seed) => writeln!(f, "  hunt: CHECKEDMAP_HUNT_SEED={seed} makes its choices again"),
        None => Ok(()),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline())?;
        self.write_sentence(f)?;
        writeln!(f, "\n  map: {}, made at {}", self.map.type_name, self.map.created)?;
        if self.count > 1 {
            writeln!(f, "  seen: {} times between these two sites so far", self.count)?;
        }
        write_seed(f, self.hunt_seed)?;
        match &self.holder {
            Some(holder) => writeln!(f, "\n{holder}")?,
            None => writeln!(f, "\nholder: {}", Missing::Unnamed.reason())?,
        }
        writeln!(f, "\n{}\n", self.contender)?;
        self.write_consequence(f)?;
        f.write_str("\nNext: ")?;
        self.write_advice(f)?;
        match self.missing() {
            Some(how) => write!(f, "\nFor the missing stack: {how}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, kind, count, first, last, .. } = self;
        write!(f, "checkedmap: {kind} conflict")?;
        if let Some(map) = &self.map {
            write!(f, " on {map}")?;
        }
        let within = Duration::from_nanos(last.saturating_sub(*first));
        write!(f, ": {count} more like report {number}")?;
        if *count > 1 { write!(f, " within {within:.1?}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conflict::trace::Moment;
    use crate::context::RequestContext;
    use crate::policy::Mode;
    use crate::report::{Frame, StackTrace, sample};

    #[test]
    fn overlap_in_log_mode() {
        insta::assert_snapshot!(sample::report(), @r"
        checkedmap: write_write conflict on `sessions` (report 7)
        Two threads wrote to this map at the same time. The contender was stopped before it touched it.
          map: (u64, staging::Session), made at src/main.rs:12:9
          seen: 3 times between these two sites so far

        holder: `insert` (write) at src/janitor.rs:42:9
          by thread '<unnamed>' (4701)
          stack as it left:
            … 1 frame of std and dependencies
            staging::janitor::sweep at src/janitor.rs:42:9

        contender: `insert` (write) at src/login.rs:33:9
          by thread 'worker-1' (4702)
          for trace 4bf92f3577b34da6a3ce929d0e0e4736, span 00f067aa0ba902b7, task 19, tenant=acme
          stack as it came:
            staging::login::store at src/login.rs:33:9
            staging::login::handler at src/login.rs:20:9
            … 2 frames of std and dependencies
            staging::main at src/main.rs:8:9
            … 1 frame of std and dependencies

        The `insert` waited 1.2ms for its turn and went on.
        Next: give the two sites one lock or one owner. To stop where it happens: `sessions=panic` in CHECKEDMAP_MODE, unless the program sets the mode itself.
        ");
    }

    #[test]
    fn overlap_in_panic_mode_with_the_holder_still_inside() {
        let mut report = sample::report();
        (report.mode, report.outcome) = (Mode::Panic, Outcome::Panicked);
        report.kind = ConflictKind::ReadWrite;
        (report.admitted, report.waited, report.count) = (None, None, 1);
        report.contender.context = RequestContext::default();
        sample::holder(&mut report).stack = StackTrace::Missing { reason: Missing::StillInside };
        insta::assert_snapshot!(report, @r"
        checkedmap: read_write conflict on `sessions` (report 7)
        One thread read this map while another wrote to it. The contender was stopped before it touched it.
          map: (u64, staging::Session), made at src/main.rs:12:9

        holder: `insert` (write) at src/janitor.rs:42:9
          by thread '<unnamed>' (4701)
          no stack: the holder was still inside when the wait for its stack ended (CHECKEDMAP_EVIDENCE_MS)

        contender: `insert` (write) at src/login.rs:33:9
          by thread 'worker-1' (4702)
          stack as it came:
            staging::login::store at src/login.rs:33:9
            staging::login::handler at src/login.rs:20:9
            … 2 frames of std and dependencies
            staging::main at src/main.rs:8:9
            … 1 frame of std and dependencies

        The `insert` panicked; the map is whole and stays usable.
        Next: give the two sites one lock or one owner. To keep serving meanwhile: `sessions=log` in CHECKEDMAP_MODE waits, `fallback` in its place locks, unless the program sets the mode itself.
        For the missing stack: CHECKEDMAP_BACKTRACE=always keeps the stack of entry; a longer CHECKEDMAP_EVIDENCE_MS waits for the holder.
        ");
    }

    #[test]
    fn unnamed_map_in_fallback_mode_without_debug_information() {
        let mut report = sample::report();
        (report.mode, report.outcome) = (Mode::Fallback, Outcome::Degraded);
        report.kind = ConflictKind::IterateWrite;
        report.map.name = None;
        let frames = (1..=12).map(|address| Frame { address, ..Frame::default() }).collect();
        report.contender.stack = StackTrace::Taken { moment: Moment::Entering, frames, truncated: true };
        report.holder = None;
        insta::assert_snapshot!(report, @r"
        checkedmap: iterate_write conflict on the unnamed map made at src/main.rs:12:9 (report 7)
        One thread walked over this map while another was in it, and at least one of them writes. The contender was stopped before it touched it.
          map: (u64, staging::Session), made at src/main.rs:12:9
          seen: 3 times between these two sites so far

        holder: the holder could not be named

        contender: `insert` (write) at src/login.rs:33:9
          by thread 'worker-1' (4702)
          for trace 4bf92f3577b34da6a3ce929d0e0e4736, span 00f067aa0ba902b7, task 19, tenant=acme
          stack as it came:
            0x1
            0x2
            0x3
            0x4
            0x5
            0x6
            0x7
            0x8
            0x9
            0xa
            … 2 more

        The map works through a reader-writer lock until CHECKEDMAP_RECOVER_MS have passed in peace; the `insert` goes on.
        Next: give the two sites one lock or one owner. To see every conflict of it: `CHECKEDMAP_MODE=log`, unless the program sets the mode itself.
        ");
    }

    #[test]
    fn reentrant() {
        let mut report = sample::report();
        (report.kind, report.mode, report.outcome) = (ConflictKind::Reentrant, Mode::Log, Outcome::Panicked);
        sample::holder(&mut report).stack = StackTrace::Missing { reason: Missing::SameThread };
        insta::assert_snapshot!(report, @r"
        checkedmap: reentrant conflict on `sessions` (report 7)
        A thread asked for this map while an access of its own was open: it would have waited for itself.
          map: (u64, staging::Session), made at src/main.rs:12:9
          seen: 3 times between these two sites so far

        holder: `insert` (write) at src/janitor.rs:42:9
          by thread '<unnamed>' (4701)
          no stack: both sides are one thread; see the other stack

        contender: `insert` (write) at src/login.rs:33:9
          by thread 'worker-1' (4702)
          for trace 4bf92f3577b34da6a3ce929d0e0e4736, span 00f067aa0ba902b7, task 19, tenant=acme
          stack as it came:
            staging::login::store at src/login.rs:33:9
            staging::login::handler at src/login.rs:20:9
            … 2 frames of std and dependencies
            staging::main at src/main.rs:8:9
            … 1 frame of std and dependencies

        The `insert` panicked; the map is whole and stays usable.
        Next: end the `insert` of src/janitor.rs:42:9 before the `insert` of src/login.rs:33:9.
        ");
    }

    #[test]
    fn deadlock_with_stacks_switched_off() {
        let mut report = sample::report();
        (report.kind, report.outcome) = (ConflictKind::Deadlock, Outcome::Panicked);
        report.contender.stack = StackTrace::Missing { reason: Missing::Disabled };
        sample::holder(&mut report).stack = StackTrace::Missing { reason: Missing::Disabled };
        insta::assert_snapshot!(report, @r"
        checkedmap: deadlock conflict on `sessions` (report 7)
        Threads wait for each other's maps in a circle: none of them could ever go on.
          map: (u64, staging::Session), made at src/main.rs:12:9
          seen: 3 times between these two sites so far

        holder: `insert` (write) at src/janitor.rs:42:9
          by thread '<unnamed>' (4701)
          no stack: stacks are switched off (CHECKEDMAP_BACKTRACE=off)

        contender: `insert` (write) at src/login.rs:33:9
          by thread 'worker-1' (4702)
          for trace 4bf92f3577b34da6a3ce929d0e0e4736, span 00f067aa0ba902b7, task 19, tenant=acme
          no stack: stacks are switched off (CHECKEDMAP_BACKTRACE=off)

        The `insert` panicked; the map is whole and stays usable.
        Next: ask for these maps in one order everywhere, or drop the first guard before the second call.
        For the missing stack: CHECKEDMAP_BACKTRACE=conflict takes both.
        ");
    }

    #[test]
    fn stuck_wait_on_a_thread_that_has_ended() {
        let mut report = sample::report();
        (report.kind, report.admitted, report.waited) = (ConflictKind::StuckWait, None, Some(5_000_000_000));
        let holder = sample::holder(&mut report);
        holder.thread.ended = true;
        holder.stack = StackTrace::Missing { reason: Missing::ThreadEnded };
        insta::assert_snapshot!(report, @r"
        checkedmap: stuck_wait conflict on `sessions` (report 7)
        A thread has waited 5.0s for its turn with this map.
          map: (u64, staging::Session), made at src/main.rs:12:9
          seen: 3 times between these two sites so far

        holder: `insert` (write) at src/janitor.rs:42:9
          by thread '<unnamed>' (4701), which has ended
          no stack: the holder's thread ended without dropping its guard

        contender: `insert` (write) at src/login.rs:33:9
          by thread 'worker-1' (4702)
          for trace 4bf92f3577b34da6a3ce929d0e0e4736, span 00f067aa0ba902b7, task 19, tenant=acme
          stack as it came:
            staging::login::store at src/login.rs:33:9
            staging::login::handler at src/login.rs:20:9
            … 2 frames of std and dependencies
            staging::main at src/main.rs:8:9
            … 1 frame of std and dependencies

        The `insert` goes on waiting.
        Next: find where the guard of the `insert` of src/janitor.rs:42:9 is forgotten: its thread has ended, so nothing will drop it.
        For the missing stack: CHECKEDMAP_BACKTRACE=always keeps the stack of entry.
        ");
    }

    #[test]
    fn what_became_of_it() {
        let mut report = sample::report();
        for (outcome, mode, text) in [
            (Outcome::Panicked, Mode::Panic, "The `insert` panicked; the map is whole and stays usable."),
            (Outcome::Aborted, Mode::Abort, "The process aborts, as the mode `abort` asks."),
            (Outcome::Waited, Mode::Log, "The `insert` waited 1.2ms for its turn and went on."),
            (Outcome::Degraded, Mode::Fallback, "The map works through a reader-writer lock"),
            (Outcome::Returned, Mode::Panic, "The `insert` returned the conflict to its caller."),
        ] {
            (report.outcome, report.mode) = (outcome, mode);
            assert!(report.to_string().contains(text), "{report}");
        }
    }

    #[test]
    fn every_reason_for_a_missing_stack_is_shown() {
        let mut report = sample::report();
        for reason in [
            Missing::Disabled,
            Missing::StillInside,
            Missing::ThreadEnded,
            Missing::SameThread,
            Missing::AlreadyLeft,
            Missing::Unnamed,
        ] {
            sample::holder(&mut report).stack = StackTrace::Missing { reason };
            let text = report.to_string();
            assert!(text.contains(reason.reason()), "{text}");
            assert!(text.lines().count() <= 40, "{text}");
        }
    }

    #[test]
    fn repeats() {
        insta::assert_snapshot!(sample::repeat(), @"checkedmap: write_write conflict on `sessions`: 41 more like report 7 within 3.5s");
    }
}
