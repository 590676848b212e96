//! The reporter as a whole: its books, its thread, its sinks.
//!
//! Each test has a reporter of its own, which lives as long as the process, as the real one does.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::coalesce::WINDOW;
use super::reporter::CAPACITY;
use super::*;
use crate::access::{Access, Operation, Site};
use crate::conflict::inquiry::{Answer, Inquiry};
use crate::conflict::trace::{Missing, Moment, RawTrace, Stack};
use crate::conflict::{Conflict, Facts, Party, Subject, ThreadInfo};
use crate::context::RequestContext;
use crate::sink::{Memory, Registry, Sink};

/// Long enough for any machine; only a test that fails waits this long.
const LONG: Duration = Duration::from_secs(60);

fn reporter() -> &'static Reporter {
    Box::leak(Box::new(Reporter::new(Registry::configured(&[]))))
}

fn reporter_with_memory() -> (&'static Reporter, Memory) {
    let (reporter, memory) = (reporter(), Memory::new());
    reporter.sinks().add(memory.clone());
    (reporter, memory)
}

fn party(operation: Operation, site: Site) -> Party {
    let thread = ThreadInfo { id: 1, name: Some("worker".into()), ended: false };
    Party { access: Access::new(operation, site), thread }
}

/// A conflict on the collection of this number, always between the same two sites.
fn conflict(subject: u64) -> Conflict {
    let (site, created) = (Site::caller(), Site::caller());
    Conflict::new(Facts {
        kind: ConflictKind::WriteWrite,
        subject: Subject { id: subject, name: Some("sessions".into()), type_name: "(u8, u8)", created },
        mode: Mode::Log,
        contender: party(Operation::Insert, site),
        holder: Some(party(Operation::Remove, created)),
        chain: Vec::new(),
    })
}

pub(super) fn observation(subject: u64, holder: HolderEvidence) -> Observation {
    Observation {
        conflict: conflict(subject),
        outcome: Outcome::Waited,
        detected: SystemTime::now(),
        instant: Instant::now(),
        contender_stack: Stack::Missing(Missing::Disabled),
        contender_context: RequestContext::default(),
        holder,
        waited: None,
    }
}

pub(super) fn known() -> HolderEvidence {
    HolderEvidence::Known(Stack::Missing(Missing::Disabled))
}

fn asked(deadline: Duration) -> (Arc<Inquiry>, HolderEvidence) {
    let inquiry = Arc::new(Inquiry::new(1));
    let otherwise = Stack::Missing(Missing::StillInside);
    let asked = Arc::clone(&inquiry);
    (inquiry, HolderEvidence::Asked { inquiry: asked, deadline: Instant::now() + deadline, otherwise })
}

fn answer() -> Answer {
    Answer { trace: Some(RawTrace::capture()), left: SystemTime::now(), context: RequestContext::default() }
}

/// What the gate's side does with a conflict; says whether it was the first of its window.
pub(super) fn encounter(reporter: &'static Reporter, subject: u64) -> bool {
    match reporter.detect(Key::of(&conflict(subject))) {
        Verdict::First(number) => {
            reporter.submit(number, observation(subject, known()));
            true
        }
        Verdict::Repeat { .. } => false,
    }
}

pub(super) fn first(reporter: &Reporter, subject: u64) -> u64 {
    match reporter.detect(Key::of(&conflict(subject))) {
        Verdict::First(number) => number,
        Verdict::Repeat { .. } => panic!("subject {subject} has been seen"),
    }
}

/// A sink that does what the test says.
struct Calling<F>(F);

impl<F: Fn(&Report) + Send + Sync + 'static> Sink for Calling<F> {
    fn report(&self, report: &Report) {
        (self.0)(report);
    }
}

/// A sink that takes a report each time the test lets it.
fn gated(reporter: &Reporter) -> (mpsc::Receiver<u64>, mpsc::Sender<()>) {
    let (arrived, arrivals) = mpsc::channel();
    let (go, gone) = mpsc::channel();
    let gone = parking_lot::Mutex::new(gone);
    reporter.sinks().add(Calling(move |report: &Report| {
        let _ = arrived.send(report.number);
        // The test that has dropped its end lets everything through.
        let _ = gone.lock().recv();
    }));
    (arrivals, go)
}

#[test]
fn a_report_reaches_the_sink() {
    let (reporter, memory) = reporter_with_memory();
    assert!(encounter(reporter, 1));
    assert!(memory.wait_for(1, LONG));
    reporter.flush(LONG).expect("flushed");
    let books = reporter.books();
    assert_eq!((books.detected, books.delivered, books.queued), (1, 1, 0));
    let report = &memory.reports()[0];
    assert_eq!((report.number, report.kind, report.count), (1, ConflictKind::WriteWrite, 1));
    assert_eq!(report.map.name.as_deref(), Some("sessions"));
    assert_eq!(report.contender.operation, "insert");
    assert_eq!(report.holder.as_ref().expect("named").operation, "remove");
    assert_eq!(report.pid, std::process::id());
}

#[test]
fn a_conflict_between_detection_and_submission_is_queued() {
    let (reporter, _memory) = reporter_with_memory();
    let number = first(reporter, 1);
    assert_eq!(reporter.books(), Books { detected: 1, queued: 1, ..Books::default() });
    assert_eq!(reporter.flush(Duration::ZERO), Err(FlushError::Deadline { left: 1, deadline: Duration::ZERO }));
    reporter.submit(number, observation(1, known()));
    reporter.flush(LONG).expect("flushed");
    assert_eq!(reporter.books(), Books { detected: 1, delivered: 1, ..Books::default() });
}

#[test]
fn the_holders_answer_and_the_contenders_turn_are_waited_for() {
    let (reporter, memory) = reporter_with_memory();
    let (inquiry, holder) = asked(Duration::from_secs(86_400));
    reporter.submit(first(reporter, 1), observation(1, holder));
    // One that waits holds up none behind it.
    encounter(reporter, 2);
    assert!(memory.wait_for(1, LONG));
    assert_eq!(memory.reports()[0].map.id, 2);
    inquiry.answer(answer());
    encounter(reporter, 3);
    assert!(memory.wait_for(2, LONG));
    assert_eq!(memory.reports()[1].map.id, 3, "the contender has yet to get its turn");
    inquiry.set_admitted(Instant::now());
    assert!(memory.wait_for(3, LONG));
    let report = &memory.reports()[2];
    assert!(report.holder_left.is_some() && report.admitted.is_some() && report.waited.is_some());
    let stack = &report.holder.as_ref().expect("named").stack;
    let StackTrace::Taken { moment: Moment::Leaving, frames, .. } = stack else { panic!("no stack: {stack}") };
    assert!(!frames.is_empty());
}

#[test]
fn a_contender_that_does_not_wait_has_no_turn_to_wait_for() {
    let (reporter, memory) = reporter_with_memory();
    let (inquiry, holder) = asked(Duration::from_secs(86_400));
    reporter.submit(first(reporter, 1), Observation { outcome: Outcome::Returned, ..observation(1, holder) });
    inquiry.answer(answer());
    assert!(memory.wait_for(1, LONG));
    assert!(memory.reports()[0].holder_left.is_some());
}

#[test]
fn a_holder_has_left_when_the_contender_gets_its_turn() {
    let (reporter, _memory) = reporter_with_memory();
    let (inquiry, holder) = asked(LONG);
    let observation = observation(1, holder);
    inquiry.set_admitted(observation.instant);
    inquiry.answer(Answer { left: observation.detected + LONG, ..answer() });
    let report = reporter.raise(first(reporter, 1), observation);
    assert_eq!((report.holder_left, report.admitted), (Some(report.detected), Some(report.detected)));
}

#[test]
fn a_holder_that_stays_is_reported_without_its_stack() {
    let (reporter, memory) = reporter_with_memory();
    let (inquiry, holder) = asked(Duration::ZERO);
    reporter.submit(first(reporter, 1), observation(1, holder));
    assert!(memory.wait_for(1, LONG));
    let stack = memory.reports()[0].holder.clone().expect("named").stack;
    assert_eq!(stack, StackTrace::Missing { reason: Missing::StillInside });
    assert!(inquiry.is_withdrawn());
}

#[test]
fn a_flush_does_not_wait_for_evidence_beyond_its_deadline() {
    let (reporter, memory) = reporter_with_memory();
    let (_inquiry, holder) = asked(Duration::from_secs(86_400));
    reporter.submit(first(reporter, 1), observation(1, holder));
    reporter.flush(Duration::from_secs(6)).expect("flushed");
    assert_eq!(memory.reports().len(), 1);
}

#[test]
fn a_raised_report_is_returned_and_delivered() {
    let (reporter, memory) = reporter_with_memory();
    let (inquiry, holder) = asked(LONG);
    inquiry.answer(answer());
    inquiry.set_admitted(Instant::now());
    let number = first(reporter, 1);
    let report = reporter.raise(number, observation(1, holder));
    assert_eq!(report.number, number);
    assert!(report.holder_left.is_some() && report.admitted.is_some() && report.waited.is_some());
    reporter.flush(LONG).expect("flushed");
    assert_eq!(memory.reports(), [Report::clone(&report)]);
}

#[test]
fn without_a_sink_reports_count_as_delivered() {
    let reporter = reporter();
    encounter(reporter, 1);
    reporter.flush(LONG).expect("flushed");
    assert_eq!(reporter.books(), Books { detected: 1, delivered: 1, ..Books::default() });
}

/// The counts that sinks were told stand for every conflict that was not dropped.
fn told(memory: &Memory) -> u64 {
    let reports: u64 = memory.reports().iter().map(|report| report.count).sum();
    reports + memory.repeats().iter().map(|repeat| repeat.count).sum::<u64>()
}

#[test]
fn ten_thousand_conflicts_from_many_threads_are_all_accounted_for() {
    const THREADS: u64 = 4;
    const EACH: u64 = 2500;
    const ORIGINS: u64 = 10;
    let (reporter, memory) = reporter_with_memory();
    let (arrivals, go) = gated(reporter);
    let start = Arc::new(Barrier::new(THREADS as usize));
    let workers: Vec<_> = (0..THREADS)
        .map(|_| {
            let start = Arc::clone(&start);
            thread::spawn(move || {
                start.wait();
                for conflict in 0..EACH {
                    encounter(reporter, conflict % ORIGINS);
                    assert!(reporter.books().balanced(), "{}", reporter.books());
                }
            })
        })
        .collect();
    // The sink is stuck in its first report until every conflict is through: nobody waited for it.
    arrivals.recv().expect("a report arrives");
    for worker in workers {
        worker.join().expect("no panic");
    }
    let books = reporter.books();
    assert_eq!((books.detected, books.delivered), (THREADS * EACH, 0));
    assert!(books.balanced());
    drop(go);
    reporter.flush(LONG).expect("flushed");
    let books = reporter.books();
    assert_eq!((books.detected, books.dropped, books.queued), (THREADS * EACH, 0, 0));
    assert_eq!(books.delivered, memory.reports().len() as u64);
    assert!(books.balanced());
    assert_eq!(told(&memory), THREADS * EACH);
}

#[test]
fn what_does_not_fit_is_dropped_and_counted() {
    const MORE: u64 = 100;
    let (reporter, memory) = reporter_with_memory();
    let (arrivals, go) = gated(reporter);
    encounter(reporter, 0);
    arrivals.recv().expect("the first arrives, and the sink is stuck");
    for subject in 1..CAPACITY as u64 + MORE {
        encounter(reporter, subject);
    }
    let books = reporter.books();
    assert_eq!((books.dropped, books.queued), (MORE, CAPACITY as u64));
    assert!(books.balanced());
    drop(go);
    reporter.flush(LONG).expect("flushed");
    let books = reporter.books();
    assert_eq!((books.delivered, books.dropped, books.queued), (CAPACITY as u64, MORE, 0));
    assert_eq!(told(&memory), CAPACITY as u64);
}

#[test]
fn a_dropped_report_tells_the_holder_not_to_bother() {
    let reporter = reporter();
    let (arrivals, _go) = gated(reporter);
    encounter(reporter, 0);
    arrivals.recv().expect("the first arrives, and the sink is stuck");
    for subject in 1..CAPACITY as u64 {
        encounter(reporter, subject);
    }
    let (inquiry, holder) = asked(LONG);
    let number = first(reporter, u64::MAX);
    reporter.submit(number, observation(u64::MAX, holder));
    assert!(inquiry.is_withdrawn());
}

#[test]
fn a_panicking_sink_stays_and_harms_no_other() {
    let reporter = reporter();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    reporter.sinks().add(Calling(move |_: &Report| {
        counted.fetch_add(1, Ordering::SeqCst);
        panic!("the sink's own fault");
    }));
    encounter(reporter, 1);
    reporter.flush(LONG).expect("flushed");
    assert_eq!(reporter.books(), Books { detected: 1, dropped: 1, ..Books::default() });
    let memory = Memory::new();
    reporter.sinks().add(memory.clone());
    encounter(reporter, 2);
    reporter.flush(LONG).expect("flushed");
    assert_eq!(reporter.books(), Books { detected: 2, delivered: 1, dropped: 1, ..Books::default() });
    assert_eq!(memory.reports().len(), 1);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

/// A payload, and a sink, whose drop panics.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

impl Sink for Bomb {
    fn report(&self, _: &Report) {
        std::panic::panic_any(Self);
    }
}

#[test]
fn panics_of_drops_are_contained_too() {
    let (reporter, memory) = reporter_with_memory();
    reporter.sinks().add(Bomb);
    encounter(reporter, 1);
    reporter.flush(LONG).expect("flushed");
    reporter.sinks().replace([Box::new(memory.clone()) as Box<dyn Sink>]);
    encounter(reporter, 2);
    reporter.flush(LONG).expect("flushed");
    assert_eq!(memory.reports().len(), 2);
    assert_eq!(reporter.books(), Books { detected: 2, delivered: 2, ..Books::default() });
}

#[test]
fn a_sink_may_call_back() {
    let (reporter, memory) = reporter_with_memory();
    let late = Memory::new();
    let (added, done) = (late.clone(), AtomicBool::new(false));
    reporter.sinks().add(Calling(move |_: &Report| {
        if !done.swap(true, Ordering::SeqCst) {
            assert!(reporter.books().balanced());
            assert!(matches!(reporter.flush(LONG), Err(FlushError::InsideSink { left: 1.. })));
            reporter.sinks().add(added.clone());
            // A conflict in the sink itself.
            encounter(reporter, 2);
        }
    }));
    encounter(reporter, 1);
    assert!(late.wait_for(1, LONG));
    reporter.flush(LONG).expect("flushed");
    assert_eq!(memory.reports().len(), 2);
    assert_eq!(late.reports()[0].map.id, 2);
    assert_eq!(reporter.books(), Books { detected: 2, delivered: 2, ..Books::default() });
}

#[test]
fn a_flush_of_a_stuck_sink_ends_and_says_what_is_left() {
    let (reporter, _memory) = reporter_with_memory();
    let (arrivals, go) = gated(reporter);
    for subject in 0..3 {
        encounter(reporter, subject);
    }
    arrivals.recv().expect("a report arrives");
    let error = reporter.flush(Duration::ZERO).expect_err("the sink is stuck");
    assert_eq!(error.to_string(), "3 conflict reports were still on their way after 0ns");
    drop(go);
    reporter.flush(Duration::MAX).expect("flushed");
    assert_eq!(reporter.books().queued, 0);
}

#[test]
fn a_flush_calls_every_sinks_flush_after_its_reports() {
    struct Flushing(Memory, mpsc::Sender<usize>);
    impl Sink for Flushing {
        fn report(&self, report: &Report) {
            self.0.report(report);
        }
        fn flush(&self) {
            let _ = self.1.send(self.0.reports().len());
        }
    }
    let reporter = reporter();
    let (flushed, flushes) = mpsc::channel();
    reporter.sinks().add(Flushing(Memory::new(), flushed));
    reporter.flush(LONG).expect("flushed, though there is nothing");
    assert_eq!(flushes.recv(), Ok(0));
    encounter(reporter, 1);
    encounter(reporter, 2);
    reporter.flush(LONG).expect("flushed");
    assert_eq!(flushes.recv(), Ok(2));
}

#[test]
fn a_flush_tells_the_counts_of_open_windows() {
    let (reporter, memory) = reporter_with_memory();
    encounter(reporter, 1);
    reporter.flush(LONG).expect("flushed");
    for _ in 0..4 {
        assert!(!encounter(reporter, 1));
    }
    reporter.flush(LONG).expect("flushed");
    let repeats = memory.repeats();
    assert_eq!(repeats.len(), 1);
    assert_eq!((repeats[0].number, repeats[0].count), (1, 4));
    assert_eq!(repeats[0].map, Some((conflict(1).subject()).into()));
    reporter.flush(LONG).expect("flushed");
    assert_eq!(memory.repeats().len(), 1);
    assert_eq!(reporter.books(), Books { detected: 5, delivered: 1, coalesced: 4, ..Books::default() });
}

#[test]
fn a_window_that_closes_is_told_without_a_flush() {
    struct Told(mpsc::Sender<Repeat>);
    impl Sink for Told {
        fn report(&self, _: &Report) {}
        fn repeated(&self, repeat: &Repeat) {
            let _ = self.0.send(repeat.clone());
        }
    }
    let reporter = reporter();
    let (told, repeats) = mpsc::channel();
    reporter.sinks().add(Told(told));
    let key = Key::of(&conflict(1));
    // A clock set back far enough that the window is about to close.
    let opened = Instant::now().checked_sub(WINDOW - Duration::from_millis(50)).expect("the machine is up longer");
    let Verdict::First(number) = reporter.detect_at(key, opened, SystemTime::now()) else { panic!("a first one") };
    // A report that has its count already leaves what follows to the end of the window.
    reporter.submit(number, observation(1, known()));
    reporter.flush(LONG).expect("flushed");
    let verdict = reporter.detect_at(key, opened, SystemTime::now());
    assert_eq!(verdict, Verdict::Repeat { number, nth: 2 });
    let repeat = repeats.recv_timeout(LONG).expect("told when the window closes");
    assert_eq!((repeat.number, repeat.count), (number, 1));
}

#[test]
fn work_is_done_on_the_calling_thread_where_there_is_no_other() {
    let (reporter, memory) = reporter_with_memory();
    // As if somebody else were starting the thread, and then failed to.
    reporter.state.lock().thread = super::reporter::Worker::Starting;
    let here = thread::current().id();
    reporter.sinks().add(Calling(move |_: &Report| assert_eq!(thread::current().id(), here)));
    encounter(reporter, 1);
    let (inquiry, holder) = asked(Duration::ZERO);
    reporter.submit(first(reporter, 2), observation(2, holder));
    reporter.work_here();
    assert!(inquiry.is_withdrawn());
    assert_eq!(memory.reports().len(), 2);
    assert_eq!(reporter.books(), Books { detected: 2, delivered: 2, ..Books::default() });
}

#[test]
fn a_child_takes_the_sinks_and_leaves_the_books() {
    let (parent, memory) = reporter_with_memory();
    encounter(parent, 1);
    parent.flush(LONG).expect("flushed");
    let child: &'static Reporter = Box::leak(Box::new(Reporter::after(Some(parent))));
    assert_eq!(child.books(), Books::default());
    // Detected before the fork, handed over after it.
    child.submit(9, observation(1, known()));
    child.flush(LONG).expect("flushed");
    assert_eq!(child.books(), Books { detected: 1, delivered: 1, ..Books::default() });
    assert_eq!(first(child, 2), 10);
    assert_eq!(memory.reports().len(), 2);
}
