//! The text of a report, for somebody who has never heard of this library and is called at night.
//!
//! What happened, in one sentence; who, where, and how they came there; what became of it; what to do next.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use super::{Frame, Outcome, Repeat, Report, Side, StackTrace};
use crate::conflict::ConflictKind;
use crate::conflict::trace::{Missing, Moment};
use crate::context::RequestContext;
use crate::policy::Mode;

/// Lines of a stack that are shown. The innermost say what is wrong; the JSON form has all of them.
const LINES: usize = 10;

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

    /// What to do next.
    pub(crate) fn advice(&self) -> impl fmt::Display {
        fmt::from_fn(|f| self.write_advice(f))
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

    fn write_advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inside = self.holder.as_ref().map_or_else(
            || "the access inside".to_owned(),
            |holder| format!("the `{}` of {}", holder.operation, holder.site),
        );
        match self.kind {
            ConflictKind::Reentrant => {
                write!(f, "end {inside} before the `{}` of {}.", self.contender.operation, self.contender.site)
            }
            ConflictKind::Deadlock => f.write_str(
                "ask for these maps in one order everywhere, or drop the first guard before the second call.",
            ),
            ConflictKind::StuckWait if self.holder.as_ref().is_some_and(|holder| holder.thread.ended) => {
                write!(
                    f,
                    "find where the guard of {inside} is forgotten: its thread has ended, so nothing will drop it."
                )
            }
            ConflictKind::StuckWait => {
                write!(f, "shorten {inside}: drop its guard before anything that blocks or awaits.")
            }
            ConflictKind::WriteWrite | ConflictKind::ReadWrite | ConflictKind::IterateWrite => {
                f.write_str("give the two sites one lock or one owner.")?;
                self.other_mode(f)
            }
        }
    }

    fn other_mode(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mode {
            Mode::Panic | Mode::Abort => {
                write!(
                    f,
                    " To keep serving meanwhile: {} waits, `fallback` in its place locks",
                    self.setting(Mode::Log)
                )?;
            }
            Mode::Log => write!(f, " To stop where it happens: {}", self.setting(Mode::Panic))?,
            Mode::Fallback => write!(f, " To see every conflict of it: {}", self.setting(Mode::Log))?,
        }
        // A report does not tell where its mode came from, and the program's word beats the variable's.
        f.write_str(", unless the program sets the mode itself.")
    }

    /// How to set a mode for this map alone, or for all where it has no name that the variable can spell.
    fn setting(&self, mode: Mode) -> String {
        match self.map.name.as_deref() {
            Some(name) if !name.is_empty() && name.trim() == name && !name.contains([',', '\n']) => {
                format!("`{name}={mode}` in CHECKEDMAP_MODE")
            }
            _ => format!("`CHECKEDMAP_MODE={mode}`"),
        }
    }

    /// How to get the stacks that are missing.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        let sides = self.holder.iter().chain([&self.contender]);
        let reasons = sides.filter_map(|side| match side.stack {
            StackTrace::Taken { .. } => None,
            StackTrace::Missing { reason } => Some(reason),
        });
        reasons
            .filter_map(|reason| match reason {
                Missing::Disabled => Some("CHECKEDMAP_BACKTRACE=conflict takes both."),
                Missing::StillInside => {
                    Some("CHECKEDMAP_BACKTRACE=always keeps the stack of entry; a longer CHECKEDMAP_EVIDENCE_MS waits for the holder.")
                }
                Missing::ThreadEnded | Missing::AlreadyLeft => {
                    Some("CHECKEDMAP_BACKTRACE=always keeps the stack of entry.")
                }
                Missing::SameThread | Missing::Unnamed => None,
            })
            .next()
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
        if let Some(seed) = self.hunt_seed {
            writeln!(f, "  hunt: CHECKEDMAP_HUNT_SEED={seed} makes its choices again")?;
        }
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

/// Without a line end.
impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: `{}` ({}) at {}", self.role, self.operation, self.access, self.site)?;
        write!(f, "  by {}", self.thread)?;
        if !self.context.is_empty() {
            f.write_str("\n  for ")?;
            request(&self.context, f)?;
        }
        write!(f, "\n{}", self.stack)
    }
}

fn request(context: &RequestContext, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let known = [("trace", &context.trace_id), ("span", &context.span_id), ("task", &context.task)];
    let known = known.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?)));
    let baggage = context.baggage.iter().map(|(name, value)| format!("{name}={value}"));
    f.write_str(&known.chain(baggage).collect::<Vec<_>>().join(", "))
}

impl fmt::Display for StackTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { reason } => write!(f, "  no stack: {}", reason.reason()),
            Self::Taken { moment, frames, truncated } => {
                let when = match moment {
                    Moment::Entering => "as it came",
                    Moment::Leaving => "as it left",
                };
                write!(f, "  stack {when}:")?;
                // Where nothing is the user's, everything may be of use.
                let everything = frames.iter().all(|frame| !frame.user);
                let rest = shown(frames, everything, f)?;
                match (rest, truncated) {
                    (0, false) => Ok(()),
                    (0, true) => f.write_str("\n    … deeper frames were not recorded"),
                    (rest, _) => write!(f, "\n    … {rest} more"),
                }
            }
        }
    }
}

/// Writes the frames that are worth a line, and gaps for runs of others; returns how many more there would be.
fn shown(frames: &[Frame], everything: bool, f: &mut fmt::Formatter<'_>) -> Result<usize, fmt::Error> {
    let (mut lines, mut gap) = (0, 0);
    for (index, frame) in frames.iter().enumerate() {
        if !frame.user && !everything {
            gap += 1;
            continue;
        }
        if lines == LINES {
            return Ok(frames[index..].iter().filter(|frame| frame.user || everything).count());
        }
        write_gap(std::mem::take(&mut gap), f)?;
        write!(f, "\n    {frame}")?;
        lines += 1;
    }
    write_gap(gap, f)?;
    Ok(0)
}

fn write_gap(frames: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match frames {
        0 => Ok(()),
        1 => f.write_str("\n    … 1 frame of std and dependencies"),
        frames => write!(f, "\n    … {frames} frames of std and dependencies"),
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())?;
        match self.place() {
            Some(place) => write!(f, " at {place}"),
            None => Ok(()),
        }
    }
}

impl Frame {
    /// The function, or the address where there is no name.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        match &self.function {
            Some(function) => Cow::Borrowed(function),
            None => Cow::Owned(format!("{:#x}", self.address)),
        }
    }

    /// File, line and column, as far as they are known.
    pub(crate) fn place(&self) -> Option<String> {
        let mut place = below_here(self.file.as_deref()?).to_owned();
        for number in [self.line, self.column].into_iter().flatten() {
            let _ = write!(place, ":{number}");
        }
        Some(place)
    }
}

/// As the sites are written, where the file is below the directory that the process was in at its first report.
///
/// Asked for once: a program that changes its directory would otherwise have one file under two names.
fn below_here(file: &str) -> &str {
    static HERE: OnceLock<Option<PathBuf>> = OnceLock::new();
    HERE.get_or_init(|| std::env::current_dir().ok()).as_deref().map_or(file, |here| below(here, file))
}

/// `file` without `directory`; the whole of it where it lies elsewhere, or next to the root of the file system.
fn below<'a>(directory: &Path, file: &'a str) -> &'a str {
    let inside = directory.parent().and_then(|_| Path::new(file).strip_prefix(directory).ok());
    inside.and_then(Path::to_str).filter(|inside| !inside.is_empty()).unwrap_or(file)
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
    use crate::report::sample;

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
    fn a_name_the_variable_cannot_spell_is_not_suggested() {
        let mut report = sample::report();
        report.map.name = Some("a,b".to_owned());
        assert!(report.to_string().contains(": `CHECKEDMAP_MODE=panic`, unless"), "{report}");
    }

    #[test]
    fn frames_are_shown_relative_to_where_the_process_is() {
        let file = |file: String| Frame { function: Some("f".to_owned()), file: Some(file), ..Frame::default() };
        let here = std::env::current_dir().unwrap();
        assert_eq!(file(here.join("src/main.rs").display().to_string()).to_string(), "f at src/main.rs");
        let beside = format!("{}-beside/src/main.rs", here.display());
        assert_eq!(file(beside.clone()).to_string(), format!("f at {beside}"));
    }

    #[cfg(unix)]
    #[test]
    fn paths_are_cut_at_whole_names() {
        for (directory, path, shown) in [
            ("/home/ana", "/home/ana/src/main.rs", "src/main.rs"),
            ("/home/ana/", "/home/ana//src/main.rs", "src/main.rs"),
            ("/home/an", "/home/ana/src/main.rs", "/home/ana/src/main.rs"),
            ("/home/ana", "/rustc/src/main.rs", "/rustc/src/main.rs"),
            ("/home/ana", "src/main.rs", "src/main.rs"),
            ("/home/ana", "/home/ana", "/home/ana"),
            ("/", "/home/ana/src/main.rs", "/home/ana/src/main.rs"),
        ] {
            assert_eq!(below(Path::new(directory), path), shown, "{path} from {directory}");
        }
    }

    #[test]
    fn repeats() {
        insta::assert_snapshot!(sample::repeat(), @"checkedmap: write_write conflict on `sessions`: 41 more like report 7 within 3.5s");
    }
}
