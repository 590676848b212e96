//! Sinks that panic, and sinks that call back.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;

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
