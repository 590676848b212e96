//! Suspects on their way: an account of their own, beside that of the conflicts.

use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime};

use super::account::CAPACITY;
use super::tests::{LONG, conflict, encounter, party, reporter_with_memory};
use super::*;
use crate::access::{Operation, Site};
use crate::conflict::trace::{Missing, Stack};
use crate::context::RequestContext;
use crate::sink::Sink;

fn step(operation: Operation, site: Site) -> Step {
    Step { party: party(operation, site), stack: Stack::Missing(Missing::Disabled), context: RequestContext::default() }
}

/// A suspect on the collection of this number, always between the same three sites.
fn suspicion(subject: u64, effect: Effect) -> Suspicion {
    Suspicion {
        subject: conflict(subject).subject().clone(),
        found: Found::Absent,
        effect,
        severity: Severity::Suspect,
        lookup: step(Operation::Get, Site::caller()),
        intervening: step(Operation::Insert, Site::caller()),
        acting: step(Operation::Insert, Site::caller()),
        elapsed: Duration::from_micros(3),
        intervened: Duration::from_micros(1),
        detected: SystemTime::now(),
        instant: Instant::now(),
    }
}

#[test]
fn a_suspect_has_a_number_and_books_of_its_own() {
    let (reporter, memory) = reporter_with_memory();
    encounter(reporter, 1);
    reporter.suspect(suspicion(1, Effect::Overwritten), Caller::Outside);
    reporter.flush(LONG).expect("flushed");
    let suspects = memory.suspects();
    assert_eq!((suspects.len(), suspects[0].number, suspects[0].severity), (1, 1, Severity::Suspect));
    assert_eq!(memory.reports().len(), 1);
    let one = Books { detected: 1, delivered: 1, ..Books::default() };
    assert_eq!((reporter.books(), reporter.suspect_books()), (one, one));
}

#[test]
fn one_origin_is_told_once_and_counted() {
    let (reporter, memory) = reporter_with_memory();
    for _ in 0..5 {
        reporter.suspect(suspicion(1, Effect::Overwritten), Caller::Outside);
    }
    // Another map, and another effect, are other origins.
    reporter.suspect(suspicion(2, Effect::Overwritten), Caller::Outside);
    reporter.suspect(suspicion(1, Effect::Removed), Caller::Outside);
    reporter.flush(LONG).expect("flushed");
    let told: u64 = memory.suspects().iter().map(|suspect| suspect.count).sum();
    let repeated: u64 = memory.suspect_repeats().iter().map(|repeat| repeat.count).sum();
    assert_eq!((memory.suspects().len(), told + repeated), (3, 7));
    assert!(memory.suspect_repeats().iter().all(|repeat| repeat.map.is_some() && repeat.number == 1));
    assert!(memory.repeats().is_empty());
    assert_eq!(reporter.suspect_books(), Books { detected: 7, delivered: 3, coalesced: 4, ..Books::default() });
    assert_eq!(reporter.books(), Books::default());
}

#[test]
fn a_suspect_is_not_folded_into_a_hint_of_the_same_sites() {
    let (reporter, memory) = reporter_with_memory();
    let told_as = |severity| reporter.suspect(Suspicion { severity, ..suspicion(1, Effect::Removed) }, Caller::Outside);
    for severity in [Severity::Hint, Severity::Suspect, Severity::Hint, Severity::Suspect, Severity::Suspect] {
        told_as(severity);
        // What comes later is told in a count of its own.
        reporter.flush(LONG).expect("flushed");
    }
    let told: Vec<_> = memory.suspects().iter().map(|suspect| (suspect.number, suspect.severity)).collect();
    assert_eq!(told, [(1, Severity::Hint), (2, Severity::Suspect)]);
    let repeats = memory.suspect_repeats();
    let counts: Vec<_> = repeats.iter().map(|repeat| (repeat.number, repeat.severity, repeat.count)).collect();
    let (hint, suspect) = (Some(Severity::Hint), Some(Severity::Suspect));
    assert_eq!(counts, [(1, hint, 1), (2, suspect, 1), (2, suspect, 1)]);
}

#[test]
fn a_flood_of_suspects_drops_suspects_only() {
    /// Takes suspects when the test lets it.
    struct Stuck(parking_lot::Mutex<mpsc::Receiver<()>>, mpsc::Sender<()>);
    impl Sink for Stuck {
        fn report(&self, _: &Report) {}
        fn suspect(&self, _: &Suspect) {
            let _ = self.1.send(());
            // The test that has dropped its end lets everything through.
            let _ = self.0.lock().recv();
        }
    }
    let (reporter, memory) = reporter_with_memory();
    let (go, gone) = mpsc::channel();
    let (arrived, arrivals) = mpsc::channel();
    reporter.sinks().add(Stuck(parking_lot::Mutex::new(gone), arrived));
    reporter.suspect(suspicion(0, Effect::Overwritten), Caller::Outside);
    arrivals.recv().expect("the first arrives, and the sink is stuck");
    for subject in 1..CAPACITY as u64 + 10 {
        reporter.suspect(suspicion(subject, Effect::Overwritten), Caller::Outside);
    }
    encounter(reporter, 1);
    assert_eq!(reporter.suspect_books().dropped, 10);
    assert!(reporter.suspect_books().balanced(), "{}", reporter.suspect_books());
    assert_eq!(reporter.books(), Books { detected: 1, queued: 1, ..Books::default() });
    let error = reporter.flush(Duration::ZERO).expect_err("the sink is stuck");
    assert_eq!(error, FlushError::Deadline { left: CAPACITY + 1, deadline: Duration::ZERO });
    drop(go);
    reporter.flush(LONG).expect("flushed");
    assert_eq!((memory.suspects().len(), memory.reports().len()), (CAPACITY, 1));
    assert_eq!((reporter.suspect_books().queued, reporter.books().queued), (0, 0));
}
