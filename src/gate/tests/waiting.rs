//! Waits that end by the clock, and writers that are in a hurry.

use std::thread;
use std::time::{Duration, Instant};

use super::thread::{REGISTRY, Thread, unsigned};
use crate::access::{AccessKind, Operation};
use crate::gate::{Gate, Hold, Manner, Wait, Word};

#[test]
fn a_wait_ends_at_its_deadline() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    for degraded in [false, true] {
        if degraded {
            gate.degrade(&REGISTRY);
        }
        let held = a.enter(&gate, Operation::Insert).ok().unwrap();
        let open = b.open(&gate, Operation::Get);
        let deadline = Instant::now() + Duration::from_millis(5);
        assert_eq!(gate.wait(&REGISTRY, open, AccessKind::Read, Manner::Patient, deadline, unsigned), Wait::TimedOut);
        assert!(Instant::now() >= deadline);
        open.close();
        Thread::leave(&gate, held);
    }
}

#[test]
fn a_reader_steps_back_for_a_writer_that_waits_but_is_not_shut_out() {
    let (gate, a, b, c) = (Gate::new(), Thread::new(), Thread::new(), Thread::new());
    let held = a.enter(&gate, Operation::Get).ok().unwrap();
    let open = b.open(&gate, Operation::Insert);
    let far = Instant::now() + Duration::from_secs(60);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| gate.wait(&REGISTRY, open, AccessKind::Write, Manner::Patient, far, unsigned));
        while !gate.load().is_urgent() {
            thread::yield_now();
        }
        let late = c.enter(&gate, Operation::Get).ok().expect("a moment later the reader is let in");
        Thread::leave(&gate, late);
        Thread::leave(&gate, held);
        assert_eq!(waiting.join().unwrap(), Wait::Admitted(Hold::Counted));
    });
    Thread::leave(&gate, (open, Hold::Counted));
    assert_eq!(gate.load(), Word(Word::FREE), "the last one out clears the flags");
}

#[test]
fn a_writer_that_gives_up_hurries_nobody() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    let held = a.enter(&gate, Operation::Get).ok().unwrap();
    let open = b.open(&gate, Operation::Insert);
    let soon = Instant::now() + Duration::from_millis(2);
    assert_eq!(gate.wait(&REGISTRY, open, AccessKind::Write, Manner::Patient, soon, unsigned), Wait::TimedOut);
    open.close();
    assert!(!gate.load().is_urgent());
    Thread::leave(&gate, held);
}
